//! Ops about profiles, and how an actor follows the one it is linked to.
//!
//! A linked actor has a copy of its profile's configuration in its row, which is made anew when it is linked and whenever
//! it is to start; the profile's secrets it has no copy of, they are read when it starts.

use super::page::{self, Page};
use super::request::{EventWriter, RequestContext, named, required, written_as};
use super::{actor_row, fitness};
use crate::decision::Decision;
use crate::state::State;
use crate::state::actor::ActorState;
use crate::state::group::Group;
use crate::state::secret::Kept;
use bus::contract::document::{Profile, Runner, Submit};
use bus::contract::event::{self, ActorUpdate};
use bus::contract::op::profile::{self, Detached, Listing, Usage};
use bus::contract::{Actor, Body, Code, Event, OpError, Reply, id, limit, runtime};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Unlinks an actor, which keeps a copy of what the profile has.
pub const CONVERT: &str = "convert_to_custom";

/// Fields of an actor that come from its profile.
pub const FIELDS: [&str; 5] = ["runtime", "runner", "command", "submit", "env"];

/// Longest id of a profile.
const ID_BYTES_MAX: usize = 64;

/// `actor_profile_list`
///
/// # Errors
///
/// `invalid_request` for what is no cursor.
pub fn list(cx: &RequestContext<'_>, args: &profile::List) -> Result<Reply, OpError> {
    let mut profiles: Vec<&Profile> = cx.state.home.profiles.values().map(|kept| &kept.profile).collect();
    profiles.sort_by_cached_key(|profile| (profile.name.to_lowercase(), profile.id.clone()));
    let start = page::resume(profiles.iter().map(|profile| profile.id.as_str()), &args.cursor)?;
    let listings = profiles
        .into_iter()
        .skip(start.number)
        .map(|profile| Listing { profile: profile.clone(), usage_count: cx.state.linked(&profile.id).count() as u64 });
    let Page { rows: profiles, cursor: next_cursor } = page::fill(start, listings, |one| one.profile.id.clone());
    Ok(Reply::ActorProfileList(profile::Listed { profiles, has_more: next_cursor.is_some(), next_cursor }))
}

/// `actor_profile_get`
///
/// # Errors
///
/// `missing_profile_id`, `actor_profile_get_failed`, `profile_not_found`; `invalid_request` for what is no cursor.
pub fn get(cx: &RequestContext<'_>, args: &profile::Get) -> Result<Reply, OpError> {
    required(&args.profile_id, Code::MissingProfileId)?;
    check_id(&args.profile_id).map_err(|sentence| OpError::new(Code::ActorProfileGetFailed, sentence))?;
    let profile = cx.profile(&args.profile_id)?.profile.clone();
    let Page { rows: usage, cursor: next_cursor } = usage(cx.state, &profile.id, &args.cursor)?;
    Ok(Reply::ActorProfileGet(profile::Got { profile, usage, has_more: next_cursor.is_some(), next_cursor }))
}

fn usage(state: &State, profile_id: &str, cursor: &str) -> Result<Page<Usage>, OpError> {
    let name = |group_id: &str, actor_id: &str| format!("{group_id}/{actor_id}");
    let linked: Vec<(&Group, &ActorState)> = state.linked(profile_id).collect();
    let names: Vec<String> = linked.iter().map(|(group, actor_state)| name(&group.id, &actor_state.actor.id)).collect();
    let start = page::resume(names.iter().map(String::as_str), cursor)?;
    let usage = linked.into_iter().skip(start.number).map(|(group, actor_state)| Usage {
        group_id: group.id.clone(),
        group_title: group.title.clone(),
        actor_id: actor_state.actor.id.clone(),
        actor_title: actor_state.actor.title.clone(),
    });
    Ok(page::fill(start, usage, |one| name(&one.group_id, &one.actor_id)))
}

/// `actor_profile_upsert`
///
/// # Errors
///
/// `permission_denied`, `invalid_request`, `profile_revision_mismatch`, `actor_profile_upsert_failed`, a limit.
pub fn upsert(cx: &RequestContext<'_>, args: &profile::Upsert) -> Result<Decision, OpError> {
    let given = args.profile.as_ref().ok_or_else(|| OpError::new(Code::InvalidRequest, "missing profile"))?;
    if given.get("env").is_some_and(|env| !env.is_null() && env.as_object().is_none_or(|env| !env.is_empty())) {
        let sentence = "a profile has no public env; use actor_profile_secret_update";
        return Err(OpError::new(Code::InvalidRequest, sentence));
    }
    let refused = |sentence: String| OpError::new(Code::ActorProfileUpsertFailed, sentence);
    let mut writer = cx.writer();
    let asked = given.get("id").and_then(Value::as_str).unwrap_or_default().trim();
    let profile_id = if asked.is_empty() { format!("ap_{}", id::digest12(&writer.id())) } else { asked.to_owned() };
    check_id(&profile_id).map_err(refused)?;
    let home = &cx.state.home;
    let before = home.profiles.get(&profile_id).map(|kept| &kept.profile);
    let revision = before.map_or(0, |profile| profile.revision);
    if let Some(expected) = args.expected_revision.filter(|expected| u64::try_from(*expected) != Ok(revision)) {
        let sentence = format!("profile {profile_id} is at revision {revision}, not at {expected}; read it again");
        let refusal = OpError::new(Code::ProfileRevisionMismatch, sentence);
        return Err(refusal.with("expected_revision", expected).with("current_revision", revision));
    }
    if before.is_none() && home.profiles.len() >= limit::PROFILES_MAX {
        return Err(OpError::too_large("the home", home.profiles.len(), limit::PROFILES_MAX, "PROFILES_MAX"));
    }
    let now = writer.time(crate::decision::HOME);
    let mut profile = before.cloned().unwrap_or_else(|| new_profile(profile_id, &now));
    (profile.revision, profile.updated_at) = (revision + 1, now);
    change(&mut profile, given).map_err(refused)?;
    if before.is_none_or(|before| before.name != profile.name) {
        named("the name", &profile.name)?;
    }
    fitness::check_command(&profile.command)?;
    writer.home(event::ProfileSet { profile });
    Ok(writer.done())
}

fn new_profile(id: String, now: &str) -> Profile {
    Profile {
        v: 1,
        name: id.clone(),
        id,
        runtime: runtime::DEFAULT.into(),
        runner: Runner::default(),
        command: Vec::new(),
        submit: Submit::default(),
        env: BTreeMap::new(),
        created_at: now.to_owned(),
        updated_at: now.to_owned(),
        revision: 0,
    }
}

/// Takes the fields that are given over; what we do not know is passed over.
fn change(profile: &mut Profile, given: &Map<String, Value>) -> Result<(), String> {
    let text = |field: &str| match given.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        Some(_) => Err(format!("invalid {field}: it must be text")),
    };
    if let Some(name) = text("name")? {
        name.clone_into(&mut profile.name);
    }
    let follows = profile.command == actor_row::default_command(&profile.runtime);
    if let Some(asked) = text("runtime")? {
        let known = runtime::find(asked).ok_or_else(|| format!("invalid runtime: {asked}"))?;
        known.id.clone_into(&mut profile.runtime);
    }
    if let Some(runner) = text("runner")? {
        profile.runner = actor_row::word("runner", runner, Runner::parse, Runner::WORDS)?;
    }
    if let Some(submit) = text("submit")? {
        profile.submit = actor_row::word("submit", submit, Submit::parse, Submit::WORDS)?;
    }
    match given.get("command") {
        // A command that only followed the old runtime follows the new one, too.
        None if follows => profile.command = Vec::new(),
        None => {}
        Some(Value::Null) => profile.command = Vec::new(),
        Some(Value::String(line)) => {
            profile.command = shell_words::split(line).map_err(|_| "invalid command: a quote is open".to_owned())?;
        }
        Some(value) => {
            profile.command = actor_row::command(value).ok_or("invalid command: it must be words, or a line")?
        }
    }
    if profile.command.is_empty() && profile.runner == Runner::Pty {
        profile.command = actor_row::default_command(&profile.runtime);
        if profile.command.is_empty() {
            return Err(format!("profile {} has no command; runtime {} needs one", profile.id, profile.runtime));
        }
    }
    if profile.command.iter().any(|word| word.contains('\0')) {
        return Err("a command cannot contain a zero byte".into());
    }
    Ok(())
}

/// Checks an id: a letter or digit, then up to 63 letters, digits, `.`, `_` and `-`, without `..`.
fn check_id(id: &str) -> Result<(), String> {
    let is_good = id.len() <= ID_BYTES_MAX
        && id.starts_with(|first: char| first.is_ascii_alphanumeric())
        && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        && !id.contains("..");
    if is_good {
        return Ok(());
    }
    Err(format!(
        "invalid profile id: {id:?}; use up to {ID_BYTES_MAX} letters, digits, '.', '_' and '-', beginning with a letter \
         or digit"
    ))
}

/// Answer of `actor_profile_upsert`.
///
/// # Errors
///
/// None that a client can bring about.
pub fn upserted(events: &[Event]) -> Result<Reply, OpError> {
    let set = |body: &Body| if let Body::ProfileSet(set) = body { Some(set.profile.clone()) } else { None };
    let (_, profile) = written_as(events, set)?;
    Ok(Reply::ActorProfileUpsert(profile::Upserted { profile }))
}

/// `actor_profile_delete`: actors that are linked get a copy first, secrets included, or keep it from being deleted.
///
/// # Errors
///
/// `permission_denied`, `missing_profile_id`, `profile_not_found`, `profile_in_use`, `group_damaged`.
pub fn delete(cx: &RequestContext<'_>, args: &profile::Delete) -> Result<Decision, OpError> {
    let kept = cx.profile(&args.profile_id)?;
    let linked = cx.state.linked(&args.profile_id).count();
    if linked > 0 && !args.force_detach {
        let sentence = format!("profile {} has linked actors ({linked}); use force_detach", args.profile_id);
        // Whoever wants them all asks for the profile.
        let usage = serde_json::to_value(usage(cx.state, &args.profile_id, "")?.rows).expect("plain data");
        return Err(OpError::new(Code::ProfileInUse, sentence).with("usage", usage));
    }
    let mut writer = cx.writer();
    for (group, actor_state) in cx.state.linked(&args.profile_id) {
        let after = applied(&actor_state.actor, &kept.profile);
        unlink(cx, &mut writer, group, actor_state, &after, kept)?;
    }
    writer.home(event::ProfileDeleted { profile_id: args.profile_id.clone() });
    writer.forget_secrets(crate::decision::HOME);
    Ok(writer.done())
}

/// Answer of `actor_profile_delete`.
pub fn deleted(args: &profile::Delete, events: &[Event]) -> Reply {
    let detached = events.iter().filter_map(|event| match &event.body {
        Body::ActorUpdate(update) => {
            Some(Detached { group_id: event.group_id.clone(), actor_id: update.actor_id.clone() })
        }
        _ => None,
    });
    let (profile_id, detached_count) = (args.profile_id.clone(), detached.clone().count() as u64);
    let detached = page::take(detached).0;
    Reply::ActorProfileDelete(profile::Deleted { deleted: true, profile_id, detached_count, detached })
}

/// Writes that an actor is its own master: `after`, and the profile's secrets, are what it keeps.
///
/// # Errors
///
/// The profile's secrets are lost.
pub fn unlink(
    cx: &RequestContext<'_>,
    writer: &mut EventWriter<'_>,
    group: &Group,
    actor_state: &ActorState,
    after: &Actor,
    kept: &Kept,
) -> Result<(), OpError> {
    let patch = actor_row::difference(&actor_state.actor, after);
    let (actor_id, profile_action) = (actor_state.actor.id.clone(), Some(CONVERT.to_owned()));
    writer.write(&group.id, ActorUpdate { actor_id, patch, profile_id: None, profile_action });
    let variables = cx.secrets(&kept.secrets)?;
    if !variables.0.is_empty() {
        writer.actor_secrets(&group.id, &actor_state.actor.id, variables);
    }
    Ok(())
}

/// An actor's row as a profile has it.
pub fn applied(actor: &Actor, profile: &Profile) -> Actor {
    Actor {
        runtime: profile.runtime.clone(),
        runner: profile.runner,
        command: profile.command.clone(),
        submit: profile.submit,
        env: BTreeMap::new(),
        profile_id: Some(profile.id.clone()),
        profile_revision_applied: Some(profile.revision),
        ..actor.clone()
    }
}

/// The actor as its profile has it now; where that differs from its row, it is written. For whatever is to start.
///
/// # Errors
///
/// `profile_not_found`.
pub fn renewed<'a>(
    cx: &RequestContext<'a>,
    writer: &mut EventWriter<'_>,
    group: &Group,
    actor_state: &'a ActorState,
) -> Result<Cow<'a, ActorState>, OpError> {
    let Some(profile_id) = &actor_state.actor.profile_id else { return Ok(Cow::Borrowed(actor_state)) };
    let profile = &cx.state.home.profile(profile_id)?.profile;
    if actor_state.actor.profile_revision_applied == Some(profile.revision) {
        return Ok(Cow::Borrowed(actor_state));
    }
    let actor = applied(&actor_state.actor, profile);
    let (actor_id, patch) = (actor.id.clone(), actor_row::difference(&actor_state.actor, &actor));
    writer.write(&group.id, ActorUpdate { actor_id, patch, profile_id: None, profile_action: None });
    Ok(Cow::Owned(ActorState { actor, ..actor_state.clone() }))
}

/// Checks that an actor's own configuration may be changed. `keys` are the fields that are meant.
///
/// # Errors
///
/// `actor_profile_linked_readonly`.
pub fn check_unlinked(actor_state: &ActorState, keys: &[&str]) -> Result<(), OpError> {
    let Some(profile_id) = &actor_state.actor.profile_id else { return Ok(()) };
    let what = if keys.is_empty() { "its private environment".into() } else { keys.join(", ") };
    let sentence = format!(
        "actor {} is linked to profile {profile_id}, which says {what}; change the profile, or use {CONVERT}",
        actor_state.actor.id
    );
    let refusal = OpError::new(Code::ActorProfileLinkedReadonly, sentence);
    Err(refusal.with("profile_id", profile_id.as_str()).with("keys", keys.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_profiles_are_checked() {
        for (id, good) in [
            ("ap_0123", true),
            ("A.b-c_1", true),
            ("1", true),
            ("", false),
            ("_a", false),
            ("a..b", false),
            ("a/b", false),
            ("ä", false),
        ] {
            assert_eq!(check_id(id).is_ok(), good, "{id:?}");
        }
        assert!(check_id(&"x".repeat(64)).is_ok() && check_id(&"x".repeat(65)).is_err());
    }
}
