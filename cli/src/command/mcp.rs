//! `cccc mcp`: the tools of the agent that starts it, over its standard input and output.

use crate::client::Client;
use crate::failure::Failure;
use crate::stack;
use bus::process;
use bus::setup::{IDENTITY, is_reference};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::process::{CommandExt as _, parent_id};
use std::path::Path;
use std::process::Command;

/// The variable that an agent's environment has and no other.
const ACTOR: &str = "CCCC_ACTOR_ID";

/// What proves that it is the agent's; many programs keep variables with such names to themselves.
const TOKEN: &str = "CCCC_ACTOR_TOKEN";

const GROUP: &str = "CCCC_GROUP_ID";

const HOME: &str = "CCCC_HOME";

/// Variables of [`IDENTITY`] that have a value.
type Identity = BTreeMap<OsString, OsString>;

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
    command.arg("--stdio");
    let mut told: Identity = std::env::vars_os().filter(|(name, value)| is_told(name, value)).collect();
    if client.names_home() || told.contains_key(OsStr::new(HOME)) {
        told.insert(HOME.into(), client.home().root().into());
    }
    for name in IDENTITY {
        command.env_remove(name);
    }
    // Some programs give their servers next to none of their own environment, and some only what looks harmless.
    command.env(HOME, client.home().root()).envs(completed(told, parent_id()));
    let error = command.exec();
    Err(Failure::Failed(format!("cannot start {}: {error}", program.display())))
}

/// What was told, with what it lacks from the nearest agent among a process and those above it, where that one is not
/// somebody else. A process that cannot be looked into ends the search: it may be the agent, and what is above it somebody
/// else.
fn completed(told: Identity, pid: u32) -> Identity {
    let mut found = told.clone();
    let mut pid = pid;
    for _ in 0..GENERATIONS_MAX {
        if [ACTOR, TOKEN, HOME].iter().all(|name| found.contains_key(OsStr::new(name))) {
            break;
        }
        let Ok(environment) = fs::read(format!("/proc/{pid}/environ")) else { break };
        let theirs: Identity = environment.split(|byte| *byte == 0).filter_map(variable).collect();
        if theirs.contains_key(OsStr::new(ACTOR)) {
            if !is_same_agent(&told, &theirs) {
                return told;
            }
            // An agent without a token may live in the terminal of another one.
            if !is_same_agent(&found, &theirs) {
                break;
            }
            for (name, value) in theirs {
                found.entry(name).or_insert(value);
            }
        }
        match process::stat(pid).and_then(|stat| u32::try_from(stat.parent).ok()) {
            Some(parent) if parent > 1 => pid = parent,
            _ => break,
        }
    }
    found
}

/// Whether nothing that was told contradicts an agent. Every group may have an actor of that name: one that is told counts
/// with its group.
fn is_same_agent(told: &Identity, theirs: &Identity) -> bool {
    let value = |identity: &Identity, name: &str| identity.get(OsStr::new(name)).cloned();
    let real = |path: &OsString| Path::new(path).canonicalize().unwrap_or_else(|_| path.into());
    let agrees = |(name, own): (&OsString, &OsString)| {
        let other = theirs.get(name);
        other.is_none_or(|other| own == other || (name == HOME && real(own) == real(other)))
    };
    let is_whole = !told.contains_key(OsStr::new(ACTOR)) || value(told, GROUP) == value(theirs, GROUP);
    is_whole && told.iter().all(agrees)
}

fn variable(text: &[u8]) -> Option<(OsString, OsString)> {
    let at = text.iter().position(|byte| *byte == b'=')?;
    let [name, value] = [&text[..at], &text[at + 1..]].map(|bytes| OsString::from_vec(bytes.to_vec()));
    is_told(&name, &value).then_some((name, value))
}

/// Whether a variable says something of an agent. A program may hand on as it stands what it could not fill in.
fn is_told(name: &OsStr, value: &OsStr) -> bool {
    let is_filled = !value.is_empty() && !is_reference(&value.to_string_lossy());
    is_filled && IDENTITY.iter().any(|own| name == *own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead as _, BufReader};
    use std::process::Stdio;

    fn identity(variables: &[(&str, &str)]) -> Identity {
        variables.iter().map(|(name, value)| (OsString::from(*name), OsString::from(*value))).collect()
    }

    /// A server whose program has taken its environment away, or what looks secret in it, is still that of the agent; one
    /// that was told to be somebody else is not.
    #[test]
    fn an_agent_is_found_above_a_program_that_hands_nothing_on() {
        let own = [(ACTOR, "a"), (GROUP, "g"), (TOKEN, "t"), (HOME, "/h")];
        let mut agent = Command::new("sh")
            .args(["-c", "env -i CCCC_ACTOR_ID=a CCCC_GROUP_ID=g sh -c 'env -i sh -c \"echo \\$\\$; exec sleep 1000\" & wait' & wait"])
            .envs(own.iter().copied().chain([("CCCC_SESSION_ID", ""), ("OTHER", "x")]))
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(agent.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let pid = line.trim().parse().unwrap();
        let whole = identity(&own);
        #[rustfmt::skip]
        let cases: [(&[(&str, &str)], bool); 9] = [
            // what was told                                is completed
            (&[],                                           true),
            (&[(ACTOR, "a"), (GROUP, "g")],                 true),
            (&[(HOME, "/h")],                               true),
            (&[(TOKEN, "t")],                               true),
            (&[(HOME, "/elsewhere")],                       false),
            (&[(ACTOR, "a")],                               false),
            (&[(ACTOR, "b"), (GROUP, "g")],                 false),
            (&[(ACTOR, "a"), (GROUP, "other")],             false),
            (&[(ACTOR, "b"), (GROUP, "g"), (TOKEN, "own")], false),
        ];
        for (told, is_completed) in cases {
            let found = completed(identity(told), pid);
            let wanted = if is_completed { whole.clone() } else { identity(told) };
            assert_eq!(found, wanted, "{told:?}");
        }
        let group = nix::unistd::Pid::from_raw(agent.id().cast_signed());
        nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL).unwrap();
        agent.wait().unwrap();
        assert!(completed(Identity::new(), u32::MAX).is_empty());
    }

    /// Some programs hand a reference on as it is written where the variable is not set.
    #[test]
    fn a_reference_that_was_not_filled_in_tells_nothing() {
        for (text, is_said) in [
            ("CCCC_ACTOR_TOKEN=t", true),
            ("CCCC_ACTOR_TOKEN=$CCCC_ACTOR_TOKEN", false),
            ("CCCC_ACTOR_TOKEN={env:CCCC_ACTOR_TOKEN}", false),
            ("CCCC_ACTOR_ID=", false),
            ("OTHER=x", false),
        ] {
            assert_eq!(variable(text.as_bytes()).is_some(), is_said, "{text}");
        }
    }
}
