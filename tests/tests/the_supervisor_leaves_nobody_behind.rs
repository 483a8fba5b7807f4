//! The supervisor keeps every process running, says what is wrong, and leaves nobody behind. The processes here are
//! made-up ones, so that they can crash, hang, chatter and be deaf on purpose.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tests::{Stack, program, until};

const NAMES: [&str; 3] = ["ledgerd", "ptyd", "door"];

/// A home whose processes are made-up ones.
struct Yard {
    stack: Stack,
    libexec: PathBuf,
    supervisor: Option<i32>,
}

impl Yard {
    fn new() -> Self {
        let stack = Stack::new();
        let libexec = stack.folder().join("libexec");
        fs::create_dir(&libexec).unwrap();
        for program in ["ledgerd", "ptyd", "cccc"] {
            symlink(program::path("test-daemon"), libexec.join(program)).unwrap();
        }
        Self { stack, libexec, supervisor: None }
    }

    fn plan(&self, name: &str, plan: &str) {
        fs::write(self.libexec.join(format!("{name}.plan")), plan).unwrap();
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.stack.command("cccc");
        command.args(words).env("CCCC_LIBEXEC", &self.libexec).stdin(Stdio::null());
        command
    }

    /// Starts a supervisor that says what it says into `said`.
    fn run(&mut self, words: &[&str], settings: &[(&str, &str)]) {
        let said = fs::File::create(self.said_file()).unwrap();
        let mut command = self.command(words);
        command.envs(settings.iter().copied()).stdout(said.try_clone().unwrap()).stderr(said);
        let child = command.spawn().unwrap();
        self.supervisor = Some(i32::try_from(child.id()).unwrap());
        self.stack.adopt(child);
    }

    fn run_until_ready(&mut self) {
        self.run(&["daemon", "run"], &[]);
        self.until_ready();
    }

    fn until_ready(&self) {
        until("everything ready", || self.status()["report"]["condition"] == "ready");
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.supervisor.unwrap()), signal).unwrap();
    }

    fn said_file(&self) -> PathBuf {
        self.stack.folder().join("supervisor.log")
    }

    fn said(&self) -> String {
        fs::read_to_string(self.said_file()).unwrap()
    }

    fn lines(&self, file: &str) -> Vec<String> {
        let text = fs::read_to_string(self.libexec.join(file)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Pids of the lives of a process, oldest first.
    fn lives(&self, name: &str) -> Vec<i32> {
        let of = |line: &String| line.strip_prefix(name)?.trim().parse().ok();
        self.lines("lives").iter().filter_map(of).collect()
    }

    fn status(&self) -> Value {
        let output = self.command(&["daemon", "status", "--json"]).output().unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.success(), answer["result"]["running"] == json!(true));
        answer["result"].clone()
    }

    fn is_anybody_left(&self) -> bool {
        NAMES.iter().flat_map(|name| self.lives(name)).any(tests::process::is_alive)
    }
}

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
    assert_eq!(yard.lines("heard"), ["door SIGTERM", "ptyd SIGUSR1", "ledgerd SIGTERM"]);
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
        assert_eq!(yard.lines("heard"), ["door SIGTERM", "ptyd SIGTERM", "ledgerd SIGTERM"], "{signal}");
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
    assert_eq!(status["report"]["processes"][2]["last_end"], "exit code 3");
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
fn a_second_supervisor_says_that_there_is_one() {
    let mut yard = Yard::new();
    yard.run_until_ready();
    let pid = yard.supervisor.unwrap().to_string();
    // Whoever starts one in the background tells by the code that there is another one, though that may end just then.
    for (words, code) in [(&[][..], 1), (&["daemon", "run"], 3)] {
        let output = yard.command(words).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains("already") && said.contains(&pid), "{said}");
    }
    let started = yard.command(&["daemon", "start"]).output().unwrap();
    assert!(started.status.success(), "what is wanted is so");
    assert!(String::from_utf8_lossy(&started.stdout).contains(&format!("already running, pid {pid}")));
    assert_eq!(yard.lives("door").len(), 1);
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
    assert_eq!(yard.lines("heard"), ["door SIGTERM", "ptyd SIGTERM", "ledgerd SIGTERM"]);
    for (attempt, wanted) in ["stopped\n", "not running\n"].into_iter().enumerate() {
        let output = yard.command(&["daemon", "stop"]).output().unwrap();
        assert!(output.status.success());
        assert_eq!(String::from_utf8_lossy(&output.stdout), wanted, "attempt {attempt}");
    }
    assert_eq!(yard.lines("heard")[3..], ["door SIGTERM", "ptyd SIGUSR1", "ledgerd SIGTERM"]);
    assert!(!yard.is_anybody_left());
    let log = yard.stack.home().join("logs/supervisor.log");
    assert_eq!(fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_start_in_the_middle_of_a_stop_follows_it() {
    let yard = Yard::new();
    yard.plan("door", "deaf");
    assert!(yard.command(&["daemon", "start"]).status().unwrap().success());
    let before = yard.status()["pid"].clone();
    let mut stop = yard.command(&["daemon", "stop"]).spawn().unwrap();
    until("the end begins", || yard.status()["report"]["condition"] == "stopping");
    yard.plan("door", "well");
    assert!(yard.command(&["daemon", "start"]).status().unwrap().success());
    assert!(stop.wait().unwrap().success());
    let status = yard.status();
    assert_eq!(status["report"]["condition"], "ready");
    assert_ne!(status["pid"], before);
    assert!(yard.command(&["daemon", "stop"]).status().unwrap().success());
}

/// It was told to end and has not come to it yet: its lock, its pid and its report are those of one that stays.
#[test]
fn a_start_beside_one_that_is_about_to_end_is_not_told_that_it_runs() {
    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        let mut yard = Yard::new();
        yard.run_until_ready();
        let before = yard.supervisor.unwrap();
        // Without a signal of a child's on its way, which would look like that of whoever asks.
        until("it stands still", || {
            yard.signal(Signal::SIGSTOP);
            until("it is stopped", || is_stopped(before));
            let is_quiet = !is_pending(before, Signal::SIGCHLD);
            if !is_quiet {
                yard.signal(Signal::SIGCONT);
            }
            is_quiet
        });
        yard.signal(Signal::SIGTERM);
        let mut start = yard.command(&["daemon", "start", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
        until("it is asked whether it stays", || {
            start.try_wait().unwrap().is_some() || is_pending(before, Signal::SIGCHLD)
        });
        yard.signal(if signal == Signal::SIGTERM { Signal::SIGCONT } else { signal });
        yard.stack.bury();
        let output = start.wait_with_output().unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(output.status.success(), "{answer}");
        assert_eq!(answer["result"]["started"], json!(true), "{answer}");
        let status = yard.status();
        assert_eq!(status["report"]["condition"], "ready");
        assert_eq!(status["pid"], answer["result"]["pid"]);
        assert_ne!(status["pid"], json!(before));
        assert!(yard.command(&["daemon", "stop"]).status().unwrap().success());
    }
}

fn is_stopped(pid: i32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).unwrap().contains(") T ")
}

/// Whether a signal was sent to a process and has not reached it.
fn is_pending(pid: i32, signal: Signal) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let pending = status.lines().find_map(|line| line.strip_prefix("ShdPnd:")).unwrap().trim();
    u64::from_str_radix(pending, 16).unwrap() >> (signal as i32 - 1) & 1 == 1
}

/// A home that is thrown away stays away: no folder of it comes back, and nobody goes on in an empty one.
#[test]
fn a_home_that_is_thrown_away_or_moved_is_not_made_again() {
    type Fate = fn(&Path);
    #[rustfmt::skip]
    let fates: &[(&str, Fate)] = &[
        ("removed",               |home| fs::remove_dir_all(home).unwrap()),
        ("moved",                 |home| fs::rename(home, home.with_extension("old")).unwrap()),
        ("moved, and another is", |home| {
            fs::rename(home, home.with_extension("old")).unwrap();
            fs::create_dir(home).unwrap();
        }),
    ];
    for (what, fate) in fates {
        let mut yard = Yard::new();
        yard.run_until_ready();
        let home = yard.stack.home();
        fate(&home);
        // Of a folder farther up nobody tells; somebody's end is a reason to look.
        let _ = kill(Pid::from_raw(yard.lives("door")[0]), Signal::SIGKILL);
        yard.stack.bury();
        assert!(yard.said().contains("was removed or moved"), "{what}: {}", yard.said());
        assert!(!yard.is_anybody_left(), "{what}");
        let left: Vec<_> = fs::read_dir(&home).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
        assert!(left.is_empty(), "{what}: {left:?}");
        assert_eq!(home.exists(), what.contains("another"), "{what}");
    }
}

/// Its lock was removed while it stood still, and another supervisor has begun: all of the files are the other's.
#[test]
fn a_supervisor_that_has_lost_its_lock_leaves_the_winners_files_alone() {
    let mut yard = Yard::new();
    yard.run_until_ready();
    let first = yard.supervisor.unwrap();
    let home = bus::home::Home::find(Some(&yard.stack.home())).unwrap();
    yard.signal(Signal::SIGSTOP);
    until("it stands still", || is_stopped(first));
    fs::remove_file(home.supervisor_lock()).unwrap();
    let winner = yard.command(&["daemon", "run", "--quiet"]).spawn().unwrap();
    let second = winner.id();
    until("the other one is ready", || {
        let status = yard.status();
        status["pid"] == json!(second) && status["report"]["condition"] == "ready"
    });
    let files = || {
        let notify = NAMES.iter().map(|name| home.run().join("notify").join(name));
        let all = notify.chain([home.supervisor_report(), home.pid_file(), home.supervisor_lock()]);
        all.map(|file| fs::symlink_metadata(file).unwrap().ino()).collect::<Vec<_>>()
    };
    let before = files();
    yard.signal(Signal::SIGCONT);
    yard.stack.bury();
    assert!(yard.said().contains("another supervisor has begun"), "{}", yard.said());
    assert_eq!(files(), before, "nothing of the other's was replaced");
    assert_eq!(yard.status()["report"]["condition"], "ready");
    yard.supervisor = i32::try_from(second).ok();
    yard.stack.adopt(winner);
    yard.signal(Signal::SIGTERM);
    yard.stack.bury();
    assert!(!yard.is_anybody_left());
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

/// It is well and cannot answer: what is advised is to make room, and not to kill it.
#[test]
fn a_start_on_a_full_disk_is_told_that_it_is_full() {
    let yard = Yard::new();
    let home = bus::home::Home::find(Some(&yard.stack.home())).unwrap();
    home.make().unwrap();
    let script = format!(
        "mount -t tmpfs -o size=128k,mode=0700 tmpfs {run}
         {cccc} daemon start
         head -c 300000 /dev/zero > {run}/ballast || true
         ! {cccc} daemon start
         rm {run}/ballast
         {cccc} daemon start
         {cccc} daemon stop",
        run = home.run().display(),
        cccc = program::path("cccc").display(),
    );
    let mut command = Command::new("unshare");
    if !nix::unistd::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--mount", "sh", "-ec", &script]).stdin(Stdio::null());
    let output = command.env("CCCC_HOME", home.root()).env("CCCC_LIBEXEC", &yard.libexec).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let answers = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && answers.contains("already running"), "{answers}{said}");
    assert!(said.contains("make room there") && !said.contains("kill -9"), "{answers}{said}");
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
