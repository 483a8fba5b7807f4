//! A window on an agent's live terminal: its bytes to ours, our keys to it, until Ctrl-\. What would reach the person's
//! clipboard, or have our terminal type what a program has chosen, is left out on the way.
//!
//! Our terminal is put back as it was on every way out, signals and panics among them, and nothing that it says late
//! reaches the shell behind us. When ptyd is started anew, the window waits for it and is drawn again.

mod filter;
mod keys;
mod raw;

use crate::client::Client;
use crate::failure::Failure;
use bus::contract::op::terminal::{Attach, Introduction, Resize};
use bus::contract::{Code, Principal, limit, mode};
use bus::front::terminal::introduce_blocking;
use filter::Filter;
use keys::Keys;
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use raw::{Raw, say, wait};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH};
use signal_hook::low_level::pipe;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// How long ptyd may take to say yes or no.
const INTRODUCTION_PATIENCE: Duration = Duration::from_secs(10);

/// The same for one that has just come back, while the person waits at a window that shows nothing new.
const RETURN_INTRODUCTION_PATIENCE: Duration = Duration::from_secs(2);

/// How long a ptyd that is gone is waited for. The supervisor starts it again within a second, unless it fails again.
const RETURN_PATIENCE: Duration = Duration::from_secs(60);

/// How long one that has come back may say that it does not know the terminal: it looks for what runs at first.
const ADOPTION_PATIENCE: Duration = Duration::from_secs(10);

/// Pause between two looks for it.
const RETURN_PAUSE: Duration = Duration::from_millis(200);

/// Shortest time between two bells.
const BELL_PAUSE: Duration = Duration::from_secs(1);

/// Why the window closed.
enum WindowEnd {
    /// The person pressed Ctrl-\, or this program was told to end.
    Detached,
    /// The agent's session has ended.
    Closed,
    /// ptyd has not come back.
    Lost,
}

/// Why ptyd's end of the connection closed, as far as this end can tell.
enum Break {
    /// We are to leave.
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
pub fn show(client: &Client, request: &Attach, principal: &Principal, may_type: bool) -> Result<(), Failure> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        let (actor_id, place) = (&request.actor_id, client.place());
        let sentence = format!("this is no terminal; use `cccc terminal tail {actor_id}{place}`");
        return Err(Failure::Usage(sentence));
    }
    client.ensure_daemons()?;
    let name = crate::print::escape::line(&request.actor_id).to_string();
    let window = TerminalWindow { client, request, principal, may_type, name: &name };
    let ptyd = window.introduce(INTRODUCTION_PATIENCE).map_err(|error| broken(&error))??;
    eprintln!("attached to {name}; Ctrl-\\ detaches");
    let shown = {
        let raw = Raw::set(&name).map_err(|error| broken(&error))?;
        window.run(&raw, ptyd)
    };
    match shown.map_err(|error| broken(&error))? {
        WindowEnd::Detached => eprintln!("detached; {name} goes on"),
        WindowEnd::Closed => eprintln!("the terminal of {name} was closed"),
        WindowEnd::Lost => {
            let seconds = RETURN_PATIENCE.as_secs();
            let sentence = format!("ptyd was not to be reached for {seconds} seconds; see `cccc daemon status`");
            return Err(Failure::Failed(sentence));
        }
    }
    Ok(())
}

fn broken(error: &io::Error) -> Failure {
    Failure::Failed(format!("cannot show the terminal: {error}; see `cccc daemon status`"))
}

/// What is shown to whom.
struct TerminalWindow<'a> {
    client: &'a Client,
    request: &'a Attach,
    principal: &'a Principal,
    may_type: bool,
    name: &'a str,
}

/// What wakes the window besides ptyd: keys, another size, a signal to leave.
struct Person {
    /// Read without the library's buffer, in which keys could wait that `poll` does not see.
    stdin: File,
    resized: UnixStream,
    ended: UnixStream,
    last_bell: Option<Instant>,
}

impl Person {
    fn new() -> io::Result<Self> {
        let (resized, resized_end) = UnixStream::pair()?;
        let (ended, ended_end) = UnixStream::pair()?;
        resized.set_nonblocking(true)?;
        pipe::register(SIGWINCH, resized_end)?;
        for signal in [SIGTERM, SIGHUP, SIGINT, SIGQUIT] {
            pipe::register(signal, ended_end.try_clone()?)?;
        }
        let stdin = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        Ok(Self { stdin, resized, ended, last_bell: None })
    }

    /// Drops what is typed while nobody can take it, with a bell. True when the person leaves, or is told to.
    fn leaves_within(&mut self, pause: Duration) -> io::Result<bool> {
        let end = Instant::now() + pause;
        let mut keys = Keys::default();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let [typed, ended] = wait([self.stdin.as_fd(), self.ended.as_fd()], Some(left))?;
            if ended {
                return Ok(true);
            }
            if !typed {
                return Ok(false);
            }
            let mut read = [0; 4 * 1024];
            let count = self.stdin.read(&mut read)?;
            if count == 0 || keys.take(&read[..count]).1 {
                return Ok(true);
            }
            if self.last_bell.is_none_or(|then| then.elapsed() >= BELL_PAUSE) {
                self.last_bell = Some(Instant::now());
                say(b"\x07")?;
            }
        }
    }
}

impl TerminalWindow<'_> {
    /// Carries bytes both ways, and waits for a ptyd that is gone.
    fn run(&self, raw: &Raw, mut ptyd: UnixStream) -> io::Result<WindowEnd> {
        let mut person = Person::new()?;
        loop {
            self.fit();
            let process = process(&ptyd);
            // A connection that breaks is one that hung up.
            match self.carry(raw, &mut ptyd, &mut person)? {
                Break::Detached => return Ok(WindowEnd::Detached),
                Break::HungUp => {}
            }
            ptyd = match self.return_of(process, &mut person)? {
                Ok(ptyd) => ptyd,
                Err(end) => return Ok(end),
            };
        }
    }

    /// Waits until a ptyd shows the terminal again. The one that hung up and is still there has shown it to its end.
    fn return_of(&self, process: Option<i32>, person: &mut Person) -> io::Result<Result<UnixStream, WindowEnd>> {
        let lost = Instant::now() + RETURN_PATIENCE;
        let (mut is_told, mut back): (bool, Option<Instant>) = (false, None);
        loop {
            let connected = UnixStream::connect(self.client.home().attach_socket());
            let is_same = connected.as_ref().is_ok_and(|ptyd| process.is_some() && self::process(ptyd) == process);
            let introduced = connected.and_then(|ptyd| self.introduce_to(ptyd, RETURN_INTRODUCTION_PATIENCE));
            match introduced {
                Ok(Ok(ptyd)) if !is_same => {
                    // What was typed meanwhile was typed at something else than what comes now.
                    return Ok(if person.leaves_within(Duration::ZERO)? { Err(WindowEnd::Detached) } else { Ok(ptyd) });
                }
                Ok(_) if is_same => return Ok(Err(WindowEnd::Closed)),
                Ok(Err(refused)) if !is_away(&refused) => {
                    let begin = *back.get_or_insert_with(Instant::now);
                    if begin.elapsed() >= ADOPTION_PATIENCE {
                        return Ok(Err(WindowEnd::Closed));
                    }
                }
                Ok(_) | Err(_) => back = None,
            }
            if Instant::now() >= lost {
                return Ok(Err(WindowEnd::Lost));
            }
            if !is_told {
                is_told = true;
                let line = format!("ptyd is away; {} is shown again when it is back; Ctrl-\\ detaches", self.name);
                say(format!("{}\x1b[9999;1H\r\n{line}", mode::neutral()).as_bytes())?;
            }
            if person.leaves_within(RETURN_PAUSE)? {
                return Ok(Err(WindowEnd::Detached));
            }
        }
    }

    /// Gives the agent's terminal the size of this one. If it cannot be had the picture is less neat, and that is all.
    fn fit(&self) {
        if !self.may_type {
            return;
        }
        let Some((width, height)) = terminal_size::terminal_size_of(io::stdout()) else { return };
        let Attach { group_id, actor_id } = self.request.clone();
        let (cols, rows) = (width.0.min(limit::TERMINAL_COLS_MAX), height.0.min(limit::TERMINAL_ROWS_MAX));
        let resize = Resize { group_id, actor_id, cols: Some(cols.into()), rows: Some(rows.into()) };
        drop(self.client.ask_as(resize, self.principal.clone()));
    }

    fn introduce(&self, patience: Duration) -> io::Result<Result<UnixStream, Failure>> {
        self.introduce_to(UnixStream::connect(self.client.home().attach_socket())?, patience)
            .map(|introduced| introduced.map_err(Failure::from))
    }

    fn introduce_to(
        &self,
        mut ptyd: UnixStream,
        patience: Duration,
    ) -> io::Result<Result<UnixStream, bus::contract::OpError>> {
        let introduction = Introduction::new(self.request, self.principal, self.may_type);
        Ok(introduce_blocking(&mut ptyd, &introduction, patience)?.map(|()| ptyd))
    }

    fn carry(&self, raw: &Raw, ptyd: &mut UnixStream, person: &mut Person) -> io::Result<Break> {
        let (mut read, mut shown, mut keys) = ([0; 4 * 1024], vec![0; 32 * 1024], Keys::default());
        let mut filter = Filter::default();
        loop {
            let ends = [person.stdin.as_fd(), ptyd.as_fd(), person.resized.as_fd(), person.ended.as_fd()];
            let [is_typed, is_shown, is_resized, is_ended] = wait(ends, None)?;
            if is_ended {
                return Ok(Break::Detached);
            }
            if is_resized {
                // Only that it happened matters, however often it did.
                while matches!(person.resized.read(&mut read), Ok(count) if count > 0) {}
                self.fit();
            }
            if is_shown {
                match ptyd.read(&mut shown) {
                    Ok(0) | Err(_) => return Ok(Break::HungUp),
                    Ok(count) => {
                        let passed = filter.take(&shown[..count]);
                        raw.looks_for_colours(&passed);
                        say(&passed)?;
                    }
                }
            }
            if is_typed {
                let count = person.stdin.read(&mut read)?;
                let (typed, is_detached) = keys.take(&read[..count]);
                if self.may_type && ptyd.write_all(&typed).is_err() {
                    return Ok(Break::HungUp);
                }
                if is_detached || count == 0 {
                    return Ok(Break::Detached);
                }
            }
        }
    }
}

/// Whether a refusal says that something is being started, rather than that there is nothing to show.
fn is_away(refused: &bus::contract::OpError) -> bool {
    matches!(refused.code, Code::DaemonUnavailable | Code::InternalError)
}

/// Which process listens at the other end.
fn process(ptyd: &UnixStream) -> Option<i32> {
    getsockopt(ptyd, PeerCredentials).ok().map(|peer| peer.pid())
}
