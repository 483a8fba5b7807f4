//! Messages to another group.

use super::world::{World, id_of};
use serde_json::{Value, json};

fn two_groups() -> (World, String, String) {
    let (mut world, src) = World::with_team();
    let attached = world.ask("cli", "attach", json!({"path": "/srv/other"})).unwrap();
    let dst = attached["group_id"].as_str().unwrap().to_owned();
    for actor_id in ["chief", "peer"] {
        world.add(&dst, actor_id, json!({}));
    }
    (world, src, dst)
}

fn cross(src: &str, dst: &str, more: Value) -> Value {
    let mut args = json!({"group_id": src, "dst_group_id": dst, "text": "hello there"});
    args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    args
}

#[test]
fn a_message_to_another_group_is_a_record_here_and_a_copy_there() {
    let (mut world, src, dst) = two_groups();
    let sent = world
        .ask("user", "send_cross_group", cross(&src, &dst, json!({"to": ["chief"], "reply_required": true})))
        .unwrap();
    assert_eq!(world.kinds(), ["chat.message", "chat.message", "x.cccc.cross_group"]);
    let (record, copy) = (&sent["src_event"], &sent["dst_event"]);
    assert_eq!((&record["group_id"], &copy["group_id"]), (&json!(src), &json!(dst)));
    assert_eq!((&record["data"]["to"], &record["data"]["dst_to"]), (&json!(["user"]), &json!(["chief"])));
    assert_eq!((&copy["data"]["src_group_id"], &copy["data"]["src_event_id"]), (&json!(src), &record["id"]));
    assert_eq!(record["data"]["dst_group_id"], json!(dst));
    assert_eq!(world.unread(&dst, "chief"), [id_of(copy)]);
    assert_eq!(world.unread(&src, "peer"), Vec::<String>::new());
    world.check_replay();
}

#[test]
fn without_recipients_the_other_group_decides_and_wakes_whom_it_must() {
    let (mut world, src, dst) = two_groups();
    let sent = world.ask("lead", "send_cross_group", cross(&src, &dst, json!({}))).unwrap();
    assert_eq!(sent["dst_event"]["data"]["to"], json!(["@foreman"]));
    for actor_id in ["chief", "peer"] {
        world.ask("user", "actor_stop", json!({"group_id": dst, "actor_id": actor_id})).unwrap();
    }
    world.ask("user", "send_cross_group", cross(&src, &dst, json!({"to": ["peer"]}))).unwrap();
    assert_eq!(world.kinds(), ["chat.message", "actor.start", "chat.message", "x.cccc.cross_group"]);
    let mail = cross(&src, &dst, json!({"to": ["peer"], "message_mode": "mail"}));
    world.ask("user", "actor_stop", json!({"group_id": dst, "actor_id": "peer"})).unwrap();
    world.ask("user", "send_cross_group", mail).unwrap();
    assert_eq!(world.kinds(), ["chat.message", "chat.message", "x.cccc.cross_group"], "mail wakes nobody");
    world.check_replay();
}

/// An actor of that name over there is somebody else, and gets the message.
#[test]
fn actors_of_the_same_name_are_not_confused() {
    let (mut world, src, dst) = two_groups();
    let sent = world.ask("peer", "send_cross_group", cross(&src, &dst, json!({"to": ["peer"]}))).unwrap();
    assert_eq!((&sent["src_event"]["by"], &sent["dst_event"]["by"]), (&json!("peer"), &json!(format!("{src}/peer"))));
    assert_eq!(world.unread(&dst, "peer"), [id_of(&sent["dst_event"])]);
}

/// An answer without recipients goes back to where the message came from, and to nobody here.
#[test]
fn an_answer_goes_back_to_the_group_it_came_from() {
    let (mut world, src, dst) = two_groups();
    #[rustfmt::skip]
    let cases = [
        // sender   answered by   gets it there   speaks there as
        ("peer",    "chief",      json!(["peer"]), "chief".to_owned()),
        ("lead",    "peer",       json!(["lead"]), format!("{dst}/peer")),
        ("user",    "chief",      json!(["user"]), "chief".to_owned()),
    ];
    for (sender, by, to, name) in cases {
        let args = cross(&src, &dst, json!({"to": [by], "priority": "attention", "reply_required": true}));
        let sent = world.ask(sender, "send_cross_group", args).unwrap();
        let (record, copy) = (id_of(&sent["src_event"]), id_of(&sent["dst_event"]));
        let args = json!({"group_id": dst, "reply_to": copy, "text": "and hello to you"});
        let answered = world.ask(by, "reply", args).unwrap();
        assert_eq!(world.kinds(), ["chat.message", "chat.message", "chat.ack", "x.cccc.cross_group"]);
        let here = &answered["event"];
        assert_eq!((&here["group_id"], &here["data"]["reply_to"]), (&json!(dst), &json!(copy)), "it is answered here");
        assert_eq!((&here["data"]["dst_group_id"], &here["data"]["dst_to"]), (&json!(src), &to));
        let there = serde_json::to_value(&world.last[1]).unwrap();
        assert_eq!((&there["group_id"], &there["by"], &there["data"]["to"]), (&json!(src), &json!(name), &to));
        assert_eq!((&there["data"]["reply_to"], &there["data"]["quote_text"]), (&json!(record), &json!("hello there")));
        assert_eq!(there["data"]["src_event_id"], here["id"]);
    }
    let sent = world.ask("user", "send_cross_group", cross(&src, &dst, json!({"to": ["chief"]}))).unwrap();
    let own = id_of(&sent["dst_event"]);
    let went_on = world.ask("user", "reply", json!({"group_id": dst, "reply_to": own, "text": "and"})).unwrap();
    assert_eq!(
        (world.kinds().len(), &went_on["event"]["data"]["to"]),
        (1, &json!(["chief"])),
        "the user is the same here"
    );
    let sent = world.ask("peer", "send_cross_group", cross(&src, &dst, json!({"to": ["chief"]}))).unwrap();
    let copy = id_of(&sent["dst_event"]);
    world.ask("chief", "reply", json!({"group_id": dst, "reply_to": copy, "text": "look", "to": ["peer"]})).unwrap();
    assert_eq!(world.kinds(), ["chat.message"], "whoever is named gets it here");
    world.ask("user", "actor_remove", json!({"group_id": src, "actor_id": "peer"})).unwrap();
    world.ask("chief", "reply", json!({"group_id": dst, "reply_to": copy, "text": "late"})).unwrap();
    assert_eq!(serde_json::to_value(&world.last[1]).unwrap()["data"]["to"], json!(["@foreman"]), "the sender is gone");
    world.check_replay();
}

#[test]
fn a_message_that_cannot_arrive_leaves_no_half() {
    let (mut world, src, dst) = two_groups();
    let empty = world.ask("cli", "attach", json!({"path": "/srv/empty"})).unwrap()["group_id"].clone();
    let with = |more: Value| cross("$group", "$dst", more);
    #[rustfmt::skip]
    let refusals = [
        // by     op                  arguments                                                refusal
        ("user", "send_cross_group", with(json!({"attachments": [{}], "priority": "odd"})),   Err("attachments_not_supported")),
        ("user", "send_cross_group", with(json!({"priority": "odd", "group_id": ""})),        Err("invalid_priority")),
        ("user", "send_cross_group", with(json!({"group_id": "", "dst_group_id": ""})),       Err("missing_group_id")),
        ("user", "send_cross_group", with(json!({"dst_group_id": ""})),                       Err("missing_dst_group_id")),
        ("user", "send_cross_group", with(json!({"dst_group_id": "$group"})),                 Err("invalid_dst_group_id")),
        ("user", "send_cross_group", with(json!({"dst_group_id": "g_ffffffffffff"})),         Err("group_not_found")),
        ("user", "send_cross_group", with(json!({"group_id": "g_ffffffffffff"})),             Err("group_not_found")),
        ("user", "send_cross_group", with(json!({"to": ["lead"]})),                           Err("invalid_recipient")),
        ("user", "send_cross_group", with(json!({"text": "  "})),                             Err("empty_message")),
        ("user", "send_cross_group", with(json!({"dst_group_id": empty})),                    Err("no_enabled_recipients")),
        ("user", "send_cross_group", with(json!({"attachments": []})),                        Ok("chat.message chat.message x.cccc.cross_group")),
    ];
    world.run(&src, &[("dst", &dst)], &refusals);
}
