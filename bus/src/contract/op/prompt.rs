//! Ops about the texts that agents are given: the preamble and the playbook.
//!
//! `group_prompt_*` name the text; `group_preamble_*` are the published clients' spellings for one of them.

use crate::contract::event::Event;
use crate::contract::lenient;
use crate::contract::prompt::{Prompt, PromptKind};
use crate::contract::words::Word;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `group_prompt_get`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Get {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which text: `preamble` or `help`.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<PromptKind>")]
    pub kind: String,
}

/// `group_prompt_set`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Set {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which text: `preamble` or `help`.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<PromptKind>")]
    pub kind: String,
    /// The group's own text, verbatim; a blank one brings the built-in text back.
    #[serde(deserialize_with = "lenient::verbatim")]
    pub content: String,
}

/// `group_prompt_reset`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Reset {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which text: `preamble` or `help`.
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<PromptKind>")]
    pub kind: String,
    /// The kind once more, to show that it is meant.
    #[serde(deserialize_with = "lenient::text")]
    pub confirm: String,
}

/// `group_preamble_get`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PreambleGet {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
}

/// `group_preamble_set`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PreambleSet {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// The group's own text, verbatim; a blank one brings the built-in text back.
    #[serde(deserialize_with = "lenient::verbatim")]
    pub content: String,
}

/// `group_preamble_reset`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PreambleReset {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// `preamble`, to show that it is meant.
    #[serde(deserialize_with = "lenient::text")]
    pub confirm: String,
}

/// `actor_preamble_get`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Introduce {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which of its actors; one that does not run, too.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
}

/// Answer of `actor_preamble_get`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Introduction {
    /// Which group.
    pub group_id: String,
    /// Which actor.
    pub actor_id: String,
    /// The whole text, as it is typed: who the actor is, its team, and the group's preamble.
    pub prompt: String,
}

/// Answer of `group_prompt_get` and `group_preamble_get`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Got {
    /// Which group.
    pub group_id: String,
    /// The text.
    #[serde(flatten)]
    pub prompt: Prompt,
}

/// Answer of the ops that change a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    /// Which group.
    pub group_id: String,
    /// The text now.
    #[serde(flatten)]
    pub prompt: Prompt,
    /// The first `x.cccc.prompt` event, or null when the text was this one before.
    pub event: Option<Event>,
}
