//! What daemons only may ask for, nobody else is answered: not an agent that says to be one, whatever it calls itself.

use bus::contract::links::Process;
use bus::contract::op::delivery::DeskGet;
use bus::contract::{Code, Principal};
use bus::home::Home;
use bus::key::{Held, KEY_BYTES, RootKey, held};
use bus::peer::{Peers, Question};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tests::process::DAEMONS;
use tests::{AgentLog, Stack, files, process, program, until, until_some};

/// What a process has open, as far as it lives.
fn open_files(pid: i32) -> Vec<String> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some(fs::read_link(entry.path()).ok()?.to_string_lossy().into_owned())).collect()
}

/// Everything that can be read of a stack: its files, and what its processes were started with.
fn readable(stack: &Stack, but: &Path) -> Vec<(String, Vec<u8>)> {
    let files = files(stack.folder()).into_iter().filter(|path| path.is_file() && path != but);
    let files = files.map(|path| (path.display().to_string(), fs::read(&path).unwrap_or_default()));
    let processes = process::of_home(&stack.home()).into_iter().flat_map(|process| {
        ["cmdline", "environ"].map(|name| {
            let path = format!("/proc/{}/{name}", process.pid);
            (path.clone(), fs::read(path).unwrap_or_default())
        })
    });
    files.chain(processes).collect()
}

/// The forms in which somebody could have written a key.
fn forms(key: &[u8]) -> [Vec<u8>; 3] {
    let hex = |upper: bool| {
        let digits = key.iter().map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") });
        digits.collect::<String>().into_bytes()
    };
    [key.to_vec(), hex(false), hex(true)]
}

fn assert_nowhere(stack: &Stack, key: &[u8], but: &Path) {
    let all = readable(stack, but);
    assert!(all.iter().any(|(_, bytes)| !bytes.is_empty()), "there is something to look through");
    for form in forms(key) {
        let found = all.iter().find(|(_, bytes)| bytes.windows(form.len()).any(|window| window == form));
        assert!(found.is_none(), "the key is in {}", found.unwrap().0);
    }
}

/// Lets an agent try everything, and returns its report.
fn impostor(stack: &Stack, group_id: &str, report: &Path) -> Vec<Value> {
    let words = [
        program::path("test-impostor").display().to_string(),
        stack.home().display().to_string(),
        report.display().to_string(),
        group_id.to_owned(),
    ];
    let agent = json!({"group_id": group_id, "actor_id": "me", "runtime": "custom", "command": words});
    stack.ask("actor_add", &agent);
    stack.ask("actor_start", &json!({"group_id": group_id, "actor_id": "me"}));
    until("the report of the agent", || report.exists());
    let lines = fs::read_to_string(report).unwrap();
    stack.ask("actor_remove", &json!({"group_id": group_id, "actor_id": "me", "by": "user"}));
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn an_agent_that_says_to_be_a_daemon_is_refused() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&["peer"]);
    // What anybody may ask for, who claims a name; of an actor's name only in a home that believes claims.
    let open: BTreeSet<(&str, &str)> = [("says user", "whoami"), ("says user", "terminal_tail")].into();
    let if_loose: BTreeSet<(&str, &str)> = [("says peer", "whoami"), ("says peer", "terminal_tail")].into();
    for mode in ["loose", "strict"] {
        if mode == "strict" {
            stack.ok(&["principals", "strict"]);
        }
        let report = impostor(&stack, &group_id, &stack.folder().join(mode));
        assert_eq!(report.len(), 8 * 9, "every guise, every op");
        for line in &report {
            let case = (line["guise"].as_str().unwrap(), line["op"].as_str().unwrap());
            let may = open.contains(&case) || (mode == "loose" && if_loose.contains(&case));
            let wanted = if may { Value::Null } else { json!("permission_denied") };
            assert_eq!(line["refused"], wanted, "{mode}: {line}");
        }
    }
    let recorded = |event: &Value| event["data"]["session_id"] == "s" || event["data"]["event_ids"] == json!(["x"]);
    assert!(!stack.events(&group_id).iter().any(recorded), "nothing of it is on record");
}

#[test]
fn a_key_is_handed_down_and_not_passed_on() {
    let stack = Stack::start();
    let (_, _) = stack.group(&["a"]);
    let agent = until_some("the agent", || stack.processes("test-agent").into_iter().next()).pid;
    let variable = |pid: i32| process::environment(pid).into_iter().find(|entry| entry.starts_with(held::VARIABLE));
    for name in DAEMONS {
        let pid = stack.process(name).pid;
        assert_eq!(variable(pid), Some(format!("{}={}", held::VARIABLE, held::DESCRIPTOR)), "{name}: a number, no key");
        let input = fs::read_link(format!("/proc/{pid}/fd/0")).unwrap();
        assert_eq!(input, Path::new("/dev/null"), "{name} has read the pipe and let it go");
    }
    for pid in stack.processes("ptyhold").iter().map(|holder| holder.pid).chain([agent]) {
        assert_eq!(variable(pid), None, "{pid}");
    }
    let handed = |file: &String| file.starts_with("pipe:") || file.contains("memfd");
    let open = open_files(agent);
    assert!(!open.is_empty() && !open.iter().any(handed), "{open:?}");
    assert!(!Home::find(Some(&stack.home())).unwrap().key_file().exists(), "nobody needs a file");
}

/// A daemon as a supervisor starts it, with a key that is known here.
fn start_with(stack: &Stack, key: &[u8], name: &str) -> Child {
    let mut command = daemon(stack, name);
    let (reader, mut writer) = io::pipe().unwrap();
    writer.write_all(key).unwrap();
    command.env(held::VARIABLE, held::DESCRIPTOR).stdin(reader);
    command.spawn().expect("it starts")
}

fn daemon(stack: &Stack, name: &str) -> Command {
    let mut command = if name == "door" { stack.command("cccc") } else { stack.command(name) };
    let log =
        fs::OpenOptions::new().append(true).create(true).open(stack.folder().join(format!("{name}.log"))).unwrap();
    command.args((name == "door").then_some("door")).arg("--home").arg(stack.home());
    command.env("CCCC_LOG", "debug").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    command
}

/// A message reaches an agent, for which ptyd asks ledgerd as itself, and the door asks both.
fn assert_delivers(stack: &Stack, group_id: &str, log: &AgentLog, text: &str) {
    until(text, || {
        let args = json!({"group_id": group_id, "text": text, "to": ["a"], "request_id": text});
        let answer = tests::Client::connect(&stack.home()).and_then(|mut client| client.try_ask("send", &args));
        answer.is_ok_and(|answer| answer.is_ok())
    });
    until(&format!("{text} at the agent"), || log.count(text) == 1);
}

#[test]
fn no_key_is_written_anywhere_and_one_of_another_start_is_refused() {
    let mut stack = Stack::new();
    let handed = |root: &RootKey, process: Process| {
        let mut bytes = Vec::new();
        held::hand(root, process).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    let (root, other) = (RootKey::random(), RootKey::random());
    let names = [
        ("ledgerd", Process::Ledgerd),
        ("ptyd", Process::Ptyd),
        ("mcpd", Process::Mcpd),
        ("webd", Process::Webd),
        ("door", Process::Door),
    ];
    let mut children: Vec<_> =
        names.iter().map(|(name, process)| start_with(&stack, &handed(&root, *process), name)).collect();
    stack.until_answered();
    let (group_id, logs) = stack.group(&["a"]);
    assert_delivers(&stack, &group_id, &logs[0], "hello.");
    for (_, process) in names {
        let keys = handed(&root, process);
        let (own, askers) = (&keys[1..=KEY_BYTES], &keys[KEY_BYTES + 2..]);
        let askers = askers.chunks(1 + KEY_BYTES).map(|asker| &asker[1..]);
        askers.chain([own]).for_each(|key| assert_nowhere(&stack, key, Path::new("")));
    }
    let home = Home::find(Some(&stack.home())).unwrap();
    assert!(!home.key_file().exists());

    let desk = |key: &bus::key::DaemonKey| {
        let peers = Peers::uphill(&home, key).unwrap();
        let desk = DeskGet { group_id: group_id.clone(), actor_ids: Vec::new() };
        peers.ask_blocking(Question::new(Principal::system(), desk).within(Duration::from_secs(2)))
    };
    desk(&root.of(Process::Ptyd)).expect("ptyd is answered");
    let refused = desk(&root.of(Process::Door)).unwrap_err();
    assert_eq!(refused.code, Code::PermissionDenied, "{refused}");
    let refused = desk(&other.of(Process::Ptyd)).unwrap_err();
    assert!(refused.code == Code::PermissionDenied && refused.message.contains("cccc daemon restart"), "{refused}");

    // One that was to be handed a key and was not does not start, and makes none of its own.
    let status = daemon(&stack, "ptyd").env(held::VARIABLE, held::DESCRIPTOR).status().unwrap();
    assert!(!status.success() && !home.key_file().exists());
    let log = fs::read_to_string(stack.folder().join("ptyd.log")).unwrap();
    assert!(log.contains("cannot read the key that the supervisor hands down"), "{log}");

    // One that is started with the same key goes on where the last one was.
    for (name, process) in [("ptyd", Process::Ptyd), ("ledgerd", Process::Ledgerd)] {
        let last = stack.process(name).pid;
        stack.kill(name);
        // Not only its first thread, which may be gone while others still hold its sockets.
        let killed = children.iter_mut().find(|child| i32::try_from(child.id()) == Ok(last)).expect("it is ours");
        killed.wait().expect("it ends");
        children.push(start_with(&stack, &handed(&root, process), name));
        assert_delivers(&stack, &group_id, &logs[0], &format!("after {name}."));
    }
}

#[test]
fn daemons_that_stand_alone_have_one_key() {
    let mut stack = Stack::new();
    let mut children: Vec<_> = DAEMONS.iter().map(|name| daemon(&stack, name).spawn().expect("it starts")).collect();
    stack.until_answered();
    let (group_id, logs) = stack.group(&["a"]);
    assert_delivers(&stack, &group_id, &logs[0], "hello.");
    let home = Home::find(Some(&stack.home())).unwrap();
    let path = home.key_file();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_nowhere(&stack, &fs::read(&path).unwrap(), &path);

    // Whoever can read the file has its rights; nobody else has.
    let own = Held::of_home(Process::Ptyd, &home).unwrap();
    let desk = || DeskGet { group_id: group_id.clone(), actor_ids: Vec::new() };
    Peers::uphill(&home, own.own()).unwrap().ask_blocking_as(Principal::system(), desk()).expect("an answer");
    let refused = Peers::connect(&home, "me").unwrap().ask_blocking_as(Principal::system(), desk()).unwrap_err();
    assert_eq!(refused.code, Code::PermissionDenied, "{refused}");

    // Without the file the next one would have another key, so all of them end, to be started again.
    fs::remove_file(&path).unwrap();
    for (name, child) in DAEMONS.iter().zip(&mut children) {
        until(&format!("the end of {name}"), || child.try_wait().unwrap().is_some());
    }
    let _again: Vec<_> = DAEMONS.iter().map(|name| daemon(&stack, name).spawn().expect("it starts")).collect();
    assert_delivers(&stack, &group_id, &logs[0], "again.");
}
