//! Making again what was removed under a running supervisor: its folders, its lock, its pid, its report, and the sockets
//! on which its children speak to it.
//!
//! The lock comes first. Without its file another supervisor could have begun meanwhile; the new file is locked as the
//! first one was, so one of the two gets it, and the other one leaves the home alone. A home that was thrown away is not
//! made again; one that only seems so is looked at twice, and until then nothing is made and nobody is started in it.

use super::ending::Ending;
use super::fate::HomeState;
use super::lock::{Lock, LockError};
use super::stack::Stack;
use super::write_pid;
use bus::home::make_private_in_its_parent;
use std::time::{Duration, Instant};

/// How long a home that seems to be gone must seem so before it is believed; a holder waits as long.
const DOUBT: Duration = Duration::from_secs(2);

impl Stack<'_> {
    /// Makes again what is missing, unless the home is another's by now or nobody's.
    pub(super) fn mend(&mut self, now: Instant) {
        if self.is_displaced {
            return;
        }
        let home = self.place.home;
        let state = HomeState::of(home, &self.root);
        if self.is_in_doubt(&state, now) {
            return;
        }
        if let Some((fate, ending)) = state.end() {
            let agents = match ending {
                Ending::WithAgents => "and the agents with it",
                Ending::WithoutAgents => "and the agents are left alone",
            };
            let home = home.root().display();
            self.console.news(&format!("the home {home} {fate}: everything ends, {agents}"));
            return self.leave(ending, now);
        }
        if let Err(error) = home.make_again().and_then(|()| make_private_in_its_parent(&home.run().join("notify"))) {
            self.console.news(&format!("cannot make the folders of the home again: {error}"));
        }
        self.places.watch_again(now);
        let path = home.supervisor_lock();
        if !self.lock.is_in_place(&path) {
            match Lock::take(&path) {
                Ok(lock) => {
                    self.lock = lock;
                    self.console.news(&format!("the lock {} was removed; it is there again", path.display()));
                }
                Err(LockError::Held) => {
                    let sentence = format!("the lock {} was removed and another supervisor has begun", path.display());
                    self.console.news(&format!("{sentence}: this one ends, and the agents go on working"));
                    return self.leave(Ending::WithoutAgents, now);
                }
                Err(LockError::Io(error)) => {
                    self.console.news(&format!("cannot take the lock {} again: {error}", path.display()));
                }
            }
        }
        for member in &mut self.members {
            member.mend_ear(home, self.console);
        }
        if !home.pid_file().exists()
            && let Err(error) = write_pid(home)
        {
            self.console.news(&format!("cannot write {} again: {error}", home.pid_file().display()));
        }
        if !home.supervisor_report().exists() {
            self.reported = None;
        }
    }

    /// Whether it has to be looked again before this is believed.
    fn is_in_doubt(&mut self, state: &HomeState, now: Instant) -> bool {
        let begun = match self.doubt.take() {
            _ if !state.is_passing() => return false,
            Some((before, begun)) if before == *state => begun,
            _ => now,
        };
        let until = begun + DOUBT;
        if now >= until {
            return false;
        }
        self.doubt = Some((state.clone(), begun));
        self.places.look_at(until);
        true
    }

    /// Looks at once when somebody has ended whose home may be gone: nobody is to be started in another one's.
    pub(super) fn mend_if_lost(&mut self, now: Instant) {
        if self.doubt.is_none() && HomeState::of(self.place.home, &self.root) != HomeState::Fine {
            self.mend(now);
        }
    }

    /// Ends because the home is not ours any more: from here on nothing is made or written in it. Everybody ends at once;
    /// whoever was started again meanwhile would get into the way of whoever is there now.
    pub(super) fn leave(&mut self, ending: Ending, now: Instant) {
        self.is_displaced = true;
        self.end(ending);
        let with_all = self.ending == Some(Ending::WithAgents);
        for member in self.members.iter_mut().rev().filter(|member| !member.was_told_to_end()) {
            member.stop(with_all, &self.place, self.console, now);
        }
    }
}
