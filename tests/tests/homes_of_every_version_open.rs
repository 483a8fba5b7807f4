//! A home of every version there was opens in this one, and says what it said then: `tests/golden/<version>/` holds what
//! must survive of it (ledgers, stored files, secrets), and the answers that it gave.
//!
//! `CCCC_WRITE_GOLDEN=1` makes the one of this version, where there is none yet. It is never made again: what has been on
//! disk is understood for ever.

use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use tests::{Stack, until};

/// What of a home must survive.
const KEPT: [&str; 3] = ["home", "groups", "secrets"];

/// What is told of the moment of asking: whether a program runs, and what the clock says. A built-in text is that of the
/// version, and passes as well.
const PASSING: [&str; 4] = ["running", "terminal_state", "server_now", "next_fire_at"];

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

#[test]
fn homes_of_every_version_open() {
    if std::env::var_os("CCCC_WRITE_GOLDEN").is_some() {
        write(&golden().join(bus::contract::version::PRODUCT));
    }
    let mut seen = 0;
    for version in fs::read_dir(golden()).expect("there are some") {
        let folder = version.expect("a folder").path();
        let wanted = fs::read(folder.join("answers.json")).expect("its answers");
        let wanted: Value = serde_json::from_slice(&wanted).expect("JSON");
        let mut stack = Stack::new();
        copy(&folder, &stack.home());
        stack.run();
        let what = folder.file_name().expect("a name").to_string_lossy();
        let differences = differences(&what, &wanted, &answers(&stack));
        assert!(differences.is_empty(), "{}", differences.join("\n"));
        // It is no museum: it goes on.
        let group_id = wanted["groups"]["groups"][0]["group_id"].as_str().expect("a group");
        stack.ask("send", &json!({"group_id": group_id, "text": "and on", "to": ["user"]}));
        assert!(stack.ok(&["ledger", "verify"]).contains("whole"));
        seen += 1;
    }
    assert!(seen > 0, "no home was opened");
}

/// Everything that a client can ask about the state of a home.
fn answers(stack: &Stack) -> Value {
    let mut client = stack.client();
    let mut ask = |op: &str, args: Value| client.ask(op, &args);
    let listed = ask("groups", json!({}));
    let mut all = json!({
        "groups": listed, "active": ask("active_get", json!({})), "profiles": ask("actor_profile_list", json!({})),
        "principals": ask("principals_get", json!({})), "observability": ask("observability_get", json!({})),
    });
    let rows = listed["groups"].as_array().expect("groups").clone();
    for group_id in rows.iter().map(|row| row["group_id"].as_str().expect("an id")) {
        let on = |more: Value| {
            let mut args = json!({"group_id": group_id});
            args.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            args
        };
        let mut told = json!({});
        for (op, more) in [
            ("group_show", json!({})),
            ("actor_list", json!({"include_unread": true})),
            ("ledger_range", json!({"after_seq": 0, "limit": 500})),
            ("context_get", json!({})),
            ("task_list", json!({})),
            ("presence_get", json!({})),
            ("group_automation_state", json!({})),
            ("group_prompt_get", json!({"kind": "help"})),
            ("group_prompt_get", json!({"kind": "preamble"})),
            ("im_config_get", json!({})),
            ("im_list_authorized", json!({})),
            ("im_list_pending", json!({})),
        ] {
            told[format!("{op} {more}")] = ask(op, on(more.clone()));
        }
        for actor_id in ["user", "lead", "bot", "typist"] {
            let more = json!({"actor_id": actor_id, "limit": 1000});
            told[format!("inbox of {actor_id}")] = ask("inbox_list", on(more.clone()));
            if actor_id != "user" {
                told[format!("environment of {actor_id}")] = ask("actor_env_private_keys", on(more));
            }
        }
        all[group_id] = told;
    }
    all
}

/// Where an answer is not what it was. What has come to it since is none of our business.
fn differences(place: &str, wanted: &Value, found: &Value) -> Vec<String> {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => {
            let builtin = wanted.get("source") == Some(&json!("builtin"));
            let lasting =
                wanted.iter().filter(|(key, _)| !(PASSING.contains(&key.as_str()) || builtin && *key == "content"));
            let pairs = lasting.map(|(key, value)| {
                differences(&format!("{place} / {key}"), value, found.get(key).unwrap_or(&Value::Null))
            });
            pairs.flatten().collect()
        }
        (Value::Array(wanted), Value::Array(found)) if wanted.len() == found.len() => {
            let pairs = wanted.iter().zip(found).enumerate();
            pairs.flat_map(|(at, (wanted, found))| differences(&format!("{place} / {at}"), wanted, found)).collect()
        }
        _ if wanted == found => Vec::new(),
        _ => vec![format!("{place}: was {wanted}, is {found}")],
    }
}

/// Makes a home with much of what there can be, and keeps what must survive of it.
fn write(folder: &Path) {
    assert!(!folder.exists(), "{} is there", folder.display());
    let mut stack = Stack::start();
    let mut client = stack.client();
    let mut ask = |op: &str, args: Value| client.ask(op, &args);
    let made = ask("group_create", json!({"title": "Ünder the hood", "topic": "what lasts", "by": "user"}));
    let group_id = made["group_id"].as_str().expect("an id").to_owned();
    let other = ask("group_create", json!({"title": "beside it", "by": "user"}));
    let other = other["group_id"].as_str().expect("an id").to_owned();
    ask("attach", json!({"group_id": group_id, "path": "/srv/project"}));
    for (actor_id, title) in [("lead", "The lead"), ("bot", "")] {
        ask(
            "actor_add",
            json!({"group_id": group_id, "actor_id": actor_id, "title": title, "runtime": "custom",
            "runner": "headless", "env": {"LEVEL": "1"}}),
        );
    }
    ask(
        "actor_add",
        json!({"group_id": group_id, "actor_id": "typist", "runtime": "custom", "command": ["cat"],
        "enabled": false}),
    );
    for actor_id in ["lead", "bot", "typist"] {
        ask("actor_add", json!({"group_id": other, "actor_id": actor_id, "runtime": "custom", "runner": "headless"}));
    }
    ask(
        "actor_env_private_update",
        json!({"group_id": group_id, "actor_id": "bot", "set": {"API_KEY": "not a secret"}}),
    );
    ask(
        "actor_profile_upsert",
        json!({"profile": {"id": "p", "name": "reviewers", "runtime": "custom", "command": ["cat"]}}),
    );
    let send = |more: Value| {
        let mut args = json!({"group_id": group_id, "text": "x"});
        args.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        args
    };
    let first = ask("send", send(json!({"text": "first\nof all", "to": ["@all"], "reply_required": true})));
    let first = first["event"]["id"].as_str().expect("an id").to_owned();
    ask("reply", send(json!({"reply_to": first, "text": "done", "by": "bot"})));
    ask("send", send(json!({"text": "mind this", "to": ["lead"], "priority": "attention"})));
    ask("send", send(json!({"text": "long ".repeat(10_000), "to": ["@foreman"]})));
    ask("inbox_mark_read", json!({"group_id": group_id, "actor_id": "lead", "event_id": first, "by": "lead"}));
    ask("send_cross_group", send(json!({"dst_group_id": other, "text": "over there", "to": ["@all"]})));
    ask("system_notify", json!({"group_id": group_id, "kind": "info", "title": "note", "message": "this"}));
    ask(
        "context_sync",
        json!({"group_id": group_id, "by": "user", "ops": [
        {"op": "vision.update", "vision": "all of it"}, {"op": "note.add", "content": "mind the gap"},
        {"op": "task.create", "name": "build", "goal": "g", "steps": [{"name": "one"}], "assignee": "bot"}]}),
    );
    ask("tracked_send", send(json!({"text": "do it", "title": "it", "to": ["bot"], "idempotency_key": "k"})));
    ask(
        "group_automation_manage",
        json!({"group_id": group_id, "by": "user", "actions": [{"type": "create_rule", "rule": {
        "id": "morning", "enabled": true, "scope": "group", "to": ["@foreman"],
        "trigger": {"kind": "cron", "cron": "0 9 * * *", "timezone": "Europe/Berlin"},
        "action": {"kind": "notify", "message": "stand up"}}}]}),
    );
    ask("group_prompt_set", json!({"group_id": group_id, "kind": "help", "content": "# Ours\nfirst"}));
    ask("group_settings_update", json!({"group_id": group_id, "patch": {"default_send_to": "broadcast"}}));
    ask("im_config_set", json!({"group_id": group_id, "config": {"platform": "telegram", "bot_token": "not:a-token"}}));
    ask("group_set_state", json!({"group_id": other, "state": "paused"}));
    ask("active_set", json!({"group_id": group_id}));
    let answers = answers(&stack);
    stack.stop();
    until("the end of everything", || stack.processes("ledgerd").is_empty());
    for name in KEPT {
        copy(&stack.home().join(name), &folder.join(name));
    }
    fs::remove_file(folder.join("home/lock")).expect("it is there");
    fs::write(folder.join("answers.json"), serde_json::to_string_pretty(&answers).expect("JSON"))
        .expect("it is written");
}

/// Copies a folder; what is made is private, as everything in a home is.
fn copy(from: &Path, to: &Path) {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("its type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            let mut file =
                fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&target).expect("a file");
            std::io::copy(&mut fs::File::open(entry.path()).expect("it is there"), &mut file).expect("it is copied");
        }
    }
}
