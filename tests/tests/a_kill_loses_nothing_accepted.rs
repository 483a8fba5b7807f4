//! `kill -9` of any process, or of all at once, under load: everything that was acknowledged is in the ledger
//! once, and no agent receives a message twice.
//!
//! `CCCC_KILL_ROUNDS` sets the number of kills (20); `make soak` asks for 1,000.

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use tests::{AgentLog, Client, Stack, until};

/// Clients that send all the time.
const SENDERS: usize = 4;

/// Messages that must be acknowledged between two kills, so that every kill hits work.
const ACKNOWLEDGED_PER_ROUND: usize = 12;

const AGENTS: [&str; 2] = ["left", "right"];

/// Who dies in which round.
const VICTIMS: [&[&str]; 7] = [
    &["ledgerd"],
    &["ptyd"],
    &["mcpd"],
    &["webd"],
    &["door"],
    &["supervisor"],
    &["supervisor", "ledgerd", "ptyd", "mcpd", "webd", "door"],
];

/// What the senders know.
#[derive(Default)]
struct Load {
    is_over: AtomicBool,
    acknowledged: AtomicUsize,
}

/// Sends numbered messages one after the other, each until it is acknowledged, and returns text → event id.
fn send(home: &Path, group_id: &str, sender: usize, load: &Load) -> HashMap<String, String> {
    let mut known = HashMap::new();
    let mut client = None;
    for number in 0.. {
        if load.is_over.load(Ordering::Relaxed) {
            break;
        }
        let text = format!("<{sender}-{number}>");
        let to = AGENTS[number % AGENTS.len()];
        let args = json!({"group_id": group_id, "text": text, "to": [to], "by": "script", "request_id": text});
        let event_id = loop {
            let connected = client.take().or_else(|| Client::connect(home).ok());
            let answer = connected.and_then(|mut client| Some((client.try_ask("send", &args).ok()?, client)));
            match answer {
                Some((Ok(sent), living)) => {
                    client = Some(living);
                    break sent["event"]["id"].as_str().expect("an id").to_owned();
                }
                Some((Err(refusal), _)) => assert_eq!(refusal.code, "daemon_unavailable", "{refusal:?}"),
                // Nobody is there, or it died: nobody knows what became of the request, so it is sent again.
                None => thread::yield_now(),
            }
        };
        known.insert(text, event_id);
        load.acknowledged.fetch_add(1, Ordering::Relaxed);
        // Enough to have work in hand at any moment, and not so much that typing it takes for ever.
        thread::sleep(std::time::Duration::from_millis(40));
    }
    known
}

fn senders(home: &Path, group_id: &str, load: &Arc<Load>) -> Vec<thread::JoinHandle<HashMap<String, String>>> {
    let start = |sender| {
        let (home, group_id, load): (PathBuf, String, _) = (home.into(), group_id.into(), Arc::clone(load));
        thread::spawn(move || send(&home, &group_id, sender, &load))
    };
    (0..SENDERS).map(start).collect()
}

#[test]
fn a_kill_loses_nothing_accepted() {
    let rounds = std::env::var("CCCC_KILL_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(20);
    let mut stack = Stack::start();
    let (group_id, logs) = stack.group(&AGENTS);
    let agents = || stack_agents(&stack);
    until("both agents", || agents().len() == AGENTS.len());
    let born = agents();
    let load = Arc::new(Load::default());
    let senders = senders(&stack.home(), &group_id, &load);

    for round in 0..rounds {
        let before = load.acknowledged.load(Ordering::Relaxed);
        let victims = VICTIMS[round % VICTIMS.len()];
        for name in victims {
            if let Some(process) = stack.find(name) {
                // It may have ended by itself, with the one before it.
                let _ = process.signal(Signal::SIGKILL);
            }
        }
        if victims.contains(&"supervisor") {
            stack.bury();
            stack.run();
        }
        until(&format!("work after round {round} ({victims:?})"), || {
            load.acknowledged.load(Ordering::Relaxed) >= before + ACKNOWLEDGED_PER_ROUND
        });
    }
    load.is_over.store(true, Ordering::Relaxed);
    let acknowledged: HashMap<String, String> =
        senders.into_iter().flat_map(|sender| sender.join().expect("a sender")).collect();
    assert_eq!(stack_agents(&stack), born, "no agent was lost or doubled");

    let events = stack.events(&group_id);
    let messages: Vec<&Value> = events.iter().filter(|event| event["kind"] == "chat.message").collect();
    let texts: HashSet<&str> = messages.iter().filter_map(|event| event["data"]["text"].as_str()).collect();
    assert_eq!(texts.len(), messages.len(), "nothing is in the ledger twice");
    for (text, event_id) in &acknowledged {
        let found = messages.iter().find(|event| event["data"]["text"] == json!(text));
        assert_eq!(found.map(|event| &event["id"]), Some(&json!(event_id)), "{text} was acknowledged");
    }
    let whole = events.iter().enumerate().all(|(index, event)| event["seq"] == json!(index + 1));
    assert!(whole, "no number is missing or doubled");

    until("the delivery of everything", || settled(&stack, &group_id).len() >= messages.len());
    let stages = settled(&stack, &group_id);
    let unknown = stages.values().filter(|stage| *stage == "uncertain").count();
    eprintln!("{rounds} kills, {} messages, {unknown} of them uncertain", messages.len());
    // An agent that has been handed a text has yet to read it.
    until("all that was handed to be read", || {
        let received = received(&logs);
        acknowledged.iter().all(|(text, event_id)| stages[event_id] == "uncertain" || received.contains_key(text))
    });
    let received = received(&logs);
    for (text, event_id) in &acknowledged {
        let received = received.get(text).copied().unwrap_or(0);
        match stages[event_id].as_str() {
            // Written, and nobody knows: it may or may not have arrived, and is not sent again.
            "uncertain" => assert!(received <= 1, "{text} was received {received} times"),
            stage => assert_eq!(received, 1, "{text} is {stage}"),
        }
    }
    assert!(unknown * 20 <= messages.len(), "{unknown} of {} are uncertain", messages.len());
}

fn stack_agents(stack: &Stack) -> Vec<i32> {
    let mut pids: Vec<_> = stack.processes("test-agent").iter().map(|process| process.pid).collect();
    pids.sort_unstable();
    pids
}

/// Message → how often an agent has read it.
fn received(logs: &[AgentLog]) -> HashMap<String, usize> {
    let mut received = HashMap::new();
    for submission in logs.iter().flat_map(AgentLog::submissions) {
        let texts = submission.text.split('<').skip(1).filter_map(|rest| rest.split_once('>'));
        texts.for_each(|(inside, _)| *received.entry(format!("<{inside}>")).or_default() += 1);
    }
    received
}

/// Event id → final stage, of every message whose delivery has come to an end.
fn settled(stack: &Stack, group_id: &str) -> HashMap<String, String> {
    let mut stages = HashMap::new();
    for event in stack.events(group_id).iter().filter(|event| event["kind"] == "x.cccc.delivery") {
        let stage = event["data"]["stage"].as_str().expect("a stage");
        for id in event["data"]["event_ids"].as_array().expect("ids").iter().filter_map(Value::as_str) {
            match stage {
                "held" => drop(stages.remove(id)),
                stage => drop(stages.insert(id.to_owned(), stage.to_owned())),
            }
        }
    }
    stages
}
