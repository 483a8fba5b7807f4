//! Who may type into a terminal: a person, the deliverer, or the terminal itself when it answers the program.
//!
//! One at a time, and never in the middle of another's text: a delivery that got stuck half-way keeps answers away until
//! it is whole, and an answer that was cut off is finished before anything else is typed. The holder's lease says the
//! same to everybody else.

use super::Live;
use super::delivery_journal::Draft;
use super::line::{Line, Reading};
use super::report::is_report;
use super::seat::Viewer;
use super::typing::{Course, Progress};
use crate::screen::composer::Spot;
use bus::contract::time;
use ptyd::hold::{HoldError, LeaseKind, Stop};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How long a program may leave keys unread.
const KEYS_PATIENCE: Duration = Duration::from_secs(5);

/// How long a program may leave an answer of its terminal unread: whoever asks, reads.
const ANSWER_PATIENCE: Duration = Duration::from_secs(1);

/// How exactly the notes know until when a person keeps deliveries out.
const NOTED_WITHIN: Duration = Duration::from_secs(1);

/// How long a half-typed line keeps deliveries out after its last key.
const HALF_TYPED: Duration = Duration::from_secs(30);

/// How long a finished line does, and a key that begins none: the next one may come at once.
const FINISHED: Duration = Duration::from_secs(2);

/// How long a viewer keeps the keyboard without touching it.
const KEYBOARD_KEPT: Duration = Duration::from_secs(30);

/// The person at the keyboard.
#[derive(Debug, Default)]
pub struct KeyboardOwner {
    viewer: Option<u64>,
    last_key: Option<Instant>,
    /// How far this viewer's keys have been read.
    reading: Reading,
    busy_until: Option<Instant>,
    /// How often keys were typed that may have changed what stands in the composer.
    touched: u64,
}

impl KeyboardOwner {
    /// Nobody is at the keyboard, but somebody was, before an earlier ptyd died: the line is still there.
    pub fn noted(until_us: i64) -> Self {
        let left = u64::try_from(until_us.saturating_sub(time::now())).unwrap_or(0);
        let left = Duration::from_micros(left).min(HALF_TYPED);
        Self { busy_until: (!left.is_zero()).then(|| Instant::now() + left), ..Self::default() }
    }

    /// Whether this viewer may type now; if so it has the keyboard from now on.
    fn takes(&mut self, viewer: u64, now: Instant) -> bool {
        let idle = self.last_key.is_none_or(|then| now.duration_since(then) >= KEYBOARD_KEPT);
        if self.viewer.is_some_and(|other| other != viewer) && !idle {
            return false;
        }
        self.seize(viewer, now);
        true
    }

    /// This viewer has the keyboard from now on.
    pub(super) fn seize(&mut self, viewer: u64, now: Instant) {
        if self.viewer != Some(viewer) {
            self.reading.begin_anew();
        }
        self.viewer = Some(viewer);
        self.last_key = Some(now);
    }

    /// This viewer has it no more. False when it had not.
    pub(super) fn leaves(&mut self, viewer: u64) -> bool {
        let had = self.viewer == Some(viewer);
        if had {
            self.viewer = None;
            self.last_key = None;
            self.reading.begin_anew();
        }
        had
    }

    /// Whether this viewer's terminal answers the program: one of them does. Whoever presses a key may take its place.
    fn reports(&mut self, viewer: u64) -> bool {
        *self.viewer.get_or_insert(viewer) == viewer
    }

    /// Keys are typed that make this of the line. Says for how long they keep deliveries out; keys that only come up
    /// change nothing.
    fn types(&mut self, line: Line, now: Instant) -> Option<Duration> {
        let busy = match line {
            Line::Begun => HALF_TYPED,
            Line::Done | Line::Same => FINISHED,
            Line::Released => return None,
        };
        self.busy_until = Some(now + busy);
        self.touched += 1;
        Some(busy)
    }
}

/// What became of a person's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// The program has them.
    Typed,
    /// Another viewer has the keyboard.
    NotYours,
    /// The program does not read, or has ended.
    NotTaken,
    /// It was the terminal that spoke, and another one answers.
    NotNeeded,
}

impl Live {
    /// How long a person's half-typed line will keep deliveries out.
    pub fn person_busy(&self) -> Option<Duration> {
        let until = self.lock_person().busy_until?;
        Some(until.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
    }

    /// How often a person has typed. It rises before the keys reach the program.
    pub fn touched(&self) -> u64 {
        self.lock_person().touched
    }

    /// Types a viewer's keys.
    ///
    /// # Errors
    ///
    /// The holder is gone or the notes cannot be written; nothing was typed.
    pub async fn type_keys(&self, viewer: &Viewer, keys: &[u8]) -> Result<Keys, HoldError> {
        if is_report(keys) {
            if !self.lock_person().reports(viewer.number) {
                return Ok(Keys::NotNeeded);
            }
            let _turn = self.keyboard.lock().await;
            return self.type_answer(keys).await.map(|()| Keys::Typed);
        }
        {
            let mut person = self.lock_person();
            if !person.takes(viewer.number, Instant::now()) {
                return Ok(Keys::NotYours);
            }
            self.sit(Some(viewer));
        }
        let _turn = self.keyboard.lock().await;
        if !self.make_way().await? {
            // A delivery got stuck half-way, and the person sees to it. How far it came cannot be counted any more.
            self.note(|journal| journal.typing.iter_mut().for_each(|typing| typing.course = Course::Disturbed))
                .map_err(|source| self.unnoted(source))?;
        }
        self.take_lease(LeaseKind::Person, "a viewer").await?;
        let mut reading = self.lock_person().reading.clone();
        let line = reading.next(keys);
        let line = self.note_draft(line).map_err(|source| self.unnoted(source))?;
        let busy = self.lock_person().types(line, Instant::now());
        if busy.is_some() && self.typing().is_some_and(|typing| typing.course == Course::Submitted) {
            self.note(|journal| journal.typing.iter_mut().for_each(|typing| typing.course = Course::Touched))
                .map_err(|source| self.unnoted(source))?;
        }
        busy.into_iter().for_each(|busy| self.note_person(busy));
        let typed = self.write_keys(keys).await;
        self.lock_person().reading = reading;
        self.give_lease_back().await;
        self.lock_person().types(line, Instant::now());
        typed
    }

    async fn write_keys(&self, keys: &[u8]) -> Result<Keys, HoldError> {
        if !self.finish_answer(KEYS_PATIENCE).await? {
            return Ok(Keys::NotTaken);
        }
        Ok(match self.hold.write(keys, KEYS_PATIENCE).await?.stop {
            Stop::Whole => Keys::Typed,
            Stop::NotRead | Stop::Exited | Stop::Behind => Keys::NotTaken,
        })
    }

    /// Answers what the program has asked its terminal. One answer at a time waits for its turn, however often a
    /// program asks: one that asks without reading must not keep people and deliveries from the keyboard.
    pub(super) async fn answer(&self) {
        let _turn = self.keyboard.lock().await;
        // Whatever is asked from now on needs a turn of its own.
        self.answering.store(false, Ordering::Relaxed);
        let bytes = self.screen().answers();
        if bytes.is_empty() {
            return;
        }
        if let Err(error) = self.type_answer(&bytes).await {
            tracing::debug!(session_id = self.id, %error, "a program's question to its terminal stays unanswered");
        }
    }

    async fn type_answer(&self, bytes: &[u8]) -> Result<(), HoldError> {
        // In the middle of a delivery that got stuck, an answer would become part of its text.
        if !self.make_way().await? {
            return Ok(());
        }
        self.take_lease(LeaseKind::Delivery, "the terminal").await?;
        let written = self.write_answer(bytes).await;
        self.give_lease_back().await;
        written
    }

    /// An answer that the terminal has no room for is dropped. Of one that it takes a part of, the rest must follow.
    async fn write_answer(&self, bytes: &[u8]) -> Result<(), HoldError> {
        if !self.finish_answer(ANSWER_PATIENCE).await? {
            return Ok(());
        }
        let typed = self.hold.write(bytes, ANSWER_PATIENCE).await?.bytes;
        let rest = usize::try_from(typed).ok().filter(|typed| *typed > 0).and_then(|typed| bytes.get(typed..));
        *self.lock_answer_rest() = rest.unwrap_or_default().to_vec();
        Ok(())
    }

    /// Types the rest of an answer that was cut off. False when the program does not take it.
    pub(super) async fn finish_answer(&self, patience: Duration) -> Result<bool, HoldError> {
        let rest = self.lock_answer_rest().clone();
        if rest.is_empty() {
            return Ok(true);
        }
        let typed = self.hold.write(&rest, patience).await?;
        let left = usize::try_from(typed.bytes).ok().and_then(|typed| rest.get(typed..)).unwrap_or_default();
        *self.lock_answer_rest() = left.to_vec();
        Ok(left.is_empty())
    }

    fn lock_answer_rest(&self) -> std::sync::MutexGuard<'_, Vec<u8>> {
        self.answer_rest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody else is about to type. A text that has not been begun or is whole makes way, which is noted, because
    /// afterwards the holder's count says nothing about it. False when one is half-way in the terminal.
    async fn make_way(&self) -> Result<bool, HoldError> {
        let Some(typing) = self.typing() else { return Ok(true) };
        let noted = match typing.progress(self.hold.status().await?.typed) {
            Progress::Unknown | Progress::Bytes(1..) => return Ok(false),
            // The screen tells what becomes of it, whoever types meanwhile.
            Progress::Unseen => return Ok(true),
            // Its time has not come; it is put into words again when it has.
            Progress::Bytes(0) => self.note(|journal| journal.typing = None),
            Progress::Whole if typing.course != Course::Counted => return Ok(true),
            Progress::Whole => {
                self.note(|journal| journal.typing.iter_mut().for_each(|typing| typing.course = Course::Submitted))
            }
        };
        noted.map(|()| true).map_err(|source| self.unnoted(source))
    }

    /// Notes the draft that a person is about to begin, or to send, and says which. Keys that answer a question make none.
    fn note_draft(&self, line: Line) -> std::io::Result<Line> {
        let spot = self.spot();
        let asks = matches!(spot, Spot::Question | Spot::Blank);
        match line {
            Line::Begun if asks => return Ok(Line::Same),
            // Whether it has, the screen tells. A text of ours that is looked for may have been sent by it, too.
            Line::Done => self.note(|journal| {
                journal.draft.iter_mut().for_each(|draft| draft.is_sent = true);
                let unseen = journal.typing.iter_mut().filter(|typing| typing.course == Course::Unseen && !asks);
                unseen.for_each(|typing| typing.course = Course::Stood);
            })?,
            // One that is on the screen already need not be noted.
            Line::Begun if self.journal().draft.is_none_or(|draft| draft.is_sent) && spot != Spot::Draft => {
                let line = self.screen().view().line();
                let draft = Draft { line, since_us: time::now(), is_sent: false };
                self.note(|journal| journal.draft = Some(draft))?;
            }
            Line::Begun | Line::Same | Line::Released => {}
        }
        Ok(line)
    }

    /// How long a draft has stood that was typed by a person, or left by us, or is seen, however it came there.
    pub fn draft(&self, spot: Spot) -> Option<Duration> {
        let shown = self.draft_on_screen(spot);
        let Some(draft) = self.journal().draft else { return shown };
        let is_at_rest = self.person_busy().is_none_or(|left| left <= HALF_TYPED - FINISHED);
        // An empty composer has none; the line that was there before may be one without a prompt. Whoever has pressed Enter
        // has sent it, unless it is still to be seen.
        let is_gone =
            spot == Spot::Prompt || spot != Spot::Draft && (draft.is_sent || self.screen().view().line() == draft.line);
        if !is_at_rest || !is_gone {
            let age = Duration::from_micros(u64::try_from(time::now().saturating_sub(draft.since_us)).unwrap_or(0));
            return Some(shown.map_or(age, |shown| shown.max(age)));
        }
        // Somebody may have begun another one meanwhile.
        let cleared = self.note(|journal| journal.draft = journal.draft.take().filter(|noted| *noted != draft));
        if let Err(error) = cleared {
            tracing::warn!(session_id = self.id, %error, "the notes about a session cannot be written");
        }
        shown
    }

    /// Whoever was at the keyboard hands over what they have typed: only what is on the screen counts from now on.
    ///
    /// # Errors
    ///
    /// The notes cannot be written; nothing has changed.
    pub fn release(&self) -> std::io::Result<()> {
        self.note(|journal| (journal.draft, journal.person_until_us) = (None, 0))?;
        self.lock_person().busy_until = None;
        Ok(())
    }

    /// How long a draft has been seen that nobody has noted.
    fn draft_on_screen(&self, spot: Spot) -> Option<Duration> {
        let mut since = self.draft_seen.lock().unwrap_or_else(PoisonError::into_inner);
        match spot {
            Spot::Draft => Some(since.get_or_insert_with(Instant::now).elapsed()),
            Spot::Blank | Spot::Prompt | Spot::Open | Spot::Text | Spot::Question => {
                *since = None;
                None
            }
        }
    }

    /// A line that a person has begun stays in the terminal when ptyd dies, and the next one must know of it.
    fn note_person(&self, busy: Duration) {
        let micros = |duration: Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        let until = time::now().saturating_add(micros(busy));
        if self.journal().person_until_us.abs_diff(until) < NOTED_WITHIN.as_micros() as u64 {
            return;
        }
        if let Err(error) = self.note(|journal| journal.person_until_us = until) {
            // What a person types goes first; only a ptyd that starts within half a minute would miss it.
            tracing::warn!(session_id = self.id, %error, "the notes about a session cannot be written");
        }
    }

    fn unnoted(&self, source: std::io::Error) -> HoldError {
        HoldError::Io { action: "note what is typed into", path: self.folder().path().into(), source }
    }

    pub(super) fn lock_person(&self) -> std::sync::MutexGuard<'_, KeyboardOwner> {
        self.person.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_viewer_at_a_time_has_the_keyboard() {
        let begin = Instant::now();
        let after = |seconds| begin + Duration::from_secs(seconds);
        let mut person = KeyboardOwner::default();
        assert!(person.takes(1, begin));
        assert!(!person.takes(2, after(5)));
        assert!(person.takes(1, after(20)));
        assert!(!person.takes(2, after(49)));
        assert!(person.takes(2, after(50)));
        assert!(!person.takes(1, after(51)));
    }

    #[test]
    fn one_terminal_answers_and_keeps_no_person_from_the_keyboard() {
        let now = Instant::now();
        let mut person = KeyboardOwner::default();
        assert!(person.reports(1) && !person.reports(2) && person.busy_until.is_none());
        assert!(person.takes(2, now) && person.reports(2) && !person.reports(1));
    }

    #[test]
    fn a_half_typed_line_keeps_deliveries_out_longer_than_a_finished_one() {
        let now = Instant::now();
        let mut person = KeyboardOwner::default();
        #[rustfmt::skip]
        let cases = [
            // the keys have    kept out for
            (Line::Released,    None),
            (Line::Begun,       Some(HALF_TYPED)),
            (Line::Released,    Some(HALF_TYPED)),
            (Line::Done,        Some(FINISHED)),
            (Line::Same,        Some(FINISHED)),
        ];
        for (line, busy) in cases {
            person.types(line, now);
            assert_eq!(person.busy_until, busy.map(|busy| now + busy), "{line:?}");
        }
    }

    #[test]
    fn a_line_that_was_begun_before_a_ptyd_died_keeps_deliveries_out() {
        let seconds = |seconds: i64| time::now() + seconds * 1_000_000;
        assert!(KeyboardOwner::noted(seconds(20)).busy_until.is_some());
        assert!(KeyboardOwner::noted(seconds(-1)).busy_until.is_none() && KeyboardOwner::noted(0).busy_until.is_none());
        let after_a_clock_jump = KeyboardOwner::noted(seconds(86_400)).busy_until.unwrap();
        assert!(after_a_clock_jump <= Instant::now() + HALF_TYPED);
    }
}
