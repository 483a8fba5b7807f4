//! `cccc profile …`: one configuration, and one private environment, for actors in many groups.

use super::group_arg::{Address, SpeakerArg};
use super::secret::SecretsChange;
use super::word::{Words, words};
use crate::client::Client;
use crate::failure::Failure;
use bus::contract::document::{Runner, Submit};
use bus::contract::op::profile;
use bus::contract::runtime;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

/// `cccc profile …`
#[derive(Debug, Subcommand)]
pub enum ProfileCommand {
    /// List the profiles, and how many actors are linked to each
    List {
        #[command(flatten)]
        speaker: SpeakerArg,
    },
    /// Show a profile and the actors that are linked to it
    Show {
        /// Which profile
        profile_id: String,
        #[command(flatten)]
        speaker: SpeakerArg,
    },
    /// Make a profile, or change one; an actor takes the change over when it starts
    Set(ProfileSetArgs),
    /// Delete a profile
    Delete {
        /// Which profile
        profile_id: String,
        /// Give actors that are linked to it a copy, secrets included; otherwise they keep it from being deleted
        #[arg(long)]
        force_detach: bool,
        #[command(flatten)]
        speaker: SpeakerArg,
    },
    /// Set, forget and copy private environment variables
    Secrets(ProfileSecretsArgs),
}

/// `cccc profile set`
#[derive(Debug, Args)]
pub struct ProfileSetArgs {
    /// Its id: letters, digits, ., - and _
    profile_id: String,
    /// Name for people
    #[arg(long)]
    name: Option<String>,
    /// Which agent program; `cccc runtime list` shows what is installed
    #[arg(long, value_parser = PossibleValuesParser::new(runtime::TABLE.iter().map(|runtime| runtime.id)))]
    runtime: Option<String>,
    /// Command line, split as a shell would; empty is the runtime's own
    #[arg(long, value_name = "WORDS", value_parser = words)]
    command: Option<Words>,
    /// Key that submits a typed message
    #[arg(long, value_parser = PossibleValuesParser::new(Submit::WORDS))]
    submit: Option<String>,
    /// A terminal of ours, or nothing that we start
    #[arg(long, value_parser = PossibleValuesParser::new(Runner::WORDS))]
    runner: Option<String>,
    /// Change it only if it is at this revision; 0 if there must be none yet
    #[arg(long, value_name = "NUMBER")]
    revision: Option<i64>,
    #[command(flatten)]
    speaker: SpeakerArg,
}

/// `cccc profile secrets`
#[derive(Debug, Args)]
pub struct ProfileSecretsArgs {
    /// Which profile
    profile_id: String,
    #[command(flatten)]
    change: SecretsChange,
    /// Replace them by the environment of an actor, public and private
    #[arg(long, value_name = "ACTOR", conflicts_with_all = OF_A_CHANGE)]
    from_actor: Option<String>,
    /// Replace them by those of another profile
    #[arg(long, value_name = "PROFILE", conflicts_with_all = OF_A_CHANGE, conflicts_with = "from_actor")]
    from_profile: Option<String>,
    #[command(flatten)]
    at: Address,
}

/// What cannot be asked for together with a copy.
const OF_A_CHANGE: [&str; 5] = ["set", "set_from_stdin", "unset", "clear", "keys"];

/// Does what was asked about profiles.
///
/// # Errors
///
/// The refusal.
pub fn run(client: &Client, command: ProfileCommand) -> Result<(), Failure> {
    match command {
        ProfileCommand::List { speaker } => client.run(profile::List::default(), speaker.name()),
        ProfileCommand::Show { profile_id, speaker } => {
            client.run(profile::Get { profile_id, ..Default::default() }, speaker.name())
        }
        ProfileCommand::Set(set) => {
            let (expected_revision, speaker) = (set.revision, set.speaker.clone());
            client.run(profile::Upsert { profile: Some(set.into_row()), expected_revision }, speaker.name())
        }
        ProfileCommand::Delete { profile_id, force_detach, speaker } => {
            client.run(profile::Delete { profile_id, force_detach }, speaker.name())
        }
        ProfileCommand::Secrets(secrets) => secrets.run(client),
    }
}

impl ProfileSetArgs {
    fn into_row(self) -> Map<String, Value> {
        let given = [
            ("id", Some(Value::String(self.profile_id))),
            ("name", self.name.map(Value::String)),
            ("runtime", self.runtime.map(Value::String)),
            ("command", self.command.map(|Words(words)| json!(words))),
            ("submit", self.submit.map(Value::String)),
            ("runner", self.runner.map(Value::String)),
        ];
        given.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
    }
}

impl ProfileSecretsArgs {
    fn run(self, client: &Client) -> Result<(), Failure> {
        let Self { profile_id, mut change, from_actor, from_profile, at } = self;
        let by = at.speaker.name();
        match (from_actor, from_profile) {
            (Some(actor_id), _) => at.ask(client, |group_id| profile::CopyFromActor { profile_id, group_id, actor_id }),
            (None, Some(source_profile_id)) => {
                client.run(profile::CopyFromProfile { profile_id, source_profile_id }, by)
            }
            (None, None) if change.is_look() => client.run(profile::SecretKeys { profile_id }, by),
            (None, None) => {
                let set = change.take_set()?;
                let SecretsChange { unset, clear, .. } = change;
                client.run(profile::SecretUpdate { profile_id, set, unset: unset.into(), clear }, by)
            }
        }
    }
}
