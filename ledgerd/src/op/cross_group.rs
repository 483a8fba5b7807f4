//! Messages to another group: a record in the group it comes from, a copy in the one it goes to, both or neither.
//!
//! Both ledgers are written before the home's, whose line stands for the whole.

use super::message::{MODES, acknowledge, mode, plain, priority, say, started, woken};
use super::message_extras::Enclosure;
use super::request::{EventWriter, RequestContext, named, required, written, written_as};
use crate::decision::Decision;
use crate::permission;
use crate::state::group::Group;
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
pub fn send(cx: &RequestContext<'_>, args: &message::CrossSend) -> Result<Decision, OpError> {
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
    let (src, dst) = (cx.group(&args.group_id)?, cx.group(&args.dst_group_id)?);
    let there = RequestContext { by: name_there(cx, src, dst), ..*cx };
    let roster = dst.roster();
    let to = roster.for_send(&args.to, &args.text, dst.settings().broadcasts())?;
    let enclosed = Enclosure::read(&args.refs, &args.insight, &args.suggested_user_message)?;
    enclosed.check_insight(args.require_peer_insight, &to)?;
    let said = ChatMessage { message_mode: mode, ..plain(&args.text, Vec::new(), priority, reply_required) };
    let mut writer = cx.writer();
    let both = carry(cx, &there, (src, dst), to, enclosed.with(said), &Thread::default(), &mut writer)?;
    writer.home(both);
    Ok(writer.done())
}

/// What the two halves of a message answer.
#[derive(Default)]
struct Thread {
    /// In the group it comes from.
    here: Option<String>,
    /// In the one it goes to.
    there: Option<String>,
    /// The beginning of it.
    quote: Option<String>,
}

/// Who speaks, over there: an actor there of the same name, or one that looks like it, is somebody else, who is to get the
/// message.
fn name_there(cx: &RequestContext<'_>, src: &Group, dst: &Group) -> String {
    let outline = name::outline(&cx.by);
    let is_taken = dst.actor_states.iter().any(|actor_state| name::outline(&actor_state.actor.id) == outline);
    if is_taken { format!("{}/{}", src.id, cx.by) } else { cx.by.clone() }
}

/// Writes both halves of a message. What is returned stands for the whole: it is to be written last.
fn carry(
    cx: &RequestContext<'_>,
    there: &RequestContext<'_>,
    (src, dst): (&Group, &Group),
    to: Vec<String>,
    said: ChatMessage,
    thread: &Thread,
    writer: &mut EventWriter<'_>,
) -> Result<CrossGroup, OpError> {
    let roster = dst.roster();
    let woken = woken(&roster, there, dst, &to, said.message_mode)?;
    let record = ChatMessage {
        to: vec!["user".into()],
        dst_group_id: Some(dst.id.clone()),
        dst_to: Some(to.clone()),
        reply_to: thread.here.clone(),
        quote_text: thread.quote.clone(),
        ..said.clone()
    };
    let src_event_id = say(cx, src, &src.roster(), &[], &src.active_scope_key, record, writer)?;
    let copy = ChatMessage {
        to,
        src_group_id: Some(src.id.clone()),
        src_event_id: Some(src_event_id.clone()),
        reply_to: thread.there.clone(),
        quote_text: thread.quote.clone(),
        client_id: None,
        ..said
    };
    writer.speak_as(&there.by);
    let roster = roster.with_enabled(&woken);
    let dst_event_id = say(there, dst, &roster, &woken, &dst.active_scope_key, copy, writer)?;
    writer.speak_as(&cx.by);
    let (src_group_id, dst_group_id) = (src.id.clone(), dst.id.clone());
    Ok(CrossGroup { src_group_id, src_event_id, dst_group_id, dst_event_id })
}

/// Where a message came from, when that was another group that is still there. Users are the same everywhere: one that
/// goes on with a message of its own goes on here.
pub fn origin<'a>(cx: &RequestContext<'a>, group: &Group, original: &Event) -> Option<&'a Group> {
    let Body::ChatMessage(message) = &original.body else { return None };
    let is_own = original.by == cx.by || permission::is_user(&original.by) && permission::is_user(&cx.by);
    let origin = message.src_group_id.as_ref().filter(|origin| !is_own && **origin != group.id)?;
    cx.group(origin).ok()
}

/// Carries an answer to a message from another group back to whoever sent it; to whom that group sends by itself, when
/// the sender is gone. It is an answer in both
/// groups, and acknowledges as one does. `said` has all but its recipients.
///
/// # Errors
///
/// `invalid_request` with attachments, and as [`send`].
pub fn answer(
    cx: &RequestContext<'_>,
    (group, origin): (&Group, &Group),
    original: &Event,
    said: ChatMessage,
    writer: &mut EventWriter<'_>,
) -> Result<(), OpError> {
    if !said.attachments.is_empty() {
        let sentence = format!(
            "the answer goes to {}, and a message to another group takes no attachments; say with `to` who is to get it here",
            origin.id
        );
        return Err(OpError::new(Code::InvalidRequest, sentence));
    }
    let Body::ChatMessage(message) = &original.body else { return Ok(()) };
    let prefix = format!("{}/", origin.id);
    let sender = original.by.strip_prefix(&prefix).unwrap_or(&original.by);
    let wanted = match sender {
        _ if origin.actor_state(sender).is_some() => vec![sender.to_owned()],
        _ if permission::is_user(sender) => vec!["user".to_owned()],
        _ => Vec::new(),
    };
    let to = origin.roster().for_send(&wanted, &said.text, origin.settings().broadcasts())?;
    let there = RequestContext { by: name_there(cx, group, origin), ..*cx };
    let thread =
        Thread { here: Some(original.id.clone()), there: message.src_event_id.clone(), quote: said.quote_text.clone() };
    let both = carry(cx, &there, (group, origin), to, said, &thread, writer)?;
    acknowledge(group, &cx.by, original, writer);
    writer.home(both);
    Ok(())
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
        started: started(events),
    }))
}
