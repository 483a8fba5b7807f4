//! YAML, which people write by hand and the older implementation kept its documents in, as the values we work with.

use serde_json::{Map, Number, Value};
use std::collections::HashMap;
use yaml_rust2::parser::{Event, Parser};
use yaml_rust2::scanner::ScanError;
use yaml_rust2::yaml::Hash;
use yaml_rust2::{Yaml, YamlEmitter, YamlLoader};

/// How deep a document may be: deeper ones would not fit on our stack.
const DEPTH_MAX: usize = 64;

/// How much a document may be once everything it refers to is in its place: its texts' bytes, and one for every value.
const WEIGHT_MAX: usize = 16 * 1024 * 1024;

/// Reads one document. Nothing is null; a key that is no text is refused, as is a second document.
///
/// # Errors
///
/// What is wrong, and where, for people. A scalar of the document is never quoted: it may be a secret.
pub fn read(text: &str) -> Result<Value, String> {
    check_size(text)?;
    let documents = YamlLoader::load_from_str(text).map_err(|error| not_yaml(&error))?;
    match documents.as_slice() {
        [] => Ok(Value::Null),
        [document] => value(document),
        more => Err(format!("it has {} documents, one is wanted", more.len())),
    }
}

fn not_yaml(error: &ScanError) -> String {
    let at = error.marker();
    format!("it is not YAML (line {}, column {})", at.line(), at.col() + 1)
}

/// Checks a document before it is built: a few lines that refer to each other can stand for more than memory has.
fn check_size(text: &str) -> Result<(), String> {
    let mut parser = Parser::new_from_str(text);
    let (mut weight, mut open, mut anchors) = (0, Vec::<Open>::new(), HashMap::<usize, Extent>::new());
    loop {
        let (event, _) = parser.next_token().map_err(|error| not_yaml(&error))?;
        // How many levels the value has that has just ended.
        let depth = match event {
            Event::StreamEnd => return Ok(()),
            Event::Alias(anchor) => {
                let extent = anchors.get(&anchor).copied().unwrap_or_default();
                weight += extent.weight;
                extent.depth
            }
            Event::Scalar(text, _, anchor, _) => {
                anchors.insert(anchor, Extent { weight: text.len() + 1, depth: 0 });
                weight += text.len() + 1;
                0
            }
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                open.push(Open { anchor, weight_before: weight, depth: 1 });
                weight += 1;
                0
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().map_or(0, |Open { anchor, weight_before, depth }| {
                anchors.insert(anchor, Extent { weight: weight - weight_before, depth });
                depth
            }),
            Event::Nothing | Event::StreamStart | Event::DocumentStart | Event::DocumentEnd => 0,
        };
        if open.len() + depth > DEPTH_MAX {
            return Err(format!("it is nested more than {DEPTH_MAX} deep"));
        }
        if let Some(around) = open.last_mut() {
            around.depth = around.depth.max(depth + 1);
        }
        if weight > WEIGHT_MAX {
            return Err(format!("it stands for more than {WEIGHT_MAX} bytes"));
        }
    }
}

/// How much a value is that others may refer to.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    weight: usize,
    /// Levels of lists and mappings in it, itself one of them.
    depth: usize,
}

/// A list or mapping that has not ended yet.
struct Open {
    anchor: usize,
    weight_before: usize,
    /// Its levels so far.
    depth: usize,
}

/// Writes a document, mappings in the order of their keys here, long texts over several lines.
pub fn write(value: &Value) -> String {
    let document = yaml(value);
    let text = emit(&document, true);
    // A text that begins or ends with blanks is not always read back from several lines as it was.
    if read(&text).as_ref() == Ok(value) { text } else { emit(&document, false) }
}

fn emit(document: &Yaml, is_multiline: bool) -> String {
    let mut text = String::new();
    let mut emitter = YamlEmitter::new(&mut text);
    emitter.multiline_strings(is_multiline);
    emitter.dump(document).expect("memory takes it");
    // The mark of a document's beginning helps nobody in a file of one.
    let mut text = text.strip_prefix("---\n").map(str::to_owned).unwrap_or(text);
    text.push('\n');
    text
}

fn value(yaml: &Yaml) -> Result<Value, String> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Boolean(flag) => Value::Bool(*flag),
        Yaml::Integer(number) => Value::Number((*number).into()),
        // Infinity and the like have no place in what we read.
        Yaml::Real(text) => text.parse().ok().and_then(Number::from_f64).map_or(Value::Null, Value::Number),
        Yaml::String(text) => Value::String(text.clone()),
        Yaml::Array(list) => Value::Array(list.iter().map(value).collect::<Result<_, _>>()?),
        Yaml::Hash(map) => {
            let mut object = Map::new();
            for (key, inner) in map {
                object.insert(name(key)?, value(inner)?);
            }
            Value::Object(object)
        }
        Yaml::Alias(_) | Yaml::BadValue => return Err("it refers to something that is not there".into()),
    })
}

fn name(key: &Yaml) -> Result<String, String> {
    match key {
        Yaml::String(text) | Yaml::Real(text) => Ok(text.clone()),
        Yaml::Integer(number) => Ok(number.to_string()),
        Yaml::Boolean(flag) => Ok(flag.to_string()),
        Yaml::Null | Yaml::Array(_) | Yaml::Hash(_) | Yaml::Alias(_) | Yaml::BadValue => {
            Err("it has a key that is no text".into())
        }
    }
}

fn yaml(value: &Value) -> Yaml {
    match value {
        Value::Null => Yaml::Null,
        Value::Bool(flag) => Yaml::Boolean(*flag),
        Value::Number(number) => number.as_i64().map_or_else(|| Yaml::Real(number.to_string()), Yaml::Integer),
        Value::String(text) => Yaml::String(text.clone()),
        Value::Array(list) => Yaml::Array(list.iter().map(yaml).collect()),
        Value::Object(map) => {
            Yaml::Hash(map.iter().map(|(key, inner)| (Yaml::String(key.clone()), yaml(inner))).collect::<Hash>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_document_goes_there_and_back() {
        let document = json!({
            "kind": "cccc.group_template", "v": 1, "ratio": 0.5, "none": null, "yes": true,
            "list": [{"id": "a", "text": "line one\nline two\n"}, [], {}],
            "texts": ["yes", "1", "null", "", "a: b", "# no comment", "- x", "'\"", "ü", "~", " lead", "on", "1e3"],
        });
        assert_eq!(read(&write(&document)), Ok(document));
        for text in ["  lead\nx", "x\n\n", "\n\nx", "\n", "x\n ", "a\r\nb", "\tx\ny", "x\u{85}y\nz", "a\n---\nb"] {
            let document = json!({"text": text});
            assert_eq!(read(&write(&document)), Ok(document), "{text:?}");
        }
    }

    #[test]
    fn a_document_that_stands_for_more_than_it_says_is_refused() {
        let mut bomb = format!("a0: &a0 {}\n", "x".repeat(1_000));
        for n in 1..9 {
            bomb += &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "));
        }
        // Each step is flat as it is written, and stands for one more level.
        let stairs: String = (1..5_000).fold("- &a0 []\n".into(), |text, n| format!("{text}- &a{n} [*a{}]\n", n - 1));
        #[rustfmt::skip]
        let cases = [
            (bomb,                                              "stands for more"),
            ("[".repeat(200),                                   "nested more"),
            ("- ".repeat(200_000),                              "nested more"),
            (format!("{}1{}", "{a: ".repeat(100), "}".repeat(100)), "nested more"),
            (stairs,                                            "nested more"),
        ];
        for (text, says) in cases {
            let why = read(&text).unwrap_err();
            assert!(why.contains(says), "{why}");
        }
        assert_eq!(read("a: &x [1]\nb: *x\n"), Ok(json!({"a": [1], "b": [1]})));
    }

    #[test]
    fn what_is_no_document_is_refused_without_quoting_it() {
        for text in ["a: [hunter2", "a: 1\n---\nb: hunter2", "[hunter2]: 1", "a: *hunter2", "\t- hunter2: :"] {
            let why = read(text).expect_err(text);
            assert!(!why.contains("hunter2"), "{why}");
        }
        assert_eq!(read(""), Ok(Value::Null));
    }
}
