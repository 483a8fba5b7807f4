//! Ops about who speaks, and how far a home believes it.

use crate::contract::document::Role;
use crate::contract::lenient;
use serde::{Deserialize, Serialize};

/// `whoami`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Whoami {
    /// In which group; may be empty.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
}

/// Answer of `whoami`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speaker {
    /// The name under which requests are decided; `<group>/<actor>` for an actor of another group.
    pub by: String,
    /// Whether more than the word of whoever asks stands behind the name.
    pub proven: bool,
    /// Its role, when it is an actor of the group.
    pub role: Option<Role>,
}

/// `principals_get`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Get {}

/// `principals_set`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Set {
    /// Whether whoever says to be an actor must prove it with the token of that actor's session. An actor that has no
    /// session of ours (a headless one) cannot, and is then spoken for by a daemon of ours only.
    #[serde(deserialize_with = "lenient::flag")]
    pub strict: bool,
}

/// Answer of `principals_get` and `principals_set`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strictness {
    /// Whether a claim to be an actor needs a proof.
    pub strict: bool,
}
