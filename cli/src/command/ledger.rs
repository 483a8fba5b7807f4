//! `cccc tail`, `show` and `ledger verify`: what has happened, what happens, and whether the record is whole.

use super::place::Place;
use super::{Context, Failure, Output, answer, say};
use crate::print::{event, json, timeline};
use bus::contract::op::ledger;
use bus::contract::{Event, Op, Reply, limit, time};
use bus::link::Follower;
use clap::{Args, Subcommand};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// Events that are read for each one shown: the rest are steps that are folded into messages.
const EVENTS_PER_ENTRY: usize = 6;

/// How long one wait for news lasts; then it begins again.
const PATIENCE: Duration = Duration::from_secs(60);

/// `cccc tail`
#[derive(Debug, Args)]
pub struct Tail {
    /// How many of the last events to show
    #[arg(short = 'n', long, default_value_t = 50, value_name = "COUNT")]
    lines: usize,
    /// Go on showing what happens, until Ctrl-C; with --json one event per line
    #[arg(short, long)]
    follow: bool,
    /// Only this kind, such as chat.message; repeat for more
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    #[command(flatten)]
    place: Place,
}

/// `cccc show`
#[derive(Debug, Args)]
pub struct Show {
    /// Event: its id, or the digits that `tail` and `inbox` show
    event_id: String,
    #[command(flatten)]
    place: Place,
}

/// `cccc ledger …`
#[derive(Debug, Subcommand)]
pub enum Ledger {
    /// Check every line of one group's ledger, or of all; works while nothing runs
    Verify {
        /// Group, by id [default: all]
        #[arg(long, short = 'g', value_name = "GROUP")]
        group: Option<String>,
    },
}

/// Shows the end of a group's history and, if asked, what follows.
///
/// # Errors
///
/// The refusal; when following, also that the group is gone.
pub fn tail(context: &Context, tail: Tail) -> Result<(), Failure> {
    let group_id = context.group(&tail.place)?;
    let is_folded = context.output() == Output::Text;
    let wanted = if is_folded { tail.lines.saturating_mul(EVENTS_PER_ENTRY) } else { tail.lines };
    let window = ledger::Window {
        group_id: group_id.clone(),
        before: i64::try_from(wanted.min(limit::RANGE_EVENTS_MAX)).ok(),
        after: Some(0),
        kinds: tail.kind.clone(),
        ..ledger::Window::default()
    };
    let reply = context.ask(Op::LedgerWindow(window), None)?;
    let past = answer!(reply, LedgerWindow)?;
    match (context.output(), tail.follow) {
        (Output::Json, false) => return context.show(&Reply::LedgerWindow(past)),
        (Output::Json, true) => past.events.iter().try_for_each(|event| say(&line(event)))?,
        (Output::Text, _) => {
            let entries = timeline::fold(&past.events);
            let first = entries.len().saturating_sub(tail.lines);
            say(&entries[first..].iter().map(|entry| entry.text(context.page())).collect::<String>())?;
        }
    }
    if !tail.follow {
        return Ok(());
    }
    let mut follower = Follower::connect(context.home(), "cli").map_err(Failure::failed)?;
    follower.follow(&group_id, past.head_seq);
    loop {
        for event in follower.next_blocking(PATIENCE)? {
            if tail.kind.is_empty() || tail.kind.iter().any(|kind| kind == event.kind()) {
                say(&match context.output() {
                    Output::Json => line(&event),
                    Output::Text => event::text(&context.page().at(time::now()), &event),
                })?;
            }
        }
    }
}

fn line(event: &Event) -> String {
    json::line(&serde_json::to_value(event).expect("an event is plain data"))
}

/// Shows one event whole; to people also how far it has come.
///
/// # Errors
///
/// There is no such event.
pub fn show(context: &Context, show: Show) -> Result<(), Failure> {
    let group_id = context.group(&show.place)?;
    let event_id = context.event_id(&group_id, &show.event_id, &[])?;
    let after = match context.output() {
        Output::Text => limit::RANGE_EVENTS_MAX,
        Output::Json => 0,
    };
    let op =
        ledger::Window { group_id, event_id, before: Some(0), after: i64::try_from(after).ok(), kinds: Vec::new() };
    let window = answer!(context.ask(Op::LedgerWindow(op), None)?, LedgerWindow)?;
    let result = Reply::LedgerWindow(window.clone()).to_value();
    context.present(&result, |page| {
        timeline::fold(&window.events).first().map_or_else(String::new, |entry| entry.text(page))
    })
}

/// Has ledgerd's own reader look at the lines. It only reads, so it may look while the stack runs.
///
/// # Errors
///
/// The program is missing. What it finds is its own output and exit code.
pub fn verify(context: &Context, command: Ledger) -> Result<(), Failure> {
    let Ledger::Verify { group } = command;
    let program = super::stack::program("ledgerd")?;
    let mut verify = Command::new(program);
    verify.arg("verify").arg("--home").arg(context.home().root());
    if context.output() == Output::Json {
        verify.arg("--json");
    }
    verify.args(group);
    let status = verify.status().map_err(|error| Failure::Failed(format!("cannot start ledgerd verify: {error}")))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    match code {
        Some(0) => Ok(()),
        Some(code) => Err(Failure::Told(ExitCode::from(code))),
        None => Err(Failure::Failed(format!("ledgerd verify did not end by itself: {status}"))),
    }
}
