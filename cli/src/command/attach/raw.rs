//! A person's terminal while an agent's is shown in it: raw, and put back as it was on every way out.

use bus::contract::mode;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

/// How long the terminal may take to answer that it has heard everything. Most do so at once, a far one takes a while,
/// and what comes after that is typed into a shell.
const ANSWER_PATIENCE: Duration = Duration::from_secs(5);

/// Asks the terminal what it is. Everything that it says about what came before, it says before it answers.
const QUESTION: &[u8] = b"\x1b[c";

/// Keeps the window's title, and gives it back.
const TITLE_KEPT: &str = "\x1b[22;0t";
const TITLE_BACK: &str = "\x1b[23;0t";

/// Longest beginning of a command that is remembered when it comes in pieces.
const COMMAND_BYTES_MAX: usize = 16;

/// How the terminal was, while it is raw; also for a panic, which ends this program without dropping anything.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// The terminal in raw mode; dropping it puts everything back.
pub struct Raw {
    colours: RefCell<Colours>,
}

impl Raw {
    /// Sets raw mode and says in the title how to leave, where the picture of the agent does not cover it.
    ///
    /// # Errors
    ///
    /// This is no terminal.
    pub fn set(name: &str) -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        cfmakeraw(&mut raw);
        *lock() = Some(before);
        put_back_on_panic();
        tcsetattr(io::stdin(), SetArg::TCSANOW, &raw)?;
        let this = Self { colours: RefCell::default() };
        say(format!("{TITLE_KEPT}\x1b]2;{name} (Ctrl-\\ detaches)\x07").as_bytes())?;
        Ok(this)
    }

    /// Looks out for colours that are set: only those are put back, because a palette may be a person's own.
    pub fn looks_for_colours(&self, shown: &[u8]) {
        self.colours.borrow_mut().take(shown);
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        put_back(self.colours.borrow().are_set);
    }
}

fn lock() -> std::sync::MutexGuard<'static, Option<Termios>> {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn put_back_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let other = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            put_back(true);
            other(panic);
        }));
    });
}

/// Puts the terminal back, once. If it is gone there is nothing to put back, so no error matters here.
fn put_back(with_colours: bool) {
    let Some(before) = lock().take() else { return };
    let colours = if with_colours { mode::COLOURS_OFF } else { "" };
    let bytes = [colours.as_bytes(), mode::reset().as_bytes(), TITLE_BACK.as_bytes(), QUESTION].concat();
    // Not through the library: a panic may hold its lock.
    let written = io::stdout().as_fd().try_clone_to_owned().map(File::from).and_then(|mut out| out.write_all(&bytes));
    if written.is_ok() {
        let _ = hear_out();
    }
    let _ = tcsetattr(io::stdin(), SetArg::TCSAFLUSH, &before);
}

/// Drops what the terminal still says, and what is typed meanwhile, until it has answered.
fn hear_out() -> io::Result<()> {
    let mut stdin = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (end, mut heard, mut read) = (Instant::now() + ANSWER_PATIENCE, Vec::new(), [0; 1024]);
    while !is_answer(&heard) {
        let left = end.saturating_duration_since(Instant::now());
        let [is_heard] = wait([stdin.as_fd()], Some(left))?;
        if !is_heard {
            return Ok(());
        }
        match stdin.read(&mut read)? {
            0 => return Ok(()),
            count => heard.extend_from_slice(&read[..count]),
        }
    }
    Ok(())
}

/// `CSI ? … c`
fn is_answer(heard: &[u8]) -> bool {
    let begins = heard.windows(3).enumerate().filter(|(_, window)| *window == b"\x1b[?");
    begins
        .map(|(at, _)| &heard[at + 3..])
        .any(|rest| rest.iter().find(|byte| !matches!(byte, b'0'..=b'9' | b';')).is_some_and(|last| *last == b'c'))
}

/// Whether an agent's program has set colours.
#[derive(Debug, Default)]
struct Colours {
    are_set: bool,
    /// The beginning of a command whose rest is still to come.
    begun: Vec<u8>,
}

impl Colours {
    fn take(&mut self, shown: &[u8]) {
        let mut bytes = std::mem::take(&mut self.begun);
        bytes.extend_from_slice(shown);
        for at in (0..bytes.len()).filter(|at| bytes[*at] == 0x1b) {
            match sets_colour(&bytes[at..]) {
                Some(sets) => self.are_set |= sets,
                None => {
                    self.begun = bytes[at..].to_vec();
                    return;
                }
            }
        }
    }
}

/// Whether a command sets a colour rather than asking for one. `None` when that is not to be seen yet.
fn sets_colour(bytes: &[u8]) -> Option<bool> {
    let mut rest = bytes.iter().copied().take(COMMAND_BYTES_MAX + 1).enumerate();
    let mut next = || rest.next().map(|(at, byte)| if at < COMMAND_BYTES_MAX { byte } else { 0 });
    if next()? != 0x1b || next()? != b']' {
        return Some(false);
    }
    // `4;place;colour`, or one of `10;colour` to `19;colour`.
    let fields = match (next()?, next()?) {
        (b'4', b';') => 2,
        (b'1', b'0'..=b'9') if next()? == b';' => 1,
        _ => return Some(false),
    };
    if fields == 2 {
        loop {
            match next()? {
                b'0'..=b'9' => {}
                b';' => break,
                _ => return Some(false),
            }
        }
    }
    Some(!matches!(next()?, b'?' | 0x1b | 0x07))
}

/// Writes to standard output at once.
///
/// # Errors
///
/// It is gone, or has no room.
pub fn say(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush())
}

/// Which ends have something to say; none of them when `patience` is over.
///
/// # Errors
///
/// The system cannot wait for them.
pub fn wait<const N: usize>(ends: [BorrowedFd<'_>; N], patience: Option<Duration>) -> io::Result<[bool; N]> {
    let mut polled = ends.map(|end| PollFd::new(end, PollFlags::POLLIN));
    let end = patience.map(|patience| Instant::now() + patience);
    loop {
        let left = end.map(|end| end.saturating_duration_since(Instant::now()).as_millis());
        let timeout = left.map_or(PollTimeout::NONE, |left| PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX));
        match poll(&mut polled, timeout) {
            Ok(_) => return Ok(polled.map(|end| end.any().unwrap_or(true))),
            Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::pty::openpty;
    use nix::sys::termios::LocalFlags;
    use std::process::{Command, Stdio};

    #[test]
    fn colours_that_are_set_are_told_from_questions() {
        #[rustfmt::skip]
        let cases: &[(&[&str], bool, &str)] = &[
            (&["text\x1b[31mred"],              false, "colours of text"),
            (&["\x1b]11;#000\x07"],             true,  "the background"),
            (&["\x1b]11;?\x07\x1b]10;?\x1b\\"], false, "questions"),
            (&["\x1b]4;12;rgb:0/0/0\x07"],      true,  "the palette"),
            (&["\x1b]4;12;?\x07"],              false, "a question about it"),
            (&["\x1b", "]1", "1;", "#000"],     true,  "in pieces"),
            (&["\x1b]0;title\x07\x1b]1;x\x07\x1b]111\x07"], false, "titles, and one that puts back"),
            (&["\x1b]4;00000000000000000000000", "1;red"], false, "nonsense without end"),
        ];
        for (chunks, wanted, why) in cases {
            let mut colours = Colours::default();
            chunks.iter().for_each(|chunk| colours.take(chunk.as_bytes()));
            assert_eq!(colours.are_set, *wanted, "{why}");
        }
    }

    #[test]
    fn the_terminals_last_answer_is_recognised() {
        #[rustfmt::skip]
        let cases: &[(&[u8], bool)] = &[
            (b"\x1b[?62;22c", true), (b"\x1b[12;40R\x1b[I\x1b[?6c", true), (b"\x1b[?62;2", false), (b"\x1b[?1u", false),
            (b"\x1b[?1u\x1b[?62c", true), (b"ccc", false),
        ];
        for (heard, wanted) in cases {
            assert_eq!(is_answer(heard), *wanted, "{heard:?}");
        }
    }

    /// Set in the environment of the program below.
    const PANICS: &str = "RAW_PANICS";

    /// A program of its own, because a hook and a terminal are the whole process's.
    #[test]
    fn is_the_program_of_another_test() {
        if std::env::var_os(PANICS).is_some() {
            // Where a panic ends the program, nothing is dropped.
            std::mem::forget(Raw::set("an agent").unwrap());
            let raw = tcgetattr(io::stdin()).unwrap();
            assert!(raw.local_flags.contains(LocalFlags::ICANON), "it is raw, so this ends it");
        }
    }

    #[test]
    fn a_panic_puts_the_terminal_back() {
        let pty = openpty(None, None).unwrap();
        let before = tcgetattr(&pty.slave).unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        let name = "command::attach::raw::tests::is_the_program_of_another_test";
        command.args(["--exact", name, "--nocapture", "--test-threads=1"]).env(PANICS, "1");
        let end = || Stdio::from(pty.slave.try_clone().unwrap());
        let mut panicking = command.stdin(end()).stdout(end()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        panicking.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(!panicking.wait().unwrap().success() && said.contains("it is raw"), "{said}");
        assert_eq!(tcgetattr(&pty.slave).unwrap(), before, "it is no longer raw");
        drop((command, pty.slave));
        let (mut shown, mut read) = (Vec::new(), [0; 4096]);
        let mut master = File::from(pty.master);
        // The last end that is closed ends it, as an error.
        while let Ok(count @ 1..) = master.read(&mut read) {
            shown.extend_from_slice(&read[..count]);
        }
        let shown = String::from_utf8_lossy(&shown);
        for bytes in [mode::COLOURS_OFF, &mode::reset(), TITLE_BACK] {
            assert_eq!(shown.matches(bytes).count(), 1, "once: {shown:?}");
        }
    }
}
