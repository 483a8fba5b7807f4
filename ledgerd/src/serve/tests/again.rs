//! The same request again: by the same speaker with the same words, whatever proves the speaker.

use super::{Home, folder};
use bus::contract::{Code, Op, Principal, Proof, Request, id};
use serde_json::{Value, json};

fn asked(request_id: &str, principal: Principal, op: &str, args: &Value) -> Request {
    let (op, _) = Op::from_wire(op, args.as_object().unwrap().clone()).unwrap();
    Request { id: request_id.into(), peer: "test".into(), principal, op, deadline_ms: 60_000 }
}

fn token(token: &str) -> Principal {
    Principal { by: "user".into(), proof: Proof::Token(token.into()) }
}

#[test]
fn a_request_is_the_same_when_its_speaker_has_another_token() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let group_id = home.group();
    for actor_id in ["a", "b"] {
        let actor = json!({"group_id": group_id, "actor_id": actor_id, "runtime": "custom", "runner": "headless"});
        home.ask("actor_add", actor);
    }
    let new_token = |home: &mut Home, actor_id: &str, token: &str| {
        let hash = id::digest(token);
        home.ask("actor_token_set", json!({"group_id": group_id, "actor_id": actor_id, "token_sha256": hash}));
        token.to_owned()
    };
    let (first, other) = (new_token(&mut home, "a", "1st"), new_token(&mut home, "b", "other"));
    let send = json!({"group_id": group_id, "text": "once", "to": ["user"]});
    let ask = |home: &mut Home, principal: Principal, args: &Value| {
        home.batch(vec![asked("my-own-id", principal, "send", args)]).remove(0)
    };
    let sent = ask(&mut home, token(&first), &send).unwrap();
    let second = new_token(&mut home, "a", "2nd");
    assert_eq!(ask(&mut home, token(&second), &send).unwrap(), sent, "it is the same actor");
    assert_eq!(ask(&mut home, Principal::claimed("a"), &send).unwrap(), sent, "and so is who is taken at its word");
    #[rustfmt::skip]
    let cases = [
        (token(&second),             json!({"group_id": group_id, "text": "twice", "to": ["user"]}), Code::RequestIdReused,  "other words"),
        (token(&other),              send.clone(),                                                   Code::RequestIdReused,  "another actor"),
        (Principal::claimed("user"), send.clone(),                                                   Code::RequestIdReused,  "the user"),
        (token(&first),              send.clone(),                                                   Code::PermissionDenied, "the token counts no more"),
    ];
    for (principal, args, code, why) in cases {
        assert_eq!(ask(&mut home, principal, &args).unwrap_err().code, code, "{why}");
    }
    drop(home);
    let mut home = Home::open(&root);
    assert_eq!(ask(&mut home, token(&second), &send).unwrap(), sent, "also after a start");
    assert_eq!(home.texts(&group_id), ["once"]);
}
