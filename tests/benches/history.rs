//! A large ledger: how fast it is read, and how fast ledgerd starts on it.

use crate::row::{Budget, Table, quantile, times};
use bus::contract::op::core::Ping;
use bus::contract::op::message;
use bus::contract::{Op, Principal};
use bus::home::Home;
use bus::peer::{Peers, Question};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::{Client, Stack, until};

/// Messages in hand while the ledger is filled.
const IN_FLIGHT: usize = 256;

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
    fill(&stack, &group_id, count);
    let mut client = stack.client();
    let name = |what: &str| format!("{what}, {count} messages, p99");
    let window = client.ask("ledger_window", &json!({"group_id": group_id, "before": 200}));
    let newest = window["events"].as_array().expect("events").iter().map(|event| event["id"].clone());
    let statuses = json!({"group_id": group_id, "event_ids": newest.collect::<Vec<_>>()});
    let reads = [
        ("inbox_list", json!({"group_id": group_id, "actor_id": "a7", "limit": 50}), 2.0),
        ("actor_list", json!({"group_id": group_id, "include_unread": true}), 2.0),
        ("ledger_window", json!({"group_id": group_id, "before": 200}), 5.0),
        ("message_statuses", statuses, 2.0),
        // One of the first messages: everything after it is ruled out by the catalogue, or read.
        ("ledger_search", json!({"group_id": group_id, "text": "message 17 of a long", "limit": 1}), 50.0),
    ];
    for (op, args, budget_ms) in reads {
        let all = times(500, |_| drop(client.ask(op, &args)));
        table.add(name(op), quantile(&all, 0.99), "ms", Budget::AtMost(budget_ms));
    }
    stack.stop();
    table.add(
        format!("start of ledgerd with {count} messages, to the first answer"),
        start_of_ledgerd(&stack).as_secs_f64() * 1e3,
        "ms",
        Budget::AtMost(300.0),
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
    stack.kill("ledgerd");
    let killed = Instant::now();
    until("an answer after a kill", || {
        Client::connect(&stack.home())
            .is_ok_and(|mut client| client.try_ask("inbox_list", &args).is_ok_and(|answer| answer.is_ok()))
    });
    let away = killed.elapsed().as_secs_f64() * 1e3;
    table.add(
        format!("kill -9 of ledgerd with {count} messages, to the next answer"),
        away,
        "ms",
        Budget::AtMost(600.0),
    );
}

/// ledgerd alone, from its start until it answers over the bus.
fn start_of_ledgerd(stack: &Stack) -> Duration {
    let home = Home::find(Some(&stack.home())).expect("the home");
    let peers = Peers::connect(&home, "bench").expect("a link");
    let begin = Instant::now();
    let mut ledgerd = stack.command("ledgerd").arg("--home").arg(stack.home()).spawn().expect("ledgerd starts");
    peers.ask_blocking(Question::new(Principal::system(), Op::Ping(Ping::default()))).expect("an answer");
    let taken = begin.elapsed();
    ledgerd.kill().and_then(|()| ledgerd.wait()).expect("ledgerd ends");
    taken
}

fn fill(stack: &Stack, group_id: &str, count: usize) {
    let home = Home::find(Some(&stack.home())).expect("the home");
    let peers = Arc::new(Peers::connect(&home, "bench").expect("a link"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let tasks: Vec<_> = (0..IN_FLIGHT)
            .map(|task| {
                let (peers, group_id) = (Arc::clone(&peers), group_id.to_owned());
                tokio::spawn(async move {
                    for number in (task..count).step_by(IN_FLIGHT) {
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
