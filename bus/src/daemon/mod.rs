//! The one skeleton of all our daemons: arguments, logging, signals, readiness, watchdog, drain.
//!
//! A daemon started by `cccc`, by systemd or by hand behaves the same: it logs to standard error, says `READY=1`
//! on `NOTIFY_SOCKET` when there is one, and ends on SIGTERM or SIGINT with its work in hand done.

mod argument;
mod disposition;
pub mod environment;
pub mod inherit;
mod life;
mod log;
mod loudness;
mod notify;
mod place;
mod runtime;
mod signal;
#[cfg(test)]
mod tests;

use crate::contract::links::Process;
use crate::contract::version;
use crate::home::{Home, HomeError};
use crate::key::{DaemonKey, Guard, Held, KeyError};
use argument::Invocation;
pub use life::Life;
pub use log::{log_at, start as start_log, with_causes};
pub use loudness::follow as follow_loudness;
use nix::sys::stat::{Mode, umask};
pub use notify::Notifier;
use place::Places;
use signal::{Stop, Wish};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Everything a daemon makes is for its user only.
const PRIVATE_UMASK: Mode = Mode::from_bits_truncate(0o077);

/// What a daemon says in its status before what is wrong with it: everything behind these words is for a person to act on.
pub const TROUBLE: &str = "; trouble: ";

/// Exit code for arguments that cannot be understood.
const EXIT_USAGE: u8 = 2;

/// What a daemon's body is given.
#[derive(Debug)]
pub struct Daemon {
    home: Home,
    /// None for a program that is none of our daemons.
    key: Option<Held>,
    notifier: Notifier,
    life: Life,
    stop: Stop,
    /// Whether it has said that it is ready.
    is_ready: Arc<AtomicBool>,
    /// Whether it ends because a file of its own was not in its place any more.
    is_displaced: Arc<AtomicBool>,
    inherited_umask: u32,
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
        Self::run_with(name, std::env::args_os().skip(1), body)
    }

    fn run_with<E: std::error::Error>(
        name: &'static str,
        arguments: impl Iterator<Item = OsString>,
        body: impl FnOnce(&Daemon) -> Result<ExitCode, E>,
    ) -> ExitCode {
        let asked_home = match argument::read(arguments) {
            Ok(Invocation::Run { home }) => home,
            Ok(Invocation::Version) => {
                println!("{name} {}", version::PRODUCT);
                return ExitCode::SUCCESS;
            }
            Ok(Invocation::Help) => {
                println!("{}", argument::help(name));
                return ExitCode::SUCCESS;
            }
            Err(error) => {
                eprintln!("{name}: {error}; see {name} --help");
                return ExitCode::from(EXIT_USAGE);
            }
        };
        Self::run_in(name, || Home::find(asked_home.as_deref().map(AsRef::as_ref)), body)
    }

    /// The same for a program that has read its own arguments: everything after that, on the home it found.
    pub fn run_on<E: std::error::Error>(
        name: &'static str,
        home: Home,
        body: impl FnOnce(&Daemon) -> Result<ExitCode, E>,
    ) -> ExitCode {
        Self::run_in(name, || Ok(home), body)
    }

    fn run_in<E: std::error::Error>(
        name: &'static str,
        find: impl FnOnce() -> Result<Home, HomeError>,
        body: impl FnOnce(&Daemon) -> Result<ExitCode, E>,
    ) -> ExitCode {
        // Before anything of ours is open, and before there is a thread that would have the old mask.
        let cleared = inherit::clear();
        let raised = inherit::raise_open_files();
        let inherited_umask = umask(PRIVATE_UMASK).bits();
        log::start();
        for error in [cleared, raised].into_iter().filter_map(Result::err) {
            tracing::warn!(%error, "some of what was inherited stays as it is");
        }
        let daemon = match find().map_err(StartError::Home).and_then(|home| Self::prepare(name, home, inherited_umask))
        {
            Ok(daemon) => daemon,
            Err(error) => {
                tracing::error!(name, "cannot start: {}", log::with_causes(&error));
                return ExitCode::FAILURE;
            }
        };
        tracing::info!(
            name,
            version = version::PRODUCT,
            contract = version::CONTRACT,
            pid = std::process::id(),
            home = %daemon.home.root().display(),
            "starts"
        );
        match body(&daemon) {
            // Whoever starts it again after a failure only shall do so.
            Ok(_) if daemon.is_displaced.load(Ordering::Relaxed) => {
                tracing::info!(name, "ends, to be started again");
                ExitCode::FAILURE
            }
            Ok(code) => {
                tracing::info!(name, "ends");
                code
            }
            Err(error) => {
                tracing::error!(name, "ends: {}", log::with_causes(&error));
                ExitCode::FAILURE
            }
        }
    }

    fn prepare(name: &str, home: Home, inherited_umask: u32) -> Result<Self, StartError> {
        let notifier = Notifier::from_environment();
        // A supervisor of this home has made it. One that is gone was thrown away, and must not come back empty.
        if notifier.is_in(&home.run().join("notify")) {
            home.make_again()?
        } else {
            home.make()?
        }
        let key = Process::daemon(name).map(|process| Held::find(process, &home)).transpose()?;
        let stop = Stop::listen(notifier.clone()).map_err(StartError::Signals)?;
        let is_ready = Arc::new(AtomicBool::new(false));
        let life = match notifier.watchdog() {
            // Twice as often as it must be.
            Some(limit) => {
                let (notifier, is_ready, stop) = (notifier.clone(), Arc::clone(&is_ready), stop.clone());
                let say = move || notifier.send(life_sign(is_ready.load(Ordering::Relaxed), stop.wish()));
                Life::new(limit / 4, say).map_err(StartError::Life)?
            }
            None => Life::unwatched(),
        };
        Ok(Self { home, key, notifier, life, stop, is_ready, is_displaced: Arc::default(), inherited_umask })
    }

    /// The home it serves.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// What it proves with who it is.
    ///
    /// # Panics
    ///
    /// It is none of our daemons.
    pub fn key(&self) -> &DaemonKey {
        self.held().own()
    }

    /// What it checks with who asks it.
    ///
    /// # Panics
    ///
    /// It is none of our daemons.
    pub fn guard(&self) -> Guard {
        self.held().guard()
    }

    fn held(&self) -> &Held {
        self.key.as_ref().expect("every daemon is in the table of processes")
    }

    /// Tells the supervisor that requests are answered from now on.
    pub fn ready(&self, status: &str) {
        tracing::info!(status, "is ready");
        self.is_ready.store(true, Ordering::Relaxed);
        self.notifier.send(&format!("READY=1\nSTATUS={}", notify::one_line(status)));
    }

    /// Tells the supervisor how things are, in one line for people.
    pub fn status(&self, status: &str) {
        self.notifier.send(&format!("STATUS={}", notify::one_line(status)));
    }

    /// Proves that the daemon's own work goes on. Called from that work, not from a helper thread, at least every
    /// [`Daemon::watchdog`].
    pub fn alive(&self) {
        if self.notifier.watchdog().is_some() {
            self.notifier.send(life_sign(self.is_ready.load(Ordering::Relaxed), self.stop.wish()));
        }
    }

    /// For work that takes longer than [`Daemon::watchdog`], or waits for the disk that long.
    pub fn life(&self) -> &Life {
        &self.life
    }

    /// How often [`Daemon::alive`] must be called at least; `None` when nobody watches.
    pub fn watchdog(&self) -> Option<Duration> {
        // Half of what the supervisor waits, so that one late beat is no death.
        self.notifier.watchdog().map(|limit| limit / 2)
    }

    /// Ends the daemon, as SIGTERM would, once one of these files is not there any more or is another one: its sockets,
    /// which nobody finds then. It is for whoever has started it to start it again. Called when they are in place.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub fn stay_in(&self, mut paths: Vec<PathBuf>) -> io::Result<()> {
        // Without its file, whoever is started next has another key.
        paths.extend(self.key.as_ref().and_then(Held::file).map(Path::to_path_buf));
        let key = self.key.clone();
        // The system tells of nearly everything: every other life sign is soon enough for the rest.
        let places = Places::of(paths, self.watchdog().map(|every| every * 2));
        let (stop, notifier, is_displaced) = (self.stop.clone(), self.notifier.clone(), Arc::clone(&self.is_displaced));
        std::thread::Builder::new().name("places".into()).stack_size(128 * 1024).spawn(move || {
            let lost = loop {
                // It may have been replaced before anybody watched over it.
                if let Some(outdated) = key.as_ref().filter(|key| key.is_outdated()).and_then(Held::file) {
                    break outdated.display();
                }
                match places.wait() {
                    // Whoever ends takes its files away.
                    _ if stop.wish() != Wish::Run => return,
                    Some(path) => break path.display(),
                    None => {}
                }
            };
            tracing::error!("{lost} was removed or replaced, so nobody finds us; we end, to be started again");
            is_displaced.store(true, Ordering::Relaxed);
            notifier.send("STOPPING=1");
            stop.ask(Wish::End);
        })?;
        Ok(())
    }

    /// Resolves when the daemon should end. Any number of tasks may wait.
    pub async fn stopped(&self) {
        self.stop.wait().await;
    }

    /// Blocks until the daemon should end, or until `patience` is over; true when it should end.
    pub fn wait_stopped(&self, patience: Duration) -> bool {
        self.stop.wait_blocking(patience)
    }

    /// Whether the daemon should end.
    pub fn is_stopped(&self) -> bool {
        self.stop.wish() != Wish::Run
    }

    /// Whether the programs in the daemon's care should end with it: SIGUSR1, as `cccc daemon stop` sends it.
    /// After SIGTERM or SIGINT alone they go on. It may become true later than [`Daemon::is_stopped`].
    pub fn is_stopped_with_programs(&self) -> bool {
        self.stop.wish() == Wish::EndWithPrograms
    }

    /// The umask we were started with. Programs of the user are started with it, and not with our private one.
    pub fn inherited_umask(&self) -> u32 {
        self.inherited_umask
    }
}

/// What proves that work goes on. That we are ready is said again each time: the first time gets lost when the supervisor
/// takes nothing just then, or its socket is being made again.
fn life_sign(is_ready: bool, wish: Wish) -> &'static str {
    if is_ready && wish == Wish::Run { "READY=1\nWATCHDOG=1" } else { "WATCHDOG=1" }
}

#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error(transparent)]
    Home(#[from] HomeError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("cannot start the thread that tells the supervisor of long work")]
    Life(#[source] std::io::Error),
    #[error("cannot listen to signals")]
    Signals(#[source] std::io::Error),
}
