//! Following ledgers: exactly once and in order, whatever is lost or restarted in between.
//!
//! Hints only say that it is time to ask. What is delivered comes from ranges, always from the cursor on, so a
//! lost hint delays and never loses, and a repeated one asks and never repeats.

use super::{CallError, Caller, Hint, Subscriber, body};
use crate::contract::op::ledger::{Range, Ranged};
use crate::contract::{Code, Event, Op, OpError, Principal, Reply, Request, id, limit};
use crate::home::Home;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Events asked for at once.
const FETCH_EVENTS_MAX: usize = limit::RANGE_EVENTS_MAX / 2;

/// The longest one question may take.
const ATTEMPT_MAX: Duration = Duration::from_secs(10);

/// Pause after a question that was not answered.
const PAUSE: Duration = Duration::from_millis(50);

/// A publisher that lives is heard every 20 s at least. After so long without any hint, one question per ledger is due.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// Holds a cursor per ledger, hears hints, and asks for the range whenever a head has moved.
#[derive(Debug)]
pub struct Follower {
    name: &'static str,
    ledgerd: Caller,
    hints: Subscriber,
    cursors: Cursors,
}

impl Follower {
    /// A follower of a home's ledgers that follows nothing yet. `name` is who asks, for logs.
    ///
    /// # Errors
    ///
    /// A socket's path cannot be used at all.
    pub fn connect(home: &Home, name: &'static str) -> Result<Self, super::LinkError> {
        let ledgerd = Caller::connect(&home.ledger_socket(), name)?;
        let hints = Subscriber::connect(&home.hint_socket())?;
        Ok(Self { name, ledgerd, hints, cursors: Cursors::default() })
    }

    /// Follows a ledger (a group id) after a sequence number; 0 is its beginning.
    pub fn follow(&mut self, ledger: &str, after_seq: u64) {
        self.cursors.follow(ledger, after_seq);
    }

    /// Follows a ledger no more.
    pub fn unfollow(&mut self, ledger: &str) {
        self.cursors.forget(ledger);
    }

    /// The next events of one of the followed ledgers, as soon as there are any. Cancelling loses nothing.
    ///
    /// # Errors
    ///
    /// A ledger is gone (`group_not_found`), or it is shorter than what was already delivered, because an older
    /// copy was restored (`event_not_found`): it is not followed any more. A server that is away is waited for.
    pub async fn next(&mut self) -> Result<Vec<Event>, OpError> {
        loop {
            while let Some((ledger, after_seq)) = self.cursors.due() {
                let answer = self.ledgerd.call(self.question(&ledger, after_seq, ATTEMPT_MAX)).await;
                match self.cursors.hear(&ledger, answer) {
                    Heard::Events(events) => return Ok(events),
                    Heard::Gone(refusal) => return Err(refusal),
                    Heard::Nothing => {}
                    Heard::NoAnswer => tokio::time::sleep(PAUSE).await,
                }
            }
            match tokio::time::timeout(SILENCE_MAX, self.hints.recv()).await {
                Ok(Ok(bytes)) => self.cursors.note(&bytes),
                Ok(Err(_)) | Err(_) => self.cursors.ask_all(),
            }
        }
    }

    /// The same for a thread, which waits up to `patience`; empty when nothing happened.
    ///
    /// # Errors
    ///
    /// As [`Follower::next`].
    pub fn next_blocking(&mut self, patience: Duration) -> Result<Vec<Event>, OpError> {
        let end = Instant::now() + patience;
        let mut heard_last = Instant::now();
        loop {
            while let Some((ledger, after_seq)) = self.cursors.due() {
                let left = end.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Ok(Vec::new());
                }
                let answer = self.ledgerd.call_blocking(self.question(&ledger, after_seq, left.min(ATTEMPT_MAX)));
                match self.cursors.hear(&ledger, answer) {
                    Heard::Events(events) => return Ok(events),
                    Heard::Gone(refusal) => return Err(refusal),
                    Heard::Nothing => {}
                    Heard::NoAnswer => std::thread::sleep(PAUSE.min(left)),
                }
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Vec::new());
            }
            match self.hints.recv_blocking(left.min(SILENCE_MAX)) {
                Ok(Some(bytes)) => {
                    heard_last = Instant::now();
                    self.cursors.note(&bytes);
                }
                Ok(None) | Err(_) if heard_last.elapsed() >= SILENCE_MAX => {
                    heard_last = Instant::now();
                    self.cursors.ask_all();
                }
                Ok(None) => {}
                // Only a closed link: there is nothing to hear, so the ranges are asked in turn.
                Err(_) => std::thread::sleep(PAUSE.min(left)),
            }
        }
    }

    fn question(&self, ledger: &str, after_seq: u64, patience: Duration) -> Request {
        let range = Range {
            group_id: ledger.to_owned(),
            after_seq: Some(i64::try_from(after_seq).unwrap_or(i64::MAX)),
            limit: Some(FETCH_EVENTS_MAX as i64),
            for_speaker: false,
        };
        Request {
            id: id::unique(),
            peer: self.name.to_owned(),
            principal: Principal::system(),
            deadline_ms: u64::try_from(patience.as_millis()).unwrap_or(u64::MAX),
            op: Op::LedgerRange(range),
        }
    }
}

/// What a question has brought.
#[derive(Debug, PartialEq)]
enum Heard {
    /// The next events.
    Events(Vec<Event>),
    /// There are no new events.
    Nothing,
    /// Nobody has answered, or not now: ask again.
    NoAnswer,
    /// The ledger cannot be followed any more.
    Gone(OpError),
}

/// How far each ledger was delivered, and which of them are to be asked.
#[derive(Debug, Default)]
struct Cursors {
    epoch: u64,
    seqs: HashMap<String, u64>,
    /// Ledgers to ask, in turn, each of them once.
    due: VecDeque<String>,
}

impl Cursors {
    fn follow(&mut self, ledger: &str, after_seq: u64) {
        self.seqs.insert(ledger.to_owned(), after_seq);
        self.ask(ledger);
    }

    fn forget(&mut self, ledger: &str) {
        self.seqs.remove(ledger);
        self.due.retain(|due| due != ledger);
    }

    fn ask(&mut self, ledger: &str) {
        if !self.due.iter().any(|due| due == ledger) {
            self.due.push_back(ledger.to_owned());
        }
    }

    fn ask_all(&mut self) {
        let ledgers: Vec<String> = self.seqs.keys().cloned().collect();
        ledgers.iter().for_each(|ledger| self.ask(ledger));
    }

    fn note(&mut self, bytes: &[u8]) {
        match body::read::<Hint>(bytes) {
            Ok(hint) => self.note_hint(&hint),
            Err(error) => tracing::warn!(%error, "a hint cannot be read"),
        }
    }

    fn note_hint(&mut self, hint: &Hint) {
        // After a restart a ledger may be a restored older one, whose head tells nothing new.
        if std::mem::replace(&mut self.epoch, hint.epoch) != hint.epoch {
            self.ask_all();
        }
        for (ledger, head_seq) in &hint.heads {
            if self.seqs.get(ledger).is_some_and(|seq| seq < head_seq) {
                self.ask(ledger);
            }
        }
    }

    /// The ledger to ask now, and after which event.
    fn due(&self) -> Option<(String, u64)> {
        let ledger = self.due.front()?;
        let seq = self.seqs.get(ledger).expect("a ledger that is not followed is never due");
        Some((ledger.clone(), *seq))
    }

    fn hear(&mut self, ledger: &str, answer: Result<Reply, CallError>) -> Heard {
        let refusal = match answer {
            Ok(Reply::LedgerRange(ranged)) => match self.advance(ledger, ranged) {
                Ok(events) if events.is_empty() => return Heard::Nothing,
                Ok(events) => return Heard::Events(events),
                Err(refusal) => refusal,
            },
            Ok(_) => OpError::new(Code::InternalError, "ledgerd answered another question"),
            Err(CallError::Refused(refusal)) if refusal.code.is_retryable() => return Heard::NoAnswer,
            Err(CallError::Refused(refusal)) => refusal,
            Err(CallError::Link(error)) => {
                tracing::trace!(%error, ledger, "ledgerd is waited for");
                return Heard::NoAnswer;
            }
        };
        self.forget(ledger);
        Heard::Gone(refusal)
    }

    /// Moves the cursor over what has come; there is more to ask when it has not reached the head.
    fn advance(&mut self, ledger: &str, ranged: Ranged) -> Result<Vec<Event>, OpError> {
        let seq = self.seqs.get_mut(ledger).expect("a ledger that is not followed is never asked");
        let Ranged { events, head_seq, .. } = ranged;
        if head_seq < *seq {
            let sentence = format!(
                "ledger {ledger} ends at {head_seq}, before event {seq} that was already delivered: an older copy was \
                 restored; follow it again from where you want to begin"
            );
            return Err(OpError::new(Code::EventNotFound, sentence).with("group_id", ledger).with("seq", *seq));
        }
        let is_whole = events.iter().zip(*seq + 1..).all(|(event, wanted)| event.seq == wanted);
        if !is_whole || (events.is_empty() && head_seq > *seq) {
            let sentence = format!("ledgerd left out events of ledger {ledger} after event {seq}");
            return Err(OpError::new(Code::InternalError, sentence).with("group_id", ledger));
        }
        *seq += events.len() as u64;
        let has_more = *seq < head_seq;
        self.due.retain(|due| due != ledger);
        if has_more {
            self.ask(ledger);
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::LinkError;
    use serde_json::json;

    fn events(seqs: std::ops::Range<u64>) -> Vec<Event> {
        let event = |seq| json!({"seq": seq, "id": format!("{seq:032x}"), "ts": "", "kind": "x.test"});
        seqs.map(|seq| serde_json::from_value(event(seq)).unwrap()).collect()
    }

    fn ranged(seqs: std::ops::Range<u64>, head_seq: u64) -> Result<Reply, CallError> {
        Ok(Reply::LedgerRange(Ranged { through_seq: seqs.end - 1, events: events(seqs), head_seq }))
    }

    fn hint(epoch: u64, heads: &[(&str, u64)]) -> Hint {
        Hint { epoch, heads: heads.iter().map(|(ledger, seq)| ((*ledger).to_owned(), *seq)).collect() }
    }

    #[test]
    fn ledgers_are_asked_in_turn_until_their_heads_are_reached() {
        let mut cursors = Cursors::default();
        cursors.follow("a", 0);
        cursors.follow("b", 5);
        assert_eq!(cursors.due(), Some(("a".into(), 0)));
        assert_eq!(cursors.hear("a", ranged(1..3, 3)), Heard::Events(events(1..3)));
        assert_eq!(cursors.due(), Some(("b".into(), 5)), "the other one's turn");
        assert_eq!(cursors.hear("b", ranged(6..6, 5)), Heard::Nothing);
        assert_eq!(cursors.due(), Some(("a".into(), 2)), "its head was not reached");
        assert_eq!(cursors.hear("a", ranged(3..4, 3)), Heard::Events(events(3..4)));
        assert_eq!(cursors.due(), None);
    }

    #[test]
    fn a_hint_makes_due_what_has_moved_and_a_new_epoch_everything() {
        #[rustfmt::skip]
        let cases = [
            // hint                                    due
            (hint(1, &[("a", 3)]),                     None,      "known already"),
            (hint(1, &[("c", 9)]),                     None,      "not followed"),
            (hint(1, &[("a", 2)]),                     None,      "an older hint, late"),
            (hint(1, &[("a", 4)]),                     Some("a"), "moved"),
            (hint(2, &[]),                             Some("a"), "ledgerd has started again"),
        ];
        for (hint, due, why) in cases {
            let mut cursors = Cursors { epoch: 1, ..Cursors::default() };
            cursors.seqs.insert("a".into(), 3);
            cursors.note_hint(&hint);
            assert_eq!(cursors.due().map(|(ledger, _)| ledger).as_deref(), due, "{why}");
        }
    }

    #[test]
    fn an_answer_decides_whether_a_ledger_is_followed_on() {
        let refused = |code| Err(CallError::Refused(OpError::new(code, "no")));
        #[rustfmt::skip]
        let cases = [
            // answer                                  followed on  why
            (ranged(4..7, 6),                         true,        "the next events"),
            (ranged(4..4, 3),                         true,        "nothing new"),
            (Err(CallError::Link(LinkError::Closed)),  true,        "the server is away"),
            (refused(Code::DaemonUnavailable),         true,        "the server is busy"),
            (refused(Code::GroupNotFound),             false,       "the ledger is gone"),
            (ranged(4..4, 2),                         false,       "an older copy was restored"),
            (ranged(5..7, 6),                         false,       "an event is missing"),
            (ranged(3..7, 6),                         false,       "an event would be delivered twice"),
            (ranged(4..4, 9),                         false,       "events are there and are not given"),
        ];
        for (answer, is_followed, why) in cases {
            let mut cursors = Cursors::default();
            cursors.follow("a", 3);
            let heard = cursors.hear("a", answer);
            assert_eq!(matches!(heard, Heard::Gone(_)), !is_followed, "{why}");
            assert_eq!(cursors.seqs.contains_key("a"), is_followed, "{why}");
            assert_eq!(cursors.due().is_some(), heard == Heard::NoAnswer, "{why}: asked again");
        }
    }
}
