//! The same request again: by the same speaker with the same words, whatever proves the speaker.

use super::{Home, folder};
use crate::store::line::{self, Req};
use crate::store::{dedup_record, layout::Layout};
use bus::contract::{Code, Op, Principal, Proof, Request, id};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

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

/// Writes the last request of a group again as versions did that digested who asks, and not who speaks.
fn digested_as_asked(root: &Path, group_id: &str, request: &Request) {
    let path = Layout::new(root).ledger(group_id);
    let ledger = fs::read(&path).unwrap();
    let lines: Vec<&[u8]> = ledger.split_inclusive(|byte| *byte == b'\n').collect();
    let [kept @ .., before, last] = &lines[..] else { panic!("two lines") };
    let record = line::read_loose(last.trim_ascii_end()).unwrap();
    let req = record.req.unwrap();
    assert_eq!(req.id, request.id);
    let req = Req { op: dedup_record::digest(&request.principal, &request.op), ..req };
    let mut written = [&kept.concat()[..], before].concat();
    let before = line::stated_sum(before.trim_ascii_end()).unwrap();
    line::write(&mut written, &record.event, Some(&req), record.more, &before).unwrap();
    assert_ne!(written, ledger, "the digests differ");
    fs::write(path, written).unwrap();
}

/// An upgrade restarts ledgerd, so that is when a client hears nothing and asks again.
#[test]
fn a_request_that_an_earlier_version_has_answered_is_known_again() {
    let proven = || token("secret");
    let named = Principal { by: " script ".into(), proof: Proof::Claim };
    for (principal, why) in [(proven(), "proven by a token"), (named, "a name in another form")] {
        let (_folder, root) = folder();
        let mut home = Home::open(&root);
        let group_id = home.group();
        home.ask(
            "actor_add",
            json!({"group_id": group_id, "actor_id": "a", "runtime": "custom", "runner": "headless"}),
        );
        let hash = id::digest("secret");
        home.ask("actor_token_set", json!({"group_id": group_id, "actor_id": "a", "token_sha256": hash}));
        let send = |text: &str| json!({"group_id": group_id, "text": text, "to": ["user"]});
        let once = asked("my-own-id", principal.clone(), "send", &send("once"));
        let sent = home.batch(vec![once.clone()]).remove(0).unwrap();
        drop(home);
        digested_as_asked(&root, &group_id, &once);

        let mut home = Home::open(&root);
        assert_eq!(home.batch(vec![once]).remove(0).unwrap(), sent, "{why}");
        for (principal, text) in [(principal, "twice"), (Principal::claimed("user"), "once")] {
            let other = asked("my-own-id", principal, "send", &send(text));
            assert_eq!(home.batch(vec![other]).remove(0).unwrap_err().code, Code::RequestIdReused, "{why}, {text}");
        }
        assert_eq!(home.texts(&group_id), ["once"]);
    }
}
