//! Ops about who speaks, and how far a home believes it.

use crate::contract::document::{Role, Runner};
use crate::contract::lenient;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `whoami`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Whoami {
    /// In which group; where it is empty, a proven actor's own.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
}

/// Answer of `whoami`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Speaker {
    /// The name under which requests are decided; `<group>/<actor>` for an actor of another group.
    pub by: String,
    /// Whether more than the word of whoever asks stands behind the name.
    pub proven: bool,
    /// Its role, when it is an actor of the group.
    pub role: Option<Role>,
    /// The group that was asked about; of a proven actor its own, where none was; else null.
    pub group_id: Option<String>,
    /// What carries it, when it is an actor of the group.
    pub runner: Option<Runner>,
    /// Unread messages and notices of an actor of the group.
    pub unread_count: Option<u64>,
    /// Messages that an actor of the group owes a reply.
    pub replies_owed: Option<u64>,
    /// Whether developer mode is on.
    pub developer_mode: bool,
}

/// `principals_get`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Get {}

/// `principals_set`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Set {
    /// Whether whoever says to be an actor must prove it with the token of that actor's session. A headless actor, which
    /// has no session of ours, proves it with the token that `actor_token_set` has given it.
    #[serde(deserialize_with = "lenient::flag")]
    pub strict: bool,
}

/// Answer of `principals_get` and `principals_set`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Strictness {
    /// Whether a claim to be an actor needs a proof.
    pub strict: bool,
}

/// `actor_token_set`
///
/// For headless actors; any other one is given a token by ptyd with each session. Whoever asks makes the token, 64
/// random hex digits, and hands it to the actor, which sends it along as `token`. Here only its hash is told and kept.
/// It counts until another one takes its place, or the actor is removed or gets a terminal; that of a session which the
/// actor had before counts no more.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TokenSet {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// SHA-256 of the token: 64 hex digits in lower case; empty when none is to count any more.
    #[serde(deserialize_with = "lenient::text")]
    pub token_sha256: String,
}

/// Answer of `actor_token_set`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenIsSet {
    /// Which group.
    pub group_id: String,
    /// Which actor.
    pub actor_id: String,
    /// Whether there is a token that proves it.
    pub has_token: bool,
}
