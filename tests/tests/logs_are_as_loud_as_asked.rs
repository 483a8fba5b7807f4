//! How much is logged is a setting of the home, which every process follows at once, and after a new start.

use serde_json::json;
use std::fs;
use tests::process::DAEMONS;
use tests::{Stack, until};

/// How often something is said in each process's log.
fn said(stack: &Stack, what: &str) -> [usize; DAEMONS.len()] {
    DAEMONS.map(|name| {
        let log = fs::read_to_string(stack.home().join("logs").join(format!("{name}.log"))).unwrap_or_default();
        log.lines().filter(|line| line.contains(what)).count()
    })
}

#[test]
fn logs_are_as_loud_as_asked() {
    let stack = Stack::start();
    let set = |patch: serde_json::Value| stack.ask("observability_update", &json!({ "patch": patch }));
    assert_eq!(said(&stack, " DEBUG "), [0; DAEMONS.len()]);
    set(json!({"log_level": "debug"}));
    until("every process with its details", || said(&stack, " DEBUG ").iter().all(|count| *count > 0));
    set(json!({"log_level": "warning"}));
    until("every process quieter", || said(&stack, "level=WARNING") == [1; DAEMONS.len()]);
    let refused = stack.client().refused("observability_update", &json!({"patch": {"log_level": "loud"}}));
    assert_eq!(refused.code, "observability_update_failed");

    // In developer mode what is usual is more, also for processes that start later.
    set(json!({"log_level": "info", "developer_mode": true}));
    until("every process loud again", || said(&stack, "level=DEBUG").iter().all(|count| *count >= 3));
    for name in DAEMONS {
        stack.kill(name);
    }
    until("every new process as loud", || said(&stack, "level=DEBUG").iter().all(|count| *count >= 5));
}
