//! Messages that ask something of those to whom they are addressed: the newest of them, whoever has answered or not.

use crate::recipient::is_addressed;
use bus::contract::document::Role;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Messages that are remembered: what is older is counted no more.
const ASKED_MAX: usize = 1_000;

/// By sequence number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked(BTreeMap<u64, Request>);

/// A message that asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Who asks.
    pub by: String,
    /// Whom.
    pub to: Vec<String>,
}

impl Asked {
    /// Notes a message.
    pub fn push(&mut self, seq: u64, by: &str, to: &[String]) {
        self.0.insert(seq, Request { by: by.to_owned(), to: to.to_vec() });
        if self.0.len() > ASKED_MAX {
            self.0.pop_first();
        }
    }

    /// A message asks for nothing any more.
    pub fn remove(&mut self, seq: u64) {
        self.0.remove(&seq);
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u64, &Request)> {
        self.0.iter().map(|(seq, request)| (*seq, request))
    }

    /// Those that ask somebody who has this role now, and has been there since an event.
    pub fn of<'a>(&'a self, name: &'a str, role: Role, since_seq: u64) -> impl Iterator<Item = u64> + 'a {
        self.0.range(since_seq..).filter(move |(_, request)| request.asks(name, role)).map(|(seq, _)| *seq)
    }
}

impl Request {
    /// Whether it asks somebody who has this role now.
    pub fn asks(&self, name: &str, role: Role) -> bool {
        self.by != name && is_addressed(&self.to, name, role)
    }
}
