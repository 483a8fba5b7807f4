//! The texts that agents are given, each of which a group may replace by its own.

use super::document::words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

words! {
    /// Which text.
    PromptKind {
        /// What an agent is told before its first message, after who it is and who else is there.
        Preamble = "preamble",
        /// The playbook that agents look up.
        Help = "help",
    } default Preamble
}

words! {
    /// Where a text comes from.
    PromptSource {
        /// The group has its own.
        Home = "home",
        /// Every group has it that has none of its own.
        Builtin = "builtin",
    } default Builtin
}

impl PromptKind {
    /// Name of the text as a file, which clients show.
    pub fn filename(self) -> &'static str {
        match self {
            Self::Preamble => "CCCC_PREAMBLE.md",
            Self::Help => "CCCC_HELP.md",
        }
    }

    /// The text of a group that has none of its own.
    pub fn builtin(self) -> &'static str {
        match self {
            Self::Preamble => include_str!("prompt/preamble.md").trim_ascii_end(),
            Self::Help => include_str!("prompt/help.md"),
        }
    }
}

/// The longest beginning of a text that has at most so many bytes and ends between two characters.
pub fn beginning(text: &str, bytes_max: usize) -> &str {
    let end = (0..=bytes_max.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

/// A text as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Prompt {
    /// Which text.
    pub kind: PromptKind,
    /// Where it comes from.
    pub source: PromptSource,
    /// Its name as a file.
    pub filename: String,
    /// Always `""`: it is kept in the group's ledger and not in a file of its own.
    pub path: String,
    /// The text.
    pub content: String,
}
