//! `cccc attach`, `group`, `groups`, `use` and `active`: groups and the directories attached to them.

use super::group_arg::{Place, Speaker};
use super::word::{Setting, setting};
use super::{Context, Failure, Output};
use crate::print;
use bus::contract::document::GroupState;
use bus::contract::op::group;
use bus::contract::{Op, Reply};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use std::io;

/// What `set-state` takes: the states of a group, and `stopped`, which stops it.
const STATES: [&str; GroupState::WORDS.len() + 1] = ["active", "idle", "paused", "stopped"];

/// `cccc attach`
#[derive(Debug, Args)]
pub struct Attach {
    /// Directory; a repository's top folder stands for everything in it
    #[arg(default_value = ".")]
    path: String,
    /// Attach to this group instead of the directory's own
    #[arg(long, short = 'g', value_name = "GROUP")]
    group: Option<String>,
    #[command(flatten)]
    speaker: Speaker,
}

/// The group that is to go.
#[derive(Debug, Args)]
pub struct Doomed {
    #[command(flatten)]
    place: Place,
    /// The exact id of the group, to show that it is meant
    #[arg(long, value_name = "GROUP_ID")]
    confirm: String,
}

/// `cccc group …`
#[derive(Debug, Subcommand)]
pub enum Group {
    /// Create an empty group and make it active
    Create {
        /// Name for people
        #[arg(long, default_value = "working-group")]
        title: String,
        /// What it is about
        #[arg(long, default_value = "")]
        topic: String,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Show everything about a group
    Show {
        /// Group, by id or title [default: as everywhere]
        group: Option<String>,
    },
    /// Change title or topic
    Update {
        #[command(flatten)]
        place: Place,
        /// Name for people
        #[arg(long, required_unless_present = "topic")]
        title: Option<String>,
        /// What it is about; may be empty
        #[arg(long)]
        topic: Option<String>,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Make an attached directory the one that actors work in
    Use {
        /// Group, by id or title
        group: String,
        /// Directory
        #[arg(default_value = ".")]
        path: String,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Detach a directory
    DetachScope {
        /// Its key, as `group show` has it
        scope_key: String,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Delete a group with its history, attachments and secrets; its agents are stopped
    Delete {
        #[command(flatten)]
        doomed: Doomed,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Begin anew: a clean group under a new id takes the place of one, which is deleted. Actors with their environments,
    /// directories, settings, rules, the playbook and the chat platform come along; nothing is started
    Reset {
        #[command(flatten)]
        doomed: Doomed,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Enable and start every actor
    Start {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Disable and stop every actor
    Stop {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Hold deliveries (paused), let policies rest (idle), or work (active); `stopped` stops every actor
    SetState {
        /// The state
        #[arg(value_parser = PossibleValuesParser::new(STATES), ignore_case = true)]
        state: String,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Change settings, or show those that were changed
    Settings {
        /// What to change, such as `min_interval_seconds=5`
        #[arg(value_name = "KEY=VALUE", value_parser = setting)]
        settings: Vec<Setting>,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        speaker: Speaker,
    },
}

/// Attaches a directory.
///
/// # Errors
///
/// The refusal.
pub fn attach(context: &Context, args: Attach) -> Result<(), Failure> {
    check_directory(&args.path)?;
    let group_id = args.group.map(|named| context.named_group(&named)).transpose()?.unwrap_or_default();
    let attach = group::Attach { path: args.path, group_id, scope: None };
    let attached = context.ask(attach, args.speaker.name())?;
    activate(context, &attached.group_id)?;
    context.show(&Reply::Attach(attached))
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
fn activate(context: &Context, group_id: &str) -> Result<(), Failure> {
    if context.identity().actor_id().is_none() {
        context.ask(group::ActiveSet { group_id: group_id.to_owned() }, None)?;
    }
    Ok(())
}

/// Does what was asked about a group.
///
/// # Errors
///
/// The refusal.
pub fn run(context: &Context, command: Group) -> Result<(), Failure> {
    let (op, speaker) = match command {
        Group::Create { title, topic, speaker } => {
            let created = context.ask(group::Create { title, topic }, speaker.name())?;
            activate(context, &created.group_id)?;
            return context.show(&Reply::GroupCreate(created));
        }
        Group::Show { group } => {
            let group_id = context.group(&Place { group })?;
            (Op::GroupShow(group::Show { group_id, ..Default::default() }), Speaker::default())
        }
        Group::Update { place, title, topic, speaker } => {
            let given = [("title", title), ("topic", topic)];
            let patch: Map<_, _> =
                given.into_iter().filter_map(|(key, text)| Some((key.to_owned(), json!(text?)))).collect();
            (Op::GroupUpdate(group::Update { group_id: context.group(&place)?, patch: Some(patch) }), speaker)
        }
        Group::Use { group, path, speaker } => {
            let group_id = context.named_group(&group)?;
            (Op::GroupUse(group::Use { group_id, path, scope: None }), speaker)
        }
        Group::DetachScope { scope_key, place, speaker } => {
            (Op::GroupDetachScope(group::DetachScope { group_id: context.group(&place)?, scope_key }), speaker)
        }
        Group::Delete { doomed, speaker } => {
            (Op::GroupDelete(group::Delete { group_id: doomed.group_id(context)? }), speaker)
        }
        Group::Reset { doomed, speaker } => {
            let group_id = doomed.group_id(context)?;
            (Op::GroupReset(group::Reset { confirm: group_id.clone(), group_id }), speaker)
        }
        Group::Start { place, speaker } => (Op::GroupStart(group::Start { group_id: context.group(&place)? }), speaker),
        Group::Stop { place, speaker } => (Op::GroupStop(group::Stop { group_id: context.group(&place)? }), speaker),
        Group::SetState { state, place, speaker } => {
            let group_id = context.group(&place)?;
            let state = state.to_ascii_lowercase();
            let op = match state.as_str() {
                "stopped" => Op::GroupStop(group::Stop { group_id }),
                _ => Op::GroupSetState(group::SetState { group_id, state }),
            };
            (op, speaker)
        }
        Group::Settings { settings, place, .. } if settings.is_empty() => return show_settings(context, &place),
        Group::Settings { settings, place, speaker } => {
            let patch = settings.into_iter().map(|setting| (setting.key, setting.value)).collect();
            let group_id = context.group(&place)?;
            (Op::GroupSettingsUpdate(group::SettingsUpdate { group_id, patch: Some(patch) }), speaker)
        }
    };
    context.run(op, speaker.name())
}

impl Doomed {
    /// Its id. Without --group the confirmed one is meant, never one that was found by accident.
    fn group_id(&self, context: &Context) -> Result<String, Failure> {
        let Self { place, confirm } = self;
        let group_id = if place.group.is_some() { context.group(place)? } else { context.named_group(confirm)? };
        if *confirm == group_id {
            return Ok(group_id);
        }
        let sentence =
            format!("--confirm takes the id of the group, which is {group_id}, not {confirm:?}; nothing was deleted");
        Err(Failure::Usage(sentence))
    }
}

fn show_settings(context: &Context, place: &Place) -> Result<(), Failure> {
    let group_id = context.group(place)?;
    let show = group::Show { group_id: group_id.clone(), ..Default::default() };
    let settings = context.ask(show, None)?.group.settings;
    context.present(&json!({"group_id": group_id, "settings": settings}), |page| match settings.is_empty() {
        true => page.paint(print::Tone::Quiet, "all settings are as they were made") + "\n",
        false => print::group::settings(page, &settings),
    })
}

/// Lists the groups, and marks the active one for people.
///
/// # Errors
///
/// Nobody answers.
pub fn list(context: &Context) -> Result<(), Failure> {
    let listed = context.ask(group::List::default(), None)?;
    if context.output() == Output::Json {
        return context.show(&Reply::Groups(listed));
    }
    let active = context.active_group()?;
    let text = |page: &print::Page| print::group::list(page, &listed.groups, &listed.registry_health, &active);
    context.present(&Value::Null, text)
}

/// Makes a group the active one.
///
/// # Errors
///
/// There is no such group.
pub fn make_active(context: &Context, named: &str) -> Result<(), Failure> {
    let group_id = context.named_group(named)?;
    context.run(Op::ActiveSet(group::ActiveSet { group_id }), None)
}

/// Shows which group is active.
///
/// # Errors
///
/// Nobody answers.
pub fn show_active(context: &Context) -> Result<(), Failure> {
    context.run(Op::ActiveGet(group::ActiveGet {}), None)
}
