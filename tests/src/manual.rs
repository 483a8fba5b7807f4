//! The reference manual of the ops, `docs/ops.md`, and the schemas that it is written from, `docs/schema.json`.

use crate::schema::document;
use crate::schema::order::Orders;
use bus::contract::event::KINDS;
use bus::contract::links::LINKS;
use bus::contract::op::{About, Access, Row, Server, TABLE, Who};
use bus::contract::{Code, refusal, schema};
use serde_json::{Map, Value};
use std::fmt::Write as _;

const INTRODUCTION: &str = "# Ops

Everything that can be asked, over the client socket (one JSON object per line: `{\"op\": …, \"args\": {…}}`) or with
`cccc call <op> '<args>'`. Written from the contract (`bus/src/contract/op/`) by `make docs`; do not edit it by hand. The
same is in [schema.json](schema.json) as JSON Schema. What is in `backticks` under *Takes* and *Is* is a [type](#types).

Unknown arguments are ignored. Besides its own, every op takes these:

";

/// The whole manual.
pub fn ops() -> String {
    let manual = Manual { orders: Orders::of_the_contract() };
    let mut text = INTRODUCTION.to_owned();
    manual.fields(&mut text, "Argument", &document()["common"]);
    for row in TABLE {
        section(&mut text, row);
        manual.fields(&mut text, "Argument", &document()["ops"][row.name]["args"]);
        manual.fields(&mut text, "Answer", &document()["ops"][row.name]["answer"]);
        let own = codes(row.refusals);
        if !own.is_empty() {
            write!(text, "Refused, besides what is [common](#refusals), with: {own}.\n\n").expect("memory takes it");
        }
    }
    refusals(&mut text);
    text.push_str("\n# Types\n\nWhat is in arguments and answers.\n\n");
    let told = document()["$defs"]["told"].as_object().into_iter().flatten();
    let asked = document()["$defs"]["asked"].as_object().into_iter().flatten();
    let mut types: Map<String, Value> = asked.map(|(name, schema)| (name.clone(), schema.clone())).collect();
    types.extend(told.map(|(name, schema)| (name.clone(), schema.clone())));
    for (name, schema) in &types {
        manual.entry(&mut text, name, schema);
    }
    text.push_str("# Events\n\nWhat the `data` of an event is, by its `kind`.\n\n");
    for kind in KINDS {
        manual.entry(&mut text, kind, &document()["events"][kind]);
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

/// The document of all schemas: a line for each op, each kind of event and each type, so that a change is seen where it is.
pub fn schemas() -> String {
    let mut text = String::new();
    lines(&mut text, document(), 0);
    text + "\n"
}

/// The objects down to what is a schema by itself are written one field per line.
fn lines(text: &mut String, value: &Value, depth: usize) {
    let is_folder = |fields: &&Map<String, Value>| {
        depth < 3 && fields.values().all(|field| field.is_object() || depth == 0) && !fields.contains_key("properties")
    };
    match value.as_object().filter(is_folder) {
        None => text.push_str(&value.to_string()),
        Some(fields) => {
            text.push_str("{\n");
            for (at, (name, field)) in fields.iter().enumerate() {
                write!(text, "{:depth$}{}: ", "", Value::from(name.as_str()), depth = depth + 1)
                    .expect("memory takes it");
                lines(text, field, depth + 1);
                text.push_str(if at + 1 < fields.len() { ",\n" } else { "\n" });
            }
            write!(text, "{:depth$}}}", "").expect("memory takes it");
        }
    }
}

fn section(text: &mut String, row: &Row) {
    let access = match row.access {
        Access::Read => "reads",
        Access::Write => "writes",
        Access::Store => "stores files",
    };
    let server = match row.server {
        Server::Ledger => "ledgerd",
        Server::Pty => "ptyd",
        Server::Look => "ledgerd, by way of ptyd",
        Server::Door => "the door",
    };
    let about = match row.about {
        About::Group => "a group",
        About::AnyGroup => "a group, if one is named",
        About::TwoGroups => "two groups",
        About::Session => "what runs in a group",
        About::Home => "the home",
    };
    let (speaker, doc) = (row.speaker, sentence(&document()["ops"][row.name]["args"]));
    let owner = LINKS.iter().find(|link| link.alone.contains(&row.name));
    let alone = owner.map(|owner| format!(", which only {} may ask", owner.asks.name())).unwrap_or_default();
    write!(
        text,
        "## `{}`\n\n{doc}\n\n*{access}, about {about}, served by {server}{alone}; without `by`, `{speaker}` speaks*\n\n\
         Who may ask: {}.\n\n",
        row.name,
        who(row)
    )
    .expect("memory takes it");
}

/// Who may ask, and what others are told if it is not the usual.
fn who(row: &Row) -> String {
    let who = match row.who {
        Who::Anybody => "everybody",
        Who::Member => "the user, and the actors of the group",
        Who::Foreman if row.about == About::AnyGroup => "the user, and the foreman of the group that is named",
        Who::Foreman => "the user, and the foreman",
        Who::ForemanOrItself => "the user, the foreman, and an actor about itself",
        Who::Headless => "the user, the foreman, and a headless actor about itself",
        Who::ForemanOrDaemon => "the user, the foreman, and the daemons of cccc, whoever has asked them",
        Who::UserOrAllowedForeman => "the user, and the foreman where `allow_agent_bind` is set",
        Who::User => "the user",
        Who::UserToChange => "everybody who only looks, and the user, who has something changed",
        Who::UserOrItself => "the user, and an actor about itself",
        Who::Itself => "everybody about itself",
        Who::Sender => "the user, and whoever has sent the message",
        Who::Viewer => {
            "the user, an actor about itself, and others as far as `terminal_transcript_visibility` lets them"
        }
        Who::Daemon => "the daemons of cccc, whoever has asked them",
        Who::System => "the daemons of cccc, for themselves",
    };
    match row.denied {
        Code::PermissionDenied => who.to_owned(),
        denied => format!("{who}; others are refused with `{}`", denied.word()),
    }
}

fn codes(codes: &[Code]) -> String {
    codes.iter().map(|code| format!("`{}`", code.word())).collect::<Vec<_>>().join(", ")
}

/// What a schema says of itself.
fn sentence(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or_default()
}

struct Manual {
    orders: Orders,
}

impl Manual {
    /// A type or a kind of event: its fields, its words, or each of its kinds.
    fn entry(&self, text: &mut String, name: &str, schema: &Value) {
        write!(text, "## `{name}`\n\n{}\n\n", sentence(schema)).expect("memory takes it");
        let kinds = schema["oneOf"].as_array().map_or(&[][..], Vec::as_slice);
        let words: Vec<_> = kinds.iter().filter_map(|kind| Some((kind["const"].as_str()?, sentence(kind)))).collect();
        if words.is_empty() {
            self.fields(text, "Field", schema);
            for kind in kinds {
                self.fields(text, "Field", kind);
            }
            return;
        }
        text.push_str("| Word | Means |\n|---|---|\n");
        for (word, means) in words {
            writeln!(text, "| `{word}` | {} |", cell(means)).expect("memory takes it");
        }
        text.push('\n');
    }

    fn fields(&self, text: &mut String, title: &str, schema: &Value) {
        let Some(fields) = schema["properties"].as_object().filter(|fields| !fields.is_empty()) else { return };
        write!(text, "| {title} | {} | Means |\n|---|---|---|\n", if title == "Argument" { "Takes" } else { "Is" })
            .expect("memory takes it");
        for name in self.orders.sort(fields.keys()) {
            let field = &fields[&name];
            // The field that tells one kind of several from the others stands for all of it.
            let means = if sentence(field).is_empty() { schema } else { field };
            writeln!(text, "| `{name}` | {} | {} |", cell(&kind(field)), cell(sentence(means)))
                .expect("memory takes it");
        }
        text.push('\n');
    }
}

/// A sentence that fits into a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace("\n\n", " ")
}

/// A type in the words of a client.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return format!("`{}`", reference.rsplit('/').next().unwrap_or(reference));
    }
    if let Some(value) = schema.get("const") {
        return format!("always `{}`", value.as_str().map_or(value.to_string(), str::to_owned));
    }
    let words = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let words: Vec<_> = words.filter(|word| !word.is_empty()).map(|word| format!("\"{word}\"")).collect();
    let kinds = schema["type"].as_array().map_or(std::slice::from_ref(&schema["type"]), Vec::as_slice);
    let mut names: Vec<_> = kinds
        .iter()
        .filter_map(Value::as_str)
        .map(|name| match name {
            "string" if !words.is_empty() => words.join(", "),
            "string" => "text".into(),
            "boolean" => "true or false".into(),
            "integer" => "number".into(),
            "number" => "fraction".into(),
            "array" => format!("list of {}", item(schema)),
            "object" if schema["additionalProperties"].is_object() => {
                format!("object of {}", kind(&schema["additionalProperties"]))
            }
            other => other.to_owned(),
        })
        .collect();
    names.extend(schema["anyOf"].as_array().into_iter().flatten().map(kind));
    if names.is_empty() { "anything".into() } else { names.join(" or ") }
}

fn item(schema: &Value) -> String {
    match schema["prefixItems"].as_array() {
        Some(items) => items.iter().map(kind).collect::<Vec<_>>().join(" and "),
        None => kind(&schema["items"]),
    }
}

/// The codes of refusals with what they mean, and those that are common to many ops.
fn refusals(text: &mut String) {
    text.push_str(
        "# Refusals\n\nA refused request has `ok: false` and an error with one of these codes, a sentence for people, and \
         details for programs. Asking again later with the same `request_id` is safe where it says so. Whether somebody may \
         ask at all is said before anything about the arguments is.\n\n\
         | An op that | may be refused with |\n|---|---|\n",
    );
    let common = [
        ("is asked", refusal::ANY),
        ("writes", refusal::WRITE),
        ("stores files", refusal::STORE),
        ("is about a group", refusal::GROUP),
    ];
    for (which, common) in common {
        writeln!(text, "| {which} | {} |", codes(common)).expect("memory takes it");
    }
    text.push_str("\n| Code | Means | Again later |\n|---|---|---|\n");
    for (code, means) in schema::codes() {
        let again = if code.is_retryable() { "yes" } else { "no" };
        writeln!(text, "| `{}` | {means} | {again} |", code.word()).expect("memory takes it");
    }
}
