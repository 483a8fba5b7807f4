//! One row of the table while it is supervised: its machine, its current life, its log.

use super::child::Child;
use super::console::Console;
use super::log::Log;
use super::machine::{Act, Happened, Machine, Patience, Phase};
use super::notify::Notice;
use super::report::ProcessReport;
use super::table::{Process, find_program};
use bus::contract::time;
use bus::home::Home;
use bus::key::RootKey;
use nix::sys::signal::Signal;
use nix::sys::wait::WaitStatus;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Failures in a row after which it is worth saying that it works again.
const TROUBLE: u32 = 3;

/// A supervised process.
#[derive(Debug)]
pub struct Member {
    process: &'static Process,
    patience: Patience,
    machine: Machine,
    child: Option<Child>,
    log: Log,
    started_at: Option<String>,
    status: String,
    last_end: Option<String>,
    has_ended_all: bool,
}

impl Member {
    /// A process that shall run; the first tick starts it.
    pub fn new(process: &'static Process, home: &Home, patience: Patience, now: Instant) -> Self {
        Self {
            process,
            patience,
            machine: Machine::new(patience, now),
            child: None,
            log: Log::new(&home.logs(), process.name),
            started_at: None,
            status: String::new(),
            last_end: None,
            has_ended_all: false,
        }
    }

    /// Its row.
    pub fn process(&self) -> &'static Process {
        self.process
    }

    /// Where it is in its life.
    pub fn phase(&self) -> Phase {
        self.machine.phase()
    }

    /// When it needs us next, if nothing happens before.
    pub fn deadline(&self) -> Option<Instant> {
        self.machine.deadline()
    }

    /// Its current life.
    pub fn child(&self) -> Option<&Child> {
        self.child.as_ref()
    }

    /// Whether it was told to end all that it keeps, and ended by itself afterwards.
    pub fn has_ended_all(&self) -> bool {
        self.has_ended_all
    }

    /// Whether it was told to end, or need not be.
    pub fn was_told_to_end(&self) -> bool {
        !self.machine.is_wanted()
    }

    /// How it is, in a few words.
    pub fn describe(&self) -> String {
        self.report().describe()
    }

    /// How it is.
    pub fn report(&self) -> ProcessReport {
        ProcessReport {
            name: self.process.name.into(),
            purpose: self.process.purpose.into(),
            state: self.phase().word().into(),
            pid: self.child.as_ref().map(|child| child.pid().as_raw()),
            started_at: self.started_at.clone(),
            restarts: self.machine.restarts(),
            status: self.status.clone(),
            last_end: self.last_end.clone(),
            log: self.log.path().to_path_buf(),
        }
    }

    /// Does what has become due.
    pub fn tick(&mut self, place: &SpawnContext, console: &mut Console, now: Instant) {
        let act = self.machine.step(Happened::Tick, now);
        self.perform(act, place, console, now);
    }

    /// Tells it to end: with what it keeps, or alone.
    pub fn stop(&mut self, with_all: bool, place: &SpawnContext, console: &mut Console, now: Instant) {
        let signal = if with_all { self.process.end_all } else { Signal::SIGTERM };
        let act = self.machine.step(Happened::Stop(signal, self.process.grace), now);
        self.perform(act, place, console, now);
    }

    /// Leaves it little time to end.
    pub fn hurry(&mut self, now: Instant) {
        self.machine.step(Happened::Hurry, now);
    }

    /// Whether the signal to end all could get lost: it has just been started and may not be listening yet.
    pub fn is_too_young_to_end_all(&self) -> bool {
        self.process.end_all != Signal::SIGTERM && self.phase() == Phase::Starting
    }

    /// Hears what it has to say.
    pub fn hear(&mut self, console: &mut Console, now: Instant) {
        let Some(child) = &self.child else {
            return;
        };
        let notices = child.hear().unwrap_or_else(|error| {
            console.note(&format!("{} cannot be heard: {error}", self.process.name));
            Vec::new()
        });
        for notice in notices {
            match notice {
                Notice::Status(status) => self.status = status,
                Notice::Alive => self.note(Happened::Alive, now),
                Notice::Leaving => self.note(Happened::Leaving, now),
                Notice::Ready => {
                    let is_news = self.phase() == Phase::Starting;
                    self.note(Happened::Ready, now);
                    if is_news {
                        self.became_ready(console);
                    }
                }
            }
        }
    }

    /// Notes something that never asks for an act.
    fn note(&mut self, happened: Happened, now: Instant) {
        let act = self.machine.step(happened, now);
        assert_eq!(act, Act::Nothing, "{happened:?} asks for nothing");
    }

    fn became_ready(&mut self, console: &mut Console) {
        let sentence = format!("{} is ready", self.process.name);
        if self.machine.failures() >= TROUBLE {
            console.news(&format!("{sentence} again"));
        } else {
            console.note(&sentence);
        }
    }

    /// Makes the socket again on which it speaks, if that was removed.
    pub fn mend_ear(&mut self, home: &Home, console: &mut Console) {
        let name = self.process.name;
        match self.child.as_mut().map(|child| child.mend_ear(home, name)) {
            Some(Ok(true)) => {
                console.news(&format!("the socket on which {name} speaks to us was removed; it is there again"))
            }
            Some(Err(error)) => {
                console.news(&format!("cannot make the socket again on which {name} speaks to us: {error}"))
            }
            Some(Ok(false)) | None => {}
        }
    }

    /// Takes what it has written into its log.
    pub fn read(&mut self, console: &mut Console) {
        let bytes = self.child.as_mut().map(Child::read).unwrap_or_default();
        self.write_log(&bytes, console);
    }

    fn write_log(&mut self, bytes: &[u8], console: &mut Console) {
        if bytes.is_empty() {
            return;
        }
        if let Err(error) = self.log.append(bytes) {
            console.news(&format!("cannot write {}: {error}; its lines are lost", self.log.path().display()));
        }
    }

    /// Its life has ended.
    pub fn ended(&mut self, how: WaitStatus, console: &mut Console, now: Instant) {
        self.hear(console, now);
        let was_told = self.phase() == Phase::Stopping && !self.machine.is_wanted();
        if let Some(child) = self.child.take() {
            let last_words = child.last_words();
            self.write_log(&last_words, console);
        }
        let reason = describe(how);
        self.has_ended_all = was_told && matches!(how, WaitStatus::Exited(..));
        self.note(Happened::Ended, now);
        self.status.clear();
        self.started_at = None;
        if self.machine.is_wanted() {
            self.failed(&format!("{} has ended ({reason})", self.process.name), console);
        } else {
            console.note(&format!("{} has ended ({reason})", self.process.name));
        }
        self.last_end = Some(reason);
    }

    fn perform(&mut self, act: Act, place: &SpawnContext, console: &mut Console, now: Instant) {
        match act {
            Act::Nothing => {}
            Act::Spawn => self.spawn(place, console, now),
            Act::Signal(signal) => self.signal(signal, console),
            Act::Abort => {
                let name = self.process.name;
                let silence = self.patience.silence.as_secs_f32();
                console.news(&format!("{name} has not been heard of for {silence} s; it is ended and started again"));
                self.signal(Signal::SIGABRT, console);
            }
            Act::Kill => {
                console.news(&format!("{} does not end by itself; it is killed", self.process.name));
                self.signal(Signal::SIGKILL, console);
            }
        }
    }

    fn spawn(&mut self, place: &SpawnContext, console: &mut Console, now: Instant) {
        self.log.begin();
        let spawned = find_program(self.process.program, place.programs).and_then(|program| {
            Child::spawn(self.process, program.clone(), place.home, place.key, self.patience.silence)
                .map_err(|error| format!("cannot run {}: {error}", program.display()))
        });
        match spawned {
            Ok(child) => {
                console.note(&format!("{} is started, pid {}", self.process.name, child.pid()));
                self.child = Some(child);
                self.started_at = Some(time::format(time::now()));
                self.note(Happened::Spawned, now);
            }
            Err(reason) => {
                self.note(Happened::NotSpawned, now);
                self.failed(&format!("{} cannot be started: {reason}", self.process.name), console);
                self.last_end = Some(reason);
            }
        }
    }

    fn signal(&self, signal: Signal, console: &mut Console) {
        let Some(child) = &self.child else {
            return;
        };
        if let Err(error) = child.signal(signal) {
            console.news(&format!("cannot send {signal} to {}: {error}", self.process.name));
        }
    }

    /// Says that it failed and what comes next: the first time and then more and more seldom, because a process
    /// that cannot start at all would fill the screen. The log has every time.
    fn failed(&mut self, sentence: &str, console: &mut Console) {
        let failures = self.machine.failures();
        let pause = self.machine.pause().as_secs_f32();
        let times = if failures > 1 { format!(", {failures} times in a row") } else { String::new() };
        let sentence = format!("{sentence}{times}; it is started again in {pause} s");
        if !failures.is_power_of_two() {
            console.note(&sentence);
            return;
        }
        console.news(&sentence);
        // What it said explains why, and its log may be far away.
        for line in self.log.last_lines() {
            console.news(&format!("  {}: {line}", self.process.name));
        }
    }
}

/// Where the processes live.
#[derive(Debug, Clone, Copy)]
pub struct SpawnContext<'a> {
    /// The home they serve.
    pub home: &'a Home,
    /// Where their programs are.
    pub programs: &'a [PathBuf],
    /// What their keys are derived from.
    pub key: &'a RootKey,
}

fn describe(how: WaitStatus) -> String {
    match how {
        WaitStatus::Exited(_, code) => format!("exit code {code}"),
        WaitStatus::Signaled(_, signal, _) => signal.to_string(),
        other => format!("{other:?}"),
    }
}

/// How patient the supervisor of this process is; tests cannot wait for half a minute.
pub fn patience(silence_ms: Option<&str>) -> Patience {
    let silence = silence_ms.and_then(|text| text.parse().ok()).map(Duration::from_millis);
    let usual = Patience::default();
    Patience { silence: silence.unwrap_or(usual.silence), ..usual }
}
