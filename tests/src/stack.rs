//! A whole stack in a throwaway home.

use crate::client::Client;
use crate::process::{self, Process};
use crate::{AgentLog, program, wait};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// A supervisor and everything below it.
#[derive(Debug)]
pub struct Stack {
    folder: TempDir,
    supervisor: Option<Child>,
}

impl Stack {
    /// Starts a stack in a new home and waits until the door answers.
    ///
    /// # Panics
    ///
    /// It does not start; what the supervisor said is in the message.
    pub fn start() -> Self {
        let mut stack = Self::new();
        stack.run();
        stack
    }

    /// A home in which nothing runs yet.
    ///
    /// # Panics
    ///
    /// There is no room for it.
    pub fn new() -> Self {
        // Short, because socket paths are.
        let folder = tempfile::Builder::new().prefix("cccc-").tempdir_in("/tmp").expect("a folder in /tmp");
        for name in ["home", "work"] {
            std::fs::create_dir(folder.path().join(name)).expect("an empty folder");
        }
        Self { folder, supervisor: None }
    }

    /// Starts the supervisor and waits until the door answers.
    ///
    /// # Panics
    ///
    /// It does not start.
    pub fn run(&mut self) {
        let log = File::create(self.supervisor_log()).expect("a log");
        let mut command = self.command("cccc");
        command.args(["daemon", "run"]).stdin(Stdio::null());
        command.stdout(log.try_clone().expect("the log again")).stderr(log);
        self.supervisor = Some(command.spawn().expect("the supervisor starts"));
        self.until_answered();
    }

    /// Takes over a supervisor that was started in another way.
    pub fn adopt(&mut self, supervisor: Child) {
        self.supervisor = Some(supervisor);
    }

    /// Waits until the door and ledgerd answer.
    ///
    /// # Panics
    ///
    /// They do not.
    pub fn until_answered(&mut self) {
        let home = self.home();
        let log = self.supervisor_log();
        let child = &mut self.supervisor;
        wait::until_some("an answer of the stack", || {
            if let Some(status) = child.as_mut().and_then(|child| child.try_wait().expect("a child")) {
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                panic!("the supervisor ended with {status}: {said}");
            }
            let mut client = Client::connect(&home).ok()?;
            client.try_ask("ping", &json!({})).ok()?.ok()
        });
    }

    /// The home.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A folder to attach.
    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// The throwaway folder that everything is in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// One of our programs, told which home is meant.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(program::path(name));
        command.env("CCCC_HOME", self.home()).env("NO_COLOR", "1").current_dir(self.work());
        // Stacks run side by side, and each has a port of its own.
        command.env("CCCC_WEB_PORT", "0");
        for name in ["CCCC_GROUP_ID", "CCCC_ACTOR_ID", "CCCC_ACTOR_TOKEN", "CCCC_SESSION_ID", "CCCC_OUTPUT"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs `cccc` to its end.
    ///
    /// # Panics
    ///
    /// It cannot be started.
    pub fn cccc(&self, words: &[&str]) -> Output {
        self.command("cccc").args(words).stdin(Stdio::null()).output().expect("cccc starts")
    }

    /// Runs `cccc`, which must succeed, and returns what it printed.
    ///
    /// # Panics
    ///
    /// It failed.
    pub fn ok(&self, words: &[&str]) -> String {
        let output = self.cccc(words);
        let (said, complained) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "cccc {words:?}: {}\n{said}{complained}", output.status);
        said
    }

    /// Runs `cccc --json`, which must succeed, and returns the result.
    ///
    /// # Panics
    ///
    /// It failed, or printed something else.
    pub fn json(&self, words: &[&str]) -> Value {
        let mut all = words.to_vec();
        all.push("--json");
        let said = self.ok(&all);
        let answer: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{words:?}: {error}: {said}"));
        answer["result"].clone()
    }

    /// A new connection to the door.
    ///
    /// # Panics
    ///
    /// Nobody listens.
    pub fn client(&self) -> Client {
        Client::connect(&self.home()).expect("the door listens")
    }

    /// Asks for an op that must succeed, on a connection of its own.
    pub fn ask(&self, op: &str, args: &Value) -> Value {
        self.client().ask(op, args)
    }

    /// A group with the work folder attached and running test agents of these names.
    pub fn group(&self, agents: &[&str]) -> (String, Vec<AgentLog>) {
        let attached = self.ask("attach", &json!({"path": self.work()}));
        let group_id = attached["group_id"].as_str().expect("a group id").to_owned();
        let logs: Vec<_> = agents.iter().map(|name| AgentLog::new(self.folder(), name)).collect();
        for (name, log) in agents.iter().zip(&logs) {
            let words: Vec<String> = log.command().split(' ').map(str::to_owned).collect();
            let args = json!({"group_id": group_id, "actor_id": name, "runtime": "custom", "command": words});
            self.ask("actor_add", &args);
        }
        self.ask("group_start", &json!({"group_id": group_id}));
        (group_id, logs)
    }

    /// All events of a group.
    pub fn events(&self, group_id: &str) -> Vec<Value> {
        let (mut events, mut client) = (Vec::new(), self.client());
        loop {
            let args = json!({"group_id": group_id, "after_seq": events.len()});
            let answer = client.ask("ledger_range", &args);
            let more = answer["events"].as_array().expect("events").clone();
            if more.is_empty() {
                return events;
            }
            events.extend(more);
        }
    }

    /// The live processes of this home that run a program.
    pub fn processes(&self, program: &str) -> Vec<Process> {
        let mut all = process::of_home(&self.home());
        all.retain(|process| process.program() == program);
        all
    }

    /// The live process of a name: one of [`DAEMONS`](process::DAEMONS), or `supervisor`; waits until it is there.
    ///
    /// # Panics
    ///
    /// It does not appear, or the name is none of these.
    pub fn process(&self, name: &str) -> Process {
        wait::until_some(name, || self.find(name))
    }

    /// The live process of a name, if there is one.
    ///
    /// # Panics
    ///
    /// The name is none of ours.
    pub fn find(&self, name: &str) -> Option<Process> {
        let is = |process: &Process, word: &str| process.words.iter().any(|is| is == word);
        match name {
            "ledgerd" | "ptyd" | "webd" => self.processes(name).into_iter().next(),
            // The same program also serves a single client of its own.
            "mcpd" => self.processes(name).into_iter().find(|process| !is(process, "--stdio")),
            "door" => self.processes("cccc").into_iter().find(|process| is(process, "door")),
            "supervisor" => self.processes("cccc").into_iter().find(|process| is(process, "run")),
            _ => panic!("no process is called {name}"),
        }
    }

    /// Kills a process of ours without a warning.
    pub fn kill(&self, name: &str) {
        // It may have ended by itself between the look and the signal.
        let _ = self.process(name).signal(Signal::SIGKILL);
    }

    /// A stack whose browsers are served as these variables say.
    ///
    /// # Panics
    ///
    /// It does not start.
    pub fn served(variables: &[(&str, &str)]) -> Self {
        let mut stack = Self::new();
        let mut command = stack.command("cccc");
        command.args(["daemon", "run"]).envs(variables.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        stack.adopt(command.spawn().expect("the supervisor starts"));
        stack.until_answered();
        stack
    }

    /// Tells the supervisor to stop everything and waits for its end.
    ///
    /// # Panics
    ///
    /// It does not end.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.supervisor.take() {
            let pid = i32::try_from(child.id()).expect("a process id is small");
            // It may be dead already: killing it is part of some tests.
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), Signal::SIGTERM);
            wait::until("the end of the supervisor", || child.try_wait().expect("a child").is_some());
        }
    }

    /// Takes notice of a supervisor that was killed, so that another can be run.
    ///
    /// # Panics
    ///
    /// It lives.
    pub fn bury(&mut self) {
        if let Some(mut child) = self.supervisor.take() {
            wait::until("the end of the supervisor", || child.try_wait().expect("a child").is_some());
        }
    }
}

impl Default for Stack {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.explain();
            // Waiting for a clean end could panic again, and would hide the reason.
            if let Some(child) = &mut self.supervisor {
                let _ = child.kill();
                let _ = child.wait();
            }
        } else {
            self.stop();
        }
        wait::until("the end of everything", || {
            let left = process::of_home(&self.home());
            for process in &left {
                // It may be gone by now, which is what we want.
                let _ = process.signal(Signal::SIGKILL);
            }
            left.is_empty()
        });
    }
}

impl Stack {
    fn supervisor_log(&self) -> PathBuf {
        self.folder.path().join("supervisor.log")
    }

    /// A test has failed: what the processes said is worth more than a second try.
    fn explain(&self) {
        let logs =
            std::fs::read_dir(self.home().join("logs")).into_iter().flatten().flatten().map(|entry| entry.path());
        for path in logs.chain([self.supervisor_log()]) {
            let said = std::fs::read_to_string(&path).unwrap_or_default();
            let last: Vec<_> = said.lines().rev().take(40).collect();
            eprintln!("--- {}", path.display());
            last.iter().rev().for_each(|line| eprintln!("{line}"));
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Every file below a folder; links are not followed.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() && !path.is_symlink() { files(&path) } else { vec![path] }).collect()
}
