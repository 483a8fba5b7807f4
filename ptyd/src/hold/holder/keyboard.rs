//! Who may type, and what is being typed. Knows no terminal: the caller hands in how bytes are written.

use crate::hold::document::{Lease, LeaseKind, Refused, RefusedCode};
use crate::hold::protocol::{Answer, PATIENCE_MS_MAX, Stop, Written};
use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

/// Bytes that may wait to be typed; who sends more is refused and asks again.
pub const WAITING_BYTES_MAX: usize = 1024 * 1024;

/// An answer, which connection it is for, and to which of its questions.
pub type Reply = (u64, u32, Answer);

/// The lease of a terminal and the writes under it.
#[derive(Debug, Default)]
pub struct Keyboard {
    holder: Option<Holder>,
    /// All of the lease's holder, in order.
    writes: VecDeque<Write>,
    typed: u64,
}

#[derive(Debug)]
struct Holder {
    connection: u64,
    lease: Lease,
    /// Set when the lease ends with the last of the writes.
    leaving: Option<Leaving>,
}

#[derive(Debug)]
enum Leaving {
    /// The question to be answered then.
    Released { id: u32 },
    /// There is nobody to answer.
    Gone,
}

#[derive(Debug)]
struct Write {
    id: u32,
    bytes: Vec<u8>,
    done: usize,
    patience: Duration,
    /// Set when it comes first.
    begun: Option<Begun>,
}

#[derive(Debug, Clone, Copy)]
struct Begun {
    until: Instant,
    offset: u64,
}

impl Keyboard {
    /// Who may write.
    pub fn lease(&self) -> Option<&Lease> {
        self.holder.as_ref().map(|holder| &holder.lease)
    }

    /// How many bytes were typed in all.
    pub fn typed(&self) -> u64 {
        self.typed
    }

    /// Whether bytes wait to be typed.
    pub fn is_typing(&self) -> bool {
        !self.writes.is_empty()
    }

    /// When the patience with the program ends.
    pub fn deadline(&self) -> Option<Instant> {
        self.writes.front()?.begun.map(|begun| begun.until)
    }

    /// Gives the lease, or says who has it.
    pub fn take(&mut self, connection: u64, id: u32, lease: Lease) -> Vec<Reply> {
        let mut answers = Vec::new();
        match &mut self.holder {
            Some(holder) if holder.connection != connection => {
                let message = format!("{} has the lease", holder.lease.who);
                let refused = Refused { code: RefusedCode::LeaseHeld, message, lease: Some(holder.lease.clone()) };
                return vec![(connection, id, Answer::Refused(refused))];
            }
            Some(holder) => {
                holder.lease = lease;
                // Whoever takes it again has released it in between.
                if let Some(Leaving::Released { id }) = holder.leaving.take() {
                    answers.push(done(connection, id));
                }
            }
            None => self.holder = Some(Holder { connection, lease, leaving: None }),
        }
        answers.push(done(connection, id));
        answers
    }

    /// Takes the lease back once the writes before this are over.
    pub fn release(&mut self, connection: u64, id: u32) -> Vec<Reply> {
        match &mut self.holder {
            Some(holder) if holder.connection == connection && holder.leaving.is_none() => {
                holder.leaving = Some(Leaving::Released { id });
                self.let_go()
            }
            // Not having it is fine.
            Some(_) | None => vec![done(connection, id)],
        }
    }

    /// Takes a write; [`pump`](Self::pump) types it.
    ///
    /// # Errors
    ///
    /// It has no lease, or too much waits.
    pub fn write(&mut self, connection: u64, id: u32, bytes: Vec<u8>, patience_ms: u32) -> Result<(), Refused> {
        let may_write = |holder: &Holder| holder.connection == connection && holder.leaving.is_none();
        if !self.holder.as_ref().is_some_and(may_write) {
            let message = "writing needs the lease".to_owned();
            return Err(Refused { code: RefusedCode::NoLease, message, lease: self.lease().cloned() });
        }
        let waiting: usize = self.writes.iter().map(|write| write.bytes.len() - write.done).sum();
        if waiting + bytes.len() > WAITING_BYTES_MAX {
            let message = format!("{waiting} bytes wait to be typed, the limit is {WAITING_BYTES_MAX}");
            return Err(Refused { code: RefusedCode::Busy, message, lease: None });
        }
        let patience = Duration::from_millis(patience_ms.min(PATIENCE_MS_MAX).into());
        self.writes.push_back(Write { id, bytes, done: 0, patience, begun: None });
        Ok(())
    }

    /// Whether another connection's person decides about the size.
    pub fn is_sized_by_another(&self, connection: u64) -> bool {
        let decides = |holder: &Holder| holder.connection != connection && holder.lease.kind == LeaseKind::Person;
        self.holder.as_ref().is_some_and(decides)
    }

    /// Types as much as the terminal takes now. `offset` is how much output there is.
    pub fn pump(
        &mut self,
        now: Instant,
        offset: u64,
        mut type_in: impl FnMut(&[u8]) -> io::Result<usize>,
    ) -> Vec<Reply> {
        let mut answers = Vec::new();
        while let Some(write) = self.writes.front_mut() {
            let begun = *write.begun.get_or_insert(Begun { until: now + write.patience, offset });
            while write.done < write.bytes.len() {
                match type_in(&write.bytes[write.done..]) {
                    Ok(0) => break,
                    Ok(count) => {
                        write.done += count;
                        self.typed += count as u64;
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    // Full, or about to be closed, which the agent's end will tell.
                    Err(_) => break,
                }
            }
            if write.done == write.bytes.len() {
                answers.extend(self.answer_first(Stop::Whole));
            } else if now >= begun.until {
                answers.extend(self.answer_first(Stop::NotRead));
                while self.is_typing() {
                    answers.extend(self.answer_first(Stop::Behind));
                }
            } else {
                break;
            }
        }
        answers.extend(self.let_go());
        answers
    }

    /// The connection is gone: what it had not begun to type is dropped.
    pub fn disconnect(&mut self, connection: u64) {
        let Some(holder) = self.holder.as_mut().filter(|holder| holder.connection == connection) else { return };
        holder.leaving = Some(Leaving::Gone);
        self.writes.retain(|write| write.done > 0);
        // There is nobody left to be answered.
        drop(self.let_go());
    }

    /// The agent has ended: nothing is typed any more.
    pub fn end(&mut self) -> Vec<Reply> {
        let mut answers = Vec::new();
        while self.is_typing() {
            answers.extend(self.answer_first(Stop::Exited));
        }
        answers.extend(self.let_go());
        answers
    }

    fn answer_first(&mut self, stop: Stop) -> Option<Reply> {
        let write = self.writes.pop_front()?;
        let holder = self.holder.as_ref().expect("whoever writes has the lease");
        let offset = write.begun.map_or(0, |begun| begun.offset);
        let answer = Answer::Written(Written { bytes: write.done as u32, stop, offset });
        let is_gone = matches!(holder.leaving, Some(Leaving::Gone));
        (!is_gone).then_some((holder.connection, write.id, answer))
    }

    /// Ends a lease that is to end, once nothing is left to type.
    fn let_go(&mut self) -> Vec<Reply> {
        let is_over = self.writes.is_empty() && self.holder.as_ref().is_some_and(|holder| holder.leaving.is_some());
        let Some(holder) = self.holder.take_if(|_| is_over) else { return Vec::new() };
        match holder.leaving {
            Some(Leaving::Released { id }) => vec![done(holder.connection, id)],
            Some(Leaving::Gone) | None => Vec::new(),
        }
    }
}

fn done(connection: u64, id: u32) -> Reply {
    (connection, id, Answer::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERSON: u64 = 1;
    const DELIVERY: u64 = 2;

    fn lease(kind: LeaseKind, who: &str) -> Lease {
        Lease { kind, who: who.to_owned() }
    }

    fn held_by(connection: u64) -> Keyboard {
        let mut keyboard = Keyboard::default();
        assert_eq!(keyboard.take(connection, 1, lease(LeaseKind::Person, "eva")), vec![done(connection, 1)]);
        keyboard
    }

    /// A terminal that takes so many bytes and then no more.
    fn room(mut left: usize, typed: &mut Vec<u8>) -> impl FnMut(&[u8]) -> io::Result<usize> {
        move |bytes| {
            let now = bytes.len().min(left);
            left -= now;
            typed.extend_from_slice(&bytes[..now]);
            if now == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(now) }
        }
    }

    fn written(answers: &[Reply]) -> Vec<(u32, u32, Stop)> {
        let row = |(_, id, answer): &Reply| match answer {
            Answer::Written(written) => (*id, written.bytes, written.stop),
            _ => panic!("{answer:?} is no answer to a write"),
        };
        answers.iter().map(row).collect()
    }

    #[test]
    fn one_at_a_time_has_the_lease_and_the_others_are_told_who() {
        let mut keyboard = held_by(PERSON);
        let refused = keyboard.take(DELIVERY, 7, lease(LeaseKind::Delivery, "ptyd"));
        let [(DELIVERY, 7, Answer::Refused(refused))] = &refused[..] else { panic!("{refused:?}") };
        assert_eq!((refused.code, refused.lease.as_ref()), (RefusedCode::LeaseHeld, keyboard.lease()));
        assert!(keyboard.is_sized_by_another(DELIVERY) && !keyboard.is_sized_by_another(PERSON));
        assert_eq!(keyboard.write(DELIVERY, 8, b"x".to_vec(), 0).unwrap_err().code, RefusedCode::NoLease);

        assert_eq!(keyboard.release(DELIVERY, 9), vec![done(DELIVERY, 9)], "not having it is fine");
        assert!(keyboard.lease().is_some());
        assert_eq!(keyboard.release(PERSON, 10), vec![done(PERSON, 10)]);
        assert_eq!(keyboard.take(DELIVERY, 11, lease(LeaseKind::Delivery, "ptyd")), vec![done(DELIVERY, 11)]);
        assert!(!keyboard.is_sized_by_another(PERSON), "who delivers does not decide about the size");
        keyboard.disconnect(DELIVERY);
        assert_eq!(keyboard.lease(), None);
    }

    #[test]
    fn a_write_is_whole_or_its_writer_is_told_how_far_it_came() {
        let (mut keyboard, mut typed, now) = (held_by(PERSON), Vec::new(), Instant::now());
        for (id, text) in [(2, "whole "), (3, "partly"), (4, "behind")] {
            keyboard.write(PERSON, id, text.into(), 1_000).unwrap();
        }
        let answers = keyboard.pump(now, 77, room(8, &mut typed));
        assert_eq!(written(&answers), [(2, 6, Stop::Whole)]);
        assert_eq!(keyboard.deadline(), Some(now + Duration::from_secs(1)));
        assert!(keyboard.pump(now + Duration::from_millis(999), 80, room(0, &mut typed)).is_empty());
        let answers = keyboard.pump(now + Duration::from_secs(1), 80, room(1, &mut typed));
        assert_eq!(written(&answers), [(3, 3, Stop::NotRead), (4, 0, Stop::Behind)]);
        assert_eq!((typed.as_slice(), keyboard.typed(), keyboard.is_typing()), (b"whole par".as_slice(), 9, false));
        let Answer::Written(first) = &answers[0].2 else { unreachable!("looked at above") };
        assert_eq!(first.offset, 77, "the output before the first byte");
    }

    #[test]
    fn a_lease_outlives_its_connection_only_until_a_begun_write_is_finished() {
        let (mut keyboard, mut typed, now) = (held_by(PERSON), Vec::new(), Instant::now());
        keyboard.write(PERSON, 2, b"begun".to_vec(), 1_000).unwrap();
        keyboard.write(PERSON, 3, b"not begun".to_vec(), 1_000).unwrap();
        assert!(keyboard.pump(now, 0, room(2, &mut typed)).is_empty());
        keyboard.disconnect(PERSON);
        assert!(keyboard.lease().is_some(), "half a paste must not be followed by another's text");
        assert!(keyboard.pump(now, 0, room(100, &mut typed)).is_empty(), "nobody is there to be answered");
        assert_eq!((typed.as_slice(), keyboard.lease()), (b"begun".as_slice(), None));
    }

    #[test]
    fn a_release_waits_for_the_writes_before_it() {
        let (mut keyboard, mut typed, now) = (held_by(PERSON), Vec::new(), Instant::now());
        keyboard.write(PERSON, 2, b"slow".to_vec(), 1_000).unwrap();
        assert!(keyboard.release(PERSON, 3).is_empty());
        assert_eq!(keyboard.write(PERSON, 4, b"late".to_vec(), 1_000).unwrap_err().code, RefusedCode::NoLease);
        let answers = keyboard.pump(now, 0, room(100, &mut typed));
        assert_eq!(written(&answers[..1]), [(2, 4, Stop::Whole)]);
        assert_eq!((&answers[1..], keyboard.lease()), (&[done(PERSON, 3)][..], None));
    }

    #[test]
    fn what_waits_is_bounded_and_the_end_answers_everybody() {
        let mut keyboard = held_by(PERSON);
        keyboard.write(PERSON, 2, vec![b'x'; WAITING_BYTES_MAX], 0).unwrap();
        assert_eq!(keyboard.write(PERSON, 3, b"x".to_vec(), 0).unwrap_err().code, RefusedCode::Busy);
        assert_eq!(written(&keyboard.end()), [(2, 0, Stop::Exited)]);
        assert!(keyboard.lease().is_some(), "it ends with release or with the connection");
    }
}
