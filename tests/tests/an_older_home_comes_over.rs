//! A home that the published older implementation has made is imported whole, and left as it was.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::{Stack, published};

/// Runs the older implementation in `home` and returns what it answered before it was stopped.
fn older_home(home: &Path, work: &Path) -> Value {
    let programs = published("cccc-pair==0.4.2");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("published/older_home.py");
    let mut python = Command::new(programs.join("python"));
    let output = python.arg(script).arg(&programs).arg(home).arg(work).output().expect("python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Every file below a folder, with its content.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.is_file() {
                found.insert(path.display().to_string(), fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

/// What was noted of the older one, as it is to be with us. There is one intended difference: what an actor has answered,
/// it has read.
fn with_answered_read(answers: &Value, events: &[Value]) -> Vec<Value> {
    let has_answered = |actor: &Value, event_id: &Value| {
        events.iter().any(|event| event["by"] == *actor && event["data"]["reply_to"] == *event_id)
    };
    let mut notes = answers.as_array().expect("answers").clone();
    let mut done = BTreeMap::new();
    for note in notes.iter_mut().filter(|note| note["op"] == "inbox_list") {
        let actor = note["args"]["actor_id"].clone();
        let messages = note["answer"]["messages"].as_array_mut().expect("messages");
        let before = messages.len();
        messages.retain(|message| !has_answered(&actor, &message["id"]));
        done.insert(actor.as_str().expect("an actor").to_owned(), before - messages.len());
    }
    assert_eq!(done.remove("typist"), Some(1), "the typist has answered the first message");
    assert!(done.values().all(|count| *count == 0), "nobody else has answered anything");
    for note in notes.iter_mut().filter(|note| note["op"] == "actor_list") {
        let actors = note["answer"]["actors"].as_array_mut().expect("actors");
        for actor in actors.iter_mut().filter(|actor| actor["id"] == "typist") {
            actor["unread_count"] = json!(actor["unread_count"].as_u64().expect("a number") - 1);
        }
    }
    notes
}

/// What must be the same in both answers.
fn essence(op: &str, answer: &Value) -> Value {
    let pick = |one: &Value, keys: &[&str]| -> Value { keys.iter().map(|key| json!([key, one[key]])).collect() };
    let each = |list: &Value, keys: &[&str]| -> Value {
        list.as_array().expect("a list").iter().map(|one| pick(one, keys)).collect()
    };
    match op {
        "group_show" => pick(&answer["group"], &["group_id", "title", "topic", "state", "scopes", "active_scope_key"]),
        "context_get" => pick(answer, &["vision", "sketch", "notes", "references", "tasks_summary"]),
        "task_list" => each(&answer["tasks"], &["id", "name", "goal", "status", "steps", "created_at", "updated_at"]),
        "actor_list" => each(
            &answer["actors"],
            &["id", "title", "role", "command", "env", "runner", "runtime", "enabled", "submit", "unread_count"],
        ),
        "group_automation_state" => pick(answer, &["ruleset", "version"]),
        "inbox_list" => each(&answer["messages"], &["id", "ts", "kind", "by"]),
        "actor_env_private_keys" => answer["masked_values"].clone(),
        "actor_profile_list" => each(&answer["profiles"], &["id", "name", "command", "revision"]),
        other => panic!("nothing is known about {other}"),
    }
}

#[test]
fn an_older_home_comes_over() {
    let mut stack = Stack::new();
    let older = stack.folder().join("older");
    let noted = older_home(&older, &stack.work());
    let before = files(&older);
    let older = older.to_str().expect("a path");

    let said = stack.ok(&["import", older]);
    assert!(said.contains("would import") && said.contains("--apply") && said.contains("An older group"), "{said}");
    assert!(!stack.home().join("groups").exists(), "a dry run writes nothing");

    let report = stack.json(&["import", older, "--apply"]);
    assert_eq!(report["groups"].as_array().map(Vec::len), Some(2), "{report}");
    assert!(
        report["groups"].as_array().expect("groups").iter().all(|group| group["left_out"] == json!([])),
        "{report}"
    );
    let again = stack.ok(&["import", older, "--apply"]);
    assert_eq!(again.matches("is there already").count(), 2, "{again}");
    assert!(files(Path::new(older)) == before, "the older home is as it was");

    stack.run();
    let (group, other) = (noted["group"].as_str().expect("a group"), noted["other"].as_str().expect("a group"));
    for note in with_answered_read(&noted["answers"], &stack.events(group)) {
        let op = note["op"].as_str().expect("an op");
        let answer = stack.ask(op, &note["args"]);
        assert_eq!(essence(op, &answer), essence(op, &note["answer"]), "{op} {}", note["args"]);
    }
    let file = stack.home().join("groups").join(group).join(noted["attachment"].as_str().expect("a path"));
    assert_eq!(fs::read(file).expect("the attachment"), b"what was attached\n");
    let preamble = stack.ask("group_preamble_get", &json!({"group_id": group}));
    assert!(preamble.to_string().contains(&"Be brief. ".repeat(5_000)), "{preamble}");
    assert!(stack.ok(&["ledger", "verify"]).contains("whole"));
    let events = stack.events(group);
    let long = events.iter().find(|event| event["data"]["text"].as_str().is_some_and(|text| text.contains("state/")));
    let path = long.expect("the long message")["data"]["attachments"][0]["path"].as_str().expect("a path").to_owned();
    let text = fs::read_to_string(stack.home().join("groups").join(group).join(path)).expect("the long text");
    assert_eq!(text.trim_end(), "long ".repeat(8_000).trim_end());
    assert!(stack.json(&["status"]).to_string().contains(group));

    // Nothing has started by itself, and nothing that lay there is typed into anybody.
    assert_eq!(stack.processes("ptyhold").len(), 0);
    stack.ok(&["send", "and on it goes", "--to", "user", "-g", group]);
    stack.ok(&["send", "here, too", "--to", "user", "-g", other]);
}

/// Whoever still has `CCCC_HOME` at the older one is told so at once, by everything; and nothing of ours is put there.
#[test]
fn an_older_home_is_told_and_left_alone() {
    let stack = Stack::new();
    let home = stack.home();
    let group = home.join("groups/g_0123456789ab");
    fs::create_dir_all(home.join("daemon")).expect("a folder");
    fs::create_dir_all(&group).expect("a folder");
    fs::write(group.join("group.yaml"), "title: A group\n").expect("a file");
    fs::write(home.join("daemon/ccccd.pid"), "1\n").expect("a file");
    let entries = || -> BTreeSet<PathBuf> {
        let found = [&home, &home.join("daemon"), &group].map(|folder| fs::read_dir(folder).expect("a folder"));
        found.into_iter().flatten().map(|entry| entry.expect("an entry").path()).collect()
    };
    let before = entries();
    #[rustfmt::skip]
    let cases: [&[&str]; 11] = [
        &[], &["daemon", "start"], &["daemon", "stop"], &["daemon", "restart"], &["daemon", "status"], &["daemon", "run"],
        &["status"], &["doctor"], &["groups"], &["send", "hello"], &["ledger", "verify"],
    ];
    for words in cases {
        let output = stack.cccc(words);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(!output.status.success(), "{words:?}: {said}");
        let told: Vec<_> = said.lines().filter(|line| line.contains("belongs to the older implementation")).collect();
        assert!(told.len() == 1 && told[0].contains("cccc import"), "{words:?}: {said}");
        assert!(words == ["doctor"] || said.lines().count() == 1, "{words:?}: {said}");
        assert_eq!(entries(), before, "{words:?}");
    }
    assert!(stack.processes("ledgerd").is_empty() && stack.processes("cccc").is_empty());
}

#[test]
fn what_cannot_be_imported_is_refused_and_named() {
    let stack = Stack::new();
    let refused = |words: &[&str], wanted: &str| {
        let output = stack.cccc(words);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(wanted), "{words:?}: {said}");
    };
    let nothing = stack.work();
    refused(&["import", nothing.to_str().expect("a path")], "registry.json");
    refused(
        &["import", "/does/not/exist"],
        "error: cannot open /does/not/exist: No such file or directory (os error 2)\n",
    );

    let older = stack.folder().join("older");
    let group = older.join("groups/g_0123456789ab");
    fs::create_dir_all(&group).expect("a folder");
    fs::write(older.join("registry.json"), "{}").expect("a file");
    fs::write(group.join("group.yaml"), "actors: [hunter2").expect("a file");
    let output = stack.cccc(&["import", older.to_str().expect("a path"), "--apply"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && said.contains("g_0123456789ab") && said.contains("not YAML"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}
