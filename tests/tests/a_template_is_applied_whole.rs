//! A template says what a group is made of: what runs is stopped, what the file says is there, and nothing starts by
//! itself.

use serde_json::json;
use std::fs;
use tests::{Stack, until};

#[test]
fn a_template_is_applied_whole() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&["lead", "peer"]);
    until("both agents", || stack.processes("test-agent").len() == 2);

    let exported = stack.ok(&["template", "export", "-g", &group_id]);
    let file = stack.folder().join("team.yaml");
    fs::write(&file, &exported).expect("a file");
    let file = file.to_str().expect("text");
    let preview = stack.json(&["template", "preview", file, "-g", &group_id]);
    assert_eq!(preview["diff"]["actors_update"], json!([]), "what comes out says the same: {exported}");

    let (kind, v) = ("cccc.group_template", 1);
    let one =
        json!({"kind": kind, "v": v, "actors": [{"id": "solo", "runtime": "custom", "command": ["sleep", "600"]}]});
    let args = json!({"group_id": group_id, "confirm": group_id, "template": one.to_string()});
    let imported = stack.ask("group_template_import_replace", &args);
    assert_eq!((&imported["removed"], &imported["added"]), (&json!(["lead", "peer"]), &json!(["solo"])));
    until("everything that ran is stopped", || stack.processes("test-agent").is_empty());
    let shown = stack.ask("group_show", &json!({"group_id": group_id}));
    assert_eq!((&shown["group"]["running"], &shown["group"]["actors"][0]["id"]), (&json!(false), &json!("solo")));

    // What was stopped is in the file still, for another directory.
    let other = stack.folder().join("other");
    fs::create_dir(&other).expect("a folder");
    let args = json!({"path": other, "template": exported, "title": "Copy"});
    let copy = stack.ask("group_create_from_template", &args)["group_id"].as_str().expect("an id").to_owned();
    assert!(stack.processes("test-agent").is_empty(), "nothing is started by a file");
    stack.ask("group_start", &json!({"group_id": copy}));
    until("both agents of the copy", || stack.processes("test-agent").len() == 2);
    let again = stack.client().refused("group_create_from_template", &args);
    assert_eq!((again.code.as_str(), &again.details["group_id"]), ("scope_already_attached", &json!(copy)));
    stack.ask("group_stop", &json!({"group_id": copy}));
    until("the copy is stopped", || stack.processes("test-agent").is_empty());
}
