//! What somebody has said and was told, looked back at.

use super::world::{World, id_of};
use serde_json::{Value, json};

#[test]
fn a_history_has_what_somebody_said_and_was_told_the_newest_first() {
    let (mut world, group_id) = World::with_team();
    let mut send = |by: &str, more: Value| world.send(&group_id, by, more);
    let old = send("user", json!({"to": "peer", "reply_required": true, "text": "older words"}));
    let asked = send("user", json!({"to": "@peers", "message_mode": "request_reply"}));
    let mail = send("lead", json!({"to": "peer", "message_mode": "mail", "text": "Quiet Mail"}));
    let own = send("peer", json!({"to": "user"}));
    let other = send("lead", json!({"to": "user", "text": "mail to the user"}));
    world.ask("system", "system_notify", json!({"group_id": group_id, "title": "no message"})).unwrap();
    #[rustfmt::skip]
    let cases = [
        // whose    more                                               found                              more
        ("peer",   json!({}),                                         vec![&own, &mail, &asked, &old],   false),
        ("peer",   json!({"mode": "ALL", "limit": 2}),                vec![&own, &mail],                 true),
        ("peer",   json!({"limit": 2, "before_event_id": mail}),      vec![&asked, &old],                false),
        ("peer",   json!({"mode": "mail"}),                           vec![&mail],                       false),
        ("peer",   json!({"mode": "send"}),                           vec![&own],                        false),
        ("peer",   json!({"mode": "request_reply"}),                  vec![&asked, &old],                false),
        ("peer",   json!({"query": "MAIL"}),                          vec![&mail],                       false),
        ("peer",   json!({"query": "mail to"}),                       vec![],                            false),
        ("lead",   json!({}),                                         vec![&other, &mail],               false),
        ("user",   json!({}),                                         vec![&other, &own, &asked, &old],  false),
    ];
    let unread = world.unread(&group_id, "peer");
    for (name, more, wanted, has_more) in cases {
        let mut args = json!({"group_id": group_id, "actor_id": name});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let looked = world.ask(name, "message_history", args).unwrap();
        let ids: Vec<_> = looked["messages"].as_array().unwrap().iter().map(id_of).collect();
        assert_eq!((ids.iter().collect::<Vec<_>>(), &looked["has_more"]), (wanted, &json!(has_more)), "{name} {more}");
        assert_eq!(looked["cursor"].as_str(), ids.last().filter(|_| has_more).map(String::as_str), "{name} {more}");
    }
    assert_eq!(world.unread(&group_id, "peer"), unread, "nothing was read by looking");

    // Whoever comes back under the same name begins anew.
    world.ask("user", "actor_remove", json!({"group_id": group_id, "actor_id": "peer"})).unwrap();
    world.add(&group_id, "peer", json!({}));
    let looked = world.ask("peer", "message_history", json!({"group_id": group_id, "actor_id": "peer"})).unwrap();
    assert_eq!(looked["messages"], json!([]));
}

#[test]
fn a_history_is_refused_for_a_reason() {
    let (mut world, group_id) = World::with_team();
    let of = |actor_id: &str, more: Value| {
        let mut args = json!({"group_id": "$group", "actor_id": actor_id});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args
    };
    #[rustfmt::skip]
    let table = [
        ("peer", "message_history", of("peer", json!({})),                          Ok("")),
        ("lead", "message_history", of("peer", json!({})),                          Ok("")),
        ("peer", "message_history", of("lead", json!({})),                          Err("permission_denied")),
        ("user", "message_history", of("", json!({})),                              Err("missing_actor_id")),
        ("user", "message_history", of("peer", json!({"mode": "pigeon"})),          Err("invalid_request")),
        ("user", "message_history", of("peer", json!({"before_event_id": "gone"})), Err("event_not_found")),
        ("user", "message_history", of("peer", json!({"query": "x".repeat(1_001)})), Err("invalid_request")),
    ];
    world.run(&group_id, &[], &table);
}
