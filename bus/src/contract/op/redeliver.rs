//! Ops about handing over a message that exists.

use crate::contract::event::Event;
use crate::contract::lenient;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `message_deliver`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Deliver {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// The message.
    #[serde(deserialize_with = "lenient::text")]
    pub source_event_id: String,
    /// To whom; each must be one of its recipients, and enabled.
    #[serde(deserialize_with = "lenient::texts_or_one")]
    pub actor_ids: Vec<String>,
    /// Also to whom it may have come already, which nobody knows; that it may come twice is accepted.
    #[serde(deserialize_with = "lenient::flag")]
    pub force_ambiguous: bool,
}

/// Answer of `message_deliver`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Claimed {
    /// The `x.cccc.hand_over` event, or null when everybody has the message or is about to get it.
    pub event: Option<Event>,
    /// Who gets it now. Who has it, has read it or is about to get it is not among them.
    pub actor_ids: Vec<String>,
    /// `claimed` when somebody gets it now, otherwise `unchanged`; what becomes of it is in `message_statuses`.
    pub delivery_state: String,
}
