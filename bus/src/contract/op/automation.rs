//! Ops about a group's automation: what its rules are, and how they fare.

use crate::contract::automation::Ruleset;
use crate::contract::event::Event;
use crate::contract::lenient;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// `group_automation_state`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Get {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
}

/// Answer of `group_automation_state`, and part of the answers of what changes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StateIs {
    /// Which group.
    pub group_id: String,
    /// Rules and snippets, as far as whoever asks may see them.
    pub ruleset: Ruleset,
    /// How each rule fares, by its id.
    pub status: BTreeMap<String, Status>,
    /// Names that texts may use in `{{…}}`.
    pub supported_vars: Vec<String>,
    /// 1, and one more with every change.
    pub version: u64,
    /// Time of the answer.
    pub server_now: String,
    /// File that has it, below the home.
    pub config_path: String,
}

/// How a rule fares. What has not happened is `""`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RuleStatus")]
pub struct Status {
    /// When it last did what it is for.
    pub last_fired_at: String,
    /// When it last could not.
    pub last_error_at: String,
    /// Why; `""` once it could again.
    pub last_error: String,
    /// When it is due next; a time that has passed means now. `""` for a rule that will not fire.
    pub next_fire_at: String,
    /// Whether it was for once, and that is done.
    pub completed: bool,
    /// When that was.
    pub completed_at: String,
}

/// `group_automation_update`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Update {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// All rules and snippets: `{rules, snippets}`.
    #[serde(deserialize_with = "lenient::raw")]
    #[schemars(with = "Option<Ruleset>")]
    pub ruleset: Value,
    /// Version the client has seen.
    #[serde(deserialize_with = "lenient::raw")]
    #[schemars(with = "Option<u64>")]
    pub expected_version: Value,
}

/// Answer of `group_automation_update`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Updated {
    /// Which group.
    pub group_id: String,
    /// Rules and snippets now.
    pub ruleset: Ruleset,
    /// Their version.
    pub version: u64,
    /// The `group.automation_update` event.
    pub event: Event,
}

/// `group_automation_manage`: all of the actions, or none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Manage {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// What to do, in order. Each has a `type`: `create_rule {rule}`, `update_rule {rule}`,
    /// `set_rule_enabled {rule_id, enabled}`, `delete_rule {rule_id}`, `replace_all_rules {ruleset}`.
    #[serde(deserialize_with = "lenient::raw")]
    #[schemars(with = "Option<Vec<Map<String, Value>>>")]
    pub actions: Value,
    /// Version the client has seen.
    #[serde(deserialize_with = "lenient::raw")]
    #[schemars(with = "Option<u64>")]
    pub expected_version: Value,
}

/// Answer of `group_automation_manage`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Managed {
    /// How everything is now.
    #[serde(flatten)]
    pub now: StateIs,
    /// What was done, in short.
    pub applied_actions: Vec<Map<String, Value>>,
    /// Whether anything is different from before.
    pub changed: bool,
    /// The `group.automation_update` event, if anything is.
    pub event: Option<Event>,
}

/// `group_automation_reset_baseline`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ResetBaseline {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Version the client has seen.
    #[serde(deserialize_with = "lenient::raw")]
    #[schemars(with = "Option<u64>")]
    pub expected_version: Value,
}

/// Answer of `group_automation_reset_baseline`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BaselineReset {
    /// How everything is now.
    #[serde(flatten)]
    pub now: StateIs,
    /// The `group.automation_update` event.
    pub event: Event,
}

/// `rule_record`: appends `x.cccc.rule`; a rule for once that has done what it is for is disabled with it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RuleRecord {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which rule.
    #[serde(deserialize_with = "lenient::text")]
    pub rule_id: String,
    /// When it was due.
    #[serde(deserialize_with = "lenient::text")]
    pub due_at: String,
    /// Why it could not do what it is for; empty when it could.
    #[serde(deserialize_with = "lenient::text")]
    pub error: String,
}

/// Answer of `rule_record`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RuleRecorded {
    /// The `x.cccc.rule` event.
    pub event: Event,
}
