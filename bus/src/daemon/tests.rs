//! A daemon as a process of its own: this test program, started again.

use super::*;
use crate::contract::op::observability::LogLevel;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigHandler, SigSet, Signal, signal};
use std::io::{self, BufRead, BufReader, Read};
use std::os::fd::IntoRawFd;
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Says which body the child runs, and that it is one.
const BODY: &str = "BUS_TEST_DAEMON_BODY";

/// Nothing here takes this long unless it hangs.
const DEADLINE: Duration = Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
#[error("cannot write\nthe ledger")]
struct Failed(#[source] io::Error);

#[test]
#[ignore = "the child of the other tests"]
fn child() {
    let Ok(body) = std::env::var(BODY) else { return };
    let home = std::env::var_os("BUS_TEST_HOME").expect("the parent says where");
    let arguments = [OsString::from("--home"), home];
    let code = Daemon::run_with("testd", arguments.into_iter(), |daemon| match body.as_str() {
        "fails" => Err(Failed(io::Error::other("disk on fire"))),
        "panics" => panic!("an impossible\nstate"),
        "exits" => Ok(ExitCode::from(70)),
        "speaks" => {
            for level in [LogLevel::Debug, LogLevel::Error, LogLevel::Error, LogLevel::Info] {
                log_at(level);
                tracing::debug!("a detail at {level}");
                tracing::info!("news at {level}");
                tracing::error!("trouble at {level}");
            }
            Ok(ExitCode::SUCCESS)
        }
        "waits" => {
            daemon.alive();
            daemon.ready("waits for the end\nREADY=0");
            daemon.alive();
            let was_stopped = daemon.wait_stopped(DEADLINE);
            daemon.alive();
            println!("{was_stopped} {} {:o}", daemon.is_stopped_with_programs(), daemon.inherited_umask());
            Ok(ExitCode::SUCCESS)
        }
        "lives" => {
            let lives = daemon.drive(async |daemon: &Daemon| {
                daemon.ready("lives");
                daemon.stopped().await;
                Ok::<_, Failed>(ExitCode::from(70))
            });
            lives.map_err(|error| Failed(io::Error::other(error)))
        }
        "inherits" => {
            let open = std::fs::read_dir("/dev/fd").unwrap().count();
            let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
            let set = |name: &str| {
                let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
                u64::from_str_radix(line.trim_start_matches(':').trim(), 16).unwrap()
            };
            let ignored = Signal::iterator().filter(|each| set("SigIgn") & (1 << (*each as i32 - 1)) != 0);
            let ignored: Vec<_> = ignored.map(Signal::as_str).collect();
            let limits = || getrlimit(Resource::RLIMIT_NOFILE).unwrap();
            let mut child = Command::new("sh");
            child.args(["-c", "ulimit -Sn; kill -XFSZ $$"]);
            inherit::give_back_limits(&mut child);
            // SAFETY: system calls only.
            unsafe { child.pre_exec(inherit::give_back_signals) };
            let child = child.output().expect("SIGCHLD is not ignored");
            let (soft, hard) = limits();
            println!(
                "open {open}, blocked {}, ignored {ignored:?}, raised {}, a child: {} {}",
                set("SigBlk"),
                soft == hard,
                String::from_utf8_lossy(&child.stdout).trim(),
                child.status
            );
            Ok(ExitCode::SUCCESS)
        }
        other => panic!("no such body: {other}"),
    });
    // An exit code does not show its number, and the test's harness would exit with its own.
    let codes = [0, 1, 70];
    std::process::exit(codes.into_iter().find(|number| ExitCode::from(*number) == code).map_or(99, i32::from));
}

fn start(home: &Path, body: &str, environment: &[(&str, &str)]) -> Child {
    command(home, body, environment).spawn().unwrap()
}

fn command(home: &Path, body: &str, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "daemon::tests::child", "--include-ignored", "--nocapture"]);
    command.env_clear().envs(environment::for_daemon(std::env::vars_os())).env_remove("CCCC_LOG");
    command.env(BODY, body).env("BUS_TEST_HOME", home).envs(environment.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Exit code, lines of standard error, standard output.
fn end(child: Child) -> (Option<i32>, Vec<String>, String) {
    let output = child.wait_with_output().unwrap();
    let lines = String::from_utf8(output.stderr).unwrap().lines().map(str::to_owned).collect();
    (output.status.code(), lines, String::from_utf8(output.stdout).unwrap())
}

#[test]
fn how_a_body_ends_is_the_exit_code_and_one_line_of_the_log() {
    let folder = tempfile::tempdir().unwrap();
    #[rustfmt::skip]
    let cases = [
        // body      code       the last line ends with
        ("fails",    Some(1),   r"ends: cannot write\nthe ledger: disk on fire"),
        ("exits",    Some(70),  "ends name=\"testd\""),
        ("panics",   Some(101), r"an impossible\nstate"),
    ];
    for (body, code, tail) in cases {
        let (exit, lines, _) = end(start(folder.path(), body, &[]));
        let last = lines.last().expect("a log");
        assert_eq!(exit, code, "{body}: {lines:#?}");
        assert!(last.contains(tail), "{body}: {lines:#?}");
        assert_eq!(lines.len(), 2, "{body}: the start and the end: {lines:#?}");
        assert!(lines.iter().all(|line| line.contains("Z ")), "with the time in UTC: {lines:#?}");
    }
}

#[test]
fn a_daemon_logs_as_much_as_the_home_says_unless_it_was_told_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let as_the_home_says =
        ["a detail at DEBUG", "news at DEBUG", "trouble at DEBUG", "trouble at ERROR", "trouble at ERROR"].into_iter();
    let as_the_home_says: Vec<_> = as_the_home_says.chain(["news at INFO", "trouble at INFO"]).collect();
    let errors = vec!["trouble at DEBUG", "trouble at ERROR", "trouble at ERROR", "trouble at INFO"];
    for (told, wanted) in [("", &as_the_home_says), ("error", &errors), ("what=ever=this", &as_the_home_says)] {
        let (code, lines, _) = end(start(folder.path(), "speaks", &[("CCCC_LOG", told)]));
        let said = |line: &String| line.split_once("tests: ").map(|(_, said)| said.to_owned());
        assert_eq!(&lines.iter().filter_map(said).collect::<Vec<_>>(), wanted, "{told:?}: {lines:#?}");
        assert_eq!(code, Some(0));
    }
}

#[test]
fn a_supervisor_sees_a_daemon_get_ready_live_and_stop() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let supervisor = UnixDatagram::bind(&path).unwrap();
    supervisor.set_read_timeout(Some(DEADLINE)).unwrap();
    let hear = || {
        let mut datagram = [0; 256];
        let len = supervisor.recv(&mut datagram).unwrap();
        String::from_utf8(datagram[..len].to_vec()).unwrap()
    };
    for (signals, with_programs) in [(&["TERM"][..], false), (&["HUP", "INT"], false), (&["USR1"], true)] {
        let environment = [("NOTIFY_SOCKET", path.to_str().unwrap()), ("WATCHDOG_USEC", "5000000")];
        let mut child = start(&folder.path().join("home"), "waits", &environment);
        assert_eq!(hear(), "WATCHDOG=1");
        assert_eq!(hear(), "READY=1\nSTATUS=waits for the end READY=0");
        assert_eq!(hear(), "READY=1\nWATCHDOG=1", "the first word may have been lost");
        for signal in signals {
            let pid = child.id().to_string();
            assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        }
        assert_eq!(hear(), "STOPPING=1");
        assert_eq!(hear(), "WATCHDOG=1");
        let mut said = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        while !said.starts_with("true ") {
            said.clear();
            assert!(stdout.read_line(&mut said).unwrap() > 0, "the child says how it was stopped");
        }
        assert!(said.starts_with(&format!("true {with_programs} ")), "{signals:?}: {said}");
        stdout.read_to_string(&mut said).unwrap();
        assert_eq!(end(child).0, Some(0));
    }
}

/// The body waits for one thing, and the thread that it waits on says that it goes on.
#[test]
fn an_asynchronous_daemon_proves_its_life_while_it_waits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let supervisor = UnixDatagram::bind(&path).unwrap();
    supervisor.set_read_timeout(Some(DEADLINE)).unwrap();
    let environment = [("NOTIFY_SOCKET", path.to_str().unwrap()), ("WATCHDOG_USEC", "100000")];
    let child = start(&folder.path().join("home"), "lives", &environment);
    let hear = || {
        let mut datagram = [0; 256];
        let len = supervisor.recv(&mut datagram).unwrap();
        String::from_utf8(datagram[..len].to_vec()).unwrap()
    };
    let mut alive = 0;
    while alive < 3 {
        alive += usize::from(hear() == "READY=1\nWATCHDOG=1");
    }
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    while hear() != "STOPPING=1" {}
    assert_eq!(end(child).0, Some(70));
}

#[test]
fn a_home_is_made_for_its_owner_only_and_one_that_cannot_be_made_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("a/b");
    assert_eq!(end(start(&home, "exits", &[])).0, Some(70));
    for made in [home.clone(), home.join("run"), home.join("logs"), home.join("daemon")] {
        assert_eq!(std::fs::metadata(&made).unwrap().permissions().mode() & 0o777, 0o700, "{}", made.display());
    }
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let (code, lines, _) = end(start(&file, "exits", &[("CCCC_LOG", "what=ever=this")]));
    assert_eq!(code, Some(1));
    assert!(lines.iter().any(|line| line.contains("CCCC_LOG cannot be read")), "{lines:#?}");
    assert!(lines.last().is_some_and(|line| line.contains("cannot make the folder")), "{lines:#?}");
}

/// Its supervisor starts it again because its socket was removed, and that was with the whole home.
#[test]
fn a_daemon_whose_supervisors_home_was_thrown_away_does_not_make_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let socket = home.join("run/notify/testd");
    let (code, lines, _) = end(start(&home, "exits", &[("NOTIFY_SOCKET", socket.to_str().unwrap())]));
    assert_eq!(code, Some(1), "{lines:#?}");
    assert!(lines.last().is_some_and(|line| line.contains("is not there any more")), "{lines:#?}");
    assert!(!home.exists());
}

/// A parent that holds a lock, blocks and ignores signals and has a low limit must not have a daemon that holds the lock
/// for ever, is deaf to its children and dies of a long file; and what the daemon changes is not handed on.
#[test]
fn a_daemon_depends_on_nothing_that_it_inherits() {
    let folder = tempfile::tempdir().unwrap();
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let spoil = move || {
        let lock = std::fs::File::open("/dev/null")?.into_raw_fd();
        nix::unistd::dup2(lock, 9)?;
        let blocked = [Signal::SIGCHLD, Signal::SIGTERM].into_iter().collect::<SigSet>();
        blocked.thread_set_mask()?;
        for each in [Signal::SIGCHLD, Signal::SIGHUP, Signal::SIGTERM, Signal::SIGUSR1] {
            // SAFETY: to ignore a signal runs no code.
            unsafe { signal(each, SigHandler::SigIgn) }?;
        }
        Ok(setrlimit(Resource::RLIMIT_NOFILE, 99, hard)?)
    };
    let mut command = command(folder.path(), "inherits", &[]);
    // SAFETY: system calls only.
    unsafe { command.pre_exec(spoil) };
    let (code, lines, said) = end(command.spawn().unwrap());
    assert_eq!(code, Some(0), "{lines:#?} {said}");
    // What the daemon has opened itself: the pair over which it hears signals, and the listing.
    let wanted = r#", blocked 0, ignored ["SIGPIPE", "SIGXFSZ"], raised true, a child: 99 signal: 25"#;
    assert!(said.contains(wanted), "{said}");
    let open: usize = said.split_once("open ").unwrap().1.split_once(',').unwrap().0.parse().unwrap();
    assert_eq!(open, 6, "{said}");
}
