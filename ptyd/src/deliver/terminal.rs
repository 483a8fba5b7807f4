//! The terminal as a [`Channel`]: paste, look, only then Enter.
//!
//! A text is pasted; it must be seen at the cursor before the key that submits it is pressed, and be seen to leave before
//! it counts as handed over. A dialog, a menu, a program that is still starting show something else: there no key follows,
//! and nothing is typed again while that is so.
//!
//! Exactly once, also across a killed ptyd: before the first byte the notes say what is typed and how many bytes the
//! holder had typed by then. The holder's count then says how much of it has arrived, and only the rest is typed.

use super::sanitise::Form;
use super::verdict::{
    DISTURBED, DROPPED, ENDED, GONE, HIDDEN, Left, REPLACED, STANDS, STOOD, TOUCHED, UNKNOWN, evidence,
};
use super::{Channel, Outcome, Parcel, look};
use crate::screen::composer::Sighting;
use crate::screen::excerpt::excerpt;
use crate::session::delivery_journal::{DeliveryJournal, Draft};
use crate::session::turn::Turn;
use crate::session::typing::{Course, PASTE, Progress, Typing};
use crate::session::{Live, foreground};
use bus::contract::time;
use ptyd::hold::{HoldError, Stop};
use serde_json::{Map, Value};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a program may leave text unread before it counts as stuck, which is then on record at once. Before that its
/// keyboard may be another's for as long at most, and so may the rest of an answer take.
pub const READ_PATIENCE: Duration = Duration::from_secs(5);

/// First pause between two looks at whether the program has read what was typed before; it doubles, up to …
const READ_LOOK_MIN: Duration = Duration::from_millis(20);

/// … this.
const READ_LOOK_MAX: Duration = Duration::from_secs(1);

/// How long the keyboard is kept while a text does not appear. Afterwards it is free, and the text is looked for
/// whenever the screen changes.
const APPEARS_WITHIN: Duration = Duration::from_millis(2_500);

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

    /// Whether the program is in the foreground for which a text was meant.
    fn is_in_front(&self, typing: &Typing) -> bool {
        typing.group == 0 || foreground::group(self.live.pid()).is_none_or(|group| group == typing.group)
    }

    /// Types what is left of a text, and submits it when it is seen. The keyboard is ours, and the gate was open a moment
    /// ago for what `is_begun`; of what is not, nothing is typed without another look at the gate.
    async fn finish(&self, typing: &Typing, is_begun: bool, turn: &mut Turn<'_>) -> Result<Outcome, HoldError> {
        let status = self.live.hold().status().await?;
        let done = match typing.progress(status.typed) {
            Progress::Whole if typing.course == Course::Left => {
                return Ok(Outcome::Handed(self.evidence_of(typing, None, true)));
            }
            Progress::Whole if typing.course == Course::Touched => return Ok(self.left(typing, None, Left::Touched)),
            Progress::Whole if !typing.key().is_empty() => return Ok(self.submitted(typing, None, turn).await),
            Progress::Whole => typing.payload.len() as u64,
            Progress::Unknown => return Ok(Outcome::Uncertain(DISTURBED, self.evidence(typing))),
            Progress::Bytes(_) | Progress::Unseen if status.exit.is_some() => return Ok(self.ended(typing)),
            Progress::Bytes(0) if !is_begun => {
                return Ok(self
                    .live
                    .note(DeliveryJournal::abandon)
                    .map_or_else(|error| self.unnoted(&error), |()| Outcome::NotNow));
            }
            Progress::Bytes(_) | Progress::Unseen if !self.is_in_front(typing) => {
                return Ok(Outcome::Uncertain(REPLACED, self.evidence(typing)));
            }
            Progress::Unseen => return self.look_again(typing, turn).await,
            Progress::Bytes(done) => done,
        };
        let done = usize::try_from(done).unwrap_or(usize::MAX);
        if let Some(rest) = typing.payload.as_bytes().get(done..).filter(|rest| !rest.is_empty()) {
            let typed = self.live.hold().write(rest, READ_PATIENCE).await?;
            if let Some(outcome) = unfinished(typed.stop) {
                return Ok(outcome);
            }
        }
        match look::appears(&self.live, typing, APPEARS_WITHIN).await {
            Some(seen) => self.submit(typing, seen, turn).await,
            None if self.live.ended().is_some() => Ok(self.ended(typing)),
            None => Ok(
                match self
                    .live
                    .note(|journal| journal.typing.iter_mut().for_each(|typing| typing.course = Course::Unseen))
                {
                    Ok(()) => Outcome::Unseen,
                    Err(error) => self.unnoted(&error),
                },
            ),
        }
    }

    /// Presses the key that submits. The text is seen, and the keyboard is ours.
    async fn submit(&self, typing: &Typing, seen: Sighting, turn: &mut Turn<'_>) -> Result<Outcome, HoldError> {
        let mut typing = typing.clone();
        if typing.key().is_empty() {
            return Ok(match self.leave_behind(&typing) {
                Ok(()) => Outcome::Handed(self.evidence_of(&typing, Some(seen), false)),
                Err(error) => self.unnoted(&error),
            });
        }
        loop {
            if !self.is_in_front(&typing) {
                return Ok(Outcome::Uncertain(REPLACED, self.evidence(&typing)));
            }
            let typed = self.live.hold().write(typing.key(), READ_PATIENCE).await?;
            if let Some(outcome) = unfinished(typed.stop) {
                return Ok(outcome);
            }
            let again = self.live.composer().submits_again && typing.more_keys == 0;
            let touched = self.live.touched();
            match look::leaves(&self.live, &typing, turn).await {
                Left::Stands if again => {}
                left => return Ok(self.left(&typing, Some(seen), left)),
            }
            if !turn.begin_again(READ_PATIENCE).await? {
                return Ok(self.left(&typing, Some(seen), Left::Stands));
            }
            // Whoever came to the keyboard before us has made something else of the text, and sees to it.
            if self.live.touched() != touched || look::sees(&self.live, &typing).is_none() {
                return Ok(self.left(&typing, Some(seen), Left::Touched));
            }
            // It stands there still, so the first key was not heard. What the terminal has answered meanwhile is noted.
            typing.course = self.live.typing().map_or(typing.course, |typing| typing.course);
            typing.more_keys += 1;
            tracing::info!(session_id = self.live.id(), "a text stands after its submit key; pressing it once more");
            if let Err(error) = self.live.note(|journal| journal.typing = Some(typing.clone())) {
                return Ok(self.unnoted(&error));
            }
        }
    }

    /// What became of a text whose submit key was pressed.
    async fn submitted(&self, typing: &Typing, seen: Option<Sighting>, turn: &mut Turn<'_>) -> Outcome {
        let left = look::leaves(&self.live, typing, turn).await;
        self.left(typing, seen, left)
    }

    fn left(&self, typing: &Typing, seen: Option<Sighting>, left: Left) -> Outcome {
        let why = match left {
            Left::Gone => {
                // Until its delivery is on record; whoever looks again could be shown anything.
                let noted =
                    self.live.note(|journal| journal.typing.iter_mut().for_each(|typing| typing.course = Course::Left));
                if let Err(error) = noted {
                    tracing::warn!(session_id = self.live.id(), %error, "the notes about a session cannot be written");
                }
                return Outcome::Handed(self.evidence_of(typing, seen, true));
            }
            Left::Stands => STANDS,
            Left::Touched => TOUCHED,
            Left::Hidden => HIDDEN,
            Left::Ended => ENDED,
        };
        match self.leave_behind(typing) {
            Ok(()) => Outcome::Uncertain(why, self.evidence_of(typing, seen, false)),
            Err(error) => self.unnoted(&error),
        }
    }

    /// A text of ours stays in the composer: nothing may be typed behind it.
    fn leave_behind(&self, typing: &Typing) -> io::Result<()> {
        let draft = Draft { line: typing.setting.line.clone(), since_us: time::now(), is_sent: false };
        self.live.note(|journal| journal.draft = Some(draft))
    }

    /// Looks for a text that had not been seen when it was typed. The keyboard is ours.
    async fn look_again(&self, typing: &Typing, turn: &mut Turn<'_>) -> Result<Outcome, HoldError> {
        let Some(seen) = look::appears(&self.live, typing, look::STANDS_FOR * 2).await else {
            return Ok(Outcome::Unseen);
        };
        let typed_before = self.live.hold().status().await?.typed.saturating_sub(typing.payload.len() as u64);
        // From here on the count says again how far it has come.
        let typing = Typing { course: Course::Counted, typed_before, ..typing.clone() };
        match self.live.note(|journal| journal.typing = Some(typing.clone())) {
            Ok(()) => self.submit(&typing, seen, turn).await,
            Err(error) => Ok(self.unnoted(&error)),
        }
    }

    /// The session has ended before the text was submitted.
    fn ended(&self, typing: &Typing) -> Outcome {
        if typing.course == Course::Stood {
            Outcome::Uncertain(STOOD, self.evidence(typing))
        } else {
            Outcome::Unsubmitted
        }
    }

    fn evidence(&self, typing: &Typing) -> Map<String, Value> {
        evidence(self.live.id(), typing)
    }

    fn evidence_of(&self, typing: &Typing, seen: Option<Sighting>, left: bool) -> Map<String, Value> {
        let mut facts = self.evidence(typing);
        facts.extend(seen.map(|seen| ("seen".to_owned(), Value::from(seen.word()))));
        facts.insert("left".into(), Value::from(left));
        facts
    }

    /// The last lines of the screen, for people who are to see what is in the way.
    pub fn shown(&self) -> Map<String, Value> {
        let lines = excerpt(&self.live.screen().view());
        Map::from_iter([("session".to_owned(), Value::from(self.live.id())), ("screen".to_owned(), Value::from(lines))])
    }

    /// Notes a parcel and types it. The keyboard is ours.
    async fn begin(&self, parcel: Parcel, turn: &mut Turn<'_>) -> Result<Outcome, HoldError> {
        let (setting, spot) = {
            let view = self.live.screen().view();
            (view.setting(), view.spot(&self.live.composer()))
        };
        // The world may have changed while we waited for the keyboard.
        let is_same = spot == parcel.spot
            && foreground::kind(self.live.pid()) == parcel.foreground
            && self.live.paste_on().is_some() == (parcel.form == Form::Paste);
        if self.live.person_busy().is_some() || !is_same {
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
            setting,
            group: foreground::group(self.live.pid()).unwrap_or(0),
            ..Typing::default()
        };
        let noted = self.live.note(|journal| {
            journal.typing = Some(typing.clone());
            journal.pastes = journal.pastes.saturating_add(1);
        });
        if let Err(error) = noted {
            return Ok(self.unnoted(&error));
        }
        self.live.screen().watch_for(&typing.hallmark());
        self.finish(&typing, true, turn).await
    }

    fn unnoted(&self, error: &io::Error) -> Outcome {
        tracing::warn!(session_id = self.live.id(), %error, "nothing is typed, because it cannot be noted");
        Outcome::NoNotes
    }

    /// An error on the way. What has been typed is counted by the holder, so nothing is lost by waiting.
    fn broken(&self, error: &HoldError) -> Outcome {
        tracing::debug!(session_id = self.live.id(), %error, "typing a text broke off");
        match error {
            HoldError::Lost { .. } | HoldError::Protocol { .. } | HoldError::Exited => Outcome::Gone,
            _ => Outcome::Stuck,
        }
    }

    /// A text waits to be seen, and is not there, or not for us to submit. The keyboard is left alone.
    fn waits(&self, typing: &Typing) -> Option<Outcome> {
        if !typing.course.is_unseen() || self.live.ended().is_some() {
            return None;
        }
        match (look::sees(&self.live, typing), self.live.person_busy()) {
            (Some(_), None) => None,
            (Some(_), Some(_)) if typing.course == Course::Stood => Some(Outcome::Unseen),
            (Some(_), Some(_)) => {
                let stood = self
                    .live
                    .note(|journal| journal.typing.iter_mut().for_each(|typing| typing.course = Course::Stood));
                Some(stood.map_or_else(|error| self.unnoted(&error), |()| Outcome::Unseen))
            }
            (None, _) if typing.course == Course::Stood => Some(Outcome::Uncertain(STOOD, self.evidence(typing))),
            (None, _) => Some(Outcome::Unseen),
        }
    }

    /// Gives up a text that was typed and is not to be seen.
    pub fn give_up(&self, typing: &Typing) -> Outcome {
        let why = if typing.shown || self.live.screen().was_shown() { GONE } else { DROPPED };
        Outcome::Uncertain(why, self.evidence(typing))
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
        let mut turn = match self.live.turn(READ_PATIENCE).await {
            Ok(Some(turn)) => turn,
            Ok(None) => return Outcome::Stuck,
            Err(error) => return self.broken(&error),
        };
        let outcome = self.begin(parcel, &mut turn).await.unwrap_or_else(|error| self.broken(&error));
        turn.end().await;
        outcome
    }

    async fn resume(&self) -> Option<(Vec<String>, Outcome)> {
        if let Some(typing) = self.live.typing()
            && let Some(outcome) = self.waits(&typing)
        {
            return Some((typing.event_ids, outcome));
        }
        // A program that has ended takes no lease; the holder still knows what it had typed.
        if self.live.ended().is_some() {
            let typing = self.live.typing()?;
            let outcome = self.finish(&typing, false, &mut Turn::none(&self.live)).await;
            let outcome = outcome.unwrap_or_else(|_| Outcome::Uncertain(UNKNOWN, self.evidence(&typing)));
            return Some((typing.event_ids, outcome));
        }
        let mut turn = match self.live.turn(READ_PATIENCE).await {
            Ok(Some(turn)) => turn,
            Ok(None) => return Some((self.live.typing()?.event_ids, Outcome::Stuck)),
            Err(error) => return Some((self.live.typing()?.event_ids, self.broken(&error))),
        };
        // Looked at only now: whoever had the keyboard before us has noted what became of it.
        let resumed = match self.live.typing() {
            Some(typing) => {
                let outcome = self.finish(&typing, false, &mut turn).await.unwrap_or_else(|error| self.broken(&error));
                Some((typing.event_ids, outcome))
            }
            None => None,
        };
        turn.end().await;
        resumed
    }

    fn settled(&self) -> io::Result<()> {
        self.live.screen().watch_for("");
        self.live.note(DeliveryJournal::settle)
    }
}

fn unfinished(stop: Stop) -> Option<Outcome> {
    match stop {
        Stop::Whole => None,
        Stop::NotRead | Stop::Behind => Some(Outcome::Stuck),
        Stop::Exited => Some(Outcome::Unsubmitted),
    }
}
