//! How a headless actor says it is: the fold of its own reports, which count until it is asked to run anew.

use super::actor::ActorState;
use super::group::Group;
use bus::contract::document::{HeadlessStatus, Runner};
use bus::contract::op::headless::State;
use bus::contract::{event, time};
use serde::{Deserialize, Serialize};

/// What a headless actor has reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Which wish to run it answers; a later wish makes it void.
    generation: u64,
    status: HeadlessStatus,
    current_task_id: Option<String>,
    last_message_id: Option<String>,
    updated_at: String,
}

impl ActorState {
    /// Takes a report of a headless actor. What it does not name stays as it was.
    pub fn take_report(&mut self, report: &event::Headless, ts: &str) {
        let before = self.report();
        self.report = Some(Report {
            generation: self.generation,
            status: report.status.unwrap_or(before.map_or_else(HeadlessStatus::default, |before| before.status)),
            current_task_id: report.task_id.clone().or_else(|| before?.current_task_id.clone()),
            last_message_id: report.message_id.clone().or_else(|| before?.last_message_id.clone()),
            updated_at: ts.to_owned(),
        });
    }

    /// The report that counts.
    fn report(&self) -> Option<&Report> {
        self.report.as_ref().filter(|report| report.generation == self.generation)
    }

    /// Whether it has said itself that it does not work any more.
    pub fn has_stopped_itself(&self) -> bool {
        self.report().is_some_and(|report| report.status == HeadlessStatus::Stopped)
    }
}

impl Group {
    /// How a headless actor is; `None` for one that is not, or should not run.
    pub fn headless(&self, actor_id: &str) -> Option<State> {
        let actor_state = self.actor_state(actor_id)?;
        if actor_state.actor.runner != Runner::Headless || !actor_state.actor.enabled || !self.running {
            return None;
        }
        let started_at = time::format(self.index.time(actor_state.generation));
        let report = actor_state.report();
        Some(State {
            v: 1,
            group_id: self.id.clone(),
            actor_id: actor_id.to_owned(),
            status: report.map_or_else(HeadlessStatus::default, |report| report.status),
            current_task_id: report.and_then(|report| report.current_task_id.clone()),
            last_message_id: report.and_then(|report| report.last_message_id.clone()),
            updated_at: report.map_or_else(|| started_at.clone(), |report| report.updated_at.clone()),
            started_at,
        })
    }
}
