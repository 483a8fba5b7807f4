//! `group_reset`: how a group is set up goes over to the new one; what was said and done there does not.

use super::world::{PATH, World};
use serde_json::{Value, json};

#[test]
fn who_may_reset_a_group_and_what_is_refused() {
    let (mut world, group_id) = World::with_team();
    let reset = |confirm: &str| json!({"group_id": "$group", "confirm": confirm});
    #[rustfmt::skip]
    let table = [
        ("peer", "group_reset", reset("$group"),                                                    Err("group_reset_failed")),
        ("zoe",  "group_reset", reset("$group"),                                                    Err("group_reset_failed")),
        ("user", "group_reset", reset(""),                                                          Err("confirmation_required")),
        ("user", "group_reset", reset("g_ffffffffffff"),                                            Err("confirmation_required")),
        ("lead", "group_reset", reset("$group"), Ok("group.create group.attach actor.add actor.add actor.add actor.add \
                                                     x.cccc.group x.cccc.scope_default x.cccc.group_deleted")),
        ("user", "group_reset", reset("$group"),                                                    Err("group_not_found")),
    ];
    world.run(&group_id, &[], &table);
}

#[test]
fn a_damaged_group_is_not_reset() {
    let (mut world, group_id) = World::with_team();
    world.state.set_damaged(&group_id, "a line is damaged".into());
    let refused = world.ask("user", "group_reset", json!({"group_id": group_id, "confirm": group_id})).unwrap_err();
    assert_eq!(refused.code.word(), "group_damaged", "{refused}");
    assert!(world.last.is_empty());
}

#[test]
fn what_is_set_up_goes_over_and_what_has_happened_does_not() {
    let (mut world, old) = World::with_team();
    let on = |more: Value| {
        let mut args = json!({"group_id": old});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args
    };
    let once = json!({"id": "once", "trigger": {"kind": "at", "at": "2026-01-13T12:00:00Z"},
                      "action": {"kind": "notify", "message": "now"}});
    let daily =
        json!({"id": "daily", "trigger": {"every_seconds": 60}, "action": {"kind": "notify", "message": "tea"}});
    let chat = json!({"key": "the-key-let-in", "chat_id": "let-in", "platform": "telegram"});
    let waits = json!({"key": "the-key-of-chat", "chat_id": "waits", "platform": "telegram"});
    let profile = json!({"profile": {"id": "p", "runtime": "custom", "command": ["linked"]}});
    #[rustfmt::skip]
    let before = [
        ("user", "group_update",             on(json!({"patch": {"title": "House", "topic": "Walls"}}))),
        ("user", "attach",                   on(json!({"path": "/srv/second"}))),
        ("user", "attach",                   on(json!({"path": "/srv/third"}))),
        ("user", "group_use",                on(json!({"path": "/srv/second"}))),
        ("user", "active_set",               on(json!({}))),
        ("user", "group_settings_update",    on(json!({"patch": {"default_send_to": "broadcast"}}))),
        ("user", "group_automation_update",  on(json!({"ruleset": {"rules": [once, daily], "snippets": {"s": "text"}}}))),
        ("user", "group_prompt_set",         on(json!({"kind": "help", "content": "our playbook"}))),
        ("user", "group_prompt_set",         on(json!({"kind": "preamble", "content": "the mission"}))),
        ("user", "actor_profile_upsert",     profile),
        ("user", "actor_add",                on(json!({"actor_id": "linked", "profile_id": "p"}))),
        ("user", "actor_update",             on(json!({"actor_id": "peer", "patch": {"env": {"K": "v"}, "restart": "always"}}))),
        ("user", "actor_env_private_update", on(json!({"actor_id": "peer", "set": {"SECRET": "hidden-value"}}))),
        ("user", "im_config_set",            on(json!({"config": {"platform": "telegram", "bot_token": "123:token"}}))),
        ("user", "send",                     on(json!({"text": "hello", "to": ["@all"]}))),
        ("user", "context_sync",             on(json!({"ops": [{"op": "note.add", "content": "a note"}]}))),
    ];
    for (by, op, args) in before {
        world.ask(by, op, args).unwrap_or_else(|refusal| panic!("{op}: {refusal}"));
    }
    world.ask_daemon("rule_record", on(json!({"rule_id": "once"}))).unwrap();
    for asking in [chat, waits] {
        world.ask_daemon("im_pending_add", on(asking)).unwrap();
    }
    world.ask("user", "im_bind_chat", on(json!({"key": "the-key-let-in"}))).unwrap();
    world.start_session(&old, "peer", "token-of-peer");
    let was = world.ask("user", "group_show", on(json!({}))).unwrap()["group"].clone();

    let answer = world.ask("user", "group_reset", on(json!({"confirm": old}))).unwrap();
    let new = answer["group_id"].as_str().unwrap().to_owned();
    assert_ne!(new, old);
    let ids = ["new_group_id", "old_group_id", "active_group_id"].map(|field| answer[field].as_str().unwrap());
    assert_eq!(ids, [new.as_str(), &old, &new]);
    assert_eq!((&answer["event"]["kind"], &answer["deleted_old"]), (&json!("group.create"), &json!(true)));
    assert!(world.last.iter().all(|event| !format!("{event:?}").contains("hidden-value")), "secrets are in no event");

    let here = |more: Value| {
        let mut args = json!({"group_id": new});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args
    };
    let is = world.ask("user", "group_show", here(json!({}))).unwrap()["group"].clone();
    for same in ["title", "topic", "scopes", "active_scope_key", "settings", "im"] {
        assert_eq!(is[same], was[same], "{same}");
    }
    let undated = |document: &Value| {
        let mut actors = document["actors"].as_array().unwrap().clone();
        for actor in &mut actors {
            actor.as_object_mut().unwrap().retain(|field, _| !["created_at", "updated_at"].contains(&field.as_str()));
        }
        actors
    };
    assert_eq!(undated(&is), undated(&was));
    assert_eq!((&is["running"], &is["state"]), (&json!(false), &json!("active")));
    assert_eq!(is["automation"]["rules"].as_array().unwrap().len(), 1, "what was for once and is done stays done");
    assert_eq!(
        (&is["automation"]["rules"][0]["id"], &is["automation"]["snippets"]),
        (&json!("daily"), &json!({"s": "text"}))
    );
    let actor_state = world.group(&new).actor_state("peer").unwrap();
    assert!(actor_state.session.is_none() && actor_state.queue.len() == 0, "nothing runs and nothing waits");
    let started = world.ask_daemon("secrets_get", here(json!({"actor_id": "peer"}))).unwrap();
    assert_eq!(started["variables"], json!({"SECRET": "hidden-value"}));
    let credentials = world.ask_daemon("im_secrets_get", here(json!({}))).unwrap();
    assert!(credentials.to_string().contains("123:token"), "{credentials}");
    let chats = world.ask("user", "im_list_authorized", here(json!({}))).unwrap();
    assert!(chats.to_string().contains("let-in"), "{chats}");
    let pending = world.ask("user", "im_list_pending", here(json!({}))).unwrap();
    assert!(!pending.to_string().contains("waits"), "a chat that waits asks again: {pending}");
    let prompt = |world: &mut World, kind: &str| {
        world.ask("user", "group_prompt_get", here(json!({"kind": kind}))).unwrap()["source"].clone()
    };
    assert_eq!((prompt(&mut world, "help"), prompt(&mut world, "preamble")), (json!("home"), json!("builtin")));
    let context = world.ask("user", "context_get", here(json!({}))).unwrap();
    assert!(!context.to_string().contains("a note"), "{context}");
    assert!(world.unread(&new, "peer").is_empty());

    let attached = world.ask("cli", "attach", json!({"path": PATH})).unwrap();
    assert_eq!(attached["group_id"], json!(new), "the directory means the new group");
    let gone = world.ask("user", "group_show", json!({"group_id": old})).unwrap_err();
    assert_eq!(gone.code.word(), "group_not_found");
    let token = world.ask_token("token-of-peer", "whoami", json!({})).unwrap_err();
    assert!(token.is_denied(), "what has run there is nobody here");
    world.check_replay();
}
