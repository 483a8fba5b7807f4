//! Two hundred published clients at once, in fifty groups of twenty, for a minute.

use crate::row::{Budget, Table, quantile};
use tests::process::DAEMONS;
use tests::{Stack, load};

/// How long, in seconds; `CCCC_BENCH_SECONDS` says otherwise.
const SECONDS: u64 = 60;

/// Has them work and adds what came of it.
pub fn measure(table: &mut Table) {
    let seconds = std::env::var("CCCC_BENCH_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS);
    let stack = Stack::start();
    let outcome = load::run(&stack, seconds);
    let rate = outcome.times.len() as f64 / outcome.taken.as_secs_f64();
    let clients = load::CLIENTS;
    table.add(format!("mixed load of {clients} published clients, {seconds} s"), rate, "/s", Budget::Shown);
    table.add("  median", quantile(&outcome.times, 0.5), "ms", Budget::Shown);
    table.add("  p99", quantile(&outcome.times, 0.99), "ms", Budget::Shown);
    table.add("  errors", outcome.errors.len() as f64, "", Budget::AtMost(0.0));
    table.add("  acknowledged messages", outcome.sent as f64, "", Budget::Shown);
    table.add("  messages lost", outcome.lost as f64, "", Budget::AtMost(0.0));
    table.add("  messages doubled", outcome.doubled as f64, "", Budget::AtMost(0.0));
    for (name, (before, after)) in DAEMONS.into_iter().zip(outcome.memory_mb) {
        table.add(format!("  memory of {name} before (PSS)"), before, "MB", Budget::Shown);
        table.add(format!("  memory of {name} after (PSS)"), after, "MB", Budget::Shown);
    }
}
