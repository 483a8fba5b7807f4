//! `cccc note`: the notes of a group.

use super::group_arg::Address;
use super::{context, word};
use crate::client::Client;
use crate::failure::Failure;
use clap::Subcommand;
use serde_json::json;

/// `cccc note`
#[derive(Debug, Subcommand)]
pub enum NoteCommand {
    /// Add a note
    Add {
        /// The text; `-` reads it from standard input
        #[arg(allow_hyphen_values = true, value_parser = word::said)]
        text: String,
        #[command(flatten)]
        at: Address,
    },
    /// Remove a note
    Remove {
        /// Note, such as N001
        note: String,
        #[command(flatten)]
        at: Address,
    },
}

/// Adds or removes a note.
///
/// # Errors
///
/// The refusal: nothing was changed.
pub fn run(client: &Client, command: NoteCommand) -> Result<(), Failure> {
    match command {
        NoteCommand::Add { text, at } => {
            context::sync(client, &at, json!({"op": "note.add", "content": word::text(text)?}))
        }
        NoteCommand::Remove { note, at } => context::sync(client, &at, json!({"op": "note.remove", "note_id": note})),
    }
}
