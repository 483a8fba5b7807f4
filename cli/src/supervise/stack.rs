//! The loop: waits for signals, words, output and due times, and lets the members live.
//!
//! One thread and one `poll`; between two events it does nothing at all. It reads what is there and never waits for
//! anybody, so no child can hold it up.

use super::console::Console;
use super::ending::{Ending, STARTER_IS_GONE};
use super::fate::HomeState;
use super::lock::Lock;
use super::machine::Phase;
use super::member::{Member, SpawnContext};
use super::place::Places;
use super::report::{Condition, StackReport, steady_ns};
use super::signals::Signals;
use bus::atomic_file::{Durability, replace};
use bus::contract::version;
use bus::daemon::Notifier;
use bus::home::{Home, Root};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use std::time::{Duration, Instant};

/// Shortest time between two reports: a talkative child must not keep the disk busy.
const REPORT_PAUSE: Duration = Duration::from_millis(20);

/// Time until a report that could not be written is tried again.
const REPORT_RETRY: Duration = Duration::from_secs(2);

/// After this much time a person is told what everybody waits for.
pub const SLOW_START: Duration = Duration::from_secs(3);

/// Everything that runs on a home.
#[derive(Debug)]
pub struct Stack<'a> {
    /// Where it runs.
    pub place: SpawnContext<'a>,
    /// That it is ours alone.
    pub lock: Lock,
    /// Where our own files are.
    pub places: Places,
    /// The folder that is the home, as it was at the start.
    pub root: Root,
    /// How the home seems to be, and since when, until it is believed; nothing while it is where it belongs.
    pub doubt: Option<(HomeState, Instant)>,
    /// Whether the home is not ours any more: another supervisor's, or thrown away.
    pub is_displaced: bool,
    /// The members, in the order of the table.
    pub members: Vec<Member>,
    /// What was caught.
    pub signals: Signals,
    /// Who is told.
    pub console: &'a mut Console,
    /// The service manager.
    pub above: Notifier,
    /// Makes what is said to a person once everything is ready.
    pub welcome: fn(&Home) -> String,
    /// The `PATH` that everybody gets, for reports.
    pub path: Option<String>,
    /// Since when, for reports.
    pub started_at: String,
    /// Up to when every signal was taken, for reports.
    pub heard_until_ns: u64,
    /// What was reported last, and when; no report where it could not be written.
    pub reported: Option<(Option<StackReport>, Instant)>,
    /// Whether everything has been ready once.
    pub was_ready: bool,
    /// When it is time to say that the start is slow.
    pub slow_at: Option<Instant>,
    /// Whether and how it ends.
    pub ending: Option<Ending>,
    /// Whether somebody has said so twice.
    pub is_hurried: bool,
}

impl Stack<'_> {
    /// Runs until a signal says otherwise and everybody has ended.
    ///
    /// Returns false when agents were to be ended and perhaps were not.
    pub fn run(&mut self) -> bool {
        loop {
            let now = Instant::now();
            if self.places.take_due(now) {
                self.mend(now);
            }
            if !self.is_waiting() {
                for member in &mut self.members {
                    member.tick(&self.place, self.console, now);
                }
            }
            if let Some(ending) = self.ending {
                self.end_next(ending, now);
                if self.members.iter().all(|member| member.phase() == Phase::Stopped) {
                    return ending == Ending::WithoutAgents
                        || self
                            .members
                            .iter()
                            .filter(|m| m.process().end_all != Signal::SIGTERM)
                            .all(Member::has_ended_all);
                }
            }
            self.welcome_once();
            self.excuse_once(now);
            let report_due = self.report(now);
            let woken = self.wait(report_due);
            self.take(&woken);
        }
    }

    /// Whether nobody is started, because the home may be gone.
    fn is_waiting(&self) -> bool {
        self.doubt.is_some() && self.ending.is_none()
    }

    /// Ends the last member that still runs; the others go on until it has ended.
    fn end_next(&mut self, ending: Ending, now: Instant) {
        let Some(member) = self.members.iter_mut().rev().find(|member| member.phase() != Phase::Stopped) else {
            return;
        };
        let with_all = ending == Ending::WithAgents;
        if !(member.was_told_to_end() || with_all && member.is_too_young_to_end_all()) {
            member.stop(with_all, &self.place, self.console, now);
        }
        if self.is_hurried {
            member.hurry(now);
        }
    }

    fn condition(&self) -> Condition {
        if self.ending.is_some() {
            Condition::Stopping
        } else if self.members.iter().all(|member| member.phase() == Phase::Ready) {
            Condition::Ready
        } else if self.was_ready {
            Condition::Degraded
        } else {
            Condition::Starting
        }
    }

    fn welcome_once(&mut self) {
        if self.was_ready || self.condition() != Condition::Ready {
            return;
        }
        self.was_ready = true;
        self.console.note("everything is ready");
        self.console.show(&(self.welcome)(self.place.home));
        self.tell_above("READY=1\nSTATUS=everything is ready");
    }

    /// Says what everybody waits for, when that takes long.
    fn excuse_once(&mut self, now: Instant) {
        if self.was_ready || self.ending.is_some() {
            self.slow_at = None;
        }
        if self.slow_at.take_if(|slow_at| now >= *slow_at).is_some() {
            let late = self.members.iter().filter(|member| member.phase() != Phase::Ready);
            let late: Vec<_> = late.map(Member::describe).collect();
            self.console.news(&format!("not everything is ready yet: {}", late.join(", ")));
        }
    }

    fn tell_above(&mut self, words: &str) {
        if let Err(error) = self.above.tell(words) {
            self.console.note(&format!("the service manager does not listen: {error}"));
        }
    }

    /// Writes what has changed, or says when that may be done.
    fn report(&mut self, now: Instant) -> Option<Instant> {
        if self.is_displaced || self.doubt.is_some() {
            return None;
        }
        let report = StackReport {
            v: 1,
            pid: nix::unistd::getpid().as_raw(),
            version: version::PRODUCT.into(),
            home: self.place.home.root().to_path_buf(),
            path: self.path.clone(),
            started_at: self.started_at.clone(),
            heard_until_ns: Some(self.heard_until_ns),
            condition: self.condition(),
            processes: self.members.iter().map(Member::report).collect(),
        };
        if let Some((last, when)) = &self.reported {
            if last.as_ref() == Some(&report) {
                return None;
            }
            let next = *when + if last.is_some() { REPORT_PAUSE } else { REPORT_RETRY };
            if now < next {
                return Some(next);
            }
        }
        let written = serde_json::to_vec_pretty(&report)
            .map_err(std::io::Error::from)
            .and_then(|bytes| replace(&self.place.home.supervisor_report(), &bytes, Durability::WhileRunning));
        let Err(error) = written else {
            self.reported = Some((Some(report), now));
            return None;
        };
        // Said once, and not with every try: the log may lie on the same full disk.
        if self.reported.as_ref().is_none_or(|(last, _)| last.is_some()) {
            self.console.note(&format!("cannot report what runs, so `cccc daemon status` is out of date: {error}"));
        }
        self.reported = Some((None, now));
        Some(now + REPORT_RETRY)
    }

    /// Waits for the first thing to happen; tells which sources have something.
    fn wait(&self, report_due: Option<Instant>) -> Woken {
        let mut fds: Vec<_> = self.signals.ends().map(|end| PollFd::new(end, PollFlags::POLLIN)).collect();
        let mut sources = vec![Source::Signals; fds.len()];
        for (index, member) in self.members.iter().enumerate() {
            let Some(child) = member.child() else {
                continue;
            };
            sources.push(Source::NotifySocket(index));
            fds.push(PollFd::new(child.ear(), PollFlags::POLLIN));
            if let Some(output) = child.output() {
                sources.push(Source::Output(index));
                fds.push(PollFd::new(output, PollFlags::POLLIN));
            }
        }
        if let Some(removed) = self.places.as_fd() {
            sources.push(Source::Places);
            fds.push(PollFd::new(removed, PollFlags::POLLIN));
        }
        let own = report_due.into_iter().chain(self.slow_at).chain(self.places.due());
        let alive = self.members.iter().filter(|_| !self.is_waiting());
        let due = alive.filter_map(Member::deadline).chain(own).min();
        let patience = match due {
            Some(due) => timeout(due.saturating_duration_since(Instant::now())),
            None => PollTimeout::NONE,
        };
        match poll(&mut fds, patience) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => panic!("the system cannot wait for our own descriptors: {error}"),
        }
        let is_awake = |fd: &PollFd<'_>| fd.any().unwrap_or(true);
        Woken(fds.iter().zip(sources).filter(|(fd, _)| is_awake(fd)).map(|(_, source)| source).collect())
    }

    fn take(&mut self, woken: &Woken) {
        let now = Instant::now();
        for source in &woken.0 {
            match source {
                Source::Signals => {}
                Source::Places => self.places.hear(now),
                Source::NotifySocket(index) => {
                    self.members[*index].hear(self.console, now);
                    self.places.look_in_passing(now);
                }
                Source::Output(index) => self.members[*index].read(self.console),
            }
        }
        if woken.0.contains(&Source::Signals) {
            // Before they are taken: one that comes meanwhile may have been missed.
            self.heard_until_ns = steady_ns();
            let signals = self.signals.take();
            // After the words of the living, so that a word said before the end is heard before it.
            self.bury(now);
            for signal in signals {
                self.obey(signal, now);
            }
        }
    }

    /// Takes note of every child that has ended. Strangers are orphans of our children that were given to us because we
    /// are the first process of a container; they only need to be taken away.
    fn bury(&mut self, now: Instant) {
        loop {
            match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => return,
                Ok(how) => {
                    let is_it = |member: &&mut Member| member.child().map(super::child::Child::pid) == how.pid();
                    if let Some(member) = self.members.iter_mut().find(is_it) {
                        member.ended(how, self.console, now);
                        self.places.look_soon(now);
                        self.mend_if_lost(now);
                    }
                }
                Err(Errno::EINTR) => {}
                Err(error) => panic!("the system cannot say which of our children have ended: {error}"),
            }
        }
    }

    /// Begins to end everything; what has begun to end goes on as it began.
    pub(super) fn end(&mut self, ending: Ending) {
        if self.ending.is_some() {
            return;
        }
        self.ending = Some(ending);
        self.console.show(match ending {
            Ending::WithAgents => "\nEnding the agents and everything else. Ctrl-C again to hurry.\n",
            Ending::WithoutAgents => "\nEnding; the agents go on working.\n",
        });
        self.tell_above("STOPPING=1");
    }

    fn obey(&mut self, signal: Signal, now: Instant) {
        let Some(ending) = Ending::of(signal) else {
            return;
        };
        if self.ending.is_none() {
            self.console.note(&format!("{signal}: ending"));
            if self.doubt.is_some() {
                self.leave(ending, now);
            } else {
                self.end(ending);
            }
            return;
        }
        if signal == STARTER_IS_GONE {
            return;
        }
        // Whoever says it twice does not want to wait: everybody at once, and soon by force. Only the first row goes on
        // until the others have ended, because they have something left to tell it.
        self.console.note(&format!("{signal}: ending at once"));
        self.is_hurried = true;
        for member in self.members.iter_mut().skip(1).rev() {
            if !member.was_told_to_end() {
                member.stop(self.ending == Some(Ending::WithAgents), &self.place, self.console, now);
            }
            member.hurry(now);
        }
    }
}

/// Something that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Signals,
    NotifySocket(usize),
    Output(usize),
    Places,
}

#[derive(Debug)]
struct Woken(Vec<Source>);

/// Rounded up, so that what is waited for is due afterwards.
fn timeout(patience: Duration) -> PollTimeout {
    let millis = patience.as_micros().div_ceil(1000);
    PollTimeout::try_from(millis).unwrap_or(PollTimeout::MAX)
}
