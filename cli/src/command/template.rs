//! `cccc template`: a group's configuration as a file, and groups made of such files.

use super::group_arg::{Address, GroupArg, SpeakerArg};
use super::word;
use crate::client::Client;
use crate::failure::Failure;
use bus::contract::limit;
use bus::contract::op::template;
use clap::{Args, Subcommand};
use std::fs::File;
use std::io::Read;

/// A template to be read.
#[derive(Debug, Args)]
pub struct TemplateFile {
    /// File that has the template; `-` is standard input
    #[arg(value_name = "FILE")]
    file: String,
}

/// `cccc template`
#[derive(Debug, Subcommand)]
pub enum TemplateCommand {
    /// Write a group as a template, without environments and secrets: `cccc template export > team.yaml`
    Export {
        #[command(flatten)]
        place: GroupArg,
    },
    /// Show what a template would change
    Preview {
        #[command(flatten)]
        source: TemplateFile,
        #[command(flatten)]
        at: Address,
    },
    /// Make a group what a template says: actors, settings, guidance and rules. Everything that runs is stopped
    Import {
        #[command(flatten)]
        source: TemplateFile,
        /// The exact id of the group, to show that it is meant
        #[arg(long, value_name = "GROUP_ID")]
        confirm: String,
        #[command(flatten)]
        at: Address,
    },
    /// Make a new group of a directory and a template
    Create {
        #[command(flatten)]
        source: TemplateFile,
        /// Directory to work in
        #[arg(default_value = ".")]
        path: String,
        /// Name for people [default: the template's]
        #[arg(long, default_value = "", hide_default_value = true)]
        title: String,
        /// What it is about [default: what the template says]
        #[arg(long, default_value = "", hide_default_value = true)]
        topic: String,
        #[command(flatten)]
        speaker: SpeakerArg,
    },
}

/// Writes, shows or applies a template.
///
/// # Errors
///
/// The file cannot be read, or the refusal: nothing was changed.
pub fn run(client: &Client, command: TemplateCommand) -> Result<(), Failure> {
    match command {
        TemplateCommand::Export { place } => {
            let group_id = client.group(&place)?;
            client.run(template::Export { group_id }, None)
        }
        TemplateCommand::Preview { source, at } => {
            let template = read(source)?;
            at.ask(client, |group_id| template::Preview { group_id, template })
        }
        TemplateCommand::Import { source, confirm, at } => {
            let template = read(source)?;
            at.ask(client, |group_id| template::ImportReplace { group_id, confirm, template })
        }
        TemplateCommand::Create { source, path, title, topic, speaker } => {
            let create = template::Create { path, template: read(source)?, title, topic, scope: None };
            client.run(create, speaker.name())
        }
    }
}

fn read(source: TemplateFile) -> Result<String, Failure> {
    if source.file == "-" {
        return word::text(source.file);
    }
    let name = source.file;
    let fail = |what: String| Failure::Failed(format!("cannot read the template {name}: {what}"));
    let (mut text, max) = (String::new(), limit::TEMPLATE_BYTES_MAX as u64);
    let file = File::open(&name).map_err(|error| fail(error.to_string()))?;
    let read = file.take(max + 1).read_to_string(&mut text).map_err(|error| fail(error.to_string()))?;
    if read as u64 > max {
        return Err(fail(format!("it is longer than {max} bytes (TEMPLATE_BYTES_MAX)")));
    }
    Ok(text)
}
