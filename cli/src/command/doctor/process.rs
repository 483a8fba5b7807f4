//! The processes: whether they are installed, run, answer, are of one version, and left nothing stale behind.

use super::check::Check;
use super::descriptor;
use crate::client::Client;
use crate::failure::Failure;
use crate::stack;
use crate::supervise::{Running, StackReport};
use bus::contract::op::{core, group, terminal};
use bus::contract::{Code, version};
use bus::daemon::TROUBLE;
use bus::home::{Home, refuse_older};
use std::fs;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

/// Our programs besides this one.
const PROGRAMS: [&str; 5] = ["ledgerd", "ptyd", "ptyhold", "mcpd", "webd"];

/// Looks at the processes.
pub fn checks(client: &Client) -> Vec<Check> {
    let home = client.home();
    let mut checks = vec![programs()];
    // What runs in a home of the older implementation is none of ours.
    if refuse_older(home.root()).is_err() {
        return checks;
    }
    let running = match StackReport::read(home) {
        Ok(running) => running,
        Err(error) => {
            let seen = format!("unknown: {error}");
            checks.push(Check::failed(
                "supervisor",
                seen,
                format!("look at the permissions of {}", home.root().display()),
            ));
            return checks;
        }
    };
    checks.push(supervisor(running.as_ref()));
    checks.extend(running.as_ref().and_then(|running| descriptor::check(running.report.as_ref()?)));
    checks.extend(stale_pid(home, running.is_some()));
    let is_up = client.ensure_daemons().is_ok();
    // A running bus is asked, not knocked at: it takes a visitor who says nothing for a fault.
    let knocked_at = if is_up { &sockets(home)[2..] } else { &sockets(home)[..] };
    checks.extend(knocked_at.iter().filter_map(|(name, path)| socket(name, path, is_up)));
    if is_up {
        checks.push(ledgerd(client));
        checks.push(ptyd(client));
        checks.push(groups(client));
    }
    checks
}

fn programs() -> Check {
    let missing: Vec<_> = PROGRAMS.iter().filter_map(|name| stack::program(name).err()).map(|e| e.sentence()).collect();
    match missing.first() {
        Some(sentence) => {
            Check::failed("programs", sentence.clone(), "install all programs into one folder: make install")
        }
        None => Check::good("programs", PROGRAMS.join(", ")),
    }
}

fn supervisor(running: Option<&Running>) -> Check {
    let Some(running) = running else {
        return Check::note("supervisor", "not running", "start it with `cccc` or `cccc daemon start`");
    };
    let Some(report) = &running.report else {
        return Check::note("supervisor", format!("pid {}, just starting", running.pid), "look again in a moment");
    };
    let sick: Vec<_> = report.processes.iter().filter(|process| process.state != "ready").collect();
    if let Some(process) = sick.first() {
        let reason = process.last_end.as_deref().unwrap_or("it is not ready yet");
        let seen = format!("{} is {} ({reason})", process.name, process.state);
        return Check::failed("supervisor", seen, format!("read {}", process.log.display()));
    }
    if let Some((process, trouble)) =
        report.processes.iter().find_map(|one| Some((one, one.status.split_once(TROUBLE)?.1)))
    {
        let remedy = format!("read {}; `cccc status` shows more", process.log.display());
        return Check::failed("supervisor", format!("{}: {trouble}", process.name), remedy);
    }
    if report.version != version::PRODUCT {
        let seen = format!("version {} runs, this is {}", report.version, version::PRODUCT);
        return Check::failed("supervisor", seen, "`cccc daemon restart`; the agents go on working meanwhile");
    }
    Check::good("supervisor", format!("pid {}, {} processes ready", running.pid, report.processes.len()))
}

/// A pid file without a supervisor was left behind by one that was killed.
fn stale_pid(home: &Home, is_running: bool) -> Option<Check> {
    let left = fs::read_to_string(home.pid_file()).ok().filter(|_| !is_running)?;
    let seen = format!("{} names process {}, which is no supervisor", home.pid_file().display(), left.trim());
    Some(Check::note("pid file", seen, "nothing; the next start replaces it"))
}

/// The sockets, those of the bus first.
fn sockets(home: &Home) -> [(&'static str, PathBuf); 4] {
    [
        ("ledgerd socket", home.ledger_socket()),
        ("ptyd socket", home.pty_socket()),
        ("terminal socket", home.attach_socket()),
        ("client socket", home.door_socket()),
    ]
}

fn socket(name: &'static str, path: &PathBuf, is_up: bool) -> Option<Check> {
    let place = path.display();
    match (UnixStream::connect(path), is_up) {
        (Ok(_), _) => Some(Check::good(name, format!("{place} is served"))),
        (Err(error), true) => {
            Some(Check::failed(name, format!("{place} is not served: {error}"), "`cccc daemon status` says why"))
        }
        (Err(_), false) if path.exists() => {
            Some(Check::note(name, format!("{place} was left behind"), "nothing; the next start replaces it"))
        }
        (Err(_), false) => None,
    }
}

fn ledgerd(client: &Client) -> Check {
    match client.look(core::Ping {}) {
        Ok(pong) if pong.version != version::PRODUCT => {
            let seen = format!("ledgerd {} answers, this is {}", pong.version, version::PRODUCT);
            Check::failed("ledgerd", seen, "`cccc daemon restart`; the agents go on working meanwhile")
        }
        Ok(pong) => Check::good("ledgerd", format!("answers, version {}, pid {}", pong.version, pong.pid)),
        Err(failure) => Check::failed("ledgerd", failure.sentence(), "`cccc daemon status` says why"),
    }
}

/// A question about no terminal is answered, too: with a refusal.
fn ptyd(client: &Client) -> Check {
    match client.look(terminal::Tail::default()) {
        Err(Failure::Refused(refusal)) if refusal.code == Code::DaemonUnavailable => {
            Check::failed("ptyd", refusal.message, "`cccc daemon status` says why")
        }
        Ok(_) | Err(_) => Check::good("ptyd", "answers"),
    }
}

fn groups(client: &Client) -> Check {
    let listed = match client.look(group::List::default()) {
        Ok(listed) => listed,
        Err(failure) => return Check::failed("groups", failure.sentence(), "`cccc daemon status` says why"),
    };
    let damaged = listed.groups.iter().find(|group| group.registry_health != "ok").map(|group| &group.group_id);
    if let Some(id) = damaged.or(listed.registry_health.corrupt_group_ids.first()) {
        return Check::failed(
            "groups",
            format!("{id} is damaged"),
            format!("`cccc ledger verify --group {id}` says where"),
        );
    }
    if let Some(id) = listed.registry_health.missing_group_ids.first() {
        let remedy = format!("put its folder back, or forget it with `cccc group delete --confirm {id}`");
        return Check::failed("groups", format!("the folder of {id} is gone"), remedy);
    }
    Check::good(
        "groups",
        match listed.groups.len() {
            0 => "none yet".to_owned(),
            1 => "1 group, whole".to_owned(),
            count => format!("{count} groups, all whole"),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::doctor::check::Verdict;
    use serde_json::json;

    #[test]
    fn a_sick_or_old_process_is_found() {
        let running = |version: &str, state: &str, status: &str| {
            let report = json!({"v": 1, "pid": 7, "version": version, "home": "/h", "started_at": "", "condition": "ready",
                "processes": [{"name": "ptyd", "purpose": "", "state": state, "pid": 8, "started_at": null, "restarts": 0,
                               "status": status, "last_end": "exit code 1", "log": "/h/logs/ptyd.log"}]});
            Some(Running { pid: 7, report: serde_json::from_value(report).unwrap() })
        };
        #[rustfmt::skip]
        let cases = [
            (None,                                           Verdict::Note),
            (Some(Running { pid: 7, report: None }),         Verdict::Note),
            (running(version::PRODUCT, "ready", "fine"),     Verdict::Good),
            (running(version::PRODUCT, "ready", "fine; trouble: the assignments"), Verdict::Failed),
            (running(version::PRODUCT, "backoff", ""),       Verdict::Failed),
            (running("0.0.1", "ready", ""),                  Verdict::Failed),
        ];
        for (running, verdict) in cases {
            let check = supervisor(running.as_ref());
            assert_eq!(check.verdict, verdict, "{running:?}");
            assert_eq!(check.remedy.is_empty(), verdict == Verdict::Good, "{check:?}");
        }
    }

    #[test]
    fn what_a_killed_process_left_behind_is_no_trouble() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::find(Some(folder.path())).unwrap();
        home.make().unwrap();
        assert_eq!(stale_pid(&home, false), None);
        fs::write(home.pid_file(), "4711\n").unwrap();
        assert_eq!(stale_pid(&home, true), None);
        assert_eq!(stale_pid(&home, false).unwrap().verdict, Verdict::Note);
        let path = home.attach_socket();
        assert_eq!(socket("s", &path, false), None);
        let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert_eq!(socket("s", &path, true).unwrap().verdict, Verdict::Good);
        drop(listener);
        assert_eq!(socket("s", &path, false).unwrap().verdict, Verdict::Note);
        assert_eq!(socket("s", &path, true).unwrap().verdict, Verdict::Failed);
    }
}
