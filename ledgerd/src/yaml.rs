//! YAML, which people write by hand and the older implementation kept its documents in, as the values we work with.
//!
//! What is read means what it means to the older implementation ([`scalar`]), and what is written ([`write()`]) means the
//! same to every reader.

mod breaks;
mod scalar;
mod write;

pub use write::write;

use serde_json::{Map, Value};
use std::collections::HashMap;
use yaml_rust2::parser::{Event, Parser, Tag};
use yaml_rust2::scanner::{ScanError, TScalarStyle};

/// How deep a document may be: deeper ones would not fit on our stack.
const DEPTH_MAX: usize = 64;

/// How much a document may be once everything it refers to is in its place: its texts' bytes, and one for every value.
const WEIGHT_MAX: usize = 16 * 1024 * 1024;

/// What the tags of YAML itself begin with.
const YAML_TAG: &str = "tag:yaml.org,2002:";

/// Reads one document. Nothing is null; a key that is no text is refused, as is a second document. Of two equal keys
/// the last counts.
///
/// # Errors
///
/// What is wrong, and where, for people. A scalar of the document is never quoted: it may be a secret.
pub fn read(text: &str) -> Result<Value, String> {
    let text = breaks::mend(text);
    check_size(&text)?;
    let mut parser = Parser::new_from_str(&text);
    let (mut documents, mut found, mut anchors) = (0, Value::Null, HashMap::new());
    loop {
        match next(&mut parser)? {
            Event::StreamEnd if documents > 1 => return Err(format!("it has {documents} documents, one is wanted")),
            Event::StreamEnd => return Ok(found),
            Event::Nothing | Event::StreamStart | Event::DocumentEnd => {}
            Event::DocumentStart => documents += 1,
            event => found = node(&mut parser, event, &mut anchors)?.value,
        }
    }
}

fn next(parser: &mut Parser<std::str::Chars<'_>>) -> Result<Event, String> {
    parser.next_token().map(|(event, _)| event).map_err(|error| not_yaml(&error))
}

fn not_yaml(error: &ScanError) -> String {
    let at = error.marker();
    format!("it is not YAML (line {}, column {})", at.line(), at.col() + 1)
}

/// A value, and the word it was written as when it is a scalar.
#[derive(Debug, Clone)]
struct Node {
    value: Value,
    word: Option<String>,
}

/// Reads what begins with an event. Its depth and weight were checked before.
fn node(
    parser: &mut Parser<std::str::Chars<'_>>,
    event: Event,
    anchors: &mut HashMap<usize, Node>,
) -> Result<Node, String> {
    let (anchor, node) = match event {
        Event::Alias(anchor) => {
            return anchors.get(&anchor).cloned().ok_or_else(|| "it refers to something that is not there".into());
        }
        Event::Scalar(word, style, anchor, tag) => {
            let value = tagged(&word, style, tag.as_ref())?;
            (anchor, Node { value, word: Some(word) })
        }
        Event::SequenceStart(anchor, _) => {
            let mut list = Vec::new();
            loop {
                match next(parser)? {
                    Event::SequenceEnd => break,
                    event => list.push(node(parser, event, anchors)?.value),
                }
            }
            (anchor, Node { value: Value::Array(list), word: None })
        }
        Event::MappingStart(anchor, _) => (anchor, Node { value: mapping(parser, anchors)?, word: None }),
        _ => return Err("it is not YAML".into()),
    };
    if anchor > 0 {
        anchors.insert(anchor, node.clone());
    }
    Ok(node)
}

fn mapping(parser: &mut Parser<std::str::Chars<'_>>, anchors: &mut HashMap<usize, Node>) -> Result<Value, String> {
    let (mut own, mut merged) = (Map::new(), Map::new());
    loop {
        let event = match next(parser)? {
            Event::MappingEnd => break,
            event => event,
        };
        let is_merge = matches!(&event, Event::Scalar(word, TScalarStyle::Plain, _, _) if word == "<<");
        let key = node(parser, event, anchors)?;
        let event = next(parser)?;
        let value = node(parser, event, anchors)?.value;
        if is_merge {
            merge(&mut merged, value)?;
            continue;
        }
        let name = key.word.filter(|_| !key.value.is_null()).ok_or("it has a key that is no text")?;
        own.insert(name, value);
    }
    merged.extend(own);
    Ok(Value::Object(merged))
}

/// Takes in what `<<` names: a mapping, or several of which the first counts.
fn merge(into: &mut Map<String, Value>, value: Value) -> Result<(), String> {
    let all = match value {
        Value::Array(list) => list,
        one => vec![one],
    };
    for one in all {
        let Value::Object(map) = one else { return Err("it merges something that is no mapping".into()) };
        for (key, value) in map {
            into.entry(key).or_insert(value);
        }
    }
    Ok(())
}

fn tagged(word: &str, style: TScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    let kind = tag.map(|tag| format!("{}{}", tag.handle, tag.suffix));
    match kind.as_deref().map(|kind| kind.strip_prefix(YAML_TAG).or(kind.strip_prefix("!!")).unwrap_or(kind)) {
        None if style == TScalarStyle::Plain => Ok(scalar::value(word)),
        None | Some("str" | "!" | "timestamp") => Ok(Value::String(word.to_owned())),
        Some("int" | "float" | "bool" | "null") => Ok(scalar::value(word)),
        Some(_) => Err("it has a tag that means nothing here".into()),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_document_goes_there_and_back() {
        let document = json!({
            "kind": "cccc.group_template", "v": 1, "ratio": 0.5, "none": null, "yes": true,
            "list": [{"id": "a", "text": "line one\nline two\n"}, [], {}],
            "texts": ["yes", "1", "null", "", "a: b", "# no comment", "- x", "'\"", "ü", "~", " lead", "on", "1e3", "0o755", "1_000",
                      "2026-01-13", "a\u{85}b", "\u{9b}", "\u{2028}", "\u{feff}", "<<", "=", "---", "...", "y", "NO", "1:30"],
            "<<": 1, "0o755": {"1_000": [[1, [2]], {"k": "|"}]}, "x".repeat(2_000): [1],
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

    #[test]
    fn what_people_write_is_read_as_the_older_implementation_read_it() {
        #[rustfmt::skip]
        let cases = [
            ("enabled: yes\nmode: 0o755\n",               json!({"enabled": true, "mode": "0o755"})),
            ("a: &b {x: 1, y: 2}\nc:\n  <<: *b\n  x: 3\n", json!({"a": {"x": 1, "y": 2}, "c": {"x": 3, "y": 2}})),
            ("a: 1\na: 2\n",                              json!({"a": 2})),
            ("a: !!str 12\nb: !!int \"12\"\n",            json!({"a": "12", "b": 12})),
            ("7: a\non: b\n",                             json!({"7": "a", "on": "b"})),
            ("- 'a\u{2028}  b'\n- 'a\u{85}  b'\n- 'a\n\n\u{2029}  b'\n", json!(["a\u{2028}b", "a b", "a\n\u{2029}b"])),
            ("- \"yes\"\n- '1'\n- >\n  12\n",            json!(["yes", "1", "12\n"])),
        ];
        for (text, wanted) in cases {
            assert_eq!(read(text), Ok(wanted), "{text}");
        }
        assert!(read("a: !!python/object:os.system x").is_err());
    }
}
