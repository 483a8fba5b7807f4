//! `cccc guidance`: the texts that agents are given, and a group's own in their place.

use super::group_arg::{Place, Speaker};
use super::{Context, Failure, word};
use bus::contract::Op;
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
        place: Place,
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
        place: Place,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Bring the built-in text back
    Reset {
        /// Which text
        #[arg(value_parser = PossibleValuesParser::new(PromptKind::WORDS), ignore_case = true)]
        kind: String,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        speaker: Speaker,
    },
}

/// `cccc prompt`
#[derive(Debug, Args)]
pub struct Prompt {
    /// Whom it is for [default: inside an agent $CCCC_ACTOR_ID]
    #[arg(long, value_name = "ACTOR")]
    actor_id: Option<String>,
    #[command(flatten)]
    place: Place,
}

/// Shows what an actor is told before its first message.
///
/// # Errors
///
/// The refusal; nobody is named.
pub fn prompt(context: &Context, args: Prompt) -> Result<(), Failure> {
    let actor_id = args.actor_id.as_deref().or(context.identity().actor_id()).unwrap_or_default().to_owned();
    let group_id = context.group(&args.place)?;
    context.run(Op::ActorPreambleGet(prompt::Introduce { group_id, actor_id }), None)
}

/// Shows or changes a text.
///
/// # Errors
///
/// The refusal.
pub fn run(context: &Context, command: Guidance) -> Result<(), Failure> {
    match command {
        Guidance::Show { kind, place } => {
            let group_id = context.group(&place)?;
            context.run(Op::GroupPromptGet(prompt::Get { group_id, kind }), None)
        }
        Guidance::Set { kind, text, place, speaker } => {
            let (group_id, content) = (context.group(&place)?, word::text(text)?);
            context.run(Op::GroupPromptSet(prompt::Set { group_id, kind, content }), speaker.name())
        }
        Guidance::Reset { kind, place, speaker } => {
            let group_id = context.group(&place)?;
            // Whoever types the word means it.
            let confirm = kind.to_lowercase();
            context.run(Op::GroupPromptReset(prompt::Reset { group_id, kind, confirm }), speaker.name())
        }
    }
}
