//! Tending the session: starts, ends and replaces it as the orders say, and records what happened to it.

use super::{ActorRunner, Dependencies, Next, RECORD_RETRY};
use crate::assignments::{Orders, Place};
use crate::deliver::{Channel, Outcome, Terminal, evidence};
use crate::reconcile::{self, Step, Wish};
use crate::screen::excerpt::excerpt;
use crate::session::delivery_journal::Notes;
use crate::session::ended;
use crate::session::start::{Ready, StartError, prepare};
use crate::session::tools;
use crate::session::typing::{Course, Typing};
use crate::session::{End, KILLED_WITHIN, Live};
use bus::contract::document::{Phase, Stage};
use bus::contract::op::delivery::{DeliveryRecord, Recorded, SessionRecord};
use bus::contract::{Code, id, time};
use ptyd::hold::{self, Exit, Found, HoldError, Meta, State};
use std::sync::Arc;
use std::time::Duration;

/// How long a suspended agent's record may take: ledgerd may be ending, too.
const SUSPEND_RECORD_PATIENCE: Duration = Duration::from_secs(3);

impl ActorRunner {
    /// Does the next step for the session.
    pub(super) async fn tend(&mut self, orders: &Orders) -> Next {
        if let Some(op) = self.unrecorded.take() {
            return self.record_failed(op).await;
        }
        if self.live.borrow().is_none() && !self.looked {
            if !self.look(orders).await {
                return Next::Retry(RECORD_RETRY);
            }
            if orders.read < self.read_needed {
                return Next::Event;
            }
        }
        let live = self.live.borrow().clone();
        let found = live.as_ref().map(|live| reconcile::Found {
            session_id: live.id(),
            generation: live.generation(),
            alive: live.ended().is_none(),
        });
        let wish = orders.place.as_ref().map(|place| wish(place));
        match (reconcile::next(wish, found), live, &orders.place) {
            (Step::Rest, ..) => Next::Event,
            (Step::Wait(patience), ..) => Next::After(patience),
            (Step::Start, _, Some(place)) => self.begin(place).await,
            (Step::Stop, Some(live), place) => {
                tracing::info!(
                    group_id = self.group_id,
                    actor_id = self.actor_id,
                    session_id = live.id(),
                    "ending a session"
                );
                let end = live.stop().await;
                self.conclude(&live, place.as_deref(), end, Phase::Stopped).await
            }
            (Step::RecordEnded, Some(live), place) => {
                let end = live.ended().unwrap_or(End::Gone);
                self.conclude(&live, place.as_deref(), end, Phase::Exited).await
            }
            (Step::Forget, Some(live), place) => {
                self.forget(&live, place.is_none()).await;
                Next::Now
            }
            (Step::RecordStarted, Some(live), Some(place)) => self.record_started(&live, place).await,
            (Step::RecordLost, _, Some(place)) => self.record_lost(place).await,
            // No step is asked for without what it is about.
            (
                Step::Start | Step::Stop | Step::RecordEnded | Step::Forget | Step::RecordStarted | Step::RecordLost,
                ..,
            ) => Next::Event,
        }
    }

    /// The sessions of the actor that are in the run folder, whatever their state.
    fn sessions(&self) -> Result<Vec<Found>, HoldError> {
        let is_ours = |meta: &Meta| meta.group_id == self.group_id && meta.actor_id == self.actor_id;
        hold::find::find_those(self.dependencies.home(), is_ours)
    }

    /// Looks for sessions of the actor in the run folder: takes over the newest that lives, ends the others, clears
    /// away what is over and on record. False when it must be tried again.
    async fn look(&mut self, orders: &Orders) -> bool {
        let found = match self.sessions() {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(group_id = self.group_id, actor_id = self.actor_id, %error, "sessions cannot be looked for");
                return false;
            }
        };
        let mut kept: Option<Arc<Live>> = None;
        for session in found.into_iter().rev() {
            let held = matches!(session.state, State::Held | State::Exited { holder_lives: true, .. });
            match (held, &kept) {
                (true, None) => match self.adopt(&session).await {
                    Some(live) => kept = Some(live),
                    None => return false,
                },
                (true, Some(_)) => end_spare(&session).await,
                (false, _) => {
                    if !self.clear(&session, orders).await {
                        return false;
                    }
                }
            }
        }
        self.looked = true;
        if let (Some(live), Some(place)) = (&kept, &orders.place) {
            tools::look(&self.dependencies.launcher, place, live);
        }
        self.live.send_replace(kept);
        true
    }

    async fn adopt(&self, session: &Found) -> Option<Arc<Live>> {
        let notes = Notes::open(self.dependencies.home(), &session.meta.session_id);
        let adopted = async { Live::adopt(hold::Session::connect(&session.folder).await?, &session.meta, notes).await };
        match adopted.await {
            Ok(live) => Some(live),
            Err(error) => {
                tracing::warn!(actor_id = self.actor_id, session_id = session.meta.session_id, %error, "a session cannot be taken over");
                None
            }
        }
    }

    /// Puts on record how a session ended whose holder is gone, and takes its folder away.
    async fn clear(&mut self, session: &Found, orders: &Orders) -> bool {
        let on_record = orders.place.as_ref().and_then(|place| place.session.as_ref());
        let open = on_record.is_some_and(|last| {
            last.session_id == session.meta.session_id && matches!(last.phase, Phase::Starting | Phase::Started)
        });
        if let Err(error) = session.end_leftovers() {
            tracing::warn!(session_id = session.meta.session_id, %error, "what is left of a session cannot be ended");
        }
        if let (true, State::Exited { exit, .. }) = (open, &session.state)
            && !self
                .record(
                    "a session ended",
                    ending(self.record_of(&session.meta.session_id, session.meta.generation), exit, Phase::Exited),
                )
                .await
        {
            return false;
        }
        if open && !self.give_up_typing(&session.meta.session_id).await {
            return false;
        }
        if orders.place.is_some() {
            let exit = match &session.state {
                State::Exited { exit, .. } => Some(exit),
                State::Held | State::Lost => None,
            };
            ended::keep(self.dependencies.home(), &session.folder, &session.meta, exit);
        }
        if let Err(error) = session.remove() {
            tracing::warn!(session_id = session.meta.session_id, %error, "the folder of a session that is over stays behind");
        }
        true
    }

    async fn prepare(&self, place: &Place, session_id: &str) -> Result<Ready, StartError> {
        let Dependencies { launcher, ledgerd, .. } = &self.dependencies;
        prepare(launcher, ledgerd, &self.group_id, place, session_id).await
    }

    async fn begin(&mut self, place: &Arc<Place>) -> Next {
        let session_id = id::unique();
        let started = match self.prepare(place, &session_id).await {
            Ok(ready) => {
                if let Err(next) = self.announce(&ready, &session_id, place.generation).await {
                    ready.give_up();
                    return next;
                }
                ready.start(&self.dependencies.launcher).await
            }
            Err(error) => Err(error),
        };
        match started {
            Ok(live) => {
                tracing::info!(
                    group_id = self.group_id,
                    actor_id = self.actor_id,
                    session_id,
                    pid = live.pid(),
                    "started a session"
                );
                self.failure = None;
                self.introduced = None;
                self.live.send_replace(Some(Arc::clone(&live)));
                tools::look(&self.dependencies.launcher, place, &live);
                self.record_started(&live, place).await
            }
            // Nobody could say what it starts with, so it was not tried.
            Err(error) if error.code.is_retryable() => {
                tracing::warn!(group_id = self.group_id, actor_id = self.actor_id, %error, "a session cannot be started now; trying again");
                Next::Retry(RECORD_RETRY)
            }
            Err(error) => {
                tracing::warn!(group_id = self.group_id, actor_id = self.actor_id, %error, "a session could not be started");
                // It may have come up all the same; then it is found.
                self.looked = false;
                let record = SessionRecord {
                    phase: Phase::Failed,
                    detail: error.message.clone(),
                    ..self.record_of(&session_id, place.generation)
                };
                self.failure = Some((place.generation, error));
                self.record_failed(record).await
            }
        }
    }

    /// Records the token of a session that is about to start. The agent may use it in its first moment, so it must not
    /// run before it is known. `Err` when it is not to start now.
    async fn announce(&mut self, ready: &Ready, session_id: &str, generation: u64) -> Result<(), Next> {
        let token_sha256 = Some(ready.token_sha256().to_owned());
        let record = SessionRecord { phase: Phase::Starting, token_sha256, ..self.record_of(session_id, generation) };
        let recorded = self.dependencies.ledgerd.know(record).await;
        self.read_needed = self.reads.next();
        match recorded {
            Ok(Recorded { event: Some(_) }) => Ok(()),
            // There is a newer wish, or nobody has any more.
            Ok(Recorded { event: None }) => {
                self.changed_nothing("a session starts");
                Err(Next::Event)
            }
            Err(error) if matches!(error.code, Code::GroupNotFound | Code::ActorNotFound) => Err(Next::Event),
            Err(error) => {
                tracing::warn!(group_id = self.group_id, actor_id = self.actor_id, %error, "cannot record that a session starts; trying again");
                Err(Next::Retry(RECORD_RETRY))
            }
        }
    }

    /// Records that a start failed. Until that is on record it is not tried again.
    async fn record_failed(&mut self, record: SessionRecord) -> Next {
        match self.record("a session failed", record.clone()).await {
            true => Next::Event,
            false => {
                self.unrecorded = Some(record);
                Next::Retry(RECORD_RETRY)
            }
        }
    }

    async fn record_started(&mut self, live: &Live, place: &Place) -> Next {
        let record = SessionRecord {
            phase: Phase::Started,
            pid: Some(live.pid()),
            token_sha256: Some(live.journal().token_sha256).filter(|hash| !hash.is_empty()),
            ..self.record_of(live.id(), live.generation())
        };
        debug_assert_eq!(place.actor.id, self.actor_id);
        match self.record("a session started", record).await {
            true => Next::Event,
            false => Next::Retry(RECORD_RETRY),
        }
    }

    async fn record_lost(&mut self, place: &Place) -> Next {
        let Some(last) = &place.session else { return Next::Event };
        if !self.give_up_typing(&last.session_id).await {
            return Next::Retry(RECORD_RETRY);
        }
        let record = SessionRecord {
            phase: Phase::Lost,
            detail: "its holder is gone".into(),
            ..self.record_of(&last.session_id, last.generation)
        };
        match self.record("a session was lost", record).await {
            true => Next::Event,
            false => Next::Retry(RECORD_RETRY),
        }
    }

    /// A session is over: what was on its way into it comes to an end, how it ended goes on record, its files go.
    async fn conclude(&mut self, live: &Arc<Live>, place: Option<&Place>, end: End, phase: Phase) -> Next {
        let End::Exited(exit) = end else {
            // The holder is gone or hangs. What became of the session is in its folder.
            self.live.send_replace(None);
            self.looked = false;
            return Next::Retry(RECORD_RETRY);
        };
        if place.is_some() {
            if !self.end_typing(live).await {
                return Next::Retry(RECORD_RETRY);
            }
            let last_lines = if phase == Phase::Exited { excerpt(&live.screen().view()) } else { Vec::new() };
            let record = SessionRecord { last_lines, ..self.record_of(live.id(), live.generation()) };
            if !self.record("a session ended", ending(record, &exit, phase)).await {
                return Next::Retry(RECORD_RETRY);
            }
        }
        self.forget(live, place.is_none()).await;
        if place.is_some() { Next::Event } else { Next::Now }
    }

    /// A text was on its way when the session ended: it is handed, still waits, or nobody knows.
    async fn end_typing(&mut self, live: &Arc<Live>) -> bool {
        let terminal = Terminal::new(live);
        let Some((event_ids, outcome)) = terminal.resume().await else { return true };
        let recorded = match outcome {
            Outcome::Handed(evidence) => self.record_delivery(event_ids, Stage::Handed, "", evidence).await,
            Outcome::Uncertain(why, evidence) => self.record_delivery(event_ids, Stage::Uncertain, why, evidence).await,
            Outcome::Unsubmitted | Outcome::Unseen => true,
            // Nothing is typed into a program that has ended, so nothing keeps it from being typed.
            Outcome::Stuck | Outcome::Gone | Outcome::NoNotes | Outcome::NotNow => false,
        };
        // A note that cannot be taken back is about a session that is over: it is removed with it.
        if recorded && let Err(error) = terminal.settled() {
            tracing::warn!(session_id = live.id(), %error, "the notes about a session cannot be written");
        }
        recorded
    }

    /// The same for a session of which only the notes are left. Its log is no proof: it has what the program has shown, and
    /// a composer shows a text that was never submitted, as an agent may show one that it has read elsewhere.
    async fn give_up_typing(&mut self, session_id: &str) -> bool {
        let notes = Notes::open(self.dependencies.home(), session_id);
        // What was never submitted is the next session's, unless a person may have done it.
        let is_open = |typing: &Typing| typing.course != Course::Unseen;
        if let Some(typing) = notes.journal().typing.clone().filter(is_open)
            && !self.record_last(session_id, &typing).await
        {
            return false;
        }
        notes.remove();
        true
    }

    /// Records what is known of the last text of a session that is gone.
    async fn record_last(&mut self, session_id: &str, typing: &Typing) -> bool {
        let (stage, reason) = match typing.course {
            Course::Left => (Stage::Handed, ""),
            _ => (Stage::Uncertain, UNCERTAIN),
        };
        self.record_delivery(typing.event_ids.clone(), stage, reason, evidence(session_id, typing)).await
    }

    /// Records how far messages have come. Nothing to say about none.
    pub(super) async fn record_delivery(
        &mut self,
        event_ids: Vec<String>,
        stage: Stage,
        reason: &str,
        evidence: serde_json::Map<String, serde_json::Value>,
    ) -> bool {
        if event_ids.is_empty() {
            return true;
        }
        let record = DeliveryRecord {
            group_id: self.group_id.clone(),
            actor_id: self.actor_id.clone(),
            event_ids,
            stage,
            reason: reason.into(),
            path: if stage == Stage::Held { String::new() } else { Terminal::PATH.into() },
            evidence: Some(evidence),
        };
        self.record("messages came further", record).await
    }

    async fn forget(&mut self, live: &Arc<Live>, is_gone: bool) {
        if is_gone {
            ended::forget(self.dependencies.home(), &self.group_id, &self.actor_id);
        } else if let Ok(Some(meta)) = live.folder().meta() {
            let exit = live.ended().and_then(End::exit);
            ended::keep(self.dependencies.home(), live.folder(), &meta, exit.as_ref());
        }
        // Whoever looks from here on reads what is kept.
        self.live.send_replace(None);
        live.forget().await;
        Notes::open(self.dependencies.home(), live.id()).remove();
    }

    /// Everything is being stopped: ends the session and records that it is to be started again with everything else.
    pub(super) async fn suspend(&mut self) {
        let live = self.live.borrow().clone();
        if let Some(live) = live {
            let end = live.stop().await;
            if let End::Exited(exit) = end {
                let record = ending(self.record_of(live.id(), live.generation()), &exit, Phase::Suspended);
                let recording =
                    async { self.end_typing(&live).await && self.record("a session was suspended", record).await };
                // Without a record the next start finds the session's end in its folder.
                if tokio::time::timeout(SUSPEND_RECORD_PATIENCE, recording).await == Ok(true) {
                    self.forget(&live, false).await;
                }
            }
        }
        self.live.send_replace(None);
        self.standing.send_modify(|standing| standing.suspended = true);
    }

    fn record_of(&self, session_id: &str, generation: u64) -> SessionRecord {
        SessionRecord {
            group_id: self.group_id.clone(),
            actor_id: self.actor_id.clone(),
            session_id: session_id.into(),
            generation,
            ..SessionRecord::default()
        }
    }
}

/// What people read about a delivery that nobody can vouch for.
const UNCERTAIN: &str = "written, and nobody knows whether it arrived";

fn wish(place: &Place) -> Wish<'_> {
    let since = place.session.as_ref().and_then(|last| time::parse(&last.ts)).map(|then| time::now() - then);
    Wish {
        wanted: place.wanted,
        generation: place.generation,
        last: place.session.as_ref(),
        since_last: Duration::from_micros(since.and_then(|since| u64::try_from(since).ok()).unwrap_or(0)),
    }
}

/// The record of an end. One that was asked for by a ptyd that did not live to record it is still no crash.
fn ending(record: SessionRecord, exit: &Exit, phase: Phase) -> SessionRecord {
    let phase = if phase == Phase::Exited && exit.asked { Phase::Stopped } else { phase };
    SessionRecord { phase, exit_code: exit.code, signal: exit.signal, ..record }
}

/// Two sessions of one actor: a ptyd was killed in mid-start, and the newer one counts.
async fn end_spare(session: &Found) {
    let ending = async {
        let hold = hold::Session::connect(&session.folder).await?;
        hold.kill(Duration::ZERO).await?;
        hold.exited().await?;
        hold.forget().await
    };
    // The kernel may keep what was killed; the session that counts does not wait for it.
    let late = HoldError::NoAnswer { action: "kill", seconds: KILLED_WITHIN.as_secs() };
    if let Err(error) = tokio::time::timeout(KILLED_WITHIN, ending).await.unwrap_or(Err(late)) {
        tracing::warn!(session_id = session.meta.session_id, %error, "a session that is one too many cannot be ended");
    }
}
