//! The fields of an actor's row, as actors and profiles have them: their words, commands, and what differs.

use bus::contract::{Actor, runtime};
use serde_json::{Map, Value};

/// The command of a runtime; empty when it has none.
pub fn default_command(runtime_id: &str) -> Vec<String> {
    let words = runtime::find(runtime_id).map(|runtime| runtime.command).unwrap_or_default();
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A word of a table; the table's default when it is empty.
///
/// # Errors
///
/// The sentence for the person who typed it.
pub fn word<T: Default>(field: &str, given: &str, parse: fn(&str) -> Option<T>, words: &[&str]) -> Result<T, String> {
    if given.is_empty() {
        return Ok(T::default());
    }
    parse(given).ok_or_else(|| format!("invalid {field}: {given}; use one of: {}", words.join(", ")))
}

/// Words of a command, as a list.
pub fn command(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|word| word.as_str().map(str::to_owned)).collect()
}

/// Fields that differ, as they are stored. Which profile an actor is linked to is said beside them.
pub fn difference(before: &Actor, after: &Actor) -> Map<String, Value> {
    let row = |actor: &Actor| match serde_json::to_value(actor) {
        Ok(Value::Object(row)) => row,
        _ => unreachable!("a row is an object of plain data"),
    };
    let before = row(before);
    row(after).into_iter().filter(|(field, value)| before.get(field) != Some(value) && field != "profile_id").collect()
}
