//! Rules and snippets as clients write them: what is read, what is refused, and why, before anything is stored.
//!
//! Whatever passes here can fire: a calendar has five fields, a zone is one of the world's, a time is a time. Templates
//! and requests go through the same checks.

use super::request::within;
use crate::schedule;
use bus::contract::automation::{Action, Rule, RuleScope, Ruleset, Trigger};
use bus::contract::{Code, OpError, limit, name};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What there is, by part.
const FIELDS: &[(&str, &[&str])] = &[
    ("ruleset", &["rules", "snippets"]),
    ("rule", &["id", "enabled", "scope", "owner_actor_id", "to", "trigger", "action"]),
    ("interval trigger", &["kind", "every_seconds"]),
    ("cron trigger", &["kind", "cron", "timezone"]),
    ("at trigger", &["kind", "at"]),
    ("notify action", &["kind", "title", "snippet_ref", "message", "priority", "requires_ack"]),
    ("group_state action", &["kind", "state"]),
    ("actor_control action", &["kind", "operation", "targets"]),
];

/// What it was called once, and what to write instead.
const OLD: &[(&str, &str)] = &[
    ("name", "id"),
    ("actions", "action, one for each rule"),
    ("schedule", "trigger"),
    ("every_minutes", "every_seconds in the trigger"),
    ("type", "kind"),
    ("message_template", "message, or snippet_ref"),
];

/// Reads a whole ruleset. What is not given is empty.
///
/// # Errors
///
/// `code`, with a sentence that names the rule and what is wrong with it; a limit.
pub fn read_ruleset(code: Code, value: &Value) -> Result<Ruleset, OpError> {
    let refused = |sentence: String| OpError::new(code, sentence);
    let fields = object("ruleset", value).map_err(refused)?;
    let rules = match fields.get("rules") {
        None => &[][..],
        Some(Value::Array(rules)) => rules,
        Some(_) => return Err(refused("rules is not a list".into())),
    };
    let mut ruleset = Ruleset::default();
    for rule in rules {
        let rule = read(code, rule)?;
        if ruleset.rules.iter().any(|known| known.id == rule.id) {
            return Err(refused(format!("rule {} is there twice", rule.id)));
        }
        ruleset.rules.push(rule);
    }
    match fields.get("snippets") {
        None => {}
        Some(Value::Object(snippets)) => ruleset.snippets = read_snippets(snippets).map_err(refused)?,
        Some(_) => return Err(refused("snippets is not an object of texts by name".into())),
    }
    check_size(&ruleset)?;
    Ok(ruleset)
}

fn read_snippets(snippets: &Map<String, Value>) -> Result<BTreeMap<String, String>, String> {
    let mut read = BTreeMap::new();
    for (name, text) in snippets {
        let name = name.trim();
        check_id("snippet", name)?;
        let text = text.as_str().ok_or_else(|| format!("snippet {name} is not a text"))?;
        if read.insert(name.to_owned(), text.to_owned()).is_some() {
            return Err(format!("snippet {name} is there twice"));
        }
    }
    Ok(read)
}

/// Reads one rule, and fills in what it does not say.
///
/// # Errors
///
/// `code`, with a sentence that names the rule and what is wrong with it.
pub fn read(code: Code, value: &Value) -> Result<Rule, OpError> {
    let id = value.get("id").and_then(Value::as_str).unwrap_or_default().trim();
    let refused = |sentence: String| {
        let sentence = if id.is_empty() { sentence } else { format!("rule {id}: {sentence}") };
        OpError::new(code, sentence)
    };
    let mut rule = complete(value).map_err(refused)?;
    rule.to = tokens(rule.to);
    if let Action::ActorControl { targets, .. } = &mut rule.action {
        *targets = tokens(std::mem::take(targets));
    }
    rule.owner_actor_id = rule.owner_actor_id.take().filter(|_| rule.scope == RuleScope::Personal);
    check(&rule).map_err(refused)?;
    Ok(rule)
}

/// A rule of its known fields, with those defaults that depend on the kind.
fn complete(value: &Value) -> Result<Rule, String> {
    let mut fields = object("rule", value)?;
    let trigger = fields.get("trigger").ok_or("it has no trigger, so nobody knows when it is due")?;
    let trigger = part("trigger", trigger, "interval")?;
    let action = match fields.get("action") {
        Some(action) => part("action", action, "notify")?,
        None => Value::Object(Map::from_iter([("kind".into(), "notify".into())])),
    };
    fields.insert("trigger".into(), trigger);
    fields.insert("action".into(), action);
    let rule = serde_json::from_value(Value::Object(fields));
    rule.map_err(|error| format!("it cannot be read: {error}"))
}

/// A trigger or an action: what it has depends on its kind.
fn part(what: &str, value: &Value, default_kind: &str) -> Result<Value, String> {
    let Value::Object(fields) = value else { return Err(format!("its {what} is not an object")) };
    let kind = fields.get("kind").and_then(Value::as_str).unwrap_or(default_kind);
    let name = format!("{kind} {what}");
    if !FIELDS.iter().any(|(known, _)| *known == name) {
        let kinds: Vec<_> = FIELDS.iter().filter_map(|(known, _)| known.strip_suffix(&format!(" {what}"))).collect();
        return Err(format!("there is no {what} of kind {kind:?}; use one of: {}", kinds.join(", ")));
    }
    let mut known = object(&name, value)?;
    known.insert("kind".into(), kind.into());
    Ok(Value::Object(known))
}

/// The fields of a part, trimmed, without those that are null. One that does not belong there is refused.
fn object(what: &str, value: &Value) -> Result<Map<String, Value>, String> {
    let Value::Object(fields) = value else { return Err(format!("the {what} is not an object")) };
    let known = FIELDS.iter().find(|(name, _)| *name == what).map_or(&[][..], |(_, known)| known);
    if let Some(field) = fields.keys().find(|field| !known.contains(&field.as_str())) {
        let there_are = known.join(", ");
        return Err(match OLD.iter().find(|(old, _)| old == field) {
            Some((_, now)) => format!("{field} is the old way to write it; give {now}"),
            None => format!("the {what} has no {field}; there are: {there_are}"),
        });
    }
    let given = fields.iter().filter(|(_, value)| !value.is_null());
    Ok(given.map(|(field, value)| (field.clone(), trimmed(field, value))).collect())
}

/// Texts are trimmed, but for those that people read.
fn trimmed(field: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if field != "message" => text.trim().into(),
        other => other.clone(),
    }
}

fn tokens(given: Vec<String>) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::with_capacity(given.len());
    for token in given.iter().map(|token| token.trim()).filter(|token| !token.is_empty()) {
        if !tokens.iter().any(|known| known == token) {
            tokens.push(token.to_owned());
        }
    }
    tokens
}

fn check(rule: &Rule) -> Result<(), String> {
    check_id("rule", &rule.id)?;
    if let Action::Notify { title, .. } = &rule.action {
        name::check("the title", title)?;
    }
    if rule.scope == RuleScope::Personal && rule.owner_actor_id.as_deref().is_none_or(str::is_empty) {
        return Err("it is personal, so give owner_actor_id".into());
    }
    schedule::check(&rule.trigger)?;
    match (&rule.action, &rule.trigger) {
        (Action::Notify { .. }, _) | (_, Trigger::At { .. }) => {}
        (Action::GroupState { .. } | Action::ActorControl { .. }, Trigger::Interval { .. } | Trigger::Cron { .. }) => {
            return Err("what starts, stops or holds something happens once; give it an at trigger".into());
        }
    }
    match &rule.action {
        Action::ActorControl { targets, .. } if targets.is_empty() => {
            Err("it has no targets; give actor ids, @all, @peers or @foreman".into())
        }
        Action::Notify { .. } | Action::GroupState { .. } | Action::ActorControl { .. } => Ok(()),
    }
}

fn check_id(what: &str, id: &str) -> Result<(), String> {
    if id.is_empty() {
        return Err(format!("a {what} without a name; give it one"));
    }
    if id.len() > limit::AUTOMATION_ID_BYTES_MAX {
        let max = limit::AUTOMATION_ID_BYTES_MAX;
        return Err(format!("the name of a {what} has {} bytes, the limit AUTOMATION_ID_BYTES_MAX is {max}", id.len()));
    }
    name::check(&format!("the name {id:?} of a {what}"), id)
}

/// Checks that a ruleset keeps within its limits, each text and all of it.
///
/// # Errors
///
/// `invalid_request`, which names the limit.
pub fn check_size(ruleset: &Ruleset) -> Result<(), OpError> {
    let bytes = serde_json::to_string(ruleset).map_or(0, |text| text.len());
    #[rustfmt::skip]
    let sizes = [
        ("the number of rules",    ruleset.rules.len(),    limit::AUTOMATION_RULES_MAX,    "AUTOMATION_RULES_MAX"),
        ("the number of snippets", ruleset.snippets.len(), limit::AUTOMATION_SNIPPETS_MAX, "AUTOMATION_SNIPPETS_MAX"),
        ("the automation",         bytes,                  limit::AUTOMATION_BYTES_MAX,    "AUTOMATION_BYTES_MAX"),
    ];
    if let Some((what, has, max, name)) = sizes.into_iter().find(|(_, has, max, _)| has > max) {
        return Err(OpError::too_large(what, has, max, name));
    }
    for rule in &ruleset.rules {
        let Action::Notify { title, message, .. } = &rule.action else { continue };
        within(&format!("the title of rule {}", rule.id), title, limit::TITLE_BYTES_MAX, "TITLE_BYTES_MAX")?;
        text(&format!("the message of rule {}", rule.id), message)?;
    }
    ruleset.snippets.iter().try_for_each(|(name, snippet)| text(&format!("snippet {name}"), snippet))
}

fn text(what: &str, text: &str) -> Result<(), OpError> {
    within(what, text, limit::AUTOMATION_TEXT_BYTES_MAX, "AUTOMATION_TEXT_BYTES_MAX")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn with(more: Value) -> Value {
        let mut rule = json!({"id": " r ", "trigger": {"every_seconds": 60}});
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rule
    }

    #[test]
    fn what_is_read_is_complete_and_trimmed() {
        let told = json!({"kind": "notify", "message": " hi ", "title": " t "});
        let rule = with(json!({"to": [" a", "a", ""], "owner_actor_id": "a", "action": told, "enabled": null}));
        let rule = read(Code::InvalidRequest, &rule).unwrap();
        assert_eq!((rule.id.as_str(), rule.to, rule.owner_actor_id, rule.enabled), ("r", vec!["a".into()], None, true));
        assert_eq!(rule.trigger, Trigger::Interval { every_seconds: 60 });
        assert!(matches!(&rule.action, Action::Notify { title, message, .. } if title == "t" && message == " hi "));
    }

    #[test]
    fn what_could_not_fire_is_refused_with_what_is_wrong() {
        let at = json!({"kind": "at", "at": "2026-01-13T12:00:00Z"});
        #[rustfmt::skip]
        let cases = [
            // rule                                                                              what the sentence says
            (json!([]),                                                                          "not an object"),
            (with(json!({"id": " "})),                                                           "without a name"),
            (with(json!({"id": "x".repeat(65)})),                                                "AUTOMATION_ID_BYTES_MAX"),
            (with(json!({"id": "a\nb"})),                                                        "control or format character"),
            (with(json!({"id": "a\u{200b}"})),                                                     "U+200B"),
            (with(json!({"action": {"kind": "notify", "title": "\u{202e}x", "message": "m"}})),      "U+202E"),
            (json!({"id": "r"}),                                                                 "no trigger"),
            (with(json!({"color": "red"})),                                                      "the rule has no color"),
            (with(json!({"name": "x"})),                                                         "old way to write it; give id"),
            (with(json!({"every_minutes": 5})),                                                  "every_seconds in the trigger"),
            (with(json!({"trigger": {"every_minutes": 5}})),                                     "every_seconds in the trigger"),
            (with(json!({"schedule": "* * * * *"})),                                             "give trigger"),
            (with(json!({"actions": []})),                                                       "one for each rule"),
            (with(json!({"action": {"type": "notify"}})),                                        "give kind"),
            (with(json!({"action": {"message_template": ""}})),                                  "snippet_ref"),
            (with(json!({"action": "notify"})),                                                  "not an object"),
            (with(json!({"action": {"kind": "explode"}})),                                       "use one of: notify, group_state, actor_control"),
            (with(json!({"action": {"kind": "notify", "state": "idle"}})),                       "the notify action has no state"),
            (with(json!({"action": {"priority": "loud"}})),                                      "loud"),
            (with(json!({"trigger": {"kind": "never"}})),                                        "use one of: interval, cron, at"),
            (with(json!({"trigger": {"every_seconds": 0}})),                                     "every_seconds"),
            (with(json!({"trigger": {"every_seconds": "soon"}})),                                "cannot be read"),
            (with(json!({"trigger": {"kind": "cron", "cron": "* * *"}})),                        "five fields"),
            (with(json!({"trigger": {"kind": "at", "at": "noon"}})),                             "noon"),
            (with(json!({"scope": "personal"})),                                                 "owner_actor_id"),
            (with(json!({"to": "a"})),                                                           "cannot be read"),
            (with(json!({"action": {"kind": "group_state"}})),                                   "at trigger"),
            (with(json!({"action": {"kind": "actor_control"}})),                                 "at trigger"),
            (with(json!({"action": {"kind": "actor_control", "targets": []}, "trigger": at})),   "no targets"),
        ];
        for (rule, says) in cases {
            let refusal = read(Code::InvalidRequest, &rule).unwrap_err();
            assert!(refusal.message.contains(says), "{rule}: {refusal}");
        }
        assert!(read(Code::InvalidRequest, &with(json!({"action": {"kind": "group_state"}, "trigger": at}))).is_ok());
    }

    #[test]
    fn a_ruleset_has_limits_and_no_name_twice() {
        let rules = |count: usize| -> Vec<Value> { (0..count).map(|n| with(json!({"id": n.to_string()}))).collect() };
        let snippets =
            |count: usize| -> Map<String, Value> { (0..count).map(|n| (n.to_string(), "".into())).collect() };
        let long = "x".repeat(limit::AUTOMATION_TEXT_BYTES_MAX + 1);
        let much: Map<String, Value> = (0..10).map(|n| (n.to_string(), "x".repeat(16_000).into())).collect();
        #[rustfmt::skip]
        let cases = [
            (json!({}),                                                             ""),
            (json!({"rules": rules(limit::AUTOMATION_RULES_MAX)}),                  ""),
            (json!({"rules": rules(limit::AUTOMATION_RULES_MAX + 1)}),              "AUTOMATION_RULES_MAX"),
            (json!({"snippets": snippets(limit::AUTOMATION_SNIPPETS_MAX + 1)}),     "AUTOMATION_SNIPPETS_MAX"),
            (json!({"snippets": {"a": long}}),                                      "AUTOMATION_TEXT_BYTES_MAX"),
            (json!({"rules": [with(json!({"action": {"message": long}}))]}),        "AUTOMATION_TEXT_BYTES_MAX"),
            (json!({"rules": [with(json!({"action": {"title": &long[..1_001]}}))]}), "TITLE_BYTES_MAX"),
            (json!({"snippets": much}),                                             "AUTOMATION_BYTES_MAX"),
            (json!({"rules": [with(json!({})), with(json!({}))]}),                  "rule r is there twice"),
            (json!({"snippets": {"a": "", " a": ""}}),                              "snippet a is there twice"),
            (json!({"snippets": {"a": 7}}),                                         "not a text"),
            (json!({"snippets": []}),                                               "not an object"),
            (json!({"rules": {}}),                                                  "not a list"),
            (json!({"rules": [], "version": 1}),                                    "the ruleset has no version"),
            (json!([]),                                                             "not an object"),
        ];
        for (ruleset, says) in cases {
            match read_ruleset(Code::InvalidRequest, &ruleset) {
                Ok(_) => assert_eq!(says, "", "{ruleset}"),
                Err(refusal) => assert!(!says.is_empty() && refusal.message.contains(says), "{ruleset}: {refusal}"),
            }
        }
    }
}
