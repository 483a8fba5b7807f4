//! An agent has its terminal and its environment, and nothing of its holder or of whoever started that: seen from
//! outside, because a shell has opinions of its own about all of it.

use crate::world::{HOLDER, World};
use ptyd::hold::process;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A holder behind a script, which starts it with more than it should have.
fn holder_behind(world: &World, script: &str) -> PathBuf {
    let path = world.home.root().join("behind");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// The sets of signals in `/proc/<pid>/status` that have a name.
fn signals(pid: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    u64::from_str_radix(line.trim_start_matches(':').trim(), 16).unwrap()
}

fn descriptors(pid: u32) -> BTreeMap<i32, PathBuf> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).unwrap().map(Result::unwrap);
    let entry = |entry: fs::DirEntry| {
        (entry.file_name().to_str().unwrap().parse().unwrap(), fs::read_link(entry.path()).unwrap())
    };
    entries.map(entry).collect()
}

/// Also the real-time ones, of which the language and its libraries know nothing.
#[tokio::test]
async fn no_signal_is_ignored_caught_or_blocked_and_no_descriptor_is_open() {
    let world = World::new();
    let script =
        format!("exec env --ignore-signal --block-signal {HOLDER} \"$@\" 7< /etc/passwd 8> /dev/null 9<> /dev/null");
    for holder in [Path::new(HOLDER), &holder_behind(&world, &script)] {
        let session = ptyd::hold::spawn(&world.home, holder, &world.command(&["sleep", "1000"])).await.unwrap();
        let agent = session.status().await.unwrap().agent_pid;
        for set in ["SigBlk", "SigIgn", "SigCgt", "SigPnd", "ShdPnd"] {
            assert_eq!(signals(agent, set), 0, "{set} behind {}", holder.display());
        }
        let open = descriptors(agent);
        assert_eq!(open.keys().copied().collect::<Vec<_>>(), [0, 1, 2], "{open:?}");
        assert!(open.values().all(|path| path.starts_with("/dev/pts/") && path == &open[&0]), "{open:?}");
    }
}

#[tokio::test]
async fn an_agent_leads_its_session_in_the_foreground_of_its_own_terminal() {
    let world = World::new();
    let session = world.spawn(&world.command(&["sleep", "1000"])).await.unwrap();
    let meta = world.found().meta;
    let (agent, stat) = (meta.agent.pid as i32, process::stat(meta.agent.pid).unwrap());
    assert_eq!((stat.session, stat.group, stat.foreground), (agent, agent, agent));
    assert_eq!(stat.parent, meta.holder.pid as i32);
    let holder = process::stat(meta.holder.pid).unwrap();
    assert_eq!(holder.foreground, -1, "a holder has no terminal");
    drop(session);
}

#[tokio::test]
async fn an_agent_has_exactly_the_environment_that_was_prepared() {
    #[rustfmt::skip]
    let cases: &[&[(&str, &str)]] = &[
        &[],
        &[("PATH", "/usr/bin:/bin")],
        &[("HOME", "/no/such/home"), ("SHELL", "/no/such/shell")],
        &[("PWD", "/elsewhere"), ("OLDPWD", ""), ("SHELL", "")],
        &[("SHELL", "/bin/false"), ("LOGNAME", "somebody"), ("EMPTY", ""), ("LINES", "a\nb=ü")],
    ];
    for case in cases {
        let world = World::new();
        let mut spec = world.command(&["/bin/sleep", "1000"]);
        spec.environment = case.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let holder = holder_behind(&world, &format!("SHELL=/bin/of-the-starter HOME=/ PWD=/ exec {HOLDER} \"$@\""));
        for holder in [Path::new(HOLDER), &holder] {
            spec.session_id = bus::contract::id::unique();
            let session = ptyd::hold::spawn(&world.home, holder, &spec).await.unwrap();
            let agent = session.status().await.unwrap().agent_pid;
            let seen = String::from_utf8(fs::read(format!("/proc/{agent}/environ")).unwrap()).unwrap();
            let mut seen: Vec<_> = seen.split_terminator('\0').collect();
            seen.sort_unstable();
            let mut wanted: Vec<_> = case.iter().map(|(name, value)| format!("{name}={value}")).collect();
            wanted.sort_unstable();
            assert_eq!(seen, wanted);
            let directory = fs::read_link(format!("/proc/{agent}/cwd")).unwrap();
            assert_eq!(directory, Path::new(&spec.directory).canonicalize().unwrap());
        }
    }
}

/// Who the user is, and which shell is theirs, may be known to a server only: a holder neither waits for it nor keeps a
/// library for it in its memory.
#[tokio::test]
async fn a_holder_asks_nobody_who_the_user_is() {
    let world = World::new();
    let _session = world.spawn(&world.command(&["sleep", "1000"])).await.unwrap();
    let holder = world.found().meta.holder.pid;
    let maps = fs::read_to_string(format!("/proc/{holder}/maps")).unwrap();
    assert!(maps.contains("libc.so") && !maps.contains("libnss"), "{maps}");
}
