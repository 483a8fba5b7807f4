//! Documents as the older implementation read them: it took what people had written by hand, words in any case, numbers
//! where a text was meant, and fields that were left out.

use bus::contract::context::{Progress, StepProgress};
use bus::contract::document::{Runner, Submit};
use bus::contract::{id, lenient};
use serde_json::{Map, Value};

/// A task.
pub fn task(stored: &Value) -> Value {
    let mut task = progressing(stored);
    if !task.contains_key("milestone")
        && let Some(milestone) = texts(stored).remove("milestone_id")
    {
        task.insert("milestone".into(), milestone);
    }
    let steps = stored["steps"].as_array().into_iter().flatten().filter(|step| step.is_object());
    let step = |stored: &Value| {
        let mut step = texts(stored);
        let word = step.get("status").and_then(Value::as_str).unwrap_or_default();
        let status = if word == "planned" { None } else { StepProgress::parse(word) };
        step.insert("status".into(), status.unwrap_or_default().word().into());
        Value::Object(step)
    };
    task.insert("steps".into(), steps.map(step).collect());
    if let Some(blocked_by) = stored["blocked_by"].as_array() {
        task.insert("blocked_by".into(), blocked_by.iter().filter_map(text).collect());
    }
    Value::Object(task)
}

/// A milestone.
pub fn milestone(stored: &Value) -> Value {
    Value::Object(progressing(stored))
}

/// A document all of whose fields are texts.
pub fn plain(stored: &Value) -> Value {
    Value::Object(texts(stored))
}

/// The row of an actor.
///
/// # Errors
///
/// Why it cannot be one, for people.
pub fn actor(stored: &Value) -> Result<Value, String> {
    let mut row = texts(stored);
    let id = stored["id"].as_str().ok_or("it has no id that is a text")?;
    id::check_actor(id).map_err(|why| format!("{id:?}: {why}"))?;
    row.insert("v".into(), 1.into());
    row.insert("enabled".into(), lenient::as_flag(&stored["enabled"]).unwrap_or(true).into());
    carried(&mut row, stored);
    if let Some(revision) = stored["profile_revision_applied"].as_u64() {
        row.insert("profile_revision_applied".into(), revision.into());
    } else {
        row.remove("profile_revision_applied");
    }
    Ok(Value::Object(row))
}

/// A profile.
pub fn profile(stored: &Value) -> Value {
    let Value::Object(mut row) = stored.clone() else { return Value::Null };
    row.retain(|_, value| !value.is_null());
    carried(&mut row, stored);
    Value::Object(row)
}

/// What an actor and a profile have in common.
fn carried(row: &mut Map<String, Value>, stored: &Value) {
    let word = |field: &str| stored[field].as_str().unwrap_or_default();
    row.insert("runner".into(), Runner::parse(word("runner")).unwrap_or_default().word().into());
    row.insert("submit".into(), Submit::parse(word("submit")).unwrap_or_default().word().into());
    let command = stored["command"].as_array().into_iter().flatten().filter_map(text);
    row.insert("command".into(), command.collect());
    if let Some(env) = stored["env"].as_object() {
        let env = env.iter().filter_map(|(name, value)| Some((name.clone(), text(value)?)));
        row.insert("env".into(), Value::Object(env.collect()));
    }
    row.entry("runtime").or_insert_with(|| "codex".into());
    for field in ["created_at", "updated_at"] {
        row.entry(field).or_insert_with(|| "".into());
    }
}

fn progressing(stored: &Value) -> Map<String, Value> {
    let mut document = texts(stored);
    let read = |document: &Map<String, Value>, field: &str| document.get(field)?.as_str().and_then(Progress::read);
    let status = read(&document, "status").unwrap_or_default();
    document.insert("status".into(), status.word().into());
    match read(&document, "archived_from") {
        Some(before) => drop(document.insert("archived_from".into(), before.word().into())),
        None => drop(document.remove("archived_from")),
    }
    document
}

/// The fields that are texts, or numbers and flags where a text is meant.
fn texts(stored: &Value) -> Map<String, Value> {
    let fields = stored.as_object().into_iter().flatten();
    fields.filter_map(|(field, value)| Some((field.clone(), text(value)?))).collect()
}

fn text(value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => Some(value.clone()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(flag) => Some(if *flag { "True" } else { "False" }.into()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bus::contract::Actor;
    use bus::contract::context::Task;
    use serde_json::json;

    #[test]
    fn a_task_is_read_as_the_older_implementation_read_it() {
        #[rustfmt::skip]
        let cases = [
            // status            read as
            (json!("Done"),      Progress::Done),
            (json!(" ACTIVE "),  Progress::Active),
            (json!("pending"),   Progress::Planned),
            (json!("nonsense"),  Progress::Planned),
            (json!(null),        Progress::Planned),
            (json!(7),           Progress::Planned),
        ];
        for (status, wanted) in cases {
            let stored = json!({"id": "T001", "name": 5, "status": status, "archived_from": "x", "updated_at": null,
                "milestone_id": "M1", "steps": [{"id": "S1", "status": "In_Progress"}, {"status": "planned"}, 7, {"status": "?"}]});
            let task: Task = serde_json::from_value(task(&stored)).unwrap();
            let steps: Vec<_> = task.steps.iter().map(|step| step.status).collect();
            assert_eq!((task.status, task.name.as_str(), task.milestone.as_deref()), (wanted, "5", Some("M1")));
            assert_eq!(steps, [StepProgress::InProgress, StepProgress::Pending, StepProgress::Pending]);
        }
    }

    #[test]
    fn an_actor_is_read_as_the_older_implementation_read_it() {
        #[rustfmt::skip]
        let cases = [
            (json!("true"),  true),
            (json!("FALSE"), false),
            (json!("no"),    false),
            (json!(0),       false),
            (json!("0"),     false),
            (json!(null),    true),
            (json!("what"),  true),
        ];
        for (enabled, wanted) in cases {
            let stored =
                json!({"id": "a", "enabled": enabled, "runner": "HEADLESS", "env": {"N": 1, "L": []}, "title": null});
            let row: Actor = serde_json::from_value(actor(&stored).unwrap()).unwrap();
            assert_eq!(
                (row.enabled, row.runner, row.runtime.as_str()),
                (wanted, Runner::Headless, "codex"),
                "{stored}"
            );
            assert_eq!(row.env, [("N".to_owned(), "1".to_owned())].into());
        }
        for stored in [json!({}), json!({"id": "../x"}), json!("a"), json!({"id": "user"}), json!({"id": false})] {
            assert!(actor(&stored).is_err(), "{stored}");
        }
    }
}
