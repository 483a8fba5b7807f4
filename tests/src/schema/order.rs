//! In which order a type names its fields: a schema, which is a map, does not say. What was made of it is written by its
//! type in that order.

use super::{document, sample};
use bus::contract::event::KINDS;
use bus::contract::op::{Op, TABLE};
use bus::contract::{Body, Event, Reply};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{from_value, json, to_string};
use std::collections::{BTreeSet, HashMap};
use std::fmt;

/// Orders of fields, by which fields there are.
#[derive(Debug, Default)]
pub struct Orders(HashMap<BTreeSet<String>, Vec<String>>);

/// As many as the most variants of one type.
const TURNS: usize = 40;

impl Orders {
    /// Those of all ops and events.
    ///
    /// # Panics
    ///
    /// A type does not take what its schema says.
    pub fn of_the_contract() -> Self {
        let mut orders = Self::default();
        for turn in 0..TURNS {
            for row in TABLE {
                let (asked, told) = asked_and_told(row.name, turn).unwrap_or_else(|fault| panic!("{fault}"));
                orders.read(&to_string(&asked).expect("plain data"));
                orders.read(&to_string(&told).expect("plain data"));
            }
            for kind in KINDS {
                let event = event(kind, turn).unwrap_or_else(|fault| panic!("{fault}"));
                orders.read(&to_string(&event).expect("plain data"));
            }
        }
        orders
    }

    /// The fields in the order of the type that has just these.
    pub fn sort<'a>(&self, fields: impl Iterator<Item = &'a String>) -> Vec<String> {
        let fields: BTreeSet<String> = fields.cloned().collect();
        self.0.get(&fields).cloned().unwrap_or_else(|| fields.into_iter().collect())
    }

    fn read(&mut self, json: &str) {
        let mut reader = serde_json::Deserializer::from_str(json);
        Read(self).deserialize(&mut reader).expect("it was written just now");
    }
}

/// An op and its answer, made of their schemas.
///
/// # Errors
///
/// A type does not take what its schema says.
pub fn asked_and_told(op: &str, turn: usize) -> Result<(Op, Reply), String> {
    let schema = &document()["ops"][op];
    let args = sample::of(&schema["args"], turn).as_object().expect("arguments are an object").clone();
    let (asked, _) = Op::from_wire(op, args).map_err(|error| format!("{op} {turn}: {error} {:?}", error.details))?;
    let told = from_value(json!({op: sample::of(&schema["answer"], turn)}));
    Ok((asked, told.map_err(|error| format!("{op} {turn}: {error}"))?))
}

/// An event of a kind, made of its schema.
///
/// # Errors
///
/// The type of the kind does not take what its schema says.
pub fn event(kind: &str, turn: usize) -> Result<Event, String> {
    let data = sample::of(&document()["events"][kind], turn);
    let body = Body::read(kind.to_owned(), &data.to_string()).map_err(|error| format!("{kind}: {error}"))?;
    if matches!(body, Body::Unknown { .. }) {
        return Err(format!("{kind} {turn} does not take {data}"));
    }
    let empty = String::new;
    Ok(Event { seq: 1, id: kind.to_owned(), ts: empty(), group_id: empty(), scope_key: empty(), by: empty(), body })
}

/// Reads JSON for the names in it.
struct Read<'a>(&'a mut Orders);

impl<'de> DeserializeSeed<'de> for Read<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Read<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut names = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            names.push(name);
            map.next_value_seed(Read(self.0))?;
        }
        self.0.0.entry(names.iter().cloned().collect()).or_insert(names);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Read(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}
