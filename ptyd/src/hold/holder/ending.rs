//! Ending everything in an agent's session: TERM, and after a grace KILL.
//!
//! A program that an agent has put into a group of its own (a job of a shell, a server it has started) is in its
//! session, so it is ended too. The agent is reaped last: as long as it is not, its number belongs to nobody else.

use crate::hold::process::session_members;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use std::time::{Duration, Instant};

/// How often is looked whether everybody is gone.
pub const LOOK_EVERY: Duration = Duration::from_millis(30);

/// How long is waited for what was killed, before the end is told without it.
const AFTER_KILL: Duration = Duration::from_secs(2);

/// An end that was asked for.
#[derive(Debug)]
pub struct Ending {
    agent: u32,
    kill_at: Instant,
    is_killed: bool,
}

impl Ending {
    /// Sends TERM to everybody in the session of `agent` and lets stopped ones run, so that they can hear it.
    pub fn begin(agent: u32, foreground: Option<Pid>, grace: Duration, now: Instant) -> Self {
        signal_session(agent, foreground, Signal::SIGTERM);
        signal_session(agent, foreground, Signal::SIGCONT);
        Self { agent, kill_at: now + grace, is_killed: false }
    }

    /// A later wish can only shorten the grace.
    pub fn hurry(&mut self, grace: Duration, now: Instant) {
        self.kill_at = self.kill_at.min(now + grace);
    }

    /// Goes on: kills when the grace is over. Returns whether the agent may be reaped, because nobody else is left
    /// in its session, or nobody who can be ended.
    pub fn step(&mut self, foreground: Option<Pid>, now: Instant) -> bool {
        if now >= self.kill_at && !self.is_killed {
            self.is_killed = true;
            signal_session(self.agent, foreground, Signal::SIGKILL);
        }
        let others = session_members(self.agent).iter().any(|(pid, _)| *pid != self.agent);
        if others && self.is_killed {
            // Whoever was being started just when we looked.
            signal_session(self.agent, foreground, Signal::SIGKILL);
        }
        !others || now >= self.kill_at + AFTER_KILL
    }
}

fn signal_session(agent: u32, foreground: Option<Pid>, signal: Signal) {
    let group = Pid::from_raw(agent as i32);
    gone_is_fine(killpg(group, signal));
    let members = session_members(agent);
    for (pid, stat) in &members {
        if stat.group != group.as_raw() {
            gone_is_fine(kill(Pid::from_raw(*pid as i32), signal));
        }
    }
    // Where the system does not tell who is in a session, the foreground is known at least.
    if members.is_empty()
        && let Some(foreground) = foreground.filter(|foreground| *foreground != group)
    {
        gone_is_fine(killpg(foreground, signal));
    }
}

/// Whoever is gone, or has become another user's, cannot be ended by us, and there is nothing else to do about it:
/// the caller looks again who is left.
fn gone_is_fine(result: Result<(), Errno>) {
    let _ = result;
}
