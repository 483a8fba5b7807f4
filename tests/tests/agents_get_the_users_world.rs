//! Daemons and agents depend on nothing that happened to be around whoever started them: not on the session, terminal,
//! repository or build of the starter, not on what another actor was given, not on descriptors, signals or limits.

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use tests::process::{DAEMONS, Process};
use tests::{AgentLog, Stack, program, until, until_some};

fn environment(pid: i32) -> BTreeMap<String, String> {
    let bytes = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let texts = bytes.split(|byte| *byte == 0).map(|entry| String::from_utf8_lossy(entry).into_owned());
    texts.filter_map(|text| text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))).collect()
}

/// The one agent that was started with an actor's id.
fn agent(stack: &Stack, actor_id: &str) -> Process {
    let is_it = |agent: &Process| environment(agent.pid).get("CCCC_ACTOR_ID").is_some_and(|id| id == actor_id);
    until_some(actor_id, || stack.processes("test-agent").into_iter().find(is_it))
}

fn add(stack: &Stack, group_id: &str, actor_id: &str, more: &Value) {
    let log = AgentLog::new(stack.folder(), actor_id);
    let words: Vec<String> = log.command().split(' ').map(str::to_owned).collect();
    let mut args = json!({"group_id": group_id, "actor_id": actor_id, "runtime": "custom", "command": words});
    args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    stack.ask("actor_add", &args);
}

/// Runs a supervisor behind some words, such as `env` or `sh -c`, and waits until it answers.
fn run_behind(stack: &mut Stack, before: &[&str], settings: &[(&str, &str)]) {
    let log = File::create(stack.folder().join("supervisor.log")).unwrap();
    let own = stack.command("cccc");
    let mut command = Command::new(before[0]);
    command.args(&before[1..]).arg(program::path("cccc")).args(["daemon", "run"]);
    // As the harness starts one, and then some.
    for (name, value) in own.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.envs(settings.iter().copied()).current_dir(stack.work()).stdin(Stdio::null());
    command.stdout(log.try_clone().unwrap()).stderr(log);
    stack.adopt(command.spawn().unwrap());
    stack.until_answered();
}

#[test]
fn what_marks_the_starters_session_reaches_nobody_and_preferences_do() {
    #[rustfmt::skip]
    let out = [
        ("CLAUDECODE", "1"), ("CLAUDE_CODE_ENTRYPOINT", "cli"), ("GIT_DIR", "/elsewhere/.git"), ("GIT_INDEX_FILE", "/i"),
        ("GIT_AUTHOR_NAME", "the starter"), ("TMUX", "/t,1,0"), ("VSCODE_IPC_HOOK_CLI", "/s"), ("MAKEFLAGS", "--jobserver"),
        ("CODEX_SANDBOX", "seatbelt"), ("OLDPWD", "/elsewhere"), ("TERM_PROGRAM", "kitty"),
    ];
    #[rustfmt::skip]
    let stays = [
        ("LANG", "C.UTF-8"), ("NODE_OPTIONS", "--no-deprecation"), ("HTTPS_PROXY", "http://p:1"), ("ANTHROPIC_BASE_URL", "http://m"),
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"), ("IS_SANDBOX", "1"),
    ];
    let mut stack = Stack::new();
    let settings: Vec<_> = out.into_iter().chain(stays).chain([("PWD", "/elsewhere")]).collect();
    run_behind(&mut stack, &["env"], &settings);
    let (group_id, _) = stack.group(&[]);
    add(&stack, &group_id, "a", &json!({}));
    let agent = agent(&stack, "a");
    let seen = environment(agent.pid);
    assert_eq!(seen["PWD"], stack.work().to_str().unwrap());
    for pid in DAEMONS.map(|name| stack.process(name).pid).into_iter().chain([agent.pid]) {
        let seen = environment(pid);
        for (name, _) in out {
            assert_eq!(seen.get(name), None, "{pid}");
        }
        for (name, value) in stays {
            assert_eq!(seen.get(name).map(String::as_str), Some(value), "{pid}");
        }
        assert_ne!(seen.get("PWD").map(String::as_str), Some("/elsewhere"));
    }
}

#[test]
fn what_an_actor_was_given_is_handed_to_nobody_else() {
    let mut stack = Stack::start();
    let (group_id, _) = stack.group(&[]);
    let more = json!({"env": {"SHARED": "a's", "PATH": "/only/as:/bin:/usr/bin", "HOME": "/only/as"}, "env_private": {"KEY": "secret"}});
    add(&stack, &group_id, "a", &more);
    let own = environment(agent(&stack, "a").pid);
    assert_eq!((own["SHARED"].as_str(), own["KEY"].as_str()), ("a's", "secret"));
    assert!(own.values().filter(|value| value.contains("secret")).count() == 1, "names are marked, not values");

    let needed = |seen: &BTreeMap<String, String>| ["PATH", "HOME"].map(|name| seen.get(name).cloned());
    let needed_before = needed(&environment(stack.process("ptyd").pid));
    let work = stack.work();
    let from_inside = |words: &[&str]| {
        let mut command = Command::new(program::path("cccc"));
        // What its program has set meanwhile, too.
        command.args(words).env_clear().envs(&own).env("PAGER", "of-a").current_dir(&work);
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let is_handed_on = |stack: &Stack| {
        for pid in DAEMONS.map(|name| stack.process(name).pid).into_iter().chain([stack.process("supervisor").pid]) {
            let seen = environment(pid);
            for name in ["SHARED", "KEY", "CCCC_ACTOR_TOKEN", "CCCC_ACTOR_ID", "CCCC_GROUP_ID", "CCCC_ACTOR_GIVEN"] {
                assert_eq!(seen.get(name), None, "{pid}");
            }
            assert!(!seen.values().any(|value| value.contains("secret") || value.contains("/only/as")), "{seen:?}");
        }
    };

    let before = stack.process("ptyd").pid;
    from_inside(&["daemon", "restart"]);
    until("another ptyd", || stack.find("ptyd").is_some_and(|ptyd| ptyd.pid != before));
    is_handed_on(&stack);
    let daemons = environment(stack.process("ptyd").pid);
    assert_eq!(daemons.get("PAGER").cloned(), std::env::var("PAGER").ok(), "as it was");
    assert_eq!(needed(&daemons), needed_before, "as it was");
    add(&stack, &group_id, "b", &json!({}));
    let other = environment(agent(&stack, "b").pid);
    assert_eq!((other.get("SHARED"), other.get("KEY")), (None, None));
    assert_ne!(other["CCCC_ACTOR_TOKEN"], own["CCCC_ACTOR_TOKEN"]);

    stack.ok(&["daemon", "stop"]);
    stack.bury();
    from_inside(&["daemon", "start"]);
    is_handed_on(&stack);
    assert_eq!(
        needed(&environment(stack.process("ptyd").pid)),
        needed_before,
        "as it was, though nobody was left to ask"
    );
    stack.ok(&["daemon", "stop"]);
}

/// The line of `/proc/<pid>/status` with a name, as a set of signals.
fn signals(pid: i32, name: &str) -> Vec<i32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim_start_matches(':').trim();
    let set = u64::from_str_radix(line, 16).unwrap();
    (1..=64).filter(|number| set & (1 << (number - 1)) != 0).collect()
}

fn open_files(pid: i32) -> (String, String) {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap().to_owned();
    let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
    (words[3].clone(), words[4].clone())
}

fn has_open(pid: i32, path: &Path) -> bool {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    entries.filter_map(|entry| fs::read_link(entry.path()).ok()).any(|target| target == path)
}

#[test]
fn descriptors_signals_and_limits_of_the_starter_are_no_trouble() {
    let mut stack = Stack::new();
    let lock = stack.folder().join("lock");
    let shell = format!(
        "ulimit -Sn 300; exec env --block-signal=CHLD --block-signal=TERM --ignore-signal=CHLD \
                         --ignore-signal=HUP --ignore-signal=QUIT --ignore-signal=RTMIN --ignore-signal=RTMAX \"$@\" 9>{}",
        lock.display()
    );
    run_behind(&mut stack, &["sh", "-c", &shell, "sh"], &[]);
    let (group_id, _) = stack.group(&[]);
    add(&stack, &group_id, "a", &json!({}));
    let agent = agent(&stack, "a").pid;
    let holder = stack.processes("ptyhold")[0].pid;
    let supervisor = stack.process("supervisor").pid;

    for pid in DAEMONS.map(|name| stack.process(name).pid).into_iter().chain([agent, holder, supervisor]) {
        assert!(!has_open(pid, &lock), "{pid} keeps the lock");
        assert_eq!(signals(pid, "SigBlk"), [0; 0], "{pid}");
        // SIGPIPE is ignored by the language's runtime, in the test agent as well.
        let ignored = [Signal::SIGPIPE, Signal::SIGXFSZ].map(|signal| signal as i32);
        let ignored = if pid == agent { &ignored[..1] } else { &ignored };
        assert_eq!(signals(pid, "SigIgn"), ignored, "{pid}");
        let (soft, hard) = open_files(pid);
        let is_raised = ![agent, holder, supervisor].contains(&pid);
        assert_eq!(soft, if is_raised { hard } else { "300".to_owned() }, "{pid}");
    }

    // Also a supervisor in the background, and the command that waits for it.
    stack.stop();
    let mut command = Command::new("sh");
    command.args(["-c", &shell, "sh"]).arg(program::path("cccc")).args(["daemon", "start"]);
    let started = command.env("CCCC_HOME", stack.home()).stdin(Stdio::null()).output().unwrap();
    assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
    assert!(!has_open(stack.process("supervisor").pid, &lock));
    let before = stack.process("ledgerd").pid;
    stack.kill("ledgerd");
    until("ledgerd again", || stack.find("ledgerd").is_some_and(|ledgerd| ledgerd.pid != before));
    stack.ok(&["daemon", "stop"]);
}

/// `ulimit -f` is a disk that is full for one file: whoever writes is told so, and lives.
#[test]
fn a_file_that_may_not_grow_ends_no_holder() {
    let mut stack = Stack::new();
    // 2 MiB or 4 MiB, by the shell; a file of the log is 8 MiB long otherwise.
    run_behind(&mut stack, &["sh", "-c", "ulimit -f 4096; exec \"$@\"", "sh"], &[]);
    let (group_id, _) = stack.group(&[]);
    let flood = "while :; do head -c 65536 /dev/zero | tr '\\0' x; echo; done";
    let args = json!({"group_id": group_id, "actor_id": "a", "runtime": "custom", "command": ["sh", "-c", flood]});
    stack.ask("actor_add", &args);
    let holder = until_some("the holder", || stack.processes("ptyhold").into_iter().next()).pid;
    let session = fs::read_dir(stack.home().join("run/pty")).unwrap().next().unwrap().unwrap().path();
    let trouble = || fs::read_to_string(session.join("holder.log")).unwrap_or_default();
    let logged = || {
        let names = fs::read_dir(&session).unwrap().flatten().map(|entry| entry.file_name());
        let starts = names.filter_map(|name| name.to_str()?.strip_prefix("log-")?.parse::<u64>().ok());
        starts.max().unwrap_or(0)
    };
    let most = 4096 * 1024;
    until("more output than one file may have", || logged() > most);
    assert_eq!(trouble(), "", "a log minds the limit");

    // Less than it has counted on.
    let narrowed = Command::new("prlimit").args(["--pid", &holder.to_string(), "--fsize=100000"]).status();
    assert!(narrowed.unwrap().success());
    until("the trouble is noted", || trouble().contains("cannot write the log: File too large"));
    let before = trouble().lines().count();
    until("the log is tried again later", || trouble().lines().count() > before);
    assert!(trouble().lines().count() <= before + 2, "and not all the time: {}", trouble());
    let holders: Vec<_> = stack.processes("ptyhold").into_iter().map(|process| process.pid).collect();
    assert_eq!(holders, [holder], "it lives, and no other was started");
}

/// What is said to be installed is what an agent finds, whoever asks and on whatever `PATH`.
#[test]
fn programs_are_looked_for_where_agents_find_them() {
    let mut stack = Stack::new();
    let folder = stack.folder().join("programs");
    fs::create_dir(&folder).unwrap();
    std::os::unix::fs::symlink("/bin/cat", folder.join("claude")).unwrap();
    let path = format!("{}:/usr/bin:/bin", folder.display());
    run_behind(&mut stack, &["env"], &[("PATH", &path)]);
    let asked = |words: &[&str]| {
        let output = stack.command("cccc").args(words).env("PATH", "/usr/bin:/bin").output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    // The report is written once it is known what runs.
    let listed = until_some("the PATH of the daemons", || {
        let answer: Value = serde_json::from_str(&asked(&["runtime", "list", "--json"])).unwrap();
        Some(answer["result"].clone()).filter(|listed| listed["path_of"] == "daemons")
    });
    assert_eq!((&listed["path"], &listed["available"][0]), (&json!(path), &json!("claude")));
    for words in [&["runtime", "list"][..], &["doctor"]] {
        let said = asked(words);
        assert!(said.contains("claude") && said.contains(&format!("the PATH of the daemons: {path}")), "{said}");
    }

    let (group_id, _) = stack.group(&[]);
    let args = json!({"group_id": group_id, "actor_id": "a", "runtime": "custom", "command": ["no-such-program"]});
    stack.ask("actor_add", &args);
    let wanted = format!("it is not on the session's PATH, which is {}:{path}", program::folder().display());
    until("the reason", || stack.events(&group_id).iter().any(|event| event.to_string().contains(&wanted)));

    // Whoever adds or starts one is told at once.
    for (words, tells_in) in [
        (&["actor", "add", "b", "--runtime", "gemini", "-g", &group_id][..], "standard output"),
        (&["actor", "start", "b", "-g", &group_id], "standard error"),
        (&["actor", "restart", "b", "-g", &group_id], "standard error"),
        (&["group", "start", "-g", &group_id], "standard output"),
    ] {
        let output = stack.command("cccc").args(words).output().unwrap();
        let said = if tells_in == "standard output" { output.stdout } else { output.stderr };
        let said = String::from_utf8_lossy(&said);
        let wanted = format!("gemini: {wanted}; install it, or name another program with `cccc actor update b");
        assert!(said.contains(&wanted), "{words:?}: {said}");
    }
}
