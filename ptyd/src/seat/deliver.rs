//! Delivering what waits for an actor: the next step, or why there is none now.

use super::{Next, RECORD_RETRY, Seat};
use crate::deliver::compose::{self, Batch};
use crate::deliver::gate::{self, Gate, Sight};
use crate::deliver::preamble::preamble;
use crate::deliver::sanitise::Form;
use crate::deliver::{Channel, Outcome, Parcel, READ_PATIENCE, Terminal};
use crate::desk::{Facts, Orders};
use crate::session::Live;
use bus::contract::document::Stage;
use bus::contract::held::Reason;
use bus::contract::op::delivery::{Place, Queued};
use bus::contract::time::{self, Micros};
use bus::contract::{Event, runtime};
use serde_json::Map;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a reason must last before it goes on record: what passes by itself in a moment is no news.
const HELD_AFTER: Duration = Duration::from_secs(1);

/// The same for a program that does not read: it was waited for already.
const STUCK_AFTER: Duration = Duration::ZERO;

/// Pause before a program that did not read gets the rest.
const STUCK_RETRY: Duration = Duration::from_secs(5);

/// Why messages are held, as it was last seen.
pub(super) type Held = Reason;

impl Seat {
    /// Does the next step of a delivery.
    pub(super) async fn deliver(&mut self, orders: &Orders) -> Next {
        let (Some(place), Some(facts)) = (&orders.place, &orders.facts) else { return Next::Event };
        let live = self.live.borrow().clone().filter(|live| live.ended().is_none());
        if let Some(live) = &live
            && live.typing().is_some()
        {
            // Only a person can help a program that does not read; the reason is on record meanwhile.
            return match Terminal::new(live).resume().await {
                Some((event_ids, outcome)) => self.settle(live, place, event_ids, outcome).await,
                None => Next::Now,
            };
        }
        let queue: Vec<&Queued> = place.queue.iter().collect();
        let Some(first) = queue.first() else {
            self.held = None;
            return Next::Event;
        };
        if !compose::is_writable(&first.event) {
            let ids = vec![first.event.id.clone()];
            return self.recorded(ids, Stage::Failed, "no words for this kind of event").await;
        }
        match (gate::check(&self.sight(facts, place, live.as_ref())), &live) {
            (Gate::Open, Some(live)) => {
                let events: Vec<&Event> = queue.iter().map(|queued| &queued.event).collect();
                self.hand(facts, place, live, &events).await
            }
            (Gate::Open, None) => self.hold(&queue, Reason::NoSession, None).await,
            (Gate::Held(reason, patience), _) => self.hold(&queue, reason, patience).await,
        }
    }

    fn sight(&self, facts: &Facts, place: &Place, live: Option<&Arc<Live>>) -> Sight {
        Sight {
            state: facts.state,
            deliver: place.actor.deliver,
            terminal: runtime::find(&place.actor.runtime)
                .map_or(runtime::Terminal::Unknown, |runtime| runtime.terminal),
            session: live.map(|live| {
                let (since_output, paste_on) = {
                    let screen = live.screen();
                    (screen.since_first_output(), screen.paste_on())
                };
                gate::Session {
                    age: live.age(),
                    since_output,
                    paste_on,
                    introduced: live.memo().introduced,
                    since_introduction: self.introduced.map(|then| then.elapsed()),
                    person: live.person_busy(),
                }
            }),
            since_delivery: since(&place.handed_at, time::now()),
            interval: Duration::from_secs(facts.min_interval_seconds),
        }
    }

    async fn hand(&mut self, facts: &Facts, place: &Place, live: &Arc<Live>, queue: &[&Event]) -> Next {
        let form = if live.screen().paste_on().is_some() { Form::Paste } else { Form::Line };
        let submit = place.actor.submit;
        // One that is known not to read is looked at now and then, not waited for.
        let is_stuck = matches!(self.held, Some((Reason::Stuck, _)));
        let patience = if is_stuck { Duration::ZERO } else { READ_PATIENCE };
        if !live.memo().introduced {
            let directory = place.directory.as_deref().unwrap_or_default();
            let guidance = match self.house.preamble(self.group.id()).await {
                Ok(guidance) => guidance,
                Err(error) => {
                    tracing::warn!(actor_id = place.actor.id, %error, "an agent cannot be introduced yet");
                    return Next::After(RECORD_RETRY);
                }
            };
            let text = preamble(facts, &place.actor, place.role, directory, &guidance, form);
            let outcome =
                Terminal::new(live).hand(Parcel { event_ids: Vec::new(), text, form, submit, patience }).await;
            return self.settle(live, place, Vec::new(), outcome).await;
        }
        let told = live.memo().told.clone();
        let group_folder = self.house.home().root().join("groups").join(self.group.id());
        // The first of the queue can be written, so there is a batch.
        let Some(Batch { text, event_ids }) = compose::batch(queue, form, &group_folder, &told) else {
            return Next::Event;
        };
        let outcome =
            Terminal::new(live).hand(Parcel { event_ids: event_ids.clone(), text, form, submit, patience }).await;
        self.settle(live, place, event_ids, outcome).await
    }

    /// Puts on record what became of a parcel.
    async fn settle(&mut self, live: &Arc<Live>, place: &Place, event_ids: Vec<String>, outcome: Outcome) -> Next {
        let terminal = Terminal::new(live);
        let (stage, reason, evidence) = match outcome {
            Outcome::Handed(evidence) => (Stage::Handed, "", evidence),
            Outcome::Uncertain(evidence) => (Stage::Uncertain, "a person typed in the middle of it", evidence),
            Outcome::Stuck => return self.wait_for_help(place, Reason::Stuck).await,
            Outcome::NoNotes => return self.wait_for_help(place, Reason::NoNotes).await,
            // The gate knows why and until when.
            Outcome::NotNow => return Next::Now,
            // Its end is about to be noticed, and then what became of the parcel as well.
            Outcome::Unsubmitted | Outcome::Gone => return Next::After(RECORD_RETRY),
        };
        let is_introduction = event_ids.is_empty();
        if !self.record_delivery(event_ids, stage, reason, evidence).await {
            return Next::After(RECORD_RETRY);
        }
        if let Err(error) = terminal.settled() {
            tracing::warn!(session_id = live.id(), %error, "the notes about a session cannot be written");
            return self.wait_for_help(place, Reason::NoNotes).await;
        }
        self.held = None;
        if is_introduction {
            self.introduced = Some(Instant::now());
        }
        Next::Now
    }

    /// Something is in the way that does not tell when it is gone.
    async fn wait_for_help(&mut self, place: &Place, reason: Reason) -> Next {
        self.hold(&place.queue.iter().collect::<Vec<_>>(), reason, Some(STUCK_RETRY)).await
    }

    /// Puts on record why messages wait, once that has lasted for a moment.
    async fn hold(&mut self, queue: &[&Queued], reason: Reason, patience: Option<Duration>) -> Next {
        let since = match self.held {
            Some((held, since)) if held == reason => since,
            _ => self.held.insert((reason, Instant::now())).1,
        };
        let untold: Vec<String> =
            queue.iter().filter(|queued| queued.held != reason.words()).map(|queued| queued.event.id.clone()).collect();
        let after = if reason == Reason::Stuck { STUCK_AFTER } else { HELD_AFTER };
        let until_told = after.saturating_sub(since.elapsed());
        if untold.is_empty() || !until_told.is_zero() {
            let told = (!untold.is_empty()).then_some(until_told);
            let patience = [patience, told].into_iter().flatten().min();
            return match reason {
                Reason::Starting | Reason::NotReady => Next::Sign(patience),
                Reason::NoSession
                | Reason::Inbox
                | Reason::Paused
                | Reason::Person
                | Reason::Interval
                | Reason::Stuck
                | Reason::NoNotes => patience.map_or(Next::Event, Next::After),
            };
        }
        self.recorded(untold, Stage::Held, reason.words()).await
    }

    async fn recorded(&mut self, event_ids: Vec<String>, stage: Stage, reason: &str) -> Next {
        match self.record_delivery(event_ids, stage, reason, Map::new()).await {
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
