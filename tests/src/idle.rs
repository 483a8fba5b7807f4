//! A stack with terminals in which nothing happens.

use crate::process::{self, DAEMONS, Process};
use crate::{Stack, until};
use serde_json::json;

/// How many terminals there are.
pub const TERMINALS: usize = 20;

impl Stack {
    /// Starts a stack with [`TERMINALS`] idle terminals.
    ///
    /// # Panics
    ///
    /// They do not start.
    pub fn start_idle() -> Self {
        let stack = Self::start();
        let (group_id, _) = stack.group(&[]);
        for number in 0..TERMINALS {
            let args = json!({"group_id": group_id, "actor_id": format!("idle-{number}"), "runtime": "custom",
                              "command": ["sh", "-c", "exec sleep 600"]});
            stack.ask("actor_add", &args);
        }
        stack.ask("group_start", &json!({"group_id": group_id}));
        until("all terminals", || stack.processes("ptyhold").len() == TERMINALS);
        stack
    }

    /// The processes of this home that are ours, not an agent's.
    pub fn ours(&self) -> Vec<Process> {
        let mut all = process::of_home(&self.home());
        all.retain(|process| [&DAEMONS[..], &["cccc", "ptyhold"]].concat().contains(&process.program()));
        all
    }
}
