//! `cccc send`, `reply`, `ack`, `deliver` and `notify`: what people and agents say to each other.

use super::group_arg::{Address, GroupArg};
use super::{blob, word};
use crate::client::Client;
use crate::failure::Failure;
use bus::contract::document::{NotifyKind, NotifyPriority, Priority};
use bus::contract::op::{ledger, message, notify, redeliver};
use bus::contract::{Body, Code, OpError};
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
    at: Address,
}

/// `cccc send`
#[derive(Debug, Args)]
pub struct SendArgs {
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
pub struct ReplyArgs {
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
pub struct AckArgs {
    /// Message or notification: its id, or the digits that `tail` and `inbox` show
    event_id: String,
    /// Who acknowledges [default: inside an agent $CCCC_ACTOR_ID, else user]
    #[arg(long, visible_alias = "by", value_name = "WHO")]
    actor_id: Option<String>,
    #[command(flatten)]
    place: GroupArg,
}

/// `cccc deliver`
#[derive(Debug, Args)]
pub struct DeliverArgs {
    /// Message: its id, or the digits that `tail` and `inbox` show
    event_id: String,
    /// To whom; each must be one of its recipients
    #[arg(long, value_name = "ACTOR", value_delimiter = ',', required = true)]
    to: Vec<String>,
    /// Also to those who may have it: it may come twice
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    at: Address,
}

/// `cccc notify`
#[derive(Debug, Args)]
pub struct NotifyArgs {
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
    at: Address,
}

/// Sends a message.
///
/// # Errors
///
/// The refusal: nothing was sent.
pub fn send(client: &Client, send: SendArgs) -> Result<(), Failure> {
    let Manner { to, priority, reply_required, attach, at } = send.manner;
    let (text, group_id) = (word::text(send.text.unwrap_or_default())?, client.group(&at.place)?);
    if let Some(named) = &send.dst_group {
        let dst_group_id = client.named_group(named)?;
        let more = message::CrossSend::default();
        let op = message::CrossSend { group_id, dst_group_id, text, to, priority, reply_required, ..more };
        return client.run(op, at.speaker.name());
    }
    let op = message::Send {
        text,
        attachments: blob::attach(client, &group_id, &attach, at.speaker.name())?,
        group_id,
        to,
        priority,
        reply_required,
        path: send.path,
        ..message::Send::default()
    };
    client.run(op, at.speaker.name())
}

/// Answers an event.
///
/// # Errors
///
/// The refusal: nothing was sent.
pub fn reply(client: &Client, reply: ReplyArgs) -> Result<(), Failure> {
    let Manner { to, priority, reply_required, attach, at } = reply.manner;
    let text = word::text(reply.text)?;
    let group_id = client.group(&at.place)?;
    let reply_to = client.event_id(&group_id, &reply.event_id, &ANSWERABLE)?;
    let op = message::Reply {
        attachments: blob::attach(client, &group_id, &attach, at.speaker.name())?,
        group_id,
        reply_to,
        text,
        to,
        priority,
        reply_required,
        ..message::Reply::default()
    };
    client.run(op, at.speaker.name())
}

/// Acknowledges a message or a notification.
///
/// # Errors
///
/// The refusal.
pub fn ack(client: &Client, ack: AckArgs) -> Result<(), Failure> {
    let group_id = client.group(&ack.place)?;
    let event_id = client.event_id(&group_id, &ack.event_id, &ANSWERABLE)?;
    // Nobody acknowledges for somebody else, so who acknowledges is who speaks.
    let actor_id = client.identity().reader(ack.actor_id.as_deref()).to_owned();
    let by = Some(actor_id.clone());
    match is_notification(client, &group_id, &event_id)? {
        true => client.run(notify::Ack { group_id, actor_id, notify_event_id: event_id }, by.as_deref()),
        false => client.run(message::Ack { group_id, actor_id, event_id }, by.as_deref()),
    }
}

/// Has a message handed over that is there already.
///
/// # Errors
///
/// The refusal: nobody gets it.
pub fn deliver(client: &Client, deliver: DeliverArgs) -> Result<(), Failure> {
    let DeliverArgs { event_id, to, again, at } = deliver;
    let group_id = client.group(&at.place)?;
    let source_event_id = client.event_id(&group_id, &event_id, &["chat.message"])?;
    let op = redeliver::Deliver { group_id, source_event_id, actor_ids: to, force_ambiguous: again };
    client.run(op, at.speaker.name())
}

fn is_notification(client: &Client, group_id: &str, event_id: &str) -> Result<bool, Failure> {
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
    let events = client.ask(window, None)?.events;
    Ok(events.iter().any(|event| event.id == event_id && matches!(event.body, Body::SystemNotify(_))))
}

/// Sends a notification.
///
/// # Errors
///
/// The refusal: nothing was sent.
pub fn notify(client: &Client, args: NotifyArgs) -> Result<(), Failure> {
    let op = notify::Notify {
        message: word::text(args.message)?,
        group_id: client.group(&args.at.place)?,
        kind: args.kind,
        priority: args.priority,
        title: args.title,
        target_actor_id: args.to,
        requires_ack: args.requires_ack,
        context: None,
    };
    // The op's usual speaker is the system; a person who types is the user.
    let by = client.identity().reader(args.at.speaker.name()).to_owned();
    client.run(op, Some(&by))
}
