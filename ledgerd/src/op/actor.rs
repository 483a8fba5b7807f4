//! Ops about actors that are there: who they are, and whether they should run.

use super::case::{Case, required, under, written};
use super::page::{self, Page};
use super::{profile, ruleset};
use crate::decision::Decision;
use crate::permission::{self, Action};
use crate::state::State;
use crate::state::group::Group;
use crate::state::seat::Seat;
use crate::suggest;
use bus::contract::event;
use bus::contract::op::actor;
use bus::contract::{Actor, Body, Code, Event, OpError, Reply};

/// `actor_list`: in roster order. Counts take no longer the more there is unread.
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`; `invalid_request` for what is no cursor.
pub fn list(case: &Case<'_>, args: &actor::List) -> Result<Reply, OpError> {
    let group = case.group(&args.group_id)?;
    let start = page::resume(group.seats.iter().map(|seat| seat.actor.id.as_str()), &args.cursor)?;
    let views = group.seats.iter().skip(start.number).map(|seat| group.view(seat, args.include_unread));
    let Page { rows: actors, cursor: next_cursor } = page::fill(start, views, |view| view.actor.id.clone());
    Ok(Reply::ActorList(actor::Listed { actors, trouble: None, has_more: next_cursor.is_some(), next_cursor }))
}

/// The group and the actor an op is about, if whoever speaks may do it.
///
/// # Errors
///
/// `missing_group_id`, `missing_actor_id`, `group_not_found`, the op's own refusal, `actor_not_found`.
pub fn allowed<'a>(
    case: &Case<'a>,
    group_id: &str,
    actor_id: &str,
    action: Action,
) -> Result<(&'a Group, &'a Seat), OpError> {
    required(group_id, Code::MissingGroupId)?;
    required(actor_id, Code::MissingActorId)?;
    let group = case.group(group_id)?;
    permission::check(group, &case.by, action, actor_id)?;
    let seat = group.seat(actor_id).ok_or_else(|| suggest::actor_not_found(group, actor_id))?;
    Ok((group, seat))
}

/// The group and the actor of an op that is the user's.
///
/// # Errors
///
/// `permission_denied`, `missing_group_id`, `missing_actor_id`, `group_not_found`, `actor_not_found`.
pub fn allowed_to_the_user<'a>(
    case: &Case<'a>,
    group_id: &str,
    actor_id: &str,
) -> Result<(&'a Group, &'a Seat), OpError> {
    permission::check_user(&case.by)?;
    required(group_id, Code::MissingGroupId)?;
    required(actor_id, Code::MissingActorId)?;
    let group = case.group(group_id)?;
    Ok((group, group.seat(actor_id).ok_or_else(|| suggest::actor_not_found(group, actor_id))?))
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
pub fn start(case: &Case<'_>, args: &actor::Start) -> Result<Decision, OpError> {
    let (group, seat) = allowed(case, &args.group_id, &args.actor_id, Action::ActorStart)?;
    let mut pen = case.pen();
    let seat = profile::renewed(case, &mut pen, group, seat)?;
    group.check_startable(&seat).map_err(|error| under(Code::ActorStartFailed, error))?;
    pen.write(&group.id, start_event(&seat.actor));
    Ok(pen.done())
}

/// `actor_stop`: it is disabled; the group does not run any more when it was the last one.
///
/// # Errors
///
/// `actor_stop_failed`.
pub fn stop(case: &Case<'_>, args: &actor::Stop) -> Result<Decision, OpError> {
    let (group, seat) = allowed(case, &args.group_id, &args.actor_id, Action::ActorStop)?;
    let mut pen = case.pen();
    let actor_id = seat.actor.id.clone();
    pen.write(&group.id, event::ActorStop { actor_id, runner: None, runner_effective: None });
    Ok(pen.done())
}

/// `actor_restart`: it is enabled and gets a new session, if its group runs.
///
/// # Errors
///
/// `profile_not_found`, `actor_restart_failed`; in a group that runs also `missing_project_root`, `scope_not_attached`.
pub fn restart(case: &Case<'_>, args: &actor::Restart) -> Result<Decision, OpError> {
    let (group, seat) = allowed(case, &args.group_id, &args.actor_id, Action::ActorRestart)?;
    let mut pen = case.pen();
    let seat = profile::renewed(case, &mut pen, group, seat)?;
    if group.running {
        group.check_startable(&seat).map_err(|error| match error.code {
            Code::MissingProjectRoot | Code::ScopeNotAttached => error,
            _ => under(Code::ActorRestartFailed, error),
        })?;
    }
    let (actor_id, runner) = (seat.actor.id.clone(), Some(seat.actor.runner.word().to_owned()));
    pen.write(&group.id, event::ActorRestart { actor_id, runner, runner_effective: None });
    Ok(pen.done())
}

/// `actor_remove`: its cursor, its queue, its secrets and the rules it keeps for itself go with it.
///
/// # Errors
///
/// `actor_remove_failed`.
pub fn remove(case: &Case<'_>, args: &actor::Remove) -> Result<Decision, OpError> {
    let (group, seat) = allowed(case, &args.group_id, &args.actor_id, Action::ActorRemove)?;
    let mut pen = case.pen();
    let actor_id = seat.actor.id.clone();
    pen.write(&group.id, event::ActorRemove { actor_id, runner: None, runner_effective: None });
    if let Some(update) = ruleset::without(&group.automation, &seat.actor.id) {
        pen.write(&group.id, update);
    }
    if !seat.secrets.version.is_empty() {
        pen.forget_secrets(&group.id);
    }
    Ok(pen.done())
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
    let seat = state.group(group_id)?.seat(actor_id).ok_or_else(|| OpError::actor_not_found(actor_id))?;
    Ok(actor::Changed { actor: seat.actor.clone(), event })
}
