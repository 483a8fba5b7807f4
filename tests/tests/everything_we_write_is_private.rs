//! Every file we create is 0600 and every folder 0700, and no secret is in any of them.

use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tests::{Stack, process, until};

fn check(folder: &Path, secrets: &[String]) {
    for entry in fs::read_dir(folder).expect("a folder of ours").flatten() {
        let Ok(meta) = fs::symlink_metadata(entry.path()) else { continue };
        if meta.is_symlink() {
            continue;
        }
        let (mode, wanted) = (meta.permissions().mode() & 0o777, if meta.is_dir() { 0o700 } else { 0o600 });
        assert_eq!(mode, wanted, "{} is {mode:o}", entry.path().display());
        if meta.is_dir() {
            check(&entry.path(), secrets);
        } else if meta.is_file() {
            let text = fs::read(entry.path()).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            assert!(!secrets.iter().any(|secret| text.contains(secret)), "{} has a secret", entry.path().display());
        }
    }
}

#[test]
fn everything_we_write_is_private() {
    let stack = Stack::start();
    let (group_id, logs) = stack.group(&["a"]);
    stack.ask("send", &json!({"group_id": group_id, "text": "x".repeat(50_000), "to": ["a"]}));
    until("a delivery", || !logs[0].submissions().is_empty());
    let agent = stack.processes("test-agent").into_iter().next().expect("the agent runs");
    let environment = fs::read(format!("/proc/{}/environ", agent.pid)).expect("its environment");
    let token = environment.split(|byte| *byte == 0).find_map(|entry| entry.strip_prefix(b"CCCC_ACTOR_TOKEN="));
    let token = String::from_utf8(token.expect("an agent has a token").to_vec()).expect("text");
    assert!(token.len() >= 32, "long enough not to be guessed");
    for process in process::of_home(&stack.home()) {
        assert!(!process.words.iter().any(|word| word.contains(&token)), "{:?}", process.words);
    }
    check(&stack.home(), &[token]);
}
