//! A home whose processes are made-up ones, which do as a test has planned: crash, hang, chatter or be deaf.

use crate::{Stack, process, program, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The made-up processes, in the order in which they are started.
pub use crate::process::DAEMONS as NAMES;

/// A home whose processes are made-up ones.
#[derive(Debug)]
pub struct Yard {
    /// The home, and whatever else runs on it.
    pub stack: Stack,
    /// The folder of the programs, their plans and what they have noted.
    pub libexec: PathBuf,
    /// The pid of the supervisor, once there is one.
    pub supervisor: Option<i32>,
}

impl Default for Yard {
    fn default() -> Self {
        Self::new()
    }
}

impl Yard {
    /// One in which nothing runs yet.
    ///
    /// # Panics
    ///
    /// There is no room for it.
    pub fn new() -> Self {
        let stack = Stack::new();
        let libexec = stack.folder().join("libexec");
        fs::create_dir(&libexec).unwrap();
        for program in ["ledgerd", "ptyd", "mcpd", "webd", "cccc"] {
            symlink(program::path("test-daemon"), libexec.join(program)).unwrap();
        }
        Self { stack, libexec, supervisor: None }
    }

    /// Has the next life of a process go by a plan.
    ///
    /// # Panics
    ///
    /// It cannot be written.
    pub fn plan(&self, name: &str, plan: &str) {
        fs::write(self.libexec.join(format!("{name}.plan")), plan).unwrap();
    }

    /// The `cccc` of this home, with the made-up processes.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = self.stack.command("cccc");
        command.args(words).env("CCCC_LIBEXEC", &self.libexec).stdin(Stdio::null());
        command
    }

    /// Starts a supervisor that says what it says into `said`.
    ///
    /// # Panics
    ///
    /// It cannot be started.
    pub fn run(&mut self, words: &[&str], settings: &[(&str, &str)]) {
        let said = fs::File::create(self.said_file()).unwrap();
        let mut command = self.command(words);
        command.envs(settings.iter().copied()).stdout(said.try_clone().unwrap()).stderr(said);
        let child = command.spawn().unwrap();
        self.supervisor = Some(i32::try_from(child.id()).unwrap());
        self.stack.adopt(child);
    }

    /// Starts a supervisor and waits until everything is ready.
    pub fn run_until_ready(&mut self) {
        self.run(&["daemon", "run"], &[]);
        self.until_ready();
    }

    /// Waits until everything is ready.
    pub fn until_ready(&self) {
        until("everything ready", || self.status()["report"]["condition"] == "ready");
    }

    /// Sends the supervisor a signal.
    ///
    /// # Panics
    ///
    /// There is none.
    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.supervisor.unwrap()), signal).unwrap();
    }

    fn said_file(&self) -> PathBuf {
        self.stack.folder().join("supervisor.log")
    }

    /// What the supervisor has said.
    ///
    /// # Panics
    ///
    /// It cannot be read.
    pub fn said(&self) -> String {
        fs::read_to_string(self.said_file()).unwrap()
    }

    /// The lines of what the made-up processes have noted in a file.
    pub fn lines(&self, file: &str) -> Vec<String> {
        let text = fs::read_to_string(self.libexec.join(file)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Pids of the lives of a process, oldest first.
    pub fn lives(&self, name: &str) -> Vec<i32> {
        let of = |line: &String| line.strip_prefix(name)?.trim().parse().ok();
        self.lines("lives").iter().filter_map(of).collect()
    }

    /// What `cccc daemon status` answers.
    ///
    /// # Panics
    ///
    /// Its exit code says something else.
    pub fn status(&self) -> Value {
        let output = self.command(&["daemon", "status", "--json"]).output().unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.success(), answer["result"]["running"] == json!(true));
        answer["result"].clone()
    }

    /// Whether one of the made-up processes lives.
    pub fn is_anybody_left(&self) -> bool {
        NAMES.iter().flat_map(|name| self.lives(name)).any(process::is_alive)
    }
}
