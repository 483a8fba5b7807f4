//! Ledgers that end later than the clock says, because it was ahead once or is behind now.

use bus::contract::time::Micros;

/// How far the last event of a ledger may be ahead of the clock before that is told.
pub const LEAD_MAX: Micros = 60 * 1_000_000;

/// The trouble with the clock, for people; `None` when there is none. `heads` are the ledgers and their last moments.
pub fn trouble<'a>(heads: impl Iterator<Item = (&'a str, Micros)>, now: Micros) -> Option<String> {
    let ahead: Vec<_> = heads.filter(|(_, ts)| ts.saturating_sub(now) > LEAD_MAX).collect();
    let (farthest, _) = ahead.iter().max_by_key(|(_, ts)| *ts)?;
    let more = match ahead.len() - 1 {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    Some(format!(
        "the clock is behind the last event of {farthest}{more}: what comes is stamped right after it until the clock has caught \
         up; look at the system's clock, and at the one it had then"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clock_that_is_far_behind_is_trouble() {
        let said = |heads: &[(&'static str, Micros)]| trouble(heads.iter().copied(), 1_000);
        assert_eq!(said(&[]), None);
        assert_eq!(said(&[("home", 0), ("g_a", 1_000 + LEAD_MAX)]), None);
        let one = said(&[("home", 0), ("g_a", 1_001 + LEAD_MAX)]).unwrap();
        assert!(one.contains("last event of g_a: what comes"), "{one}");
        let two = said(&[("g_b", 2 * LEAD_MAX), ("g_a", 3 * LEAD_MAX)]).unwrap();
        assert!(two.contains("last event of g_a and 1 more"), "{two}");
    }
}
