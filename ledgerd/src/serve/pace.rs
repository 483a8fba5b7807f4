//! How often the heads of all ledgers are told again: soon after something has moved, ever later while nothing does.
//!
//! A hint may be lost on its way, and the heartbeat makes up for it. Once it has told the same a few times nobody waits for
//! it any more, and a house in which nothing happens shall sleep.

use std::time::Duration;

/// Pause before the first heartbeat after something has moved.
const PAUSE_MIN: Duration = Duration::from_secs(2);

/// Longest pause, unless whoever watches wants to hear more often.
const PAUSE_MAX: Duration = Duration::from_secs(20);

/// The pause before the next heartbeat.
#[derive(Debug)]
pub struct Pace {
    next: Duration,
    max: Duration,
}

impl Pace {
    /// The pace of a beginning. No pause is longer than `watched`.
    pub fn new(watched: Option<Duration>) -> Self {
        let max = watched.unwrap_or(PAUSE_MAX).min(PAUSE_MAX);
        Self { next: PAUSE_MIN.min(max), max }
    }

    /// Something has moved: what is told of it may be lost. Says when to tell it again.
    pub fn moved(&mut self) -> Duration {
        self.next = PAUSE_MIN.min(self.max);
        self.pause()
    }

    /// The pause while there is more to do: ledgers that were not named yet, snapshots to be made, ledgers to be checked.
    pub fn rest(&self) -> Duration {
        PAUSE_MIN.min(self.max)
    }

    /// The pause before the next heartbeat; the one after it is twice as long.
    pub fn pause(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(self.max);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_slows_down_while_nothing_moves() {
        let seconds = |pace: &mut Pace| -> Vec<u64> { (0..6).map(|_| pace.pause().as_secs()).collect() };
        let mut pace = Pace::new(None);
        assert_eq!(seconds(&mut pace), [2, 4, 8, 16, 20, 20]);
        assert_eq!((pace.moved().as_secs(), pace.rest().as_secs()), (2, 2));
        assert_eq!(seconds(&mut pace), [4, 8, 16, 20, 20, 20]);
        assert_eq!(seconds(&mut Pace::new(Some(Duration::from_secs(5)))), [2, 4, 5, 5, 5, 5]);
        let hasty = Pace::new(Some(Duration::from_millis(100))).pause();
        assert_eq!(hasty, Duration::from_millis(100));
    }
}
