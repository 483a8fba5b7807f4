//! How an answer is read: as what it means, or, by a process that only hands it on, as JSON text.
//!
//! A front that builds every reply in memory in order to write it out again spends most of its time on that.

use super::{body, transcode};
use crate::contract::{OpError, Reply, Response};
use rmp_serde::decode::Error;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use std::fmt;

/// What a call may bring.
pub trait Answer: Sized {
    /// Reads the body of an answer, a [`Response`].
    ///
    /// # Errors
    ///
    /// It is none. Inside: the server's refusal.
    fn read(body: &[u8]) -> Result<Result<Self, OpError>, Error>;
}

impl Answer for Reply {
    fn read(body: &[u8]) -> Result<Result<Self, OpError>, Error> {
        body::read::<Response>(body)
    }
}

/// The `result` object of the wire, as JSON text in one line: what [`Reply::to_value`] says, unread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json(pub Vec<u8>);

impl Answer for Json {
    fn read(body: &[u8]) -> Result<Result<Self, OpError>, Error> {
        // Somewhat longer than it was.
        let mut text = Vec::with_capacity(body.len() + body.len() / 8);
        let refusal = body::reader(body).deserialize_map(Outcome(&mut text))?;
        Ok(refusal.map_or(Ok(Self(text)), Err))
    }
}

/// Reads a [`Response`] as serde writes it: `{"Ok": {"<op>": <result>}}` or `{"Err": <refusal>}`. The result goes to the
/// text, a refusal comes back.
struct Outcome<'a>(&'a mut Vec<u8>);

impl<'de> Visitor<'de> for Outcome<'_> {
    type Value = Option<OpError>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<OpError>, A::Error> {
        match map.next_key::<String>()?.as_deref() {
            Some("Ok") => map.next_value_seed(Named(self.0)).map(|()| None),
            Some("Err") => map.next_value().map(Some),
            other => Err(A::Error::custom(format!("an answer is Ok or Err, not {other:?}"))),
        }
    }
}

/// Reads `{"<op>": <result>}`.
struct Named<'a>(&'a mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for Named<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Named<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reply under the name of its op")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let one = "a reply names its op, and no other";
        map.next_key::<String>()?.ok_or_else(|| A::Error::custom(one))?;
        map.next_value_seed(transcode::Json(self.0))?;
        match map.next_key::<String>()? {
            None => Ok(()),
            Some(_) => Err(A::Error::custom(one)),
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
        let values = [json!({}), json!({"Ok": {}}), json!({"Ok": {"a": 1, "b": 2}}), json!({"No": {}}), json!(null)];
        let whole = values.iter().map(body::write);
        for rubbish in whole.chain([vec![], body[..body.len() - 1].to_vec()]) {
            assert!(Json::read(&rubbish).is_err(), "{rubbish:?}");
        }
    }
}
