//! A throwaway home with a ptyd process in it.

use super::composer;
use super::ledgerd::Ledgerd;
use super::record::Record;
use super::stand_in::{StandIn, State};
use bus::contract::{Op, Principal, Request, Response, id};
use bus::home::Home;
use bus::link::{CallError, Caller};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use ptyd::hold;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Nothing here takes this long unless it hangs.
const DEADLINE: Duration = Duration::from_secs(60);

/// A home, a ledgerd and a ptyd.
pub struct World<L: Record = Ledgerd> {
    pub home: Home,
    pub ledger: L,
    pub folder: TempDir,
    ptyd: Option<Child>,
    caller: Caller,
}

impl World {
    /// A ptyd over what the real ledgerd knows.
    pub fn with(prepare: impl FnOnce(&Ledgerd, &TempDir)) -> Self {
        Self::prepared(prepare)
    }

    /// With one agent, `a`, that has a composer.
    pub fn with_composer() -> Self {
        Self::with(|ledger, folder| add_composer(ledger, folder, "a"))
    }
}

impl World<StandIn> {
    /// A ptyd over what a ledgerd with faults knows.
    pub fn with_faults(prepare: impl FnOnce(&mut State, &TempDir)) -> Self {
        Self::prepared(|ledger: &StandIn, folder| prepare(&mut ledger.state(), folder))
    }
}

impl<L: Record> World<L> {
    fn prepared(prepare: impl FnOnce(&L, &TempDir)) -> Self {
        let folder = tempfile::Builder::new().prefix("ptyd").tempdir_in("/tmp").unwrap();
        let home = Home::find(Some(&folder.path().join("home"))).unwrap();
        home.make().unwrap();
        let ledger = L::start(&home);
        prepare(&ledger, &folder);
        ledger.begin();
        let caller = Caller::connect(&home.pty_socket(), "test").unwrap();
        let mut world = Self { home, ledger, folder, ptyd: None, caller };
        world.start();
        world
    }

    /// The only group there is.
    pub fn group(&self) -> &str {
        self.ledger.group_id()
    }

    pub fn start(&mut self) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ptyd"));
        command.arg("--home").arg(self.home.root()).stdin(Stdio::null()).stdout(Stdio::null());
        let log =
            std::fs::OpenOptions::new().append(true).create(true).open(self.folder.path().join("ptyd.log")).unwrap();
        // Programs that a test puts there are the only ones that it finds.
        let bin = self.folder.path().join("bin");
        if bin.exists() {
            command.env("PATH", bin);
        }
        self.ptyd = Some(command.env("CCCC_LOG", "debug").stderr(log).spawn().unwrap());
    }

    /// Sends ptyd a signal and waits for its end.
    pub fn end(&mut self, signal: Signal) -> ExitStatus {
        let mut ptyd = self.ptyd.take().unwrap();
        kill(Pid::from_raw(ptyd.id() as i32), signal).unwrap();
        ptyd.wait().unwrap()
    }

    pub fn log(&self, actor_id: &str) -> PathBuf {
        self.folder.path().join(format!("{actor_id}.log"))
    }

    /// What an agent was told, but for who it is.
    pub fn told(&self, actor_id: &str) -> Vec<String> {
        let mut all = composer::submissions(&self.log(actor_id));
        all.retain(|text| !text.starts_with("[cccc] You are"));
        all
    }

    pub fn ask(&self, op: &str, args: Value) -> Response {
        self.ask_under(id::unique(), op, args)
    }

    /// Asks under a request id.
    pub fn ask_under(&self, id: String, op: &str, args: Value) -> Response {
        self.ask_within(25_000, id, op, args)
    }

    /// Asks and waits for no longer than some milliseconds.
    pub fn ask_within(&self, deadline_ms: u64, id: String, op: &str, args: Value) -> Response {
        let (op, by) = Op::from_wire(op, args.as_object().unwrap().clone()).unwrap();
        let request = Request { id, peer: "test".into(), principal: Principal::claimed(by), deadline_ms, op };
        let begin = Instant::now();
        loop {
            match self.caller.call_blocking(request.clone()) {
                Ok(reply) => return Ok(reply),
                Err(CallError::Refused(error)) => return Err(error),
                // It is just being started.
                Err(CallError::Link(error)) => assert!(begin.elapsed() < DEADLINE, "{error}"),
            }
        }
    }

    pub fn about(&self, op: &str, actor_id: &str) -> Response {
        self.ask(op, json!({"group_id": self.group(), "actor_id": actor_id}))
    }

    /// Process ids of the agents that run.
    pub fn agents(&self) -> Vec<u32> {
        let found = hold::find(&self.home).unwrap();
        found.iter().filter(|session| session.agent_lives()).map(|session| session.meta.agent.pid).collect()
    }

    /// Waits for something that will come true.
    pub fn until(&self, what: &str, mut is_true: impl FnMut(&Self) -> bool) {
        let begin = Instant::now();
        while !is_true(self) {
            if begin.elapsed() > DEADLINE {
                let log = std::fs::read_to_string(self.folder.path().join("ptyd.log")).unwrap_or_default();
                panic!(
                    "{what} did not happen in time; told {:?}; events {:#?}; log:\n{log}",
                    self.told("a"),
                    self.ledger.events()
                );
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl<L: Record> Drop for World<L> {
    fn drop(&mut self) {
        if let Some(mut ptyd) = self.ptyd.take() {
            drop(ptyd.kill());
            drop(ptyd.wait());
        }
        for session in hold::find(&self.home).unwrap_or_default() {
            // What has ended by itself is gone already.
            let _ = kill(Pid::from_raw(session.meta.holder.pid as i32), Signal::SIGKILL);
            let _ = session.end_leftovers();
        }
    }
}

/// What an agent with a composer notes its texts in.
pub fn composer_env(folder: &TempDir, actor_id: &str) -> Value {
    json!({composer::LOG: folder.path().join(format!("{actor_id}.log"))})
}

/// An agent with a composer.
pub fn add_composer(ledger: &Ledgerd, folder: &TempDir, actor_id: &str) {
    ledger.add(actor_id, &composer::command(), composer_env(folder, actor_id), folder.path());
}
