//! `cccc attach-terminal` and `terminal …`: what an agent's terminal shows.

use super::attach;
use super::group_arg::Address;
use crate::client::Client;
use crate::failure::Failure;
use bus::contract::op::terminal;
use clap::{Args, Subcommand};

/// `cccc attach-terminal`
#[derive(Debug, Args)]
pub struct AttachTerminalArgs {
    /// Whose terminal
    actor_id: String,
    /// Only look: no key reaches the agent, and its terminal keeps its size
    #[arg(long)]
    read_only: bool,
    #[command(flatten)]
    at: Address,
}

/// `cccc terminal …`
#[derive(Debug, Subcommand)]
pub enum TerminalCommand {
    /// Show the last lines of an agent's terminal
    Tail {
        /// Whose terminal
        actor_id: String,
        /// How many characters at most
        #[arg(long, default_value_t = 8000)]
        max_chars: i64,
        /// Keep repeated lines and blocks
        #[arg(long)]
        whole: bool,
        #[command(flatten)]
        at: Address,
    },
    /// Hand over a draft you have typed there, so that messages do not wait for it any more
    Release {
        /// Whose terminal
        actor_id: String,
        #[command(flatten)]
        at: Address,
    },
    /// Have `tail` begin anew with what the terminal shows from now on
    Clear {
        /// Whose terminal
        actor_id: String,
        #[command(flatten)]
        at: Address,
    },
}

/// Connects this terminal to an agent's.
///
/// # Errors
///
/// The refusal, or this is no terminal.
pub fn attach(client: &Client, attach: AttachTerminalArgs) -> Result<(), Failure> {
    let request = terminal::Attach { group_id: client.group(&attach.at.place)?, actor_id: attach.actor_id };
    let principal = client.identity().speaker(attach.at.speaker.name(), "user")?;
    attach::show(client, &request, &principal, !attach.read_only)
}

/// Does what was asked about a terminal.
///
/// # Errors
///
/// The refusal.
pub fn run(client: &Client, command: TerminalCommand) -> Result<(), Failure> {
    match command {
        TerminalCommand::Tail { actor_id, max_chars, whole, at } => at.ask(client, |group_id| terminal::Tail {
            group_id,
            actor_id,
            max_chars: Some(max_chars),
            strip_ansi: Some(true),
            compact: Some(!whole),
        }),
        TerminalCommand::Release { actor_id, at } => {
            at.ask(client, |group_id| terminal::Release { group_id, actor_id })
        }
        TerminalCommand::Clear { actor_id, at } => at.ask(client, |group_id| terminal::Clear { group_id, actor_id }),
    }
}
