//! An agent that says to be a daemon: `test-impostor <home> <report> <group>`.
//!
//! It has what every agent has, its environment and the sockets of the bus, and asks for what daemons ask. Into the report
//! goes one line of JSON per attempt: what it did, and the code it was refused with, or null. Then it waits for its end.

use bus::contract::links::Process;
use bus::contract::{Op, Principal, Proof, Request, id};
use bus::home::Home;
use bus::key::{DaemonKey, Held, RootKey};
use bus::link::{CallError, Caller};
use serde_json::{Value, json};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

/// How long an answer may take.
const WITHIN_MS: u64 = 20_000;

/// How it passes itself off.
struct Guise {
    name: &'static str,
    peer: &'static str,
    by: &'static str,
    proof: Proof,
    key: Option<DaemonKey>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [home, report, group_id] = words.as_slice() else { return Err("a home, a report and a group".into()) };
    let home = Home::find(Some(Path::new(home)))?;
    let on_me = json!({"group_id": group_id, "actor_id": "me"});
    let session =
        json!({"group_id": group_id, "actor_id": "me", "session_id": "s", "generation": 0, "phase": "exited"});
    let delivery = json!({"group_id": group_id, "actor_id": "me", "event_ids": ["x"], "stage": "handed"});
    let chat = json!({"group_id": group_id, "key": "a-key-of-mine", "chat_id": "c", "platform": "slack"});
    #[rustfmt::skip]
    let ops = [
        (Process::Ledgerd, "secrets_get",     on_me.clone()),
        (Process::Ledgerd, "desk_get",        on_me.clone()),
        (Process::Ledgerd, "session_record",  session),
        (Process::Ledgerd, "delivery_record", delivery),
        (Process::Ledgerd, "im_secrets_get",  on_me.clone()),
        (Process::Ledgerd, "im_pending_add",  chat),
        (Process::Ledgerd, "rule_record",     json!({"group_id": group_id, "rule_id": "r"})),
        (Process::Ledgerd, "whoami",          json!({"group_id": group_id})),
        (Process::Ptyd,    "terminal_tail",   json!({"group_id": group_id, "actor_id": "peer"})),
    ];
    let forged = || Some(RootKey::random().of(Process::Ptyd));
    let daemon = || Proof::Daemon;
    // As a daemon of its own would find its key.
    let found = Held::find(Process::Ptyd, &home)?.own().clone();
    #[rustfmt::skip]
    let guises = [
        Guise { name: "says daemon",      peer: "me",   by: "system", proof: daemon(),      key: None },
        Guise { name: "daemon for user",  peer: "me",   by: "user",   proof: daemon(),      key: None },
        Guise { name: "named ptyd",       peer: "ptyd", by: "system", proof: daemon(),      key: None },
        Guise { name: "only named ptyd",  peer: "ptyd", by: "user",   proof: Proof::Claim,  key: None },
        Guise { name: "a key of its own", peer: "ptyd", by: "system", proof: daemon(),      key: forged() },
        Guise { name: "a key it found",   peer: "ptyd", by: "system", proof: daemon(),      key: Some(found) },
        Guise { name: "says user",        peer: "me",   by: "user",   proof: Proof::Claim,  key: None },
        Guise { name: "says peer",        peer: "me",   by: "peer",   proof: Proof::Claim,  key: None },
    ];
    let mut lines = String::new();
    for guise in &guises {
        for (asked, op, args) in &ops {
            let refused = attempt(&home, guise, *asked, op, args)?;
            lines += &format!("{}\n", json!({"guise": guise.name, "op": op, "refused": refused}));
        }
    }
    let draft = PathBuf::from(format!("{report}.draft"));
    fs::write(&draft, lines)?;
    fs::rename(draft, report)?;
    loop {
        thread::park();
    }
}

fn attempt(
    home: &Home,
    guise: &Guise,
    asked: Process,
    op: &str,
    args: &Value,
) -> Result<Option<String>, Box<dyn Error>> {
    let socket = if asked == Process::Ptyd { home.pty_socket() } else { home.ledger_socket() };
    let caller = match &guise.key {
        Some(key) => Caller::connect_with(&socket, key.to_ask(asked))?,
        None => Caller::connect(&socket, guise.peer)?,
    };
    let (op, _) = Op::from_wire(op, args.as_object().cloned().unwrap_or_default()).map_err(|e| e.to_string())?;
    let principal = Principal { by: guise.by.into(), proof: guise.proof.clone() };
    let request = Request { id: id::unique(), peer: guise.peer.into(), principal, deadline_ms: WITHIN_MS, op };
    match caller.call_blocking(request) {
        Ok(_) => Ok(None),
        Err(CallError::Refused(refusal)) => Ok(Some(refusal.code.word().into())),
        Err(CallError::Link(error)) => Ok(Some(error.to_string())),
    }
}
