//! What a tool cannot do it refuses in words that help, and does not accept it only to drop it; what it can do it does
//! however it is written, and shows nothing that is hidden.

use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::symlink;
use tests::Stack;
use tests::mcp::{Badge, Mcp};

fn office() -> (Stack, Badge, Mcp) {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let [lead, _] = ["lead", "peer"].map(|name| stack.headless(&group_id, name));
    let agent = Mcp::stdio(&stack, &lead);
    (stack, lead, agent)
}

/// The refusal of a call.
fn refusal(agent: &mut Mcp, tool: &str, args: &Value) -> Value {
    let answer = agent.try_call(tool, args).unwrap_or_else(|error| panic!("{tool} {args}: {error}"));
    assert!(answer.is_error, "{tool} {args}: {}", answer.value);
    answer.value["error"].clone()
}

#[test]
fn nobody_is_told_or_spoken_for_who_is_not_there() {
    let (stack, lead, mut agent) = office();
    let notice = |to: &str| json!({"kind": "info", "title": "t", "message": "m", "target_actor_id": to});
    let present = |id: &str| json!({"agent_id": id, "status": "busy"});
    let change = |op: &str, key: &str| json!({"ops": [{"op": op, key: "pear", "status": "busy", "focus": "f"}]});
    #[rustfmt::skip]
    let cases = [
        ("cccc_notify_send",     notice("pear"),                             "invalid_recipient"),
        ("cccc_notify_send",     notice("@pear"),                            "invalid_recipient"),
        ("cccc_presence_update", present("pear"),                            "actor_not_found"),
        ("cccc_presence_clear",  present("pear"),                            "actor_not_found"),
        ("cccc_context_sync",    change("presence.update", "agent_id"),      "actor_not_found"),
        ("cccc_context_sync",    change("agent_state.update", "actor_id"),   "actor_not_found"),
    ];
    for (tool, args, code) in cases {
        let error = refusal(&mut agent, tool, &args);
        assert_eq!((&error["code"], &error["details"]["actors"]), (&json!(code), &json!(["lead", "peer"])), "{error}");
        let sentence = error["message"].as_str().expect("a sentence");
        assert!(["pear", "lead", "peer"].iter().all(|word| sentence.contains(word)), "{error}");
    }
    for (to, stored) in [("peer", json!("peer")), ("@peer", json!("peer")), ("user", json!("user")), ("", Value::Null)]
    {
        let sent = agent.ok("cccc_notify_send", &notice(to));
        assert_eq!(sent["event"]["data"]["target_actor_id"], stored, "{to}");
    }
    agent.ok("cccc_presence_update", &present("peer"));
    agent.ok("cccc_presence_update", &json!({"status": "reading"}));
    // Other clients may name anybody; what they have said can be taken back.
    let op =
        json!({"group_id": lead.group_id, "ops": [{"op": "presence.update", "agent_id": "pear", "status": "ripe"}]});
    stack.ask("context_sync", &op);
    agent.ok("cccc_presence_clear", &json!({"agent_id": "pear"}));
}

#[test]
fn a_charter_is_shown_also_where_it_is_a_link_or_large() {
    const SHOWN_BYTES: usize = 64 * 1024;
    let (stack, _, mut agent) = office();
    let (work, outside) = (stack.work(), stack.folder().join("outside.md"));
    fs::create_dir(work.join("docs")).expect("a folder");
    fs::write(work.join("docs/charter.md"), "We build a bridge.\n").expect("a charter");
    fs::write(&outside, "not yours\n").expect("a file");
    let at = work.join("PROJECT.md");
    let mut look = || agent.ok("cccc_project_info", &json!({}));

    symlink("docs/charter.md", &at).expect("a link");
    let shown = look();
    assert_eq!((&shown["found"], &shown["content"]), (&json!(true), &json!("We build a bridge.\n")), "{shown}");

    for leads_to in [outside.as_path(), &work.join("nowhere"), &work.join("docs")] {
        fs::remove_file(&at).expect("it was there");
        symlink(leads_to, &at).expect("a link");
        let shown = look();
        assert_eq!((&shown["found"], &shown["content"]), (&json!(false), &json!("")), "{shown}");
        let why = shown["error"].as_str().expect("a sentence");
        assert!(why.contains("link") && !why.contains("move it away"), "{why}");
    }

    fs::remove_file(&at).expect("it was there");
    fs::write(&at, "ä".repeat(3_000_000)).expect("a large charter");
    let shown = look();
    assert_eq!((&shown["found"], &shown["truncated"]), (&json!(true), &json!(true)));
    assert_eq!(shown["content"].as_str().map(str::to_owned), Some("ä".repeat(SHOWN_BYTES / 2)));
    fs::remove_file(&at).expect("it was there");
    assert!(look()["error"].as_str().is_some_and(|why| why.contains("there is no charter")));
}

#[test]
fn an_actor_is_added_as_it_was_asked_for_and_shown_without_what_is_hidden() {
    let (stack, lead, mut agent) = office();
    // Who leads adds copies of itself.
    let own = json!({"command": ["hidden-program"], "env": {"HIDDEN_NAME": "hidden value"}});
    stack.ask("actor_update", &json!({"group_id": lead.group_id, "actor_id": "lead", "patch": own}));
    let add = |env: Value| json!({"actor_id": "third", "runtime": "custom", "runner": "headless", "command": ["hidden-program"], "env": env});
    for env in [json!({"A": 1}), json!({"A": "x", "B": null}), json!(["A=1"])] {
        let error = refusal(&mut agent, "cccc_actor_add", &add(env));
        assert_eq!(error["code"], "invalid_request", "{error}");
        assert!(error["message"].as_str().is_some_and(|text| text.contains("env")), "{error}");
    }
    let added = agent.ok("cccc_actor_add", &add(json!({"HIDDEN_NAME": "hidden value"})));
    assert_eq!((&added["actor"]["id"], &added["event"]["kind"]), (&json!("third"), &json!("actor.add")), "{added}");
    assert!(!added.to_string().to_lowercase().contains("hidden"), "{added}");
}

#[test]
fn a_word_counts_whatever_its_case() {
    let (_stack, _, mut agent) = office();
    for state in ["IDLE", "Active", " Stopped "] {
        agent.ok("cccc_group_set_state", &json!({"state": state}));
    }
    assert_eq!(refusal(&mut agent, "cccc_group_set_state", &json!({"state": "asleep"}))["code"], "invalid_request");
}

#[test]
fn which_programs_there_are_is_the_same_answer_everywhere() {
    let (stack, _, mut agent) = office();
    let shown = agent.ok("cccc_runtime_list", &json!({}))["available"].clone();
    assert_eq!(shown, stack.json(&["runtime", "list"])["available"]);
    assert!(shown.as_array().is_some_and(|names| names.contains(&json!("custom"))), "{shown}");
}

#[test]
fn a_received_file_is_sent_on_and_stored_once() {
    let (stack, lead, mut agent) = office();
    fs::write(stack.work().join("plan.png"), "===\n").expect("a file");
    let sent = agent.ok("cccc_file_send", &json!({"path": "plan.png", "to": "user"}));
    let attachment = sent["event"]["data"]["attachments"][0].clone();
    let path = attachment["path"].as_str().expect("a path").to_owned();
    let place = agent.ok("cccc_blob_path", &json!({"rel_path": path}))["path"].clone();
    fs::remove_file(stack.work().join("plan.png")).expect("it was there");
    for path in [json!(path), place.clone()] {
        let sent_on = agent.ok("cccc_file_send", &json!({"path": path, "to": "peer"}));
        assert_eq!(sent_on["event"]["data"]["attachments"], json!([attachment]), "{sent_on}");
        assert_eq!(sent_on["event"]["data"]["text"], sent["event"]["data"]["text"]);
    }
    let both = json!({"group_id": lead.group_id, "paths": [path, "other.txt"], "to": ["user"]});
    fs::write(stack.work().join("other.txt"), "+++\n").expect("a file");
    let sent = stack.ask("send_files", &both);
    assert_eq!(sent["event"]["data"]["attachments"][0]["path"], json!(path), "{sent}");
    assert_eq!(sent["event"]["data"]["attachments"].as_array().map(Vec::len), Some(2), "{sent}");
    let folder = std::path::Path::new(place.as_str().expect("a path")).parent().expect("a folder").to_owned();
    assert_eq!(fs::read_dir(folder).expect("a folder").count(), 2, "each file once");

    // Another group's are not this one's.
    let elsewhere = stack.folder().join("elsewhere");
    fs::create_dir(&elsewhere).expect("a folder");
    for path in ["state/blobs/../../group.json", "state/blobs/gone.txt", "state/blobs"] {
        let error = refusal(&mut agent, "cccc_file_send", &json!({"path": path, "to": "peer"}));
        assert!(["scope_not_attached", "invalid_path"].contains(&error["code"].as_str().expect("a code")), "{error}");
    }
    fs::write(elsewhere.join("far.txt"), "far\n").expect("a file");
    let error = refusal(&mut agent, "cccc_file_send", &json!({"path": elsewhere.join("far.txt"), "to": "peer"}));
    assert_eq!(error["code"], "scope_not_attached", "{error}");
    let advice = format!("copy it below {}", fs::canonicalize(stack.work()).expect("a folder").display());
    assert!(error["message"].as_str().is_some_and(|text| text.contains(&advice)), "{error}");
}

#[test]
fn archived_tasks_are_not_counted() {
    let (_stack, _, mut agent) = office();
    for name in ["one", "two", "three"] {
        agent.ok("cccc_task_create", &json!({"name": name, "goal": "g", "steps": []}));
    }
    agent.ok("cccc_task_update", &json!({"task_id": "T001", "status": "done"}));
    agent.ok("cccc_task_update", &json!({"task_id": "T002", "status": "archived"}));
    let total = |agent: &mut Mcp, all: bool| {
        agent.ok("cccc_context_get", &json!({"include_archived": all}))["tasks_summary"]["total"].clone()
    };
    assert_eq!((total(&mut agent, false), total(&mut agent, true)), (json!(2), json!(3)));
}
