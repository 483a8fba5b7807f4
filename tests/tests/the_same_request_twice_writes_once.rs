//! A client that does not know what became of its request may send it again under the same id, of the request or of
//! the message.

use serde_json::{Value, json};
use tests::Stack;

#[test]
fn the_same_request_twice_writes_once() {
    let mut stack = Stack::start();
    let (group_id, _) = stack.group(&["a"]);
    let args = json!({"group_id": group_id, "text": "once", "to": ["a"], "request_id": "r-1"});
    let first = stack.ask("send", &args);

    let again = |stack: &Stack| assert_eq!(stack.ask("send", &args)["event"], first["event"]);
    again(&stack);
    let called = stack.ok(&["call", "send", &args.to_string()]);
    let called: Value = serde_json::from_str(&called).expect("an envelope");
    assert_eq!(called["result"]["event"], first["event"], "a script may ask again by whichever way");
    stack.kill("ledgerd");
    again(&stack);
    stack.stop();
    // What is derived may be thrown away at any time.
    let cache = stack.home().join("cache");
    if cache.exists() {
        std::fs::remove_dir_all(cache).expect("the cache goes");
    }
    stack.run();
    again(&stack);

    let other = json!({"group_id": group_id, "text": "another", "to": ["a"], "request_id": "r-1"});
    assert_eq!(stack.client().refused("send", &other).code, "request_id_reused");
    let texts = |event: &&Value| event["kind"] == "chat.message";
    assert_eq!(stack.events(&group_id).iter().filter(texts).count(), 1);
}

#[test]
fn the_same_message_twice_is_written_once() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&["a"]);
    let other = stack.ask("group_create", &json!({}))["group_id"].clone();
    std::fs::write(stack.work().join("plan.md"), "a plan").expect("a file");
    let asked = stack.ask("send", &json!({"group_id": group_id, "text": "?", "to": ["a"], "client_id": "ask"}));
    let asked = asked["event"]["id"].clone();
    #[rustfmt::skip]
    let cases = [
        // op                 arguments, and what they may not be changed to afterwards
        ("send",              json!({"text": "once", "to": ["a"]})),
        ("reply",             json!({"text": "once", "to": ["a"], "reply_to": asked})),
        ("send_cross_group",  json!({"text": "once", "to": ["user"], "dst_group_id": other})),
        ("send_files",        json!({"text": "once", "to": ["a"], "paths": ["plan.md"]})),
        ("stream_emit",       json!({"text": "once", "to": ["a"], "op": "end", "stream_id": "s"})),
    ];
    let id = |answer: &Value| [&answer["event"]["id"], &answer["src_event"]["id"]].map(Value::clone);
    let mut firsts = Vec::new();
    for (op, args) in cases {
        let mut args = args;
        args["group_id"] = group_id.as_str().into();
        args["client_id"] = format!("of-{op}").into();
        let first = id(&stack.ask(op, &args));
        assert_eq!(id(&stack.ask(op, &args)), first, "{op}");
        firsts.push((op, args, first));
    }
    stack.kill("ledgerd");
    for (op, args, first) in &mut firsts {
        assert_eq!(&id(&stack.ask(op, args)), first, "{op}, after a kill");
        args["text"] = "another".into();
        assert_eq!(stack.client().refused(op, args).code, "request_id_reused", "{op}");
        // The request's own id counts where there is one, and another speaker is another request.
        args["request_id"] = format!("request-{op}").into();
        assert_ne!(&id(&stack.ask(op, args)), first, "{op}");
        args["by"] = "zoe".into();
        args["stream_id"] = "another".into();
        args["request_id"] = Value::Null;
        assert_ne!(&id(&stack.ask(op, args)), first, "{op}");
    }
    let texts = |event: &&Value| event["kind"] == "chat.message" && event["data"]["text"] == "once";
    assert_eq!(stack.events(&group_id).iter().filter(texts).count(), 5);
}
