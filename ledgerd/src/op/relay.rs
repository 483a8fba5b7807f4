//! Messages to another group: a record in the group it comes from, a copy in the one it goes to, both or neither.
//!
//! Both ledgers are written before the home's, whose line stands for the whole.

use super::case::{Case, named, required, written, written_as};
use super::enclosure::Enclosure;
use super::message::{MODES, mode, plain, priority, say, woken};
use crate::decision::Decision;
use bus::contract::document::MessageMode;
use bus::contract::event::{ChatMessage, CrossGroup};
use bus::contract::op::message;
use bus::contract::{Body, Code, Event, OpError, Reply, name};
use serde_json::Value;

/// `send_cross_group`: everything is checked in both groups before anything is written in either.
///
/// # Errors
///
/// In this order: `attachments_not_supported`, `invalid_priority`, `missing_group_id`, `missing_dst_group_id`,
/// `invalid_dst_group_id`, `group_not_found`, `invalid_recipient`, and as `send`.
pub fn send(case: &Case<'_>, args: &message::CrossSend) -> Result<Decision, OpError> {
    let is_empty = match &args.attachments {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::String(_) | Value::Object(_) => false,
    };
    if !is_empty {
        let sentence = "a message to another group takes no attachments; store them there and send from there";
        return Err(OpError::new(Code::AttachmentsNotSupported, sentence));
    }
    named("client_id", args.client_id.as_deref().unwrap_or_default())?;
    let (priority, mode) = (priority(&args.priority)?, mode(&args.message_mode, &MODES)?);
    let reply_required = args.reply_required || mode == Some(MessageMode::RequestReply);
    required(&args.group_id, Code::MissingGroupId)?;
    required(&args.dst_group_id, Code::MissingDstGroupId)?;
    if args.group_id == args.dst_group_id {
        let sentence = "the message goes to the group it comes from; use send";
        return Err(OpError::new(Code::InvalidDstGroupId, sentence));
    }
    let (src, dst) = (case.group(&args.group_id)?, case.group(&args.dst_group_id)?);
    // An actor there of the same name, or one that looks like it, is somebody else, who is to get the message.
    let outline = name::outline(&case.by);
    let is_taken = dst.seats.iter().any(|seat| name::outline(&seat.actor.id) == outline);
    let by = if is_taken { format!("{}/{}", src.id, case.by) } else { case.by.clone() };
    let lineup = dst.lineup();
    let to = lineup.for_send(&args.to, &args.text, dst.settings().broadcasts())?;
    let enclosed = Enclosure::read(&args.refs, &args.insight, &args.suggested_user_message)?;
    enclosed.check_insight(args.require_peer_insight, &to)?;
    let there = Case { by, ..*case };
    let woken = woken(&lineup, &there, dst, &to, mode)?;

    let mut pen = case.pen();
    let record = ChatMessage {
        dst_group_id: Some(dst.id.clone()),
        dst_to: Some(to.clone()),
        message_mode: mode,
        ..plain(&args.text, vec!["user".into()], priority, reply_required)
    };
    let src_event_id = say(case, src, &src.lineup(), &[], &src.active_scope_key, enclosed.with(record), &mut pen)?;
    let copy = ChatMessage {
        src_group_id: Some(src.id.clone()),
        src_event_id: Some(src_event_id.clone()),
        message_mode: mode,
        ..plain(&args.text, to, priority, reply_required)
    };
    pen.speak_as(&there.by);
    let lineup = lineup.with_enabled(&woken);
    let dst_event_id = say(&there, dst, &lineup, &woken, &dst.active_scope_key, enclosed.with(copy), &mut pen)?;
    pen.speak_as(&case.by);
    let (src_group_id, dst_group_id) = (src.id.clone(), dst.id.clone());
    pen.home(CrossGroup { src_group_id, src_event_id, dst_group_id, dst_event_id });
    Ok(pen.done())
}

/// Answer of `send_cross_group`.
///
/// # Errors
///
/// None that a client can bring about.
pub fn sent(events: &[Event]) -> Result<Reply, OpError> {
    let pick = |body: &Body| match body {
        Body::CrossGroup(ids) => Some(ids.clone()),
        _ => None,
    };
    let (_, ids) = written_as(events, pick)?;
    let half = |id: &str| {
        let found = events.iter().find(|event| event.id == id).cloned();
        found.map_or_else(|| written(events, |_| false), Ok)
    };
    Ok(Reply::SendCrossGroup(message::CrossSent {
        src_event: half(&ids.src_event_id)?,
        dst_event: half(&ids.dst_event_id)?,
    }))
}
