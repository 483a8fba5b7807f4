//! Times on the wire: UTC, ISO-8601 with microseconds and a trailing `Z`.

use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since 1970, the only form in which we compute with time.
pub type Micros = i64;

/// The last time that is written: two days before the end of the year 9999, where the calendar of some ends.
pub const MAX: Micros = 253_402_128_000_000_000;

/// Now, by the system's clock. Only daemons' edges call this; decisions are handed a time. A clock that is before 1970 or
/// after 9999 counts as the nearest time that can be written.
pub fn now() -> Micros {
    bounded(SystemTime::now())
}

fn bounded(time: SystemTime) -> Micros {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Micros::try_from(since.as_micros()).map_or(MAX, |micros| micros.min(MAX))
}

/// Writes a time as the wire has it. The fraction is absent when it is exactly zero.
pub fn format(micros: Micros) -> String {
    let time = jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    if micros % 1_000_000 == 0 { format!("{time:.0}") } else { format!("{time:.6}") }
}

/// Reads a time; an offset is honoured, a missing zone means UTC. `None` for anything else.
pub fn parse(text: &str) -> Option<Micros> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(time.as_microsecond());
    }
    let naive: jiff::civil::DateTime = text.parse().ok()?;
    Some(naive.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_mad_is_bounded() {
        use std::time::Duration;
        #[rustfmt::skip]
        let cases = [
            (UNIX_EPOCH - Duration::from_secs(1),                     0),
            (UNIX_EPOCH + Duration::from_micros(7),                   7),
            (UNIX_EPOCH + Duration::from_secs(9_000 * 31_556_952),    MAX),
            (UNIX_EPOCH + Duration::from_secs(1_000_000_000_000_000), MAX),
        ];
        for (time, wanted) in cases {
            assert_eq!(bounded(time), wanted, "{time:?}");
            assert_eq!(parse(&format(wanted)), Some(wanted));
        }
        assert!(now() > 0);
    }

    #[test]
    fn times_go_there_and_back() {
        #[rustfmt::skip]
        let cases = [
            // text                              micros                     written as
            ("2026-01-13T12:34:56.123456Z",      Some(1_768_307_696_123_456), "2026-01-13T12:34:56.123456Z"),
            ("2026-01-13T12:34:56Z",             Some(1_768_307_696_000_000), "2026-01-13T12:34:56Z"),
            ("2026-01-13T13:34:56+01:00",        Some(1_768_307_696_000_000), "2026-01-13T12:34:56Z"),
            ("2026-01-13T12:34:56",              Some(1_768_307_696_000_000), "2026-01-13T12:34:56Z"),
            ("yesterday",                        None,                        ""),
        ];
        for (text, micros, written) in cases {
            assert_eq!(parse(text), micros, "{text}");
            if let Some(micros) = micros {
                assert_eq!(format(micros), written);
            }
        }
    }
}
