//! How far ledgers were looked at for what is to be told, in a run file: a restart goes on there.

use bus::atomic_file::{self, Durability};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// How far each group's ledger was looked at.
#[derive(Debug)]
pub struct Cursor {
    file: PathBuf,
    kept: Option<Kept>,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    seqs: BTreeMap<String, u64>,
}

impl Cursor {
    /// As it was kept, if it was.
    pub fn open(file: PathBuf) -> Self {
        let kept = std::fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self { file, kept: kept.flatten() }
    }

    /// Whether anything is looked at.
    pub fn is_begun(&self) -> bool {
        self.kept.is_some()
    }

    /// Looks at groups, from where each of them is given.
    pub fn begin(&mut self, seqs: BTreeMap<String, u64>) {
        self.kept = Some(Kept { seqs });
    }

    /// All groups that were looked at.
    pub fn groups(&self) -> impl Iterator<Item = String> + '_ {
        self.kept.iter().flat_map(|kept| kept.seqs.keys().cloned())
    }

    /// Up to where a ledger was looked at; 0 is its beginning.
    pub fn seq(&self, group_id: &str) -> u64 {
        self.kept.as_ref().and_then(|kept| kept.seqs.get(group_id).copied()).unwrap_or(0)
    }

    /// Notes it; [`Cursor::keep`] keeps it.
    pub fn set(&mut self, group_id: &str, seq: u64) {
        self.kept.get_or_insert_default().seqs.insert(group_id.to_owned(), seq);
    }

    /// Notes that a ledger is gone.
    pub fn forget(&mut self, group_id: &str) {
        if let Some(kept) = &mut self.kept {
            kept.seqs.remove(group_id);
        }
    }

    /// Looks at nothing any more: while nobody is told, nothing is missed.
    pub fn clear(&mut self) {
        if self.kept.take().is_some() {
            self.keep();
        }
    }

    /// Keeps what was noted. Where that fails, the next life may tell something again.
    pub fn keep(&self) {
        let bytes = serde_json::to_vec(&self.kept).unwrap_or_default();
        if let Err(error) = atomic_file::replace_in_folder(&self.file, &bytes, Durability::WhileRunning) {
            tracing::warn!(%error, "cannot keep what was told");
        }
    }
}
