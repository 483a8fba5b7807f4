//! One line of the client socket: how a request is read and how an answer is written.
//!
//! Pure, so that every odd line a client may send is a row of a table below. The rules are the wire
//! standard's: an object with `op`, `args` and `v` and nothing else.

use bus::contract::{Code, OpError, Reply, lenient, limit, nesting, surrogate, version};
use bus::front::Untrusted;
use bus::link::Json;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Why a line is not answered with what it asks for.
#[derive(Debug, PartialEq)]
pub enum Fault {
    /// It is no JSON object. Nobody knows where the next request begins, or whether this is a browser that was
    /// talked into posting to us, with the real request in its body: answer and close.
    Unreadable(OpError),
    /// It is a request, and a wrong one: answer and go on.
    Refused(OpError),
}

impl From<OpError> for Fault {
    fn from(error: OpError) -> Self {
        Fault::Refused(error)
    }
}

/// Reads one request line, with or without its line end. Invalid UTF-8 and halves of characters are replaced, not refused.
///
/// # Errors
///
/// What is wrong with the line, and whether the connection can go on.
pub fn parse(line: &[u8]) -> Result<Untrusted, Fault> {
    let text = String::from_utf8_lossy(line);
    let text = surrogate::mend(&text);
    if let Err(too_deep) = nesting::check(&text, 1) {
        // It is not built, only looked through to its end.
        return Err(match serde_json::from_str::<BTreeMap<String, IgnoredAny>>(&text) {
            Ok(_) => Fault::Refused(too_deep),
            Err(_) => Fault::Unreadable(too_deep),
        });
    }
    let mut request = match serde_json::from_str(&text) {
        Ok(Value::Object(request)) => request,
        Ok(_) => return Err(Fault::Unreadable(invalid("the line is not a JSON object"))),
        Err(error) => return Err(Fault::Unreadable(invalid(format!("the line is not JSON: {error}")))),
    };
    let op = request.remove("op");
    let args = request.remove("args");
    let v = request.remove("v");
    if let Some(key) = request.keys().next() {
        return Err(invalid(format!("unknown key {key:?}; a request has op, args and v")).into());
    }
    if v.is_some_and(|v| !is_integer(&v)) {
        return Err(invalid("v must be an integer").into());
    }
    let name = match op {
        Some(Value::String(name)) => name,
        Some(_) => return Err(invalid("op must be a string").into()),
        None => return Err(invalid("op is missing").into()),
    };
    let args = match args {
        Some(Value::Object(args)) => args,
        Some(_) => return Err(invalid("args must be an object").into()),
        None => Map::new(),
    };
    Ok(Untrusted::read(&name, args)?)
}

/// What the reference takes for `v`: an integer in any spelling.
fn is_integer(value: &Value) -> bool {
    match value {
        Value::Number(n) => n.as_f64().is_some_and(|n| n.fract() == 0.0),
        Value::String(_) => lenient::as_integer(value).is_some(),
        Value::Bool(_) => true,
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

fn invalid(why: impl Into<String>) -> OpError {
    OpError::new(Code::InvalidRequest, "invalid request").with("error", why.into())
}

/// The refusal of a line that has no end within the limit.
pub fn too_long() -> OpError {
    invalid(format!("the line is longer than {} bytes", limit::REQUEST_LINE_BYTES_MAX))
        .with("limit", "REQUEST_LINE_BYTES_MAX")
        .with("max", limit::REQUEST_LINE_BYTES_MAX as u64)
}

/// The refusal of a long line that stopped coming while others waited to send theirs.
pub fn stalled() -> OpError {
    let sentence = "the line stopped coming, and other long ones wait; send it again at once";
    OpError::new(Code::DaemonUnavailable, sentence).with("limit", "LONG_LINES_MAX")
}

/// What a client is told that was idle when somebody else needed its place.
pub fn gave_way() -> OpError {
    let sentence = "the connection was idle and its place was needed; nothing was done; connect again";
    OpError::new(Code::DaemonUnavailable, sentence).with("limit", "CONNECTIONS_MAX")
}

/// The line that answers a request, line end included. One that clients would not read whole is replaced by a
/// refusal that says how to ask for less.
pub fn answer(Json(result): &Json) -> Vec<u8> {
    let line = write(true, result, b"null");
    if line.len() <= limit::RESPONSE_LINE_BYTES_MAX {
        return line;
    }
    let sentence = format!(
        "the answer takes {} bytes, the limit RESPONSE_LINE_BYTES_MAX is {}; ask for fewer things with a smaller limit",
        line.len(),
        limit::RESPONSE_LINE_BYTES_MAX
    );
    refusal(
        &OpError::new(Code::InvalidRequest, sentence)
            .with("limit", "RESPONSE_LINE_BYTES_MAX")
            .with("max", limit::RESPONSE_LINE_BYTES_MAX as u64),
    )
}

/// A reply of our own, ready to be answered with.
pub fn json(reply: &Reply) -> Json {
    Json(serde_json::to_vec(&reply.to_value()).expect("a value is plain data"))
}

/// The line that refuses a request, line end included.
pub fn refusal(error: &OpError) -> Vec<u8> {
    write(false, b"{}", &serde_json::to_vec(error).expect("a refusal is plain data"))
}

/// Puts a line together from what is JSON already.
fn write(ok: bool, result: &[u8], error: &[u8]) -> Vec<u8> {
    let head = format!("{{\"v\":{},\"ok\":{ok},\"result\":", version::IPC);
    [head.as_bytes(), result, b",\"error\":", error, b"}\n"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn result(value: Value) -> Json {
        Json(value.to_string().into_bytes())
    }

    fn code(line: &[u8]) -> (&'static str, bool) {
        match parse(line) {
            Ok(asked) => (asked.op.row().name, true),
            Err(Fault::Refused(error)) => (error.code.word(), true),
            Err(Fault::Unreadable(error)) => (error.code.word(), false),
        }
    }

    #[test]
    fn every_line_is_read_as_the_standard_says() {
        #[rustfmt::skip]
        let cases: &[(&[u8], &str, bool)] = &[
            // line                                             op or code          goes on
            (br#"{"v":1,"op":"ping","args":{}}"#,               "ping",             true),
            (br#"{"op":"ping"}"#,                               "ping",             true),
            (b" {\"op\":\" ping \"} \r\n",                      "ping",             true),
            (br#"{"v":"1","op":"ping"}"#,                       "ping",             true),
            (br#"{"v":7,"op":"ping"}"#,                         "ping",             true),
            (br#"{"v":1.0,"op":"ping"}"#,                       "ping",             true),
            (br#"{"v":1.5,"op":"ping"}"#,                       "invalid_request",  true),
            (br#"{"v":"one","op":"ping"}"#,                     "invalid_request",  true),
            (br#"{"v":null,"op":"ping"}"#,                      "invalid_request",  true),
            (br#"{"v":1}"#,                                     "invalid_request",  true),
            (br#"{"op":null}"#,                                 "invalid_request",  true),
            (br#"{"op":7}"#,                                    "invalid_request",  true),
            (br#"{"op":""}"#,                                   "unknown_op",       true),
            (br#"{"op":"   "}"#,                                "unknown_op",       true),
            (br#"{"op":"no_such_op"}"#,                         "unknown_op",       true),
            (br#"{"op":"PING"}"#,                               "unknown_op",       true),
            (br#"{"op":"ping","args":null}"#,                   "invalid_request",  true),
            (br#"{"op":"ping","args":[]}"#,                     "invalid_request",  true),
            (br#"{"op":"ping","args":{"unknown":1}}"#,          "ping",             true),
            (br#"{"op":"secrets_get"}"#,                        "permission_denied", true),
            (br#"{"op":" secrets_get ","args":{"by":"system"}}"#, "permission_denied", true),
            (br#"{"op":"ping","id":1}"#,                        "invalid_request",  true),
            (br#"{"op":"no_such_op","id":1}"#,                  "invalid_request",  true),
            (br#"{"op":"send","args":{"scope":"a lie"}}"#,      "send",             true),
            (br#"{"op":"ping","args":{"request_id":"r1"}}"#,    "ping",             true),
            (br#"{"op":"ping","args":{"request_id":7}}"#,       "invalid_request",  true),
            (b"{\"op\":\"ping\",\"args\":{\"x\":\"\xff\"}}",    "ping",             true),
            (b"{\"op\":\"pi\xffng\"}",                          "unknown_op",       true),
            (br#"{"op":"ping","args":{"x":"cut \ud83d"}}"#,     "ping",             true),
            (br#"{"op":"ping\ude00","args":{"\ud83d":1}}"#,     "unknown_op",       true),
            (b"[]",                                             "invalid_request",  false),
            (b"\"ping\"",                                       "invalid_request",  false),
            (b"",                                               "invalid_request",  false),
            (b"\r\n",                                           "invalid_request",  false),
            (b"\0",                                             "invalid_request",  false),
            (b"{\"op\":\"pi\0ng\"}",                            "invalid_request",  false),
            (b"POST / HTTP/1.1\r\n",                            "invalid_request",  false),
            (br#"{"op":"ping"}{"op":"ping"}"#,                  "invalid_request",  false),
            (br#"{"op":"ping""#,                                "invalid_request",  false),
            (br#"{"v":NaN,"op":"ping"}"#,                       "invalid_request",  false),
        ];
        for (line, wanted, goes_on) in cases {
            assert_eq!(code(line), (*wanted, *goes_on), "{}", String::from_utf8_lossy(line));
        }
        let deep = [b"{\"op\":".as_slice(), &b"[".repeat(100_000)].concat();
        assert_eq!(code(&deep), ("invalid_request", false));
        let nested = |levels: usize| {
            format!(r#"{{"op":"ping","args":{{"x":{}{}}}}}"#, "[".repeat(levels - 1), "]".repeat(levels - 1))
                .into_bytes()
        };
        assert_eq!(code(&nested(limit::NESTING_MAX)), ("ping", true));
        for levels in [limit::NESTING_MAX + 1, 126, 127, 128, 100_000] {
            assert_eq!(code(&nested(levels)), ("invalid_request", true), "{levels}");
            let Err(Fault::Refused(refusal)) = parse(&nested(levels)) else { panic!("{levels} levels are taken") };
            assert_eq!(refusal.details["limit"], "NESTING_MAX", "{levels}");
        }
        let long_id = json!({"op": "ping", "args": {"request_id": "x".repeat(limit::REQUEST_ID_BYTES_MAX + 1)}});
        assert_eq!(code(long_id.to_string().as_bytes()), ("invalid_request", true));
    }

    #[test]
    fn an_answer_always_has_its_four_keys_and_always_fits() {
        let read = |line: Vec<u8>| serde_json::from_slice::<Value>(&line).unwrap();
        assert_eq!(
            read(answer(&result(json!({"a": 1})))),
            json!({"v": 1, "ok": true, "result": {"a": 1}, "error": null})
        );
        let error = OpError::new(Code::UnknownOp, "unknown op: ");
        let wanted = json!({"v": 1, "ok": false, "result": {},
                            "error": {"code": "unknown_op", "message": "unknown op: ", "details": {}}});
        assert_eq!(read(refusal(&error)), wanted);
        let large = answer(&result(json!({"text": "x".repeat(limit::RESPONSE_LINE_BYTES_MAX)})));
        assert!(large.len() < 1_000 && large.ends_with(b"\n"));
        assert_eq!(read(large)["error"]["details"]["limit"], "RESPONSE_LINE_BYTES_MAX");
        assert!(!answer(&result(json!({"a": "line\nend é"}))).strip_suffix(b"\n").unwrap().contains(&b'\n'));
    }
}
