//! The supervisor: starts the processes of a home, watches them, starts them again, and leaves nobody behind.
//!
//! It sends no request and opens no socket that asks for an answer, so no sick child can hang it, and it knows nothing
//! of state or terminals, so it has no reason to fail. If it is killed all the same, its children end and the
//! agents go on working; the next supervisor takes over.
//!
//! What its signals mean is said at [`ending::Ending::of`]; who it supervises, in [`table`].

mod child;
mod console;
mod detached;
mod ending;
mod fate;
pub mod left;
mod lock;
mod log;
mod machine;
mod member;
mod mend;
mod notify;
mod place;
mod report;
mod signals;
mod stack;
mod table;

pub use console::Audience;
pub use detached::{Started, end, restart_detached, start_detached, start_with_us, what_runs};
pub use ending::Ending;
pub use lock::ALREADY;
pub use report::{Condition, ProcessReport, Running, StackReport};
pub use table::{find_program, program_folders};

use bus::atomic_file::{Durability, replace};
use bus::contract::{time, version};
use bus::daemon::Notifier;
use bus::daemon::environment::for_daemon;
use bus::daemon::inherit;
use bus::home::{self, Home, HomeError};
use bus::key::RootKey;
use console::Console;
use ending::SIGNALS;
use lock::{Lock, LockError};
use member::{Member, SpawnContext};
use place::Places;
use signals::Signals;
use stack::{SLOW_START, Stack};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Instant;

/// Why a home is not supervised.
#[derive(Debug, thiserror::Error)]
pub enum SuperviseError {
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// It is already.
    #[error("{} is already served by process {pid}; `cccc daemon status` shows it, `cccc daemon stop` ends it", home.display())]
    Already {
        /// By whom; 0 when nobody can say.
        pid: i32,
        /// Which home.
        home: PathBuf,
    },
    /// Something the supervisor needs cannot be had.
    #[error("cannot {action}")]
    Io {
        /// What was attempted.
        action: String,
        /// Why not.
        source: io::Error,
    },
}

/// Runs everything on a home until a signal ends it. `welcome` makes what a person is shown once everything is ready.
///
/// # Errors
///
/// The home is served already, or cannot be. Nothing was started then.
pub fn run(home: &Home, audience: Audience, welcome: fn(&Home) -> String) -> Result<(), SuperviseError> {
    // First of all: what is open now was not opened by us, and nobody of ours may keep it open.
    let cleared = inherit::clear();
    // Our umask stays as the user has it, because the agents get it from us; every file says its own mode. So do our
    // limits.
    home.make()?;
    let lock = take_lock(home)?;
    let fail = |action: &str| {
        let action = action.to_owned();
        move |source| SuperviseError::Io { action, source }
    };
    let signals = Signals::catch(SIGNALS).map_err(fail("catch signals"))?;
    let above = Notifier::of(std::env::var_os("NOTIFY_SOCKET"))
        .map_err(fail("speak to the service manager in NOTIFY_SOCKET"))?;
    let pid = std::process::id();
    write_pid(home).map_err(fail("write the pid file"))?;
    let folders = vec![home.run().to_path_buf(), home.run().join("notify"), home.daemon(), home.root().to_path_buf()];
    home::make_private(&folders[1])?;

    let mut console = Console::new(home, audience);
    console.note(&format!("cccc {} serves {}, pid {pid}", version::PRODUCT, home.root().display()));
    if let Err(error) = cleared {
        console.note(&format!("some of what was inherited stays as it is: {error}"));
    }
    let own = std::env::current_exe().ok();
    let programs = table::program_folders(std::env::var_os("CCCC_LIBEXEC").map(PathBuf::from), own.as_deref());
    let patience = member::patience(std::env::var("CCCC_WATCHDOG_MS").ok().as_deref());
    // Of this start: whoever belongs to another one is not believed.
    let key = RootKey::random();
    let now = Instant::now();
    let members = table::PROCESSES.iter().map(|process| Member::new(process, home, patience, now)).collect();
    let mut stack = Stack {
        place: SpawnContext { home, programs: &programs, key: &key },
        lock,
        places: Places::in_folders(folders, now),
        root: home::Root::open(home.root()).map_err(fail("open the home"))?,
        doubt: None,
        is_displaced: false,
        members,
        signals,
        console: &mut console,
        above,
        welcome,
        path: for_daemon(std::env::vars_os())
            .remove(OsStr::new("PATH"))
            .map(|path| path.to_string_lossy().into_owned()),
        started_at: time::format(time::now()),
        heard_until_ns: report::steady_ns(),
        reported: None,
        was_ready: false,
        slow_at: Some(now + SLOW_START),
        ending: None,
        is_hurried: false,
    };
    let has_ended_all = stack.run();
    // The lock is held until the process ends.
    clear_up(home, &mut stack, has_ended_all);
    Ok(())
}

/// Removes what says who serves a home, and tells that everything has ended.
fn clear_up(home: &Home, stack: &mut Stack<'_>, has_ended_all: bool) {
    let Stack { lock, console, .. } = stack;
    if !has_ended_all {
        console
            .news("some agents may still run, because ptyd could not end them; start again and stop again to end them");
    }
    // Of a supervisor that has lost its place, these are another one's.
    let is_ours = lock.is_in_place(&home.supervisor_lock());
    for path in [home.supervisor_report(), home.pid_file()].into_iter().filter(|_| is_ours) {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                console.note(&format!("cannot remove {}: {error}", path.display()));
            }
            _ => {}
        }
    }
    console.note("everything has ended");
    console.show("Everything has ended.\n");
}

/// Says who serves a home, for clients and people.
fn write_pid(home: &Home) -> io::Result<()> {
    replace(&home.pid_file(), format!("{}\n", std::process::id()).as_bytes(), Durability::WhileRunning)
}

fn take_lock(home: &Home) -> Result<Lock, SuperviseError> {
    let path = home.supervisor_lock();
    match Lock::take(&path) {
        Ok(lock) => Ok(lock),
        Err(LockError::Held) => {
            // Whoever held it a moment ago may be gone, or unknown; it was held all the same.
            let pid = lock::holder(&path).ok().flatten().map_or(0, nix::unistd::Pid::as_raw);
            Err(SuperviseError::Already { pid, home: home.root().to_path_buf() })
        }
        Err(LockError::Io(source)) => {
            Err(SuperviseError::Io { action: format!("open the lock {}", path.display()), source })
        }
    }
}
