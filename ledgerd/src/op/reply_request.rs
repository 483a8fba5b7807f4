//! Answers that are owed, and are not any more.

use super::reading;
use super::request::{RequestContext, required};
use crate::decision::{Decision, Known, Needs};
use crate::permission;
use crate::state::State;
use bus::contract::event::{self, ChatMessage};
use bus::contract::op::reply_request::{Cancel, Cancelled};
use bus::contract::{Body, Code, Event, OpError, Reply};

/// A message that exists, read for a decision about it. The record of a message to another group is none: it was said
/// there.
///
/// # Errors
///
/// `missing_group_id`, `missing_event_id`, `group_not_found`, `event_not_found`, `invalid_event_kind`,
/// `permission_denied` for everybody but its sender and the user.
pub fn own_message<'a>(
    cx: &RequestContext<'a>,
    group_id: &str,
    event_id: &str,
) -> Result<(&'a Event, &'a ChatMessage), OpError> {
    required(group_id, Code::MissingGroupId)?;
    required(event_id, Code::MissingEventId)?;
    cx.group(group_id)?;
    let event = cx.event(event_id)?;
    let refused = |sentence: String| OpError::new(Code::InvalidEventKind, sentence).with("kind", event.kind());
    let Body::ChatMessage(message) = &event.body else {
        return Err(refused(format!("{} is a {}, and no message", event.id, event.kind())));
    };
    if let Some(group_id) = &message.dst_group_id {
        return Err(refused(format!("{} is the record of a message to {group_id}; ask about that one", event.id)));
    }
    permission::check_sender(&cx.by, &event.by)?;
    Ok((event, message))
}

/// The message, and the event that has cancelled its request before.
pub fn needs(state: &State, args: &Cancel) -> Needs {
    let Ok(group) = state.group(&args.group_id) else { return Needs::default() };
    let message = group.index.find(&args.source_event_id);
    let cancelled = message.and_then(|message| group.replies.cancelled_by(message));
    reading::events(group, message.into_iter().chain(cancelled))
}

/// `reply_request_cancel`: whoever has not answered yet owes no answer any more. Nothing is written when that is so
/// already.
///
/// # Errors
///
/// As [`own_message`]; `not_a_reply_request`.
pub fn cancel(cx: &RequestContext<'_>, args: &Cancel) -> Result<Decision, OpError> {
    let (event, message) = own_message(cx, &args.group_id, &args.source_event_id)?;
    if !message.reply_required {
        return Err(OpError::new(Code::NotAReplyRequest, format!("{} asks for no answer", event.id)));
    }
    let group = cx.group(&args.group_id)?;
    let mut writer = cx.writer();
    if group.replies.cancelled_by(event.seq).is_none() {
        writer.write(&group.id, event::ReplyRequestCancelled { source_event_id: event.id.clone() });
    }
    Ok(writer.done())
}

/// Answer of `reply_request_cancel`.
///
/// # Errors
///
/// The event is gone.
pub fn cancelled(args: &Cancel, events: &[Event], known: &Known) -> Result<Reply, OpError> {
    let is_meant = |event: &&Event| matches!(event.body, Body::ReplyRequestCancelled(_));
    let found = events.iter().chain(&known.events).find(is_meant).cloned();
    let event = found.ok_or_else(|| OpError::event_not_found(&args.source_event_id))?;
    Ok(Reply::ReplyRequestCancel(Cancelled { event, already: events.is_empty() }))
}
