//! A newcomer without any account sees two agents talk, read and answer, and nothing is left behind.

use std::process::Stdio;
use tests::{Stack, process};

#[test]
fn the_demo_shows_a_conversation() {
    // Nothing runs here: the demo brings a home of its own, below this folder.
    let stack = Stack::new();
    let mut command = stack.command("cccc");
    command.arg("demo").env("TMPDIR", stack.folder()).env_remove("CCCC_HOME").stdin(Stdio::null());
    let output = command.output().expect("the demo starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let answers = said.matches("->").count() + said.matches('→').count();
    assert!(answers >= 3, "messages and answers are shown: {said}");
    assert_eq!(process::of_home(stack.folder()), [], "nobody is left behind");
}
