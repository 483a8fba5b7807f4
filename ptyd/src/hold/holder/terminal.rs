//! The pseudo terminal and the agent in it.
//!
//! `portable-pty` opens it, sizes it, and starts a process in it as the leader of a session of its own; that becomes the
//! agent on the [`trampoline`](super::trampoline). Its reader and its writer are not taken: the one waits, and hides the
//! descriptor to wait for, the other types a line end and Ctrl-D when it is dropped. Both go through a descriptor of ours
//! for the same end.

use super::not_started::NotStarted;
use super::trampoline::Trampoline;
use crate::hold::document::Failure;
use crate::hold::folder::Folder;
use crate::hold::spec::Spec;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::libc;
use nix::unistd::Pid;
use portable_pty::{MasterPty, PtySize, SlavePty, native_pty_system};
use std::error::Error;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::process::Child;

nix::ioctl_write_int_bad!(open_slave, libc::TIOCGPTPEER);
nix::ioctl_read_bad!(get_unread, libc::FIONREAD, libc::c_int);

/// Our end of a pseudo terminal.
pub struct Terminal {
    pty: Box<dyn MasterPty + Send>,
    /// The same end, to read and to write.
    master: File,
    slave: Option<Slave>,
    /// It could not be read, so nothing more is expected of it.
    is_broken: bool,
}

/// The programs' end. Kept open while the agent runs, so that a program that closes its terminal for a moment does not
/// look like the end of the session.
struct Slave {
    pty: Box<dyn SlavePty + Send>,
    /// The same end, to ask for what is unread, where the system can open it again.
    input: Option<OwnedFd>,
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
        let pair = native_pty_system().openpty(size(cols, rows)).map_err(|error| io_error(&*error))?;
        let raw = pair.master.as_raw_fd().expect("a terminal of this system has a descriptor");
        let master = File::from(duplicate(raw)?);
        let flags = OFlag::from_bits_retain(fcntl(raw, FcntlArg::F_GETFL)?);
        fcntl(raw, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
        let slave = Slave { pty: pair.slave, input: input(&master) };
        Ok(Self { pty: pair.master, master, slave: Some(slave), is_broken: false })
    }

    /// Starts the agent as the leader of a session whose terminal this is. Returns once the program was executed.
    ///
    /// # Errors
    ///
    /// The program does not run, and why.
    pub fn start(&self, spec: &Spec, folder: &Folder) -> Result<Child, NotStarted> {
        let failed = |action: &str, error: &io::Error| NotStarted {
            failure: Failure::Terminal,
            message: format!("cannot {action}: {error}"),
        };
        let trampoline = Trampoline::set_up(folder)
            .map_err(|error| failed(&format!("listen at {}", folder.trampoline().display()), &error))?;
        let slave = self.slave.as_ref().expect("nothing was started in it yet");
        let child = slave.pty.spawn_command(trampoline.command(spec.umask));
        let child: Box<dyn portable_pty::Child> =
            child.map_err(|error| failed("start a process in a terminal", &io_error(&*error)))?;
        // Its own word for how a process ended has no number of a signal.
        let child = child.downcast::<Child>().expect("a process of this system is the standard library's");
        trampoline.carry(*child, spec)
    }

    /// Tells the terminal its size; the programs in it get a signal when it is another.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub fn resize(&self, cols: u16, rows: u16) -> io::Result<()> {
        self.pty.resize(size(cols, rows)).map_err(|error| io_error(&*error))
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
        unsafe { get_unread(self.slave.as_ref()?.input.as_ref()?.as_raw_fd(), &mut count) }.ok()?;
        u32::try_from(count).ok()
    }

    /// The group that is in the foreground, if there is one.
    pub fn foreground(&self) -> Option<Pid> {
        self.pty.process_group_leader().filter(|group| *group > 1).map(Pid::from_raw)
    }

    /// Closes the programs' end here too, so that [`read`](Self::read) tells when the last of them has closed it.
    pub fn expect_end(&mut self) {
        self.slave = None;
    }
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminal")
            .field("master", &self.master)
            .field("has_slave", &self.slave.is_some())
            .field("is_broken", &self.is_broken)
            .finish_non_exhaustive()
    }
}

/// A second descriptor for what one of `portable-pty` stands for, which no program inherits.
fn duplicate(raw: i32) -> io::Result<OwnedFd> {
    // SAFETY: whoever calls has the owner of the descriptor, so it is open.
    unsafe { BorrowedFd::borrow_raw(raw) }.try_clone_to_owned()
}

/// The programs' end of a terminal, once more: `portable-pty` shows no descriptor of the one it has opened. Not by its
/// name, which may be another's where the terminals of the system are not mounted in their place.
fn input(master: &File) -> Option<OwnedFd> {
    let flags = libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC;
    // SAFETY: the descriptor is open as long as `master`, and the kernel takes a number.
    let raw = unsafe { open_slave(master.as_raw_fd(), flags) }.ok()?;
    // SAFETY: it was just opened, and nobody else has it.
    Some(unsafe { OwnedFd::from_raw_fd(raw) })
}

/// The system's own error. Some of those of `portable-pty` are texts, made right after the call that failed and only for
/// programmers; the number is still there then.
fn io_error(error: &(dyn Error + Send + Sync + 'static)) -> io::Error {
    let number = error.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error);
    number.map_or_else(io::Error::last_os_error, io::Error::from_raw_os_error)
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};

    /// A terminal that cannot be read is a trouble to be noted, once, and nothing to be waited for: it would be ready
    /// for ever.
    #[test]
    fn a_broken_terminal_is_told_once() {
        // What a directory says to a reader is not what a terminal says whose other end is closed.
        let master = File::open("/").unwrap();
        let mut terminal = Terminal { master, ..Terminal::open(80, 24).unwrap() };
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

    /// The writer of `portable-pty` would type a line end and Ctrl-D. Seen through a second descriptor of our end, without
    /// which the system hangs up on the programs before they can read the last bytes.
    #[test]
    fn a_terminal_that_is_closed_types_nothing() {
        let terminal = Terminal::open(80, 24).unwrap();
        let slave = input(&terminal.master).unwrap();
        let mut mode = tcgetattr(&slave).unwrap();
        cfmakeraw(&mut mode);
        tcsetattr(&slave, SetArg::TCSANOW, &mode).unwrap();
        let mut master = terminal.master.try_clone().unwrap();
        drop(terminal);
        master.write_all(b"last").unwrap();
        let mut typed = [0; 4];
        File::from(slave).read_exact(&mut typed).unwrap();
        assert_eq!(&typed, b"last");
    }
}
