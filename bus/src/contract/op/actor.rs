//! Ops about actors.

use crate::contract::document::{Actor, ActorView, Deliver, Resume, Runner, Scope, Submit};
use crate::contract::event::Event;
use crate::contract::lenient;
use crate::contract::private::Asked;
use crate::contract::words::Word;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// `actor_list`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct List {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Whether to count what each has not read.
    #[serde(deserialize_with = "lenient::flag")]
    pub include_unread: bool,
    /// The `next_cursor` of the answer before; empty begins.
    #[serde(deserialize_with = "lenient::text")]
    pub cursor: String,
}

/// Answer of `actor_list`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Listed {
    /// In roster order.
    pub actors: Vec<ActorView>,
    /// Why nothing is started, ended or typed in this group; absent when all is well, or ptyd could not be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Whether there is more; absent when this is all. An answer has at most
    /// [`crate::contract::limit::PAGE_BYTES_MAX`] bytes of rows, and at least one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_more: bool,
    /// What to give as `cursor` to go on; absent when this is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// `actor_add`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Add {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Its id; empty makes `<runtime>-<n>`.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// Name for people.
    #[serde(deserialize_with = "lenient::text")]
    pub title: String,
    /// Row of the runtime table; `codex` when empty.
    #[serde(deserialize_with = "lenient::text")]
    pub runtime: String,
    /// `pty` or `headless`; `pty` when empty.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<Runner>")]
    pub runner: String,
    /// Words of the command; none or empty means the runtime's.
    #[serde(deserialize_with = "lenient::strings")]
    pub command: Option<Vec<String>>,
    /// Public environment; ignored unless every value is text.
    #[serde(deserialize_with = "lenient::object")]
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub env: Option<Map<String, Value>>,
    /// Private environment, in place of any that is left; only the user gives one, and not with a profile.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub env_private: Asked,
    /// Profile it is linked to; runtime, runner, command, submit and secrets come from there.
    #[serde(deserialize_with = "lenient::text")]
    pub profile_id: String,
    /// Scope it works in; empty is the group's active one.
    #[serde(deserialize_with = "lenient::text")]
    pub default_scope_key: String,
    /// Directory it works in, in place of the key; made absolute by the client.
    #[serde(deserialize_with = "lenient::text")]
    pub path: String,
    /// What the directory is; found out by the door.
    pub scope: Option<Scope>,
    /// A word of [`crate::contract::document::Submit`]; `enter` when empty.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<Submit>")]
    pub submit: String,
    /// A word of [`crate::contract::document::Restart`]; `no` when empty.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<crate::contract::document::Restart>")]
    pub restart: String,
    /// A word of [`crate::contract::document::Deliver`]; `auto` when empty.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<Deliver>")]
    pub deliver: String,
    /// Whether a new session goes on with the program's last conversation in the directory: no (when missing) or last,
    /// which is refused of a program that is not known to be able to.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<Resume>")]
    pub resume: String,
    /// Whether it is started; true when missing. One that is not can be given its private environment first.
    pub enabled: Option<bool>,
}

/// Answer of `actor_add`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Added {
    /// The new row with its role.
    pub actor: ActorView,
    /// The `actor.add` event.
    pub event: Event,
    /// Whether it runs.
    pub running: bool,
    /// The `actor.start` event, when it was asked to start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_event: Option<Event>,
    /// Why it does not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_error: Option<String>,
}

/// `actor_update`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Update {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// `title command env default_scope_key submit enabled runner runtime restart deliver resume`.
    #[serde(deserialize_with = "lenient::object")]
    pub patch: Option<Map<String, Value>>,
    /// Profile to link it to.
    #[serde(deserialize_with = "lenient::text")]
    pub profile_id: String,
    /// `convert_to_custom`: take a copy of the profile and unlink; or `""`.
    #[serde(deserialize_with = "lenient::text")]
    pub profile_action: String,
    /// What the directory in `patch.path` is, which the client may give in place of a scope key.
    pub scope: Option<Scope>,
}

/// Answer of `actor_update`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Updated {
    /// The changed row with its role.
    pub actor: ActorView,
    /// The `actor.update` event.
    pub event: Event,
    /// Why it does not run although it should.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_error: Option<String>,
}

macro_rules! one_actor {
    ($($op:literal $name:ident),*) => {$(
        #[doc = concat!("`", $op, "`")]
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(default)]
        pub struct $name {
            /// Which group.
            #[serde(deserialize_with = "lenient::text")]
            pub group_id: String,
            /// Which actor.
            #[serde(deserialize_with = "lenient::text")]
            pub actor_id: String,
        }
    )*};
}

one_actor!("actor_remove" Remove, "actor_start" Start, "actor_stop" Stop, "actor_restart" Restart);

/// Answer of `actor_remove`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Removed {
    /// The actor that is gone.
    pub actor_id: String,
    /// The `actor.remove` event.
    pub event: Event,
}

/// Answer of `actor_start`, `actor_stop` and `actor_restart`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    /// The row.
    pub actor: Actor,
    /// The event.
    pub event: Event,
}
