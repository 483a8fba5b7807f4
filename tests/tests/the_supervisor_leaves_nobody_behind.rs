//! The supervisor keeps every process running, says what is wrong, and leaves nobody behind. The processes here are
//! made-up ones, so that they can crash, hang, chatter and be deaf on purpose.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Stdio};
use tests::until;
use tests::yard::{NAMES, Yard};

#[test]
fn the_stack_starts_reports_itself_and_ends_in_order() {
    let mut yard = Yard::new();
    assert_eq!(yard.status()["running"], json!(false));
    yard.run_until_ready();

    let report = &yard.status()["report"];
    assert_eq!(report["pid"], json!(yard.supervisor));
    let home = yard.stack.home();
    assert_eq!(fs::read_to_string(home.join("daemon/ccccd.pid")).unwrap().trim(), yard.supervisor.unwrap().to_string());
    for (process, name) in report["processes"].as_array().unwrap().iter().zip(NAMES) {
        assert_eq!((process["name"].as_str(), process["state"].as_str()), (Some(name), Some("ready")));
        assert_eq!(process["pid"].as_i64(), yard.lives(name).first().map(|pid| i64::from(*pid)));
        assert_eq!(process["status"], "at your service");
    }
    let text = yard.command(&["daemon", "status"]).output().unwrap().stdout;
    assert!(String::from_utf8_lossy(&text).contains("at your service"));

    yard.signal(Signal::SIGTERM);
    yard.stack.bury();
    assert_eq!(
        yard.lines("heard"),
        ["door SIGTERM", "webd SIGTERM", "mcpd SIGTERM", "ptyd SIGUSR1", "ledgerd SIGTERM"]
    );
    assert!(!yard.is_anybody_left());
    assert!(!home.join("daemon/ccccd.pid").exists() && !home.join("run/supervisor.json").exists());
    assert_eq!(yard.status()["running"], json!(false));
}

#[test]
fn the_agents_are_left_alone_when_only_we_end() {
    for signal in [Signal::SIGUSR2, Signal::SIGHUP] {
        let mut yard = Yard::new();
        yard.run_until_ready();
        yard.signal(signal);
        yard.stack.bury();
        assert_eq!(
            yard.lines("heard"),
            ["door SIGTERM", "webd SIGTERM", "mcpd SIGTERM", "ptyd SIGTERM", "ledgerd SIGTERM"],
            "{signal}"
        );
    }
}

/// What an agent has in its environment is its own, what a service manager tells the supervisor is the supervisor's, and
/// the umask is the user's, because agents get it in the end.
#[test]
fn processes_are_given_what_is_theirs() {
    let mut yard = Yard::new();
    let settings = [
        ("CCCC_ACTOR_TOKEN", "secret"),
        ("CCCC_ACTOR_ID", "foreman"),
        ("CCCC_GROUP_ID", "g_1"),
        ("WATCHDOG_PID", "1"),
        ("JOURNAL_STREAM", "8:1"),
        ("CCCC_LOG", "debug"),
    ];
    yard.run(&["daemon", "run"], &settings);
    yard.until_ready();
    let given = yard.lines("ptyd.given");
    let of = |name: &str| given.iter().find(|line| line.starts_with(name)).map(String::as_str);
    for (name, _) in &settings[..5] {
        assert_eq!(of(name), None, "{given:?}");
    }
    assert_eq!(of("CCCC_LOG="), Some("CCCC_LOG=debug"));
    assert_eq!(of("WATCHDOG_USEC="), Some("WATCHDOG_USEC=30000000"));
    let notify = yard.stack.home().join("run/notify/ptyd");
    assert_eq!(of("NOTIFY_SOCKET="), Some(format!("NOTIFY_SOCKET={}", notify.display()).as_str()));
    let own = fs::read_to_string("/proc/self/status").unwrap();
    assert_eq!(of("Umask:"), own.lines().find(|line| line.starts_with("Umask:")));
}

#[test]
fn a_crashed_process_is_started_again_and_told_in_one_line() {
    let mut yard = Yard::new();
    yard.run(&[], &[]);
    yard.until_ready();
    let first = yard.lives("ptyd")[0];
    kill(Pid::from_raw(first), Signal::SIGKILL).unwrap();
    until("a second life", || yard.lives("ptyd").len() == 2);
    yard.until_ready();
    let report = &yard.status()["report"]["processes"][1];
    assert_eq!((report["restarts"].as_u64(), report["last_end"].as_str()), (Some(1), Some("SIGKILL")));
    assert_eq!(yard.lives("ledgerd").len(), 1, "nobody else is disturbed");

    yard.signal(Signal::SIGINT);
    yard.stack.bury();
    let said = yard.said();
    let about: Vec<_> = said.lines().filter(|line| line.contains("ptyd")).collect();
    assert_eq!(about, ["ptyd has ended (SIGKILL); it is started again in 0.1 s"], "{said}");
    assert!(said.contains("is running.") && said.contains("Ctrl-C"), "{said}");
    assert!(said.ends_with("Everything has ended.\n"), "{said}");
}

#[test]
fn a_hung_process_is_ended_and_started_again() {
    let mut yard = Yard::new();
    yard.plan("ledgerd", "hangs");
    yard.run(&["daemon", "run"], &[("CCCC_WATCHDOG_MS", "2000")]);
    until("a first life", || yard.lives("ledgerd").len() == 1);
    yard.plan("ledgerd", "well");
    until("a second life", || yard.lives("ledgerd").len() == 2);
    yard.until_ready();
    let said = yard.said();
    assert!(said.contains("ledgerd has not been heard of for 2 s"), "{said}");
    assert!(said.contains("ledgerd has ended (SIGABRT)"), "{said}");
}

#[test]
fn a_process_that_cannot_start_says_why_and_stops_nobody() {
    let mut yard = Yard::new();
    yard.plan("door", "broken");
    yard.run(&["daemon", "run"], &[]);
    until("four attempts", || yard.lives("door").len() >= 4);
    let status = yard.status();
    assert_eq!(status["report"]["condition"], "starting");
    assert_eq!(status["report"]["processes"][0]["state"], "ready");
    assert_eq!(status["report"]["processes"][NAMES.len() - 1]["last_end"], "exit code 3");
    until("the reason", || yard.said().contains("door: the roof is leaking"));
    yard.plan("door", "well");
    yard.until_ready();
    until("the good news", || yard.said().contains("door is ready again"));
}

#[test]
fn a_talkative_process_does_not_fill_the_disk() {
    let mut yard = Yard::new();
    yard.plan("ptyd", "chatter");
    yard.run_until_ready();
    yard.signal(Signal::SIGTERM);
    yard.stack.bury();
    let logs = fs::read_dir(yard.stack.home().join("logs")).unwrap().map(|entry| entry.unwrap().path());
    let logs: Vec<_> = logs.filter(|path| path.to_string_lossy().contains("ptyd")).collect();
    assert_eq!(logs.len(), 3, "{logs:?}");
    for log in &logs {
        let about = fs::metadata(log).unwrap();
        assert!(about.len() < 9 * 1024 * 1024, "{log:?} has {} bytes", about.len());
        assert_eq!(about.permissions().mode() & 0o777, 0o600, "{log:?}");
    }
    let newest = fs::read_to_string(yard.stack.home().join("logs/ptyd.log")).unwrap();
    assert!(newest.trim_end().ends_with("299999"), "the last words are kept");
}

#[test]
fn a_killed_supervisor_takes_its_children_along_and_the_next_one_takes_over() {
    let mut yard = Yard::new();
    yard.run_until_ready();
    yard.signal(Signal::SIGKILL);
    yard.stack.bury();
    until("the end of the children", || !yard.is_anybody_left());
    assert!(yard.lines("heard").contains(&"ptyd SIGTERM".to_owned()), "it leaves the agents alone");
    assert_eq!(yard.status()["running"], json!(false), "the report that was left behind is not believed");
    yard.run_until_ready();
    assert_eq!(yard.lives("ptyd").len(), 2);
}

#[test]
fn a_deaf_process_is_killed_and_a_second_signal_hurries() {
    let mut yard = Yard::new();
    NAMES.iter().for_each(|name| yard.plan(name, "deaf"));
    yard.run_until_ready();
    yard.signal(Signal::SIGINT);
    until("the first is told", || yard.lines("heard").len() == 1);
    until("the report says so", || yard.status()["report"]["condition"] == "stopping");
    yard.signal(Signal::SIGINT);
    yard.stack.bury();
    assert!(!yard.is_anybody_left());
    let said = yard.said();
    assert!(said.contains("ptyd does not end by itself; it is killed"), "{said}");
    assert!(said.contains("some agents may still run"), "{said}");
    let heard = yard.lines("heard");
    assert_eq!(
        heard.last().map(String::as_str),
        Some("ledgerd SIGTERM"),
        "the others have something to tell it: {heard:?}"
    );
    assert!(said.find("ptyd has ended") < said.find("ledgerd does not end"), "{said}");
}

#[test]
fn the_background_is_started_once_restarted_and_stopped() {
    let yard = Yard::new();
    let start = || yard.command(&["daemon", "start", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let pid_of = |child: Child| -> Value {
        let output = child.wait_with_output().unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(output.status.success(), "{answer}");
        answer["result"]["pid"].clone()
    };
    let starts: Vec<_> = (0..4).map(|_| start()).collect();
    let pids: Vec<_> = starts.into_iter().map(pid_of).collect();
    let supervisor = yard.status()["pid"].clone();
    assert!(pids.iter().all(|pid| *pid == supervisor), "{pids:?}, and {supervisor} runs");
    assert_eq!(yard.lives("ledgerd").len(), 1);

    let restarted = yard.command(&["daemon", "restart", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    assert_ne!(pid_of(restarted), supervisor);
    assert_eq!(
        yard.lines("heard"),
        ["door SIGTERM", "webd SIGTERM", "mcpd SIGTERM", "ptyd SIGTERM", "ledgerd SIGTERM"]
    );
    for (attempt, wanted) in ["stopped\n", "not running\n"].into_iter().enumerate() {
        let output = yard.command(&["daemon", "stop"]).output().unwrap();
        assert!(output.status.success());
        assert_eq!(String::from_utf8_lossy(&output.stdout), wanted, "attempt {attempt}");
    }
    assert_eq!(
        yard.lines("heard")[NAMES.len()..],
        ["door SIGTERM", "webd SIGTERM", "mcpd SIGTERM", "ptyd SIGUSR1", "ledgerd SIGTERM"]
    );
    assert!(!yard.is_anybody_left());
    let log = yard.stack.home().join("logs/supervisor.log");
    assert_eq!(fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_start_that_fails_says_why() {
    let yard = Yard::new();
    let file = yard.stack.folder().join("file");
    fs::write(&file, "").unwrap();
    let output = yard.command(&["daemon", "start", "--home"]).arg(file.join("home")).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.starts_with("error: cannot") && said.contains("file/home"), "{said}");

    // The report cannot be read by anybody: its place is taken by a folder with something in it.
    fs::create_dir_all(yard.stack.home().join("daemon/ccccd.pid/full")).unwrap();
    let output = yard.command(&["daemon", "start"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("cannot write the pid file"), "{said}");
    assert_eq!(yard.status()["running"], json!(false));
}

/// The disk was full when something changed, and nothing changes any more once there is room.
#[test]
fn a_report_that_could_not_be_written_is_written_later() {
    let mut yard = Yard::new();
    yard.run_until_ready();
    // Its place is taken by a folder with something in it.
    let home = bus::home::Home::find(Some(&yard.stack.home())).unwrap();
    fs::remove_file(home.supervisor_report()).unwrap();
    fs::create_dir_all(home.supervisor_report().join("full")).unwrap();
    kill(Pid::from_raw(yard.lives("ptyd")[0]), Signal::SIGKILL).unwrap();
    let noted = || fs::read_to_string(home.logs().join("supervisor.log")).unwrap_or_default();
    until("a second life, and nothing to read about it", || {
        noted().matches("ptyd is ready").count() == 2 && noted().contains("cannot report what runs")
    });

    fs::remove_dir_all(home.supervisor_report()).unwrap();
    yard.until_ready();
    assert_eq!(yard.status()["report"]["processes"][1]["restarts"], json!(1));
}
