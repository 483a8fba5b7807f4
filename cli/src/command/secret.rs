//! `cccc actor secrets` and what `cccc profile secrets` shares with it: private environments. Values go in; only their
//! names come back.

use super::group_arg::Address;
use super::word::{Variable, text, variable};
use crate::client::Client;
use crate::failure::Failure;
use bus::contract::op::{actor, secret};
use bus::contract::private::Asked;
use clap::Args;
use serde_json::{Map, Value};

/// A change of a private environment, or a look at it.
#[derive(Debug, Args)]
pub struct SecretsChange {
    /// Set a variable; repeat for more. Your shell may remember what you type: --set-from-stdin is safer
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    set: Vec<Variable>,
    /// Set a variable to what is read from standard input, without its last line end
    #[arg(long, value_name = "NAME")]
    set_from_stdin: Option<String>,
    /// Forget a variable; repeat for more
    #[arg(long, value_name = "NAME")]
    pub unset: Vec<String>,
    /// Forget every variable first
    #[arg(long)]
    pub clear: bool,
    /// Only show what they are called, and a glimpse of each value; so does a command that changes nothing
    #[arg(long)]
    keys: bool,
}

impl SecretsChange {
    /// Whether it is only a look: what was asked for, or all there is to do.
    pub fn is_look(&self) -> bool {
        let Self { set, set_from_stdin, unset, clear, keys } = self;
        *keys || (set.is_empty() && set_from_stdin.is_none() && unset.is_empty() && !clear)
    }

    /// The variables to set, by name.
    ///
    /// # Errors
    ///
    /// Standard input cannot be read, or is no text.
    pub fn take_set(&mut self) -> Result<Asked, Failure> {
        let mut set: Map<String, Value> = self.set.drain(..).map(|set| (set.name, set.value.into())).collect();
        if let Some(name) = self.set_from_stdin.take() {
            let value = text("-".into())?;
            let value = value.strip_suffix('\n').map_or(value.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
            set.insert(name, value.into());
        }
        Ok(Asked(Value::Object(set)))
    }
}

/// `cccc actor secrets`
#[derive(Debug, Args)]
pub struct ActorSecretsArgs {
    /// Which actor
    actor_id: String,
    #[command(flatten)]
    change: SecretsChange,
    /// Restart the actor, so that it has them at once
    #[arg(long)]
    restart: bool,
    #[command(flatten)]
    at: Address,
}

/// Changes or shows an actor's private environment.
///
/// # Errors
///
/// The refusal.
pub fn run(client: &Client, args: ActorSecretsArgs) -> Result<(), Failure> {
    let ActorSecretsArgs { actor_id, mut change, restart, at } = args;
    let (group_id, by) = (client.group(&at.place)?, at.speaker.name());
    if change.is_look() {
        client.run(secret::EnvKeys { group_id: group_id.clone(), actor_id: actor_id.clone() }, by)?;
    } else {
        let set = change.take_set()?;
        let (unset, clear, group_id, actor_id) =
            (change.unset.into(), change.clear, group_id.clone(), actor_id.clone());
        client.run(secret::EnvUpdate { group_id, actor_id, set, unset, clear }, by)?;
    }
    if restart {
        // What was changed or seen is told above; whether it restarts is told by its success.
        client.ask(actor::Restart { group_id, actor_id }, by)?;
    }
    Ok(())
}
