//! Bad input gets a typed refusal or a closed connection, costs bounded memory, and the next client is served.

use bus::contract::op::{self, Access};
use serde_json::{Map, Value, json};
use std::fs;
use tests::{Client, Stack};

/// Values of every wrong type, and of unusual sizes.
fn oddities() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("   "),
        json!("../../etc"),
        json!("a\u{0}b"),
        json!("\u{1b}[2J"),
        json!("x".repeat(40_000)),
        json!([]),
        json!([[], {}, null, 7, "x"]),
        json!({}),
        json!({"a": {"b": [1, 2, {"c": null}]}}),
    ]
}

/// Names of arguments that ops take, and one that none takes.
const NAMES: &[&str] = &[
    "group_id",
    "actor_id",
    "event_id",
    "reply_to",
    "notify_event_id",
    "scope_key",
    "state",
    "path",
    "text",
    "to",
    "by",
    "priority",
    "reply_required",
    "attachments",
    "title",
    "topic",
    "patch",
    "runtime",
    "runner",
    "command",
    "env",
    "submit",
    "limit",
    "kind_filter",
    "kinds",
    "since_event_id",
    "since_ts",
    "cols",
    "rows",
    "max_chars",
    "before",
    "after",
    "after_seq",
    "session_id",
    "generation",
    "phase",
    "stage",
    "event_ids",
    "request_id",
    "token",
    "no_such_argument",
];

/// Memory of a process, in bytes.
fn memory(pid: i32) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a live process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number") * 1024
}

fn is_served(stack: &Stack) {
    assert_eq!(stack.ask("ping", &json!({}))["ipc_v"], json!(1));
}

#[test]
fn every_op_refuses_what_it_cannot_take() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&["a"]);
    let ledgerd = stack.process("ledgerd").pid;
    for row in op::TABLE.iter().filter(|row| !["shutdown", "events_stream", "term_attach"].contains(&row.name)) {
        let mut client = stack.client();
        let mut ask = |args: &Value| {
            let answer =
                client.try_ask(row.name, args).unwrap_or_else(|error| panic!("{} {args:.200}: {error}", row.name));
            if let Err(refusal) = answer {
                assert_ne!(refusal.code, "internal_error", "{} {args:.200}: {}", row.name, refusal.message);
                assert!(!refusal.message.is_empty() && !refusal.message.contains('\n'), "{refusal:?}");
            }
        };
        ask(&json!({}));
        for group in ["g_000000000000", "g_zzz", "../..", group_id.as_str()] {
            ask(&json!({"group_id": group}));
            ask(&json!({"group_id": group, "actor_id": "nobody", "event_id": "0".repeat(32), "by": "stranger"}));
        }
        if row.name == "group_delete" || row.name == "group_create" {
            // A group that is really deleted, or hundreds that are really made, would only be in the way.
            continue;
        }
        for value in oddities() {
            let every: Map<String, Value> = NAMES.iter().map(|name| ((*name).to_owned(), value.clone())).collect();
            ask(&Value::Object(every.clone()));
            let mut rest = every;
            rest.insert("group_id".into(), json!(group_id));
            rest.remove("by");
            rest.remove("token");
            rest.remove("request_id");
            ask(&Value::Object(rest));
        }
    }
    is_served(&stack);
    assert_eq!(stack.process("ledgerd").pid, ledgerd, "nobody crashed");
    assert!(op::TABLE.iter().any(|row| row.access == Access::Write));
}

#[test]
fn odd_lines_end_in_a_refusal_or_a_closed_connection() {
    let stack = Stack::start();
    #[rustfmt::skip]
    let cases: &[(&[u8], &str)] = &[
        (b"\xff\xfe\xfd\n",                                        "invalid UTF-8"),
        (b"\0\0\0\0\n",                                            "NUL"),
        (b"{\"op\":\"ping\"\n",                                    "half a line"),
        (b"[1,2,3]\n",                                             "no object"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",             "a browser"),
        (b"{\"op\":\"send\",\"args\":{\"group_id\":\"g_000000000000\",\"text\":\"a\\u0000b\"}}\n", "NUL in a text"),
    ];
    for (line, what) in cases {
        let mut client = stack.client();
        client.say(line).expect("the door reads");
        let answer = client.hear().expect(what).expect(what);
        assert_eq!(answer["ok"], json!(false), "{what}: {answer}");
        is_served(&stack);
    }
}

#[test]
fn a_hundred_megabytes_without_an_end_cost_bounded_memory() {
    let stack = Stack::start();
    let door = stack.process("door").pid;
    let before = memory(door);
    let mut clients: Vec<Client> = (0..8).map(|_| stack.client()).collect();
    let block = vec![b'x'; 1_000_000];
    for client in &mut clients {
        for _ in 0..100 {
            // The door may close the connection at any time, which is one of the right answers.
            if client.say(&block).is_err() {
                break;
            }
        }
    }
    is_served(&stack);
    let after = memory(door);
    assert!(after < before + 100_000_000, "the door grew from {before} to {after} bytes");
}

#[test]
fn clients_that_never_read_or_never_write_are_given_up() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let text = "x".repeat(100_000);
    for _ in 0..20 {
        stack.ask("send", &json!({"group_id": group_id, "text": text, "to": ["user"], "by": "script"}));
    }
    let silent: Vec<Client> = (0..50).map(|_| stack.client()).collect();
    let question = format!("{}\n", json!({"op": "ledger_window", "args": {"group_id": group_id, "before": 1000}}));
    let mut deaf: Vec<Client> = (0..20).map(|_| stack.client()).collect();
    for client in &mut deaf {
        for _ in 0..50 {
            if client.say(question.as_bytes()).is_err() {
                break;
            }
        }
    }
    for _ in 0..20 {
        is_served(&stack);
    }
    drop((silent, deaf));
    is_served(&stack);
}

/// A script reads one line, or one envelope; a person reads what to do.
#[test]
fn a_command_line_that_makes_no_sense_is_answered_with_one_line() {
    let stack = Stack::new();
    for words in [&["foo"][..], &["group"], &["send"], &["actor", "add", "--runtime", "clawd"], &["attach", "/no/such"]]
    {
        let output = stack.cccc(words);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), b"".as_slice()), "{words:?}: {said}");
        assert!(said.starts_with("error: ") && said.matches('\n').count() == 1 && said.contains("; "), "{said}");

        let output = stack.cccc(&[words, &["--json"]].concat());
        let envelope: Value = serde_json::from_slice(&output.stdout).expect("an envelope");
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(2), b"".as_slice()), "{words:?}");
        assert_eq!((&envelope["ok"], &envelope["error"]["code"]), (&json!(false), &json!("usage")), "{envelope}");
    }
    for words in [&["groups"][..], &["status"], &["attach", "."]] {
        let output = stack.cccc(&[&["--home", "/etc/passwd"], words].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && said.contains("/etc/passwd") && said.ends_with("(os error 20)\n"),
            "{said}"
        );
    }
    let helped = stack.cccc(&["group", "--help"]);
    assert!(helped.status.success() && String::from_utf8_lossy(&helped.stdout).contains("Usage: cccc group"));
}
