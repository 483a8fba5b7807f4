//! Values that are made of a schema, with everything in them that it names.

use super::resolve;
use serde_json::{Map, Value, json};

/// A value of a schema. Where there are several kinds, each comes in its turn: 0, 1, 2 …
pub fn of(schema: &Value, turn: usize) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return of(resolve(reference), turn);
    }
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<_> = words.iter().filter(|word| !["".into(), Value::Null].contains(word)).collect();
        return words[turn % words.len()].clone();
    }
    if let Some(kinds) = schema.get("oneOf").or(schema.get("anyOf")).and_then(Value::as_array) {
        let kinds: Vec<_> = kinds.iter().filter(|kind| kind["type"] != "null").collect();
        return of(kinds[turn % kinds.len()], turn);
    }
    let kind = schema["type"].as_array().map_or(&schema["type"], |kinds| &kinds[0]);
    match kind.as_str().unwrap_or_default() {
        "boolean" => json!(true),
        "integer" => json!(1),
        "number" => json!(0.5),
        "array" => match schema["prefixItems"].as_array() {
            Some(items) => items.iter().map(|item| of(item, turn)).collect(),
            None => json!([of(&schema["items"], turn)]),
        },
        "object" => object(schema, turn),
        // Also of what may be anything.
        _ => json!("x"),
    }
}

fn object(schema: &Value, turn: usize) -> Value {
    let named = schema["properties"].as_object().into_iter().flatten();
    let mut fields: Map<_, _> = named.map(|(name, schema)| (name.clone(), of(schema, turn))).collect();
    match schema.get("additionalProperties") {
        None | Some(Value::Bool(false)) => {}
        Some(more) => {
            let name = of(&schema["propertyNames"], turn);
            fields.insert(name.as_str().unwrap_or("x").to_owned(), of(more, turn));
        }
    }
    fields.into()
}
