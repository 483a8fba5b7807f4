//! The connections that are open, and who gives way when there is no room for one more.
//!
//! A client that has asked and was answered may keep its connection for a while. When all places are taken, the idle give
//! way to those who come: first those of the process that has most of them, and of these the one that has been idle for
//! longest. And no process has all places, whatever it does with them.

use bus::contract::{Code, OpError, limit};
use nix::sys::resource::{Resource, getrlimit};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

/// How long a connection is left alone after it came, or was answered.
const IDLE_MIN: Duration = Duration::from_secs(1);

/// How long one may take to give way.
const GIVE_WAY_WITHIN: Duration = Duration::from_secs(1);

/// How often a newcomer that finds another in the freed place looks for the next one.
const TRIES_MAX: usize = 5;

/// Newcomers that wait for a place at a time.
const WAITING_MAX: usize = 64;

/// Descriptors that are not for clients: links to the other processes, logs, files that are sent.
const DESCRIPTORS_KEPT: u64 = 64;

/// Everybody who is connected.
#[derive(Debug)]
pub struct Crowd {
    max: usize,
    process_max: usize,
    waiting: AtomicUsize,
    inner: Mutex<Inner>,
    /// Somebody has left.
    left: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    seats: HashMap<u64, Seat>,
    next: u64,
}

#[derive(Debug)]
struct Seat {
    /// The client's process, where it is known.
    pid: Option<i32>,
    /// Since when it waits for the client to say something; `None` while there is something to do for it.
    idle_since: Option<Instant>,
    is_leaving: bool,
    give_way: Arc<Notify>,
}

/// A connection's place, until it is dropped.
#[derive(Debug)]
pub struct Place {
    crowd: Arc<Crowd>,
    id: u64,
    give_way: Arc<Notify>,
}

impl Crowd {
    /// Room for as many as the limit says, or as many as this process has descriptors for.
    pub fn of_this_process() -> Arc<Self> {
        let given = getrlimit(Resource::RLIMIT_NOFILE).map_or(u64::MAX, |(soft, _)| soft);
        let room = usize::try_from(given.saturating_sub(DESCRIPTORS_KEPT)).unwrap_or(usize::MAX);
        Self::new(room.clamp(1, limit::CONNECTIONS_MAX))
    }

    /// Room for so many. One process has four fifths of it at most.
    pub fn new(max: usize) -> Arc<Self> {
        let process_max = (max * 4 / 5).max(1);
        let (waiting, inner, left) = (AtomicUsize::new(0), Mutex::default(), Notify::new());
        Arc::new(Self { max, process_max, waiting, inner, left })
    }

    /// Gives a client a place; one that is idle gives way for it when there is none.
    ///
    /// # Errors
    ///
    /// `daemon_unavailable`, which names the limit: nobody is idle.
    pub async fn admit(self: &Arc<Self>, pid: Option<i32>) -> Result<Place, OpError> {
        for _ in 0..TRIES_MAX {
            // Before looking: whoever leaves from now on is heard of.
            let left = self.left.notified();
            let victim = match self.seat(pid) {
                Ok(place) => return Ok(place),
                Err(victim) => victim?,
            };
            let _turn = Waiting::begin(self).ok_or_else(|| self.full())?;
            victim.notify_one();
            // When it takes too long, the next look finds another one.
            let _ = timeout(GIVE_WAY_WITHIN, left).await;
        }
        Err(self.full())
    }

    /// Waits until nobody is connected.
    pub async fn emptied(&self) {
        loop {
            let left = self.left.notified();
            if self.lock().seats.is_empty() {
                return;
            }
            left.await;
        }
    }

    /// Takes a place, or says who is to give way, or why nobody can.
    fn seat(self: &Arc<Self>, pid: Option<i32>) -> Result<Place, Result<Arc<Notify>, OpError>> {
        let mut inner = self.lock();
        let mut counts: HashMap<i32, usize> = HashMap::new();
        let stay = inner.seats.values().filter(|seat| !seat.is_leaving);
        stay.filter_map(|seat| seat.pid).for_each(|pid| *counts.entry(pid).or_default() += 1);
        let count = |pid: Option<i32>| pid.and_then(|pid| counts.get(&pid).copied()).unwrap_or_default();
        let has_its_share = count(pid) >= self.process_max;
        if !has_its_share && inner.seats.len() < self.max {
            let (id, give_way) = (inner.next, Arc::new(Notify::new()));
            inner.next += 1;
            let (idle_since, is_leaving) = (Some(Instant::now()), false);
            inner.seats.insert(id, Seat { pid, idle_since, is_leaving, give_way: Arc::clone(&give_way) });
            return Ok(Place { crowd: Arc::clone(self), id, give_way });
        }
        let now = Instant::now();
        let may_go = |seat: &&mut Seat| {
            let is_idle = seat.idle_since.is_some_and(|since| now.saturating_duration_since(since) >= IDLE_MIN);
            is_idle && !seat.is_leaving && (!has_its_share || seat.pid == pid)
        };
        let idle = inner.seats.values_mut().filter(may_go);
        let victim = idle.max_by_key(|seat| (count(seat.pid), std::cmp::Reverse(seat.idle_since)));
        Err(match victim {
            Some(seat) => {
                seat.is_leaving = true;
                Ok(Arc::clone(&seat.give_way))
            }
            None if has_its_share => Err(self.has_its_share()),
            None => Err(self.full()),
        })
    }

    fn full(&self) -> OpError {
        let sentence = format!(
            "{} connections are open and at work, the limit CONNECTIONS_MAX is {}; try again later",
            self.max,
            limit::CONNECTIONS_MAX
        );
        OpError::new(Code::DaemonUnavailable, sentence).with("limit", "CONNECTIONS_MAX").with("max", self.max as u64)
    }

    fn has_its_share(&self) -> OpError {
        let sentence = format!(
            "this process has {} connections open and at work, four fifths of CONNECTIONS_MAX; use those it has",
            self.process_max
        );
        let refusal = OpError::new(Code::DaemonUnavailable, sentence);
        refusal.with("limit", "CONNECTIONS_MAX").with("max", self.process_max as u64)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here panics half-way through a change.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// There is nothing to do for the client now, until it says something.
    pub fn idle(&self) {
        self.set(Some(Instant::now()));
    }

    /// There is something to do for the client.
    pub fn busy(&self) {
        self.set(None);
    }

    /// Waits until somebody else needs the place more.
    pub async fn is_needed(&self) {
        self.give_way.notified().await;
    }

    fn set(&self, idle_since: Option<Instant>) {
        if let Some(seat) = self.crowd.lock().seats.get_mut(&self.id) {
            seat.idle_since = idle_since;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.crowd.lock().seats.remove(&self.id);
        self.crowd.left.notify_waiters();
    }
}

/// One newcomer that waits.
struct Waiting<'a>(&'a Crowd);

impl<'a> Waiting<'a> {
    fn begin(crowd: &'a Crowd) -> Option<Self> {
        let before = crowd.waiting.fetch_add(1, Ordering::Relaxed);
        // Dropped at once, it counts itself off again.
        let waiting = Self(crowd);
        (before < WAITING_MAX).then_some(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    /// Keeps a place until it is needed.
    fn keep(place: Place) {
        tokio::spawn(async move { place.is_needed().await });
    }

    #[tokio::test(start_paused = true)]
    async fn the_idle_give_way_those_of_the_largest_crowd_first() {
        let crowd = Crowd::new(5);
        for pid in [1, 1, 1, 2] {
            keep(crowd.admit(Some(pid)).await.unwrap());
        }
        let busy = crowd.admit(None).await.unwrap();
        busy.busy();
        assert_eq!(crowd.admit(Some(3)).await.unwrap_err().code, Code::DaemonUnavailable, "all have just come");
        advance(IDLE_MIN).await;
        for pid in [3, 4] {
            crowd.admit(Some(pid)).await.map(keep).unwrap();
        }
        let pids = |crowd: &Crowd| {
            let mut pids: Vec<_> = crowd.lock().seats.values().map(|seat| seat.pid).collect();
            pids.sort_unstable();
            pids
        };
        assert_eq!(pids(&crowd), [None, Some(1), Some(2), Some(3), Some(4)]);
        drop(busy);
        assert_eq!(pids(&crowd).len(), 4, "whoever leaves makes room");
    }

    #[tokio::test(start_paused = true)]
    async fn one_process_never_has_all_places() {
        let crowd = Crowd::new(10);
        let mut places = Vec::new();
        for _ in 0..8 {
            let place = crowd.admit(Some(1)).await.unwrap();
            place.busy();
            places.push(place);
        }
        let refused = crowd.admit(Some(1)).await.unwrap_err();
        assert_eq!(refused.details["max"], 8);
        keep(crowd.admit(Some(2)).await.unwrap());
        places[0].idle();
        advance(IDLE_MIN).await;
        keep(places.remove(0));
        keep(crowd.admit(Some(1)).await.unwrap());
        assert_eq!(crowd.lock().seats.len(), 9, "its own idle one gave way, and nobody else's");
    }

    #[tokio::test(start_paused = true)]
    async fn a_closing_door_waits_for_everybody() {
        let crowd = Crowd::new(2);
        let place = crowd.admit(None).await.unwrap();
        let waiting = tokio::spawn({
            let crowd = Arc::clone(&crowd);
            async move { crowd.emptied().await }
        });
        drop(place);
        waiting.await.unwrap();
    }
}
