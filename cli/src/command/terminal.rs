//! `cccc attach-terminal` and `terminal …`: what an agent's terminal shows.

use super::group_arg::{Place, Speaker};
use super::{Context, Failure, attach};
use bus::contract::Op;
use bus::contract::op::terminal;
use clap::{Args, Subcommand};

/// `cccc attach-terminal`
#[derive(Debug, Args)]
pub struct Attach {
    /// Whose terminal
    actor_id: String,
    /// Only look: no key reaches the agent, and its terminal keeps its size
    #[arg(long)]
    read_only: bool,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    speaker: Speaker,
}

/// `cccc terminal …`
#[derive(Debug, Subcommand)]
pub enum Terminal {
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
        place: Place,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Hand over a draft you have typed there, so that messages do not wait for it any more
    Release {
        /// Whose terminal
        actor_id: String,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Have `tail` begin anew with what the terminal shows from now on
    Clear {
        /// Whose terminal
        actor_id: String,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        speaker: Speaker,
    },
}

/// Connects this terminal to an agent's.
///
/// # Errors
///
/// The refusal, or this is no terminal.
pub fn attach(context: &Context, attach: Attach) -> Result<(), Failure> {
    let request = terminal::Attach { group_id: context.group(&attach.place)?, actor_id: attach.actor_id };
    let principal = context.identity().speaker(attach.speaker.name(), "user")?;
    attach::show(context, &request, &principal, !attach.read_only)
}

/// Does what was asked about a terminal.
///
/// # Errors
///
/// The refusal.
pub fn run(context: &Context, command: Terminal) -> Result<(), Failure> {
    match command {
        Terminal::Tail { actor_id, max_chars, whole, place, speaker } => {
            let tail = terminal::Tail {
                group_id: context.group(&place)?,
                actor_id,
                max_chars: Some(max_chars),
                strip_ansi: Some(true),
                compact: Some(!whole),
            };
            context.run(Op::TerminalTail(tail), speaker.name())
        }
        Terminal::Release { actor_id, place, speaker } => {
            let release = terminal::Release { group_id: context.group(&place)?, actor_id };
            context.run(Op::TerminalRelease(release), speaker.name())
        }
        Terminal::Clear { actor_id, place, speaker } => {
            let clear = terminal::Clear { group_id: context.group(&place)?, actor_id };
            context.run(Op::TerminalClear(clear), speaker.name())
        }
    }
}
