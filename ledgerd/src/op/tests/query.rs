//! Looking back: searching, and how far messages have come.

use super::world::{World, id_of};
use bus::contract::limit;
use serde_json::{Value, json};

fn search(world: &mut World, group_id: &str, more: Value) -> (Vec<String>, Value, Value) {
    let mut args = json!({"group_id": group_id});
    args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let found = world.ask("anybody", "ledger_search", args).unwrap();
    let ids = found["events"].as_array().unwrap().iter().map(id_of).collect();
    (ids, found["has_more"].clone(), found["cursor"].clone())
}

#[test]
fn a_search_finds_what_all_its_filters_let_through() {
    let (mut world, group_id) = World::with_team();
    let mut ids = Vec::new();
    for (by, to, text) in [
        ("user", "peer", "Alpha one"),
        ("lead", "@all", "beta two"),
        ("user", "lead", "ALPHA three"),
        ("peer", "user", "gamma"),
    ] {
        ids.push(world.send(&group_id, by, json!({"to": to, "text": text})));
    }
    let notice = json!({"group_id": group_id, "title": "Alpha is late", "target_actor_id": "peer"});
    ids.push(id_of(&world.ask("system", "system_notify", notice).unwrap()["event"]));
    let time = |id: &String| world.of(&group_id).find(|event| event.id == *id).unwrap().ts.clone();
    let (second, third) = (time(&ids[1]), time(&ids[2]));
    let absent = "f".repeat(32);
    #[rustfmt::skip]
    let cases: Vec<(Value, &[usize], bool)> = vec![
        // asked                                                 found            more
        (json!({"kind": "chat", "sender": "user"}),              &[0, 2],         false),
        (json!({"text": "alpha"}),                               &[0, 2, 4],      false),
        (json!({"text": "alpha", "limit": 2}),                   &[2, 4],         true),
        (json!({"text": "alpha", "before": ids[2], "limit": 2}), &[0],            false),
        (json!({"text": "alpha", "after": ids[0], "limit": 1}),  &[2],            true),
        (json!({"text": "alpha", "after": ids[0], "before": ids[4]}), &[2],       false),
        (json!({"text": "alpha", "kind": "notify"}),             &[4],            false),
        (json!({"sender": "lead"}),                              &[1],            false),
        (json!({"recipient": "@all"}),                           &[1],            false),
        (json!({"recipient": "peer", "kind": "chat"}),           &[0],            false),
        (json!({"kind": "chat", "since": second, "until": third}), &[1, 2],       false),
        (json!({"kind": "chat", "until": second}),               &[0, 1],         false),
        (json!({"kind": "chat", "since": "2099-01-01T00:00:00Z"}), &[],           false),
        (json!({"text": "alpha", "before": absent}),             &[],             false),
        (json!({"text": "alpha", "after": absent}),              &[],             false),
        (json!({"text": "nowhere"}),                             &[],             false),
    ];
    for (asked, places, more) in cases {
        let (found, has_more, cursor) = search(&mut world, &group_id, asked.clone());
        let wanted: Vec<_> = places.iter().map(|place| ids[*place].clone()).collect();
        assert_eq!((found, has_more, cursor.is_string()), (wanted, json!(more), more), "{asked}");
    }
    #[rustfmt::skip]
    let refusals = [
        ("user", "ledger_search", json!({"group_id": "$group", "kind": "letters"}),       Err("invalid_request")),
        ("user", "ledger_search", json!({"group_id": "$group", "since": "yesterday"}),    Err("invalid_request")),
        ("user", "ledger_search", json!({"group_id": "$group", "text": "x".repeat(limit::SEARCH_TEXT_BYTES_MAX + 1)}), Err("invalid_request")),
    ];
    world.run(&group_id, &[], &refusals);
}

fn statuses(world: &mut World, group_id: &str, event_ids: Value) -> Value {
    world.ask("anybody", "message_statuses", json!({"group_id": group_id, "event_ids": event_ids})).unwrap()["statuses"]
        .clone()
}

#[test]
fn a_message_tells_what_each_recipient_has_done_about_it() {
    let (mut world, group_id) = World::with_team();
    let more = json!({"to": ["@peers", "user"], "priority": "attention", "reply_required": true});
    let id = world.send(&group_id, "lead", more);
    world.add(&group_id, "late", json!({}));
    let done = |read: bool, acked: bool, replied: bool| json!({"read": read, "acked": acked, "replied": replied, "reply_required": true});
    let status = statuses(&mut world, &group_id, json!([id]))[0].clone();
    assert_eq!(
        status["read_status"],
        json!({"peer": false, "off": false, "bot": false}),
        "neither sender, user nor late"
    );
    assert_eq!(status["ack_status"], json!({"peer": false, "off": false, "bot": false, "user": false}));
    assert_eq!(status["obligation_status"]["peer"], done(false, false, false));
    assert_eq!(status["delivery"]["peer"], json!({"stage": "held", "reason": ""}));

    let who = |actor_id: &str| json!({"group_id": group_id, "actor_id": actor_id});
    world.ask("user", "inbox_mark_all_read", who("bot")).unwrap();
    world.ask("peer", "reply", json!({"group_id": group_id, "reply_to": id, "text": "done"})).unwrap();
    let ack = json!({"group_id": group_id, "actor_id": "user", "event_id": id});
    world.ask("user", "chat_ack", ack).unwrap();
    world.start_session(&group_id, "off", "t");
    let record = json!({"group_id": group_id, "actor_id": "off", "event_ids": [id], "stage": "handed"});
    world.ask_daemon("delivery_record", record).unwrap();
    let status = statuses(&mut world, &group_id, json!([id]))[0].clone();
    assert_eq!(status["ack_status"], json!({"peer": true, "off": false, "bot": false, "user": true}));
    #[rustfmt::skip]
    let cases = [
        ("peer", done(true,  true,  true),  "answering acknowledges, and is reading"),
        ("bot",  done(true,  true,  false), "reading is enough for attention, and never for a reply"),
        ("user", done(false, true,  false), "acknowledged"),
        ("off",  done(false, false, false), "delivered is not read"),
    ];
    for (name, wanted, why) in cases {
        assert_eq!(status["obligation_status"][name], wanted, "{why}");
    }
    assert_eq!(status["delivery"]["off"], json!({"stage": "handed", "reason": ""}));
    assert_eq!(status["read_status"]["bot"], json!(true));
    world.check_replay();
}

#[test]
fn only_messages_have_statuses_and_only_those_that_ask_have_all() {
    let (mut world, group_id) = World::with_team();
    let plain = world.send(&group_id, "user", json!({"to": "peer"}));
    let record =
        world.send(&group_id, "lead", json!({"to": "user", "dst_group_id": "g_0000000000ff", "priority": "attention"}));
    let first = world.of(&group_id).next().unwrap().id.clone();
    let all = statuses(&mut world, &group_id, json!([first, record, "f".repeat(32), plain]));
    let ids: Vec<_> = all.as_array().unwrap().iter().map(|status| status["event_id"].as_str().unwrap()).collect();
    assert_eq!(ids, [&record, &plain]);
    assert_eq!(
        (&all[0]["ack_status"], &all[0]["obligation_status"]),
        (&json!(null), &json!(null)),
        "a record asks nothing"
    );
    assert_eq!((&all[1]["ack_status"], &all[1]["read_status"]), (&json!(null), &json!({"peer": false})));
    let many = vec!["x"; limit::EVENT_IDS_MAX + 1];
    #[rustfmt::skip]
    let refusals = [
        ("user", "message_statuses", json!({"group_id": "$group", "event_ids": many}), Err("invalid_request")),
    ];
    world.run(&group_id, &[], &refusals);
}

/// An id may be written in more than one way; the message is the same.
#[test]
fn a_message_that_is_asked_for_twice_is_told_once_and_the_pages_end() {
    let (mut world, group_id) = World::with_team();
    for n in 0..100 {
        world.add(&group_id, &format!("{}{n}", "x".repeat(28)), json!({}));
    }
    let sent: Vec<String> = (0..150).map(|_| world.send(&group_id, "user", json!({"to": "@all"}))).collect();
    let upper = |id: &String| id.to_uppercase();
    let event_ids: Vec<String> = sent.iter().flat_map(|id| [upper(id), id.clone()]).collect();
    let (mut seen, mut cursor, mut pages) = (Vec::new(), Value::Null, 0);
    loop {
        let args = json!({"group_id": group_id, "event_ids": event_ids, "cursor": cursor});
        let answer = world.ask("user", "message_statuses", args).unwrap();
        seen.extend(
            answer["statuses"].as_array().unwrap().iter().map(|one| one["event_id"].as_str().unwrap().to_owned()),
        );
        pages += 1;
        assert!(pages <= sent.len(), "the pages end");
        if answer["next_cursor"].is_null() {
            break;
        }
        cursor = answer["next_cursor"].clone();
    }
    assert!(pages > 1);
    assert_eq!(seen, sent);
}
