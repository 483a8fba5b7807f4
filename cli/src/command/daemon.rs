//! `cccc daemon`: the processes in the background.

use super::{Context, Failure, Output};
use crate::supervise::{self, Audience, Ending, ProcessReport, Report, Running, Started};
use bus::contract::{time, version};
use clap::Subcommand;
use serde_json::{Value, json};
use std::fmt::Write;

/// What can be done with them.
#[derive(Debug, Subcommand)]
pub enum Daemon {
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
pub fn run(context: &Context, command: Daemon) -> Result<(), Failure> {
    match command {
        Daemon::Start => start(context),
        Daemon::Stop => stop(context),
        Daemon::Restart => restart(context),
        Daemon::Status => status(context),
        Daemon::Run { quiet } => {
            let audience = if quiet { Audience::Nobody } else { Audience::Journal };
            supervise::run(context.home(), audience, String::new()).map_err(Failure::failed)
        }
    }
}

fn start(context: &Context) -> Result<(), Failure> {
    let (pid, sentence) = match supervise::start_detached(context.home()).map_err(Failure::failed)? {
        Started::Now(pid) => (pid, "started"),
        Started::Already(pid) => (pid, "already running"),
    };
    tell(context, &format!("{sentence}, pid {pid}"), json!({"pid": pid, "started": sentence == "started"}));
    Ok(())
}

fn stop(context: &Context) -> Result<(), Failure> {
    let ended = supervise::end(context.home(), Ending::WithAgents).map_err(Failure::failed)?;
    let sentence = if ended.is_some() { "stopped" } else { "not running" };
    tell(context, sentence, json!({"stopped": ended.is_some(), "pid": ended}));
    Ok(())
}

fn restart(context: &Context) -> Result<(), Failure> {
    supervise::end(context.home(), Ending::WithoutAgents).map_err(Failure::failed)?;
    let (Started::Now(pid) | Started::Already(pid)) =
        supervise::start_detached(context.home()).map_err(Failure::failed)?;
    tell(context, &format!("restarted, pid {pid}"), json!({"pid": pid}));
    Ok(())
}

fn status(context: &Context) -> Result<(), Failure> {
    let running = Report::read(context.home()).map_err(Failure::failed)?;
    let text = match &running {
        None => format!("not running, home {}", context.home().root().display()),
        Some(running) => status_text(running, time::now()),
    };
    let report = running.as_ref().and_then(|running| running.report.as_ref());
    let result = json!({
        "running": running.is_some(),
        "pid": running.as_ref().map(|running| running.pid),
        "home": context.home().root(),
        "report": report,
    });
    tell(context, text.trim_end(), result);
    if running.is_some() { Ok(()) } else { Err(Failure::told()) }
}

fn tell(context: &Context, text: &str, result: Value) {
    match context.output() {
        Output::Text => println!("{text}"),
        Output::Json => println!("{:#}", json!({"v": version::IPC, "ok": true, "result": result})),
    }
}

fn status_text(running: &Running, now: time::Micros) -> String {
    let Some(report) = &running.report else {
        return format!("starting, pid {}", running.pid);
    };
    let mut text = format!(
        "{}, pid {}, up {}, version {}, home {}\n\n",
        report.condition.word(),
        running.pid,
        age(Some(&report.started_at), now),
        report.version,
        report.home.display()
    );
    let header = ["PROCESS", "STATE", "PID", "UP", "RESTARTS", "STATUS"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(header).chain(report.processes.iter().map(|p| row(p, now))).collect();
    let widths: Vec<_> = (0..6).map(|column| rows.iter().map(|row| row[column].chars().count()).max()).collect();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<0$}", width.unwrap_or(0)));
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    text
}

fn row(process: &ProcessReport, now: time::Micros) -> [String; 6] {
    let is_up = process.pid.is_some();
    let status = match &process.last_end {
        Some(reason) if !is_up => format!("{reason}; see {}", process.log.display()),
        Some(_) | None if process.status.is_empty() => process.purpose.clone(),
        Some(_) | None => process.status.clone(),
    };
    [
        process.name.clone(),
        process.state.clone(),
        process.pid.map_or("-".into(), |pid| pid.to_string()),
        age(process.started_at.as_deref(), now),
        process.restarts.to_string(),
        status,
    ]
}

/// How long ago that was, in the two largest units.
fn age(since: Option<&str>, now: time::Micros) -> String {
    let Some(since) = since.and_then(time::parse) else {
        return "-".into();
    };
    let seconds = (now - since).max(0) / 1_000_000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m {}s", seconds % 60),
        (0, _, _) => format!("{hours}h {}m", minutes % 60),
        _ => format!("{days}d {}h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_has_its_two_largest_units() {
        #[rustfmt::skip]
        let cases = [
            // seconds     text
            (-5,           "0s"),
            (59,           "59s"),
            (60,           "1m 0s"),
            (3_599,        "59m 59s"),
            (7_260,        "2h 1m"),
            (90_000,       "1d 1h"),
        ];
        let since = time::parse("2026-01-01T00:00:00Z").unwrap();
        for (seconds, text) in cases {
            assert_eq!(age(Some("2026-01-01T00:00:00Z"), since + seconds * 1_000_000), text);
        }
        assert_eq!(age(None, since), "-");
    }

    #[test]
    fn status_shows_one_line_per_process() {
        let report = json!({
            "v": 1, "pid": 10, "version": "1.2.3", "home": "/h", "started_at": "2026-01-01T00:00:00Z",
            "condition": "degraded", "processes": [
                {"name": "ledgerd", "purpose": "keeps the state", "state": "ready", "pid": 11, "restarts": 0,
                 "started_at": "2026-01-01T00:00:00Z", "status": "3 groups", "last_end": null, "log": "/h/l"},
                {"name": "door", "purpose": "serves", "state": "backoff", "pid": null, "restarts": 12,
                 "started_at": null, "status": "", "last_end": "exit code 1", "log": "/h/logs/door.log"},
            ],
        });
        let running = Running { pid: 10, report: serde_json::from_value(report).unwrap() };
        let now = time::parse("2026-01-01T00:01:05Z").unwrap();
        let wanted = "\
degraded, pid 10, up 1m 5s, version 1.2.3, home /h

PROCESS  STATE    PID  UP     RESTARTS  STATUS
ledgerd  ready    11   1m 5s  0         3 groups
door     backoff  -    -      12        exit code 1; see /h/logs/door.log
";
        assert_eq!(status_text(&running, now), wanted);
        assert_eq!(status_text(&Running { pid: 7, report: None }, now), "starting, pid 7");
    }
}
