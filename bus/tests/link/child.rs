//! The other process: this test program, started again in a role.

use crate::{answer, pong};
use bus::contract::op::ledger::{HeadsAre, Ranged};
use bus::contract::{Event, Op, OpError, Reply, Request, Response, limit};
use bus::home::Home;
use bus::link::{Caller, Hint, Publisher, Server, Subscriber, body};
use serde_json::json;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{self, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const ROLE: &str = "BUS_TEST_LINK_ROLE";
const HOME: &str = "BUS_TEST_LINK_HOME";

/// What a line of a child begins with, to tell it from what the test's harness prints.
const SAYS: &str = "child: ";

/// The only ledger there is.
pub const GROUP: &str = "g_0123456789ab";

/// How many events the ledger of [`Role::Ledger`] gets.
pub const EVENTS: u64 = 100_000;

/// What a child does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Answers pings.
    Echo,
    /// Says so for each request, and never answers.
    Silent,
    /// Lets a ledger grow, publishes hints and answers ranges; goes on where the one before was killed.
    Ledger,
    /// Says each hint it hears.
    Hearer,
    /// Asks once and says how that ended.
    Stranger,
    /// Drops many calls and says how much memory that has cost.
    Dropper,
}

const ROLES: &[(&str, Role)] = &[
    ("echo", Role::Echo),
    ("silent", Role::Silent),
    ("ledger", Role::Ledger),
    ("hearer", Role::Hearer),
    ("stranger", Role::Stranger),
    ("dropper", Role::Dropper),
];

/// A child, killed with its test.
pub struct Child {
    process: process::Child,
    lines: BufReader<ChildStdout>,
}

impl Child {
    /// Starts a child and waits until it says that it is there.
    pub fn start(home: &Home, role: Role) -> Self {
        Self::start_as(home, role, &std::env::current_exe().unwrap(), None)
    }

    /// The same from a copy of the program and as another user.
    pub fn start_as(home: &Home, role: Role, program: &Path, uid: Option<u32>) -> Self {
        let name = ROLES.iter().find(|(_, known)| *known == role).unwrap().0;
        let mut command = Command::new(program);
        command.args(["--exact", "child::child", "--include-ignored", "--nocapture"]);
        command.env(ROLE, name).env(HOME, home.root()).stdin(Stdio::null()).stdout(Stdio::piped());
        if let Some(uid) = uid {
            command.uid(uid).gid(uid).current_dir("/");
        }
        let mut process = command.spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        let mut child = Self { process, lines };
        assert_eq!(child.hear(), "ready");
        child
    }

    /// The next line it says.
    pub fn hear(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert!(self.lines.read_line(&mut line).unwrap() > 0, "the child has ended");
            if let Some(said) = line.split_once(SAYS) {
                return said.1.trim_end().to_owned();
            }
        }
    }

    /// `kill -9`, and waits until it is dead.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Sends a signal by name.
    pub fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn say(line: &str) {
    println!("{SAYS}{line}");
}

#[test]
#[ignore = "the child of the other tests"]
fn child() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let home = Home::find(Some(Path::new(&std::env::var_os(HOME).unwrap()))).unwrap();
    let role = ROLES.iter().find(|(name, _)| *name == role).expect("a role of the table").1;
    match role {
        Role::Echo => echo(&home),
        Role::Silent => silent(&home),
        Role::Ledger => ledger(&home),
        Role::Hearer => hearer(&home),
        Role::Stranger => stranger(&home),
        Role::Dropper => dropper(&home),
    }
}

fn echo(home: &Home) {
    let _server = Server::bind(&home.ledger_socket(), 16, |incoming| answer(incoming, pong)).unwrap();
    say("ready");
    wait_for_the_end();
}

fn silent(home: &Home) {
    let in_hand = Mutex::new(Vec::new());
    let _server = Server::bind(&home.ledger_socket(), 128, move |incoming| {
        in_hand.lock().unwrap().push(incoming);
        say("taken");
    });
    say("ready");
    wait_for_the_end();
}

fn hearer(home: &Home) {
    let mut hints = Subscriber::connect(&home.hint_socket()).unwrap();
    say("ready");
    loop {
        if let Some(hint) = hints.recv_blocking(Duration::from_secs(1)).unwrap() {
            say(&String::from_utf8_lossy(&hint[..8]));
        }
    }
}

fn stranger(home: &Home) {
    say("ready");
    let caller = Caller::connect(&home.ledger_socket(), "stranger").unwrap();
    let request = Request { deadline_ms: 1_000, ..crate::ping() };
    say(&format!("{:?}", caller.call_blocking(request)));
}

fn dropper(home: &Home) {
    say("ready");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    say(&runtime.block_on(crate::call::drop_calls(home)).to_string());
}

/// What is on disk is how far the ledger has come; it is written before anybody is told.
fn ledger(home: &Home) {
    static HEAD: AtomicU64 = AtomicU64::new(0);
    let disk = home.root().join("head");
    let read = |path: &Path| fs::read_to_string(path).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let epoch_file = home.root().join("epoch");
    let epoch: u64 = read(&epoch_file) + 1;
    fs::write(&epoch_file, epoch.to_string()).unwrap();
    HEAD.store(read(&disk), Ordering::SeqCst);

    let _server = Server::bind(&home.ledger_socket(), 16, |incoming| answer(incoming, |request| serve(request, &HEAD)));
    let hints = Publisher::bind(&home.hint_socket()).unwrap();
    say("ready");
    loop {
        let head = (HEAD.load(Ordering::SeqCst) + 97).min(EVENTS);
        let written = home.root().join("head.new");
        fs::write(&written, head.to_string()).unwrap();
        fs::rename(&written, &disk).unwrap();
        HEAD.store(head, Ordering::SeqCst);
        let hint = Hint { epoch, heads: vec![(GROUP.into(), head)] };
        hints.publish(&body::write(&hint));
        // The ledger grows slowly enough to be killed several times, and beats when it is full.
        std::thread::sleep(Duration::from_millis(if head < EVENTS { 1 } else { 100 }));
    }
}

fn serve(request: &Request, head: &AtomicU64) -> Response {
    let range = match &request.op {
        Op::LedgerRange(range) => range,
        Op::LedgerHeads(_) => return Ok(Reply::LedgerHeads(HeadsAre { epoch: 0, heads: Vec::new() })),
        other => panic!("{} is not asked here", other.row().name),
    };
    if range.group_id != GROUP {
        return Err(OpError::group_not_found(&range.group_id));
    }
    let head_seq = head.load(Ordering::SeqCst);
    let after = u64::try_from(range.after_seq.unwrap()).unwrap();
    let limit = (range.limit.unwrap() as u64).min(limit::RANGE_EVENTS_MAX as u64);
    let events: Vec<_> = (after + 1..=head_seq.min(after + limit)).map(event).collect();
    Ok(Reply::LedgerRange(Ranged { through_seq: after + events.len() as u64, events, head_seq }))
}

/// The event of a sequence number, the same in every life of the ledger.
pub fn event(seq: u64) -> Event {
    let line = json!({"seq": seq, "id": format!("{seq:032x}"), "ts": "2026-01-01T00:00:00Z", "kind": "x.test",
                      "group_id": GROUP, "by": "user", "data": {"text": "an event of the usual size"}});
    serde_json::from_value(line).unwrap()
}

/// The parent kills us; were it gone, so would be our standard output's reader, and we end by ourselves.
fn wait_for_the_end() {
    let parent = std::os::unix::process::parent_id();
    while std::os::unix::process::parent_id() == parent {
        std::thread::sleep(Duration::from_millis(200));
    }
}
