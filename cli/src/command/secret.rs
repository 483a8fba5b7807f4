//! `cccc actor secrets`: the private environment of an actor. Values go in; only their names come back.

use super::place::{Place, Speaker};
use super::word::{Variable, text, variable};
use super::{Context, Failure};
use bus::contract::Op;
use bus::contract::op::{actor, secret};
use bus::contract::private::Asked;
use clap::Args;
use serde_json::{Map, Value};

/// `cccc actor secrets`
#[derive(Debug, Args)]
pub struct Secrets {
    /// Which actor
    actor_id: String,
    /// Set a variable; repeat for more. Your shell may remember what you type: --set-from-stdin is safer
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    set: Vec<Variable>,
    /// Set a variable to what is read from standard input, without its last line end
    #[arg(long, value_name = "NAME")]
    set_from_stdin: Option<String>,
    /// Forget a variable; repeat for more
    #[arg(long, value_name = "NAME")]
    unset: Vec<String>,
    /// Forget every variable first
    #[arg(long)]
    clear: bool,
    /// Only show what they are called, and a glimpse of each value
    #[arg(long)]
    keys: bool,
    /// Restart the actor, so that it has them at once
    #[arg(long)]
    restart: bool,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    speaker: Speaker,
}

/// Changes or shows an actor's private environment.
///
/// # Errors
///
/// The refusal.
pub fn run(context: &Context, args: Secrets) -> Result<(), Failure> {
    let group_id = context.group(&args.place)?;
    let (actor_id, by) = (args.actor_id, args.speaker.name());
    if args.keys {
        return context.run(Op::ActorEnvPrivateKeys(secret::EnvKeys { group_id, actor_id }), by);
    }
    let mut set: Map<String, Value> = args.set.into_iter().map(|set| (set.name, set.value.into())).collect();
    if let Some(name) = args.set_from_stdin {
        let value = text("-".into())?;
        let value = value.strip_suffix('\n').map_or(value.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
        set.insert(name, value.into());
    }
    let update = secret::EnvUpdate {
        group_id: group_id.clone(),
        actor_id: actor_id.clone(),
        set: Asked(Value::Object(set)),
        unset: args.unset.into(),
        clear: args.clear,
    };
    context.run(Op::ActorEnvPrivateUpdate(update), by)?;
    if args.restart {
        // What was changed is told above; whether it restarts is told by its success.
        context.ask(Op::ActorRestart(actor::Restart { group_id, actor_id }), by)?;
    }
    Ok(())
}
