//! Which ledgers have moved, for whoever reads more than events, or follows all there are.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::Notify;

/// Collects the ledgers that have moved, each of them once however often it has.
#[derive(Debug, Default)]
pub struct Moves {
    pending: Arc<Pending>,
}

/// What has moved and was not taken yet: at most as many names as there are ledgers.
#[derive(Debug, Default)]
pub struct Pending {
    ledgers: Mutex<BTreeSet<String>>,
    came: Notify,
}

impl Moves {
    /// Begins with some ledgers; the end that collects.
    pub(super) fn begin(&self, ledgers: &[String]) -> Weak<Pending> {
        self.pending.add(ledgers);
        Arc::downgrade(&self.pending)
    }

    /// Waits until a ledger (`home` or a group id) has moved, and takes the names of all that have: also of those that
    /// are new, are gone, or may be others since ledgerd was restarted. Cancelling loses nothing.
    pub async fn next(&mut self) -> Vec<String> {
        loop {
            let came = self.pending.came.notified();
            let moved = std::mem::take(&mut *self.pending.lock());
            if !moved.is_empty() {
                return moved.into_iter().collect();
            }
            came.await;
        }
    }
}

impl Pending {
    /// Adds ledgers that have moved.
    pub(super) fn add(&self, ledgers: &[String]) {
        if !ledgers.is_empty() {
            self.lock().extend(ledgers.iter().cloned());
            self.came.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<String>> {
        // Nothing in here panics half-way through a change.
        self.ledgers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
