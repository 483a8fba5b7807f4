//! How an answer is read: as what it means, or, by a process that only hands it on, as JSON text.
//!
//! A front that builds every reply in memory in order to write it out again spends most of its time on that.

use super::body;
use crate::contract::{OpError, Reply, Response};
use serde::de::Error as _;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What a call may bring.
pub trait Answer: Sized {
    /// Reads the body of an answer, a [`Response`].
    ///
    /// # Errors
    ///
    /// It is none. Inside: the server's refusal.
    fn read(body: &[u8]) -> serde_json::Result<Result<Self, OpError>>;
}

impl Answer for Reply {
    fn read(body: &[u8]) -> serde_json::Result<Result<Self, OpError>> {
        body::read::<Response>(body)
    }
}

/// The `result` object of the wire, as JSON text in one line: what [`Reply::to_value`] says, unread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json(pub Vec<u8>);

impl Answer for Json {
    fn read(body: &[u8]) -> serde_json::Result<Result<Self, OpError>> {
        // How serde writes a reply: one entry, `"<op>": <result>`.
        let response: Result<BTreeMap<&str, &RawValue>, OpError> = body::read(body)?;
        match response.map(BTreeMap::into_values) {
            Ok(mut results) => match (results.next(), results.next()) {
                (Some(result), None) => Ok(Ok(Self(result.get().as_bytes().to_vec()))),
                _ => Err(serde_json::Error::custom("a reply names its op")),
            },
            Err(refusal) => Ok(Err(refusal)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::op::{group, message};
    use crate::contract::{Code, Event};
    use serde_json::{Value, json};

    fn event() -> Event {
        serde_json::from_value(json!({
            "v": 1, "seq": 3, "id": "0190", "ts": "2026-01-13T12:34:56Z", "kind": "x.other.thing", "group_id": "g_1",
            "scope_key": "", "by": "ü\"\n", "data": {"null": null, "float": 1.5, "list": [1, -2, true], "big": u64::MAX}
        }))
        .expect("an event")
    }

    #[test]
    fn an_answer_that_is_handed_on_says_what_the_reply_says() {
        let replies = [
            Reply::Send(message::Sent { event: event(), started: vec!["a".into()] }),
            Reply::GroupDelete(group::Deleted { group_id: "g".into() }),
        ];
        for reply in replies {
            let body = body::write(&Response::Ok(reply.clone()));
            let Json(text) = Json::read(&body).expect("an answer").expect("a reply");
            assert_eq!(serde_json::from_slice::<Value>(&text).expect("JSON"), reply.to_value());
            assert!(!text.contains(&b'\n'), "it is one line");
        }
    }

    #[test]
    fn a_refusal_stays_one_and_rubbish_is_an_error() {
        let refusal = OpError::new(Code::GroupNotFound, "no").with("group_id", "g");
        let body = body::write(&Response::Err(refusal.clone()));
        assert_eq!(Json::read(&body).expect("an answer"), Err(refusal));
        for rubbish in [&b""[..], b"{}", br#"{"Ok":{}}"#, br#"{"Ok":{"a":1,"b":2}}"#, b"null", &body[..body.len() - 1]]
        {
            assert!(Json::read(rubbish).is_err(), "{rubbish:?}");
        }
    }
}
