//! A request with an actor's token speaks as that actor and as nobody else.

use serde_json::json;
use std::fs;
use tests::{Stack, until_some};

#[test]
fn who_speaks_is_proven() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&["lead", "peer"]);
    let token_of = |actor: &str| {
        let wanted = format!("CCCC_ACTOR_ID={actor}");
        until_some("the agent's token", || {
            stack.processes("test-agent").iter().find_map(|process| {
                let environment = fs::read(format!("/proc/{}/environ", process.pid)).ok()?;
                let entries: Vec<_> = environment.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
                let is_it = entries.iter().any(|entry| *entry == wanted);
                let token = entries.iter().find_map(|entry| entry.strip_prefix("CCCC_ACTOR_TOKEN=").map(str::to_owned));
                token.filter(|_| is_it)
            })
        })
    };
    let token = token_of("peer");
    // The record of the session, which holds the hash, may come a moment after the process.
    let sent = until_some("the proof", || {
        let args = json!({"group_id": group_id, "text": "me", "to": ["user"], "by": "lead", "token": token});
        stack.client().try_ask("send", &args).expect("an answer").ok()
    });
    assert_eq!(sent["event"]["by"], "peer", "the token counts, not the claim");
    let mut client = stack.client();
    let update =
        json!({"group_id": group_id, "actor_id": "lead", "patch": {"title": "t"}, "by": "user", "token": token});
    let refusal = client.refused("actor_update", &update);
    assert!(refusal.code == "actor_update_failed" || refusal.code == "permission_denied", "{refusal:?}");
    let forged = json!({"group_id": group_id, "text": "me", "to": ["user"], "by": "peer", "token": "0".repeat(64)});
    assert_eq!(client.refused("send", &forged).code, "permission_denied");
}

/// An actor that does not know whether its message was written asks again, with another token in the meantime.
#[test]
fn the_same_message_with_another_token_is_written_once() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let bot = json!({"group_id": group_id, "actor_id": "bot", "runtime": "custom", "runner": "headless"});
    stack.ask("actor_add", &bot);
    let send = || {
        let given = stack.ok(&["actor", "token", "bot", "-g", &group_id]);
        let mut variables = given.lines().filter_map(|line| line.split_once('='));
        let token = variables.find(|(name, _)| *name == "CCCC_ACTOR_TOKEN").expect("a token").1.to_owned();
        let args = json!({"group_id": group_id, "text": "once", "to": ["user"], "client_id": "c", "token": token});
        (stack.ask("send", &args)["event"].clone(), args)
    };
    let (first, _) = send();
    assert_eq!(first["by"], "bot");
    let (again, mut args) = send();
    assert_eq!(again, first);
    args["text"] = json!("another");
    assert_eq!(stack.client().refused("send", &args).code, "request_id_reused");
    // A name may be written in several ways.
    let by = |by: &str| json!({"group_id": group_id, "text": "once", "to": ["bot"], "client_id": "c", "by": by});
    let said = ["user", "ｕｓｅｒ"].map(|name| stack.ask("send", &by(name))["event"].clone());
    assert_eq!(said[0], said[1]);
    assert_ne!(said[0], first);
    let texts = |event: &&serde_json::Value| event["kind"] == "chat.message";
    assert_eq!(stack.events(&group_id).iter().filter(texts).count(), 2);
}

/// In a strict home, whoever has no terminal of ours speaks with a token that the user has made for it.
#[test]
fn a_headless_actor_speaks_in_a_strict_home() {
    let mut stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let bot = json!({"group_id": group_id, "actor_id": "bot", "runtime": "custom", "runner": "headless"});
    stack.ask("actor_add", &bot);
    stack.ok(&["principals", "strict"]);
    let say = json!({"group_id": group_id, "text": "me", "to": ["user"], "by": "bot"});
    let refused = stack.client().refused("send", &say);
    assert!(refused.code == "permission_denied" && refused.message.contains("cccc actor token"), "{refused:?}");

    let given = stack.ok(&["actor", "token", "bot", "-g", &group_id]);
    let variables: Vec<_> = given.lines().filter_map(|line| line.split_once('=')).collect();
    let token = variables.iter().find(|(name, _)| *name == "CCCC_ACTOR_TOKEN").expect("a token").1.to_owned();
    let sent = stack.command("cccc").args(["send", "as itself", "--to", "user"]).envs(variables).output();
    let sent = sent.expect("cccc runs");
    assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    let by = |event: &serde_json::Value| event["kind"] == "chat.message" && event["by"] == "bot";
    assert!(stack.events(&group_id).iter().any(by));
    assert!(!stack.events(&group_id).iter().any(|event| event.to_string().contains(&token)), "only its hash is kept");
    // In another group it may look on, and say nothing.
    let other = stack.ask("group_create", &json!({}))["group_id"].clone();
    for (op, mut args) in [
        ("send", json!({"text": "x", "to": ["user"]})),
        ("stream_emit", json!({"op": "start", "text": "x"})),
        ("stream_emit", json!({"op": "end", "stream_id": "s", "text": "x"})),
    ] {
        (args["group_id"], args["token"]) = (other.clone(), json!(token));
        assert_eq!(stack.client().refused(op, &args).code, "permission_denied", "{op} {args}");
    }
    stack.ok(&["actor", "token", "bot", "--revoke", "-g", &group_id]);
    let late = json!({"group_id": group_id, "text": "me", "to": ["user"], "token": token});
    assert_eq!(stack.client().refused("send", &late).code, "permission_denied");

    // What the door serves is asked in nobody else's name, either.
    #[rustfmt::skip]
    let of_the_door = [
        ("shutdown",      json!({})),
        ("events_stream", json!({})),
        ("send_files",    json!({"paths": ["x"]})),
        ("stream_emit",   json!({"op": "start"})),
        ("term_attach",   json!({"actor_id": "bot"})),
        ("blob_upload",   json!({"sha256": "0".repeat(64), "bytes": 1})),
        ("blob_read",     json!({"path": "state/blobs/x"})),
    ];
    for (op, mut args) in of_the_door {
        (args["group_id"], args["by"]) = (json!(group_id), json!("bot"));
        assert_eq!(stack.client().refused(op, &args).code, "permission_denied", "{op}");
    }
    stack.ask("shutdown", &json!({}));
    stack.bury();
}
