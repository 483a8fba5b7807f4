//! What the door refuses, itself or after having asked others, is what its ops declare. The same of the daemons is
//! tested in their own rooms.

use bus::contract::op::{self, Server};
use bus::contract::refusal::GROUP;
use bus::contract::{Code, limit};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use tests::Stack;

/// What only turns out when others touch a file while it is sent.
const RACES: [(&str, Code); 2] = [("send_files", Code::InvalidBlob), ("send_files", Code::UploadOutOfStep)];

#[test]
fn each_refusal_has_its_example() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&["a"]);
    stack.ask("actor_add", &json!({"group_id": group_id, "actor_id": "off", "runtime": "custom", "command": ["cat"]}));
    stack.ask("actor_stop", &json!({"group_id": group_id, "actor_id": "off"}));
    stack
        .ask("actor_add", &json!({"group_id": group_id, "actor_id": "bot", "runner": "headless", "runtime": "custom"}));
    fs::write(stack.work().join("file"), "content").expect("a file");
    let long = "x".repeat(limit::INSIGHT_CHARS_MAX + 1);
    let end = |more: Value| {
        let mut args = json!({"op": "end", "stream_id": "s", "text": "x"});
        args.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        args
    };
    #[rustfmt::skip]
    let examples = [
        ("events_stream", "missing_group_id",      json!({"group_id": ""})),
        ("events_stream", "group_not_found",       json!({"group_id": "g_000000000000"})),
        ("events_stream", "invalid_kinds",         json!({"kinds": ["weather"]})),
        ("events_stream", "unknown_actor",         json!({"by": "stranger"})),
        ("send_files",    "missing_group_id",      json!({"group_id": "", "paths": ["file"]})),
        ("send_files",    "group_not_found",       json!({"group_id": "g_000000000000", "paths": ["file"]})),
        ("send_files",    "invalid_path",          json!({"paths": ["gone"]})),
        ("send_files",    "scope_not_attached",    json!({"paths": ["/etc/hostname"]})),
        ("send_files",    "invalid_recipient",     json!({"paths": ["file"], "to": ["nobody"]})),
        ("send_files",    "no_enabled_recipients", json!({"paths": ["file"], "by": "a"})),
        ("send_files",    "invalid_insight",       json!({"paths": ["file"], "to": ["a"], "insight": long})),
        ("stream_emit",   "missing_group_id",      end(json!({"group_id": ""}))),
        ("stream_emit",   "group_not_found",       end(json!({"group_id": "g_000000000000"}))),
        ("stream_emit",   "event_not_found",       end(json!({"reply_to": "gone"}))),
        ("stream_emit",   "empty_message",         end(json!({"text": " "}))),
        ("stream_emit",   "invalid_recipient",     end(json!({"to": ["nobody"]}))),
        ("stream_emit",   "no_enabled_recipients", end(json!({"by": "a"}))),
        ("term_attach",   "missing_group_id",      json!({"group_id": "", "actor_id": "a"})),
        ("term_attach",   "missing_actor_id",      json!({})),
        ("term_attach",   "actor_not_running",     json!({"actor_id": "off"})),
    ];
    let mut shown = BTreeSet::new();
    for (op, code, mut args) in examples {
        if args.get("group_id").is_none() {
            args["group_id"] = json!(group_id);
        }
        assert_eq!(stack.client().refused(op, &args).code, code, "{op} {args}");
        assert!(shown.insert((op, code)), "{op} has two examples of {code}");
    }
    let declared = op::TABLE.iter().filter(|row| row.server == Server::Door).flat_map(|row| {
        let of_its_group = row.common_refusals().filter(|code| GROUP.contains(code));
        row.refusals.iter().copied().chain(of_its_group).map(|code| (row.name, code))
    });
    let wanted = declared.filter(|pair| !RACES.contains(pair)).map(|(name, code)| (name, code.word()));
    assert_eq!(shown, wanted.collect());
}
