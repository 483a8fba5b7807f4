//! Answers stay short enough to be read by a model: what is oldest or longest is left out, and the answer says so. Pure.

use serde_json::{Map, Value, json};

/// Most bytes of an answer.
pub const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Where a part says which of its fields are not whole.
const CUT: &str = "truncated_fields";

/// Least characters that a text is cut to.
const TEXT_CHARS_MIN: usize = 200;

/// How long something is as JSON.
pub fn bytes(value: &Value) -> usize {
    value.to_string().len()
}

/// Keeps the first elements of a list that fit, one at least; whether some were left out.
pub fn keep_first(list: &mut Vec<Value>, bytes_max: usize) -> bool {
    let mut left = bytes_max;
    let fits = |value: &Value| {
        let fits = left.checked_sub(bytes(value));
        left = fits.unwrap_or_default();
        fits.is_some()
    };
    let count = list.iter().map(fits).position(|fits| !fits).unwrap_or(list.len());
    let is_cut = count.max(1) < list.len();
    list.truncate(count.max(1));
    is_cut
}

/// Shortens the longest fields of an object until all of it fits. Of a list the last elements are kept, of a text the
/// beginning. Which fields are not whole is said in `truncated_fields`.
pub fn shorten(object: &mut Value, bytes_max: usize) {
    let Value::Object(fields) = object else { return };
    let mut cut: Vec<String> = Vec::new();
    let total =
        |fields: &Map<String, Value>| fields.iter().map(|(name, value)| name.len() + bytes(value) + 4).sum::<usize>();
    while total(fields) > bytes_max {
        let longest = fields.iter().max_by_key(|(_, value)| bytes(value)).map(|(name, _)| name.clone());
        let Some(name) = longest else { break };
        if !halve(&mut fields[&name]) {
            fields.remove(&name);
        }
        if !cut.contains(&name) {
            cut.push(name);
        }
    }
    if !cut.is_empty() {
        fields.insert(CUT.into(), json!(cut));
    }
}

/// Leaves half of a value; false when it cannot be halved.
fn halve(value: &mut Value) -> bool {
    match value {
        Value::Array(all) if all.len() > 1 => drop(all.drain(..all.len() / 2)),
        Value::String(text) if text.chars().count() > TEXT_CHARS_MIN => {
            *text = text.chars().take(text.chars().count() / 2).collect();
        }
        Value::Object(fields) if fields.len() > 1 => {
            let half: Vec<String> = fields.keys().skip(fields.len() / 2).cloned().collect();
            half.iter().for_each(|name| drop(fields.remove(name)));
        }
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_fit_are_kept_and_one_at_least() {
        #[rustfmt::skip]
        let cases = [
            // list                     bytes  kept  some left out
            (json!([]),                 10,    0,    false),
            (json!(["aa", "bb"]),       8,     2,    false),
            (json!(["aa", "bb"]),       7,     1,    true),
            (json!(["aaaaaaaaaa", 1]),  4,     1,    true),
            (json!(["aaaaaaaaaa"]),     4,     1,    false),
        ];
        for (list, most, kept, is_cut) in cases {
            let mut all = list.as_array().unwrap().clone();
            assert_eq!((keep_first(&mut all, most), all.len()), (is_cut, kept), "{list} {most}");
        }
    }

    #[test]
    fn what_is_longest_is_shortened_and_named() {
        let mut small = json!({"a": "b"});
        shorten(&mut small, 1_000);
        assert_eq!(small, json!({"a": "b"}));

        let notes: Vec<_> = (0..1_000).map(|number| json!({"id": number, "content": "x".repeat(50)})).collect();
        let mut large =
            json!({"vision": "v", "notes": notes, "sketch": "ü".repeat(20_000), "huge": [["y".repeat(9_000)]]});
        shorten(&mut large, 8_000);
        assert!(bytes(&large) < 8_200, "{}", bytes(&large));
        assert_eq!(
            (&large["vision"], &large["notes"].as_array().unwrap().last().unwrap()["id"]),
            (&json!("v"), &json!(999))
        );
        assert!(large["sketch"].as_str().unwrap().starts_with("üüü"), "{large}");
        assert_eq!(large["truncated_fields"], json!(["notes", "sketch", "huge"]));
    }
}
