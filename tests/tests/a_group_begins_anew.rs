//! A group that is reset is a clean one under a new id: its agents are ended, and start again there as they were set up.

use serde_json::json;
use std::fs;
use tests::{Stack, until};

#[test]
fn a_group_begins_anew() {
    let stack = Stack::start();
    let (old, _) = stack.group(&["lead", "peer"]);
    until("both agents", || stack.processes("test-agent").len() == 2);
    stack.ask("send", &json!({"group_id": old, "text": "what was said", "to": ["user"]}));
    let secret = json!({"group_id": old, "actor_id": "peer", "set": {"ONLY_HERE": "carried-over"}});
    stack.ask("actor_env_private_update", &secret);

    let refused = stack.client().refused("group_reset", &json!({"group_id": old, "confirm": "g_000000000000"}));
    assert_eq!(refused.code, "confirmation_required");
    let answer = stack.json(&["group", "reset", "--confirm", &old]);
    let new = answer["group_id"].as_str().expect("an id").to_owned();
    assert_eq!((&answer["old_group_id"], answer["deleted_old"].as_bool()), (&json!(old), Some(true)));
    assert!(stack.processes("test-agent").is_empty(), "its agents were ended before it was answered");
    assert!(!stack.home().join("groups").join(&old).exists());
    let kinds: Vec<_> = stack.events(&new).iter().map(|event| event["kind"].clone()).collect();
    assert!(!kinds.contains(&json!("chat.message")), "{kinds:?}");

    stack.ok(&["group", "start", "-g", &new]);
    until("both agents of the new group", || {
        let agents = stack.processes("test-agent");
        let has_it = |pid: i32| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|entry| entry == b"ONLY_HERE=carried-over")
        };
        agents.len() == 2 && agents.iter().filter(|agent| has_it(agent.pid)).count() == 1
    });
}
