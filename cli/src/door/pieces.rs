//! Pieces of texts that are being written, for whoever looks right now. They are in no ledger, and whoever misses one has
//! missed it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;

/// Pieces that wait for the slowest stream of a group before it misses the oldest.
const BACKLOG_PIECES_MAX: usize = 64;

/// The pieces of all groups.
#[derive(Debug, Default)]
pub struct Pieces(Mutex<HashMap<String, broadcast::Sender<Arc<[u8]>>>>);

impl Pieces {
    /// Hears the pieces of a group from now on, each as a line.
    pub fn hear(&self, group_id: &str) -> broadcast::Receiver<Arc<[u8]>> {
        let mut groups = self.lock();
        groups.retain(|_, lines| lines.receiver_count() > 0);
        let lines = groups.entry(group_id.to_owned());
        lines.or_insert_with(|| broadcast::Sender::new(BACKLOG_PIECES_MAX)).subscribe()
    }

    /// Shows a line to whoever watches a group right now.
    pub fn show(&self, group_id: &str, line: Vec<u8>) {
        if let Some(lines) = self.lock().get(group_id) {
            // Without a listener it is shown to nobody.
            let _ = lines.send(line.into());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, broadcast::Sender<Arc<[u8]>>>> {
        // Nothing in here panics half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
