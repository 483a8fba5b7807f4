//! Notices that the holder's socket was removed by somebody else, with a home that was thrown away for example.
//!
//! Nobody can reach such a holder any more, so without this it and its agent would run for ever, unseen. The system tells, and
//! nothing is done until then. It has room for so many watches of a user only (128 on many systems); a holder that gets
//! none looks by itself, seldom: that a terminal runs matters more. Where the system has no such watch, all of them do.

use std::io;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often a holder that got no watch looks whether its socket is still there.
pub const LOOK_EVERY: Duration = Duration::from_secs(60);

/// A watch on one socket.
#[derive(Debug)]
pub struct Watch {
    socket: PathBuf,
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
    /// Watches a socket in a folder.
    ///
    /// # Errors
    ///
    /// The folder cannot be watched, for another reason than that the system has no watch left.
    pub fn on(folder: &Path, socket: &Path, now: Instant) -> io::Result<Self> {
        Self::with(system::notices(folder), socket, now)
    }

    fn with(notices: nix::Result<system::Notices>, socket: &Path, now: Instant) -> io::Result<Self> {
        let by = match notices {
            Ok(notices) => By::System(notices),
            Err(errno) if system::is_refusal(errno) => By::Looking { at: now + LOOK_EVERY },
            Err(errno) => return Err(errno.into()),
        };
        Ok(Self { socket: socket.to_path_buf(), by })
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

    /// Whether the socket was removed, as far as the system has told (`is_told`) or it is time to look.
    pub fn take_removed(&mut self, is_told: bool, now: Instant) -> bool {
        match &mut self.by {
            By::System(notices) if is_told => system::take(notices),
            By::Looking { at } if now >= *at => *at = now + LOOK_EVERY,
            By::System(_) | By::Looking { .. } => return false,
        }
        // What was removed is of no interest (a log's turn is over), only whether the socket is still there.
        !self.socket.exists()
    }
}

mod system {
    use nix::errno::Errno;
    use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
    use std::os::fd::{AsFd, BorrowedFd};
    use std::path::Path;

    pub type Notices = Inotify;

    pub fn notices(folder: &Path) -> nix::Result<Notices> {
        let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
        // Not the end of the folder itself, which comes after that of what is in it; but it may be moved.
        let what = AddWatchFlags::IN_DELETE | AddWatchFlags::IN_MOVED_FROM | AddWatchFlags::IN_MOVE_SELF;
        inotify.add_watch(folder, what | AddWatchFlags::IN_ONLYDIR)?;
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
        let socket = folder.path().join("sock");
        for refusal in [Errno::EMFILE, Errno::ENFILE, Errno::ENOSPC, Errno::ENOMEM, Errno::ENOSYS, Errno::EPERM] {
            fs::write(&socket, "").unwrap();
            let start = Instant::now();
            let mut watch = Watch::with(Err(refusal), &socket, start).unwrap();
            assert!(watch.as_fd().is_none(), "{refusal}");
            assert_eq!(watch.look_at(), Some(start + LOOK_EVERY), "{refusal}");
            assert!(!watch.take_removed(false, start + LOOK_EVERY), "it is there");
            assert_eq!(watch.look_at(), Some(start + LOOK_EVERY * 2), "{refusal}");
            fs::remove_file(&socket).unwrap();
            assert!(!watch.take_removed(false, start + LOOK_EVERY * 2 - Duration::from_millis(1)), "not yet");
            assert!(watch.take_removed(false, start + LOOK_EVERY * 2), "{refusal}");
        }
        let error = Watch::with(Err(Errno::ENOENT), &socket, Instant::now()).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(Errno::ENOENT as i32), "a folder that is gone is no shortage");
    }

    #[test]
    fn a_holder_with_a_watch_never_looks_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("sock");
        fs::write(&socket, "").unwrap();
        let notices = match system::notices(folder.path()) {
            // None is left for this user just now, which the other test is about.
            Err(errno) if system::is_refusal(errno) => return,
            notices => notices,
        };
        let now = Instant::now();
        let mut watch = Watch::with(notices, &socket, now).unwrap();
        assert!(watch.as_fd().is_some() && watch.look_at().is_none());
        fs::write(folder.path().join("log"), "").unwrap();
        fs::remove_file(folder.path().join("log")).unwrap();
        assert!(!watch.take_removed(true, now), "something else was removed");
        fs::remove_file(&socket).unwrap();
        assert!(watch.take_removed(true, now));
        assert!(!watch.take_removed(false, now + LOOK_EVERY), "it looks when it is told only");
    }
}
