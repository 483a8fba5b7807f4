//! `cccc search`: messages and notifications of a group, by what they say, who said it, to whom and when.

use super::group_arg::GroupArg;
use super::word;
use crate::client::{Client, say};
use crate::failure::Failure;
use crate::print::Output;
use crate::print::{Tone, reply};
use bus::contract::document::KindFilter;
use bus::contract::op::ledger;
use bus::contract::{Reply, time};
use clap::Args;
use clap::builder::PossibleValuesParser;

/// `cccc search`
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// Text to look for, whatever the case of its letters
    #[arg(default_value = "", allow_hyphen_values = true, value_parser = word::said)]
    text: String,
    /// Only what this one said
    #[arg(long, value_name = "WHO", default_value = "")]
    from: String,
    /// Only what names this one: an actor, user, @all, @peers, @foreman
    #[arg(long, value_name = "WHO", default_value = "")]
    to: String,
    /// Only messages, or only notifications
    #[arg(long, value_parser = PossibleValuesParser::new(KindFilter::WORDS), default_value = "all")]
    kind: String,
    /// Not earlier than this time, or this long ago: 2026-01-13T12:00:00Z, 2h, 3d
    #[arg(long, value_name = "TIME", value_parser = moment, default_value = "")]
    since: String,
    /// Not later than this time, or this long ago
    #[arg(long, value_name = "TIME", value_parser = moment, default_value = "")]
    until: String,
    /// Only what came before this event: its id, or the digits that are shown
    #[arg(long, value_name = "EVENT")]
    before: Option<String>,
    /// How many of the last ones to show, 200 at most
    #[arg(short = 'n', long, default_value_t = 50, value_name = "COUNT")]
    limit: u16,
    #[command(flatten)]
    place: GroupArg,
}

/// A time as the wire has it, from a time or from an age.
fn moment(typed: &str) -> Result<String, String> {
    if typed.is_empty() || time::parse(typed).is_some() {
        return Ok(typed.to_owned());
    }
    let words = "write a time such as 2026-01-13T12:00:00Z, or an age such as 2h or 3d";
    let age: jiff::Span = typed.parse().map_err(|_| words.to_owned())?;
    let age = age.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_| words.to_owned())?;
    let then = jiff::Timestamp::now().checked_sub(age).map_err(|_| format!("{typed} is too long ago"))?;
    Ok(time::format(then.as_microsecond()))
}

/// Searches, and goes on as long as nothing was found and there is more to look through.
///
/// # Errors
///
/// The refusal.
pub fn run(client: &Client, search: SearchArgs) -> Result<(), Failure> {
    let group_id = client.group(&search.place)?;
    let before = search.before.map_or(Ok(String::new()), |typed| client.event_id(&group_id, &typed, &[]))?;
    let mut op = ledger::Search {
        group_id,
        text: search.text,
        kind: search.kind,
        sender: search.from,
        recipient: search.to,
        since: search.since,
        until: search.until,
        before,
        after: String::new(),
        limit: Some(search.limit.into()),
    };
    let found = loop {
        let found = client.ask(op.clone(), None)?;
        match &found.cursor {
            Some(cursor) if found.events.is_empty() => op.before.clone_from(cursor),
            _ => break found,
        }
    };
    if client.output() == Output::Text
        && let Some(cursor) = &found.cursor
    {
        let hint = format!("there may be more before these: add --before {cursor}");
        say(&(client.page().paint(Tone::Quiet, &hint) + "\n"))?;
    }
    let shown = Reply::LedgerSearch(found);
    client.present(&shown.to_value(), |page| reply::text(page, &shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_time_or_an_age() {
        for (typed, is_good) in [
            ("", true),
            ("2026-01-13T12:00:00Z", true),
            ("2h", true),
            ("3d", true),
            ("1h30m", true),
            ("soon", false),
            ("1y", false),
        ] {
            assert_eq!(moment(typed).is_ok(), is_good, "{typed:?}");
        }
        let hour = 3_600_000_000;
        let then = time::parse(&moment("2h").unwrap()).unwrap();
        assert!((2 * hour..3 * hour).contains(&(time::now() - then)));
    }
}
