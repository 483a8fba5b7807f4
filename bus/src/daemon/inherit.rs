//! What a process has from its parent beside its environment: open descriptors, blocked and ignored signals, limits.
//!
//! A program of ours depends on none of it. It may have been started by a shell script that holds a lock on descriptor 9,
//! by a program that blocks or ignores SIGCHLD, or under `ulimit`; then a lock would be held for ever, the end of a
//! child would never be heard, and a file that may not grow would kill the writer.
//!
//! [`hear`] is for every program of ours, [`clear`] for those that stay. Both are called first of all: they close and
//! change what they did not make.

use super::disposition;
use nix::libc;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigHandler, SigSet, Signal, signal};
use nix::unistd::close;
use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::OnceLock;

/// Soft limit of open files that this process was started with, once it has raised its own.
static OPEN_FILES_BEFORE: OnceLock<u64> = OnceLock::new();

/// Lets this process hear its children and survive a file that may not grow: blocks no signal, takes SIGCHLD, and
/// ignores SIGXFSZ, so that the write fails with an error (`EFBIG`) that is handled as any other.
///
/// # Errors
///
/// The system refuses, which it has no reason to.
pub fn hear() -> io::Result<()> {
    SigSet::empty().thread_set_mask()?;
    disposition::hear(libc::SIGCHLD)?;
    // SAFETY: to ignore a signal runs no code of ours.
    unsafe { signal(Signal::SIGXFSZ, SigHandler::SigIgn) }?;
    Ok(())
}

/// The same for a process that stays, which also closes every descriptor above 2 and ignores no signal that its parent
/// ignored. SIGPIPE stays ignored, because the language's runtime wants it so.
///
/// # Errors
///
/// The open descriptors cannot be listed, or the system refuses.
pub fn clear() -> io::Result<()> {
    disposition::reset_ignored(&[libc::SIGPIPE])?;
    hear()?;
    close_descriptors()
}

/// In a new process, before it becomes a program of somebody else's: no signal is ignored, caught or blocked. Makes
/// system calls only, as is demanded between fork and exec.
///
/// # Errors
///
/// The system refuses, which it has no reason to.
pub fn give_back_signals() -> io::Result<()> {
    disposition::reset(&[])?;
    // The library starts programs with the mask of the thread that starts them.
    SigSet::empty().thread_set_mask()?;
    Ok(())
}

/// Closes everything but the standard streams.
fn close_descriptors() -> io::Result<()> {
    let listed: Vec<i32> =
        fs::read_dir("/dev/fd")?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    for fd in listed.into_iter().filter(|fd| *fd > 2) {
        // One of them was the listing itself, which is closed already.
        let _ = close(fd);
    }
    Ok(())
}

/// Raises the soft limit of open files to the hard one: shells start programs with far less than a daemon with many
/// clients needs. [`give_back_limits`] undoes it for what is started from here.
///
/// # Errors
///
/// The system refuses; the limit is then as it was.
pub fn raise_open_files() -> io::Result<()> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft < hard {
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
        // Set once: what was there first is the user's.
        let _ = OPEN_FILES_BEFORE.set(soft);
    }
    Ok(())
}

/// Has a program started with the limits that the user has, and not with ours.
pub fn give_back_limits(command: &mut Command) {
    let Some(soft) = OPEN_FILES_BEFORE.get().copied() else { return };
    let give_back = move || {
        let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
        Ok(setrlimit(Resource::RLIMIT_NOFILE, soft.min(hard), hard)?)
    };
    // SAFETY: between fork and exec the closure makes two system calls; it allocates nothing and takes no lock.
    unsafe {
        command.pre_exec(give_back);
    }
}
