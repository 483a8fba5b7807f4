//! Which file is at a path, and being told that one is removed: for whoever must know that its own is still in its place.

use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use std::fs::{self, File, Metadata};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// A file as the system knows it: its device and its number there. A number is given again once its file is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    device: u64,
    number: u64,
}

impl Identity {
    /// Of what was looked at.
    pub fn of(about: &Metadata) -> Self {
        Self { device: about.dev(), number: about.ino() }
    }

    /// Of what is at a path; a link is one itself, wherever it leads.
    ///
    /// # Errors
    ///
    /// Nothing is there, or it cannot be looked at.
    pub fn at(path: &Path) -> io::Result<Self> {
        fs::symlink_metadata(path).map(|about| Self::of(&about))
    }
}

/// Where an open file or folder lies now, as the system says.
///
/// # Errors
///
/// The system does not say.
pub fn place_of(file: &File) -> io::Result<PathBuf> {
    fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

/// Has the system tell of everything that is removed from folders, moved out of them or put over something in them, and of
/// their own end. Reading never waits.
///
/// # Errors
///
/// One of them is no folder, or the system has no watch left.
pub fn removals<'a>(folders: impl IntoIterator<Item = &'a Path>) -> io::Result<Inotify> {
    let notices = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
    let what = AddWatchFlags::IN_DELETE
        | AddWatchFlags::IN_MOVED_FROM
        | AddWatchFlags::IN_MOVED_TO
        | AddWatchFlags::IN_DELETE_SELF
        | AddWatchFlags::IN_MOVE_SELF
        | AddWatchFlags::IN_ONLYDIR;
    for folder in folders {
        notices.add_watch(folder, what)?;
    }
    Ok(notices)
}
