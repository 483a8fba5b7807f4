//! Ops about access to this home from other machines.

use crate::contract::lenient;
use crate::contract::private::Hidden;
use crate::contract::remote::{Provider, RemoteAccess, RemoteMode};
use crate::contract::words::Word;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `remote_access_state`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct State {}

/// `remote_access_start`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Start {
    /// Whether the provider's network was brought up for it. ptyd says so; whatever a client says is ignored.
    #[serde(deserialize_with = "lenient::flag")]
    pub brought_up: bool,
}

/// `remote_access_stop`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stop {}

/// `remote_access_configure`: what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Configure {
    /// `off`, `manual` or `tailscale`. Off ends access, too.
    #[serde(deserialize_with = "lenient::optional_text")]
    #[schemars(with = "Option<Word<Provider>>")]
    pub provider: Option<String>,
    /// `tailnet_only`.
    #[serde(deserialize_with = "lenient::optional_text")]
    #[schemars(with = "Option<Word<RemoteMode>>")]
    pub mode: Option<String>,
    /// Whether a visitor needs the web token.
    #[serde(deserialize_with = "lenient::optional_flag")]
    pub enforce_web_token: Option<bool>,
    /// Newer clients' name of `enforce_web_token`.
    #[serde(deserialize_with = "lenient::optional_flag")]
    pub require_access_token: Option<bool>,
    /// Whether it is wanted.
    #[serde(deserialize_with = "lenient::optional_flag")]
    pub enabled: Option<bool>,
    /// Where the web server listens; `""` is the default.
    #[serde(deserialize_with = "lenient::given_text")]
    pub web_host: Option<String>,
    /// Its port.
    #[serde(deserialize_with = "lenient::integer")]
    pub web_port: Option<i64>,
    /// Address under which it is reached from outside; `""` is none.
    #[serde(deserialize_with = "lenient::given_text")]
    pub web_public_url: Option<String>,
    /// Token that visitors need; it is stored as a secret.
    pub web_token: Hidden,
    /// Whether to forget the token.
    #[serde(deserialize_with = "lenient::flag")]
    pub clear_web_token: bool,
}

/// Answer of all ops about remote access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RemoteIs {
    /// What is set, and what comes of it.
    pub remote_access: RemoteAccess,
}
