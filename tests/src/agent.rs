//! What a test agent has received: it writes every submission into a log of its own, so that what arrived can be
//! compared with what was acknowledged.

use crate::program;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The log of one test agent.
#[derive(Debug, Clone)]
pub struct AgentLog {
    path: PathBuf,
}

/// One submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Process id of the agent that received it.
    pub pid: i32,
    /// What was submitted.
    pub text: String,
}

impl AgentLog {
    /// The log of an agent of this name in a folder.
    pub fn new(folder: &Path, name: &str) -> Self {
        Self { path: folder.join(format!("{name}.log")) }
    }

    /// The command line that starts the agent.
    pub fn command(&self) -> String {
        format!("{} {}", program::path("test-agent").display(), self.path.display())
    }

    /// Everything that was submitted, in order. A line that is being written is not there yet.
    pub fn submissions(&self) -> Vec<Submission> {
        let text = fs::read_to_string(&self.path).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(read).collect()
    }

    /// How many submissions contain a text.
    pub fn count(&self, text: &str) -> usize {
        self.submissions().iter().map(|submission| submission.text.matches(text).count()).sum()
    }
}

fn read(line: &str) -> Submission {
    let value: Value = serde_json::from_str(line).expect("a test agent writes JSON");
    let pid = value["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok()).expect("a pid");
    Submission { pid, text: value["text"].as_str().expect("a text").to_owned() }
}
