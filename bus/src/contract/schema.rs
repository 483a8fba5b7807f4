//! JSON Schema (2020-12) of every op and every kind of event, made from their types: what a client that sends what it
//! should can send, and what it gets.
//!
//! Arguments are read [leniently](super::lenient), and unknown ones are ignored; a schema tells how they are meant. Nothing
//! on the way of a request asks for a schema, so no daemon has the code in it.

use super::op::{Row, TABLE};
use super::{Code, OpError, event};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// How the schema of a type is made; the types that it uses stay with the generator.
pub(super) type Describe = fn(&mut SchemaGenerator) -> Schema;

/// What an op takes and what it gives. Both stand on their own: the types that they use are in their `$defs`.
#[derive(Debug, Clone, PartialEq)]
pub struct OpSchema {
    /// Its arguments, without those of [`Common`].
    pub args: Schema,
    /// What it is answered with: `result` of a line.
    pub answer: Schema,
}

/// Arguments that every op takes besides its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Common {
    /// who speaks; a claim, unless a token proves it
    pub by: String,
    /// proves the actor it was given to (`CCCC_ACTOR_TOKEN`)
    pub token: String,
    /// the client's own name for a request that writes: the same id twice writes once
    pub request_id: String,
}

/// Schema of an op, of [`Row::schema`].
pub(super) fn of(row: &Row, args: Describe, answer: Describe) -> OpSchema {
    let args = alone(asked("/$defs"), |generator| arguments(row, args, generator));
    OpSchema { args, answer: alone(told("/$defs"), answer) }
}

/// Schema of the `data` of a kind of event; `None` for a kind that we do not know.
pub fn event(kind: &str) -> Option<Schema> {
    event::describe(kind).map(|describe| alone(told("/$defs"), describe))
}

/// Everything in one document: `ops` with the `args` and the `answer` of each, `events` with the `data` of each kind,
/// `common` arguments, and the `error` of a refused request. Types that several use are in `$defs`: as they are `asked`
/// and as they are `told`.
pub fn document() -> Value {
    let (mut asked, mut told) = (asked("/$defs/asked"), told("/$defs/told"));
    let ops: Map<_, _> = TABLE
        .iter()
        .map(|row| {
            let (args, answer) = row.describe();
            let both = json!({"args": arguments(row, args, &mut asked), "answer": answer(&mut told)});
            (row.name.to_owned(), both)
        })
        .collect();
    let events: Map<_, _> = event::KINDS
        .iter()
        .map(|kind| {
            let describe = event::describe(kind).expect("a kind of the table");
            ((*kind).to_owned(), describe(&mut told).to_value())
        })
        .collect();
    let mut document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Ops and events",
        "ops": ops,
        "events": events,
        "common": Common::json_schema(&mut asked),
        "error": OpError::json_schema(&mut told),
        "$defs": {"asked": asked.take_definitions(true), "told": told.take_definitions(true)},
    });
    plain(&mut document);
    document
}

/// What every code of a refusal means, in the order of the table.
pub fn codes() -> Vec<(Code, String)> {
    let mut schema = Code::json_schema(&mut told("/$defs")).to_value();
    plain(&mut schema);
    let rows = schema["oneOf"].as_array().into_iter().flatten();
    let means = rows.map(|row| row["description"].as_str().unwrap_or_default().to_owned());
    Code::ALL.iter().copied().zip(means).collect()
}

/// One of several kinds of objects: a type with the field that tells it from the others.
pub(super) fn tagged<T: JsonSchema>(generator: &mut SchemaGenerator, tag: &str, word: &str) -> Schema {
    let mut schema = T::json_schema(generator);
    let object = schema.ensure_object();
    object.entry("properties").or_insert_with(|| json!({}))[tag] = json!({"const": word});
    let required = object.entry("required").or_insert_with(|| json!([]));
    required.as_array_mut().expect("a list of names").insert(0, tag.into());
    schema
}

/// Makes schemas of what clients send.
fn asked(definitions: &'static str) -> SchemaGenerator {
    settings(definitions).for_deserialize().into_generator()
}

/// Makes schemas of what clients get.
fn told(definitions: &'static str) -> SchemaGenerator {
    settings(definitions).for_serialize().into_generator()
}

fn settings(definitions: &'static str) -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = definitions.into())
}

/// The schema of an op's arguments says what the op is for, and what its type adds to that.
fn arguments(row: &Row, describe: Describe, generator: &mut SchemaGenerator) -> Schema {
    let mut schema = describe(generator);
    let own = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let more = own.strip_prefix(&format!("`{}`", row.name)).unwrap_or_default().trim_start_matches([':', '.']).trim();
    let (first, rest) = more.split_at(more.chars().next().map_or(0, char::len_utf8));
    let description = format!("{}\n\n{}{rest}", row.doc.trim(), first.to_uppercase());
    schema.insert("description".into(), description.trim().into());
    schema
}

fn alone(mut generator: SchemaGenerator, describe: impl FnOnce(&mut SchemaGenerator) -> Schema) -> Schema {
    let mut schema = describe(&mut generator).to_value();
    let definitions = generator.take_definitions(true);
    if !definitions.is_empty() {
        schema["$defs"] = definitions.into();
    }
    plain(&mut schema);
    Schema::try_from(schema).expect("a schema is an object")
}

/// Takes out of all sentences what is for readers of the source: links, and where lines end.
fn plain(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if name == "description" => *text = sentences(text),
                    other => plain(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}

fn sentences(doc: &str) -> String {
    let paragraphs = doc.split("\n\n").map(|lines| lines.lines().map(str::trim).collect::<Vec<_>>().join(" "));
    linkless(&paragraphs.map(|text| text.trim().to_owned()).collect::<Vec<_>>().join("\n\n"))
}

/// A sentence without the brackets and paths that lead through the source.
fn linkless(doc: &str) -> String {
    let (mut text, mut rest) = (String::new(), doc);
    while let Some((before, after)) = rest.split_once("[`") {
        let Some((link, after)) = after.split_once("`]") else { break };
        write!(text, "{before}`{}`", link.rsplit("::").next().unwrap_or(link)).expect("memory takes it");
        rest = after;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_for_readers_of_the_schema() {
        #[rustfmt::skip]
        let cases = [
            ("How many, see [`crate::contract::limit::MAX`].\nOr all.", "How many, see `MAX`. Or all."),
            ("One.\n\nTwo,\nthree.",                                    "One.\n\nTwo, three."),
            ("A list [`of`",                                            "A list [`of`"),
        ];
        for (doc, wanted) in cases {
            assert_eq!(sentences(doc), wanted);
        }
    }

    #[test]
    fn every_op_and_every_kind_stands_on_its_own() {
        let whole = TABLE.iter().flat_map(|row| [row.schema().args, row.schema().answer]);
        for schema in whole.chain(event::KINDS.iter().map(|kind| event(kind).expect("a kind of the table"))) {
            let text = schema.as_value().to_string();
            for name in text.split("#/$defs/").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(schema.pointer(&format!("/$defs/{name}")).is_some(), "{name} in {text}");
            }
        }
        assert!(event("x.other").is_none());
    }

    /// Two types of one name would be told apart by a number, which changes its owner with the order of the table.
    #[test]
    fn every_shared_type_has_a_name_of_its_own() {
        for side in document()["$defs"].as_object().expect("two sides").values() {
            let numbered = |name: &&String| name.ends_with(|last: char| last.is_ascii_digit());
            let names: Vec<_> = side.as_object().expect("types").keys().filter(numbered).collect();
            assert!(names.is_empty(), "{names:?}");
        }
    }

    #[test]
    fn every_code_has_its_sentence() {
        assert_eq!(codes().len(), Code::ALL.len());
        assert_eq!(codes()[1], (Code::UnknownOp, "No such op.".into()));
    }
}
