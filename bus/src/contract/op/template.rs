//! Ops about templates: a group's configuration as one YAML text, to be kept, shared and applied again. Environments and
//! secrets are never in it.

use crate::contract::Scope;
use crate::contract::lenient;
use crate::contract::prompt::{PromptKind, PromptSource};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// `group_template_export`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Export {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
}

/// Answer of `group_template_export`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exported {
    /// The YAML text.
    pub template: String,
    /// Name for a file.
    pub filename: String,
}

/// `group_template_preview`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Preview {
    /// Group to which it might be applied.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// The YAML text.
    #[serde(deserialize_with = "lenient::verbatim")]
    pub template: String,
}

/// Answer of `group_template_preview`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Previewed {
    /// What is in the template.
    pub template: Summary,
    /// What applying it would change.
    pub diff: Diff,
}

/// What is in a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Always `cccc.group_template`.
    pub kind: String,
    /// Always 1.
    pub v: u32,
    /// Title of the group it was made of.
    pub title: String,
    /// Topic of the group it was made of.
    pub topic: String,
    /// When it was made.
    pub exported_at: String,
    /// Version of the product that made it.
    pub cccc_version: String,
    /// Its actors, in order.
    pub actors: Vec<Actor>,
    /// All 19 settings.
    pub settings: Map<String, Value>,
    /// How much automation there is.
    pub automation: Counts,
    /// Its prompts.
    #[schemars(extend("propertyNames" = {"enum": PromptKind::WORDS}))]
    pub prompts: BTreeMap<PromptKind, Prompt>,
}

/// An actor of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TemplateActor")]
pub struct Actor {
    /// Unique in the template.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Row of [`crate::contract::runtime::TABLE`].
    pub runtime: String,
    /// What carries it.
    pub runner: String,
    /// Words of the command line.
    pub command: Vec<String>,
    /// Key that submits a typed message.
    pub submit: String,
    /// Whether it should run when the group runs.
    pub enabled: bool,
}

/// How much automation there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// How many rules.
    pub rules: u64,
    /// How many snippets.
    pub snippets: u64,
}

/// A prompt of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Prompt {
    /// Whether it is a text of its own.
    pub source: PromptSource,
    /// How long its own text is.
    pub chars: u64,
    /// How it begins.
    pub preview: String,
}

/// What applying a template would change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Diff {
    /// Actors that join.
    pub actors_add: Vec<String>,
    /// Actors that change.
    pub actors_update: Vec<String>,
    /// Actors that leave.
    pub actors_remove: Vec<String>,
    /// Settings whose effective value changes.
    pub settings_changed: BTreeMap<String, FromTo>,
    /// The prompts.
    #[schemars(extend("propertyNames" = {"enum": PromptKind::WORDS}))]
    pub prompts_changed: BTreeMap<PromptKind, PromptChange>,
}

/// A value before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FromTo {
    /// Before.
    pub from: Value,
    /// After.
    pub to: Value,
}

/// A prompt before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PromptChange {
    /// Whether the text changes.
    pub changed: bool,
    /// How long its own text is.
    pub current_chars: u64,
    /// How long it would be.
    pub new_chars: u64,
    /// Whether there is a text of its own.
    pub current_source: PromptSource,
    /// Whether there would be one.
    pub new_source: PromptSource,
}

/// `group_template_import_replace`: all of it, or nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ImportReplace {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// The same id again, to show that it is meant.
    #[serde(deserialize_with = "lenient::text")]
    pub confirm: String,
    /// The YAML text.
    #[serde(deserialize_with = "lenient::verbatim")]
    pub template: String,
}

/// Answer of `group_template_import_replace`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImportReplaced {
    /// Which group.
    pub group_id: String,
    /// Always true.
    pub applied: bool,
    /// Actors that have left.
    pub removed: Vec<String>,
    /// Actors that have joined.
    pub added: Vec<String>,
    /// Actors that have changed.
    pub updated: Vec<String>,
    /// Settings that have changed; null is the default again.
    pub settings_patch: Map<String, Value>,
    /// Prompts that have changed, and where they are kept.
    #[schemars(extend("propertyNames" = {"enum": PromptKind::WORDS}))]
    pub prompt_paths: BTreeMap<PromptKind, String>,
    /// What automation there is now.
    pub automation: Named,
}

/// What automation there is, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Named {
    /// Ids of the rules.
    pub rule_ids: Vec<String>,
    /// Names of the snippets.
    pub snippet_ids: Vec<String>,
}

/// `group_create_from_template`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Create {
    /// Directory to work in, which exists; made absolute by the client.
    #[serde(deserialize_with = "lenient::text")]
    pub path: String,
    /// The YAML text.
    #[serde(deserialize_with = "lenient::verbatim")]
    pub template: String,
    /// Name for people; when empty the template's, or `working-group`.
    #[serde(deserialize_with = "lenient::text")]
    pub title: String,
    /// What the group is about; when empty what the template says.
    #[serde(deserialize_with = "lenient::text")]
    pub topic: String,
    /// What the directory is; found out by the door, which may look at files.
    pub scope: Option<Scope>,
}

/// Answer of `group_create_from_template`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CreatedFromTemplate {
    /// The new group.
    pub group_id: String,
    /// Always true.
    pub applied: bool,
}
