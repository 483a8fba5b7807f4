//! Whether a daemon's sockets are still where they are looked for: an inotify watch, and a look now and then.
//!
//! A cleaner of temporary files removes a socket, or a person its folder, and nobody reaches its daemon any more, which
//! itself notices nothing. It ends then, and its next life makes the folder and the socket anew.

use crate::identity::{self, Identity};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::Inotify;
use std::collections::BTreeSet;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often is looked where nobody wants life signs. The system tells of nearly everything at once; what it does not
/// tell of is a folder farther up that was moved, and anything at all where its watches have run out.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Files that are ours as long as they stay the same.
#[derive(Debug)]
pub struct Places {
    files: Vec<(Option<Identity>, PathBuf)>,
    notices: Option<Inotify>,
    look_every: Duration,
}

impl Places {
    /// Watches files that are there now; one that is not is missing from the start.
    pub fn of(paths: Vec<PathBuf>, look_every: Option<Duration>) -> Self {
        let folders: BTreeSet<_> = paths.iter().filter_map(|path| path.parent()).collect();
        let notices = identity::removals(folders)
            .inspect_err(|error| tracing::info!(%error, "the system does not tell of removed sockets"));
        // After the watch has begun, so that nothing happens in between.
        let files = paths.into_iter().map(|path| (Identity::at(&path).ok(), path)).collect();
        Self { files, notices: notices.ok(), look_every: look_every.unwrap_or(LOOK_EVERY) }
    }

    /// Blocks until something happens in a folder of the files or it is time to look, and returns a file that is missing
    /// or another one.
    pub fn wait(&self) -> Option<&Path> {
        let names = match &self.notices {
            Some(notices) => self.hear(notices),
            None => {
                std::thread::sleep(self.look_every);
                BTreeSet::new()
            }
        };
        // A number is given again at once on some file systems: what the system has told counts as well.
        let is_lost = |(file, path): &&(Option<Identity>, PathBuf)| {
            file.is_none()
                || Identity::at(path).ok() != *file
                || path.file_name().is_some_and(|name| names.contains(name))
        };
        self.files.iter().find(is_lost).map(|(_, path)| path.as_path())
    }

    /// The names that something has happened to.
    fn hear(&self, notices: &Inotify) -> BTreeSet<std::ffi::OsString> {
        let patience = PollTimeout::try_from(self.look_every).unwrap_or(PollTimeout::MAX);
        let mut fds = [PollFd::new(notices.as_fd(), PollFlags::POLLIN)];
        // Interrupted or not: whoever looks too early sees that all is well.
        let _ = poll(&mut fds, patience);
        let events = notices.read_events().unwrap_or_default();
        events.into_iter().filter_map(|event| event.name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::net::UnixListener;

    /// Files of which one is lost, by what happens to the folder they are in.
    #[test]
    fn a_socket_that_is_not_in_its_place_is_told() {
        type Fate = fn(&Path);
        #[rustfmt::skip]
        let fates: &[(&str, Fate)] = &[
            ("removed",             |folder| fs::remove_file(folder.join("run/b")).unwrap()),
            ("moved away",          |folder| fs::rename(folder.join("run/b"), folder.join("b")).unwrap()),
            ("another's",           |folder| fs::rename(folder.join("run/c"), folder.join("run/b")).unwrap()),
            ("removed and another", |folder| {
                fs::remove_file(folder.join("run/b")).unwrap();
                fs::write(folder.join("run/b"), "").unwrap();
            }),
            ("gone with its folder", |folder| fs::rename(folder.join("run"), folder.join("gone")).unwrap()),
            ("gone with all above",  |folder| fs::rename(folder, folder.with_extension("gone")).unwrap()),
        ];
        for (what, fate) in fates {
            for is_told in [true, false] {
                let top = tempfile::tempdir().unwrap();
                let folder = top.path().join("home");
                fs::create_dir_all(folder.join("run")).unwrap();
                let sockets = ["a", "b", "c"].map(|name| UnixListener::bind(folder.join("run").join(name)).unwrap());
                let paths = ["a", "b"].map(|name| folder.join("run").join(name)).to_vec();
                let mut places = Places::of(paths, Some(Duration::from_millis(1)));
                if !is_told {
                    places.notices = None;
                }
                assert_eq!(places.wait(), None, "{what}");
                fate(&folder);
                // Where nobody tells, a number that was given again looks like the old one.
                if is_told || *what != "removed and another" {
                    assert!(places.wait().is_some(), "{what}, told: {is_told}");
                }
                drop(sockets);
            }
        }
    }

    #[test]
    fn other_files_may_come_and_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sock");
        let _socket = UnixListener::bind(&path).unwrap();
        let places = Places::of(vec![path], Some(Duration::from_millis(1)));
        fs::write(folder.path().join("draft"), "").unwrap();
        fs::rename(folder.path().join("draft"), folder.path().join("report")).unwrap();
        assert_eq!(places.wait(), None);
        assert!(Places::of(vec![folder.path().join("none")], Some(Duration::ZERO)).wait().is_some());
    }
}
