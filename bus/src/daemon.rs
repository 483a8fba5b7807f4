//! The one skeleton of all our daemons: arguments, logging, signals, readiness, watchdog, drain.
//!
//! A daemon started by `cccc`, by systemd or by hand behaves the same: it logs to standard error, says `READY=1`
//! on `NOTIFY_SOCKET` when there is one, and ends on SIGTERM or SIGINT with its work in hand done.

use crate::home::Home;
use std::process::ExitCode;

/// What a daemon's body is given.
#[derive(Debug)]
pub struct Daemon {
    home: Home,
}

impl Daemon {
    /// Runs a daemon: reads `--home <folder>`, `--version`, `--help` and `CCCC_LOG`, sets up logging and signals,
    /// makes the home's folders, calls `body`, and turns its result into an exit code. An error is logged as one
    /// line with its causes.
    ///
    /// The process ends when `body` returns. `body` may give an exit code of its own (70 after a failed write).
    pub fn run<E: std::error::Error>(
        name: &'static str,
        body: impl FnOnce(&Daemon) -> Result<ExitCode, E>,
    ) -> ExitCode {
        let _ = (name, &body);
        ExitCode::FAILURE
    }

    /// The same for a program that has read its own arguments: everything after that, on the home it found.
    pub fn run_on<E: std::error::Error>(
        name: &'static str,
        home: Home,
        body: impl FnOnce(&Daemon) -> Result<ExitCode, E>,
    ) -> ExitCode {
        let _ = (name, home, &body);
        ExitCode::FAILURE
    }

    /// The home it serves.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Tells the supervisor that requests are answered from now on.
    pub fn ready(&self, status: &str) {
        let _ = status;
    }

    /// Tells the supervisor how things are, in one line for people.
    pub fn status(&self, status: &str) {
        let _ = status;
    }

    /// Proves that the daemon's own work goes on. Called from that work, not from a helper thread, at least every
    /// [`Daemon::watchdog`].
    pub fn alive(&self) {}

    /// How often [`Daemon::alive`] must be called at least; `None` when nobody watches.
    pub fn watchdog(&self) -> Option<std::time::Duration> {
        None
    }

    /// Resolves when the daemon should end. Any number of tasks may wait.
    pub async fn stopped(&self) {}

    /// Blocks until the daemon should end, or until `patience` is over; true when it should end.
    pub fn wait_stopped(&self, patience: std::time::Duration) -> bool {
        let _ = patience;
        true
    }

    /// Whether the daemon should end.
    pub fn is_stopped(&self) -> bool {
        true
    }
}
