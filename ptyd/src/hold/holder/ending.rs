//! Ending everything that is an agent's: TERM, and after a grace KILL.
//!
//! What that is, [`descendants`](crate::hold::descendants) tells: also what the agent has put into a group or a session
//! of its own, or into the background for good. It is over when nobody is left. The agent is reaped last: as long as it
//! is not, its number, which is also the terminal's session's, belongs to nobody else.

use super::reaper;
use crate::hold::descendants::{Descendants, can_look};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use std::time::{Duration, Instant};

/// Time between TERM and KILL for what an agent that has ended by itself has left behind.
pub const LEFTOVER_GRACE: Duration = Duration::from_secs(2);

/// How often is looked whether everybody is gone. The agent's own end is noticed at once.
const LOOK_EVERY: Duration = Duration::from_millis(30);

/// How often, once it was given up to wait for whoever cannot be killed.
const LOOK_EVERY_AFTERWARDS: Duration = Duration::from_secs(1);

/// How many looks, one after another, must find nobody, neither living nor ended.
const QUIET_LOOKS: u32 = 2;

/// How long is waited for what was killed, before the end is told without it.
const AFTER_KILL: Duration = Duration::from_secs(5);

/// The end of an agent and of what it has started.
#[derive(Debug)]
pub struct Ending {
    descendants: Descendants,
    agent: u32,
    kill_at: Instant,
    look_at: Instant,
    quiet_looks: u32,
    is_given_up: bool,
}

/// How far it has come.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress {
    /// Somebody besides the agent is left, or may be.
    Going,
    /// Nobody is.
    Over,
    /// Somebody is who cannot be ended; told once, with who that is. Afterwards it counts as over.
    GivenUp(String),
}

impl Ending {
    /// Sends TERM to everybody and lets stopped ones run, so that they can hear it.
    pub fn begin(descendants: Descendants, agent: u32, foreground: Option<Pid>, grace: Duration, now: Instant) -> Self {
        let ending =
            Self { descendants, agent, kill_at: now + grace, look_at: now, quiet_looks: 0, is_given_up: false };
        ending.ask_to_end(foreground);
        ending
    }

    /// A later wish can only shorten the grace.
    pub fn hurry(&mut self, grace: Duration, now: Instant) {
        self.kill_at = self.kill_at.min(now + grace);
        self.look_at = self.look_at.min(self.kill_at);
    }

    /// The agent itself has ended: from here on it starts nobody, so now it counts who is looked for and not found.
    pub fn agent_has_ended(&mut self, now: Instant) {
        self.quiet_looks = 0;
        self.look_at = now;
    }

    /// When there is something to do next.
    pub fn look_at(&self) -> Instant {
        self.look_at
    }

    /// Goes on: kills when the grace is over, and looks who is left. Does nothing before its time.
    pub fn step(&mut self, foreground: Option<Pid>, now: Instant) -> Progress {
        if now < self.look_at {
            return self.progress();
        }
        let pause = if self.is_given_up { LOOK_EVERY_AFTERWARDS } else { LOOK_EVERY };
        self.look_at = now + pause;
        let is_time_to_kill = now >= self.kill_at;
        if is_time_to_kill {
            // At every step: also those who were started meanwhile.
            self.descendants.kill();
            self.signal_groups(foreground, Signal::SIGKILL);
        } else {
            self.look_at = self.look_at.min(self.kill_at);
        }
        let mut look = self.descendants.look();
        look.ended.retain(|pid| *pid != self.agent);
        look.ended.iter().for_each(|pid| reaper::reap(*pid));
        let mut left: Vec<u32> = look.living.into_iter().map(|descendant| descendant.mark.pid).collect();
        left.retain(|pid| *pid != self.agent);
        self.quiet_looks = if left.is_empty() && look.ended.is_empty() { self.quiet_looks + 1 } else { 0 };
        if !left.is_empty() && now >= self.kill_at + AFTER_KILL && !self.is_given_up {
            self.is_given_up = true;
            return Progress::GivenUp(format!("processes {left:?} cannot be ended and are left behind"));
        }
        self.progress()
    }

    fn progress(&self) -> Progress {
        match self.quiet_looks >= QUIET_LOOKS || self.is_given_up {
            true => Progress::Over,
            false => Progress::Going,
        }
    }

    fn ask_to_end(&self, foreground: Option<Pid>) {
        let descendants = self.descendants.look().living;
        for signal in [Signal::SIGTERM, Signal::SIGCONT] {
            self.signal_groups(foreground, signal);
            for descendant in descendants.iter().filter(|descendant| descendant.group != self.agent as i32) {
                gone_is_fine(self.descendants.signal(descendant, signal).map(drop));
            }
        }
    }

    /// Signals the agent's group, all at once, and where the system does not tell who else there is, the foreground.
    fn signal_groups(&self, foreground: Option<Pid>, signal: Signal) {
        let group = Pid::from_raw(self.agent as i32);
        gone_is_fine(killpg(group, signal));
        if !can_look() {
            // It may have left its group.
            gone_is_fine(kill(group, signal));
            if let Some(foreground) = foreground.filter(|foreground| *foreground != group) {
                gone_is_fine(killpg(foreground, signal));
            }
        }
    }
}

/// Whoever is gone, or has become another user's, cannot be ended by us, and there is nothing else to do about it:
/// the caller looks again who is left.
fn gone_is_fine(result: Result<(), Errno>) {
    let _ = result;
}
