//! Who is in the group.

use super::Tool;
use super::caller::{By, InGroup};
use crate::call::{Asker, Call};
use crate::runtime;
use bus::contract::document::ActorView;
use bus::contract::document::Runner;
use bus::contract::op::{actor, profile};
use bus::contract::{Actor, OpError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

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
            for hidden in ["command", "env"] {
                shown.remove(hidden);
            }
        }
        Ok(json!({"profiles": listed["profiles"]}))
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
    #[serde(default)]
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
        let mut shown = json!({"actor": view(&added.actor), "event": added.event, "running": added.running});
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
