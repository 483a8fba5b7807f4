//! Ops about a group's chat platform and its chats.

use super::world::World;
use bus::contract::limit;
use serde_json::{Value, json};

/// A key as bridges make them.
fn key(number: usize) -> String {
    format!("key-of-chat-{number}")
}

fn asking(group_id: &str, number: usize) -> Value {
    json!({"group_id": group_id, "key": key(number), "chat_id": format!("c{number}"), "platform": "telegram",
           "chat_title": "Ops", "from_user": "Zoe", "from_user_id": "77"})
}

/// A group in which the chats `c0` to `c2` ask to be let in.
fn with_chats() -> (World, String) {
    let (mut world, group_id) = World::with_team();
    for number in 0..3 {
        world.ask_daemon("im_pending_add", asking(&group_id, number)).unwrap();
        assert_eq!(world.kinds(), ["x.cccc.im_pending"]);
    }
    (world, group_id)
}

fn waiting(world: &mut World, group_id: &str) -> Vec<String> {
    let listed = world.ask("user", "im_list_pending", json!({"group_id": group_id})).unwrap();
    listed["pending"].as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_op_about_chats_is_allowed_refused_and_written_as_the_standard_says() {
    let (mut world, group_id) = with_chats();
    let with = |more: Value| {
        let mut args = json!({"group_id": "$group"});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args
    };
    let by_key = |number: usize| with(json!({"key": key(number)}));
    let bound = "x.cccc.im_key_gone x.cccc.im_chat";
    #[rustfmt::skip]
    let table = [
        ("user", "im_bind_chat",      json!({}),                                  Err("missing_key")),
        ("user", "im_bind_chat",      with(json!({"key": "no-such-key-0"})),      Err("invalid_key")),
        ("lead", "im_bind_chat",      by_key(0),                                  Err("permission_denied")),
        ("user", "im_bind_chat",      by_key(0),                                  Ok(bound)),
        ("user", "im_bind_chat",      by_key(0),                                  Err("invalid_key")),
        ("zoe",  "im_list_authorized", with(json!({})),                           Ok("")),
        ("lead", "im_list_pending",   with(json!({})),                            Err("permission_denied")),
        ("user", "im_reject_pending", with(json!({})),                            Err("missing_key")),
        ("peer", "im_reject_pending", by_key(1),                                  Err("permission_denied")),
        ("lead", "im_reject_pending", by_key(1),                                  Ok("x.cccc.im_key_gone")),
        ("lead", "im_reject_pending", by_key(1),                                  Ok("")),
        ("user", "im_config_set",     with(json!({"config": {"platform": "telegram", "allow_agent_bind": true}})), Ok("x.cccc.im_config")),
        ("peer", "im_bind_chat",      by_key(2),                                  Err("permission_denied")),
        ("lead", "im_bind_chat",      by_key(2),                                  Ok(bound)),
        ("user", "im_chat_set",       with(json!({"chat_id": "c2", "verbose": false})), Ok("x.cccc.im_chat")),
        ("user", "im_chat_set",       with(json!({"chat_id": "c2", "verbose": "no"})), Ok("")),
        ("user", "im_chat_set",       with(json!({"chat_id": "c1", "verbose": false})), Err("invalid_request")),
        ("user", "im_chat_set",       with(json!({})),                            Err("missing_chat_id")),
        ("user", "im_revoke_chat",    with(json!({})),                            Err("missing_chat_id")),
        ("peer", "im_revoke_chat",    with(json!({"chat_id": "c2"})),             Err("permission_denied")),
        ("user", "im_revoke_chat",    with(json!({"chat_id": "c2", "thread_id": 9})), Ok("")),
        ("user", "im_revoke_chat",    with(json!({"chat_id": "c2", "thread_id": "none"})), Ok("x.cccc.im_chat_gone")),
        ("user", "im_revoke_chat",    with(json!({"chat_id": "c2"})),             Ok("")),
        ("user", "im_pending_add",    with(json!({"key": key(5), "chat_id": "c5", "platform": "slack"})), Err("permission_denied")),
        ("user", "im_config_set",     with(json!({})),                            Err("invalid_request")),
        ("lead", "im_config_set",     with(json!({"config": {"platform": "slack"}})), Err("permission_denied")),
        ("user", "im_config_set",     with(json!({"config": {"platform": "telegram", "allow_agent_bind": true}})), Ok("")),
        ("user", "im_config_unset",   with(json!({})),                            Ok("x.cccc.im_config")),
        ("user", "im_config_unset",   with(json!({})),                            Ok("")),
        ("zoe",  "im_config_get",     with(json!({})),                            Ok("")),
    ];
    world.run(&group_id, &[], &table);
    let bad = [
        ("missing_key", json!({"group_id": group_id, "chat_id": "c", "platform": "slack"})),
        ("missing_chat_id", json!({"group_id": group_id, "key": key(5), "platform": "slack"})),
        ("invalid_key", json!({"group_id": group_id, "key": "short", "chat_id": "c", "platform": "slack"})),
        ("invalid_key", json!({"group_id": group_id, "key": "a key with blanks", "chat_id": "c", "platform": "slack"})),
        ("invalid_request", json!({"group_id": group_id, "key": key(5), "chat_id": "c", "platform": "pigeon"})),
        (
            "invalid_request",
            json!({"group_id": group_id, "key": key(5), "chat_id": "c".repeat(1_001), "platform": "slack"}),
        ),
    ];
    for (code, args) in bad {
        let refusal = world.ask_daemon("im_pending_add", args.clone()).unwrap_err();
        assert_eq!(refusal.code.word(), code, "{args}");
        assert!(!format!("{refusal:?}").contains("key-of"), "{refusal:?}");
    }
}

#[test]
fn a_key_lets_its_chat_in_once_and_is_in_no_event() {
    let (mut world, group_id) = with_chats();
    assert_eq!(waiting(&mut world, &group_id), [key(2), key(1), key(0)], "newest first");
    let bound = world.ask("user", "im_bind_chat", json!({"group_id": group_id, "key": key(1)})).unwrap();
    assert_eq!(bound, json!({"chat_id": "c1", "thread_id": 0, "platform": "telegram"}));
    assert_eq!(waiting(&mut world, &group_id), [key(2), key(0)]);
    let listed = world.ask("user", "im_list_authorized", json!({"group_id": group_id})).unwrap();
    let chat = &listed["authorized"][0];
    assert_eq!(
        (&chat["chat_id"], &chat["chat_title"], &chat["subscribed"]),
        (&json!("c1"), &json!("Ops"), &json!(true))
    );
    let again = world.ask_daemon("im_pending_add", asking(&group_id, 1)).unwrap();
    assert_eq!((again, world.last.len()), (json!({"authorized": true, "expires_at": 0}), 0));
    let gone = world.ask("user", "im_revoke_chat", json!({"group_id": group_id, "chat_id": "c1"})).unwrap();
    assert_eq!(gone, json!({"revoked": true, "unsubscribed": true}));

    let written = serde_json::to_string(&world.events.iter().map(|(_, event)| event).collect::<Vec<_>>()).unwrap();
    assert!(!written.contains("key-of-chat"), "{written}");
    let shown = world.ask("user", "group_show", json!({"group_id": group_id})).unwrap();
    assert!(!shown.to_string().contains("key-of-chat"));
    world.check_replay();
}

#[test]
fn a_key_counts_for_ten_minutes() {
    let (mut world, group_id) = with_chats();
    world.now += 597_000_000;
    assert_eq!(waiting(&mut world, &group_id), [key(2), key(1)]);
    let refusal = world.ask("user", "im_bind_chat", json!({"group_id": group_id, "key": key(0)})).unwrap_err();
    assert_eq!(refusal.code.word(), "invalid_key");
    // Asking again brings a new key and takes the place of the old one; what does not count any more is forgotten.
    world.ask_daemon("im_pending_add", asking(&group_id, 2)).unwrap();
    world.now += 5_000_000;
    assert_eq!(waiting(&mut world, &group_id), [key(2)]);
    let stored = world.group(&group_id).im.keys_version.clone();
    assert!(world.secrets[&stored].0.len() <= 2, "the file has no key that has expired");
    world.check_replay();
}

#[test]
fn nobody_can_ask_without_end() {
    let (mut world, group_id) = World::with_team();
    for _ in 0..limit::IM_ASKINGS_PER_HOUR_MAX {
        world.ask_daemon("im_pending_add", asking(&group_id, 0)).unwrap();
    }
    let refusal = world.ask_daemon("im_pending_add", asking(&group_id, 0)).unwrap_err();
    assert_eq!(refusal.details["limit"], "IM_ASKINGS_PER_HOUR_MAX");
    for number in 1..limit::IM_PENDING_MAX {
        world.ask_daemon("im_pending_add", asking(&group_id, number)).unwrap();
    }
    let refusal = world.ask_daemon("im_pending_add", asking(&group_id, limit::IM_PENDING_MAX)).unwrap_err();
    assert_eq!(refusal.details["limit"], "IM_PENDING_MAX");
    world.now += 3_600_000_000;
    world.ask_daemon("im_pending_add", asking(&group_id, 0)).unwrap();
    assert_eq!(waiting(&mut world, &group_id), [key(0)]);
    world.check_replay();
}

#[test]
fn credentials_go_to_the_bridge_and_nowhere_else() {
    let (mut world, group_id) = World::with_team();
    let set = |config: Value| json!({"group_id": group_id, "config": config});
    let config = json!({"platform": "slack", "bot_token": "xoxb-hunter2", "app_token_env": "SLACK_APP"});
    let configured = world.ask("user", "im_config_set", set(config)).unwrap();
    assert_eq!(configured["credentials"], json!({"bot_token": "stored", "app_token": "env"}));
    assert_eq!(
        (&configured["im"]["platform"], &configured["im"]["app_token_env"]),
        (&json!("slack"), &json!("SLACK_APP"))
    );
    world.ask("user", "im_config_set", set(json!({"enabled": true}))).unwrap();
    let shown = world.ask("user", "group_show", json!({"group_id": group_id})).unwrap();
    assert_eq!(shown["group"]["im"]["enabled"], true);
    let told = world.ask_daemon("im_secrets_get", json!({"group_id": group_id})).unwrap();
    assert_eq!(told, json!({"variables": {"bot_token": "xoxb-hunter2"}}));
    world.ask_daemon("im_pending_add", asking(&group_id, 0)).unwrap();
    assert_eq!(world.state.versions(&group_id).unwrap().iter().filter(|version| !version.is_empty()).count(), 2);

    let written = serde_json::to_string(&world.events.iter().map(|(_, event)| event).collect::<Vec<_>>()).unwrap();
    for text in [written, configured.to_string(), shown.to_string()] {
        assert!(!text.contains("hunter2"), "{text}");
    }
    world.ask("user", "im_config_unset", json!({"group_id": group_id})).unwrap();
    let told = world.ask_daemon("im_secrets_get", json!({"group_id": group_id})).unwrap();
    assert_eq!(told, json!({"variables": {}}));
    assert_eq!(waiting(&mut world, &group_id), [key(0)], "keys have a file of their own");
    world.check_replay();
}
