//! The supervisor in the background, from outside: starting it, waiting for it, telling it to end.

use super::child::tell_of_our_end;
use super::ending::{Ending, STARTER_IS_GONE};
use super::lock::ALREADY;
use super::report::{ProcessReport, Running, StackReport, steady_ns};
use bus::atomic_file::{Durability, replace};
use bus::daemon::environment::{for_daemon, is_an_actors};
use bus::home::{Home, HomeError, refuse_older};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, setsid};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long everything may take to become ready.
const START_PATIENCE: Duration = Duration::from_secs(30);

/// How long everything may take to end: the graces of the table, one after another, and some.
const END_PATIENCE: Duration = Duration::from_secs(45);

/// How long an answer may take before it is asked whether one can be written at all.
const WRITE_PATIENCE: Duration = Duration::from_secs(3);

/// What is written to find that out; a report is not longer by much.
const PROBE: [u8; 4096] = [b' '; 4096];

/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(5);

/// Bytes of the log that are read to explain a failed start.
const REASON_BYTES_MAX: u64 = 8 * 1024;

/// Lines of the log that are shown to explain a failed start.
const REASON_LINES_MAX: usize = 8;

/// Why everything is not running in the background, or not ended.
#[derive(Debug, thiserror::Error)]
pub enum AwayError {
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A file or a process cannot be had.
    #[error("cannot {action}")]
    Io {
        /// What was attempted.
        action: String,
        /// Why not.
        source: io::Error,
    },
    /// The supervisor ended before anything was ready.
    #[error("it ended at once; {} says:\n{reason}", log.display())]
    Ended {
        /// Its log.
        log: PathBuf,
        /// The last lines.
        reason: String,
    },
    /// Not everything became ready in time; it goes on trying.
    #[error("not everything is ready after {} s: {waiting_for}; it goes on trying, `cccc daemon status` shows how", START_PATIENCE.as_secs())]
    NotReady {
        /// What is not ready, with what is known about it.
        waiting_for: String,
    },
    /// There is a supervisor, and nobody knows whether it stays.
    #[error("process {pid} serves this home and has not answered for {} s; if it was told to end, start again once it has; look at {}, and if nothing helps, `kill -9 {pid}`", START_PATIENCE.as_secs(), log.display())]
    Silent {
        /// Its pid.
        pid: i32,
        /// Its log.
        log: PathBuf,
    },
    /// There is a supervisor that cannot say whether it stays.
    #[error("process {pid} serves this home and cannot say whether it stays, because nothing can be written into {}{}", folder.display(), advice(source))]
    Mute {
        /// Its pid.
        pid: i32,
        /// Where its report is to be.
        folder: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The supervisor did not end in time.
    #[error("process {pid} has not ended after {} s; look at {}, and if nothing helps, `kill -9 {pid}`", END_PATIENCE.as_secs(), log.display())]
    NotEnded {
        /// Its pid.
        pid: i32,
        /// Its log.
        log: PathBuf,
    },
}

/// What came of the wish that everything runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// It was started now.
    Now(i32),
    /// It ran already.
    Already(i32),
}

/// How long the supervisor lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    /// Until it is told to end.
    ItsOwn,
    /// Not longer than whoever has started it: then it ends, and everything with it.
    OfItsStarter,
}

/// Makes sure that everything runs in the background and is ready. It goes on when the caller ends.
///
/// Several callers at once are fine: one supervisor wins and all wait for it.
///
/// # Errors
///
/// Why it does not run, with the last lines of the log.
pub fn start_detached(home: &Home) -> Result<Started, AwayError> {
    start(home, Life::ItsOwn, Environment::own())
}

/// Ends everything but the agents, and starts it again.
///
/// An actor may do so, and everybody goes on with the environment there was before: the actor's own has things in it that
/// it was given, and things that its program has set.
///
/// # Errors
///
/// As [`end`] and [`start_detached`].
pub fn restart_detached(home: &Home) -> Result<Started, AwayError> {
    let is_actor = is_an_actors(std::env::vars_os().map(|(name, _)| name));
    let running = what_runs(home)?.filter(|_| is_actor);
    // Of one that is ending nothing can be asked any more.
    let before = running.and_then(|running| Environment::of(running.pid));
    end(home, Ending::WithoutAgents)?;
    start(home, Life::ItsOwn, before.unwrap_or_else(Environment::own))
}

/// The same for a home of the caller's own: everything ends, agents included, when the calling thread does, however
/// that comes about.
///
/// # Errors
///
/// As [`start_detached`].
pub fn start_with_us(home: &Home) -> Result<Started, AwayError> {
    start(home, Life::OfItsStarter, Environment::own())
}

/// What a supervisor is started with.
struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// Ours, as far as daemons take it over.
    fn own() -> Self {
        Self(for_daemon(std::env::vars_os()))
    }

    /// That of a process, in the same way; `None` where the system does not tell.
    fn of(pid: i32) -> Option<Self> {
        let bytes = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
        let pairs = bytes.split(|byte| *byte == 0).filter_map(|entry| {
            let at = entry.iter().position(|byte| *byte == b'=')?;
            let [name, value] = [&entry[..at], &entry[at + 1..]].map(|part| OsString::from_vec(part.to_vec()));
            Some((name, value))
        });
        Some(Self(for_daemon(pairs))).filter(|environment| !environment.0.is_empty())
    }
}

fn start(home: &Home, life: Life, environment: Environment) -> Result<Started, AwayError> {
    loop {
        // One that is on its way out is waited for and followed by a new one.
        if let Some(pid) = await_lasting(home)? {
            return Ok(Started::Already(pid));
        }
        home.make()?;
        let path = home.logs().join("supervisor.log");
        let log = open_log(&path)?;
        let begin = log.metadata().map_err(fail(&format!("look at {}", path.display())))?.len();
        let mut supervisor = spawn(home, log, life, &environment)?;
        match await_own(home, &mut supervisor)? {
            Fate::Ready(pid) => return Ok(Started::Now(pid)),
            // The lock went to another one, which may be on its way out by now.
            Fate::Beaten => {}
            Fate::Ended => return Err(AwayError::Ended { reason: last_lines(&path, begin), log: path }),
        }
    }
}

/// Ends everything that runs on a home and waits until it has ended. Returns the pid of the supervisor that ended, or
/// `None` when none ran.
///
/// # Errors
///
/// It cannot be told, or does not end in time.
pub fn end(home: &Home, ending: Ending) -> Result<Option<i32>, AwayError> {
    let Some(running) = what_runs(home)? else {
        return Ok(None);
    };
    let signal = match ending {
        Ending::WithAgents => Signal::SIGTERM,
        Ending::WithoutAgents => Signal::SIGUSR2,
    };
    // The lock has just proven that the number is the supervisor's.
    match kill(Pid::from_raw(running.pid), signal) {
        Ok(()) | Err(nix::errno::Errno::ESRCH) => {}
        Err(error) => return Err(fail(&format!("tell process {} to end", running.pid))(error.into())),
    }
    let until = Instant::now() + END_PATIENCE;
    while what_runs(home)?.is_some_and(|now| now.pid == running.pid) {
        if Instant::now() >= until {
            return Err(AwayError::NotEnded { pid: running.pid, log: home.logs().join("supervisor.log") });
        }
        thread::sleep(LOOK_PAUSE);
    }
    Ok(Some(running.pid))
}

fn fail(action: &str) -> impl FnOnce(io::Error) -> AwayError {
    let action = action.to_owned();
    move |source| AwayError::Io { action, source }
}

/// What runs on a home, or nothing when no supervisor lives.
///
/// # Errors
///
/// It is a home of the older implementation, in which another daemon may run; a file of the home cannot be read.
pub fn what_runs(home: &Home) -> Result<Option<Running>, AwayError> {
    refuse_older(home.root())?;
    StackReport::read(home).map_err(fail(&format!("find out what runs on {}", home.root().display())))
}

fn open_log(path: &Path) -> Result<File, AwayError> {
    let opened = bus::plain::open(path, OpenOptions::new().append(true).create(true).mode(0o600));
    opened.map_err(fail(&format!("open {}", path.display())))
}

/// Starts the supervisor in a session of its own. It writes its log itself; what it is given for standard error
/// takes what is said before that, and after a failure of its own.
fn spawn(home: &Home, log: File, life: Life, environment: &Environment) -> Result<Child, AwayError> {
    let own = std::env::current_exe().map_err(fail("find our own program"))?;
    let mut command = Command::new(own);
    command
        .args(["daemon", "run", "--quiet", "--home"])
        .arg(home.root())
        .current_dir(home.root())
        .env_clear()
        .envs(&environment.0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    // SAFETY: between fork and exec only async-signal-safe calls are allowed; `setsid` is, and neither it nor the
    // conversion of an error number takes memory or locks.
    unsafe {
        command.pre_exec(|| setsid().map(drop).map_err(io::Error::from));
    }
    if life == Life::OfItsStarter {
        tell_of_our_end(&mut command, STARTER_IS_GONE);
    }
    command.spawn().map_err(fail("start the supervisor"))
}

/// What became of a supervisor that we started.
enum Fate {
    /// It serves the home with this pid, and everything is ready.
    Ready(i32),
    /// Another one serves the home, or did.
    Beaten,
    /// It ended, and nobody else has been there.
    Ended,
}

/// Waits until whoever serves a home is ready, and has said so after it was asked: what it said before may be older than a
/// signal that ends it. `None` once nobody serves it.
fn await_lasting(home: &Home) -> Result<Option<i32>, AwayError> {
    let begin = Instant::now();
    let mut asked = None;
    let mut probe_at = Some(begin + WRITE_PATIENCE);
    while let Some(running) = what_runs(home)? {
        let pid = running.pid;
        let asked_ns = match asked {
            Some((of, ns)) if of == pid => ns,
            _ => {
                let ns = steady_ns();
                running.ask_to_report().map_err(fail(&format!("ask process {pid} whether it stays")))?;
                asked = Some((pid, ns));
                ns
            }
        };
        if running.is_ready() && running.has_reported_since(asked_ns) {
            return Ok(Some(pid));
        }
        if probe_at.take_if(|at| Instant::now() >= *at).is_some()
            && !running.has_reported_since(asked_ns)
            && let Err(source) = probe(home)
            // A folder that was removed is made again by whoever serves it.
            && source.kind() != io::ErrorKind::NotFound
        {
            return Err(AwayError::Mute { pid, folder: home.run().to_path_buf(), source });
        }
        let log = || home.logs().join("supervisor.log");
        if running.is_stopping() {
            if begin.elapsed() >= END_PATIENCE {
                return Err(AwayError::NotEnded { pid, log: log() });
            }
        } else if begin.elapsed() >= START_PATIENCE {
            return Err(if running.is_ready() {
                AwayError::Silent { pid, log: log() }
            } else {
                AwayError::NotReady { waiting_for: waiting_for(running.report) }
            });
        }
        thread::sleep(LOOK_PAUSE);
    }
    Ok(None)
}

/// What to do where nothing can be written.
fn advice(why: &io::Error) -> &'static str {
    match why.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            ": make room there, and start again"
        }
        _ => "; see what is wrong with it, and start again",
    }
}

/// Tries whether a report can be written; leaves nothing behind.
fn probe(home: &Home) -> io::Result<()> {
    let path = home.run().join(format!("supervisor.probe.{}", std::process::id()));
    let written = replace(&path, &PROBE, Durability::WhileRunning);
    if written.is_ok() {
        // Whether it can be removed, too, is of no interest to a report.
        let _ = fs::remove_file(&path);
    }
    written
}

/// Waits until everything that a supervisor of ours starts is ready.
fn await_own(home: &Home, supervisor: &mut Child) -> Result<Fate, AwayError> {
    let until = Instant::now() + START_PATIENCE;
    let own = i32::try_from(supervisor.id()).unwrap_or_default();
    let mut is_beaten = false;
    loop {
        // In this order: one that has ended has had its time to be seen as the one that serves.
        let ended = supervisor.try_wait().map_err(fail("look after the supervisor"))?;
        let running = what_runs(home)?;
        is_beaten |= running.as_ref().is_some_and(|running| running.pid != own);
        if let Some(how) = ended {
            // The one that was in its way may be gone by now.
            is_beaten |= how.code() == Some(ALREADY.into());
            return Ok(if is_beaten { Fate::Beaten } else { Fate::Ended });
        }
        if running.as_ref().is_some_and(|running| running.pid == own && running.is_ready()) {
            return Ok(Fate::Ready(own));
        }
        if Instant::now() >= until {
            return Err(AwayError::NotReady { waiting_for: waiting_for(running.and_then(|running| running.report)) });
        }
        thread::sleep(LOOK_PAUSE);
    }
}

fn waiting_for(report: Option<StackReport>) -> String {
    let Some(report) = report else {
        return "the supervisor says nothing".into();
    };
    let late = report.processes.iter().filter(|process| process.state != "ready");
    late.map(ProcessReport::describe).collect::<Vec<_>>().join(", ")
}

/// What the log says since a position, the last lines of it.
fn last_lines(log: &Path, begin: u64) -> String {
    let read = || -> io::Result<String> {
        let mut file = bus::plain::open(log, OpenOptions::new().read(true))?;
        let end = file.metadata()?.len();
        file.seek(SeekFrom::Start(begin.max(end.saturating_sub(REASON_BYTES_MAX))))?;
        let mut bytes = Vec::new();
        file.take(REASON_BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_else(|error| format!("(it cannot be read: {error})"));
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(REASON_LINES_MAX)..].join("\n")
}
