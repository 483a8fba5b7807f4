//! Delivering what waits for an actor: the next step, or why there is none now.

use super::{ActorRunner, Dependencies, Next, RECORD_RETRY};
use crate::assignments::{Facts, Orders, Place, Queued};
use crate::deliver::compose::{self, Batch};
use crate::deliver::gate::{self, Gate, GateInput};
use crate::deliver::preamble::introduce;
use crate::deliver::sanitise::Form;
use crate::deliver::{Channel, Outcome, Parcel, READ_PATIENCE, Terminal, gate_input};
use crate::screen::composer::Spot;
use crate::session::Live;
use crate::session::foreground::Kind;
use crate::session::typing::Course;
use bus::contract::Event;
use bus::contract::document::{Stage, Submit};
use bus::contract::held::Reason;
use bus::contract::time::{self, Micros};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a reason must last before it goes on record: what passes by itself in a moment is no news.
const HELD_AFTER: Duration = Duration::from_secs(1);

/// The same for a program that does not read: it was waited for already.
const STUCK_AFTER: Duration = Duration::ZERO;

/// The same for what may be a program that still starts, or draws.
const ELSEWHERE_AFTER: Duration = Duration::from_secs(3);

/// Pause before the gate is looked at again by whom it let through in vain.
const NOT_NOW_PAUSE: Duration = Duration::from_millis(200);

/// How long an empty composer must stand before a text that it has dropped is typed again; longer every time.
const PASTE_AGAIN: Duration = Duration::from_secs(4);

/// How often a text is typed that does not appear. Then it waits for a person, or for another session.
const PASTES_MAX: u8 = 4;

/// Pause before a program that did not read gets the rest.
const STUCK_RETRY: Duration = Duration::from_secs(5);

impl ActorRunner {
    /// Does the next step of a delivery.
    pub(super) async fn deliver(&mut self, orders: &Orders) -> Next {
        let (Some(place), Some(facts)) = (&orders.place, &orders.facts) else { return Next::Event };
        let live = self.live.borrow().clone().filter(|live| live.ended().is_none());
        live.iter().for_each(|live| live.know(gate_input::composer(&place.actor)));
        if let Some(live) = &live
            && live.typing().is_some()
        {
            // Only a person can help a program that does not read; the reason is on record meanwhile.
            return match Terminal::new(live).resume().await {
                Some((_, Outcome::Unseen)) => self.look_for(facts, place, live).await,
                Some((event_ids, outcome)) => self.settle(live, place, event_ids, outcome).await,
                None => Next::Now,
            };
        }
        let queue: Vec<&Queued> = place.queue.iter().collect();
        // A new session is told at once what an earlier one has left unread.
        let is_new = place.unread > 0 && live.as_ref().is_some_and(|live| !live.journal().introduced);
        match queue.first() {
            None if !is_new => {
                self.held = None;
                return Next::Event;
            }
            Some(first) if !compose::is_writable(&first.event) => {
                let ids = vec![first.event.id.clone()];
                return self.recorded(ids, Stage::Failed, "no words for this kind of event", Map::new()).await;
            }
            Some(_) | None => {}
        }
        let input = self.input(facts, place, live.as_deref());
        match (gate::check(&input), &live, input.session) {
            (Gate::Open, Some(live), Some(seen)) => {
                let events: Vec<&Event> = queue.iter().map(|queued| &*queued.event).collect();
                self.hand(facts, place, live, &seen, &events).await
            }
            (Gate::Open, ..) => self.hold(place, None, Reason::NoSession, None).await,
            (Gate::Held(reason, patience), live, _) => self.hold(place, live.as_ref(), reason, patience).await,
        }
    }

    fn input(&self, facts: &Facts, place: &Place, live: Option<&Live>) -> GateInput {
        let since_introduction = self.introduced.map(|then| then.elapsed());
        GateInput {
            state: facts.state,
            deliver: place.actor.deliver,
            session: live.map(|live| gate_input::session(live, since_introduction)),
            since_delivery: since(&place.handed_at, time::now()),
            interval: Duration::from_secs(facts.min_interval_seconds),
        }
    }

    async fn hand(
        &mut self,
        facts: &Facts,
        place: &Place,
        live: &Arc<Live>,
        seen: &gate::Session,
        queue: &[&Event],
    ) -> Next {
        let form = if seen.paste_on.is_some() { Form::Paste } else { Form::Line };
        // To a shell a line is a command: whoever wants it to be run presses Enter.
        let is_shell = matches!(seen.foreground, Kind::Shell | Kind::Elsewhere);
        let submit = if is_shell { Submit::None } else { place.actor.submit };
        // One that is known not to read is looked at now and then, not waited for.
        let is_stuck = matches!(self.held, Some((Reason::Stuck, _)));
        let patience = if is_stuck { Duration::ZERO } else { READ_PATIENCE };
        let (spot, foreground) = (seen.spot, seen.foreground);
        let parcel = |event_ids, text| Parcel { event_ids, text, form, submit, spot, foreground, patience };
        let Dependencies { ledgerd, launcher, .. } = &self.dependencies;
        if !seen.introduced && !is_shell {
            let text = match introduce(ledgerd, launcher.command(), facts, place, form).await {
                Ok(text) => text,
                Err(error) => {
                    tracing::warn!(actor_id = place.actor.id, %error, "an agent cannot be introduced yet");
                    return Next::After(RECORD_RETRY);
                }
            };
            let outcome = Terminal::new(live).hand(parcel(Vec::new(), text)).await;
            return self.settle(live, place, Vec::new(), outcome).await;
        }
        let told = live.journal().told.clone();
        let group_folder = launcher.home().root().join("groups").join(&self.group_id);
        // The first of the queue can be written, so there is a batch.
        let Some(Batch { text, event_ids }) = compose::batch(queue, form, &group_folder, &told) else {
            return Next::Event;
        };
        let outcome = Terminal::new(live).hand(parcel(event_ids.clone(), text)).await;
        self.settle(live, place, event_ids, outcome).await
    }

    /// A text was typed and is not to be seen. It is looked for whenever the screen changes, and typed again only when it
    /// is plain that it is gone: it was never anywhere on the screen, everything typed was read, and a composer has stood
    /// there empty for a while. When that is not plain, or does not help, it is given up, so that others can follow.
    async fn look_for(&mut self, facts: &Facts, place: &Place, live: &Arc<Live>) -> Next {
        let Some(typing) = live.typing() else { return Next::Now };
        if let (true, Some(left)) = (typing.course == Course::Stood, live.person_busy()) {
            return self.hold(place, Some(live), Reason::Person, Some(left)).await;
        }
        let input = self.input(facts, place, Some(live));
        let is_empty = input.session.is_some_and(|seen| seen.spot == Spot::Prompt);
        match gate::check(&input) {
            Gate::Open if is_empty => {}
            Gate::Open => {
                self.unseen = None;
                return self.hold(place, Some(live), Reason::Elsewhere, None).await;
            }
            Gate::Held(reason, patience) => {
                self.unseen = None;
                let reason = if reason == Reason::Paused { reason } else { Reason::Elsewhere };
                return self.hold(place, Some(live), reason, patience).await;
            }
        }
        let pastes = live.journal().pastes;
        let since = *self.unseen.get_or_insert_with(Instant::now);
        let left = (PASTE_AGAIN * u32::from(pastes)).saturating_sub(since.elapsed());
        if !left.is_zero() {
            return self.hold(place, Some(live), Reason::Elsewhere, Some(left)).await;
        }
        if !live.hold().status().await.is_ok_and(|status| status.unread.unwrap_or(0) == 0) {
            return self.hold(place, Some(live), Reason::Stuck, Some(STUCK_RETRY)).await;
        }
        self.unseen = None;
        if typing.shown || live.screen().was_shown() || pastes >= PASTES_MAX {
            let outcome = Terminal::new(live).give_up(&typing);
            return self.settle(live, place, typing.event_ids, outcome).await;
        }
        tracing::warn!(
            group_id = self.group_id,
            actor_id = self.actor_id,
            session_id = live.id(),
            pastes,
            "a text was dropped by the program, whose composer is empty; typing it again"
        );
        if let Err(error) = live.note(|journal| journal.typing = None) {
            tracing::warn!(session_id = live.id(), %error, "the notes about a session cannot be written");
            return self.hold(place, Some(live), Reason::NoNotes, Some(STUCK_RETRY)).await;
        }
        Next::Now
    }

    /// Puts on record what became of a parcel.
    async fn settle(&mut self, live: &Arc<Live>, place: &Place, event_ids: Vec<String>, outcome: Outcome) -> Next {
        let (stage, reason, evidence) = match outcome {
            Outcome::Handed(evidence) => (Stage::Handed, "", evidence),
            Outcome::Uncertain(why, evidence) => (Stage::Uncertain, why, evidence),
            Outcome::Stuck => return self.hold(place, Some(live), Reason::Stuck, Some(STUCK_RETRY)).await,
            Outcome::NoNotes => return self.hold(place, Some(live), Reason::NoNotes, Some(STUCK_RETRY)).await,
            // The screen is looked at again at once.
            Outcome::Unseen => {
                self.unseen = None;
                return Next::Now;
            }
            // The gate knows why and until when.
            Outcome::NotNow => return Next::After(NOT_NOW_PAUSE),
            // Its end is about to be noticed, and then what became of the parcel as well.
            Outcome::Unsubmitted | Outcome::Gone => return Next::After(RECORD_RETRY),
        };
        let is_introduction = event_ids.is_empty();
        if !self.record_delivery(event_ids, stage, reason, evidence).await {
            return Next::After(RECORD_RETRY);
        }
        // One that nobody can vouch for is told again once nothing of it stands there; but not without end.
        let is_to_be_repeated = is_introduction && stage == Stage::Uncertain && live.journal().pastes < PASTES_MAX;
        let settled = match is_to_be_repeated {
            true => live.note(|journal| journal.typing = None),
            false => Terminal::new(live).settled(),
        };
        if let Err(error) = settled {
            tracing::warn!(session_id = live.id(), %error, "the notes about a session cannot be written");
            return self.hold(place, Some(live), Reason::NoNotes, Some(STUCK_RETRY)).await;
        }
        (self.held, self.unseen) = (None, None);
        if is_introduction && !is_to_be_repeated {
            self.introduced = Some(Instant::now());
        }
        Next::Now
    }

    /// Puts on record why messages wait, once that has lasted for a moment.
    async fn hold(
        &mut self,
        place: &Place,
        live: Option<&Arc<Live>>,
        reason: Reason,
        patience: Option<Duration>,
    ) -> Next {
        let since = match self.held {
            Some((held, since)) if held == reason => since,
            _ => self.held.insert((reason, Instant::now())).1,
        };
        let is_untold = |queued: &&Queued| queued.held != reason.words();
        let untold: Vec<String> = place.queue.iter().filter(is_untold).map(|queued| queued.event.id.clone()).collect();
        let after = match reason {
            Reason::Stuck => STUCK_AFTER,
            Reason::Elsewhere | Reason::Shell => ELSEWHERE_AFTER,
            _ => HELD_AFTER,
        };
        let until_told = after.saturating_sub(since.elapsed());
        if untold.is_empty() || !until_told.is_zero() {
            let told = (!untold.is_empty()).then_some(until_told);
            let patience = [patience, told].into_iter().flatten().min();
            return match reason {
                Reason::Starting
                | Reason::NotReady
                | Reason::Shell
                | Reason::Busy
                | Reason::Person
                | Reason::Draft
                | Reason::OldDraft
                | Reason::Elsewhere => Next::Look(patience),
                Reason::NoSession
                | Reason::Inbox
                | Reason::Paused
                | Reason::Interval
                | Reason::Stuck
                | Reason::NoNotes => patience.map_or(Next::Event, Next::After),
            };
        }
        // A person's draft is nobody else's to read.
        let evidence = match live.filter(|_| reason == Reason::Elsewhere) {
            Some(live) => Terminal::new(live).shown(),
            None => Map::new(),
        };
        self.recorded(untold, Stage::Held, reason.words(), evidence).await
    }

    async fn recorded(
        &mut self,
        event_ids: Vec<String>,
        stage: Stage,
        reason: &str,
        evidence: Map<String, Value>,
    ) -> Next {
        match self.record_delivery(event_ids, stage, reason, evidence).await {
            true => Next::Event,
            false => Next::After(RECORD_RETRY),
        }
    }
}

/// How long ago a recorded moment was. One that lies ahead, because somebody has set the clock back, is not waited for.
fn since(recorded: &str, now: Micros) -> Option<Duration> {
    u64::try_from(now - time::parse(recorded)?).ok().map(Duration::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_on_record_counts_from_then_and_never_from_the_future() {
        let now = time::parse("2026-01-13T12:00:10Z").unwrap();
        #[rustfmt::skip]
        let cases = [
            ("2026-01-13T12:00:07Z", Some(Duration::from_secs(3))),
            ("2026-01-13T12:00:10Z", Some(Duration::ZERO)),
            ("2026-01-13T12:00:11Z", None),
            ("",                     None),
        ];
        for (recorded, wanted) in cases {
            assert_eq!(since(recorded, now), wanted, "{recorded}");
        }
    }
}
