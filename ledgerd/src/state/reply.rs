//! Who has answered which message, and which answers were taken back. 10 bytes and what a tree takes for each pair.

use super::asked::Asked;
use super::packed;
use bus::contract::document::Role;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};

/// Names that are told apart at most: many more than a group has actors.
const NAMES_MAX: usize = 4_096;

/// Answers by message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replies {
    /// Everybody who has answered anything, in the order of their first answer.
    names: Vec<String>,
    pairs: Pairs,
    /// Messages that ask for no answer any more, and the events that say so.
    cancelled: BTreeMap<u64, u64>,
    /// The newest messages that ask everybody for an answer to whom they are addressed.
    pub asked: Asked,
}

/// Messages, and places of names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Pairs(BTreeSet<(u64, u16)>);

impl Replies {
    /// How many answers somebody owes that has this role now, to messages that came after it did.
    pub fn owed_by(&self, name: &str, role: Role, since_seq: u64) -> u64 {
        let owes = |seq: &u64| !self.of(*seq).any(|answered| answered == name);
        self.asked.of(name, role, since_seq).filter(owes).count() as u64
    }

    /// Notes an answer; one that is there already stays the only one. Whose name comes after [`NAMES_MAX`] others is
    /// passed over, and so is an answer that is not asked for any more.
    pub fn add(&mut self, message_seq: u64, name: &str) {
        if self.cancelled.contains_key(&message_seq) {
            return;
        }
        let place = match self.names.iter().position(|known| known == name) {
            Some(place) => place,
            None if self.names.len() >= NAMES_MAX => return,
            None => {
                self.names.push(name.to_owned());
                self.names.len() - 1
            }
        };
        self.pairs.0.insert((message_seq, u16::try_from(place).expect("no more names are kept")));
    }

    /// Notes that a message asks for no answer any more, once.
    pub fn cancel(&mut self, message_seq: u64, event_seq: u64) {
        self.cancelled.entry(message_seq).or_insert(event_seq);
        self.asked.remove(message_seq);
    }

    /// The event by which a message asks for no answer any more.
    pub fn cancelled_by(&self, message_seq: u64) -> Option<u64> {
        self.cancelled.get(&message_seq).copied()
    }

    /// Who has answered a message, as long as it asked for that.
    pub fn of(&self, message_seq: u64) -> impl Iterator<Item = &str> {
        let pairs = self.pairs.0.range((message_seq, 0)..=(message_seq, u16::MAX));
        pairs.filter_map(|(_, place)| self.names.get(usize::from(*place)).map(String::as_str))
    }
}

impl Serialize for Pairs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let word = |(seq, place): &(u64, u16)| {
            let (mut word, seq, place) = ([0; 10], seq.to_le_bytes(), place.to_le_bytes());
            word[..8].copy_from_slice(&seq);
            word[8..].copy_from_slice(&place);
            word
        };
        packed::write(self.0.iter().map(word), serializer)
    }
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pair = |[a, b, c, d, e, f, g, h, i, j]: [u8; 10]| {
            (u64::from_le_bytes([a, b, c, d, e, f, g, h]), u16::from_le_bytes([i, j]))
        };
        packed::read(deserializer, pair).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_answered_is_found_once() {
        let mut replies = Replies::default();
        for (seq, name) in [(5, "a"), (7, "b"), (5, "b"), (5, "a")] {
            replies.add(seq, name);
        }
        let of = |seq| replies.of(seq).collect::<Vec<_>>();
        assert_eq!((of(5), of(7), of(6)), (vec!["a", "b"], vec!["b"], vec![]));
    }

    #[test]
    fn an_answer_that_was_taken_back_is_none() {
        let mut replies = Replies::default();
        replies.add(5, "a");
        [9, 12].into_iter().for_each(|event_seq| replies.cancel(5, event_seq));
        replies.add(5, "b");
        assert_eq!((replies.of(5).collect::<Vec<_>>(), replies.cancelled_by(5)), (vec!["a"], Some(9)));
        assert_eq!(replies.cancelled_by(6), None);
    }

    /// Names come from clients, so there may be any number of them.
    #[test]
    fn more_names_than_fit_are_not_confused() {
        let mut replies = Replies::default();
        (0..=NAMES_MAX).for_each(|number| replies.add(1, &format!("n{number}")));
        assert_eq!(replies.of(1).count(), NAMES_MAX);
        assert!(!replies.of(1).any(|name| name == format!("n{NAMES_MAX}")));
        replies.add(u64::MAX, "n7");
        let packed = rmp_serde::to_vec_named(&replies).unwrap();
        assert_eq!(rmp_serde::from_slice::<Replies>(&packed).unwrap(), replies);
    }
}
