//! Argument normalisation of the wire standard: how a sloppy client's values are read.
//!
//! These are `deserialize_with` functions. JSON `null`, `""`, `0`, `false`, `[]` and `{}` select the
//! default of a text argument; anything else becomes text and is trimmed. A value that cannot be
//! read as what it should be selects the default: a refusal, if one is due, comes from the op.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

fn falsy(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(b) => !b,
        Value::Number(n) => n.as_f64() == Some(0.0),
        Value::String(s) => s.is_empty(),
        Value::Array(a) => a.is_empty(),
        Value::Object(o) => o.is_empty(),
    }
}

fn as_text(value: &Value) -> String {
    match value {
        _ if falsy(value) => String::new(),
        Value::String(s) => s.clone(),
        Value::Bool(_) => "True".into(),
        other => other.to_string(),
    }
}

/// Text, trimmed; `""` for every empty value.
pub fn text<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    Ok(as_text(&Value::deserialize(d)?).trim().to_owned())
}

/// Text as it is, not trimmed: message bodies.
pub fn verbatim<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    Ok(as_text(&Value::deserialize(d)?))
}

/// Text, trimmed; `None` for every empty value.
pub fn optional_text<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    Ok(Some(text(d)?).filter(|text| !text.is_empty()))
}

/// Text, trimmed, also when it is empty; `None` for null: the field was not given.
pub fn given_text<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    let value = Value::deserialize(d)?;
    Ok((!value.is_null()).then(|| as_text(&value).trim().to_owned()))
}

/// How the standard reads a boolean, or `None` where it falls back to the default.
pub fn as_flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(b) => Some(*b),
        Value::Number(n) => n.as_f64().map(|n| n != 0.0),
        Value::String(s) => match s.trim().to_lowercase().as_str() {
            "1" | "true" | "yes" | "y" | "on" => Some(true),
            "0" | "false" | "no" | "n" | "off" => Some(false),
            other => other.parse::<f64>().ok().map(|n| n != 0.0),
        },
        _ => None,
    }
}

/// A boolean whose default is false.
pub fn flag<'de, D: Deserializer<'de>>(d: D) -> Result<bool, D::Error> {
    Ok(as_flag(&Value::deserialize(d)?).unwrap_or(false))
}

/// A boolean, `None` where the value is none.
pub fn optional_flag<'de, D: Deserializer<'de>>(d: D) -> Result<Option<bool>, D::Error> {
    Ok(as_flag(&Value::deserialize(d)?))
}

/// True only for `true` itself, where a sloppy value must not do harm.
pub fn literally_true<'de, D: Deserializer<'de>>(d: D) -> Result<bool, D::Error> {
    Ok(Value::deserialize(d)? == Value::Bool(true))
}

/// A boolean whose default is true.
pub fn flag_on<'de, D: Deserializer<'de>>(d: D) -> Result<bool, D::Error> {
    Ok(as_flag(&Value::deserialize(d)?).unwrap_or(true))
}

/// How the standard reads an integer: a number, or a string that is one.
pub fn as_integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(n) => n.as_i64().or_else(|| n.as_f64().filter(|f| f.is_finite()).map(|f| f as i64)),
        Value::String(s) => s.trim().parse().ok(),
        Value::Bool(b) => Some(i64::from(*b)),
        _ => None,
    }
}

/// An integer, `None` where the value is none.
pub fn integer<'de, D: Deserializer<'de>>(d: D) -> Result<Option<i64>, D::Error> {
    Ok(as_integer(&Value::deserialize(d)?))
}

/// A list of texts; other values in it and blanks are dropped. Anything but a list is an empty list.
pub fn texts<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<String>, D::Error> {
    Ok(match Value::deserialize(d)? {
        Value::Array(items) => clean(items),
        _ => Vec::new(),
    })
}

/// Like [`texts`]; `None` for null: the field was not given.
pub fn given_texts<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Vec<String>>, D::Error> {
    Ok(match Value::deserialize(d)? {
        Value::Null => None,
        Value::Array(items) => Some(clean(items)),
        _ => Some(Vec::new()),
    })
}

/// Like [`texts`], and one string counts as a list of one.
pub fn texts_or_one<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<String>, D::Error> {
    Ok(match Value::deserialize(d)? {
        Value::Array(items) => clean(items),
        one @ Value::String(_) => clean(vec![one]),
        _ => Vec::new(),
    })
}

/// A list of strings, or `None` for any other value (also for a list with something else in it).
pub fn strings<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Vec<String>>, D::Error> {
    let Value::Array(items) = Value::deserialize(d)? else { return Ok(None) };
    Ok(items
        .into_iter()
        .map(|item| match item {
            Value::String(s) => Some(s),
            _ => None,
        })
        .collect())
}

/// An object; `None` for any other value.
pub fn object<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Map<String, Value>>, D::Error> {
    Ok(match Value::deserialize(d)? {
        Value::Object(map) => Some(map),
        _ => None,
    })
}

/// Anything, as it is: what it must be is for the op to say.
pub fn raw<'de, D: Deserializer<'de>>(d: D) -> Result<Value, D::Error> {
    Value::deserialize(d)
}

fn clean(items: Vec<Value>) -> Vec<String> {
    items
        .into_iter()
        .filter_map(|item| match item {
            Value::String(s) => Some(s.trim().to_owned()),
            _ => None,
        })
        .filter(|text| !text.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Deserialize, Debug, PartialEq)]
    struct Probe {
        #[serde(default, deserialize_with = "text")]
        text: String,
        #[serde(default, deserialize_with = "flag")]
        flag: bool,
        #[serde(default, deserialize_with = "texts_or_one")]
        list: Vec<String>,
    }

    #[test]
    fn sloppy_values_are_read_as_the_standard_says() {
        let read = |value| serde_json::from_value::<Probe>(value).unwrap();
        let empty = Probe { text: String::new(), flag: false, list: vec![] };
        #[rustfmt::skip]
        let cases = [
            (json!({}),                                          empty),
            (json!({"text": null, "flag": "no", "list": {}}),     Probe { text: "".into(), flag: false, list: vec![] }),
            (json!({"text": " a ", "flag": "YES", "list": "b"}),  Probe { text: "a".into(), flag: true, list: vec!["b".into()] }),
            (json!({"text": 7, "flag": 2, "list": ["x", 3, " "]}), Probe { text: "7".into(), flag: true, list: vec!["x".into()] }),
            (json!({"text": [], "flag": "1.0"}),                  Probe { text: "".into(), flag: true, list: vec![] }),
        ];
        for (value, wanted) in cases {
            assert_eq!(read(value.clone()), wanted, "{value}");
        }
    }
}
