//! The holder itself: one thread that waits for whatever comes first, the terminal, a client, a signal or a deadline.
//!
//! The promise is in the order of `Holder::turn`: the terminal is drained before anybody is served, and nobody who
//! is served can make it wait. Whatever a client does wrong costs that client its connection.
//!
//! When an agent has ended, by itself or because somebody asked, everything that it has started is ended, too, and only
//! then is the end told: whoever hears of it may start another one. The holder is the parent of its orphans, so that
//! none of them gets out of sight.
//!
//! A holder ends when it was told to forget the session, [`LINGER`] after the agent has ended (the folder stays, so
//! nothing is lost), after SIGTERM (which ends the agent first), or when its socket was removed from
//! under it together with its home: nobody could ever reach it again. A socket or a folder that was removed alone is made
//! again. SIGHUP means nothing to it.

mod connection;
mod ending;
mod keyboard;
mod not_started;
mod place;
mod reaper;
mod ring;
mod serve;
mod signals;
mod start;
mod terminal;
mod trampoline;
mod transcript;
mod trouble;
mod watch;

pub use not_started::NotStarted;
pub use start::start;
pub use trampoline::{BECOME_AGENT, become_agent};

use crate::hold::descendants::Descendants;
use crate::hold::document::Exit;
use crate::hold::folder::Folder;
use crate::hold::protocol::{Answer, DATA_BYTES_MAX};
use connection::Connection;
use ending::{Ending, LEFTOVER_GRACE, Progress};
use keyboard::{Keyboard, Reply};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use place::Place;
use signals::Signals;
use std::os::fd::AsFd;
use std::os::unix::net::UnixListener;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use terminal::{Got, Terminal};
use transcript::Transcript;
use watch::Watch;

/// How long a holder stays after its agent has ended, if nobody acknowledges that. Long enough for a restart of ptyd;
/// afterwards the files in the folder tell everything.
pub const LINGER: Duration = Duration::from_secs(3_600);

/// Time between TERM and KILL when the holder itself is told to end.
const GRACE: Duration = Duration::from_secs(5);

/// How long is waited for output of processes that the agent has left behind.
const DRAIN_WITHIN: Duration = Duration::from_secs(1);

/// How long clients may take to fetch what is left when the holder is told to end.
const PART_WITHIN: Duration = Duration::from_secs(1);

/// How often writing down the exit is tried again.
const RECORD_EVERY: Duration = Duration::from_secs(5);

/// Now, in microseconds since 1970. The calendar of `bus::contract::time` would take a tenth of the program.
fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// The session of one agent.
#[derive(Debug)]
pub struct Holder {
    folder: Folder,
    agent: Child,
    size: (u16, u16),
    listener: UnixListener,
    /// When to let clients in again, after the system has refused.
    accept_at: Option<Instant>,
    signals: Signals,
    watch: Watch,
    place: Place,
    transcript: Transcript,
    keyboard: Keyboard,
    connections: Vec<Connection>,
    connections_ever: u64,
    /// Where output is put together before it goes on.
    chunk: Vec<u8>,
    /// The end of the agent and of everything it has started.
    ending: Option<Ending>,
    /// Whether the agent ran when somebody asked for its end.
    is_asked: bool,
    is_told_to_end: bool,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    /// The agent runs.
    Running(Terminal),
    /// It does not, but waits to be reaped while what it has left behind is ended.
    Clearing(Terminal),
    /// It is reaped, and what is left in the terminal is fetched.
    Draining { terminal: Terminal, status: ExitStatus, until: Instant },
    /// It is over, and everybody is told so.
    Ended { exit: Exit, record_at: Option<Instant>, leave_at: Instant },
    /// There is nothing left to do.
    Over,
}

/// What there is to do after a wait.
struct Ready {
    signals: bool,
    listener: bool,
    watch: bool,
    /// One for each connection there was.
    connections: Vec<bool>,
}

impl Holder {
    /// Holds the session until there is nothing left to do.
    pub fn run(mut self) {
        while !matches!(self.phase, Phase::Over) {
            let ready = self.wait();
            self.turn(&ready, Instant::now());
        }
    }

    /// Does what follows from what is ready and from the time.
    fn turn(&mut self, ready: &Ready, now: Instant) {
        self.drain(now);
        self.hear(ready, now);
        self.mind_agent(now);
        self.serve(ready, now);
        self.type_in(now);
        self.tell();
        self.drop_over(now);
        self.mind_end(now);
    }

    /// Waits, for ever if need be.
    fn wait(&self) -> Ready {
        let letting_in = if self.accept_at.is_none() { PollFlags::POLLIN } else { PollFlags::empty() };
        let mut fds =
            vec![PollFd::new(self.signals.as_fd(), PollFlags::POLLIN), PollFd::new(self.listener.as_fd(), letting_in)];
        fds.extend(self.watch.as_fd().map(|fd| PollFd::new(fd, PollFlags::POLLIN)));
        let watched = fds.len() > 2;
        if let Phase::Running(terminal) | Phase::Clearing(terminal) | Phase::Draining { terminal, .. } = &self.phase {
            let typing = if self.keyboard.is_typing() { PollFlags::POLLOUT } else { PollFlags::empty() };
            // A broken one would be ready for ever.
            fds.extend(terminal.to_wait_for().map(|fd| PollFd::new(fd, PollFlags::POLLIN | typing)));
        }
        let before = fds.len();
        for connection in &self.connections {
            let mut wanted = PollFlags::empty();
            wanted.set(PollFlags::POLLIN, connection.wants_in());
            wanted.set(PollFlags::POLLOUT, connection.wants_out());
            fds.push(PollFd::new(connection.as_fd(), wanted));
        }
        let timeout = self.deadline().map(|deadline| {
            // Rounded up, so that a deadline has passed when the wait for it is over.
            let left = deadline.saturating_duration_since(Instant::now());
            let left = if left.is_zero() { left } else { left + Duration::from_millis(1) };
            PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)
        });
        match poll(&mut fds, timeout) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => panic!("cannot wait for anything: {errno}"),
        }
        // Also an error or a hang-up is a reason to look.
        let is_ready = |fd: &PollFd| fd.any().unwrap_or(true);
        Ready {
            signals: is_ready(&fds[0]),
            listener: is_ready(&fds[1]),
            watch: watched && is_ready(&fds[2]),
            connections: fds[before..].iter().map(is_ready).collect(),
        }
    }

    /// The first moment at which there is something to do though nothing has come.
    fn deadline(&self) -> Option<Instant> {
        let phase = match &self.phase {
            Phase::Running(_) | Phase::Clearing(_) => None,
            Phase::Draining { until, .. } => Some(*until),
            Phase::Ended { record_at, leave_at, .. } => Some(record_at.map_or(*leave_at, |at| at.min(*leave_at))),
            Phase::Over => Some(Instant::now()),
        };
        let ending = self.ending.as_ref().filter(|_| matches!(self.phase, Phase::Running(_) | Phase::Clearing(_)));
        let look = ending.map(Ending::look_at);
        let hello = self.connections.iter().filter_map(Connection::hello_by).min();
        let held_up = self.connections.iter().any(Connection::wants_turn).then(Instant::now);
        let place = self.place.restore_at();
        [phase, look, hello, held_up, self.keyboard.deadline(), self.watch.look_at(), place, self.accept_at]
            .into_iter()
            .flatten()
            .min()
    }

    /// Takes output from the terminal, as much as there is and fits into one chunk.
    fn drain(&mut self, now: Instant) {
        let (Phase::Running(terminal) | Phase::Clearing(terminal) | Phase::Draining { terminal, .. }) = &mut self.phase
        else {
            return;
        };
        self.chunk.resize(DATA_BYTES_MAX, 0);
        let mut filled = 0;
        let mut is_over = false;
        while filled < self.chunk.len() && !is_over {
            match terminal.read(&mut self.chunk[filled..]) {
                Ok(Got::Bytes(count)) => filled += count,
                Ok(Got::Nothing) => break,
                Ok(Got::HungUp) => is_over = true,
                Err(error) => {
                    trouble::note(&self.folder, &format!("cannot read the terminal: {error}"));
                    is_over = true;
                }
            }
        }
        if filled > 0
            && let Err(error) = self.transcript.append(&self.chunk[..filled], now)
        {
            trouble::note(&self.folder, &format!("cannot write the log: {error}"));
        }
        if let (true, Phase::Draining { until, .. }) = (is_over, &mut self.phase) {
            *until = now;
        }
    }

    /// Listens to signals, and to what happens to the socket.
    fn hear(&mut self, ready: &Ready, now: Instant) {
        let is_told = ready.signals && self.signals.take_told_to_end();
        if ready.signals {
            self.reap_orphans();
        }
        let is_lost = self.mind_place(ready.watch, now);
        if is_told || is_lost {
            self.is_told_to_end = true;
            self.end_agent(GRACE, now);
            if let Phase::Ended { leave_at, .. } = &mut self.phase {
                *leave_at = now + PART_WITHIN;
            }
        }
    }

    /// Begins to end the agent; it may have ended already. Then only what it has left behind has less time.
    fn end_agent(&mut self, grace: Duration, now: Instant) {
        self.is_asked |= matches!(self.phase, Phase::Running(_));
        self.begin_ending(grace, now);
    }

    fn begin_ending(&mut self, grace: Duration, now: Instant) {
        let (Phase::Running(terminal) | Phase::Clearing(terminal)) = &self.phase else { return };
        match &mut self.ending {
            Some(ending) => ending.hurry(grace, now),
            None => {
                let agent = self.agent.id();
                let descendants = Descendants::new(&self.folder.session_id(), Some(agent), Some(std::process::id()));
                self.ending = Some(Ending::begin(descendants, agent, terminal.foreground(), grace, now));
            }
        }
    }

    /// Looks whether the agent has ended, and ends what it has left behind.
    fn mind_agent(&mut self, now: Instant) {
        if matches!(self.phase, Phase::Running(_)) && reaper::has_ended(self.agent.id()) {
            let Phase::Running(terminal) = std::mem::replace(&mut self.phase, Phase::Over) else {
                unreachable!("looked at above");
            };
            self.phase = Phase::Clearing(terminal);
            // Nobody reads any more what they type.
            self.tell_typists(Keyboard::end);
            match &mut self.ending {
                Some(ending) => ending.agent_has_ended(now),
                None => self.begin_ending(LEFTOVER_GRACE, now),
            }
        }
        let (Phase::Running(terminal) | Phase::Clearing(terminal)) = &self.phase else { return };
        let Some(ending) = &mut self.ending else { return };
        match ending.step(terminal.foreground(), now) {
            Progress::Going => {}
            Progress::Over => self.reap_agent(now),
            Progress::GivenUp(why) => {
                trouble::note(&self.folder, &why);
                self.reap_agent(now);
            }
        }
    }

    /// Reaps the agent, if it has ended, once nobody else is left.
    fn reap_agent(&mut self, now: Instant) {
        if !matches!(self.phase, Phase::Clearing(_)) {
            return;
        }
        let status = match self.agent.try_wait() {
            Ok(Some(status)) => status,
            Ok(None) => unreachable!("it is in this phase because it has ended"),
            Err(error) => panic!("cannot ask for the agent, which is our child: {error}"),
        };
        let Phase::Clearing(mut terminal) = std::mem::replace(&mut self.phase, Phase::Over) else {
            unreachable!("looked at above");
        };
        terminal.expect_end();
        self.phase = Phase::Draining { terminal, status, until: now + DRAIN_WITHIN };
        // Those that had to wait behind it.
        self.reap_orphans();
    }

    fn reap_orphans(&self) {
        let is_reaped = !matches!(self.phase, Phase::Running(_) | Phase::Clearing(_));
        reaper::reap_orphans((!is_reaped).then(|| self.agent.id()));
    }

    /// Types what waits to be typed.
    fn type_in(&mut self, now: Instant) {
        let Phase::Running(terminal) = &mut self.phase else { return };
        let answers = self.keyboard.pump(now, self.transcript.end(), |bytes| terminal.write(bytes));
        self.answer(answers);
    }

    fn tell_typists(&mut self, work: impl FnOnce(&mut Keyboard) -> Vec<Reply>) {
        let answers = work(&mut self.keyboard);
        self.answer(answers);
    }

    fn answer(&mut self, answers: Vec<Reply>) {
        for (number, id, answer) in answers {
            // A client that has gone meanwhile gets no answer.
            if let Some(connection) = self.connections.iter_mut().find(|c| c.number == number) {
                connection.tell(id, &answer);
            }
        }
    }

    /// Goes from one phase of the end to the next.
    fn mind_end(&mut self, now: Instant) {
        match &mut self.phase {
            Phase::Running(_) | Phase::Clearing(_) | Phase::Over => {}
            Phase::Draining { status, until, .. } => {
                if now < *until {
                    return;
                }
                let exit = Exit {
                    code: status.code(),
                    signal: status.signal(),
                    ended_us: now_us(),
                    total_bytes: self.transcript.end(),
                    asked: self.is_asked,
                };
                let stay = if self.is_told_to_end { PART_WITHIN } else { LINGER };
                // Closes the terminal: whoever the agent has left behind in it is hung up on.
                self.phase = Phase::Ended { exit: exit.clone(), record_at: Some(now), leave_at: now + stay };
                self.record_exit(now);
                for connection in self.connections.iter_mut().filter(|c| c.is_introduced()) {
                    connection.tell(0, &Answer::Exited(exit.clone()));
                }
                self.tell();
            }
            Phase::Ended { record_at, leave_at, .. } => {
                if now >= *leave_at {
                    self.phase = Phase::Over;
                } else if record_at.is_some_and(|at| now >= at) {
                    self.record_exit(now);
                }
            }
        }
        let is_ended = matches!(self.phase, Phase::Ended { .. });
        if is_ended && self.is_told_to_end && self.connections.iter().all(Connection::is_told) {
            self.phase = Phase::Over;
        }
    }

    /// Writes the exit down, before anybody is told. When that fails, it is tried again later: the clients know, and
    /// the next ones are told, as long as this holder stays.
    fn record_exit(&mut self, now: Instant) {
        let Phase::Ended { exit, record_at, .. } = &mut self.phase else { return };
        match self.folder.write_exit(exit) {
            Ok(()) => *record_at = None,
            Err(error) => {
                *record_at = Some(now + RECORD_EVERY);
                trouble::note(&self.folder, &format!("cannot write down the exit: {error}"));
            }
        }
    }
}
