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
use super::{Channel, Outcome, Parcel};
use crate::screen::composer::{Sighting, Spot};
use crate::screen::excerpt::excerpt;
use crate::session::memo::{Draft, Memo, PASTE, Progress, Typing};
use crate::session::turn::Turn;
use crate::session::{Live, foreground};
use bus::contract::time;
use ptyd::hold::{HoldError, Stop};
use serde_json::{Map, Value};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::timeout;

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

/// A text stands where it is seen twice, so far apart at least: a program that draws may pass through anything.
const STANDS_FOR: Duration = Duration::from_millis(30);

/// How long the keyboard is kept after the submit key: most programs have taken the text by then. Afterwards people may
/// type, and we only look.
const KEPT_FOR: Duration = Duration::from_millis(1_500);

/// How long a program may take to take a text that was submitted.
const LEAVES_WITHIN: Duration = Duration::from_secs(10);

/// A text has left when it is not seen for so long by a program that goes on drawing …
const GONE_FOR: Duration = Duration::from_millis(250);

/// … or for so long, and by one that has been silent as long.
const SILENT_FOR: Duration = Duration::from_millis(80);

/// Shortest pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(8);

/// Longest pause between two looks while a text is on its way.
const LOOK_EVERY: Duration = Duration::from_millis(25);

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

    /// What is seen of a text at the cursor.
    fn sees(&self, typing: &Typing) -> Option<Sighting> {
        self.live.screen().view().shows(typing.text(), &typing.setting, &self.live.composer())
    }

    /// Whether the program is in the foreground for which a text was meant.
    fn is_in_front(&self, typing: &Typing) -> bool {
        typing.group == 0 || foreground::group(self.live.pid()).is_none_or(|group| group == typing.group)
    }

    /// Waits for the next look at the screen.
    async fn next_look(changes: &mut watch::Receiver<u64>) {
        // A change that was missed is looked at a moment later; a program that draws without end is not looked at more often.
        let _ = timeout(LOOK_EVERY, changes.changed()).await;
        tokio::time::sleep(LOOK_PAUSE).await;
    }

    /// Waits until a text stands at the cursor.
    async fn appears(&self, typing: &Typing, within: Duration) -> Option<Sighting> {
        let (begin, mut changes) = (Instant::now(), self.live.changes());
        let mut since: Option<Instant> = None;
        loop {
            match (self.sees(typing), since) {
                (Some(seen), Some(since)) if since.elapsed() >= STANDS_FOR => return Some(seen),
                (Some(_), None) => since = Some(Instant::now()),
                (Some(_), Some(_)) => {}
                (None, _) => since = None,
            }
            if begin.elapsed() >= within && since.is_none() || self.live.ended().is_some() {
                return None;
            }
            Self::next_look(&mut changes).await;
        }
    }

    /// Waits until a text has left the composer, and says how it stands after its submit key. The keyboard is given back
    /// when that takes long. A person who then types while the text stands there still, or is hidden, may send it, delete it
    /// or add to it: from then on nothing that is seen says what our key has done.
    async fn leaves(&self, typing: &Typing, turn: &mut Turn<'_>) -> Left {
        let touched = self.live.touched();
        let (begin, mut changes) = (Instant::now(), self.live.changes());
        let (mut gone, mut size): (Option<Instant>, _) = (None, self.live.screen().size());
        loop {
            if self.live.ended().is_some() {
                return Left::Ended;
            }
            if begin.elapsed() >= KEPT_FOR {
                turn.end().await;
            }
            let was_gone = gone.is_some();
            let (now, silent) = {
                let screen = self.live.screen();
                (screen.size(), screen.since_last_output().is_none_or(|since| since >= SILENT_FOR))
            };
            let stands = self.sees(typing).is_some();
            // Behind a question the text may stand still, and a window of another size is drawn anew first.
            let is_hidden = matches!(self.live.spot(), Spot::Question | Spot::Blank) || now != size;
            size = now;
            // Counted behind the look: what was seen before anybody has typed is our key's doing.
            if !was_gone && self.live.touched() != touched {
                return Left::Touched;
            }
            gone = if stands || is_hidden { None } else { gone.or(Some(Instant::now())) };
            let for_long = gone.map(|gone| gone.elapsed());
            if for_long.is_some_and(|gone| gone >= GONE_FOR || (silent && gone >= SILENT_FOR)) {
                return Left::Gone;
            }
            if gone.is_none() && begin.elapsed() >= LEAVES_WITHIN {
                return if stands { Left::Stands } else { Left::Hidden };
            }
            Self::next_look(&mut changes).await;
        }
    }

    /// Types what is left of a text, and submits it when it is seen. The keyboard is ours, and the gate was open a moment
    /// ago for what `is_begun`; of what is not, nothing is typed without another look at the gate.
    async fn finish(&self, typing: &Typing, is_begun: bool, turn: &mut Turn<'_>) -> Result<Outcome, HoldError> {
        let status = self.live.hold().status().await?;
        let done = match typing.progress(status.typed) {
            Progress::Whole if !typing.key().is_empty() => return Ok(self.submitted(typing, None, turn).await),
            Progress::Whole => typing.payload.len() as u64,
            Progress::Unknown => return Ok(Outcome::Uncertain(DISTURBED, self.evidence(typing))),
            Progress::Bytes(_) | Progress::Unseen if status.exit.is_some() => return Ok(self.ended(typing)),
            Progress::Bytes(0) if !is_begun => {
                return Ok(self
                    .live
                    .note(Memo::abandon)
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
        match self.appears(typing, APPEARS_WITHIN).await {
            Some(seen) => self.submit(typing, seen, turn).await,
            None if self.live.ended().is_some() => Ok(self.ended(typing)),
            None => Ok(match self.live.note(|memo| memo.typing.iter_mut().for_each(|typing| typing.unseen = true)) {
                Ok(()) => Outcome::Unseen,
                Err(error) => self.unnoted(&error),
            }),
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
            match self.leaves(&typing, turn).await {
                Left::Stands if again => {}
                left => return Ok(self.left(&typing, Some(seen), left)),
            }
            if !turn.begin_again(READ_PATIENCE).await? {
                return Ok(self.left(&typing, Some(seen), Left::Stands));
            }
            // Whoever came to the keyboard before us has made something else of the text, and sees to it.
            if self.live.touched() != touched || self.sees(&typing).is_none() {
                return Ok(self.left(&typing, Some(seen), Left::Touched));
            }
            // It stands there still, so the first key was not heard. What the terminal has answered meanwhile is noted.
            typing.submitted = self.live.typing().is_some_and(|typing| typing.submitted);
            typing.more_keys += 1;
            tracing::info!(session_id = self.live.id(), "a text stands after its submit key; pressing it once more");
            if let Err(error) = self.live.note(|memo| memo.typing = Some(typing.clone())) {
                return Ok(self.unnoted(&error));
            }
        }
    }

    /// What became of a text whose submit key was pressed.
    async fn submitted(&self, typing: &Typing, seen: Option<Sighting>, turn: &mut Turn<'_>) -> Outcome {
        let left = self.leaves(typing, turn).await;
        self.left(typing, seen, left)
    }

    fn left(&self, typing: &Typing, seen: Option<Sighting>, left: Left) -> Outcome {
        let why = match left {
            Left::Gone => return Outcome::Handed(self.evidence_of(typing, seen, true)),
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
        self.live.note(|memo| memo.draft = Some(draft))
    }

    /// Looks for a text that had not been seen when it was typed. The keyboard is ours.
    async fn look_again(&self, typing: &Typing, turn: &mut Turn<'_>) -> Result<Outcome, HoldError> {
        let Some(seen) = self.appears(typing, STANDS_FOR * 2).await else { return Ok(Outcome::Unseen) };
        let typed_before = self.live.hold().status().await?.typed.saturating_sub(typing.payload.len() as u64);
        // From here on the count says again how far it has come.
        let typing = Typing { unseen: false, typed_before, ..typing.clone() };
        match self.live.note(|memo| memo.typing = Some(typing.clone())) {
            Ok(()) => self.submit(&typing, seen, turn).await,
            Err(error) => Ok(self.unnoted(&error)),
        }
    }

    /// The session has ended before the text was submitted.
    fn ended(&self, typing: &Typing) -> Outcome {
        if typing.stood { Outcome::Uncertain(STOOD, self.evidence(typing)) } else { Outcome::Unsubmitted }
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
        let noted = self.live.note(|memo| {
            memo.typing = Some(typing.clone());
            memo.pastes = memo.pastes.saturating_add(1);
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
        if !typing.unseen || self.live.ended().is_some() {
            return None;
        }
        match (self.sees(typing), self.live.person_busy()) {
            (Some(_), None) => None,
            (Some(_), Some(_)) if typing.stood => Some(Outcome::Unseen),
            (Some(_), Some(_)) => {
                let stood = self.live.note(|memo| memo.typing.iter_mut().for_each(|typing| typing.stood = true));
                Some(stood.map_or_else(|error| self.unnoted(&error), |()| Outcome::Unseen))
            }
            (None, _) if typing.stood => Some(Outcome::Uncertain(STOOD, self.evidence(typing))),
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
        self.live.note(Memo::settle)
    }
}

fn unfinished(stop: Stop) -> Option<Outcome> {
    match stop {
        Stop::Whole => None,
        Stop::NotRead | Stop::Behind => Some(Outcome::Stuck),
        Stop::Exited => Some(Outcome::Unsubmitted),
    }
}
