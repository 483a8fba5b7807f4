//! `cccc mcp`: the tools of the agent that starts it, over its standard input and output.

use crate::client::Client;
use crate::failure::Failure;
use crate::stack;
use bus::process;
use bus::setup::IDENTITY;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::process::{CommandExt as _, parent_id};
use std::process::Command;

/// The variable that an agent's environment has and no other.
const ACTOR: &str = "CCCC_ACTOR_ID";

/// How many parents are asked. Between an agent and its tools are a shell and a package runner at most.
const GENERATIONS_MAX: usize = 16;

/// Becomes the program that serves them.
///
/// # Errors
///
/// It is not installed, or cannot be started.
pub fn run(client: &Client) -> Result<(), Failure> {
    let program = stack::program("mcpd")?;
    let mut command = Command::new(&program);
    command.arg("--stdio").env("CCCC_HOME", client.home().root());
    let is_told = IDENTITY.iter().any(|name| std::env::var_os(name).is_some());
    // Some programs give their servers next to none of their own environment.
    if !is_told && !client.names_home() {
        command.envs(identity_above(parent_id()));
    }
    let error = command.exec();
    Err(Failure::Failed(format!("cannot start {}: {error}", program.display())))
}

/// Who the nearest agent is among a process and those above it; empty where there is none. One that cannot be looked into
/// ends the search: it may be the agent, and what is above it somebody else.
fn identity_above(pid: u32) -> BTreeMap<OsString, OsString> {
    let mut pid = pid;
    for _ in 0..GENERATIONS_MAX {
        let Ok(environment) = fs::read(format!("/proc/{pid}/environ")) else { break };
        let found: BTreeMap<_, _> = environment.split(|byte| *byte == 0).filter_map(variable).collect();
        if found.contains_key(&OsString::from(ACTOR)) {
            return found;
        }
        match process::stat(pid).and_then(|stat| u32::try_from(stat.parent).ok()) {
            Some(parent) if parent > 1 => pid = parent,
            _ => break,
        }
    }
    BTreeMap::new()
}

fn variable(text: &[u8]) -> Option<(OsString, OsString)> {
    let at = text.iter().position(|byte| *byte == b'=')?;
    let (name, value) = (&text[..at], &text[at + 1..]);
    let is_meant = !value.is_empty() && IDENTITY.iter().any(|own| own.as_bytes() == name);
    is_meant.then(|| (OsString::from_vec(name.to_vec()), OsString::from_vec(value.to_vec())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead as _, BufReader};
    use std::process::Stdio;

    /// A server whose program has taken its environment away is still that of the agent.
    #[test]
    fn an_agent_is_found_above_a_program_that_hands_nothing_on() {
        let script = "env -i sh -c 'echo $$; exec sleep 1000' & wait";
        let mut agent = Command::new("sh")
            .args(["-c", script])
            .envs([("CCCC_ACTOR_ID", "a"), ("CCCC_GROUP_ID", "g"), ("CCCC_ACTOR_TOKEN", ""), ("OTHER", "x")])
            .env_remove("CCCC_HOME")
            .env_remove("CCCC_SESSION_ID")
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(agent.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let found = identity_above(line.trim().parse().unwrap());
        let wanted = [("CCCC_ACTOR_ID", "a"), ("CCCC_GROUP_ID", "g")];
        assert_eq!(found, wanted.map(|(name, value)| (name.into(), value.into())).into());
        let group = nix::unistd::Pid::from_raw(agent.id().cast_signed());
        nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL).unwrap();
        agent.wait().unwrap();
        assert!(identity_above(1).is_empty() && identity_above(u32::MAX).is_empty());
    }
}
