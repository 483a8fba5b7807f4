//! `ptyhold <folder>`: holds one terminal. Started by ptyd, belongs to nobody.
//!
//! Reads an order from standard input (it has secrets in it, so it is never on a command line), leaves a grandchild in
//! charge that nobody waits for, and has that one report on standard output whether the agent runs. Everything else is
//! in `hold::holder`, also what `ptyhold --become-agent` does, which a holder starts in its terminal.

use bus::daemon::inherit;
use nix::sys::stat::{Mode, umask};
use nix::unistd::{ForkResult, chdir, dup2, fork, setsid};
use ptyd::hold::document::{Failure, Report};
use ptyd::hold::holder::{self, NotStarted};
use ptyd::hold::spec::ORDER_BYTES_MAX;
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: ptyhold <folder>   (started by ptyd, with an order on standard input)";

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match folder.to_str() {
        Some("--version" | "-V") => println!("ptyhold {}", env!("CARGO_PKG_VERSION")),
        Some("--help" | "-h") => println!("{USAGE}"),
        Some(holder::BECOME_AGENT) => return become_agent(),
        Some(_) | None => return hold(Path::new(&folder)),
    }
    ExitCode::SUCCESS
}

/// This program again, in the terminal: it is replaced by the agent, so nobody reads about it, and it is not for people.
fn become_agent() -> ExitCode {
    let socket = std::env::args_os().nth(2).unwrap_or_default();
    if let Err(error) = holder::become_agent(Path::new(&socket)) {
        eprintln!("ptyhold: no holder has an agent to start at {}: {error}", socket.display());
    }
    ExitCode::FAILURE
}

fn hold(folder: &Path) -> ExitCode {
    match detach() {
        Ok(Place::Starter) => return ExitCode::SUCCESS,
        Ok(Place::Holder) => {}
        Err(error) => {
            let message = format!("cannot step into the background: {error}");
            return failed(NotStarted { failure: Failure::Terminal, message });
        }
    }
    match order().and_then(|order| holder::start(folder, &order)) {
        Ok((holder, meta)) => {
            report(&Report::Started(Box::new(meta)));
            let_go_of_stdio();
            holder.run();
            ExitCode::SUCCESS
        }
        Err(not_started) => failed(not_started),
    }
}

/// Which process this is after the split.
enum Place {
    /// The one that was started, which has nothing to do any more.
    Starter,
    /// The one that stays.
    Holder,
}

/// Belongs to nobody from here on: no parent that waits, no terminal, no group, no folder, no inherited descriptor, no
/// signal that somebody above has blocked or ignored.
fn detach() -> io::Result<Place> {
    // Also a socket that slipped in: it would seem to be listened to for weeks.
    inherit::clear()?;
    // SAFETY: no other thread exists, so the new process has everything the old one had, in a usable state.
    match unsafe { fork() }? {
        ForkResult::Parent { .. } => return Ok(Place::Starter),
        ForkResult::Child => {}
    }
    setsid()?;
    umask(Mode::from_bits_truncate(0o077));
    chdir("/")?;
    Ok(Place::Holder)
}

fn order() -> Result<Vec<u8>, NotStarted> {
    let mut order = Vec::new();
    let read = io::stdin().lock().take(ORDER_BYTES_MAX as u64).read_to_end(&mut order);
    read.map_err(|error| NotStarted { failure: Failure::Spec, message: format!("cannot read the order: {error}") })?;
    Ok(order)
}

fn failed(not_started: NotStarted) -> ExitCode {
    report(&Report::Failed { failure: not_started.failure, message: not_started.message });
    ExitCode::FAILURE
}

/// One line on standard output. Whoever asked may be gone; then the folder tells the next one.
fn report(report: &Report) {
    let mut line = serde_json::to_vec(report).expect("a report is plain data");
    line.push(b'\n');
    drop(io::stdout().write_all(&line));
    drop(io::stdout().flush());
}

/// From here on the standard streams lead nowhere, and whoever waits for the end of the report has it.
fn let_go_of_stdio() {
    let null = OpenOptions::new().read(true).write(true).open("/dev/null").expect("every system has /dev/null");
    for stream in 0..=2 {
        dup2(null.as_raw_fd(), stream).expect("an open descriptor can be doubled");
    }
}
