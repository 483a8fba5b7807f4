//! The sequence of reads of one group's assignments: asked for by whoever needs a newer one, and coalesced.

use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// Counts the reads that have begun, and takes the wish for another one.
#[derive(Debug, Default)]
pub struct Reads {
    wake: Notify,
    begun: AtomicU64,
}

impl Reads {
    /// Asks for a read: the assignments may have changed. Any number of wishes is one read.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Waits until a read is asked for.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }

    /// The number of a read that will begin after now; orders with this number know everything that has happened so far.
    /// The read is asked for.
    pub fn next(&self) -> u64 {
        self.wake();
        self.begun.load(Ordering::Relaxed) + 1
    }

    /// Begins a read and says its number; the first is 1.
    pub fn begin(&self) -> u64 {
        self.begun.fetch_add(1, Ordering::Relaxed) + 1
    }
}
