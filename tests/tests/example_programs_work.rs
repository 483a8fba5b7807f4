//! Small programs as users of the published clients write them, run by both generations of the clients: ask who answers,
//! send, stream, acknowledge, send into another group, look for compatibility, and follow a group through every restart.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use tests::{DEADLINE, Stack, published, until};

/// Both generations.
const PACKAGES: [&str; 2] = ["cccc-sdk==0.4.3", "cccc-sdk==0.4.41"];

/// The only generation that has a method for acknowledging.
const ACKNOWLEDGES: &str = PACKAGES[0];

/// Messages that must be acknowledged between two restarts, so that each hits work.
const ACKNOWLEDGED_PER_STEP: usize = 10;

/// A program and its arguments, for one generation.
fn program(stack: &Stack, package: &str, name: &str, words: &[&str]) -> Command {
    let mut command = Command::new(published(package).join("python"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("published/example").join(name).with_extension("py");
    command.arg(path).args(words).env("CCCC_HOME", stack.home()).current_dir(stack.work()).stdin(Stdio::null());
    command
}

/// Runs a program to its end.
fn run(stack: &Stack, package: &str, name: &str, words: &[&str]) -> Output {
    program(stack, package, name, words).output().expect("python starts")
}

/// Runs a program that must succeed, and returns its lines.
fn lines(stack: &Stack, package: &str, name: &str, words: &[&str]) -> Vec<String> {
    let output = run(stack, package, name, words);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{package}: {name} {words:?}: {complained}");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// A program that runs beside the test; what it prints arrives line by line. It is killed with its value.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python starts");
        let (sender, lines) = mpsc::channel();
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        // The receiver may be gone before the program: then nobody wants the rest.
        thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, lines }
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(DEADLINE).expect("the program says something")
    }

    /// Closes its input, and returns what it says until it has ended well.
    fn rest(mut self) -> Vec<String> {
        drop(self.child.stdin.take());
        let rest: Vec<_> = std::iter::from_fn(|| self.lines.recv_timeout(DEADLINE).ok()).collect();
        until("the end of the program", || self.child.try_wait().expect("a child").is_some());
        assert!(self.child.wait().expect("a child").success(), "the program ends well");
        rest
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended by itself unless the test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A group with two actors that are no programs of ours.
fn group(stack: &Stack, title: &str) -> String {
    let group_id = stack.ask("group_create", &json!({"title": title}))["group_id"].as_str().expect("an id").to_owned();
    for actor_id in ["lead", "peer"] {
        let args = json!({"group_id": group_id, "actor_id": actor_id, "runtime": "custom", "runner": "headless"});
        stack.ask("actor_add", &args);
    }
    group_id
}

fn messages(stack: &Stack, group_id: &str) -> Vec<Value> {
    stack.events(group_id).into_iter().filter(|event| event["kind"] == "chat.message").collect()
}

#[test]
fn example_programs_work() {
    let stack = Stack::start();
    for package in PACKAGES {
        let (group_id, other) = (group(&stack, package), group(&stack, "other"));

        let pong = lines(&stack, package, "ping", &[]);
        let pid = stack.ask("ping", &json!({}))["pid"].clone();
        assert_eq!(pong, [format!("cccc {}, wire 1, process {pid}", env!("CARGO_PKG_VERSION"))]);

        assert_eq!(lines(&stack, package, "compatibility", &["send", "reply", "inbox_list"]), ["compatible"]);
        let refused = run(&stack, package, "compatibility", &["send", "fly"]);
        assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("fly"), "{refused:?}");

        let first = lines(&stack, package, "send", &[&group_id, "peer", "the first"]);
        let refused = run(&stack, package, "send", &[&group_id, "nobody", "x"]);
        assert!(String::from_utf8_lossy(&refused.stderr).starts_with("not sent: invalid_recipient: "), "{refused:?}");

        // What was sent before the stream began comes as well as what is sent while it runs.
        let second = lines(&stack, package, "send", &[&group_id, "peer", "the second"]);
        let stream = Running::start(program(&stack, package, "stream", &[&group_id, &first[0], "2"]));
        assert_eq!(stream.line(), "listening");
        assert_eq!(stream.line(), format!("{} user the second", second[0]));
        let third = lines(&stack, package, "send", &[&group_id, "lead", "the third"]);
        assert_eq!(stream.rest(), [format!("{} user the third", third[0])]);

        let halves = lines(&stack, package, "cross_group", &[&group_id, &other, "lead", "over there"]);
        let last = |group_id: &str| messages(&stack, group_id).pop().expect("a message");
        assert_eq!(halves, [format!("{} {}", text(&last(&group_id)["id"]), text(&last(&other)["id"]))]);
        assert_eq!(last(&other)["data"]["src_group_id"], json!(group_id));
    }
}

#[test]
fn an_example_program_acknowledges() {
    let stack = Stack::start();
    let group_id = group(&stack, "urgent");
    let send = |to: &str, priority: &str| {
        let args = json!({"group_id": group_id, "text": priority, "to": [to], "priority": priority});
        text(&stack.ask("send", &args)["event"]["id"])
    };
    let first = send("peer", "attention");
    let asks = [send("peer", "attention"), send("peer", "attention")];
    let (plain, of_another) = (send("peer", "normal"), send("lead", "attention"));
    let program = Running::start(program(&stack, ACKNOWLEDGES, "auto_ack", &[&group_id, "peer", &first, "3"]));
    assert_eq!([program.line(), program.line()], asks);
    let late = send("peer", "attention");
    assert_eq!(program.rest(), std::slice::from_ref(&late));

    let acks: Vec<_> = stack.events(&group_id).into_iter().filter(|event| event["kind"] == "chat.ack").collect();
    let acked: Vec<_> = acks.iter().map(|event| text(&event["data"]["event_id"])).collect();
    assert_eq!(acked, [asks[0].clone(), asks[1].clone(), late]);
    assert!(![first, plain, of_another].iter().any(|id| acked.contains(id)));
    assert!(acks.iter().all(|event| event["by"] == "peer"));
}

#[test]
fn a_followed_stream_neither_loses_nor_doubles() {
    let mut stack = Stack::start();
    let group_id = group(&stack, "followed");
    let first =
        text(&stack.ask("send", &json!({"group_id": group_id, "text": "first", "to": ["user"]}))["event"]["id"]);
    let start = |name: &str, package: &str, words: &[&str]| Running::start(program(&stack, package, name, words));
    let followers = PACKAGES.map(|package| start("follow", package, &[&group_id, &first, "the end"]));
    let senders = PACKAGES.map(|package| start("send_always", package, &[&group_id, package]));

    let mut acknowledged = Vec::new();
    let work = |acknowledged: &mut Vec<String>| {
        for _ in 0..ACKNOWLEDGED_PER_STEP {
            acknowledged.extend(senders.iter().map(Running::line));
        }
    };
    work(&mut acknowledged);
    for victim in ["door", "ledgerd", "door"] {
        stack.kill(victim);
        work(&mut acknowledged);
    }
    stack.ok(&["daemon", "restart"]);
    stack.bury();
    work(&mut acknowledged);

    acknowledged.extend(senders.into_iter().flat_map(Running::rest));
    stack.ask("send", &json!({"group_id": group_id, "text": "the end", "to": ["user"]}));
    let written: Vec<_> = messages(&stack, &group_id).iter().map(|event| text(&event["id"])).collect();
    assert!(acknowledged.iter().all(|id| written.contains(id)), "what was acknowledged is in the ledger");
    assert_eq!(acknowledged.len() + 2, written.len(), "and nothing else is");
    for (package, follower) in PACKAGES.into_iter().zip(followers) {
        assert_eq!(follower.rest(), written[1..], "{package}: everything came once, in order");
    }
    stack.ok(&["daemon", "stop"]);
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
