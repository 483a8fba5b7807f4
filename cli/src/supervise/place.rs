//! Whether the supervisor's own files are still where they are looked for: its lock, its report, its pid, and the sockets
//! on which its children speak to it. What was removed is made again.
//!
//! The system tells (inotify); where its watches have run out, it is looked now and then.

use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use std::fs::Metadata;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long after the last word of the system files are made again: whoever removes a folder is left to finish.
const MEND_PAUSE: Duration = Duration::from_millis(200);

/// How often is looked where the system does not tell.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// A file as the system knows it: its device and its number.
pub type Identity = (u64, u64);

/// Which file this is.
pub fn identity(about: &Metadata) -> Identity {
    (about.dev(), about.ino())
}

/// The file that is at a path; nothing where there is none.
pub fn file_at(path: &Path) -> Option<Identity> {
    path.symlink_metadata().ok().as_ref().map(identity)
}

/// Folders in which something may be removed.
#[derive(Debug)]
pub struct Places {
    folders: Vec<PathBuf>,
    notices: Option<Inotify>,
    mend_at: Option<Instant>,
}

impl Places {
    /// Watches folders, which must be there.
    pub fn in_folders(folders: Vec<PathBuf>, now: Instant) -> Self {
        let mut places = Self { folders, notices: None, mend_at: None };
        places.watch(now);
        places
    }

    /// Begins to watch; the folders may be new ones.
    fn watch(&mut self, now: Instant) {
        let what = AddWatchFlags::IN_DELETE
            | AddWatchFlags::IN_MOVED_FROM
            | AddWatchFlags::IN_DELETE_SELF
            | AddWatchFlags::IN_MOVE_SELF
            | AddWatchFlags::IN_ONLYDIR;
        let notices = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK).and_then(|notices| {
            self.folders.iter().try_for_each(|folder| notices.add_watch(folder, what).map(drop))?;
            Ok(notices)
        });
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

    /// Whether it is time to look after the files.
    pub fn take_due(&mut self, now: Instant) -> bool {
        self.mend_at.take_if(|at| now >= *at).is_some()
    }

    /// Goes on watching once the files have been looked after: in the folders that are there now.
    pub fn watch_again(&mut self, now: Instant) {
        self.watch(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
}
