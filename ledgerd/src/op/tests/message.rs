//! `send`, `reply`, `chat_ack` and notifications.

use super::world::{World, id_of};
use bus::contract::limit;
use serde_json::{Value, json};

#[test]
fn every_op_that_says_something_is_refused_and_written_as_the_standard_says() {
    let (mut world, group_id) = World::with_team();
    world.files.push(("state/blobs/ab_x.txt".into(), 7));
    let calm = world.send(&group_id, "user", json!({"to": "peer"}));
    let asks = world.send(&group_id, "user", json!({"to": "@all", "priority": "attention"}));
    let to_user = world.send(&group_id, "lead", json!({"to": ["user"], "priority": "attention"}));
    world.ask("system", "system_notify", json!({"group_id": group_id, "message": "m"})).unwrap();
    let notice = world.last[0].id.clone();
    let names = [("calm", calm.as_str()), ("asks", &asks), ("to_user", &to_user), ("notice", &notice)];
    let send = |more: Value| {
        let mut args = json!({"group_id": "$group", "text": "x"});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args
    };
    let ack =
        |actor_id: &str, event_id: &str| json!({"group_id": "$group", "actor_id": actor_id, "event_id": event_id});
    let long = "x".repeat(limit::TEXT_BYTES_MAX + 1);
    #[rustfmt::skip]
    let table = [
        ("user", "send", send(json!({"to": "peer"})),                          Ok("chat.message")),
        ("user", "send", send(json!({"to": "The lead"})),                      Ok("chat.message")),
        ("user", "send", send(json!({"to": "@all"})),                          Ok("chat.message system.notify")),
        ("zoe",  "send", send(json!({"to": ["user"]})),                        Ok("chat.message")),
        ("peer", "send", send(json!({})),                                      Ok("chat.message")),
        ("lead", "send", send(json!({})),                                      Err("no_enabled_recipients")),
        ("user", "send", send(json!({"to": "off"})),                           Ok("actor.start chat.message")),
        ("user", "send", send(json!({"to": "zoe"})),                           Err("invalid_recipient")),
        ("user", "send", send(json!({"priority": "loud"})),                    Err("invalid_priority")),
        ("user", "send", json!({"priority": "loud"}),                          Err("invalid_priority")),
        ("user", "send", send(json!({"text": " \n"})),                         Err("empty_message")),
        ("user", "send", send(json!({"text": "", "attachments": [{"path": "state/blobs/ab_x.txt"}]})), Ok("chat.message")),
        ("user", "send", send(json!({"attachments": [{"path": "state/blobs/gone"}]})), Err("invalid_attachments")),
        ("user", "send", send(json!({"path": "/elsewhere"})),                  Err("scope_not_attached")),
        ("user", "send", send(json!({"text": long})),                          Err("invalid_request")),
        ("user", "send", send(json!({"to": vec!["peer"; 257]})),               Err("invalid_request")),

        ("user", "reply", send(json!({})),                                     Err("missing_reply_to")),
        ("user", "reply", send(json!({"reply_to": "gone"})),                   Err("event_not_found")),
        ("peer", "reply", send(json!({"reply_to": "$calm"})),                  Ok("chat.message")),
        ("peer", "reply", send(json!({"reply_to": "$asks"})),                  Ok("chat.message chat.ack")),
        ("peer", "reply", send(json!({"reply_to": "$asks"})),                  Ok("chat.message")),
        ("user", "reply", send(json!({"reply_to": "$asks", "to": ["peer"]})),  Ok("chat.message")),
        ("peer", "reply", send(json!({"reply_to": "$notice"})),                Err("invalid_recipient")),
        ("peer", "reply", send(json!({"reply_to": "$notice", "to": ["user"]})), Ok("chat.message")),
        ("peer", "reply", send(json!({"reply_to": "$calm", "text": ""})),      Err("empty_message")),

        ("lead", "chat_ack", ack("lead", ""),                                  Err("missing_event_id")),
        ("user", "chat_ack", ack("lead", "$asks"),                             Err("permission_denied")),
        ("zoe",  "chat_ack", ack("zoe", "$asks"),                              Err("unknown_actor")),
        ("lead", "chat_ack", ack("lead", "gone"),                              Err("event_not_found")),
        ("lead", "chat_ack", ack("lead", "$notice"),                           Err("invalid_event_kind")),
        ("user", "chat_ack", ack("user", "$asks"),                             Err("cannot_ack_own_message")),
        ("peer", "chat_ack", ack("peer", "$calm"),                             Err("not_an_attention_message")),
        ("peer", "chat_ack", ack("peer", "$to_user"),                          Err("event_not_for_actor")),
        ("lead", "chat_ack", ack("lead", "$asks"),                             Ok("chat.ack")),
        ("lead", "chat_ack", ack("lead", "$asks"),                             Ok("")),
        ("peer", "chat_ack", ack("peer", "$asks"),                             Ok("")),
        ("user", "chat_ack", ack("user", "$to_user"),                          Ok("chat.ack")),

        ("zoe",  "system_notify", json!({"group_id": "$group", "kind": "odd", "priority": "odd"}), Ok("system.notify")),
        ("user", "system_notify", json!({"group_id": "$group", "target_actor_id": "x".repeat(1_001)}), Err("invalid_request")),
        ("user", "system_notify", json!({"group_id": "$group", "message": "x".repeat(32_001)}), Err("invalid_request")),
        ("lead", "notify_ack", json!({"group_id": "$group", "actor_id": "lead", "notify_event_id": "$notice"}), Ok("system.notify_ack")),
        ("user", "notify_ack", json!({"group_id": "$group", "actor_id": "lead", "notify_event_id": "$notice"}), Err("permission_denied")),
        ("lead", "notify_ack", json!({"group_id": "$group", "actor_id": "lead", "notify_event_id": "$asks"}), Err("invalid_event_kind")),
        ("lead", "notify_ack", json!({"group_id": "$group", "actor_id": "lead", "notify_event_id": "gone"}), Err("event_not_found")),
        ("lead", "notify_ack", json!({"group_id": "$group", "actor_id": "lead"}), Err("missing_notify_event_id")),
    ];
    world.run(&group_id, &names, &table);
    let refused = world.ask(&"x".repeat(1_001), "send", json!({"group_id": group_id, "text": "x"})).unwrap_err();
    assert_eq!(refused.details["limit"], "TITLE_BYTES_MAX", "a name has a limit, too");
}

#[test]
fn a_message_is_stored_with_what_it_is_about() {
    let (mut world, group_id) = World::with_team();
    let args = json!({"group_id": group_id, "text": " as it is \n", "src_group_id": "g_1", "dst_group_id": "g_2",
                      "dst_to": ["a"], "reply_required": "yes"});
    let event = world.ask("peer", "send", args).unwrap()["event"].clone();
    let data = &event["data"];
    assert_eq!((&data["text"], &data["to"]), (&json!(" as it is \n"), &json!(["@foreman"])));
    assert_eq!((&data["src_group_id"], &data["dst_to"]), (&Value::Null, &json!(["a"])), "half an origin is none");
    assert_eq!((&data["reply_required"], &data["priority"]), (&json!(true), &json!("normal")));
    assert_eq!(
        (event["scope_key"].as_str(), event["by"].as_str()),
        (Some(world.group(&group_id).active_scope_key.as_str()), Some("peer"))
    );

    let reply =
        world.ask("lead", "reply", json!({"group_id": group_id, "reply_to": event["id"], "text": "done"})).unwrap();
    let data = &reply["event"]["data"];
    assert_eq!(
        (&data["to"], &data["quote_text"], &data["reply_to"]),
        (&json!(["peer"]), &json!("as it is"), &event["id"])
    );
    assert_eq!(reply["ack_event"], Value::Null);

    let long =
        world.ask("user", "send", json!({"group_id": group_id, "text": "ä".repeat(150)})).unwrap()["event"].clone();
    let reply =
        world.ask("lead", "reply", json!({"group_id": group_id, "reply_to": long["id"], "text": "ok"})).unwrap();
    assert_eq!(reply["event"]["data"]["quote_text"], format!("{}...", "ä".repeat(100)));
    let to_self =
        world.ask("lead", "reply", json!({"group_id": group_id, "reply_to": reply["event"]["id"], "text": "and"}));
    assert_eq!(to_self.unwrap()["event"]["data"]["to"], json!(["user"]), "to oneself goes to whom it was said");
}

#[test]
fn a_long_text_is_stored_beside_the_ledger() {
    let (mut world, group_id) = World::with_team();
    let text = "word ".repeat(10_000);
    let event = world.ask("user", "send", json!({"group_id": group_id, "text": text})).unwrap()["event"].clone();
    let attachment = &event["data"]["attachments"][0];
    assert_eq!((&attachment["kind"], &attachment["bytes"]), (&json!("text"), &json!(text.len())));
    assert!(event["data"]["text"].as_str().unwrap().contains(attachment["path"].as_str().unwrap()));
    assert!(attachment["path"].as_str().unwrap().contains(&id_of(&event)), "two equal texts are two files");
}

#[test]
fn a_message_wakes_a_group_that_rests_and_actors_that_sleep() {
    let (mut world, group_id) = World::with_team();
    let state = |world: &mut World, word: &str| {
        world.ask("user", "group_set_state", json!({"group_id": group_id, "state": word})).unwrap();
    };
    state(&mut world, "idle");
    for by in ["peer", "system", ""] {
        world.send(&group_id, by, json!({"to": "lead"}));
        assert_eq!(world.kinds(), ["chat.message"], "{by:?} does not wake a group");
    }
    world.send(&group_id, "someone outside", json!({"to": "lead"}));
    assert_eq!(world.kinds(), ["group.set_state", "chat.message"]);

    world.ask("user", "group_stop", json!({"group_id": group_id})).unwrap();
    state(&mut world, "paused");
    let refused = world.ask("user", "send", json!({"group_id": group_id, "text": "x"})).unwrap_err();
    assert_eq!((refused.code.word(), &refused.details["to"]), ("no_enabled_recipients", &json!(["@foreman"])));
    state(&mut world, "active");
    let sent = world.ask("someone", "send", json!({"group_id": group_id, "text": "x"})).unwrap();
    assert_eq!(world.kinds(), ["actor.start", "chat.message"], "the first of the roster will lead");
    assert_eq!(sent["started"], json!(["lead"]));
    assert_eq!((world.last[0].by.as_str(), sent["event"]["data"]["to"][0].as_str()), ("someone", Some("@foreman")));
    assert!(world.group(&group_id).running);
    let lead = world.group(&group_id).actor_state("lead").unwrap();
    assert_eq!((lead.actor.enabled, lead.queue.len()), (true, 5), "it gets what woke it, too");
    assert_eq!(world.unread(&group_id, "lead").last(), Some(&id_of(&sent["event"])));
    world.check_replay();
}

#[test]
fn a_headless_actor_is_told_to_look_into_its_inbox() {
    let (mut world, group_id) = World::with_team();
    #[rustfmt::skip]
    let cases = [
        (json!({"to": "bot"}),                              Some(("high",   "New message"))),
        (json!({"to": "bot", "priority": "attention"}),     Some(("urgent", "Important message"))),
        (json!({"to": "bot", "reply_required": true}),      Some(("high",   "Task: a reply is expected"))),
        (json!({"to": "lead"}),                             None),
    ];
    for (more, wanted) in cases {
        let message = world.send(&group_id, "user", more.clone());
        let told = world.last.get(1).map(|event| serde_json::to_value(event).unwrap());
        assert_eq!(told.is_some(), wanted.is_some(), "{more}");
        let (Some(told), Some((priority, title))) = (told, wanted) else { continue };
        let data = &told["data"];
        assert_eq!(
            (&told["by"], &data["priority"], &data["title"]),
            (&json!("system"), &json!(priority), &json!(title))
        );
        assert_eq!(
            (&data["target_actor_id"], &data["context"]),
            (&json!("bot"), &json!({"event_id": message, "from": "user"}))
        );
        assert!(world.unread(&group_id, "bot").ends_with(&[message, id_of(&told)]), "message and notice");
    }
    world.ask("user", "actor_stop", json!({"group_id": group_id, "actor_id": "bot"})).unwrap();
    world.send(&group_id, "user", json!({"to": ["bot", "lead"]}));
    assert_eq!(world.kinds(), ["chat.message"], "one that does not run is not told");
}

#[test]
fn a_token_speaks_as_its_actor_and_as_nobody_else() {
    let (mut world, group_id) = World::with_team();
    world.start_session(&group_id, "peer", "first");
    let event = world.ask_token("first", "send", json!({"group_id": group_id, "text": "x", "to": "lead"})).unwrap();
    assert_eq!(event["event"]["by"], "peer", "whatever name comes with it");
    let update = json!({"group_id": group_id, "patch": {"title": "T"}});
    assert_eq!(
        world.ask_token("first", "group_update", update.clone()).unwrap_err().code.word(),
        "group_update_failed"
    );
    assert_eq!(world.ask_token("wrong", "groups", json!({})).unwrap_err().code.word(), "permission_denied");

    // In another group, an actor of the same name is somebody else.
    let other = world.ask("cli", "attach", json!({"path": "/other"})).unwrap()["group_id"].as_str().unwrap().to_owned();
    world.add(&other, "peer", json!({}));
    let elsewhere = json!({"group_id": other, "text": "x", "to": ["user"]});
    assert_eq!(world.ask_token("first", "send", elsewhere).unwrap_err().code.word(), "permission_denied");
    let inbox = json!({"group_id": other, "actor_id": "peer"});
    assert_eq!(world.ask_token("first", "inbox_list", inbox).unwrap_err().code.word(), "permission_denied");
    world.ask_token("first", "group_show", json!({"group_id": other})).unwrap();
    world.ask_token("first", "attach", json!({"path": "/third"})).unwrap();
    assert_eq!(world.last[0].by, "peer");

    // The token ends with the next session, not with its own.
    world.session(&group_id, "peer", "session-first", "exited", json!({"exit_code": 0}));
    world.ask_token("first", "send", json!({"group_id": group_id, "text": "last words", "to": "lead"})).unwrap();
    world.ask("user", "actor_start", json!({"group_id": group_id, "actor_id": "peer"})).unwrap();
    world.start_session(&group_id, "peer", "second");
    assert_eq!(world.ask_token("first", "groups", json!({})).unwrap_err().code.word(), "permission_denied");
    assert_eq!(
        world
            .ask_token("second", "chat_ack", json!({"group_id": group_id, "actor_id": "lead", "event_id": "e"}))
            .unwrap_err()
            .code
            .word(),
        "permission_denied"
    );
}

/// Newer clients say how a message is handed over instead of what it asks for.
#[test]
fn mail_waits_in_the_inbox_and_the_other_modes_are_what_the_older_fields_say() {
    let (mut world, group_id) = World::with_team();
    world.start_session(&group_id, "peer", "t");
    let send = |mode: &str, more: Value| {
        let mut args = json!({"group_id": group_id, "text": "hello", "to": ["peer"], "message_mode": mode});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args
    };
    let typed = |world: &World| world.group(&group_id).actor_state("peer").unwrap().queue.len();
    let sent = world.ask("user", "send", send("request_reply", json!({"client_id": " c-1 "}))).unwrap();
    let data = &sent["event"]["data"];
    assert_eq!((&data["reply_required"], &data["client_id"], typed(&world)), (&json!(true), &json!("c-1"), 1));
    let sent = world.ask("user", "send", send("SEND", json!({}))).unwrap();
    let data = &sent["event"]["data"];
    assert_eq!((&data["reply_required"], &data["message_mode"], typed(&world)), (&json!(false), &json!("send"), 2));

    world.ask("user", "group_set_state", json!({"group_id": group_id, "state": "idle"})).unwrap();
    // Nobody is woken for mail: not the group, not who sleeps, and a headless actor finds it when it looks.
    let mail = world.ask("user", "send", send("mail", json!({"to": ["peer", "off", "bot"]}))).unwrap();
    assert_eq!((world.kinds(), typed(&world)), (vec!["chat.message"], 2));
    let id = mail["event"]["id"].as_str().unwrap().to_owned();
    for name in ["peer", "off", "bot"] {
        assert!(world.unread(&group_id, name).contains(&id), "{name}");
    }
    let mail = world.ask("user", "send", send("mail", json!({"to": ["off"]}))).unwrap();
    assert_eq!(mail["event"]["data"]["message_mode"], "mail");
    let reply = |mode: &str| json!({"group_id": group_id, "reply_to": id, "text": "thanks", "message_mode": mode});
    world.ask("peer", "reply", reply("mail")).unwrap();
    world.ask("peer", "reply", reply("send")).unwrap();
    for (op, args) in [("send", send("pigeon", json!({}))), ("reply", reply("request_reply"))] {
        assert_eq!(world.ask("user", op, args).unwrap_err().code.word(), "invalid_request", "{op}");
    }
    let long = send("send", json!({"client_id": "x".repeat(1_001)}));
    assert_eq!(world.ask("user", "send", long).unwrap_err().code.word(), "invalid_request");
    let peek = world.ask("peer", "inbox_peek", json!({"group_id": group_id, "actor_id": "peer", "limit": 1})).unwrap();
    assert_eq!(peek["messages"].as_array().unwrap().len(), 1);
    world.check_replay();
}
