//! The exec trampoline: turns the process that `portable-pty` has started into the agent, and tells why that failed.
//!
//! ```text
//!   the holder                                    the new process, in its terminal
//!   listens in the session's folder
//!   portable-pty: ptyhold --become-agent <socket> ─►
//!                 ◄──────────────────────────────  connects
//!   the order ─────────────────────────────────►   enters the directory, resets every signal, executes
//!                 ◄──────────────────────────────  closed on exec: the agent runs; otherwise where it failed, and errno
//! ```
//!
//! `portable-pty` closes every descriptor above 2 in the new process, and with them the one over which the standard
//! library hears of a failed exec: a missing program would look started. So what it executes is this program again, which
//! is there, and that executes the agent. On the way the rest of what it decides for its callers is undone: the variable
//! `SHELL`, a search for the program by rules of its own, the home in place of a directory that is missing, and signals
//! of which it resets six.

use super::not_started::NotStarted;
use super::reaper;
use crate::hold::document::Failure;
use crate::hold::folder::Folder;
use crate::hold::spec::Spec;
use bus::daemon::inherit;
use bus::private_socket::listen;
use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use portable_pty::CommandBuilder;
use std::fs;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// First argument of a `ptyhold` that is to become an agent. Its second is the socket of its holder.
pub const BECOME_AGENT: &str = "--become-agent";

/// This program, also once it was replaced by a newer one or removed.
const THIS_PROGRAM: &str = "/proc/self/exe";

/// Stands for the user's where `portable-pty` would ask the system for it; the agent never sees it.
const ANY_SHELL: &str = "/bin/sh";

/// How often is looked, while the new process has not connected, whether it has ended.
const LOOK_EVERY_MS: u16 = 20;

/// The holder's end. Gone, with its socket, once it is dropped.
#[derive(Debug)]
pub struct Trampoline {
    listener: UnixListener,
    socket: PathBuf,
}

impl Trampoline {
    /// Listens for the new process.
    ///
    /// # Errors
    ///
    /// The socket cannot be made.
    pub fn set_up(folder: &Folder) -> io::Result<Self> {
        let socket = folder.trampoline();
        Ok(Self { listener: listen(&socket)?, socket })
    }

    /// What `portable-pty` is to start. Nothing of the agent is in it but its file mode mask: the rest comes later.
    pub fn command(&self, umask: u32) -> CommandBuilder {
        let mut command =
            CommandBuilder::from_argv(vec![THIS_PROGRAM.into(), BECOME_AGENT.into(), self.socket.clone().into()]);
        command.env_clear();
        // It looks up the shell and the home of the user even where neither is needed.
        command.env("SHELL", ANY_SHELL);
        command.env("HOME", "/");
        command.cwd("/");
        command.umask(Some(umask as libc::mode_t));
        command
    }

    /// Waits until the new process has become the agent, which is returned as it was given.
    ///
    /// # Errors
    ///
    /// It has not, and why. It is gone.
    pub fn carry(self, mut agent: Child, spec: &Spec) -> Result<Child, NotStarted> {
        let not_started = match self.talk(agent.id(), &spec.to_order()) {
            Ok(None) => return Ok(agent),
            Ok(Some(refusal)) => refusal.explain(spec),
            Err(error) => {
                let message = format!("{}: its process got no further: {error}", spec.command[0]);
                NotStarted { failure: Failure::Terminal, message }
            }
        };
        // It may have ended, which it does after a refusal; then there is nobody to kill.
        drop(agent.kill());
        match agent.wait() {
            Ok(_) => Err(not_started),
            Err(error) => Err(not_started.and(&format!(", and that is left: {error}"))),
        }
    }

    /// Hands the order over; `None` when it was executed.
    fn talk(&self, agent: u32, order: &[u8]) -> io::Result<Option<Refusal>> {
        let mut connection = self.accept(agent)?;
        connection.write_all(order)?;
        connection.shutdown(Shutdown::Write)?;
        let mut told = Vec::new();
        connection.read_to_end(&mut told)?;
        match &told[..] {
            [] => Ok(None),
            told => Refusal::from_bytes(told).map(Some).ok_or_else(|| io::ErrorKind::InvalidData.into()),
        }
    }

    /// The connection of one process. Whoever else finds the socket, which only the user can, gets no order.
    fn accept(&self, agent: u32) -> io::Result<UnixStream> {
        loop {
            match self.listener.accept() {
                Ok((connection, _)) => {
                    if getsockopt(&connection, PeerCredentials)?.pid() == agent as i32 {
                        return Ok(connection);
                    }
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            if reaper::has_ended(agent) {
                // The only way to learn that this program itself was not executed.
                return Err(io::Error::other("it ended before it could execute anything"));
            }
            match poll(&mut [PollFd::new(self.listener.as_fd(), PollFlags::POLLIN)], PollTimeout::from(LOOK_EVERY_MS)) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }
}

impl Drop for Trampoline {
    fn drop(&mut self) {
        // One at which nobody listens does no harm, and goes with the folder.
        drop(fs::remove_file(&self.socket));
    }
}

/// Gives this process a `SHELL`. Whenever `portable-pty` describes a command in one that has none, as a holder, it asks
/// for the user's entry in the user database: that may load a library per database into every holder, and wait for a
/// server. Nothing that a holder starts has it from there.
///
/// # Safety
///
/// No other thread exists, as for every change of an environment.
pub unsafe fn spare_the_user_database() {
    #[expect(clippy::disallowed_methods, reason = "the only way to tell portable-pty")]
    // SAFETY: the caller's.
    unsafe {
        std::env::set_var("SHELL", ANY_SHELL);
    }
}

/// Becomes the agent of the holder that listens at a socket: replaces this process, and returns only when that failed.
/// The holder has been told why then.
///
/// # Errors
///
/// There is no such holder, or it is gone.
pub fn become_agent(socket: &Path) -> io::Result<()> {
    let mut holder = UnixStream::connect(socket)?;
    let mut order = Vec::new();
    holder.read_to_end(&mut order)?;
    // One that is cut short is of a holder that was killed: nobody would be there to hold the agent.
    let spec = Spec::from_order(&order).map_err(io::Error::other)?;
    holder.write_all(&execute(&spec).to_bytes())
}

/// Executes the agent. What is left of this process is its number, its terminal, its limits and its file mode mask.
fn execute(spec: &Spec) -> Refusal {
    if let Err(error) = std::env::set_current_dir(&spec.directory) {
        return Refusal::at(Step::Directory, &error);
    }
    if let Err(error) = inherit::give_back_signals() {
        return Refusal::at(Step::Signals, &error);
    }
    let (program, arguments) = spec.command.split_first().expect("a checked spec has a program");
    Refusal::at(Step::Program, &Command::new(program).args(arguments).env_clear().envs(&spec.environment).exec())
}

/// Where a new process got stuck, and on what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Refusal {
    step: Step,
    errno: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Directory,
    Signals,
    Program,
}

/// Steps, and the bytes that name them between two processes of the same program.
const STEPS: &[(Step, u8)] = &[(Step::Directory, b'd'), (Step::Signals, b's'), (Step::Program, b'p')];

impl Refusal {
    fn at(step: Step, error: &io::Error) -> Self {
        // The library itself refuses only what a checked spec does not have, such as a zero byte.
        Self { step, errno: error.raw_os_error().unwrap_or(libc::EINVAL) }
    }

    fn to_bytes(self) -> [u8; 5] {
        let (_, name) = STEPS.iter().find(|(step, _)| *step == self.step).expect("every step has a name");
        let [a, b, c, d] = self.errno.to_ne_bytes();
        [*name, a, b, c, d]
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (name, errno) = bytes.split_first()?;
        let (step, _) = STEPS.iter().find(|(_, known)| known == name)?;
        Some(Self { step: *step, errno: i32::from_ne_bytes(errno.try_into().ok()?) })
    }

    fn explain(self, spec: &Spec) -> NotStarted {
        let program = &spec.command[0];
        let errno = Errno::from_raw(self.errno);
        let words = || io::Error::from(errno).to_string();
        let (failure, what, why) = match (self.step, errno) {
            (Step::Directory, Errno::ENOTDIR) => {
                (Failure::Directory, &spec.directory, "it is not a directory".to_owned())
            }
            (Step::Directory, _) => (Failure::Directory, &spec.directory, words()),
            (Step::Program, Errno::ENOENT) if !program.contains('/') => {
                (Failure::Program, program, "it is not on the session's PATH".to_owned())
            }
            (Step::Program, Errno::ENOENT) => {
                (Failure::Program, program, "there is no such file, or not the interpreter it names".to_owned())
            }
            (Step::Program, Errno::EACCES) => (Failure::Program, program, "it is not executable".to_owned()),
            // The machine is short of processes or memory, which is not the program's fault.
            (Step::Program, Errno::EAGAIN | Errno::ENOMEM) | (Step::Signals, _) => {
                (Failure::Terminal, program, words())
            }
            (Step::Program, _) => (Failure::Program, program, words()),
        };
        NotStarted { failure, message: format!("{what}: {why}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_arrives_as_it_was_told() {
        for (step, _) in STEPS {
            let refusal = Refusal { step: *step, errno: libc::E2BIG };
            assert_eq!(Refusal::from_bytes(&refusal.to_bytes()), Some(refusal));
        }
        for bytes in [&b""[..], b"p", b"p\0\0\0", b"p\0\0\0\0\0", b"x\0\0\0\0"] {
            assert_eq!(Refusal::from_bytes(bytes), None);
        }
    }

    /// Who was not started for it gets no order, and one that has ended is not waited for.
    #[test]
    fn a_stranger_gets_no_order() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("0190c3f4a1b27c3d8e4f5a6b7c8d9e0f");
        let folder = Folder::make(&path).unwrap();
        let trampoline = Trampoline::set_up(&folder).unwrap();
        let mut stranger = UnixStream::connect(folder.trampoline()).unwrap();
        let order = [
            "ptyhold 1",
            "0190c3f4a1b27c3d8e4f5a6b7c8d9e0f",
            "g",
            "a",
            "1",
            "80",
            "24",
            "65536",
            "18",
            "/",
            "1",
            "sh",
            "0",
            "end",
        ];
        let spec = Spec::from_order(format!("{}\0", order.join("\0")).as_bytes()).unwrap();
        let not_started = trampoline.carry(Command::new("true").spawn().unwrap(), &spec).unwrap_err();
        assert_eq!(not_started.failure, Failure::Terminal);
        assert!(not_started.message.starts_with("sh: its process got no further: it ended"), "{}", not_started.message);
        let mut order = Vec::new();
        stranger.read_to_end(&mut order).unwrap();
        assert_eq!(order, b"");
        assert!(!folder.trampoline().exists());
    }

    /// What `portable-pty` would ask the user database for otherwise.
    #[test]
    fn nothing_is_left_to_be_looked_up() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::make(home.path().join("session")).unwrap();
        let command = Trampoline::set_up(&folder).unwrap().command(0o022);
        assert_eq!(command.get_env("SHELL"), Some(ANY_SHELL.as_ref()));
        assert_eq!(command.get_env("HOME"), Some("/".as_ref()));
        assert_eq!(command.iter_full_env_as_str().count(), 2);
        assert_eq!(command.get_argv()[0], THIS_PROGRAM);
    }
}
