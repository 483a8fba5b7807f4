//! Ops that make and change an actor's row.

use super::actor::start_event;
use super::actor_row::{command, default_command, difference, word};
use super::fitness::{check_resume, check_size, complete};
use super::profile::{self, CONVERT, applied, unlink};
use super::request::{RequestContext, named, under, written, written_as};
use super::scope::attached_key;
use super::{reading, title, variable};
use crate::decision::{Decision, Needs};
use crate::permission;
use crate::state::State;
use crate::state::actor::ActorState;
use crate::state::group::Group;
use crate::state::secret::Kept;
use bus::contract::document::{ActorView, Deliver, Profile, Restart, Resume, Role, Runner, Submit};
use bus::contract::event::{self, ActorAdded};
use bus::contract::op::actor;
use bus::contract::private::Variables;
use bus::contract::{Actor, Body, Code, Event, OpError, Reply, id, lenient, limit, runtime};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Fields a patch may have. `path` stands for a scope key; `role` is computed and passed over.
const PATCHABLE: [&str; 13] = [
    "title",
    "command",
    "env",
    "default_scope_key",
    "submit",
    "enabled",
    "runner",
    "runtime",
    "restart",
    "deliver",
    "resume",
    "path",
    "role",
];

/// `actor_add`: a row at the end of the roster, enabled unless it is said otherwise, and started when state allows it.
///
/// The foreman may only clone itself, or use a profile: it cannot give away more than it has.
///
/// # Errors
///
/// `actor_add_failed`, `scope_not_attached`, a limit.
pub fn add(cx: &RequestContext<'_>, args: &actor::Add) -> Result<Decision, OpError> {
    let group = cx.group(&args.group_id)?;
    if group.actor_states.len() >= limit::ACTORS_MAX {
        return Err(OpError::too_large("the group", group.actor_states.len(), limit::ACTORS_MAX, "ACTORS_MAX"));
    }
    let profile = match args.profile_id.as_str() {
        "" => None,
        profile_id => Some(cx.profile(profile_id).map_err(|error| under(Code::ActorAddFailed, error))?),
    };
    let secrets = private(&cx.by, args).map_err(|error| under(Code::ActorAddFailed, error))?;
    let mut writer = cx.writer();
    let actor = new_row(group, &cx.by, args, profile.map(|kept| &kept.profile), &writer.time(&group.id))?;
    let role = if group.foreman().is_none() { Role::Foreman } else { Role::Peer };
    writer.write(
        &group.id,
        event::ActorAdd { actor: ActorAdded { actor: actor.clone(), role: Some(role.word().into()) } },
    );
    let actor_state = ActorState::new(actor, 0);
    if !secrets.0.is_empty() {
        writer.actor_secrets(&group.id, &actor_state.actor.id, secrets);
    }
    if actor_state.actor.enabled && group.check_startable(&actor_state).is_ok() {
        writer.write(&group.id, start_event(&actor_state.actor));
    }
    Ok(writer.done())
}

/// The private environment a new actor is given.
fn private(by: &str, args: &actor::Add) -> Result<Variables, OpError> {
    if args.env_private.0.is_null() {
        return Ok(Variables::default());
    }
    permission::check_user(by, Code::PermissionDenied)?;
    if !args.profile_id.is_empty() {
        let sentence = "env_private cannot be given together with profile_id; the profile's secrets are used";
        return Err(OpError::new(Code::InvalidRequest, sentence));
    }
    variable::given(&args.env_private)
}

/// The row of an actor that is to join a group.
///
/// # Errors
///
/// `actor_add_failed`, `scope_not_attached`, a limit.
pub fn new_row(
    group: &Group,
    by: &str,
    args: &actor::Add,
    profile: Option<&Profile>,
    now: &str,
) -> Result<Actor, OpError> {
    let actor = unnamed_row(group, by, args, profile, now)?;
    title::check_new(group.actors(), &actor).map_err(|error| under(Code::ActorAddFailed, error))?;
    Ok(actor)
}

/// The same, but for what its id and its title must not be because of each other and of other actors.
///
/// # Errors
///
/// As [`new_row`].
pub fn unnamed_row(
    group: &Group,
    by: &str,
    args: &actor::Add,
    profile: Option<&Profile>,
    now: &str,
) -> Result<Actor, OpError> {
    let refused = |sentence: String| OpError::new(Code::ActorAddFailed, sentence);
    let asked = profile.map_or(args.runtime.as_str(), |profile| &profile.runtime);
    let runtime_id = if asked.is_empty() { runtime::DEFAULT } else { asked };
    let known = runtime::find(runtime_id)
        .ok_or_else(|| refused(format!("invalid runtime: {runtime_id}; choose one of `cccc runtime list`")))?;
    let actor_id = if args.actor_id.is_empty() { free_id(group, runtime_id) } else { args.actor_id.clone() };
    id::check_actor(&actor_id).map_err(refused)?;
    if group.actor_state(&actor_id).is_some() {
        return Err(refused(format!("actor already exists: {actor_id}")));
    }
    let default_scope_key = if args.path.is_empty() && args.scope.is_none() {
        args.default_scope_key.clone()
    } else {
        attached_key(&group.scopes, &args.path, args.scope.as_ref())?
    };
    named("default_scope_key", &default_scope_key)?;
    let mut actor = Actor {
        v: 1,
        id: actor_id,
        title: args.title.clone(),
        command: args.command.clone().unwrap_or_default(),
        // Anything but texts is passed over as a whole, as the standard has it.
        env: args.env.as_ref().and_then(texts).unwrap_or_default(),
        default_scope_key,
        submit: word("submit", &args.submit, Submit::parse, Submit::WORDS).map_err(refused)?,
        enabled: args.enabled.unwrap_or(true),
        runner: word("runner", &args.runner, Runner::parse, Runner::WORDS).map_err(refused)?,
        runtime: known.id.to_owned(),
        restart: word("restart", &args.restart, Restart::parse, Restart::WORDS).map_err(refused)?,
        deliver: word("deliver", &args.deliver, Deliver::parse, Deliver::WORDS).map_err(refused)?,
        resume: word("resume", &args.resume, Resume::parse, Resume::WORDS).map_err(refused)?,
        created_at: now.to_owned(),
        updated_at: now.to_owned(),
        profile_id: None,
        profile_revision_applied: None,
    };
    match profile {
        Some(profile) => actor = applied(&actor, profile),
        None if !permission::is_user(by) => clone_of_the_foreman(group, &mut actor)?,
        None => {}
    }
    complete(&mut actor).map_err(refused)?;
    check_resume(&actor).map_err(refused)?;
    check_size(&actor)?;
    Ok(actor)
}

/// `<runtime>-<n>` with the smallest number that is free: nobody is named or titled so.
fn free_id(group: &Group, runtime_id: &str) -> String {
    let is_free = |id: &String| {
        group.actor_state(id).is_none() && !group.actors().any(|actor| title::is_name_of(&actor.title, id))
    };
    (1..).map(|n| format!("{runtime_id}-{n}")).find(is_free).expect("a group has fewer actors than numbers")
}

/// Checks that a row which is already complete is one that whoever asks may add.
///
/// # Errors
///
/// `actor_add_failed`.
pub fn check_copy(group: &Group, by: &str, actor: &Actor) -> Result<(), OpError> {
    if permission::is_user(by) { Ok(()) } else { clone_of_the_foreman(group, &mut actor.clone()) }
}

fn clone_of_the_foreman(group: &Group, actor: &mut Actor) -> Result<(), OpError> {
    let Some(ActorState { actor: foreman, .. }) = group.foreman() else { return Ok(()) };
    let differs = if actor.runtime != foreman.runtime {
        Some("runtime")
    } else if actor.runner != foreman.runner {
        Some("runner")
    } else if !actor.command.is_empty() && actor.command != foreman.command {
        Some("command")
    } else if !actor.env.is_empty() && actor.env != foreman.env {
        Some("env")
    } else {
        None
    };
    if let Some(field) = differs {
        let sentence =
            format!("permission denied: the foreman adds copies of itself only, and {field} differs; ask the user");
        return Err(OpError::denied(Code::ActorAddFailed, sentence).with("field", field));
    }
    actor.command.clone_from(&foreman.command);
    actor.env.clone_from(&foreman.env);
    Ok(())
}

fn texts(map: &Map<String, Value>) -> Option<BTreeMap<String, String>> {
    map.iter().map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// Answer of `actor_add`. Whether a terminal actor runs, ptyd adds.
///
/// # Errors
///
/// None that a client can bring about.
pub fn added(state: &State, args: &actor::Add, events: &[Event]) -> Result<Reply, OpError> {
    let is_start = |event: &&Event| matches!(event.body, Body::ActorStart(_));
    let (event, row) =
        written_as(events, |body| if let Body::ActorAdd(add) = body { Some(add.actor.actor.clone()) } else { None })?;
    let start_event = events.iter().find(is_start).cloned();
    let group = state.group(&args.group_id)?;
    // It may have been removed since the request was first answered; then its first row is shown.
    let first = ActorState::new(row, event.seq);
    let actor_state = group.actor_state(&first.actor.id).unwrap_or(&first);
    let actor = group.view(actor_state, false);
    let start_error = if start_event.is_some() { None } else { group.check_startable(actor_state).err() };
    let (running, start_error) = (actor.running, start_error.map(|error| error.message));
    Ok(Reply::ActorAdd(actor::Added { actor, event, running, start_event, start_error }))
}

/// What an actor has of its profile's secrets, when it is to keep them without it.
pub fn needs(state: &State, args: &actor::Update) -> Needs {
    match args.profile_action == CONVERT {
        true => reading::secrets_of_actor(state, &args.group_id, &args.actor_id),
        false => Needs::default(),
    }
}

/// `actor_update`: the changed fields are worked out here, defaults and resets included, and written as they are stored.
///
/// # Errors
///
/// `actor_update_failed`, `invalid_patch`, `invalid_request`, `actor_profile_linked_readonly`, `profile_not_found`,
/// `scope_not_attached`, `actor_not_found`, a limit.
pub fn update(cx: &RequestContext<'_>, args: &actor::Update) -> Result<Decision, OpError> {
    let (group, actor_state) = cx.named_actor(&args.group_id, &args.actor_id)?;
    let nothing = Map::new();
    let patch = args.patch.as_ref().unwrap_or(&nothing);
    check_patch(args, patch)?;
    let refused = |sentence: String| OpError::new(Code::ActorUpdateFailed, sentence);
    let before = &actor_state.actor;
    let profile = followed(cx, actor_state, args, patch)?;
    let mut after = changed_row(before, patch).map_err(refused)?;
    if let Some(path) = patch.get("path").and_then(Value::as_str) {
        after.default_scope_key = attached_key(&group.scopes, path.trim(), args.scope.as_ref())?;
    }
    if after.default_scope_key != before.default_scope_key {
        named("default_scope_key", &after.default_scope_key)?;
    }
    if let Some(kept) = profile {
        after = applied(&after, &kept.profile);
    }
    complete(&mut after).map_err(refused)?;
    // One that was let in by a change of its profile can still be changed in other ways.
    if !before.cannot_resume() || patch.contains_key("resume") {
        check_resume(&after).map_err(refused)?;
    }
    if after.title != before.title {
        title::check(group.actors(), &after).map_err(|error| under(Code::ActorUpdateFailed, error))?;
    }
    check_size(&after)?;
    let mut writer = cx.writer();
    if let Some(kept) = profile.filter(|_| args.profile_action == CONVERT) {
        unlink(cx, &mut writer, group, actor_state, &after, kept)?;
        return Ok(writer.done());
    }
    let (actor_id, patch) = (before.id.clone(), difference(before, &after));
    let profile_id = Some(args.profile_id.clone()).filter(|profile_id| !profile_id.is_empty());
    let is_linked = profile_id.is_some();
    writer.write(&group.id, event::ActorUpdate { actor_id, patch, profile_id, profile_action: None });
    if is_linked && !actor_state.secrets.version.is_empty() {
        writer.actor_secrets(&group.id, &before.id, Variables::default());
    }
    Ok(writer.done())
}

/// Checks that an update says something, and nothing that contradicts itself.
fn check_patch(args: &actor::Update, patch: &Map<String, Value>) -> Result<(), OpError> {
    let (links, action) = (!args.profile_id.is_empty(), args.profile_action.as_str());
    if patch.is_empty() && !links && action.is_empty() {
        let sentence = format!("the patch is empty; give any of: {}", PATCHABLE.join(", "));
        return Err(OpError::new(Code::InvalidPatch, sentence));
    }
    let unknown: Vec<_> = patch.keys().filter(|key| !PATCHABLE.contains(&key.as_str())).cloned().collect();
    if !unknown.is_empty() {
        let sentence = format!("an actor has no {}; give any of: {}", unknown.join(", "), PATCHABLE.join(", "));
        return Err(OpError::new(Code::InvalidPatch, sentence).with("unknown_keys", unknown));
    }
    let invalid = |sentence: String| Err(OpError::new(Code::InvalidRequest, sentence));
    if !action.is_empty() && action != CONVERT {
        return invalid(format!("invalid profile_action: {action}; use {CONVERT}"));
    }
    if links && !action.is_empty() {
        return invalid("profile_id and profile_action contradict each other; give one of them".into());
    }
    let fixed = from_the_profile(patch);
    if (links || !action.is_empty()) && !fixed.is_empty() {
        return invalid(format!("{} comes from the profile; change it in a request of its own", fixed.join(", ")));
    }
    Ok(())
}

fn from_the_profile(patch: &Map<String, Value>) -> Vec<&'static str> {
    profile::FIELDS.into_iter().filter(|field| patch.contains_key(*field)).collect()
}

/// The profile whose configuration the row takes over with this update: the one it is linked to by it, or unlinked from,
/// or already linked to when it is to run again.
fn followed<'a>(
    cx: &RequestContext<'a>,
    actor_state: &ActorState,
    args: &actor::Update,
    patch: &Map<String, Value>,
) -> Result<Option<&'a Kept>, OpError> {
    let failed = |error| under(Code::ActorUpdateFailed, error);
    if !args.profile_id.is_empty() {
        return cx.profile(&args.profile_id).map(Some).map_err(failed);
    }
    let Some(profile_id) = &actor_state.actor.profile_id else {
        if args.profile_action.is_empty() {
            return Ok(None);
        }
        let sentence = format!("actor {} is not linked to a profile", actor_state.actor.id);
        return Err(OpError::new(Code::ActorUpdateFailed, sentence));
    };
    let fixed = from_the_profile(patch);
    if !fixed.is_empty() {
        profile::check_unlinked(actor_state, &fixed)?;
    }
    let is_enabled = patch.get("enabled").and_then(lenient::as_flag) == Some(true);
    match args.profile_action.is_empty() && !is_enabled {
        true => Ok(None),
        false => cx.profile(profile_id).map(Some),
    }
}

/// The row with a client's patch; null resets a field.
fn changed_row(before: &Actor, patch: &Map<String, Value>) -> Result<Actor, String> {
    let mut after = before.clone();
    for (field, value) in patch {
        let text = value.as_str().unwrap_or_default().trim();
        let wrong = || format!("invalid {field}: {value}");
        let is_text = value.is_null() || value.is_string();
        match field.as_str() {
            "enabled" => after.enabled = lenient::as_flag(value).ok_or_else(wrong)?,
            "command" => after.command = if value.is_null() { Vec::new() } else { command(value).ok_or_else(wrong)? },
            "env" if value.is_null() => after.env.clear(),
            "env" => after.env = value.as_object().and_then(texts).ok_or_else(wrong)?,
            "role" => {}
            _ if !is_text => return Err(wrong()),
            "title" => text.clone_into(&mut after.title),
            "default_scope_key" => text.clone_into(&mut after.default_scope_key),
            "submit" => after.submit = word(field, text, Submit::parse, Submit::WORDS)?,
            "runner" => after.runner = word(field, text, Runner::parse, Runner::WORDS)?,
            "restart" => after.restart = word(field, text, Restart::parse, Restart::WORDS)?,
            "deliver" => after.deliver = word(field, text, Deliver::parse, Deliver::WORDS)?,
            "resume" => after.resume = word(field, text, Resume::parse, Resume::WORDS)?,
            "runtime" => {
                let asked = if text.is_empty() { runtime::DEFAULT } else { text };
                after.runtime = runtime::find(asked).ok_or_else(wrong)?.id.to_owned();
            }
            // The directory is resolved by the caller, who knows the scopes.
            "path" => {}
            _ => return Err(wrong()),
        }
    }
    // A command that only followed the old runtime follows the new one, too.
    if !patch.contains_key("command") && before.command == default_command(&before.runtime) {
        after.command = Vec::new();
    }
    Ok(after)
}

/// Answer of `actor_update`.
///
/// # Errors
///
/// The actor has been removed since.
pub fn updated(state: &State, args: &actor::Update, events: &[Event]) -> Result<Reply, OpError> {
    let event = written(events, |body| matches!(body, Body::ActorUpdate(_)))?;
    let group = state.group(&args.group_id)?;
    let actor_state = group.actor_state(&args.actor_id).ok_or_else(|| OpError::actor_not_found(&args.actor_id))?;
    let actor: ActorView = group.view(actor_state, false);
    let should_run = group.running && actor_state.actor.enabled;
    let start_error = group.check_startable(actor_state).err().filter(|_| should_run).map(|error| error.message);
    Ok(Reply::ActorUpdate(actor::Updated { actor, event, start_error }))
}
