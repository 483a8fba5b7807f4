//! Ops about who may use the web server.

use crate::contract::lenient;
use crate::contract::private::{Hidden, Variables};
use crate::contract::remote::RemoteConfig;
use crate::contract::web::{WebRole, WebToken};
use crate::contract::words::Word;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `web_token_add`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Add {
    /// Who gets it, for people; no two tokens have the same.
    #[serde(deserialize_with = "lenient::text")]
    pub name: String,
    /// `admin`, `member` or `viewer`, which is the default.
    #[serde(deserialize_with = "lenient::optional_text")]
    #[schemars(with = "Option<Word<WebRole>>")]
    pub role: Option<String>,
    /// The only group that it may ask about; not for an admin.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub group_id: Option<String>,
    /// From when on it counts no more.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub expires_at: Option<String>,
}

/// Answer of `web_token_add`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Added {
    /// What is known of it from now on.
    pub web_token: WebToken,
    /// The token. It is shown here and never again: `""` when the same request was answered before.
    pub token: Hidden,
}

/// `web_token_list`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct List {}

/// Answer of `web_token_list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Listed {
    /// They, in the order in which they were added. Those that count no more are among them until they are revoked.
    pub web_tokens: Vec<WebToken>,
}

/// `web_token_revoke`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Revoke {
    /// Which one: its `token_id`, or its name.
    #[serde(deserialize_with = "lenient::text")]
    pub token_id: String,
}

/// Answer of `web_token_revoke`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Revoked {
    /// Which one.
    pub token_id: String,
}

/// `web_access_get`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Get {}

/// Answer of `web_access_get`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessIs {
    /// What is set of access from other machines, and of where the web server listens.
    pub config: RemoteConfig,
    /// Tokens with a name.
    pub web_tokens: Vec<WebToken>,
    /// What a token is checked against, by its `token_id`: its argon2id hash. `web_token` is that of the setting of this
    /// name, or the token itself where an earlier version has stored it.
    pub hashes: Variables,
}
