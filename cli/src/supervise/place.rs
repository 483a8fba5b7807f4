//! Whether the supervisor's own files are still where they are looked for: its lock, its report, its pid, and the sockets
//! on which its children speak to it. What was removed is made again.
//!
//! The system tells (inotify); where its watches have run out, it is looked now and then.

use super::stack::Ending;
use bus::home::{Home, Root, Standing};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use std::fs::Metadata;
use std::io;
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

/// What is to be thought of a home under a running supervisor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Where it belongs; what is missing is made again.
    Fine,
    /// Surely removed.
    Removed,
    /// All of it is gone but its folder: whoever removes it has not finished.
    Emptied,
    /// What a supervisor makes is gone and what people made is there: perhaps a beginning, perhaps all of it.
    Bare,
    /// It lies elsewhere now.
    Moved(PathBuf),
    /// Its path leads elsewhere, by a link or a mount.
    Hidden,
}

impl State {
    /// How it is with a home whose folder was this one.
    pub fn of(home: &Home, root: &Root) -> Self {
        let is_gone = |name: &str| {
            let about = home.root().join(name).symlink_metadata();
            about.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        };
        match root.standing() {
            Standing::Here if !["run", "daemon", "logs"].into_iter().all(is_gone) => Self::Fine,
            Standing::Here if ["home", "groups"].into_iter().all(is_gone) => Self::Emptied,
            Standing::Here => Self::Bare,
            Standing::Removed => Self::Removed,
            Standing::Moved(path) => Self::Moved(path),
            Standing::Hidden => Self::Hidden,
        }
    }

    /// Whether it may be another one in a moment, so that one look is not enough.
    pub fn is_passing(&self) -> bool {
        !matches!(self, Self::Fine | Self::Removed)
    }

    /// What became of the home, and how its supervisor ends; nothing for a home that goes on. Agents are ended for one
    /// that is surely thrown away only.
    pub fn end(&self) -> Option<(String, Ending)> {
        match self {
            Self::Fine | Self::Bare => None,
            Self::Removed | Self::Emptied => Some(("was removed".into(), Ending::WithAgents)),
            Self::Moved(path) => Some((format!("was moved to {}", path.display()), Ending::WithoutAgents)),
            Self::Hidden => {
                Some(("is hidden, because its path leads elsewhere by a link or a mount".into(), Ending::WithoutAgents))
            }
        }
    }
}

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
        let what = AddWatchFlags::IN_DELETE
            | AddWatchFlags::IN_MOVED_FROM
            | AddWatchFlags::IN_MOVED_TO
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

    #[test]
    fn a_home_ends_its_agents_only_once_nothing_is_left_of_it() {
        let top = tempfile::tempdir().unwrap();
        let top = top.path().canonicalize().unwrap();
        let home = Home::find(Some(&top.join("home"))).unwrap();
        home.make().unwrap();
        fs::create_dir(home.root().join("groups")).unwrap();
        let root = Root::open(home.root()).unwrap();
        let state = || State::of(&home, &root);
        for folder in [home.run().to_path_buf(), home.daemon()] {
            fs::remove_dir_all(folder).unwrap();
            assert_eq!(state(), State::Fine, "that may be all that is removed");
        }
        fs::remove_dir_all(home.logs()).unwrap();
        assert_eq!(state(), State::Bare, "the data is there");
        assert_eq!(state().end(), None);
        fs::remove_dir(home.root().join("groups")).unwrap();
        assert_eq!(state(), State::Emptied, "whoever removes it has not finished");
        home.make_again().unwrap();
        assert_eq!(state(), State::Fine);
        fs::rename(home.root(), top.join("old")).unwrap();
        home.make().unwrap();
        assert_eq!(state(), State::Moved(top.join("old")), "this is another one");
        assert_eq!(state().end().unwrap().1, Ending::WithoutAgents);
        fs::remove_dir_all(top.join("old")).unwrap();
        assert_eq!(state().end().unwrap().1, Ending::WithAgents);
    }
}
