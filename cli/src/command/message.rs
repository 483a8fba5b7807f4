//! `cccc send`, `reply`, `ack`, `deliver` and `notify`: what people and agents say to each other.

use super::group_arg::{Place, Speaker};
use super::{Context, Failure, blob, word};
use bus::contract::document::{NotifyKind, NotifyPriority, Priority};
use bus::contract::op::{ledger, message, notify, redeliver};
use bus::contract::{Body, Code, Op, OpError};
use clap::Args;
use clap::builder::PossibleValuesParser;
use std::path::PathBuf;

/// Kinds that can be answered and acknowledged by a few digits of their id.
pub const ANSWERABLE: [&str; 2] = ["chat.message", "system.notify"];

/// What a message asks of its recipients, and who they are.
#[derive(Debug, Args)]
pub struct Manner {
    /// Recipients: actor ids or titles, user, @all, @peers, @foreman; repeat or separate by commas
    #[arg(long, value_name = "WHO", value_delimiter = ',')]
    to: Vec<String>,
    /// `attention` asks every recipient for an acknowledgement
    #[arg(long, value_parser = PossibleValuesParser::new(Priority::WORDS), default_value = "normal")]
    priority: String,
    /// Every recipient owes a reply
    #[arg(long)]
    reply_required: bool,
    /// File to send along; repeat for more
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    speaker: Speaker,
}

/// `cccc send`
#[derive(Debug, Args)]
pub struct Send {
    /// What to say; `-` reads it from standard input
    #[arg(required_unless_present = "attach", allow_hyphen_values = true, value_parser = word::said)]
    text: Option<String>,
    /// Send it to another group, by id or title; a record stays in this one
    #[arg(long, value_name = "GROUP", conflicts_with_all = ["attach", "path"])]
    dst_group: Option<String>,
    /// Attached directory that it is about
    #[arg(long, default_value = "")]
    path: String,
    #[command(flatten)]
    manner: Manner,
}

/// `cccc reply`
#[derive(Debug, Args)]
pub struct Reply {
    /// Event that is answered: its id, or the digits that `tail` and `inbox` show
    event_id: String,
    /// What to say; `-` reads it from standard input
    #[arg(allow_hyphen_values = true, value_parser = word::said)]
    text: String,
    #[command(flatten)]
    manner: Manner,
}

/// `cccc ack`
#[derive(Debug, Args)]
pub struct Ack {
    /// Message or notification: its id, or the digits that `tail` and `inbox` show
    event_id: String,
    /// Who acknowledges [default: inside an agent $CCCC_ACTOR_ID, else user]
    #[arg(long, visible_alias = "by", value_name = "WHO")]
    actor_id: Option<String>,
    #[command(flatten)]
    place: Place,
}

/// `cccc deliver`
#[derive(Debug, Args)]
pub struct Deliver {
    /// Message: its id, or the digits that `tail` and `inbox` show
    event_id: String,
    /// To whom; each must be one of its recipients
    #[arg(long, value_name = "ACTOR", value_delimiter = ',', required = true)]
    to: Vec<String>,
    /// Also to those who may have it: it may come twice
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    speaker: Speaker,
}

/// `cccc notify`
#[derive(Debug, Args)]
pub struct Notify {
    /// Headline
    #[arg(allow_hyphen_values = true, value_parser = word::said)]
    title: String,
    /// Text; `-` reads it from standard input
    #[arg(default_value = "", allow_hyphen_values = true, value_parser = word::said)]
    message: String,
    /// For whom; everybody when absent
    #[arg(long, value_name = "ACTOR", default_value = "")]
    to: String,
    /// What it is about
    #[arg(long, value_parser = PossibleValuesParser::new(NotifyKind::WORDS), default_value = "info")]
    kind: String,
    /// `high` and `urgent` ones are typed into terminals
    #[arg(long, value_parser = PossibleValuesParser::new(NotifyPriority::WORDS), default_value = "normal")]
    priority: String,
    /// Ask for an acknowledgement
    #[arg(long)]
    requires_ack: bool,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    speaker: Speaker,
}

/// Sends a message.
///
/// # Errors
///
/// The refusal: nothing was sent.
pub fn send(context: &Context, send: Send) -> Result<(), Failure> {
    let Manner { to, priority, reply_required, attach, place, speaker } = send.manner;
    let (text, group_id) = (word::text(send.text.unwrap_or_default())?, context.group(&place)?);
    if let Some(named) = &send.dst_group {
        let dst_group_id = context.named_group(named)?;
        let more = message::CrossSend::default();
        let op = message::CrossSend { group_id, dst_group_id, text, to, priority, reply_required, ..more };
        return context.run(Op::SendCrossGroup(op), speaker.name());
    }
    let op = Op::Send(message::Send {
        text,
        attachments: blob::attach(context, &group_id, &attach, speaker.name())?,
        group_id,
        to,
        priority,
        reply_required,
        path: send.path,
        ..message::Send::default()
    });
    context.run(op, speaker.name())
}

/// Answers an event.
///
/// # Errors
///
/// The refusal: nothing was sent.
pub fn reply(context: &Context, reply: Reply) -> Result<(), Failure> {
    let Manner { to, priority, reply_required, attach, place, speaker } = reply.manner;
    let text = word::text(reply.text)?;
    let group_id = context.group(&place)?;
    let reply_to = context.event_id(&group_id, &reply.event_id, &ANSWERABLE)?;
    let op = message::Reply {
        attachments: blob::attach(context, &group_id, &attach, speaker.name())?,
        group_id,
        reply_to,
        text,
        to,
        priority,
        reply_required,
        ..message::Reply::default()
    };
    context.run(Op::Reply(op), speaker.name())
}

/// Acknowledges a message or a notification.
///
/// # Errors
///
/// The refusal.
pub fn ack(context: &Context, ack: Ack) -> Result<(), Failure> {
    let group_id = context.group(&ack.place)?;
    let event_id = context.event_id(&group_id, &ack.event_id, &ANSWERABLE)?;
    // Nobody acknowledges for somebody else, so who acknowledges is who speaks.
    let actor_id = context.identity().reader(ack.actor_id.as_deref()).to_owned();
    let op = match is_notification(context, &group_id, &event_id)? {
        true => Op::NotifyAck(notify::Ack { group_id, actor_id: actor_id.clone(), notify_event_id: event_id }),
        false => Op::ChatAck(message::Ack { group_id, actor_id: actor_id.clone(), event_id }),
    };
    context.run(op, Some(&actor_id))
}

/// Has a message handed over that is there already.
///
/// # Errors
///
/// The refusal: nobody gets it.
pub fn deliver(context: &Context, deliver: Deliver) -> Result<(), Failure> {
    let Deliver { event_id, to, again, place, speaker } = deliver;
    let group_id = context.group(&place)?;
    let source_event_id = context.event_id(&group_id, &event_id, &["chat.message"])?;
    let op = redeliver::Deliver { group_id, source_event_id, actor_ids: to, force_ambiguous: again };
    context.run(Op::MessageDeliver(op), speaker.name())
}

fn is_notification(context: &Context, group_id: &str, event_id: &str) -> Result<bool, Failure> {
    let window = ledger::Window {
        group_id: group_id.into(),
        event_id: event_id.into(),
        before: Some(0),
        after: Some(0),
        kinds: Vec::new(),
    };
    if event_id.is_empty() {
        return Err(OpError::new(Code::MissingEventId, "missing event_id").into());
    }
    let events = context.ask(window, None)?.events;
    Ok(events.iter().any(|event| event.id == event_id && matches!(event.body, Body::SystemNotify(_))))
}

/// Sends a notification.
///
/// # Errors
///
/// The refusal: nothing was sent.
pub fn notify(context: &Context, args: Notify) -> Result<(), Failure> {
    let op = Op::SystemNotify(notify::Notify {
        message: word::text(args.message)?,
        group_id: context.group(&args.place)?,
        kind: args.kind,
        priority: args.priority,
        title: args.title,
        target_actor_id: args.to,
        requires_ack: args.requires_ack,
        context: None,
    });
    // The op's usual speaker is the system; a person who types is the user.
    let by = context.identity().reader(args.speaker.name()).to_owned();
    context.run(op, Some(&by))
}
