//! JSON Schema of a tool's arguments, as short as it can be: agents read all of them at the start of every conversation.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// The schema of a tool's arguments.
pub fn of<T: JsonSchema>() -> Map<String, Value> {
    let settings = SchemaSettings::draft2020_12().for_deserialize().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    shorten(&mut schema);
    let Value::Object(mut schema) = schema else { unreachable!("a tool's arguments are an object") };
    // A tool's sentence is in its row.
    schema.remove("description");
    schema.entry("properties").or_insert_with(|| Map::new().into());
    schema
}

/// Takes out what says nothing to an agent: titles, defaults that are nothing, formats of numbers, that null is nothing.
fn shorten(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            // A property may be called like a keyword.
            if let Some(Value::Object(properties)) = fields.get_mut("properties") {
                properties.values_mut().for_each(shorten);
            }
            for name in ["title", "format"] {
                if fields.get(name).is_some_and(Value::is_string) {
                    fields.remove(name);
                }
            }
            if fields.get("default").is_some_and(is_nothing) {
                fields.remove("default");
            }
            if let Some(Value::Array(types)) = fields.get_mut("type") {
                types.retain(|one| one != "null");
                if let [one] = &types[..] {
                    fields["type"] = one.clone();
                }
            }
            merge_words(fields);
            for name in ["items", "additionalProperties"] {
                fields.get_mut(name).into_iter().for_each(shorten);
            }
            if let Some(Value::String(text)) = fields.get_mut("description") {
                *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            }
        }
        Value::Array(all) => all.iter_mut().for_each(shorten),
        _ => {}
    }
}

/// Words of a table become one list. Of sentences the argument's own stays, not that of the type.
fn merge_words(fields: &mut Map<String, Value>) {
    let own = fields.get("description").cloned();
    if let Some(Value::Array(kinds)) = fields.get_mut("anyOf") {
        kinds.retain(|kind| kind["type"] != "null");
        if let [Value::Object(one)] = &mut kinds[..] {
            let one = std::mem::take(one);
            fields.remove("anyOf");
            fields.extend(one);
        }
    }
    let kinds = fields.get("oneOf").and_then(Value::as_array);
    let words = kinds.and_then(|kinds| kinds.iter().map(|kind| kind.get("const").cloned()).collect::<Option<Vec<_>>>());
    let Some(words) = words else { return };
    fields.remove("oneOf");
    fields.remove("description");
    fields.insert("type".into(), "string".into());
    fields.insert("enum".into(), words.into());
    fields.extend(own.map(|own| ("description".to_owned(), own)));
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::String(text) => text.is_empty(),
        Value::Array(all) => all.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bus::contract::document::Priority;
    use serde::Deserialize;
    use serde_json::json;

    /// Not for agents.
    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Args {
        /// Which
        /// one.
        title: String,
        #[serde(default)]
        group_id: String,
        /// how urgent
        #[serde(default)]
        priority: Option<Priority>,
        #[serde(default)]
        limit: Option<i64>,
    }

    #[test]
    fn a_schema_says_what_an_agent_needs() {
        let wanted = json!({"type": "object", "required": ["title"], "properties": {
            "title": {"type": "string", "description": "Which one."}, "group_id": {"type": "string"},
            "priority": {"type": "string", "enum": ["normal", "attention"], "description": "how urgent"},
            "limit": {"type": "integer"}}});
        assert_eq!(Value::Object(of::<Args>()), wanted);
    }
}
