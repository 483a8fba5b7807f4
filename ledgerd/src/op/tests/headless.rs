//! Ops about headless actors.

use super::world::World;
use serde_json::{Value, json};

fn state(world: &mut World, group_id: &str) -> Value {
    world.ask("zoe", "headless_status", json!({"group_id": group_id, "actor_id": "bot"})).unwrap()["state"].clone()
}

#[test]
fn who_may_say_how_a_headless_actor_is_and_what_is_written() {
    let (mut world, group_id) = World::with_team();
    let written = "x.cccc.headless";
    let (bot, peer) =
        (json!({"group_id": "$group", "actor_id": "bot"}), json!({"group_id": "$group", "actor_id": "peer"}));
    let with = |args: &Value, more: Value| {
        let mut args = args.clone();
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args
    };
    #[rustfmt::skip]
    let table = [
        ("zoe",  "headless_status",      json!({"group_id": "$group"}),                   Err("missing_actor_id")),
        ("zoe",  "headless_status",      peer.clone(),                                    Err("session_not_found")),
        ("zoe",  "headless_status",      bot.clone(),                                     Ok("")),
        ("bot",  "headless_set_status",  json!({}),                                       Err("invalid_status")),
        ("bot",  "headless_set_status",  json!({"status": "idle", "group_id": "$group"}), Err("missing_actor_id")),
        ("bot",  "headless_set_status",  with(&bot, json!({"status": "flying"})),         Err("invalid_status")),
        ("peer", "headless_set_status",  with(&peer, json!({"status": "idle"})),          Err("session_not_found")),
        ("peer", "headless_set_status",  with(&bot, json!({"status": "working"})),        Err("permission_denied")),
        ("zoe",  "headless_set_status",  with(&bot, json!({"status": "working"})),        Err("permission_denied")),
        ("bot",  "headless_set_status",  with(&bot, json!({"status": "idle"})),           Ok("")),
        ("bot",  "headless_set_status",  with(&bot, json!({"status": "Working"})),        Ok(written)),
        ("bot",  "headless_set_status",  with(&bot, json!({"status": "working", "task_id": "T001"})), Ok(written)),
        ("bot",  "headless_set_status",  with(&bot, json!({"status": "working"})),        Ok("")),
        ("lead", "headless_set_status",  with(&bot, json!({"status": "waiting"})),        Ok(written)),
        ("user", "headless_set_status",  with(&bot, json!({"status": "idle"})),           Ok(written)),
        ("bot",  "headless_set_status",  with(&bot, json!({"status": "idle", "task_id": "t".repeat(1_001)})), Err("invalid_request")),
        ("bot",  "headless_ack_message", bot.clone(),                                     Err("missing_message_id")),
        ("bot",  "headless_ack_message", with(&peer, json!({"message_id": "m"})),         Err("session_not_found")),
        ("peer", "headless_ack_message", with(&bot, json!({"message_id": "m"})),          Err("permission_denied")),
        ("bot",  "headless_ack_message", with(&bot, json!({"message_id": "m"})),          Ok(written)),
    ];
    world.run(&group_id, &[], &table);
    let state = state(&mut world, &group_id);
    assert_eq!(
        (&state["status"], &state["current_task_id"], &state["last_message_id"]),
        (&json!("idle"), &json!("T001"), &json!("m"))
    );
    assert!(state["updated_at"].as_str() > state["started_at"].as_str());
}

#[test]
fn one_that_has_stopped_itself_does_not_run_until_it_is_asked_to() {
    let (mut world, group_id) = World::with_team();
    let bot = json!({"group_id": group_id, "actor_id": "bot"});
    let running = |world: &mut World| {
        let listed = world.ask("user", "actor_list", json!({"group_id": group_id})).unwrap();
        listed["actors"].as_array().unwrap().iter().find(|actor| actor["id"] == "bot").unwrap()["running"].clone()
    };
    let notices = |world: &mut World| {
        world.send(&group_id, "user", json!({"to": "bot"}));
        world.kinds().iter().filter(|kind| **kind == "system.notify").count()
    };
    assert_eq!((running(&mut world), notices(&mut world)), (json!(true), 1));
    let stopped = json!({"group_id": group_id, "actor_id": "bot", "status": "stopped"});
    world.ask("bot", "headless_set_status", stopped).unwrap();
    assert_eq!((running(&mut world), notices(&mut world)), (json!(false), 0));
    assert_eq!(state(&mut world, &group_id)["status"], "stopped");

    world.ask("user", "actor_start", bot.clone()).unwrap();
    assert_eq!((running(&mut world), notices(&mut world)), (json!(true), 1));
    assert_eq!(state(&mut world, &group_id)["status"], "idle");
    world.ask("user", "actor_stop", bot.clone()).unwrap();
    assert_eq!(world.ask("user", "headless_status", bot).unwrap_err().code.word(), "session_not_found");
    world.check_replay();
}
