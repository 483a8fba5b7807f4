//! An agent that is to go on with its last conversation is told so, and runs also where there is none.

use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use tests::{Stack, until};

/// Like claude: it ends with an error when it is told to go on and there is nothing to go on with.
const CLAUDE: &str = "#!/bin/sh\n\
    echo \"started: $*\" >> starts\n\
    case \"$1\" in --continue) test -e conversation || { echo 'No conversation found to continue'; exit 1; };; esac\n\
    exec cat > /dev/null\n";

#[test]
fn an_agent_goes_on_with_its_last_conversation_or_begins_one() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let program = stack.folder().join("claude");
    fs::write(&program, CLAUDE).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let starts = || {
        let text = fs::read_to_string(stack.work().join("starts")).unwrap_or_default();
        text.lines().map(|line| line.trim_start_matches("started:").trim().to_owned()).collect::<Vec<_>>()
    };
    let runs = || stack.ask("actor_list", &json!({"group_id": group_id}))["actors"][0]["running"] == true;
    let after = |count: usize| until("it runs", || starts().len() == count && runs());

    let command = program.to_string_lossy();
    stack.ok(&["actor", "add", "a", "-g", &group_id, "--runtime", "custom", "--command", &format!("{command} --x")]);
    after(1);
    stack.ok(&["actor", "update", "a", "-g", &group_id, "--resume"]);
    stack.ok(&["actor", "restart", "a", "-g", &group_id]);
    // There is nothing yet, so it is told once and then starts as before.
    after(3);
    fs::write(stack.work().join("conversation"), "").unwrap();
    stack.ok(&["actor", "restart", "a", "-g", &group_id]);
    after(4);
    assert_eq!(starts(), ["--x", "--continue --x", "--x", "--continue --x"]);
    let notices = stack.events(&group_id).iter().filter(|event| event["kind"] == "system.notify").count();
    assert_eq!(notices, 0, "nobody needs to be told that it began anew");

    let refused = stack.cccc(&["actor", "update", "a", "-g", &group_id, "--command", "cat"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("how cat is told to is not known, only how claude, codex, opencode are"), "{said}");
}
