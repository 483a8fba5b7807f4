//! What runs, in a file: written on every change by the supervisor, read by `cccc daemon status`.
//!
//! A file, because the supervisor answers nobody; and because it is left behind by a killed supervisor, readers
//! believe it only as far as the lock does.

use super::lock;
use bus::home::Home;
use bus::plain;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::PathBuf;

/// Largest report that is read.
const REPORT_BYTES_MAX: u64 = 1024 * 1024;

/// How everything together is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Some process has never been ready yet.
    Starting,
    /// Every process is ready.
    Ready,
    /// A process that was ready is not.
    Degraded,
    /// Everything is being ended.
    Stopping,
}

impl Condition {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Condition::Starting => "starting",
            Condition::Ready => "ready",
            Condition::Degraded => "degraded",
            Condition::Stopping => "stopping",
        }
    }
}

/// What runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackReport {
    /// The layout of this file: 1.
    pub v: u32,
    /// The supervisor's.
    pub pid: i32,
    /// Product version of the supervisor.
    pub version: String,
    /// The home it serves.
    pub home: PathBuf,
    /// The `PATH` that the processes have from it, and the agents from them.
    #[serde(default)]
    pub path: Option<String>,
    /// Since when it runs.
    pub started_at: String,
    /// Up to when every signal that was sent to it is considered here, in nanoseconds of [`steady_ns`]. Reports of
    /// older versions do not say.
    #[serde(default)]
    pub heard_until_ns: Option<u64>,
    /// How everything together is.
    pub condition: Condition,
    /// Every process, in the order of the table.
    pub processes: Vec<ProcessReport>,
}

/// How one process is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessReport {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// `starting`, `ready`, `backoff`, `stopping` or `stopped`.
    pub state: String,
    /// Its pid while it runs.
    pub pid: Option<i32>,
    /// Since when it runs.
    pub started_at: Option<String>,
    /// How often it was started again.
    pub restarts: u64,
    /// What it says of itself.
    pub status: String,
    /// How its last life ended, or why it could not begin.
    pub last_end: Option<String>,
    /// Its log.
    pub log: PathBuf,
}

impl ProcessReport {
    /// How it is, in a few words: its state, and what is known of it.
    pub fn describe(&self) -> String {
        let known = self.last_end.as_ref().filter(|_| self.pid.is_none()).unwrap_or(&self.status);
        let known = if known.is_empty() { String::new() } else { format!(" ({known})") };
        format!("{} is {}{known}", self.name, self.state)
    }
}

impl StackReport {
    /// What runs on a home, or nothing when no supervisor lives. A supervisor that has just begun may not have
    /// written anything yet.
    ///
    /// # Errors
    ///
    /// A file of the home cannot be read.
    pub fn read(home: &Home) -> io::Result<Option<Running>> {
        let Some(pid) = lock::holder(&home.supervisor_lock())? else {
            return Ok(None);
        };
        let report = match plain::read(&home.supervisor_report(), REPORT_BYTES_MAX) {
            Ok(bytes) => serde_json::from_slice::<Self>(&bytes).ok().filter(|report| report.pid == pid.as_raw()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(Some(Running { pid: pid.as_raw(), report }))
    }
}

/// Now, by the monotonic clock that all processes of the machine share; 0 where there is none.
pub fn steady_ns() -> u64 {
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC).map(std::time::Duration::from).unwrap_or_default();
    u64::try_from(now.as_nanos()).unwrap_or(u64::MAX)
}

/// A living supervisor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Its pid; the lock says so, not the report.
    pub pid: i32,
    /// What it has reported.
    pub report: Option<StackReport>,
}

impl Running {
    /// Whether every process is ready.
    pub fn is_ready(&self) -> bool {
        self.report.as_ref().is_some_and(|report| report.condition == Condition::Ready)
    }

    /// Whether it has said that it ends.
    pub fn is_stopping(&self) -> bool {
        self.report.as_ref().is_some_and(|report| report.condition == Condition::Stopping)
    }

    /// Asks it for a new report, which will consider every signal that was sent before this one; it is worth
    /// [`Running::has_reported_since`] then. One that has just ended is not there to be asked, which is no error.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub fn ask_to_report(&self) -> io::Result<()> {
        // It wakes a supervisor of any version, and means nothing else to it.
        match kill(Pid::from_raw(self.pid), Signal::SIGCHLD) {
            Ok(()) | Err(Errno::ESRCH) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether its report considers every signal that was sent before this time of [`steady_ns`]. One of an older
    /// version does not say, and is believed.
    pub fn has_reported_since(&self, ns: u64) -> bool {
        self.report.as_ref().is_some_and(|report| report.heard_until_ns.is_none_or(|until| until >= ns))
    }
}
