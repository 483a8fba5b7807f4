//! Ops about headless actors, who say themselves how they are. Each for itself; the foreman and the user for everybody.

use super::request::{RequestContext, named, required, written};
use crate::decision::Decision;
use crate::state::State;
use crate::state::group::Group;
use bus::contract::document::HeadlessStatus;
use bus::contract::op::headless;
use bus::contract::{Body, Code, Event, OpError, Reply, event};

/// `headless_status`
///
/// # Errors
///
/// Missing ids, `group_not_found`, `session_not_found`.
pub fn status(cx: &RequestContext<'_>, args: &headless::Status) -> Result<Reply, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    required(&args.actor_id, Code::MissingActorId)?;
    let state = session(cx.group(&args.group_id)?, &args.actor_id)?;
    Ok(Reply::HeadlessStatus(headless::StatusIs { state }))
}

fn session(group: &Group, actor_id: &str) -> Result<headless::State, OpError> {
    group.headless(actor_id).ok_or_else(|| {
        let sentence = format!("session not found: {actor_id} is not a headless actor that should run");
        OpError::new(Code::SessionNotFound, sentence).with("actor_id", actor_id)
    })
}

/// `headless_set_status`: saying again what is known writes nothing.
///
/// # Errors
///
/// `invalid_status`, missing ids, `group_not_found`, `session_not_found`, `permission_denied`, a limit.
pub fn set_status(cx: &RequestContext<'_>, args: &headless::SetStatus) -> Result<Decision, OpError> {
    let status = HeadlessStatus::parse(&args.status).ok_or_else(|| {
        let words = HeadlessStatus::WORDS.join(", ");
        OpError::new(Code::InvalidStatus, format!("invalid status: {:?}; use one of: {words}", args.status))
    })?;
    required(&args.group_id, Code::MissingGroupId)?;
    required(&args.actor_id, Code::MissingActorId)?;
    named("task_id", &args.task_id)?;
    let group = cx.group(&args.group_id)?;
    let before = session(group, &args.actor_id)?;
    let task_id = Some(args.task_id.clone()).filter(|task_id| !task_id.is_empty());
    let mut writer = cx.writer();
    if before.status != status || task_id.is_some() && before.current_task_id != task_id {
        let actor_id = args.actor_id.clone();
        writer.write(&group.id, event::Headless { actor_id, status: Some(status), task_id, message_id: None });
    }
    Ok(writer.done())
}

/// Answer of `headless_set_status`: how it is now.
///
/// # Errors
///
/// `session_not_found`: it has been stopped since.
pub fn status_set(state: &State, args: &headless::SetStatus) -> Result<Reply, OpError> {
    let state = session(state.group(&args.group_id)?, &args.actor_id)?;
    Ok(Reply::HeadlessSetStatus(headless::StatusIs { state }))
}

/// `headless_ack_message`: the last message it has taken. This is no acknowledgement of an attention message.
///
/// # Errors
///
/// Missing ids, `group_not_found`, `session_not_found`, `permission_denied`, a limit.
pub fn ack_message(cx: &RequestContext<'_>, args: &headless::AckMessage) -> Result<Decision, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    required(&args.actor_id, Code::MissingActorId)?;
    required(&args.message_id, Code::MissingMessageId)?;
    named("message_id", &args.message_id)?;
    let group = cx.group(&args.group_id)?;
    session(group, &args.actor_id)?;
    let (actor_id, message_id) = (args.actor_id.clone(), Some(args.message_id.clone()));
    let mut writer = cx.writer();
    writer.write(&group.id, event::Headless { actor_id, status: None, task_id: None, message_id });
    Ok(writer.done())
}

/// Answer of `headless_ack_message`.
///
/// # Errors
///
/// None that a client can bring about.
pub fn message_acked(args: &headless::AckMessage, events: &[Event]) -> Result<Reply, OpError> {
    let event = written(events, |body| matches!(body, Body::Headless(_)))?;
    Ok(Reply::HeadlessAckMessage(headless::MessageAcked { message_id: args.message_id.clone(), acked_at: event.ts }))
}
