//! What still has to be handed to one actor, and how far what was handed has come.
//!
//! A message is queued for whoever it was addressed to when it was sent, under the roles of that moment: a later role
//! change makes nobody type an old message. It leaves the queue when it was handed over, when it is known to be
//! undeliverable or uncertain, or when the actor has read it in another way, because nobody wants to be told twice.

use bus::contract::document::Stage;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many handed messages are remembered per actor, so that later evidence about them is told from a repetition.
const PAST_MAX: usize = 1_000;

/// The queue of one actor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    waiting: BTreeMap<u64, Waiting>,
    /// The latest of those that have left the queue; no stage when they were read first.
    past: BTreeMap<u64, Option<Stage>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    held: String,
    fades: bool,
}

impl Queue {
    /// Puts a message at the end. One that fades is worth nothing any more when the group becomes active again.
    pub fn push(&mut self, seq: u64, fades: bool) {
        self.waiting.insert(seq, Waiting { held: String::new(), fades });
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Those that wait, in order, each with the reason that was recorded.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &str)> {
        self.waiting.iter().map(|(seq, waiting)| (*seq, waiting.held.as_str()))
    }

    /// Whether a record would say anything new about a message.
    ///
    /// Knowledge only grows: held, then uncertain, handed, accepted; a failure after any but the last. Of a message that
    /// was never queued here, nothing can be recorded.
    pub fn is_news(&self, seq: u64, stage: Stage, reason: &str) -> bool {
        if let Some(waiting) = self.waiting.get(&seq) {
            return stage != Stage::Held || waiting.held != reason;
        }
        match self.past.get(&seq) {
            Some(Some(known)) => rank(stage) > rank(*known),
            Some(None) => stage != Stage::Held,
            None => false,
        }
    }

    /// Takes a record.
    pub fn record(&mut self, seq: u64, stage: Stage, reason: &str) {
        if stage == Stage::Held {
            if let Some(waiting) = self.waiting.get_mut(&seq) {
                reason.clone_into(&mut waiting.held);
            }
        } else if self.waiting.remove(&seq).is_some() || self.past.contains_key(&seq) {
            self.remember(seq, Some(stage));
        }
    }

    /// Drops what lies at or before a read cursor.
    pub fn read(&mut self, read_seq: u64) {
        let later = self.waiting.split_off(&(read_seq + 1));
        let read = std::mem::replace(&mut self.waiting, later);
        let skipped = read.len().saturating_sub(PAST_MAX);
        read.into_keys().skip(skipped).for_each(|seq| self.remember(seq, None));
    }

    /// Drops what fades.
    pub fn fade(&mut self) {
        self.waiting.retain(|_, waiting| !waiting.fades);
    }

    /// Drops everything that waits.
    pub fn clear(&mut self) {
        self.waiting.clear();
    }

    fn remember(&mut self, seq: u64, stage: Option<Stage>) {
        self.past.insert(seq, stage);
        if self.past.len() > PAST_MAX {
            self.past.pop_first();
        }
    }
}

fn rank(stage: Stage) -> u8 {
    match stage {
        Stage::Held => 0,
        Stage::Uncertain => 1,
        Stage::Handed => 2,
        Stage::Failed => 3,
        Stage::Accepted => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(seqs: &[u64]) -> Queue {
        let mut queue = Queue::default();
        seqs.iter().for_each(|seq| queue.push(*seq, seq % 2 == 0));
        queue
    }

    fn waiting(queue: &Queue) -> Vec<u64> {
        queue.iter().map(|(seq, _)| seq).collect()
    }

    #[test]
    fn knowledge_about_a_message_only_grows() {
        #[rustfmt::skip]
        let cases = [
            // recorded before             now                      news   why
            (vec![],                       (Stage::Held, "busy"),   true,  "a first reason"),
            (vec![(Stage::Held, "busy")],  (Stage::Held, "busy"),   false, "the same reason"),
            (vec![(Stage::Held, "busy")],  (Stage::Held, "paused"), true,  "another reason"),
            (vec![(Stage::Handed, "")],    (Stage::Held, "busy"),   false, "it is out already"),
            (vec![(Stage::Handed, "")],    (Stage::Handed, ""),     false, "a repetition"),
            (vec![(Stage::Handed, "")],    (Stage::Accepted, ""),   true,  "better evidence"),
            (vec![(Stage::Uncertain, "")], (Stage::Handed, ""),     true,  "it was found"),
            (vec![(Stage::Uncertain, "")], (Stage::Failed, "gone"), true,  "it was not found"),
            (vec![(Stage::Accepted, "")],  (Stage::Failed, ""),     false, "the agent has it"),
        ];
        for (before, (stage, reason), is_news, why) in cases {
            let mut queue = queue(&[1]);
            for (stage, reason) in before {
                assert!(queue.is_news(1, stage, reason), "{why}");
                queue.record(1, stage, reason);
            }
            assert_eq!(queue.is_news(1, stage, reason), is_news, "{why}");
        }
        assert!(!queue(&[1]).is_news(2, Stage::Handed, ""), "never queued here");
    }

    #[test]
    fn what_is_read_or_fades_or_is_handed_does_not_wait() {
        let mut queue = queue(&[1, 2, 3, 4]);
        queue.record(3, Stage::Handed, "");
        assert_eq!(waiting(&queue), [1, 2, 4]);
        queue.read(1);
        assert!(queue.is_news(1, Stage::Handed, "") && !queue.is_news(1, Stage::Held, "busy"));
        queue.fade();
        assert_eq!(waiting(&queue), Vec::<u64>::new());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut queue = queue(&(1..=5_000).collect::<Vec<_>>());
        queue.read(5_000);
        assert_eq!((queue.len(), queue.past.len()), (0, PAST_MAX));
        assert!(queue.is_news(5_000, Stage::Handed, "") && !queue.is_news(1, Stage::Handed, ""));
    }
}
