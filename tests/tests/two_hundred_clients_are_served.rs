//! Two hundred published clients at once, in fifty groups of twenty: nobody meets an error, every message is heard once
//! by whoever follows its group, and no process grows without bound. `make bench` does it for a minute.

use tests::process::DAEMONS;
use tests::{Stack, load};

/// How long, in seconds.
const SECONDS: u64 = 4;

/// How much each process may grow. It remembers what came last in every group, and then no more.
const GROWTH_MB_MAX: f64 = 64.0;

#[test]
fn two_hundred_clients_are_served() {
    let stack = Stack::start();
    let outcome = load::run(&stack, SECONDS);
    assert!(outcome.errors.is_empty(), "{} errors: {:?}", outcome.errors.len(), outcome.errors.first());
    assert!(outcome.times.len() >= load::CLIENTS - load::GROUPS, "everybody has done something");
    assert!(outcome.sent > 0);
    assert_eq!((outcome.lost, outcome.doubled), (0, 0), "of {} messages", outcome.sent);
    for (name, (before, after)) in DAEMONS.into_iter().zip(outcome.memory_mb) {
        assert!(after - before < GROWTH_MB_MAX, "{name} has grown from {before:.1} to {after:.1} MB");
    }
}
