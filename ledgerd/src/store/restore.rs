//! Making a ledger's replay again from disk alone: the newest usable snapshot, and every whole request after it.
//!
//! The same function serves the start, the recovery from a full disk, and the making of the next snapshot.

use super::answered::{self, Answered, REPLAY_WINDOW_REQUESTS_MAX};
use super::index::Index;
use super::layout::Layout;
use super::ledger::{TailReader, read_span};
use super::line::{self, Req};
use super::scan::{self, Ending, Place, Whole};
use super::snapshot::Snapshot;
use super::{Fold, StoreError};
use bus::contract::Body;
use bus::daemon::Life;
use bus::plain;
use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::sync::Arc;
use tracing::warn;

/// How much of a ledger is read at once.
const READ_BYTES: usize = 256 * 1024;

/// What was found of one ledger. What it adds up to is in the fold.
#[derive(Debug)]
pub struct Restored {
    /// Its file, open for reading and writing; `None` when there is none.
    pub file: Option<Arc<File>>,
    /// Where its events lie.
    pub index: Index,
    /// After its last whole request.
    pub place: Place,
    /// What comes then.
    pub ending: Ending,
    /// How many bytes that is.
    pub rest_bytes: u64,
    /// Its requests, as far as they are remembered, in no order.
    pub answered: Vec<Answered>,
    /// Sequence number of the last `x.cccc.opened`; 0 when there was none.
    pub opened_seq: u64,
    /// Events that were not in a snapshot.
    pub replayed: u64,
    /// How many events a snapshot proves that are not there.
    pub missing: Option<u64>,
}

/// Replays a ledger into `fold`, which knows nothing of it yet. `bytes_max` is where to stop: whoever reads while
/// somebody writes must not look beyond what is settled. `life` hears of every piece that is read.
///
/// `decided` is asked whether a request has happened on which another ledger decides.
///
/// # Errors
///
/// The file cannot be read. That there is none is no error.
pub fn restore<F: Fold>(
    layout: &Layout,
    ledger: &str,
    fold: &mut F,
    decided: &dyn Fn(&Req) -> bool,
    bytes_max: Option<u64>,
    life: &Life,
) -> Result<Restored, StoreError> {
    match plain::open(&layout.ledger(ledger), File::options().read(true).write(true)) {
        Ok(file) => restore_from(Arc::new(file), layout, ledger, fold, decided, bytes_max, life),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Restored::nothing()),
        Err(e) => Err(StoreError::io("read", &layout.ledger(ledger), e)),
    }
}

/// The same of a ledger whose file is open.
///
/// # Errors
///
/// The file cannot be read.
pub fn restore_from<F: Fold>(
    file: Arc<File>,
    layout: &Layout,
    ledger: &str,
    fold: &mut F,
    decided: &dyn Fn(&Req) -> bool,
    bytes_max: Option<u64>,
    life: &Life,
) -> Result<Restored, StoreError> {
    let path = layout.ledger(ledger);
    let fail = |source| StoreError::io("read", &path, source);
    let len = file.metadata().map_err(fail)?.len();
    let len = bytes_max.map_or(len, |max| max.min(len));

    let mut found = Restored::nothing();
    life.waits("read a snapshot", || {
        let Some(snapshot) = Snapshot::read(layout, ledger, len) else { return };
        if snapshot.place.offset > len {
            // It was made of settled events, so some of these are gone.
            warn!(%ledger, events = snapshot.place.seq, "the snapshot has more events than the ledger");
            found.missing = Some(snapshot.place.seq);
            return;
        }
        if !is_of(&snapshot, &file) {
            warn!(%ledger, events = snapshot.place.seq, "the snapshot is of another history; everything is replayed");
            return;
        }
        if fold.load(ledger, &snapshot.fold) {
            found.begin_with(snapshot);
        } else {
            fold.forget(ledger);
        }
    });
    let start = found.place;
    let rest = Lively { input: TailReader { ledger: &file, at: start.offset }.take(len - start.offset), life };
    let mut take = |whole: Whole| {
        for record in &whole.records {
            fold.apply(ledger, &record.event);
        }
        found.take(&whole);
    };
    let (place, ending) =
        scan::scan(BufReader::with_capacity(READ_BYTES, rest), start, decided, &mut take).map_err(fail)?;
    answered::trim(&mut found.answered);
    Ok(Restored {
        file: Some(file),
        place,
        ending,
        rest_bytes: len - place.offset,
        replayed: place.seq - start.seq,
        ..found
    })
}

/// Tells of every piece that is read, so that a long replay is not taken for one that hangs.
struct Lively<'a, R> {
    input: R,
    life: &'a Life,
}

impl<R: io::Read> io::Read for Lively<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.life.goes_on();
        self.life.waits("read a ledger", || self.input.read(buffer))
    }
}

impl Restored {
    fn nothing() -> Self {
        Self {
            file: None,
            index: Index::default(),
            place: Place::START,
            ending: Ending::Clean,
            rest_bytes: 0,
            answered: Vec::new(),
            opened_seq: 0,
            replayed: 0,
            missing: None,
        }
    }

    fn begin_with(&mut self, snapshot: Snapshot) {
        self.place = snapshot.place;
        self.index = snapshot.index;
        self.answered = snapshot.answered;
        self.opened_seq = snapshot.opened_seq;
    }

    fn take(&mut self, whole: &Whole) {
        whole.bytes.iter().for_each(|bytes| self.index.push(*bytes));
        for record in &whole.records {
            if matches!(record.event.body, Body::Opened(_)) {
                self.opened_seq = record.event.seq;
            }
        }
        self.answered.extend(Answered::of(whole));
        // Forgetting now and then keeps a long replay within bounds.
        if self.answered.len() > REPLAY_WINDOW_REQUESTS_MAX * 2 {
            answered::trim(&mut self.answered);
        }
    }
}

/// Whether a snapshot was made of this file: the line where it ends is there.
fn is_of(snapshot: &Snapshot, file: &File) -> bool {
    let seq = snapshot.place.seq;
    let Some(span) = snapshot.index.span(seq..=seq) else { return false };
    let Ok(line) = read_span(file, span) else { return false };
    line.strip_suffix(b"\n").and_then(line::stated_sum) == Some(snapshot.place.sum)
}
