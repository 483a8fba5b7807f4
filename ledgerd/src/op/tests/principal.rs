//! Who may ask for what, as the rows of the contract say it: every op, for every kind of speaker.

use super::world::{PATH, World};
use bus::contract::links::LINKS;
use bus::contract::op::{self, Server, TABLE, Who};
use bus::contract::{Principal, Proof, id};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Who speaks, in the order of the marks.
pub fn speakers() -> [(&'static str, Principal); 6] {
    [
        ("the user, by word", Principal::claimed("user")),
        ("the user, by a daemon's proof", daemon("user")),
        ("the foreman, by its token", token("token-of-lead")),
        ("a peer, by its token", token("token-of-peer")),
        ("a stranger, by word", Principal::claimed("zoe")),
        ("our own system", daemon("system")),
    ]
}

/// The columns of those whose word may not be enough: the foreman's and the peer's.
const CLAIMS: [(usize, &str); 2] = [(2, "lead"), (3, "peer")];

fn daemon(by: &str) -> Principal {
    Principal { by: by.into(), proof: Proof::Daemon }
}

fn token(token: &str) -> Principal {
    // The name that comes with a token does not count.
    Principal { by: "user".into(), proof: Proof::Token(token.into()) }
}

/// Who may ask for an op with these arguments, in the order of [`speakers`]: `+` may, `-` may not, and an op of the door
/// is none of ledgerd's (`d`). In the group of [`fixture`] nothing is set that lets others in.
pub fn marks(op: &str, args: &str) -> &'static str {
    let row = op::row(op).expect("an op");
    let is_about_the_peer = args.contains(r#""actor_id": "peer""#);
    match row.who {
        _ if row.server == Server::Door => "dddddd",
        Who::Anybody => "++++++",
        Who::Member => "++++--",
        Who::ForemanOrItself | Who::Viewer if is_about_the_peer => "++++--",
        Who::Foreman | Who::ForemanOrItself | Who::Headless | Who::Viewer => "+++---",
        Who::ForemanOrDaemon => "+++--+",
        Who::UserOrItself if is_about_the_peer => "++-+--",
        // What the arguments are in the table is something that is changed, and a message of the user's.
        Who::User | Who::UserOrItself | Who::UserOrAllowedForeman | Who::UserToChange | Who::Sender => "++----",
        Who::Itself => "---+--",
        Who::Daemon => "-+---+",
        Who::System => "-----+",
    }
}

/// Ops that not everybody may ask for, by those who may, in the order of [`speakers`]: said here once more, so that nobody
/// opens one by a slip in its row. An op that is not named is no exception to anything.
#[rustfmt::skip]
const CLOSED: &[(&str, &[&str])] = &[
    ("-----+", &[
        "im_secrets_get", "secrets_get", "web_access_get", "web_push_get", "web_push_set", "web_push_key_set"
    ]),
    ("-+---+", &[
        "rule_record", "im_pending_add", "desk_get", "session_record", "delivery_record"
    ]),
    ("++----", &[
        "waiting_list", "web_token_add", "web_token_list", "web_token_revoke", "web_push_list", "web_push_remove",
        "principals_set", "actor_token_set", "remote_access_configure", "remote_access_start", "remote_access_stop",
        "observability_update", "registry_reconcile", "actor_update", "actor_env_private_keys",
        "actor_env_private_update", "actor_profile_upsert", "actor_profile_delete", "actor_profile_secret_update",
        "actor_profile_secret_copy_from_actor", "actor_profile_secret_copy_from_profile", "message_deliver",
        "reply_request_cancel", "im_config_set", "im_config_unset", "im_bind_chat", "im_list_pending",
        "terminal_release"
    ]),
    ("---+--", &[
        "chat_ack", "notify_ack"
    ]),
    ("++-+--", &[
        "actor_remove"
    ]),
    ("+++---", &[
        "debug_snapshot", "debug_tail_logs", "debug_clear_logs", "group_update", "group_delete", "group_reset",
        "group_detach_scope", "group_set_state", "group_settings_update", "group_start", "group_stop",
        "group_prompt_set", "group_prompt_reset", "group_preamble_set", "group_preamble_reset", "actor_add",
        "actor_start", "group_automation_update", "group_automation_reset_baseline", "headless_set_status",
        "headless_ack_message", "im_reject_pending", "im_revoke_chat", "group_template_preview",
        "group_template_import_replace", "ledger_snapshot", "ledger_compact"
    ]),
    ("++++--", &[
        "actor_stop", "actor_restart", "inbox_list", "inbox_mark_read", "inbox_mark_all_read", "inbox_read",
        "message_history", "group_automation_state", "group_automation_manage", "terminal_tail", "terminal_snapshot",
        "terminal_since", "terminal_history", "terminal_clear", "term_resize"
    ]),
];

/// Every op, and arguments with which it succeeds for whoever may ask. `G` stands for `"group_id": "<the group>"`, `$message`
/// for an attention message to everybody, `$asked` for one that asks for an answer, `$notice` for a notification, `$scope` for the group's directory, `$template` for what
/// the group is exported as.
#[rustfmt::skip]
pub const EXAMPLES: &[(&str, &str)] = &[
    ("ping",                          r#"{}"#),
    ("whoami",                        r#"{G}"#),
    ("principals_get",                r#"{}"#),
    ("principals_set",                r#"{"strict": true}"#),
    ("remote_access_state",           r#"{}"#),
    ("actor_token_set",               r#"{G, "actor_id": "bot", "token_sha256": "$sha256"}"#),
    ("remote_access_configure",       r#"{"provider": "tailscale"}"#),
    ("remote_access_start",           r#"{}"#),
    ("remote_access_stop",            r#"{}"#),
    ("web_token_add",                 r#"{"name": "desk"}"#),
    ("web_token_list",                r#"{}"#),
    ("web_token_revoke",              r#"{"token_id": "phone"}"#),
    ("web_access_get",                r#"{}"#),
    ("web_push_list",                 r#"{}"#),
    ("web_push_remove",               r#"{"device_id": "d1"}"#),
    ("web_push_get",                  r#"{}"#),
    ("web_push_set",                  r#"{"device_id": "d2", "topics": ["owed"], "subscription": "{}"}"#),
    ("web_push_key_set",              r#"{"key": "k"}"#),
    ("shutdown",                      r#"{}"#),
    ("events_stream",                 r#"{G}"#),
    ("observability_get",             r#"{}"#),
    ("observability_update",          r#"{"patch": {"log_level": "DEBUG"}}"#),
    ("debug_snapshot",                r#"{G}"#),
    ("debug_tail_logs",               r#"{G, "component": "ptyd"}"#),
    ("debug_clear_logs",              r#"{G, "component": "ptyd"}"#),
    ("registry_reconcile",            r#"{"remove_missing": true}"#),
    ("attach",                        r#"{G, "path": "/srv/other"}"#),
    ("groups",                        r#"{}"#),
    ("group_show",                    r#"{G}"#),
    ("group_create",                  r#"{}"#),
    ("group_update",                  r#"{G, "patch": {"title": "T"}}"#),
    ("group_delete",                  r#"{G}"#),
    ("group_reset",                   r#"{G, "confirm": "$group"}"#),
    ("group_use",                     r#"{G, "path": "$path"}"#),
    ("group_detach_scope",            r#"{G, "scope_key": "$scope"}"#),
    ("group_set_state",               r#"{G, "state": "paused"}"#),
    ("waiting_list",                  r#"{}"#),
    ("group_settings_get",            r#"{G}"#),
    ("group_settings_update",         r#"{G, "patch": {"min_interval_seconds": 1}}"#),
    ("group_start",                   r#"{G}"#),
    ("group_stop",                    r#"{G}"#),
    ("active_get",                    r#"{}"#),
    ("active_set",                    r#"{G}"#),
    ("group_prompt_get",              r#"{G, "kind": "help"}"#),
    ("group_prompt_set",              r#"{G, "kind": "help", "content": "ours"}"#),
    ("group_prompt_reset",            r#"{G, "kind": "help", "confirm": "help"}"#),
    ("group_preamble_get",            r#"{G}"#),
    ("group_preamble_set",            r#"{G, "content": "ours"}"#),
    ("group_preamble_reset",          r#"{G, "confirm": "preamble"}"#),
    ("actor_preamble_get",            r#"{G, "actor_id": "peer"}"#),
    ("actor_list",                    r#"{G}"#),
    ("actor_add",                     r#"{G, "actor_id": "new", "runtime": "custom", "command": ["agent"]}"#),
    ("actor_update",                  r#"{G, "actor_id": "peer", "patch": {"title": "T"}}"#),
    ("actor_remove",                  r#"{G, "actor_id": "peer"}"#),
    ("actor_start",                   r#"{G, "actor_id": "peer"}"#),
    ("actor_stop",                    r#"{G, "actor_id": "peer"}"#),
    ("actor_restart",                 r#"{G, "actor_id": "peer"}"#),
    ("actor_env_private_keys",        r#"{G, "actor_id": "peer"}"#),
    ("actor_env_private_update",      r#"{G, "actor_id": "peer", "set": {"K": "v"}}"#),
    ("actor_profile_list",            r#"{}"#),
    ("actor_profile_get",             r#"{"profile_id": "p"}"#),
    ("actor_profile_upsert",          r#"{"profile": {"id": "p", "name": "P"}}"#),
    ("actor_profile_delete",          r#"{"profile_id": "p"}"#),
    ("actor_profile_secret_keys",     r#"{"profile_id": "p"}"#),
    ("actor_profile_secret_update",   r#"{"profile_id": "p", "set": {"K": "v"}}"#),
    ("actor_profile_secret_copy_from_actor", r#"{G, "profile_id": "p", "actor_id": "peer"}"#),
    ("actor_profile_secret_copy_from_profile", r#"{"profile_id": "p", "source_profile_id": "p"}"#),
    ("send",                          r#"{G, "text": "hello", "to": ["@all"]}"#),
    ("send_cross_group",              r#"{G, "dst_group_id": "$other", "text": "hello", "to": ["user"]}"#),
    ("reply",                         r#"{G, "text": "hello", "reply_to": "$message", "to": ["@all"]}"#),
    ("send_files",                    r#"{G, "paths": ["README.md"]}"#),
    ("stream_emit",                   r#"{G, "op": "start"}"#),
    ("tracked_send",                  r#"{G, "text": "hello", "to": ["@all"]}"#),
    ("message_deliver",               r#"{G, "source_event_id": "$message", "actor_ids": ["peer"]}"#),
    ("reply_request_cancel",          r#"{G, "source_event_id": "$asked"}"#),
    ("chat_ack",                      r#"{G, "actor_id": "peer", "event_id": "$message"}"#),
    ("inbox_list",                    r#"{G, "actor_id": "peer"}"#),
    ("inbox_mark_read",               r#"{G, "actor_id": "peer", "event_id": "$message"}"#),
    ("inbox_mark_all_read",           r#"{G, "actor_id": "peer"}"#),
    ("inbox_read",                    r#"{G, "actor_id": "peer"}"#),
    ("message_history",               r#"{G, "actor_id": "peer"}"#),
    ("system_notify",                 r#"{G, "title": "T"}"#),
    ("notify_ack",                    r#"{G, "actor_id": "peer", "notify_event_id": "$notice"}"#),
    ("context_get",                   r#"{G}"#),
    ("context_sync",                  r#"{G, "ops": [{"op": "note.add", "content": "n"}]}"#),
    ("task_list",                     r#"{G}"#),
    ("presence_get",                  r#"{G}"#),
    ("group_automation_state",        r#"{G}"#),
    ("group_automation_update",       r#"{G, "ruleset": {"rules": [], "snippets": {}}}"#),
    ("group_automation_manage",       r#"{G, "actions": [{"type": "create_rule", "rule": {"id": "own", "scope": "personal",
        "owner_actor_id": "peer", "to": ["peer"], "trigger": {"kind": "interval", "every_seconds": 60},
        "action": {"kind": "notify", "message": "look up"}}}]}"#),
    ("group_automation_reset_baseline", r#"{G}"#),
    ("rule_record",                   r#"{G, "rule_id": "standup"}"#),
    ("headless_status",               r#"{G, "actor_id": "bot"}"#),
    ("headless_set_status",           r#"{G, "actor_id": "bot", "status": "working"}"#),
    ("headless_ack_message",          r#"{G, "actor_id": "bot", "message_id": "$message"}"#),
    ("im_config_get",                 r#"{G}"#),
    ("im_config_set",                 r#"{G, "config": {"platform": "slack"}}"#),
    ("im_config_unset",               r#"{G}"#),
    ("im_secrets_get",                r#"{G}"#),
    ("im_bind_chat",                  r#"{G, "key": "the-key-of-chat"}"#),
    ("im_list_authorized",            r#"{G}"#),
    ("im_list_pending",               r#"{G}"#),
    ("im_reject_pending",             r#"{G, "key": "the-key-of-chat"}"#),
    ("im_revoke_chat",                r#"{G, "chat_id": "let-in"}"#),
    ("im_pending_add",                r#"{G, "key": "another-key-01", "chat_id": "new", "platform": "slack"}"#),
    ("im_chat_set",                   r#"{G, "chat_id": "let-in", "verbose": false}"#),
    ("group_template_export",         r#"{G}"#),
    ("group_template_preview",        r#"{G, "template": "kind: cccc.group_template\nv: 1"}"#),
    ("group_template_import_replace", r#"{G, "confirm": "$group", "template": $template}"#),
    ("group_create_from_template",    r#"{"path": "/srv/other", "template": "kind: cccc.group_template\nv: 1"}"#),
    ("ledger_heads",                  r#"{}"#),
    ("ledger_range",                  r#"{G}"#),
    ("ledger_window",                 r#"{G}"#),
    ("ledger_search",                 r#"{G}"#),
    ("message_statuses",              r#"{G, "event_ids": ["$message"]}"#),
    ("ledger_snapshot",               r#"{G}"#),
    ("ledger_compact",                r#"{G}"#),
    ("blob_upload",                   r#"{G, "sha256": "$sha256", "bytes": 0}"#),
    ("blob_read",                     r#"{G, "path": "state/blobs/x"}"#),
    ("desk_get",                      r#"{G}"#),
    ("secrets_get",                   r#"{G, "actor_id": "peer"}"#),
    ("session_record",                r#"{G, "actor_id": "peer", "session_id": "s", "generation": 0, "phase": "started"}"#),
    ("delivery_record",               r#"{G, "actor_id": "peer", "event_ids": ["$message"], "stage": "handed"}"#),
    ("terminal_tail",                 r#"{G, "actor_id": "peer"}"#),
    ("terminal_snapshot",             r#"{G, "actor_id": "peer"}"#),
    ("terminal_since",                r#"{G, "actor_id": "peer", "after": 0}"#),
    ("terminal_history",              r#"{G, "actor_id": "peer"}"#),
    ("terminal_release",              r#"{G, "actor_id": "peer"}"#),
    ("terminal_clear",                r#"{G, "actor_id": "peer"}"#),
    ("term_resize",                   r#"{G, "actor_id": "peer", "cols": 80, "rows": 24}"#),
    ("term_attach",                   r#"{G, "actor_id": "peer"}"#),
];

/// A group in which everything the table needs is there, and the arguments of an op in it.
pub fn fixture(args: &str) -> (World, Value) {
    let (mut world, group_id) = World::with_team();
    for actor_id in ["lead", "peer"] {
        world.start_session(&group_id, actor_id, &format!("token-of-{actor_id}"));
    }
    let profile = json!({"profile": {"id": "p", "runtime": "custom", "command": ["agent"]}});
    world.ask("user", "actor_profile_upsert", profile).unwrap();
    let message = world.send(&group_id, "user", json!({"to": ["@all"], "priority": "attention"}));
    let asked = world.send(&group_id, "user", json!({"to": ["peer"], "reply_required": true}));
    let notice = world.ask("system", "system_notify", json!({"group_id": group_id, "title": "N"})).unwrap();
    for (key, chat_id) in [("the-key-let-in", "let-in"), ("the-key-of-chat", "chat")] {
        let asking = json!({"group_id": group_id, "key": key, "chat_id": chat_id, "platform": "slack"});
        world.ask_daemon("im_pending_add", asking).unwrap();
    }
    world.ask("user", "im_bind_chat", json!({"group_id": group_id, "key": "the-key-let-in"})).unwrap();
    let remote = json!({"provider": "manual", "web_host": "0.0.0.0", "web_token": "t"});
    world.ask("user", "remote_access_configure", remote).unwrap();
    world.ask("user", "web_token_add", json!({"name": "phone"})).unwrap();
    let device = json!({"device_id": "d1", "topics": ["owed"], "subscription": "{}"});
    world.ask_daemon("web_push_set", device).unwrap();
    let developer = json!({"patch": {"developer_mode": true}});
    world.ask("user", "observability_update", developer).unwrap();
    world.files.push(("state/blobs/x".into(), 1));
    let other = world.ask("user", "group_create", json!({})).unwrap()["group_id"].as_str().unwrap().to_owned();
    let scope = world.group(&group_id).active_scope_key.clone();
    let exported = world.ask("user", "group_template_export", json!({"group_id": group_id})).unwrap();
    let args = args
        .replace("$template", &exported["template"].to_string())
        .replace("{G", &format!("{{\"group_id\": \"{group_id}\""))
        .replace("$message", &message)
        .replace("$asked", &asked)
        .replace("$notice", notice["event"]["id"].as_str().unwrap())
        .replace("$group", &group_id)
        .replace("$other", &other)
        .replace("$sha256", &"0".repeat(64))
        .replace("$scope", &scope)
        .replace("$path", PATH);
    (world, serde_json::from_str(&args).unwrap())
}

fn check(world: &mut World, principal: Principal, op: &str, args: Value, mark: char, who: &str) {
    let case = format!("{op}, asked by {who}");
    match (world.ask_as(principal, op, args), mark) {
        (Ok(_), '+') => {}
        (Err(refusal), 'd') => assert_eq!(refusal.code.word(), "invalid_request", "{case}: {refusal}"),
        (Err(refusal), '-') => {
            assert!(refusal.is_denied(), "{case}: {refusal:?}");
            assert!(world.last.is_empty(), "{case}");
        }
        (Err(refusal), _) => panic!("{case}: {refusal:?}"),
        (Ok(reply), _) => panic!("{case} was answered: {reply}"),
    }
}

#[test]
fn every_op_has_an_example() {
    let named: BTreeSet<_> = EXAMPLES.iter().map(|(op, _)| *op).collect();
    assert_eq!(named, TABLE.iter().map(|row| row.name).collect());
}

/// An op for daemons is one daemon's: another one that proves who it is has no business with it.
#[test]
fn what_daemons_only_may_ask_for_is_in_the_row_of_one() {
    let of_one: Vec<_> = LINKS.iter().flat_map(|link| link.alone).collect();
    for row in TABLE {
        assert_eq!(of_one.contains(&&row.name), [Who::Daemon, Who::System].contains(&row.who), "{}", row.name);
    }
}

#[test]
fn no_op_is_open_to_more_than_it_was() {
    for (closed, ops) in CLOSED {
        for op in *ops {
            let (_, args) = EXAMPLES.iter().find(|(known, _)| known == op).expect("an op has an example");
            let opened = marks(op, args).chars().zip(closed.chars()).any(|(now, before)| now == '+' && before == '-');
            assert!(!opened, "{op} is open to {} and was to {closed}", marks(op, args));
        }
    }
}

#[test]
fn whoever_may_ask_is_answered_and_nobody_else() {
    for (op, args) in EXAMPLES {
        let marks = marks(op, args);
        for ((who, principal), mark) in speakers().into_iter().zip(marks.chars()) {
            let (mut world, args) = fixture(args);
            check(&mut world, principal, op, args, mark, who);
        }
        // An actor that only says who it is may as much as one that proves it.
        for (column, name) in CLAIMS {
            let (mut world, args) = fixture(args);
            let mark = marks.chars().nth(column).unwrap();
            check(&mut world, Principal::claimed(name), op, args, mark, &format!("{name}, by word"));
        }
    }
}

#[test]
fn a_strict_home_believes_nobody_to_be_an_actor_without_a_proof() {
    for (op, args) in EXAMPLES {
        let marks = marks(op, args);
        let strict = |args: &str| {
            let (mut world, args) = fixture(args);
            world.ask("user", "principals_set", json!({"strict": true})).unwrap();
            (world, args)
        };
        for ((who, principal), mark) in speakers().into_iter().zip(marks.chars()) {
            let (mut world, args) = strict(args);
            check(&mut world, principal, op, args, mark, who);
        }
        for (_, name) in CLAIMS {
            let (mut world, args) = strict(args);
            check(&mut world, Principal::claimed(name), op, args, '-', &format!("{name}, by word"));
        }
    }
}

/// Who may ask is not decided of a group or an actor that is not named; the op must refuse it then.
#[test]
fn nobody_is_answered_about_whom_it_does_not_name() {
    let is_decided_by = |who: Who, key: &str| match who {
        Who::ForemanOrItself | Who::Headless | Who::UserOrItself | Who::Itself | Who::Viewer => true,
        Who::Member | Who::Foreman | Who::ForemanOrDaemon | Who::UserOrAllowedForeman => key == "group_id",
        _ => false,
    };
    for (op, args) in EXAMPLES {
        let row = op::row(op).unwrap();
        for key in ["group_id", "actor_id"].into_iter().filter(|key| is_decided_by(row.who, key)) {
            for name in ["", "gone"] {
                let (mut world, mut args) = fixture(args);
                args[key] = json!(name);
                let told = world.ask_as(token("token-of-peer"), op, args);
                assert!(told.is_err() || row.server == Server::Door, "{op} with {key} {name:?}: {told:?}");
            }
        }
    }
}

#[test]
fn a_headless_actor_is_proven_by_the_token_it_was_given() {
    let (mut world, group_id) = World::with_team();
    let set = |token: &str| json!({"group_id": "$group", "actor_id": "bot", "token_sha256": id::digest(token)});
    let with = |hash: &str| json!({"group_id": "$group", "actor_id": "bot", "token_sha256": hash});
    world.start_session(&group_id, "peer", "token-of-peer");
    #[rustfmt::skip]
    let table = [
        ("user", "actor_token_set", json!({"group_id": "$group", "actor_id": "zoe"}),         Err("actor_not_found")),
        ("lead", "actor_token_set", set("token-of-bot"),                                      Err("permission_denied")),
        ("bot",  "actor_token_set", set("token-of-bot"),                                      Err("permission_denied")),
        ("user", "actor_token_set", json!({"group_id": "$group", "actor_id": "peer"}),        Err("invalid_request")),
        ("user", "actor_token_set", with("token-of-bot"),                                     Err("invalid_request")),
        ("user", "actor_token_set", with(&"A".repeat(64)),                                    Err("invalid_request")),
        ("user", "actor_token_set", set("token-of-peer"),                                     Err("invalid_request")),
        ("user", "actor_token_set", with(""),                                                 Ok("")),
        ("user", "actor_token_set", set("token-of-bot"),                                      Ok("x.cccc.actor_token")),
        ("user", "actor_token_set", set("token-of-bot"),                                      Ok("")),
        ("user", "principals_set",  json!({"strict": true}),                                  Ok("x.cccc.strict_principals")),
        ("bot",  "send",            json!({"group_id": "$group", "text": "x", "to": ["user"]}), Err("permission_denied")),
    ];
    world.run(&group_id, &[], &table);

    let said = json!({"group_id": group_id, "text": "by me", "to": ["user"]});
    let who = |world: &mut World, token: &str| {
        world.ask_token(token, "send", said.clone()).map(|sent| sent["event"]["by"].clone())
    };
    assert_eq!(who(&mut world, "token-of-bot").unwrap(), "bot");
    let status = json!({"group_id": group_id, "actor_id": "bot", "status": "working"});
    world.ask_token("token-of-bot", "headless_set_status", status).unwrap();
    let newer = json!({"group_id": group_id, "actor_id": "bot", "token_sha256": id::digest("newer")});
    world.ask("user", "actor_token_set", newer.clone()).unwrap();
    assert!(who(&mut world, "token-of-bot").unwrap_err().is_denied(), "the newer one counts");
    assert_eq!(who(&mut world, "newer").unwrap(), "bot");

    let fresh = world.ask("user", "group_reset", json!({"group_id": group_id, "confirm": group_id})).unwrap();
    let group_id = fresh["group_id"].as_str().unwrap().to_owned();
    let there = json!({"group_id": group_id, "text": "by me", "to": ["user"]});
    assert_eq!(world.ask_token("newer", "send", there.clone()).unwrap()["event"]["by"], "bot", "also in a new group");
    let pty = json!({"group_id": group_id, "actor_id": "bot", "patch": {"runner": "pty", "command": ["agent"]}});
    world.ask("user", "actor_update", pty).unwrap();
    assert!(world.ask_token("newer", "send", there).unwrap_err().is_denied(), "with a terminal its sessions prove it");
    world.check_replay();
}

#[test]
fn a_token_that_is_given_or_taken_away_ends_that_of_an_earlier_session() {
    for given in ["", "given"] {
        let (mut world, group_id) = World::with_team();
        world.start_session(&group_id, "peer", "of-a-session");
        let headless = json!({"group_id": group_id, "actor_id": "peer", "patch": {"runner": "headless"}});
        world.ask("user", "actor_update", headless).unwrap();
        let hash = if given.is_empty() { String::new() } else { id::digest(given) };
        let set = json!({"group_id": group_id, "actor_id": "peer", "token_sha256": hash});
        world.ask("user", "actor_token_set", set.clone()).unwrap();
        assert_eq!(world.kinds(), ["x.cccc.actor_token"], "{given:?}");
        let whoami = json!({"group_id": group_id});
        assert!(world.ask_token("of-a-session", "whoami", whoami.clone()).unwrap_err().is_denied(), "{given:?}");
        assert_eq!(world.ask_token(given, "whoami", whoami).is_ok(), !given.is_empty(), "{given:?}");
        world.ask("user", "actor_token_set", set).unwrap();
        assert!(world.last.is_empty(), "nothing has changed");
        world.check_replay();
    }
}
