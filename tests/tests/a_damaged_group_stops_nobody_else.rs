//! A ledger that is damaged before its tail can be read, not written; every other group goes on.

use serde_json::json;
use tests::{Stack, until};

/// A group with a few messages in it.
fn group(stack: &Stack, title: &str) -> String {
    let created = stack.ask("group_create", &json!({"title": title}));
    let group_id = created["group_id"].as_str().expect("a group id").to_owned();
    for number in 0..5 {
        let text = format!("m{number}");
        stack.ask("send", &json!({"group_id": group_id, "text": text, "to": ["user"], "by": "script"}));
    }
    group_id
}

#[test]
fn a_damaged_group_stops_nobody_else() {
    let mut stack = Stack::start();
    let (bad, good) = (group(&stack, "bad"), group(&stack, "good"));
    stack.stop();
    let path = stack.home().join("groups").join(&bad).join("ledger.jsonl");
    let text = std::fs::read_to_string(&path).expect("the ledger");
    assert!(text.contains("\"m2\""));
    std::fs::write(&path, text.replace("\"m2\"", "\"mX\"")).expect("damage");
    stack.run();

    let args = json!({"group_id": bad, "text": "more", "to": ["user"], "by": "script"});
    let refusal = stack.client().refused("send", &args);
    assert_eq!(refusal.code, "group_damaged", "{}", refusal.message);
    let shown = stack.ask("group_show", &json!({"group_id": bad}));
    assert!(shown["group"]["damaged"].is_string(), "{shown}");
    let seen = stack.ask("ledger_range", &json!({"group_id": bad}));
    assert!(seen["events"].to_string().contains("m1"), "what is before the damage can be read: {seen}");
    stack.ask("send", &json!({"group_id": good, "text": "more", "to": ["user"], "by": "script"}));
    let verified = stack.cccc(&["ledger", "verify", "--group", &bad]);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned() + &String::from_utf8_lossy(&verified.stderr);
    assert!(!verified.status.success() && said.contains("line"), "verify names the place: {said}");
    assert_eq!(
        std::fs::read_to_string(&path).expect("the ledger"),
        text.replace("\"m2\"", "\"mX\""),
        "nothing was changed"
    );
}

/// A start believes a snapshot and reads what comes behind it; what lies before is looked at afterwards.
#[test]
fn damage_that_a_start_has_skipped_is_found_behind_it() {
    let mut stack = Stack::start();
    let (bad, good) = (group(&stack, "bad"), group(&stack, "good"));
    for group_id in [&bad, &good] {
        stack.ask("ledger_snapshot", &json!({"group_id": group_id, "by": "user"}));
    }
    stack.stop();
    let path = stack.home().join("groups").join(&bad).join("ledger.jsonl");
    let text = std::fs::read_to_string(&path).expect("the ledger");
    assert!(text.contains("\"m2\""));
    std::fs::write(&path, text.replace("\"m2\"", "\"mX\"")).expect("damage");
    stack.run();

    let damaged = |stack: &Stack| stack.ask("group_show", &json!({"group_id": bad}))["group"]["damaged"].clone();
    until("the damage is found", || damaged(&stack).is_string());
    assert!(damaged(&stack).as_str().expect("a sentence").contains("line"), "{}", damaged(&stack));
    let said = String::from_utf8_lossy(&stack.cccc(&["doctor"]).stdout).into_owned();
    assert!(said.contains(&format!("{bad} is damaged")), "doctor tells it: {said}");
    let args = json!({"group_id": bad, "text": "more", "to": ["user"], "by": "script"});
    assert_eq!(stack.client().refused("send", &args).code, "group_damaged");
    stack.ask("send", &json!({"group_id": good, "text": "more", "to": ["user"], "by": "script"}));

    stack.stop();
    stack.run();
    assert!(damaged(&stack).is_string(), "the next start does not believe the snapshot");
    let seen = stack.ask("ledger_range", &json!({"group_id": bad}))["events"].to_string();
    assert!(seen.contains("\"m1\"") && !seen.contains("mX"), "what is before the damage can be read: {seen}");
    let kept = std::fs::read_to_string(&path).expect("the ledger");
    assert_eq!(kept, text.replace("\"m2\"", "\"mX\""), "nothing was changed");
}
