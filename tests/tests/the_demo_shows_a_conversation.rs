//! A newcomer without any account sees two agents talk, read and answer, and nothing is left behind.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use tests::{Stack, process, until};

/// The demo, with a home of its own below the folder of a stack in which nothing runs.
fn demo(stack: &Stack) -> Command {
    let mut command = stack.command("cccc");
    command.arg("demo").env("TMPDIR", stack.folder()).env_remove("CCCC_HOME").stdin(Stdio::null());
    command
}

#[test]
fn the_demo_shows_a_conversation() {
    let stack = Stack::new();
    let output = demo(&stack).output().expect("the demo starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let answers = said.matches("->").count() + said.matches('→').count();
    assert!(answers >= 3, "messages and answers are shown: {said}");
    // A holder that has been told to go may take a moment longer than the demo.
    until("the end of everybody", || process::of_home(stack.folder()).is_empty());
}

/// A demo that is killed cannot tidy up, and yet no process of it stays, and the next one takes its folder away.
#[test]
fn a_killed_demo_leaves_nobody_behind() {
    let stack = Stack::new();
    let mut killed = demo(&stack).stdout(Stdio::piped()).spawn().expect("the demo starts");
    let mut lines = BufReader::new(killed.stdout.take().expect("its output")).lines();
    assert!(lines.any(|line| line.expect("a line").contains("group start")), "agents run");
    killed.kill().expect("it still runs");
    killed.wait().expect("it ends");
    until("the end of everything the demo started", || process::of_home(stack.folder()).is_empty());

    let folders = || {
        let entries = std::fs::read_dir(stack.folder()).expect("a folder").flatten();
        entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("cccc-demo-")).count()
    };
    assert_eq!(folders(), 1, "the folder of the killed one");
    assert!(demo(&stack).output().expect("the demo starts").status.success());
    assert_eq!(folders(), 0, "nothing is left");
}
