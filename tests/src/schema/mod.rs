//! What the schemas of the contract are held against: values that are made of them, and values that come over the wire.

pub mod check;
pub mod order;
pub mod sample;

use bus::contract::schema;
use serde_json::Value;
use std::sync::OnceLock;

/// Everything that the contract says of its ops and events, as in `docs/schema.json`.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(schema::document)
}

/// The schema that a reference leads to.
///
/// # Panics
///
/// There is none.
pub fn resolve(reference: &str) -> &'static Value {
    let found = reference.strip_prefix('#').and_then(|pointer| document().pointer(pointer));
    found.unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bus::contract::event::KINDS;
    use bus::contract::op::TABLE;
    use serde_json::to_value;

    /// As many as the most variants of one type.
    const TURNS: usize = 40;

    /// Whatever can be made of a schema is what its type takes: no field is lost, none is read as something else.
    #[test]
    fn every_type_takes_what_its_schema_says() {
        let mut faults = Vec::new();
        let mut compare = |what: &str, turn: usize, got: Value, made: Value| {
            if got != made {
                faults.push(format!("{what} {turn} has become\n{got}\nof\n{made}"));
            }
        };
        let mut untaken = Vec::new();
        for turn in 0..TURNS {
            for row in TABLE {
                let schema = &document()["ops"][row.name];
                let made = |side: &str| sample::of(&schema[side], turn);
                match order::asked_and_told(row.name, turn) {
                    Ok((asked, told)) => {
                        compare(row.name, turn, to_value(&asked).expect("plain data")[row.name].take(), made("args"));
                        compare(row.name, turn, told.to_value(), made("answer"));
                    }
                    Err(fault) => untaken.push(fault),
                }
            }
            for kind in KINDS {
                let made = sample::of(&document()["events"][kind], turn);
                match order::event(kind, turn) {
                    Ok(event) => compare(kind, turn, to_value(event).expect("plain data")["data"].take(), made),
                    Err(fault) => untaken.push(fault),
                }
            }
        }
        faults.append(&mut untaken);
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[test]
    fn what_is_made_of_a_schema_is_what_it_says() {
        for row in TABLE {
            for side in ["args", "answer"] {
                let schema = &document()["ops"][row.name][side];
                let faults = check::faults(schema, &sample::of(schema, 0));
                assert!(faults.is_empty(), "{} {side}: {faults:?}", row.name);
            }
        }
    }
}
