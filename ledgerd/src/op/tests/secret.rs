//! Ops about secrets: who may, what is kept, and that no value is in an event or in an answer but the one to ptyd.

use super::world::World;
use bus::contract::{Principal, Proof};
use serde_json::{Value, json};

const VALUE: &str = "correct horse battery staple";

fn update(more: Value) -> Value {
    let mut args = json!({"group_id": "$group", "actor_id": "peer"});
    args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    args
}

/// What ptyd starts an actor with.
fn start_env(world: &mut World, group_id: &str, actor_id: &str) -> Value {
    world.ask_daemon("secrets_get", json!({"group_id": group_id, "actor_id": actor_id})).unwrap()["variables"].clone()
}

#[test]
fn every_op_about_private_environments_is_allowed_refused_and_written_as_the_standard_says() {
    let (mut world, group_id) = World::with_team();
    let keys = || update(json!({}));
    let many: serde_json::Map<_, _> = (0..257).map(|n| (format!("K{n}"), json!("v"))).collect();
    #[rustfmt::skip]
    let table = [
        ("user", "actor_env_private_update", update(json!({"set": {"K": VALUE}})),   Ok("x.cccc.actor_secrets")),
        ("",     "actor_env_private_update", update(json!({"set": {"K": VALUE}})),   Ok("")),
        ("user", "actor_env_private_update", update(json!({})),                      Ok("")),
        ("user", "actor_env_private_update", update(json!({"unset": ["NONE"]})),     Ok("")),
        ("user", "actor_env_private_update", update(json!({"unset": ["K"], "set": {"L": 1}})), Ok("x.cccc.actor_secrets")),
        ("user", "actor_env_private_update", update(json!({"set": {"1": "x"}})),     Err("invalid_request")),
        ("user", "actor_env_private_update", update(json!({"set": {"K": null}})),    Err("invalid_request")),
        ("user", "actor_env_private_update", update(json!({"set": many})),           Err("too_many_keys")),
        ("lead", "actor_env_private_update", update(json!({"set": {"K": "x"}})),     Err("permission_denied")),
        ("peer", "actor_env_private_update", update(json!({"set": {"K": "x"}})),     Err("permission_denied")),
        ("peer", "actor_env_private_update", json!({}),                              Err("permission_denied")),
        ("user", "actor_env_private_update", json!({"group_id": "$group"}),          Err("missing_actor_id")),
        ("user", "actor_env_private_update", json!({"group_id": "$group", "actor_id": "zoe"}), Err("actor_not_found")),
        ("user", "actor_env_private_keys",   keys(),                                 Ok("")),
        ("peer", "actor_env_private_keys",   keys(),                                 Err("permission_denied")),
        ("user", "actor_env_private_keys",   json!({"group_id": "$group", "actor_id": "zoe"}), Err("actor_not_found")),
        ("user", "actor_env_private_update", update(json!({"clear": true})),         Ok("x.cccc.actor_secrets")),
        ("user", "actor_env_private_update", update(json!({"clear": true})),         Ok("")),
        ("user", "actor_add", json!({"group_id": "$group", "actor_id": "n", "runtime": "custom", "command": ["a"], "env_private": {"K": VALUE}}),
            Ok("actor.add x.cccc.actor_secrets actor.start")),
        ("user", "actor_add", json!({"group_id": "$group", "runtime": "custom", "command": ["a"], "env_private": {}}), Ok("actor.add actor.start")),
        ("lead", "actor_add", json!({"group_id": "$group", "runtime": "custom", "env_private": {"K": "x"}}), Err("actor_add_failed")),
        ("user", "actor_add", json!({"group_id": "$group", "runtime": "custom", "command": ["a"], "env_private": {"K-": "x"}}), Err("actor_add_failed")),
        ("user", "actor_remove", json!({"group_id": "$group", "actor_id": "n"}),     Ok("actor.remove")),
    ];
    world.run(&group_id, &[], &table);
}

#[test]
fn values_go_to_ptyd_and_nowhere_else() {
    let (mut world, group_id) = World::with_team();
    let on_peer = json!({"group_id": group_id, "actor_id": "peer"});
    let args = json!({"group_id": group_id, "actor_id": "peer", "set": {"B": VALUE, "A": "short"}});
    let updated = world.ask("user", "actor_env_private_update", args).unwrap();
    assert_eq!(updated, json!({"group_id": group_id, "actor_id": "peer", "keys": ["A", "B"]}));
    let shown = world.ask("user", "actor_env_private_keys", on_peer.clone()).unwrap();
    assert_eq!(shown["masked_values"], json!({"A": "******", "B": "co******le"}));
    assert_eq!(start_env(&mut world, &group_id, "peer"), json!({"A": "short", "B": VALUE}));
    assert_eq!(start_env(&mut world, &group_id, "lead"), json!({}));

    let written = serde_json::to_string(&world.events.iter().map(|(_, event)| event).collect::<Vec<_>>()).unwrap();
    let document = world.ask("user", "group_show", json!({"group_id": group_id})).unwrap();
    for text in [written, document.to_string(), updated.to_string(), shown.to_string()] {
        assert!(!text.contains(VALUE) && !text.contains("short"), "{text}");
    }
}

#[test]
fn only_our_system_itself_is_told_values() {
    let (mut world, group_id) = World::with_team();
    world.start_session(&group_id, "peer", "token-of-peer");
    let args = json!({"group_id": group_id, "actor_id": "peer"});
    let proven = |by: &str| Principal { by: by.into(), proof: Proof::Daemon };
    for principal in [
        Principal::claimed("system"),
        Principal::claimed("user"),
        Principal { by: "peer".into(), proof: Proof::Token("token-of-peer".into()) },
        proven("user"),
        proven("peer"),
    ] {
        let refusal = world.ask_as(principal.clone(), "secrets_get", args.clone()).unwrap_err();
        assert_eq!(refusal.code.word(), "permission_denied", "{principal:?}");
    }
    world.ask_daemon("secrets_get", args).unwrap();
}

#[test]
fn secrets_that_are_lost_are_said_to_be_lost() {
    let (mut world, group_id) = World::with_team();
    let on_peer = json!({"group_id": group_id, "actor_id": "peer"});
    let set = |more: Value| {
        let mut args = on_peer.clone();
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args
    };
    world.ask("user", "actor_env_private_update", set(json!({"set": {"K": VALUE}}))).unwrap();
    world.secrets.clear();
    let refusal = world.ask_daemon("secrets_get", on_peer.clone()).unwrap_err();
    assert!(refusal.message.contains("set them again"), "{refusal}");
    let shown = world.ask("user", "actor_env_private_keys", on_peer.clone()).unwrap();
    assert_eq!(shown["masked_values"], json!({"K": "******"}));
    assert!(world.ask("user", "actor_env_private_update", set(json!({"set": {"L": "x"}}))).is_err());
    world.ask("user", "actor_env_private_update", set(json!({"clear": true, "set": {"L": "x"}}))).unwrap();
    assert_eq!(start_env(&mut world, &group_id, "peer"), json!({"L": "x"}));
}

#[test]
fn a_removed_actor_leaves_nothing_to_its_successor() {
    let (mut world, group_id) = World::with_team();
    let args = json!({"group_id": group_id, "actor_id": "peer", "set": {"K": VALUE}});
    world.ask("user", "actor_env_private_update", args).unwrap();
    assert_eq!(world.state.versions(&group_id).unwrap().iter().filter(|version| !version.is_empty()).count(), 1);
    world.ask("user", "actor_remove", json!({"group_id": group_id, "actor_id": "peer"})).unwrap();
    assert!(world.state.versions(&group_id).unwrap().iter().all(|version| version.is_empty()));
    world.add(&group_id, "peer", json!({}));
    assert_eq!(start_env(&mut world, &group_id, "peer"), json!({}));
}
