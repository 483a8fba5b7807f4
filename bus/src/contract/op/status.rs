//! Ops about how far messages have come with each of their recipients.

use crate::contract::document::Stage;
use crate::contract::lenient;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `message_statuses`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Statuses {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which messages, up to [`crate::contract::limit::EVENT_IDS_MAX`].
    #[serde(deserialize_with = "lenient::texts_or_one")]
    pub event_ids: Vec<String>,
    /// The `next_cursor` of the answer before; empty begins.
    #[serde(deserialize_with = "lenient::text")]
    pub cursor: String,
}

/// Answer of `message_statuses`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StatusesAre {
    /// Those of the events that are messages of the group, in the order asked for.
    pub statuses: Vec<Status>,
    /// Whether there is more; absent when this is all. An answer has at most
    /// [`crate::contract::limit::PAGE_BYTES_MAX`] bytes of rows, and at least one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_more: bool,
    /// What to give as `cursor` to go on; absent when this is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// How far one message has come. Recipients are the actors of now to whom it is addressed in their roles of now, but
/// for its sender and for those who came after it, and the user where it is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MessageStatus")]
pub struct Status {
    /// Which message.
    pub event_id: String,
    /// Whether each actor has read it.
    pub read_status: BTreeMap<String, bool>,
    /// Whether each recipient has acknowledged it; null when it asks for no acknowledgement.
    pub ack_status: Option<BTreeMap<String, bool>>,
    /// What each recipient has done about it; null for the record of a message to another group.
    pub obligation_status: Option<BTreeMap<String, Obligation>>,
    /// How far it is on its way to each actor's terminal. An actor is missing that has read it first, that is not
    /// typed to, or of whose terminal too much has happened since; the ledger's `x.cccc.delivery` events have it all.
    pub delivery: BTreeMap<String, Delivered>,
}

/// What one recipient has done about a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Obligation {
    /// It has read up to it, or answered it.
    pub read: bool,
    /// It has acknowledged it: by itself, by answering, or, where that was asked for, by reading.
    pub acked: bool,
    /// It has answered it.
    pub replied: bool,
    /// Whether it owes an answer, given or not.
    pub reply_required: bool,
    /// Whether it owed one that was taken back before it was given.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cancelled: bool,
}

/// How far a message is on its way to a terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Delivered {
    /// How far; `held` as long as it waits.
    pub stage: Stage,
    /// Why it is held, when that was recorded.
    pub reason: String,
}
