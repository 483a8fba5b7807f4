//! Whether a value is what a schema of ours says. Stricter than JSON Schema is: a field that no schema names is a fault, and
//! so is a word of a schema that is not known here.

use super::{document, resolve};
use serde_json::{Map, Value};

/// Words of a schema that are for readers, and say nothing that could be checked here.
const NOTES: [&str; 7] = ["description", "default", "format", "title", "minLength", "$schema", "$defs"];

/// What is wrong with a value, each with the place where; nothing when it is what the schema says.
///
/// # Panics
///
/// The schema has a word that is not known here.
pub fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    walk(schema, value, "$", &mut faults);
    faults
}

fn walk(schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
    let Some(words) = schema.as_object() else {
        if schema == &Value::Bool(false) {
            faults.push(format!("{place} must not be"));
        }
        return;
    };
    let mut fault = |what: String| faults.push(format!("{place} {what}"));
    for (word, says) in words {
        match word.as_str() {
            "$ref" => {
                let reference = says.as_str().unwrap_or_default();
                walk(resolve(reference), value, place, faults);
                if reference.ends_with("/Event") {
                    data(value, place, faults);
                }
                return;
            }
            "type" if !is_of(says, value) => return fault(format!("is no {says}: {value}")),
            "const" if says != value => return fault(format!("is not {says}: {value}")),
            "enum" if !list(says).contains(value) => return fault(format!("is none of {says}: {value}")),
            "minimum" if value.is_number() && value.as_f64() < says.as_f64() => {
                return fault(format!("is below {says}: {value}"));
            }
            "maximum" if value.is_number() && value.as_f64() > says.as_f64() => {
                return fault(format!("is above {says}: {value}"));
            }
            "minItems" if (list(value).len() as u64) < says.as_u64().unwrap_or(0) => {
                return fault("is too short".into());
            }
            "maxItems" if list(value).len() as u64 > says.as_u64().unwrap_or(0) => return fault("is too long".into()),
            "anyOf" | "oneOf" if !list(says).iter().any(|one| self::faults(one, value).is_empty()) => {
                let why: Vec<_> = list(says).iter().map(|one| self::faults(one, value)).collect();
                return fault(format!("is none of several: {why:?}"));
            }
            "type" | "const" | "enum" | "minimum" | "maximum" | "minItems" | "maxItems" | "anyOf" | "oneOf" => {}
            "properties" | "required" | "additionalProperties" | "propertyNames" | "items" | "prefixItems" => {}
            note => assert!(NOTES.contains(&note), "{place}: {note} is not known here"),
        }
    }
    match value {
        Value::Object(fields) => object(words, fields, place, faults),
        Value::Array(items) => {
            let ahead = words.get("prefixItems").map_or(&[][..], list);
            for (at, item) in items.iter().enumerate() {
                let schema = ahead.get(at).or(words.get("items")).unwrap_or(&Value::Bool(true));
                walk(schema, item, &format!("{place}[{at}]"), faults);
            }
        }
        _ => {}
    }
}

fn object(words: &Map<String, Value>, fields: &Map<String, Value>, place: &str, faults: &mut Vec<String>) {
    // Of a type that is one of several, each of them names its own fields.
    if words.contains_key("oneOf") || words.contains_key("anyOf") {
        return;
    }
    for name in words.get("required").map_or(&[][..], list).iter().filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            faults.push(format!("{place}.{name} is missing"));
        }
    }
    for (name, field) in fields {
        if let Some(names) = words.get("propertyNames") {
            walk(names, &name.as_str().into(), &format!("{place}: the name of {name}"), faults);
        }
        match words.get("properties").and_then(|named| named.get(name)).or(words.get("additionalProperties")) {
            Some(schema) => walk(schema, field, &format!("{place}.{name}"), faults),
            None if words.contains_key("type") => faults.push(format!("{place}.{name} has no schema")),
            None => {}
        }
    }
}

/// The data of an event is what its kind says.
fn data(event: &Value, place: &str, faults: &mut Vec<String>) {
    let kind = event["kind"].as_str().unwrap_or_default();
    if let Some(schema) = document()["events"].get(kind) {
        walk(schema, &event["data"], &format!("{place}({kind}).data"), faults);
    }
}

fn is_of(kinds: &Value, value: &Value) -> bool {
    let is = |kind: &Value| match kind.as_str().unwrap_or_default() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    match kinds {
        Value::Array(kinds) => kinds.iter().any(is),
        one => is(one),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn faults_are_found() {
        let schema = json!({"type": "object", "required": ["a"], "properties": {
            "a": {"type": ["integer", "null"], "minimum": 1},
            "b": {"type": "array", "items": {"enum": ["x", "y"]}},
            "c": {"anyOf": [{"type": "object", "additionalProperties": {"type": "string"}}, {"type": "null"}]},
        }});
        #[rustfmt::skip]
        let cases = [
            (json!({"a": 1}),                               None),
            (json!({"a": null, "b": ["x"], "c": null}),     None),
            (json!({"a": 1, "c": {"k": "v"}}),              None),
            (json!([]),                                     Some("$ is no")),
            (json!({}),                                     Some("$.a is missing")),
            (json!({"a": "1"}),                             Some("$.a is no")),
            (json!({"a": 0}),                               Some("$.a is below")),
            (json!({"a": 1, "b": ["x", "z"]}),              Some("$.b[1] is none of")),
            (json!({"a": 1, "c": {"k": 1}}),                Some("$.c is none of several")),
            (json!({"a": 1, "d": 1}),                       Some("$.d has no schema")),
        ];
        for (value, wanted) in cases {
            let found = faults(&schema, &value);
            match wanted {
                None => assert!(found.is_empty(), "{value}: {found:?}"),
                Some(begin) => assert!(found.len() == 1 && found[0].starts_with(begin), "{value}: {found:?}"),
            }
        }
    }
}
