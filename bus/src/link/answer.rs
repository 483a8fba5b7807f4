//! How an answer is read: as what it means, or, by a process that only hands it on, as JSON text.
//!
//! A front that builds every reply in memory in order to write it out again spends most of its time on that. The
//! encodings of the bus and of the client socket differ in spelling only, so one can be copied into the other.

use crate::contract::{OpError, Reply, Response};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use std::fmt;

/// What a call may bring.
pub trait Answer: Sized {
    /// Reads the body of an answer, [`Response`] as MessagePack with names.
    ///
    /// # Errors
    ///
    /// It is none. Inside: the server's refusal.
    fn read(body: &[u8]) -> Result<Result<Self, OpError>, rmp_serde::decode::Error>;
}

impl Answer for Reply {
    fn read(body: &[u8]) -> Result<Result<Self, OpError>, rmp_serde::decode::Error> {
        rmp_serde::from_slice::<Response>(body)
    }
}

/// The `result` object of the wire, as JSON text in one line: what [`Reply::to_value`] says, unread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json(pub Vec<u8>);

impl Answer for Json {
    fn read(body: &[u8]) -> Result<Result<Self, OpError>, rmp_serde::decode::Error> {
        let mut deserializer = rmp_serde::Deserializer::from_read_ref(body);
        deserializer.deserialize_map(Outcome)
    }
}

/// `{"Ok": {"<op>": <result>}}` or `{"Err": <refusal>}`, which is how serde writes a [`Response`].
struct Outcome;

impl<'de> Visitor<'de> for Outcome {
    type Value = Result<Json, OpError>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        match map.next_key()? {
            Some("Ok") => map.next_value_seed(OfOp).map(Ok),
            Some("Err") => map.next_value().map(Err),
            other => Err(A::Error::custom(format!("{other:?} is neither a reply nor a refusal"))),
        }
    }
}

/// `{"<op>": <result>}`.
struct OfOp;

impl<'de> DeserializeSeed<'de> for OfOp {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OfOp {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reply")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        match map.next_key::<&str>()? {
            Some(_op) => map.next_value_seed(Copied),
            None => Err(A::Error::custom("a reply names its op")),
        }
    }
}

/// Anything, copied.
struct Copied;

impl<'de> DeserializeSeed<'de> for Copied {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        let mut text = Vec::new();
        serde_transcode::transcode(deserializer, &mut serde_json::Serializer::new(&mut text))
            .map_err(D::Error::custom)?;
        Ok(Json(text))
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
            Reply::Send(message::Sent { event: event() }),
            Reply::GroupDelete(group::Deleted { group_id: "g".into() }),
        ];
        for reply in replies {
            let body = rmp_serde::to_vec_named(&Response::Ok(reply.clone())).expect("plain data");
            let Json(text) = Json::read(&body).expect("an answer").expect("a reply");
            assert_eq!(serde_json::from_slice::<Value>(&text).expect("JSON"), reply.to_value());
            assert!(!text.contains(&b'\n'), "it is one line");
        }
    }

    #[test]
    fn a_refusal_stays_one_and_rubbish_is_an_error() {
        let refusal = OpError::new(Code::GroupNotFound, "no").with("group_id", "g");
        let body = rmp_serde::to_vec_named(&Response::Err(refusal.clone())).expect("plain data");
        assert_eq!(Json::read(&body).expect("an answer"), Err(refusal));
        for rubbish in [&[][..], &[0x80], &[0x81, 0xa2, b'O', b'k'], &[0xc0], &body[..body.len() - 1]] {
            assert!(Json::read(rubbish).is_err(), "{rubbish:?}");
        }
    }
}
