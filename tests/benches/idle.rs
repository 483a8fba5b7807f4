//! Twenty idle terminals: memory, processor time and wake-ups of all our processes together.

use crate::row::{Budget, Table};
use std::time::{Duration, Instant};
use tests::Stack;
use tests::process::Process;

/// How long nothing happens.
const WINDOW: Duration = Duration::from_secs(20);

/// Starts the terminals and watches them do nothing.
pub fn measure(table: &mut Table) {
    let stack = Stack::start_idle();
    // Starting is work, and heartbeats slow down after it; what is measured begins then.
    std::thread::sleep(Duration::from_secs(40));

    let memory: f64 = stack.ours().iter().map(Process::pss_mb).sum();
    table.add("memory of all our processes, 20 idle terminals (PSS)", memory, "MB", Budget::AtMost(80.0));
    let wake_ups = || -> u64 { stack.ours().iter().map(Process::wake_ups).sum() };
    let ticks = || -> u64 { stack.ours().iter().map(|process| process.ticks).sum() };
    let (before, woken, begin) = (ticks(), wake_ups(), Instant::now());
    std::thread::sleep(WINDOW);
    // A tick is a hundredth of a second on every Linux.
    let share = (ticks() - before) as f64 / begin.elapsed().as_secs_f64();
    table.add("processor time of all our processes, 20 idle terminals", share, "%", Budget::AtMost(0.2));
    let rate = (wake_ups() - woken) as f64 / begin.elapsed().as_secs_f64();
    table.add("wake-ups of all our processes, 20 idle terminals", rate, "/s", Budget::AtMost(2.0));
}
