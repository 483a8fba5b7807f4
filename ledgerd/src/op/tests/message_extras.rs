//! What goes along with a message.

use super::world::World;
use serde_json::{Value, json};

fn with(op: &str, more: &Value) -> Value {
    let mut args = match op {
        "reply" => json!({"group_id": "$group", "reply_to": "$first", "text": "hello"}),
        "send_cross_group" => json!({"group_id": "$group", "dst_group_id": "$other", "text": "hello", "to": ["chief"]}),
        _ => json!({"group_id": "$group", "text": "hello", "to": ["peer"]}),
    };
    args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    args
}

fn two_groups() -> (World, String, String, String) {
    let (mut world, group_id) = World::with_team();
    let first = world.send(&group_id, "lead", json!({"to": "user"}));
    let attached = world.ask("cli", "attach", json!({"path": "/srv/other"})).unwrap();
    let other = attached["group_id"].as_str().unwrap().to_owned();
    world.add(&other, "chief", json!({}));
    (world, group_id, first, other)
}

#[test]
fn references_and_remarks_are_kept_with_every_message() {
    let (mut world, group_id, first, other) = two_groups();
    let refs = json!([{"kind": "url", "url": "https://h/x", "more": {"a": 1}}]);
    let more = json!({"refs": refs, "insight": " it may be the wrong layer ", "suggested_user_message": "Go on.",
                      "require_peer_insight": true});
    for op in ["send", "reply", "send_cross_group"] {
        let text = with(op, &more).to_string().replace("$group", &group_id).replace("$first", &first);
        let answer = world.ask("user", op, serde_json::from_str(&text.replace("$other", &other)).unwrap()).unwrap();
        let halves = ["event", "src_event", "dst_event"].map(|half| &answer[half]["data"]);
        let halves: Vec<_> = halves.into_iter().filter(|data| !data.is_null()).collect();
        assert_eq!(halves.len(), if op == "send_cross_group" { 2 } else { 1 });
        for data in halves {
            assert_eq!(data["refs"], refs, "{op}");
            assert_eq!(data["insight"], "it may be the wrong layer", "{op}");
            assert_eq!(data["suggested_user_message"], "Go on.", "{op}");
        }
    }
    let plain =
        world.ask("user", "send", json!({"group_id": group_id, "text": "x", "to": "peer", "insight": " "})).unwrap();
    assert!(plain["event"]["data"].get("insight").is_none(), "what is not there takes no room");
    world.check_replay();
}

#[test]
fn what_cannot_go_along_is_refused() {
    let (mut world, group_id, first, other) = two_groups();
    let wide = json!([{"kind": "x", "text": "x".repeat(32_000)}]);
    #[rustfmt::skip]
    let cases = [
        (json!({"refs": {}}),                                         Some("invalid_request")),
        (json!({"refs": ["x"]}),                                      Some("invalid_request")),
        (json!({"refs": vec![json!({}); 65]}),                        Some("invalid_request")),
        (json!({"refs": wide}),                                       Some("invalid_request")),
        (json!({"insight": "\u{5be9}".repeat(1_201)}),                Some("invalid_insight")),
        (json!({"insight": "\u{5be9}".repeat(1_200)}),                None),
        (json!({"suggested_user_message": "x".repeat(32_001)}),       Some("invalid_request")),
        (json!({"require_peer_insight": true, "to": ["@all"]}),       Some("peer_insight_required")),
        (json!({"require_peer_insight": true, "to": ["user"]}),       None),
        (json!({"require_peer_insight": false}),                      None),
    ];
    for (more, refusal) in cases {
        for op in ["send", "reply", "send_cross_group"] {
            let kinds =
                if op == "send_cross_group" { "chat.message chat.message x.cccc.cross_group" } else { "chat.message" };
            let row = ("user", op, with(op, &more), refusal.map_or(Ok(kinds), Err));
            world.run(&group_id, &[("first", &first), ("other", &other)], &[row]);
        }
    }
}
