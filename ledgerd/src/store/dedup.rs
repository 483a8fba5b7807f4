//! All answered requests of a home that are remembered, so that the same request gets the same answer again.
//!
//! Only what was written is remembered; a request that wrote nothing is simply decided again. Those from before this
//! start are a sorted list, which costs nothing to take over from snapshots; those since are a map.

use super::dedup_record::{self, DedupRecord, Key, REPLAY_WINDOW_REQUESTS_MAX, WINDOW};
use super::line::OpDigest;
use bus::contract::limit::REPLAY_WINDOW_REQUESTS_MIN;
use bus::contract::time::Micros;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

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

/// One request's events in one ledger, named by number.
#[derive(Debug, Clone, Copy)]
struct Row {
    key: Key,
    digest: OpDigest,
    first: u64,
    events: u32,
    ledger: u32,
    is_part: bool,
}

/// A key is a hash already.
#[derive(Debug, Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for (place, byte) in bytes.iter().enumerate() {
            self.0 ^= u64::from(*byte) << (place % 8 * 8);
        }
    }
    fn write_u128(&mut self, key: u128) {
        self.0 = key as u64;
    }
}

type ByKey<T> = HashMap<Key, T, BuildHasherDefault<KeyHasher>>;

/// The answered requests of a home.
#[derive(Debug, Default)]
pub struct DedupWindow {
    ledgers: Vec<Arc<str>>,
    /// The place of each of them.
    numbers: HashMap<Arc<str>, u32>,
    /// Taken over and not put in order yet.
    restored: Vec<(u32, Vec<DedupRecord>)>,
    /// From before this start, by key. The row that decides comes after those of the other ledgers.
    old: Vec<Row>,
    /// The youngest of the old ones.
    old_until: Micros,
    /// Since this start.
    new: ByKey<Row>,
    /// Their rows in ledgers that do not decide.
    parts: ByKey<Vec<Row>>,
    ages: VecDeque<(Micros, Key)>,
}

impl DedupWindow {
    /// What is known about a request that has one of these digests.
    pub fn look(&self, key: Key, digests: &[OpDigest]) -> Seen {
        let new = self.new.get(&key).map(|row| (row, self.parts.get(&key).map_or(&[][..], Vec::as_slice)));
        let Some((main, parts)) = new.or_else(|| self.look_old(key)) else { return Seen::New };
        if !digests.contains(&main.digest) {
            return Seen::Reused;
        }
        let rows = parts.iter().filter(|row| row.digest == main.digest).chain([main]);
        Seen::Before(rows.map(|row| self.piece(row)).collect())
    }

    /// How many are remembered.
    pub fn len(&self) -> usize {
        self.old.len() + self.new.len()
    }

    /// Remembers one request, answered now, and forgets what is too old. Of a request in several ledgers, the one that
    /// decides comes last.
    pub fn remember(&mut self, ledger: &str, answered: &DedupRecord) {
        let row = Row::new(answered, self.number(ledger));
        if answered.is_part {
            self.parts.entry(answered.key).or_default().push(row);
            return;
        }
        self.new.insert(answered.key, row);
        self.ages.push_back((answered.ts, answered.key));
        let too_old = answered.ts - WINDOW;
        while let Some((ts, key)) = self.ages.front().copied() {
            let may_go = ts < too_old && self.ages.len() > REPLAY_WINDOW_REQUESTS_MIN;
            if !may_go && self.ages.len() <= REPLAY_WINDOW_REQUESTS_MAX {
                break;
            }
            self.ages.pop_front();
            self.new.remove(&key);
            self.parts.remove(&key);
        }
        if self.old_until < too_old && self.ages.len() >= REPLAY_WINDOW_REQUESTS_MIN {
            self.old = Vec::new();
        }
    }

    /// Takes over what was found in one ledger at the start. [`DedupWindow::order`] must follow the last of them.
    pub fn restore(&mut self, ledger: &str, answered: Vec<DedupRecord>) {
        let number = self.number(ledger);
        self.restored.push((number, answered));
    }

    /// Puts what was taken over in order, and forgets what is too old.
    pub fn order(&mut self) {
        let restored = std::mem::take(&mut self.restored);
        let ages = restored.iter().flat_map(|(_, answered)| answered).map(|one| one.ts);
        self.old_until = ages.clone().max().unwrap_or(Micros::MIN);
        let since = dedup_record::kept_since(ages);
        self.old = Vec::with_capacity(restored.iter().map(|(_, answered)| answered.len()).sum());
        for (ledger, answered) in restored {
            self.old.extend(answered.iter().filter(|one| one.ts >= since).map(|one| Row::new(one, ledger)));
        }
        // A stable sort finds the runs that are in order already, which are those from snapshots.
        self.old.sort_by_key(|row| (row.key, !row.is_part));
    }

    /// The row that decides, and those of other ledgers.
    fn look_old(&self, key: Key) -> Option<(&Row, &[Row])> {
        let from = self.old.partition_point(|row| row.key < key);
        let rows = &self.old[from..];
        let count = rows.iter().take_while(|row| row.key == key).count();
        rows[..count].split_last()
    }

    fn piece(&self, row: &Row) -> Piece {
        let ledger = self.ledgers[row.ledger as usize].clone();
        Piece { ledger, first: row.first, events: row.events }
    }

    fn number(&mut self, ledger: &str) -> u32 {
        if let Some(number) = self.numbers.get(ledger) {
            return *number;
        }
        let (name, number) = (Arc::<str>::from(ledger), u32::try_from(self.ledgers.len()));
        let number = number.expect("a home has a limited number of groups");
        self.numbers.insert(Arc::clone(&name), number);
        self.ledgers.push(name);
        number
    }
}

impl Row {
    fn new(answered: &DedupRecord, ledger: u32) -> Self {
        let DedupRecord { key, digest, first, events, is_part, .. } = *answered;
        Self { key, digest, first, events, ledger, is_part }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(number: u64, ts: Micros) -> DedupRecord {
        let key = dedup_record::key(&number.to_string());
        DedupRecord { key, digest: [1; 8], ts, first: number, events: 2, is_part: false }
    }

    fn key(number: u64) -> Key {
        answered(number, 0).key
    }

    #[test]
    fn a_request_is_recognised_and_another_with_its_id_is_refused() {
        let mut answers = DedupWindow::default();
        answers.restore("home", vec![answered(5, 0)]);
        answers.order();
        answers.remember("home", &answered(6, 1));
        for number in [5, 6] {
            let piece = Piece { ledger: "home".into(), first: number, events: 2 };
            assert_eq!(answers.look(key(number), &[[1; 8]]), Seen::Before(vec![piece]));
            assert_eq!(answers.look(key(number), &[[2; 8]]), Seen::Reused);
        }
        assert_eq!(answers.look(key(7), &[[1; 8]]), Seen::New);
    }

    /// The ledger that decides comes last, in whatever order the ledgers are read.
    #[test]
    fn pieces_in_several_ledgers_come_together() {
        let part = DedupRecord { is_part: true, ..answered(5, 0) };
        let whole = answered(5, 1);
        let names = |answers: &DedupWindow| match answers.look(key(5), &[[1; 8]]) {
            Seen::Before(pieces) => pieces.iter().map(|piece| piece.ledger.to_string()).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        for order in [[("home", &whole), ("g_1", &part)], [("g_1", &part), ("home", &whole)]] {
            let mut answers = DedupWindow::default();
            order.iter().for_each(|(ledger, answered)| answers.restore(ledger, vec![**answered]));
            answers.order();
            assert_eq!(names(&answers), ["g_1", "home"]);
        }
        let mut answers = DedupWindow::default();
        answers.remember("g_1", &part);
        answers.remember("home", &whole);
        assert_eq!(names(&answers), ["g_1", "home"]);
    }

    #[test]
    fn the_window_slides_and_never_gets_too_short() {
        let min = REPLAY_WINDOW_REQUESTS_MIN as u64;
        let mut answers = DedupWindow::default();
        answers.restore("home", vec![answered(0, 0)]);
        answers.order();
        (1..min).for_each(|number| answers.remember("home", &answered(number, 1)));
        answers.remember("home", &answered(min, 3 * WINDOW));
        assert_eq!(answers.look(key(0), &[[1; 8]]), Seen::New, "there are enough younger ones");
        assert!(matches!(answers.look(key(1), &[[1; 8]]), Seen::Before(_)), "the least number is kept");
        answers.remember("home", &answered(min + 1, 3 * WINDOW));
        assert_eq!(answers.look(key(1), &[[1; 8]]), Seen::New);
        assert_eq!(answers.len() as u64, min);
    }
}
