//! Ops about actor profiles: one configuration, and one set of secrets, for actors in many groups.

use crate::contract::document::Profile;
use crate::contract::lenient;
use crate::contract::private::Asked;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// `actor_profile_list`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct List {
    /// The `next_cursor` of the answer before; empty begins.
    #[serde(deserialize_with = "lenient::text")]
    pub cursor: String,
}

/// Answer of `actor_profile_list`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Listed {
    /// Sorted by name, whatever its case.
    pub profiles: Vec<Listing>,
    /// Whether there is more; absent when this is all. An answer has at most
    /// [`crate::contract::limit::PAGE_BYTES_MAX`] bytes of rows, and at least one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_more: bool,
    /// What to give as `cursor` to go on; absent when this is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// One profile in the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Listing {
    /// The profile.
    #[serde(flatten)]
    pub profile: Profile,
    /// How many actors are linked to it.
    pub usage_count: u64,
}

macro_rules! one_profile {
    ($($op:literal $name:ident),*) => {$(
        #[doc = concat!("`", $op, "`")]
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(default)]
        pub struct $name {
            /// Which profile.
            #[serde(deserialize_with = "lenient::text")]
            pub profile_id: String,
        }
    )*};
}

one_profile!("actor_profile_secret_keys" SecretKeys);

/// `actor_profile_get`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Get {
    /// Which profile.
    #[serde(deserialize_with = "lenient::text")]
    pub profile_id: String,
    /// The `next_cursor` of the answer before; empty begins.
    #[serde(deserialize_with = "lenient::text")]
    pub cursor: String,
}

/// Answer of `actor_profile_get`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Got {
    /// The profile.
    pub profile: Profile,
    /// Actors that are linked to it.
    pub usage: Vec<Usage>,
    /// Whether there is more; absent when this is all. An answer has at most
    /// [`crate::contract::limit::PAGE_BYTES_MAX`] bytes of rows, and at least one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_more: bool,
    /// What to give as `cursor` to go on; absent when this is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// An actor that is linked to a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Usage {
    /// Its group.
    pub group_id: String,
    /// The group's title.
    pub group_title: String,
    /// The actor.
    pub actor_id: String,
    /// Its title.
    pub actor_title: String,
}

/// `actor_profile_upsert`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Upsert {
    /// `id name runtime runner command submit`; what is not given keeps its value. `env` must be empty.
    #[serde(deserialize_with = "lenient::object")]
    pub profile: Option<Map<String, Value>>,
    /// Revision the client has seen; 0 for a new profile.
    #[serde(deserialize_with = "lenient::integer")]
    pub expected_revision: Option<i64>,
}

/// Answer of `actor_profile_upsert`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Upserted {
    /// The profile now.
    pub profile: Profile,
}

/// `actor_profile_delete`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Delete {
    /// Which profile.
    #[serde(deserialize_with = "lenient::text")]
    pub profile_id: String,
    /// Whether actors that are linked get a copy and are unlinked first.
    #[serde(deserialize_with = "lenient::flag")]
    pub force_detach: bool,
}

/// Answer of `actor_profile_delete`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Deleted {
    /// Always true.
    pub deleted: bool,
    /// Which profile.
    pub profile_id: String,
    /// How many actors were unlinked.
    pub detached_count: u64,
    /// Which ones, as many as fit into [`crate::contract::limit::PAGE_BYTES_MAX`].
    pub detached: Vec<Detached>,
}

/// An actor that was unlinked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Detached {
    /// Its group.
    pub group_id: String,
    /// The actor.
    pub actor_id: String,
}

/// Answer of `actor_profile_secret_keys`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SecretKeysAre {
    /// Which profile.
    pub profile_id: String,
    /// Names, sorted.
    pub keys: Vec<String>,
    /// What may be shown of the values: at most the first two and the last two characters.
    pub masked_values: BTreeMap<String, String>,
}

/// `actor_profile_secret_update`: clear, then unset, then set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SecretUpdate {
    /// Which profile.
    #[serde(deserialize_with = "lenient::text")]
    pub profile_id: String,
    /// Values by name.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub set: Asked,
    /// Names to forget: a list.
    #[serde(deserialize_with = "lenient::raw")]
    #[schemars(with = "Option<Vec<String>>")]
    pub unset: Value,
    /// Whether to forget everything first; only `true` itself counts.
    #[serde(deserialize_with = "lenient::literally_true")]
    pub clear: bool,
}

/// Answer of `actor_profile_secret_update`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SecretsUpdated {
    /// Which profile.
    pub profile_id: String,
    /// Names there are now, sorted.
    pub keys: Vec<String>,
}

/// `actor_profile_secret_copy_from_actor`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CopyFromActor {
    /// To which profile.
    #[serde(deserialize_with = "lenient::text")]
    pub profile_id: String,
    /// The actor's group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// From which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
}

/// Answer of `actor_profile_secret_copy_from_actor`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CopiedFromActor {
    /// To which profile.
    pub profile_id: String,
    /// The actor's group.
    pub group_id: String,
    /// From which actor.
    pub actor_id: String,
    /// Names there are now, sorted.
    pub keys: Vec<String>,
}

/// `actor_profile_secret_copy_from_profile`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CopyFromProfile {
    /// To which profile.
    #[serde(deserialize_with = "lenient::text")]
    pub profile_id: String,
    /// From which profile.
    #[serde(deserialize_with = "lenient::text")]
    pub source_profile_id: String,
}

/// Answer of `actor_profile_secret_copy_from_profile`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CopiedFromProfile {
    /// To which profile.
    pub profile_id: String,
    /// From which profile.
    pub source_profile_id: String,
    /// Names there are now, sorted.
    pub keys: Vec<String>,
}
