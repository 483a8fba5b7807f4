//! Tools of agents: how soon `cccc mcp` answers, what a call costs beside the same op at the door, and how much memory the
//! servers need.

use crate::row::{Budget, Table, quantile, times};
use serde_json::json;
use std::time::Instant;
use tests::mcp::{Badge, Mcp};
use tests::process::pss_mb;
use tests::{Stack, http};

/// Agents at one shared server.
const AGENTS: usize = 50;

/// Calls on each way.
const CALLS: usize = 1_000;

/// Measures everything about tools.
pub fn measure(table: &mut Table) {
    let stack = Stack::start();
    let group = stack.ask("group_create", &json!({"title": "bench"}));
    let group_id = group["group_id"].as_str().expect("a group id").to_owned();
    let agents: Vec<Badge> = (0..AGENTS).map(|number| stack.headless(&group_id, &format!("agent-{number}"))).collect();

    let mut starts: Vec<_> = (0..20)
        .map(|_| {
            let begin = Instant::now();
            let client = Mcp::stdio(&stack, &agents[0]);
            (begin.elapsed(), client)
        })
        .collect();
    let mut begun: Vec<_> = starts.iter().map(|(time, _)| *time).collect();
    begun.sort_unstable();
    table.add("`cccc mcp` → its hello, median", quantile(&begun, 0.5), "ms", Budget::AtMost(50.0));

    let mut piped = starts.pop().expect("one of them").1;
    drop(starts);
    let memory = pss_mb(piped.pid().expect("a process of its own").cast_signed());
    table.add("memory of one `cccc mcp` (PSS)", memory, "MB", Budget::AtMost(8.0));
    let mut shared: Vec<Mcp> = agents.iter().map(|agent| Mcp::http(&stack, &agent.token)).collect();
    let list = piped.request("tools/list", &json!({})).expect("a list");
    table.add("tools/list", list["result"].to_string().len() as f64 / 1e3, "kB", Budget::AtMost(40.0));

    let mut door = stack.client();
    let args = json!({"group_id": group_id, "by": "agent-0"});
    let floor = quantile(&times(CALLS, |_| drop(door.ask("presence_get", &args))), 0.5);
    table.add("floor: the op of a tool at the door, kept connection, median", floor, "ms", Budget::Shown);
    let over = |table: &mut Table, name: &str, client: &mut Mcp| {
        let median = quantile(&times(CALLS, |_| drop(client.ok("cccc_presence_get", &json!({})))), 0.5);
        table.add(name, median - floor, "ms", Budget::AtMost(1.0));
    };
    over(table, "tool call over pipes, beyond the floor, median", &mut piped);
    over(table, "tool call over HTTP, beyond the floor, median", &mut shared[0]);
    let kept: Vec<_> = agents.iter().map(|_| http::connect(stack.mcp_port()).expect("mcpd listens")).collect();
    for client in &mut shared {
        client.ok("cccc_bootstrap", &json!({}));
    }
    let memory = stack.process("mcpd").pss_mb();
    drop(kept);
    table.add(format!("memory of the shared mcpd, {AGENTS} agents (PSS)"), memory, "MB", Budget::AtMost(15.0));
}
