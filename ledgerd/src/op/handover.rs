//! Handing over a message that exists: mail, or what has not, or not certainly, arrived.
//!
//! What is known to have arrived is never handed over again; what is not known, only when somebody accepts that it may
//! come twice.

use super::case::Case;
use super::message::{NOTICE_CHARS, notice};
use super::obligation::own_message;
use crate::decision::Decision;
use crate::recipient::is_addressed;
use crate::state::group::Group;
use crate::state::seat::Seat;
use crate::suggest;
use bus::contract::document::{Deliver as Typing, GroupState, MessageMode, Runner, Stage};
use bus::contract::event::{self, ChatMessage};
use bus::contract::op::handover::{Claimed, Deliver};
use bus::contract::{Body, Code, Event, OpError, Reply, limit};

/// `message_deliver`: a group that rests or is paused gets up for it.
///
/// # Errors
///
/// As [`own_message`]; `missing_actor_id`, `actor_not_found`, `event_not_for_actor`, `delivery_blocked`,
/// `delivery_ambiguous`, a limit. Nobody gets it then.
pub fn deliver(case: &Case<'_>, args: &Deliver) -> Result<Decision, OpError> {
    let (event, message) = own_message(case, &args.group_id, &args.source_event_id)?;
    let group = case.group(&args.group_id)?;
    if args.actor_ids.is_empty() {
        return Err(OpError::new(Code::MissingActorId, "missing actor_ids"));
    }
    if args.actor_ids.len() > limit::RECIPIENTS_MAX {
        return Err(OpError::too_large("actor_ids", args.actor_ids.len(), limit::RECIPIENTS_MAX, "RECIPIENTS_MAX"));
    }
    let mut seats: Vec<&Seat> = Vec::new();
    for actor_id in &args.actor_ids {
        let seat = group.seat(actor_id).ok_or_else(|| suggest::actor_not_found(group, actor_id))?;
        check_recipient(group, seat, event, message)?;
        let is_known = seats.iter().any(|known| known.actor.id == *actor_id);
        if !is_known && is_to_be_handed(group, seat, event, message, args.force_ambiguous)? {
            seats.push(seat);
        }
    }
    let mut pen = case.pen();
    if seats.is_empty() {
        return Ok(pen.done());
    }
    if group.state != GroupState::Active {
        pen.write(&group.id, event::GroupSetState { old_state: group.state, new_state: GroupState::Active });
    }
    let actor_ids = seats.iter().map(|seat| seat.actor.id.clone()).collect();
    pen.write(&group.id, event::HandOver { event_id: event.id.clone(), actor_ids, forced: args.force_ambiguous });
    let beginning: String = message.text.chars().take(NOTICE_CHARS).collect();
    for seat in seats.into_iter().filter(|seat| seat.actor.runner == Runner::Headless) {
        pen.as_system(&group.id, notice(&seat.actor.id, &event.by, &event.id, message, &beginning));
    }
    Ok(pen.done())
}

/// Checks that an actor is meant by a message, and there to get it.
fn check_recipient(group: &Group, seat: &Seat, event: &Event, message: &ChatMessage) -> Result<(), OpError> {
    let id = &seat.actor.id;
    let is_meant = seat.added_seq <= event.seq && event.by != *id && is_addressed(&message.to, id, group.role(id));
    if !is_meant {
        let sentence = format!("{} is not addressed to {id}", event.id);
        return Err(OpError::new(Code::EventNotForActor, sentence).with("to", message.to.clone()));
    }
    let why = if !seat.actor.enabled {
        "is not enabled; start it first"
    } else if seat.actor.runner == Runner::Headless && seat.has_stopped_itself() {
        "has stopped itself; start it first"
    } else if seat.actor.runner == Runner::Pty && seat.actor.deliver == Typing::Inbox {
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
    seat: &Seat,
    event: &Event,
    message: &ChatMessage,
    is_forced: bool,
) -> Result<bool, OpError> {
    let has_read = group.unread.has_read(group.reader(&seat.actor.id), event.seq);
    if seat.actor.runner == Runner::Headless {
        return Ok(is_forced || !has_read);
    }
    let is_mail = message.message_mode == Some(MessageMode::Mail);
    match seat.queue.stage(event.seq) {
        Some((Stage::Held | Stage::Accepted, _)) => Ok(false),
        // The program was seen to take it; whether anybody in it has read it is not known.
        Some((Stage::Handed, _)) => Ok(is_forced && !has_read),
        Some((Stage::Failed, _)) => Ok(is_forced || !has_read),
        _ if is_forced => Ok(true),
        _ if has_read => Ok(false),
        None if is_mail => Ok(true),
        Some((Stage::Uncertain, _)) | None => {
            let id = &seat.actor.id;
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
