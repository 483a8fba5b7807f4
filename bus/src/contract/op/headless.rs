//! Ops about headless actors: something outside that polls its inbox and says itself how it is.

use crate::contract::document::HeadlessStatus;
use crate::contract::lenient;
use crate::contract::words::Word;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `headless_status`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Status {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
}

/// Answer of `headless_status` and `headless_set_status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatusIs {
    /// How it is.
    pub state: State,
}

/// How a headless actor is, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct State {
    /// Always 1.
    pub v: u32,
    /// Which group.
    pub group_id: String,
    /// Which actor.
    pub actor_id: String,
    /// What it is doing; idle until it says something else.
    pub status: HeadlessStatus,
    /// Task it works on.
    pub current_task_id: Option<String>,
    /// Message it took last.
    pub last_message_id: Option<String>,
    /// When it was last asked to run.
    pub started_at: String,
    /// When it last said anything new.
    pub updated_at: String,
}

/// `headless_set_status`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SetStatus {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// A word of [`HeadlessStatus`].
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<HeadlessStatus>")]
    pub status: String,
    /// Task it works on; the one before when empty.
    #[serde(deserialize_with = "lenient::text")]
    pub task_id: String,
}

/// `headless_ack_message`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AckMessage {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// Message it took.
    #[serde(deserialize_with = "lenient::text")]
    pub message_id: String,
}

/// Answer of `headless_ack_message`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MessageAcked {
    /// Message it took.
    pub message_id: String,
    /// When that was recorded.
    pub acked_at: String,
}
