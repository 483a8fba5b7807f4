//! Ledgers for tests.

use super::Store;
use super::line::{self, Req};
use bus::contract::Event;
use bus::contract::event::ChatAck;

/// How one line of a test ledger is marked.
#[derive(Debug, Clone, Default)]
pub struct Line {
    first: bool,
    more: bool,
    synced: Option<u64>,
    with: Option<(String, u64)>,
}

impl Line {
    /// Begins a request.
    pub fn first() -> Self {
        Self { first: true, ..Self::default() }
    }

    /// Goes on with a request.
    pub fn next() -> Self {
        Self::default()
    }

    /// Is not the last of its request.
    pub fn more(mut self) -> Self {
        self.more = true;
        self
    }

    /// Knows the ledger to be on disk up to here only.
    pub fn synced(mut self, seq: u64) -> Self {
        self.synced = Some(seq);
        self
    }

    /// Is decided by another ledger.
    pub fn with(mut self, ledger: &str, seq: u64) -> Self {
        self.with = Some((ledger.into(), seq));
        self
    }
}

/// From now on a ledger's writes seem to work, and its syncs fail.
pub fn lose_disk(store: &mut Store, ledger: &str) {
    store.ledgers.get_mut(ledger).expect("there is such a ledger").lose_disk();
}

/// From now on a ledger's disk takes nothing more, or takes everything again.
pub fn fill_disk(store: &mut Store, ledger: &str, is_full: bool) {
    store.ledgers.get_mut(ledger).expect("there is such a ledger").is_full = is_full;
}

/// An event of some group.
pub fn event(group_id: &str, seq: u64) -> Event {
    Event {
        seq,
        id: format!("{seq:032x}"),
        ts: bus::contract::time::format(1_768_307_696_000_000 + i64::try_from(seq).unwrap()),
        group_id: group_id.into(),
        scope_key: String::new(),
        by: "user".into(),
        body: ChatAck { actor_id: "a".into(), event_id: "e".into() }.into(),
    }
}

/// The bytes of a ledger, and where each line ends.
pub fn ledger(lines: &[Line]) -> (Vec<u8>, Vec<usize>) {
    let (mut bytes, mut ends, mut sum) = (Vec::new(), Vec::new(), line::START);
    for (place, marks) in lines.iter().enumerate() {
        let seq = place as u64 + 1;
        let req = marks.first.then(|| Req {
            id: format!("request {seq}"),
            op: [7; 8],
            synced: marks.synced.unwrap_or(seq - 1),
            with: marks.with.clone(),
        });
        sum = line::write(&mut bytes, &event("g_0123456789ab", seq), req.as_ref(), marks.more, &sum).unwrap();
        ends.push(bytes.len());
    }
    (bytes, ends)
}
