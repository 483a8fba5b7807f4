//! What is too long to be typed can be read whole: an agent gets its beginning and the command that shows all of it. So
//! can what an agent is told before its first message.

use std::io::Write as _;
use std::process::Stdio;
use tests::{AgentLog, Stack, until};

/// Sends a text through the standard input, and says what was answered.
fn send(stack: &Stack, group_id: &str, text: &str) -> String {
    let mut command = stack.command("cccc");
    command.args(["send", "-", "--group", group_id]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut sending = command.spawn().expect("cccc starts");
    sending.stdin.take().expect("its input").write_all(text.as_bytes()).expect("it reads");
    let output = sending.wait_with_output().expect("it ends");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("text")
}

/// The command that a text says shows all of it, without what belongs to the sentence around it.
fn pointer(text: &str) -> Vec<String> {
    let (_, behind) = text.split_once("cccc show ").unwrap_or_else(|| panic!("no command in {text}"));
    let id = behind.chars().take_while(char::is_ascii_hexdigit).collect();
    vec!["show".into(), id]
}

#[test]
fn a_long_text_is_typed_in_part_and_shown_whole() {
    let stack = Stack::start();
    let (group_id, logs) = stack.group(&["a"]);
    assert!(!send(&stack, &group_id, "short").contains("cccc show"), "nothing is left out of a short text");
    // One that its event holds, and one that a file holds.
    for (mark, lines) in [("plum", 700), ("pear", 9_000)] {
        let text: String = (0..lines).map(|n| format!("{mark} {n}\n")).collect::<String>() + mark;
        let said = send(&stack, &group_id, &text);
        assert!(said.contains("agents are typed its beginning"), "{said}");
        until("its beginning in the agent's terminal", || logs[0].count(&format!("{mark} 0")) > 0);
        let typed = logs[0].submissions().into_iter().find(|one| one.text.contains(mark)).expect("it is there").text;
        assert!(!typed.contains(&format!("{mark} {}", lines - 1)), "not all of it");
        for words in [pointer(&said), pointer(&typed)] {
            let words: Vec<_> = words.iter().map(String::as_str).chain(["--group", &group_id]).collect();
            let shown = stack.ok(&words);
            for n in 0..lines {
                assert!(shown.contains(&format!("{mark} {n}\n")), "line {n} is missing");
            }
        }
    }
}

#[test]
fn a_text_whose_file_is_gone_is_shown_as_far_as_it_is_there() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&["a"]);
    let text = format!("the beginning {}", "x".repeat(100_000));
    let shown = pointer(&send(&stack, &group_id, &text));
    std::fs::remove_dir_all(stack.home().join("groups").join(&group_id).join("state/blobs")).expect("it is there");
    let shown = stack.ok(&[&shown[0], &shown[1], "--group", &group_id]);
    assert!(shown.contains("the beginning x") && shown.contains("no more of it can be read"), "{shown}");
}

#[test]
fn what_an_agent_is_told_first_can_be_seen_before() {
    let stack = Stack::start();
    stack.ok(&["attach", "."]);
    let log = AgentLog::new(stack.folder(), "a");
    stack.ok(&["actor", "add", "a", "--stopped", "--runtime", "custom", "--command", &log.command()]);
    stack.ok(&["guidance", "set", "preamble", "Speak plainly."]);
    let shown = stack.json(&["prompt", "--actor-id", "a"]);
    let prompt = shown["prompt"].as_str().expect("a text");
    assert!(prompt.contains("You are a, foreman") && prompt.contains("Speak plainly."), "{prompt}");
    // A message to whom is off starts it, and says so.
    let sent = stack.ok(&["send", "begin", "--to", "a"]);
    assert!(sent.contains("started for it: a"), "{sent}");
    until("the message in the agent's terminal", || log.count("begin") > 0);
    assert_eq!(log.submissions()[0].text, prompt, "it was told just that");
    // A next session would be told of the message, too, once it is on record that this one has it.
    let unread = "1 message is unread, from before this session: run `cccc inbox`.\n";
    let next = || stack.json(&["prompt", "--actor-id", "a"])["prompt"].as_str().expect("a text").to_owned();
    until("the record of the delivery", || next().contains(unread));
    assert_eq!(next().replace(unread, ""), prompt);
    assert!(!stack.ok(&["send", "go on", "--to", "a"]).contains("started"), "it runs");
}
