//! `cccc actor …`: who is in a group, and what runs for them.

use super::group_arg::Address;
use super::secret;
use super::word::{Variable, Words, variable, words};
use crate::client::Client;
use crate::failure::Failure;
use bus::contract::document::{Deliver, Restart, Resume, Runner, Submit};
use bus::contract::op::{actor, principal};
use bus::contract::{id, runtime};
use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Args, Subcommand};
use serde_json::{Map, Value, json};

/// `cccc actor …`
#[derive(Debug, Subcommand)]
pub enum ActorCommand {
    /// List the actors of a group, who leads first
    List {
        #[command(flatten)]
        at: Address,
    },
    /// Add an actor and start it; the first one leads
    Add(ActorAddArgs),
    /// Change an actor
    Update(ActorUpdateArgs),
    /// Remove an actor and end its program
    Remove(OneActor),
    /// Enable an actor and start its program
    Start(OneActor),
    /// Disable an actor and end its program
    Stop(OneActor),
    /// End an actor's program and start it again
    Restart(OneActor),
    /// Make a headless actor a token that proves it, in place of the one before. It is shown this once, as the environment
    /// that the actor needs: `cccc actor token bot > bot.env`
    Token(ActorTokenArgs),
    /// Set and forget private environment variables
    Secrets(secret::ActorSecretsArgs),
}

/// What can be said about an actor when it is added and later.
#[derive(Debug, Args)]
pub struct ActorArgs {
    /// Name for people; also a recipient name
    #[arg(long)]
    title: Option<String>,
    /// Which agent program; `cccc runtime list` shows what is installed
    #[arg(long, value_parser = PossibleValuesParser::new(runtime::TABLE.iter().map(|runtime| runtime.id)))]
    runtime: Option<String>,
    /// Command line, split as a shell would; empty or absent is the runtime's own, which asks for no approvals
    #[arg(long, value_name = "WORDS", value_parser = words)]
    command: Option<Words>,
    /// Environment variable; repeat for more. Everybody can see it: not for secrets
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<Variable>,
    /// Attached directory it works in
    #[arg(long, value_name = "PATH")]
    scope: Option<String>,
    /// Key that submits a typed message
    #[arg(long, value_parser = PossibleValuesParser::new(Submit::WORDS))]
    submit: Option<String>,
    /// A terminal of ours, or nothing that we start
    #[arg(long, value_parser = PossibleValuesParser::new(Runner::WORDS))]
    runner: Option<String>,
    /// What happens when its program ends by itself
    #[arg(long, value_parser = PossibleValuesParser::new(Restart::WORDS))]
    restart: Option<String>,
    /// Whether messages are typed into its terminal
    #[arg(long, value_parser = PossibleValuesParser::new(Deliver::WORDS))]
    deliver: Option<String>,
    /// Whether a new session goes on with the program's last conversation in its directory, which is another actor's where
    /// two share both; known of claude, codex and opencode, refused of others
    #[arg(long, value_parser = PossibleValuesParser::new(Resume::WORDS), num_args = 0..=1, default_missing_value = "last")]
    resume: Option<String>,
    /// Profile it is linked to: runtime, runner, command, submit and secrets come from there
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,
}

/// `cccc actor add`
#[derive(Debug, Args)]
pub struct ActorAddArgs {
    /// Its id: letters, digits, - and _ [default: <runtime>-<n>]
    actor_id: Option<String>,
    /// Do not start it yet: it can be given secrets first
    #[arg(long)]
    stopped: bool,
    #[command(flatten)]
    row: ActorArgs,
    #[command(flatten)]
    at: Address,
}

/// `cccc actor update`
#[derive(Debug, Args)]
pub struct ActorUpdateArgs {
    /// Which actor
    actor_id: String,
    #[command(flatten)]
    row: ActorArgs,
    /// Whether it runs when the group runs
    #[arg(long, value_name = "0|1", value_parser = clap::builder::BoolishValueParser::new(), action = ArgAction::Set)]
    enabled: Option<bool>,
    /// Remove every environment variable
    #[arg(long, conflicts_with = "env")]
    no_env: bool,
    /// Unlink it from its profile; it keeps a copy of what it has from there
    #[arg(long, conflicts_with = "profile")]
    no_profile: bool,
    #[command(flatten)]
    at: Address,
}

/// One actor.
#[derive(Debug, Args)]
pub struct OneActor {
    /// Which actor
    actor_id: String,
    #[command(flatten)]
    at: Address,
}

/// `cccc actor token`
#[derive(Debug, Args)]
pub struct ActorTokenArgs {
    /// Which actor
    actor_id: String,
    /// Take the token away, and make no other
    #[arg(long)]
    revoke: bool,
    #[command(flatten)]
    at: Address,
}

/// Does what was asked about actors.
///
/// # Errors
///
/// The refusal.
pub fn run(client: &Client, command: ActorCommand) -> Result<(), Failure> {
    match command {
        ActorCommand::List { at } => {
            at.ask(client, |group_id| actor::List { group_id, include_unread: true, ..Default::default() })
        }
        ActorCommand::Add(ActorAddArgs { actor_id, stopped, row, at }) => {
            at.ask(client, |group_id| row.into_add(group_id, actor_id, stopped))
        }
        ActorCommand::Update(update) => {
            let (group_id, speaker) = (client.group(&update.at.place)?, update.at.speaker.clone());
            client.run(update.into_op(group_id)?, speaker.name())
        }
        ActorCommand::Remove(OneActor { actor_id, at }) => {
            at.ask(client, |group_id| actor::Remove { group_id, actor_id })
        }
        ActorCommand::Start(OneActor { actor_id, at }) => {
            at.ask(client, |group_id| actor::Start { group_id, actor_id })
        }
        ActorCommand::Stop(OneActor { actor_id, at }) => at.ask(client, |group_id| actor::Stop { group_id, actor_id }),
        ActorCommand::Restart(OneActor { actor_id, at }) => {
            at.ask(client, |group_id| actor::Restart { group_id, actor_id })
        }
        ActorCommand::Token(args) => token(client, args),
        ActorCommand::Secrets(args) => secret::run(client, args),
    }
}

/// Makes a token here, so that nobody else ever has it, and has its hash kept.
fn token(client: &Client, ActorTokenArgs { actor_id, revoke, at }: ActorTokenArgs) -> Result<(), Failure> {
    let (group_id, by) = (client.group(&at.place)?, at.speaker.name());
    let token = if revoke { String::new() } else { id::token() };
    let token_sha256 = if revoke { String::new() } else { id::digest(&token) };
    let op = principal::TokenSet { group_id: group_id.clone(), actor_id: actor_id.clone(), token_sha256 };
    if revoke {
        return client.run(op, by);
    }
    client.ask(op, by)?;
    client.present(&json!({"group_id": group_id, "actor_id": actor_id, "token": token}), |_| {
        format!("CCCC_GROUP_ID={group_id}\nCCCC_ACTOR_ID={actor_id}\nCCCC_ACTOR_TOKEN={token}\n")
    })
}

impl ActorUpdateArgs {
    fn into_op(mut self, group_id: String) -> Result<actor::Update, Failure> {
        let profile_id = self.row.profile.take().unwrap_or_default();
        let profile_action = if self.no_profile { "convert_to_custom" } else { "" }.to_owned();
        let patch = self.row.into_patch(self.enabled, self.no_env);
        if patch.is_empty() && profile_id.is_empty() && profile_action.is_empty() {
            return Err(Failure::Usage("nothing to change; `cccc actor update --help` shows what can be".into()));
        }
        let (actor_id, patch) = (self.actor_id, Some(patch).filter(|patch| !patch.is_empty()));
        Ok(actor::Update { group_id, actor_id, patch, profile_id, profile_action, scope: None })
    }
}

impl ActorArgs {
    fn into_add(self, group_id: String, actor_id: Option<String>, stopped: bool) -> actor::Add {
        let env = environment(&self.env);
        actor::Add {
            group_id,
            actor_id: actor_id.unwrap_or_default(),
            title: self.title.unwrap_or_default(),
            runtime: self.runtime.unwrap_or_default(),
            runner: self.runner.unwrap_or_default(),
            command: self.command.map(|Words(words)| words),
            env: (!env.is_empty()).then_some(env),
            path: self.scope.unwrap_or_default(),
            submit: self.submit.unwrap_or_default(),
            restart: self.restart.unwrap_or_default(),
            deliver: self.deliver.unwrap_or_default(),
            resume: self.resume.unwrap_or_default(),
            profile_id: self.profile.unwrap_or_default(),
            enabled: stopped.then_some(false),
            ..actor::Add::default()
        }
    }

    fn into_patch(self, enabled: Option<bool>, no_env: bool) -> Map<String, Value> {
        let env = (no_env || !self.env.is_empty()).then(|| Value::Object(environment(&self.env)));
        let given = [
            ("title", self.title.map(Value::String)),
            ("runtime", self.runtime.map(Value::String)),
            ("command", self.command.map(|Words(words)| json!(words))),
            ("env", env),
            ("path", self.scope.map(Value::String)),
            ("submit", self.submit.map(Value::String)),
            ("runner", self.runner.map(Value::String)),
            ("restart", self.restart.map(Value::String)),
            ("deliver", self.deliver.map(Value::String)),
            ("resume", self.resume.map(Value::String)),
            ("enabled", enabled.map(Value::Bool)),
        ];
        given.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
    }
}

fn environment(variables: &[Variable]) -> Map<String, Value> {
    variables.iter().map(|variable| (variable.name.clone(), Value::String(variable.value.clone()))).collect()
}
