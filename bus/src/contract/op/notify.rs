//! Ops about notifications.

use crate::contract::document::{NotifyKind, NotifyPriority};
use crate::contract::event::Event;
use crate::contract::lenient;
use crate::contract::words::Word;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `system_notify`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Notify {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// A word of [`crate::contract::document::NotifyKind`]; anything else is `info`.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<NotifyKind>")]
    pub kind: String,
    /// A word of [`crate::contract::document::NotifyPriority`]; anything else is `normal`.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<NotifyPriority>")]
    pub priority: String,
    /// Headline.
    #[serde(deserialize_with = "lenient::text")]
    pub title: String,
    /// Body.
    #[serde(deserialize_with = "lenient::text")]
    pub message: String,
    /// For whom; empty is everybody.
    #[serde(deserialize_with = "lenient::text")]
    pub target_actor_id: String,
    /// Whether an acknowledgement is wanted.
    #[serde(deserialize_with = "lenient::flag")]
    pub requires_ack: bool,
    /// Facts for programs.
    #[serde(deserialize_with = "lenient::object")]
    pub context: Option<Map<String, Value>>,
}

/// Answer of `system_notify`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Notified {
    /// The `system.notify` event.
    pub event: Event,
}

/// `notify_ack`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Ack {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Who acknowledges; only for itself.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// The notification.
    #[serde(deserialize_with = "lenient::text")]
    pub notify_event_id: String,
}

/// Answer of `notify_ack`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Acked {
    /// The `system.notify_ack` event.
    pub event: Event,
}
