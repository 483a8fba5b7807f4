//! State has one writer: while ledgerd stands still, nothing in the state folders changes, and nobody else has a
//! file there open for writing.

use nix::sys::signal::Signal;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use tests::{Client, Stack, process, until};

/// Folders that hold state.
const STATE: &[&str] = &["home", "groups", "secrets"];

type Look = BTreeMap<PathBuf, (u64, SystemTime)>;

fn look(folder: &Path, found: &mut Look) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let meta = entry.metadata().expect("a file that stays");
        found.insert(entry.path(), (meta.len(), meta.modified().expect("a time")));
        if meta.is_dir() {
            look(&entry.path(), found);
        }
    }
}

fn state(home: &Path) -> Look {
    let mut found = Look::new();
    STATE.iter().for_each(|name| look(&home.join(name), &mut found));
    found
}

/// Files below the state folders that a process has open for writing.
fn open_for_writing(pid: i32, home: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let is_written = |number: &str| {
        let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/{number}")).unwrap_or_default();
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap_or("0");
        i64::from_str_radix(flags.trim(), 8).unwrap_or(0) & 3 != 0
    };
    let files = entries.filter(|entry| is_written(&entry.file_name().to_string_lossy()));
    let paths = files.filter_map(|entry| fs::read_link(entry.path()).ok());
    paths.filter(|path| STATE.iter().any(|name| path.starts_with(home.join(name)))).collect()
}

#[test]
fn only_ledgerd_writes() {
    let stack = Stack::start();
    let (group_id, logs) = stack.group(&["a", "b"]);
    stack.ask("send", &json!({"group_id": group_id, "text": "first", "to": ["@all"]}));
    until("the first delivery", || logs.iter().all(|log| log.count("first") == 1));
    let delivered =
        |events: &[serde_json::Value]| events.iter().filter(|event| event["data"]["stage"] == "handed").count();
    until("the record of it", || delivered(&stack.events(&group_id)) >= 2);

    let ledgerd = stack.process("ledgerd");
    for process in process::of_home(&stack.home()).iter().filter(|process| process.pid != ledgerd.pid) {
        assert_eq!(open_for_writing(process.pid, &stack.home()), Vec::<PathBuf>::new(), "{:?}", process.words);
    }
    assert!(!open_for_writing(ledgerd.pid, &stack.home()).is_empty(), "the check sees writers");

    assert!(ledgerd.signal(Signal::SIGSTOP));
    let before = state(&stack.home());
    let mut waiting = Vec::new();
    for (op, args) in [
        ("send", json!({"group_id": group_id, "text": "second", "to": ["@all"]})),
        ("actor_restart", json!({"group_id": group_id, "actor_id": "a"})),
        ("group_create", json!({"title": "new"})),
    ] {
        let mut client = Client::connect(&stack.home()).expect("the door listens");
        let mut line = serde_json::to_vec(&json!({"op": op, "args": args})).expect("JSON");
        line.push(b'\n');
        client.say(&line).expect("the door reads");
        waiting.push(client);
    }
    // What needs no state still works, and proves that the others have had their time.
    for actor in ["a", "b"] {
        let sized = json!({"group_id": group_id, "actor_id": actor, "cols": 100, "rows": 30});
        let _ = Client::connect(&stack.home())
            .expect("the door listens")
            .say(format!("{}\n", json!({"op": "term_resize", "args": sized})).as_bytes());
    }
    stack.kill("ptyd");
    until("another ptyd", || stack.find("ptyd").is_some());
    assert_eq!(state(&stack.home()), before, "nobody but ledgerd writes state");
    assert!(ledgerd.signal(Signal::SIGCONT));
    for mut client in waiting {
        // ptyd was killed with a request in hand; the door asks again for everything else.
        let answer = client.hear().expect("a line").expect("an answer");
        assert!(answer["ok"] == json!(true) || answer["error"]["code"] == "daemon_unavailable", "{answer}");
    }
    assert_ne!(state(&stack.home()), before, "and then it does");
}

/// A cleaner or a sync tool has removed the file of the lock.
#[test]
fn a_lock_that_is_removed_lets_no_second_writer_in() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let lock = stack.home().join("home/lock");
    let ledgerd = stack.process("ledgerd").pid;
    for round in 0..3 {
        fs::remove_file(&lock).unwrap();
        let second = stack.command("ledgerd").output().unwrap();
        let said = String::from_utf8_lossy(&second.stderr).into_owned();
        assert!(!second.status.success() && said.contains("is in use by"), "{said}");
        until("the lock is there again", || {
            fs::read_to_string(&lock).is_ok_and(|text| text.trim() == ledgerd.to_string())
        });
        stack.ask("send", &json!({"group_id": group_id, "text": format!("round {round}"), "to": ["user"]}));
    }
    assert_eq!(stack.process("ledgerd").pid, ledgerd, "the first one goes on");
}
