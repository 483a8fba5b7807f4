//! Ops that say something: `send`, `chat_ack`; and what all that say something share.

use super::actor::start_event;
use super::attachment;
use super::message_extras::Enclosure;
use super::profile;
use super::request::{EventWriter, RequestContext, named, required, written};
use super::scope::scope_of;
use crate::decision::Decision;
use crate::permission;
use crate::recipient::{Roster, is_addressed};
use crate::state::group::Group;
use bus::contract::document::{GroupState, MessageMode, NotifyKind, NotifyPriority, Priority, Runner};
use bus::contract::event::{self, ChatMessage, SystemNotify};
use bus::contract::op::message;
use bus::contract::{Body, Code, Event, OpError, Reply};
use serde_json::{Map, Value};

/// How much of a message a headless actor is shown in its notice.
pub const NOTICE_CHARS: usize = 200;

/// Words for how a message is handed over.
pub const MODES: [MessageMode; 3] = [MessageMode::Send, MessageMode::RequestReply, MessageMode::Mail];

/// `send`
///
/// # Errors
///
/// In this order: `invalid_priority`, `missing_group_id`, `group_not_found`, `invalid_recipient`,
/// `invalid_insight`, `peer_insight_required`, `no_enabled_recipients`, `scope_not_attached`, `invalid_attachments`,
/// `empty_message`, a limit.
pub fn send(cx: &RequestContext<'_>, args: &message::Send) -> Result<Decision, OpError> {
    let (priority, mode) = (priority(&args.priority)?, mode(&args.message_mode, &MODES)?);
    let group = cx.group(&args.group_id)?;
    let roster = group.roster();
    let to = roster.for_send(&args.to, &args.text, group.settings().broadcasts())?;
    let enclosed = Enclosure::read(&args.refs, &args.insight, &args.suggested_user_message)?;
    enclosed.check_insight(args.require_peer_insight, &to)?;
    let woken = woken(&roster, cx, group, &to, mode)?;
    let scope_key = scope_of(group, &args.path, args.scope.as_ref())?;
    for (what, text) in [
        ("src_group_id", &args.src_group_id),
        ("src_event_id", &args.src_event_id),
        ("dst_group_id", &args.dst_group_id),
    ] {
        named(what, text)?;
    }
    args.dst_to.iter().try_for_each(|to| named("dst_to", to))?;
    // Where a message came from is known whole or not at all.
    let is_relayed = !args.src_group_id.is_empty() && !args.src_event_id.is_empty();
    let is_record = !args.dst_group_id.is_empty();
    let message = ChatMessage {
        format: format(&args.format),
        src_group_id: is_relayed.then(|| args.src_group_id.clone()),
        src_event_id: is_relayed.then(|| args.src_event_id.clone()),
        dst_group_id: is_record.then(|| args.dst_group_id.clone()),
        dst_to: is_record.then(|| args.dst_to.clone()),
        attachments: attachment::read(&args.attachments, cx.known)?,
        message_mode: mode,
        client_id: client_id(args.client_id.as_ref())?,
        ..plain(&args.text, to, priority, args.reply_required || mode == Some(MessageMode::RequestReply))
    };
    let mut writer = cx.writer();
    say(cx, group, &roster.with_enabled(&woken), &woken, &scope_key, enclosed.with(message), &mut writer)?;
    Ok(writer.done())
}

/// Reads how urgent a message is.
///
/// # Errors
///
/// `invalid_priority`.
pub fn priority(word: &str) -> Result<Priority, OpError> {
    if word.is_empty() {
        return Ok(Priority::default());
    }
    Priority::parse(word).ok_or_else(|| {
        let sentence = format!("invalid priority: {word}; use one of: {}", Priority::WORDS.join(", "));
        OpError::new(Code::InvalidPriority, sentence)
    })
}

/// Reads newer clients' word for how a message is handed over; `None` when there is none.
///
/// # Errors
///
/// `invalid_request`.
pub fn mode(word: &str, allowed: &[MessageMode]) -> Result<Option<MessageMode>, OpError> {
    if word.is_empty() {
        return Ok(None);
    }
    let found = MessageMode::parse(word).filter(|mode| allowed.contains(mode));
    found.map(Some).ok_or_else(|| {
        let words: Vec<_> = allowed.iter().map(|mode| mode.word()).collect();
        let sentence = format!("invalid message_mode: {word}; use one of: {}", words.join(", "));
        OpError::new(Code::InvalidRequest, sentence)
    })
}

/// How a text is to be shown.
pub fn format(word: &str) -> String {
    if word.eq_ignore_ascii_case("markdown") { "markdown".into() } else { "plain".into() }
}

/// The name that a client gives a message.
///
/// # Errors
///
/// `invalid_request`.
pub fn client_id(client_id: Option<&String>) -> Result<Option<String>, OpError> {
    let client_id = client_id.cloned();
    named("client_id", client_id.as_deref().unwrap_or_default())?;
    Ok(client_id)
}

/// Who is woken for a message. Nobody is for mail, which waits for whomever it is for.
///
/// # Errors
///
/// `no_enabled_recipients`.
pub fn woken<'a>(
    roster: &Roster<'a>,
    cx: &RequestContext<'_>,
    group: &Group,
    to: &[String],
    mode: Option<MessageMode>,
) -> Result<Vec<&'a str>, OpError> {
    if mode == Some(MessageMode::Mail) {
        return Ok(Vec::new());
    }
    roster.wake(&cx.by, to, group.state == GroupState::Paused)
}

/// A message without anything that not every message has.
pub fn plain(text: &str, to: Vec<String>, priority: Priority, reply_required: bool) -> ChatMessage {
    ChatMessage {
        text: text.to_owned(),
        format: format(""),
        priority,
        reply_required,
        to,
        reply_to: None,
        quote_text: None,
        src_group_id: None,
        src_event_id: None,
        dst_group_id: None,
        dst_to: None,
        refs: Vec::new(),
        attachments: Vec::new(),
        thread: String::new(),
        client_id: None,
        message_mode: None,
        insight: None,
        suggested_user_message: None,
    }
}

/// Writes a message and everything that comes with it: a group that rests gets up, actors are woken, headless actors
/// get a notice. `roster` is the roster after the waking. Returns the message's id.
///
/// # Errors
///
/// `empty_message`; a profile of somebody who is woken is gone; a limit.
pub fn say(
    cx: &RequestContext<'_>,
    group: &Group,
    roster: &Roster<'_>,
    woken: &[&str],
    scope_key: &str,
    mut message: ChatMessage,
    writer: &mut EventWriter<'_>,
) -> Result<String, OpError> {
    let by = cx.by.as_str();
    if message.text.trim().is_empty() && message.attachments.is_empty() {
        return Err(OpError::new(Code::EmptyMessage, "the message is empty; give a text or an attachment"));
    }
    // Work comes from outside; what agents say to each other must not keep a group awake.
    let is_from_outside = !by.is_empty() && by != "system" && group.actor_state(by).is_none();
    let is_mail = message.message_mode == Some(MessageMode::Mail);
    if group.state == GroupState::Idle && is_from_outside && !is_mail {
        writer.write(&group.id, event::GroupSetState { old_state: GroupState::Idle, new_state: GroupState::Active });
    }
    for actor_state in woken.iter().filter_map(|id| group.actor_state(id)) {
        let actor_state = profile::renewed(cx, writer, group, actor_state)?;
        writer.write(&group.id, start_event(&actor_state.actor));
    }
    let message_id = writer.id();
    let beginning: String = message.text.chars().take(NOTICE_CHARS).collect();
    if let Some(spilled) = attachment::spill(&group.id, &message_id, &message.text)? {
        message.text = spilled.notice;
        message.attachments.push(spilled.attachment);
        writer.decision().blobs.push(spilled.blob);
    }
    let is_running = (group.running || !woken.is_empty()) && !is_mail;
    let headless = group.actor_states.iter().zip(&roster.places).filter(|(actor_state, place)| {
        let is_there = woken.contains(&place.id) || place.is_enabled && is_running && !actor_state.has_stopped_itself();
        actor_state.actor.runner == Runner::Headless && is_there && place.id != by
    });
    let told = headless.filter(|(_, place)| is_addressed(&message.to, place.id, roster.role(place.id)));
    let notices: Vec<_> =
        told.map(|(actor_state, _)| notice(&actor_state.actor.id, by, &message_id, &message, &beginning)).collect();
    writer.identified(&group.id, message_id.clone(), scope_key, message);
    for notice in notices {
        writer.as_system(&group.id, notice);
    }
    Ok(message_id)
}

/// What tells a headless actor to look into its inbox.
pub fn notice(actor_id: &str, by: &str, message_id: &str, message: &ChatMessage, beginning: &str) -> SystemNotify {
    let is_attention = message.priority == Priority::Attention;
    let title = match (message.reply_required, is_attention) {
        (true, _) => "Task: a reply is expected",
        (false, true) => "Important message",
        (false, false) => "New message",
    };
    let context = Map::from_iter([("event_id".into(), Value::from(message_id)), ("from".into(), Value::from(by))]);
    SystemNotify {
        kind: NotifyKind::Info,
        priority: if is_attention { NotifyPriority::Urgent } else { NotifyPriority::High },
        title: title.into(),
        message: format!("From {}: {beginning}", if by.is_empty() { "user" } else { by }),
        target_actor_id: Some(actor_id.to_owned()),
        context,
        requires_ack: false,
        related_event_id: Some(message_id.to_owned()),
    }
}

/// Writes the acknowledgement that lies in a recipient's answering or reading an attention message, once.
///
/// Nobody acknowledges its own message, or one from before it came.
pub fn acknowledge(group: &Group, by: &str, original: &Event, writer: &mut EventWriter<'_>) {
    let Body::ChatMessage(message) = &original.body else { return };
    let name = if permission::is_user(by) { "user" } else { by };
    let came_later = group.actor_state(name).is_some_and(|actor_state| actor_state.added_seq > original.seq);
    let is_somebody = name == "user" || group.actor_state(name).is_some();
    let is_asked = message.priority == Priority::Attention
        && original.by != by
        && original.by != name
        && is_somebody
        && !came_later
        && is_addressed(&message.to, name, group.role(name));
    if is_asked && !group.acks.has(original.seq, name) {
        let (actor_id, event_id) = (name.to_owned(), original.id.clone());
        writer.write(&group.id, event::ChatAck { actor_id, event_id });
    }
}

/// Answer of `send`.
///
/// # Errors
///
/// None that a client can bring about.
pub fn sent(events: &[Event]) -> Result<Reply, OpError> {
    let event = written(events, |body| matches!(body, Body::ChatMessage(_)))?;
    Ok(Reply::Send(message::Sent { event, started: started(events) }))
}

/// Who is started among what a request has written.
pub fn started(events: &[Event]) -> Vec<String> {
    let starts = events.iter().filter_map(|event| match &event.body {
        Body::ActorStart(start) => Some(start.actor_id.clone()),
        _ => None,
    });
    starts.collect()
}

/// The acknowledgement among what a request has written, if there is one.
pub fn ack_event(events: &[Event]) -> Option<Event> {
    events.iter().find(|event| matches!(event.body, Body::ChatAck(_))).cloned()
}

/// `chat_ack`: nothing is written when it is acknowledged already.
///
/// # Errors
///
/// In this order: missing ids, `permission_denied`, `group_not_found`, `unknown_actor`, `event_not_found`,
/// `invalid_event_kind`, `cannot_ack_own_message`, `not_an_attention_message`, `event_not_for_actor`.
pub fn ack(cx: &RequestContext<'_>, args: &message::Ack) -> Result<Decision, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    required(&args.actor_id, Code::MissingActorId)?;
    required(&args.event_id, Code::MissingEventId)?;
    let group = cx.group(&args.group_id)?;
    let name = args.actor_id.as_str();
    if name != "user" && group.actor_state(name).is_none() {
        return Err(OpError::new(Code::UnknownActor, format!("unknown actor: {name}")));
    }
    let event = cx.event(&args.event_id)?;
    let Body::ChatMessage(message) = &event.body else {
        let sentence = format!("{} is a {}; only messages are acknowledged here", event.id, event.kind());
        return Err(OpError::new(Code::InvalidEventKind, sentence).with("kind", event.kind()));
    };
    if event.by == name || name == "user" && permission::is_user(&event.by) {
        return Err(OpError::new(Code::CannotAckOwnMessage, format!("{name} cannot acknowledge its own message")));
    }
    if message.priority != Priority::Attention {
        let sentence = format!("{} asks for no acknowledgement: its priority is {}", event.id, message.priority);
        return Err(OpError::new(Code::NotAnAttentionMessage, sentence));
    }
    let is_for = match group.actor_state(name) {
        Some(actor_state) => actor_state.added_seq <= event.seq && is_addressed(&message.to, name, group.role(name)),
        None => message.to.iter().any(|to| to == "user" || to == "@user"),
    };
    if !is_for {
        let sentence = format!("{} is not addressed to {name}", event.id);
        return Err(OpError::new(Code::EventNotForActor, sentence).with("to", message.to.clone()));
    }
    let mut writer = cx.writer();
    if !group.acks.has(event.seq, name) {
        let (actor_id, event_id) = (name.to_owned(), event.id.clone());
        writer.write(&group.id, event::ChatAck { actor_id, event_id });
    }
    Ok(writer.done())
}

/// Answer of `chat_ack`.
pub fn acked(events: &[Event]) -> Reply {
    let event = ack_event(events);
    Reply::ChatAck(message::Acked { acked: true, already: event.is_none(), event })
}
