//! The official MCP clients, unmodified, over pipes and HTTP: they list tools, call them and understand refusals.

use std::path::Path;
use std::process::Command;
use tests::{Stack, program, published};

fn drive(package: &str) {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let badge = stack.headless(&group_id, "agent");
    stack.ok(&["principals", "strict"]);
    let driven = Command::new(published(package).join("python"))
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("published/drive_mcp.py"))
        .args([package, &format!("http://127.0.0.1:{}/mcp", stack.mcp_port())])
        .env("CCCC_HOME", stack.home())
        .env("CCCC_PROGRAM", program::path("cccc"))
        .envs(badge.variables())
        .current_dir(stack.work())
        .output()
        .expect("python starts");
    let said = String::from_utf8_lossy(&driven.stdout).into_owned() + &String::from_utf8_lossy(&driven.stderr);
    assert!(driven.status.success(), "{said}");
}

#[test]
fn the_first_generation_of_mcp_works() {
    drive("mcp==1.30.0");
}

#[test]
fn the_second_generation_of_mcp_works() {
    drive("mcp==2.3.0");
}

#[test]
fn fastmcp_works() {
    drive("fastmcp==4.2.3");
}
