//! What somebody has said and was told, looked back at.

use crate::contract::event::Event;
use crate::contract::lenient;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `message_history`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct History {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Whose messages: those it has sent, and those that are addressed to it in its role of now.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// `send`, `request_reply`, `mail`, or `all`, which empty is, too. A message of an older client is what its fields say.
    #[serde(deserialize_with = "lenient::text")]
    pub mode: String,
    /// Looked for in texts, whatever the case of its letters; empty is any.
    #[serde(deserialize_with = "lenient::text")]
    pub query: String,
    /// Only what lies before this event.
    #[serde(deserialize_with = "lenient::text")]
    pub before_event_id: String,
    /// How many, 1 to [`crate::contract::limit::SEARCH_EVENTS_MAX`]; 50 when missing.
    #[serde(deserialize_with = "lenient::integer")]
    pub limit: Option<i64>,
}

/// Answer of `message_history`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Looked {
    /// The newest first.
    pub messages: Vec<Event>,
    /// Whether there are more, or may be: one look ends after [`crate::contract::limit::SEARCH_BYTES_MAX`], found
    /// anything or not.
    pub has_more: bool,
    /// What to give as `before_event_id` to go on; null when there is nothing more.
    pub cursor: Option<String>,
}
