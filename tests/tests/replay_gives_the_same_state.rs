//! State is a replay of the ledger and nothing else: without caches, every answer is the same as before.

use serde_json::{Value, json};
use tests::{Stack, until};

/// Everything a client can ask about the state of a group.
fn answers(stack: &Stack, group_id: &str) -> Value {
    let mut client = stack.client();
    let mut ask = |op: &str, args: Value| client.ask(op, &args);
    let inboxes: Vec<Value> = ["user", "a", "b", "c"]
        .iter()
        .map(|actor| ask("inbox_list", json!({"group_id": group_id, "actor_id": actor, "limit": 1000})))
        .collect();
    json!({
        "groups": ask("groups", json!({})),
        "group": ask("group_show", json!({"group_id": group_id})),
        "actors": ask("actor_list", json!({"group_id": group_id, "include_unread": true})),
        "inboxes": inboxes,
        "window": ask("ledger_window", json!({"group_id": group_id, "before": 1000})),
        "settings": ask("active_get", json!({})),
    })
}

/// How many events the last start has not read, because of snapshots.
fn from_snapshots(stack: &Stack) -> u64 {
    let log = std::fs::read_to_string(stack.home().join("logs/ledgerd.log")).expect("the log of ledgerd");
    let opened = log.lines().rfind(|line| line.contains("home opened")).expect("it was opened");
    let (_, number) = opened.split_once("from_snapshots=").expect("it says how many");
    number.chars().take_while(char::is_ascii_digit).collect::<String>().parse().expect("a number")
}

#[test]
fn replay_gives_the_same_state() {
    let mut stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let mut client = stack.client();
    for actor in ["a", "b", "c"] {
        let args = json!({"group_id": group_id, "actor_id": actor, "title": actor.to_uppercase(), "runtime": "custom",
                          "runner": "headless", "command": []});
        client.ask("actor_add", &args);
    }
    let mut ids: Vec<String> = Vec::new();
    for number in 0..60 {
        let to =
            [json!([]), json!(["@all"]), json!(["@peers"]), json!(["@foreman"]), json!(["b", "user"]), json!(["C"])];
        let priority = if number % 5 == 0 { "attention" } else { "normal" };
        let args = json!({"group_id": group_id, "text": format!("message {number}"), "to": to[number % to.len()],
                          "priority": priority, "reply_required": number % 7 == 0});
        ids.push(client.ask("send", &args)["event"]["id"].as_str().expect("an id").to_owned());
    }
    client.ask("reply", &json!({"group_id": group_id, "reply_to": ids[1], "text": "yes", "by": "b"}));
    client.ask("inbox_mark_read", &json!({"group_id": group_id, "actor_id": "a", "event_id": ids[13], "by": "a"}));
    client.ask("inbox_mark_all_read", &json!({"group_id": group_id, "actor_id": "c", "by": "c"}));
    client.ask("system_notify", &json!({"group_id": group_id, "kind": "info", "title": "t", "message": "m"}));
    client.ask("group_update", &json!({"group_id": group_id, "patch": {"topic": "the topic"}}));
    // What comes after it is replayed on top of it.
    client.ask("ledger_snapshot", &json!({"group_id": group_id}));
    client.ask("group_settings_update", &json!({"group_id": group_id, "patch": {"default_send_to": "broadcast"}}));
    client.ask("actor_stop", &json!({"group_id": group_id, "actor_id": "a"}));
    client.ask("actor_remove", &json!({"group_id": group_id, "actor_id": "c"}));
    client.ask("actor_add", &json!({"group_id": group_id, "actor_id": "c", "runtime": "custom", "runner": "headless"}));
    client.ask("group_set_state", &json!({"group_id": group_id, "state": "paused"}));
    let before = answers(&stack, &group_id);

    for round in ["with caches", "without caches"] {
        stack.stop();
        if round == "without caches" {
            let cache = stack.home().join("cache");
            if cache.exists() {
                std::fs::remove_dir_all(cache).expect("the cache goes");
            }
        }
        stack.run();
        until(round, || answers(&stack, &group_id) == before);
        let found = from_snapshots(&stack);
        // All messages were there when it was made.
        assert!(if round == "with caches" { found > 60 } else { found == 0 }, "{round}: {found}");
    }
}
