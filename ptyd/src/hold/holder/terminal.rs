//! The pseudo terminal and the agent in it.
//!
//! Made with `nix` and the standard library's `Command`, not with `portable-pty`: that one closes the descriptor over
//! which a failed exec is reported, so a missing program looks like a started one; its writer types Ctrl-D when it is
//! dropped; and it brings an error library and the serial ports of the machine along.

use crate::hold::document::Failure;
use crate::hold::order::Spec;
use bus::daemon::inherit;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::libc;
use nix::pty::{Winsize, openpty};
use nix::sys::stat::{Mode, umask};
use nix::unistd::{AccessFlags, Pid, access, setsid};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

nix::ioctl_write_ptr_bad!(set_size, libc::TIOCSWINSZ, Winsize);
nix::ioctl_write_int_bad!(set_controlling, libc::TIOCSCTTY);
nix::ioctl_read_bad!(get_unread, libc::FIONREAD, libc::c_int);

/// Why an agent was not started.
#[derive(Debug)]
pub struct NotStarted {
    /// For programs.
    pub failure: Failure,
    /// For people.
    pub message: String,
}

/// Our end of a pseudo terminal.
#[derive(Debug)]
pub struct Terminal {
    master: File,
    /// Kept open while the agent runs, so that a program that closes its terminal for a moment does not look like
    /// the end of the session.
    slave: Option<OwnedFd>,
    /// It could not be read, so nothing more is expected of it.
    is_broken: bool,
}

/// What reading a terminal gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Got {
    /// So many bytes.
    Bytes(usize),
    /// Nothing now.
    Nothing,
    /// Nobody has the terminal open any more.
    HungUp,
}

impl Terminal {
    /// Opens a new terminal of a size. No program inherits our end of it.
    ///
    /// # Errors
    ///
    /// The system has none left, or refuses.
    pub fn open(cols: u16, rows: u16) -> io::Result<Self> {
        let pair = openpty(&winsize(cols, rows), None)?;
        for end in [&pair.master, &pair.slave] {
            fcntl(end.as_raw_fd(), FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
        }
        let flags = OFlag::from_bits_retain(fcntl(pair.master.as_raw_fd(), FcntlArg::F_GETFL)?);
        fcntl(pair.master.as_raw_fd(), FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
        Ok(Self { master: pair.master.into(), slave: Some(pair.slave), is_broken: false })
    }

    /// Starts the agent as the leader of a session whose terminal this is. Returns once the program was executed.
    ///
    /// # Errors
    ///
    /// The program does not run, and why.
    pub fn start(&self, spec: &Spec) -> Result<Child, NotStarted> {
        check_directory(&spec.directory)?;
        let terminal_failed = |error: io::Error| NotStarted {
            failure: Failure::Terminal,
            message: format!("cannot hand the terminal over: {error}"),
        };
        let slave = self.slave.as_ref().expect("nothing was started in it yet");
        let stdio = || slave.try_clone().map(Stdio::from).map_err(terminal_failed);
        let (program, arguments) = spec.command.split_first().expect("a checked spec has a program");
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(&spec.environment).current_dir(&spec.directory);
        command.stdin(stdio()?).stdout(stdio()?).stderr(stdio()?);
        let mask = Mode::from_bits_truncate(spec.umask as libc::mode_t);
        // SAFETY: between fork and exec the closure makes system calls only; it allocates nothing and takes no lock.
        unsafe { command.pre_exec(move || become_leader(mask)) };
        command.spawn().map_err(|error| not_executed(program, &error))
    }

    /// Tells the terminal its size; the programs in it get a signal when it is another.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub fn resize(&self, cols: u16, rows: u16) -> io::Result<()> {
        // SAFETY: the descriptor is open as long as `self`, and the kernel only reads the size, which lives until after.
        unsafe { set_size(self.master.as_raw_fd(), &winsize(cols, rows)) }?;
        Ok(())
    }

    /// Reads what the programs have written; never waits.
    ///
    /// # Errors
    ///
    /// The terminal is broken. Told once: afterwards nobody has it open any more, as far as it can be known.
    pub fn read(&mut self, into: &mut [u8]) -> io::Result<Got> {
        if self.is_broken {
            return Ok(Got::HungUp);
        }
        loop {
            return match self.master.read(into) {
                Ok(0) => Ok(Got::HungUp),
                Ok(count) => Ok(Got::Bytes(count)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Got::Nothing),
                // What a terminal says when its other end is closed.
                Err(error) if error.raw_os_error() == Some(libc::EIO) => Ok(Got::HungUp),
                Err(error) => {
                    self.is_broken = true;
                    Err(error)
                }
            };
        }
    }

    /// What to wait for, unless it is broken.
    pub fn to_wait_for(&self) -> Option<BorrowedFd<'_>> {
        (!self.is_broken).then(|| self.master.as_fd())
    }

    /// Types; never waits.
    ///
    /// # Errors
    ///
    /// `WouldBlock` when the programs have not read what was typed before.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.master.write(bytes)
    }

    /// How many typed bytes the programs have not read yet, as far as the system says; a line that has not ended does not
    /// count.
    pub fn unread(&self) -> Option<u32> {
        let mut count: libc::c_int = 0;
        // SAFETY: the descriptor is open as long as `self`, and the kernel only writes the count, which lives until after.
        unsafe { get_unread(self.slave.as_ref()?.as_raw_fd(), &mut count) }.ok()?;
        u32::try_from(count).ok()
    }

    /// The group that is in the foreground, if there is one.
    pub fn foreground(&self) -> Option<Pid> {
        nix::unistd::tcgetpgrp(&self.master).ok().filter(|group| group.as_raw() > 1)
    }

    /// Closes the programs' end here too, so that [`read`](Self::read) tells when the last of them has closed it.
    pub fn expect_end(&mut self) {
        self.slave = None;
    }
}

/// In the new process, before the program: a session of its own, this terminal as the controlling one, and every
/// signal as if nobody above had ever ignored or blocked one.
fn become_leader(mask: Mode) -> io::Result<()> {
    setsid()?;
    // SAFETY: descriptor 0 is the terminal, put there by `Command`; 0 means: do not steal it from another session.
    unsafe { set_controlling(0, 0) }?;
    inherit::give_back_signals()?;
    umask(mask);
    Ok(())
}

/// Checked beforehand, because afterwards a missing directory and a missing program are the same error.
fn check_directory(directory: &str) -> Result<(), NotStarted> {
    let problem = match std::fs::metadata(directory) {
        Ok(data) if !data.is_dir() => "it is not a directory".to_owned(),
        Ok(_) => match access(Path::new(directory), AccessFlags::X_OK) {
            Ok(()) => return Ok(()),
            Err(errno) => errno.desc().to_lowercase(),
        },
        Err(error) => error.to_string(),
    };
    Err(NotStarted { failure: Failure::Directory, message: format!("{directory}: {problem}") })
}

fn not_executed(program: &str, error: &io::Error) -> NotStarted {
    let errno = error.raw_os_error().map(Errno::from_raw);
    let (failure, why) = match errno {
        Some(Errno::ENOENT) if !program.contains('/') => {
            (Failure::Program, "it is not on the session's PATH".to_owned())
        }
        Some(Errno::ENOENT) => (Failure::Program, "there is no such file, or not the interpreter it names".to_owned()),
        Some(Errno::EACCES) => (Failure::Program, "it is not executable".to_owned()),
        // The machine is short of processes or memory, which is not the program's fault.
        Some(Errno::EAGAIN | Errno::ENOMEM) => (Failure::Terminal, error.to_string()),
        Some(_) | None => (Failure::Program, error.to_string()),
    };
    NotStarted { failure, message: format!("{program}: {why}") }
}

fn winsize(cols: u16, rows: u16) -> Winsize {
    Winsize { ws_row: rows, ws_col: cols, ws_xpixel: 0, ws_ypixel: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A terminal that cannot be read is a trouble to be noted, once, and nothing to be waited for: it would be ready
    /// for ever.
    #[test]
    fn a_broken_terminal_is_told_once() {
        // What a directory says to a reader is not what a terminal says whose other end is closed.
        let master = File::open("/").unwrap();
        let mut terminal = Terminal { master, slave: None, is_broken: false };
        assert!(terminal.to_wait_for().is_some());
        let mut bytes = [0; 8];
        assert_eq!(terminal.read(&mut bytes).unwrap_err().raw_os_error(), Some(libc::EISDIR));
        assert!(terminal.to_wait_for().is_none());
        for _ in 0..3 {
            assert_eq!(terminal.read(&mut bytes).unwrap(), Got::HungUp);
        }
    }

    #[test]
    fn a_terminal_without_programs_is_not_broken() {
        let mut terminal = Terminal::open(80, 24).unwrap();
        let mut bytes = [0; 8];
        assert_eq!(terminal.read(&mut bytes).unwrap(), Got::Nothing);
        terminal.expect_end();
        assert_eq!(terminal.read(&mut bytes).unwrap(), Got::HungUp);
        assert!(terminal.to_wait_for().is_some());
    }
}
