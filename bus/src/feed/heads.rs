//! How far each ledger has come, as far as we have heard. Pure.

use crate::contract::op::ledger::HeadsAre;
use crate::link::Hint;
use std::collections::HashMap;

/// How far a ledger has come, and in which life of ledgerd that was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Counts the starts of ledgerd on this home.
    pub epoch: u64,
    /// Sequence number of its last event.
    pub seq: u64,
}

/// The heads of a home's ledgers.
#[derive(Debug, Default)]
pub struct Heads {
    epoch: u64,
    seqs: HashMap<String, u64>,
}

impl Heads {
    /// The head of a ledger, if it was heard of.
    pub fn of(&self, ledger: &str) -> Option<Head> {
        Some(Head { epoch: self.epoch, seq: *self.seqs.get(ledger)? })
    }

    /// Every ledger that was heard of.
    pub fn ledgers(&self) -> impl Iterator<Item = &str> {
        self.seqs.keys().map(String::as_str)
    }

    /// Takes in a hint: the ledgers that it moves. One that is gone moves a last time and is forgotten. After a restart
    /// of ledgerd those are all that were heard of, because a ledger may be a restored older one, or gone.
    pub fn note(&mut self, hint: Hint) -> Vec<String> {
        let mut moved = self.begin(hint.epoch);
        for (ledger, seq) in hint.heads {
            let has_moved = match seq {
                Hint::GONE => self.seqs.remove(&ledger).is_some(),
                seq => self.seqs.insert(ledger.clone(), seq) != Some(seq),
            };
            if has_moved && !moved.contains(&ledger) {
                moved.push(ledger);
            }
        }
        moved
    }

    /// Takes in the answer to a question. Hints that came meanwhile may be newer, so it moves no ledger back.
    pub fn learn(&mut self, answer: HeadsAre) -> Vec<String> {
        if answer.epoch < self.epoch {
            return Vec::new();
        }
        let is_news = |(ledger, seq): &(String, u64)| {
            answer.epoch > self.epoch || self.seqs.get(ledger).is_none_or(|known| known < seq)
        };
        let heads = answer.heads.into_iter().filter(is_news).collect();
        self.note(Hint { epoch: answer.epoch, heads })
    }

    fn begin(&mut self, epoch: u64) -> Vec<String> {
        if self.epoch == epoch {
            return Vec::new();
        }
        self.epoch = epoch;
        self.seqs.drain().map(|(ledger, _)| ledger).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Heads as they are told.
    type Told = &'static [(&'static str, u64)];

    fn heads(heads: &[(&str, u64)]) -> Vec<(String, u64)> {
        heads.iter().map(|(ledger, seq)| ((*ledger).to_owned(), *seq)).collect()
    }

    fn sorted(mut ledgers: Vec<String>) -> Vec<String> {
        ledgers.sort();
        ledgers
    }

    #[test]
    fn a_ledger_has_moved_when_its_head_is_another_or_ledgerd_is_new() {
        let mut known = Heads::default();
        #[rustfmt::skip]
        let cases: [(u64, Told, &[&str]); 10] = [
            // epoch  heads                              moved
            (1,       &[("home", 3), ("a", 1), ("b", 9)], &["a", "b", "home"]),
            (1,       &[("home", 4), ("a", 1), ("b", 9)], &["home"]),
            (1,       &[("a", 2)],                        &["a"]),
            (1,       &[("a", 2)],                        &[]),
            (2,       &[("a", 2)],                        &["a", "b", "home"]),
            (2,       &[("b", 8)],                        &["b"]),
            (2,       &[("a", Hint::GONE)],               &["a"]),
            (2,       &[("a", Hint::GONE)],               &[]),
            (2,       &[("never", Hint::GONE)],           &[]),
            (3,       &[],                                &["b"]),
        ];
        for (epoch, moved, wanted) in cases {
            let hint = Hint { epoch, heads: heads(moved) };
            assert_eq!(sorted(known.note(hint.clone())), wanted, "{hint:?}");
        }
        assert_eq!(known.of("b"), None, "nobody has said so in this life of ledgerd");
        known.note(Hint { epoch: 3, heads: heads(&[("b", 9)]) });
        assert_eq!(known.of("b"), Some(Head { epoch: 3, seq: 9 }));
    }

    #[test]
    fn an_answer_moves_nothing_back() {
        #[rustfmt::skip]
        let cases: [(u64, Told, &[&str], Option<u64>); 5] = [
            // epoch  heads                 moved         a is at
            (2,       &[("a", 4)],          &[],          Some(5)),
            (2,       &[("a", 6)],          &["a"],       Some(6)),
            (2,       &[("b", 1)],          &["b"],       Some(5)),
            (1,       &[("a", 9)],          &[],          Some(5)),
            (3,       &[("a", 4)],          &["a"],       Some(4)),
        ];
        for (epoch, told, moved, at) in cases {
            let mut known = Heads::default();
            known.note(Hint { epoch: 2, heads: heads(&[("a", 5)]) });
            assert_eq!(known.learn(HeadsAre { epoch, heads: heads(told) }), moved, "{epoch} {told:?}");
            assert_eq!(known.of("a").map(|head| head.seq), at, "{epoch} {told:?}");
        }
    }
}
