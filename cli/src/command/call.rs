//! `cccc call`: any op of the contract, as a script would ask for it on the client socket.

use super::word;
use crate::client::{Client, say};
use crate::failure::Failure;
use crate::print::table::{Table, cell};
use crate::print::{Tone, json};
use bus::contract::{Op, Principal, Proof, Server, nesting, op, surrogate};
use bus::front::Untrusted;
use bus::peer::Question;
use clap::Args;
use serde_json::{Map, Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;

/// `cccc call`
#[derive(Debug, Args)]
pub struct CallArgs {
    /// Name of the op; without one the ops are listed
    op: Option<String>,
    /// Its arguments, a JSON object; `-` reads it from standard input
    #[arg(default_value = "{}", value_name = "JSON")]
    args: String,
}

/// Asks for an op and shows the envelope of its answer.
///
/// # Errors
///
/// The refusal, or the arguments are no JSON object.
pub fn run(client: &Client, call: CallArgs) -> Result<(), Failure> {
    let Some(name) = call.op else { return list(client) };
    let args = read_args(&word::text(call.args)?)?;
    let is_named = args.get("by").and_then(Value::as_str).is_some_and(|by| !by.trim().is_empty());
    let Untrusted { op, principal, request_id } = Untrusted::read_any(&name, args.clone())?;
    let principal = match (&principal.proof, client.identity().actor_id()) {
        // As on the client socket, whoever gives a proof is who it proves.
        (Proof::Token(_), _) => principal,
        (Proof::Claim | Proof::Daemon, Some(own)) if !is_named => client.identity().speaker(Some(own), own)?,
        (Proof::Claim | Proof::Daemon, _) => client.identity().speaker(Some(&principal.by), &principal.by)?,
    };
    match (op.row().server, &op) {
        (Server::Door, Op::TermAttach(request)) => {
            let actor_id = if request.actor_id.is_empty() { "<ACTOR>" } else { &request.actor_id };
            let sentence = format!("term_attach needs a terminal; use `cccc attach-terminal {actor_id}`");
            Err(Failure::Usage(sentence))
        }
        (Server::Door, _) => through_the_door(client, op.row().name, signed(args, principal)),
        (Server::Ledger | Server::Pty | Server::Look, _) => {
            let question = Question::new(principal, op).with_id(request_id).relative_to(std::env::current_dir().ok());
            let reply = client.peers()?.ask_all_blocking(question)?;
            say(&json::answer(&reply.to_value()))
        }
    }
}

fn read_args(text: &str) -> Result<Map<String, Value>, Failure> {
    nesting::check(text, 0)?;
    match serde_json::from_str(&surrogate::mend(text)) {
        Ok(Value::Object(args)) => Ok(args),
        Ok(_) => Err(Failure::Usage("the arguments must be a JSON object, such as '{\"group_id\": \"g_…\"}'".into())),
        Err(error) => Err(Failure::Usage(format!("the arguments are no JSON: {error}"))),
    }
}

/// The same arguments with who asks, as the client socket takes it.
fn signed(mut args: Map<String, Value>, principal: Principal) -> Map<String, Value> {
    args.insert("by".into(), principal.by.into());
    if let Proof::Token(token) = principal.proof {
        args.insert("token".into(), token.into());
    }
    args
}

/// Ops about a connection are served by the door. Its lines are shown as they come, until it hangs up.
fn through_the_door(client: &Client, name: &str, args: Map<String, Value>) -> Result<(), Failure> {
    client.ensure_daemons()?;
    let socket = client.home().door_socket();
    let fail = |error: std::io::Error| Failure::Failed(format!("cannot speak with {}: {error}", socket.display()));
    let mut door = UnixStream::connect(&socket).map_err(fail)?;
    writeln!(door, "{}", json!({"v": 1, "op": name, "args": args})).map_err(fail)?;
    // No more requests: the door hangs up after a single answer.
    door.shutdown(std::net::Shutdown::Write).map_err(fail)?;
    let mut is_refused = false;
    for line in BufReader::new(door).lines() {
        let line = line.map_err(fail)?;
        is_refused |= serde_json::from_str::<Value>(&line).is_ok_and(|answer| answer["ok"] == false);
        say(&(json::harmless(&line) + "\n"))?;
    }
    if is_refused { Err(Failure::told_no()) } else { Ok(()) }
}

fn list(client: &Client) -> Result<(), Failure> {
    let rows: Vec<_> = op::TABLE.iter().map(|row| json!({"op": row.name, "doc": row.doc.trim()})).collect();
    client.present(&json!({"ops": rows}), |page| {
        let mut table = Table::default();
        for row in op::TABLE {
            table.row([cell(Tone::Name, row.name), cell(Tone::Plain, row.doc.trim())]);
        }
        table.text(page, 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_object_is_taken_for_arguments() {
        for (text, is_taken) in
            [("{}", true), (" {\"a\": 1} ", true), ("[]", false), ("7", false), ("{", false), ("", false)]
        {
            assert_eq!(read_args(text).is_ok(), is_taken, "{text:?}");
        }
        let deep = format!("{{\"x\":{}{}}}", "[".repeat(200), "]".repeat(200));
        let Err(Failure::Refused(refusal)) = read_args(&deep) else { panic!("it is taken") };
        assert_eq!(refusal.details["limit"], "NESTING_MAX");
    }

    /// An agent that calls an op of the door must not be taken for the user.
    #[test]
    fn who_asks_goes_through_the_door_with_its_proof() {
        let args = || json!({"paths": ["a"], "by": "somebody"}).as_object().cloned().unwrap();
        let proven = Principal { by: "lead".into(), proof: Proof::Token("t".into()) };
        let wanted = json!({"paths": ["a"], "by": "lead", "token": "t"});
        assert_eq!(Value::Object(signed(args(), proven)), wanted);
        assert_eq!(Value::Object(signed(args(), Principal::claimed("user"))), json!({"paths": ["a"], "by": "user"}));
    }
}
