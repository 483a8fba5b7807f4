//! Ops about the system itself, and about what streams show.

use crate::contract::document::StreamStep;
use crate::contract::event::Event;
use crate::contract::lenient;
use crate::contract::words::Word;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `ping`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ping {}

/// Answer of `ping`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pong {
    /// Product version.
    pub version: String,
    /// Process id of the answering daemon.
    pub pid: u32,
    /// Now.
    pub ts: String,
    /// Version of the NDJSON wire, 1.
    pub ipc_v: u32,
    /// Ops and features that really work.
    pub capabilities: BTreeMap<String, bool>,
    /// Counts the starts of ledgerd on this home.
    pub epoch: u64,
}

/// `shutdown`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shutdown {}

/// Answer of `shutdown`, sent before the stop begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShuttingDown {
    /// `shutting down`.
    pub message: String,
}

/// `events_stream`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EventsStream {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Begin after this event.
    #[serde(deserialize_with = "lenient::text")]
    pub since_event_id: String,
    /// Begin after this time, when the event is not found.
    #[serde(deserialize_with = "lenient::text")]
    pub since_ts: String,
    /// Only these kinds; empty is all that can be streamed.
    #[serde(deserialize_with = "lenient::texts")]
    pub kinds: Vec<String>,
}

/// Handshake of `events_stream`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Streaming {
    /// Which group.
    pub group_id: String,
}

/// `stream_emit`
///
/// Only the end is a message. What comes before is shown at once on `events_stream`, to the user, as
/// `{"t": "stream", "stream": {…}}`; it is stored nowhere, and whoever looks later sees the message only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StreamEmit {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// A word of `StreamStep`.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<StreamStep>")]
    pub op: String,
    /// Which text; a start without one is given one.
    #[serde(deserialize_with = "lenient::text")]
    pub stream_id: String,
    /// What is shown, as its sender means it, up to [`crate::contract::limit::TEXT_INLINE_BYTES_MAX`]; with the end the
    /// whole text.
    #[serde(deserialize_with = "lenient::verbatim")]
    pub text: String,
    /// `plain` or `markdown`.
    #[serde(deserialize_with = "lenient::text")]
    pub format: String,
    /// Which piece it is, for whoever shows it.
    #[serde(deserialize_with = "lenient::integer")]
    pub seq: Option<i64>,
    /// Recipients of the message.
    #[serde(deserialize_with = "lenient::texts_or_one")]
    pub to: Vec<String>,
    /// Event that the message answers.
    #[serde(deserialize_with = "lenient::text")]
    pub reply_to: String,
    /// The client's own id of the message.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub client_id: Option<String>,
}

/// Answer of `stream_emit`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StreamEmitted {
    /// Which text.
    pub stream_id: String,
    /// What was done.
    pub op: StreamStep,
    /// The `chat.message` event, at the end. The same end again brings the same one.
    pub event: Option<Event>,
}
