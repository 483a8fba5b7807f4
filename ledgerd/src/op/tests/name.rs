//! Names, titles and ids with something in them that nobody sees: refused wherever one is taken.

use super::principal::{EXAMPLES, fixture, marks, speakers};
use super::world::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Every op that takes a name which is kept and shown: with a hole for the name.
#[rustfmt::skip]
const TAKEN: &[(&str, &str)] = &[
    ("group_create",                r#"{"title": "$name"}"#),
    ("group_update",                r#"{G, "patch": {"title": "$name"}}"#),
    ("group_create_from_template",  r#"{"path": "/srv/other", "title": "$name", "template": "kind: cccc.group_template\nv: 1"}"#),
    ("actor_add",                   r#"{G, "actor_id": "$name", "runtime": "custom", "command": ["a"]}"#),
    ("actor_add",                   r#"{G, "actor_id": "new", "title": "$name", "runtime": "custom", "command": ["a"]}"#),
    ("actor_update",                r#"{G, "actor_id": "peer", "patch": {"title": "$name"}}"#),
    ("actor_profile_upsert",        r#"{"profile": {"id": "$name"}}"#),
    ("actor_profile_upsert",        r#"{"profile": {"id": "p", "name": "$name"}}"#),
    ("send",                        r#"{G, "text": "x", "client_id": "$name"}"#),
    ("send",                        r#"{G, "text": "x", "src_group_id": "$name", "src_event_id": "e"}"#),
    ("send",                        r#"{G, "text": "x", "src_group_id": "g", "src_event_id": "$name"}"#),
    ("send",                        r#"{G, "text": "x", "dst_group_id": "$name"}"#),
    ("send",                        r#"{G, "text": "x", "dst_group_id": "g", "dst_to": ["$name"]}"#),
    ("tracked_send",                r#"{G, "text": "x", "title": "$name"}"#),
    ("tracked_send",                r#"{G, "text": "x", "assignee": "$name"}"#),
    ("tracked_send",                r#"{G, "text": "x", "idempotency_key": "$name"}"#),
    ("system_notify",               r#"{G, "title": "$name"}"#),
    ("system_notify",               r#"{G, "title": "T", "target_actor_id": "$name"}"#),
    ("context_sync",                r#"{G, "ops": [{"op": "task.create", "name": "$name"}]}"#),
    ("context_sync",                r#"{G, "ops": [{"op": "milestone.create", "name": "$name"}]}"#),
    ("headless_set_status",         r#"{G, "actor_id": "bot", "status": "working", "task_id": "$name"}"#),
    ("headless_ack_message",        r#"{G, "actor_id": "bot", "message_id": "$name"}"#),
    ("group_automation_manage",     r#"{G, "actions": [{"type": "create_rule", "rule": {"id": "$name",
        "trigger": {"kind": "interval", "every_seconds": 60}, "action": {"kind": "notify", "message": "m"}}}]}"#),
    ("group_automation_manage",     r#"{G, "actions": [{"type": "create_rule", "rule": {"id": "r",
        "trigger": {"kind": "interval", "every_seconds": 60}, "action": {"kind": "notify", "title": "$name", "message": "m"}}}]}"#),
    ("group_automation_update",     r#"{G, "ruleset": {"rules": [], "snippets": {"$name": "text"}}}"#),
];

fn args(group_id: &str, args: &str, name: &str) -> Value {
    let name = json!(name).to_string();
    let text = args.replace("{G", &format!("{{\"group_id\": \"{group_id}\"")).replace("\"$name\"", &name);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn what_nobody_sees_is_in_no_new_name() {
    for (op, form) in TAKEN {
        let (mut world, group_id) = World::with_team();
        for hidden in
            ["z\0", "z\u{200b}y", "\u{202e}z", "z\u{2066}y", "z\u{feff}y", "z\u{e0041}", "z\u{7}y", "z\u{3164}y"]
        {
            let refused = world.ask("user", op, args(&group_id, form, hidden));
            let refusal = refused.expect_err(&format!("{op} {form} {hidden:?}"));
            assert!(world.last.is_empty() && !refusal.message.is_empty(), "{op} {hidden:?}: {refusal:?}");
        }
        world.ask("user", op, args(&group_id, form, "zoe")).unwrap_or_else(|error| panic!("{op} {form}: {error:?}"));
        world.check_replay();
    }
}

/// Only what is said of work may be in several lines, as older clients take it.
#[test]
fn a_name_of_work_in_several_lines_is_kept_in_one() {
    let of_work = |op: &str, form: &str| op == "context_sync" || op == "tracked_send" && form.contains("title");
    for (op, form) in TAKEN {
        let (mut world, group_id) = World::with_team();
        let answer = world.ask("user", op, args(&group_id, form, "plan\r\n\tof it"));
        assert_eq!(answer.is_ok(), of_work(op, form), "{op} {form}: {answer:?}");
    }
    let (mut world, group_id) = World::with_team();
    let sent = json!({"group_id": group_id, "text": "x", "title": "plan\r\n\tof it"});
    assert_eq!(world.ask("user", "tracked_send", sent).unwrap()["task_ref"]["title"], "plan of it");
    let steps = json!([{"name": "one\ntwo"}]);
    let ops = json!([{"op": "task.create", "name": "a", "steps": steps}, {"op": "task.update", "task_id": "T002", "name": "b\nc"}]);
    world.ask("user", "context_sync", json!({"group_id": group_id, "ops": ops})).unwrap();
    let names: Vec<_> = world.group(&group_id).context.tasks().iter().map(|view| view.task.name.clone()).collect();
    assert_eq!(names, ["plan of it", "b c"]);
    world.check_replay();
}

/// What is made into a name by us must not be refused for it.
#[test]
fn a_name_that_we_make_has_nothing_hidden_in_it() {
    let (mut world, group_id) = World::with_team();
    let work = json!({"group_id": group_id, "text": "look\u{200b} at\u{202e} this\nmore"});
    let sent = world.ask("user", "tracked_send", work).unwrap();
    assert_eq!(sent["task_ref"]["title"], "look at this");
    let attached = world.ask("user", "attach", json!({"path": "/srv/a\u{200b}b"})).unwrap();
    assert_eq!(attached["title"], "ab");
}

#[test]
fn an_actor_of_the_other_group_is_not_taken_for_a_sender_whose_name_looks_like_its_own() {
    let (mut world, group_id) = World::with_team();
    let other = world.ask("user", "group_create", json!({})).unwrap()["group_id"].as_str().unwrap().to_owned();
    let sent = json!({"group_id": other, "dst_group_id": group_id, "text": "x", "to": ["user"]});
    for (by, wanted) in [("PEER", format!("{other}/PEER")), ("zoe", "zoe".to_owned())] {
        let sent = world.ask(by, "send_cross_group", sent.clone()).unwrap();
        assert_eq!(sent["dst_event"]["by"], wanted.as_str());
    }
}

/// Whoever mistypes a name is told what comes close, in the sentence and under the code that there always was.
#[test]
fn a_mistyped_name_is_told_what_comes_close() {
    let (mut world, group_id) = World::with_team();
    world.ask("user", "group_update", json!({"group_id": group_id, "patch": {"title": "Payments"}})).unwrap();
    let near = format!("{}x", &group_id[..group_id.len() - 1]);
    #[rustfmt::skip]
    let cases = [
        // op             args                                                  code               said
        ("actor_stop",    json!({"group_id": group_id, "actor_id": "peeer"}),   "actor_not_found", "actor not found: peeer (did you mean peer?)".to_owned()),
        ("terminal_tail", json!({"group_id": group_id, "actor_id": "Leadr"}),   "actor_not_found", "actor not found: Leadr (did you mean lead \"The Lead\"?)".to_owned()),
        ("actor_stop",    json!({"group_id": group_id, "actor_id": "zzz"}),     "actor_not_found", "actor not found: zzz".to_owned()),
        ("group_show",    json!({"group_id": near}),                            "group_not_found", format!("group not found: {near} (did you mean {group_id} \"Payments\"?)")),
        ("actor_list",    json!({"group_id": "payments"}),                      "group_not_found", format!("group not found: payments (did you mean {group_id} \"Payments\"?)")),
        ("group_show",    json!({"group_id": "other"}),                         "group_not_found", "group not found: other".to_owned()),
    ];
    for (op, args, code, said) in cases {
        let refused = world.ask("user", op, args).unwrap_err();
        assert_eq!((refused.code.word(), refused.message.as_str()), (code, said.as_str()), "{op}");
    }
}

/// Every op that does not know a group or an actor says which ones come close.
#[test]
fn every_op_tells_what_comes_close() {
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for (op, args) in EXAMPLES {
        let mut may = speakers().into_iter().zip(marks(op, args).chars()).filter(|(_, mark)| *mark == '+');
        let Some(((_, principal), _)) = may.next() else { continue };
        let (mut world, args) = fixture(args);
        for (key, meant) in args.as_object().unwrap() {
            let meant = meant.as_array().and_then(|list| list.first()).unwrap_or(meant);
            let Some(meant) = meant.as_str() else { continue };
            let (mistyped, code) = match key.trim_end_matches('s') {
                "actor_id" | "owner_actor_id" => (format!("{meant}{}", &meant[meant.len() - 1..]), "actor_not_found"),
                key if key.ends_with("group_id") => (format!("{}x", &meant[..meant.len() - 1]), "group_not_found"),
                _ => continue,
            };
            let mut args = args.clone();
            args[key] = if args[key].is_array() { json!([mistyped]) } else { json!(mistyped) };
            if let Some(refused) = world.ask_as(principal.clone(), op, args).err()
                && refused.code.word() == code
            {
                assert!(refused.message.contains(&format!("did you mean {meant}")), "{op}, {key}: {refused}");
                *told.entry(key.clone()).or_default() += 1;
            }
        }
    }
    // Others, such as `inbox_list`, take any name.
    assert!(told["actor_id"] >= 20 && told["group_id"] >= 60, "{told:?}");
    assert!(told.contains_key("actor_ids") && told.contains_key("dst_group_id"), "{told:?}");
}
