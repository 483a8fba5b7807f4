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
    gone: Vec<(String, usize)>,
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
        self.gone.retain(|(gone, _)| gone != ledger);
        match self.untold.get_mut(ledger) {
            Some(known) if *known != Hint::GONE => *known = head.max(*known),
            Some(known) => *known = head,
            None => drop(self.untold.insert(ledger.to_owned(), head)),
        }
    }

    /// Notes that a ledger is gone. That is told with some heartbeats, too, because a hint may be lost.
    pub fn removed(&mut self, ledger: &str) {
        self.untold.insert(ledger.to_owned(), Hint::GONE);
        self.gone.push((ledger.to_owned(), REMOVAL_HEARTBEATS));
    }

    /// Tells how far ledgers have come, and which ones are gone.
    pub fn beat(&mut self, mut heads: Vec<(String, u64)>) {
        heads.extend(self.gone.iter().map(|(ledger, _)| (ledger.clone(), Hint::GONE)));
        self.gone.iter_mut().for_each(|(_, left)| *left -= 1);
        self.gone.retain(|(_, left)| *left > 0);
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;

    #[test]
    fn a_ledger_that_is_gone_is_told_a_few_times_and_not_when_it_is_there_again() {
        let told: Rc<RefCell<Vec<Hint>>> = Rc::default();
        let taken = Rc::clone(&told);
        let mut hints = HintPublisher::new(1, Box::new(move |hint| taken.borrow_mut().push(hint.clone())));
        let beats = |hints: &mut HintPublisher, count: usize| {
            hints.tend(hints.due().expect("something has moved"));
            (0..count).for_each(|_| hints.beat(Vec::new()));
            let told = std::mem::take(&mut *told.borrow_mut());
            told.into_iter().map(|hint| hint.heads.first().map(|(_, seq)| *seq)).collect::<Vec<_>>()
        };
        let gone = Some(Hint::GONE);
        hints.moved("a", 7);
        hints.removed("a");
        assert_eq!(beats(&mut hints, 4), [gone, gone, gone, gone, None]);
        hints.removed("a");
        hints.moved("a", 1);
        assert_eq!(beats(&mut hints, 2), [Some(1), None, None]);
    }
}
