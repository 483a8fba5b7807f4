//! Requests that ledgerd decides in batches leave in batches, too.
//!
//! A few messages are under way at a time: while ledgerd syncs what one has brought, the next arrives. Whatever is asked
//! meanwhile waits for one of them to come back and then leaves together. So the first request never waits, and under load
//! the costs of a message are shared by all who would have waited for ledgerd anyway.

use super::CALLS_MAX;
use super::lane::Ended;
use crate::link::LinkError;
use crate::link::bundle::{BYTES_MAX, PART_BYTES, PARTS_MAX};
use std::collections::VecDeque;
use std::time::Instant;
use tokio::sync::oneshot;

/// Messages under way at a time: one that ledgerd works on, and one that arrives.
const MESSAGES_MAX: usize = 2;

/// A request that is to leave.
#[derive(Debug)]
pub struct Waiting {
    /// Its own number.
    pub number: u64,
    /// The request, ready for the bus.
    pub body: Vec<u8>,
    /// When nobody waits for its answer any more.
    pub end: Instant,
    /// Who waits.
    pub answer: oneshot::Sender<Ended>,
}

/// What is under way, and what is to leave.
#[derive(Debug, Default)]
pub struct Window {
    /// Messages under way.
    under_way: usize,
    waiting: VecDeque<Waiting>,
    /// How many requests there were so far.
    numbers: u64,
}

impl Window {
    /// Adds a request, and returns its number.
    ///
    /// # Errors
    ///
    /// Too many wait.
    pub fn add(&mut self, body: Vec<u8>, end: Instant, answer: oneshot::Sender<Ended>) -> Result<u64, LinkError> {
        if self.waiting.len() >= CALLS_MAX {
            let reason = format!("{CALLS_MAX} requests wait already, which is the limit CALLS_MAX");
            return Err(LinkError::Unavailable { reason });
        }
        self.numbers += 1;
        self.waiting.push_back(Waiting { number: self.numbers, body, end, answer });
        Ok(self.numbers)
    }

    /// Takes a request back; false when it has left.
    pub fn withdraw(&mut self, number: u64) -> bool {
        let place = self.waiting.iter().position(|waiting| waiting.number == number);
        place.is_some_and(|place| self.waiting.remove(place).is_some())
    }

    /// What is to leave now in one message, if another may be under way. It is under way then, until [`Window::ended`].
    pub fn next(&mut self) -> Option<Vec<Waiting>> {
        if self.under_way >= MESSAGES_MAX {
            return None;
        }
        let (mut all, mut bytes) = (Vec::new(), 0);
        while let Some(waiting) = self.waiting.front() {
            bytes += PART_BYTES + waiting.body.len();
            if all.len() == PARTS_MAX || bytes > BYTES_MAX && !all.is_empty() {
                break;
            }
            // Whoever has given up meanwhile is spared.
            all.extend(self.waiting.pop_front().filter(|waiting| !waiting.answer.is_closed()));
        }
        if all.is_empty() {
            return None;
        }
        self.under_way += 1;
        Some(all)
    }

    /// A message has come back, or has not left.
    pub fn ended(&mut self) {
        self.under_way -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(window: &mut Window, bytes: usize) -> (u64, oneshot::Receiver<Ended>) {
        let (sender, answer) = oneshot::channel();
        (window.add(vec![0; bytes], Instant::now(), sender).unwrap(), answer)
    }

    fn next(window: &mut Window) -> Vec<u64> {
        window.next().unwrap_or_default().iter().map(|waiting| waiting.number).collect()
    }

    #[test]
    fn the_first_do_not_wait_and_the_others_leave_together() {
        let mut window = Window::default();
        let _answers: Vec<_> = (0..PARTS_MAX + 9).map(|_| add(&mut window, 100)).collect();
        let mut fresh = Window::default();
        let _one = add(&mut fresh, 100);
        assert_eq!(next(&mut fresh), [1], "alone");
        assert_eq!(next(&mut window).len(), PARTS_MAX);
        assert_eq!(next(&mut window).len(), 9);
        let _late = add(&mut window, 100);
        assert_eq!(next(&mut window), [0; 0], "two messages are under way");
        window.ended();
        assert_eq!(next(&mut window).len(), 1);
    }

    #[test]
    fn what_is_large_leaves_alone_and_what_nobody_waits_for_does_not() {
        let mut window = Window::default();
        let (_, given_up) = add(&mut window, 10);
        drop(given_up);
        let _large = add(&mut window, BYTES_MAX * 2);
        let _small = add(&mut window, 10);
        let (taken_back, _answer) = add(&mut window, 10);
        assert!(window.withdraw(taken_back));
        assert_eq!(next(&mut window), [2]);
        assert_eq!(next(&mut window), [3]);
        assert!(!window.withdraw(3), "it has left");
    }
}
