//! A write that fails for any reason but a lack of room ends ledgerd with an exit code of its own: nothing is
//! acknowledged, the supervisor starts it again, and a client that waits is answered once the disk works.

use serde_json::json;
use tests::{Stack, until};

#[test]
fn what_cannot_be_written_is_not_acknowledged() {
    let stack = Stack::start();
    let group = stack.ask("group_create", &json!({"title": "broken"}));
    let group_id = group["group_id"].as_str().expect("a group id");
    let send = |text: &str| json!({"group_id": group_id, "text": text, "to": ["user"], "by": "script"});
    stack.ask("send", &send("before"));

    // Where long texts are stored, something else is.
    let state = stack.home().join("groups").join(group_id).join("state");
    std::fs::create_dir_all(&state).expect("the group's folder");
    std::fs::write(state.join("blobs"), "in the way").expect("a file");
    let mut client = stack.client();
    let line = json!({"v": 1, "op": "send", "args": send(&"long ".repeat(10_000))});
    client.say(format!("{line}\n").as_bytes()).expect("the door listens");
    until("the end of ledgerd", || {
        let status = stack.json(&["daemon", "status"]);
        status.to_string().contains("exit code 70")
    });

    std::fs::remove_file(state.join("blobs")).expect("it is out of the way");
    let answer = client.hear().expect("an answer").expect("the connection has held");
    assert_eq!(answer["ok"], json!(true), "{answer}");
    let events = stack.events(group_id);
    let messages = events.iter().filter(|event| event["kind"] == "chat.message");
    let ids: Vec<_> = messages.map(|event| &event["id"]).collect();
    assert_eq!((ids.len(), ids.last()), (2, Some(&&answer["result"]["event"]["id"])), "once, and nothing else");
}
