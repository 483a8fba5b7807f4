//! `cccc attach`, `group`, `groups`, `use` and `active`: groups and the directories attached to them.

use super::group_arg::{Address, GroupArg, SpeakerArg};
use super::word::{Setting, setting};
use crate::client::Client;
use crate::failure::Failure;
use crate::print;
use crate::print::Output;
use bus::contract::Reply;
use bus::contract::document::GroupState;
use bus::contract::op::group;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use std::io;

/// What `set-state` takes: the states of a group, and `stopped`, which stops it.
const STATES: [&str; GroupState::WORDS.len() + 1] = ["active", "idle", "paused", "stopped"];

/// `cccc attach`
#[derive(Debug, Args)]
pub struct AttachArgs {
    /// Directory; a repository's top folder stands for everything in it
    #[arg(default_value = ".")]
    path: String,
    /// Attach to this group instead of the directory's own
    #[arg(long, short = 'g', value_name = "GROUP")]
    group: Option<String>,
    #[command(flatten)]
    speaker: SpeakerArg,
}

/// The group that is to go.
#[derive(Debug, Args)]
pub struct Doomed {
    #[command(flatten)]
    place: GroupArg,
    /// The exact id of the group, to show that it is meant
    #[arg(long, value_name = "GROUP_ID")]
    confirm: String,
}

/// `cccc group …`
#[derive(Debug, Subcommand)]
pub enum GroupCommand {
    /// Create an empty group and make it active
    Create {
        /// Name for people
        #[arg(long, default_value = "working-group")]
        title: String,
        /// What it is about
        #[arg(long, default_value = "")]
        topic: String,
        #[command(flatten)]
        speaker: SpeakerArg,
    },
    /// Show everything about a group
    Show {
        /// Group, by id or title [default: as everywhere]
        group: Option<String>,
    },
    /// Change title or topic
    Update {
        #[command(flatten)]
        place: GroupArg,
        /// Name for people
        #[arg(long, required_unless_present = "topic")]
        title: Option<String>,
        /// What it is about; may be empty
        #[arg(long)]
        topic: Option<String>,
        #[command(flatten)]
        speaker: SpeakerArg,
    },
    /// Make an attached directory the one that actors work in
    Use {
        /// Group, by id or title
        group: String,
        /// Directory
        #[arg(default_value = ".")]
        path: String,
        #[command(flatten)]
        speaker: SpeakerArg,
    },
    /// Detach a directory
    DetachScope {
        /// Its key, as `group show` has it
        scope_key: String,
        #[command(flatten)]
        at: Address,
    },
    /// Delete a group with its history, attachments and secrets; its agents are stopped
    Delete {
        #[command(flatten)]
        doomed: Doomed,
        #[command(flatten)]
        speaker: SpeakerArg,
    },
    /// Begin anew: a clean group under a new id takes the place of one, which is deleted. Actors with their environments,
    /// directories, settings, rules, the playbook and the chat platform come along; nothing is started
    Reset {
        #[command(flatten)]
        doomed: Doomed,
        #[command(flatten)]
        speaker: SpeakerArg,
    },
    /// Enable and start every actor
    Start {
        #[command(flatten)]
        at: Address,
    },
    /// Disable and stop every actor
    Stop {
        #[command(flatten)]
        at: Address,
    },
    /// Hold deliveries (paused), let policies rest (idle), or work (active); `stopped` stops every actor
    SetState {
        /// The state
        #[arg(value_parser = PossibleValuesParser::new(STATES), ignore_case = true)]
        state: String,
        #[command(flatten)]
        at: Address,
    },
    /// Change settings, or show those that were changed
    Settings {
        /// What to change, such as `min_interval_seconds=5`
        #[arg(value_name = "KEY=VALUE", value_parser = setting)]
        settings: Vec<Setting>,
        #[command(flatten)]
        at: Address,
    },
}

/// Attaches a directory.
///
/// # Errors
///
/// The refusal.
pub fn attach(client: &Client, args: AttachArgs) -> Result<(), Failure> {
    check_directory(&args.path)?;
    let group_id = args.group.map(|named| client.named_group(&named)).transpose()?.unwrap_or_default();
    let attach = group::Attach { path: args.path, group_id, scope: None };
    let attached = client.ask(attach, args.speaker.name())?;
    activate(client, &attached.group_id)?;
    client.show(&Reply::Attach(attached))
}

/// A daemon takes a directory that does not exist yet, because a script may make it later. A person has mistyped.
fn check_directory(path: &str) -> Result<(), Failure> {
    let why = match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => return Ok(()),
        Ok(_) => "it is a file; attach the folder it is in".to_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            "there is no such folder; make it first, or look at how it is written".to_owned()
        }
        Err(error) => format!("{error}; attach a folder that you can use"),
    };
    Err(Failure::Usage(format!("cannot attach {path}: {why}")))
}

/// Who has just attached or made a group means it from now on. An agent does not choose for the person.
fn activate(client: &Client, group_id: &str) -> Result<(), Failure> {
    if client.identity().actor_id().is_none() {
        client.ask(group::ActiveSet { group_id: group_id.to_owned() }, None)?;
    }
    Ok(())
}

/// Does what was asked about a group.
///
/// # Errors
///
/// The refusal.
pub fn run(client: &Client, command: GroupCommand) -> Result<(), Failure> {
    match command {
        GroupCommand::Create { title, topic, speaker } => {
            let created = client.ask(group::Create { title, topic }, speaker.name())?;
            activate(client, &created.group_id)?;
            client.show(&Reply::GroupCreate(created))
        }
        GroupCommand::Show { group } => {
            let group_id = client.group(&GroupArg { group })?;
            client.run(group::Show { group_id, ..Default::default() }, None)
        }
        GroupCommand::Update { place, title, topic, speaker } => {
            let given = [("title", title), ("topic", topic)];
            let patch: Map<_, _> =
                given.into_iter().filter_map(|(key, text)| Some((key.to_owned(), json!(text?)))).collect();
            client.run(group::Update { group_id: client.group(&place)?, patch: Some(patch) }, speaker.name())
        }
        GroupCommand::Use { group, path, speaker } => {
            let group_id = client.named_group(&group)?;
            client.run(group::Use { group_id, path, scope: None }, speaker.name())
        }
        GroupCommand::DetachScope { scope_key, at } => {
            at.ask(client, |group_id| group::DetachScope { group_id, scope_key })
        }
        GroupCommand::Delete { doomed, speaker } => {
            client.run(group::Delete { group_id: doomed.group_id(client)? }, speaker.name())
        }
        GroupCommand::Reset { doomed, speaker } => {
            let group_id = doomed.group_id(client)?;
            client.run(group::Reset { confirm: group_id.clone(), group_id }, speaker.name())
        }
        GroupCommand::Start { at } => at.ask(client, |group_id| group::Start { group_id }),
        GroupCommand::Stop { at } => at.ask(client, |group_id| group::Stop { group_id }),
        GroupCommand::SetState { state, at } => match state.to_ascii_lowercase() {
            state if state == "stopped" => at.ask(client, |group_id| group::Stop { group_id }),
            state => at.ask(client, |group_id| group::SetState { group_id, state }),
        },
        GroupCommand::Settings { settings, at } if settings.is_empty() => show_settings(client, &at.place),
        GroupCommand::Settings { settings, at } => {
            let patch = settings.into_iter().map(|setting| (setting.key, setting.value)).collect();
            at.ask(client, |group_id| group::SettingsUpdate { group_id, patch: Some(patch) })
        }
    }
}

impl Doomed {
    /// Its id. Without --group the confirmed one is meant, never one that was found by accident.
    fn group_id(&self, client: &Client) -> Result<String, Failure> {
        let Self { place, confirm } = self;
        let group_id = if place.group.is_some() { client.group(place)? } else { client.named_group(confirm)? };
        if *confirm == group_id {
            return Ok(group_id);
        }
        let sentence =
            format!("--confirm takes the id of the group, which is {group_id}, not {confirm:?}; nothing was deleted");
        Err(Failure::Usage(sentence))
    }
}

fn show_settings(client: &Client, place: &GroupArg) -> Result<(), Failure> {
    let group_id = client.group(place)?;
    let show = group::Show { group_id: group_id.clone(), ..Default::default() };
    let settings = client.ask(show, None)?.group.settings;
    client.present(&json!({"group_id": group_id, "settings": settings}), |page| match settings.is_empty() {
        true => page.paint(print::Tone::Quiet, "all settings are as they were made") + "\n",
        false => print::group::settings(page, &settings),
    })
}

/// Lists the groups, and marks the active one for people.
///
/// # Errors
///
/// Nobody answers.
pub fn list(client: &Client) -> Result<(), Failure> {
    let listed = client.ask(group::List::default(), None)?;
    if client.output() == Output::Json {
        return client.show(&Reply::Groups(listed));
    }
    let active = client.active_group()?;
    let text = |page: &print::Page| print::group::list(page, &listed.groups, &listed.registry_health, &active);
    client.present(&Value::Null, text)
}

/// Makes a group the active one.
///
/// # Errors
///
/// There is no such group.
pub fn make_active(client: &Client, named: &str) -> Result<(), Failure> {
    let group_id = client.named_group(named)?;
    client.run(group::ActiveSet { group_id }, None)
}

/// Shows which group is active.
///
/// # Errors
///
/// Nobody answers.
pub fn show_active(client: &Client) -> Result<(), Failure> {
    client.run(group::ActiveGet {}, None)
}
