//! Ops about work that is handed on: a task and the message that says so.

use crate::contract::document::{MessageMode, Scope};
use crate::contract::event::Event;
use crate::contract::lenient;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `tracked_send`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Send {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// What is said, verbatim.
    #[serde(deserialize_with = "lenient::verbatim")]
    pub text: String,
    /// Recipients as the client names them.
    #[serde(deserialize_with = "lenient::texts_or_one")]
    pub to: Vec<String>,
    /// Name of the task; the text's first line when empty.
    #[serde(deserialize_with = "lenient::text")]
    pub title: String,
    /// What the task is for.
    #[serde(deserialize_with = "lenient::text")]
    pub outcome: String,
    /// How far it has come, a word of `Progress`; planned when empty.
    #[serde(deserialize_with = "lenient::text")]
    pub status: String,
    /// Who does it; the recipient when there is only one and it is an actor.
    #[serde(deserialize_with = "lenient::text")]
    pub assignee: String,
    /// How urgent it is.
    #[serde(deserialize_with = "lenient::text")]
    pub task_priority: String,
    /// What kind of work it is.
    #[serde(deserialize_with = "lenient::text")]
    pub task_type: String,
    /// For whom it waits.
    #[serde(deserialize_with = "lenient::text")]
    pub waiting_on: String,
    /// Who is to go on with it.
    #[serde(deserialize_with = "lenient::text")]
    pub handoff_to: String,
    /// What must be done first.
    #[serde(deserialize_with = "lenient::texts")]
    pub blocked_by: Vec<String>,
    /// Its steps: objects with a `text`.
    #[serde(deserialize_with = "lenient::raw")]
    #[schemars(with = "Option<Vec<Map<String, Value>>>")]
    pub checklist: Value,
    /// What else there is to know.
    #[serde(deserialize_with = "lenient::text")]
    pub notes: String,
    /// The client's own name for this: the same one again, from the same sender, makes nothing anew.
    #[serde(deserialize_with = "lenient::text")]
    pub idempotency_key: String,
    /// Directory the message is about; made absolute by the client.
    #[serde(deserialize_with = "lenient::text")]
    pub path: String,
    /// What the directory is; found out by the door.
    pub scope: Option<Scope>,
    /// References to other things: objects with a `kind`. One to the task is added.
    #[serde(deserialize_with = "lenient::raw")]
    #[schemars(with = "Option<Vec<Map<String, Value>>>")]
    pub refs: Value,
    /// What the sender thinks of it, for its recipients to weigh.
    #[serde(deserialize_with = "lenient::text")]
    pub insight: String,
    /// Whether it is refused when an agent would get it without an insight.
    #[serde(deserialize_with = "lenient::flag")]
    pub require_peer_insight: bool,
}

/// Answer of `tracked_send`. There is no half of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sent {
    /// The task.
    pub task_id: String,
    /// The reference to it among those of the message.
    #[schemars(with = "Map<String, Value>")]
    pub task_ref: Value,
    /// The `chat.message` event.
    pub event: Event,
    /// Its id.
    pub event_id: String,
    /// Always `send`: the task is what is owed.
    pub message_mode: MessageMode,
    /// Always true.
    pub task_created: bool,
    /// Always true.
    pub message_sent: bool,
    /// Always false.
    pub partial_failure: bool,
    /// Whether this was answered before, under the same key.
    pub replayed: bool,
    /// Actors that were off and are started for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub started: Vec<String>,
}
