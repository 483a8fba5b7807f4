//! The time and the ids of one decision: handed in, so that deciding needs neither a clock nor a source of randomness.

use bus::contract::id;
use bus::contract::time::{self, Micros};
use std::cell::Cell;

/// Low bits of an id that count the events of one decision; one decision makes far fewer events.
const COUNTER_BITS: u32 = 16;

/// When a decision is made, by which process, and the ids it may give away.
#[derive(Debug)]
pub struct Stamp {
    now: Micros,
    pid: u32,
    base: u128,
    given: Cell<u128>,
}

impl Stamp {
    /// The stamp of this moment: the one place where deciding touches the clock.
    pub fn take() -> Self {
        let base = id::bytes(&id::unique()).map(u128::from_be_bytes).expect("ids of ours are 32 hex digits");
        Self::new(time::now(), std::process::id(), base)
    }

    /// A stamp whose ids follow `base`, the bits of a UUIDv7.
    ///
    /// Ids of one stamp rise. They stay below the ids of a later stamp, because a UUIDv7 counts above the bits
    /// that are used here.
    pub fn new(now: Micros, pid: u32, base: u128) -> Self {
        Self { now, pid, base: base >> COUNTER_BITS << COUNTER_BITS, given: Cell::new(0) }
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
    ///
    /// # Panics
    ///
    /// One decision asks for more ids than limits allow events.
    pub fn id(&self) -> String {
        let given = self.given.get();
        assert!(given < 1 << COUNTER_BITS, "one decision makes fewer than {} events", 1_u32 << COUNTER_BITS);
        self.given.set(given + 1);
        format!("{:032x}", self.base + given)
    }

    /// Time of a new event: now, but always later than the event before it, whatever the clock does.
    pub fn after(&self, last: Option<Micros>) -> Micros {
        last.map_or(self.now, |last| self.now.max(last + 1))
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

    #[test]
    fn time_never_goes_back_within_a_ledger() {
        let stamp = Stamp::new(1_000, 1, 0);
        for (last, wanted) in [(None, 1_000), (Some(10), 1_000), (Some(1_000), 1_001), (Some(5_000), 5_001)] {
            assert_eq!(stamp.after(last), wanted, "{last:?}");
        }
    }
}
