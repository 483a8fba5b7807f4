//! Sums of limits: whatever the limits allow, each op's answer fits into a message.

use super::principal::{EXAMPLES, fixture};
use super::world::World;
use bus::contract::op::{Op, TABLE};
use bus::contract::redact::FOR_DAEMONS;
use bus::contract::{Access, OpError, Principal, Server, limit};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The longest characters in JSON: each takes six bytes.
fn longest(bytes: usize) -> String {
    "\u{1}".repeat(bytes)
}

/// The longest characters of what is a name, where those that nobody sees are refused: each takes two bytes.
fn longest_name(bytes: usize) -> String {
    "\"".repeat(bytes)
}

/// What an answer may take: it must fit into a line of the client socket, too, with what comes around it.
const ANSWER_BYTES_MAX: usize = limit::RESPONSE_LINE_BYTES_MAX - 1_000;

const _: () = assert!(ANSWER_BYTES_MAX < limit::BUS_MESSAGE_BYTES_MAX);

/// Ops after which there is less to answer with; they are asked last.
const ENDS: [&str; 7] = [
    "group_reset",
    "group_delete",
    "group_template_import_replace",
    "actor_profile_delete",
    "im_config_unset",
    "registry_reconcile",
    "principals_set",
];

/// Makes of the fixture's world one that is full. Where a limit is a number of large things, there are as many as it takes
/// to be more than an answer holds several times over, and their number is reached with small ones.
fn fill(world: &mut World, group_id: &str) {
    let ask = |world: &mut World, op: &str, args: Value| {
        world.ask("user", op, args).unwrap_or_else(|refusal| panic!("{op}: {refusal}"))
    };
    let (title, topic) = (longest_name(limit::TITLE_BYTES_MAX), longest(limit::TOPIC_BYTES_MAX));
    ask(world, "group_update", json!({"group_id": group_id, "patch": {"title": title, "topic": topic}}));
    for _ in 0..120 {
        ask(world, "group_create", json!({"title": title, "topic": topic}));
    }
    let command = vec![longest(limit::COMMAND_BYTES_MAX / 2); 2];
    for number in 0..80 {
        let profile = json!({"id": format!("p{number}"), "name": format!("{number}{}", longest_name(900)),
                             "runtime": "custom", "command": command});
        ask(world, "actor_profile_upsert", json!({"profile": profile}));
    }
    for number in world.group(group_id).actor_states.len()..limit::ACTORS_MAX {
        let id = format!("{number}{}", "審".repeat(28));
        let mut more = json!({"title": longest_name(limit::TITLE_BYTES_MAX)});
        match number % 8 {
            0 => more["command"] = json!(command),
            1 => more["env"] = json!({"A": longest(limit::ENV_BYTES_MAX - 10)}),
            2 => (more["profile_id"], more["command"]) = (json!("p0"), json!([])),
            _ => {}
        }
        world.add(group_id, &id, more);
    }
    for number in 0..limit::SCOPES_MAX - 1 {
        let url = format!("/{number}{}", "d/".repeat(if number % 8 == 0 { 16_000 } else { 20 }));
        ask(world, "attach", json!({"group_id": group_id, "path": url}));
    }
    for kind in ["preamble", "help"] {
        let content = longest(limit::PROMPT_BYTES_MAX);
        ask(world, "group_prompt_set", json!({"group_id": group_id, "kind": kind, "content": content}));
    }
    for number in 0..limit::IM_CHATS_MAX / 2 {
        let (key, chat_id) = (format!("a-key-for-{number}"), format!("{number}{}", longest_name(990)));
        let asking = json!({"group_id": group_id, "key": key, "chat_id": chat_id, "chat_title": longest_name(1_000),
                            "platform": "slack"});
        world.ask_daemon("im_pending_add", asking).unwrap();
        ask(world, "im_bind_chat", json!({"group_id": group_id, "key": key}));
    }
    for number in 0..limit::EVENT_IDS_MAX {
        let text = if number % 8 == 0 { longest(30_000) } else { "short".into() };
        let args = json!({"to": ["@all", "user"], "text": text, "priority": "attention", "reply_required": true});
        world.send(group_id, "lead", args);
    }
}

fn asked(world: &mut World, op: &str, args: &Value) -> Result<Value, OpError> {
    let is_for_daemons = FOR_DAEMONS.contains(&op) || op.ends_with("_record") || op == "desk_get";
    let principal = if is_for_daemons { Principal::system() } else { Principal::claimed("user") };
    world.ask_as(principal, op, args.clone())
}

fn bytes(answer: &Result<Value, OpError>) -> usize {
    serde_json::to_vec(answer).unwrap().len()
}

/// Every op of the table, in a home and a group that are full. What a refusal tells must fit as well.
#[test]
fn the_largest_answer_of_every_op_fits() {
    let (mut world, first) = fixture("{G}");
    let group_id = first["group_id"].as_str().unwrap().to_owned();
    fill(&mut world, &group_id);
    let row = |op: &str| TABLE.iter().find(|row| row.name == op).unwrap();
    let mut cases: Vec<_> = EXAMPLES.iter().filter(|(op, ..)| row(op).server != Server::Door).collect();
    // What only looks comes first, and what leaves less to look at last.
    cases.sort_by_key(|(op, ..)| (ENDS.contains(op), row(op).access == Access::Write));
    let mut refused = Vec::new();
    for (op, args) in cases {
        // The ids in a new fixture are those of the one that was filled.
        let mut args = fixture(args).1;
        if args["limit"].is_null() && args.is_object() {
            args["limit"] = json!(10_000);
        }
        let answer = asked(&mut world, op, &args);
        if row(op).access != Access::Write {
            refused.extend(answer.as_ref().err().map(|refusal| (*op, refusal.code.word())));
        }
        assert!(bytes(&answer) <= ANSWER_BYTES_MAX, "{op} takes {} bytes", bytes(&answer));
    }
    // What writes may be refused where all is full; what is looked at is there. A template that could not be applied
    // again is not made.
    assert_eq!(refused, [("group_template_export", "template_export_failed")]);
}

/// Everything is in some page, once, whatever its size.
#[test]
fn every_list_is_told_to_its_end() {
    let (mut world, first) = fixture("{G}");
    let group_id = first["group_id"].as_str().unwrap().to_owned();
    fill(&mut world, &group_id);
    let sent: Vec<Value> =
        world.of(&group_id).filter(|event| event.kind() == "chat.message").map(|event| json!(event.id)).collect();
    let group = json!({"group_id": group_id});
    let with = |more: Value| {
        let mut args = group.clone();
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args
    };
    let home = &world.state.home;
    let (groups, profiles) = (world.state.groups().count(), home.profiles.len());
    let linked = world.state.linked("p0").count();
    #[rustfmt::skip]
    let cases = [
        // op                  args                                              rows              how many
        ("groups",             json!({}),                                        "/groups",         groups),
        ("group_show",         group.clone(),                                    "/group/actors",   limit::ACTORS_MAX),
        ("group_show",         group.clone(),                                    "/group/scopes",   limit::SCOPES_MAX),
        ("actor_list",         group.clone(),                                    "/actors",         limit::ACTORS_MAX),
        ("actor_profile_list", json!({}),                                        "/profiles",       profiles),
        ("actor_profile_get",  json!({"profile_id": "p0"}),                      "/usage",          linked),
        ("im_list_authorized", group.clone(),                                    "/authorized",     limit::IM_CHATS_MAX / 2 + 1),
        ("message_statuses",   with(json!({"event_ids": sent[..500].to_vec()})), "/statuses",       500),
    ];
    for (op, args, rows, wanted) in cases {
        let (mut seen, mut cursor, mut pages) = (Vec::new(), Value::Null, 0);
        loop {
            let mut args: Map<String, Value> = args.as_object().unwrap().clone();
            args.insert("cursor".into(), cursor);
            Op::from_wire(op, args.clone()).unwrap();
            let answer = asked(&mut world, op, &args.into());
            assert!(bytes(&answer) <= ANSWER_BYTES_MAX, "{op} takes {} bytes", bytes(&answer));
            let answer = answer.unwrap();
            seen.extend(answer.pointer(rows).unwrap().as_array().unwrap().iter().map(Value::to_string));
            pages += 1;
            assert_eq!(answer["has_more"].as_bool().unwrap_or(false), answer["next_cursor"].is_string(), "{op}");
            if answer["next_cursor"].is_null() {
                break;
            }
            cursor = answer["next_cursor"].clone();
        }
        assert_eq!(seen.len(), wanted, "{op} {rows}");
        assert!(pages > 1 || op == "actor_profile_get", "{op} {rows} has several pages");
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), wanted, "{op} {rows}: nothing is told twice");
        let refused = asked(&mut world, op, &{
            let mut args = args.clone();
            args["cursor"] = json!("nonsense");
            args
        });
        assert_eq!(refused.unwrap_err().code.word(), "invalid_request", "{op}");
    }
}

/// A group moves to the front when it is touched, also while the pages are asked for.
#[test]
fn a_group_touched_between_two_pages_is_on_one_of_them() {
    let (mut world, first) = fixture("{G}");
    fill(&mut world, first["group_id"].as_str().unwrap());
    let page = |world: &mut World, cursor: &Value| {
        let answer = asked(world, "groups", &json!({"cursor": cursor})).unwrap();
        let ids = answer["groups"].as_array().unwrap().iter().map(|row| row["group_id"].as_str().unwrap().to_owned());
        (ids.collect::<Vec<String>>(), answer["next_cursor"].clone())
    };
    let known: BTreeSet<String> = world.state.groups().map(str::to_owned).collect();
    let (mut seen, mut cursor) = page(&mut world, &Value::Null);
    let touched = [seen[1].clone(), known.iter().find(|id| !seen.contains(id)).unwrap().clone()];
    for group_id in &touched {
        world.ask("user", "group_update", json!({"group_id": group_id, "patch": {"topic": "x"}})).unwrap();
    }
    while !cursor.is_null() {
        let (ids, next) = page(&mut world, &cursor);
        seen.extend(ids);
        cursor = next;
    }
    let told = |id: &String| seen.iter().filter(|seen| *seen == id).count();
    assert!(known.iter().all(|id| told(id) == if *id == touched[0] { 2 } else { 1 }), "all, and once what stood still");
    assert_eq!(seen[seen.len() - 2..], touched, "what was touched meanwhile comes at the end");
}

/// Profiles are listed by name, and one may get another name while the pages are asked for.
#[test]
fn a_profile_renamed_between_two_pages_is_on_one_of_them() {
    let (mut world, first) = fixture("{G}");
    fill(&mut world, first["group_id"].as_str().unwrap());
    let page = |world: &mut World, cursor: &Value| {
        let answer = asked(world, "actor_profile_list", &json!({"cursor": cursor})).unwrap();
        let ids = answer["profiles"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned());
        (ids.collect::<Vec<String>>(), answer["next_cursor"].clone())
    };
    let known: Vec<String> = world.state.home.profiles.keys().cloned().collect();
    let (mut seen, mut cursor) = page(&mut world, &Value::Null);
    let renamed = known.iter().find(|id| !seen.contains(id)).unwrap();
    world.ask("user", "actor_profile_upsert", json!({"profile": {"id": renamed, "name": "!first"}})).unwrap();
    while !cursor.is_null() {
        let (ids, next) = page(&mut world, &cursor);
        seen.extend(ids);
        cursor = next;
    }
    assert!(known.iter().all(|id| seen.contains(id)), "a row told twice is better than one that is told nowhere");
}

/// A change answers with the document as far as it fits, and says how to get the rest.
#[test]
fn the_document_of_a_change_says_where_it_goes_on() {
    let (mut world, first) = fixture("{G}");
    let group_id = first["group_id"].as_str().unwrap().to_owned();
    fill(&mut world, &group_id);
    let update = json!({"group_id": group_id, "patch": {"topic": "x"}});
    let mut answer = world.ask("user", "group_update", update).unwrap();
    assert_eq!(answer["has_more"], true);
    let mut actors = 0;
    loop {
        actors += answer["group"]["actors"].as_array().map_or(0, Vec::len);
        let cursor = answer["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
        answer = world.ask("user", "group_show", json!({"group_id": group_id, "cursor": cursor})).unwrap();
    }
    assert_eq!(actors, limit::ACTORS_MAX);
}
