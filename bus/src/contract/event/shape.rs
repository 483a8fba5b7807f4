//! Whether JSON has the shape of an event as we write it, found in one pass that keeps nothing.

use crate::contract::version;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;

/// The sequence number of an event.
///
/// # Errors
///
/// It has another shape.
pub fn seq(json: &[u8]) -> serde_json::Result<u64> {
    let shape: Shape = serde_json::from_slice(json)?;
    if shape.v != version::EVENT || shape.id.is_empty() {
        return Err(serde_json::Error::custom("it is no event of this version"));
    }
    Ok(shape.seq)
}

/// An event as we write it, as far as one looks at it that is only handed on: whatever has this shape can be read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "that a field is there, and of its kind, is all there is to know")]
struct Shape<'a> {
    v: u32,
    seq: u64,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    ts: Cow<'a, str>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    group_id: Cow<'a, str>,
    #[serde(borrow)]
    scope_key: Cow<'a, str>,
    #[serde(borrow)]
    by: Cow<'a, str>,
    data: Readable,
}

/// Any value that can be read, and is not kept. What is skipped as JSON may be a number, a text or a depth that nobody reads.
struct Readable;

impl<'de> Deserialize<'de> for Readable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Readable {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}
