//! Ops about groups, directories and the active group.

use super::world::{PATH, World};
use bus::contract::id::digest12;
use serde_json::{Value, json};

#[test]
fn a_directory_finds_its_group_again() {
    let mut world = World::new();
    let first = world.ask("cli", "attach", json!({"path": PATH})).unwrap();
    assert_eq!(world.kinds(), ["group.create", "group.attach", "x.cccc.group", "x.cccc.scope_default"]);
    let group_id = format!("g_{}", digest12(PATH));
    assert_eq!((first["group_id"].as_str(), first["title"].as_str()), (Some(group_id.as_str()), Some("app")));
    assert_eq!(first["scope_key"], format!("s_{}", digest12(PATH)));

    let again = world.ask("cli", "attach", json!({"path": PATH})).unwrap();
    assert_eq!((world.kinds(), &again["group_id"]), (vec!["group.attach"], &first["group_id"]));

    // Another group takes the directory over: from then on the directory means that one.
    let other = world.ask("cli", "group_create", json!({"title": "other"})).unwrap();
    assert_eq!(world.kinds(), ["group.create", "x.cccc.group"]);
    assert_eq!(other["group"]["group_id"], other["group_id"]);
    world.ask("cli", "attach", json!({"path": PATH, "group_id": other["group_id"]})).unwrap();
    let now = world.ask("cli", "attach", json!({"path": PATH})).unwrap();
    assert_eq!(now["group_id"], other["group_id"]);

    // Once that is deleted, the directory means the group that is named after it again.
    world.ask("user", "group_delete", json!({"group_id": other["group_id"]})).unwrap();
    assert_eq!(world.kinds(), ["x.cccc.group_deleted"]);
    let back = world.ask("cli", "attach", json!({"path": PATH})).unwrap();
    assert_eq!((world.kinds(), &back["group_id"]), (vec!["group.attach", "x.cccc.scope_default"], &first["group_id"]));
    world.check_replay();
}

#[test]
fn a_clone_of_the_same_repository_is_the_same_scope() {
    let mut world = World::new();
    let scope =
        |url: &str| json!({"scope_key": "s_0123456789ab", "url": url, "label": "x", "git_remote": "https://h/x"});
    let first = world.ask("cli", "attach", json!({"path": "/a", "scope": scope("/a")})).unwrap();
    let second = world.ask("cli", "attach", json!({"path": "/b", "scope": scope("/b")})).unwrap();
    assert_eq!(first["group_id"], second["group_id"]);
    assert_eq!(first["group_id"], format!("g_{}", digest12("https://h/x")));
    let shown = world.ask("user", "group_show", json!({"group_id": first["group_id"]})).unwrap();
    assert_eq!(shown["group"]["scopes"], json!([scope("/b")]));
}

#[test]
fn every_op_about_groups_is_allowed_refused_and_written_as_the_standard_says() {
    let (mut world, group_id) = World::with_team();
    let here = format!("s_{}", digest12(PATH));
    let create = "group.create x.cccc.group";
    #[rustfmt::skip]
    let table = [
        ("cli",  "attach",       json!({}),                                            Err("missing_path")),
        ("cli",  "attach",       json!({"path": "work"}),                              Err("invalid_path")),
        ("peer", "attach",       json!({"path": "/second", "group_id": "$group"}),     Ok("group.attach x.cccc.scope_default")),
        ("cli",  "group_create", json!({}),                                            Ok(create)),
        ("cli",  "group_create", json!({"title": "t".repeat(1_001)}),                  Err("invalid_request")),
        ("cli",  "group_create", json!({"topic": "t".repeat(16_001)}),                 Err("invalid_request")),

        ("zoe",  "group_show",   json!({"group_id": "$group"}),                        Ok("")),
        ("zoe",  "groups",       json!({}),                                            Ok("")),

        ("lead", "group_update", json!({"group_id": "$group", "patch": {"title": "T"}}),   Ok("group.update")),
        ("",     "group_update", json!({"group_id": "$group", "patch": {"topic": null}}),  Ok("group.update")),
        ("peer", "group_update", json!({"group_id": "$group", "patch": {"title": "T"}}),   Err("group_update_failed")),
        ("zoe",  "group_update", json!({"group_id": "$group", "patch": {"title": "T"}}),   Err("group_update_failed")),
        ("user", "group_update", json!({"group_id": "$group", "patch": {}}),               Err("invalid_patch")),
        ("user", "group_update", json!({"group_id": "$group"}),                            Err("invalid_patch")),
        ("user", "group_update", json!({"group_id": "$group", "patch": {"colour": 1}}),    Err("invalid_patch")),

        ("cli",  "group_use",    json!({"group_id": "$group", "path": PATH}),          Ok("group.set_active_scope")),
        ("cli",  "group_use",    json!({"group_id": "$group", "path": "/nowhere"}),    Err("scope_not_attached")),
        ("cli",  "group_use",    json!({"group_id": "$group"}),                        Err("missing_path")),

        ("user", "group_set_state", json!({"group_id": "$group", "state": "PAUSED"}),  Ok("group.set_state")),
        ("lead", "group_set_state", json!({"group_id": "$group", "state": "active"}),  Ok("group.set_state")),
        ("peer", "group_set_state", json!({"group_id": "$group", "state": "idle"}),    Err("group_set_state_failed")),
        ("user", "group_set_state", json!({"group_id": "$group"}),                     Err("missing_state")),
        ("user", "group_set_state", json!({"group_id": "$group", "state": "stopped"}), Err("group_set_state_failed")),

        ("lead", "group_settings_update", json!({"group_id": "$group", "patch": {"default_send_to": "broadcast"}}), Ok("group.settings_update")),
        ("peer", "group_settings_update", json!({"group_id": "$group", "patch": {"default_send_to": "foreman"}}), Err("group_settings_update_failed")),
        ("user", "group_settings_update", json!({"group_id": "$group", "patch": {"x": 1}}), Err("invalid_patch")),

        ("zoe",  "active_set",   json!({"group_id": "$group"}),                        Ok("x.cccc.active_group")),
        ("zoe",  "active_set",   json!({"group_id": "$group"}),                        Ok("")),
        ("zoe",  "active_get",   json!({}),                                            Ok("")),

        ("user", "group_detach_scope", json!({"group_id": "$group"}),                         Err("missing_scope_key")),
        ("user", "group_detach_scope", json!({"group_id": "$group", "scope_key": "s_x"}),     Err("group_detach_scope_failed")),
        ("peer", "group_detach_scope", json!({"group_id": "$group", "scope_key": "$here"}),   Err("group_detach_scope_failed")),
        ("lead", "group_detach_scope", json!({"group_id": "$group", "scope_key": "$here"}),   Ok("group.detach_scope x.cccc.scope_default")),

        ("peer", "group_delete", json!({"group_id": "$group"}),                        Err("group_delete_failed")),
        ("lead", "group_delete", json!({"group_id": "$group"}),                        Ok("x.cccc.group_deleted")),
        ("user", "group_show",   json!({"group_id": "$group"}),                        Err("group_not_found")),
    ];
    world.run(&group_id, &[("here", &here)], &table);
    assert_eq!(world.ask("user", "active_get", json!({})).unwrap()["active_group_id"], "", "it was the active one");
}

#[test]
fn group_documents_say_what_happened() {
    let (mut world, group_id) = World::with_team();
    let patch = json!({"title": " New ", "topic": "what for"});
    let updated = world.ask("user", "group_update", json!({"group_id": group_id, "patch": patch})).unwrap();
    assert_eq!(
        (updated["group"]["title"].as_str(), updated["group"]["topic"].as_str()),
        (Some("New"), Some("what for"))
    );
    let updated = world.ask("user", "group_update", json!({"group_id": group_id, "patch": {"title": "  "}})).unwrap();
    assert_eq!(updated["event"]["data"]["patch"], json!({"title": null, "topic": null}));
    assert_eq!(updated["group"]["title"], "New", "a blank title is ignored");
    let updated = world.ask("user", "group_update", json!({"group_id": group_id, "patch": {"topic": ""}})).unwrap();
    assert_eq!(updated["group"]["topic"], "", "a blank topic clears");

    let patch = json!({"default_send_to": "broadcast", "nudge_after_seconds": 10});
    let set = world.ask("user", "group_settings_update", json!({"group_id": group_id, "patch": patch})).unwrap();
    let settings = set["settings"].as_object().unwrap();
    assert_eq!((settings.len(), &settings["unread_nudge_after_seconds"]), (19, &json!(30)));
    let shown = world.ask("user", "group_show", json!({"group_id": group_id})).unwrap();
    assert_eq!(shown["group"]["settings"], patch);
    assert_eq!(shown["group"]["actors"].as_array().unwrap().len(), 4);
}

#[test]
fn groups_are_listed_last_touched_first_and_run_while_a_session_is_alive() {
    let (mut world, group_id) = World::with_team();
    world.ask("user", "actor_remove", json!({"group_id": group_id, "actor_id": "bot"})).unwrap();
    let other = world.ask("cli", "group_create", json!({})).unwrap();
    let rows = |world: &mut World| {
        let listed = world.ask("user", "groups", json!({})).unwrap();
        let row = |row: &Value| (row["group_id"].as_str().unwrap().to_owned(), row["running"].as_bool().unwrap());
        listed["groups"].as_array().unwrap().iter().map(row).collect::<Vec<_>>()
    };
    let other = other["group_id"].as_str().unwrap().to_owned();
    assert_eq!(rows(&mut world), [(other.clone(), false), (group_id.clone(), false)]);
    world.start_session(&group_id, "peer", "t");
    assert_eq!(rows(&mut world), [(other.clone(), false), (group_id.clone(), true)], "a session is no touch");
    world.send(&group_id, "user", json!({"to": "peer"}));
    assert_eq!(rows(&mut world), [(group_id, true), (other, false)]);
}

#[test]
fn starting_a_group_needs_everybody_to_be_startable_and_stopping_disables_everybody() {
    let (mut world, group_id) = World::with_team();
    let group = json!({"group_id": group_id});
    let stopped = world.ask("user", "group_stop", group.clone()).unwrap();
    assert_eq!(stopped["stopped"], json!(["lead", "peer", "off", "bot"]));
    assert!(!world.group(&group_id).running && world.group(&group_id).foreman().is_none());

    world
        .ask(
            "user",
            "actor_update",
            json!({"group_id": group_id, "actor_id": "peer", "patch": {"default_scope_key": "s_gone"}}),
        )
        .unwrap();
    assert_eq!(world.ask("user", "group_start", group.clone()).unwrap_err().code.word(), "scope_not_attached");
    world
        .ask(
            "user",
            "actor_update",
            json!({"group_id": group_id, "actor_id": "peer", "patch": {"default_scope_key": null}}),
        )
        .unwrap();
    let started = world.ask("user", "group_start", group.clone()).unwrap();
    assert_eq!(started["started"], json!(["lead", "peer", "off", "bot"]));
    assert!(world.group(&group_id).running);
    assert_eq!(world.group(&group_id).foreman().unwrap().actor.id, "lead");

    let scope_key = format!("s_{}", digest12(PATH));
    world.ask("user", "group_detach_scope", json!({"group_id": group_id, "scope_key": scope_key})).unwrap();
    for op in ["group_start", "group_stop"] {
        let refused = world.ask("peer", op, group.clone()).unwrap_err();
        assert_eq!(refused.code.word(), format!("{op}_failed"));
        assert!(refused.message.starts_with("permission denied:"), "{refused}");
    }
    assert_eq!(world.ask("user", "group_start", group).unwrap_err().code.word(), "missing_project_root");
    world.check_replay();
}

#[test]
fn a_damaged_group_is_shown_and_not_written() {
    let (mut world, group_id) = World::with_team();
    let healthy = world.ask("cli", "group_create", json!({})).unwrap()["group_id"].as_str().unwrap().to_owned();
    world.state.set_damaged(&group_id, "line 7 (byte 1234) is not an event".into());
    let refused = world.ask("user", "send", json!({"group_id": group_id, "text": "x"})).unwrap_err();
    assert_eq!(refused.code.word(), "group_damaged");
    assert!(refused.message.contains("line 7"), "{refused}");
    let shown = world.ask("user", "group_show", json!({"group_id": group_id})).unwrap();
    assert!(shown["group"]["damaged"].as_str().unwrap().contains("line 7"));
    world.ask("user", "group_set_state", json!({"group_id": healthy, "state": "idle"})).unwrap();
    world.ask("user", "group_delete", json!({"group_id": group_id})).unwrap();
}

#[test]
fn groups_that_cannot_be_shown_are_named() {
    let (world, group_id) = World::with_team();
    let mut broken = World::new();
    broken.state = world.replay();
    broken.state.forget(&group_id);
    let health = broken.ask("user", "groups", json!({})).unwrap()["registry_health"].clone();
    assert_eq!(health, json!({"missing_group_ids": [group_id], "corrupt_group_ids": []}));
    broken.state.set_damaged(&group_id, "line 1 (byte 0) is not an event".into());
    let health = broken.ask("user", "groups", json!({})).unwrap()["registry_health"].clone();
    assert_eq!(health, json!({"missing_group_ids": [], "corrupt_group_ids": [group_id]}));
}
