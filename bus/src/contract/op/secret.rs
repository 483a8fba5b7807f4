//! Ops about the private environment of actors. Values go in and never come out, but to a starting agent.

use crate::contract::lenient;
use crate::contract::private::{Asked, Variables};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// `actor_env_private_keys`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EnvKeys {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
}

/// Answer of `actor_env_private_keys`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EnvKeysAre {
    /// Which group.
    pub group_id: String,
    /// Which actor.
    pub actor_id: String,
    /// Names, sorted.
    pub keys: Vec<String>,
    /// What may be shown of the values: at most the first two and the last two characters.
    pub masked_values: BTreeMap<String, String>,
}

/// `actor_env_private_update`: clear, then unset, then set. It counts from the next start of the session.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EnvUpdate {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// Values by name.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub set: Asked,
    /// Names to forget: a list.
    #[serde(deserialize_with = "lenient::raw")]
    #[schemars(with = "Option<Vec<String>>")]
    pub unset: Value,
    /// Whether to forget everything first.
    #[serde(deserialize_with = "lenient::flag")]
    pub clear: bool,
}

/// Answer of `actor_env_private_update`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EnvUpdated {
    /// Which group.
    pub group_id: String,
    /// Which actor.
    pub actor_id: String,
    /// Names there are now, sorted.
    pub keys: Vec<String>,
}

/// `secrets_get`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Get {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
}

/// Answer of `secrets_get`: the only one with values in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Got {
    /// What the actor's next session starts with: its own, or its profile's.
    pub variables: Variables,
}
