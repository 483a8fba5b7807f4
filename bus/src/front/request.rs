//! A request from outside: the name of an op, and its arguments as they come. Pure.

use crate::contract::{Code, Op, OpError, Principal, Proof, limit, name};
use serde_json::{Map, Value};

/// What somebody asks, and who it says it is.
#[derive(Debug, PartialEq)]
pub struct Untrusted {
    /// What is asked.
    pub op: Op,
    /// Who speaks, as far as the arguments say: a front that knows better (by a session, a paired chat, its environment)
    /// puts that in the place of it.
    pub principal: Principal,
    /// The asker's own name for the request, so that it may send it again.
    pub request_id: Option<String>,
}

impl Untrusted {
    /// Reads the arguments of an op: its own, and `by`, `token` and `request_id`. What a directory is a front finds out
    /// itself, and is never told.
    ///
    /// # Errors
    ///
    /// `unknown_op`; `invalid_request` for an argument that the op does not take so; `permission_denied` for an op that
    /// is asked by daemons only.
    pub fn read(name: &str, args: Map<String, Value>) -> Result<Self, OpError> {
        let asked = Self::read_any(name, args)?;
        if asked.op.is_for_daemons_only() {
            let sentence = format!("permission denied: {} is asked by the daemons of cccc only", asked.op.row().name);
            return Err(OpError::denied(Code::PermissionDenied, sentence));
        }
        Ok(asked)
    }

    /// The same for any op. ledgerd refuses what is for daemons only to whoever asks it without being one.
    ///
    /// # Errors
    ///
    /// `unknown_op`, `invalid_request`.
    pub fn read_any(name: &str, mut args: Map<String, Value>) -> Result<Self, OpError> {
        // A client that could say so could attach a lie.
        args.remove("scope");
        args.remove("brought_up");
        let request_id = request_id(args.remove("request_id"))?;
        let proof = match args.remove("token") {
            Some(Value::String(token)) if !token.trim().is_empty() => Proof::Token(token.trim().to_owned()),
            _ => Proof::Claim,
        };
        let (op, by) = Op::from_wire(name, args)?;
        Ok(Self { op, principal: Principal { by, proof }, request_id })
    }
}

/// A name for a request must be usable as it is: cutting or ignoring one would write twice what it was to protect.
fn request_id(value: Option<Value>) -> Result<Option<String>, OpError> {
    let invalid = |why: &str| OpError::new(Code::InvalidRequest, "invalid request").with("error", why);
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(id)) if id.len() > limit::REQUEST_ID_BYTES_MAX => {
            Err(OpError::too_large("request_id", id.len(), limit::REQUEST_ID_BYTES_MAX, "REQUEST_ID_BYTES_MAX"))
        }
        Some(Value::String(id)) if name::stray(&id).is_some() => {
            Err(invalid("request_id must not contain control or format characters"))
        }
        Some(Value::String(id)) => Ok(Some(id).filter(|id| !id.trim().is_empty())),
        Some(_) => Err(invalid("request_id must be a string")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn who_speaks_and_under_which_name_is_read_from_the_arguments() {
        let read = |args: Value| Untrusted::read("groups", args.as_object().unwrap().clone()).unwrap();
        #[rustfmt::skip]
        let cases = [
            (json!({}),                                  "user", Proof::Claim,             None),
            (json!({"by": "a", "token": null}),          "a",    Proof::Claim,             None),
            (json!({"by": "a", "token": " t "}),         "a",    Proof::Token("t".into()), None),
            (json!({"token": 7, "request_id": "  "}),    "user", Proof::Claim,             None),
            (json!({"request_id": "r 1"}),               "user", Proof::Claim,             Some("r 1")),
        ];
        for (args, by, proof, id) in cases {
            let asked = read(args.clone());
            assert_eq!(asked.principal, Principal { by: by.into(), proof }, "{args}");
            assert_eq!(asked.request_id.as_deref(), id, "{args}");
        }
    }

    #[test]
    fn what_nobody_outside_may_say_is_refused_or_left_out() {
        let read = |name: &str, args: Value| Untrusted::read(name, args.as_object().unwrap().clone());
        let long = "x".repeat(limit::REQUEST_ID_BYTES_MAX + 1);
        #[rustfmt::skip]
        let cases = [
            ("no_such_op",  json!({}),                         Code::UnknownOp),
            ("secrets_get", json!({"by": "system"}),           Code::PermissionDenied),
            ("groups",      json!({"request_id": 7}),          Code::InvalidRequest),
            ("groups",      json!({"request_id": "a\u{200b}"}), Code::InvalidRequest),
            ("groups",      json!({"request_id": long}),       Code::InvalidRequest),
        ];
        for (name, args, code) in cases {
            assert_eq!(read(name, args.clone()).unwrap_err().code, code, "{name} {args}");
        }
        let Op::Attach(attach) = read("attach", json!({"path": "/a", "scope": {"url": "/b"}})).unwrap().op else {
            panic!("it is another op")
        };
        assert!(attach.scope.is_none());
    }
}
