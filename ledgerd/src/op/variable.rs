//! Private variables, worked out: what a client asks for becomes a whole new set, or is refused as a whole.
//!
//! No refusal says a value.

use bus::contract::private::{Asked, Variables};
use bus::contract::{Code, OpError, limit};
use serde_json::Value;
use std::collections::BTreeMap;

/// Characters of a value up to which nothing of it is shown.
const HIDDEN_CHARS_MAX: usize = 20;

/// Stands for what is not shown.
const STARS: &str = "******";

/// The set after a change: clear, then unset, then set.
///
/// # Errors
///
/// `invalid_request`, `too_many_keys`; the set before is then as it was.
pub fn changed(before: &Variables, clear: bool, unset: &Value, set: &Asked) -> Result<Variables, OpError> {
    let (unset, set) = (names(unset)?, given(set)?);
    check_count(unset.len())?;
    let mut after = if clear { Variables::default() } else { before.clone() };
    unset.iter().for_each(|name| {
        after.0.remove(name);
    });
    after.0.extend(set.0);
    check_size(&after)?;
    Ok(after)
}

/// What a client gives as variables, checked; nothing is an empty set.
///
/// # Errors
///
/// `invalid_request`, `too_many_keys`.
pub fn given(asked: &Asked) -> Result<Variables, OpError> {
    let map = match &asked.0 {
        Value::Null => return Ok(Variables::default()),
        Value::Object(map) => map,
        _ => return Err(invalid("set must be an object of names and values")),
    };
    check_count(map.len())?;
    let variables: Result<BTreeMap<_, _>, _> =
        map.iter().map(|(name, value)| Ok((checked(name)?, text(name, value)?))).collect();
    let variables = Variables(variables?);
    check_size(&variables)?;
    Ok(variables)
}

/// Checks that a set keeps within the limits.
///
/// # Errors
///
/// `too_many_keys`, `invalid_request`.
pub fn check_size(variables: &Variables) -> Result<(), OpError> {
    check_count(variables.0.len())?;
    let bytes: usize = variables.0.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > limit::SECRETS_BYTES_MAX {
        let max = limit::SECRETS_BYTES_MAX;
        return Err(OpError::too_large("the private environment", bytes, max, "SECRETS_BYTES_MAX"));
    }
    Ok(())
}

/// What may be shown of a value.
pub fn preview(value: &str) -> String {
    let chars: Vec<char> = value.chars().collect();
    if chars.len() <= HIDDEN_CHARS_MAX {
        return STARS.into();
    }
    let (first, last) = (&chars[..2], &chars[chars.len() - 2..]);
    first.iter().copied().chain(STARS.chars()).chain(last.iter().copied()).collect()
}

/// What may be shown of the values of `keys`; of one that is lost, nothing.
pub fn masked(keys: &[String], variables: Option<&Variables>) -> BTreeMap<String, String> {
    let value = |key: &String| variables.and_then(|variables| variables.0.get(key));
    keys.iter().map(|key| (key.clone(), value(key).map_or_else(|| STARS.into(), |value| preview(value)))).collect()
}

fn check_count(count: usize) -> Result<(), OpError> {
    if count <= limit::SECRET_KEYS_MAX {
        return Ok(());
    }
    let sentence = format!("{count} private variables, the limit SECRET_KEYS_MAX is {}", limit::SECRET_KEYS_MAX);
    let refusal = OpError::new(Code::TooManyKeys, sentence);
    Err(refusal.with("limit", "SECRET_KEYS_MAX").with("max", limit::SECRET_KEYS_MAX as u64))
}

fn names(unset: &Value) -> Result<Vec<String>, OpError> {
    match unset {
        Value::Null => Ok(Vec::new()),
        Value::Array(names) => {
            let name = |name: &Value| checked(name.as_str().unwrap_or_default().trim());
            names.iter().map(name).collect()
        }
        _ => Err(invalid("unset must be a list of names")),
    }
}

/// A name as shells take it: `[A-Za-z_][A-Za-z0-9_]*`.
fn checked(name: &str) -> Result<String, OpError> {
    let is_good = name.chars().next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_good {
        return Ok(name.to_owned());
    }
    Err(invalid("a name of a private variable must have letters, digits and _ only, and not begin with a digit"))
}

fn text(name: &str, value: &Value) -> Result<String, OpError> {
    let text = match value {
        Value::Null => return Err(invalid(format!("{name} has no value; to forget it, name it in unset"))),
        Value::String(text) => text.clone(),
        // As the published clients' own language writes them.
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    };
    if text.contains('\0') {
        return Err(invalid(format!("{name} has a zero byte, which no environment can have")));
    }
    // A program with a longer one would not start, and nobody would know before.
    let bytes = name.len() + 1 + text.len();
    if bytes > limit::VARIABLE_BYTES_MAX {
        return Err(OpError::too_large(name, bytes, limit::VARIABLE_BYTES_MAX, "VARIABLE_BYTES_MAX"));
    }
    Ok(text)
}

fn invalid(why: impl Into<String>) -> OpError {
    OpError::new(Code::InvalidRequest, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn set(value: Value) -> Variables {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_change_is_made_whole_or_not_at_all() {
        let before = set(json!({"A": "1", "B": "2"}));
        #[rustfmt::skip]
        let cases = [
            // clear  unset            set                            after, or the code of the refusal
            (false, json!(null),     json!(null),                   Ok(json!({"A": "1", "B": "2"}))),
            (false, json!(["A"]),    json!({"C": "3"}),             Ok(json!({"B": "2", "C": "3"}))),
            (false, json!(["A"]),    json!({"A": "9"}),             Ok(json!({"A": "9", "B": "2"}))),
            (true,  json!([]),       json!({"C": "3"}),             Ok(json!({"C": "3"}))),
            (true,  json!(null),     json!({}),                     Ok(json!({}))),
            (false, json!([]),       json!({"N": 7, "T": true, "_x": ""}), Ok(json!({"A": "1", "B": "2", "N": "7", "T": "True", "_x": ""}))),
            (false, json!([]),       json!({"A": null}),            Err("invalid_request")),
            (false, json!([]),       json!({"A-B": "x"}),           Err("invalid_request")),
            (false, json!([]),       json!({"1A": "x"}),            Err("invalid_request")),
            (false, json!([]),       json!({"": "x"}),              Err("invalid_request")),
            (false, json!([]),       json!({"A": "x\0"}),           Err("invalid_request")),
            (false, json!([]),       json!({"A": "ä".repeat(65_536)}), Err("invalid_request")),
            (false, json!([]),       json!(["A"]),                  Err("invalid_request")),
            (false, json!("A"),      json!({}),                     Err("invalid_request")),
            (false, json!([7]),      json!({}),                     Err("invalid_request")),
        ];
        for (clear, unset, asked, wanted) in cases {
            let got = changed(&before, clear, &unset, &Asked(asked.clone())).map_err(|error| error.code.word());
            assert_eq!(got, wanted.map(set), "{clear} {unset} {asked}");
        }
    }

    #[test]
    fn limits_are_kept_and_named() {
        let many = |from: usize, to: usize| {
            let map = (from..to).map(|n| (format!("K{n}"), Value::from("v")));
            Asked(Value::Object(map.collect()))
        };
        let full = given(&many(0, 256)).unwrap();
        assert_eq!(given(&many(0, 257)).unwrap_err().code, Code::TooManyKeys);
        assert_eq!(changed(&full, false, &Value::Null, &many(256, 257)).unwrap_err().code, Code::TooManyKeys);
        assert_eq!(changed(&full, false, &json!(["K0"]), &many(256, 257)).unwrap().0.len(), 256);
        let large = |count: usize, bytes: usize| {
            Asked(Value::Object((0..count).map(|n| (format!("K{n}"), "x".repeat(bytes).into())).collect()))
        };
        #[rustfmt::skip]
        let cases = [
            // variables  bytes of each value            the limit that is passed
            (1,           limit::VARIABLE_BYTES_MAX - 3, None),
            (1,           limit::VARIABLE_BYTES_MAX - 2, Some("VARIABLE_BYTES_MAX")),
            (4,           99_998,                        None),
            (4,           99_999,                        Some("SECRETS_BYTES_MAX")),
        ];
        for (count, bytes, wanted) in cases {
            let refused = given(&large(count, bytes)).err();
            let named = refused.as_ref().map(|refusal| refusal.details["limit"].as_str().unwrap());
            assert_eq!(named, wanted, "{count} of {bytes}");
        }
    }

    #[test]
    fn no_refusal_says_a_value() {
        let secret = "hunter2";
        for asked in [json!({"A": format!("{secret}\0")}), json!({"1A": secret}), json!([secret]), json!(secret)] {
            let refusal = given(&Asked(asked)).unwrap_err();
            assert!(!serde_json::to_string(&refusal).unwrap().contains(secret), "{refusal:?}");
        }
    }

    #[test]
    fn a_preview_shows_at_most_four_characters_and_nothing_of_what_is_short() {
        const LONGEST: &str = "abcdefghijklmnopqrst";
        for (value, shown) in
            [("", STARS), (LONGEST, STARS), (&format!("{LONGEST}g"), "ab******tg"), (&"äö".repeat(11), "äö******äö")]
        {
            assert_eq!(preview(value), shown);
        }
    }
}
