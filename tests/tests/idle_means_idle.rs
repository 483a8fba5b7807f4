//! Nobody polls: with twenty idle terminals our processes are asleep.

use std::fs;
use std::time::Duration;
use tests::{Stack, until_some};

/// How often all our processes together may wake up in a second: the heartbeats and some room.
const WAKE_UPS_MAX: u64 = 40;

/// How often a process has given up its processor by itself, all threads together.
fn wake_ups(pid: i32) -> u64 {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let of_thread = |status: String| {
        status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")?.trim().parse::<u64>().ok())
    };
    threads.filter_map(|thread| of_thread(fs::read_to_string(thread.path().join("status")).ok()?)).sum()
}

#[test]
fn idle_means_idle() {
    let stack = Stack::start_idle();
    let total = || -> u64 { stack.ours().iter().map(|process| wake_ups(process.pid)).sum() };
    // A busy machine makes work late, not frequent; the first quiet seconds prove the promise.
    let found = until_some("a quiet time", || {
        let before = total();
        std::thread::sleep(Duration::from_secs(3));
        let rate = total().saturating_sub(before) / 3;
        eprintln!("{rate} wake-ups per second");
        (rate <= WAKE_UPS_MAX).then_some(rate)
    });
    assert!(found <= WAKE_UPS_MAX);
}
