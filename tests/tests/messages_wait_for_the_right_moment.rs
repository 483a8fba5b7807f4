//! A message is typed when its agent can take it: not while the group is paused, not before the program is ready,
//! not into a plain shell; and always in order.

use serde_json::{Value, json};
use tests::{AgentLog, Stack, until};

fn held(stack: &Stack, group_id: &str, actor: &str) -> Vec<String> {
    let is = |event: &&Value| event["data"]["actor_id"] == actor && event["data"]["stage"] == "held";
    let reason = |event: &Value| event["data"]["reason"].as_str().unwrap_or_default().to_owned();
    stack.events(group_id).iter().filter(is).map(reason).collect()
}

#[test]
fn a_paused_group_holds_and_resumes_in_order() {
    let stack = Stack::start();
    let (group_id, logs) = stack.group(&["a"]);
    stack.ask("group_set_state", &json!({"group_id": group_id, "state": "paused"}));
    for number in 0..30 {
        stack.ask("send", &json!({"group_id": group_id, "text": format!("<{number}>"), "to": ["a"]}));
    }
    until("the reason", || !held(&stack, &group_id, "a").is_empty());
    assert_eq!(logs[0].count("<"), 0, "nothing is typed into a paused group");
    stack.ask("group_set_state", &json!({"group_id": group_id, "state": "active"}));
    until("all of them", || logs[0].count("<29>") == 1);
    let all: String = logs[0].submissions().iter().map(|submission| submission.text.clone()).collect();
    let places: Vec<_> = (0..30).map(|number| all.find(&format!("<{number}>")).expect("every message")).collect();
    assert!(places.is_sorted(), "in order: {places:?}");
}

#[test]
fn a_plain_program_gets_no_typed_messages_unless_its_actor_says_so() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let logs: Vec<_> = ["shy", "bold"].map(|name| AgentLog::new(stack.folder(), name)).into();
    for (log, (id, deliver)) in logs.iter().zip([("shy", "auto"), ("bold", "typed")]) {
        let mut words: Vec<String> = log.command().split(' ').map(str::to_owned).collect();
        words.push("--deaf".into());
        let args =
            json!({"group_id": group_id, "actor_id": id, "runtime": "custom", "command": words, "deliver": deliver});
        stack.ask("actor_add", &args);
        stack.ask("actor_start", &json!({"group_id": group_id, "actor_id": id}));
    }
    stack.ask("send", &json!({"group_id": group_id, "text": "hello", "to": ["shy", "bold"]}));
    until("the typed message", || logs[1].count("hello") == 1);
    until("the reason", || !held(&stack, &group_id, "shy").is_empty());
    assert_eq!(logs[0].submissions(), []);
    let inbox = stack.ask("inbox_list", &json!({"group_id": group_id, "actor_id": "shy"}));
    assert_eq!(inbox["messages"].as_array().map(Vec::len), Some(1), "it can still be read: {inbox}");
}

#[test]
fn a_message_wakes_a_stopped_actor_and_cannot_steer_its_terminal() {
    let stack = Stack::start();
    let (group_id, logs) = stack.group(&["a"]);
    stack.ask("group_stop", &json!({"group_id": group_id}));
    until("the end of the agent", || stack.processes("test-agent").is_empty());
    let text = "wake \u{1b}[201~\rrm -rf\u{3} \u{9b}2J up";
    stack.ask("send", &json!({"group_id": group_id, "text": text, "to": ["@foreman"]}));
    until("the delivery", || logs[0].count("wake") == 1);
    let submission = logs[0].submissions().into_iter().find(|submission| submission.text.contains("wake")).expect("it");
    assert!(submission.text.contains("rm -rf"), "one submission, whole: {submission:?}");
    assert!(!submission.text.contains(['\u{1b}', '\u{3}', '\u{9b}']), "no control characters: {submission:?}");
}

#[test]
fn a_long_text_goes_by_reference() {
    let stack = Stack::start();
    let (group_id, logs) = stack.group(&["a"]);
    let text = format!("begin {} end-of-it", "long ".repeat(20_000));
    let sent = stack.ask("send", &json!({"group_id": group_id, "text": text, "to": ["a"]}));
    until("the reference", || logs[0].count("begin") > 0);
    let submission =
        logs[0].submissions().into_iter().find(|submission| submission.text.contains("begin")).expect("it");
    assert!(submission.text.len() < 10_000 && !submission.text.contains("end-of-it"), "{}", submission.text.len());
    assert!(sent["event"]["data"]["attachments"][0]["path"].is_string(), "the whole text is stored");
}
