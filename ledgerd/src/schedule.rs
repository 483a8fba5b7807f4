//! When a rule is due: intervals, calendars and single times.
//!
//! Pure, like everything that decides: the zones of the world are compiled in, so the same rule is due at the same time
//! on every machine. A local time that a clock skips is due when the clock has jumped; one that comes twice is due once,
//! unless the calendar goes by the minute or the hour.

use bus::contract::automation::Trigger;
use bus::contract::limit;
use bus::contract::time::{self, Micros};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use std::sync::LazyLock;

/// The zones of the world, as they were when this program was built.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Checks that a trigger can fire.
///
/// # Errors
///
/// What is wrong with it, for whoever wrote it.
pub fn check(trigger: &Trigger) -> Result<(), String> {
    match trigger {
        Trigger::Interval { every_seconds } => {
            let max = limit::AUTOMATION_INTERVAL_SECONDS_MAX;
            let fits = (1..=max).contains(every_seconds);
            let wrong = || format!("every_seconds is {every_seconds}; it must be 1 to {max}");
            fits.then_some(()).ok_or_else(wrong)
        }
        Trigger::Cron { cron, timezone } => {
            let (calendar, zone) = (calendar(cron)?, zone(timezone)?);
            // Any moment will do: a day that never comes, such as 30 February, never comes after any.
            let next = following(&calendar, zone, Timestamp::UNIX_EPOCH);
            next.map(|_| ()).ok_or_else(|| format!("the time {cron:?} never comes"))
        }
        Trigger::At { at } => match time::parse(at) {
            Some(_) => Ok(()),
            None => Err(format!("{at:?} is no time; write it like 2026-01-31T09:00:00+01:00")),
        },
    }
}

/// When a rule is due whose clock runs since a moment; `None` when it cannot be. A calendar is due after now, because
/// what it has missed is not made up for; anything else may have been due for long.
pub fn next(trigger: &Trigger, since: Micros, now: Micros) -> Option<Micros> {
    match trigger {
        Trigger::Interval { every_seconds } => {
            let every = i64::try_from(*every_seconds).ok()?.checked_mul(1_000_000)?;
            since.checked_add(every)
        }
        Trigger::Cron { cron, timezone } => {
            let now = Timestamp::from_microsecond(now.max(since)).ok()?;
            let next = following(&calendar(cron).ok()?, zone(timezone).ok()?, now)?;
            Some(next.as_microsecond())
        }
        Trigger::At { at } => time::parse(at),
    }
}

fn following(calendar: &Cron, zone: TimeZone, after: Timestamp) -> Option<Timestamp> {
    let next = calendar.find_next_occurrence(&after.to_zoned(zone), false).ok()?;
    Some(next.timestamp())
}

/// A calendar of five fields of numbers: minute, hour, day of month, month, day of week. Names and anything else that
/// only some programs understand is refused, so that it means the same everywhere.
fn calendar(cron: &str) -> Result<Cron, String> {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    if fields.len() != 5 {
        return Err(format!(
            "{cron:?} has {} fields; a calendar has five fields: minute, hour, day of month, month, day of week",
            fields.len()
        ));
    }
    if let Some(bad) = cron.chars().find(|c| !(c.is_ascii_digit() || c.is_whitespace() || "*,-/".contains(*c))) {
        return Err(format!("{cron:?} has {bad:?} in it; use numbers, '*', ',', '-' and '/'"));
    }
    if fields.iter().any(|field| field.split(',').any(str::is_empty)) {
        return Err(format!("{cron:?} is no calendar: there is nothing between two commas, or at the end of a list"));
    }
    let fields: Vec<String> = fields.into_iter().map(plain).collect();
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(&fields.join(" ")).map_err(|error| format!("{cron:?} is no calendar: {error}"))
}

/// A field without the steps of single numbers, which step nowhere.
fn plain(field: &str) -> String {
    let part = |part: &'_ str| match part.split_once('/') {
        Some((number, step)) if is_number(number) && is_number(step) => number.to_owned(),
        _ => part.to_owned(),
    };
    field.split(',').map(part).collect::<Vec<_>>().join(",")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn zone(name: &str) -> Result<TimeZone, String> {
    ZONES.get(name).map_err(|_| format!("{name:?} is no time zone; use a name such as UTC or Europe/Berlin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cron(cron: &str, timezone: &str) -> Trigger {
        Trigger::Cron { cron: cron.into(), timezone: timezone.into() }
    }

    #[test]
    fn what_could_never_fire_is_refused() {
        let every = |every_seconds| Trigger::Interval { every_seconds };
        let at = |at: &str| Trigger::At { at: at.into() };
        #[rustfmt::skip]
        let cases = [
            // trigger                          what the sentence says
            (every(1),                          ""),
            (every(0),                          "it must be 1 to"),
            (every(u64::MAX),                   "it must be 1 to"),
            (cron("0 9 * * 1-5", "UTC"),        ""),
            (cron("*/15 0,12 1-31/2 * 7", "Asia/Kathmandu"), ""),
            (cron("5/15 9 * * *", "UTC"),       ""),
            (cron("", "UTC"),                   "has 0 fields"),
            (cron("0 9 * *", "UTC"),            "five fields"),
            (cron("0 0 9 * * *", "UTC"),        "five fields"),
            (cron("@daily", "UTC"),             "five fields"),
            (cron("0 9 * * MON", "UTC"),        "'M'"),
            (cron("0 9 L * *", "UTC"),          "'L'"),
            (cron("60 9 * * *", "UTC"),         "no calendar"),
            (cron("0 24 * * *", "UTC"),         "no calendar"),
            (cron("0 9 0 * *", "UTC"),          "no calendar"),
            (cron("0 9 * 13 *", "UTC"),         "no calendar"),
            (cron("0 9 * * 8", "UTC"),          "no calendar"),
            (cron("5-1 9 * * *", "UTC"),        "no calendar"),
            (cron("*/0 9 * * *", "UTC"),        "no calendar"),
            (cron("1,,2 9 * * *", "UTC"),       "no calendar"),
            (cron("0 0 30 2 *", "UTC"),         "never comes"),
            (cron("0 9 * * *", "Mars/Olympus"), "no time zone"),
            (cron("0 9 * * *", ""),             "no time zone"),
            (at("2026-01-13T12:00:00"),         ""),
            (at("2026-01-13 at noon"),          "no time"),
        ];
        for (trigger, says) in cases {
            match check(&trigger) {
                Ok(()) => assert_eq!(says, "", "{trigger:?}"),
                Err(sentence) => assert!(!says.is_empty() && sentence.contains(says), "{trigger:?}: {sentence}"),
            }
        }
    }

    #[test]
    fn a_calendar_is_read_by_the_clock_of_its_zone() {
        #[rustfmt::skip]
        let cases = [
            // calendar        zone               after                    due                      why
            ("0 9 * * *",      "UTC",             "2026-01-13T09:00:00Z",  "2026-01-14T09:00:00Z",  "not now, but after now"),
            ("0 9 * * *",      "Europe/Berlin",   "2026-01-13T07:00:00Z",  "2026-01-13T08:00:00Z",  "winter time"),
            ("0 9 * * *",      "Europe/Berlin",   "2026-07-13T00:00:00Z",  "2026-07-13T07:00:00Z",  "summer time"),
            ("30 2 * * *",     "Europe/Berlin",   "2026-03-28T12:00:00Z",  "2026-03-29T01:00:00Z",  "half past two is skipped"),
            ("30 2 * * *",     "Europe/Berlin",   "2026-10-25T00:00:00Z",  "2026-10-25T00:30:00Z",  "half past two comes twice"),
            ("30 2 * * *",     "Europe/Berlin",   "2026-10-25T00:30:00Z",  "2026-10-26T01:30:00Z",  "and counts once"),
            ("0 0 1 * 1",      "UTC",             "2026-01-13T00:00:00Z",  "2026-01-19T00:00:00Z",  "either day, when both are given"),
            ("0 0 * * 7",      "UTC",             "2026-01-13T00:00:00Z",  "2026-01-18T00:00:00Z",  "seven is Sunday"),
            ("0 0 29 2 *",     "UTC",             "2026-01-13T00:00:00Z",  "2028-02-29T00:00:00Z",  "a leap day"),
            ("5/15 9 * * *",   "UTC",             "2026-01-13T09:05:00Z",  "2026-01-14T09:05:00Z",  "a number steps nowhere"),
            ("*/20 9-10 * * *", "UTC",            "2026-01-13T09:50:00Z",  "2026-01-13T10:00:00Z",  "steps in a range"),
        ];
        for (calendar, zone, after, due, why) in cases {
            let after = time::parse(after).unwrap();
            let next = next(&cron(calendar, zone), 0, after).map(time::format);
            assert_eq!(next.as_deref(), Some(due), "{calendar} {zone}: {why}");
        }
    }

    #[test]
    fn an_interval_counts_from_its_clock_and_a_time_is_a_time() {
        let (since, now) = (time::parse("2026-01-13T12:00:00Z").unwrap(), time::parse("2026-01-14T00:00:00Z").unwrap());
        #[rustfmt::skip]
        let cases = [
            (Trigger::Interval { every_seconds: 900 },                    Some("2026-01-13T12:15:00Z")),
            (Trigger::Interval { every_seconds: u64::MAX },               None),
            (Trigger::At { at: "2026-01-01T01:00:00+01:00".into() },      Some("2026-01-01T00:00:00Z")),
            (Trigger::At { at: "gone".into() },                           None),
            (cron("not a calendar", "UTC"),                               None),
        ];
        for (trigger, due) in cases {
            assert_eq!(next(&trigger, since, now).map(time::format).as_deref(), due, "{trigger:?}");
        }
    }
}
