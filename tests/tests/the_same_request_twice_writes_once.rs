//! A client that does not know what became of its request may send it again under the same id.

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
