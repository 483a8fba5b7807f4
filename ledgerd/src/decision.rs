//! What deciding and writing say to each other: a decision is what should be written, an answer is what should be read.
//!
//! Deciding (`op`, `state`) is pure; writing and reading (`serve`, `store`, `read`) know no op. This file is all that
//! they share.

use bus::contract::private::Variables;
use bus::contract::time::Micros;
use bus::contract::{Event, OpError, Reply};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Name of a ledger: [`HOME`], or a group id.
pub type LedgerName = String;

/// Name of the home's own ledger.
pub const HOME: &str = "home";

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
    /// Group whose folder and secrets go once the events are on disk.
    pub removes_group: Option<String>,
}

/// What a decision has to know that is on disk only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Events whose text matters, such as the message that is answered.
    pub events: Vec<(LedgerName, u64)>,
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
}

/// Makes the reply from the events that were read, in the order asked for.
pub type Finish = Box<dyn FnOnce(Vec<Event>) -> Reply + Send>;

/// Makes the reply from the secrets that were read; `None` when they are lost.
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
        /// Makes the reply.
        finish: Finish,
    },
    /// From one version of secrets.
    Secrets {
        /// Which ledger names it.
        ledger: LedgerName,
        /// Which version.
        version: String,
        /// Makes the reply.
        finish: FinishSecrets,
    },
}
