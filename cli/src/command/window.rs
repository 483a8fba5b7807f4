//! A window on an agent's live terminal: its bytes to ours, our keys to it, until Ctrl-\.
//!
//! Our terminal is put back as it was on every way out, and the modes that the agent's output may have switched
//! on in it (mouse, paste, the other screen) are switched off.

use super::{Context, Failure, stack};
use bus::contract::op::terminal::{Attach, Introduced, Introduction, Resize};
use bus::contract::{Op, Principal, limit};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGTERM, SIGWINCH};
use signal_hook::low_level::pipe;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// How long ptyd may take to say yes or no.
const INTRODUCTION_PATIENCE: Duration = Duration::from_secs(10);

/// Ctrl-\ as a terminal sends it: plainly, and in the two ways that programs can ask for.
const DETACH: [&[u8]; 3] = [b"\x1c", b"\x1b[92;5u", b"\x1b[27;5;92~"];

/// Switches off what an agent's program may have switched on: keyboard modes, mouse, paste, focus, the other
/// screen, a hidden cursor, colours.
const RESET: &[u8] = b"\x1b[<u\x1b[>4m\x1b[?1l\x1b>\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1004l\x1b[?1049l\x1b[?25h\x1b[0m\r\n";

/// Our terminal in raw mode; dropping it puts everything back.
struct Raw {
    before: Termios,
}

impl Raw {
    fn set() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        cfmakeraw(&mut raw);
        tcsetattr(io::stdin(), SetArg::TCSANOW, &raw)?;
        Ok(Self { before })
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let mut out = io::stdout().lock();
        // If our terminal is gone there is nothing to put back.
        let _ = out.write_all(RESET).and_then(|()| out.flush());
        let _ = tcsetattr(io::stdin(), SetArg::TCSAFLUSH, &self.before);
    }
}

/// Why the window closed.
enum End {
    /// The person pressed Ctrl-\, or this program was told to end.
    Detached,
    /// The other end hung up: the agent's session has ended, or ptyd has.
    HungUp,
}

/// Shows an agent's terminal until Ctrl-\ or its end. With `may_type`, keys reach the agent, and its terminal
/// takes the size of this one.
///
/// # Errors
///
/// The refusal, this is no terminal, or the connection broke.
pub fn show(context: &Context, request: &Attach, principal: &Principal, may_type: bool) -> Result<(), Failure> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        let (actor_id, place) = (&request.actor_id, context.place());
        let sentence = format!("this is no terminal; use `cccc terminal tail {actor_id}{place}`");
        return Err(Failure::Usage(sentence));
    }
    stack::ensure(context)?;
    let mut ptyd = introduce(context, request, principal, may_type).map_err(|error| broken(&error))??;
    eprintln!("{} — detach with Ctrl-\\", crate::print::safe::line(&request.actor_id));
    let resize = || {
        if may_type {
            fit(context, request, principal)
        }
    };
    resize();
    let end = {
        let _raw = Raw::set().map_err(|error| broken(&error))?;
        carry(&mut ptyd, may_type, resize).map_err(|error| broken(&error))?
    };
    match end {
        End::Detached => eprintln!("detached; {} goes on", crate::print::safe::line(&request.actor_id)),
        End::HungUp => eprintln!("the terminal of {} was closed", crate::print::safe::line(&request.actor_id)),
    }
    Ok(())
}

fn broken(error: &io::Error) -> Failure {
    Failure::Failed(format!("cannot show the terminal: {error}; see `cccc daemon status`"))
}

/// Gives the agent's terminal the size of this one. If it cannot be had the picture is less neat, and that is all.
fn fit(context: &Context, request: &Attach, principal: &Principal) {
    let Some((width, height)) = terminal_size::terminal_size_of(io::stdout()) else { return };
    let Attach { group_id, actor_id } = request.clone();
    let resize = Resize { group_id, actor_id, cols: Some(i64::from(width.0)), rows: Some(i64::from(height.0)) };
    drop(context.ask_as(Op::TermResize(resize), principal.clone()));
}

fn introduce(
    context: &Context,
    request: &Attach,
    principal: &Principal,
    may_type: bool,
) -> io::Result<Result<UnixStream, Failure>> {
    let mut ptyd = UnixStream::connect(context.home().attach_socket())?;
    ptyd.set_read_timeout(Some(INTRODUCTION_PATIENCE))?;
    ptyd.write_all(&Introduction::new(request, principal, may_type).to_line())?;
    let answer = first_line(&mut ptyd)?;
    ptyd.set_read_timeout(None)?;
    Ok(Introduced::read(&answer).map(|()| ptyd).map_err(Failure::from))
}

/// Byte by byte, because what follows the line end belongs to the terminal.
fn first_line(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    loop {
        from.read_exact(&mut byte)?;
        match byte {
            [b'\n'] => return Ok(line),
            [byte] => line.push(byte),
        }
        if line.len() > limit::INTRODUCTION_BYTES_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the answer is too long"));
        }
    }
}

fn carry(ptyd: &mut UnixStream, may_type: bool, resize: impl Fn()) -> io::Result<End> {
    let (mut resized, resized_end) = UnixStream::pair()?;
    let (ended, ended_end) = UnixStream::pair()?;
    resized.set_nonblocking(true)?;
    let ended_too = ended_end.try_clone()?;
    pipe::register(SIGWINCH, resized_end)?;
    pipe::register(SIGTERM, ended_end)?;
    pipe::register(SIGHUP, ended_too)?;
    let (mut keys, mut shown) = ([0; 4 * 1024], vec![0; 32 * 1024]);
    // Read without the library's buffer, in which keys could wait that `poll` does not see.
    let mut stdin = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut stdout = io::stdout().lock();
    loop {
        let ready = wait([stdin.as_fd(), ptyd.as_fd(), resized.as_fd(), ended.as_fd()])?;
        if ready[3] {
            return Ok(End::Detached);
        }
        if ready[2] {
            // Only that it happened matters, however often it did.
            while matches!(resized.read(&mut keys), Ok(count) if count > 0) {}
            resize();
        }
        if ready[1] {
            match ptyd.read(&mut shown)? {
                0 => return Ok(End::HungUp),
                count => stdout.write_all(&shown[..count]).and_then(|()| stdout.flush())?,
            }
        }
        if ready[0] {
            let count = stdin.read(&mut keys)?;
            let (typed, is_detached) = until_detach(&keys[..count]);
            if may_type {
                ptyd.write_all(typed)?;
            }
            if is_detached || count == 0 {
                return Ok(End::Detached);
            }
        }
    }
}

fn wait<const N: usize>(ends: [std::os::fd::BorrowedFd<'_>; N]) -> io::Result<[bool; N]> {
    let mut polled = ends.map(|end| PollFd::new(end, PollFlags::POLLIN));
    loop {
        match poll(&mut polled, PollTimeout::NONE) {
            Ok(_) => return Ok(polled.map(|end| end.any().unwrap_or(true))),
            Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// What was typed before Ctrl-\, and whether it was typed at all.
fn until_detach(keys: &[u8]) -> (&[u8], bool) {
    let at = |detach: &&[u8]| keys.windows(detach.len()).position(|window| window == *detach);
    match DETACH.iter().filter_map(at).min() {
        Some(at) => (&keys[..at], true),
        None => (keys, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ctrl_backslash_detaches_however_it_is_sent() {
        #[rustfmt::skip]
        let cases: &[(&[u8], &[u8], bool)] = &[
            // keys                  reach the agent   detached
            (b"ls\r",                b"ls\r",          false),
            (b"\x1c",                b"",              true),
            (b"ls\x1cmore",          b"ls",            true),
            (b"a\x1b[92;5ub\x1c",    b"a",             true),
            (b"\x1b[27;5;92~",       b"",              true),
            (b"\x1b[A\x03\x04\\",    b"\x1b[A\x03\x04\\", false),
            (b"",                    b"",              false),
        ];
        for (keys, typed, is_detached) in cases {
            assert_eq!(until_detach(keys), (*typed, *is_detached), "{keys:?}");
        }
    }

    #[test]
    fn nothing_that_follows_the_answer_is_lost() {
        let mut from: &[u8] = b"{\"ok\":true}\n\x1b[2Jscreen";
        assert_eq!(first_line(&mut from).unwrap(), b"{\"ok\":true}");
        assert_eq!(from, b"\x1b[2Jscreen");
        assert!(first_line(&mut &b"no end"[..]).is_err());
    }
}
