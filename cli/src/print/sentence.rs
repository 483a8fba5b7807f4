//! Sentences with holes, and the fields of JSON that fill them: how a row of a table says what an answer or an event is.
//!
//! `{a.b}` is a field as text, a list with commas; `{a|nothing}` says `nothing` where it is empty. `{a:?}` is quoted,
//! `{a:#}` a short event id, `{a:=}` an object as `key = value`, without what is null.

use super::event_id::short;
use super::table::{Table, cell};
use super::{Page, Tone};
use serde_json::{Map, Value};

/// Fills the holes of a sentence. A field that is not there is empty.
pub fn fill(sentence: &str, fields: &Value) -> String {
    let (mut told, mut rest) = (String::new(), sentence);
    while let Some((before, after)) = rest.split_once('{') {
        let (hole, after) = after.split_once('}').expect("a hole ends");
        told += before;
        told += &filled(hole, fields);
        rest = after;
    }
    told + rest
}

fn filled(hole: &str, fields: &Value) -> String {
    let (hole, empty) = hole.split_once('|').unwrap_or((hole, ""));
    let (path, how) = hole.split_once(':').unwrap_or((hole, ""));
    let value = path.split('.').try_fold(fields, |value, name| value.get(name)).unwrap_or(&Value::Null);
    let text = match how {
        "?" => format!("{:?}", joined(value)),
        "#" => short(&joined(value)),
        "=" => value.as_object().map(pairs).unwrap_or_default(),
        _ => joined(value),
    };
    if text.is_empty() { empty.to_owned() } else { text }
}

/// A value in a sentence: a list has commas, null is nothing.
fn joined(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Array(list) => list.iter().map(joined).collect::<Vec<_>>().join(", "),
        value => text(value),
    }
}

/// A value in a cell: a text as it is, everything else as JSON.
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What is set, as `key = value`.
pub fn pairs(fields: &Map<String, Value>) -> String {
    let set: Vec<_> =
        fields.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| format!("{key} = {value}")).collect();
    set.join(", ")
}

/// An answer that has no sentence and no printer: its fields, one per line.
pub fn fields(page: &Page, answer: &Value) -> String {
    let rows = answer.as_object().into_iter().flatten();
    Table::of(rows.map(|(name, value)| [cell(Tone::Quiet, name), cell(Tone::Plain, joined(value))])).text(page, 0)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::print::tests::page;
    use serde_json::json;

    #[test]
    fn a_hole_is_filled_as_it_asks() {
        let fields = json!({"a": "x", "b": {"c": 7}, "list": ["p", "q"], "none": [], "id": "0000000012345678",
                            "patch": {"k": "v", "gone": null}});
        #[rustfmt::skip]
        let cases = [
            ("plain",                  "plain"),
            ("{a} and {b.c}!",         "x and 7!"),
            ("{a:?}",                  "\"x\""),
            ("{list}",                 "p, q"),
            ("{none|nobody}",          "nobody"),
            ("{id:#}",                 "#12345678"),
            ("{patch:=}",              "k = \"v\""),
            ("<{missing.deep}>",       "<>"),
        ];
        for (sentence, told) in cases {
            assert_eq!(fill(sentence, &fields), told, "{sentence}");
        }
    }

    #[test]
    fn an_answer_without_a_printer_is_its_fields() {
        let told = super::fields(&page(), &json!({"pid": 7, "version": "0.5.0\u{1b}", "started": ["a", "b"]}));
        assert_eq!(told, "pid      7\nstarted  a, b\nversion  0.5.0␛\n");
    }

    /// The holes of a sentence that no field of a schema can fill.
    pub fn unknown_holes(sentence: &str, schema: &Value) -> Vec<String> {
        let holes = sentence.split('{').skip(1).filter_map(|hole| hole.split(['}', '|', ':']).next());
        holes.filter(|path| !has(schema, schema, &path.split('.').collect::<Vec<_>>())).map(str::to_owned).collect()
    }

    fn has(root: &Value, schema: &Value, path: &[&str]) -> bool {
        let [name, rest @ ..] = path else { return true };
        let named = schema["$ref"].as_str().and_then(|name| root.pointer(name.trim_start_matches('#')));
        let parts = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| schema[key].as_array()).flatten();
        schema["properties"].get(name).is_some_and(|field| has(root, field, rest))
            || named.into_iter().chain(parts).any(|part| has(root, part, path))
    }
}
