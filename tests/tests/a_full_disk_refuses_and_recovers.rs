//! A full disk refuses what it cannot keep, stays readable, and takes messages again when there is room.

use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tests::{Client, Refusal, Stack, program, until};

/// The whole disk, and what is thrown away to make room.
const DISK: &str = "4m";
const BALLAST_BYTES: usize = 2_000_000;

/// A supervisor whose groups are on a small disk of their own, in a mount namespace that ends with it.
fn run_on_a_small_disk(stack: &Stack) -> std::process::Child {
    let groups = stack.home().join("groups");
    std::fs::create_dir(&groups).expect("the groups' folder");
    let script = format!(
        "mount -t tmpfs -o size={DISK},mode=0700 tmpfs {0} && head -c {BALLAST_BYTES} /dev/zero > {0}/ballast && exec {1} daemon run",
        groups.display(),
        program::path("cccc").display()
    );
    let mut command = Command::new("unshare");
    if !nix::unistd::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--mount", "sh", "-ec", &script]).env("CCCC_HOME", stack.home()).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("unshare (util-linux) starts")
}

fn send(stack: &Stack, group_id: &str, number: usize) -> Result<Value, Refusal> {
    let args = json!({"group_id": group_id, "text": format!("{number} {}", "x".repeat(20_000)), "to": ["user"], "by": "script"});
    stack.client().try_ask("send", &args).expect("an answer")
}

#[test]
fn a_full_disk_refuses_and_recovers() {
    let mut stack = Stack::new();
    let supervisor = run_on_a_small_disk(&stack);
    stack.adopt(supervisor);
    stack.until_answered();
    let group = stack.ask("group_create", &json!({"title": "full"}));
    let group_id = group["group_id"].as_str().expect("a group id").to_owned();

    let mut accepted: Vec<String> = Vec::new();
    let refusal = loop {
        match send(&stack, &group_id, accepted.len()) {
            Ok(sent) => accepted.push(sent["event"]["id"].as_str().expect("an id").to_owned()),
            Err(refusal) => break refusal,
        }
        assert!(accepted.len() < 1_000, "a disk of {DISK} must be full some day");
    };
    assert_eq!(refusal.code, "no_space", "{}", refusal.message);
    assert!(accepted.len() > 10, "it took messages before");

    let stored = |stack: &Stack| -> Vec<String> {
        let events = stack.events(&group_id);
        let messages = events.iter().filter(|event| event["kind"] == "chat.message");
        messages.map(|event| event["id"].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!(stored(&stack), accepted, "what was accepted can be read, and nothing else is there");

    // The small disk is seen by those who live on it only.
    let ledgerd = stack.process("ledgerd").pid;
    let inside = PathBuf::from(format!("/proc/{ledgerd}/root")).join(stack.home().strip_prefix("/").expect("absolute"));
    std::fs::remove_file(inside.join("groups/ballast")).expect("room is made");
    until("a message is taken again", || match send(&stack, &group_id, accepted.len()) {
        Ok(sent) => {
            accepted.push(sent["event"]["id"].as_str().expect("an id").to_owned());
            true
        }
        Err(refusal) => {
            assert_eq!(refusal.code, "no_space", "{refusal:?}");
            false
        }
    });
    stack.kill("ledgerd");
    until("ledgerd again", || {
        Client::connect(&stack.home()).is_ok_and(|mut client| client.try_ask("ping", &json!({})).is_ok())
    });
    assert_eq!(stored(&stack), accepted, "and after a crash it is still so");
}
