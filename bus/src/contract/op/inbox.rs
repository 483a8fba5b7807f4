//! Ops about what an actor has not read.

use crate::contract::document::KindFilter;
use crate::contract::event::Event;
use crate::contract::lenient;
use crate::contract::words::Word;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `inbox_list`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct List {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Whose inbox; `user` has one too.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// How many; 50 when it is no number, no limit (but [`crate::contract::limit::INBOX_MESSAGES_MAX`]) when 0 or less.
    #[serde(deserialize_with = "lenient::integer")]
    pub limit: Option<i64>,
    /// A word of [`crate::contract::document::KindFilter`]; anything else is `all`.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<KindFilter>")]
    pub kind_filter: String,
}

/// Answer of `inbox_list`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Listed {
    /// Oldest unread first. What it has answered is read, wherever the cursor is.
    pub messages: Vec<Event>,
    /// Up to where it has read.
    pub cursor: Cursor,
    /// How many unread there are in all, beyond the limit.
    pub unread_total: u64,
}

/// How far somebody has read. Both `""` when never.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cursor {
    /// Up to and with this event.
    pub event_id: String,
    /// Its time.
    pub ts: String,
    /// When the cursor moved; absent when it never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// `inbox_mark_read`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MarkRead {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Whose inbox.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// Up to and with this event.
    #[serde(deserialize_with = "lenient::text")]
    pub event_id: String,
    /// It was shown, and nobody has said anything about it: what asks to be acknowledged is not.
    #[serde(deserialize_with = "lenient::flag")]
    pub only_shown: bool,
}

/// Answer of `inbox_mark_read`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Marked {
    /// The cursor now; it never moves back.
    pub cursor: Cursor,
    /// The `chat.read` event.
    pub event: Event,
    /// The `chat.ack` event that came with it, or null.
    pub ack_event: Option<Event>,
}

/// `inbox_mark_all_read`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MarkAllRead {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Whose inbox.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// A word of [`crate::contract::document::KindFilter`]; anything else is `all`.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<KindFilter>")]
    pub kind_filter: String,
}

/// Answer of `inbox_mark_all_read`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AllMarked {
    /// The cursor now.
    pub cursor: Cursor,
    /// The `chat.read` event, or null when nothing was unread.
    pub event: Option<Event>,
}

/// `inbox_read`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Take {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Whose inbox.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// How many; 50 when it is no number, as many as [`crate::contract::limit::INBOX_READ_MAX`] when 0 or less.
    #[serde(deserialize_with = "lenient::integer")]
    pub limit: Option<i64>,
}

/// Answer of `inbox_read`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Taken {
    /// What is read now, oldest first: messages of every mode, and notifications. Fewer than asked for when they are large.
    pub messages: Vec<Event>,
    /// The cursor now.
    pub cursor: Cursor,
    /// The `chat.read` event, or null when nothing was unread.
    pub event: Option<Event>,
    /// How many unread there are still.
    pub unread_total: u64,
}
