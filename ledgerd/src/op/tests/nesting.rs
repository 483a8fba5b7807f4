//! What a client may send is never too deep to be read again, from the ledger or out of an answer.

use super::world::World;
use bus::contract::Event;
use bus::contract::limit::NESTING_MAX;
use serde_json::{Value, json};

/// An object of so many levels.
fn nested(levels: usize) -> Value {
    (1..levels).fold(json!({}), |inner, _| json!({"x": inner}))
}

/// Levels of lists and objects.
fn levels(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(levels).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(levels).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// Whether JSON that is carried in a few more levels, as the bus and the client socket do it, can be read.
fn can_be_read(value: &Value) -> bool {
    serde_json::from_str::<Value>(&json!({"Ok": {"an_op": value}}).to_string()).is_ok()
}

#[test]
fn the_deepest_that_is_taken_can_be_read_again() {
    let (mut world, group_id) = World::with_team();
    let first = world.send(&group_id, "user", json!({"to": "lead"}));
    let attached = world.ask("cli", "attach", json!({"path": "/srv/other"})).unwrap();
    let other = attached["group_id"].as_str().unwrap();
    world.add(other, "chief", json!({}));
    #[rustfmt::skip]
    let cases = [
        // op                 where it is deep        arguments
        ("send",              "/refs/0",              json!({"text": "x", "to": "peer", "refs": [0]})),
        ("reply",             "/refs/0",              json!({"text": "x", "reply_to": first, "refs": [0]})),
        ("send_cross_group",  "/refs/0",              json!({"text": "x", "dst_group_id": other, "refs": [0]})),
        ("tracked_send",      "/refs/0",              json!({"text": "x", "to": "peer", "title": "t", "refs": [0]})),
        ("system_notify",     "/context",             json!({"title": "x", "context": 0})),
        ("context_sync",      "/ops/0/data",          json!({"ops": [{"op": "meta.merge", "data": 0}]})),
    ];
    for (op, place, mut args) in cases {
        args["group_id"] = json!(group_id);
        let above = place.split('/').count() - 1;
        *args.pointer_mut(place).expect("a place") = nested(NESTING_MAX - above);
        assert_eq!(levels(&args), NESTING_MAX, "{op}");
        let by = if op == "system_notify" { "system" } else { "user" };
        let reply = world.ask(by, op, args).unwrap_or_else(|refusal| panic!("{op}: {refusal}"));
        assert!(can_be_read(&reply), "the answer to {op}");
        for event in world.last.clone() {
            let line = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event, "{op}");
        }
    }
    for op in ["desk_get", "ledger_window", "context_get"] {
        let answer = world.ask_daemon(op, json!({"group_id": group_id})).unwrap();
        assert!(levels(&answer) > NESTING_MAX - 4, "{op} shows what was sent");
        assert!(can_be_read(&answer), "the answer to {op}");
    }
    world.check_replay();
}
