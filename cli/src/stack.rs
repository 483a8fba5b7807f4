//! Whether the daemons run, and starting them for a command that needs them.

use crate::failure::Failure;
use crate::supervise;
use bus::contract::{Code, OpError};
use bus::home::Home;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

/// Makes sure that there is somebody to ask, and says so on standard error when that meant starting them.
///
/// # Errors
///
/// They do not run and may not be started, or do not start.
pub fn ensure(home: &Home, may_start: bool) -> Result<(), Failure> {
    // Without our supervisor a service manager may have started what listens. It is knocked at only then: a bus
    // socket takes a visitor who says nothing for a fault, and lets the next one wait for a tenth of a second.
    if supervise::what_runs(home).map_err(Failure::failed)?.is_some()
        || UnixStream::connect(home.ledger_socket()).is_ok()
    {
        return Ok(());
    }
    let place = home.root().display();
    if !may_start {
        let sentence = format!("cccc does not run in {place}; start it with `cccc daemon start`");
        return Err(OpError::new(Code::DaemonUnavailable, sentence).into());
    }
    supervise::start_detached(home).map_err(Failure::failed)?;
    eprintln!("started cccc in the background, home {place}; `cccc daemon stop` ends it");
    Ok(())
}

/// One of our programs.
///
/// # Errors
///
/// It is not installed.
pub fn program(name: &str) -> Result<PathBuf, Failure> {
    let libexec = std::env::var_os("CCCC_LIBEXEC").map(PathBuf::from);
    let folders = supervise::program_folders(libexec, std::env::current_exe().ok().as_deref());
    supervise::find_program(name, &folders).map_err(Failure::Failed)
}
