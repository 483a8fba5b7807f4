//! The time and the ids of one decision: handed in, so that deciding needs neither a clock nor a source of randomness.

use bus::contract::id;
use bus::contract::time::{self, Micros};
use std::fmt;

/// When a decision is made, by which process, and the ids it may give away.
pub struct Stamp {
    now: Micros,
    pid: u32,
    next_id: Box<dyn Fn() -> String>,
}

impl Stamp {
    /// The stamp of this moment: the one place where deciding touches the clock and the source of randomness.
    ///
    /// Ids rise, within a stamp and from stamp to stamp, and their last 32 bits are random: people and agents name
    /// events by these, and a terminal is searched for them.
    pub fn take() -> Self {
        Self { now: time::now(), pid: std::process::id(), next_id: Box::new(id::unique) }
    }

    /// A stamp that gives the ids after `base`, the same ones every time.
    #[cfg(test)]
    pub fn new(now: Micros, pid: u32, base: u128) -> Self {
        let given = std::cell::Cell::new(base);
        let next_id = move || format!("{:032x}", given.replace(given.get() + 1));
        Self { now, pid, next_id: Box::new(next_id) }
    }

    /// Now, by the system's clock; it may lie before the last event.
    pub fn now(&self) -> Micros {
        self.now
    }

    /// Process id of the daemon that decides.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// A new event id.
    pub fn id(&self) -> String {
        (self.next_id)()
    }

    /// Time of a new event: now, but always later than the event before it, whatever the clock does.
    pub fn after(&self, last: Option<Micros>) -> Micros {
        last.map_or(self.now, |last| self.now.max(last.saturating_add(1))).min(time::MAX)
    }
}

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stamp").field("now", &self.now).field("pid", &self.pid).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_within_a_stamp_and_from_stamp_to_stamp() {
        let mut last = String::new();
        for _ in 0..100 {
            let stamp = Stamp::take();
            for _ in 0..10 {
                let next = stamp.id();
                assert!(next > last && id::bytes(&next).is_some(), "{next} after {last}");
                last = next;
            }
        }
    }

    /// Events are named by the last eight digits of their ids: one decision's events must differ in them, too.
    #[test]
    fn the_last_digits_of_ids_are_random() {
        let tails: std::collections::HashSet<_> = (0..10)
            .flat_map(|_| {
                let stamp = Stamp::take();
                (0..10).map(move |_| stamp.id().split_off(24)).collect::<Vec<_>>()
            })
            .collect();
        // Each two of them are the same once in four thousand million times.
        assert!(tails.len() >= 99, "{tails:?}");
        assert!(tails.iter().filter(|tail| tail.ends_with("000")).count() < 5, "{tails:?}");
    }

    #[test]
    fn time_never_goes_back_within_a_ledger() {
        let stamp = Stamp::new(1_000, 1, 0);
        for (last, wanted) in [(None, 1_000), (Some(10), 1_000), (Some(1_000), 1_001), (Some(5_000), 5_001)] {
            assert_eq!(stamp.after(last), wanted, "{last:?}");
        }
    }
}
