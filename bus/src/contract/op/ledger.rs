//! Ops that read ledgers: for followers, and for people who look back.

use crate::contract::document::KindFilter;
use crate::contract::event::Event;
use crate::contract::lenient;
use crate::contract::words::Word;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `ledger_heads`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Heads {}

/// Answer of `ledger_heads`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HeadsAre {
    /// Counts the starts of ledgerd on this home.
    pub epoch: u64,
    /// Each ledger (`home` or a group id) and the sequence number of its last event.
    pub heads: Vec<(String, u64)>,
}

/// `ledger_range`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Range {
    /// A group id.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Begin after this sequence number; 0 is the beginning.
    #[serde(deserialize_with = "lenient::integer")]
    pub after_seq: Option<i64>,
    /// How many at most; [`crate::contract::limit::RANGE_EVENTS_MAX`] when missing.
    #[serde(deserialize_with = "lenient::integer")]
    pub limit: Option<i64>,
    /// Only what a stream shows to whoever asks: to the user everything, to an actor what is addressed to it, by its role
    /// at the moment. Nobody else is shown anything.
    #[serde(deserialize_with = "lenient::flag")]
    pub for_speaker: bool,
}

/// Answer of `ledger_range`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ranged {
    /// In order, without a gap but for what is not for the speaker. Fewer than asked for when they are large.
    pub events: Vec<Event>,
    /// Everything up to this sequence number was looked at: the next range begins after it.
    pub through_seq: u64,
    /// Sequence number of the ledger's last event.
    pub head_seq: u64,
}

/// `ledger_window`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Window {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// The event in the middle; empty means the end of the ledger.
    #[serde(deserialize_with = "lenient::text")]
    pub event_id: String,
    /// How many before it; 30 when missing.
    #[serde(deserialize_with = "lenient::integer")]
    pub before: Option<i64>,
    /// How many after it; 30 when missing.
    #[serde(deserialize_with = "lenient::integer")]
    pub after: Option<i64>,
    /// Only these kinds; empty is all.
    #[serde(deserialize_with = "lenient::texts")]
    pub kinds: Vec<String>,
}

/// Answer of `ledger_window`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Windowed {
    /// In ledger order.
    pub events: Vec<Event>,
    /// Where the centre is in `events`; null without a centre, or when it is not of the kinds.
    pub center_index: Option<u64>,
    /// Whether there are more before the first.
    pub has_more_before: bool,
    /// Whether there are more after the last.
    pub has_more_after: bool,
    /// Sequence number of the ledger's last event.
    pub head_seq: u64,
}

/// `ledger_search`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Search {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Looked for in texts and headlines, whatever the case of its letters; empty is any.
    #[serde(deserialize_with = "lenient::text")]
    pub text: String,
    /// A word of [`crate::contract::document::KindFilter`]; `all` when empty.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<KindFilter>")]
    pub kind: String,
    /// Who said it; empty is anybody.
    #[serde(deserialize_with = "lenient::text")]
    pub sender: String,
    /// Whom it names, as it is stored: an actor, `user`, or a word such as `@all`, which what names nobody is for.
    #[serde(deserialize_with = "lenient::text")]
    pub recipient: String,
    /// Not earlier than this time.
    #[serde(deserialize_with = "lenient::text")]
    pub since: String,
    /// Not later than this time.
    #[serde(deserialize_with = "lenient::text")]
    pub until: String,
    /// Only what lies before this event, the last ones of it. Any event of the ledger will do.
    #[serde(deserialize_with = "lenient::text")]
    pub before: String,
    /// Only what lies after this event; the first ones of it, unless `before` is given, too.
    #[serde(deserialize_with = "lenient::text")]
    pub after: String,
    /// How many, 1 to [`crate::contract::limit::SEARCH_EVENTS_MAX`]; 50 when missing.
    #[serde(deserialize_with = "lenient::integer")]
    pub limit: Option<i64>,
}

/// Answer of `ledger_search`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Searched {
    /// Messages and notifications, in ledger order.
    pub events: Vec<Event>,
    /// Whether there are more in the direction of the search, or may be: it stops after
    /// [`crate::contract::limit::SEARCH_BYTES_MAX`], found anything or not.
    pub has_more: bool,
    /// What to give as `before` (as `after` when searching forward) to go on; null when there is nothing more.
    pub cursor: Option<String>,
}

/// `ledger_snapshot`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Snapshot {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Why, for the log; `manual` when empty.
    #[serde(deserialize_with = "lenient::text")]
    pub reason: String,
}

/// Answer of `ledger_snapshot`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Snapshotted {
    /// What was made.
    pub snapshot: SnapshotMade,
}

/// A snapshot: what the ledger adds up to, so that the next start need not read all of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotMade {
    /// Its file. It may be deleted at any time; everything in it is in the ledger.
    pub snapshot_path: String,
    /// Its size.
    pub size_bytes: u64,
    /// The last event that it covers.
    pub last_event: LastEvent,
}

/// What a snapshot says of an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LastEvent {
    /// Its id.
    pub id: String,
    /// When it happened.
    pub ts: String,
    /// What it is.
    pub kind: String,
    /// Who did it.
    pub by: String,
}

/// `ledger_compact`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Compact {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Why; of no effect.
    #[serde(deserialize_with = "lenient::text")]
    pub reason: String,
    /// Whether to leave no check out; of no effect, because there is nothing to be checked.
    #[serde(deserialize_with = "lenient::flag")]
    pub force: bool,
}

/// Answer of `ledger_compact`: a ledger is kept whole and can be read from its first event on, so there is never
/// anything to archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Compacted {
    /// Always true.
    pub ok: bool,
    /// Always true.
    pub skipped: bool,
    /// `nothing_to_archive`.
    pub reason: String,
    /// Events of the ledger, all of which stay.
    pub total_lines: u64,
}
