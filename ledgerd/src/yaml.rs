//! YAML, which people write by hand and the older implementation kept its documents in, as the values we work with.

use serde_json::{Map, Number, Value};
use yaml_rust2::yaml::Hash;
use yaml_rust2::{Yaml, YamlEmitter, YamlLoader};

/// Reads one document. Nothing is null; a key that is no text is refused, as is a second document.
///
/// # Errors
///
/// What is wrong, and where, for people. A scalar of the document is never quoted: it may be a secret.
pub fn read(text: &str) -> Result<Value, String> {
    let documents = YamlLoader::load_from_str(text).map_err(|error| {
        let at = error.marker();
        format!("it is not YAML (line {}, column {})", at.line(), at.col() + 1)
    })?;
    match documents.as_slice() {
        [] => Ok(Value::Null),
        [document] => value(document),
        more => Err(format!("it has {} documents, one is wanted", more.len())),
    }
}

/// Writes a document, mappings in the order of their keys here, long texts over several lines.
#[cfg_attr(not(test), expect(dead_code, reason = "the templates of groups come next"))]
pub fn write(value: &Value) -> String {
    let mut text = String::new();
    let mut emitter = YamlEmitter::new(&mut text);
    emitter.multiline_strings(true);
    emitter.dump(&yaml(value)).expect("memory takes it");
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
