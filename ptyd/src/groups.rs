//! The registry of groups: one task per group that anybody has asked for, until the group is gone.

use crate::actor::Dependencies;
use crate::displaced::Latch;
use crate::group::{ActorRunners, Group};
use crate::trouble::Troubles;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The groups whose tasks run.
#[derive(Debug)]
pub struct Groups {
    all: Mutex<HashMap<String, Arc<Group>>>,
    /// How many groups are gone and still have something that runs.
    dismissed: watch::Sender<usize>,
    runners: Dependencies,
    suspending: watch::Sender<bool>,
    sessions: Arc<Latch>,
    troubles: Arc<Troubles>,
}

impl Groups {
    /// No groups yet. `suspending` is what the runners watch; `sessions` holds every group back while it is closed.
    pub fn new(
        runners: Dependencies,
        suspending: watch::Sender<bool>,
        sessions: Arc<Latch>,
        troubles: Arc<Troubles>,
    ) -> Arc<Self> {
        Arc::new(Self {
            all: Mutex::default(),
            dismissed: watch::Sender::default(),
            runners,
            suspending,
            sessions,
            troubles,
        })
    }

    /// The group of an id; its task begins with the first question for it.
    pub fn group(self: &Arc<Self>, group_id: &str) -> Arc<Group> {
        let mut all = self.lock();
        let group = all.entry(group_id.to_owned()).or_insert_with(|| {
            let group = Group::new(group_id, self.runners.clone(), Arc::clone(&self.troubles));
            tokio::spawn(Arc::clone(self).follow(Arc::clone(&group)));
            group
        });
        Arc::clone(group)
    }

    /// The runners of a group, if ptyd knows it.
    pub fn runners(&self, group_id: &str) -> Option<ActorRunners> {
        self.lock().get(group_id).map(|group| group.runners())
    }

    /// Ends every agent and records it as suspended. Returns when all are down.
    pub async fn suspend(&self) {
        self.suspending.send_replace(true);
        let all: Vec<_> = self.lock().values().cloned().collect();
        for group in all {
            group.suspended().await;
        }
        // The sender is ours, so the wait ends with the last of them and not before.
        let _ = self.dismissed.subscribe().wait_for(|groups| *groups == 0).await;
    }

    async fn follow(self: Arc<Self>, group: Arc<Group>) {
        // A runner that looks for its session too early would start another one.
        self.sessions.opened().await;
        let dismissed = group.follow().await;
        self.dismissed.send_modify(|groups| *groups += 1);
        // Closed first, so that a new group of the same id gets a task of its own.
        self.lock().remove(group.id());
        dismissed.ended().await;
        self.dismissed.send_modify(|groups| *groups -= 1);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Group>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
