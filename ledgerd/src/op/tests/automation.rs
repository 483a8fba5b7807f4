//! Ops about automation: who may change which rule, and what becomes of it.

use super::world::World;
use serde_json::{Value, json};

/// A rule that tells somebody something.
fn notify(id: &str, to: &[&str], every_seconds: u64) -> Value {
    json!({"id": id, "to": to, "trigger": {"kind": "interval", "every_seconds": every_seconds},
           "action": {"kind": "notify", "message": "look up"}})
}

/// A peer's own rule.
fn own(id: &str, owner: &str) -> Value {
    let mut rule = notify(id, &[owner], 60);
    rule["scope"] = "personal".into();
    rule["owner_actor_id"] = owner.into();
    rule
}

/// A rule that stops something, once.
fn stop(id: &str, at: &str) -> Value {
    json!({"id": id, "trigger": {"kind": "at", "at": at}, "action": {"kind": "group_state", "state": "stopped"}})
}

fn manage(actions: Value) -> Value {
    json!({"group_id": "$group", "actions": actions})
}

fn create(rule: Value) -> Value {
    manage(json!([{"type": "create_rule", "rule": rule}]))
}

fn state(world: &mut World, group_id: &str, by: &str) -> Value {
    world.ask(by, "group_automation_state", json!({"group_id": group_id})).unwrap()
}

fn ids(state: &Value) -> Vec<&str> {
    state["ruleset"]["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect()
}

#[test]
fn who_may_change_which_rule_and_what_is_written() {
    let (mut world, group_id) = World::with_team();
    let written = "group.automation_update";
    let set = |more: Value| {
        let mut args = json!({"group_id": "$group"});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args
    };
    let at = "2027-01-01T00:00:00Z";
    let other = json!([{"type": "update_rule", "rule": notify("own", &["peer"], 90)}]);
    #[rustfmt::skip]
    let table = [
        ("zoe",  "group_automation_state",  set(json!({})),                                         Err("permission_denied")),
        ("peer", "group_automation_state",  set(json!({})),                                         Ok("")),

        ("zoe",  "group_automation_manage", create(notify("r", &["@all"], 60)),                     Err("permission_denied")),
        ("user", "group_automation_manage", set(json!({})),                                         Err("invalid_request")),
        ("user", "group_automation_manage", manage(json!([])),                                      Err("invalid_request")),
        ("user", "group_automation_manage", manage(json!(["create_rule"])),                         Err("invalid_request")),
        ("user", "group_automation_manage", manage(json!([{"type": "explode"}])),                   Err("group_automation_manage_failed")),
        ("user", "group_automation_manage", create(json!({"id": "r"})),                             Err("group_automation_manage_failed")),
        ("user", "group_automation_manage", create(notify("standup", &[], 60)),                     Err("group_automation_manage_failed")),
        ("user", "group_automation_manage", create(notify("often", &["@all"], 1)),                  Ok(written)),
        ("user", "group_automation_manage", create(stop("stop", at)),                               Ok(written)),
        ("user", "group_automation_manage", manage(json!([{"type": "delete_rule", "rule_id": "gone"}])), Err("group_automation_manage_failed")),
        ("user", "group_automation_manage", manage(json!([{"type": "set_rule_enabled", "rule_id": "stop"}])), Err("group_automation_manage_failed")),
        ("user", "group_automation_manage", manage(json!([{"type": "set_rule_enabled", "rule_id": "stop", "enabled": true}])), Ok("")),
        ("user", "group_automation_manage", set(json!({"actions": [{"type": "delete_rule", "rule_id": "often"}], "expected_version": 2})), Err("version_conflict")),
        ("user", "group_automation_manage", set(json!({"actions": [{"type": "delete_rule", "rule_id": "often"}], "expected_version": "soon"})), Err("invalid_request")),
        ("user", "group_automation_manage", set(json!({"actions": [{"type": "delete_rule", "rule_id": "often"}], "expected_version": "3"})), Ok(written)),

        ("lead", "group_automation_manage", create(notify("lead's", &["@all"], 60)),                Ok(written)),
        ("lead", "group_automation_manage", create(notify("often", &["@all"], 29)),                 Err("invalid_request")),
        ("lead", "group_automation_manage", create(stop("mine", at)),                               Err("permission_denied")),
        ("lead", "group_automation_manage", manage(json!([{"type": "delete_rule", "rule_id": "stop"}])), Err("permission_denied")),
        ("lead", "group_automation_manage", manage(json!([{"type": "set_rule_enabled", "rule_id": "stop", "enabled": false}])), Err("permission_denied")),
        ("lead", "group_automation_manage", manage(json!([{"type": "replace_all_rules", "ruleset": {}}])), Err("permission_denied")),
        ("lead", "group_automation_manage", manage(json!([{"type": "replace_all_rules", "ruleset": {"rules": [stop("stop", at)]}}])), Ok(written)),

        ("peer", "group_automation_manage", create(own("own", "peer")),                             Ok(written)),
        ("peer", "group_automation_manage", create(notify("r", &["peer"], 60)),                     Err("permission_denied")),
        ("peer", "group_automation_manage", create(own("r", "lead")),                               Err("permission_denied")),
        ("peer", "group_automation_manage", manage(other),                                          Err("permission_denied")),
        ("peer", "group_automation_manage", manage(json!([{"type": "delete_rule", "rule_id": "stop"}])), Err("permission_denied")),
        ("peer", "group_automation_manage", manage(json!([{"type": "replace_all_rules", "ruleset": {"rules": [stop("stop", at), own("own", "peer")]}}])), Err("permission_denied")),
        ("bot",  "group_automation_manage", manage(json!([{"type": "delete_rule", "rule_id": "own"}])), Err("permission_denied")),
        ("peer", "group_automation_manage", manage(json!([{"type": "set_rule_enabled", "rule_id": "own", "enabled": "no"}])), Ok(written)),
        ("peer", "group_automation_manage", manage(json!([{"type": "delete_rule", "rule_id": "own"}])), Ok(written)),

        ("peer", "group_automation_update", set(json!({"ruleset": {}})),                            Err("group_automation_update_failed")),
        ("zoe",  "group_automation_update", set(json!({"ruleset": {}})),                            Err("group_automation_update_failed")),
        ("lead", "group_automation_update", set(json!({"ruleset": {}})),                            Err("permission_denied")),
        ("user", "group_automation_update", set(json!({})),                                         Err("group_automation_update_failed")),
        ("user", "group_automation_update", set(json!({"ruleset": {"rules": [{}]}})),               Err("group_automation_update_failed")),
        ("user", "group_automation_update", set(json!({"ruleset": {}, "expected_version": 1})),     Err("version_conflict")),
        ("user", "group_automation_update", set(json!({"ruleset": {"snippets": {"s": "text"}}})),   Ok(written)),
        ("lead", "group_automation_update", set(json!({"ruleset": {"rules": [notify("r", &[], 60)]}})), Ok(written)),

        ("peer", "group_automation_reset_baseline", set(json!({})),                                 Err("group_automation_reset_baseline_failed")),
        ("lead", "group_automation_reset_baseline", set(json!({"expected_version": true})),         Err("invalid_request")),
        ("lead", "group_automation_reset_baseline", set(json!({})),                                 Ok(written)),

        ("user", "rule_record",             set(json!({"rule_id": "standup"})),                     Err("permission_denied")),
    ];
    world.run(&group_id, &[], &table);
    let now = state(&mut world, &group_id, "user");
    assert_eq!((ids(&now), &now["version"]), (vec!["standup"], &json!(12)));
    assert_eq!(now["ruleset"]["rules"][0]["trigger"]["every_seconds"], 900);
}

#[test]
fn every_group_begins_with_one_rule_and_says_when_it_is_due() {
    let (mut world, group_id) = World::with_team();
    let now = state(&mut world, &group_id, "peer");
    assert_eq!((ids(&now), &now["version"]), (vec!["standup"], &json!(1)));
    let text = now["ruleset"]["snippets"]["standup"].as_str().unwrap();
    assert!(text.contains("{{interval_minutes}}"));
    // `lead` is the first who leads, from the fourth second on: that is when the group went to work.
    let led = world.of(&group_id).find(|event| event.kind() == "actor.add").unwrap().ts.clone();
    assert_eq!(now["status"]["standup"]["next_fire_at"], led.replace("12:00", "12:15"));
    assert_eq!(now["status"]["standup"]["last_fired_at"], "");
    assert_eq!(now["config_path"], format!("groups/{group_id}/ledger.jsonl"));
    let document = world.ask("user", "group_show", json!({"group_id": group_id})).unwrap();
    assert_eq!(document["group"]["automation"]["rules"], now["ruleset"]["rules"]);
}

#[test]
fn actions_are_done_in_order_and_all_or_none() {
    let (mut world, group_id) = World::with_team();
    let actions = json!([
        {"type": "create_rule", "rule": notify("a", &["lead"], 60)},
        {"type": "set_rule_enabled", "rule_id": "a", "enabled": false},
        {"type": "delete_rule", "rule_id": "standup"},
    ]);
    let args = json!({"group_id": group_id, "actions": actions, "expected_version": 1});
    let done = world.ask("user", "group_automation_manage", args).unwrap();
    let applied = json!([
        {"type": "create_rule", "rule_id": "a"},
        {"type": "set_rule_enabled", "rule_id": "a", "enabled": false},
        {"type": "delete_rule", "rule_id": "standup"},
    ]);
    assert_eq!((&done["applied_actions"], &done["changed"], &done["version"]), (&applied, &json!(true), &json!(2)));
    let data = &done["event"]["data"];
    assert_eq!((&data["rules"], &data["snippets"], &data["actions"]), (&json!(["a"]), &json!(["standup"]), &applied));
    assert_eq!(data["changed_rules"].as_array().unwrap().len(), 1, "what did not change is not said again");
    assert_eq!(data["changed_snippets"], json!({}));

    let actions = json!([{"type": "delete_rule", "rule_id": "a"}, {"type": "delete_rule", "rule_id": "a"}]);
    let refused = world.ask("user", "group_automation_manage", json!({"group_id": group_id, "actions": actions}));
    let refused = refused.unwrap_err();
    assert_eq!((refused.code.word(), &refused.details["index"]), ("group_automation_manage_failed", &json!(1)));
    assert_eq!(ids(&state(&mut world, &group_id, "user")), ["a"]);

    let same = json!([{"type": "set_rule_enabled", "rule_id": "a", "enabled": false}]);
    let nothing = world.ask("user", "group_automation_manage", json!({"group_id": group_id, "actions": same})).unwrap();
    assert_eq!((&nothing["changed"], &nothing["event"], &nothing["version"]), (&json!(false), &Value::Null, &json!(2)));
    assert_eq!(nothing["applied_actions"][0]["rule_id"], "a");
    world.check_replay();
}

#[test]
fn a_peer_sees_what_is_everybodys_and_what_is_its_own() {
    let (mut world, group_id) = World::with_team();
    let mut with_snippet = own("bot's", "bot");
    with_snippet["action"] = json!({"kind": "notify", "snippet_ref": "secret plan"});
    let rules = [own("peer's", "peer"), with_snippet, notify("all", &["@all"], 60)];
    let ruleset = json!({"rules": rules, "snippets": {"secret plan": "x", "unused": "y"}});
    world.ask("user", "group_automation_update", json!({"group_id": group_id, "ruleset": ruleset})).unwrap();
    #[rustfmt::skip]
    let cases = [
        ("user", vec!["peer's", "bot's", "all"], json!({"secret plan": "x", "unused": "y"})),
        ("lead", vec!["peer's", "bot's", "all"], json!({"secret plan": "x", "unused": "y"})),
        ("peer", vec!["peer's", "all"],          json!({})),
        ("bot",  vec!["bot's", "all"],           json!({"secret plan": "x"})),
    ];
    for (by, rules, snippets) in cases {
        let seen = state(&mut world, &group_id, by);
        assert_eq!((ids(&seen), &seen["ruleset"]["snippets"]), (rules.clone(), &snippets), "{by}");
        assert_eq!(seen["status"].as_object().unwrap().len(), rules.len(), "{by}");
    }
    let switch = json!([{"type": "set_rule_enabled", "rule_id": "peer's", "enabled": true}]);
    let answer =
        world.ask("peer", "group_automation_manage", json!({"group_id": group_id, "actions": switch})).unwrap();
    assert_eq!(ids(&answer), ["peer's", "all"], "nor does an answer show more");
}

#[test]
fn a_rule_for_once_is_disabled_when_it_has_done_what_it_is_for() {
    let (mut world, group_id) = World::with_team();
    let rule = stop("stop", "2026-01-13T13:00:00+01:00");
    let created = create(rule).to_string().replace("$group", &group_id);
    world.ask("user", "group_automation_manage", serde_json::from_str(&created).unwrap()).unwrap();
    let ran = |error: &str| json!({"group_id": group_id, "rule_id": "stop", "due_at": "2026-01-13T12:00:00Z", "error": error});
    world.ask_daemon("rule_record", ran(&"e".repeat(600))).unwrap();
    assert_eq!(world.kinds(), ["x.cccc.rule"]);
    let failed = state(&mut world, &group_id, "user")["status"]["stop"].clone();
    assert_eq!(failed["last_error"].as_str().unwrap().len(), 500);
    assert_eq!((&failed["next_fire_at"], &failed["completed"]), (&json!("2026-01-13T12:00:00Z"), &json!(false)));

    world.ask_daemon("rule_record", ran("")).unwrap();
    assert_eq!(world.kinds(), ["x.cccc.rule", "group.automation_update"]);
    let done = state(&mut world, &group_id, "user");
    let status = &done["status"]["stop"];
    assert_eq!(
        (&status["completed"], &status["next_fire_at"], &status["last_error"]),
        (&json!(true), &json!(""), &json!(""))
    );
    assert_eq!((&done["ruleset"]["rules"][1]["enabled"], &done["version"]), (&json!(false), &json!(3)));

    let enable = json!([{"type": "set_rule_enabled", "rule_id": "stop", "enabled": true}]);
    let again = world.ask("user", "group_automation_manage", json!({"group_id": group_id, "actions": enable})).unwrap();
    assert_eq!(again["status"]["stop"]["completed"], true, "once is once, until it gets another time");
    let gone = json!({"group_id": group_id, "rule_id": "gone"});
    assert_eq!(world.ask_daemon("rule_record", gone).unwrap_err().code.word(), "invalid_request");
    world.check_replay();
}

#[test]
fn clocks_begin_anew_when_a_group_goes_to_work() {
    let (mut world, group_id) = World::with_team();
    let next = |world: &mut World| {
        state(world, &group_id, "user")["status"]["standup"]["next_fire_at"].as_str().unwrap().to_owned()
    };
    let first = next(&mut world);
    for (op, args) in [
        ("group_set_state", json!({"group_id": group_id, "state": "paused"})),
        ("group_settings_update", json!({"group_id": group_id, "patch": {"min_interval_seconds": 1}})),
        ("actor_stop", json!({"group_id": group_id, "actor_id": "peer"})),
    ] {
        world.ask("user", op, args).unwrap();
        assert_eq!(next(&mut world), first, "{op}");
    }
    let mut last = first;
    for (op, args) in [
        ("group_set_state", json!({"group_id": group_id, "state": "active"})),
        ("actor_stop", json!({"group_id": group_id, "actor_id": "lead"})),
        ("group_start", json!({"group_id": group_id})),
    ] {
        world.ask("user", op, args).unwrap();
        let now = next(&mut world);
        assert!(now > last, "{op}: {now} after {last}");
        last = now;
    }
    world.check_replay();
}

#[test]
fn what_an_actor_keeps_for_itself_goes_with_it() {
    let (mut world, group_id) = World::with_team();
    for rule in [own("mine", "peer"), own("theirs", "bot"), notify("to-peer", &["peer"], 60)] {
        world.run(&group_id, &[], &[("user", "group_automation_manage", create(rule), Ok("group.automation_update"))]);
    }
    let remove = json!({"group_id": group_id, "actor_id": "peer"});
    world.ask("user", "actor_remove", remove.clone()).unwrap();
    assert_eq!(world.kinds(), ["actor.remove", "group.automation_update"]);
    let update = serde_json::to_value(&world.last[1]).unwrap();
    assert_eq!(update["data"]["actions"], json!([{"type": "delete_rule", "rule_id": "mine"}]));
    let left = state(&mut world, &group_id, "user");
    assert_eq!((ids(&left), &left["version"]), (vec!["standup", "theirs", "to-peer"], &json!(5)));

    world.add(&group_id, "peer", json!({}));
    world.ask("user", "actor_remove", remove).unwrap();
    assert_eq!(world.kinds(), ["actor.remove"], "one that keeps nothing for itself leaves nothing");
    world.check_replay();
}
