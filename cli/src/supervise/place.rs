//! Whether the supervisor's own files are still where they are looked for: its lock, its report, its pid, and the sockets
//! on which its children speak to it. What was removed is made again.
//!
//! The system tells (inotify); where its watches have run out, it is looked now and then.

use bus::identity;
use nix::sys::inotify::Inotify;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long after the last word of the system files are made again: whoever removes a folder is left to finish.
const MEND_PAUSE: Duration = Duration::from_millis(200);

/// How often is looked where the system does not tell.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Folders in which something may be removed.
#[derive(Debug)]
pub struct Places {
    folders: Vec<PathBuf>,
    notices: Option<Inotify>,
    mend_at: Option<Instant>,
    looked_at: Instant,
}

impl Places {
    /// Watches folders, which must be there.
    pub fn in_folders(folders: Vec<PathBuf>, now: Instant) -> Self {
        let mut places = Self { folders, notices: None, mend_at: None, looked_at: now };
        places.watch(now);
        places
    }

    /// Begins to watch; the folders may be new ones.
    fn watch(&mut self, now: Instant) {
        let notices = identity::removals(self.folders.iter().map(PathBuf::as_path));
        self.notices = notices.ok();
        self.mend_at = self.notices.is_none().then(|| now + LOOK_EVERY);
    }

    /// What becomes readable when something is removed.
    pub fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        self.notices.as_ref().map(AsFd::as_fd)
    }

    /// When to ask [`Places::take_due`] again.
    pub fn due(&self) -> Option<Instant> {
        self.mend_at
    }

    /// Takes note of what the system has told; never waits.
    pub fn hear(&mut self, now: Instant) {
        if let Some(notices) = &self.notices {
            // Which file it was is not asked: all of them are looked at.
            drop(notices.read_events());
            self.mend_at = Some(now + MEND_PAUSE);
        }
    }

    /// Has the files looked after at a time, if not sooner.
    pub fn look_at(&mut self, at: Instant) {
        self.mend_at.get_or_insert(at);
    }

    /// Has the files looked after soon: a child has ended, perhaps because something is missing of which the system does
    /// not tell, as where a folder farther up was moved.
    pub fn look_soon(&mut self, now: Instant) {
        self.mend_at.get_or_insert(now + MEND_PAUSE);
    }

    /// The same for one who is awake anyway, now and then.
    pub fn look_in_passing(&mut self, now: Instant) {
        if now.saturating_duration_since(self.looked_at) >= LOOK_EVERY {
            self.mend_at = Some(now);
        }
    }

    /// Whether it is time to look after the files.
    pub fn take_due(&mut self, now: Instant) -> bool {
        let is_due = self.mend_at.take_if(|at| now >= *at).is_some();
        if is_due {
            self.looked_at = now;
        }
        is_due
    }

    /// Goes on watching in the folders that are there now. Before the files are looked after, so that nothing happens in
    /// between.
    pub fn watch_again(&mut self, now: Instant) {
        self.watch(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use std::fs;

    #[test]
    fn what_is_removed_is_told_once_it_is_quiet_and_also_in_a_new_folder() {
        let top = tempfile::tempdir().unwrap();
        let run = top.path().join("run");
        fs::create_dir(&run).unwrap();
        let start = Instant::now();
        let mut places = Places::in_folders(vec![run.clone()], start);
        if places.as_fd().is_none() {
            // None is left for this user just now: then it is looked.
            assert_eq!(places.due(), Some(start + LOOK_EVERY));
            return;
        }
        assert_eq!(places.due(), None, "nobody looks");
        for _ in 0..2 {
            fs::write(run.join("report"), "").unwrap();
            fs::remove_dir_all(&run).unwrap();
            places.hear(start);
            assert!(!places.take_due(start), "it may not be over");
            assert!(places.take_due(start + MEND_PAUSE));
            fs::create_dir(&run).unwrap();
            places.watch_again(start + MEND_PAUSE);
            assert_eq!(places.due(), None);
        }
    }

    /// One that a person or a cleaner puts over ours is as good as removed.
    #[test]
    fn what_is_replaced_is_told_and_what_nobody_tells_is_seen_in_passing() {
        let top = tempfile::tempdir().unwrap();
        let run = top.path().join("run");
        fs::create_dir(&run).unwrap();
        let start = Instant::now();
        let mut places = Places::in_folders(vec![run.clone()], start);
        if let Some(told) = places.as_fd() {
            fs::write(top.path().join("lock"), "").unwrap();
            fs::rename(top.path().join("lock"), run.join("lock")).unwrap();
            let mut fds = [PollFd::new(told, PollFlags::POLLIN)];
            assert_eq!(poll(&mut fds, PollTimeout::ZERO), Ok(1));
        }
        places.hear(start);
        assert!(places.take_due(start + LOOK_EVERY));
        places.look_in_passing(start + LOOK_EVERY + LOOK_EVERY / 2);
        assert!(!places.take_due(start + LOOK_EVERY + LOOK_EVERY / 2), "it has just been looked");
        places.look_in_passing(start + LOOK_EVERY * 2);
        assert!(places.take_due(start + LOOK_EVERY * 2));
        places.look_soon(start + LOOK_EVERY * 2);
        assert!(places.take_due(start + LOOK_EVERY * 2 + MEND_PAUSE));
    }
}
