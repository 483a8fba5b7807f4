//! Ops about answers that are owed.

use crate::contract::event::Event;
use crate::contract::lenient;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `reply_request_cancel`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Cancel {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// The message that asks for answers.
    #[serde(deserialize_with = "lenient::text")]
    pub source_event_id: String,
}

/// Answer of `reply_request_cancel`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cancelled {
    /// The `chat.reply_request.cancelled` event, also when it is an earlier one.
    pub event: Event,
    /// Whether it was cancelled before.
    pub already: bool,
}
