//! State on disk: the ledgers of one home, and everything that writes below it.
//!
//! An event is accepted once its line is on disk. What the events add up to is none of the store's business: it hands
//! them to a [`Fold`]. One thread owns a [`Store`]; settled events may be read from any thread.

mod atomic_file;
pub mod blob;
pub mod commit;
pub mod dedup;
pub mod dedup_record;
pub mod disk;
mod files;
mod flush;
mod index;
pub mod layout;
mod ledger;
pub mod line;
pub mod lock;
pub mod logs;
mod open;
mod remove;
mod replay;
pub mod scan;
pub mod scrub;
pub mod search;
mod search_index;
pub mod secret;
mod snapshot;
pub mod snapshots;
mod synced;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;
pub mod upload;
mod verdict;
pub mod verify;

pub use index::Span;
pub use ledger::read_span;

use crate::decision::{HOME, Head};
use bus::contract::{Body, Event, limit, time};
use bus::daemon::Life;
use bus::home::HomeError;
use dedup::DedupWindow;
use files::Files;
use layout::Layout;
use ledger::Ledger;
use line::Req;
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Room that must be there before a ledger that had none is written again: its longest line.
const ROOM_BYTES: usize = limit::LEDGER_LINE_BYTES_MAX;

/// Why the store cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system said no.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The disk is full, or so many files are open that the system opens no more.
    #[error("{} for {}", shortage(source).words(), path.display())]
    NoSpace {
        /// What needed it.
        path: PathBuf,
        /// The system's word for it.
        source: io::Error,
    },
    /// Somebody else writes here.
    #[error("{} is in use by {}; stop it first, or choose another CCCC_HOME", home.display(), holder_text(*holder))]
    Locked {
        /// Which home.
        home: PathBuf,
        /// By which process, when it is known.
        holder: Option<u32>,
    },
    /// It is no home of ours.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A later version's home.
    #[error("{} was last opened by cccc {version}, whose layout {layout} this version does not know (it knows up to {}); \
             install that version again", home.display(), bus::contract::version::HOME)]
    Newer {
        /// Which home.
        home: PathBuf,
        /// Who opened it last.
        version: String,
        /// Its layout.
        layout: u32,
    },
    /// Another ledger lies where the home's should.
    #[error("{why}; nothing was touched: put the home's own ledger back, or move that one away")]
    Misplaced {
        /// Which it is.
        why: String,
    },
    /// A home that has lost its own ledger.
    #[error("the home's own ledger {} is gone or empty, and {group} was created by it: what was set for all groups would \
             be forgotten; put it back out of a backup, or, to begin anew with these groups, move the folder `groups` \
             away, start cccc once, stop it, and move the groups in again", path.display())]
    Headless {
        /// The ledger that is gone.
        path: PathBuf,
        /// A group that knows it.
        group: String,
    },
    /// What should be an event is none.
    #[error("event {seq} of {} cannot be read: {why}", path.display())]
    Unreadable {
        /// Which ledger.
        path: PathBuf,
        /// Which event.
        seq: u64,
        /// What is there.
        why: line::LineError,
    },
}

impl StoreError {
    fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_path_buf(), source }
    }
}

fn holder_text(holder: Option<u32>) -> String {
    holder.map_or_else(|| "another process".into(), |pid| format!("process {pid}"))
}

/// What the system has no more of. Nothing is broken, and it passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortage {
    /// Room: on the disk, in the quota, or in the size a file may have.
    Room,
    /// Descriptors, in this process or in the whole system.
    Descriptors,
}

impl Shortage {
    /// What to call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Room => "no space left",
            Self::Descriptors => "too many files are open",
        }
    }
}

/// Whether the system says that it has no more of something.
pub fn is_short(error: &io::Error) -> bool {
    use nix::libc::{EDQUOT, EFBIG, EMFILE, ENFILE, ENOSPC};
    matches!(error.raw_os_error(), Some(ENOSPC | EDQUOT | EFBIG | EMFILE | ENFILE))
}

/// Of what the system has no more.
pub fn shortage(error: &io::Error) -> Shortage {
    use nix::libc::{EMFILE, ENFILE};
    match error.raw_os_error() {
        Some(EMFILE | ENFILE) => Shortage::Descriptors,
        _ => Shortage::Room,
    }
}

/// What events add up to. Each ledger is folded by itself, so that it can be forgotten and replayed by itself.
pub trait Fold: Default {
    /// Takes the next event of a ledger.
    fn apply(&mut self, ledger: &str, event: &Event);
    /// Forgets everything that came from a ledger.
    fn forget(&mut self, ledger: &str);
    /// Takes what [`Fold::save`] made; false when it cannot, or when the same events would now come to something else:
    /// what is saved says in which format it is.
    fn load(&mut self, ledger: &str, bytes: &[u8]) -> bool;
    /// Everything that came from a ledger, as bytes.
    fn save(&self, ledger: &str) -> Vec<u8>;
    /// The last event of a ledger.
    fn head(&self, ledger: &str) -> Option<Head>;
    /// Ids of the groups that the home's ledger knows.
    fn groups(&self) -> Vec<String>;
    /// Notes that a ledger can only be read, and why.
    fn set_damaged(&mut self, ledger: &str, why: String);
}

/// Why a ledger takes no events right now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closed {
    /// It is damaged; the sentence says where and how.
    Damaged(String),
    /// There is no more of something that it needs.
    Full(Shortage),
}

/// What the store has done since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Events written.
    pub events: u64,
    /// Batches written.
    pub batches: u64,
    /// Calls of `fdatasync`.
    pub syncs: u64,
}

/// A file, and pieces of it.
pub type Spans = (Arc<File>, Vec<Span>);

/// All ledgers of one home.
#[derive(Debug)]
pub struct Store {
    layout: Layout,
    ledgers: BTreeMap<String, Ledger>,
    files: Arc<Files>,
    /// Ledgers with something staged.
    staged: Vec<String>,
    /// Ledgers that had no room when they were last written.
    full: HashSet<String>,
    /// Ledgers of which no snapshot has shown, when the home was opened, that they are on disk.
    unmarked: HashSet<String>,
    /// Of what there was too little, the last time.
    shortage: Shortage,
    answers: DedupWindow,
    epoch: u64,
    /// What the home's ledger has to say about this start, but had no room for yet.
    owed: Vec<Body>,
    stats: Stats,
    life: Life,
    lock: lock::Lock,
}

impl Store {
    /// Counts the opens of this home.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Where things lie.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What is told while the disk takes its time.
    pub fn life(&self) -> &Life {
        &self.life
    }

    /// What was done so far.
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// Requests that were answered.
    pub fn answers(&self) -> &DedupWindow {
        &self.answers
    }

    /// The same, to remember more.
    pub fn answers_mut(&mut self) -> &mut DedupWindow {
        &mut self.answers
    }

    /// Every ledger and the sequence number of its last settled event.
    pub fn heads(&self) -> impl Iterator<Item = (&str, u64)> {
        self.ledgers.iter().map(|(name, ledger)| (name.as_str(), ledger.settled().seq))
    }

    /// Where a ledger's last settled event ends; `None` when there is no such ledger.
    fn settled(&self, ledger: &str) -> Option<scan::Place> {
        self.ledgers.get(ledger).map(Ledger::settled)
    }

    /// Sequence number of a ledger's last settled event; 0 when there is none.
    pub fn head(&self, ledger: &str) -> u64 {
        self.ledgers.get(ledger).map_or(0, |ledger| ledger.settled().seq)
    }

    /// A settled event.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub fn event(&self, ledger: &str, seq: u64) -> Result<Option<Event>, StoreError> {
        self.ledgers.get(ledger).map_or(Ok(None), |ledger| ledger.event(seq))
    }

    /// Where single settled events lie: a file that stays open, and a piece of it for each event that exists.
    ///
    /// # Errors
    ///
    /// The file cannot be opened.
    pub fn spans(&self, ledger: &str, seqs: &[u64]) -> Result<Option<Spans>, StoreError> {
        let Some(ledger) = self.ledgers.get(ledger) else { return Ok(None) };
        let spans = seqs.iter().filter_map(|seq| ledger.span(*seq..=*seq)).collect();
        Ok(ledger.file()?.map(|file| (file, spans)))
    }

    /// Where the settled events after `after` lie, as many as both limits allow; `None` when there is none.
    ///
    /// # Errors
    ///
    /// The file cannot be opened.
    pub fn span_after(
        &self,
        ledger: &str,
        after: u64,
        events_max: usize,
        bytes_max: u64,
    ) -> Result<Option<Spans>, StoreError> {
        let Some(ledger) = self.ledgers.get(ledger) else { return Ok(None) };
        let Some(span) = ledger.span_after(after, events_max, bytes_max) else { return Ok(None) };
        Ok(ledger.file()?.map(|file| (file, vec![span])))
    }

    /// From where on a ledger was written by this process, in the form that its version has.
    pub fn own_offset(&self, ledger: &str) -> u64 {
        self.ledgers.get(ledger).map_or(u64::MAX, Ledger::own_offset)
    }

    /// Of what there was too little when a ledger was last not written.
    pub fn shortage(&self) -> Shortage {
        self.shortage
    }

    /// Whether a ledger takes events. One that had no room is tried again, and of each batch the first to ask looks
    /// whether the file is still in its place.
    ///
    /// # Errors
    ///
    /// The trial failed for another reason: nobody knows what is on disk.
    pub fn is_open(&mut self, name: &str) -> Result<Result<(), Closed>, StoreError> {
        let Some(ledger) = self.ledgers.get_mut(name) else { return Ok(Ok(())) };
        if !ledger.is_staged() {
            ledger.check_place();
        }
        if let Some(why) = ledger.damage() {
            return Ok(Err(Closed::Damaged(why.to_owned())));
        }
        // Before anything is decided, so that nothing has to be taken back.
        if let Err(StoreError::NoSpace { source, .. }) = ledger.file() {
            return Ok(Err(Closed::Full(shortage(&source))));
        }
        if self.full.contains(name) {
            if !self.life.waits("look for room", || ledger.has_room(ROOM_BYTES))? {
                return Ok(Err(Closed::Full(self.shortage)));
            }
            self.full.remove(name);
        }
        Ok(Ok(()))
    }

    /// Looks whether we are the only writer still, and makes the lock's file again if somebody has removed it.
    ///
    /// # Errors
    ///
    /// Another process may write as well: nobody knows what is on disk, and nothing may be acknowledged any more.
    pub fn keep_lock(&mut self) -> Result<(), StoreError> {
        self.lock.keep(&self.layout)
    }

    /// Stages the events of one request in one ledger, for the next [`Store::commit`].
    ///
    /// # Errors
    ///
    /// One of them is too long; then none is staged.
    pub fn stage(&mut self, name: &str, events: &[&Event], req: &Req) -> Result<(), line::TooLong> {
        match self.ledgers.get_mut(name) {
            Some(ledger) => ledger.stage(events, req)?,
            // One that begins with what is refused has never been.
            None => {
                let mut ledger = Ledger::new(self.layout.ledger(name), Arc::clone(&self.files));
                ledger.stage(events, req)?;
                self.ledgers.insert(name.to_owned(), ledger);
            }
        }
        if !self.staged.iter().any(|staged| staged == name) {
            self.staged.push(name.to_owned());
        }
        Ok(())
    }

    /// Up to where a ledger is on disk for certain, and the number its next event takes.
    pub fn next(&self, name: &str) -> (u64, u64) {
        self.ledgers.get(name).map_or((0, 1), |ledger| (ledger.settled().seq, ledger.staged_seq() + 1))
    }

    /// Writes events of the store's own, outside of any batch, and folds them.
    ///
    /// # Errors
    ///
    /// There is no room, or the system failed.
    pub fn record<F: Fold>(&mut self, fold: &mut F, name: &str, bodies: Vec<Body>) -> Result<(), StoreError> {
        let (synced, next) = self.next(name);
        let mut ts = fold.head(name).map_or(0, |head| head.ts);
        let mut events = Vec::with_capacity(bodies.len());
        for (seq, body) in (next..).zip(bodies) {
            ts = time::now().max(ts + 1);
            events.push(event(name, seq, ts, body));
        }
        let req = Req { id: bus::contract::id::unique(), op: Default::default(), synced, with: None };
        let all: Vec<&Event> = events.iter().collect();
        self.stage(name, &all, &req).expect("the store's own events are short");
        if let Some(full) = self.commit(None)?.short.into_iter().next() {
            return Err(StoreError::NoSpace {
                path: self.layout.ledger(&full),
                source: io::ErrorKind::StorageFull.into(),
            });
        }
        events.iter().for_each(|event| fold.apply(name, event));
        Ok(())
    }
}

/// An event of the store's own.
fn event(ledger: &str, seq: u64, ts: time::Micros, body: Body) -> Event {
    Event {
        seq,
        id: bus::contract::id::unique(),
        ts: time::format(ts),
        group_id: if ledger == HOME { String::new() } else { ledger.to_owned() },
        scope_key: String::new(),
        by: "system".into(),
        body,
    }
}
