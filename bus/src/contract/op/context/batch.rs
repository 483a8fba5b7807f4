//! The operations that one `context_sync` may contain: one row each.
//!
//! They are read as leniently as ops are: unknown fields are ignored, null is the same as absent. A field of an update
//! that is absent stays as it is. Tasks have two spellings among published clients; both are understood (see
//! [`SPELLINGS`]).

use crate::contract::context::{Progress, StepProgress};
use crate::contract::coordination::RemarkKind;
use crate::contract::error::{Code, OpError};
use crate::contract::lenient;
use crate::contract::schema::tagged;
use crate::contract::words::Word;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Fields of tasks that newer clients call by another name: theirs, ours.
pub const SPELLINGS: &[(&str, &str)] = &[("title", "name"), ("outcome", "goal"), ("milestone", "milestone_id")];

/// The same for a new task: the steps of an older client's update are ignored, as they always were.
const CREATE_SPELLINGS: &[(&str, &str)] = &[("checklist", "steps")];

macro_rules! batch {
    ($($(#[$doc:meta])* $name:literal $variant:ident { $($(#[$fdoc:meta])* $field:ident : $type:ty = $read:literal),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
            #[serde(default)]
            pub struct $variant { $($(#[$fdoc])* #[serde(deserialize_with = $read)] pub $field: $type),* }
        )*

        /// One operation of a batch.
        #[derive(Debug, Clone, PartialEq)]
        pub enum BatchOp { $($(#[$doc])* $variant($variant)),* }

        /// Names of all operations, in the order of the table.
        pub const NAMES: &[&str] = &[$($name),*];

        impl JsonSchema for BatchOp {
            fn schema_name() -> Cow<'static, str> {
                "BatchOp".into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                let kinds = [$(tagged::<$variant>(generator, "op", $name)),*];
                json_schema!({"description": "One operation of a batch.", "oneOf": kinds})
            }
        }

        impl BatchOp {
            fn read(name: &str, fields: Value) -> Result<Self, OpError> {
                let unreadable = |e: serde_json::Error| OpError::new(Code::ContextSyncError, format!("{name} cannot be read: {e}"));
                match name {
                    $($name => serde_json::from_value(fields).map(BatchOp::$variant).map_err(unreadable),)*
                    _ => {
                        let sentence = format!("unknown operation: {name:?}; use one of: {}", NAMES.join(", "));
                        Err(OpError::new(Code::ContextSyncError, sentence))
                    }
                }
            }
        }
    };
}

batch! {
    /// Replaces the vision.
    "vision.update" VisionUpdate {
        /// The whole text.
        vision: String = "lenient::verbatim",
    }
    /// Replaces the sketch.
    "sketch.update" SketchUpdate {
        /// The whole text.
        sketch: String = "lenient::verbatim",
    }
    /// Adds a milestone.
    "milestone.create" MilestoneCreate {
        /// Name for people.
        name: String = "lenient::text",
        /// What it is.
        description: String = "lenient::text",
        /// A word of `Progress`; planned when absent.
        status: Option<String> = "lenient::optional_text",
    }
    /// Changes a milestone.
    "milestone.update" MilestoneUpdate {
        /// Which one.
        milestone_id: String = "lenient::text",
        /// Name for people.
        name: Option<String> = "lenient::given_text",
        /// What it is.
        description: Option<String> = "lenient::given_text",
        /// A word of `Progress`.
        status: Option<String> = "lenient::optional_text",
    }
    /// Marks a milestone as done, today.
    "milestone.complete" MilestoneComplete {
        /// Which one.
        milestone_id: String = "lenient::text",
        /// What came of it.
        outcomes: String = "lenient::text",
    }
    /// Brings an archived milestone back to what it was.
    "milestone.restore" MilestoneRestore {
        /// Which one.
        milestone_id: String = "lenient::text",
    }
    /// Removes a milestone; its tasks stay, without one.
    "milestone.remove" MilestoneRemove {
        /// Which one.
        milestone_id: String = "lenient::text",
    }
    /// Adds a task.
    "task.create" TaskCreate {
        /// Name for people.
        name: String = "lenient::text",
        /// What it is for.
        goal: String = "lenient::text",
        /// What to do: objects with `name` and `acceptance`.
        steps: Vec<StepDraft> = "steps",
        /// Milestone it belongs to.
        milestone_id: Option<String> = "lenient::optional_text",
        /// Who does it.
        assignee: Option<String> = "lenient::optional_text",
        /// A word of `Progress`; planned when absent.
        status: Option<String> = "lenient::optional_text",
        /// Task that it is a part of.
        parent_id: Option<String> = "lenient::optional_text",
        /// How urgent it is.
        priority: Option<String> = "lenient::optional_text",
        /// What must be done first.
        blocked_by: Option<Vec<String>> = "lenient::given_texts",
        /// For whom it waits.
        waiting_on: Option<String> = "lenient::optional_text",
        /// Who is to go on with it.
        handoff_to: Option<String> = "lenient::optional_text",
        /// What kind of work it is.
        task_type: Option<String> = "lenient::optional_text",
        /// What else there is to know.
        notes: Option<String> = "lenient::optional_text",
    }
    /// Changes a task.
    "task.update" TaskUpdate {
        /// Which one.
        task_id: String = "lenient::text",
        /// A word of `Progress`.
        status: Option<String> = "lenient::optional_text",
        /// Name for people.
        name: Option<String> = "lenient::given_text",
        /// What it is for.
        goal: Option<String> = "lenient::given_text",
        /// Who does it; blank is nobody.
        assignee: Option<String> = "lenient::given_text",
        /// Milestone it belongs to; blank is none.
        milestone_id: Option<String> = "lenient::given_text",
        /// Which of its steps. Counts only together with `step_status`.
        step_id: Option<String> = "lenient::optional_text",
        /// A word of `StepProgress`. Counts only together with `step_id`.
        step_status: Option<String> = "lenient::optional_text",
        /// All of its steps, as newer clients give them.
        checklist: Option<Vec<StepDraft>> = "checklist",
        /// Task that it is a part of; blank is none.
        parent_id: Option<String> = "lenient::given_text",
        /// How urgent it is.
        priority: Option<String> = "lenient::given_text",
        /// What must be done first.
        blocked_by: Option<Vec<String>> = "lenient::given_texts",
        /// For whom it waits.
        waiting_on: Option<String> = "lenient::given_text",
        /// Who is to go on with it; blank is nobody.
        handoff_to: Option<String> = "lenient::given_text",
        /// What kind of work it is.
        task_type: Option<String> = "lenient::given_text",
        /// What else there is to know.
        notes: Option<String> = "lenient::given_text",
    }
    /// Changes how far a task has come.
    "task.move" TaskMove {
        /// Which one.
        task_id: String = "lenient::text",
        /// A word of `Progress`.
        #[schemars(with = "Word<Progress>")]
        status: String = "lenient::text",
    }
    /// Brings an archived task back to what it was.
    "task.restore" TaskRestore {
        /// Which one.
        task_id: String = "lenient::text",
    }
    /// Removes a task.
    "task.delete" TaskDelete {
        /// Which one.
        task_id: String = "lenient::text",
    }
    /// Adds a note.
    "note.add" NoteAdd {
        /// The text.
        content: String = "lenient::text",
    }
    /// Changes a note.
    "note.update" NoteUpdate {
        /// Which one.
        note_id: String = "lenient::text",
        /// The text.
        content: Option<String> = "lenient::given_text",
    }
    /// Removes a note.
    "note.remove" NoteRemove {
        /// Which one.
        note_id: String = "lenient::text",
    }
    /// Adds a reference.
    "reference.add" ReferenceAdd {
        /// Where it is.
        url: String = "lenient::text",
        /// What it is.
        note: String = "lenient::text",
    }
    /// Changes a reference.
    "reference.update" ReferenceUpdate {
        /// Which one.
        reference_id: String = "lenient::text",
        /// Where it is.
        url: Option<String> = "lenient::given_text",
        /// What it is.
        note: Option<String> = "lenient::given_text",
    }
    /// Removes a reference.
    "reference.remove" ReferenceRemove {
        /// Which one.
        reference_id: String = "lenient::text",
    }
    /// Says what somebody is doing.
    "presence.update" PresenceUpdate {
        /// Who.
        agent_id: String = "lenient::text",
        /// In its own words.
        status: String = "lenient::text",
    }
    /// Says that somebody is doing nothing in particular.
    "presence.clear" PresenceClear {
        /// Who.
        agent_id: String = "lenient::text",
    }
    /// Changes the brief.
    "coordination.brief.update" BriefUpdate {
        /// Where all this is going.
        objective: Option<String> = "lenient::given_text",
        /// What it is about right now.
        current_focus: Option<String> = "lenient::given_text",
        /// What must not be.
        constraints: Option<Vec<String>> = "lenient::given_texts",
        /// What the project is.
        project_brief: Option<String> = "lenient::given_text",
        /// Whether that is to be doubted.
        project_brief_stale: Option<bool> = "lenient::optional_flag",
    }
    /// Adds a decision or a handoff.
    "coordination.note.add" RemarkAdd {
        /// A word of `RemarkKind`.
        #[schemars(with = "Word<RemarkKind>")]
        kind: String = "lenient::text",
        /// In short.
        summary: String = "lenient::text",
        /// Task that it is about.
        task_id: Option<String> = "lenient::optional_text",
    }
    /// Says what an agent has in mind.
    "agent_state.update" AgentStateUpdate {
        /// Which agent.
        actor_id: String = "lenient::text",
        /// Task it is at; blank is none.
        active_task_id: Option<String> = "lenient::given_text",
        /// What it is about.
        focus: Option<String> = "lenient::given_text",
        /// What comes next.
        next_action: Option<String> = "lenient::given_text",
        /// What has changed.
        what_changed: Option<String> = "lenient::given_text",
        /// What is in its way.
        blockers: Option<Vec<String>> = "lenient::given_texts",
        /// What is unfinished.
        open_loops: Option<Vec<String>> = "lenient::given_texts",
        /// What it has promised.
        commitments: Option<Vec<String>> = "lenient::given_texts",
        /// What it works in.
        environment_summary: Option<String> = "lenient::given_text",
        /// What it knows of the user.
        user_model: Option<String> = "lenient::given_text",
        /// How it wants to be.
        persona_notes: Option<String> = "lenient::given_text",
    }
    /// Says that an agent has nothing in mind.
    "agent_state.clear" AgentStateClear {
        /// Which agent.
        actor_id: String = "lenient::text",
    }
    /// Sets facts for programs; null removes one.
    "meta.merge" MetaMerge {
        /// Facts by name.
        data: Option<Map<String, Value>> = "lenient::object",
    }
}

/// A step as a client describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StepDraft {
    /// Its id within the task, where a newer client gives one.
    #[serde(deserialize_with = "lenient::text")]
    pub id: String,
    /// What to do.
    #[serde(deserialize_with = "lenient::text", alias = "text")]
    pub name: String,
    /// How to tell that it is done.
    #[serde(deserialize_with = "lenient::text")]
    pub acceptance: String,
    /// A word of `StepProgress`; any other is pending.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<StepProgress>")]
    pub status: String,
}

fn steps<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<StepDraft>, D::Error> {
    Ok(Option::<Vec<StepDraft>>::deserialize(d)?.unwrap_or_default())
}

fn checklist<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Vec<StepDraft>>, D::Error> {
    Option::deserialize(d)
}

impl BatchOp {
    /// Reads one operation as the wire has it.
    ///
    /// # Errors
    ///
    /// `context_sync_error`: no such operation, or a field that cannot be what it should be.
    pub fn from_wire(mut fields: Map<String, Value>) -> Result<Self, OpError> {
        let name = fields.remove("op").and_then(|name| name.as_str().map(|name| name.trim().to_owned()));
        let name = name.unwrap_or_default();
        if name.starts_with("task.") {
            let of_create = if name == "task.create" { CREATE_SPELLINGS } else { &[] };
            for (theirs, ours) in SPELLINGS.iter().chain(of_create) {
                match fields.remove(*theirs) {
                    Some(value) if fields.get(*ours).is_none_or(Value::is_null) => {
                        fields.insert((*ours).to_owned(), value);
                    }
                    _ => {}
                }
            }
        }
        Self::read(&name, Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value) -> Result<BatchOp, OpError> {
        BatchOp::from_wire(value.as_object().expect("an object").clone())
    }

    #[test]
    fn every_operation_can_be_read_from_its_name_alone() {
        for name in NAMES {
            read(json!({"op": format!(" {name} "), "unknown": 1})).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
    }

    #[test]
    fn both_spellings_of_a_task_are_understood() {
        #[rustfmt::skip]
        let cases = [
            (json!({"op": "task.create", "name": "a", "goal": "b", "milestone_id": "M1"}),  ("a", "b", Some("M1"))),
            (json!({"op": "task.create", "title": "a", "outcome": "b", "milestone": "M1"}), ("a", "b", Some("M1"))),
            (json!({"op": "task.create", "name": "a", "title": "x", "goal": null, "outcome": "b"}), ("a", "b", None)),
        ];
        for (value, (name, goal, milestone)) in cases {
            let Ok(BatchOp::TaskCreate(task)) = read(value.clone()) else { panic!("{value}") };
            assert_eq!((task.name.as_str(), task.goal.as_str(), task.milestone_id.as_deref()), (name, goal, milestone));
        }
    }

    #[test]
    fn an_absent_field_stays_and_a_blank_one_clears() {
        let fields = |value| match read(value) {
            Ok(BatchOp::TaskUpdate(task)) => (task.assignee, task.milestone_id, task.name),
            other => panic!("{other:?}"),
        };
        assert_eq!(fields(json!({"op": "task.update"})), (None, None, None));
        let blank = json!({"op": "task.update", "assignee": " ", "milestone": "", "name": null});
        assert_eq!(fields(blank), (Some(String::new()), Some(String::new()), None));
    }

    #[test]
    fn what_is_no_operation_is_refused() {
        #[rustfmt::skip]
        let cases = [
            json!({}), json!({"op": 7}), json!({"op": "task.fly"}), json!({"op": "task.create", "steps": "one"}),
            json!({"op": "task.create", "steps": [7]}),
        ];
        for value in cases {
            assert_eq!(read(value.clone()).unwrap_err().code, Code::ContextSyncError, "{value}");
        }
    }
}
