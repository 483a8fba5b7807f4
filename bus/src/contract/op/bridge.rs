//! Ops about a group's bridge to a chat platform: how it is configured, and what it logs in with.

use crate::contract::lenient;
use crate::contract::private::{Asked, Variables};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// `im_config_get`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Get {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
}

/// `im_config_set`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Set {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// What to change: `platform enabled files skip_pending_on_start feishu_domain allow_agent_bind`, and the platform's
    /// credentials, each as a value or, with `_env`, as the name of an environment variable. What is not given stays; null
    /// forgets it. A value that has the form of such a name (`[A-Z_][A-Z0-9_]*`) is one.
    pub config: Asked,
}

/// `im_config_unset`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Unset {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
}

/// Answer of `im_config_get`, `im_config_set` and `im_config_unset`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Configured {
    /// Which group.
    pub group_id: String,
    /// The configuration without its secrets, or null when there is none.
    pub im: Option<Map<String, Value>>,
    /// Where each credential of the platform comes from.
    pub credentials: BTreeMap<String, CredentialSource>,
}

/// Where a credential comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialSource {
    /// It is stored as a secret.
    Stored,
    /// From the environment variable that the configuration names.
    Env,
    /// It was not given; a bridge may find it in the platform's usual environment variable.
    Missing,
}

/// `im_secrets_get`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Secrets {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
}

/// Answer of `im_secrets_get`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SecretsAre {
    /// The stored credentials.
    pub variables: Variables,
}
