//! One task per group: reads the group's assignments whenever its ledger has moved, and tells every runner.
//!
//! Wakes are coalesced: however many hints come, there is one read under way and one to follow.

use crate::actor::{ActorRunner, Dependencies, Standing};
use crate::assignments::{Assignments, Orders, Reads};
use crate::session::Live;
use crate::trouble::Troubles;
use bus::contract::{Code, OpError};
use ptyd::hold;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// Shortest time between two reads: a busy group is read 50 times a second and no more.
const READ_PAUSE: Duration = Duration::from_millis(20);

/// First pause before a failed read is tried again; it doubles.
const RETRY_MIN: Duration = Duration::from_millis(250);

/// Longest pause.
const RETRY_MAX: Duration = Duration::from_secs(10);

/// A group's task, as others see it.
#[derive(Debug)]
pub struct Group {
    id: String,
    reads: Arc<Reads>,
    /// The last read, when it failed.
    trouble: watch::Sender<Option<Trouble>>,
    runners: Mutex<HashMap<String, RunnerHandle>>,
    dependencies: Dependencies,
    troubles: Arc<Troubles>,
}

/// A read that failed.
#[derive(Debug)]
struct Trouble {
    read: u64,
    error: OpError,
}

/// A runner's task, as its group sees it.
#[derive(Debug)]
struct RunnerHandle {
    orders: watch::Sender<Orders>,
    standing: watch::Receiver<Standing>,
    live: watch::Receiver<Option<Arc<Live>>>,
}

/// The runners of a group, as they were when they were asked for.
#[derive(Debug)]
pub struct ActorRunners {
    group: Arc<Group>,
    lives: HashMap<String, watch::Receiver<Option<Arc<Live>>>>,
}

/// The runners of a group that is gone, with whatever still runs.
#[derive(Debug)]
pub struct Dismissed {
    read: u64,
    runners: Vec<RunnerHandle>,
}

impl Dismissed {
    /// Ends everything that the group has left, and returns when nothing runs any more.
    pub async fn ended(self) {
        // All of them at once: one that takes its time holds nobody else up.
        for handle in &self.runners {
            handle.orders.send_replace(Orders::gone(self.read));
        }
        for handle in self.runners {
            handle.orders.closed().await;
        }
    }
}

impl ActorRunners {
    /// The live session of an actor.
    pub fn live(&self, actor_id: &str) -> Option<Arc<Live>> {
        self.lives.get(actor_id)?.borrow().clone()
    }

    /// Waits until none of them has a session, because their group was deleted.
    pub async fn emptied(self) {
        self.group.wake();
        for mut live in self.lives.into_values() {
            // The runner's end is the end of its session as well.
            let _ = live.wait_for(Option::is_none).await;
        }
    }
}

impl Group {
    /// A group whose task is to be [followed](Group::follow). `dependencies` are its runners'.
    pub fn new(group_id: &str, dependencies: Dependencies, troubles: Arc<Troubles>) -> Arc<Self> {
        Arc::new(Self {
            id: group_id.to_owned(),
            reads: Arc::default(),
            trouble: watch::Sender::default(),
            runners: Mutex::default(),
            dependencies,
            troubles,
        })
    }

    /// Which group.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its runners.
    pub fn runners(self: &Arc<Self>) -> ActorRunners {
        let lives = self.lock().iter().map(|(actor_id, handle)| (actor_id.clone(), handle.live.clone())).collect();
        ActorRunners { group: Arc::clone(self), lives }
    }

    /// Its assignments may have changed.
    pub fn wake(&self) {
        self.reads.wake();
    }

    /// Waits until an actor's runner has done what the ledger said up to `head_seq`, and says how things are then; `None`
    /// when the assignments cannot be read, see [`Group::trouble`]. Waits for ever for an actor that never gets a runner.
    pub async fn settled(&self, actor_id: &str, head_seq: u64) -> Option<Standing> {
        let read = self.reads.next();
        let standing = async {
            loop {
                self.wake();
                if let Some(standing) = self.standing(actor_id, head_seq).await {
                    return standing;
                }
                // The runner is made by the read that has just been asked for.
                tokio::time::sleep(READ_PAUSE).await;
            }
        };
        tokio::select! {
            standing = standing => Some(standing),
            () = self.fails(read) => None,
        }
    }

    /// Waits for a read, this one or a later one, to fail for good. That ledgerd is away for a while is no failure.
    async fn fails(&self, read: u64) {
        let mut trouble = self.trouble.subscribe();
        let is_so = |last: &Option<Trouble>| {
            last.as_ref().is_some_and(|last| last.read >= read && last.error.code != Code::DaemonUnavailable)
        };
        // We hold the sender.
        let _ = trouble.wait_for(is_so).await;
    }

    /// Why the assignments cannot be read now, when they cannot: nothing is started, ended or typed meanwhile.
    pub fn trouble(&self) -> Option<OpError> {
        self.trouble.borrow().as_ref().map(|trouble| trouble.error.clone())
    }

    /// Waits until nothing of an actor runs that the ledger has removed by `head_seq`.
    pub async fn emptied(&self, actor_id: &str, head_seq: u64) {
        self.wake();
        self.standing(actor_id, head_seq).await;
    }

    /// `None` when there is no runner, or no more.
    async fn standing(&self, actor_id: &str, head_seq: u64) -> Option<Standing> {
        let mut standing = self.lock().get(actor_id)?.standing.clone();
        standing.wait_for(|standing| standing.head_seq >= head_seq).await.ok().map(|standing| standing.clone())
    }

    /// Waits until no agent of the group runs any more, because everything is being stopped.
    pub async fn suspended(&self) {
        let lives: Vec<_> = self.lock().values().map(|handle| (handle.standing.clone(), handle.live.clone())).collect();
        for (mut standing, mut live) in lives {
            // The runner's end is the end of its session as well.
            let _ = standing.wait_for(|standing| standing.suspended).await;
            let _ = live.wait_for(Option::is_none).await;
        }
    }

    /// Keeps the runners told what the ledger says until the group is gone.
    pub async fn follow(&self) -> Dismissed {
        let mut pause = RETRY_MIN;
        loop {
            let read = self.reads.begin();
            match self.dependencies.ledgerd.assignments(&self.id).await {
                Ok(assignments) => {
                    pause = RETRY_MIN;
                    self.note(None);
                    self.tell_runners(read, assignments);
                    self.reads.woken().await;
                    tokio::time::sleep(READ_PAUSE).await;
                }
                Err(error) if error.code == Code::GroupNotFound => {
                    self.troubles.note_group(&self.id, None);
                    return self.dismiss(read);
                }
                Err(error) if error.code == Code::GroupDamaged => {
                    // Whatever runs is left alone. A ledger is mended while ledgerd is away, whose return wakes us.
                    tracing::warn!(group_id = self.id, %error, "the assignments of a group cannot be read");
                    self.note(Some(Trouble { read, error }));
                    self.reads.woken().await;
                    tokio::time::sleep(RETRY_MIN).await;
                }
                Err(error) => {
                    // Whatever runs is left alone meanwhile.
                    tracing::warn!(group_id = self.id, %error, "the assignments of a group cannot be read; trying again");
                    self.note(Some(Trouble { read, error }));
                    tokio::time::sleep(RETRY_MIN).await;
                    tokio::select! {
                        () = self.reads.woken() => {}
                        () = tokio::time::sleep(pause) => {}
                    }
                    pause = (pause * 2).min(RETRY_MAX);
                }
            }
        }
    }

    /// Notes how the last read went. That ledgerd is away, or a ledger damaged, is shown elsewhere.
    fn note(&self, trouble: Option<Trouble>) {
        let lasting = trouble.as_ref().filter(|trouble| !is_shown_elsewhere(trouble.error.code));
        self.troubles.note_group(&self.id, lasting.map(|trouble| trouble.error.to_string()));
        self.trouble.send_replace(trouble);
    }

    /// Tells every runner, and makes runners for those that have none.
    fn tell_runners(&self, read: u64, assignments: Assignments) {
        let Assignments { head_seq, facts, places, .. } = assignments;
        let mut wanted: HashMap<String, Orders> =
            self.strays(read).into_iter().map(|actor_id| (actor_id, Orders::gone(read))).collect();
        for place in places {
            let orders = Orders { read, head_seq, facts: Some(Arc::clone(&facts)), place: Some(Arc::clone(&place)) };
            wanted.insert(place.actor.id.clone(), orders);
        }
        let mut runners = self.lock();
        // A runner ends by itself once its actor is gone and nothing of it runs.
        runners.retain(|_, handle| !handle.orders.is_closed());
        for (actor_id, handle) in runners.iter() {
            let orders = wanted.remove(actor_id).unwrap_or_else(|| Orders { head_seq, ..Orders::gone(read) });
            handle.orders.send_replace(orders);
        }
        for (actor_id, orders) in wanted {
            let handle = self.open_runner(&actor_id, orders);
            runners.insert(actor_id, handle);
        }
    }

    /// Actors whose sessions are there although nobody may know them any more. Looked up once, at the first read.
    fn strays(&self, read: u64) -> HashSet<String> {
        if read > 1 {
            return HashSet::new();
        }
        match hold::find::find_those(self.dependencies.home(), |meta| meta.group_id == self.id) {
            Ok(found) => found.into_iter().map(|found| found.meta.actor_id).collect(),
            Err(error) => {
                tracing::warn!(group_id = self.id, %error, "sessions of actors that are gone cannot be looked for");
                HashSet::new()
            }
        }
    }

    fn open_runner(&self, actor_id: &str, orders: Orders) -> RunnerHandle {
        let orders = watch::Sender::new(orders);
        let (standing, live) =
            ActorRunner::open(self.dependencies.clone(), &self.id, actor_id, &self.reads, orders.subscribe());
        RunnerHandle { orders, standing, live }
    }

    /// The group is gone: it has no runners any more.
    fn dismiss(&self, read: u64) -> Dismissed {
        for actor_id in self.strays(read) {
            let handle = self.open_runner(&actor_id, Orders::gone(read));
            self.lock().entry(actor_id).or_insert(handle);
        }
        Dismissed { read, runners: self.lock().drain().map(|(_, handle)| handle).collect() }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, RunnerHandle>> {
        self.runners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_shown_elsewhere(code: Code) -> bool {
    matches!(code, Code::DaemonUnavailable | Code::GroupDamaged)
}
