//! The real ledgerd, as its clients see it: one group, whose actors and messages are the user's.

use super::record::Record;
use bus::contract::{Code, Event, Op, OpError, Principal, Reply, Request, Response, id};
use bus::home::Home;
use bus::link::{CallError, Caller};
use bus::scope;
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Nothing takes this long unless it hangs.
const DEADLINE: Duration = Duration::from_secs(60);

/// How long an answer may take.
const WITHIN_MS: u64 = 25_000;

/// The process, and a client of it.
pub struct Ledgerd {
    home: Home,
    process: Option<Child>,
    caller: Caller,
    group_id: String,
    /// What was read so far; it never changes.
    read: Mutex<Vec<Event>>,
}

impl Ledgerd {
    /// An actor that runs a command in a directory.
    pub fn add(&self, actor_id: &str, command: &[String], env: Value, directory: &Path) {
        self.add_with(actor_id, command, env, directory, "");
    }

    /// The same, with a way in which messages are delivered.
    pub fn add_with(&self, actor_id: &str, command: &[String], env: Value, directory: &Path, deliver: &str) {
        // As the door finds out for its clients.
        let scope = scope::identify(directory).unwrap();
        let path = directory.to_str().unwrap();
        self.must("attach", json!({"path": path, "scope": scope}));
        let actor = json!({"actor_id": actor_id, "runtime": "custom", "command": command, "env": env, "path": path,
                           "scope": scope, "deliver": deliver});
        self.must("actor_add", actor);
    }

    /// A message to every actor; its id.
    pub fn send(&self, text: &str) -> String {
        match self.must("send", json!({"text": text, "to": ["@all"]})) {
            Reply::Send(sent) => sent.event.id,
            other => panic!("{other:?}"),
        }
    }

    /// Messages to every actor, of which none is delivered before all have been sent.
    pub fn send_together(&self, texts: impl Iterator<Item = String>) {
        self.must("group_set_state", json!({"state": "paused"}));
        texts.for_each(|text| drop(self.send(&text)));
        self.must("group_set_state", json!({"state": "active"}));
    }

    /// Changes settings of the group.
    pub fn set(&self, patch: Value) {
        self.must("group_settings_update", json!({"patch": patch}));
    }

    /// Asks for an op about the group that must succeed.
    pub fn must(&self, op: &str, args: Value) -> Reply {
        self.ask(op, args.clone()).unwrap_or_else(|refusal| panic!("{op} {args}: {refusal}"))
    }

    /// Asks for an op about the group, as the user. One that is being started is waited for.
    pub fn ask(&self, op: &str, mut args: Value) -> Response {
        args["group_id"] = json!(self.group_id);
        let (op, by) = Op::from_wire(op, args.as_object().unwrap().clone()).unwrap();
        let principal = Principal::claimed(by);
        let request = Request { id: id::unique(), peer: "test".into(), principal, deadline_ms: WITHIN_MS, op };
        let begin = Instant::now();
        loop {
            match self.caller.call_blocking(request.clone()) {
                Ok(reply) => return Ok(reply),
                Err(CallError::Refused(refusal)) => return Err(refusal),
                Err(CallError::Link(error)) => assert!(begin.elapsed() < DEADLINE, "{error}"),
            }
        }
    }

    /// Answers again.
    pub fn come_back(&mut self) {
        let log = self.home.root().with_extension("ledgerd.log");
        let log = OpenOptions::new().append(true).create(true).open(log).unwrap();
        let mut command = Command::new(program());
        command.arg("--home").arg(self.home.root()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.process = Some(command.spawn().unwrap());
    }

    /// Is killed, and answers nobody.
    pub fn go_away(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    fn read_on(&self) -> Result<Vec<Event>, OpError> {
        let mut read = self.read.lock().unwrap();
        while self.process.is_some() {
            let Reply::LedgerRange(range) = self.ask("ledger_range", json!({"after_seq": read.len()}))? else {
                panic!("another reply")
            };
            if range.events.is_empty() {
                break;
            }
            read.extend(range.events);
        }
        Ok(read.clone())
    }
}

impl Record for Ledgerd {
    fn start(home: &Home) -> Self {
        let caller = Caller::connect(&home.ledger_socket(), "test").unwrap();
        let (group_id, read) = (String::new(), Mutex::default());
        let mut ledgerd = Self { home: home.clone(), process: None, caller, group_id, read };
        ledgerd.come_back();
        match ledgerd.must("group_create", json!({"title": "a group"})) {
            Reply::GroupCreate(created) => ledgerd.group_id = created.group_id,
            other => panic!("{other:?}"),
        }
        ledgerd
    }

    fn begin(&self) {
        // A group without actors cannot be started.
        if self.events().iter().any(|event| event.kind() == "actor.add") {
            self.must("group_start", json!({}));
        }
    }

    fn group_id(&self) -> &str {
        &self.group_id
    }

    fn events(&self) -> Vec<Event> {
        match self.read_on() {
            Ok(events) => events,
            // The ledger of a group that was deleted is gone.
            Err(refusal) if refusal.code == Code::GroupNotFound => self.read.lock().unwrap().clone(),
            Err(refusal) => panic!("the ledger cannot be read: {refusal}"),
        }
    }
}

impl Drop for Ledgerd {
    fn drop(&mut self) {
        self.go_away();
    }
}

/// It is built into the same folder as ptyd, but not for the tests of ptyd alone.
fn program() -> PathBuf {
    let beside_ptyd = || Path::new(env!("CARGO_BIN_EXE_ptyd")).parent().unwrap().to_path_buf();
    let program = std::env::var_os("CCCC_BIN_DIR").map_or_else(beside_ptyd, PathBuf::from).join("ledgerd");
    assert!(program.exists(), "{} is missing; build it first: cargo build --workspace --bins", program.display());
    program
}
