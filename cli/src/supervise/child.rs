//! One life of one child: how it is started, what it says, and the signals it gets.

use super::notify::{Notice, NotifySocket};
use super::table::Process;
use bus::daemon::environment::for_daemon;
use bus::home::Home;
use bus::key::RootKey;
use bus::key::held;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpid};
use std::io::{self, PipeReader, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// Bytes taken from a child's output in one turn.
const OUTPUT_BYTES_PER_TURN: usize = 64 * 1024;

/// Bytes taken at most once a child has ended; a grandchild may hold the pipe open and go on writing.
const LAST_WORDS_BYTES_MAX: usize = 1024 * 1024;

/// A running child.
#[derive(Debug)]
pub struct Child {
    pid: Pid,
    ear: NotifySocket,
    output: Option<PipeReader>,
}

impl Child {
    /// Starts a process. Its watchdog fires after `silence`.
    ///
    /// It gets a process group of its own, so that Ctrl-C in our terminal is ours to pass on, and SIGTERM when we die,
    /// so that the next supervisor does not meet the daemons of this one. It proves who it is with a key of this
    /// supervisor's start, which it finds on its standard input.
    ///
    /// # Errors
    ///
    /// Its program cannot be run, or the system has no room for it.
    pub fn spawn(
        process: &Process,
        program: PathBuf,
        home: &Home,
        root: &RootKey,
        silence: Duration,
    ) -> io::Result<Self> {
        let ear = NotifySocket::open(home.run(), process.name)?;
        let (output, input) = io::pipe()?;
        let mut command = Command::new(program);
        command
            .args(process.args)
            .arg("--home")
            .arg(home.root())
            .current_dir(home.root())
            .stdin(held::hand(root, process.process)?)
            .stdout(input.try_clone()?)
            .stderr(input)
            .process_group(0);
        command.env_clear().envs(for_daemon(std::env::vars_os()));
        command
            .env(held::VARIABLE, held::DESCRIPTOR)
            .env("NOTIFY_SOCKET", ear.path())
            .env("WATCHDOG_USEC", silence.as_micros().to_string());
        tell_of_our_end(&mut command, Signal::SIGTERM);
        let flags = fcntl(output.as_raw_fd(), FcntlArg::F_GETFL)?;
        fcntl(output.as_raw_fd(), FcntlArg::F_SETFL(OFlag::from_bits_retain(flags) | OFlag::O_NONBLOCK))?;
        let child = command.spawn()?;
        let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
        Ok(Self { pid: Pid::from_raw(pid), ear, output: Some(output) })
    }

    /// Its process id; valid until it is waited for.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// What becomes readable when it says something in the notify protocol.
    pub fn ear(&self) -> BorrowedFd<'_> {
        self.ear.as_fd()
    }

    /// Makes the socket again on which it speaks, if that was removed. What it said meanwhile is lost. Returns whether it
    /// was.
    ///
    /// # Errors
    ///
    /// The socket cannot be put in place; the child is not heard until it can.
    pub fn mend_ear(&mut self, home: &Home, name: &str) -> io::Result<bool> {
        let is_lost = !self.ear.is_in_place();
        if is_lost {
            self.ear = NotifySocket::open(home.run(), name)?;
        }
        Ok(is_lost)
    }

    /// What becomes readable when it writes to its log; nothing once it has closed it.
    pub fn output(&self) -> Option<BorrowedFd<'_>> {
        self.output.as_ref().map(AsFd::as_fd)
    }

    /// What it has said since the last time.
    ///
    /// # Errors
    ///
    /// Its socket is broken.
    pub fn hear(&self) -> io::Result<Vec<Notice>> {
        self.ear.hear()
    }

    /// What it has written since the last time, not more than a turn's worth.
    pub fn read(&mut self) -> Vec<u8> {
        self.take(OUTPUT_BYTES_PER_TURN)
    }

    /// The rest of what it has written, once it has ended.
    pub fn last_words(mut self) -> Vec<u8> {
        self.take(LAST_WORDS_BYTES_MAX)
    }

    fn take(&mut self, bytes_max: usize) -> Vec<u8> {
        let mut taken = Vec::new();
        let mut piece = [0; 16 * 1024];
        while let Some(output) = &mut self.output
            && taken.len() < bytes_max
        {
            match output.read(&mut piece) {
                Ok(count) if count > 0 => taken.extend_from_slice(&piece[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // The end, or a broken pipe, which is the end as well.
                Ok(_) | Err(_) => self.output = None,
            }
        }
        taken
    }

    /// Sends it a signal. It has not been waited for, so the number is still its own.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        Ok(kill(self.pid, signal)?)
    }
}

/// Has the system send the child a signal when the thread that starts it ends, in whatever way. When the whole process
/// ends, the signal comes once for each of its threads, because the child is handed from one to the next.
pub fn tell_of_our_end(command: &mut Command, signal: Signal) {
    use nix::errno::Errno;
    use nix::sys::prctl::set_pdeathsig;
    let starter = getpid();
    let ask = move || {
        set_pdeathsig(signal)?;
        // We may have died before the wish was known.
        if nix::unistd::getppid() == starter { Ok(()) } else { Err(Errno::ESRCH.into()) }
    };
    // SAFETY: between fork and exec only async-signal-safe calls are allowed; `prctl` and `getppid` are, and neither
    // they nor the conversion of an error number take memory or locks.
    unsafe {
        command.pre_exec(ask);
    }
}
