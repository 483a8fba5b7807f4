//! Work that is handed on: a task and its message, both or neither, once.

use super::world::{PATH, World};
use serde_json::{Value, json};

fn with(more: &Value) -> Value {
    let mut args = json!({"group_id": "$group", "text": "Fix the login race\nsee the log", "to": ["peer"]});
    args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    args
}

fn ask(world: &mut World, group_id: &str, by: &str, more: &Value) -> Value {
    let mut args = with(more);
    args["group_id"] = json!(group_id);
    world.ask(by, "tracked_send", args).unwrap()
}

fn task(world: &mut World, group_id: &str, task_id: &Value) -> Value {
    world.ask("user", "task_list", json!({"group_id": group_id, "task_id": task_id})).unwrap()["task"].clone()
}

#[test]
fn a_task_and_the_message_that_hands_it_on_are_written_as_one() {
    let (mut world, group_id) = World::with_team();
    let more = json!({
        "title": "Login", "outcome": "no race", "status": "active", "task_priority": "high", "task_type": "standard",
        "waiting_on": "actor", "handoff_to": "lead", "blocked_by": ["T009"], "notes": "n", "insight": "maybe elsewhere",
        "checklist": [{"text": "look", "status": "done"}, {"text": "fix"}], "refs": [{"kind": "url", "url": "u"}],
        "path": PATH, "idempotency_key": "k1",
    });
    let sent = ask(&mut world, &group_id, "lead", &more);
    assert_eq!(world.kinds(), ["context.sync", "chat.message", "x.cccc.tracked"]);
    let data = &sent["event"]["data"];
    let reference = json!({"kind": "task_ref", "task_id": "T001", "title": "Login", "status": "active"});
    assert_eq!((&sent["task_id"], &sent["task_ref"]), (&json!("T001"), &reference));
    assert_eq!(data["refs"], json!([{"kind": "url", "url": "u"}, reference]));
    let said = (&data["message_mode"], &data["reply_required"], &data["insight"]);
    assert_eq!(said, (&json!("send"), &json!(false), &json!("maybe elsewhere")));
    assert_eq!((&sent["event_id"], &sent["replayed"]), (&sent["event"]["id"], &json!(false)));
    let task = task(&mut world, &group_id, &sent["task_id"]);
    #[rustfmt::skip]
    let wanted = [
        ("name", json!("Login")), ("goal", json!("no race")), ("status", json!("active")), ("assignee", json!("peer")),
        ("priority", json!("high")), ("task_type", json!("standard")), ("waiting_on", json!("actor")),
        ("handoff_to", json!("lead")), ("blocked_by", json!(["T009"])), ("notes", json!("n")), ("current_step", json!("S2")),
    ];
    for (field, value) in wanted {
        assert_eq!(task[field], value, "{field}");
    }
    world.check_replay();
}

#[test]
fn the_same_key_makes_nothing_anew() {
    let (mut world, group_id) = World::with_team();
    let key = json!({"idempotency_key": "k1"});
    let first = ask(&mut world, &group_id, "lead", &key);
    let again = ask(&mut world, &group_id, "lead", &key);
    assert!(world.last.is_empty());
    assert_eq!(
        (&again["task_id"], &again["event"], &again["replayed"]),
        (&first["task_id"], &first["event"], &json!(true))
    );
    let other = ask(&mut world, &group_id, "bot", &key);
    assert_eq!((&other["task_id"], &other["replayed"]), (&json!("T002"), &json!(false)), "a key is its sender's own");
    let row =
        ("lead", "tracked_send", with(&json!({"idempotency_key": "k1", "title": "else"})), Err("invalid_request"));
    world.run(&group_id, &[], &[row]);
    // Without a key, each is a new one.
    assert_eq!(ask(&mut world, &group_id, "lead", &json!({}))["task_id"], "T003");
    assert_eq!(ask(&mut world, &group_id, "lead", &json!({}))["task_id"], "T004");
}

#[test]
fn what_is_not_said_of_a_task_follows_from_its_message() {
    let (mut world, group_id) = World::with_team();
    #[rustfmt::skip]
    let cases = [
        // said                                       name                    assignee
        (json!({}),                                  "Fix the login race",   json!("peer")),
        (json!({"title": " T ", "assignee": "lead"}), "T",                    json!("lead")),
        (json!({"to": ["peer", "lead"]}),            "Fix the login race",   json!(null)),
        (json!({"to": ["@peers"]}),                  "Fix the login race",   json!(null)),
        (json!({"to": ["user"]}),                    "Fix the login race",   json!(null)),
    ];
    for (said, name, assignee) in cases {
        let sent = ask(&mut world, &group_id, "lead", &said);
        let task = task(&mut world, &group_id, &sent["task_id"]);
        assert_eq!((&task["name"], &task["assignee"]), (&json!(name), &assignee), "{said}");
    }
}

#[test]
fn without_its_message_there_is_no_task() {
    let (mut world, group_id) = World::with_team();
    let with = |more: Value| with(&more);
    #[rustfmt::skip]
    let table = [
        ("user", "tracked_send", with(json!({"text": " "})),                          Err("empty_message")),
        ("user", "tracked_send", with(json!({"to": ["zoe"]})),                        Err("invalid_recipient")),
        ("user", "tracked_send", with(json!({"status": "odd"})),                      Err("context_sync_error")),
        ("user", "tracked_send", with(json!({"checklist": "x"})),                     Err("context_sync_error")),
        ("user", "tracked_send", with(json!({"refs": "x"})),                          Err("invalid_request")),
        ("user", "tracked_send", with(json!({"path": "/elsewhere"})),                 Err("scope_not_attached")),
        ("user", "tracked_send", with(json!({"require_peer_insight": true})),         Err("peer_insight_required")),
        ("user", "tracked_send", with(json!({"idempotency_key": "x".repeat(1_001)})), Err("invalid_request")),
        ("user", "tracked_send", with(json!({"to": ["off"]})),                        Ok("context.sync actor.start chat.message")),
    ];
    world.run(&group_id, &[], &table);
    let tasks = world.ask("user", "task_list", json!({"group_id": group_id})).unwrap();
    assert_eq!(tasks["tasks"].as_array().unwrap().len(), 1);
}
