//! Any daemon, or all of them, may be killed or upgraded; the agents go on working and nothing they say is lost.

use serde_json::json;
use std::path::{Path, PathBuf};
use tests::process::DAEMONS;
use tests::{AgentLog, Stack, process, until, until_some};

/// What is done to the stack, in words and in deed.
type Interruption<'a> = (&'a str, &'a dyn Fn(&mut Stack));

/// The numbers that an agent has shown, from the log its holder keeps.
fn ticks(home: &Path) -> Vec<u64> {
    let files = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_log = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("log-"));
    let mut logs: Vec<PathBuf> =
        files(&home.join("run/pty")).flat_map(|session| files(&session)).filter(is_log).collect();
    // A log's name is the offset of its first byte.
    logs.sort();
    let text: String =
        logs.iter().map(|log| String::from_utf8_lossy(&std::fs::read(log).unwrap_or_default()).into_owned()).collect();
    // The last line may be in the middle of being written.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().filter_map(|line| line.trim().strip_prefix("tick ")?.parse().ok()).collect()
}

#[test]
fn agents_outlive_us() {
    let mut stack = Stack::start();
    let log = AgentLog::new(stack.folder(), "a");
    let attached = stack.ask("attach", &json!({"path": stack.work()}));
    let group_id = attached["group_id"].as_str().expect("a group id").to_owned();
    let mut words: Vec<String> = log.command().split(' ').map(str::to_owned).collect();
    words.push("--ticks".into());
    stack.ask("actor_add", &json!({"group_id": group_id, "actor_id": "a", "runtime": "custom", "command": words}));
    stack.ask("group_start", &json!({"group_id": group_id}));
    let agent = until_some("the agent", || stack.processes("test-agent").into_iter().next()).pid;
    until("the agent's first words", || !ticks(&stack.home()).is_empty());

    let steps: [Interruption; 8] = [
        ("ptyd is killed", &|stack| stack.kill("ptyd")),
        ("ledgerd is killed", &|stack| stack.kill("ledgerd")),
        ("mcpd is killed", &|stack| stack.kill("mcpd")),
        ("webd is killed", &|stack| stack.kill("webd")),
        ("the door is killed", &|stack| stack.kill("door")),
        ("the supervisor is killed", &|stack| {
            stack.kill("supervisor");
            stack.bury();
            stack.run();
        }),
        ("everything is killed", &|stack| {
            for name in [&["supervisor"], &DAEMONS[..]].concat() {
                if let Some(process) = stack.find(name) {
                    process.signal(nix::sys::signal::Signal::SIGKILL);
                }
            }
            stack.bury();
            stack.run();
        }),
        ("everything is restarted", &|stack| drop(stack.ok(&["daemon", "restart"]))),
    ];
    for (number, (what, step)) in steps.into_iter().enumerate() {
        let before = ticks(&stack.home()).len();
        step(&mut stack);
        let text = format!("after-{number}.");
        until(what, || {
            // A killed process takes connections with it: the request's own name makes asking again safe.
            let args = json!({"group_id": group_id, "text": text, "to": ["a"], "request_id": text});
            tests::Client::connect(&stack.home())
                .is_ok_and(|mut client| client.try_ask("send", &args).is_ok_and(|answer| answer.is_ok()))
        });
        until(&format!("delivery once {what}"), || log.count(&text) == 1);
        until(&format!("new output once {what}"), || ticks(&stack.home()).len() > before);
        assert!(process::is_alive(agent), "the agent lives on though {what}");
        assert_eq!(stack.processes("test-agent").len(), 1, "nobody else was started though {what}");
    }
    let shown = ticks(&stack.home());
    assert!(shown.iter().enumerate().all(|(index, tick)| *tick == index as u64), "output without a gap: {shown:?}");

    stack.ok(&["daemon", "stop"]);
    until("the agent's end", || !process::is_alive(agent));
}

/// Whoever kills the supervisor is told what goes on without it, and can end it.
#[test]
fn agents_of_a_killed_supervisor_are_shown_and_can_be_ended() {
    let mut stack = Stack::start();
    stack.group(&["a"]);
    let agent = until_some("the agent", || stack.processes("test-agent").into_iter().next()).pid;
    stack.kill("supervisor");
    stack.bury();
    until("the end of the daemons", || DAEMONS.iter().all(|name| stack.find(name).is_none()));
    let status = stack.ok(&["status"]);
    assert!(
        status.contains(&format!("goes on  pid {agent}")) && status.contains("`cccc daemon stop` ends them"),
        "{status}"
    );
    let stopped = stack.ok(&["daemon", "stop"]);
    assert!(stopped.contains("ended 1 agents that went on without it"), "{stopped}");
    assert!(!process::is_alive(agent));
    // Everything comes back with the next start.
    stack.run();
    until("the agent again", || stack.processes("test-agent").len() == 1);
}

/// A new session is told at once what an earlier one has left unread, and gets once more what somebody wants it to have.
#[test]
fn a_restart_carries_on() {
    let stack = Stack::start();
    let (group_id, logs) = stack.group(&["a"]);
    let sent = stack.ask("send", &json!({"group_id": group_id, "text": "remember <this>", "to": ["a"]}));
    until("the delivery", || logs[0].count("<this>") == 1);
    stack.ask("actor_restart", &json!({"group_id": group_id, "actor_id": "a"}));
    until("the second introduction", || logs[0].count("You are a") == 2);
    let last = logs[0].submissions().pop().expect("it").text;
    assert!(last.contains("1 message is unread, from before this session: run `cccc inbox`."), "{last}");
    let id = sent["event"]["id"].as_str().expect("an id");
    stack.ok(&["deliver", id, "--to", "a", "--again"]);
    until("the second delivery", || logs[0].count("<this>") == 2);
    let is_handed = |event: &&serde_json::Value| {
        event["data"]["stage"] == "handed"
            && event["data"]["event_ids"].as_array().is_some_and(|ids| ids.contains(&json!(id)))
    };
    until("both records", || stack.events(&group_id).iter().filter(is_handed).count() == 2);
}
