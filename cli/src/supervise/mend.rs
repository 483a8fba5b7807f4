//! Making again what was removed under a running supervisor: its folders, its lock, its pid, its report, and the sockets
//! on which its children speak to it.
//!
//! The lock comes first. Without its file another supervisor could have begun meanwhile; the new file is locked as the
//! first one was, so one of the two gets it, and the other one leaves the home alone. A home that was thrown away is not
//! made again.

use super::lock::{Lock, LockError};
use super::place::is_thrown_away;
use super::stack::{Ending, Stack};
use super::write_pid;
use bus::home::make_private_in_its_parent;
use std::time::Instant;

impl Stack<'_> {
    /// Makes again what is missing, unless the home is another's by now or nobody's.
    pub(super) fn mend(&mut self, now: Instant) {
        if self.is_displaced {
            return;
        }
        let home = self.place.home;
        if is_thrown_away(home, self.root) {
            let sentence = format!("the home {} was removed or moved", home.root().display());
            self.voice.news(&format!("{sentence}: everything ends, and the agents with it"));
            return self.leave(Ending::WithAgents, now);
        }
        if let Err(error) = home.make_again().and_then(|()| make_private_in_its_parent(&home.run().join("notify"))) {
            self.voice.news(&format!("cannot make the folders of the home again: {error}"));
        }
        self.places.watch_again(now);
        let path = home.supervisor_lock();
        if !self.lock.is_in_place(&path) {
            match Lock::take(&path) {
                Ok(lock) => {
                    self.lock = lock;
                    self.voice.news(&format!("the lock {} was removed; it is there again", path.display()));
                }
                Err(LockError::Held) => {
                    let sentence = format!("the lock {} was removed and another supervisor has begun", path.display());
                    self.voice.news(&format!("{sentence}: this one ends, and the agents go on working"));
                    return self.leave(Ending::WithoutAgents, now);
                }
                Err(LockError::Io(error)) => {
                    self.voice.news(&format!("cannot take the lock {} again: {error}", path.display()));
                }
            }
        }
        for member in &mut self.members {
            member.mend_ear(home, self.voice);
        }
        if !home.pid_file().exists()
            && let Err(error) = write_pid(home)
        {
            self.voice.news(&format!("cannot write {} again: {error}", home.pid_file().display()));
        }
        if !home.supervisor_report().exists() {
            self.reported = None;
        }
    }

    /// Ends because the home is not ours any more: from here on nothing is made or written in it. Everybody ends at once;
    /// whoever was started again meanwhile would get into the way of whoever is there now.
    fn leave(&mut self, ending: Ending, now: Instant) {
        self.is_displaced = true;
        self.end(ending);
        let with_all = self.ending == Some(Ending::WithAgents);
        for member in self.members.iter_mut().rev().filter(|member| !member.was_told_to_end()) {
            member.stop(with_all, &self.place, self.voice, now);
        }
    }
}
