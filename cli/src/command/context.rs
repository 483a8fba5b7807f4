//! `cccc context`: what a group shares beside its messages.

use super::group_arg::{Address, GroupArg};
use super::word;
use crate::client::Client;
use crate::failure::Failure;
use bus::contract::op::context;
use clap::Subcommand;
use serde_json::{Value, json};

/// `cccc context`
#[derive(Debug, Subcommand)]
pub enum ContextCommand {
    /// Show vision, sketch, milestones, notes, references, and who does what
    Show {
        #[command(flatten)]
        place: GroupArg,
    },
    /// Say where all this is going
    Vision {
        /// The whole text; `-` reads it from standard input
        #[arg(allow_hyphen_values = true, value_parser = word::said)]
        text: String,
        #[command(flatten)]
        at: Address,
    },
    /// Say how it is to be built
    Sketch {
        /// The whole text; `-` reads it from standard input
        #[arg(allow_hyphen_values = true, value_parser = word::said)]
        text: String,
        #[command(flatten)]
        at: Address,
    },
    /// Say what somebody is doing
    Presence {
        /// Who
        agent: String,
        /// In its own words; nothing in particular when absent
        #[arg(default_value = "", allow_hyphen_values = true, value_parser = word::said)]
        status: String,
        #[command(flatten)]
        at: Address,
    },
}

/// Shows or changes what a group shares.
///
/// # Errors
///
/// The refusal: nothing was changed.
pub fn run(client: &Client, command: ContextCommand) -> Result<(), Failure> {
    match command {
        ContextCommand::Show { place } => {
            let group_id = client.group(&place)?;
            client.run(context::Get { group_id }, None)
        }
        ContextCommand::Vision { text, at } => {
            sync(client, &at, json!({"op": "vision.update", "vision": word::text(text)?}))
        }
        ContextCommand::Sketch { text, at } => {
            sync(client, &at, json!({"op": "sketch.update", "sketch": word::text(text)?}))
        }
        ContextCommand::Presence { agent, status, at } => {
            sync(client, &at, json!({"op": "presence.update", "agent_id": agent, "status": status}))
        }
    }
}

/// Changes what a group shares by a batch of one.
///
/// # Errors
///
/// The refusal: nothing was changed.
pub fn sync(client: &Client, at: &Address, op: Value) -> Result<(), Failure> {
    let group_id = client.group(&at.place)?;
    // The op's usual speaker is the system; a person who types is the user.
    let by = client.identity().reader(at.speaker.name()).to_owned();
    let sync = context::Sync { group_id, ops: json!([op]), ..context::Sync::default() };
    client.run(sync, Some(&by))
}
