//! Agents who have nothing but their tools get a piece of work done together, one over pipes and one over HTTP, whatever
//! is killed meanwhile. Each is who its token says, and nobody else.

use serde_json::{Value, json};
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use tests::mcp::{Badge, Mcp, Web};
use tests::process::DAEMONS;
use tests::{Client, Stack, until, until_some};

/// A strict home with a foreman and a peer, and a charter in their directory.
fn office() -> (Stack, Badge, Badge) {
    let stack = Stack::start();
    fs::write(stack.work().join("PROJECT.md"), "We build a bridge.\n").expect("a charter");
    let (group_id, _) = stack.group(&[]);
    let badges = ["lead", "peer"].map(|name| stack.headless(&group_id, name));
    stack.ok(&["principals", "strict"]);
    let [lead, peer] = badges;
    (stack, lead, peer)
}

/// Kills a process and waits for the next one.
fn replace(stack: &Stack, name: &str) {
    let killed = stack.process(name);
    stack.kill(name);
    until(&format!("another {name}"), || stack.find(name).is_some_and(|next| next.pid != killed.pid));
}

/// The events of a kind, as they lie in the ledger.
fn events(stack: &Stack, group_id: &str, kind: &str) -> Vec<Value> {
    let mut events = stack.events(group_id);
    assert!(
        events.iter().enumerate().all(|(at, event)| event["seq"] == json!(at + 1)),
        "no number is missing or doubled"
    );
    events.retain(|event| event["kind"] == kind);
    events
}

fn names(tools: &Value) -> Vec<String> {
    let tools = tools["result"]["tools"].as_array().expect("tools");
    tools.iter().map(|tool| tool["name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn agents_work_through_tools() {
    let (stack, lead_badge, peer_badge) = office();
    let group_id = lead_badge.group_id.clone();
    let mut lead = Mcp::stdio(&stack, &lead_badge);
    let mut peer = Mcp::http(&stack, &peer_badge.token);

    // Each is told where it is and what is its to do.
    for (agent, own, others) in [(&mut lead, "### Foreman", "### Peer"), (&mut peer, "### Peer", "### Foreman")] {
        let start = agent.ok("cccc_bootstrap", &json!({}));
        assert_eq!(start["group"]["group_id"], json!(group_id));
        assert_eq!(start["project"]["content"], "We build a bridge.\n");
        assert_eq!(start["actors"].as_array().map(Vec::len), Some(2));
        let help = start["help"]["markdown"].as_str().expect("a playbook").replace("\n## ", "\n### ");
        assert!(help.contains(own) && !help.contains(others), "{help}");
    }
    let for_lead = names(&lead.request("tools/list", &json!({})).expect("tools"));
    let for_peer = names(&peer.request("tools/list", &json!({})).expect("tools"));
    let is_shown = |tools: &[String], name: &str| tools.iter().any(|tool| tool == name);
    assert!(is_shown(&for_lead, "cccc_actor_add") && !is_shown(&for_peer, "cccc_actor_add"));
    assert!(is_shown(&for_lead, "cccc_headless_status") && is_shown(&for_peer, "cccc_headless_status"));
    assert!(!is_shown(&for_lead, "cccc_debug_snapshot"));

    // The work is split, and the peer hears of it: one message is important, to one an answer is owed.
    let steps = ["draw", "weld", "walk"].map(|name| json!({"name": name, "acceptance": format!("{name} is shown")}));
    let task = json!({"name": "bridge", "goal": "it carries us", "steps": steps, "assignee": "peer"});
    lead.ok("cccc_task_create", &task);
    let tasks = lead.ok("cccc_task_list", &json!({}));
    let task_id = tasks["tasks"][0]["id"].as_str().expect("a task").to_owned();
    let say = |text: &str, more: Value| {
        let mut args = json!({"text": text, "to": ["peer"]});
        args.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
        args
    };
    let important = lead.ok("cccc_message_send", &say("mind the gap", json!({"priority": "attention"})));
    replace(&stack, "ledgerd");
    let question = lead.ok("cccc_message_send", &say("how long is it?", json!({"reply_required": true})));
    let told = peer.call("cccc_presence_update", &json!({"status": "reading"}));
    let line = told.reminder.expect("something waits");

    // It reads, which acknowledges what is important; what is owed stays owed until it is answered.
    let unread = peer.ok("cccc_inbox_list", &json!({}))["messages"].clone();
    let unread = unread.as_array().expect("messages");
    let count = unread.len();
    assert_eq!(line, format!("{count} unread messages: cccc_inbox_list; 1 reply is owed: cccc_message_reply"));
    let said = unread.iter().filter(|event| event["kind"] == "chat.message");
    assert_eq!(said.map(|event| &event["data"]["text"]).collect::<Vec<_>>(), ["mind the gap", "how long is it?"]);
    replace(&stack, "mcpd");
    let read = until_some("mcpd at the same address", || {
        peer.try_call("cccc_inbox_mark_read", &json!({"event_id": important["event"]["id"]})).ok()
    });
    assert_eq!((read.is_error, &read.value["ack_event"]["kind"]), (false, &json!("chat.ack")), "{read:?}");
    let all = peer.call("cccc_inbox_mark_all_read", &json!({}));
    assert_eq!(all.reminder.as_deref(), Some("1 reply is owed: cccc_message_reply"));
    let reply = json!({"event_id": question["event"]["id"], "text": "forty metres"});
    let replied = peer.call("cccc_message_reply", &reply);
    assert_eq!((replied.reminder, &replied.value["event"]["data"]["to"]), (None, &json!(["lead"])));

    // The work is done step by step, with a file to show for it.
    for step in ["S1", "S2", "S3"] {
        let done = json!({"task_id": task_id, "step_id": step, "step_status": "done"});
        peer.ok("cccc_task_update", &done);
    }
    replace(&stack, "ptyd");
    fs::write(stack.work().join("plan.txt"), "===\n").expect("a file");
    peer.ok("cccc_file_send", &json!({"path": "plan.txt", "text": "the plan", "to": "lead"}));
    let unread = lead.ok("cccc_inbox_list", &json!({}))["messages"].clone();
    let sent = unread.as_array().and_then(|all| all.iter().find(|event| event["data"]["text"] == "the plan"));
    let sent = sent.unwrap_or_else(|| panic!("{unread:#}"));
    let blob = lead.ok("cccc_blob_path", &json!({"rel_path": sent["data"]["attachments"][0]["path"]}));
    assert_eq!(fs::read_to_string(blob["path"].as_str().expect("a path")).expect("a file"), "===\n");

    // What all should know, and what is to be said later.
    replace(&stack, "door");
    lead.ok("cccc_task_update", &json!({"task_id": task_id, "status": "done"}));
    lead.ok("cccc_note_add", &json!({"content": "steel expands"}));
    let rule = json!({"id": "stretch", "scope": "personal", "to": ["peer"], "trigger": {"kind": "interval", "every_seconds": 3600},
                      "action": {"kind": "notify", "message": "stand up"}});
    peer.ok("cccc_automation_manage", &json!({"op": "create", "rule": rule}));
    let rules = peer.ok("cccc_automation_state", &json!({}));
    assert!(rules.to_string().contains("stand up"), "{rules}");
    let context = peer.ok("cccc_context_get", &json!({}));
    assert_eq!(context["notes"][0]["content"], "steel expands");
    assert_eq!(context["tasks_summary"]["done"], 1, "{context}");

    let messages = events(&stack, &group_id, "chat.message");
    let said: Vec<_> =
        messages.iter().map(|event| (event["by"].as_str().unwrap(), event["data"]["text"].as_str().unwrap())).collect();
    let wanted =
        [("lead", "mind the gap"), ("lead", "how long is it?"), ("peer", "forty metres"), ("peer", "the plan")];
    assert_eq!(said, wanted);
    assert_eq!(events(&stack, &group_id, "chat.ack").len(), 1);
}

/// Says numbered things until it is told to stop; what was acknowledged, and how often nobody could know.
fn talk(agent: &mut Mcp, name: &str, until_over: &dyn Fn(usize) -> bool) -> Vec<String> {
    let mut said = Vec::new();
    while !until_over(said.len()) {
        let text = format!("{name}-{}.", said.len());
        // A call waits for a daemon that is away. When mcpd itself is killed, nobody knows what became of the call: whoever
        // looks before it says it again says nothing twice.
        let mut is_known = true;
        until(&format!("{text} to be said"), || {
            if !is_known {
                let Ok(found) = agent.try_call("cccc_message_history", &json!({"query": text})) else { return false };
                assert!(!found.is_error, "{found:?}");
                if found.value["messages"].as_array().is_some_and(|found| !found.is_empty()) {
                    return true;
                }
            }
            let answer = agent.try_call("cccc_message_send", &json!({"text": text, "to": "user"}));
            is_known = answer.is_ok();
            answer.is_ok_and(|answer| {
                assert!(!answer.is_error, "{answer:?}");
                true
            })
        });
        said.push(text);
    }
    said
}

/// Says that it is over once it is dropped.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn what_tools_have_done_stays_done_whatever_is_killed() {
    let (stack, lead_badge, peer_badge) = office();
    let over = AtomicBool::new(false);
    let counts = [0, 0].map(AtomicUsize::new);
    let said: Vec<Vec<String>> = thread::scope(|scope| {
        let clients = [("lead", Mcp::stdio(&stack, &lead_badge)), ("peer", Mcp::http(&stack, &peer_badge.token))];
        let talking: Vec<_> = clients
            .into_iter()
            .zip(&counts)
            .map(|((name, mut client), count)| {
                let over = &over;
                scope.spawn(move || {
                    talk(&mut client, name, &|said| {
                        count.store(said, Ordering::Relaxed);
                        over.load(Ordering::Relaxed)
                    })
                })
            })
            .collect();
        // Whatever goes wrong here, nobody talks on for ever.
        let end = End(&over);
        let spoken = || counts.each_ref().map(|count| count.load(Ordering::Relaxed));
        for name in DAEMONS.iter().chain(&DAEMONS) {
            let before = spoken();
            stack.kill(name);
            until(&format!("both to go on without {name}"), || {
                talking.iter().any(thread::ScopedJoinHandle::is_finished)
                    || spoken().iter().zip(before).all(|(now, before)| *now > before + 3)
            });
        }
        drop(end);
        talking.into_iter().map(|one| one.join().expect("an agent")).collect()
    });
    until("the door", || Client::connect(&stack.home()).is_ok());
    let messages = events(&stack, &lead_badge.group_id, "chat.message");
    for (by, said) in ["lead", "peer"].iter().zip(said) {
        let found: Vec<_> =
            messages.iter().filter(|event| event["by"] == *by).map(|event| &event["data"]["text"]).collect();
        assert_eq!(found, said.iter().collect::<Vec<_>>(), "each once and in order");
    }
}

#[test]
fn nobody_is_somebody_else() {
    let (stack, lead, peer) = office();
    let group_id = &lead.group_id;
    let other_group = stack.ask("group_create", &json!({}))["group_id"].as_str().expect("a group").to_owned();
    let stranger = stack.headless(&other_group, "lead");
    let say = json!({"text": "me", "to": "user"});

    // Over pipes: what the environment says, proven by the token.
    let badge = |actor_id: &str, token: &str| Badge { actor_id: actor_id.into(), token: token.into(), ..lead.clone() };
    let forged = "0".repeat(64);
    #[rustfmt::skip]
    let badges = [
        // who                              refused with
        (badge("lead", ""),                 "permission_denied"),
        (badge("lead", &forged),            "permission_denied"),
        (badge("lead", &stranger.token),    "group_id_mismatch"),
        (badge("lead", &peer.token),        "actor_id_mismatch"),
        (badge("user", ""),                 "invalid_actor_id"),
        (badge("user", &lead.token),        "actor_id_mismatch"),
        (Badge::default(),                  "missing_actor_id"),
    ];
    for (badge, code) in badges {
        let mut agent = Mcp::stdio(&stack, &badge);
        assert_eq!(agent.refused("cccc_message_send", &say), code, "{badge:?}");
        assert!(
            !names(&agent.request("tools/list", &json!({})).expect("tools")).is_empty(),
            "it may ask what there is"
        );
    }

    // A token says it all; and whoever was told two names reads nobody's inbox.
    let mut agent = Mcp::stdio(&stack, &Badge { token: peer.token.clone(), ..Badge::default() });
    assert_eq!(agent.ok("cccc_message_send", &say)["event"]["by"], "peer");
    let mut agent = Mcp::stdio(&stack, &badge("lead", &peer.token));
    assert_eq!(agent.refused("cccc_inbox_mark_all_read", &json!({})), "actor_id_mismatch");

    // Over HTTP a token is all there is to know.
    for token in ["", "x", forged.as_str()] {
        let refused =
            Web::new(&stack, token).post(br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, &[]).expect("an answer");
        assert_eq!((refused.status, refused.header("www-authenticate")), (401, Some("Bearer")), "{refused:?}");
    }
    stack.ok(&["actor", "token", "lead", "--revoke", "-g", &other_group]);
    let revoked = Web::new(&stack, &stranger.token).post(b"{}", &[]).expect("an answer");
    assert_eq!(revoked.status, 401, "{revoked:?}");

    // Arguments name nobody but the caller, and no group but its own.
    for agent in [&mut Mcp::stdio(&stack, &lead), &mut Mcp::http(&stack, &lead.token)] {
        #[rustfmt::skip]
        let calls = [
            ("cccc_message_send",       json!({"actor_id": "peer", "text": "x", "to": "user"}), "actor_id_mismatch"),
            ("cccc_message_send",       json!({"actor_id": "user", "text": "x", "to": "peer"}), "actor_id_mismatch"),
            ("cccc_inbox_list",         json!({"actor_id": "peer"}),                            "actor_id_mismatch"),
            ("cccc_actor_stop",         json!({"by": "user", "actor_id": "peer"}),              "actor_id_mismatch"),
            ("cccc_group_set_state",    json!({"by": "user", "state": "idle"}),                 "actor_id_mismatch"),
            ("cccc_automation_state",   json!({"by": "lead", "actor_id": "peer"}),              "actor_id_mismatch"),
            ("cccc_message_send",       json!({"group_id": other_group, "text": "x"}),          "group_id_mismatch"),
            ("cccc_note_add",           json!({"group_id": other_group, "content": "x"}),       "group_id_mismatch"),
            ("cccc_group_info",         json!({"group_id": other_group}),                       "group_id_mismatch"),
        ];
        for (tool, args, code) in calls {
            assert_eq!(agent.refused(tool, &args), code, "{tool} {args}");
        }
        let named = json!({"actor_id": "lead", "group_id": group_id, "text": "me", "to": "user"});
        assert_eq!(agent.ok("cccc_message_send", &named)["event"]["by"], "lead");
    }
    // A token that is taken away counts no more, also for whoever uses it just now.
    let mut agents = [Mcp::stdio(&stack, &peer), Mcp::http(&stack, &peer.token)];
    agents.iter_mut().for_each(|agent| drop(agent.ok("cccc_message_send", &say)));
    stack.ok(&["actor", "token", "peer", "--revoke", "-g", group_id]);
    let [pipes, web] = &mut agents;
    assert_eq!(pipes.refused("cccc_message_send", &say), "permission_denied");
    assert!(web.try_call("cccc_message_send", &say).expect_err("it is nobody").to_string().starts_with("401"));

    let by: Vec<_> = events(&stack, group_id, "chat.message").iter().map(|event| event["by"].clone()).collect();
    assert_eq!(by, ["peer", "lead", "lead", "peer", "peer"]);
    // Nobody finds a token in what we keep or say.
    let logs = fs::read_dir(stack.home().join("logs")).expect("logs").flatten().map(|entry| entry.path());
    for log in logs {
        let text = fs::read_to_string(&log).unwrap_or_default();
        assert!(![&lead, &peer, &stranger].iter().any(|badge| text.contains(&badge.token)), "{}", log.display());
    }
}

#[test]
fn whoever_leads_now_is_told_of_its_tools() {
    let (stack, lead, peer) = office();
    let mut agent = Mcp::stdio(&stack, &peer);
    let shown = |agent: &mut Mcp| names(&agent.request("tools/list", &json!({})).expect("tools"));
    assert!(!shown(&mut agent).contains(&"cccc_actor_add".to_owned()));
    agent.ok("cccc_presence_get", &json!({}));
    assert_eq!(agent.told("notifications/tools/list_changed"), 0);

    Mcp::http(&stack, &lead.token).ok("cccc_actor_remove", &json!({}));
    until("the word that it leads", || {
        agent.ok("cccc_presence_get", &json!({}));
        agent.told("notifications/tools/list_changed") > 0
    });
    assert!(shown(&mut agent).contains(&"cccc_actor_add".to_owned()));
    agent.ok("cccc_presence_get", &json!({}));
    assert_eq!(agent.told("notifications/tools/list_changed"), 1, "once for a change");
}
