//! Who has acknowledged which attention message: at most once per pair.

use super::asked::Asked;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Acknowledgements by message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acks {
    given: BTreeMap<u64, BTreeSet<String>>,
    /// The newest messages that ask everybody for one to whom they are addressed.
    pub asked: Asked,
}

impl Acks {
    /// Adds an acknowledgement; one that is there already stays the only one.
    pub fn add(&mut self, message_seq: u64, name: &str) {
        self.given.entry(message_seq).or_default().insert(name.to_owned());
    }

    /// Who has acknowledged a message.
    pub fn of(&self, message_seq: u64) -> impl Iterator<Item = &str> {
        self.given.get(&message_seq).into_iter().flatten().map(String::as_str)
    }

    /// Whether somebody has acknowledged a message.
    pub fn has(&self, message_seq: u64, name: &str) -> bool {
        self.given.get(&message_seq).is_some_and(|names| names.contains(name))
    }
}
