//! Who tells followers that ledgers have moved on, and how often.
//!
//! Every hint wakes every follower, and on a small machine they take the processor from the answers that are on their
//! way. So what has moved is told at once after a pause, and while much is written once in a while.

use bus::link::Hint;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Time between two hints at least: short beside what a person or a program notices, long beside one request.
const PAUSE: Duration = Duration::from_millis(1);

/// With how many heartbeats the end of a ledger is told again.
const REMOVAL_HEARTBEATS: usize = 3;

/// Tells what has moved.
pub struct HintPublisher {
    publish: Box<dyn Fn(&Hint)>,
    epoch: u64,
    /// Ledgers that have moved on since the last hint, with their heads.
    untold: BTreeMap<String, u64>,
    /// Ledgers that are gone, which no heartbeat would name any more, and with how many more it does.
    gone: Vec<(String, u64, usize)>,
    /// When the next hint may leave.
    due: Instant,
}

impl HintPublisher {
    /// A hint publisher of one epoch.
    pub fn new(epoch: u64, publish: Box<dyn Fn(&Hint)>) -> Self {
        Self { publish, epoch, untold: BTreeMap::new(), gone: Vec::new(), due: Instant::now() }
    }

    /// Notes that a ledger has moved on.
    pub fn moved(&mut self, ledger: &str, head: u64) {
        match self.untold.get_mut(ledger) {
            Some(known) => *known = head.max(*known),
            None => drop(self.untold.insert(ledger.to_owned(), head)),
        }
    }

    /// Notes that a ledger is gone. Its followers learn it when they ask for what comes after its last event, so it is told
    /// as one that has moved on; also with some heartbeats, because a hint may be lost.
    pub fn removed(&mut self, ledger: &str, head: u64) {
        self.moved(ledger, head + 1);
        self.gone.push((ledger.to_owned(), head + 1, REMOVAL_HEARTBEATS));
    }

    /// Tells how far ledgers have come, and which ones are gone.
    pub fn beat(&mut self, mut heads: Vec<(String, u64)>) {
        heads.extend(self.gone.iter().map(|(ledger, head, _)| (ledger.clone(), *head)));
        self.gone.iter_mut().for_each(|(_, _, left)| *left -= 1);
        self.gone.retain(|(_, _, left)| *left > 0);
        self.tell(heads);
    }

    /// When there will be something to tell.
    pub fn due(&self) -> Option<Instant> {
        (!self.untold.is_empty()).then_some(self.due)
    }

    /// Tells what has moved, if it is time.
    pub fn tend(&mut self, now: Instant) {
        if self.due().is_some_and(|due| due <= now) {
            let moved = std::mem::take(&mut self.untold);
            self.tell(moved.into_iter().collect());
            self.due = now + PAUSE;
        }
    }

    /// Tells now.
    fn tell(&self, heads: Vec<(String, u64)>) {
        (self.publish)(&Hint { epoch: self.epoch, heads });
    }
}
