//! `cccc guidance`: the texts that agents are given, and a group's own in their place.

use super::group_arg::{Address, GroupArg};
use super::word;
use crate::client::Client;
use crate::failure::Failure;
use bus::contract::op::prompt;
use bus::contract::prompt::PromptKind;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

/// `cccc guidance`
#[derive(Debug, Subcommand)]
pub enum Guidance {
    /// Show a text
    Show {
        /// Which text
        #[arg(value_parser = PossibleValuesParser::new(PromptKind::WORDS), default_value = "help", ignore_case = true)]
        kind: String,
        #[command(flatten)]
        place: GroupArg,
    },
    /// Give the group its own text; sessions that begin from now on get it
    Set {
        /// Which text
        #[arg(value_parser = PossibleValuesParser::new(PromptKind::WORDS), ignore_case = true)]
        kind: String,
        /// The whole text; `-` reads it from standard input
        #[arg(allow_hyphen_values = true, value_parser = word::said)]
        text: String,
        #[command(flatten)]
        at: Address,
    },
    /// Bring the built-in text back
    Reset {
        /// Which text
        #[arg(value_parser = PossibleValuesParser::new(PromptKind::WORDS), ignore_case = true)]
        kind: String,
        #[command(flatten)]
        at: Address,
    },
}

/// `cccc prompt`
#[derive(Debug, Args)]
pub struct PromptArgs {
    /// Whom it is for [default: inside an agent $CCCC_ACTOR_ID]
    #[arg(long, value_name = "ACTOR")]
    actor_id: Option<String>,
    #[command(flatten)]
    place: GroupArg,
}

/// Shows what an actor is told before its first message.
///
/// # Errors
///
/// The refusal; nobody is named.
pub fn prompt(client: &Client, args: PromptArgs) -> Result<(), Failure> {
    let actor_id = args.actor_id.as_deref().or(client.identity().actor_id()).unwrap_or_default().to_owned();
    let group_id = client.group(&args.place)?;
    client.run(prompt::Introduce { group_id, actor_id }, None)
}

/// Shows or changes a text.
///
/// # Errors
///
/// The refusal.
pub fn run(client: &Client, command: Guidance) -> Result<(), Failure> {
    match command {
        Guidance::Show { kind, place } => {
            let group_id = client.group(&place)?;
            client.run(prompt::Get { group_id, kind }, None)
        }
        Guidance::Set { kind, text, at } => {
            // Before a text is typed for a group that is not there.
            client.group(&at.place)?;
            let content = word::text(text)?;
            at.ask(client, |group_id| prompt::Set { group_id, kind, content })
        }
        Guidance::Reset { kind, at } => {
            // Whoever types the word means it.
            let confirm = kind.to_lowercase();
            at.ask(client, |group_id| prompt::Reset { group_id, kind, confirm })
        }
    }
}
