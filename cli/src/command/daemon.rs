//! `cccc daemon`: the processes in the background.

use crate::client::Client;
use crate::failure::Failure;
use crate::print::table::{Cell, Table, cell};
use crate::print::{Page, Tone};
use crate::supervise::{self, Audience, Condition, Ending, ProcessReport, Running, Started, SuperviseError};
use clap::Subcommand;
use serde_json::json;

/// What can be done with them.
#[derive(Debug, Subcommand)]
pub enum DaemonCommand {
    /// Start everything in the background and wait until it is ready
    Start,
    /// End everything, the agents first
    Stop,
    /// End and start everything; the agents go on working meanwhile
    Restart,
    /// Show every process; exit code 1 when nothing runs
    Status,
    /// Run everything in the foreground, for service managers and containers
    ///
    /// It speaks the notify protocol (systemd: Type=notify, KillMode=process).
    /// SIGTERM and SIGINT end everything with the agents; SIGUSR2 and SIGHUP leave the agents working.
    Run {
        /// Write to the log only
        #[arg(long, hide = true)]
        quiet: bool,
    },
}

/// Does one of them.
///
/// # Errors
///
/// What did not work; for `status`, that nothing runs.
pub fn run(client: &Client, command: DaemonCommand) -> Result<(), Failure> {
    match command {
        DaemonCommand::Start => start(client),
        DaemonCommand::Stop => stop(client),
        DaemonCommand::Restart => restart(client),
        DaemonCommand::Status => status(client),
        DaemonCommand::Run { quiet } => {
            let audience = if quiet { Audience::Nobody } else { Audience::Journal };
            supervise::run(client.home(), audience, |_| String::new()).map_err(|error| match error {
                // Whoever has started us waits for the other one then.
                SuperviseError::Already { .. } => Failure::Already(error.to_string()),
                error @ (SuperviseError::Home(_) | SuperviseError::Io { .. }) => Failure::failed(error),
            })
        }
    }
}

fn start(client: &Client) -> Result<(), Failure> {
    let (pid, sentence) = match supervise::start_detached(client.home()).map_err(Failure::failed)? {
        Started::Now(pid) => (pid, "started"),
        Started::Already(pid) => (pid, "already running"),
    };
    let result = json!({"pid": pid, "started": sentence == "started"});
    client.present(&result, |_| format!("{sentence}, pid {pid}\n"))
}

fn stop(client: &Client) -> Result<(), Failure> {
    let ended = supervise::end(client.home(), Ending::WithAgents).map_err(Failure::failed)?;
    // A supervisor that was killed has left its agents at work.
    let left = supervise::left::agents(client.home());
    let stay = supervise::left::end(&left);
    if let Some(first) = stay.first() {
        let sentence = format!(
            "{} of {} agents have not ended, {} (pid {}) among them",
            stay.len(),
            left.len(),
            first.actor_id,
            first.agent.pid
        );
        return Err(Failure::Failed(sentence));
    }
    let sentence = match (ended.is_some(), left.len()) {
        (true, _) => "stopped".to_owned(),
        (false, 0) => "not running".to_owned(),
        (false, count) => format!("not running; ended {count} agents that went on without it"),
    };
    let result = json!({"stopped": ended.is_some(), "pid": ended, "agents_ended": left});
    client.present(&result, |_| format!("{sentence}\n"))
}

fn restart(client: &Client) -> Result<(), Failure> {
    let (Started::Now(pid) | Started::Already(pid)) =
        supervise::restart_detached(client.home()).map_err(Failure::failed)?;
    client.present(&json!({"pid": pid}), |_| format!("restarted, pid {pid}\n"))
}

fn status(client: &Client) -> Result<(), Failure> {
    let running = supervise::what_runs(client.home()).map_err(Failure::failed)?;
    let home = client.home().root();
    let result = json!({
        "running": running.is_some(),
        "pid": running.as_ref().map(|running| running.pid),
        "home": home,
        "report": running.as_ref().and_then(|running| running.report.as_ref()),
    });
    client.present(&result, |page| match &running {
        Some(running) => text(page, running),
        None => format!("not running, home {}\n", home.display()),
    })?;
    if running.is_some() { Ok(()) } else { Err(Failure::told()) }
}

/// How everything is, and below it a line per process.
fn text(page: &Page, running: &Running) -> String {
    let Some(report) = &running.report else {
        return format!("{}, pid {}\n", page.paint(Tone::Warn, "starting"), running.pid);
    };
    let tone = match report.condition {
        Condition::Ready => Tone::Good,
        Condition::Starting | Condition::Stopping => Tone::Warn,
        Condition::Degraded => Tone::Bad,
    };
    let (word, since) = (page.paint(tone, report.condition.word()), page.ago(&report.started_at));
    let (pid, version, home) = (running.pid, &report.version, report.home.display());
    let headline = format!("{word}, pid {pid}, up {since}, version {version}, home {home}\n\n");
    let mut table = Table::default();
    table.row(["PROCESS", "STATE", "PID", "UP", "RESTARTS", "STATUS"].map(|title| cell(Tone::Quiet, title)));
    for process in &report.processes {
        table.row(row(page, process));
    }
    headline + &table.text(page, 0)
}

fn row(page: &Page, process: &ProcessReport) -> [Cell; 6] {
    let status = match &process.last_end {
        Some(reason) if process.pid.is_none() => format!("{reason}; see {}", process.log.display()),
        Some(_) | None if process.status.is_empty() => process.purpose.clone(),
        Some(_) | None => process.status.clone(),
    };
    let dash = || "-".to_owned();
    [
        cell(Tone::Name, &process.name),
        cell(if process.state == "ready" { Tone::Good } else { Tone::Warn }, &process.state),
        cell(Tone::Plain, process.pid.map_or_else(dash, |pid| pid.to_string())),
        cell(Tone::Plain, process.started_at.as_deref().map_or_else(dash, |since| page.ago(since))),
        cell(Tone::Plain, process.restarts.to_string()),
        cell(Tone::Plain, status),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::tests::page;

    #[test]
    fn status_shows_one_line_per_process() {
        let report = json!({
            "v": 1, "pid": 10, "version": "1.2.3", "home": "/h", "started_at": "2026-01-13T12:00:00Z",
            "condition": "degraded", "processes": [
                {"name": "ledgerd", "purpose": "keeps the state", "state": "ready", "pid": 11, "restarts": 0,
                 "started_at": "2026-01-13T12:34:50Z", "status": "3 groups", "last_end": null, "log": "/h/l"},
                {"name": "ptyd", "purpose": "runs terminals", "state": "starting", "pid": 12, "restarts": 1,
                 "started_at": "2026-01-13T12:34:50Z", "status": "", "last_end": "SIGKILL", "log": "/h/l"},
                {"name": "door", "purpose": "serves", "state": "backoff", "pid": null, "restarts": 12,
                 "started_at": null, "status": "", "last_end": "exit code 1", "log": "/h/logs/door.log"},
            ],
        });
        let running = Running { pid: 10, report: serde_json::from_value(report).unwrap() };
        let wanted = "\
degraded, pid 10, up 34m, version 1.2.3, home /h

PROCESS  STATE     PID  UP  RESTARTS  STATUS
ledgerd  ready     11   6s  0         3 groups
ptyd     starting  12   6s  1         runs terminals
door     backoff   -    -   12        exit code 1; see /h/logs/door.log
";
        assert_eq!(text(&page(), &running), wanted);
        assert_eq!(text(&page(), &Running { pid: 7, report: None }), "starting, pid 7\n");
    }
}
