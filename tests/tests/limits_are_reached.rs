//! What the table of limits promises is reached: a sum of things that are each allowed is answered, listed to its end and
//! delivered, and the system's own limits are refusals and no end.

use bus::contract::limit;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use tests::{Client, Stack, program, until};

/// Starts a stack that may open so many files, its every process.
fn run_with_files(stack: &mut Stack, files: u32) {
    let cccc = stack.command("cccc");
    let mut command = Command::new("prlimit");
    command.arg(format!("--nofile={files}:{files}")).arg(program::path("cccc")).args(["daemon", "run"]);
    command.envs(cccc.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(Stdio::null());
    command.current_dir(stack.work()).stdout(Stdio::null()).stderr(Stdio::null());
    stack.adopt(command.spawn().expect("prlimit is there"));
    stack.until_answered();
}

/// What the processes and the groups say of themselves is well; what else a machine has is not what this is about.
fn check_health(stack: &Stack) {
    let said = stack.cccc(&["doctor", "--json"]).stdout;
    let report: Value = serde_json::from_slice(&said).expect("a report");
    for name in ["supervisor", "daemons' open files", "groups"] {
        let checks = report["result"]["checks"].as_array().expect("checks");
        let check = checks.iter().find(|check| check["name"] == name).expect("every check");
        assert_ne!(check["verdict"], "failed", "{check}");
    }
}

/// Five terminals, 32 long messages to all of them: each is typed, and the group can be stopped meanwhile.
#[test]
fn long_messages_to_many_are_delivered() {
    let stack = Stack::start();
    let names = ["a", "b", "c", "d", "e"];
    let (group_id, logs) = stack.group(&names);
    stack.ask("group_set_state", &json!({"group_id": group_id, "state": "paused"}));
    let text = "x".repeat(31_000);
    for number in 0..32 {
        stack.ask("send", &json!({"group_id": group_id, "text": format!("<{number}> {text}"), "to": ["@all"]}));
    }
    stack.ask("group_set_state", &json!({"group_id": group_id, "state": "active"}));
    for log in &logs {
        until("the first message", || log.count("<0>") > 0);
    }
    stack.ok(&["group", "stop", "--group", &group_id]);
    let listed = stack.json(&["actor", "list", "--group", &group_id]);
    let actors = listed["actors"].as_array().unwrap();
    assert!(actors.iter().all(|actor| actor["running"] == json!(false)), "{listed}");
    assert!(listed.get("trouble").is_none(), "{listed}");
    check_health(&stack);
}

/// More groups than ledgerd may open files, with topics whose sum is more than an answer holds.
#[test]
fn there_are_as_many_groups_as_the_limit_says_whatever_the_descriptors() {
    let mut stack = Stack::new();
    run_with_files(&mut stack, 128);
    let topic = "t".repeat(16_000);
    let mut client = stack.client();
    let mut create = |number: usize| {
        let made = client.ask("group_create", &json!({"title": format!("group {number}"), "topic": topic}));
        made["group_id"].as_str().unwrap().to_owned()
    };
    let ids: Vec<String> = (0..300).map(&mut create).collect();
    let check = |stack: &Stack| {
        let listed = stack.json(&["groups"]);
        assert_eq!(listed["groups"].as_array().unwrap().len(), ids.len(), "our own command asks to the end");
        let first = stack.ask("groups", &json!({}));
        let shown = first["groups"].as_array().unwrap().len();
        assert!((1..ids.len()).contains(&shown) && first["has_more"] == json!(true), "a client that knows no cursor");
        let next = stack.ask("groups", &json!({"cursor": first["next_cursor"]}));
        assert_ne!(next["groups"][0]["group_id"], first["groups"][shown - 1]["group_id"]);
        for id in [&ids[0], &ids[299]] {
            stack.ask("group_update", &json!({"group_id": id, "patch": {"title": "again"}}));
        }
    };
    check(&stack);
    stack.stop();
    run_with_files(&mut stack, 128);
    check(&stack);
    check_health(&stack);
}

/// Clients that ask at the same time while a home is filled: what they ask for together is synced together.
const CLIENTS: usize = 64;

/// As many groups as a home may have, with the descriptors that a login usually gives: all of them are made, listed and written
/// to, before a restart and after it, and one more is refused with the limit.
#[test]
fn a_home_has_as_many_groups_as_the_limit_says() {
    let mut stack = Stack::new();
    run_with_files(&mut stack, 1_024);
    let create = |client: &mut Client, number: usize| {
        let made = client.ask("group_create", &json!({"title": format!("group {number}")}));
        made["group_id"].as_str().unwrap().to_owned()
    };
    let made = together(&stack, limit::GROUPS_MAX, create);
    assert_eq!(made.len(), limit::GROUPS_MAX, "each has its own id");
    let check = |stack: &Stack| {
        let mut client = stack.client();
        let listed = to_the_end(&mut client, "groups", &json!({}), "groups", "group_id");
        assert_eq!(listed.len(), limit::GROUPS_MAX, "each is listed once");
        assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), made);
        for group_id in [&listed[0], &listed[limit::GROUPS_MAX - 1]] {
            let sent = client.ask("send", &json!({"group_id": group_id, "text": "you, too", "to": ["user"]}));
            assert_eq!(sent["event"]["group_id"], json!(group_id));
        }
        let refused = client.refused("group_create", &json!({"title": "one more"}));
        assert_eq!(refused.details["limit"], "GROUPS_MAX", "{refused:?}");
    };
    check(&stack);
    stack.stop();
    run_with_files(&mut stack, 1_024);
    check(&stack);
    check_health(&stack);
    stack.stop();
    remove_groups(&stack);
}

/// Removes the folders of groups side by side: one after the other, each would wait for the disk.
fn remove_groups(stack: &Stack) {
    let folders = std::fs::read_dir(stack.home().join("groups")).unwrap().map(|entry| entry.unwrap().path());
    let folders: Vec<_> = folders.collect();
    std::thread::scope(|scope| {
        for some in folders.chunks(folders.len().div_ceil(CLIENTS)) {
            scope.spawn(move || some.iter().for_each(|folder| std::fs::remove_dir_all(folder).unwrap()));
        }
    });
}

/// As many actors as a group may have: each is in the roster, and one more is refused with the limit.
#[test]
fn a_group_has_as_many_actors_as_the_limit_says() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let mut client = stack.client();
    stack.ask("group_stop", &json!({"group_id": group_id}));
    let actor = |number: usize| json!({"group_id": group_id, "actor_id": format!("a{number}"), "runtime": "custom", "command": ["true"], "enabled": false});
    let added = together(&stack, limit::ACTORS_MAX, |client: &mut Client, number: usize| {
        client.ask("actor_add", &actor(number))["actor"]["id"].as_str().unwrap().to_owned()
    });
    assert_eq!(added.len(), limit::ACTORS_MAX);
    let listed = to_the_end(&mut client, "actor_list", &json!({"group_id": group_id}), "actors", "id");
    assert_eq!(listed.len(), limit::ACTORS_MAX, "each is listed once");
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), added);
    let refused = client.refused("actor_add", &actor(limit::ACTORS_MAX));
    assert_eq!(refused.details["limit"], "ACTORS_MAX", "{refused:?}");
}

/// Has several clients ask for so many things at the same time, and returns what they were told.
fn together(stack: &Stack, count: usize, ask: impl Fn(&mut Client, usize) -> String + Copy + Send) -> BTreeSet<String> {
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|first| (stack.client(), (first..count).step_by(CLIENTS)))
            .map(|(mut client, numbers)| {
                scope.spawn(move || numbers.map(|number| ask(&mut client, number)).collect::<Vec<_>>())
            })
            .collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    })
}

/// A list, page by page to its end: what each row has under a key.
fn to_the_end(client: &mut Client, op: &str, args: &Value, rows: &str, key: &str) -> Vec<String> {
    let (mut listed, mut args) = (Vec::new(), args.clone());
    loop {
        let page = client.ask(op, &args);
        listed.extend(page[rows].as_array().unwrap().iter().map(|row| row[key].as_str().unwrap().to_owned()));
        if page["has_more"] != json!(true) {
            return listed;
        }
        args["cursor"] = page["next_cursor"].clone();
    }
}

/// A ledgerd that may open nothing more refuses what it cannot write, goes on, and takes it once it may.
#[test]
fn a_shortage_of_descriptors_is_a_refusal() {
    let mut stack = Stack::new();
    run_with_files(&mut stack, 128);
    let mut client = stack.client();
    let mut create = |number: usize| client.ask("group_create", &json!({"title": format!("group {number}")}));
    let first = create(0)["group_id"].as_str().unwrap().to_owned();
    // The file of the first one is open no more after these.
    (1..60).for_each(|number| drop(create(number)));
    let ledgerd = stack.process("ledgerd").pid;
    let limit = |files: &str| {
        let set =
            Command::new("prlimit").args(["--pid", &ledgerd.to_string(), &format!("--nofile={files}:128")]).status();
        assert!(set.unwrap().success());
    };
    limit("3");
    let mut client = stack.client();
    let update = json!({"group_id": first, "patch": {"title": "another"}});
    let refused = client.try_ask("group_update", &update).unwrap().unwrap_err();
    assert_eq!(refused.code, "no_space", "{refused:?}");
    assert!(refused.message.contains("open no more files"), "{refused:?}");
    let refused = client.try_ask("group_create", &json!({"title": "one more"})).unwrap().unwrap_err();
    assert_eq!(refused.code, "no_space", "{refused:?}");
    let shown = client.ask("group_show", &json!({"group_id": first}));
    assert_eq!(shown["group"]["title"], "group 0", "nothing of it has happened");
    limit("128");
    client.ask("group_update", &update);
    assert_eq!(stack.json(&["groups"])["groups"].as_array().unwrap().len(), 60);
    assert_eq!(stack.process("ledgerd").pid, ledgerd, "it was never broken");
}

/// Clients that stop in the middle of long lines do not hold up the long lines of others.
#[test]
fn a_stalled_line_loses_its_place() {
    let stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let mut stalled: Vec<Client> = (0..32).map(|_| stack.client()).collect();
    for client in &mut stalled {
        client.say(&[b"{\"op\":\"send\",\"args\":{\"text\":\"".as_slice(), &[b'x'; 200_000]].concat()).unwrap();
    }
    let text = "y".repeat(1_000_000);
    // A client gives up after a minute, and a line that stops after half of that.
    for _ in 0..8 {
        let sent = stack.ask("send", &json!({"group_id": group_id, "text": text, "to": ["user"]}));
        assert!(sent["event"]["id"].is_string());
    }
    // One of them has lost its place, whichever; the others are still in the middle of their line.
    let (tell, told) = std::sync::mpsc::channel();
    for mut client in stalled {
        let tell = tell.clone();
        std::thread::spawn(move || tell.send(client.hear().ok().flatten()));
    }
    drop(tell);
    let answer = told.into_iter().flatten().next().expect("one is told");
    assert_eq!(answer["error"]["details"]["limit"], "LONG_LINES_MAX", "it is told why: {answer}");
}

/// Connections that say something now and then, and never anything whole, give way to those who ask.
#[test]
fn idle_connections_give_way() {
    let mut stack = Stack::new();
    run_with_files(&mut stack, 128);
    let socket = stack.home().join("daemon/ccccd.sock");
    // More than there is room for; those that come too late are told so, which they do not read.
    let idle: Vec<UnixStream> = (0..200).filter_map(|_| UnixStream::connect(&socket).ok()).collect();
    until("an answer for somebody else", || {
        use std::io::Write as _;
        // Some have had to go by now.
        idle.iter().for_each(|mut client| drop(client.write(b" ")));
        let client = Client::connect(&stack.home()).ok();
        client.and_then(|mut client| client.try_ask("ping", &json!({})).ok()).is_some_and(|answer| answer.is_ok())
    });
}
