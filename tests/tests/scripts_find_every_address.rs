//! Every address that is described answers, in one envelope; and what only reads changes nothing, whoever asks how.

use serde_json::{Map, Value, json};
use std::path::Path;
use tests::http::{self, HttpAnswer};
use tests::{Stack, until};

/// Addresses that go on for ever, become something else, give a file, or end everything.
const APART: [&str; 8] = [
    "/api/v1/groups/{group_id}/ledger/stream",
    "/api/v1/events/stream",
    "/api/v1/groups/{group_id}/actors/{actor_id}/term",
    "/api/openapi.json",
    "/api/v1/call/shutdown",
    "/api/v1/call/events_stream",
    "/api/v1/call/term_attach",
    "/api/v1/call/stream_emit",
];

/// Fixed arguments, so that an address finds what it is about.
struct Place {
    group_id: String,
    event_id: String,
    scope_key: String,
}

impl Place {
    fn value(&self, name: &str) -> &str {
        match name {
            "group_id" => &self.group_id,
            "event_id" => &self.event_id,
            "scope_key" => &self.scope_key,
            "actor_id" => "lead",
            "kind" => "help",
            "op" => "ping",
            _ => "none",
        }
    }

    fn path(&self, described: &str) -> String {
        let part = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => self.value(name).to_owned(),
            None => part.to_owned(),
        };
        described.split('/').map(part).collect::<Vec<_>>().join("/")
    }
}

fn place(stack: &Stack, agents: &[&str]) -> Place {
    let (group_id, _) = stack.group(agents);
    let sent = stack.ask("send", &json!({"group_id": group_id, "text": "hello", "to": ["user"]}));
    let shown = stack.ask("group_show", &json!({"group_id": group_id}));
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    Place { event_id: text(&sent["event"]["id"]), scope_key: text(&shown["group"]["active_scope_key"]), group_id }
}

/// Method and address of everything that is described and can be asked once.
fn addresses() -> Vec<(String, String)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let described: Value = serde_json::from_slice(&std::fs::read(file).expect("docs/openapi.json")).expect("JSON");
    let paths: &Map<String, Value> = described["paths"].as_object().expect("paths");
    let of = |(path, methods): (&String, &Value)| -> Vec<(String, String)> {
        let methods = methods.as_object().expect("methods").keys();
        methods.map(|method| (method.to_uppercase(), path.clone())).collect()
    };
    paths.iter().filter(|(path, _)| !APART.contains(&path.as_str())).flat_map(of).collect()
}

fn ask(port: u16, method: &str, path: &str, args: &Value) -> HttpAnswer {
    let body = if method == "GET" { String::new() } else { args.to_string() };
    http::request(port, &format!("{method} {path}"), &[("content-type", "application/json")], body.as_bytes())
        .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
}

#[test]
fn every_address_answers_in_one_envelope() {
    let stack = Stack::start();
    let place = place(&stack, &["lead"]);
    // What would end everything that the others ask about comes last.
    let (last, first): (Vec<_>, Vec<_>) = addresses().into_iter().partition(|(method, path)| {
        method == "DELETE" || path.contains("delete") || path.contains("reset") || path.contains("secret")
    });
    for (method, described) in first.iter().chain(&last) {
        let is_file = described.ends_with("/blobs/{name}");
        let told = ask(stack.web_port(), method, &place.path(described), &json!({"group_id": place.group_id}));
        let envelope: Value = serde_json::from_str(&told.body).unwrap_or_default();
        let is_form = envelope.is_null() && [400, 415].contains(&told.status);
        let is_address = told.status != 405 && envelope["error"]["code"] != "not_found";
        assert!(is_address && told.status < 500, "{method} {described}: {told:?}");
        assert!(is_form || is_file || envelope["v"] == 1, "{method} {described} has no envelope: {told:?}");
        assert_ne!(envelope["error"]["code"], "unknown_op", "{method} {described}");
        assert_eq!(envelope["ok"] == true, told.status < 300, "{method} {described}: {told:?}");
    }
}

#[test]
fn what_is_read_only_changes_nothing_by_any_address() {
    let stack = Stack::served(&[("CCCC_WEB_MODE", "exhibit")]);
    let place = place(&stack, &[]);
    until("webd is there", || http::connect(stack.web_port()).is_ok());
    let heads = || (stack.events(&place.group_id).len(), stack.ask("groups", &json!({}))["groups"].clone());
    let before = heads();
    for (method, described) in addresses() {
        let args = json!({"group_id": place.group_id, "actor_id": "lead", "text": "x", "state": "paused", "by": "user",
            "patch": {"title": "x", "min_interval_seconds": 1}, "title": "x", "path": "/", "confirm": place.group_id});
        let told = ask(stack.web_port(), &method, &place.path(&described), &args);
        assert!(told.status != 500, "{method} {described}: {told:?}");
    }
    assert_eq!(heads(), before, "something was written");
}
