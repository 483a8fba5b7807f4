//! What newer clients keep in a group's context: a brief, decisions and handoffs, and what each agent has in mind.
//!
//! Stored in events as they are shown, like everything of a [context](super::context).

use super::document::words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What everybody must know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Brief {
    /// Where all this is going.
    pub objective: String,
    /// What it is about right now.
    pub current_focus: String,
    /// What must not be.
    pub constraints: Vec<String>,
    /// What the project is.
    pub project_brief: String,
    /// Whether that is to be doubted.
    pub project_brief_stale: bool,
    /// Who changed any of it last.
    pub updated_by: String,
    /// When that was.
    pub updated_at: String,
}

words! {
    /// What a remark is.
    RemarkKind {
        /// Something was decided.
        Decision = "decision",
        /// Something is somebody else's from now on.
        Handoff = "handoff",
    } default Decision
}

/// A decision or a handoff.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Remark {
    /// `C001`, `C002` …
    pub id: String,
    /// What it is.
    pub kind: RemarkKind,
    /// In short.
    pub summary: String,
    /// Id of the task that it is about.
    pub task_id: Option<String>,
    /// Who made it.
    pub by: String,
    /// When.
    pub at: String,
}

/// What an agent has in mind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AgentState {
    /// An actor's id, or any other name in lower case with hyphens.
    pub id: String,
    /// What it does right now.
    pub hot: Hot,
    /// What it must not forget.
    pub warm: Warm,
    /// When it last said so.
    pub updated_at: String,
}

/// What an agent does right now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Hot {
    /// Id of the task it is at.
    pub active_task_id: Option<String>,
    /// What it is about.
    pub focus: Option<String>,
    /// What comes next.
    pub next_action: Option<String>,
    /// What is in its way.
    pub blockers: Vec<String>,
}

/// What an agent must not forget.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Warm {
    /// What has changed.
    pub what_changed: Option<String>,
    /// What is unfinished.
    pub open_loops: Vec<String>,
    /// What it has promised.
    pub commitments: Vec<String>,
    /// What it works in.
    pub environment_summary: Option<String>,
    /// What it knows of the user.
    pub user_model: Option<String>,
    /// How it wants to be.
    pub persona_notes: Option<String>,
}
