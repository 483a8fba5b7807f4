//! The terminal as a [`Channel`]: text is pasted, shown by the program, and submitted by a separate key.
//!
//! Exactly once, also across a killed ptyd: before the first byte the notes say what is typed and how many bytes the
//! holder had typed by then. The holder's count then says how much of it has arrived, and only the rest is typed.

use super::sanitise::Form;
use super::{Channel, Outcome, Parcel};
use crate::session::Live;
use crate::session::memo::{Memo, Progress, Typing};
use ptyd::hold::{HoldError, Stop};
use serde_json::{Map, Value, json};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a program may leave text unread before it counts as stuck, which is then on record at once. Before that its
/// keyboard may be another's for as long at most, and so may the rest of an answer take: whatever a program does,
/// nothing is half-typed for more than a third of a minute without a reason that everybody can see.
pub const READ_PATIENCE: Duration = Duration::from_secs(5);

/// First pause between two looks at whether the program has read what was typed before; it doubles, up to …
const READ_LOOK_MIN: Duration = Duration::from_millis(20);

/// … this.
const READ_LOOK_MAX: Duration = Duration::from_secs(1);

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

    /// Whether the program has read what was typed before, or does so within a patience. The system keeps much for a
    /// program that does not read: without this look, messages would count as handed over that nobody ever reads.
    async fn reads(&self, patience: Duration) -> Result<bool, HoldError> {
        let (begin, mut pause) = (Instant::now(), READ_LOOK_MIN);
        loop {
            // Of a terminal whose holder does not know, a write that is not taken will tell.
            if self.live.hold().status().await?.unread.is_none_or(|unread| unread == 0) {
                return Ok(true);
            }
            if begin.elapsed() >= patience {
                return Ok(false);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(READ_LOOK_MAX);
        }
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
        let done = match typing.progress(status.typed) {
            Progress::Whole => return Ok(Outcome::Handed(self.evidence(typing))),
            Progress::Unknown => return Ok(Outcome::Uncertain(self.evidence(typing))),
            Progress::Bytes(_) if status.exit.is_some() => return Ok(Outcome::Unsubmitted),
            Progress::Bytes(done) => done,
        };
        let (payload, key) = (typing.payload.as_bytes(), typing.key());
        let text_done = usize::try_from(done).unwrap_or(usize::MAX);
        if let Some(rest) = payload.get(text_done..).filter(|rest| !rest.is_empty()) {
            let typed = self.live.hold().write(rest, READ_PATIENCE).await?;
            if let Some(outcome) = unfinished(typed.stop) {
                return Ok(outcome);
            }
        }
        if !key.is_empty() {
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

    /// Notes a parcel and types it. The keyboard is ours.
    async fn begin(&self, parcel: Parcel) -> Result<Outcome, HoldError> {
        // Somebody may have begun a line while we waited for the keyboard.
        if self.live.person_busy().is_some() {
            return Ok(Outcome::NotNow);
        }
        let status = self.live.hold().status().await?;
        let payload = match parcel.form {
            Form::Paste => format!("{}{}{}", PASTE.0, parcel.text, PASTE.1),
            Form::Line => parcel.text,
        };
        let typing = Typing {
            event_ids: parcel.event_ids,
            payload,
            submit: parcel.submit,
            typed_before: status.typed,
            offset: status.end,
            disturbed: false,
            submitted: false,
        };
        if let Err(error) = self.live.note(|memo| memo.typing = Some(typing.clone())) {
            tracing::warn!(session_id = self.live.id(), %error, "nothing is typed, because it cannot be noted");
            return Ok(Outcome::NoNotes);
        }
        self.finish(&typing).await
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
        // Without the keyboard, so that others may type meanwhile.
        match self.reads(parcel.patience).await {
            Ok(true) => {}
            Ok(false) => return Outcome::Stuck,
            Err(error) => return self.broken(&error),
        }
        let turn = match self.live.turn(READ_PATIENCE).await {
            Ok(Some(turn)) => turn,
            Ok(None) => return Outcome::Stuck,
            Err(error) => return self.broken(&error),
        };
        let outcome = self.begin(parcel).await.unwrap_or_else(|error| self.broken(&error));
        self.live.give_lease_back().await;
        drop(turn);
        outcome
    }

    async fn resume(&self) -> Option<(Vec<String>, Outcome)> {
        // A program that has ended takes no lease; the holder still knows what it had typed.
        if self.live.ended().is_some() {
            let typing = self.live.typing()?;
            let outcome = self.finish(&typing).await.unwrap_or_else(|_| Outcome::Uncertain(self.evidence(&typing)));
            return Some((typing.event_ids, outcome));
        }
        let turn = match self.live.turn(READ_PATIENCE).await {
            Ok(Some(turn)) => turn,
            Ok(None) => return Some((self.live.typing()?.event_ids, Outcome::Stuck)),
            Err(error) => return Some((self.live.typing()?.event_ids, self.broken(&error))),
        };
        // Looked at only now: whoever had the keyboard before us has noted what became of it.
        let resumed = match self.live.typing() {
            Some(typing) => {
                let outcome = self.finish(&typing).await.unwrap_or_else(|error| self.broken(&error));
                Some((typing.event_ids, outcome))
            }
            None => None,
        };
        self.live.give_lease_back().await;
        drop(turn);
        resumed
    }

    fn settled(&self) -> io::Result<()> {
        self.live.note(Memo::settle)
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
