//! The settings of a group: one row per key.
//!
//! Only what was set is stored; everything else has its default, and three keys default to a multiple of another.
//! What is stored is read leniently, because old ledgers have what clients sent then.

use bus::contract::{Code, OpError, lenient};
use serde_json::{Map, Value};

/// What a setting may be, and what it is when nobody has set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// One of the words; the first is the default. A wrong word is refused, or ignored, as the standard has it.
    Word { words: &'static [&'static str], is_refused: bool },
    /// Yes or no.
    Flag(bool),
    /// A number of seconds or of things; below 0 counts as 0.
    Count(u64),
    /// As [`Shape::Count`]; without a value, a multiple of `nudge_after_seconds`.
    NudgeTimes(u64),
    /// A number that is kept within bounds.
    Within { default: u64, min: u64, max: u64 },
}

/// Every setting, in the order of the documentation.
const TABLE: &[(&str, Shape)] = &[
    ("default_send_to", Shape::Word { words: &["foreman", "broadcast"], is_refused: true }),
    ("min_interval_seconds", Shape::Count(0)),
    ("auto_mark_on_delivery", Shape::Flag(false)),
    ("nudge_after_seconds", Shape::Count(300)),
    ("reply_required_nudge_after_seconds", Shape::NudgeTimes(1)),
    ("attention_ack_nudge_after_seconds", Shape::NudgeTimes(2)),
    ("unread_nudge_after_seconds", Shape::NudgeTimes(3)),
    ("nudge_digest_min_interval_seconds", Shape::Count(120)),
    ("nudge_max_repeats_per_obligation", Shape::Count(3)),
    ("nudge_escalate_after_repeats", Shape::Count(2)),
    ("actor_idle_timeout_seconds", Shape::Count(600)),
    ("keepalive_delay_seconds", Shape::Count(120)),
    ("keepalive_max_per_actor", Shape::Count(3)),
    ("silence_timeout_seconds", Shape::Count(600)),
    ("help_nudge_interval_seconds", Shape::Count(600)),
    ("help_nudge_min_messages", Shape::Count(10)),
    ("terminal_transcript_visibility", Shape::Word { words: &["foreman", "off", "all"], is_refused: false }),
    ("terminal_transcript_notify_tail", Shape::Flag(true)),
    ("terminal_transcript_notify_lines", Shape::Within { default: 20, min: 1, max: 80 }),
];

/// Whether there is a setting of this name.
pub fn is_known(key: &str) -> bool {
    shape(key).is_some()
}

/// Checks a patch and returns it as it is to be stored.
///
/// # Errors
///
/// `invalid_patch`: it is empty, or has an unknown key or a wrong word. `group_settings_update_failed`: a number is none.
pub fn check(patch: Option<&Map<String, Value>>) -> Result<Map<String, Value>, OpError> {
    let patch = patch.filter(|patch| !patch.is_empty()).ok_or_else(|| {
        OpError::new(Code::InvalidPatch, "the patch is empty; give at least one setting, such as default_send_to")
    })?;
    let unknown: Vec<_> = patch.keys().filter(|key| shape(key).is_none()).cloned().collect();
    if !unknown.is_empty() {
        let sentence = format!("unknown settings: {}; there are: {}", unknown.join(", "), keys().join(", "));
        return Err(OpError::new(Code::InvalidPatch, sentence).with("unknown_keys", unknown));
    }
    let mut checked = Map::new();
    for (key, shape) in TABLE {
        if let Some(value) = patch.get(*key).map(|value| store(key, *shape, value)).transpose()?.flatten() {
            checked.insert((*key).into(), value);
        }
    }
    Ok(checked)
}

/// A value as it is stored; `None` for one that is ignored.
fn store(key: &str, shape: Shape, value: &Value) -> Result<Option<Value>, OpError> {
    Ok(match shape {
        Shape::Word { words, is_refused } => match (word(words, value), is_refused) {
            (Some(word), _) => Some(word.into()),
            (None, true) => {
                let sentence = format!("{key} must be one of: {}", words.join(", "));
                return Err(OpError::new(Code::InvalidPatch, sentence).with("key", key));
            }
            (None, false) => None,
        },
        Shape::Flag(_) => lenient::as_flag(value).map(Value::Bool),
        Shape::Count(_) | Shape::NudgeTimes(_) => Some(number(key, value)?.into()),
        Shape::Within { min, max, .. } => Some(number(key, value)?.clamp(min, max).into()),
    })
}

fn number(key: &str, value: &Value) -> Result<u64, OpError> {
    let number = lenient::as_integer(value).ok_or_else(|| {
        OpError::new(Code::GroupSettingsUpdateFailed, format!("{key} must be a whole number, not {value}"))
            .with("key", key)
    })?;
    Ok(u64::try_from(number).unwrap_or(0))
}

fn word(words: &[&'static str], value: &Value) -> Option<&'static str> {
    let given = value.as_str()?.trim();
    words.iter().find(|word| word.eq_ignore_ascii_case(given)).copied()
}

fn shape(key: &str) -> Option<Shape> {
    TABLE.iter().find(|(known, _)| *known == key).map(|(_, shape)| *shape)
}

fn keys() -> Vec<&'static str> {
    TABLE.iter().map(|(key, _)| *key).collect()
}

/// The settings of one group, read with their defaults.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a>(pub &'a Map<String, Value>);

impl Settings<'_> {
    /// All effective values.
    pub fn effective(self) -> Map<String, Value> {
        TABLE.iter().map(|(key, _)| ((*key).to_owned(), self.value(key))).collect()
    }

    /// Whether a message without recipients goes to everybody rather than to the foreman.
    pub fn broadcasts(self) -> bool {
        self.value("default_send_to") == "broadcast"
    }

    /// Whether a delivered message counts as read.
    pub fn marks_on_delivery(self) -> bool {
        self.value("auto_mark_on_delivery") == true
    }

    /// Seconds between two deliveries to one actor.
    pub fn min_interval_seconds(self) -> u64 {
        self.value("min_interval_seconds").as_u64().unwrap_or(0)
    }

    /// Who may look at terminals: `foreman`, `off` or `all`.
    pub fn transcript_visibility(self) -> String {
        self.value("terminal_transcript_visibility").as_str().unwrap_or_default().to_owned()
    }

    fn value(self, key: &str) -> Value {
        let stored = self.0.get(key);
        let count = |default: u64| {
            let number = stored.and_then(lenient::as_integer).map_or(default, |n| u64::try_from(n).unwrap_or(0));
            Value::from(number)
        };
        match shape(key).expect("a key of the table") {
            Shape::Word { words, .. } => stored.and_then(|value| word(words, value)).unwrap_or(words[0]).into(),
            Shape::Flag(default) => stored.and_then(lenient::as_flag).unwrap_or(default).into(),
            Shape::Count(default) => count(default),
            Shape::NudgeTimes(times) => {
                let nudge = self.value("nudge_after_seconds").as_u64().unwrap_or(0);
                count(nudge.saturating_mul(times))
            }
            Shape::Within { default, min, max } => {
                let number = stored.and_then(lenient::as_integer).map_or(default, |n| u64::try_from(n).unwrap_or(0));
                number.clamp(min, max).into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn a_patch_is_checked_key_by_key() {
        #[rustfmt::skip]
        let cases = [
            (json!({"default_send_to": "Broadcast"}),              Ok(json!({"default_send_to": "broadcast"}))),
            (json!({"default_send_to": "nobody"}),                 Err(Code::InvalidPatch)),
            (json!({"min_interval_seconds": "7"}),                 Ok(json!({"min_interval_seconds": 7}))),
            (json!({"min_interval_seconds": -7}),                  Ok(json!({"min_interval_seconds": 0}))),
            (json!({"min_interval_seconds": "soon"}),              Err(Code::GroupSettingsUpdateFailed)),
            (json!({"min_interval_seconds": null}),                Err(Code::GroupSettingsUpdateFailed)),
            (json!({"auto_mark_on_delivery": "yes"}),              Ok(json!({"auto_mark_on_delivery": true}))),
            (json!({"terminal_transcript_visibility": "wide"}),    Ok(json!({}))),
            (json!({"terminal_transcript_notify_lines": 999}),     Ok(json!({"terminal_transcript_notify_lines": 80}))),
            (json!({"min_interval_seconds": 1, "colour": "red"}),  Err(Code::InvalidPatch)),
            (json!({}),                                            Err(Code::InvalidPatch)),
        ];
        for (patch, wanted) in cases {
            let checked = check(Some(&map(patch.clone()))).map(Value::Object).map_err(|error| error.code);
            assert_eq!(checked, wanted, "{patch}");
        }
        let refused = check(Some(&map(json!({"colour": 1})))).unwrap_err();
        assert_eq!(refused.details["unknown_keys"], json!(["colour"]));
        assert_eq!(check(None).unwrap_err().code, Code::InvalidPatch);
    }

    #[test]
    fn what_is_not_set_has_its_default_and_what_is_damaged_too() {
        #[rustfmt::skip]
        let cases = [
            // stored                                     key                                    effective
            (json!({}),                                   "default_send_to",                     json!("foreman")),
            (json!({}),                                   "attention_ack_nudge_after_seconds",   json!(600)),
            (json!({"nudge_after_seconds": 10}),          "unread_nudge_after_seconds",          json!(30)),
            (json!({"nudge_after_seconds": 10, "unread_nudge_after_seconds": 5}), "unread_nudge_after_seconds", json!(5)),
            (json!({"min_interval_seconds": -3}),         "min_interval_seconds",                json!(0)),
            (json!({"keepalive_max_per_actor": "x"}),     "keepalive_max_per_actor",             json!(3)),
            (json!({"nudge_after_seconds": i64::MAX}),    "unread_nudge_after_seconds",          json!(u64::MAX)),
        ];
        for (stored, key, effective) in cases {
            let stored = map(stored);
            assert_eq!(Settings(&stored).effective()[key], effective, "{key} of {stored:?}");
        }
        assert_eq!(Settings(&Map::new()).effective().len(), 19);
    }
}
