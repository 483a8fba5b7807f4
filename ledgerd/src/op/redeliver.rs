//! Handing over a message that exists: mail, or what has not, or not certainly, arrived.
//!
//! What is known to have arrived is never handed over again; what is not known, only when somebody accepts that it may
//! come twice.

use super::message::{NOTICE_CHARS, notice};
use super::reply_request::own_message;
use super::request::RequestContext;
use crate::decision::Decision;
use crate::recipient::is_addressed;
use crate::state::actor::ActorState;
use crate::state::group::Group;
use bus::contract::document::{Deliver as Typing, GroupState, MessageMode, Runner, Stage};
use bus::contract::event::{self, ChatMessage};
use bus::contract::op::redeliver::{Claimed, Deliver};
use bus::contract::{Body, Code, Event, OpError, Reply, limit};

/// `message_deliver`: a group that rests or is paused gets up for it.
///
/// # Errors
///
/// As [`own_message`]; `missing_actor_id`, `actor_not_found`, `event_not_for_actor`, `delivery_blocked`,
/// `delivery_ambiguous`, a limit. Nobody gets it then.
pub fn deliver(cx: &RequestContext<'_>, args: &Deliver) -> Result<Decision, OpError> {
    let (event, message) = own_message(cx, &args.group_id, &args.source_event_id)?;
    let group = cx.group(&args.group_id)?;
    if args.actor_ids.is_empty() {
        return Err(OpError::new(Code::MissingActorId, "missing actor_ids"));
    }
    if args.actor_ids.len() > limit::RECIPIENTS_MAX {
        return Err(OpError::too_large("actor_ids", args.actor_ids.len(), limit::RECIPIENTS_MAX, "RECIPIENTS_MAX"));
    }
    let mut actor_states: Vec<&ActorState> = Vec::new();
    for actor_id in &args.actor_ids {
        let actor_state = cx.actor(group, actor_id)?;
        check_recipient(group, actor_state, event, message)?;
        let is_known = actor_states.iter().any(|known| known.actor.id == *actor_id);
        if !is_known && is_to_be_handed(group, actor_state, event, message, args.force_ambiguous)? {
            actor_states.push(actor_state);
        }
    }
    let mut writer = cx.writer();
    if actor_states.is_empty() {
        return Ok(writer.done());
    }
    if group.state != GroupState::Active {
        writer.write(&group.id, event::GroupSetState { old_state: group.state, new_state: GroupState::Active });
    }
    let actor_ids = actor_states.iter().map(|actor_state| actor_state.actor.id.clone()).collect();
    writer.write(&group.id, event::HandOver { event_id: event.id.clone(), actor_ids, forced: args.force_ambiguous });
    let beginning: String = message.text.chars().take(NOTICE_CHARS).collect();
    for actor_state in actor_states.into_iter().filter(|actor_state| actor_state.actor.runner == Runner::Headless) {
        writer.as_system(&group.id, notice(&actor_state.actor.id, &event.by, &event.id, message, &beginning));
    }
    Ok(writer.done())
}

/// Checks that an actor is meant by a message, and there to get it.
fn check_recipient(
    group: &Group,
    actor_state: &ActorState,
    event: &Event,
    message: &ChatMessage,
) -> Result<(), OpError> {
    let id = &actor_state.actor.id;
    let is_meant =
        actor_state.added_seq <= event.seq && event.by != *id && is_addressed(&message.to, id, group.role(id));
    if !is_meant {
        let sentence = format!("{} is not addressed to {id}", event.id);
        return Err(OpError::new(Code::EventNotForActor, sentence).with("to", message.to.clone()));
    }
    let why = if !actor_state.actor.enabled {
        "is not enabled; start it first"
    } else if actor_state.actor.runner == Runner::Headless && actor_state.has_stopped_itself() {
        "has stopped itself; start it first"
    } else if actor_state.actor.runner == Runner::Pty && actor_state.actor.deliver == Typing::Inbox {
        "is typed nothing, and reads its inbox by itself"
    } else {
        return Ok(());
    };
    Err(OpError::new(Code::DeliveryBlocked, format!("{id} {why}")).with("actor_id", id.as_str()))
}

/// Whether a message is to be handed to an actor now. It is not when the actor has it, has read it, or is about to get
/// it.
fn is_to_be_handed(
    group: &Group,
    actor_state: &ActorState,
    event: &Event,
    message: &ChatMessage,
    is_forced: bool,
) -> Result<bool, OpError> {
    let has_read = group.unread.has_read(group.reader(&actor_state.actor.id), event.seq);
    if actor_state.actor.runner == Runner::Headless {
        return Ok(is_forced || !has_read);
    }
    let is_mail = message.message_mode == Some(MessageMode::Mail);
    match actor_state.queue.stage(event.seq) {
        Some((Stage::Held | Stage::Accepted, _)) => Ok(false),
        // The program was seen to take it; whether anybody in it has read it is not known.
        Some((Stage::Handed, _)) => Ok(is_forced && !has_read),
        Some((Stage::Failed, _)) => Ok(is_forced || !has_read),
        _ if is_forced => Ok(true),
        _ if has_read => Ok(false),
        None if is_mail => Ok(true),
        Some((Stage::Uncertain, _)) | None => {
            let id = &actor_state.actor.id;
            let sentence = format!(
                "{} may have come to {id} already; look at its terminal, and force it if coming twice does no harm",
                event.id
            );
            Err(OpError::new(Code::DeliveryAmbiguous, sentence).with("actor_id", id.as_str()))
        }
    }
}

/// Answer of `message_deliver`.
pub fn delivering(events: &[Event]) -> Reply {
    let wish = events.iter().find_map(|event| match &event.body {
        Body::HandOver(wish) => Some((event.clone(), wish.actor_ids.clone())),
        _ => None,
    });
    let delivery_state = if wish.is_some() { "claimed" } else { "unchanged" }.to_owned();
    let (event, actor_ids) = wish.map_or_else(|| (None, Vec::new()), |(event, actor_ids)| (Some(event), actor_ids));
    Reply::MessageDeliver(Claimed { event, actor_ids, delivery_state })
}
