//! Handing over a message that exists.

use super::world::{World, id_of};
use serde_json::{Value, json};

fn deliver(world: &mut World, group_id: &str, event_id: &str, to: &[&str], force: bool) -> Value {
    let args = json!({"group_id": group_id, "source_event_id": event_id, "actor_ids": to, "force_ambiguous": force});
    world.ask("user", "message_deliver", args).unwrap()
}

/// What waits to be typed for `peer`.
fn waiting(world: &mut World, group_id: &str) -> Vec<String> {
    let desk = world.ask_daemon("desk_get", json!({"group_id": group_id})).unwrap();
    let places = desk["places"].as_array().unwrap();
    let place = places.iter().find(|place| place["actor"]["id"] == "peer").unwrap();
    let seqs = place["queue"].as_array().unwrap().iter().map(|queued| queued["seq"].clone());
    let messages = desk["messages"].as_array().unwrap();
    seqs.map(|seq| id_of(messages.iter().find(|event| event["seq"] == seq).unwrap())).collect()
}

fn record(world: &mut World, group_id: &str, event_id: &str, stage: &str) {
    let args =
        json!({"group_id": group_id, "actor_id": "peer", "event_ids": [event_id], "stage": stage, "reason": "x"});
    world.ask_daemon("delivery_record", args).unwrap();
}

#[test]
fn mail_is_handed_over_when_somebody_asks_for_it() {
    let (mut world, group_id) = World::with_team();
    let mail = world.send(&group_id, "lead", json!({"to": ["peer", "bot"], "message_mode": "mail"}));
    let later = world.send(&group_id, "lead", json!({"to": ["peer"]}));
    world.ask("user", "group_set_state", json!({"group_id": group_id, "state": "paused"})).unwrap();
    let claimed = deliver(&mut world, &group_id, &mail, &["peer", "bot", "peer"], false);
    assert_eq!(
        world.kinds(),
        ["group.set_state", "x.cccc.hand_over", "system.notify"],
        "a headless actor gets a notice"
    );
    assert_eq!((&claimed["actor_ids"], &claimed["delivery_state"]), (&json!(["peer", "bot"]), &json!("claimed")));
    assert_eq!(waiting(&mut world, &group_id), [mail.clone(), later.clone()], "at its place");
    let again = deliver(&mut world, &group_id, &mail, &["peer"], true);
    assert_eq!((&again["event"], &again["delivery_state"]), (&json!(null), &json!("unchanged")), "it waits already");
    record(&mut world, &group_id, &mail, "handed");
    assert_eq!(waiting(&mut world, &group_id), std::slice::from_ref(&later));
    deliver(&mut world, &group_id, &mail, &["peer"], false);
    assert!(world.last.is_empty(), "what was handed over is not handed over again by itself");
    deliver(&mut world, &group_id, &mail, &["peer"], true);
    assert_eq!(waiting(&mut world, &group_id), [mail.clone(), later], "unless somebody insists: nobody has read it");
    record(&mut world, &group_id, &mail, "handed");
    let read = json!({"group_id": group_id, "actor_id": "peer", "event_id": mail});
    world.ask("peer", "inbox_mark_read", read).unwrap();
    deliver(&mut world, &group_id, &mail, &["peer"], true);
    assert!(world.last.is_empty(), "what was read is not handed over again, whoever insists");
    world.check_replay();
}

#[test]
fn what_may_have_arrived_is_handed_over_again_only_when_that_is_accepted() {
    let (mut world, group_id) = World::with_team();
    let ids = [(); 4].map(|()| world.send(&group_id, "user", json!({"to": ["peer"]})));
    let [failed, uncertain, read, last] = &ids;
    record(&mut world, &group_id, failed, "failed");
    deliver(&mut world, &group_id, failed, &["peer"], false);
    assert_eq!(waiting(&mut world, &group_id).first(), Some(failed), "it has not arrived, so nothing comes twice");

    record(&mut world, &group_id, uncertain, "uncertain");
    let args = json!({"group_id": group_id, "source_event_id": uncertain, "actor_ids": ["peer"]});
    assert_eq!(world.ask("user", "message_deliver", args).unwrap_err().code.word(), "delivery_ambiguous");
    let mark = json!({"group_id": group_id, "actor_id": "peer", "event_id": read});
    world.ask("peer", "inbox_mark_read", mark).unwrap();
    deliver(&mut world, &group_id, read, &["peer"], false);
    assert!(world.last.is_empty(), "it has been read");
    deliver(&mut world, &group_id, uncertain, &["peer"], true);
    assert_eq!(waiting(&mut world, &group_id), [uncertain.clone(), last.clone()]);
    // Reading on takes nothing away from whoever insists.
    world.ask("peer", "inbox_mark_all_read", json!({"group_id": group_id, "actor_id": "peer"})).unwrap();
    assert_eq!(waiting(&mut world, &group_id), std::slice::from_ref(uncertain));
    let statuses = json!({"group_id": group_id, "event_ids": [uncertain]});
    let statuses = world.ask("user", "message_statuses", statuses).unwrap();
    assert_eq!(statuses["statuses"][0]["delivery"]["peer"]["stage"], "held");
    world.check_replay();
}

#[test]
fn a_message_is_handed_to_its_recipients_only_and_when_they_are_there() {
    let (mut world, group_id) = World::with_team();
    world.add(&group_id, "shy", json!({"deliver": "inbox"}));
    let mail = world.send(&group_id, "lead", json!({"to": ["@peers", "user"], "message_mode": "mail"}));
    world.add(&group_id, "new", json!({}));
    world.ask("bot", "send", json!({"group_id": group_id, "text": "x", "to": ["lead"]})).unwrap();
    let with = |to: Value| json!({"group_id": "$group", "source_event_id": "$mail", "actor_ids": to});
    #[rustfmt::skip]
    let table = [
        ("peer", "message_deliver", with(json!(["peer"])),                   Err("permission_denied")),
        ("user", "message_deliver", with(json!([])),                         Err("missing_actor_id")),
        ("user", "message_deliver", with(json!(vec!["peer"; 257])),          Err("invalid_request")),
        ("user", "message_deliver", with(json!(["peer", "zoe"])),            Err("actor_not_found")),
        ("user", "message_deliver", with(json!(["lead"])),                   Err("event_not_for_actor")),
        ("user", "message_deliver", with(json!(["peer", "new"])),            Err("event_not_for_actor")),
        ("user", "message_deliver", with(json!(["off"])),                    Err("delivery_blocked")),
        ("user", "message_deliver", with(json!(["shy"])),                    Err("delivery_blocked")),
        ("user", "message_deliver", json!({"group_id": "$group"}),           Err("missing_event_id")),
        ("user", "message_deliver", json!({"group_id": "$group", "source_event_id": "gone", "actor_ids": ["peer"]}), Err("event_not_found")),
        ("lead", "message_deliver", with(json!("peer")),                     Ok("x.cccc.hand_over")),
    ];
    world.run(&group_id, &[("mail", &mail)], &table);
}
