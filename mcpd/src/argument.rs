//! How arguments are read: a text where a list was meant, a number as text, null for what was not given. What means
//! nothing is refused, and the refusal names the argument.

use bus::contract::{Code, OpError, lenient};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// Reads the arguments of a tool; unknown ones are ignored.
///
/// # Errors
///
/// `invalid_request`, which names the argument that is missing or cannot be read.
pub fn read<T: DeserializeOwned>(tool: &str, mut args: Map<String, Value>) -> Result<T, OpError> {
    args.retain(|_, value| !value.is_null());
    let of = |args: &Map<String, Value>| serde_json::from_value::<T>(Value::Object(args.clone()));
    let Err(error) = of(&args) else { return of(&args).map_err(|error| invalid(tool, &error.to_string())) };
    // The one without which it would be read, or would fail in another way.
    let is_wrong = |name: &&String| {
        let mut others = args.clone();
        others.remove(*name);
        of(&others).map_or_else(|other| other.to_string() != error.to_string(), |_| true)
    };
    Err(match args.keys().find(is_wrong) {
        Some(name) => invalid(tool, &format!("{name}: {error}")).with("argument", name.as_str()),
        None => invalid(tool, &error.to_string()),
    })
}

fn invalid(tool: &str, why: &str) -> OpError {
    OpError::new(Code::InvalidRequest, format!("{tool}: {why}"))
}

/// Recipients: a list, or one as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recipients(pub Vec<String>);

impl<'de> Deserialize<'de> for Recipients {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(one) => Ok(Self(vec![one])),
            Value::Array(all) => all.into_iter().map(text).collect::<Result<_, _>>().map(Self),
            other => Err(D::Error::custom(format!("{other} is no list of recipients"))),
        }
    }
}

impl JsonSchema for Recipients {
    fn schema_name() -> Cow<'static, str> {
        "Recipients".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "array", "items": {"type": "string"}})
    }
}

fn text<E: Error>(value: Value) -> Result<String, E> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(E::custom(format!("{other} is no text"))),
    }
}

/// Steps of a task: what is to be done, as text or as an object that says more of it.
pub fn steps<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Value>, D::Error> {
    let step = |step: Value| match step {
        Value::String(text) => Ok(json!({"text": text})),
        Value::Object(_) => Ok(step),
        other => Err(D::Error::custom(format!("{other} is no step: give its text"))),
    };
    Vec::<Value>::deserialize(deserializer)?.into_iter().map(step).collect()
}

/// Texts by name; anything else among them is refused by its name, and not left away.
pub fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Map<String, Value>>, D::Error> {
    let texts = Map::deserialize(deserializer)?;
    match texts.iter().find(|(_, value)| !value.is_string()) {
        Some((name, _)) => Err(D::Error::custom(format!("the value of {name} must be text, in quotes"))),
        None => Ok(Some(texts)),
    }
}

/// A boolean: true, false, a number, or a word such as `yes` or `off`.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let value = Value::deserialize(deserializer)?;
    lenient::as_flag(&value).ok_or_else(|| D::Error::custom(format!("{value} is neither true nor false")))
}

/// The same where nothing means something else than false.
pub fn optional_flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    flag(deserializer).map(Some)
}

/// A whole number, also as text.
pub fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    lenient::as_integer(&value).map(Some).ok_or_else(|| D::Error::custom(format!("{value} is no whole number")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Args {
        text: String,
        #[serde(default)]
        to: Recipients,
        #[serde(default, deserialize_with = "flag")]
        reply_required: bool,
        #[serde(default, deserialize_with = "integer")]
        limit: Option<i64>,
    }

    fn of(args: Value) -> Result<Args, OpError> {
        read("t", args.as_object().expect("an object").clone())
    }

    #[test]
    fn arguments_are_read_as_they_are_meant() {
        let whole = |to: &[&str], reply_required, limit| {
            let to = Recipients(to.iter().map(|to| (*to).to_owned()).collect());
            Args { text: "t".into(), to, reply_required, limit }
        };
        #[rustfmt::skip]
        let cases = [
            (json!({"text": "t"}),                                            whole(&[], false, None)),
            (json!({"text": "t", "to": null, "limit": null, "other": 1}),     whole(&[], false, None)),
            (json!({"text": "t", "to": "a", "reply_required": "yes"}),        whole(&["a"], true, None)),
            (json!({"text": "t", "to": ["a", "b"], "reply_required": 0}),     whole(&["a", "b"], false, None)),
            (json!({"text": "t", "limit": 0}),                                whole(&[], false, Some(0))),
            (json!({"text": "t", "limit": "7"}),                              whole(&[], false, Some(7))),
        ];
        for (args, wanted) in cases {
            assert_eq!(of(args.clone()).expect("arguments"), wanted, "{args}");
        }
    }

    #[test]
    fn a_refusal_names_the_argument() {
        #[rustfmt::skip]
        let cases = [
            (json!({}),                                        "text"),
            (json!({"text": null}),                            "text"),
            (json!({"text": 7}),                               "text"),
            (json!({"text": "t", "to": 7}),                    "to"),
            (json!({"text": "t", "to": ["a", 7]}),             "to"),
            (json!({"text": "t", "reply_required": "perhaps"}), "reply_required"),
            (json!({"text": "t", "limit": "many"}),            "limit"),
            (json!({"text": 7, "limit": "many"}),              "limit"),
        ];
        for (args, name) in cases {
            let refusal = of(args.clone()).expect_err("it means nothing");
            assert_eq!(refusal.code, Code::InvalidRequest);
            assert!(refusal.message.contains(name), "{args}: {refusal}");
        }
    }
}
