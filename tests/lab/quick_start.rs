//! The quick start of the README, line by line as it is printed there, with a real agent program.

use crate::program::{Program, World};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use tests::until;

/// Stands in the README for the user's own choice.
const ANY_PROGRAM: &str = "<any terminal program>";

/// Stands in the README for what `tail` shows.
const EVENT_ID: &str = "<event_id>";

/// The lines of the quick start.
fn lines() -> Vec<String> {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).expect("the README");
    let (_, section) = readme.split_once("## Quick start").expect("the quick start");
    let (_, block) = section.split_once("```sh\n").expect("its lines");
    let (block, _) = block.split_once("```").expect("their end");
    block.lines().map(str::to_owned).collect()
}

/// Types the lines; in the end every agent has the message, or the status says who asks a person something.
pub fn typed_in(program: &Program, world: &World) {
    let lines = lines();
    assert!(lines.iter().any(|line| line.contains(ANY_PROGRAM)) && lines.iter().any(|line| line.contains(EVENT_ID)));
    let git = world.shell("git init -q").status().expect("git");
    assert!(git.success());
    let mut tail = None;
    let mut sent = String::new();
    let mut last = String::new();
    for line in lines {
        let line = line.replace(ANY_PROGRAM, program.runtime).replace(EVENT_ID, &sent);
        if line.contains("tail") {
            let mut child =
                world.shell(&format!("exec {line}")).stdout(std::process::Stdio::piped()).spawn().expect("a shell");
            let output = BufReader::new(child.stdout.take().expect("its output"));
            let is_said = |said: std::io::Result<String>| said.expect("a line").contains("Split the task");
            assert!(output.lines().any(is_said), "tail shows the message");
            tail = Some(child);
            sent = message_id(world);
            continue;
        }
        let output = world.shell(&line).output().expect("a shell");
        last = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{line}: {last}{}", String::from_utf8_lossy(&output.stderr));
    }
    let mut tail = tail.expect("a line with tail");
    tail.kill().expect("tail still runs");
    tail.wait().expect("its end");
    assert!(last.contains("foreman") && last.contains("reviewer"), "{last}");

    let has_it = |actor: &str| world.stage(&sent, actor) == "handed";
    match program.asks_first.filter(|_| !world.is_set_up()) {
        None => {
            for actor in ["foreman", "reviewer"] {
                world.until_at(actor, &sent);
            }
            until("the model", || world.model().count("Split the task and begin.") > 1);
        }
        Some(_) => {
            let ways = ["foreman", "reviewer"].map(|actor| format!("→ `cccc attach-terminal {actor}`"));
            until("what to do", || {
                let status = world.stack().ok(&["status"]);
                ways.iter().all(|way| status.contains(way))
            });
            assert!(!has_it("foreman") && !has_it("reviewer"));
        }
    }
}

/// The id of the message, as `tail` has it.
fn message_id(world: &World) -> String {
    let tail = world.stack().json(&["tail", "-n", "50"]);
    let events = tail["events"].as_array().cloned().unwrap_or_default();
    let is_message = |event: &&Value| event["kind"] == "chat.message";
    let message = events.iter().find(is_message).unwrap_or_else(|| panic!("no message in {tail}"));
    message["id"].as_str().expect("an id").to_owned()
}
