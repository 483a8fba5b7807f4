//! A private value reaches the agent it was set for, and is nowhere else: in no ledger, log, run file or answer.

use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::process::Stdio;
use tests::{Stack, files, process, until};

/// Set with the actor, over the socket, on the command line, and in a profile.
const VALUES: [&str; 4] = ["first-e8c1b7", "second-04aa91", "third-77d2f0", "fourth-c35e62"];

/// Whether the one agent that runs was started with a variable.
fn runs_with(stack: &Stack, wanted: &str) -> bool {
    let agents = stack.processes("test-agent");
    agents.len() == 1 && process::environment(agents[0].pid).iter().any(|entry| entry == wanted)
}

#[test]
fn secrets_stay_secret() {
    let mut stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let mut answers: Vec<Value> = Vec::new();
    let log = tests::AgentLog::new(stack.folder(), "a");
    let words: Vec<String> = log.command().split(' ').map(str::to_owned).collect();
    let add = json!({"group_id": group_id, "actor_id": "a", "runtime": "custom", "command": words,
                     "env": {"SHARED": "public"}, "env_private": {"WITH": VALUES[0], "SHARED": VALUES[0]}});
    answers.push(stack.ask("actor_add", &add));
    until("the agent with what it was added with", || runs_with(&stack, &format!("SHARED={}", VALUES[0])));

    let on_a = json!({"group_id": group_id, "actor_id": "a"});
    let set = json!({"group_id": group_id, "actor_id": "a", "set": {"OVER": VALUES[1]}, "unset": ["SHARED"]});
    answers.push(stack.ask("actor_env_private_update", &set));
    let mut typed = stack.command("cccc");
    typed.args(["actor", "secrets", "a", "--set-from-stdin", "TYPED", "--restart", "--group", &group_id]);
    let mut typed = typed.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("cccc starts");
    let mut stdin = typed.stdin.take().expect("a pipe");
    writeln!(stdin, "{}", VALUES[2]).expect("cccc reads");
    drop(stdin);
    let typed = typed.wait_with_output().expect("cccc ends");
    assert!(typed.status.success());
    answers.push(String::from_utf8_lossy(&typed.stdout).into_owned().into());
    until("the agent with what was set later", || {
        runs_with(&stack, &format!("TYPED={}", VALUES[2])) && runs_with(&stack, &format!("OVER={}", VALUES[1]))
    });
    assert!(runs_with(&stack, "SHARED=public"), "what is unset leaves the public value");

    let profile = json!({"profile": {"id": "p", "runtime": "custom", "command": words}});
    answers.push(stack.ask("actor_profile_upsert", &profile));
    let secret = json!({"profile_id": "p", "set": {"FROM_PROFILE": VALUES[3]}});
    answers.push(stack.ask("actor_profile_secret_update", &secret));
    for op in ["actor_env_private_keys", "actor_list", "group_show", "actor_profile_list", "groups"] {
        answers.push(stack.ask(op, &on_a));
    }
    for (op, args) in
        [("actor_profile_get", json!({"profile_id": "p"})), ("actor_profile_secret_keys", json!({"profile_id": "p"}))]
    {
        answers.push(stack.ask(op, &args));
    }
    answers.extend(stack.events(&group_id));

    // Nobody gets values through the door, whatever it says it is.
    for by in ["system", "user", "ptyd", "a"] {
        let asked = json!({"group_id": group_id, "actor_id": "a", "by": by});
        let refusal = stack.client().refused("secrets_get", &asked);
        assert_eq!(refusal.code, "permission_denied", "{by}");
        answers.push(refusal.message.into());
    }
    let called = stack.cccc(&["call", "secrets_get", &on_a.to_string()]);
    assert!(!called.status.success(), "the bus refuses, too");
    answers.push(String::from_utf8_lossy(&called.stdout).into_owned().into());

    // They outlive a restart of everything, and are replaced by the profile's when the actor is linked.
    stack.stop();
    stack.run();
    until("the agent again", || runs_with(&stack, &format!("TYPED={}", VALUES[2])));
    answers.push(stack.ask("actor_update", &json!({"group_id": group_id, "actor_id": "a", "profile_id": "p"})));
    answers.push(stack.ask("actor_restart", &on_a));
    until("the agent with its profile's secrets", || runs_with(&stack, &format!("FROM_PROFILE={}", VALUES[3])));
    assert!(!runs_with(&stack, &format!("TYPED={}", VALUES[2])), "its own are gone");

    for answer in answers {
        assert!(!VALUES.iter().any(|value| answer.to_string().contains(value)), "{answer}");
    }
    for running in process::of_home(&stack.home()) {
        let words = running.words.join(" ");
        assert!(!VALUES.iter().any(|value| words.contains(value)), "{words}");
    }
    let secrets = stack.home().join("secrets");
    for path in files(stack.folder()) {
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned();
        let held: Vec<_> = VALUES.iter().filter(|value| text.contains(**value)).collect();
        assert!(held.is_empty() || path.starts_with(&secrets), "{} has {held:?}", path.display());
    }
    assert_eq!(files(&secrets).len(), 1, "only the profile's are left");
    stack.ask("actor_profile_delete", &json!({"profile_id": "p", "force_detach": true}));
    stack.ask("group_delete", &json!({"group_id": group_id}));
    assert!(files(&secrets).is_empty(), "nothing outlives the group and the profile");
}
