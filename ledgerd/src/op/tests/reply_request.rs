//! Answers that are owed, and are not any more.

use super::world::World;
use serde_json::{Value, json};

fn of(world: &mut World, group_id: &str, event_id: &str) -> Value {
    let args = json!({"group_id": group_id, "event_ids": [event_id]});
    world.ask("user", "message_statuses", args).unwrap()["statuses"][0]["obligation_status"].clone()
}

#[test]
fn whoever_has_not_answered_yet_owes_no_answer_any_more() {
    let (mut world, group_id) = World::with_team();
    let asked = world.send(&group_id, "lead", json!({"to": ["peer", "bot"], "message_mode": "request_reply"}));
    let reply = |text: &str| json!({"group_id": group_id, "reply_to": asked, "text": text});
    world.ask("peer", "reply", reply("yes")).unwrap();
    let cancel = json!({"group_id": group_id, "source_event_id": asked});
    let cancelled = world.ask("lead", "reply_request_cancel", cancel.clone()).unwrap();
    assert_eq!(world.kinds(), ["chat.reply_request.cancelled"]);
    assert_eq!(
        (&cancelled["event"]["data"], &cancelled["already"]),
        (&json!({"source_event_id": asked}), &json!(false))
    );
    let again = world.ask("user", "reply_request_cancel", cancel).unwrap();
    assert!(world.last.is_empty());
    assert_eq!((&again["event"], &again["already"]), (&cancelled["event"], &json!(true)));

    world.ask("bot", "reply", reply("too late")).unwrap();
    let status = of(&mut world, &group_id, &asked);
    let peer = json!({"read": true, "acked": true, "replied": true, "reply_required": true});
    let bot = json!({"read": true, "acked": false, "replied": false, "reply_required": false, "cancelled": true});
    assert_eq!((&status["peer"], &status["bot"]), (&peer, &bot));
    world.check_replay();
}

#[test]
fn only_its_sender_and_the_user_take_a_request_back() {
    let (mut world, group_id) = World::with_team();
    let other =
        world.ask("cli", "attach", json!({"path": "/srv/other"})).unwrap()["group_id"].as_str().unwrap().to_owned();
    let asked = world.send(&group_id, "lead", json!({"to": ["peer"], "reply_required": true}));
    let plain = world.send(&group_id, "lead", json!({"to": ["peer"]}));
    let across =
        json!({"group_id": group_id, "dst_group_id": other, "text": "x", "to": ["user"], "reply_required": true});
    let record = world.ask("lead", "send_cross_group", across).unwrap()["src_event"]["id"].as_str().unwrap().to_owned();
    let created = world.of(&group_id).next().unwrap().id.clone();
    let names = [("asked", asked.as_str()), ("plain", &plain), ("record", &record), ("created", &created)];
    let of = |event_id: &str| json!({"group_id": "$group", "source_event_id": event_id});
    #[rustfmt::skip]
    let table = [
        ("peer", "reply_request_cancel", of("$asked"),                    Err("permission_denied")),
        ("zoe",  "reply_request_cancel", of("$asked"),                    Err("permission_denied")),
        ("lead", "reply_request_cancel", of("$plain"),                    Err("not_a_reply_request")),
        ("lead", "reply_request_cancel", of("$record"),                   Err("invalid_event_kind")),
        ("user", "reply_request_cancel", of("$created"),                  Err("invalid_event_kind")),
        ("user", "reply_request_cancel", of("gone"),                      Err("event_not_found")),
        ("user", "reply_request_cancel", of(""),                          Err("missing_event_id")),
        ("user", "reply_request_cancel", of("$asked"),                    Ok("chat.reply_request.cancelled")),
        ("lead", "reply_request_cancel", of("$asked"),                    Ok("")),
    ];
    world.run(&group_id, &names, &table);
}
