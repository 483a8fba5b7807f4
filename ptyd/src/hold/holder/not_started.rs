//! Why an agent was not started, for programs and for people.

use crate::hold::document::Failure;

/// Why an agent was not started.
#[derive(Debug)]
pub struct NotStarted {
    /// For programs.
    pub failure: Failure,
    /// For people.
    pub message: String,
}

impl NotStarted {
    /// The same, with something to add.
    pub fn and(mut self, also: &str) -> Self {
        self.message.push_str(also);
        self
    }
}
