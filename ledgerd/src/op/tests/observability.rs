//! How much the system tells of itself, and to whom.

use super::world::World;
use bus::contract::op::observability::Observability;
use serde_json::{Value, json};

fn set(world: &mut World, patch: Value) -> Result<Value, String> {
    let answer = world.ask("user", "observability_update", json!({"patch": patch}));
    answer.map(|answer| answer["observability"].clone()).map_err(|error| error.code.word().to_owned())
}

#[test]
fn settings_are_merged_field_by_field_and_kept() {
    let (mut world, _) = World::with_team();
    let usual = json!(Observability::default());
    assert_eq!(world.ask("peer", "observability_get", json!({})).unwrap()["observability"], usual);
    #[rustfmt::skip]
    let cases = [
        // patch                                                        pointer                                  now               written
        (json!(null),                                                   "/developer_mode",                       json!(false),     false),
        (json!({}),                                                     "/developer_mode",                       json!(false),     false),
        (json!({"colour": "red"}),                                      "/developer_mode",                       json!(false),     false),
        (json!({"developer_mode": "yes"}),                              "/developer_mode",                       json!(true),      true),
        (json!({"developer_mode": true}),                               "/developer_mode",                       json!(true),      false),
        (json!({"log_level": "warn"}),                                  "/log_level",                            json!("WARNING"), true),
        (json!({"log_level": " debug "}),                               "/log_level",                            json!("DEBUG"),   true),
        (json!({"components": ["im", " pty "]}),                        "/components",                           json!(["im", "pty"]), true),
        (json!({"terminal_transcript": {"persist": true}}),             "/terminal_transcript/persist",          json!(true),      true),
        (json!({"terminal_transcript": {"per_actor_bytes": 5}}),        "/terminal_transcript/per_actor_bytes",  json!(5),         true),
        (json!({"terminal_transcript": {"per_actor_bytes": 0}}),        "/terminal_transcript/per_actor_bytes",  json!(10_485_760), true),
        (json!({"terminal_ui": {"scrollback_lines": 1}}),               "/terminal_ui/scrollback_lines",         json!(1_000),     true),
        (json!({"terminal_ui": {"scrollback_lines": "900000"}}),        "/terminal_ui/scrollback_lines",         json!(200_000),   true),
    ];
    for (patch, pointer, now, is_written) in cases {
        let answer = set(&mut world, patch.clone()).unwrap();
        assert_eq!(answer.pointer(pointer), Some(&now), "{patch}");
        assert_eq!(world.kinds(), if is_written { vec!["x.cccc.observability"] } else { vec![] }, "{patch}");
        assert_eq!(world.ask("user", "observability_get", json!({})).unwrap()["observability"], answer, "{patch}");
    }
    for patch in [
        json!({"developer_mode": "perhaps"}),
        json!({"log_level": 7}),
        json!({"log_level": "loud"}),
        json!({"components": "im"}),
        json!({"components": [" "]}),
        json!({"terminal_ui": []}),
        json!({"terminal_transcript": {"per_actor_bytes": -1}}),
    ] {
        assert_eq!(set(&mut world, patch.clone()), Err("observability_update_failed".into()), "{patch}");
    }
    let refused = world.ask("lead", "observability_update", json!({"patch": {"developer_mode": false}})).unwrap_err();
    assert_eq!(refused.code.word(), "permission_denied");
    world.check_replay();
}

#[test]
fn only_developers_look_inside() {
    let (mut world, group_id) = World::with_team();
    let group = json!({"group_id": "$group"});
    let log = |component: &str, group_id: &str| json!({"component": component, "group_id": group_id});
    #[rustfmt::skip]
    let closed = [
        ("user", "debug_snapshot",   json!({}),          Err("developer_mode_required")),
        ("user", "debug_tail_logs",  log("daemon", ""),  Err("developer_mode_required")),
        ("user", "debug_clear_logs", log("daemon", ""),  Err("developer_mode_required")),
        ("lead", "debug_snapshot",   json!({}),          Err("permission_denied")),
    ];
    world.run(&group_id, &[], &closed);
    set(&mut world, json!({"developer_mode": true})).unwrap();
    #[rustfmt::skip]
    let open = [
        ("user", "debug_snapshot",   json!({}),                                Ok("")),
        ("lead", "debug_snapshot",   group.clone(),                            Ok("")),
        ("peer", "debug_snapshot",   group.clone(),                            Err("permission_denied")),
        ("zoe",  "debug_snapshot",   group,                                    Err("permission_denied")),
        ("lead", "debug_tail_logs",  log("daemon", ""),                        Err("permission_denied")),
        ("user", "debug_tail_logs",  log("ccccd", ""),                         Ok("")),
        ("user", "debug_tail_logs",  log("../secrets", ""),                    Err("invalid_component")),
        ("user", "debug_tail_logs",  log("im_bridge", ""),                     Err("missing_group_id")),
        ("lead", "debug_tail_logs",  log("im", "$group"),                      Ok("")),
        ("user", "debug_clear_logs", log("", ""),                              Err("invalid_component")),
        ("user", "debug_clear_logs", log("ptyd", ""),                          Ok("")),
    ];
    world.run(&group_id, &[], &open);
}

#[test]
fn a_snapshot_for_developers_says_what_waits() {
    let (mut world, group_id) = World::with_team();
    set(&mut world, json!({"developer_mode": true})).unwrap();
    let plain = world.ask("user", "debug_snapshot", json!({})).unwrap();
    assert!(plain["daemon"]["pid"] == 42 && plain.get("group").is_none() && plain.get("actors").is_none());
    world.send(&group_id, "user", json!({"to": ["peer", "bot"]}));
    let shown = world.ask("user", "debug_snapshot", json!({"group_id": group_id})).unwrap();
    assert_eq!(shown["group"]["group_id"], json!(group_id));
    let peer = shown["actors"].as_array().unwrap().iter().find(|actor| actor["id"] == "peer").unwrap();
    assert_eq!(
        (&peer["unread_count"], &peer["role"], &peer["runner_effective"]),
        (&json!(1), &json!("peer"), &json!("pty"))
    );
    let waits = json!({"pending": 1, "pending_kinds_preview": ["chat.message"], "reason": "", "last_delivery_at": null,
                       "last_attempt_at": null, "delivered_chat_count": 0});
    assert_eq!((&shown["delivery"]["pending_total"], &shown["delivery"]["actors"]["peer"]), (&json!(1), &waits));
}

#[test]
fn a_snapshot_for_developers_says_what_was_delivered() {
    let (mut world, group_id) = World::with_team();
    set(&mut world, json!({"developer_mode": true})).unwrap();
    let chat = world.send(&group_id, "user", json!({"to": ["peer"]}));
    let other = world.send(&group_id, "user", json!({"to": ["peer"]}));
    let notice = json!({"group_id": group_id, "title": "N", "priority": "high", "target_actor_id": "peer"});
    let notice = super::world::id_of(&world.ask("system", "system_notify", notice).unwrap()["event"]);
    #[rustfmt::skip]
    let cases = [
        // what is recorded             delivered now  tried now  messages
        (&[&chat][..],     "held",      false,         false,     0),
        (&[&chat, &notice], "handed",   true,          true,      1),
        (&[&chat],         "accepted",  false,         false,     1),
        (&[&other],        "uncertain", false,         true,      1),
        (&[&other],        "accepted",  true,          false,     2),
        (&[&notice],       "failed",    false,         true,      2),
    ];
    let (mut delivered, mut tried) = (json!(null), json!(null));
    for (event_ids, stage, is_delivered, is_tried, messages) in cases {
        let record =
            json!({"group_id": group_id, "actor_id": "peer", "event_ids": event_ids, "stage": stage, "reason": "r"});
        let ts = world.ask_daemon("delivery_record", record).unwrap()["event"]["ts"].clone();
        assert!(ts.is_string(), "{stage} is news");
        delivered = if is_delivered { ts.clone() } else { delivered };
        tried = if is_tried { ts } else { tried };
        let shown = world.ask("user", "debug_snapshot", json!({"group_id": group_id})).unwrap();
        let peer = &shown["delivery"]["actors"]["peer"];
        let is = (&peer["last_delivery_at"], &peer["last_attempt_at"], &peer["delivered_chat_count"]);
        assert_eq!(is, (&delivered, &tried, &json!(messages)), "{stage}");
    }
    world.check_replay();
}
