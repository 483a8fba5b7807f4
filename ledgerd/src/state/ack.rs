//! Who has acknowledged which attention message: at most once per pair.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Acknowledgements by message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acks(BTreeMap<u64, BTreeSet<String>>);

impl Acks {
    /// Adds an acknowledgement; one that is there already stays the only one.
    pub fn add(&mut self, message_seq: u64, name: &str) {
        self.0.entry(message_seq).or_default().insert(name.to_owned());
    }

    /// Who has acknowledged a message.
    pub fn of(&self, message_seq: u64) -> impl Iterator<Item = &str> {
        self.0.get(&message_seq).into_iter().flatten().map(String::as_str)
    }

    /// Whether somebody has acknowledged a message.
    pub fn has(&self, message_seq: u64, name: &str) -> bool {
        self.0.get(&message_seq).is_some_and(|names| names.contains(name))
    }
}
