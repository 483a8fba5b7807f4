//! Ops about profiles, and how linked actors follow them.

use super::world::World;
use serde_json::{Value, json};

fn with_profile() -> (World, String) {
    let (mut world, group_id) = World::with_team();
    let profile = json!({"id": "p", "name": "Pro", "runtime": "custom", "command": "agent --fast 'a b'"});
    world.ask("user", "actor_profile_upsert", json!({"profile": profile})).unwrap();
    let set = json!({"profile_id": "p", "set": {"K": "profile's own"}});
    world.ask("user", "actor_profile_secret_update", set).unwrap();
    (world, group_id)
}

fn start_env(world: &mut World, group_id: &str, actor_id: &str) -> Value {
    world.ask_daemon("secrets_get", json!({"group_id": group_id, "actor_id": actor_id})).unwrap()["variables"].clone()
}

#[test]
fn every_op_about_profiles_is_allowed_refused_and_written_as_the_standard_says() {
    let (mut world, group_id) = World::with_team();
    let upsert = |profile: Value| json!({"profile": profile});
    let actor = |more: Value| {
        let mut args = json!({"group_id": "$group", "actor_id": "peer"});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args
    };
    let p = json!({"profile_id": "p"});
    #[rustfmt::skip]
    let table = [
        ("user", "actor_profile_upsert", upsert(json!({"id": "p", "runtime": "custom", "command": ["x"]})), Ok("x.cccc.profile")),
        ("user", "actor_profile_upsert", upsert(json!({"name": "generated"})),             Ok("x.cccc.profile")),
        ("user", "actor_profile_upsert", json!({"profile": {"id": "p"}, "expected_revision": 1}), Ok("x.cccc.profile")),
        ("user", "actor_profile_upsert", json!({"profile": {"id": "p"}, "expected_revision": 1}), Err("profile_revision_mismatch")),
        ("user", "actor_profile_upsert", json!({"profile": {"id": "q"}, "expected_revision": 1}), Err("profile_revision_mismatch")),
        ("user", "actor_profile_upsert", json!({"profile": {"id": "q"}, "expected_revision": 0}), Ok("x.cccc.profile")),
        ("user", "actor_profile_upsert", json!({}),                                        Err("invalid_request")),
        ("user", "actor_profile_upsert", upsert(json!({"id": "p", "env": {"A": "1"}})),    Err("invalid_request")),
        ("user", "actor_profile_upsert", upsert(json!({"id": "p", "env": {}, "capability_defaults": {}})), Ok("x.cccc.profile")),
        ("user", "actor_profile_upsert", upsert(json!({"id": "a..b"})),                    Err("actor_profile_upsert_failed")),
        ("user", "actor_profile_upsert", upsert(json!({"id": "p", "runtime": "abacus"})),  Err("actor_profile_upsert_failed")),
        ("user", "actor_profile_upsert", upsert(json!({"id": "p", "runner": "cloud"})),    Err("actor_profile_upsert_failed")),
        ("user", "actor_profile_upsert", upsert(json!({"id": "r", "runtime": "custom"})),  Err("actor_profile_upsert_failed")),
        ("user", "actor_profile_upsert", upsert(json!({"id": "r", "command": "a 'b"})),    Err("actor_profile_upsert_failed")),
        ("user", "actor_profile_upsert", upsert(json!({"id": "r", "command": vec!["w"; 257]})), Err("invalid_request")),
        ("lead", "actor_profile_upsert", upsert(json!({"id": "p"})),                       Err("permission_denied")),
        ("peer", "actor_profile_list",   json!({}),                                        Ok("")),
        ("peer", "actor_profile_get",    p.clone(),                                        Ok("")),
        ("user", "actor_profile_get",    json!({}),                                        Err("missing_profile_id")),
        ("user", "actor_profile_get",    json!({"profile_id": "../p"}),                    Err("actor_profile_get_failed")),
        ("user", "actor_profile_get",    json!({"profile_id": "none"}),                    Err("profile_not_found")),

        ("user", "actor_profile_secret_update", json!({"profile_id": "p", "set": {"K": "value"}}), Ok("x.cccc.profile_secrets")),
        ("user", "actor_profile_secret_update", json!({"profile_id": "p", "clear": "yes"}), Ok("")),
        ("user", "actor_profile_secret_update", json!({"profile_id": "p", "set": {"-": "v"}}), Err("invalid_request")),
        ("user", "actor_profile_secret_update", json!({"profile_id": "none"}),             Err("profile_not_found")),
        ("peer", "actor_profile_secret_update", p.clone(),                                 Err("permission_denied")),
        ("peer", "actor_profile_secret_keys",   p.clone(),                                 Ok("")),
        ("user", "actor_profile_secret_keys",   json!({"profile_id": "none"}),             Err("profile_not_found")),
        ("user", "actor_profile_secret_copy_from_profile", json!({"profile_id": "q", "source_profile_id": "p"}), Ok("x.cccc.profile_secrets")),
        ("user", "actor_profile_secret_copy_from_profile", p.clone(),                      Err("missing_source_profile_id")),
        ("user", "actor_profile_secret_copy_from_profile", json!({"profile_id": "p", "source_profile_id": "x"}), Err("source_profile_not_found")),
        ("user", "actor_profile_secret_copy_from_actor", actor(json!({"profile_id": "q"})), Ok("x.cccc.profile_secrets")),
        ("user", "actor_profile_secret_copy_from_actor", json!({"profile_id": "p", "group_id": "$group", "actor_id": "a"}), Err("actor_not_found")),
        ("user", "actor_profile_secret_copy_from_actor", actor(json!({"profile_id": "x"})), Err("profile_not_found")),

        ("user", "actor_update", actor(json!({"profile_id": "none"})),                     Err("actor_update_failed")),
        ("user", "actor_update", actor(json!({"profile_action": "explode"})),              Err("invalid_request")),
        ("user", "actor_update", actor(json!({"profile_id": "p", "profile_action": "convert_to_custom"})), Err("invalid_request")),
        ("user", "actor_update", actor(json!({"profile_id": "p", "patch": {"env": {}}})),  Err("invalid_request")),
        ("user", "actor_update", actor(json!({"profile_action": "convert_to_custom"})),    Err("actor_update_failed")),
        ("lead", "actor_update", actor(json!({"profile_id": "p"})),                        Err("actor_update_failed")),
        ("user", "actor_update", actor(json!({"profile_id": "p", "patch": {"title": "T"}})), Ok("actor.update")),
        ("user", "actor_update", actor(json!({"patch": {"command": ["x"], "title": "U"}})), Err("actor_profile_linked_readonly")),
        ("user", "actor_update", actor(json!({"patch": {"title": "U"}})),                  Ok("actor.update")),
        ("user", "actor_env_private_update", actor(json!({"set": {"K": "x"}})),            Err("actor_profile_linked_readonly")),
        ("user", "actor_env_private_keys", actor(json!({})),                               Err("actor_profile_linked_readonly")),
        ("user", "actor_profile_delete", p.clone(),                                        Err("profile_in_use")),
        ("user", "actor_update", actor(json!({"profile_action": "convert_to_custom"})),    Ok("actor.update x.cccc.actor_secrets")),
        ("peer", "actor_profile_delete", p.clone(),                                        Err("permission_denied")),
        ("user", "actor_profile_delete", p.clone(),                                        Ok("x.cccc.profile_deleted")),
        ("user", "actor_profile_delete", p.clone(),                                        Err("profile_not_found")),
        ("user", "actor_add", json!({"group_id": "$group", "actor_id": "n", "profile_id": "p"}), Err("actor_add_failed")),
        ("user", "actor_add", json!({"group_id": "$group", "actor_id": "n", "profile_id": "q", "env_private": {}}), Err("actor_add_failed")),
        ("lead", "actor_add", json!({"group_id": "$group", "actor_id": "n", "profile_id": "q"}), Ok("actor.add actor.start")),
    ];
    world.run(&group_id, &[], &table);
}

#[test]
fn a_profile_is_listed_with_who_uses_it_and_without_its_secrets() {
    let (mut world, group_id) = with_profile();
    world.ask("user", "actor_profile_upsert", json!({"profile": {"id": "b", "name": "another"}})).unwrap();
    world.ask("user", "actor_update", json!({"group_id": group_id, "actor_id": "peer", "profile_id": "p"})).unwrap();
    let listed = world.ask("user", "actor_profile_list", json!({})).unwrap();
    let rows: Vec<_> =
        listed["profiles"].as_array().unwrap().iter().map(|row| (&row["id"], &row["usage_count"])).collect();
    assert_eq!(rows, [(&json!("b"), &json!(0)), (&json!("p"), &json!(1))]);
    let got = world.ask("user", "actor_profile_get", json!({"profile_id": "p"})).unwrap();
    assert_eq!(got["profile"]["command"], json!(["agent", "--fast", "a b"]));
    assert_eq!((&got["profile"]["revision"], &got["profile"]["env"]), (&json!(1), &json!({})));
    assert_eq!((&got["usage"][0]["actor_id"], &got["usage"][0]["group_id"]), (&json!("peer"), &json!(group_id)));
    let keys = world.ask("user", "actor_profile_secret_keys", json!({"profile_id": "p"})).unwrap();
    assert_eq!(keys, json!({"profile_id": "p", "keys": ["K"], "masked_values": {"K": "******"}}));
    let written = serde_json::to_string(&world.events.iter().map(|(_, event)| event).collect::<Vec<_>>()).unwrap();
    assert!(!(written + &got.to_string() + &listed.to_string()).contains("profile's own"));
}

#[test]
fn a_linked_actor_follows_its_profile_from_its_next_start() {
    let (mut world, group_id) = with_profile();
    let on_peer = json!({"group_id": group_id, "actor_id": "peer"});
    let own = json!({"group_id": group_id, "actor_id": "peer", "set": {"OWN": "x"}});
    world.ask("user", "actor_env_private_update", own).unwrap();
    let linked = world
        .ask("user", "actor_update", json!({"group_id": group_id, "actor_id": "peer", "profile_id": "p"}))
        .unwrap();
    assert_eq!(world.kinds(), ["actor.update", "x.cccc.actor_secrets"], "its own are gone");
    assert_eq!(linked["actor"]["command"], json!(["agent", "--fast", "a b"]));
    assert_eq!(
        (&linked["actor"]["profile_id"], &linked["actor"]["profile_revision_applied"]),
        (&json!("p"), &json!(1))
    );
    assert_eq!(start_env(&mut world, &group_id, "peer"), json!({"K": "profile's own"}));

    world.ask("user", "actor_profile_upsert", json!({"profile": {"id": "p", "command": ["newer"]}})).unwrap();
    assert_eq!(world.group(&group_id).actor_state("peer").unwrap().actor.command[0], "agent", "not yet");
    for (op, args, kinds) in [
        ("actor_restart", on_peer.clone(), "actor.update actor.restart"),
        ("actor_start", on_peer.clone(), "actor.start"),
        ("group_start", json!({"group_id": group_id}), "group.start"),
    ] {
        world.ask("user", op, args).unwrap();
        assert_eq!(world.kinds().join(" "), kinds, "{op}");
    }
    let actor = &world.group(&group_id).actor_state("peer").unwrap().actor;
    assert_eq!((actor.command[0].as_str(), actor.profile_revision_applied), ("newer", Some(2)));
    world.check_replay();
}

#[test]
fn an_actor_that_is_unlinked_keeps_a_copy() {
    for by_deletion in [false, true] {
        let (mut world, group_id) = with_profile();
        let add = json!({"group_id": group_id, "actor_id": "n", "profile_id": "p"});
        world.ask("user", "actor_add", add).unwrap();
        if by_deletion {
            let deleted =
                world.ask("user", "actor_profile_delete", json!({"profile_id": "p", "force_detach": true})).unwrap();
            assert_eq!(world.kinds(), ["actor.update", "x.cccc.actor_secrets", "x.cccc.profile_deleted"]);
            assert_eq!(deleted["detached"], json!([{"group_id": group_id, "actor_id": "n"}]));
            assert!(world.state.versions("home").unwrap().is_empty());
        } else {
            let args = json!({"group_id": group_id, "actor_id": "n", "profile_action": "convert_to_custom"});
            world.ask("user", "actor_update", args).unwrap();
        }
        let actor = &world.group(&group_id).actor_state("n").unwrap().actor;
        assert_eq!((actor.profile_id.as_deref(), actor.profile_revision_applied), (None, None));
        assert_eq!(actor.command, ["agent", "--fast", "a b"]);
        assert_eq!(start_env(&mut world, &group_id, "n"), json!({"K": "profile's own"}));
        world.check_replay();
    }
}

#[test]
fn secrets_are_copied_whole() {
    let (mut world, group_id) = with_profile();
    world.add(&group_id, "rich", json!({"env": {"A": "public", "B": "public"}, "env_private": {"B": "private"}}));
    let copy = json!({"profile_id": "p", "group_id": group_id, "actor_id": "rich"});
    let copied = world.ask("user", "actor_profile_secret_copy_from_actor", copy).unwrap();
    assert_eq!(copied["keys"], json!(["A", "B"]));
    world.ask("user", "actor_profile_upsert", json!({"profile": {"id": "q", "runtime": "claude"}})).unwrap();
    let copy = json!({"profile_id": "q", "source_profile_id": "p"});
    world.ask("user", "actor_profile_secret_copy_from_profile", copy).unwrap();
    world.ask("user", "actor_add", json!({"group_id": group_id, "actor_id": "n", "profile_id": "q"})).unwrap();
    assert_eq!(start_env(&mut world, &group_id, "n"), json!({"A": "public", "B": "private"}));
}
