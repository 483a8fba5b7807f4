//! `group_reset`: a clean group that is set up as another one is, in the place of that one.
//!
//! One decision, with the home's events last: the new group is there and the old one gone, or nothing has happened.

use super::request::{EventWriter, RequestContext, under, written_as};
use super::{prompt, reading, ruleset};
use crate::decision::{Decision, Needs};
use crate::state::State;
use crate::state::actor::ActorState;
use crate::state::automation::Automation;
use crate::state::group::Group;
use bus::contract::automation::{Rule, Ruleset};
use bus::contract::document::Role;
use bus::contract::event::{self, ActorAdded};
use bus::contract::op::group::{Reset, WasReset};
use bus::contract::prompt::PromptKind;
use bus::contract::{Actor, Body, Code, Event, OpError, Reply, Scope, id};
use serde_json::{Map, Value};

/// Secrets that go over to the new group: those of its actors, and the credentials of its chat platform.
pub fn needs(state: &State, args: &Reset) -> Needs {
    let Ok(group) = state.group(&args.group_id) else { return Needs::default() };
    let of_actors = group.actor_states.iter().map(|actor_state| &actor_state.secrets);
    let all = of_actors.chain([&group.im.credentials]);
    reading::secrets(all.filter_map(|secrets| reading::file(&group.id, secrets)))
}

/// `group_reset`
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, `confirmation_required`, `group_damaged`; `group_reset_failed`: whoever asks
/// may not, or secrets of the group are lost.
pub fn reset(cx: &RequestContext<'_>, args: &Reset) -> Result<Decision, OpError> {
    let old = cx.group(&args.group_id)?;
    if args.confirm != old.id {
        let sentence = format!(
            "this deletes {} with its history and makes a clean group in its place; give confirm={} to show that it is \
             meant",
            old.id, old.id
        );
        return Err(OpError::new(Code::ConfirmationRequired, sentence));
    }
    if let Some(why) = &old.damaged {
        let sentence = format!("{} cannot be reset: how it is set up may be behind the damage: {why}", old.id);
        return Err(OpError::new(Code::GroupDamaged, sentence));
    }
    let mut writer = cx.writer();
    let new_id = format!("g_{}", id::digest12(&writer.id()));
    writer.write(&new_id, event::GroupCreate { title: old.title.clone(), topic: old.topic.clone() });
    write_scopes(&mut writer, &new_id, old);
    write_settings(&mut writer, &new_id, old);
    for actor_state in &old.actor_states {
        write_actor(cx, &mut writer, &new_id, old, actor_state)?;
    }
    prompt::write(
        &mut writer,
        &Group::new(&new_id),
        PromptKind::Help,
        old.prompts.own(PromptKind::Help).unwrap_or_default(),
    );
    write_chats(cx, &mut writer, &new_id, old)?;

    let home = &cx.state.home;
    writer.home(event::GroupKnown { known_group_id: new_id.clone() });
    for (scope_key, _) in home.scope_defaults.iter().filter(|(_, group_id)| **group_id == old.id) {
        writer.home(event::ScopeDefault { scope_key: scope_key.clone(), default_group_id: new_id.clone() });
    }
    if home.active_group == old.id {
        writer.home(event::ActiveGroup { active_group_id: new_id });
    }
    writer.home(event::GroupDeleted { deleted_group_id: old.id.clone() });
    writer.decision().removes_groups.push(old.id.clone());
    Ok(writer.done())
}

fn write_scopes(writer: &mut EventWriter<'_>, new_id: &str, old: &Group) {
    for Scope { scope_key, url, label, git_remote } in old.scopes.iter().cloned() {
        writer.scoped(new_id, &scope_key, event::GroupAttach { url, label, git_remote });
    }
    // The one that was attached last is active.
    let is_active = |scope: &&Scope| scope.scope_key == old.active_scope_key;
    if let Some(active) = old.scopes.iter().find(is_active).filter(|active| old.scopes.last() != Some(active)) {
        writer.scoped(new_id, &active.scope_key, event::GroupSetActiveScope { path: active.url.clone() });
    }
}

fn write_settings(writer: &mut EventWriter<'_>, new_id: &str, old: &Group) {
    let set = old.settings.iter().filter(|(_, value)| !value.is_null());
    let patch: Map<String, Value> = set.map(|(key, value)| (key.clone(), value.clone())).collect();
    if !patch.is_empty() {
        writer.write(new_id, event::GroupSettingsUpdate { patch });
    }
    let automation = &old.automation;
    // A rule for once that is done would be due again.
    let is_left = |rule: &&Rule| !automation.is_completed(&rule.id);
    let after = Ruleset {
        rules: automation.ruleset.rules.iter().filter(is_left).cloned().collect(),
        snippets: automation.ruleset.snippets.clone(),
    };
    let before = Automation::default();
    if after != before.ruleset {
        writer.write(new_id, ruleset::event(&before, &after, Vec::new(), "group_reset"));
    }
}

fn write_actor(
    cx: &RequestContext<'_>,
    writer: &mut EventWriter<'_>,
    new_id: &str,
    old: &Group,
    actor_state: &ActorState,
) -> Result<(), OpError> {
    let now = writer.time(new_id);
    let actor = Actor { created_at: now.clone(), updated_at: now, ..actor_state.actor.clone() };
    let leads = old.foreman().is_some_and(|foreman| foreman.actor.id == actor.id);
    let role = if leads { Role::Foreman } else { Role::Peer };
    writer.write(new_id, event::ActorAdd { actor: ActorAdded { actor, role: Some(role.word().into()) } });
    let variables = cx.secrets(&actor_state.secrets).map_err(|error| under(Code::GroupResetFailed, error))?;
    if !variables.0.is_empty() {
        writer.actor_secrets(new_id, &actor_state.actor.id, variables);
    }
    if let Some(token_sha256) = actor_state.token_sha256.clone() {
        writer.write(
            new_id,
            event::ActorToken { actor_id: actor_state.actor.id.clone(), token_sha256: Some(token_sha256) },
        );
    }
    Ok(())
}

fn write_chats(
    cx: &RequestContext<'_>,
    writer: &mut EventWriter<'_>,
    new_id: &str,
    old: &Group,
) -> Result<(), OpError> {
    if let Some(config) = &old.im.config {
        let credentials = cx.secrets(&old.im.credentials).map_err(|error| under(Code::GroupResetFailed, error))?;
        let keys = credentials.names();
        let version = writer.keep(new_id, credentials);
        writer.write(new_id, event::ImConfig { config: Some(config.clone()), version, keys });
    }
    for chat in old.im.chats.values() {
        writer.write(new_id, event::ImChat { chat: chat.clone() });
    }
    Ok(())
}

/// Answer of `group_reset`.
///
/// # Errors
///
/// None that a client can bring about.
pub fn was_reset(args: &Reset, events: &[Event]) -> Result<Reply, OpError> {
    let create = |body: &Body| matches!(body, Body::GroupCreate(_)).then_some(());
    let (event, ()) = written_as(events, create)?;
    let active = events.iter().find_map(|event| match &event.body {
        Body::ActiveGroup(active) => Some(active.active_group_id.clone()),
        _ => None,
    });
    Ok(Reply::GroupReset(WasReset {
        group_id: event.group_id.clone(),
        new_group_id: event.group_id.clone(),
        old_group_id: args.group_id.clone(),
        deleted_old: true,
        active_group_id: active,
        event,
    }))
}
