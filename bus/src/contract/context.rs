//! A group's shared context: its vision and sketch, milestones, tasks, notes, references, and who does what right now.
//!
//! These documents are stored in events as they are shown. A [`Patch`] says what one batch has made of them: whole
//! documents by id, so that a replay never has to know how an operation works.

use super::coordination::{AgentState, Brief, Remark};
use super::document::words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

words! {
    /// How far a milestone or a task has come.
    Progress {
        /// Nobody has begun.
        Planned = "planned",
        /// Somebody is at it.
        Active = "active",
        /// It is finished.
        Done = "done",
        /// Out of sight; it can be restored to what it was.
        Archived = "archived",
    } default Planned
}
words! {
    /// How far one step of a task has come.
    StepProgress {
        /// Nobody has begun.
        Pending = "pending",
        /// Somebody is at it.
        InProgress = "in_progress",
        /// It is finished.
        Done = "done",
    } default Pending
}

impl Progress {
    /// The value of a client's word; `pending` means planned.
    pub fn read(word: &str) -> Option<Self> {
        if word.trim().eq_ignore_ascii_case("pending") { Some(Self::Planned) } else { Self::parse(word) }
    }
}

/// A stage on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Milestone {
    /// `M1`, `M2` …
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What it is.
    pub description: String,
    /// How far it has come.
    pub status: Progress,
    /// Day on which it first became active.
    pub started: Option<String>,
    /// Day on which it was completed.
    pub completed: Option<String>,
    /// What came of it.
    pub outcomes: Option<String>,
    /// What it was before it was archived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived_from: Option<Progress>,
    /// When it last changed.
    pub updated_at: String,
}

/// Something worth remembering.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Note {
    /// `N001`, `N002` …
    pub id: String,
    /// The text.
    pub content: String,
}

/// Something worth looking at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Reference {
    /// `R001`, `R002` …
    pub id: String,
    /// Where it is.
    pub url: String,
    /// What it is.
    pub note: String,
}

/// One step of a task.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Step {
    /// `S1`, `S2` … within its task.
    pub id: String,
    /// What to do.
    pub name: String,
    /// How to tell that it is done.
    pub acceptance: String,
    /// How far it has come.
    pub status: StepProgress,
}

/// A piece of work.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Task {
    /// `T001`, `T002` …
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What it is for.
    pub goal: String,
    /// How far it has come.
    pub status: Progress,
    /// Id of the milestone it belongs to.
    pub milestone: Option<String>,
    /// Who does it: any name.
    pub assignee: Option<String>,
    /// When it was created.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
    /// What to do, in order.
    pub steps: Vec<Step>,
    /// What it was before it was archived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived_from: Option<Progress>,
    /// Id of the task that it is a part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// How urgent it is: any word.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub priority: String,
    /// What must be done first: ids of tasks, or anything else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocked_by: Vec<String>,
    /// For whom it waits: `none`, `user`, `actor`, `external`, or any other word.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub waiting_on: String,
    /// Who is to go on with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handoff_to: Option<String>,
    /// What kind of work it is: any word.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub task_type: String,
    /// What else there is to know.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub notes: String,
}

/// A task with what is computed when it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TaskView {
    /// The stored task.
    #[serde(flatten)]
    pub task: Task,
    /// Id of the first step that is not done.
    pub current_step: Option<String>,
    /// Steps done, as a part of all; 0 without steps.
    pub progress: f64,
}

impl From<&Task> for TaskView {
    fn from(task: &Task) -> Self {
        let done = task.steps.iter().filter(|step| step.status == StepProgress::Done).count();
        let current = task.steps.iter().find(|step| step.status != StepProgress::Done);
        let progress = if task.steps.is_empty() { 0.0 } else { done as f64 / task.steps.len() as f64 };
        Self { task: task.clone(), current_step: current.map(|step| step.id.clone()), progress }
    }
}

/// What somebody says it is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Presence {
    /// An actor's id, or any other name in lower case with hyphens.
    pub id: String,
    /// In its own words; `""` when it was cleared.
    pub status: String,
    /// When it said so.
    pub updated_at: String,
}

/// One operation of a batch, and what it did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Change {
    /// Its place in the batch, from 0.
    pub index: u64,
    /// Its name.
    pub op: String,
    /// What it did, for people.
    pub detail: String,
}

/// Documents by id: as they are now, or null for one that is gone.
pub type Changed<T> = BTreeMap<String, Option<T>>;

/// What one batch has made of a context. What is not named has not changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Patch {
    /// The vision now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vision: Option<String>,
    /// The sketch now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sketch: Option<String>,
    /// Changed milestones.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub milestones: Changed<Milestone>,
    /// Changed tasks.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tasks: Changed<Task>,
    /// Changed notes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: Changed<Note>,
    /// Changed references.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub references: Changed<Reference>,
    /// Changed presence.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub presence: Changed<Presence>,
    /// The brief now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brief: Option<Brief>,
    /// Changed decisions and handoffs.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub remarks: Changed<Remark>,
    /// What changed agents have in mind.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub agent_states: Changed<AgentState>,
    /// All facts for programs, now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Map<String, Value>>,
}

impl Patch {
    /// Whether it changes anything that the version is about: all but what somebody does or has in mind.
    pub fn changes_content(&self) -> bool {
        let (presence, agent_states) = (self.presence.clone(), self.agent_states.clone());
        *self != Self { presence, agent_states, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_patch_goes_there_and_back_and_names_only_what_changed() {
        let task = Task { id: "T001".into(), archived_from: Some(Progress::Done), ..Task::default() };
        let patch = Patch {
            tasks: [("T001".to_owned(), Some(task))].into(),
            notes: [("N001".to_owned(), None)].into(),
            ..Patch::default()
        };
        let value = serde_json::to_value(&patch).unwrap();
        assert_eq!((value.as_object().unwrap().len(), &value["notes"]), (2, &json!({"N001": null})));
        assert_eq!(serde_json::from_value::<Patch>(value).unwrap(), patch);
        let packed = serde_json::to_vec(&patch).unwrap();
        assert_eq!(serde_json::from_slice::<Patch>(&packed).unwrap(), patch);
    }

    #[test]
    fn presence_is_no_content() {
        let presence: Changed<Presence> = [("a".to_owned(), Some(Presence::default()))].into();
        #[rustfmt::skip]
        let cases = [
            (Patch::default(),                                                    false),
            (Patch { presence: presence.clone(), ..Patch::default() },            false),
            (Patch { vision: Some(String::new()), ..Patch::default() },           true),
            (Patch { presence, notes: [("N1".to_owned(), None)].into(), ..Patch::default() }, true),
        ];
        for (patch, wanted) in cases {
            assert_eq!(patch.changes_content(), wanted, "{patch:?}");
        }
    }

    #[test]
    fn a_task_is_shown_with_its_current_step_and_progress() {
        use StepProgress::{Done, InProgress, Pending};
        #[rustfmt::skip]
        let cases = [
            // steps                     current      progress
            (vec![],                     None,        0.0),
            (vec![Pending, Pending],     Some("S1"),  0.0),
            (vec![Done, InProgress],     Some("S2"),  0.5),
            (vec![Pending, Done],        Some("S1"),  0.5),
            (vec![Done, Done],           None,        1.0),
        ];
        for (steps, current, progress) in cases {
            let step = |(at, status): (usize, &StepProgress)| Step {
                id: format!("S{}", at + 1),
                status: *status,
                ..Step::default()
            };
            let task = Task { steps: steps.iter().enumerate().map(step).collect(), ..Task::default() };
            let view = TaskView::from(&task);
            assert_eq!((view.current_step.as_deref(), view.progress), (current, progress), "{steps:?}");
        }
    }
}
