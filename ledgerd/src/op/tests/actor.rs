//! Ops about actors: their rows, and whether they should run.

use super::world::World;
use crate::op::actor_row::{default_command, difference};
use crate::state::actor::ActorState;
use bus::contract::Actor;
use bus::contract::document::{Deliver, Restart, Resume, Runner, Submit};
use serde_json::{Value, json};

#[test]
fn every_op_about_actors_is_allowed_refused_and_written_as_the_standard_says() {
    let (mut world, group_id) = World::with_team();
    let add = |more: Value| {
        let mut args = json!({"group_id": "$group", "runtime": "custom", "command": ["agent"]});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args
    };
    let on = |actor_id: &str| json!({"group_id": "$group", "actor_id": actor_id});
    let patch = |patch: Value| json!({"group_id": "$group", "actor_id": "peer", "patch": patch});
    #[rustfmt::skip]
    let table = [
        ("user", "actor_add",    add(json!({})),                               Ok("actor.add actor.start")),
        ("user", "actor_add",    add(json!({"actor_id": "resting", "enabled": false})), Ok("actor.add")),
        ("user", "actor_add",    add(json!({"actor_id": "lead"})),             Err("actor_add_failed")),
        ("user", "actor_add",    add(json!({"actor_id": "peers"})),            Err("actor_add_failed")),
        ("user", "actor_add",    add(json!({"actor_id": "-x"})),               Err("actor_add_failed")),
        ("user", "actor_add",    add(json!({"actor_id": "ｌｅａｄ"})),            Err("actor_add_failed")),
        ("user", "actor_add",    add(json!({"title": "System"})),              Err("actor_add_failed")),
        ("user", "actor_add",    add(json!({"title": "a\u{202e}b"})),          Err("actor_add_failed")),
        ("user", "actor_add",    add(json!({"runtime": "abacus"})),            Err("actor_add_failed")),
        ("user", "actor_add",    add(json!({"runner": "cloud"})),              Err("actor_add_failed")),
        ("user", "actor_add",    add(json!({"submit": "shout"})),              Err("actor_add_failed")),
        ("user", "actor_add",    add(json!({"restart": "sometimes"})),         Err("actor_add_failed")),
        ("user", "actor_add",    add(json!({"command": []})),                  Err("actor_add_failed")),
        ("user", "actor_add",    add(json!({"command": ["a\0b"]})),            Err("actor_add_failed")),
        ("user", "actor_add",    add(json!({"env": {"A=B": "1"}})),            Err("actor_add_failed")),
        ("user", "actor_add",    add(json!({"path": "/elsewhere"})),           Err("scope_not_attached")),
        ("user", "actor_add",    add(json!({"command": vec!["w"; 257]})),      Err("invalid_request")),
        ("user", "actor_add",    add(json!({"env": {"A": "x".repeat(64_001)}})), Err("invalid_request")),
        ("peer", "actor_add",    add(json!({"actor_id": "x"})),                Err("actor_add_failed")),
        ("zoe",  "actor_add",    add(json!({"actor_id": "x"})),                Err("actor_add_failed")),
        ("lead", "actor_add",    add(json!({"command": ["other"]})),           Err("actor_add_failed")),
        ("lead", "actor_add",    json!({"group_id": "$group"}),                Err("actor_add_failed")),
        ("lead", "actor_add",    json!({"group_id": "$group", "runtime": "custom"}), Ok("actor.add actor.start")),

        ("user", "actor_update", patch(json!({"title": "T"})),                 Ok("actor.update")),
        ("lead", "actor_update", patch(json!({"title": "T"})),                 Err("actor_update_failed")),
        ("peer", "actor_update", patch(json!({"title": "T"})),                 Err("actor_update_failed")),
        ("user", "actor_update", patch(json!({"title": "user"})),              Err("actor_update_failed")),
        ("user", "actor_update", patch(json!({"title": "＠ＡＬＬ"})),             Err("actor_update_failed")),
        ("user", "actor_update", patch(json!({"title": "Us\u{200b}er"})),      Err("actor_update_failed")),
        ("user", "actor_update", patch(json!({"title": "ＬＥＡＤ"})),             Err("actor_update_failed")),
        ("user", "actor_update", patch(json!({"title": "Peer"})),              Ok("actor.update")),
        ("user", "actor_update", patch(json!({"default_scope_key": "s\0"})),   Err("invalid_request")),
        ("user", "actor_update", patch(json!({})),                             Err("invalid_patch")),
        ("user", "actor_update", patch(json!({"colour": 1})),                  Err("invalid_patch")),
        ("user", "actor_update", patch(json!({"role": "foreman"})),            Ok("actor.update")),
        ("user", "actor_update", patch(json!({"command": null})),              Err("actor_update_failed")),
        ("user", "actor_update", patch(json!({"command": "x"})),               Err("actor_update_failed")),
        ("user", "actor_update", patch(json!({"env": {"A": 1}})),              Err("actor_update_failed")),
        ("user", "actor_update", patch(json!({"enabled": "perhaps"})),         Err("actor_update_failed")),
        ("user", "actor_update", patch(json!({"runtime": "abacus"})),          Err("actor_update_failed")),
        ("user", "actor_update", patch(json!({"path": "/elsewhere"})),         Err("scope_not_attached")),
        ("user", "actor_update", json!({"group_id": "$group", "actor_id": "zoe", "patch": {"title": "T"}}), Err("actor_not_found")),
        ("user", "actor_update", json!({"group_id": "$group"}),                Err("missing_actor_id")),

        ("peer", "actor_start",  on("off"),                                    Err("actor_start_failed")),
        ("lead", "actor_start",  on("off"),                                    Ok("actor.start")),
        ("user", "actor_start",  on("zoe"),                                    Err("actor_not_found")),
        ("peer", "actor_stop",   on("off"),                                    Err("actor_stop_failed")),
        ("off",  "actor_stop",   on("off"),                                    Ok("actor.stop")),
        ("lead", "actor_stop",   on("peer"),                                   Ok("actor.stop")),
        ("peer", "actor_restart", on("peer"),                                  Ok("actor.restart")),
        ("peer", "actor_restart", on("lead"),                                  Err("actor_restart_failed")),
        ("lead", "actor_remove", on("peer"),                                   Err("actor_remove_failed")),
        ("peer", "actor_remove", on("peer"),                                   Ok("actor.remove")),
        ("user", "actor_remove", on("peer"),                                   Err("actor_not_found")),
        ("user", "actor_remove", on(""),                                       Err("missing_actor_id")),
        ("zoe",  "actor_list",   json!({"group_id": "$group"}),                Ok("")),
    ];
    world.run(&group_id, &[], &table);
}

#[test]
fn an_actor_gets_what_it_does_not_say() {
    let (mut world, group_id) = World::with_team();
    let added = world.ask("user", "actor_add", json!({"group_id": group_id})).unwrap();
    let actor = &added["actor"];
    assert_eq!((&actor["id"], &actor["role"], &actor["runner"]), (&json!("codex-1"), &json!("peer"), &json!("pty")));
    assert_eq!((&actor["command"][0], &actor["enabled"]), (&json!("codex"), &json!(true)));
    assert_eq!(added["event"]["data"]["actor"]["created_at"], added["event"]["ts"]);
    let second = world.ask("user", "actor_add", json!({"group_id": group_id})).unwrap();
    assert_eq!(second["actor"]["id"], "codex-2");

    // Nothing that was said before it came is in its inbox.
    world.send(&group_id, "user", json!({"to": "@all"}));
    world.add(&group_id, "late", json!({}));
    assert!(world.unread(&group_id, "late").is_empty());

    let odd = world.ask("user", "actor_add", json!({"group_id": group_id, "env": {"A": 1}, "command": "x"})).unwrap();
    assert_eq!((&odd["actor"]["env"], &odd["actor"]["command"][0]), (&json!({}), &json!("codex")), "passed over");
}

#[test]
fn an_actor_that_cannot_be_started_is_added_and_says_why() {
    let mut world = World::new();
    let group_id = world.ask("cli", "group_create", json!({})).unwrap()["group_id"].as_str().unwrap().to_owned();
    let added = world.add(&group_id, "a", json!({}));
    assert_eq!(world.kinds(), ["actor.add"]);
    assert!(added["start_error"].as_str().unwrap().starts_with("no active scope for group"));
    assert_eq!((&added["running"], &added["actor"]["role"]), (&json!(false), &json!("foreman")));
    let refused = world.ask("user", "actor_start", json!({"group_id": group_id, "actor_id": "a"})).unwrap_err();
    assert_eq!(
        (refused.code.word(), &refused.details["reason"]),
        ("actor_start_failed", &json!("missing_project_root"))
    );
    assert!(!world.group(&group_id).running);
}

/// A setting that would do nothing is refused, whether it comes before or after the program that makes nothing of it.
#[test]
fn only_a_program_that_can_go_on_with_its_conversation_is_asked_to() {
    let (mut world, group_id) = World::with_team();
    #[rustfmt::skip]
    let cases = [
        // what is added, and how it is changed                                        refused with
        (json!({"runtime": "amp", "resume": "last"}),     json!(null),                 "actor_add_failed"),
        (json!({"runtime": "claude", "resume": "last"}),  json!({"runtime": "amp"}),   "actor_update_failed"),
        (json!({"runtime": "claude", "resume": "last"}),  json!({"command": ["sh", "-c", "claude"]}), "actor_update_failed"),
        (json!({"runtime": "amp"}),                       json!({"resume": "last"}),   "actor_update_failed"),
        (json!({"runtime": "amp"}),                       json!({"runtime": "codex", "resume": "last"}), ""),
        (json!({"runtime": "codex", "resume": "last"}),   json!({"runtime": "amp", "resume": null}), ""),
        (json!({"command": ["/x/opencode"], "resume": "last"}), json!({"title": "t"}), ""),
        (json!({"runtime": "amp", "runner": "headless", "resume": "last"}), json!({"runner": "pty"}), "actor_update_failed"),
    ];
    for (number, (row, patch, wanted)) in cases.into_iter().enumerate() {
        let mut add = json!({"group_id": group_id, "actor_id": format!("a{number}")});
        add.as_object_mut().unwrap().extend(row.as_object().unwrap().clone());
        let update = json!({"group_id": group_id, "actor_id": format!("a{number}"), "patch": patch});
        let answer = world.ask("user", "actor_add", add).and_then(|_| world.ask("user", "actor_update", update));
        let code = answer.as_ref().map_or_else(|error| error.code.word(), |_| "");
        assert_eq!(code, wanted, "{row} {patch}: {answer:?}");
        let sentence = answer.err().map_or_else(String::new, |error| error.message);
        assert!(wanted.is_empty() || sentence.contains("only how claude, codex, opencode are"), "{sentence}");
    }
}

/// Whatever can be changed of a row is changed in the state, too: a new field that is forgotten there would be accepted,
/// stored, and without any effect.
#[test]
fn every_field_that_is_stored_has_its_effect() {
    let row = json!({"v": 1, "id": "a", "runtime": "codex", "created_at": "", "updated_at": "", "enabled": false});
    let before: Actor = serde_json::from_value(row).unwrap();
    let after = Actor {
        v: 1,
        id: "a".into(),
        title: "T".into(),
        command: vec!["x".into()],
        env: [("A".into(), "1".into())].into(),
        default_scope_key: "s".into(),
        submit: Submit::Newline,
        enabled: true,
        runner: Runner::Headless,
        runtime: "custom".into(),
        restart: Restart::Always,
        deliver: Deliver::Typed,
        resume: Resume::Last,
        created_at: String::new(),
        updated_at: String::new(),
        profile_id: None,
        profile_revision_applied: Some(3),
    };
    let mut actor_state = ActorState::new(before.clone(), 0);
    actor_state.patch(&difference(&before, &after), 1);
    assert_eq!(actor_state.actor, after);
}

#[test]
fn a_patch_is_stored_worked_out() {
    let (mut world, group_id) = World::with_team();
    #[rustfmt::skip]
    let cases = [
        // patch                                            stored in the event
        (json!({"title": " T ", "submit": "newline"}),      json!({"title": "T", "submit": "newline"})),
        (json!({"submit": null, "title": null}),            json!({"title": "", "submit": "enter"})),
        (json!({"runtime": "gemini", "command": null}),     json!({"runtime": "gemini", "command": ["gemini", "--yolo"]})),
        (json!({"runtime": "amp"}),                         json!({"runtime": "amp", "command": ["amp"]})),
        (json!({"env": {"A": "1"}}),                        json!({"env": {"A": "1"}})),
        (json!({"env": null, "restart": "on-failure"}),     json!({"env": {}, "restart": "on-failure"})),
        (json!({"deliver": "typed", "enabled": "no"}),      json!({"deliver": "typed", "enabled": false})),
        (json!({"runtime": "codex", "command": null, "resume": "last"}), json!({"runtime": "codex",
            "command": default_command("codex"), "resume": "last"})),
        (json!({"resume": null}),                           json!({"resume": "no"})),
        (json!({"path": super::world::PATH}),               json!({"default_scope_key": "$here"})),
    ];
    let here = world.group(&group_id).active_scope_key.clone();
    for (patch, stored) in cases {
        let args = json!({"group_id": group_id, "actor_id": "peer", "patch": patch});
        let updated = world.ask("user", "actor_update", args).unwrap();
        let stored: Value = serde_json::from_str(&stored.to_string().replace("$here", &here)).unwrap();
        assert_eq!(updated["event"]["data"]["patch"], stored, "{patch}");
        for (field, value) in stored.as_object().unwrap() {
            assert_eq!(updated["actor"][field], *value, "{patch}");
        }
    }
    world.check_replay();
}

#[test]
fn the_first_enabled_actor_leads() {
    let (mut world, group_id) = World::with_team();
    let roles = |world: &mut World| {
        let listed = world.ask("user", "actor_list", json!({"group_id": group_id})).unwrap();
        let role = |row: &Value| row["role"].as_str().unwrap()[..1].to_owned();
        listed["actors"].as_array().unwrap().iter().map(role).collect::<String>()
    };
    let mut steps = vec![("", roles(&mut world))];
    for (op, actor_id) in
        [("actor_stop", "lead"), ("actor_stop", "peer"), ("actor_start", "off"), ("actor_start", "lead")]
    {
        world.ask("user", op, json!({"group_id": group_id, "actor_id": actor_id})).unwrap();
        steps.push((actor_id, roles(&mut world)));
    }
    let wanted = [("", "fppp"), ("lead", "pfpp"), ("peer", "pppf"), ("off", "ppfp"), ("lead", "fppp")];
    assert_eq!(steps.iter().map(|(id, roles)| (*id, roles.as_str())).collect::<Vec<_>>(), wanted);
    world.ask("user", "group_stop", json!({"group_id": group_id})).unwrap();
    assert_eq!(roles(&mut world), "pppp", "nobody leads a group in which nobody is enabled");
}

#[test]
fn a_group_runs_while_somebody_in_it_should() {
    let (mut world, group_id) = World::with_team();
    let ask = |world: &mut World, op: &str, actor_id: &str| {
        world.ask("user", op, json!({"group_id": group_id, "actor_id": actor_id})).unwrap();
        world.group(&group_id).running
    };
    assert!(world.group(&group_id).running, "adding starts");
    assert!(ask(&mut world, "actor_stop", "lead") && ask(&mut world, "actor_stop", "peer"));
    assert!(!ask(&mut world, "actor_stop", "bot"), "the last one has stopped");
    assert!(!ask(&mut world, "actor_restart", "peer"), "a restart in a group that does not run only enables");
    assert!(ask(&mut world, "actor_start", "lead"));
    assert!(ask(&mut world, "actor_remove", "lead") && !ask(&mut world, "actor_remove", "peer"));
}

/// A title that is there finds its actor, so nobody can be named like it any more.
#[test]
fn a_new_actor_is_not_named_like_the_title_of_another() {
    let (mut world, group_id) = World::with_team();
    let patch = |title: &str| json!({"group_id": group_id, "actor_id": "peer", "patch": {"title": title}});
    let add =
        |actor_id: &str| json!({"group_id": group_id, "actor_id": actor_id, "runtime": "custom", "command": ["a"]});
    for (title, actor_id) in [("Boss", "boss"), ("＠Boss", "BOSS"), ("Réné", "rene")] {
        world.ask("user", "actor_update", patch(title)).unwrap();
        let refused = world.ask("user", "actor_add", add(actor_id)).unwrap_err();
        assert!(refused.message.contains("title of another actor, peer"), "{title}: {refused:?}");
    }
    world.ask("user", "actor_update", patch("custom-1")).unwrap();
    let added = world.ask("user", "actor_add", add("")).unwrap();
    assert_eq!(added["actor"]["id"], "custom-2", "a name that is made up is free, too");
}
