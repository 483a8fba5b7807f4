//! Finding the live holders of a home among all processes. It is done aside: there may be many, and ptyd has one thread.

use bus::home::Home;
use bus::identity::Identity;
use nix::unistd::{Pid, geteuid};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The holders' program.
const HOLDER: &str = "ptyhold";

/// A holder of a session of ours that lives.
#[derive(Debug)]
pub struct Holder {
    /// Its process.
    pub pid: Pid,
    /// Where its session is found, if it is.
    pub folder: PathBuf,
    /// Whether it is known to live in our home, and not only at a path of that name.
    pub is_surely_ours: bool,
}

/// A search for the holders of a home, which stays the same one whatever is at its path later.
#[derive(Debug, Clone)]
pub struct Search {
    root: PathBuf,
    pty: PathBuf,
    ours: World,
}

impl Search {
    /// For the home that is at its path now.
    pub fn of(home: &Home) -> Self {
        let ours = World { user: geteuid().as_raw(), root: folder_at(home.root()) };
        Self { root: home.root().to_path_buf(), pty: home.pty(), ours }
    }

    /// The live holders.
    pub async fn holders(&self) -> Vec<Holder> {
        let search = self.clone();
        aside(move || search.walk()).await
    }

    /// Those whose sessions cannot be found.
    pub async fn displaced(&self) -> Vec<Holder> {
        let search = self.clone();
        aside(move || search.walk().into_iter().filter(|holder| !is_whole(&holder.folder)).collect()).await
    }

    /// Which of some holders live.
    pub async fn still_alive(&self, holders: Vec<Holder>) -> Vec<Holder> {
        let pty = self.pty.clone();
        aside(move || holders.into_iter().filter(|holder| lives(holder, &pty)).collect()).await
    }

    /// Which of some holders live and cannot be found.
    pub async fn still_displaced(&self, holders: Vec<Holder>) -> Vec<Holder> {
        let pty = self.pty.clone();
        let is_displaced = move |holder: &Holder| lives(holder, &pty) && !is_whole(&holder.folder);
        aside(move || holders.into_iter().filter(is_displaced).collect()).await
    }

    fn walk(&self) -> Vec<Holder> {
        // Without a /proc nobody can be found, and nobody is waited for.
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let holder = |entry: fs::DirEntry| {
            let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?);
            let folder = folder_of(pid, &self.pty)?;
            let status = fs::read_to_string(entry.path().join("status")).ok()?;
            let its = World { user: user_in(&status)?, root: folder_at(&seen_by(&entry.path(), &self.root)) };
            Some(Holder { pid, folder, is_surely_ours: its.is(&self.ours)? })
        };
        entries.filter_map(holder).collect()
    }
}

async fn aside(work: impl FnOnce() -> Vec<Holder> + Send + 'static) -> Vec<Holder> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

fn lives(holder: &Holder, pty: &Path) -> bool {
    folder_of(holder.pid, pty).is_some_and(|folder| folder == holder.folder)
}

fn is_whole(folder: &Path) -> bool {
    ["meta.json", "sock"].iter().all(|name| folder.join(name).exists())
        // One that has ended takes its socket away, or leaves it to nobody.
        || folder.join("exit.json").exists()
}

/// Whose a process is, and which folder the home is for it: in a container the same path leads to another one.
#[derive(Debug, Clone)]
struct World {
    user: u32,
    /// The device and the number of the home, or why they are not told.
    root: Result<Identity, io::ErrorKind>,
}

impl World {
    /// Whether it is surely ours; nothing when it is surely not. The system shows nobody the root of a process that
    /// must not be traced, or is in another user namespace.
    fn is(&self, ours: &Self) -> Option<bool> {
        let is_hidden = self.root == Err(io::ErrorKind::PermissionDenied);
        let is_same = self.root.is_ok() && self.root == ours.root;
        (self.user == ours.user && (is_same || is_hidden)).then_some(is_same)
    }
}

fn folder_at(path: &Path) -> Result<Identity, io::ErrorKind> {
    path.metadata().map(|about| Identity::of(&about)).map_err(|error| error.kind())
}

/// The effective user in the `status` of a process. Its folder in `/proc` may be root's all the same.
fn user_in(status: &str) -> Option<u32> {
    status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().nth(1)?.parse().ok()
}

/// An absolute path as a process sees it, by its folder in `/proc`.
fn seen_by(process: &Path, path: &Path) -> PathBuf {
    process.join("root").join(path.strip_prefix("/").unwrap_or(path))
}

/// The folder of a holder of sessions below `pty`; nothing for any other process.
fn folder_of(pid: Pid, pty: &Path) -> Option<PathBuf> {
    // One that has ended meanwhile has no words.
    folder_in(&fs::read(format!("/proc/{pid}/cmdline")).ok()?, pty)
}

fn folder_in(words: &[u8], pty: &Path) -> Option<PathBuf> {
    let mut words = words.split(|byte| *byte == 0).map(|word| Path::new(std::ffi::OsStr::from_bytes(word)));
    let (program, folder) = (words.next()?, words.next()?);
    let is_it = program.file_name().is_some_and(|name| name == HOLDER) && folder.parent() == Some(pty);
    is_it.then(|| folder.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_holders_of_this_home_are_waited_for() {
        let pty = Path::new("/h/run/pty");
        #[rustfmt::skip]
        let cases: &[(&[u8], Option<&str>)] = &[
            (b"/usr/libexec/ptyhold\0/h/run/pty/01\0",  Some("/h/run/pty/01")),
            (b"ptyhold\0/h/run/pty/01\0more\0",         Some("/h/run/pty/01")),
            (b"/usr/libexec/ptyhold\0/g/run/pty/01\0",  None),
            (b"/usr/libexec/ptyhold\0/h/run/pty\0",     None),
            (b"/usr/libexec/ptyhold\0",                 None),
            (b"vi\0/h/run/pty/01\0",                    None),
            (b"",                                       None),
        ];
        for (words, wanted) in cases {
            let found = folder_in(words, pty);
            assert_eq!(found.as_deref(), wanted.map(Path::new), "{}", String::from_utf8_lossy(words));
        }
    }

    #[test]
    fn whoever_lives_in_another_world_is_not_waited_for_and_only_ours_are_ended() {
        let world = |user, root| World { user, root };
        let [home, other] = ["/", "/proc"].map(|path| Identity::at(Path::new(path)).unwrap());
        let ours = world(1000, Ok(home));
        #[rustfmt::skip]
        let cases = [
            ("one of ours",                  world(1000, Ok(home)),                              Some(true)),
            ("another user's",               world(1001, Ok(home)),                              None),
            ("one in a container",           world(1000, Ok(other)),                              None),
            ("one where there is no home",   world(1000, Err(io::ErrorKind::NotFound)),            None),
            ("one nobody can look into",     world(1000, Err(io::ErrorKind::PermissionDenied)),    Some(false)),
            ("another user's, as hidden",    world(1001, Err(io::ErrorKind::PermissionDenied)),    None),
        ];
        for (who, its, wanted) in cases {
            assert_eq!(its.is(&ours), wanted, "{who}");
        }
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(folder_at(&seen_by(Path::new("/proc/self"), folder.path())), folder_at(folder.path()));
        assert_eq!(user_in("Name:\tptyhold\nUid:\t1\t2\t3\t4\n"), Some(2));
    }
}
