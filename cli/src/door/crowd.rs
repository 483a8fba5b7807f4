//! The connections that are open, and who gives way when there is no room for one more.
//!
//! A client that has asked and was answered may keep its connection for a while. When all places are taken, the idle give
//! way to those who come: first those who are not in the middle of a request, of these those of the process that has most
//! places, and of these the one that has been idle for longest. Whoever asks for something before it has gone stays. And
//! no process has all places, whatever it does with them; clients whose process is not known count as one. Nor have
//! streams and terminals, which never are idle.

use bus::contract::{Code, OpError, limit};
use nix::sys::resource::{Resource, getrlimit};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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
    staying_max: usize,
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
    /// Whether it has become a stream or a terminal.
    stays: bool,
    /// Whether the client is in the middle of a request, as far as has been read.
    has_begun: Arc<AtomicBool>,
    /// Since when it waits for the client to say something; `None` while there is something to do for it.
    idle_since: Option<Instant>,
    is_leaving: bool,
    give_way: Arc<Notify>,
}

/// A connection's place, until it is dropped.
#[derive(Debug)]
pub struct Slot {
    crowd: Arc<Crowd>,
    id: u64,
    has_begun: Arc<AtomicBool>,
    give_way: Arc<Notify>,
}

impl Crowd {
    /// Room for as many as the limit says, or as many as this process has descriptors for.
    pub fn of_this_process() -> Arc<Self> {
        let given = getrlimit(Resource::RLIMIT_NOFILE).map_or(u64::MAX, |(soft, _)| soft);
        let room = usize::try_from(given.saturating_sub(DESCRIPTORS_KEPT)).unwrap_or(usize::MAX);
        Self::new(room.clamp(1, limit::CONNECTIONS_MAX))
    }

    /// Room for so many. One process has four fifths of it at most, and streams and terminals nine tenths.
    pub fn new(max: usize) -> Arc<Self> {
        let process_max = (max * 4 / 5).max(1);
        let staying_max = (max * 9 / 10).max(1);
        let (waiting, inner, left) = (AtomicUsize::new(0), Mutex::default(), Notify::new());
        Arc::new(Self { max, process_max, staying_max, waiting, inner, left })
    }

    /// Gives a client a place; one that is idle gives way for it when there is none.
    ///
    /// # Errors
    ///
    /// `daemon_unavailable`, which names the limit: nobody is idle.
    pub async fn admit(self: &Arc<Self>, pid: Option<i32>) -> Result<Slot, OpError> {
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
    fn seat(self: &Arc<Self>, pid: Option<i32>) -> Result<Slot, Result<Arc<Notify>, OpError>> {
        let mut inner = self.lock();
        let mut counts: HashMap<Option<i32>, usize> = HashMap::new();
        inner.seats.values().for_each(|seat| *counts.entry(seat.pid).or_default() += 1);
        let count = |pid: Option<i32>| counts.get(&pid).copied().unwrap_or_default();
        let has_its_share = count(pid) >= self.process_max;
        if !has_its_share && inner.seats.len() < self.max {
            let (id, give_way, has_begun) = (inner.next, Arc::new(Notify::new()), Arc::default());
            inner.next += 1;
            let seat = Seat {
                pid,
                stays: false,
                has_begun: Arc::clone(&has_begun),
                idle_since: Some(Instant::now()),
                is_leaving: false,
                give_way: Arc::clone(&give_way),
            };
            inner.seats.insert(id, seat);
            return Ok(Slot { crowd: Arc::clone(self), id, has_begun, give_way });
        }
        let now = Instant::now();
        let may_go = |seat: &&mut Seat| {
            let is_idle = seat.idle_since.is_some_and(|since| now.saturating_duration_since(since) >= IDLE_MIN);
            is_idle && !seat.is_leaving && (!has_its_share || seat.pid == pid)
        };
        let idle = inner.seats.values_mut().filter(may_go);
        let victim = idle.max_by_key(|seat| {
            let loses_nothing = !seat.has_begun.load(Ordering::Relaxed);
            (loses_nothing, count(seat.pid), std::cmp::Reverse(seat.idle_since))
        });
        Err(match victim {
            Some(seat) => {
                seat.is_leaving = true;
                Ok(Arc::clone(&seat.give_way))
            }
            None if has_its_share => Err(self.has_its_share(pid)),
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

    fn has_its_share(&self, pid: Option<i32>) -> OpError {
        let who = if pid.is_some() { "this process has" } else { "clients over the network have" };
        let sentence = format!(
            "{who} {} connections open and at work, four fifths of CONNECTIONS_MAX; use those that are open",
            self.process_max
        );
        let refusal = OpError::new(Code::DaemonUnavailable, sentence);
        refusal.with("limit", "CONNECTIONS_MAX").with("max", self.process_max as u64)
    }

    fn too_many_stay(&self) -> OpError {
        let sentence = format!(
            "{} streams and terminals are open, nine tenths of CONNECTIONS_MAX; close one, or try again later",
            self.staying_max
        );
        let refusal = OpError::new(Code::DaemonUnavailable, sentence);
        refusal.with("limit", "CONNECTIONS_MAX").with("max", self.staying_max as u64)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here panics half-way through a change.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// There is nothing to do for the client now, until it says something.
    pub fn idle(&self) {
        if let Some(seat) = self.crowd.lock().seats.get_mut(&self.id) {
            seat.idle_since = Some(Instant::now());
        }
    }

    /// There is something to do for the client. If it was to give way, it stays, and another one is looked for.
    pub fn busy(&self) {
        let mut inner = self.crowd.lock();
        let Some(seat) = inner.seats.get_mut(&self.id) else { return };
        seat.idle_since = None;
        let was_leaving = std::mem::take(&mut seat.is_leaving);
        drop(inner);
        if was_leaving {
            self.crowd.left.notify_waiters();
        }
    }

    /// The connection becomes a stream or a terminal, to its end.
    ///
    /// # Errors
    ///
    /// `daemon_unavailable`, which names the limit: there are too many of these.
    pub fn stay(&self) -> Result<(), OpError> {
        let mut inner = self.crowd.lock();
        if inner.seats.values().filter(|seat| seat.stays).count() >= self.crowd.staying_max {
            return Err(self.crowd.too_many_stay());
        }
        if let Some(seat) = inner.seats.get_mut(&self.id) {
            seat.stays = true;
        }
        Ok(())
    }

    /// Where whoever reads from the client says that it is in the middle of a request.
    pub fn has_begun(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.has_begun)
    }

    /// Waits until somebody else needs the place more.
    pub async fn is_needed(&self) {
        loop {
            self.give_way.notified().await;
            // The client may have asked for something since.
            if self.crowd.lock().seats.get(&self.id).is_some_and(|seat| seat.is_leaving) {
                return;
            }
        }
    }
}

impl Drop for Slot {
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
    fn keep(place: Slot) {
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
    async fn whoever_asks_before_it_has_gone_stays() {
        let crowd = Crowd::new(2);
        let asking = crowd.admit(Some(1)).await.unwrap();
        advance(IDLE_MIN).await;
        let other = crowd.admit(Some(2)).await.unwrap();
        advance(IDLE_MIN).await;
        let newcomer = tokio::spawn({
            let crowd = Arc::clone(&crowd);
            async move { crowd.admit(Some(3)).await }
        });
        let is_leaving = |place: &Slot| crowd.lock().seats[&place.id].is_leaving;
        while !is_leaving(&asking) {
            tokio::task::yield_now().await;
        }
        asking.busy();
        while !is_leaving(&other) {
            tokio::task::yield_now().await;
        }
        keep(other);
        newcomer.await.unwrap().map(keep).unwrap();
        asking.idle();
        // What it was told before it asked no longer counts.
        assert!(timeout(IDLE_MIN, asking.is_needed()).await.is_err());
        assert!(!is_leaving(&asking));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_loses_nothing_gives_way_first() {
        let crowd = Crowd::new(3);
        for (pid, has_begun) in [(1, true), (1, true), (2, false)] {
            let place = crowd.admit(Some(pid)).await.unwrap();
            place.has_begun().store(has_begun, Ordering::Relaxed);
            keep(place);
        }
        advance(IDLE_MIN).await;
        for (newcomer, wanted) in [(3, [1, 1, 3]), (4, [1, 3, 4])] {
            crowd.admit(Some(newcomer)).await.map(keep).unwrap();
            let mut pids: Vec<_> = crowd.lock().seats.values().filter_map(|seat| seat.pid).collect();
            pids.sort_unstable();
            assert_eq!(pids, wanted, "a request in its middle keeps nobody out for ever");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn clients_without_a_process_have_one_share() {
        let crowd = Crowd::new(10);
        let mut places = Vec::new();
        for _ in 0..8 {
            let place = crowd.admit(None).await.unwrap();
            place.busy();
            places.push(place);
        }
        assert_eq!(crowd.admit(None).await.unwrap_err().details["max"], 8);
        crowd.admit(Some(1)).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn streams_never_have_all_places() {
        let crowd = Crowd::new(10);
        let mut places = Vec::new();
        for number in 0..10 {
            let place = crowd.admit(Some(number % 2)).await.unwrap();
            place.busy();
            match place.stay() {
                Ok(()) => places.push(place),
                Err(refused) => assert_eq!(refused.details["max"], 9),
            }
        }
        assert_eq!(places.len(), 9);
        crowd.admit(Some(3)).await.unwrap();
        places.pop();
        crowd.admit(Some(3)).await.unwrap().stay().unwrap();
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
