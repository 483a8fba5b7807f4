//! What somebody is told who had no answer: whether it was done is unknown, and how to go on without doing it twice.

use super::retry::client_id_field;
use crate::contract::{Access, Code, Op, OpError};
use std::fmt::Display;
use std::time::Duration;

/// The refusal of what a process has not answered.
pub fn refusal(op: &Op, process: &'static str, patience: Duration, failure: &impl Display) -> OpError {
    let seconds = patience.as_secs_f64();
    let sentence = format!(
        "{process} did not answer within {seconds:.1} s ({failure}); {}; `cccc daemon status` tells whether it runs",
        advice(op)
    );
    OpError::new(Code::DaemonUnavailable, sentence).with("process", process)
}

fn advice(op: &Op) -> String {
    let name = op.row().name;
    if op.row().access == Access::Read {
        return "nothing was changed, ask again".into();
    }
    match client_id_field(op).map(|client_id| client_id.as_deref().unwrap_or_default().trim()) {
        None => format!("{name} may have been done, look before you repeat it"),
        Some("") => format!(
            "{name} may have been done, look before you repeat it; one with a client_id can be repeated and is done once"
        ),
        Some(client_id) => {
            format!(
                "{name} may have been done, and with the same client_id ({client_id}) it can be repeated and is done once"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn who_had_no_answer_is_told_whether_to_repeat_it() {
        #[rustfmt::skip]
        let cases = [
            ("inbox_list",   json!({}),                    "nothing was changed, ask again;"),
            ("actor_start",  json!({}),                    "actor_start may have been done, look before you repeat it;"),
            ("blob_upload",  json!({}),                    "blob_upload may have been done, look before you repeat it;"),
            ("send",         json!({}),                    "look before you repeat it; one with a client_id"),
            ("reply",        json!({"client_id": " "}),    "look before you repeat it; one with a client_id"),
            ("send",         json!({"client_id": "c-1"}),  "with the same client_id (c-1) it can be repeated"),
        ];
        for (name, args, wanted) in cases {
            let (op, _) = Op::from_wire(name, args.as_object().unwrap().clone()).unwrap();
            let told = refusal(&op, "ledgerd", Duration::from_secs(2), &"nobody is there");
            assert_eq!((told.code, &told.details["process"]), (Code::DaemonUnavailable, &json!("ledgerd")));
            assert!(told.message.starts_with("ledgerd did not answer within 2.0 s (nobody is there); "), "{told}");
            assert!(told.message.contains(wanted), "{name} {args}: {told}");
        }
    }
}
