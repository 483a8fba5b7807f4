//! What a person waits for: the start of everything, and a look at it.

use crate::row::{Budget, Table, quantile, times};
use serde_json::json;
use std::time::Instant;
use tests::{Stack, http};

/// Starts stacks and asks for their status.
pub fn measure(table: &mut Table) {
    let mut starts: Vec<_> = (0..5)
        .map(|_| {
            let mut stack = Stack::new();
            let begin = Instant::now();
            stack.run();
            begin.elapsed()
        })
        .collect();
    starts.sort_unstable();
    table.add("`cccc` in a new home → first answer, median", quantile(&starts, 0.5), "ms", Budget::AtMost(200.0));

    let mut starts: Vec<_> = (0..5)
        .map(|_| {
            let mut stack = Stack::new();
            let begin = Instant::now();
            stack.run();
            http::request(stack.web_port(), "GET /api/v1/groups", &[], b"").expect("webd answers");
            begin.elapsed()
        })
        .collect();
    starts.sort_unstable();
    table.add("`cccc` in a new home → first HTTP answer, median", quantile(&starts, 0.5), "ms", Budget::AtMost(200.0));

    let stack = Stack::start();
    stack.group(&["a", "b"]);
    stack.ask("groups", &json!({}));
    let all = times(50, |_| drop(stack.ok(&["status"])));
    table.add("`cccc status`, whole process, median", quantile(&all, 0.5), "ms", Budget::AtMost(20.0));
}
