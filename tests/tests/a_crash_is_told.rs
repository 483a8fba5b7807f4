//! An agent that ends by itself is an event with its exit status; whether it is started again is its own setting,
//! and when it stays down the foreman is told.

use serde_json::{Value, json};
use tests::{AgentLog, Stack, until, until_some};

fn sessions(events: &[Value], actor: &str, phase: &str) -> Vec<Value> {
    let is = |event: &&Value| {
        event["kind"] == "x.cccc.session" && event["data"]["actor_id"] == actor && event["data"]["phase"] == phase
    };
    events.iter().filter(is).cloned().collect()
}

#[test]
fn a_crash_is_told() {
    let stack = Stack::start();
    let (group_id, logs) = stack.group(&["lead"]);
    let (stays, comes_back) = (AgentLog::new(stack.folder(), "stays"), AgentLog::new(stack.folder(), "comes"));
    for (id, log, restart) in [("stays", &stays, "no"), ("comes", &comes_back, "on-failure")] {
        let mut words: Vec<String> = log.command().split(' ').map(str::to_owned).collect();
        words.extend(["--exit-on".into(), "die now".into()]);
        let args =
            json!({"group_id": group_id, "actor_id": id, "runtime": "custom", "command": words, "restart": restart});
        stack.ask("actor_add", &args);
        stack.ask("actor_start", &json!({"group_id": group_id, "actor_id": id}));
    }
    stack.ask("send", &json!({"group_id": group_id, "text": "die now", "to": ["stays", "comes"]}));

    for actor in ["stays", "comes"] {
        let exited = until_some("the end of the session", || {
            sessions(&stack.events(&group_id), actor, "exited").into_iter().next()
        });
        assert_eq!(exited["data"]["exit_code"], json!(3), "{exited}");
    }
    until("the one that restarts", || sessions(&stack.events(&group_id), "comes", "started").len() == 2);
    let is_notice = |event: &Value| {
        event["kind"] == "system.notify"
            && event["data"]["target_actor_id"] == "lead"
            && event.to_string().contains("stays")
    };
    until("the notice to the foreman", || stack.events(&group_id).iter().any(is_notice));
    until("the notice in its terminal", || logs[0].count("stays") > 0);
    assert_eq!(sessions(&stack.events(&group_id), "stays", "started").len(), 1);

    // Its last words are kept, and shown wherever somebody would look.
    let tail = stack.ask("terminal_tail", &json!({"group_id": group_id, "actor_id": "stays"}));
    assert!(tail["text"].to_string().contains("die now"), "{tail}");
    assert_eq!(tail["hint"], "stays exited with code 3; these are its last words");
    let status = stack.ok(&["status"]);
    assert!(status.contains("stays last showed:") && status.contains("cccc reply"), "{status}");
    let notice = stack.events(&group_id).into_iter().find(is_notice).expect("the notice");
    assert!(notice["data"]["message"].to_string().contains("It last showed"), "{notice}");

    // What was delivered before the crash is not delivered to the next session, what came later is.
    stack.ask("send", &json!({"group_id": group_id, "text": "later", "to": ["stays"]}));
    stack.ask("actor_start", &json!({"group_id": group_id, "actor_id": "stays"}));
    until("the new session", || stays.count("later") == 1);
    assert_eq!((stays.count("die now"), comes_back.count("die now")), (1, 1));
}
