//! Agent programs: which can be added to a group, and which of them are installed where we run.

use bus::contract::runtime::{Runtime, TABLE};
use bus::program;
use serde_json::{Value, json};

/// All of them, the ids of the installed ones, and advice on which to take.
pub fn list() -> Value {
    let known = program::look_for_all();
    let available = program::available(&known);
    let pool: Vec<_> = TABLE.iter().filter_map(advice).collect();
    json!({"runtimes": known, "available": available, "pool": pool})
}

/// What each is good for, the first choice first.
#[rustfmt::skip]
const POOL: &[(&str, &[&str])] = &[
    ("claude",   &["coding", "review", "planning", "general"]),
    ("codex",    &["coding", "refactoring", "sandbox"]),
    ("droid",    &["coding", "long-session"]),
    ("amp",      &["coding", "review", "general"]),
    ("neovate",  &["coding", "general"]),
    ("opencode", &["coding"]),
    ("copilot",  &["coding", "general"]),
    ("gemini",   &["coding", "general"]),
    ("auggie",   &["coding", "general"]),
    ("cursor",   &["coding", "general"]),
    ("kilocode", &["coding", "general"]),
];

fn advice(runtime: &Runtime) -> Option<Value> {
    let place = POOL.iter().position(|(id, _)| *id == runtime.id)?;
    Some(json!({"runtime": runtime.id, "priority": place + 1, "scenarios": POOL[place].1, "notes": ""}))
}
