//! The terminal as a [`Channel`]: text is pasted, shown by the program, and submitted by a separate key.
//!
//! Exactly once, also across a killed ptyd: before the first byte the notes say what is typed and how many bytes the
//! holder had typed by then. The holder's count then says how much of it has arrived, and only the rest is typed.

use super::sanitise::Form;
use super::{Channel, Outcome, Parcel};
use crate::session::Live;
use crate::session::memo::Typing;
use ptyd::hold::{HoldError, Stop};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a program may leave text unread before it counts as stuck.
const READ_PATIENCE: Duration = Duration::from_secs(5);

/// The program has shown the text when it has been silent for this long …
const SHOWN_SILENCE: Duration = Duration::from_millis(80);

/// … but not earlier than this …
const SHOWN_MIN: Duration = Duration::from_millis(150);

/// … and at the latest after this, for programs that never are silent.
const SHOWN_MAX: Duration = Duration::from_millis(1_500);

/// How often the silence is looked at.
const SHOWN_LOOK: Duration = Duration::from_millis(20);

/// Begin and end of a paste.
const PASTE: (&str, &str) = ("\x1b[200~", "\x1b[201~");

/// An agent's terminal.
#[derive(Debug)]
pub struct Terminal {
    live: Arc<Live>,
}

impl Terminal {
    /// The terminal of a session.
    pub fn new(live: &Arc<Live>) -> Self {
        Self { live: Arc::clone(live) }
    }

    /// Waits until the program has shown what was typed.
    pub async fn shown(&self) {
        let begin = Instant::now();
        loop {
            tokio::time::sleep(SHOWN_LOOK).await;
            let waited = begin.elapsed();
            let silent = self.live.screen().since_last_output().is_none_or(|since| since >= SHOWN_SILENCE);
            if (silent && waited >= SHOWN_MIN) || waited >= SHOWN_MAX {
                return;
            }
        }
    }

    /// Types what is left of a text. The keyboard is ours.
    async fn finish(&self, typing: &Typing) -> Result<Outcome, HoldError> {
        let status = self.live.hold().status().await?;
        let done = status.typed.checked_sub(typing.typed_before).filter(|done| *done <= typing.total());
        let Some(done) = done.filter(|_| !typing.disturbed) else {
            return Ok(Outcome::Uncertain(self.evidence(typing)));
        };
        if done < typing.total() && status.exit.is_some() {
            return Ok(Outcome::Unsubmitted);
        }
        let (payload, key) = (typing.payload.as_bytes(), typing.key());
        let text_done = usize::try_from(done).unwrap_or(usize::MAX);
        if let Some(rest) = payload.get(text_done..).filter(|rest| !rest.is_empty()) {
            let typed = self.live.hold().write(rest, READ_PATIENCE).await?;
            if let Some(outcome) = unfinished(typed.stop) {
                return Ok(outcome);
            }
        }
        if text_done <= payload.len() && !key.is_empty() {
            self.shown().await;
            let typed = self.live.hold().write(key, READ_PATIENCE).await?;
            if let Some(outcome) = unfinished(typed.stop) {
                return Ok(outcome);
            }
        }
        Ok(Outcome::Handed(self.evidence(typing)))
    }

    fn evidence(&self, typing: &Typing) -> Map<String, Value> {
        evidence(self.live.id(), typing)
    }

    async fn take_turn(&self, typing: impl FnOnce(u64, u64) -> Option<Typing>) -> Outcome {
        let turn = match self.live.turn().await {
            Ok(turn) => turn,
            Err(error) => return self.broken(&error),
        };
        let outcome = match self.live.hold().status().await {
            Ok(status) => match typing(status.typed, status.end) {
                Some(typing) => self.finish(&typing).await.unwrap_or_else(|error| self.broken(&error)),
                None => Outcome::NoNotes,
            },
            Err(error) => self.broken(&error),
        };
        self.live.give_lease_back().await;
        drop(turn);
        outcome
    }

    /// An error on the way. What has been typed is counted by the holder, so nothing is lost by waiting.
    fn broken(&self, error: &HoldError) -> Outcome {
        tracing::debug!(session_id = self.live.id(), %error, "typing a text broke off");
        match error {
            HoldError::Lost { .. } | HoldError::Protocol { .. } | HoldError::Exited => Outcome::Gone,
            _ => Outcome::Stuck,
        }
    }
}

impl Channel for Terminal {
    const PATH: &'static str = "terminal";

    async fn hand(&self, parcel: Parcel) -> Outcome {
        let payload = match parcel.form {
            Form::Paste => format!("{}{}{}", PASTE.0, parcel.text, PASTE.1),
            Form::Line => parcel.text,
        };
        let (event_ids, submit) = (parcel.event_ids, parcel.submit);
        let begin = |typed_before, offset| {
            let typing = Typing { event_ids, payload, submit, typed_before, offset, disturbed: false };
            match self.live.note(|memo| memo.typing = Some(typing.clone())) {
                Ok(()) => Some(typing),
                Err(error) => {
                    tracing::warn!(session_id = self.live.id(), %error, "nothing is typed, because it cannot be noted");
                    None
                }
            }
        };
        self.take_turn(begin).await
    }

    async fn resume(&self) -> Option<(Vec<String>, Outcome)> {
        let typing = self.live.typing()?;
        let event_ids = typing.event_ids.clone();
        // A program that has ended takes no lease; the holder still knows what it had typed.
        if self.live.ended().is_some() {
            let outcome = self.finish(&typing).await.unwrap_or_else(|_| Outcome::Uncertain(self.evidence(&typing)));
            return Some((event_ids, outcome));
        }
        Some((event_ids, self.take_turn(|_, _| Some(typing)).await))
    }

    fn settled(&self) {
        let settled = self.live.note(|memo| {
            if memo.typing.take().is_some_and(|typing| typing.event_ids.is_empty()) {
                memo.introduced = true;
            }
        });
        if let Err(error) = settled {
            tracing::warn!(session_id = self.live.id(), %error, "the notes about a session cannot be written");
        }
    }
}

/// What is known about a text that was typed into a session.
pub fn evidence(session_id: &str, typing: &Typing) -> Map<String, Value> {
    let facts = json!({"session": session_id, "bytes": typing.total(), "offset": typing.offset});
    facts.as_object().cloned().unwrap_or_default()
}

fn unfinished(stop: Stop) -> Option<Outcome> {
    match stop {
        Stop::Whole => None,
        Stop::NotRead | Stop::Behind => Some(Outcome::Stuck),
        Stop::Exited => Some(Outcome::Unsubmitted),
    }
}
