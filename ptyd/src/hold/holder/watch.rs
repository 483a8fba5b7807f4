//! Notices that the holder's socket or the session's `meta.json` was removed by somebody else: a cleaner of old files, or
//! whoever threw the home away.
//!
//! Nobody can reach such a holder any more, so without this it and its agent would run for ever, unseen. The system tells, and
//! nothing is done until then. It has room for so many watches of a user only (128 on many systems); a holder that gets
//! none looks by itself, seldom: that a terminal runs matters more. Where the system has no such watch, all of them do.

use std::io;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often a holder that got no watch looks whether its files are still there.
pub const LOOK_EVERY: Duration = Duration::from_secs(60);

/// A watch on the files without which a session is not found.
#[derive(Debug)]
pub struct Watch {
    files: Vec<PathBuf>,
    by: By,
}

#[derive(Debug)]
enum By {
    /// The system tells.
    System(system::Notices),
    /// We look, next at this time.
    Looking { at: Instant },
}

impl Watch {
    /// Watches files in a folder, and the home, of whose end nobody tells a folder that lies elsewhere.
    ///
    /// # Errors
    ///
    /// The folder cannot be watched, for another reason than that the system has no watch left.
    pub fn on(folder: &Path, files: Vec<PathBuf>, home: &Path, now: Instant) -> io::Result<Self> {
        Self::with(system::notices(folder, home), files, now)
    }

    fn with(notices: nix::Result<system::Notices>, files: Vec<PathBuf>, now: Instant) -> io::Result<Self> {
        let by = match notices {
            Ok(notices) => By::System(notices),
            Err(errno) if system::is_refusal(errno) => By::Looking { at: now + LOOK_EVERY },
            Err(errno) => return Err(errno.into()),
        };
        Ok(Self { files, by })
    }

    /// What to wait for, if the system tells.
    pub fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        match &self.by {
            By::System(notices) => Some(system::as_fd(notices)),
            By::Looking { .. } => None,
        }
    }

    /// When to ask, if the system does not tell.
    pub fn look_at(&self) -> Option<Instant> {
        match &self.by {
            By::System(_) => None,
            By::Looking { at } => Some(*at),
        }
    }

    /// Whether something was removed, as far as the system has told (`is_told`), or it is time to look.
    pub fn take_due(&mut self, is_told: bool, now: Instant) -> bool {
        match &mut self.by {
            By::System(notices) if is_told => system::take(notices),
            By::Looking { at } if now >= *at => *at = now + LOOK_EVERY,
            By::System(_) | By::Looking { .. } => return false,
        }
        true
    }

    /// Whether one of the files is not there.
    pub fn is_one_missing(&self) -> bool {
        self.files.iter().any(|file| !file.exists())
    }
}

mod system {
    use nix::errno::Errno;
    use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
    use std::os::fd::{AsFd, BorrowedFd};
    use std::path::Path;

    pub type Notices = Inotify;

    pub fn notices(folder: &Path, home: &Path) -> nix::Result<Notices> {
        let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
        // Not the end of the folder itself, which comes after that of what is in it; but it may be moved.
        let what = AddWatchFlags::IN_DELETE | AddWatchFlags::IN_MOVED_FROM | AddWatchFlags::IN_MOVE_SELF;
        inotify.add_watch(folder, what | AddWatchFlags::IN_ONLYDIR)?;
        match inotify.add_watch(home, AddWatchFlags::IN_DELETE_SELF | AddWatchFlags::IN_MOVE_SELF) {
            // It is gone already, or nothing we may look at: then what happens to the folder must do.
            Err(errno) if !is_refusal(errno) => {}
            watched => drop(watched?),
        }
        Ok(inotify)
    }

    /// Too many instances, too many watches, no memory for them, no such thing, or not for us.
    pub fn is_refusal(errno: Errno) -> bool {
        matches!(errno, Errno::EMFILE | Errno::ENFILE | Errno::ENOSPC | Errno::ENOMEM | Errno::ENOSYS | Errno::EPERM)
    }

    pub fn as_fd(notices: &Notices) -> BorrowedFd<'_> {
        notices.as_fd()
    }

    pub fn take(notices: &Notices) {
        // Ready to be waited for again; what exactly happened is not asked.
        drop(notices.read_events());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::errno::Errno;
    use std::fs;

    /// A user has many terminals, and other programs have taken the watches: the terminal starts all the same.
    #[test]
    fn a_holder_that_gets_no_watch_looks_by_itself_and_seldom() {
        let folder = tempfile::tempdir().unwrap();
        let files = ["sock", "meta.json"].map(|name| folder.path().join(name));
        for refusal in [Errno::EMFILE, Errno::ENFILE, Errno::ENOSPC, Errno::ENOMEM, Errno::ENOSYS, Errno::EPERM] {
            for removed in &files {
                files.iter().for_each(|file| fs::write(file, "").unwrap());
                let start = Instant::now();
                let mut watch = Watch::with(Err(refusal), files.to_vec(), start).unwrap();
                assert!(watch.as_fd().is_none(), "{refusal}");
                assert_eq!(watch.look_at(), Some(start + LOOK_EVERY), "{refusal}");
                assert!(watch.take_due(false, start + LOOK_EVERY) && !watch.is_one_missing(), "both are there");
                assert_eq!(watch.look_at(), Some(start + LOOK_EVERY * 2), "{refusal}");
                fs::remove_file(removed).unwrap();
                assert!(!watch.take_due(false, start + LOOK_EVERY * 2 - Duration::from_millis(1)), "not yet");
                assert!(watch.take_due(false, start + LOOK_EVERY * 2) && watch.is_one_missing(), "{refusal}");
            }
        }
        let error = Watch::with(Err(Errno::ENOENT), files.to_vec(), Instant::now()).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(Errno::ENOENT as i32), "a folder that is gone is no shortage");
    }

    #[test]
    fn a_holder_with_a_watch_never_looks_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let files = ["sock", "meta.json"].map(|name| folder.path().join(name));
        for removed in &files {
            files.iter().for_each(|file| fs::write(file, "").unwrap());
            let notices = match system::notices(folder.path(), folder.path().parent().unwrap()) {
                // None is left for this user just now, which the other test is about.
                Err(errno) if system::is_refusal(errno) => return,
                notices => notices,
            };
            let now = Instant::now();
            let mut watch = Watch::with(notices, files.to_vec(), now).unwrap();
            assert!(watch.as_fd().is_some() && watch.look_at().is_none());
            fs::write(folder.path().join("log"), "").unwrap();
            fs::remove_file(folder.path().join("log")).unwrap();
            assert!(watch.take_due(true, now) && !watch.is_one_missing(), "something else was removed");
            fs::remove_file(removed).unwrap();
            assert!(watch.take_due(true, now) && watch.is_one_missing());
            assert!(!watch.take_due(false, now + LOOK_EVERY), "it looks when it is told only");
        }
    }
}
