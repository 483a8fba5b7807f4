//! Whether the row of an actor can be kept, and its program started from it.

use super::actor_row::default_command;
use super::request::within;
use bus::contract::document::Runner;
use bus::contract::{Actor, OpError, limit, runtime};

/// Fills in the runtime's command, and checks that a terminal actor has one.
pub fn complete(actor: &mut Actor) -> Result<(), String> {
    if actor.command.is_empty() && actor.runner == Runner::Pty {
        actor.command = default_command(&actor.runtime);
        if actor.command.is_empty() {
            return Err(format!("{} has no command; runtime {} needs one", actor.id, actor.runtime));
        }
    }
    let texts = actor.command.iter().chain(actor.env.keys()).chain(actor.env.values());
    if texts.into_iter().any(|text| text.contains('\0')) {
        return Err("a command and its environment cannot contain a zero byte".into());
    }
    if let Some(key) = actor.env.keys().find(|key| key.is_empty() || key.contains('=')) {
        return Err(format!("invalid environment variable name: {key:?}"));
    }
    Ok(())
}

/// Checks that a program can be told what `resume` asks for; a setting that does nothing should not look as if it did.
pub fn check_resume(actor: &Actor) -> Result<(), String> {
    if !actor.cannot_resume() {
        return Ok(());
    }
    let known: Vec<_> = runtime::resumable().collect();
    let (id, program) = (&actor.id, &actor.command[0]);
    Err(format!(
        "{id} cannot go on with its last conversation: how {program} is told to is not known, only how {} are; leave \
         resume at no, and put the program's own switch into the command if it has one",
        known.join(", ")
    ))
}

pub fn check_size(actor: &Actor) -> Result<(), OpError> {
    within("the title", &actor.title, limit::TITLE_BYTES_MAX, "TITLE_BYTES_MAX")?;
    check_command(&actor.command)?;
    let env_bytes: usize = actor.env.iter().map(|(key, value)| key.len() + value.len()).sum();
    #[rustfmt::skip]
    let sizes = [
        (actor.env.len(), limit::ENV_KEYS_MAX,  "ENV_KEYS_MAX"),
        (env_bytes,       limit::ENV_BYTES_MAX, "ENV_BYTES_MAX"),
    ];
    first_over("env", &sizes)
}

/// Checks that a command keeps within its limits.
///
/// # Errors
///
/// `invalid_request`, which names the limit.
pub fn check_command(command: &[String]) -> Result<(), OpError> {
    let bytes: usize = command.iter().map(String::len).sum();
    let sizes = [
        (command.len(), limit::COMMAND_WORDS_MAX, "COMMAND_WORDS_MAX"),
        (bytes, limit::COMMAND_BYTES_MAX, "COMMAND_BYTES_MAX"),
    ];
    first_over("the command", &sizes)
}

fn first_over(what: &str, sizes: &[(usize, usize, &str)]) -> Result<(), OpError> {
    match sizes.iter().find(|(size, max, _)| size > max) {
        Some((size, max, name)) => Err(OpError::too_large(what, *size, *max, name)),
        None => Ok(()),
    }
}
