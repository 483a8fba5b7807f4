//! The quick start of the README, word for word: two agents in real terminals, one message, received exactly once.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use tests::{AgentLog, Stack, until};

#[test]
fn the_quick_start_works() {
    let stack = Stack::start();
    let git = std::process::Command::new("git").args(["init", "-q"]).current_dir(stack.work()).status();
    assert!(git.expect("git").success());
    let (foreman, reviewer) = (AgentLog::new(stack.folder(), "foreman"), AgentLog::new(stack.folder(), "reviewer"));

    stack.ok(&["attach", "."]);
    stack.ok(&["actor", "add", "foreman", "--runtime", "custom", "--command", &foreman.command()]);
    stack.ok(&["actor", "add", "reviewer", "--runtime", "custom", "--command", &reviewer.command()]);
    stack.ok(&["group", "start"]);
    let text = "Split the task and begin.";
    let sent = stack.json(&["send", text, "--to", "@all"]);
    let event_id = sent["event"]["id"].as_str().expect("an event id").to_owned();

    let mut tail = stack.command("cccc");
    let mut tail = tail.args(["tail", "-n", "50", "-f"]).stdout(Stdio::piped()).spawn().expect("tail starts");
    let mut lines = BufReader::new(tail.stdout.take().expect("its output")).lines();
    assert!(lines.any(|line| line.expect("a line").contains(text)), "tail shows the message");
    for log in [&foreman, &reviewer] {
        until("the message in the agent's terminal", || log.count(text) > 0);
    }

    let group_id = stack.json(&["groups"])["groups"][0]["group_id"].as_str().expect("a group").to_owned();
    let handed = |event: &Value, actor: &str| {
        event["kind"] == "x.cccc.delivery"
            && event["data"]["actor_id"] == actor
            && event["data"]["stage"] == "handed"
            && event["data"]["event_ids"].as_array().is_some_and(|ids| ids.contains(&json!(event_id)))
    };
    for (actor, log) in [("foreman", &foreman), ("reviewer", &reviewer)] {
        until("the record of the delivery", || stack.events(&group_id).iter().any(|event| handed(event, actor)));
        assert_eq!(log.count(text), 1, "{actor} has received it exactly once");
    }

    let inbox = stack.json(&["inbox"]);
    assert!(inbox["messages"].is_array(), "{inbox}");
    stack.ok(&["reply", &event_id, "done"]);
    assert!(lines.any(|line| line.expect("a line").contains("done")), "tail follows");
    for log in [&foreman, &reviewer] {
        until("the reply in the agent's terminal", || log.count("done") > 0);
        assert_eq!(log.count(text), 1, "nobody is told twice, not even by a quote");
    }
    tail.kill().expect("tail still runs");
    tail.wait().expect("tail ends");
    let status = stack.ok(&["status"]);
    assert!(status.contains("foreman") && status.contains("reviewer"), "{status}");

    let messages = |event: &&Value| event["kind"] == "chat.message" && event["data"]["text"] == text;
    assert_eq!(stack.events(&group_id).iter().filter(messages).count(), 1);
}
