//! Who is in the group.

use super::Tool;
use super::caller::{By, InGroup};
use crate::argument::texts;
use crate::call::{Asker, Call};
use crate::runtime;
use bus::contract::document::ActorView;
use bus::contract::document::Runner;
use bus::contract::op::{actor, profile};
use bus::contract::{Actor, Code, OpError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// `cccc_actor_list`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct List {
    #[serde(flatten)]
    caller: InGroup,
}

impl Tool for List {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.look(call)?;
        let listed = me.ask_for_all(actor::List { group_id, include_unread: true, ..Default::default() }).await?;
        Ok(json!({"actors": listed.actors.iter().map(view).collect::<Vec<_>>()}))
    }
}

/// What agents are shown of an actor: no command and no environment.
pub fn row(actor: &Actor) -> Value {
    json!({
        "id": actor.id, "title": actor.title, "enabled": actor.enabled, "runner": actor.runner,
        "runtime": actor.runtime, "submit": actor.submit, "created_at": actor.created_at,
        "updated_at": actor.updated_at,
    })
}

/// The same with what is known of it now.
pub fn view(view: &ActorView) -> Value {
    let mut shown = row(&view.actor);
    shown["role"] = json!(view.role);
    shown["running"] = json!(view.running);
    if let Some(unread) = view.unread_count {
        shown["unread_count"] = json!(unread);
    }
    if let Some(waiting) = &view.waiting {
        shown["waiting"] = json!(waiting);
    }
    shown
}

/// Who is in the group, for arguments that name somebody. The ops take any name there, as the wire standard says; an agent
/// that has mistyped one is told so.
#[derive(Debug)]
pub struct Roster(Vec<String>);

impl Roster {
    /// Of a group, as it is now.
    ///
    /// # Errors
    ///
    /// `group_not_found`.
    pub async fn of(me: &Asker<'_>, group_id: &str) -> Result<Self, OpError> {
        let listed = me.ask_for_all(actor::List { group_id: group_id.to_owned(), ..Default::default() }).await?;
        Ok(Self(listed.actors.into_iter().map(|view| view.actor.id).collect()))
    }

    /// The actor or the user whom a name means, with or without an at sign.
    ///
    /// # Errors
    ///
    /// `invalid_recipient`, with the actors that there are.
    pub fn recipient(&self, named: &str) -> Result<String, OpError> {
        let bare = named.strip_prefix('@').unwrap_or(named);
        if bare == "user" || self.has(bare) {
            return Ok(bare.to_owned());
        }
        let sentence =
            format!("unknown recipient: {named}; there are user, {}; name nobody to tell everybody", self.0.join(", "));
        Err(OpError::new(Code::InvalidRecipient, sentence).with("actors", self.0.clone()))
    }

    /// Checks that there is an actor of a name.
    ///
    /// # Errors
    ///
    /// `actor_not_found`, with the actors that there are.
    pub fn check(&self, actor_id: &str) -> Result<(), OpError> {
        if self.has(actor_id.trim()) {
            return Ok(());
        }
        let sentence = format!("actor not found: {actor_id}; there are {}", self.0.join(", "));
        Err(OpError::new(Code::ActorNotFound, sentence).with("actors", self.0.clone()))
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }
}

/// `cccc_actor_profile_list`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct ProfileList {
    #[serde(flatten)]
    caller: By,
}

impl Tool for ProfileList {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, _) = self.caller.act(call)?;
        let mut listed = json!(me.ask_for_all(profile::List::default()).await?);
        let profiles = listed["profiles"].as_array_mut().into_iter().flatten();
        for shown in profiles.filter_map(Value::as_object_mut) {
            hide(shown);
        }
        Ok(json!({"profiles": listed["profiles"]}))
    }
}

/// Takes out of a stored row what agents are not shown.
fn hide(row: &mut Map<String, Value>) {
    for hidden in ["command", "env"] {
        row.remove(hidden);
    }
}

/// `cccc_actor_add`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct Add {
    #[serde(flatten)]
    caller: By,
    /// short, lower case; empty: made for you
    #[serde(default)]
    actor_id: String,
    /// see cccc_runtime_list; empty: your own
    #[serde(default)]
    runtime: String,
    #[serde(default)]
    #[schemars(with = "Option<Runner>")]
    runner: String,
    /// name for people
    #[serde(default)]
    title: String,
    #[serde(default)]
    command: Option<Vec<String>>,
    #[serde(default, deserialize_with = "texts")]
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    env: Option<Map<String, Value>>,
    #[serde(default)]
    profile_id: String,
}

impl Tool for Add {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let Self { actor_id, mut runtime, mut runner, title, command, env, profile_id, .. } = self;
        if profile_id.is_empty() && (runtime.is_empty() || runner.is_empty()) {
            // A colleague is like oneself, unless it is said otherwise.
            let own = own(&me, &group_id).await?;
            runtime = Some(runtime).filter(|word| !word.is_empty()).unwrap_or(own.actor.runtime);
            runner = Some(runner).filter(|word| !word.is_empty()).unwrap_or(own.actor.runner.word().into());
        }
        let add =
            actor::Add { group_id, actor_id, runtime, runner, title, command, env, profile_id, ..Default::default() };
        let added = me.ask_for(add).await?;
        let mut event = json!(added.event);
        event.pointer_mut("/data/actor").and_then(Value::as_object_mut).into_iter().for_each(hide);
        let mut shown = json!({"actor": view(&added.actor), "event": event, "running": added.running});
        if let Some(start_event) = added.start_event {
            shown["start_event"] = json!(start_event);
        }
        if let Some(start_error) = added.start_error {
            shown["start_error"] = json!(start_error);
        }
        Ok(shown)
    }
}

/// The caller's own actor.
async fn own(me: &Asker<'_>, group_id: &str) -> Result<ActorView, OpError> {
    let listed = me.ask_for_all(actor::List { group_id: group_id.to_owned(), ..Default::default() }).await?;
    let own = listed.actors.into_iter().find(|view| view.actor.id == me.id());
    own.ok_or_else(|| OpError::actor_not_found(me.id()))
}

/// `cccc_actor_remove`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct Remove {
    #[serde(flatten)]
    caller: By,
    /// empty: you
    #[serde(default)]
    actor_id: String,
}

impl Tool for Remove {
    async fn call(self, call: &Call) -> Result<Value, OpError> {
        let (me, group_id) = self.caller.act(call)?;
        let actor_id = if self.actor_id.trim().is_empty() { me.id().to_owned() } else { self.actor_id };
        me.ask(actor::Remove { group_id, actor_id }).await
    }
}

/// Tools that do one thing with one actor.
macro_rules! one_actor {
    ($($tool:ident),*) => {$(
        #[doc = concat!("`cccc_actor_…`: ", stringify!($tool))]
        #[derive(Debug, Deserialize, JsonSchema)]
        pub struct $tool {
            #[serde(flatten)]
            caller: By,
            actor_id: String,
        }

        impl Tool for $tool {
            async fn call(self, call: &Call) -> Result<Value, OpError> {
                let (me, group_id) = self.caller.act(call)?;
                let changed = me.ask_for(actor::$tool { group_id, actor_id: self.actor_id }).await?;
                Ok(json!({"actor": row(&changed.actor), "event": changed.event}))
            }
        }
    )*};
}

one_actor!(Start, Stop, Restart);

/// `cccc_runtime_list`
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct RuntimeList {}

impl Tool for RuntimeList {
    async fn call(self, _call: &Call) -> Result<Value, OpError> {
        Ok(runtime::list())
    }
}
