//! What each command line asks for: typed words in, op and arguments out, with a ledgerd and a ptyd that write
//! down what they are asked.

use super::run;
use crate::Cli;
use crate::client::Client;
use crate::failure::Failure;
use crate::print::Output;
use bus::contract::{Code, Op, OpError, Reply, Request, Response, id, op};
use bus::home::Home;
use bus::link::{Incoming, Server, body};
use clap::{CommandFactory, Parser};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

const GROUP: &str = "g_0123456789ab";
const OTHER: &str = "g_000000000002";
const EVENT: &str = "0198c0ffee007000800000000a1b2c3d";

/// A home in which questions are written down.
struct World {
    _folder: TempDir,
    _servers: [Server; 2],
    client: Client,
    asked: Arc<Mutex<Vec<Request>>>,
    refused: Arc<Mutex<&'static str>>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("cli").tempdir_in("/tmp").unwrap();
        let home = Home::find(Some(folder.path())).unwrap();
        home.make().unwrap();
        let asked: Arc<Mutex<Vec<Request>>> = Arc::default();
        let refused: Arc<Mutex<&'static str>> = Arc::default();
        let serve = |socket| {
            let (asked, refused) = (Arc::clone(&asked), Arc::clone(&refused));
            let answer = move |incoming: Incoming| {
                let request: Request = body::read(&incoming.bytes).unwrap();
                let answer = answer(&request, *refused.lock().unwrap());
                asked.lock().unwrap().push(request);
                // A caller that is gone wants no answer.
                let _ = incoming.reply.send(&body::write(&answer));
            };
            Server::bind(socket, 4, answer).unwrap()
        };
        let servers = [serve(&home.ledger_socket()), serve(&home.pty_socket())];
        let client = Client::new(Some(home.root()), Output::Text, false).unwrap();
        Self { _folder: folder, _servers: servers, client, asked, refused }
    }

    /// Types a line and returns how it failed and the last thing that was asked, as on the wire.
    fn type_line(&self, line: &str, op: &'static str) -> (Option<Failure>, Option<(String, String, Value)>) {
        *self.refused.lock().unwrap() = op;
        self.asked.lock().unwrap().clear();
        let words = shell_words::split(&format!("cccc {line}")).unwrap();
        let failure = match Cli::try_parse_from(words) {
            Ok(cli) => run(&self.client, cli.command, Cli::command).err(),
            Err(error) => Some(Failure::Usage(error.to_string())),
        };
        let last = self.asked.lock().unwrap().pop().map(|request| {
            let op = serde_json::to_value(&request.op).unwrap();
            let (name, args) = op.as_object().unwrap().iter().next().unwrap();
            (name.clone(), request.principal.by, args.clone())
        });
        (failure, last)
    }
}

/// Answers what a command must know first; refuses the op that the line is about, so that it is the last one.
fn answer(request: &Request, refused: &str) -> Response {
    let name = request.op.row().name;
    let row = |id: &str, title: &str| {
        json!({"group_id": id, "title": title, "topic": "", "path": "", "default_scope_key": "", "created_at": "",
               "updated_at": "", "running": false, "registry_health": "ok", "state": "active"})
    };
    let event = json!({"v": 1, "seq": 1, "id": EVENT, "ts": "2026-01-13T12:00:00Z", "kind": "chat.message", "by": "a",
                       "group_id": GROUP, "scope_key": "", "data": {"text": "t"}});
    let result = match &request.op {
        _ if name == refused => return Err(OpError::new(Code::InternalError, "written down")),
        Op::Groups(_) => json!({"groups": [row(GROUP, "One"), row(OTHER, "Two")],
                                "registry_health": {"missing_group_ids": [], "corrupt_group_ids": []}}),
        Op::ActiveGet(_) => json!({"active_group_id": GROUP}),
        Op::LedgerWindow(window) if window.before == Some(0) => window_of(&[event]),
        Op::LedgerWindow(_) => window_of(&[event]),
        _ => return Err(OpError::new(Code::InternalError, format!("{name} was not expected"))),
    };
    Ok(serde_json::from_value::<Reply>(json!({ name: result })).unwrap())
}

fn window_of(events: &[Value]) -> Value {
    json!({"events": events, "center_index": null, "has_more_before": false, "has_more_after": false, "head_seq": 1})
}

/// Command line, op, who asks, and the arguments that matter.
type Line = (&'static str, &'static str, &'static str, Value);

/// Arguments of an op about the group.
fn with(more: Value) -> Value {
    let mut args = json!({"group_id": GROUP});
    args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    args
}

fn lines() -> Vec<Line> {
    [lines_of_groups(), lines_of_actors(), lines_of_messages(), lines_of_what_is_shared(), lines_of_the_rest()].concat()
}

#[rustfmt::skip]
fn lines_of_groups() -> Vec<Line> {
    let g = with(json!({}));
    vec![
        // typed                                        op                 by       arguments
        ("attach /usr",                                 "attach",          "cli",  json!({"group_id": "", "path": "/usr"})),
        ("attach /usr -g two",                          "attach",          "cli",  json!({"group_id": OTHER})),
        ("groups",                                      "groups",          "user", json!({})),
        ("use Two",                                     "active_set",      "user", json!({"group_id": OTHER})),
        ("active",                                      "active_get",      "user", json!({})),
        ("group create --title T --topic x",            "group_create",    "cli",  json!({"title": "T", "topic": "x"})),
        ("group create",                                "group_create",    "cli",  json!({"title": "working-group"})),
        ("group show",                                  "group_show",      "user", g.clone()),
        ("group show g_000000000002",                   "group_show",      "user", json!({"group_id": OTHER})),
        ("group update --topic ''",                     "group_update",    "user", with(json!({"patch": {"topic": ""}}))),
        ("group use two /w --by a",                     "group_use",       "a",    json!({"group_id": OTHER, "path": "/w"})),
        ("group detach-scope s_1",                      "group_detach_scope", "user", with(json!({"scope_key": "s_1"}))),
        ("group delete --confirm g_0123456789ab",       "group_delete",    "user", g.clone()),
        ("group reset --confirm g_0123456789ab",        "group_reset",     "user", with(json!({"confirm": GROUP}))),
        ("group start",                                 "group_start",     "user", g.clone()),
        ("group stop -g g_000000000002",                "group_stop",      "user", json!({"group_id": OTHER})),
        ("group set-state PAUSED",                      "group_set_state", "user", with(json!({"state": "paused"}))),
        ("group set-state Stopped",                     "group_stop",      "user", g.clone()),
        ("group settings a=5 b=x",                      "group_settings_update", "user", with(json!({"patch": {"a": 5, "b": "x"}}))),
        ("group settings",                              "group_show",      "user", g.clone()),
    ]
}

#[rustfmt::skip]
fn lines_of_actors() -> Vec<Line> {
    vec![
        // typed                                        op                 by       arguments
        ("actor list",                                  "actor_list",      "user", with(json!({"include_unread": true}))),
        ("actor add foreman --runtime custom --command \"sh -c 'a b'\" --env K=V=W --env E=", "actor_add", "user",
            with(json!({"actor_id": "foreman", "runtime": "custom", "command": ["sh", "-c", "a b"], "env": {"K": "V=W", "E": ""}}))),
        ("actor add a --stopped",                       "actor_add",       "user", with(json!({"actor_id": "a", "enabled": false}))),
        ("actor add --scope /w --submit none --runner headless --restart always --deliver typed", "actor_add", "user",
            with(json!({"actor_id": "", "runtime": "", "path": "/w", "submit": "none", "runner": "headless", "restart": "always", "deliver": "typed", "command": null, "env": null}))),
        ("actor update a --title T --enabled 0 --command ''", "actor_update", "user",
            with(json!({"actor_id": "a", "patch": {"title": "T", "enabled": false, "command": []}}))),
        ("actor update a --no-env",                     "actor_update",    "user", with(json!({"patch": {"env": {}}}))),
        ("actor remove a",                              "actor_remove",    "user", with(json!({"actor_id": "a"}))),
        ("actor start a",                               "actor_start",     "user", with(json!({"actor_id": "a"}))),
        ("actor stop a",                                "actor_stop",      "user", with(json!({"actor_id": "a"}))),
        ("actor secrets a --set K=V=W --unset B --clear", "actor_env_private_update", "user",
            with(json!({"actor_id": "a", "set": {"K": "V=W"}, "unset": ["B"], "clear": true}))),
        ("actor secrets a",                             "actor_env_private_keys", "user", with(json!({"actor_id": "a"}))),
        ("profile secrets p",                           "actor_profile_secret_keys", "user", json!({"profile_id": "p"})),
        ("actor secrets a --keys --set K=V",            "actor_env_private_keys", "user", with(json!({"actor_id": "a"}))),
        ("actor token a",                               "actor_token_set", "user", with(json!({"actor_id": "a"}))),
        ("actor token a --revoke",                      "actor_token_set", "user", with(json!({"actor_id": "a", "token_sha256": ""}))),
        ("actor restart a --by b",                      "actor_restart",   "b",    with(json!({"actor_id": "a"}))),
    ]
}

#[rustfmt::skip]
fn lines_of_messages() -> Vec<Line> {
    vec![
        // typed                                        op                 by       arguments
        ("send 'Split the task and begin.' --to @all",  "send",            "user", with(json!({"text": "Split the task and begin.", "to": ["@all"], "priority": "normal", "reply_required": false}))),
        ("send x --to a,b --to c --priority attention --reply-required --path /w --by ext", "send", "ext",
            with(json!({"to": ["a", "b", "c"], "priority": "attention", "reply_required": true, "path": "/w"}))),
        ("send '- fixed a' --to b",                     "send",            "user", with(json!({"text": "- fixed a", "to": ["b"]}))),
        ("send --to b -5",                              "send",            "user", with(json!({"text": "-5", "to": ["b"]}))),
        ("reply 0a1b2c3d '- done'",                     "reply",           "user", with(json!({"reply_to": EVENT, "text": "- done"}))),
        ("note add '--- mind the gap'",                 "context_sync",    "user", with(json!({"ops": [{"op": "note.add", "content": "--- mind the gap"}]}))),
        ("send -- -5",                                  "send",            "user", with(json!({"text": "-5"}))),
        ("reply '#0a1b2c3d' done",                      "reply",           "user", with(json!({"reply_to": EVENT, "text": "done", "to": []}))),
        ("reply 0198c0ffee007000800000000a1b2c3d done", "reply",           "user", with(json!({"reply_to": EVENT}))),
        ("reply some-other-id done --to x",             "reply",           "user", with(json!({"reply_to": "some-other-id", "to": ["x"]}))),
        ("ack 0a1b2c3d",                                "chat_ack",        "user", with(json!({"actor_id": "user", "event_id": EVENT}))),
        ("deliver 0a1b2c3d --to a,b --again",           "message_deliver", "user", with(json!({"source_event_id": EVENT, "actor_ids": ["a", "b"], "force_ambiguous": true}))),
        ("ack 0a1b2c3d --actor-id a",                   "chat_ack",        "a",    with(json!({"actor_id": "a"}))),
        ("inbox",                                       "inbox_list",      "user", with(json!({"actor_id": "user", "limit": 50, "kind_filter": "all"}))),
        ("inbox --actor-id a --limit 0 --kind-filter chat", "inbox_list",  "user", with(json!({"actor_id": "a", "limit": 0, "kind_filter": "chat"}))),
        ("read 1b2c3d",                                 "inbox_mark_read", "user", with(json!({"actor_id": "user", "event_id": EVENT}))),
        ("read --all --actor-id a",                     "inbox_mark_all_read", "user", with(json!({"actor_id": "a"}))),
        ("notify Title text --to a --kind error --priority high --requires-ack", "system_notify", "user",
            with(json!({"title": "Title", "message": "text", "target_actor_id": "a", "kind": "error", "priority": "high", "requires_ack": true}))),
    ]
}

#[rustfmt::skip]
fn lines_of_what_is_shared() -> Vec<Line> {
    let g = with(json!({}));
    vec![
        // typed                                        op                 by       arguments
        ("context show",                                "context_get",     "user", g.clone()),
        ("context vision far --by a",                   "context_sync",    "a",    with(json!({"ops": [{"op": "vision.update", "vision": "far"}]}))),
        ("context sketch near",                         "context_sync",    "user", with(json!({"ops": [{"op": "sketch.update", "sketch": "near"}]}))),
        ("context presence a reading",                  "context_sync",    "user", with(json!({"ops": [{"op": "presence.update", "agent_id": "a", "status": "reading"}]}))),
        ("task list --status active --assignee a",      "task_list",       "user", with(json!({"task_id": ""}))),
        ("task list",                                   "task_list",       "user", with(json!({"task_id": ""}))),
        ("task show T001",                              "task_list",       "user", with(json!({"task_id": "T001"}))),
        ("task add build --goal g --step one --step two --assignee a", "context_sync", "user",
            with(json!({"ops": [{"op": "task.create", "name": "build", "goal": "g", "steps": [{"name": "one"}, {"name": "two"}], "assignee": "a", "milestone_id": null}]}))),
        ("task move T001 done",                         "context_sync",    "user", with(json!({"ops": [{"op": "task.move", "task_id": "T001", "status": "done"}]}))),
        ("task step T001 S1 in_progress",               "context_sync",    "user", with(json!({"ops": [{"op": "task.update", "task_id": "T001", "step_id": "S1", "step_status": "in_progress"}]}))),
        ("note add 'mind the gap'",                     "context_sync",    "user", with(json!({"ops": [{"op": "note.add", "content": "mind the gap"}]}))),
        ("note remove N001",                            "context_sync",    "user", with(json!({"ops": [{"op": "note.remove", "note_id": "N001"}]}))),
        ("prompt --actor-id a",                         "actor_preamble_get", "user", with(json!({"actor_id": "a"}))),
        ("guidance show",                               "group_prompt_get", "user", with(json!({"kind": "help"}))),
        ("guidance set preamble ours",                  "group_prompt_set", "user", with(json!({"kind": "preamble", "content": "ours"}))),
        ("guidance reset help --by lead",               "group_prompt_reset", "lead", with(json!({"kind": "help", "confirm": "help"}))),
        ("principals",                                  "principals_get",  "user", json!({})),
        ("principals strict",                           "principals_set",  "user", json!({"strict": true})),
        ("web token add desk",                          "web_token_add",   "user", json!({"name": "desk", "role": "viewer"})),
        ("web token add desk --role member -g One --expires 2099-01-01T00:00:00Z", "web_token_add", "user", json!({"name": "desk", "role": "member", "group_id": "g_0123456789ab", "expires_at": "2099-01-01T00:00:00Z"})),
        ("web token list",                              "web_token_list",  "user", json!({})),
        ("web token revoke desk",                       "web_token_revoke", "user", json!({"token_id": "desk"})),
        ("principals claimed",                          "principals_set",  "user", json!({"strict": false})),
    ]
}

#[rustfmt::skip]
fn lines_of_the_rest() -> Vec<Line> {
    let g = with(json!({}));
    vec![
        // typed                                        op                 by       arguments
        ("im set slack --token xoxb --app-token-env APP", "im_config_set", "user", with(json!({"config": {"platform": "slack", "bot_token": "xoxb", "app_token_env": "APP"}}))),
        ("im set feishu --app-key-env K --app-secret-env S --domain lark", "im_config_set", "user",
            with(json!({"config": {"platform": "feishu", "feishu_app_id_env": "K", "feishu_app_secret_env": "S", "feishu_domain": "lark"}}))),
        ("im unset",                                    "im_config_unset", "user", g.clone()),
        ("im config",                                   "im_config_get",   "user", g.clone()),
        ("im bind --key k1 --by lead",                  "im_bind_chat",    "lead", with(json!({"key": "k1"}))),
        ("im pending",                                  "im_list_pending", "user", g.clone()),
        ("im reject --key k1",                          "im_reject_pending", "user", with(json!({"key": "k1"}))),
        ("im authorized",                               "im_list_authorized", "user", g.clone()),
        ("im revoke --chat-id -100 --thread-id 7",      "im_revoke_chat",  "user", with(json!({"chat_id": "-100", "thread_id": 7}))),
        ("im chat --chat-id c --verbose no",            "im_chat_set",     "user", with(json!({"chat_id": "c", "thread_id": 0, "verbose": false, "subscribed": null}))),
        ("automation show -g two",                      "group_automation_state", "user", json!({"group_id": OTHER})),
        ("automation add tea --every 2h --to a --to b --message Tea? --priority LOW", "group_automation_manage", "user",
            with(json!({"actions": [{"type": "create_rule", "rule": {"id": "tea", "to": ["a", "b"], "scope": "group", "owner_actor_id": null,
                "trigger": {"kind": "interval", "every_seconds": 7200},
                "action": {"kind": "notify", "title": "", "message": "Tea?", "snippet_ref": null, "priority": "low", "requires_ack": false}}}]}))),
        ("automation add own --cron '0 9 * * 1' --timezone Europe/Berlin --snippet s --owner a --ack --by a", "group_automation_manage", "a",
            with(json!({"actions": [{"type": "create_rule", "rule": {"id": "own", "to": ["@foreman"], "scope": "personal", "owner_actor_id": "a",
                "trigger": {"kind": "cron", "cron": "0 9 * * 1", "timezone": "Europe/Berlin"},
                "action": {"kind": "notify", "title": "", "message": "", "snippet_ref": "s", "priority": "high", "requires_ack": true}}}]}))),
        ("automation enable r",                         "group_automation_manage", "user", with(json!({"actions": [{"type": "set_rule_enabled", "rule_id": "r", "enabled": true}]}))),
        ("automation disable r",                        "group_automation_manage", "user", with(json!({"actions": [{"type": "set_rule_enabled", "rule_id": "r", "enabled": false}]}))),
        ("automation remove r",                         "group_automation_manage", "user", with(json!({"actions": [{"type": "delete_rule", "rule_id": "r"}]}))),
        ("automation set '{\"rules\": []}'",            "group_automation_update", "user", with(json!({"ruleset": {"rules": []}, "expected_version": null}))),
        ("automation reset --by lead",                  "group_automation_reset_baseline", "lead", g.clone()),
        ("template export",                             "group_template_export", "user", g.clone()),
        ("template preview /dev/null",                  "group_template_preview", "user", with(json!({"template": ""}))),
        ("template import /dev/null --confirm g_1 --by lead", "group_template_import_replace", "lead", with(json!({"confirm": "g_1", "template": ""}))),
        ("template create /dev/null /usr --title T --topic x", "group_create_from_template", "user",
            json!({"path": "/usr", "template": "", "title": "T", "topic": "x"})),
        ("tail -n 7",                                   "ledger_window",   "user", with(json!({"event_id": "", "after": 0}))),
        ("show 0198c0ffee007000800000000a1b2c3d",       "ledger_window",   "user", with(json!({"event_id": EVENT, "before": 0, "after": 2000}))),
        ("terminal tail a --max-chars 9 --whole",       "terminal_tail",   "user", with(json!({"actor_id": "a", "max_chars": 9, "strip_ansi": true, "compact": false}))),
        ("call send '{\"group_id\": \"g_1\", \"text\": \"t\", \"by\": \"a\"}'", "send", "a", json!({"group_id": "g_1", "text": "t"})),
        ("profile list",                                "actor_profile_list", "user", json!({})),
        ("profile show p",                              "actor_profile_get", "user", json!({"profile_id": "p"})),
        ("profile set p --name N --runtime custom --command \"sh -c 'a b'\" --submit none --runner headless --revision 2", "actor_profile_upsert", "user",
            json!({"profile": {"id": "p", "name": "N", "runtime": "custom", "command": ["sh", "-c", "a b"], "submit": "none", "runner": "headless"}, "expected_revision": 2})),
        ("profile set p",                               "actor_profile_upsert", "user", json!({"profile": {"id": "p"}, "expected_revision": null})),
        ("profile delete p --force-detach",             "actor_profile_delete", "user", json!({"profile_id": "p", "force_detach": true})),
        ("profile secrets p --keys",                    "actor_profile_secret_keys", "user", json!({"profile_id": "p"})),
        ("profile secrets p --set K=V --unset B --clear", "actor_profile_secret_update", "user", json!({"profile_id": "p", "set": {"K": "V"}, "unset": ["B"], "clear": true})),
        ("profile secrets p --from-actor a -g two",     "actor_profile_secret_copy_from_actor", "user", json!({"profile_id": "p", "group_id": OTHER, "actor_id": "a"})),
        ("profile secrets p --from-profile q",          "actor_profile_secret_copy_from_profile", "user", json!({"profile_id": "p", "source_profile_id": "q"})),
        ("actor add a --profile p",                     "actor_add",       "user", with(json!({"actor_id": "a", "profile_id": "p"}))),
        ("actor update a --profile p",                  "actor_update",    "user", with(json!({"actor_id": "a", "profile_id": "p", "patch": null}))),
        ("actor update a --no-profile --title T",       "actor_update",    "user", with(json!({"profile_action": "convert_to_custom", "patch": {"title": "T"}}))),
        ("search Plan --from a --to @all --kind chat --since 2026-01-13T12:00:00Z -n 7", "ledger_search", "user",
            with(json!({"text": "Plan", "sender": "a", "recipient": "@all", "kind": "chat", "since": "2026-01-13T12:00:00Z", "limit": 7}))),
        ("call message_statuses '{\"event_ids\": [\"e\"]}'", "message_statuses", "user", json!({"event_ids": ["e"]})),
        ("blob get state/blobs/x",                      "blob_read",       "user", with(json!({"path": "state/blobs/x", "offset": 0}))),
        ("blob put Cargo.toml --by a",                  "blob_upload",     "a",    with(json!({"name": "Cargo.toml", "offset": 0, "content": ""}))),
        ("send --attach Cargo.toml --by a",             "blob_upload",     "a",    with(json!({"name": "Cargo.toml", "mime_type": ""}))),
        ("send hi --dst-group two --to a",              "send_cross_group", "user", with(json!({"dst_group_id": OTHER, "text": "hi", "to": ["a"]}))),
        ("ledger snapshot --by a",                      "ledger_snapshot", "a",    with(json!({"reason": "manual"}))),
        ("ledger compact --force",                      "ledger_compact",  "user", with(json!({"reason": "", "force": true}))),
        ("terminal release a",                          "terminal_release", "user", with(json!({"actor_id": "a"}))),
        ("terminal clear a",                            "terminal_clear",  "user", with(json!({"actor_id": "a"}))),
        ("call ledger_range '{\"after_seq\": 3}'",      "ledger_range",    "user", json!({"after_seq": 3})),
        ("call session_record '{\"phase\": \"started\", \"generation\": 1}'", "session_record", "system", json!({"generation": 1})),
    ]
}

#[test]
fn every_line_asks_for_what_it_says() {
    let world = World::new();
    for (line, op, by, args) in lines() {
        let (failure, last) = world.type_line(line, op);
        let refused = matches!(&failure, Some(Failure::Refused(error)) if error.message == "written down");
        assert!(refused, "{line}: {failure:?}, last asked {last:?}");
        let (asked_op, asked_by, asked) = last.expect("something was asked");
        assert_eq!((asked_op.as_str(), asked_by.as_str()), (op, by), "{line}");
        for (key, wanted) in args.as_object().unwrap() {
            assert_eq!(&asked[key], wanted, "{line}: {key}");
        }
    }
}

/// What the door serves itself is asked of a door, which is not here; the tests with real processes do.
#[test]
fn every_op_can_be_asked_for() {
    let world = World::new();
    for row in op::TABLE.iter().filter(|row| row.server != op::Server::Door) {
        let (failure, last) = world.type_line(&format!("call {}", row.name), row.name);
        let (asked, by, _) = last.unwrap_or_else(|| panic!("{}: {failure:?}", row.name));
        assert_eq!((asked.as_str(), by.as_str()), (row.name, row.speaker));
    }
}

#[test]
fn a_line_that_makes_no_sense_asks_for_nothing() {
    let world = World::new();
    #[rustfmt::skip]
    let lines = [
        "nonsense", "attach /no/such/folder", "attach /etc/passwd", "send", "reply 0a1b2c3d", "group", "group delete", "group delete --confirm g_000000000002 -g One",
        "group reset", "group reset --confirm g_000000000002 -g One",
        "group set-state sleeping", "group update", "group settings a", "actor add a --env K", "actor add a --env =V",
        "actor add a --runtime clawd", "actor add a --command \"sh -c 'open\"", "actor update a", "actor update a --enabled 2",
        "actor update a --env K=V --no-env", "inbox --limit x", "inbox --kind-filter some", "read", "read 0a1b2c3d --all",
        "tail -n x", "call ping '[]'", "call ping 7", "call nonsense", "call term_attach '{\"actor_id\": \"a\"}'",
        "send --too", "send --too a hi", "send x --too a", "reply 0a1b2c3d --typo",
        "send x --priority urgent", "notify t --kind party", "attach-terminal a", "demo --seconds 0", "completions klingon",
        "man no such command", "web --port x", "web --mode open", "web token", "web token add", "web token add x --role king", "reply 0a1b done", "task move T001 flying", "task step T001 S1", "note", "context vision",
        "automation add r --message x", "automation add r --every 1w --message x", "automation add r --every 5m",
        "automation add r --every 5m --cron '* * * * *' --message x", "automation add r --at x --timezone UTC --message x", "automation set '{'",
        "template import /dev/null", "template preview /no/such/file", "template create /dev/null /no/such/folder",
        "profile", "profile set", "profile secrets p --from-actor a --from-profile q", "profile secrets p --from-actor a --keys",
        "actor update a --profile p --no-profile",
    ];
    for line in lines {
        let (failure, last) = world.type_line(line, "");
        assert!(failure.is_some(), "{line} was accepted");
        let harmless = ["groups", "active_get", "group_show"];
        assert!(last.is_none_or(|(op, _, _)| harmless.contains(&op.as_str())), "{line} asked for something");
    }
}

#[test]
fn a_file_that_is_refused_is_not_made() {
    let world = World::new();
    let file = world.client.home().root().join("fetched");
    let (failure, _) = world.type_line(&format!("blob get state/blobs/x -o {}", file.display()), "blob_read");
    assert!(matches!(failure, Some(Failure::Refused(_))), "{failure:?}");
    assert!(!file.exists());
}

#[test]
fn an_event_that_nothing_names_is_refused_before_anything_is_written() {
    let world = World::new();
    let (failure, last) = world.type_line("reply ffffffff done", "reply");
    assert!(matches!(failure, Some(Failure::Refused(error)) if error.code == Code::EventNotFound));
    assert_eq!(last.unwrap().0, "ledger_window");
}

#[test]
fn what_an_answer_suggests_names_the_group_as_it_was_named() {
    #[rustfmt::skip]
    let cases = [
        ("actor list",               ""),
        ("actor list -g two",        " -g two"),
        ("send x --group 'My team'", " -g 'My team'"),
        ("group show Two",           " -g Two"),
    ];
    for (line, place) in cases {
        let world = World::new();
        world.type_line(line, "");
        assert_eq!(world.client.place(), place, "{line}");
    }
}

#[test]
fn nothing_is_started_where_nothing_runs_and_nothing_may_be_started() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let client = Client::new(Some(&home), Output::Text, false).unwrap();
    let cli = Cli::try_parse_from(["cccc", "send", "x", "-g", GROUP]).unwrap();
    let failure = run(&client, cli.command, Cli::command).unwrap_err();
    assert!(matches!(failure, Failure::Refused(error) if error.code == Code::DaemonUnavailable));
    assert!(!home.exists());
    assert!(id::is_group(GROUP));
}

#[test]
fn the_commands_fit_together() {
    Cli::command().debug_assert();
}

#[test]
fn the_flag_or_the_environment_asks_for_json() {
    #[rustfmt::skip]
    let cases = [
        // flag   CCCC_OUTPUT      shown as
        (false,   None,            Output::Text),
        (true,    None,            Output::Json),
        (false,   Some("json"),    Output::Json),
        (false,   Some(" JSON "),  Output::Json),
        (false,   Some("text"),    Output::Text),
        (true,    Some("text"),    Output::Json),
    ];
    for (flag, variable, wanted) in cases {
        assert_eq!(Output::choose(flag, variable), wanted, "{flag} {variable:?}");
    }
}
