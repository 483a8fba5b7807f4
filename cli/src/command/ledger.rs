//! `cccc tail`, `show` and `ledger …`: what has happened, what happens, and whether the record is whole.

use super::blob;
use super::group_arg::{Address, GroupArg};
use crate::client::{Client, say};
use crate::failure::Failure;
use crate::follow::Following;
use crate::print::Output;
use crate::print::{self, Tone, event, threads};
use crate::stack;
use bus::contract::op::ledger;
use bus::contract::{Body, Event, Reply, id, limit, long_text, time};
use clap::{Args, Subcommand};
use serde_json::json;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Events that are read for each one shown: the rest are steps that are folded into messages.
const EVENTS_PER_ENTRY: usize = 6;

/// How long one wait for news lasts; then it begins again.
const PATIENCE: Duration = Duration::from_secs(60);

/// `cccc tail`
#[derive(Debug, Args)]
pub struct TailArgs {
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
    place: GroupArg,
}

/// `cccc show`
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Event: its id, or the digits that `tail` and `inbox` show
    event_id: String,
    #[command(flatten)]
    place: GroupArg,
}

/// `cccc ledger …`
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Check every line of one group's ledger, or of all; works while nothing runs
    Verify {
        /// Group, by id [default: all]
        #[arg(long, short = 'g', value_name = "GROUP")]
        group: Option<String>,
    },
    /// Save what a ledger adds up to, for a quicker start; it happens by itself, too
    Snapshot {
        /// Why
        #[arg(long, default_value = "manual")]
        reason: String,
        #[command(flatten)]
        at: Address,
    },
    /// Say what there is to archive: nothing, because every event is kept
    Compact {
        /// Why
        #[arg(long, default_value = "")]
        reason: String,
        /// Of no effect; for scripts that give it
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        at: Address,
    },
}

/// Shows the end of a group's history and, if asked, what follows.
///
/// # Errors
///
/// The refusal; when following, also that the group is gone.
pub fn tail(client: &Client, tail: TailArgs) -> Result<(), Failure> {
    let group_id = client.group(&tail.place)?;
    let is_folded = client.output() == Output::Text;
    let how_many = |events: &[Event]| if is_folded { threads::fold(events).len() } else { events.len() };
    let at_once = if is_folded { tail.lines.saturating_mul(EVENTS_PER_ENTRY) } else { tail.lines };
    let kinds: Vec<_> = tail.kind.iter().map(String::as_str).collect();
    let mut past = end_of_ledger(
        |before| client.page_before(&group_id, before, at_once, &kinds),
        |events| tail.lines.saturating_sub(how_many(events)),
    )?;
    if !is_folded && past.events.len() > tail.lines {
        past.events.drain(..past.events.len() - tail.lines);
        past.has_more_before = true;
    }
    match (client.output(), tail.follow) {
        (Output::Json, false) => return client.show(&Reply::LedgerWindow(past)),
        (Output::Json, true) => past.events.iter().try_for_each(|event| say(&print::json::line(event)))?,
        (Output::Text, _) => {
            let entries = threads::fold(&past.events);
            if entries.is_empty() && !tail.follow && tail.lines > 0 {
                return say(&(client.page().paint(Tone::Quiet, "nothing found") + "\n"));
            }
            let first = entries.len().saturating_sub(tail.lines);
            say(&entries[first..].iter().map(|entry| entry.text(client.page())).collect::<String>())?;
        }
    }
    if !tail.follow {
        return Ok(());
    }
    let speaker = client.identity().speaker(None, "user")?;
    let begun = Following::begin(client.home(), "cli", &speaker, &group_id, past.head_seq);
    let mut following = begun.map_err(Failure::failed)?;
    loop {
        for item in following.next(PATIENCE)? {
            let event = item.event();
            if tail.kind.is_empty() || tail.kind.iter().any(|kind| kind == event.kind()) {
                say(&match client.output() {
                    Output::Json => print::json::line(event),
                    Output::Text => event::text(&client.page().at(time::now()), event),
                })?;
            }
        }
    }
}

/// The last events of a ledger, page by page from its end until nothing is missing or there are no more. `missing` says
/// how many more it takes at least; it is asked again only when there are as many, because folding a long history takes
/// a while.
fn end_of_ledger(
    mut page_before: impl FnMut(&str) -> Result<ledger::Windowed, Failure>,
    missing: impl Fn(&[Event]) -> usize,
) -> Result<ledger::Windowed, Failure> {
    let mut past = page_before("")?;
    let mut wanted = 0;
    while past.has_more_before {
        if past.events.len() >= wanted {
            match missing(&past.events) {
                0 => break,
                more => wanted = past.events.len() + more,
            }
        }
        let Some(first) = past.events.first().map(|event| event.id.clone()) else { break };
        let mut page = page_before(&first)?;
        page.events.retain(|event| event.id != first);
        if page.events.is_empty() {
            break;
        }
        past.has_more_before = page.has_more_before;
        page.events.append(&mut past.events);
        past.events = page.events;
    }
    Ok(past)
}

/// Shows one event whole; to people also how far it has come.
///
/// # Errors
///
/// There is no such event.
pub fn show(client: &Client, show: ShowArgs) -> Result<(), Failure> {
    let group_id = client.group(&show.place)?;
    let event_id = client.event_id(&group_id, &show.event_id, &[])?;
    let after = match client.output() {
        Output::Text => limit::RANGE_EVENTS_MAX,
        Output::Json => 0,
    };
    let op =
        ledger::Window { group_id, event_id, before: Some(0), after: i64::try_from(after).ok(), kinds: Vec::new() };
    let mut window = client.ask(op, None)?;
    let result = Reply::LedgerWindow(window.clone()).to_value();
    let missing = match client.output() {
        Output::Text => unfold(client, &mut window),
        Output::Json => Ok(()),
    };
    client.present(&result, |page| {
        let shown = threads::fold(&window.events).first().map_or_else(String::new, |entry| entry.text(page));
        match &missing {
            Ok(()) => shown,
            Err(failure) => {
                shown + &page.paint(Tone::Warn, &format!("no more of it can be read: {}", failure.sentence())) + "\n"
            }
        }
    })
}

/// Puts the whole text into the first event, where a file has it.
///
/// # Errors
///
/// The file cannot be read. The event has the beginning.
fn unfold(client: &Client, window: &mut ledger::Windowed) -> Result<(), Failure> {
    let Some(event) = window.events.first_mut() else { return Ok(()) };
    let Some(path) = long_text::path(event).map(str::to_owned) else { return Ok(()) };
    let bytes = blob::whole(client, &event.group_id, &path)?;
    if let Body::ChatMessage(message) = &mut event.body {
        message.text = String::from_utf8_lossy(&bytes).into_owned();
    }
    Ok(())
}

/// Looks after ledgers.
///
/// # Errors
///
/// The refusal; of `verify`, that something is damaged.
pub fn run(client: &Client, command: LedgerCommand) -> Result<(), Failure> {
    match command {
        LedgerCommand::Verify { group } => verify(client, group),
        LedgerCommand::Snapshot { reason, at } => at.ask(client, |group_id| ledger::Snapshot { group_id, reason }),
        LedgerCommand::Compact { reason, force, at } => {
            at.ask(client, |group_id| ledger::Compact { group_id, reason, force })
        }
    }
}

/// Has ledgerd's own reader look at the lines. It only reads, so it may look while the stack runs, and it needs nobody
/// that runs, so it may look when nothing does.
fn verify(client: &Client, group: Option<String>) -> Result<(), Failure> {
    if let Some(named) = group.as_deref().filter(|named| !id::is_group(named) && *named != "home") {
        return Err(Failure::Usage(format!(
            "{named} is no group id; `cccc groups` shows them, and `home` is a ledger, too"
        )));
    }
    let mut verify = Command::new(stack::program("ledgerd")?);
    verify.arg("verify").arg("--home").arg(client.home().root()).args(group).stdin(Stdio::null());
    let output = verify.output().map_err(|error| Failure::Failed(format!("cannot start ledgerd verify: {error}")))?;
    let (found, trouble) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if found.is_empty() && !output.status.success() {
        return Err(Failure::Failed(trouble.trim().trim_start_matches("error: ").to_owned()));
    }
    let ledgers: Vec<_> = found.lines().collect();
    let result = json!({"whole": output.status.success(), "ledgers": ledgers});
    client.present(&result, |page| page.body(&found, 0) + &page.body(&trouble, 0))?;
    if output.status.success() { Ok(()) } else { Err(Failure::told()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::event::tests::event;
    use std::cell::Cell;

    /// Answers as ledgerd does, that has `count` events and gives 1,000 of them at once at most.
    fn page(count: u64, before: &str, wanted: u64) -> ledger::Windowed {
        let last = before.parse().unwrap_or(count);
        let first = last.saturating_sub(wanted.min(1_000)).max(1);
        let make = |seq: u64| Event { id: seq.to_string(), ..event(seq, "chat.message", "user", json!({"text": "t"})) };
        ledger::Windowed {
            events: (first..=last).map(make).collect(),
            center_index: None,
            has_more_before: first > 1,
            has_more_after: last < count,
            head_seq: count,
        }
    }

    #[test]
    fn as_many_events_are_read_as_are_wanted_however_few_come_at_once() {
        for (count, wanted, read) in [(5_000, 3_500, 3_500), (5_000, 9_000, 5_000), (3, 50, 3), (1, 0, 1), (40, 40, 40)]
        {
            let asked = Cell::new(0);
            let missing = |events: &[Event]| {
                asked.set(asked.get() + 1);
                (wanted as usize).saturating_sub(events.len())
            };
            let past = end_of_ledger(|before| Ok(page(count, before, wanted)), missing).ok().unwrap();
            assert!(asked.get() <= 2, "{count} {wanted}: asked {} times", asked.get());
            let seqs: Vec<_> = past.events.iter().map(|event| event.seq).collect();
            assert!(seqs.len() as u64 >= read, "{count} {wanted}: {}", seqs.len());
            assert_eq!(seqs, (count + 1 - seqs.len() as u64..=count).collect::<Vec<_>>(), "in order, each once");
            assert_eq!((past.head_seq, past.has_more_before), (count, seqs[0] > 1), "{count} {wanted}");
        }
    }
}
