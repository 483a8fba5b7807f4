//! A client that asks for everything and reads nothing costs one connection; everybody else is served.

use serde_json::json;
use tests::Stack;

/// Together far more than any socket buffer holds.
const MESSAGES: usize = 1_000;
const BYTES: usize = 20_000;

#[test]
fn a_slow_reader_slows_nobody() {
    let stack = Stack::start();
    let group = stack.ask("group_create", &json!({"title": "busy"}));
    let group_id = group["group_id"].as_str().expect("a group id").to_owned();
    let stream = format!("{}\n", json!({"op": "events_stream", "args": {"group_id": group_id}}));
    let mut deaf: Vec<_> = (0..5).map(|_| stack.client()).collect();
    for client in &mut deaf {
        client.say(stream.as_bytes()).expect("the door reads");
    }
    let mut awake = stack.client();
    awake.say(stream.as_bytes()).expect("the door reads");
    assert_eq!(awake.hear().expect("a line").expect("a handshake")["ok"], json!(true));

    let mut client = stack.client();
    let text = "x".repeat(BYTES);
    for number in 0..MESSAGES {
        client.ask(
            "send",
            &json!({"group_id": group_id, "text": format!("{number} {text}"), "to": ["user"], "by": "script"}),
        );
        // The stream that reads gets every message, in order, while the others are stuck.
        let item = awake.hear().expect("a line").expect("the stream goes on");
        let heard = item["event"]["data"]["text"].as_str().unwrap_or_default();
        assert!(heard.starts_with(&format!("{number} ")), "{item:.100}");
    }
    drop(deaf);
    assert_eq!(stack.ask("ping", &json!({}))["ipc_v"], json!(1));
}
