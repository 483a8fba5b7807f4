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
