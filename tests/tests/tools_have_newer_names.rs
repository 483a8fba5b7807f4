//! Agents that know our tools by the names of newer versions, one for a noun with an `action`, get the same done; and a
//! message whose sender could not know whether it was sent is sent once.

use serde_json::{Value, json};
use std::fs;
use tests::Stack;
use tests::mcp::Mcp;

#[test]
fn tools_have_newer_names() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let lead = stack.headless(&group_id, "lead");
    let peer = stack.headless(&group_id, "peer");
    let mut agent = Mcp::stdio(&stack, &lead);

    // Tasks, in the words of the newer context.
    let wanted = json!({"action": "create", "title": "bridge", "outcome": "it carries us", "assignee": "peer"});
    agent.ok("cccc_task", &wanted);
    let tasks = agent.ok("cccc_task", &json!({}));
    let task = &tasks["tasks"][0];
    assert_eq!((&task["name"], &task["assignee"]), (&json!("bridge"), &json!("peer")), "{task}");
    agent.ok("cccc_task", &json!({"action": "move", "task_id": task["id"], "status": "active"}));
    let moved = agent.ok("cccc_task", &json!({"action": "get", "task_id": task["id"]}));
    assert_eq!(moved["task"]["status"], "active");
    agent.ok("cccc_agent_state", &json!({"action": "update", "focus": "the arch"}));
    agent.ok("cccc_coordination", &json!({"action": "update_brief", "objective": "a bridge"}));
    agent.ok("cccc_coordination", &json!({"action": "add_decision", "summary": "we take stone"}));
    let context = agent.ok("cccc_coordination", &json!({}));
    assert_eq!(context["coordination"]["brief"]["objective"], "a bridge", "{context}");
    assert!(context.to_string().contains("the arch") && context.to_string().contains("we take stone"), "{context}");
    let steps = json!(["draw", {"text": "build", "status": "pending"}]);
    let given = json!({"title": "wall", "text": "build a wall", "to": "peer", "checklist": steps});
    let given = agent.ok("cccc_tracked_send", &given);
    let task = agent.ok("cccc_task_list", &json!({"task_id": given["task_id"]}));
    assert_eq!(task["task"]["steps"].as_array().map(Vec::len), Some(2), "{task}");

    // The group and who is in it.
    assert_eq!(agent.ok("cccc_group", &json!({}))["group"]["group_id"], json!(group_id));
    assert_eq!(agent.ok("cccc_actor", &json!({"action": "list"}))["actors"].as_array().map(Vec::len), Some(2));
    assert_eq!(agent.refused("cccc_actor", &json!({"action": "fly"})), "invalid_request");

    // Files, and messages: with `reply_to` a message is the answer to one.
    fs::write(stack.work().join("plan.txt"), "arch").expect("a file");
    stack.ok(&["attach", &stack.work().to_string_lossy(), "-g", &group_id]);
    let sent = agent.ok("cccc_file", &json!({"action": "send", "path": "plan.txt", "to": "peer", "text": "the plan"}));
    let id = &sent["event"]["id"];
    let mut other = Mcp::http(&stack, &peer.token);
    let attachment = &sent["event"]["data"]["attachments"][0]["path"];
    let place = other.ok("cccc_file", &json!({"action": "blob_path", "rel_path": attachment}));
    assert_eq!(fs::read_to_string(place["path"].as_str().expect("a path")).expect("it is there"), "arch");
    let answer = other.ok("cccc_message_send", &json!({"reply_to": id, "text": "fine"}));
    assert_eq!((&answer["event"]["data"]["reply_to"], &answer["event"]["data"]["to"]), (id, &json!(["lead"])));
    let asked = agent.ok("cccc_message_send", &json!({"text": "when?", "to": "peer", "message_mode": "request_reply"}));
    assert_eq!(asked["event"]["data"]["reply_required"], true);
    other.ok("cccc_inbox_mark_read", &json!({"action": "read_all"}));
    assert_eq!(other.ok("cccc_inbox_list", &json!({}))["messages"], json!([]));

    // Whoever says its own word for a message may say it again.
    let count = |stack: &Stack| {
        let is = |event: &Value| event["kind"] == "chat.message" && event["data"]["text"] == "once";
        stack.events(&group_id).iter().filter(|event| is(event)).count()
    };
    let once = json!({"text": "once", "to": "lead", "client_id": "my-word"});
    let [first, again] = [0, 1].map(|_| other.ok("cccc_message_send", &once)["event"]["id"].clone());
    assert_eq!((&first, count(&stack)), (&again, 1));
}
