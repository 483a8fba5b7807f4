//! What deciding and writing say to each other: a decision is what should be written, an answer is what should be read.
//!
//! Deciding (`op`, `state`) is pure; writing and reading (`serve`, `store`, `read`) know no op. This file is all that
//! they share.

use crate::mint::Minted;
use crate::query::Query;
pub use bus::contract::id::HOME;
use bus::contract::private::Variables;
use bus::contract::time::Micros;
use bus::contract::{Event, OpError, Reply, limit};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// Name of a ledger: [`HOME`], or a group id.
pub type LedgerName = String;

/// The last event of a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Its sequence number.
    pub seq: u64,
    /// Its time.
    pub ts: Micros,
}

/// One event to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Which ledger it belongs to.
    pub ledger: LedgerName,
    /// Complete: `seq` is the ledger's next, `ts` is later than the ledger's last, `id` is new.
    pub event: Event,
}

/// A file to be stored, and safe on disk before the events that name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// Whose file.
    pub group_id: String,
    /// Name below the group's `state/blobs/`: `<sha256>_<safe name>`.
    pub name: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// Private variables to be stored, and safe on disk before the event that names their version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Ledger of that event.
    pub ledger: LedgerName,
    /// A new id.
    pub version: String,
    /// All of them.
    pub variables: Variables,
}

/// What a request has led to. Nothing in it has happened yet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decision {
    /// Events in the order in which they are applied; those of one ledger have rising sequence numbers.
    ///
    /// With more than one ledger, the *last* draft's ledger decides whether all of it happened: it is written after
    /// the others (see `store::commit`). So the home's events, if any, come last.
    pub drafts: Vec<Draft>,
    /// Files that the events name.
    pub blobs: Vec<Blob>,
    /// Secrets that the events name.
    pub secrets: Vec<Secret>,
    /// Ledgers whose secrets change: versions that no event names any more go once the events are on disk.
    pub secrets_of: BTreeSet<LedgerName>,
    /// Groups whose folders and secrets go once the events are on disk.
    pub removes_groups: Vec<String>,
}

/// What a decision has to know that is on disk only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Events whose text matters, such as the message that is answered.
    pub events: Vec<(LedgerName, u64)>,
    /// Bytes of them at most, when there is a limit: reading stops before the event that would pass it, but never
    /// before the first.
    pub events_bytes_max: Option<usize>,
    /// Stored files that must exist: group and path below its folder (`state/blobs/…`).
    pub files: Vec<(String, String)>,
    /// Secrets that are changed or copied: ledger and version.
    pub secrets: Vec<(LedgerName, String)>,
}

/// What was found of [`Needs`]. What is not in here does not exist.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// Events, in the order asked for.
    pub events: Vec<Event>,
    /// Paths and sizes of files that exist, in the order asked for.
    pub files: Vec<(String, u64)>,
    /// Secrets, by version.
    pub secrets: Vec<(String, Variables)>,
    /// What was made for the request before it was decided.
    pub minted: Option<Minted>,
}

/// How much a reply looks at the events that it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// At anything.
    Whole,
    /// At their sequence numbers: they are handed on as they are stored, and need not be read.
    SeqOnly,
}

/// Makes the reply from the events that were read, in the order asked for.
pub type Finish = Box<dyn FnOnce(Vec<Event>) -> Reply + Send>;

/// What is looked for in a ledger, and how far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Which ledger.
    pub ledger: LedgerName,
    /// Between which events.
    pub seqs: RangeInclusive<u64>,
    /// What must hold of them.
    pub query: Query,
    /// From the last one on rather than from the first.
    pub newest_first: bool,
    /// How many at most.
    pub events_max: usize,
    /// Bytes of the ledger to read at most, give or take a piece.
    pub bytes_max: u64,
}

/// What a search has found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// In the order of the ledger.
    pub events: Vec<Event>,
    /// Whether there are more, or may be.
    pub has_more: bool,
    /// The event beyond which the search has not looked, when there may be more.
    pub looked_to: Option<String>,
}

/// Makes the reply from what a search has found.
pub type FinishSearch = Box<dyn FnOnce(Found) -> Reply + Send>;

/// A piece of a file that arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Whose file.
    pub group_id: String,
    /// Name below the group's `state/blobs/`: `<sha256>_<safe name>`.
    pub name: String,
    /// Of the whole file.
    pub sha256: String,
    /// Size of the whole file.
    pub bytes: u64,
    /// Where the piece begins.
    pub offset: u64,
    /// The piece; it ends within the file.
    pub content: Vec<u8>,
}

/// How much of a file is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// Bytes from its beginning.
    pub bytes: u64,
    /// Whether it is stored, whole.
    pub is_stored: bool,
}

/// A piece of a stored file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The piece.
    pub piece: Vec<u8>,
    /// Size of the whole file.
    pub bytes: u64,
}

/// A log that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// Name of its file, without the ending.
    pub name: &'static str,
    /// How many of its last lines at most.
    pub lines_max: usize,
    /// Whether it is emptied instead.
    pub clears: bool,
}

/// The end of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPiece {
    /// Its file.
    pub path: String,
    /// Its last lines.
    pub lines: Vec<String>,
}

/// Makes the reply from the end of a log.
pub type FinishLog = Box<dyn FnOnce(LogPiece) -> Reply + Send>;

/// A snapshot that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Saved {
    /// Its file.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// The last event that it covers.
    pub last: Event,
}

/// Makes the reply from a snapshot that was made.
pub type FinishSave = Box<dyn FnOnce(Saved) -> Reply + Send>;

/// Makes the reply from how much of a file is there.
pub type FinishTake = Box<dyn FnOnce(Received) -> Reply + Send>;

/// Makes the reply from a piece of a file; `None` when there is no such file.
pub type FinishGive = Box<dyn FnOnce(Option<Content>) -> Result<Reply, OpError> + Send>;

/// Makes the reply from the secrets that were read, all versions together; `None` when one is lost.
pub type FinishSecrets = Box<dyn FnOnce(Option<Variables>) -> Result<Reply, OpError> + Send>;

/// How a read is answered: at once, or after its events were read from disk, off the thread that owns state.
#[expect(clippy::large_enum_variant, reason = "an answer is made once and used at once; boxing would only cost")]
pub enum Answer {
    /// From memory.
    Now(Reply),
    /// From single events of one ledger, in the order asked for.
    ///
    /// Reading stops before the event that would bring the lines read above `bytes_max`, but never before the first:
    /// the answer has a size, however large the events are.
    Fetch {
        /// Which ledger.
        ledger: LedgerName,
        /// Which events.
        seqs: Vec<u64>,
        /// Bytes of lines to read at most.
        bytes_max: usize,
        /// How much of them is looked at.
        reading: Reading,
        /// Makes the reply.
        finish: Finish,
    },
    /// From consecutive events; as many as [`bus::contract::limit`] allows, at least one if there is one.
    Range {
        /// Which ledger.
        ledger: LedgerName,
        /// Begin after this sequence number.
        after_seq: u64,
        /// How many at most.
        events_max: usize,
        /// How much of them is looked at.
        reading: Reading,
        /// Makes the reply.
        finish: Finish,
    },
    /// From what takes long.
    SlowRead(SlowRead),
    /// From secrets.
    Secrets {
        /// Which ledger names them.
        ledger: LedgerName,
        /// Which versions; what is in them has different names.
        versions: Vec<String>,
        /// Makes the reply.
        finish: FinishSecrets,
    },
}

impl Answer {
    /// From single events of a group, as a client sees them, up to the size of one answer.
    pub fn from_events(
        group_id: &str,
        seqs: Vec<u64>,
        finish: impl FnOnce(Vec<Event>) -> Reply + Send + 'static,
    ) -> Self {
        Self::Fetch {
            ledger: group_id.to_owned(),
            seqs,
            bytes_max: limit::RANGE_BYTES_MAX,
            reading: Reading::SeqOnly,
            finish: Box::new(finish),
        }
    }
}

/// An answer that is worked on for a while, off the thread that owns state.
pub enum SlowRead {
    /// From whatever a search finds.
    Search {
        /// The search.
        search: Search,
        /// Makes the reply.
        finish: FinishSearch,
    },
    /// From a log.
    Log {
        /// Which one, and what to do with it.
        log: Log,
        /// Makes the reply.
        finish: FinishLog,
    },
    /// After a snapshot was made of a ledger.
    Save {
        /// Which ledger.
        ledger: LedgerName,
        /// Makes the reply.
        finish: FinishSave,
    },
    /// After a piece of a file was taken.
    Take {
        /// The piece.
        piece: Piece,
        /// Makes the reply.
        finish: FinishTake,
    },
    /// From a piece of a stored file.
    Give {
        /// Whose file.
        group_id: String,
        /// Its path below the group's folder.
        path: String,
        /// Where the piece begins.
        offset: u64,
        /// How much at most.
        bytes_max: usize,
        /// Makes the reply.
        finish: FinishGive,
    },
}
