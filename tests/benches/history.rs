//! A large ledger: how fast it is read, and how fast ledgerd starts on it.

use crate::row::{Budget, Table, quantile, times};
use bus::contract::op::core::Ping;
use bus::contract::op::message;
use bus::contract::{Op, Principal};
use bus::home::Home;
use bus::peer::{Peers, Question};
use serde_json::{Value, json};
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::{Client, Stack, until};

/// Messages in hand while the ledger is filled.
const IN_FLIGHT: usize = 256;

/// At so many messages, what ledgerd itself takes for a read is measured.
const IN_DAEMON_AT: usize = 100_000;

/// Fills a ledger and measures reads and the next start.
pub fn measure(table: &mut Table) {
    let count: usize = std::env::var("CCCC_BENCH_EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let mut stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    for number in 0..20 {
        let args =
            json!({"group_id": group_id, "actor_id": format!("a{number}"), "runtime": "custom", "runner": "headless"});
        stack.ask("actor_add", &args);
    }
    let some = count.min(IN_DAEMON_AT);
    fill(&stack, &group_id, 0..some);
    in_the_daemon(table, &stack, &group_id, some);
    fill(&stack, &group_id, some..count);
    // What a quiet minute does by itself.
    stack.ask("ledger_snapshot", &json!({"group_id": group_id}));
    let mut client = stack.client();
    let name = |what: &str| format!("{what}, {count} messages, p99");
    let [inbox, actors, statuses] = quick_reads(&mut client, &group_id);
    let reads = [
        (inbox.0, inbox.1, 2.0),
        (actors.0, actors.1, 2.0),
        ("ledger_window", json!({"group_id": group_id, "before": 200}), 5.0),
        (statuses.0, statuses.1, 2.0),
        // One of the first messages: everything after it is ruled out by the search index, or read.
        ("ledger_search", json!({"group_id": group_id, "text": "message 17 of a long", "limit": 1}), 50.0),
    ];
    for (op, args, budget_ms) in reads {
        let all = times(500, |_| drop(client.ask(op, &args)));
        table.add(name(op), quantile(&all, 0.99), "ms", Budget::AtMost(budget_ms));
    }
    let heads = client.ask("ledger_window", &json!({"group_id": group_id, "before": 1}));
    let events = heads["events"][0]["seq"].as_f64().expect("a number");
    stack.stop();
    table.add(
        format!("start of ledgerd with {events} events, to the first answer"),
        start_of_ledgerd(&stack).as_secs_f64() * 1e3,
        "ms",
        Budget::AtMost(300.0 * (events / 1e6).max(1.0)),
    );
    // The first start after a stop; caches are there, as they are for everybody.
    let begin = Instant::now();
    stack.run();
    let args = json!({"group_id": group_id, "actor_id": "a7", "limit": 1});
    until("the first answer", || {
        Client::connect(&stack.home()).is_ok_and(|mut client| client.try_ask("inbox_list", &args).is_ok())
    });
    let start = begin.elapsed().as_secs_f64() * 1e3;
    table.add(
        format!("start of everything with {count} messages, to the first inbox"),
        start,
        "ms",
        Budget::AtMost(500.0),
    );
    fill(&stack, &group_id, count..count + count / 10);
    after_a_kill(table, &stack, &group_id);
}

/// ledgerd is killed right after many writes, when its last snapshot is as old as it can be.
fn after_a_kill(table: &mut Table, stack: &Stack, group_id: &str) {
    let args = json!({"group_id": group_id, "actor_id": "a7", "limit": 1});
    stack.kill("ledgerd");
    let killed = Instant::now();
    until("an answer after a kill", || {
        Client::connect(&stack.home())
            .is_ok_and(|mut client| client.try_ask("inbox_list", &args).is_ok_and(|answer| answer.is_ok()))
    });
    let away = killed.elapsed().as_secs_f64() * 1e3;
    table.add("kill -9 of ledgerd that writes all it can, to the next answer", away, "ms", Budget::Shown);
}

/// Reads that every front makes all the time: an inbox, everybody with what waits for them, and what has become of the
/// newest 200 messages.
fn quick_reads(client: &mut Client, group_id: &str) -> [(&'static str, Value); 3] {
    let window = client.ask("ledger_window", &json!({"group_id": group_id, "before": 200}));
    let newest: Vec<_> = window["events"].as_array().expect("events").iter().map(|event| event["id"].clone()).collect();
    [
        ("inbox_list", json!({"group_id": group_id, "actor_id": "a7", "limit": 50})),
        ("actor_list", json!({"group_id": group_id, "include_unread": true})),
        ("message_statuses", json!({"group_id": group_id, "event_ids": newest})),
    ]
}

/// The quick reads in ledgerd itself: over the bus without the door, less the way there and back.
fn in_the_daemon(table: &mut Table, stack: &Stack, group_id: &str, count: usize) {
    let home = Home::find(Some(&stack.home())).expect("the home");
    let peers = Peers::connect(&home, "bench").expect("a link");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let measure = |op: &str, args: &Value| {
        let (op, by) = Op::from_wire(op, args.as_object().expect("an object").clone()).expect("an op");
        let all = times(500, |_| {
            let question = Question::new(Principal::claimed(&by), op.clone());
            runtime.block_on(peers.ask_for_json(question)).expect("an answer");
        });
        (quantile(&all, 0.5), quantile(&all, 0.99))
    };
    let (way, _) = measure("whoami", &json!({"group_id": group_id}));
    table.add("floor: over the bus and back, one after the other, median", way, "ms", Budget::Shown);
    for (op, args) in quick_reads(&mut stack.client(), group_id) {
        let (median, p99) = measure(op, &args);
        let name = format!("{op} in ledgerd itself, {count} messages, median");
        table.add(name, median - way, "ms", Budget::AtMost(1.0));
        table.add("  p99", p99 - way, "ms", Budget::Shown);
    }
}

/// ledgerd alone, from its start until it answers over the bus.
fn start_of_ledgerd(stack: &Stack) -> Duration {
    let home = Home::find(Some(&stack.home())).expect("the home");
    let peers = Peers::connect(&home, "bench").expect("a link");
    let begin = Instant::now();
    let mut ledgerd = stack.command("ledgerd").arg("--home").arg(stack.home()).spawn().expect("ledgerd starts");
    peers.ask_blocking(Question::new(Principal::claimed("bench"), Op::Ping(Ping::default()))).expect("an answer");
    let taken = begin.elapsed();
    ledgerd.kill().and_then(|()| ledgerd.wait()).expect("ledgerd ends");
    taken
}

fn fill(stack: &Stack, group_id: &str, numbers: Range<usize>) {
    let home = Home::find(Some(&stack.home())).expect("the home");
    let peers = Arc::new(Peers::connect(&home, "bench").expect("a link"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let tasks: Vec<_> = (0..IN_FLIGHT)
            .map(|task| {
                let (peers, group_id) = (Arc::clone(&peers), group_id.to_owned());
                let mine = numbers.clone().skip(task).step_by(IN_FLIGHT);
                tokio::spawn(async move {
                    for number in mine {
                        let send = message::Send {
                            group_id: group_id.clone(),
                            text: format!("message {number} of a long history, with a few words in it"),
                            to: vec![format!("a{}", number % 20)],
                            ..message::Send::default()
                        };
                        let question = Question::new(Principal::claimed("user"), Op::Send(send));
                        peers.ask(question.within(Duration::from_secs(60))).await.expect("an answer");
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("a task");
        }
    });
}
