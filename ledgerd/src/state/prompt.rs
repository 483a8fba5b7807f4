//! The texts of a group that take the place of the built-in ones.

use bus::contract::event::PromptSet;
use bus::contract::prompt::{Prompt, PromptKind, PromptSource};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A group's own texts; what is not in here is built in.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Prompts(BTreeMap<PromptKind, String>);

impl Prompts {
    /// The group's own text, if it has one.
    pub fn own(&self, kind: PromptKind) -> Option<&str> {
        self.0.get(&kind).map(String::as_str)
    }

    /// The text as it is now.
    pub fn view(&self, kind: PromptKind) -> Prompt {
        let own = self.own(kind);
        Prompt {
            kind,
            source: if own.is_some() { PromptSource::Home } else { PromptSource::Builtin },
            filename: kind.filename().to_owned(),
            path: String::new(),
            content: own.unwrap_or_else(|| kind.builtin()).to_owned(),
        }
    }

    /// Takes one piece of a text.
    pub fn apply(&mut self, set: &PromptSet) {
        let mut text = self.0.remove(&set.kind).filter(|_| set.continues).unwrap_or_default();
        text.push_str(&set.text);
        if !text.is_empty() {
            self.0.insert(set.kind, text);
        }
    }
}
