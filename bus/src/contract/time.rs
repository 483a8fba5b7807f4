//! Times on the wire: UTC, ISO-8601 with microseconds and a trailing `Z`.

/// Microseconds since 1970, the only form in which we compute with time.
pub type Micros = i64;

/// Now, by the system's clock. Only daemons' edges call this; decisions are handed a time.
pub fn now() -> Micros {
    jiff::Timestamp::now().as_microsecond()
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
