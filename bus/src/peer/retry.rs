//! Under which id a request is asked that its client has given none: asked again, it must not be done twice.

use crate::contract::{Op, Principal, Proof, id, name};

/// A new id; for a message that its client has named itself, the id that follows from who speaks, the group and that
/// name. Published clients have no other way to try again safely.
pub fn request_id(principal: &Principal, op: &Op) -> String {
    match client_id(op) {
        None => id::unique(),
        Some(client_id) => {
            let speaker = match &principal.proof {
                Proof::Claim | Proof::Daemon => ("name", name::normal(&principal.by)),
                // The name that comes with a token does not count.
                Proof::Token(token) => ("token", token.clone()),
            };
            let named = serde_json::to_string(&(speaker, op.group_id(), client_id)).expect("texts are plain data");
            format!("client:{}", id::digest(named))
        }
    }
}

/// The client's own name for a message.
fn client_id(op: &Op) -> Option<&str> {
    let client_id = match op {
        Op::Send(send) => &send.client_id,
        Op::Reply(reply) => &reply.client_id,
        Op::SendCrossGroup(send) => &send.client_id,
        _ => &None,
    };
    client_id.as_deref().filter(|client_id| !client_id.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn the_same_speaker_group_and_name_are_the_same_request() {
        let asked = |principal: Principal, op: &str, args: Value| {
            let (op, _) = Op::from_wire(op, args.as_object().unwrap().clone()).unwrap();
            request_id(&principal, &op)
        };
        let user = || Principal::claimed("user");
        let token = |token: &str| Principal { by: "user".into(), proof: Proof::Token(token.into()) };
        let send = json!({"group_id": "g", "text": "x", "client_id": "c"});
        let first = asked(user(), "send", send.clone());
        #[rustfmt::skip]
        let cases = [
            // who                     op                   arguments                                        the same
            (user(),                   "send",              send.clone(),                                    true),
            (user(),                   "reply",             send.clone(),                                    true),
            (user(),                   "send_cross_group",  send.clone(),                                    true),
            (Principal::claimed("ｕｓｅｒ"), "send",         send.clone(),                                    true),
            (Principal::claimed("a"),  "send",              send.clone(),                                    false),
            (token("t"),               "send",              send.clone(),                                    false),
            (user(),                   "send",              json!({"group_id": "g", "client_id": "d"}),      false),
            (user(),                   "send",              json!({"group_id": "h", "client_id": "c"}),      false),
            (user(),                   "send",              json!({"group_id": "g", "client_id": " "}),      false),
            (user(),                   "tracked_send",      send.clone(),                                    false),
        ];
        for (principal, op, args, same) in cases {
            let case = format!("{principal:?} {op} {args}");
            assert_eq!(asked(principal, op, args) == first, same, "{case}");
        }
        assert_eq!(asked(token("t"), "send", send.clone()), asked(token("t"), "send", send.clone()));
        assert_ne!(asked(token("t"), "send", send.clone()), asked(token("u"), "send", send));
        assert!(!asked(token("hunter2"), "send", json!({"client_id": "c"})).contains("hunter2"));
        let unnamed = || asked(user(), "send", json!({"group_id": "g", "text": "x"}));
        assert_ne!(unnamed(), unnamed());
    }
}
