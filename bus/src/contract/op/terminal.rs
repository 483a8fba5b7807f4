//! Ops about agents' terminals.

use crate::contract::lenient;
use serde::{Deserialize, Serialize};

/// `terminal_tail`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tail {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// How many characters at most; 8000 when missing, 1 to 200000.
    #[serde(deserialize_with = "lenient::integer")]
    pub max_chars: Option<i64>,
    /// Whether to show what the screen shows rather than the bytes; true when missing.
    #[serde(deserialize_with = "optional_flag")]
    pub strip_ansi: Option<bool>,
    /// Whether to drop repeated lines and blocks; true when missing.
    #[serde(deserialize_with = "optional_flag")]
    pub compact: Option<bool>,
}

fn optional_flag<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<bool>, D::Error> {
    Ok(lenient::as_flag(&serde_json::Value::deserialize(d)?))
}

/// Answer of `terminal_tail`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tailed {
    /// Which group.
    pub group_id: String,
    /// Which actor.
    pub actor_id: String,
    /// That terminal output may hold anything, secrets included.
    pub warning: String,
    /// A suggestion when nothing was left, or `""`.
    pub hint: String,
    /// The text.
    pub text: String,
}

/// `term_resize`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resize {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// Columns, 10 at least.
    #[serde(deserialize_with = "lenient::integer")]
    pub cols: Option<i64>,
    /// Rows, 2 at least.
    #[serde(deserialize_with = "lenient::integer")]
    pub rows: Option<i64>,
}

/// Answer of `term_resize`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resized {
    /// Which group.
    pub group_id: String,
    /// Which actor.
    pub actor_id: String,
    /// Columns now.
    pub cols: u16,
    /// Rows now.
    pub rows: u16,
}

/// `term_attach`: also the one line a client writes on ptyd's attach socket.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attach {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
}

/// Handshake of `term_attach`; raw bytes follow in both directions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// Which group.
    pub group_id: String,
    /// Which actor.
    pub actor_id: String,
}
