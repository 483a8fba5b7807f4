//! Times as people say them: the clock on the wall, and how long ago that was.

use super::Page;
use bus::contract::time;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl Page {
    /// The local time of an event: the clock for today, the weekday for this week, otherwise the date.
    pub fn clock(&self, ts: &str) -> String {
        let local = |micros| Some(jiff::Timestamp::from_microsecond(micros).ok()?.to_zoned(self.zone.clone()));
        let (Some(then), Some(now)) = (time::parse(ts).and_then(local), local(self.now)) else { return "?".into() };
        let age = now.timestamp().as_second() - then.timestamp().as_second();
        let form = match (then.date() == now.date(), (0..6 * DAY).contains(&age)) {
            (true, _) => "%H:%M:%S",
            (false, true) => "%a %H:%M",
            (false, false) => "%Y-%m-%d %H:%M",
        };
        then.strftime(form).to_string()
    }

    /// How long ago: `now`, `12s`, `5m`, `3h`, `2d`. `""` for what is no time.
    pub fn ago(&self, ts: &str) -> String {
        time::parse(ts).map_or_else(String::new, |then| short((self.now - then) / 1_000_000))
    }
}

/// A length of time in its largest unit.
pub fn short(seconds: i64) -> String {
    match seconds {
        ..=0 => "now".into(),
        1..MINUTE => format!("{seconds}s"),
        MINUTE..HOUR => format!("{}m", seconds / MINUTE),
        HOUR..DAY => format!("{}h", seconds / HOUR),
        _ => format!("{}d", seconds / DAY),
    }
}

#[cfg(test)]
mod tests {
    use crate::print::tests::page;

    #[test]
    fn a_time_is_said_as_people_say_it() {
        #[rustfmt::skip]
        let cases = [
            // at                               the clock             ago
            ("2026-01-13T12:34:55.900000Z",     "12:34:55",           "now"),
            ("2026-01-13T12:34:44Z",            "12:34:44",           "12s"),
            ("2026-01-13T14:29:00+02:00",       "12:29:00",           "5m"),
            ("2026-01-12T23:59:59Z",            "Mon 23:59",          "12h"),
            ("2026-01-01T00:00:00Z",            "2026-01-01 00:00",   "12d"),
            ("2026-01-14T00:00:00Z",            "2026-01-14 00:00",   "now"),
            ("yesterday",                       "?",                  ""),
        ];
        for (ts, clock, ago) in cases {
            assert_eq!((page().clock(ts).as_str(), page().ago(ts).as_str()), (clock, ago), "{ts}");
        }
    }
}
