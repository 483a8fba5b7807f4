//! Ops about templates: what comes out goes in again, and whatever goes in goes in whole.

use super::world::World;
use bus::contract::event;
use serde_json::{Value, json};

/// A template with three actors: one that the team has, one that it has otherwise, one that it has not.
const TEMPLATE: &str = "
kind: cccc.group_template
v: 1
title: Their team
colour: red
actors:
  - {id: new, runtime: claude, title: Newcomer}
  - id: peer
    runtime: custom
    command: agent --fast 'a b'
    submit: newline
    enabled: no
  - {id: lead, runtime: custom, title: The Lead, command: [agent]}
settings: {default_send_to: broadcast, colour: red, min_interval_seconds: '7'}
prompts:
  preamble: |
    Be kind.
  help: ''
automation:
  rules:
    - {id: tea, trigger: {kind: cron, cron: 0 16 * * *, timezone: Europe/London}, action: {kind: notify, message: Tea?}}
  snippets: {}
";

fn export(world: &mut World, group_id: &str) -> String {
    let exported = world.ask("peer", "group_template_export", json!({"group_id": group_id})).unwrap();
    exported["template"].as_str().unwrap().to_owned()
}

fn import(group_id: &str, template: &str) -> Value {
    json!({"group_id": group_id, "confirm": group_id, "template": template})
}

#[test]
fn who_may_use_templates_and_what_is_refused() {
    let (mut world, group_id) = World::with_team();
    let of = |template: &str| json!({"group_id": "$group", "template": template});
    let with = |line: &str| of(&format!("kind: cccc.group_template\nv: 1\n{line}\n"));
    let create = |path: &str, template: &str| json!({"path": path, "template": template});
    let kinds = "group.stop actor.remove actor.remove actor.add actor.update actor.update group.settings_update \
                 x.cccc.prompt group.automation_update x.cccc.template";
    let made = "group.create group.attach actor.add actor.add actor.add group.settings_update x.cccc.prompt \
                group.automation_update x.cccc.template x.cccc.group x.cccc.scope_default";
    #[rustfmt::skip]
    let table = [
        ("peer", "group_template_export",  json!({"group_id": "$group"}),                     Ok("")),

        ("peer", "group_template_preview", of(TEMPLATE),                                      Err("permission_denied")),
        ("zoe",  "group_template_preview", of(TEMPLATE),                                      Err("permission_denied")),
        ("lead", "group_template_preview", of(TEMPLATE),                                      Ok("")),
        ("user", "group_template_preview", of("  "),                                          Err("missing_template")),
        ("user", "group_template_preview", of("a: [1"),                                       Err("invalid_template")),
        ("user", "group_template_preview", of("- a"),                                         Err("invalid_template")),
        ("user", "group_template_preview", of("v: 1"),                                        Err("invalid_template")),
        ("user", "group_template_preview", of("kind: cccc.group_template\nv: 2"),             Err("invalid_template")),
        ("user", "group_template_preview", with(""),                                          Ok("")),
        ("user", "group_template_preview", with("actors: {}"),                                Err("invalid_template")),
        ("user", "group_template_preview", with("actors: [a]"),                               Err("invalid_template")),
        ("user", "group_template_preview", with("actors: [{runtime: claude}]"),               Err("invalid_template")),
        ("user", "group_template_preview", with("actors: [{id: a/b, runtime: claude}]"),      Err("invalid_template")),
        ("user", "group_template_preview", with("actors: [{id: a, runtime: abacus}]"),        Err("invalid_template")),
        ("user", "group_template_preview", with("actors: [{id: a, runtime: custom}]"),        Err("invalid_template")),
        ("user", "group_template_preview", with("actors: [{id: a}, {id: a}]"),                Err("invalid_template")),
        ("user", "group_template_preview", with("actors: [{id: a, command: \"x 'y\"}]"),      Err("invalid_template")),
        ("user", "group_template_preview", with("settings: {min_interval_seconds: soon}"),    Err("invalid_template")),
        ("user", "group_template_preview", with("settings: []"),                              Err("invalid_template")),
        ("user", "group_template_preview", with("prompts: {help: 7}"),                        Err("invalid_template")),
        ("user", "group_template_preview", with("automation: {rules: [{id: r}]}"),            Err("invalid_template")),
        ("user", "group_template_preview", with("automation: 7"),                             Err("invalid_template")),

        ("user", "group_template_import_replace", of(TEMPLATE),                               Err("confirmation_required")),
        ("peer", "group_template_import_replace", import("$group", TEMPLATE),                 Err("permission_denied")),
        ("user", "group_template_import_replace", import("$group", "x"),                      Err("invalid_template")),
        ("user", "group_template_import_replace", import("$group", TEMPLATE),                 Ok(kinds)),
        ("new",  "group_template_import_replace", import("$group", TEMPLATE),                 Ok("x.cccc.template")),

        ("user", "group_create_from_template", json!({"template": TEMPLATE}),                 Err("missing_path")),
        ("user", "group_create_from_template", create("relative", TEMPLATE),                  Err("invalid_path")),
        ("user", "group_create_from_template", create("/srv/other", ""),                      Err("missing_template")),
        ("user", "group_create_from_template", create("/srv/app", TEMPLATE),                  Err("scope_already_attached")),
        ("user", "group_create_from_template", create("/srv/other", TEMPLATE),                Ok(made)),
        ("user", "group_create_from_template", create("/srv/other", TEMPLATE),                Err("scope_already_attached")),
    ];
    world.run(&group_id, &[], &table);
}

#[test]
fn a_preview_says_what_an_import_then_does() {
    let (mut world, group_id) = World::with_team();
    let args = json!({"group_id": group_id, "template": TEMPLATE});
    let previewed = world.ask("user", "group_template_preview", args).unwrap();
    let (summary, diff) = (&previewed["template"], &previewed["diff"]);
    assert_eq!((&summary["title"], &summary["v"]), (&json!("Their team"), &json!(1)));
    assert_eq!(summary["actors"][1]["command"], json!(["agent", "--fast", "a b"]));
    assert_eq!(summary["actors"][0]["runner"], "pty");
    assert_eq!(summary["settings"].as_object().unwrap().len(), 19);
    assert_eq!(summary["automation"], json!({"rules": 1, "snippets": 0}));
    assert_eq!(summary["prompts"]["preamble"], json!({"source": "home", "chars": 9, "preview": "Be kind.\n"}));
    assert_eq!(summary["prompts"]["help"]["source"], "builtin");
    assert_eq!((&diff["actors_add"], &diff["actors_update"]), (&json!(["new"]), &json!(["peer"])));
    assert_eq!(diff["actors_remove"], json!(["off", "bot"]));
    let changed = json!({"default_send_to": {"from": "foreman", "to": "broadcast"}, "min_interval_seconds": {"from": 0, "to": 7}});
    assert_eq!(diff["settings_changed"], changed);
    assert_eq!(diff["prompts_changed"]["preamble"]["changed"], true);
    assert_eq!(diff["prompts_changed"]["help"]["changed"], false);

    let done = world.ask("user", "group_template_import_replace", import(&group_id, TEMPLATE)).unwrap();
    for (field, planned) in [("removed", "actors_remove"), ("added", "actors_add"), ("updated", "actors_update")] {
        assert_eq!(done[field], diff[planned], "{field}");
    }
    assert_eq!(done["settings_patch"], json!({"default_send_to": "broadcast", "min_interval_seconds": 7}));
    assert_eq!(done["automation"], json!({"rule_ids": ["tea"], "snippet_ids": []}));
    let group = world.group(&group_id);
    let roster: Vec<_> = group
        .actor_states
        .iter()
        .map(|actor_state| (actor_state.actor.id.as_str(), actor_state.actor.enabled))
        .collect();
    assert_eq!(roster, [("new", true), ("peer", false), ("lead", true)], "in the template's order");
    assert!(!group.running, "everything is stopped, and nothing is started again");
    assert_eq!(group.foreman().unwrap().actor.id, "new");
    let args = json!({"group_id": group_id, "template": TEMPLATE});
    let again = world.ask("new", "group_template_preview", args).unwrap()["diff"].clone();
    assert_eq!((&again["actors_update"], &again["settings_changed"]), (&json!([]), &json!({})));
    world.check_replay();
}

#[test]
fn what_comes_out_goes_in_again() {
    let (mut world, group_id) = World::with_team();
    let title = "- \"quoted\": 'and' #not a comment\u{e9}";
    for (op, args) in [
        (
            "actor_update",
            json!({"actor_id": "peer", "patch": {"title": title, "command": ["a", "b c", ""], "restart": "always"}}),
        ),
        ("actor_update", json!({"actor_id": "bot", "patch": {"deliver": "inbox", "env": {"A": "seen by nobody"}}})),
        ("group_settings_update", json!({"patch": {"nudge_after_seconds": 10}})),
        ("group_prompt_set", json!({"kind": "help", "content": "  indented\n\n# true\nlast line without an end"})),
        (
            "group_automation_manage",
            json!({"actions": [{"type": "create_rule", "rule": {"id": "yes", "to": [],
            "trigger": {"kind": "at", "at": "2027-01-01T00:00:00Z"}, "action": {"kind": "actor_control"}}}]}),
        ),
    ] {
        let mut args = args;
        args["group_id"] = group_id.as_str().into();
        world.ask("user", op, args).unwrap();
    }
    let template = export(&mut world, &group_id);
    assert!(!template.contains("seen by nobody"), "{template}");
    let args = json!({"group_id": group_id, "template": template});
    let diff = world.ask("user", "group_template_preview", args).unwrap()["diff"].clone();
    assert_eq!(
        (&diff["actors_add"], &diff["actors_update"], &diff["actors_remove"]),
        (&json!([]), &json!([]), &json!([]))
    );
    assert_eq!(diff["settings_changed"], json!({}));
    assert!(diff["prompts_changed"].as_object().unwrap().values().all(|change| change["changed"] == false), "{diff}");

    let create = json!({"path": "/srv/copy", "template": template, "title": "Copy", "topic": "again"});
    let copy =
        world.ask("user", "group_create_from_template", create).unwrap()["group_id"].as_str().unwrap().to_owned();
    let (one, two) = (world.group(&group_id), world.group(&copy));
    assert_eq!(one.automation.ruleset, two.automation.ruleset);
    assert_eq!(one.settings().effective(), two.settings().effective());
    assert_eq!((two.title.as_str(), two.topic.as_str(), two.running), ("Copy", "again", false));
    for (one, two) in one.actor_states.iter().zip(&two.actor_states) {
        let (one, two) = (&one.actor, &two.actor);
        assert_eq!((&one.id, &one.title, &one.command), (&two.id, &two.title, &two.command));
        assert_eq!(
            (one.restart, one.deliver, one.enabled, one.runner),
            (two.restart, two.deliver, two.enabled, two.runner)
        );
    }
    for (n, given, wanted) in
        [(1, json!({}), ("Their team", "all of it")), (2, json!({"title": "Ours"}), ("Ours", "all of it"))]
    {
        let template = "kind: cccc.group_template\nv: 1\ntitle: Their team\ntopic: all of it\n";
        let mut create = json!({"path": format!("/srv/copy-{n}"), "template": template});
        create.as_object_mut().unwrap().extend(given.as_object().unwrap().clone());
        let made =
            world.ask("user", "group_create_from_template", create).unwrap()["group_id"].as_str().unwrap().to_owned();
        let made = world.group(&made);
        assert_eq!((made.title.as_str(), made.topic.as_str()), wanted, "what is not said is the template's");
    }
    world.check_replay();
}

#[test]
fn what_a_template_does_not_name_has_its_default_again() {
    let (mut world, group_id) = World::with_team();
    let patch = json!({"nudge_after_seconds": 10, "unread_nudge_after_seconds": 30, "default_send_to": "broadcast"});
    world.ask("user", "group_settings_update", json!({"group_id": group_id, "patch": patch})).unwrap();
    let bare = "kind: cccc.group_template\nv: 1\nsettings: {nudge_after_seconds: 20}\n";
    let done = world.ask("user", "group_template_import_replace", import(&group_id, bare)).unwrap();
    assert_eq!(done["removed"], json!(["lead", "peer", "off", "bot"]));
    let settings = world.group(&group_id).settings().effective();
    assert_eq!(
        (&settings["default_send_to"], &settings["unread_nudge_after_seconds"]),
        (&json!("foreman"), &json!(60))
    );
    assert_eq!(done["automation"]["rule_ids"], json!(["standup"]));
    world.check_replay();
}

#[test]
fn an_actor_that_follows_a_profile_is_exported_as_it_is_and_unlinked_when_a_template_says_otherwise() {
    let (mut world, group_id) = World::with_team();
    let profile = json!({"id": "p", "runtime": "custom", "command": ["profiled"]});
    world.ask("user", "actor_profile_upsert", json!({"profile": profile})).unwrap();
    world.ask("user", "actor_profile_secret_update", json!({"profile_id": "p", "set": {"K": "kept"}})).unwrap();
    world.ask("user", "actor_update", json!({"group_id": group_id, "actor_id": "peer", "profile_id": "p"})).unwrap();
    let template = export(&mut world, &group_id);
    assert!(template.contains("profiled") && !template.contains("kept"), "{template}");
    world.ask("user", "group_template_import_replace", import(&group_id, &template)).unwrap();
    assert_eq!(
        world.group(&group_id).actor_state("peer").unwrap().actor.profile_id.as_deref(),
        Some("p"),
        "nothing differs"
    );

    let other = template.replace("profiled", "its own");
    world.ask("user", "group_template_import_replace", import(&group_id, &other)).unwrap();
    let actor = &world.group(&group_id).actor_state("peer").unwrap().actor;
    assert_eq!((actor.profile_id.as_deref(), actor.command[0].as_str()), (None, "its own"));
    let got = world.ask_daemon("secrets_get", json!({"group_id": group_id, "actor_id": "peer"})).unwrap();
    assert_eq!(got["variables"], json!({"K": "kept"}));
    world.check_replay();
}

/// A template is decided as the ops that it stands for: whoever may not ask for one of them may not have it done by a
/// template either.
#[test]
fn a_template_does_nothing_for_a_foreman_that_it_could_not_do_itself() {
    let (mut world, group_id) = World::with_team();
    let template = export(&mut world, &group_id);
    let actors = template.find("actors:").unwrap();
    let (head, rows) = template.split_at(actors + "actors:".len());
    let with_rows = |change: &dyn Fn(&str) -> String| format!("{head}{}", change(rows));
    let with = |from: &str, to: &str| {
        assert!(template.contains(from), "{from}: {template}");
        template.replacen(from, to, 1)
    };
    let row = |id: &str, command: &str| format!("\n  - {{id: {id}, runtime: custom, command: [{command}]}}");
    let joins = |command: &str| {
        with_rows(&|rows| {
            let end = rows.find("\nautomation:").unwrap();
            format!("{}{}{}", &rows[..end], row("copy", command), &rows[end..])
        })
    };
    let first = with_rows(&|rows| format!("{}{rows}", row("copy", "agent")));
    let rule = "{id: end, trigger: {kind: at, at: 2027-01-01T00:00:00Z}, action: {kind: group_state}}";
    let (start, end) = (template.find("automation:").unwrap(), template.find("cccc_version:").unwrap());
    let automation = format!("{}automation: {{rules: [{rule}]}}\n{}", &template[..start], &template[end..]);
    let bare = "kind: cccc.group_template\nv: 1\n";
    #[rustfmt::skip]
    let cases = [
        // what the template would do              the template                                  the foreman
        ("nothing",                                template.clone(),                             true),
        ("settings",                               with("min_interval_seconds: 0", "min_interval_seconds: 7"), true),
        ("its own title",                          with("The Lead", "The Boss"),                 false),
        ("an actor is removed",                    bare.to_owned(),                              false),
        ("a copy of the foreman joins",            joins("agent"),                               true),
        ("an actor with another command joins",    joins("sh, -c, anything"),                    false),
        ("another actor leads",                    first,                                        false),
        ("a rule stops the group",                 automation,                                   false),
        ("another command for an actor",           with("agent", "other"),                       false),
    ];
    for (what, template, may) in cases {
        let (mut world, group_id) = World::with_team();
        let before = World::snapshots(&world.state);
        match world.ask("lead", "group_template_import_replace", import(&group_id, &template)) {
            Ok(_) => assert!(may, "{what}"),
            Err(refusal) => {
                assert!(!may && refusal.is_denied(), "{what}: {refusal:?}");
                assert!(World::snapshots(&world.state) == before, "{what}");
                world.ask("user", "group_template_import_replace", import(&group_id, &template)).unwrap();
            }
        }
        // In a group that is only made, nobody but the user may add, change or set anything.
        let create = json!({"path": "/srv/other", "template": template});
        let created = world.ask("lead", "group_create_from_template", create);
        assert_eq!(created.is_ok(), what == "an actor is removed", "{what}: {created:?}");
    }
}

/// Earlier versions let an actor be titled like somebody else.
#[test]
fn a_title_that_an_actor_has_already_may_stay_in_a_template() {
    let (mut world, group_id) = World::with_team();
    for (actor_id, title) in [("peer", "user"), ("bot", "Lead")] {
        let patch = serde_json::from_value(json!({"title": title})).unwrap();
        let update = event::ActorUpdate { actor_id: actor_id.into(), patch, profile_id: None, profile_action: None };
        world.happens(&group_id, update);
    }
    let template = export(&mut world, &group_id);
    world.ask("user", "group_template_import_replace", import(&group_id, &template)).unwrap();
    assert_eq!(world.group(&group_id).actor_state("peer").unwrap().actor.title, "user");
    for (from, to) in [("title: Lead", "title: Peer"), ("title: user", "title: system")] {
        assert!(template.contains(from), "{template}");
        let changed = template.replace(from, to);
        let refused = world.ask("user", "group_template_import_replace", import(&group_id, &changed)).unwrap_err();
        assert_eq!(refused.code.word(), "invalid_template", "{refused:?}");
    }
}

/// An older home may have an actor with a title that is reserved now; its template says what to change.
#[test]
fn a_template_with_a_reserved_title_says_what_to_change() {
    let (mut world, group_id) = World::with_team();
    let template = export(&mut world, &group_id).replace("The Lead", "user");
    let args = json!({"path": "/srv/other", "template": template});
    let refused = world.ask("user", "group_create_from_template", args).unwrap_err();
    assert_eq!(refused.code.word(), "invalid_template", "{refused:?}");
    for words in ["\"lead\"", "\"user\" is reserved", "give it another title in the template, or none"] {
        assert!(refused.message.contains(words), "{refused:?}");
    }
    let imported = world.ask("user", "group_template_import_replace", import(&group_id, &template)).unwrap_err();
    assert!(imported.message.contains("reserved"), "{imported:?}");
}
