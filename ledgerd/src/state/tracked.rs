//! Under which keys tasks were handed on, so that the same key makes nothing anew.

use bus::contract::event::Tracked;
use bus::contract::limit;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The keys of every sender.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// By sender, then by key.
    known: BTreeMap<String, BTreeMap<String, Kept>>,
    /// Senders and keys, by the events that say so.
    order: BTreeMap<u64, (String, String)>,
}

/// What was sent under a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Of what was asked.
    pub digest: String,
    /// Sequence number of the message.
    pub message_seq: u64,
}

impl Keys {
    /// What was sent under a key.
    pub fn find(&self, by: &str, key: &str) -> Option<&Kept> {
        self.known.get(by)?.get(key)
    }

    /// Remembers a key, and forgets the oldest when there are too many.
    pub fn add(&mut self, by: &str, tracked: &Tracked, message_seq: u64, event_seq: u64) {
        let (by, key) = (by.to_owned(), tracked.idempotency_key.clone());
        let kept = Kept { digest: tracked.digest.clone(), message_seq };
        self.known.entry(by.clone()).or_default().insert(key.clone(), kept);
        self.order.insert(event_seq, (by, key));
        if self.order.len() > limit::TRACKED_KEYS_MAX
            && let Some((_, (by, key))) = self.order.pop_first()
            && let Some(keys) = self.known.get_mut(&by)
        {
            keys.remove(&key);
            if keys.is_empty() {
                self.known.remove(&by);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_a_sender_s_own_and_bounded() {
        let mut keys = Keys::default();
        let tracked =
            |number: u64| Tracked { idempotency_key: format!("k{number}"), digest: "d".into(), event_id: "e".into() };
        let max = limit::TRACKED_KEYS_MAX as u64;
        (0..=max)
            .for_each(|number| keys.add(if number == 0 { "a" } else { "b" }, &tracked(number), number, number + 1));
        assert_eq!((keys.find("a", "k0"), keys.known.len(), keys.order.len() as u64), (None, 1, max));
        assert_eq!((keys.find("b", "k1").map(|kept| kept.message_seq), keys.find("a", "k1")), (Some(1), None));
    }
}
