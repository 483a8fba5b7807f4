//! What happens to one child: a pure state machine. It is told what happened and when, and answers what to do.
//!
//! It knows neither processes nor clocks, so every odd order of events is a row of a table below.

use nix::sys::signal::Signal;
use std::time::{Duration, Instant};

/// Where a child is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It runs and has not said `READY=1` yet.
    Starting,
    /// It does its work.
    Ready,
    /// It does not run and will be started when the pause is over.
    Backoff,
    /// It was told to end, or said that it ends.
    Stopping,
    /// It does not run and nobody wants it to.
    Stopped,
}

impl Phase {
    /// The word that people and programs read.
    pub fn word(self) -> &'static str {
        match self {
            Phase::Starting => "starting",
            Phase::Ready => "ready",
            Phase::Backoff => "backoff",
            Phase::Stopping => "stopping",
            Phase::Stopped => "stopped",
        }
    }
}

/// How patient we are.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How long a child may be silent, before and after it is ready.
    pub silence: Duration,
    /// First pause before a child is started again; it doubles.
    pub pause_min: Duration,
    /// Longest pause.
    pub pause_max: Duration,
    /// A child that lived this long begins with the first pause again.
    pub steady: Duration,
    /// How long a child may take to end after SIGABRT, and how often SIGKILL is repeated.
    pub end: Duration,
    /// How long a child may take to end of its own will.
    pub leave: Duration,
    /// What is left of any patience once a person is in a hurry.
    pub hurry: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            silence: Duration::from_secs(30),
            pause_min: Duration::from_millis(100),
            pause_max: Duration::from_secs(10),
            steady: Duration::from_secs(60),
            end: Duration::from_secs(5),
            leave: Duration::from_secs(20),
            hurry: Duration::from_secs(1),
        }
    }
}

/// What happened to a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// Time went by.
    Tick,
    /// It was started.
    Spawned,
    /// It could not be started.
    NotSpawned,
    /// It said `READY=1`.
    Ready,
    /// It said `WATCHDOG=1`.
    Alive,
    /// It said `STOPPING=1`.
    Leaving,
    /// It ended.
    Ended,
    /// It shall end, with this signal first and SIGKILL after the time given.
    Stop(Signal, Duration),
    /// It shall end soon, whatever it was told before.
    Hurry,
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Nothing.
    Nothing,
    /// Start it, and say [`Happened::Spawned`] or [`Happened::NotSpawned`].
    Spawn,
    /// Send it a signal because it was asked to end.
    Signal(Signal),
    /// Send it SIGABRT because it hangs.
    Abort,
    /// Send it SIGKILL because it does not end.
    Kill,
}

/// One child's life.
#[derive(Debug)]
pub struct Machine {
    patience: Patience,
    phase: Phase,
    deadline: Option<Instant>,
    born: Option<Instant>,
    is_wanted: bool,
    failures: u32,
    births: u64,
}

impl Machine {
    /// A child that shall run and does not yet; the first tick starts it.
    pub fn new(patience: Patience, now: Instant) -> Self {
        Self {
            patience,
            phase: Phase::Backoff,
            deadline: Some(now),
            born: None,
            is_wanted: true,
            failures: 0,
            births: 0,
        }
    }

    /// Where it is.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// When the next tick matters, if no other thing happens before.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// How often it ended or failed to start since it was last steady.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// How often it was started again.
    pub fn restarts(&self) -> u64 {
        self.births.saturating_sub(1)
    }

    /// Whether it should run.
    pub fn is_wanted(&self) -> bool {
        self.is_wanted
    }

    /// The pause that was ordered after the last failure.
    pub fn pause(&self) -> Duration {
        let doublings = self.failures.saturating_sub(1).min(16);
        self.patience.pause_min.saturating_mul(1 << doublings).min(self.patience.pause_max)
    }

    /// Takes note of what happened and says what to do.
    pub fn step(&mut self, happened: Happened, now: Instant) -> Act {
        match happened {
            Happened::Tick => self.tick(now),
            Happened::Spawned => self.spawned(now),
            Happened::NotSpawned | Happened::Ended => self.ended(now),
            Happened::Ready => self.ready(now),
            Happened::Alive => self.alive(now),
            Happened::Leaving => self.leaving(now),
            Happened::Stop(signal, grace) => self.stop(signal, grace, now),
            Happened::Hurry => self.hurry(now),
        }
    }

    fn enter(&mut self, phase: Phase, deadline: Option<Instant>) {
        self.phase = phase;
        self.deadline = deadline;
    }

    fn tick(&mut self, now: Instant) -> Act {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return Act::Nothing;
        }
        match self.phase {
            Phase::Backoff => Act::Spawn,
            Phase::Starting | Phase::Ready => {
                self.enter(Phase::Stopping, Some(now + self.patience.end));
                Act::Abort
            }
            Phase::Stopping => {
                self.enter(Phase::Stopping, Some(now + self.patience.end));
                Act::Kill
            }
            Phase::Stopped => Act::Nothing,
        }
    }

    fn spawned(&mut self, now: Instant) -> Act {
        self.births += 1;
        self.born = Some(now);
        self.enter(Phase::Starting, Some(now + self.patience.silence));
        Act::Nothing
    }

    fn ended(&mut self, now: Instant) -> Act {
        let lived = self.born.take().map_or(Duration::ZERO, |born| now.saturating_duration_since(born));
        if !self.is_wanted {
            self.enter(Phase::Stopped, None);
            return Act::Nothing;
        }
        self.failures = if lived >= self.patience.steady { 1 } else { self.failures.saturating_add(1) };
        self.enter(Phase::Backoff, Some(now + self.pause()));
        Act::Nothing
    }

    fn ready(&mut self, now: Instant) -> Act {
        match self.phase {
            Phase::Starting | Phase::Ready => self.enter(Phase::Ready, Some(now + self.patience.silence)),
            Phase::Backoff | Phase::Stopping | Phase::Stopped => {}
        }
        Act::Nothing
    }

    fn alive(&mut self, now: Instant) -> Act {
        match self.phase {
            // A long start is not a hung one, as long as it says so.
            Phase::Starting | Phase::Ready => self.deadline = Some(now + self.patience.silence),
            Phase::Backoff | Phase::Stopping | Phase::Stopped => {}
        }
        Act::Nothing
    }

    fn leaving(&mut self, now: Instant) -> Act {
        match self.phase {
            Phase::Starting | Phase::Ready => self.enter(Phase::Stopping, Some(now + self.patience.leave)),
            Phase::Backoff | Phase::Stopping | Phase::Stopped => {}
        }
        Act::Nothing
    }

    fn stop(&mut self, signal: Signal, grace: Duration, now: Instant) -> Act {
        self.is_wanted = false;
        match self.phase {
            // One that leaves of its own will gets the signal as well: it may mean more than "end".
            Phase::Starting | Phase::Ready | Phase::Stopping => {
                self.enter(Phase::Stopping, Some(now + grace));
                Act::Signal(signal)
            }
            Phase::Backoff => {
                self.enter(Phase::Stopped, None);
                Act::Nothing
            }
            Phase::Stopped => Act::Nothing,
        }
    }

    fn hurry(&mut self, now: Instant) -> Act {
        let soon = now + self.patience.hurry;
        match self.phase {
            Phase::Stopping => self.deadline = Some(self.deadline.map_or(soon, |deadline| deadline.min(soon))),
            Phase::Starting | Phase::Ready | Phase::Backoff | Phase::Stopped => {}
        }
        Act::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds and what happens then, what is done about it, and where the child is afterwards.
    type Case = (f64, Happened, Act, Phase);

    fn play(name: &str, cases: &[Case]) -> Machine {
        let start = Instant::now();
        let mut machine = Machine::new(Patience::default(), start);
        for (line, (seconds, happened, act, phase)) in cases.iter().enumerate() {
            let now = start + Duration::from_secs_f64(*seconds);
            let done = machine.step(*happened, now);
            assert_eq!((done, machine.phase()), (*act, *phase), "{name}, line {line}: {happened:?} at {seconds} s");
        }
        machine
    }

    const TERM: Happened = Happened::Stop(Signal::SIGTERM, Duration::from_secs(8));

    #[rustfmt::skip]
    const LIVES: &[(&str, &[Case])] = &[
        ("a good life", &[
            (0.0,   Happened::Tick,       Act::Spawn,                     Phase::Backoff),
            (0.0,   Happened::Spawned,    Act::Nothing,                   Phase::Starting),
            (0.1,   Happened::Ready,      Act::Nothing,                   Phase::Ready),
            (15.0,  Happened::Alive,      Act::Nothing,                   Phase::Ready),
            (30.2,  Happened::Tick,       Act::Nothing,                   Phase::Ready),
            (31.0,  TERM,                 Act::Signal(Signal::SIGTERM),   Phase::Stopping),
            (31.1,  Happened::Leaving,    Act::Nothing,                   Phase::Stopping),
            (31.2,  Happened::Ended,      Act::Nothing,                   Phase::Stopped),
            (99.0,  Happened::Tick,       Act::Nothing,                   Phase::Stopped),
            (99.0,  TERM,                 Act::Nothing,                   Phase::Stopped),
        ]),
        ("a crash", &[
            (0.0,   Happened::Spawned,    Act::Nothing,                   Phase::Starting),
            (0.1,   Happened::Ready,      Act::Nothing,                   Phase::Ready),
            (1.0,   Happened::Ended,      Act::Nothing,                   Phase::Backoff),
            (1.05,  Happened::Tick,       Act::Nothing,                   Phase::Backoff),
            (1.1,   Happened::Tick,       Act::Spawn,                     Phase::Backoff),
            (1.1,   Happened::Spawned,    Act::Nothing,                   Phase::Starting),
        ]),
        ("a hung one is aborted, then killed, then started again", &[
            (0.0,   Happened::Spawned,    Act::Nothing,                   Phase::Starting),
            (1.0,   Happened::Ready,      Act::Nothing,                   Phase::Ready),
            (31.0,  Happened::Tick,       Act::Abort,                     Phase::Stopping),
            (32.0,  Happened::Alive,      Act::Nothing,                   Phase::Stopping),
            (36.0,  Happened::Tick,       Act::Kill,                      Phase::Stopping),
            (37.0,  Happened::Tick,       Act::Nothing,                   Phase::Stopping),
            (41.0,  Happened::Tick,       Act::Kill,                      Phase::Stopping),
            (41.1,  Happened::Ended,      Act::Nothing,                   Phase::Backoff),
        ]),
        ("one that never gets ready", &[
            (0.0,   Happened::Spawned,    Act::Nothing,                   Phase::Starting),
            (29.9,  Happened::Tick,       Act::Nothing,                   Phase::Starting),
            (30.0,  Happened::Tick,       Act::Abort,                     Phase::Stopping),
            (30.1,  Happened::Ended,      Act::Nothing,                   Phase::Backoff),
        ]),
        ("a long start that says so", &[
            (0.0,   Happened::Spawned,    Act::Nothing,                   Phase::Starting),
            (25.0,  Happened::Alive,      Act::Nothing,                   Phase::Starting),
            (50.0,  Happened::Tick,       Act::Nothing,                   Phase::Starting),
            (50.1,  Happened::Ready,      Act::Nothing,                   Phase::Ready),
        ]),
        ("one that ends of its own will is wanted again", &[
            (0.0,   Happened::Spawned,    Act::Nothing,                   Phase::Starting),
            (0.1,   Happened::Ready,      Act::Nothing,                   Phase::Ready),
            (2.0,   Happened::Leaving,    Act::Nothing,                   Phase::Stopping),
            (21.9,  Happened::Tick,       Act::Nothing,                   Phase::Stopping),
            (22.0,  Happened::Tick,       Act::Kill,                      Phase::Stopping),
            (22.1,  Happened::Ended,      Act::Nothing,                   Phase::Backoff),
        ]),
        ("one that does not end when told to", &[
            (0.0,   Happened::Spawned,    Act::Nothing,                   Phase::Starting),
            (0.1,   TERM,                 Act::Signal(Signal::SIGTERM),   Phase::Stopping),
            (8.0,   Happened::Tick,       Act::Nothing,                   Phase::Stopping),
            (8.1,   Happened::Tick,       Act::Kill,                      Phase::Stopping),
            (8.2,   Happened::Ended,      Act::Nothing,                   Phase::Stopped),
        ]),
        ("a person in a hurry", &[
            (0.0,   Happened::Spawned,    Act::Nothing,                   Phase::Starting),
            (0.0,   Happened::Hurry,      Act::Nothing,                   Phase::Starting),
            (0.1,   TERM,                 Act::Signal(Signal::SIGTERM),   Phase::Stopping),
            (0.2,   Happened::Hurry,      Act::Nothing,                   Phase::Stopping),
            (1.1,   Happened::Tick,       Act::Nothing,                   Phase::Stopping),
            (1.2,   Happened::Tick,       Act::Kill,                      Phase::Stopping),
        ]),
        ("the end comes while it hangs", &[
            (0.0,   Happened::Spawned,    Act::Nothing,                   Phase::Starting),
            (30.0,  Happened::Tick,       Act::Abort,                     Phase::Stopping),
            (30.1,  TERM,                 Act::Signal(Signal::SIGTERM),   Phase::Stopping),
            (30.2,  Happened::Ended,      Act::Nothing,                   Phase::Stopped),
        ]),
        ("the end comes in a pause", &[
            (0.0,   Happened::NotSpawned, Act::Nothing,                   Phase::Backoff),
            (0.05,  TERM,                 Act::Nothing,                   Phase::Stopped),
            (0.2,   Happened::Tick,       Act::Nothing,                   Phase::Stopped),
        ]),
        ("words from one that is gone", &[
            (0.0,   Happened::NotSpawned, Act::Nothing,                   Phase::Backoff),
            (0.01,  Happened::Ready,      Act::Nothing,                   Phase::Backoff),
            (0.02,  Happened::Alive,      Act::Nothing,                   Phase::Backoff),
            (0.03,  Happened::Leaving,    Act::Nothing,                   Phase::Backoff),
        ]),
    ];

    #[test]
    fn a_child_is_started_watched_and_ended() {
        for (name, life) in LIVES {
            play(name, life);
        }
    }

    #[test]
    fn pauses_double_up_to_a_limit_and_begin_again_after_a_steady_life() {
        let start = Instant::now();
        let mut machine = Machine::new(Patience::default(), start);
        let mut pauses = Vec::new();
        for _ in 0..40 {
            machine.step(Happened::NotSpawned, start);
            pauses.push(machine.pause().as_millis());
        }
        assert_eq!(pauses[..9], [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
        assert_eq!(pauses[39], 10_000);

        machine.step(Happened::Spawned, start);
        machine.step(Happened::Ended, start + Duration::from_secs(60));
        assert_eq!((machine.failures(), machine.pause().as_millis()), (1, 100));
        machine.step(Happened::Spawned, start + Duration::from_secs(61));
        machine.step(Happened::Ended, start + Duration::from_secs(62));
        assert_eq!((machine.failures(), machine.restarts()), (2, 1));
    }

    #[test]
    fn a_timer_runs_only_while_something_may_become_due() {
        let start = Instant::now();
        let mut machine = Machine::new(Patience::default(), start);
        machine.step(Happened::Spawned, start);
        assert_eq!(machine.deadline(), Some(start + Duration::from_secs(30)));
        machine.step(TERM, start);
        machine.step(Happened::Ended, start);
        assert_eq!(machine.deadline(), None);
    }
}
