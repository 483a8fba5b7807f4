//! Which requests were answered, and where their events lie, so that the same request gets the same answer again.
//!
//! Only what was written is remembered; a request that wrote nothing is simply decided again. Nothing here is kept
//! for its own sake: it is made again from the ledgers, which carry each request's id.

use super::line::OpDigest;
use super::scan::Whole;
use bus::contract::limit::{REPLAY_WINDOW_HOURS, REPLAY_WINDOW_REQUESTS_MIN};
use bus::contract::time::{self, Micros};
use bus::contract::{Principal, op::Op};
use serde::Serialize;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Requests that are remembered at most, however young they are: about 100 MB.
pub const REPLAY_WINDOW_REQUESTS_MAX: usize = 1_000_000;

const WINDOW: Micros = REPLAY_WINDOW_HOURS * 3_600 * 1_000_000;

/// Stands for a request id.
pub type Key = u128;

/// The key of a request id.
pub fn key(request_id: &str) -> Key {
    let mut bytes = [0; 16];
    blake3::Hasher::new().update(request_id.as_bytes()).finalize_xof().fill(&mut bytes);
    Key::from_le_bytes(bytes)
}

/// Digest of what is asked and of who asks.
pub fn digest(principal: &Principal, op: &Op) -> OpDigest {
    struct Sink(blake3::Hasher);
    impl std::io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut sink = std::io::BufWriter::with_capacity(1024, Sink(blake3::Hasher::new()));
    (principal, op).serialize(&mut rmp_serde::Serializer::new(&mut sink)).expect("a request is plain data");
    let sink = sink.into_inner().unwrap_or_else(|_| unreachable!("hashing cannot fail"));
    let mut digest = OpDigest::default();
    sink.0.finalize_xof().fill(&mut digest);
    digest
}

/// One request's events in one ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// Whose.
    pub key: Key,
    /// What was asked.
    pub digest: OpDigest,
    /// When, by the last event.
    pub ts: Micros,
    /// The first event.
    pub first: u64,
    /// How many.
    pub events: u32,
    /// Whether another ledger has decided on it.
    pub is_part: bool,
}

impl Answered {
    /// What is to be remembered of a request on disk; nothing of events that belong to none.
    pub fn of(whole: &Whole) -> Option<Self> {
        let (first, last) = (whole.records.first()?, whole.records.last()?);
        let req = first.req.as_ref()?;
        Some(Self {
            key: key(&req.id),
            digest: req.op,
            ts: time::parse(&last.event.ts)?,
            first: first.event.seq,
            events: u32::try_from(whole.records.len()).ok()?,
            is_part: req.with.is_some(),
        })
    }
}

/// Which of these may be forgotten: how many from the front.
pub fn expired(ages: impl ExactSizeIterator<Item = Micros>, now: Micros) -> usize {
    let len = ages.len();
    let too_many = len.saturating_sub(REPLAY_WINDOW_REQUESTS_MAX);
    let spare = len.saturating_sub(REPLAY_WINDOW_REQUESTS_MIN);
    let too_old = ages.take(spare).take_while(|ts| *ts < now - WINDOW).count();
    too_old.max(too_many)
}

/// Events of one answered request in one ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Which ledger.
    pub ledger: Arc<str>,
    /// The first event.
    pub first: u64,
    /// How many.
    pub events: u32,
}

#[derive(Debug)]
struct Entry {
    digest: OpDigest,
    main: Piece,
    /// Pieces in other ledgers; they were written first.
    parts: Vec<Piece>,
}

/// What is known about a request id.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// Nothing.
    New,
    /// It was answered, with these events in this order.
    Before(Vec<Piece>),
    /// It was answered, but something else was asked.
    Reused,
}

/// All answered requests of a home that are remembered.
#[derive(Debug, Default)]
pub struct Answers {
    entries: HashMap<Key, Entry>,
    ages: VecDeque<(Micros, Key)>,
    names: HashMap<String, Arc<str>>,
}

impl Answers {
    /// What is known about a request.
    pub fn look(&self, key: Key, digest: OpDigest) -> Seen {
        match self.entries.get(&key) {
            None => Seen::New,
            Some(entry) if entry.digest != digest => Seen::Reused,
            Some(entry) => Seen::Before(entry.parts.iter().chain([&entry.main]).cloned().collect()),
        }
    }

    /// How many are remembered.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Remembers one request, answered now, and forgets what is too old.
    pub fn remember(&mut self, ledger: &str, answered: &Answered) {
        self.insert(ledger, answered);
        let now = answered.ts;
        let expired = expired(self.ages.iter().map(|(ts, _)| *ts), now);
        self.forget_first(expired);
    }

    /// Remembers what was found in one ledger at the start. [`Answers::order`] must follow the last of them.
    pub fn restore(&mut self, ledger: &str, answered: &[Answered]) {
        answered.iter().for_each(|answered| self.insert(ledger, answered));
    }

    /// Puts what was restored from several ledgers in order of age, and forgets what is too old.
    pub fn order(&mut self) {
        self.ages.make_contiguous().sort_unstable();
        let now = self.ages.back().map_or(0, |(ts, _)| *ts);
        let expired = expired(self.ages.iter().map(|(ts, _)| *ts), now);
        self.forget_first(expired);
    }

    fn insert(&mut self, ledger: &str, answered: &Answered) {
        let ledger = self.name(ledger);
        let piece = Piece { ledger, first: answered.first, events: answered.events };
        match self.entries.get_mut(&answered.key) {
            None => {
                let entry = Entry { digest: answered.digest, main: piece, parts: Vec::new() };
                self.entries.insert(answered.key, entry);
                self.ages.push_back((answered.ts, answered.key));
            }
            Some(entry)
                if entry.main.ledger == piece.ledger || entry.parts.iter().any(|p| p.ledger == piece.ledger) =>
            {
                // Two requests with one id in one ledger: an id that had been forgotten. The later one counts.
                *entry = Entry { digest: answered.digest, main: piece, parts: Vec::new() };
                self.ages.push_back((answered.ts, answered.key));
            }
            Some(entry) if answered.is_part => entry.parts.push(piece),
            Some(entry) => entry.parts.push(std::mem::replace(&mut entry.main, piece)),
        }
    }

    fn forget_first(&mut self, count: usize) {
        for (_, key) in self.ages.drain(..count) {
            self.entries.remove(&key);
        }
    }

    /// One copy of each name, however many requests a ledger has.
    fn name(&mut self, ledger: &str) -> Arc<str> {
        if let Some(name) = self.names.get(ledger) {
            return name.clone();
        }
        let name: Arc<str> = ledger.into();
        self.names.insert(ledger.to_owned(), name.clone());
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bus::contract::op::message::Send;

    fn answered(number: u64, ts: Micros) -> Answered {
        let key = key(&number.to_string());
        Answered { key, digest: [1; 8], ts, first: number, events: 2, is_part: false }
    }

    #[test]
    fn the_digest_tells_what_is_asked_and_who_asks() {
        let send = |text: &str| Op::Send(Send { text: text.into(), ..Send::default() });
        let (user, other) = (Principal::claimed("user"), Principal::claimed("a"));
        assert_eq!(digest(&user, &send("a")), digest(&user, &send("a")));
        assert_ne!(digest(&user, &send("a")), digest(&user, &send("b")));
        assert_ne!(digest(&user, &send("a")), digest(&other, &send("a")));
    }

    #[test]
    fn a_request_is_recognised_and_another_with_its_id_is_refused() {
        let mut answers = Answers::default();
        answers.remember("home", &answered(5, 0));
        assert_eq!(
            answers.look(key("5"), [1; 8]),
            Seen::Before(vec![Piece { ledger: "home".into(), first: 5, events: 2 }])
        );
        assert_eq!(answers.look(key("5"), [2; 8]), Seen::Reused);
        assert_eq!(answers.look(key("6"), [1; 8]), Seen::New);
    }

    /// The ledger that decides comes last, in whatever order the ledgers are read.
    #[test]
    fn pieces_in_several_ledgers_come_together() {
        let part = Answered { is_part: true, ..answered(5, 0) };
        let whole = answered(5, 1);
        for order in [[("home", &whole), ("g_1", &part)], [("g_1", &part), ("home", &whole)]] {
            let mut answers = Answers::default();
            order.iter().for_each(|(ledger, answered)| answers.restore(ledger, std::slice::from_ref(*answered)));
            answers.order();
            let Seen::Before(pieces) = answers.look(key("5"), [1; 8]) else { panic!("{answers:?}") };
            assert_eq!(pieces.iter().map(|p| &*p.ledger).collect::<Vec<_>>(), ["g_1", "home"]);
        }
    }

    #[test]
    fn only_what_is_old_and_beyond_the_least_number_is_forgotten() {
        let min = REPLAY_WINDOW_REQUESTS_MIN;
        #[rustfmt::skip]
        let cases = [
            // requests                         age               forgotten
            (min,                               2 * WINDOW,       0),
            (min + 5,                           2 * WINDOW,       5),
            (min + 5,                           WINDOW / 2,       0),
            (REPLAY_WINDOW_REQUESTS_MAX + 3,    0,                3),
        ];
        for (requests, age, forgotten) in cases {
            assert_eq!(expired(std::iter::repeat_n(0, requests), age), forgotten, "{requests} of age {age}");
        }
    }

    #[test]
    fn the_window_slides() {
        // The oldest go first, and no more of them than the least number allows.
        let mut answers = Answers::default();
        let min = REPLAY_WINDOW_REQUESTS_MIN as u64;
        let old: Vec<_> = (0..min + 10).map(|number| answered(number, number.cast_signed())).collect();
        answers.restore("home", &old);
        answers.order();
        assert_eq!(answers.len() as u64, min + 10, "they are young");
        answers.remember("home", &answered(min + 10, 3 * WINDOW));
        assert_eq!(answers.len() as u64, min);
        assert_eq!(answers.look(key("10"), [1; 8]), Seen::New);
        assert!(matches!(answers.look(key("11"), [1; 8]), Seen::Before(_)));
    }
}
