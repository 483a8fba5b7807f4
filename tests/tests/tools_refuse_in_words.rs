//! What a tool cannot do it refuses in words that help, and does not accept it only to drop it; what it can do it does
//! however it is written, and shows nothing that is hidden.

use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::symlink;
use tests::Stack;
use tests::mcp::{Badge, Mcp};

fn office() -> (Stack, Badge, Mcp) {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let [lead, _] = ["lead", "peer"].map(|name| stack.headless(&group_id, name));
    let agent = Mcp::stdio(&stack, &lead);
    (stack, lead, agent)
}

/// The refusal of a call.
fn refusal(agent: &mut Mcp, tool: &str, args: &Value) -> Value {
    let answer = agent.try_call(tool, args).unwrap_or_else(|error| panic!("{tool} {args}: {error}"));
    assert!(answer.is_error, "{tool} {args}: {}", answer.value);
    answer.value["error"].clone()
}

#[test]
fn a_charter_is_shown_also_where_it_is_a_link_or_large() {
    const SHOWN_BYTES: usize = 64 * 1024;
    let (stack, _, mut agent) = office();
    let (work, outside) = (stack.work(), stack.folder().join("outside.md"));
    fs::create_dir(work.join("docs")).expect("a folder");
    fs::write(work.join("docs/charter.md"), "We build a bridge.\n").expect("a charter");
    fs::write(&outside, "not yours\n").expect("a file");
    let at = work.join("PROJECT.md");
    let mut look = || agent.ok("cccc_project_info", &json!({}));

    symlink("docs/charter.md", &at).expect("a link");
    let shown = look();
    assert_eq!((&shown["found"], &shown["content"]), (&json!(true), &json!("We build a bridge.\n")), "{shown}");

    for leads_to in [outside.as_path(), &work.join("nowhere"), &work.join("docs")] {
        fs::remove_file(&at).expect("it was there");
        symlink(leads_to, &at).expect("a link");
        let shown = look();
        assert_eq!((&shown["found"], &shown["content"]), (&json!(false), &json!("")), "{shown}");
        let why = shown["error"].as_str().expect("a sentence");
        assert!(why.contains("link") && !why.contains("move it away"), "{why}");
    }

    fs::remove_file(&at).expect("it was there");
    fs::write(&at, "ä".repeat(3_000_000)).expect("a large charter");
    let shown = look();
    assert_eq!((&shown["found"], &shown["truncated"]), (&json!(true), &json!(true)));
    assert_eq!(shown["content"].as_str().map(str::to_owned), Some("ä".repeat(SHOWN_BYTES / 2)));
    fs::remove_file(&at).expect("it was there");
    assert!(look()["error"].as_str().is_some_and(|why| why.contains("there is no charter")));
}
