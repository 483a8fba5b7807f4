//! Under which id a request is asked that its client has given none: asked again, it must not be done twice.

use crate::contract::{Op, Principal, Proof, Request, id, name};

/// A new id; for a message that its client has named itself, the id that follows from who speaks, the group and that
/// name. Published clients have no other way to try again safely. Whom a token proves only ledgerd knows; it goes on with
/// [`named_id`].
pub fn request_id(principal: &Principal, op: &Op) -> String {
    match client_id(op) {
        None => id::unique(),
        Some(client_id) => {
            let speaker = match &principal.proof {
                Proof::Claim | Proof::Daemon => ("name", name::normal(&principal.by)),
                // The name that comes with a token does not count.
                Proof::Token(token) => ("token", token.clone()),
            };
            of_client(speaker, op.group_id(), client_id)
        }
    }
}

/// Whether a request's id follows from the name that its client has given a message.
pub fn is_named(request: &Request) -> bool {
    client_id(&request.op).is_some() && request.id == request_id(&request.principal, &request.op)
}

/// The id of a message that its client has named, once it is known who speaks: it stays the same when an actor has
/// another token. `None` for what is not named.
pub fn named_id(by: &str, op: &Op) -> Option<String> {
    Some(of_client(("speaker", by.to_owned()), op.group_id(), client_id(op)?))
}

fn of_client(speaker: (&str, String), group_id: &str, client_id: &str) -> String {
    let named = serde_json::to_string(&(speaker, group_id, client_id)).expect("texts are plain data");
    format!("client:{}", id::digest(named))
}

/// The client's own name for a message.
fn client_id(op: &Op) -> Option<&str> {
    client_id_field(op)?.as_deref().filter(|client_id| !client_id.trim().is_empty())
}

/// Where a client can name what it asks, so that it is done once however often it is asked; `None` for any other op.
pub fn client_id_field(op: &Op) -> Option<&Option<String>> {
    match op {
        Op::Send(send) => Some(&send.client_id),
        Op::Reply(reply) => Some(&reply.client_id),
        Op::SendCrossGroup(send) => Some(&send.client_id),
        _ => None,
    }
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

    #[test]
    fn only_what_follows_from_the_clients_name_is_named() {
        let request = |id: Option<&str>, args: Value| {
            let (op, _) = Op::from_wire("send", args.as_object().unwrap().clone()).unwrap();
            let principal = Principal { by: String::new(), proof: Proof::Token("t".into()) };
            let id = id.map_or_else(|| request_id(&principal, &op), str::to_owned);
            Request { id, peer: String::new(), principal, deadline_ms: 0, op }
        };
        let named = json!({"group_id": "g", "client_id": "c"});
        assert!(is_named(&request(None, named.clone())));
        assert!(!is_named(&request(Some("client:own"), named.clone())));
        assert!(!is_named(&request(None, json!({"group_id": "g"}))));
        let id = |by: &str, args: Value| named_id(by, &request(None, args).op);
        assert_eq!(id("a", named.clone()), id("a", named.clone()));
        assert_ne!(id("a", named.clone()), id("b", named.clone()));
        assert_ne!(id("a", named.clone()), id("a", json!({"group_id": "h", "client_id": "c"})));
        assert_eq!(id("a", json!({"group_id": "g"})), None);
    }
}
