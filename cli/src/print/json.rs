//! What programs read: the envelope of the client socket, indented.

use bus::contract::{OpError, version};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Envelope<'a> {
    v: u32,
    ok: bool,
    result: &'a Value,
    error: Option<&'a ErrorBody<'a>>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: &'a str,
    message: &'a str,
    details: &'a Map<String, Value>,
}

/// The envelope of an answer, with a line end.
pub fn answer(result: &Value) -> String {
    pretty(&Envelope { v: version::IPC, ok: true, result, error: None })
}

/// The envelope of a refusal, with a line end.
pub fn refusal(error: &OpError) -> String {
    failure(error.code.word(), &error.message, &error.details)
}

/// The envelope of anything that did not work, with a line end.
pub fn failure(code: &str, message: &str, details: &Map<String, Value>) -> String {
    let result = Value::Object(Map::new());
    let error = ErrorBody { code, message, details };
    pretty(&Envelope { v: version::IPC, ok: false, result: &result, error: Some(&error) })
}

/// One thing on one line, with a line end.
pub fn line(thing: &impl Serialize) -> String {
    harmless(&serde_json::to_string(thing).expect("what is shown is plain data")) + "\n"
}

fn pretty(envelope: &Envelope<'_>) -> String {
    harmless(&serde_json::to_string_pretty(envelope).expect("an envelope is plain data")) + "\n"
}

/// JSON escapes most control characters by itself; some terminals obey the rest, too. They can only stand in
/// strings, where an escape means the same.
pub fn harmless(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\u{7f}'..='\u{9f}' => text += &format!("\\u{:04x}", u32::from(c)),
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use bus::contract::Code;
    use serde_json::json;

    #[test]
    fn an_envelope_always_has_its_four_keys() {
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let wanted = [
            "{",
            "  \"v\": 1,",
            "  \"ok\": true,",
            "  \"result\": {",
            "    \"a\": \"ü\"",
            "  },",
            "  \"error\": null",
            "}",
        ];
        assert_eq!(answer(&json!({"a": "ü"})).lines().collect::<Vec<_>>(), wanted);
        let refused = read(&refusal(&OpError::group_not_found("g_1").with("why", "gone")));
        assert_eq!(refused["error"]["code"], Code::GroupNotFound.word());
        assert_eq!((&refused["v"], &refused["ok"], &refused["result"]), (&json!(1), &json!(false), &json!({})));
        assert_eq!(refused["error"]["details"]["why"], "gone");
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped_and_means_the_same() {
        let value = json!({"text": "\u{1b}[2J\u{9b}2J\u{7f}é"});
        let shown = line(&value);
        assert!(!shown.trim_end().chars().any(char::is_control), "{shown:?}");
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), value);
    }
}
