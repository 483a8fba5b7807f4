//! Ops about actors that are there: who they are, and whether they should run.

use super::page::{self, Page};
use super::request::{RequestContext, under, written};
use super::{profile, ruleset};
use crate::decision::Decision;
use crate::state::State;
use bus::contract::event;
use bus::contract::op::actor;
use bus::contract::{Actor, Body, Code, Event, OpError, Reply};

/// `actor_list`: in roster order. Counts take no longer the more there is unread.
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`; `invalid_request` for what is no cursor.
pub fn list(cx: &RequestContext<'_>, args: &actor::List) -> Result<Reply, OpError> {
    let group = cx.group(&args.group_id)?;
    let start = page::resume(group.actor_states.iter().map(|actor_state| actor_state.actor.id.as_str()), &args.cursor)?;
    let views =
        group.actor_states.iter().skip(start.number).map(|actor_state| group.view(actor_state, args.include_unread));
    let Page { rows: actors, cursor: next_cursor } = page::fill(start, views, |view| view.actor.id.clone());
    Ok(Reply::ActorList(actor::Listed { actors, trouble: None, has_more: next_cursor.is_some(), next_cursor }))
}

/// The event that an actor should run.
pub fn start_event(actor: &Actor) -> event::ActorStart {
    let runner = Some(actor.runner.word().to_owned());
    event::ActorStart { actor_id: actor.id.clone(), runner, runner_effective: None }
}

/// `actor_start`: it is enabled and its group runs. A session that is alive is kept.
///
/// # Errors
///
/// `profile_not_found`; `actor_start_failed`, also when state alone says that it cannot be started.
pub fn start(cx: &RequestContext<'_>, args: &actor::Start) -> Result<Decision, OpError> {
    let (group, actor_state) = cx.named_actor(&args.group_id, &args.actor_id)?;
    let mut writer = cx.writer();
    let actor_state = profile::renewed(cx, &mut writer, group, actor_state)?;
    group.check_startable(&actor_state).map_err(|error| under(Code::ActorStartFailed, error))?;
    writer.write(&group.id, start_event(&actor_state.actor));
    Ok(writer.done())
}

/// `actor_stop`: it is disabled; the group does not run any more when it was the last one.
///
/// # Errors
///
/// `actor_stop_failed`.
pub fn stop(cx: &RequestContext<'_>, args: &actor::Stop) -> Result<Decision, OpError> {
    let (group, actor_state) = cx.named_actor(&args.group_id, &args.actor_id)?;
    let mut writer = cx.writer();
    let actor_id = actor_state.actor.id.clone();
    writer.write(&group.id, event::ActorStop { actor_id, runner: None, runner_effective: None });
    Ok(writer.done())
}

/// `actor_restart`: it is enabled and gets a new session, if its group runs.
///
/// # Errors
///
/// `profile_not_found`, `actor_restart_failed`; in a group that runs also `missing_project_root`, `scope_not_attached`.
pub fn restart(cx: &RequestContext<'_>, args: &actor::Restart) -> Result<Decision, OpError> {
    let (group, actor_state) = cx.named_actor(&args.group_id, &args.actor_id)?;
    let mut writer = cx.writer();
    let actor_state = profile::renewed(cx, &mut writer, group, actor_state)?;
    if group.running {
        group.check_startable(&actor_state).map_err(|error| match error.code {
            Code::MissingProjectRoot | Code::ScopeNotAttached => error,
            _ => under(Code::ActorRestartFailed, error),
        })?;
    }
    let (actor_id, runner) = (actor_state.actor.id.clone(), Some(actor_state.actor.runner.word().to_owned()));
    writer.write(&group.id, event::ActorRestart { actor_id, runner, runner_effective: None });
    Ok(writer.done())
}

/// `actor_remove`: its cursor, its queue, its secrets and the rules it keeps for itself go with it.
///
/// # Errors
///
/// `actor_remove_failed`.
pub fn remove(cx: &RequestContext<'_>, args: &actor::Remove) -> Result<Decision, OpError> {
    let (group, actor_state) = cx.named_actor(&args.group_id, &args.actor_id)?;
    let mut writer = cx.writer();
    let actor_id = actor_state.actor.id.clone();
    writer.write(&group.id, event::ActorRemove { actor_id, runner: None, runner_effective: None });
    if let Some(update) = ruleset::without(&group.automation, &actor_state.actor.id) {
        writer.write(&group.id, update);
    }
    if !actor_state.secrets.version.is_empty() {
        writer.forget_secrets(&group.id);
    }
    Ok(writer.done())
}

/// Answer of `actor_remove`.
///
/// # Errors
///
/// None that a client can bring about.
pub fn removed(args: &actor::Remove, events: &[Event]) -> Result<Reply, OpError> {
    let event = written(events, |body| matches!(body, Body::ActorRemove(_)))?;
    Ok(Reply::ActorRemove(actor::Removed { actor_id: args.actor_id.clone(), event }))
}

/// The row and the event, for the answers of `actor_start`, `actor_stop` and `actor_restart`.
///
/// # Errors
///
/// The actor has been removed since.
pub fn changed(state: &State, group_id: &str, actor_id: &str, events: &[Event]) -> Result<actor::Changed, OpError> {
    let is_meant = |body: &Body| matches!(body, Body::ActorStart(_) | Body::ActorStop(_) | Body::ActorRestart(_));
    let event = written(events, is_meant)?;
    let actor_state = state.group(group_id)?.actor_state(actor_id).ok_or_else(|| OpError::actor_not_found(actor_id))?;
    Ok(actor::Changed { actor: actor_state.actor.clone(), event })
}
