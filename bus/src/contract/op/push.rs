//! Ops about browsers that are told of something while no page is open.

use crate::contract::lenient;
use crate::contract::private::{Hidden, Variables};
use crate::contract::push::{PushDevice, PushTopic};
use crate::contract::words::Word;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `web_push_list`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct List {}

/// Answer of `web_push_list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Listed {
    /// They, in the order in which they were added.
    pub devices: Vec<PushDevice>,
}

/// `web_push_remove`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Remove {
    /// Which one.
    #[serde(deserialize_with = "lenient::text")]
    pub device_id: String,
    /// Why, for people; `""` is that somebody wanted it.
    #[serde(deserialize_with = "lenient::text")]
    pub reason: String,
}

/// Answer of `web_push_remove`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Removed {
    /// Which one.
    pub device_id: String,
}

/// `web_push_get`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Get {}

/// Answer of `web_push_get`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DevicesAre {
    /// All of them.
    pub devices: Vec<PushDevice>,
    /// What the web server has had kept: for each `device_id` how its browser is reached, and as `key` how it proves to
    /// services that it is who the browsers have let in.
    pub secrets: Variables,
}

/// `web_push_set`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Set {
    /// Which one, as the web server calls it.
    #[serde(deserialize_with = "lenient::text")]
    pub device_id: String,
    /// What it is called; `""` leaves that.
    #[serde(deserialize_with = "lenient::text")]
    pub name: String,
    /// What it is told of.
    #[serde(deserialize_with = "lenient::texts")]
    #[schemars(with = "Vec<Word<PushTopic>>")]
    pub topics: Vec<String>,
    /// The language of its page; `""` leaves that.
    #[serde(deserialize_with = "lenient::text")]
    pub lang: String,
    /// The host of the service that reaches it; `""` leaves that.
    #[serde(deserialize_with = "lenient::text")]
    pub service: String,
    /// The token with which it was let in.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub token_id: Option<String>,
    /// How it is reached, to be kept as it is; `""` leaves that, for a device that is there already.
    pub subscription: Hidden,
}

/// Answer of `web_push_set`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IsSet {
    /// As it is now.
    pub device: PushDevice,
}

/// `web_push_key_set`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct KeySet {
    /// The key, to be kept as it is unless there is one.
    pub key: Hidden,
}

/// Answer of `web_push_key_set`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyIsSet {
    /// Whether it is that one; otherwise there was one before.
    pub is_new: bool,
}
