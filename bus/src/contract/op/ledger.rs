//! Ops that read ledgers: for followers, and for people who look back.

use crate::contract::event::Event;
use crate::contract::lenient;
use serde::{Deserialize, Serialize};

/// `ledger_heads`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Heads {}

/// Answer of `ledger_heads`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeadsAre {
    /// Counts the starts of ledgerd on this home.
    pub epoch: u64,
    /// Each ledger (`home` or a group id) and the sequence number of its last event.
    pub heads: Vec<(String, u64)>,
}

/// `ledger_range`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
}

/// Answer of `ledger_range`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranged {
    /// In order, without a gap. Fewer than asked for when they are large.
    pub events: Vec<Event>,
    /// Sequence number of the ledger's last event.
    pub head_seq: u64,
}

/// `ledger_window`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
