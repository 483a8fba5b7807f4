//! Browsers that are told of something while no page is open: which ones, and of what.

use super::document::words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

words! {
    /// What a device is told of.
    PushTopic {
        /// Somebody writes to the user.
        Message = "message",
        /// Somebody wants a reply or an acknowledgement of the user.
        Owed = "owed",
        /// An agent has died, or needs a person at its terminal.
        Agent = "agent",
    } default Owed
}

/// A browser that is told. Where its messages go and how they are encrypted is a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PushDevice {
    /// Which one: the same browser has the same again.
    pub device_id: String,
    /// What it is called, for people.
    pub name: String,
    /// What it is told of; empty is nothing.
    pub topics: Vec<PushTopic>,
    /// The language of its page.
    pub lang: String,
    /// The host of the service that reaches it.
    pub service: String,
    /// The token with which it was let in, whose end is its end too; null is the owner's browser.
    pub token_id: Option<String>,
    /// When it was added.
    pub created_at: String,
}
