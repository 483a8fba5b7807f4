//! What still has to be handed to one actor, and how far what was handed has come.
//!
//! A message is queued for whoever it was addressed to when it was sent, under the roles of that moment: a later role
//! change makes nobody type an old message. It leaves the queue when it was handed over, when it is known to be
//! undeliverable or uncertain, or when the actor has read it in another way, because nobody wants to be told twice.

use super::packed;
use bus::contract::document::Stage;
use bus::contract::held::Reason;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many handed messages are remembered per actor, so that later evidence about them is told from a repetition.
const PAST_MAX: usize = 1_000;

/// The queue of one actor. 8 bytes a message, and taking the oldest costs nothing, however many wait.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    waiting: Waiting,
    /// Reasons that were recorded, of the few that have one.
    held: BTreeMap<u64, String>,
    /// Those that have been held until a person does something, which has been told.
    #[serde(default)]
    reported: BTreeSet<u64>,
    /// Those that are worth nothing any more when the group becomes active again.
    fading: BTreeSet<u64>,
    /// Those that are handed over although they were read.
    insisted: BTreeSet<u64>,
    /// The latest of those that have left the queue; no stage when they were read first.
    past: BTreeMap<u64, Option<Stage>>,
}

/// Sequence numbers of those that wait, rising.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Waiting(VecDeque<u64>);

impl Queue {
    /// Puts a message at the end. One that fades is worth nothing any more when the group becomes active again.
    pub fn push(&mut self, seq: u64, fades: bool) {
        self.waiting.0.push_back(seq);
        if fades {
            self.fading.insert(seq);
        }
    }

    /// Puts a message in that is older than others here, once more or for the first time; whoever `insists` wants it
    /// handed over although it was read.
    pub fn again(&mut self, seq: u64, insists: bool) {
        if let Err(place) = self.waiting.0.binary_search(&seq) {
            self.waiting.0.insert(place, seq);
        }
        self.past.remove(&seq);
        if insists {
            self.insisted.insert(seq);
        }
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.0.len()
    }

    /// Those that wait, in order, each with the reason that was recorded.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &str)> {
        self.waiting.0.iter().map(|seq| (*seq, self.reason(*seq)))
    }

    fn reason(&self, seq: u64) -> &str {
        self.held.get(&seq).map_or("", String::as_str)
    }

    /// Whether a record would say anything new about a message.
    ///
    /// Knowledge only grows: held, then uncertain, handed, accepted; a failure after any but the last. Of a message that
    /// was never queued here, nothing can be recorded.
    pub fn is_news(&self, seq: u64, stage: Stage, reason: &str) -> bool {
        if self.waiting.0.binary_search(&seq).is_ok() {
            return stage != Stage::Held || self.reason(seq) != reason;
        }
        match self.past.get(&seq) {
            Some(Some(known)) => rank(stage) > rank(*known),
            Some(None) => stage != Stage::Held,
            None => false,
        }
    }

    /// How far a message has come, and why it waits; `None` when it was never queued here, was read first, or left
    /// the queue too long ago.
    pub fn stage(&self, seq: u64) -> Option<(Stage, &str)> {
        if self.waiting.0.binary_search(&seq).is_ok() {
            return Some((Stage::Held, self.reason(seq)));
        }
        self.past.get(&seq).copied().flatten().map(|stage| (stage, ""))
    }

    /// The same of many messages, in rising order: the ones that have a stage. Looks only at what waits between the first
    /// and the last of them.
    pub fn stages<'a>(&'a self, seqs: &'a [u64]) -> impl Iterator<Item = (u64, Stage, &'a str)> {
        let (first, last) = (seqs.first().copied().unwrap_or(1), seqs.last().copied().unwrap_or(0));
        let (front, back) = self.waiting.0.as_slices();
        let waiting = [front, back].map(|part| {
            let part = &part[part.partition_point(|seq| *seq < first)..];
            &part[..part.partition_point(|seq| *seq <= last)]
        });
        let is_past = self.past.range(first..=last.max(first)).next().is_some();
        seqs.iter().filter_map(move |seq| {
            if waiting.iter().any(|part| part.binary_search(seq).is_ok()) {
                return Some((*seq, Stage::Held, self.reason(*seq)));
            }
            let past = if is_past { self.past.get(seq).copied().flatten() } else { None };
            past.map(|stage| (*seq, stage, ""))
        })
    }

    /// Those that still wait and of which it was told that a person must do something.
    pub fn reported(&self) -> impl Iterator<Item = u64> {
        self.reported.iter().copied()
    }

    /// Takes a record.
    pub fn record(&mut self, seq: u64, stage: Stage, reason: &str) {
        let place = self.waiting.0.binary_search(&seq);
        match place {
            Ok(_) if stage == Stage::Held => {
                if Reason::parse(reason).is_some_and(Reason::needs_a_person) {
                    self.reported.insert(seq);
                }
                self.held.insert(seq, reason.to_owned());
            }
            Ok(place) => {
                self.waiting.0.remove(place);
                self.drop_notes(seq);
                self.remember(seq, Some(stage));
            }
            Err(_) if stage != Stage::Held && self.past.contains_key(&seq) => self.remember(seq, Some(stage)),
            Err(_) => {}
        }
    }

    /// Drops what lies at or before a read cursor.
    pub fn read(&mut self, read_seq: u64) {
        let count = self.waiting.0.partition_point(|seq| *seq <= read_seq);
        let (kept, read): (Vec<u64>, Vec<u64>) =
            self.waiting.0.drain(..count).partition(|seq| self.insisted.contains(seq));
        let skipped = read.len().saturating_sub(PAST_MAX);
        kept.into_iter().rev().for_each(|seq| self.waiting.0.push_front(seq));
        read.into_iter().skip(skipped).for_each(|seq| self.remember(seq, None));
        self.held.retain(|seq, _| *seq > read_seq || self.insisted.contains(seq));
        self.reported.retain(|seq| *seq > read_seq || self.insisted.contains(seq));
        self.fading = self.fading.split_off(&(read_seq + 1));
    }

    /// Drops a message that was answered before it was handed over, unless somebody insists.
    pub fn answered(&mut self, seq: u64) {
        if let Ok(place) = self.waiting.0.binary_search(&seq)
            && !self.insisted.contains(&seq)
        {
            self.waiting.0.remove(place);
            self.drop_notes(seq);
            self.remember(seq, None);
        }
    }

    /// Drops what fades.
    pub fn fade(&mut self) {
        let fading = std::mem::take(&mut self.fading);
        if !fading.is_empty() {
            self.waiting.0.retain(|seq| !fading.contains(seq));
            self.held.retain(|seq, _| !fading.contains(seq));
            self.reported.retain(|seq| !fading.contains(seq));
        }
    }

    /// Drops everything that waits.
    pub fn clear(&mut self) {
        (self.waiting, self.held, self.reported, self.fading, self.insisted) = Default::default();
    }

    fn drop_notes(&mut self, seq: u64) {
        self.held.remove(&seq);
        self.reported.remove(&seq);
        self.fading.remove(&seq);
        self.insisted.remove(&seq);
    }

    fn remember(&mut self, seq: u64, stage: Option<Stage>) {
        self.past.insert(seq, stage);
        if self.past.len() > PAST_MAX {
            self.past.pop_first();
        }
    }
}

impl Serialize for Waiting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        packed::write(self.0.iter().map(|seq| seq.to_le_bytes()), serializer)
    }
}

impl<'de> Deserialize<'de> for Waiting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        packed::read(deserializer, u64::from_le_bytes).map(Self)
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
    fn many_are_as_far_as_each_of_them() {
        let mut queue = queue(&[2, 4, 6, 8, 10, 12]);
        // The beginning goes and comes back, so that what waits lies around the end of its room.
        queue.read(4);
        (14..40).step_by(2).for_each(|seq| queue.push(seq, false));
        queue.again(4, true);
        queue.record(8, Stage::Handed, "");
        queue.record(10, Stage::Held, "busy");
        for seqs in [vec![], vec![1], vec![4], vec![2, 3, 4, 8, 9, 10, 38, 40], (1..60).collect(), vec![50, 60]] {
            let each = |seq: &u64| queue.stage(*seq).map(|(stage, reason)| (*seq, stage, reason));
            assert!(queue.stages(&seqs).eq(seqs.iter().filter_map(each)), "{seqs:?}");
        }
    }

    #[test]
    fn what_was_answered_does_not_wait_and_what_is_before_it_does() {
        let mut queue = queue(&[1, 2, 3]);
        queue.again(3, true);
        [2, 3, 7].into_iter().for_each(|seq| queue.answered(seq));
        assert_eq!(
            (waiting(&queue), queue.stage(2)),
            (vec![1, 3], None),
            "who insists wants it handed over all the same"
        );
        assert!(queue.is_news(2, Stage::Handed, "") && !queue.is_news(2, Stage::Held, "busy"));
    }

    #[test]
    fn what_is_asked_for_again_waits_at_its_place() {
        let mut queue = queue(&[1, 3, 5]);
        [1, 3].into_iter().for_each(|seq| queue.record(seq, Stage::Uncertain, ""));
        queue.again(3, false);
        queue.again(1, true);
        queue.again(2, false);
        queue.again(5, false);
        assert_eq!(waiting(&queue), [1, 2, 3, 5]);
        queue.record(1, Stage::Held, "busy");
        queue.read(4);
        assert_eq!(waiting(&queue), [1, 5], "who insists wants it handed over all the same");
        assert_eq!(queue.stage(1), Some((Stage::Held, "busy")));
        queue.record(1, Stage::Handed, "");
        assert_eq!((waiting(&queue), queue.stage(1)), (vec![5], Some((Stage::Handed, ""))));
        queue.again(1, false);
        queue.read(4);
        assert_eq!(waiting(&queue), [5], "insisting counts once");
    }

    #[test]
    fn what_was_reported_is_known_for_as_long_as_it_waits() {
        let mut queue = queue(&[1, 2, 3, 4]);
        let held = |queue: &mut Queue, seq, reason: Reason| queue.record(seq, Stage::Held, reason.words());
        [1, 2, 3].into_iter().for_each(|seq| held(&mut queue, seq, Reason::Elsewhere));
        held(&mut queue, 4, Reason::Starting);
        held(&mut queue, 3, Reason::Starting);
        assert_eq!(queue.reported().collect::<Vec<_>>(), [1, 2, 3]);
        queue.read(1);
        queue.fade();
        assert_eq!(queue.reported().collect::<Vec<_>>(), [3]);
        queue.record(3, Stage::Handed, "");
        assert_eq!(queue.reported().count(), 0);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut queue = queue(&(1..=5_000).collect::<Vec<_>>());
        queue.read(5_000);
        assert_eq!((queue.len(), queue.past.len()), (0, PAST_MAX));
        assert!(queue.is_news(5_000, Stage::Handed, "") && !queue.is_news(1, Stage::Handed, ""));
    }
}
