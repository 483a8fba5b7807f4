//! A home has one supervisor at a time, whoever starts another one is told how things are, and a home that was thrown away
//! has none.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};
use tests::yard::{NAMES, Yard};
use tests::{program, until};

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
    let fates: &[(&str, &str, Fate)] = &[
        ("removed",               "was removed: everything ends, and the agents with it", |home| {
            fs::remove_dir_all(home).unwrap();
        }),
        ("moved",                 "home.old: everything ends, and the agents are left alone", |home| {
            fs::rename(home, home.with_extension("old")).unwrap();
        }),
        ("moved, and another is", "home.old: everything ends, and the agents are left alone", |home| {
            fs::rename(home, home.with_extension("old")).unwrap();
            fs::create_dir(home).unwrap();
        }),
    ];
    for (what, sentence, fate) in fates {
        let mut yard = Yard::new();
        yard.run_until_ready();
        let home = yard.stack.home();
        fate(&home);
        // Of a folder farther up nobody tells; somebody's end is a reason to look.
        let _ = kill(Pid::from_raw(yard.lives("door")[0]), Signal::SIGKILL);
        yard.stack.bury();
        assert!(yard.said().contains(sentence), "{what}: {}", yard.said());
        assert!(!yard.is_anybody_left(), "{what}");
        let left: Vec<_> = fs::read_dir(&home).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
        assert!(left.is_empty(), "{what}: {left:?}");
        assert_eq!(home.exists(), what.contains("another"), "{what}");
    }
}

/// Whoever moves a home for a moment, or removes all that a supervisor makes, ends nobody's work.
#[test]
fn a_home_whose_data_is_there_goes_on() {
    let mut yard = Yard::new();
    yard.run_until_ready();
    let home = bus::home::Home::find(Some(&yard.stack.home())).unwrap();
    let elsewhere = home.root().with_extension("old");
    fs::create_dir_all(home.root().join("groups")).unwrap();
    fs::rename(home.root(), &elsewhere).unwrap();
    let _ = kill(Pid::from_raw(yard.lives("door")[0]), Signal::SIGKILL);
    fs::rename(&elsewhere, home.root()).unwrap();
    until("another door", || yard.lives("door").len() == 2);
    for folder in [home.run().to_path_buf(), home.daemon(), home.logs()] {
        // Whoever writes just then may keep it from being removed.
        until("a folder is removed", || fs::remove_dir_all(&folder).is_ok() || !folder.exists());
    }
    yard.until_ready();
    assert!(!yard.said().contains("everything ends"), "{}", yard.said());
    yard.signal(Signal::SIGTERM);
    yard.stack.bury();
    assert!(!yard.is_anybody_left());
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
