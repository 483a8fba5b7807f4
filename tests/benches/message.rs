//! Messages: how long a durable `send` takes, how many go through, and when others see them.

use crate::floor::Floor;
use crate::row::{Budget, Table, quantile, times};
use bus::contract::op::{message, principal};
use bus::contract::{Op, Principal};
use bus::home::Home;
use bus::peer::{Peers, Question};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tests::{Client, Stack};

/// Clients at once.
const CLIENTS: usize = 64;

/// How long each load lasts.
const LOAD: Duration = Duration::from_secs(5);

/// Measures everything about messages.
pub fn measure(table: &mut Table, floor: &Floor) {
    let stack = Stack::start();
    let group = stack.ask("group_create", &json!({"title": "bench"}));
    let group_id = group["group_id"].as_str().expect("a group id").to_owned();
    let args = json!({"group_id": group_id, "text": "a short message of the usual length, more or less", "to": ["user"], "by": "script"});

    table.add("floor: append and fdatasync", floor.sync_ms, "ms", Budget::Shown);
    table.add("floor: appends when 64 share one fdatasync", floor.group_commit_per_s, "/s", Budget::Shown);
    table.add("floor: raw socket, connect and one line each way", floor.round_trip_ms, "ms", Budget::Shown);

    let alone = times(2_000, |_| drop(stack.ask("send", &args)));
    let median = quantile(&alone, 0.5);
    table.add("send, 1 client, connection per request, median", median, "ms", Budget::AtMost(0.48));
    table.add("  against the sync floor", median / floor.sync_ms, "×", Budget::AtMost(3.0));

    let before = Effort::of(&stack);
    let (rate, all) = load(&stack, &args, true);
    table.add("send, 64 clients, connection per request", rate, "/s", Budget::AtLeast(10_000.0));
    table.add("  p99", quantile(&all, 0.99), "ms", Budget::AtMost(9.0));
    before.per_send(&stack, all.len(), table);
    let before = Effort::of(&stack);
    let (rate, all) = load(&stack, &args, false);
    table.add("send, 64 clients, kept connections", rate, "/s", Budget::AtLeast(20_000.0));
    table.add("  p99", quantile(&all, 0.99), "ms", Budget::Shown);
    before.per_send(&stack, all.len(), table);
    let send = message::Send {
        group_id,
        text: "a short message of the usual length, more or less".into(),
        to: vec!["user".into()],
        ..message::Send::default()
    };
    let asked = over_the_bus(&stack, &Op::Whoami(principal::Whoami::default()));
    table.add("floor: a question without a write over the bus, 64 in flight", asked, "/s", Budget::Shown);
    let sent = over_the_bus(&stack, &Op::Send(send.clone()));
    table.add("send over the bus, 64 in flight", sent, "/s", Budget::AtLeast(25_000.0));

    let seen = until_seen(&stack, &send.group_id);
    table.add("send → another client sees the event, median", quantile(&seen, 0.5), "ms", Budget::AtMost(2.0));
    table.add("  p99", quantile(&seen, 0.99), "ms", Budget::AtMost(10.0));
}

/// What the processes between a client and its answer have used so far: processor time, and how often they have waited.
struct Effort([(&'static str, f64, f64); 2]);

impl Effort {
    fn of(stack: &Stack) -> Self {
        Self(["ledgerd", "door"].map(|name| {
            let process = stack.process(name);
            // A tick is a hundredth of a second on every Linux.
            (name, process.ticks as f64 * 1e4, process.wake_ups() as f64)
        }))
    }

    /// What they have used for each send since then.
    fn per_send(&self, stack: &Stack, sends: usize, table: &mut Table) {
        let sends = sends as f64;
        for ((name, micros, waits), (_, micros_now, waits_now)) in self.0.into_iter().zip(Self::of(stack).0) {
            table.add(
                format!("  processor time of {name} for each"),
                (micros_now - micros) / sends,
                "µs",
                Budget::AtMost(50.0),
            );
            table.add(
                format!("  context switches of {name} for each"),
                (waits_now - waits) / sends,
                "",
                Budget::AtMost(2.0),
            );
        }
    }
}

/// Sends from many clients at once; requests per second, and how long each took.
fn load(stack: &Stack, args: &Value, connect_each: bool) -> (f64, Vec<Duration>) {
    let end = Instant::now() + LOAD;
    let (home, args) = (stack.home(), Arc::new(args.clone()));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (home, args) = (home.clone(), Arc::clone(&args));
            thread::spawn(move || {
                let mut client = Client::connect(&home).expect("the door listens");
                let mut all = Vec::new();
                while Instant::now() < end {
                    let begin = Instant::now();
                    if connect_each {
                        client = Client::connect(&home).expect("the door listens");
                    }
                    client.ask("send", &args);
                    all.push(begin.elapsed());
                }
                all
            })
        })
        .collect();
    let mut all: Vec<_> = clients.into_iter().flat_map(|client| client.join().expect("a client")).collect();
    all.sort_unstable();
    (all.len() as f64 / LOAD.as_secs_f64(), all)
}

/// Asks the same over and over without the door; requests per second.
fn over_the_bus(stack: &Stack, op: &Op) -> f64 {
    let home = Home::find(Some(&stack.home())).expect("the home");
    let peers = Arc::new(Peers::connect(&home, "bench").expect("a link"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let count = Arc::new(AtomicUsize::new(0));
    runtime.block_on(async {
        let end = Instant::now() + LOAD;
        let tasks: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let (peers, count, op) = (Arc::clone(&peers), Arc::clone(&count), op.clone());
                tokio::spawn(async move {
                    while Instant::now() < end {
                        let question = Question::new(Principal::claimed("script"), op.clone());
                        peers.ask(question).await.expect("an answer");
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("a task");
        }
    });
    count.load(Ordering::Relaxed) as f64 / LOAD.as_secs_f64()
}

/// From before the request until a stream of another client has the event.
fn until_seen(stack: &Stack, group_id: &str) -> Vec<Duration> {
    let mut stream = stack.client();
    let line = format!("{}\n", json!({"op": "events_stream", "args": {"group_id": group_id}}));
    stream.say(line.as_bytes()).expect("the door reads");
    stream.hear().expect("a line").expect("a handshake");
    let mut sender = stack.client();
    times(1_000, |number| {
        let text = format!("seen {number}");
        sender.ask("send", &json!({"group_id": group_id, "text": text, "to": ["user"], "by": "script"}));
        loop {
            let item = stream.hear().expect("a line").expect("the stream goes on");
            if item["event"]["data"]["text"] == json!(text) {
                break;
            }
        }
    })
}
