//! Inboxes: who has not read what, and what reading does.

use super::world::{World, id_of};
use serde_json::{Value, json};

#[test]
fn every_op_about_inboxes_is_refused_and_written_as_the_standard_says() {
    let (mut world, group_id) = World::with_team();
    let to_peer = world.send(&group_id, "user", json!({"to": "peer", "priority": "attention"}));
    world.ask("user", "chat_ack", json!({})).unwrap_err();
    world.ask("system", "system_notify", json!({"group_id": group_id, "target_actor_id": "lead"})).unwrap();
    let to_lead = world.last[0].id.clone();
    let attach = world.group(&group_id).head.unwrap();
    assert!(attach.seq > 0);
    let created = world.of(&group_id).next().unwrap().id.clone();
    let names = [("to_peer", to_peer.as_str()), ("to_lead", &to_lead), ("created", &created)];
    let mark =
        |actor_id: &str, event_id: &str| json!({"group_id": "$group", "actor_id": actor_id, "event_id": event_id});
    let of = |actor_id: &str| json!({"group_id": "$group", "actor_id": actor_id});
    #[rustfmt::skip]
    let table = [
        ("peer", "inbox_list",          of("peer"),                Ok("")),
        ("lead", "inbox_list",          of("peer"),                Ok("")),
        ("user", "inbox_list",          of("anybody"),             Ok("")),
        ("peer", "inbox_list",          of("lead"),                Err("permission_denied")),
        ("zoe",  "inbox_list",          of("zoe"),                 Err("permission_denied")),
        ("user", "inbox_list",          of(""),                    Err("missing_actor_id")),
        ("user", "inbox_mark_read",     mark("peer", ""),          Err("missing_event_id")),
        ("user", "inbox_mark_read",     mark("peer", "gone"),      Err("event_not_found")),
        ("user", "inbox_mark_read",     mark("peer", "$created"),  Err("invalid_event_kind")),
        ("user", "inbox_mark_read",     mark("peer", "$to_lead"),  Err("event_not_for_actor")),
        ("peer", "inbox_mark_read",     mark("lead", "$to_lead"),  Err("permission_denied")),
        ("lead", "inbox_mark_read",     mark("peer", "$to_peer"),  Ok("chat.read")),
        ("peer", "inbox_mark_read",     mark("peer", "$to_peer"),  Ok("chat.read chat.ack")),
        ("peer", "inbox_mark_read",     mark("peer", "$to_peer"),  Ok("chat.read")),
        ("peer", "inbox_mark_all_read", of("peer"),                Ok("")),
        ("lead", "inbox_mark_all_read", of("lead"),                Ok("chat.read")),
        ("lead", "inbox_mark_all_read", of("lead"),                Ok("")),
        ("peer", "inbox_mark_all_read", of("lead"),                Err("permission_denied")),
        ("user", "inbox_read",          of(""),                    Err("missing_actor_id")),
        ("peer", "inbox_read",          of("lead"),                Err("permission_denied")),
        ("zoe",  "inbox_read",          of("zoe"),                 Err("permission_denied")),
        ("peer", "inbox_read",          of("peer"),                Ok("")),
    ];
    world.run(&group_id, &names, &table);
}

#[test]
fn a_cursor_moves_forward_and_never_back() {
    let (mut world, group_id) = World::with_team();
    let ids: Vec<_> = (0..3).map(|_| world.send(&group_id, "user", json!({"to": "peer"}))).collect();
    let mark = |world: &mut World, id: &str| {
        let args = json!({"group_id": group_id, "actor_id": "peer", "event_id": id});
        world.ask("peer", "inbox_mark_read", args).unwrap()["cursor"].clone()
    };
    assert_eq!(world.unread(&group_id, "peer"), ids);
    let cursor = mark(&mut world, &ids[1]);
    let ts = world.of(&group_id).find(|event| event.id == ids[1]).unwrap().ts.clone();
    assert_eq!((&cursor["event_id"], &cursor["ts"]), (&json!(ids[1]), &json!(ts)));
    assert_eq!(mark(&mut world, &ids[0]), cursor, "an older event leaves it where it is");
    assert_eq!(world.unread(&group_id, "peer"), ids[2..]);
    let listed = world.ask("peer", "inbox_list", json!({"group_id": group_id, "actor_id": "peer"})).unwrap();
    assert_eq!(listed["cursor"], cursor);
}

#[test]
fn an_inbox_is_listed_oldest_first_up_to_the_limit_and_by_kind() {
    let (mut world, group_id) = World::with_team();
    let chat = world.send(&group_id, "user", json!({"to": "peer"}));
    world.ask("system", "system_notify", json!({"group_id": group_id})).unwrap();
    let notice = world.last[0].id.clone();
    let later = world.send(&group_id, "lead", json!({"to": "@peers"}));
    #[rustfmt::skip]
    let cases = [
        // asked                                     listed                     in all
        (json!({}),                                  vec![&chat, &notice, &later], 3),
        (json!({"limit": 1}),                        vec![&chat],               3),
        (json!({"limit": "2"}),                      vec![&chat, &notice],      3),
        (json!({"limit": -1}),                       vec![&chat, &notice, &later], 3),
        (json!({"kind_filter": "chat"}),             vec![&chat, &later],       2),
        (json!({"kind_filter": "notify"}),           vec![&notice],             1),
        (json!({"kind_filter": "odd"}),              vec![&chat, &notice, &later], 3),
    ];
    for (more, ids, total) in cases {
        let mut args = json!({"group_id": group_id, "actor_id": "peer"});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let listed = world.ask("user", "inbox_list", args).unwrap();
        let listed_ids: Vec<_> =
            listed["messages"].as_array().unwrap().iter().map(|event| event["id"].clone()).collect();
        assert_eq!(
            (listed_ids, &listed["unread_total"]),
            (ids.iter().map(|id| json!(id)).collect(), &json!(total)),
            "{more}"
        );
    }
    // One cursor: reading all chat reads the notices before it as well.
    world
        .ask("peer", "inbox_mark_all_read", json!({"group_id": group_id, "actor_id": "peer", "kind_filter": "chat"}))
        .unwrap();
    assert!(world.unread(&group_id, "peer").is_empty());
    let all = world.ask("peer", "inbox_mark_all_read", json!({"group_id": group_id, "actor_id": "peer"})).unwrap();
    assert_eq!((&all["event"], all["cursor"].get("updated_at")), (&Value::Null, None));
}

#[test]
fn a_role_change_moves_messages_between_inboxes() {
    let (mut world, group_id) = World::with_team();
    let to_foreman = world.send(&group_id, "user", json!({"to": "@foreman"}));
    let to_peers = world.send(&group_id, "user", json!({"to": "@peers"}));
    assert_eq!(
        (world.unread(&group_id, "lead"), world.unread(&group_id, "peer")),
        (vec![to_foreman.clone()], vec![to_peers.clone()])
    );
    world.ask("user", "actor_stop", json!({"group_id": group_id, "actor_id": "lead"})).unwrap();
    assert_eq!(
        (world.unread(&group_id, "lead"), world.unread(&group_id, "peer")),
        (vec![to_peers.clone()], vec![to_foreman])
    );
    assert_eq!(world.unread(&group_id, "user"), Vec::<String>::new(), "the user's own");
    assert_eq!(world.unread(&group_id, "zoe"), [to_peers], "whoever is not in the roster counts as a peer");
    let listed = world.ask("user", "actor_list", json!({"group_id": group_id, "include_unread": true})).unwrap();
    let counts: Vec<_> =
        listed["actors"].as_array().unwrap().iter().map(|row| row["unread_count"].as_u64().unwrap()).collect();
    // The headless one has the notice as well.
    assert_eq!(counts, [1, 1, 1, 2]);
}

/// What is given is read, and nothing else is.
#[test]
fn reading_an_inbox_marks_exactly_what_it_gives() {
    let (mut world, group_id) = World::with_team();
    let mail = json!({"to": "peer", "message_mode": "mail"});
    let first = world.send(&group_id, "user", json!({"to": "@all", "priority": "attention"}));
    world.ask("system", "system_notify", json!({"group_id": group_id, "target_actor_id": "peer"})).unwrap();
    let notice = world.last[0].id.clone();
    let [second, third] = [(); 2].map(|()| world.send(&group_id, "user", mail.clone()));
    let mut read = |by: &str, limit: Value| {
        let args = json!({"group_id": group_id, "actor_id": "peer", "limit": limit});
        let taken = world.ask(by, "inbox_read", args).unwrap();
        let ids: Vec<_> = taken["messages"].as_array().unwrap().iter().map(id_of).collect();
        (ids, taken["cursor"]["event_id"].clone(), taken["unread_total"].clone(), world.kinds().join(" "))
    };
    // Somebody who reads for another acknowledges nothing in its name.
    assert_eq!(read("lead", json!(1)), (vec![first.clone()], json!(first), json!(3), "chat.read".into()));
    assert_eq!(read("peer", json!(2)), (vec![notice, second.clone()], json!(second), json!(1), "chat.read".into()));
    assert_eq!(read("peer", json!("x")), (vec![third.clone()], json!(third), json!(0), "chat.read".into()));
    assert_eq!(read("peer", json!(0)), (vec![], json!(third), json!(0), String::new()));
    // Who reads for itself acknowledges what asks for it, each message once.
    let to_lead = json!({"group_id": group_id, "actor_id": "lead"});
    world.send(&group_id, "user", json!({"to": "lead", "priority": "attention"}));
    world.ask("lead", "inbox_read", to_lead.clone()).unwrap();
    assert_eq!(world.kinds(), ["chat.read", "chat.ack", "chat.ack"]);
    world.ask("lead", "inbox_read", to_lead).unwrap();
    assert!(world.last.is_empty());
    world.check_replay();
}

/// What a page has shown is read; that somebody acknowledges it, nobody has said.
#[test]
fn what_was_only_shown_is_not_acknowledged() {
    let (mut world, group_id) = World::with_team();
    let asked = world.send(&group_id, "lead", json!({"to": "user", "priority": "attention"}));
    let mut mark = |only_shown: Value| {
        let args = json!({"group_id": group_id, "actor_id": "user", "event_id": asked, "only_shown": only_shown});
        let marked = world.ask("user", "inbox_mark_read", args).unwrap();
        (world.kinds().join(" "), marked["ack_event"]["data"]["event_id"].clone())
    };
    assert_eq!(mark(json!(true)), ("chat.read".into(), Value::Null));
    assert_eq!(mark(Value::Null), ("chat.read chat.ack".into(), json!(asked)));
    world.check_replay();
}

/// Who has answered a message has read it, and what came before it is as unread as it was.
#[test]
fn an_answered_message_is_not_unread() {
    let (mut world, group_id) = World::with_team();
    let [first, second, third] =
        ["peer", "@all", "@peers"].map(|to| world.send(&group_id, "user", json!({"to": [to, "peer"]})));
    let reply = |world: &mut World, by: &str, event_id: &str, to: &str| {
        let args = json!({"group_id": group_id, "reply_to": event_id, "text": "done", "to": [to]});
        world.ask(by, "reply", args).unwrap()["event"]["id"].as_str().unwrap().to_owned()
    };
    let listed = |world: &mut World| {
        let listed = world.ask("peer", "inbox_list", json!({"group_id": group_id, "actor_id": "peer"})).unwrap();
        let actors = world.ask("user", "actor_list", json!({"group_id": group_id, "include_unread": true})).unwrap();
        let row = actors["actors"].as_array().unwrap().iter().find(|row| row["id"] == "peer").unwrap();
        let ids: Vec<_> = listed["messages"].as_array().unwrap().iter().map(id_of).collect();
        assert_eq!((&listed["unread_total"], &row["unread_count"]), (&json!(ids.len()), &json!(ids.len())));
        (ids, listed["cursor"]["event_id"].clone())
    };
    let (all, cursor) = listed(&mut world);
    assert_eq!(all, [first.clone(), second.clone(), third.clone()]);
    let to_user = reply(&mut world, "peer", &second, "user");
    assert_eq!(listed(&mut world), (vec![first.clone(), third.clone()], cursor.clone()), "the cursor stays");
    assert!(world.unread(&group_id, "lead").contains(&second), "nobody else has answered it");
    let statuses = world.ask("user", "message_statuses", json!({"group_id": group_id, "event_ids": [first, second]}));
    let statuses = statuses.unwrap()["statuses"].clone();
    let has_read =
        |row: usize| [&statuses[row]["read_status"]["peer"], &statuses[row]["obligation_status"]["peer"]["read"]];
    assert_eq!((has_read(0), has_read(1)), ([&json!(false); 2], [&json!(true); 2]));
    // Twice is once, and reading goes on over what was answered.
    reply(&mut world, "peer", &second, "user");
    reply(&mut world, "peer", &third, "user");
    let taken = world.ask("peer", "inbox_read", json!({"group_id": group_id, "actor_id": "peer"})).unwrap();
    assert_eq!(taken["messages"].as_array().unwrap().iter().map(id_of).collect::<Vec<_>>(), [first]);
    // The user answers, too.
    let before = world.unread(&group_id, "user");
    assert!(before.contains(&to_user));
    reply(&mut world, "user", &to_user, "peer");
    let rest: Vec<_> = before.into_iter().filter(|id| *id != to_user).collect();
    assert_eq!(world.unread(&group_id, "user"), rest);
    world.check_replay();
}
