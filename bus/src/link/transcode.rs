//! Writes MessagePack of the bus as JSON, value by value and without building anything in memory. Bytes are events: JSON
//! already, which is taken over as it stands.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Appends whatever a reader has next to a text, as JSON.
#[derive(Debug)]
pub struct Json<'a>(pub &'a mut Vec<u8>);

impl Json<'_> {
    fn put<E: Error>(self, value: &impl serde::Serialize) -> Result<(), E> {
        serde_json::to_writer(self.0, value).map_err(E::custom)
    }
}

impl<'de> DeserializeSeed<'de> for Json<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Json<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of the bus")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.put(&())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.put(&())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.put(&value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.put(&value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.put(&value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.put(&value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.put(&value)
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<(), E> {
        self.0.extend_from_slice(value);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let text = self.0;
        text.push(b'[');
        let mut end = text.len();
        while list.next_element_seed(Json(text))?.is_some() {
            end = text.len();
            text.push(b',');
        }
        text.truncate(end);
        text.push(b']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let text = self.0;
        text.push(b'{');
        let mut is_first = true;
        while let Some(key) = map.next_key::<String>()? {
            if !std::mem::take(&mut is_first) {
                text.push(b',');
            }
            serde_json::to_writer(&mut *text, &key).map_err(A::Error::custom)?;
            text.push(b':');
            map.next_value_seed(Json(text))?;
        }
        text.push(b'}');
        Ok(())
    }
}
