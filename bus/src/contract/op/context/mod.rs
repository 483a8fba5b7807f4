//! Ops about a group's shared context. What a batch may contain is in [`batch`].

pub mod batch;

use crate::contract::context::{Change, Milestone, Note, Presence, Reference, TaskView};
use crate::contract::coordination::{AgentState, Brief, Remark};
use crate::contract::lenient;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `context_get`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Get {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
}

/// Answer of `context_get`: everything but the tasks, archived things included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Got {
    /// Changes with everything but presence and what agents have in mind. 12 hex digits.
    pub version: String,
    /// Where all this is going; null until it is set.
    pub vision: Option<String>,
    /// How it is to be built; null until it is set.
    pub sketch: Option<String>,
    /// Oldest first.
    pub milestones: Vec<Milestone>,
    /// Oldest first.
    pub notes: Vec<Note>,
    /// Oldest first.
    pub references: Vec<Reference>,
    /// How many tasks there are.
    pub tasks_summary: TasksSummary,
    /// The oldest task that is active.
    pub active_task: Option<TaskView>,
    /// Who does what.
    pub presence: Agents,
    /// What newer clients call coordination.
    #[serde(default)]
    pub coordination: Coordination,
    /// What each agent has in mind, by id.
    #[serde(default)]
    pub agent_states: Vec<AgentState>,
    /// Facts for programs.
    #[serde(default)]
    pub meta: Map<String, Value>,
}

/// What everybody must know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coordination {
    /// The brief.
    pub brief: Brief,
    /// The newest first.
    pub recent_decisions: Vec<Remark>,
    /// The newest first.
    pub recent_handoffs: Vec<Remark>,
}

/// How many tasks there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TasksSummary {
    /// All, archived ones included.
    pub total: u64,
    /// Finished ones.
    pub done: u64,
    /// Those somebody is at.
    pub active: u64,
    /// Those nobody has begun.
    pub planned: u64,
}

/// Who does what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Agents {
    /// By id.
    pub agents: Vec<Presence>,
}

/// `context_sync`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Sync {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// List of objects, each with its name under `op`: see [`batch`].
    #[serde(deserialize_with = "lenient::raw")]
    #[schemars(with = "Option<Vec<batch::BatchOp>>")]
    pub ops: Value,
    /// Only check, and tell what would change.
    #[serde(deserialize_with = "lenient::flag")]
    pub dry_run: bool,
    /// Refuse when the context has another version.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub if_version: Option<String>,
    /// The same, under the name that automation uses.
    #[serde(deserialize_with = "lenient::optional_text")]
    pub expected_version: Option<String>,
}

/// Answer of `context_sync`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Synced {
    /// Always true.
    pub success: bool,
    /// Whether this was only a check.
    pub dry_run: bool,
    /// What each operation did, or would do.
    pub changes: Vec<Change>,
    /// Version of the context now.
    pub version: String,
}

/// `task_list`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TaskList {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Only this one; empty is all.
    #[serde(deserialize_with = "lenient::text")]
    pub task_id: String,
}

/// Answer of `task_list`: one of the two.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tasks {
    /// All, oldest first, archived ones included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks: Option<Vec<TaskView>>,
    /// The one that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskView>,
}

/// `presence_get`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PresenceGet {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
}

/// Answer of `presence_get`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PresenceIs {
    /// By id.
    pub agents: Vec<Presence>,
    /// After how long without news a status is to be doubted.
    pub heartbeat_timeout_seconds: u64,
}
