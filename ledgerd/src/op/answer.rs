//! `reply`: a message that answers an event.

use super::message::{ack_event, acknowledge, client_id, format, mode, plain, priority, say, started, woken};
use super::message_extras::Enclosure;
use super::request::{RequestContext, required, written};
use super::{attachment, cross_group, reading};
use crate::decision::{Decision, Needs};
use crate::recipient::Roster;
use crate::state::State;
use bus::contract::document::MessageMode;
use bus::contract::event::ChatMessage;
use bus::contract::op::message;
use bus::contract::{Body, Code, Event, OpError, Reply};

/// How much of an answered text is quoted.
const QUOTE_CHARS: usize = 100;

/// Words for how an answer is handed over.
const REPLY_MODES: [MessageMode; 2] = [MessageMode::Send, MessageMode::Mail];

/// The event that is answered, and the stored files that the answer names.
pub fn needs(state: &State, args: &message::Reply) -> Needs {
    let files = reading::files(state, &args.group_id, &args.attachments);
    Needs { files: files.files, ..reading::event(state, &args.group_id, &args.reply_to) }
}

/// `reply`: quotes what is answered, and acknowledges it where it asks for that. What came from another group is answered
/// there, unless recipients here are named.
///
/// # Errors
///
/// `invalid_priority`, `missing_group_id`, `missing_reply_to`, `group_not_found`, `event_not_found`, and as `send`.
pub fn reply(cx: &RequestContext<'_>, args: &message::Reply) -> Result<Decision, OpError> {
    let (priority, mode) = (priority(&args.priority)?, mode(&args.message_mode, &REPLY_MODES)?);
    required(&args.group_id, Code::MissingGroupId)?;
    required(&args.reply_to, Code::MissingReplyTo)?;
    let group = cx.group(&args.group_id)?;
    let original = cx.event(&args.reply_to)?;
    let original_to = if let Body::ChatMessage(message) = &original.body { &message.to[..] } else { &[] };
    let roster = group.roster();
    let mut to = roster.resolve(&args.to)?;
    let origin = cross_group::origin(cx, group, original).filter(|_| to.is_empty());
    if to.is_empty() && origin.is_none() {
        let broadcasts = group.settings().broadcasts();
        to = roster.resolve(&Roster::for_reply(&cx.by, &original.by, original_to, broadcasts))?;
    }
    let enclosed = Enclosure::read(&args.refs, &args.insight, &args.suggested_user_message)?;
    let audience = if origin.is_some() { vec![original.by.clone()] } else { to.clone() };
    enclosed.check_insight(args.require_peer_insight, &audience)?;
    let message = ChatMessage {
        format: format(&args.format),
        reply_to: Some(original.id.clone()),
        quote_text: quote(&original.body),
        attachments: attachment::read(&args.attachments, cx.known)?,
        message_mode: mode,
        client_id: client_id(args.client_id.as_ref())?,
        ..plain(&args.text, to.clone(), priority, args.reply_required)
    };
    let mut writer = cx.writer();
    if let Some(origin) = origin {
        cross_group::answer(cx, (group, origin), original, enclosed.with(message), &mut writer)?;
    } else {
        let woken = woken(&roster, cx, group, &to, mode)?;
        let roster = roster.with_enabled(&woken);
        say(cx, group, &roster, &woken, &group.active_scope_key, enclosed.with(message), &mut writer)?;
        acknowledge(group, &cx.by, original, &mut writer);
    }
    Ok(writer.done())
}

fn quote(body: &Body) -> Option<String> {
    let Body::ChatMessage(message) = body else { return None };
    let text = message.text.trim();
    let mut quote: String = text.chars().take(QUOTE_CHARS).collect();
    if quote.len() < text.len() {
        quote.push_str("...");
    }
    Some(quote).filter(|quote| !quote.is_empty())
}

/// Answer of `reply`.
///
/// # Errors
///
/// None that a client can bring about.
pub fn replied(events: &[Event]) -> Result<Reply, OpError> {
    let event = written(events, |body| matches!(body, Body::ChatMessage(_)))?;
    Ok(Reply::Reply(message::Replied { event, ack_event: ack_event(events), started: started(events) }))
}
