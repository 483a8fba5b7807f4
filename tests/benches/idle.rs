//! Twenty idle terminals: memory and processor time of all our processes together.

use crate::row::{Budget, Table};
use serde_json::json;
use std::fs;
use std::time::{Duration, Instant};
use tests::{Stack, process, until};

const TERMINALS: usize = 20;

/// How long nothing happens.
const WINDOW: Duration = Duration::from_secs(20);

/// Starts the terminals and watches them do nothing.
pub fn measure(table: &mut Table) {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    for number in 0..TERMINALS {
        let args = json!({"group_id": group_id, "actor_id": format!("idle-{number}"), "runtime": "custom",
                          "command": ["sh", "-c", "exec sleep 600"]});
        stack.ask("actor_add", &args);
    }
    stack.ask("group_start", &json!({"group_id": group_id}));
    until("all terminals", || stack.processes("ptyhold").len() == TERMINALS);
    // Starting is work; what is measured begins after it.
    std::thread::sleep(Duration::from_secs(3));

    let ours = || {
        let mut all = process::of_home(&stack.home());
        all.retain(|process| ["cccc", "ledgerd", "ptyd", "ptyhold"].contains(&process.program()));
        all
    };
    let memory: f64 = ours().iter().map(|process| pss_mb(process.pid)).sum();
    table.add("memory of all our processes, 20 idle terminals (PSS)", memory, "MB", Budget::AtMost(80.0));
    let ticks = || -> u64 { ours().iter().map(|process| process.ticks).sum() };
    let (before, begin) = (ticks(), Instant::now());
    std::thread::sleep(WINDOW);
    // A tick is a hundredth of a second on every Linux.
    let share = (ticks() - before) as f64 / begin.elapsed().as_secs_f64();
    table.add("processor time of all our processes, 20 idle terminals", share, "%", Budget::AtMost(0.2));
}

fn pss_mb(pid: i32) -> f64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1024.0
}
