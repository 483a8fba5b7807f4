//! Making again what was removed under a running supervisor: its folders, its lock, its pid, its report, and the sockets
//! on which its children speak to it.
//!
//! The lock comes first. Without its file another supervisor could have begun meanwhile; the new file is locked as the
//! first one was, so one of the two gets it, and the other one leaves the home alone.

use super::lock::{Lock, LockError};
use super::stack::{Ending, Stack};
use super::write_pid;
use std::time::Instant;

impl Stack<'_> {
    /// Makes again what is missing.
    pub(super) fn mend(&mut self, now: Instant) {
        let home = self.place.home;
        if let Err(error) = home.make().and_then(|()| bus::home::make_private(&home.run().join("notify"))) {
            self.voice.news(&format!("cannot make the folders of the home again: {error}"));
        }
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
                    self.end(Ending::WithoutAgents);
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
        self.places.watch_again(now);
    }
}
