//! Ops about messages.

use crate::contract::document::{MessageMode, Priority, Scope};
use crate::contract::event::{Attachment, Event};
use crate::contract::lenient;
use crate::contract::words::Word;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `send`
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
    /// `plain` or `markdown`; `plain` when it is neither.
    #[serde(deserialize_with = "lenient::text")]
    pub format: String,
    /// `normal` or `attention`; `normal` when empty.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<Priority>")]
    pub priority: String,
    /// Whether every recipient owes a reply.
    #[serde(deserialize_with = "lenient::flag")]
    pub reply_required: bool,
    /// Newer clients' word for how it is handed over: `send`, `request_reply` or `mail`; empty where the fields above
    /// say it.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<MessageMode>")]
    pub message_mode: String,
    /// The client's own id of the message. The same one again, from the same speaker in the same group, is the same
    /// request, as if it were its `request_id`; that one counts where both are given.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub client_id: Option<String>,
    /// Directory the message is about; made absolute by the client.
    #[serde(deserialize_with = "lenient::text")]
    pub path: String,
    /// What the directory is; found out by the door.
    pub scope: Option<Scope>,
    /// Stored files: a list of objects.
    #[serde(deserialize_with = "lenient::raw")]
    #[schemars(with = "Option<Vec<Attachment>>")]
    pub attachments: Value,
    /// References to other things: objects with a `kind`.
    #[serde(deserialize_with = "lenient::raw")]
    #[schemars(with = "Option<Vec<Map<String, Value>>>")]
    pub refs: Value,
    /// What the sender thinks of it, for its recipients to weigh; up to [`crate::contract::limit::INSIGHT_CHARS_MAX`]
    /// characters.
    #[serde(deserialize_with = "lenient::text")]
    pub insight: String,
    /// Whether it is refused when an agent would get it without an insight.
    #[serde(deserialize_with = "lenient::flag")]
    pub require_peer_insight: bool,
    /// What the user might say next; it is shown, and never sent by itself.
    #[serde(deserialize_with = "lenient::verbatim")]
    pub suggested_user_message: String,
    /// Relay: group it came from.
    #[serde(deserialize_with = "lenient::text")]
    pub src_group_id: String,
    /// Relay: event it came from.
    #[serde(deserialize_with = "lenient::text")]
    pub src_event_id: String,
    /// Send record: group it went to.
    #[serde(deserialize_with = "lenient::text")]
    pub dst_group_id: String,
    /// Send record: recipients there.
    #[serde(deserialize_with = "lenient::texts")]
    pub dst_to: Vec<String>,
}

/// Answer of `send`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sent {
    /// The `chat.message` event.
    pub event: Event,
    /// Actors that were off and are started for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub started: Vec<String>,
}

/// `reply`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Reply {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Event that is answered.
    #[serde(deserialize_with = "lenient::text")]
    pub reply_to: String,
    /// What is said, verbatim.
    #[serde(deserialize_with = "lenient::verbatim")]
    pub text: String,
    /// Recipients; empty is whoever sent the answered message, in the group that it came from.
    #[serde(deserialize_with = "lenient::texts")]
    pub to: Vec<String>,
    /// `plain` or `markdown`; `plain` when it is neither.
    #[serde(deserialize_with = "lenient::text")]
    pub format: String,
    /// `normal` or `attention`; `normal` when empty.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<Priority>")]
    pub priority: String,
    /// Whether every recipient owes a reply.
    #[serde(deserialize_with = "lenient::flag")]
    pub reply_required: bool,
    /// Newer clients' word for how it is handed over: `send` or `mail`; empty where the fields above say it.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(extend("enum" = ["send", "mail", ""]))]
    pub message_mode: String,
    /// The client's own id of the message. The same one again, from the same speaker in the same group, is the same
    /// request, as if it were its `request_id`; that one counts where both are given.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub client_id: Option<String>,
    /// Stored files: a list of objects.
    #[serde(deserialize_with = "lenient::raw")]
    #[schemars(with = "Option<Vec<Attachment>>")]
    pub attachments: Value,
    /// References to other things: objects with a `kind`.
    #[serde(deserialize_with = "lenient::raw")]
    #[schemars(with = "Option<Vec<Map<String, Value>>>")]
    pub refs: Value,
    /// What the sender thinks of it, for its recipients to weigh; up to [`crate::contract::limit::INSIGHT_CHARS_MAX`]
    /// characters.
    #[serde(deserialize_with = "lenient::text")]
    pub insight: String,
    /// Whether it is refused when an agent would get it without an insight.
    #[serde(deserialize_with = "lenient::flag")]
    pub require_peer_insight: bool,
    /// What the user might say next; it is shown, and never sent by itself.
    #[serde(deserialize_with = "lenient::verbatim")]
    pub suggested_user_message: String,
}

/// Answer of `reply`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Replied {
    /// The `chat.message` event.
    pub event: Event,
    /// The `chat.ack` event that came with it, or null.
    pub ack_event: Option<Event>,
    /// Actors that were off and are started for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub started: Vec<String>,
}

/// `chat_ack`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Ack {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Who acknowledges: `user` or an actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// The message.
    #[serde(deserialize_with = "lenient::text")]
    pub event_id: String,
}

/// Answer of `chat_ack`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Acked {
    /// Always true.
    pub acked: bool,
    /// Whether it was acknowledged before.
    pub already: bool,
    /// The `chat.ack` event, or null when it was.
    pub event: Option<Event>,
}

/// `send_cross_group`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CrossSend {
    /// Group it comes from, where a record of it stays.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Group it goes to.
    #[serde(deserialize_with = "lenient::text")]
    pub dst_group_id: String,
    /// What is said, verbatim.
    #[serde(deserialize_with = "lenient::verbatim")]
    pub text: String,
    /// Recipients there; empty is that group's default.
    #[serde(deserialize_with = "lenient::texts")]
    pub to: Vec<String>,
    /// `normal` or `attention`; `normal` when empty.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<Priority>")]
    pub priority: String,
    /// Whether every recipient owes a reply.
    #[serde(deserialize_with = "lenient::flag")]
    pub reply_required: bool,
    /// `send`, `request_reply` or `mail`; in place of `reply_required` when it is there.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<MessageMode>")]
    pub message_mode: String,
    /// The client's own id of the message. The same one again, from the same speaker in the same group, is the same
    /// request. It is not kept with the message.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub client_id: Option<String>,
    /// Must be empty: a stored file belongs to one group.
    #[serde(deserialize_with = "lenient::raw")]
    #[schemars(with = "Option<Vec<Attachment>>")]
    pub attachments: Value,
    /// References to other things: objects with a `kind`.
    #[serde(deserialize_with = "lenient::raw")]
    #[schemars(with = "Option<Vec<Map<String, Value>>>")]
    pub refs: Value,
    /// What the sender thinks of it, for its recipients to weigh; up to [`crate::contract::limit::INSIGHT_CHARS_MAX`]
    /// characters.
    #[serde(deserialize_with = "lenient::text")]
    pub insight: String,
    /// Whether it is refused when an agent would get it without an insight.
    #[serde(deserialize_with = "lenient::flag")]
    pub require_peer_insight: bool,
    /// What the user might say next; it is shown, and never sent by itself.
    #[serde(deserialize_with = "lenient::verbatim")]
    pub suggested_user_message: String,
}

/// Answer of `send_cross_group`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CrossSent {
    /// The record, in the group it comes from.
    pub src_event: Event,
    /// The message, in the group it goes to. An actor's name that is also taken there has its own group before it.
    pub dst_event: Event,
    /// Actors that were off and are started for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub started: Vec<String>,
}

/// `send_files`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SendFiles {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Files below directories that are attached to the group; relative ones are below the active one. One that the group
    /// has stored is named as its attachment is: `state/blobs/…`.
    #[serde(deserialize_with = "lenient::texts_or_one")]
    pub paths: Vec<String>,
    /// What is said, verbatim; the files' names when blank.
    #[serde(deserialize_with = "lenient::verbatim")]
    pub text: String,
    /// Recipients as the client names them.
    #[serde(deserialize_with = "lenient::texts_or_one")]
    pub to: Vec<String>,
    /// How it is handed over: `send`, `request_reply` or `mail`; `send` when empty.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<MessageMode>")]
    pub message_mode: String,
    /// What the sender thinks of it, for its recipients to weigh.
    #[serde(deserialize_with = "lenient::text")]
    pub insight: String,
    /// The client's own id of the message. The same one again, from the same speaker in the same group, is the same
    /// request, as if it were its `request_id`; that one counts where both are given.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub client_id: Option<String>,
}
