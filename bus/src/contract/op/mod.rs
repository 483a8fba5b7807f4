//! Ops: the types of their requests and replies, and how they are read from the wire. The table of them is in [`table`].

pub mod actor;
pub mod automation;
pub mod blob;
pub mod bridge;
pub mod context;
pub mod core;
pub mod delivery;
pub mod group;
pub mod headless;
pub mod history;
pub mod im;
pub mod inbox;
pub mod ledger;
pub mod message;
pub mod notify;
pub mod observability;
mod page;
pub mod principal;
pub mod profile;
pub mod prompt;
pub mod push;
pub mod redeliver;
pub mod remote;
pub mod reply_request;
mod row;
pub mod secret;
pub mod status;
#[macro_use]
mod shape;
mod table;
pub mod template;
pub mod terminal;
pub mod tracked;
pub mod waiting;
pub mod web;

use super::error::{Code, OpError};
use super::lenient;
use serde_json::{Map, Value};

pub use row::{About, Access, Ask, Late, Row, Server, Who};
pub use table::{Op, Reply, TABLE};

/// Names that newer clients have for an op of the table: theirs, and the table's.
pub const ALIASES: [(&str, &str); 3] =
    [("terminal_resize", "term_resize"), ("actor_new_session", "actor_restart"), ("inbox_peek", "inbox_list")];

/// The row of an op's name, also under a name of [`ALIASES`].
pub fn row(name: &str) -> Option<&'static Row> {
    let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| name);
    TABLE.iter().find(|row| row.name == name)
}

impl Op {
    /// Reads an op as the wire has it, and who speaks: `by`, or the op's default speaker.
    ///
    /// Unknown arguments are ignored. A whitespace-only `by` becomes `""`, which counts as the user.
    ///
    /// # Errors
    ///
    /// `unknown_op` and `invalid_request`.
    pub fn from_wire(name: &str, args: Map<String, Value>) -> Result<(Self, String), OpError> {
        let name = name.trim();
        let row = row(name).ok_or_else(|| unknown(name))?;
        let by = match args.get("by") {
            Some(Value::String(by)) if by.is_empty() => row.speaker.to_owned(),
            Some(Value::String(by)) => by.trim().to_owned(),
            Some(other) if lenient::as_flag(other) != Some(false) && !other.is_null() => other.to_string(),
            _ => row.speaker.to_owned(),
        };
        Ok((Self::read(row.name, Value::Object(args))?, by))
    }
}

fn unknown(name: &str) -> OpError {
    OpError::new(Code::UnknownOp, format!("unknown op: {name}"))
}

fn mixed_up(name: &str, reply: &Reply) -> OpError {
    let sentence = format!("{name} was answered with the reply to {}; `cccc doctor` compares versions", reply.name());
    OpError::new(Code::InternalError, sentence)
}

fn unreadable(name: &str, error: &serde_json::Error) -> OpError {
    OpError::new(Code::InvalidRequest, "invalid request").with("error", format!("{name}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn args(value: Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    /// The published clients probe an op with an empty call; every outcome but `unknown_op` counts as supported.
    #[test]
    fn every_op_can_be_read_from_empty_arguments() {
        for row in TABLE {
            let (op, by) = Op::from_wire(row.name, Map::new()).unwrap_or_else(|e| panic!("{}: {e}", row.name));
            assert_eq!((op.row().name, by.as_str()), (row.name, row.speaker));
        }
    }

    #[test]
    fn an_alias_means_an_op_of_the_table() {
        for (alias, name) in ALIASES {
            let (op, _) = Op::from_wire(alias, Map::new()).unwrap();
            assert_eq!(op.row().name, name);
            assert!(TABLE.iter().all(|row| row.name != alias), "{alias}");
        }
    }

    #[test]
    fn the_speaker_is_read_as_the_standard_says() {
        for (by, wanted) in
            [(json!(null), "user"), (json!(""), "user"), (json!("  "), ""), (json!(" a "), "a"), (json!(7), "7")]
        {
            let (_, read) = Op::from_wire("groups", args(json!({"by": by}))).unwrap();
            assert_eq!(read, wanted, "{by}");
        }
    }

    #[test]
    fn a_number_stays_the_one_that_was_given() {
        for text in ["123.10888693805211", "0.1", "1e-7", "18446744073709551615", "-9223372036854775808"] {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(value.to_string(), text);
        }
    }

    #[test]
    fn an_op_travels_on_the_bus() {
        let (op, _) = Op::from_wire(" send ", args(json!({"group_id": "g_1", "text": " a ", "to": "x"}))).unwrap();
        let packed = serde_json::to_vec(&op).unwrap();
        assert_eq!(serde_json::from_slice::<Op>(&packed).unwrap(), op);
    }
}
