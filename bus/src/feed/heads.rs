//! How far each ledger has come, as far as we have heard. Pure.

use crate::contract::op::ledger::HeadsAre;
use crate::link::Hint;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Where a ledger has moved to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// To its last event, which has this sequence number.
    To(u64),
    /// It was removed.
    Gone,
}

/// How far a ledger has come, and in which life of ledgerd that was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Counts the starts of ledgerd on this home.
    pub epoch: u64,
    /// Where it was then.
    pub moved: Moved,
}

/// Ledgers that have moved, and their heads; `None` where nobody has said so in this life of ledgerd.
pub type News = BTreeMap<String, Option<Head>>;

/// The heads of a home's ledgers.
#[derive(Debug, Default)]
pub struct Heads {
    epoch: u64,
    seqs: HashMap<String, u64>,
    /// What hints have named since ledgerd was asked, as long as it has not answered.
    named: Option<HashSet<String>>,
}

impl Heads {
    /// The head of a ledger, if it was heard of.
    pub fn of(&self, ledger: &str) -> Option<Head> {
        self.seq(ledger).map(|seq| self.head(Moved::To(seq)))
    }

    /// The sequence number of a ledger's last event, if it was heard of.
    pub fn seq(&self, ledger: &str) -> Option<u64> {
        self.seqs.get(ledger).copied()
    }

    /// Every ledger that was heard of.
    pub fn ledgers(&self) -> impl Iterator<Item = &str> {
        self.seqs.keys().map(String::as_str)
    }

    /// Takes in a hint: the ledgers that it moves. One that is gone is forgotten, and has moved whether or not it was heard
    /// of. After a restart of ledgerd those are all that were heard of, because a ledger may be a restored older one, or gone.
    pub fn note(&mut self, hint: Hint) -> News {
        let mut news = self.begin(hint.epoch);
        for (ledger, seq) in hint.heads {
            if let Some(named) = &mut self.named {
                named.insert(ledger.clone());
            }
            if seq == Hint::GONE {
                self.seqs.remove(&ledger);
                news.insert(ledger, Some(self.head(Moved::Gone)));
            } else {
                self.go(ledger, seq, &mut news);
            }
        }
        news
    }

    /// Notes that ledgerd is being asked for the heads of all its ledgers: what hints name from now on may be news to what
    /// it answers.
    pub fn ask(&mut self) {
        self.named = Some(HashSet::new());
    }

    /// Takes in the answer to that question, which names every ledger: one that it does not name is gone, also one that is
    /// only `followed`. Hints that came meanwhile may be newer, so it moves no ledger back, ends none that they have named,
    /// and brings none back that they have ended.
    pub fn learn<'a>(&mut self, answer: HeadsAre, followed: impl Iterator<Item = &'a str>) -> News {
        if answer.epoch < self.epoch {
            return News::new();
        }
        let mut news = self.begin(answer.epoch);
        let named = self.named.take().unwrap_or_default();
        let mut gone: HashSet<String> = self.seqs.keys().cloned().chain(followed.map(str::to_owned)).collect();
        gone.retain(|ledger| !named.contains(ledger));
        for (ledger, seq) in answer.heads {
            gone.remove(&ledger);
            let is_news = self.seq(&ledger).map_or(!named.contains(&ledger), |known| known < seq);
            if is_news {
                self.go(ledger, seq, &mut news);
            }
        }
        for ledger in gone {
            self.seqs.remove(&ledger);
            news.insert(ledger, Some(self.head(Moved::Gone)));
        }
        news
    }

    fn go(&mut self, ledger: String, seq: u64, news: &mut News) {
        if self.seqs.insert(ledger.clone(), seq) != Some(seq) {
            news.insert(ledger, Some(self.head(Moved::To(seq))));
        }
    }

    fn head(&self, moved: Moved) -> Head {
        Head { epoch: self.epoch, moved }
    }

    /// Begins another life of ledgerd, if it is one.
    fn begin(&mut self, epoch: u64) -> News {
        if self.epoch == epoch {
            return News::new();
        }
        self.epoch = epoch;
        // What was named in the life before says nothing about an answer of this one.
        self.named = self.named.take().map(|_| HashSet::new());
        self.seqs.drain().map(|(ledger, _)| (ledger, None)).collect()
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

    fn names(news: News) -> Vec<String> {
        news.into_keys().collect()
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
            (2,       &[("a", Hint::GONE)],               &["a"]),
            (2,       &[("never", Hint::GONE)],           &["never"]),
            (3,       &[],                                &["b"]),
        ];
        for (epoch, moved, wanted) in cases {
            let hint = Hint { epoch, heads: heads(moved) };
            assert_eq!(names(known.note(hint.clone())), wanted, "{hint:?}");
        }
        assert_eq!(known.of("b"), None, "nobody has said so in this life of ledgerd");
        known.note(Hint { epoch: 3, heads: heads(&[("b", 9)]) });
        assert_eq!(known.of("b"), Some(Head { epoch: 3, moved: Moved::To(9) }));
    }

    #[test]
    fn an_answer_moves_nothing_back_and_ends_what_it_does_not_name() {
        let asked: Told = &[("a", 5)];
        #[rustfmt::skip]
        let cases: [(_, Told, Told, &[&str], _); 9] = [
            // epoch  hinted meanwhile       answered              moved        a is at
            (2,       &[],                   &[("a", 4)],          &[],         Some(5)),
            (2,       &[],                   &[("a", 6)],          &["a"],      Some(6)),
            (2,       &[],                   &[("a", 5), ("b", 1)], &["b"],     Some(5)),
            (1,       &[],                   &[("a", 9)],          &[],         Some(5)),
            (3,       &[],                   &[("a", 4)],          &["a"],      Some(4)),
            (3,       &[("a", 6)],           &[("b", 1)],          &["a", "b"], None),
            (2,       &[],                   &[],                  &["a"],      None),
            (2,       &[("a", 5)],           &[],                  &[],         Some(5)),
            (2,       &[("a", Hint::GONE)],  &[("a", 5)],          &[],         None),
        ];
        for (epoch, hinted, told, moved, at) in cases {
            let mut known = Heads::default();
            known.note(Hint { epoch: 2, heads: heads(asked) });
            known.ask();
            known.note(Hint { epoch: 2, heads: heads(hinted) });
            let news = known.learn(HeadsAre { epoch, heads: heads(told) }, [].into_iter());
            assert_eq!(names(news), moved, "{epoch} {hinted:?} {told:?}");
            assert_eq!(known.seq("a"), at, "{epoch} {hinted:?} {told:?}");
            // The next answer is of a later question, and the last word.
            known.ask();
            known.learn(HeadsAre { epoch: 3, heads: heads(&[("c", 1)]) }, [].into_iter());
            known.ask();
            let news = known.learn(HeadsAre { epoch: 3, heads: Vec::new() }, ["never"].into_iter());
            let gone = Some(Head { epoch: 3, moved: Moved::Gone });
            assert_eq!(news, News::from([("c".into(), gone), ("never".into(), gone)]));
        }
    }
}
