//! Making a ledger's replay again from disk alone: the newest usable snapshot, and every whole request after it.
//!
//! The same function serves the start, the recovery from a full disk, and the making of the next snapshot.

use super::dedup_record::{self, DedupRecord, REPLAY_WINDOW_REQUESTS_MAX};
use super::index::Index;
use super::layout::Layout;
use super::ledger::{TailReader, read_span};
use super::line::{self, Req};
use super::scan::{self, Ending, Place, Whole};
use super::scrub;
use super::snapshot::Snapshot;
use super::{Fold, StoreError, verdict};
use bus::contract::Body;
use bus::daemon::Life;
use bus::plain;
use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::sync::Arc;
use tracing::warn;

/// How much of a ledger is read at once.
pub const READ_BYTES: usize = 256 * 1024;

/// What was found of one ledger. What it adds up to is in the fold.
#[derive(Debug)]
pub struct Replayed {
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
    pub answered: Vec<DedupRecord>,
    /// Sequence number of the last `x.cccc.opened`; 0 when there was none.
    pub opened_seq: u64,
    /// Where the snapshot ends that was believed: nothing before was read. The beginning when there was none.
    pub begun: Place,
    /// How many events a snapshot proves that are not there.
    pub missing: Option<u64>,
    /// Whether a snapshot reaches beyond where a [new one](Upto::NewSnapshot) would. Nothing was replayed then.
    pub is_overtaken: bool,
}

/// How far a ledger is replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upto {
    /// To its end.
    End,
    /// To so many bytes: whoever reads while somebody writes must not look beyond what is settled.
    Settled(u64),
    /// The same to make a snapshot, so not at all when there is one that reaches further.
    NewSnapshot(u64),
}

impl Upto {
    fn bytes(self, whole: u64) -> u64 {
        match self {
            Self::End => whole,
            Self::Settled(bytes) | Self::NewSnapshot(bytes) => bytes.min(whole),
        }
    }
}

/// Replays a ledger into `fold`, which knows nothing of it yet. `life` hears of every piece that is
/// read.
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
    upto: Upto,
    life: &Life,
) -> Result<Replayed, StoreError> {
    match plain::open(&layout.ledger(ledger), File::options().read(true).write(true)) {
        Ok(file) => restore_from(Arc::new(file), layout, ledger, fold, decided, upto, life),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Replayed::nothing()),
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
    upto: Upto,
    life: &Life,
) -> Result<Replayed, StoreError> {
    let path = layout.ledger(ledger);
    let fail = |source| StoreError::io("read", &path, source);
    let whole = file.metadata().map_err(fail)?.len();
    let len = upto.bytes(whole);

    let (mut found, mut proven) = (Replayed::nothing(), None);
    life.waits("read a snapshot", || {
        let Some(snapshot) = Snapshot::read(layout, ledger, whole) else { return };
        // It was made of settled events.
        proven = Some(snapshot.place);
        if snapshot.place.offset > whole {
            warn!(%ledger, events = snapshot.place.seq, "the snapshot has more events than the ledger");
            return;
        }
        if !is_of(&snapshot, &file) {
            warn!(%ledger, events = snapshot.place.seq, "the snapshot is of another history; everything is replayed");
            return;
        }
        if scrub::is_doubted(layout, ledger) || !asked_for(&snapshot).all(|seq| is_whole(&snapshot, &file, seq)) {
            warn!(%ledger, "damage was found before the place of its snapshot; everything is replayed");
            return;
        }
        if snapshot.place.offset > len {
            found.is_overtaken = matches!(upto, Upto::NewSnapshot(_));
        } else if fold.load(ledger, &snapshot.fold) {
            found.begin_with(snapshot);
        } else {
            fold.forget(ledger);
        }
    });
    if found.is_overtaken {
        return Ok(found);
    }
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
    dedup_record::trim(&mut found.answered);
    Ok(Replayed {
        file: Some(file),
        place,
        begun: start,
        rest_bytes: len - place.offset,
        // Nothing that a snapshot has seen was never acknowledged, so it is no torn tail.
        missing: proven.and_then(|seen| verdict::missing(seen, len, place, &ending)),
        ending,
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

impl Replayed {
    fn nothing() -> Self {
        Self {
            file: None,
            index: Index::default(),
            place: Place::START,
            ending: Ending::Clean,
            rest_bytes: 0,
            answered: Vec::new(),
            opened_seq: 0,
            begun: Place::START,
            missing: None,
            is_overtaken: false,
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
        self.answered.extend(DedupRecord::of(whole));
        // Forgetting now and then keeps a long replay within bounds.
        if self.answered.len() > REPLAY_WINDOW_REQUESTS_MAX * 2 {
            dedup_record::trim(&mut self.answered);
        }
    }
}

/// Whether a snapshot was made of this file: the line where it ends is there.
fn is_of(snapshot: &Snapshot, file: &File) -> bool {
    let last = read_line(snapshot, file, snapshot.place.seq);
    last.is_some_and(|line| line::stated_sum(&line) == Some(snapshot.place.sum))
}

/// What a start asks for, of all that it does not read because of a snapshot: whose ledger it is, when it was last
/// opened, and whether its last request was a removal that is to be finished.
fn asked_for(snapshot: &Snapshot) -> impl Iterator<Item = u64> {
    let last = snapshot.answered.iter().max_by_key(|one| one.first);
    let last = last.map_or(0..0, |last| last.first..last.first + u64::from(last.events));
    [1, snapshot.opened_seq].into_iter().chain(last).filter(|seq| *seq > 0)
}

/// Whether a line is what was written behind the line before it.
fn is_whole(snapshot: &Snapshot, file: &File, seq: u64) -> bool {
    let before = match seq {
        1 => Some(line::START),
        _ => read_line(snapshot, file, seq - 1).and_then(|line| line::stated_sum(&line)),
    };
    let line = read_line(snapshot, file, seq);
    before.zip(line).is_some_and(|(before, line)| line::read(&line, seq, &before).is_ok())
}

/// A line without its end.
fn read_line(snapshot: &Snapshot, file: &File, seq: u64) -> Option<Vec<u8>> {
    let mut line = read_span(file, snapshot.index.span(seq..=seq)?).ok()?;
    line.pop_if(|last| *last == b'\n')?;
    Some(line)
}
