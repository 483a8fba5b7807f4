//! What waits for whom, over all groups.

use super::world::World;
use serde_json::{Value, json};

fn list(world: &mut World) -> Vec<Value> {
    world.ask("user", "waiting_list", json!({})).unwrap()["groups"].as_array().unwrap().clone()
}

#[test]
fn what_is_owed_is_listed_until_it_is_given() {
    let (mut world, group_id) = World::with_team();
    assert_eq!(list(&mut world), Vec::<Value>::new(), "nothing waits in a quiet home");
    let asked = world.send(&group_id, "lead", json!({"to": ["user", "peer"], "reply_required": true}));
    let urgent = world.send(&group_id, "peer", json!({"to": ["user"], "priority": "attention"}));
    let plain = world.send(&group_id, "lead", json!({"to": ["user"]}));

    let group = list(&mut world).remove(0);
    let owed = |of: &Value| -> Vec<(String, String, Value)> {
        let one = |owed: &Value| {
            let text = |name: &str| owed[name].as_str().unwrap().to_owned();
            (text("event_id"), text("wants"), owed["owed_by"].clone())
        };
        of.as_array().unwrap().iter().map(one).collect()
    };
    let user = json!(["user"]);
    assert_eq!(
        owed(&group["user_owes"]),
        [(urgent.clone(), "ack".into(), user.clone()), (asked.clone(), "reply".into(), user)],
        "the newest first"
    );
    assert_eq!(owed(&group["actors_owe"]), [(asked.clone(), "reply".into(), json!(["peer"]))]);
    assert_eq!(
        (&group["group_id"], &group["unread"], &group["user_owes_total"]),
        (&json!(group_id), &json!(3), &json!(2))
    );
    let held = group["held"].as_array().unwrap();
    assert_eq!((held.len(), &held[0]["actor_id"], &held[0]["event_id"]), (1, &json!("peer"), &json!(asked)));

    // What was on a person's screen is not acknowledged by that.
    let shown = json!({"group_id": group_id, "actor_id": "user", "event_id": urgent, "only_shown": true});
    world.ask("user", "inbox_mark_read", shown).unwrap();
    assert_eq!(list(&mut world)[0]["user_owes_total"], 2);

    world.ask("user", "chat_ack", json!({"group_id": group_id, "event_id": urgent, "actor_id": "user"})).unwrap();
    world.ask("user", "reply", json!({"group_id": group_id, "reply_to": asked, "text": "yes"})).unwrap();
    let group = list(&mut world).remove(0);
    assert_eq!((owed(&group["user_owes"]), owed(&group["actors_owe"]).len()), (vec![], 1));
    let read = json!({"group_id": group_id, "actor_id": "user", "event_id": plain});
    world.ask("user", "inbox_mark_read", read).unwrap();
    assert_eq!(list(&mut world)[0]["unread"], 0);
    world.check_replay();
}

#[test]
fn only_the_user_is_told_what_waits() {
    let (mut world, _) = World::with_team();
    assert_eq!(world.ask("lead", "waiting_list", json!({})).unwrap_err().code.word(), "permission_denied");
}

#[test]
fn settings_are_told_with_their_defaults_and_which_were_set() {
    let (mut world, group_id) = World::with_team();
    let patch = json!({"group_id": group_id, "patch": {"nudge_after_seconds": 60}});
    world.ask("user", "group_settings_update", patch).unwrap();
    let are = world.ask("peer", "group_settings_get", json!({"group_id": group_id})).unwrap();
    assert_eq!(are["set"], json!(["nudge_after_seconds"]));
    let [multiple, default] =
        ["unread_nudge_after_seconds", "keepalive_max_per_actor"].map(|key| &are["settings"][key]);
    assert_eq!((multiple, default), (&json!(180), &json!(3)));
}
