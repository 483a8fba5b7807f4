//! Nobody polls: with twenty idle terminals our processes are asleep.

use std::time::Duration;
use tests::process::Process;
use tests::{Stack, until_some};

/// How often all our processes together may wake up in a second. The budget, measured by `make bench`, is 2; the rest is
/// for a busy machine and for what has just begun.
const WAKE_UPS_MAX: u64 = 5;

/// How long is looked at: longer than any of them sleeps between two heartbeats.
const WINDOW: Duration = Duration::from_secs(20);

#[test]
fn idle_means_idle() {
    let stack = Stack::start_idle();
    let total = || -> u64 { stack.ours().iter().map(Process::wake_ups).sum() };
    // A busy machine makes work late, not frequent; the first quiet seconds prove the promise.
    let found = until_some("a quiet time", || {
        let before = total();
        std::thread::sleep(WINDOW);
        let rate = total().saturating_sub(before) / WINDOW.as_secs();
        eprintln!("{rate} wake-ups per second");
        (rate <= WAKE_UPS_MAX).then_some(rate)
    });
    assert!(found <= WAKE_UPS_MAX);
}
