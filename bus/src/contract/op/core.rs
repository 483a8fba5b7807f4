//! Ops about the system itself.

use crate::contract::lenient;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `ping`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Ping {}

/// Answer of `ping`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Shutdown {}

/// Answer of `shutdown`, sent before the stop begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShuttingDown {
    /// `shutting down`.
    pub message: String,
}

/// `events_stream`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Streaming {
    /// Which group.
    pub group_id: String,
}
