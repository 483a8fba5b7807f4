//! `cccc inbox` and `read`: what somebody has not read, and that it is read now.

use super::group_arg::Address;
use super::message;
use crate::client::Client;
use crate::failure::Failure;
use crate::print;
use crate::print::Output;
use bus::contract::Event;
use bus::contract::document::KindFilter;
use bus::contract::op::{inbox, ledger};
use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::json;

/// Steps of delivery that are looked at to say how far the messages of an inbox have come.
const STEPS_MAX: i64 = 500;

/// Whose inbox is meant.
#[derive(Debug, Args)]
pub struct InboxOwner {
    /// Whose inbox [default: inside an agent $CCCC_ACTOR_ID, else user]
    #[arg(long, value_name = "WHO")]
    actor_id: Option<String>,
    /// Only messages or only notifications
    #[arg(long, value_parser = PossibleValuesParser::new(KindFilter::WORDS), default_value = "all")]
    kind_filter: String,
    #[command(flatten)]
    at: Address,
}

/// `cccc inbox`
#[derive(Debug, Args)]
pub struct InboxArgs {
    #[command(flatten)]
    reader: InboxOwner,
    /// How many at most; 0 is all
    #[arg(long, default_value_t = 50)]
    limit: i64,
    /// Mark what is shown as read
    #[arg(long)]
    mark_read: bool,
}

/// `cccc read`
#[derive(Debug, Args)]
pub struct ReadArgs {
    /// Everything up to this event: its id, or the digits that `tail` and `inbox` show
    #[arg(required_unless_present = "all")]
    event_id: Option<String>,
    /// Everything
    #[arg(long, conflicts_with = "event_id")]
    all: bool,
    #[command(flatten)]
    reader: InboxOwner,
}

/// Lists what is unread.
///
/// # Errors
///
/// The refusal.
pub fn list(client: &Client, args: InboxArgs) -> Result<(), Failure> {
    let group_id = client.group(&args.reader.at.place)?;
    let actor_id = client.identity().reader(args.reader.actor_id.as_deref()).to_owned();
    let by = args.reader.at.speaker.name();
    let op = inbox::List {
        group_id: group_id.clone(),
        actor_id: actor_id.clone(),
        limit: Some(args.limit),
        kind_filter: args.reader.kind_filter,
    };
    let listed = client.ask(op, by)?;
    let last = listed.messages.last().map(|event| event.id.clone());
    let marked = match last.filter(|_| args.mark_read) {
        Some(event_id) => {
            let op =
                inbox::MarkRead { group_id: group_id.clone(), actor_id: actor_id.clone(), event_id, only_shown: false };
            Some(client.ask(op, by)?)
        }
        None => None,
    };
    let mut result = json!({"messages": listed.messages, "cursor": listed.cursor, "unread_total": listed.unread_total});
    if args.mark_read {
        result = json!({"messages": listed.messages, "marked": marked});
    }
    let steps = match client.output() {
        Output::Text if !listed.messages.is_empty() => steps(client, &group_id, &actor_id)?,
        Output::Text | Output::Json => Vec::new(),
    };
    client.present(&result, |page| {
        let mut told = print::reply::listed(page, &listed, &steps);
        if marked.is_some() {
            told += &(page.paint(print::Tone::Good, "marked as read") + "\n");
        }
        told
    })
}

/// The last steps of delivery to an actor.
fn steps(client: &Client, group_id: &str, actor_id: &str) -> Result<Vec<Event>, Failure> {
    let window = ledger::Window {
        group_id: group_id.into(),
        before: Some(STEPS_MAX),
        after: Some(0),
        kinds: vec!["x.cccc.delivery".into()],
        ..ledger::Window::default()
    };
    let mut events = client.ask(window, None)?.events;
    events.retain(|event| matches!(&event.body, bus::contract::Body::Delivery(step) if step.actor_id == actor_id));
    Ok(events)
}

/// Marks as read.
///
/// # Errors
///
/// The refusal.
pub fn read(client: &Client, args: ReadArgs) -> Result<(), Failure> {
    let group_id = client.group(&args.reader.at.place)?;
    let actor_id = client.identity().reader(args.reader.actor_id.as_deref()).to_owned();
    let by = args.reader.at.speaker.name();
    match args.event_id {
        Some(typed) => {
            let event_id = client.event_id(&group_id, &typed, &message::ANSWERABLE)?;
            client.run(inbox::MarkRead { group_id, actor_id, event_id, only_shown: false }, by)
        }
        None => client.run(inbox::MarkAllRead { group_id, actor_id, kind_filter: args.reader.kind_filter }, by),
    }
}
