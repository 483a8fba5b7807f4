//! Where everything lives: the home of one user's groups, and its run folder.
//!
//! Every folder is made 0700. The run folder moves out of a home that lies too deep for socket paths
//! (107 bytes); `run` in the home is then a symbolic link to it, so that everybody finds it.

mod root;

pub use root::{Root, Standing};

use crate::contract::{id, limit};
use nix::unistd::geteuid;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Longest name of a socket below the run folder, `pty/<session>/sock` included.
const SOCKET_NAME_BYTES_MAX: usize = 48;

/// Why a home cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// `CCCC_HOME` is not set, or begins with `~`, and `HOME` is not set or empty.
    #[error("cannot find a home, because HOME is not set or empty: set CCCC_HOME to a folder of yours")]
    Nowhere,
    /// A folder could not be made or looked at.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another program's home.
    #[error("{} belongs to the older implementation ({} is there); nothing was touched: move it away, \
             `mv {} {}-old`, and bring it over with `cccc import {}-old`, or set CCCC_HOME to another folder",
            home.display(), sign.display(), home.display(), home.display(), home.display())]
    Older {
        /// Which folder.
        home: PathBuf,
        /// How that was seen.
        sign: PathBuf,
    },
    /// The home that was served is not there any more.
    #[error("the home {} is not there any more; it was removed or moved, and is not made again", home.display())]
    Gone {
        /// Which folder.
        home: PathBuf,
    },
    /// A folder belongs to somebody else.
    #[error("{} belongs to user {owner}, not to you; choose another CCCC_HOME", path.display())]
    NotYours {
        /// Which folder.
        path: PathBuf,
        /// Its owner's user id.
        owner: u32,
    },
}

/// The folders of one home. Cheap to clone; makes nothing until [`Home::make`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
    run: PathBuf,
}

impl Home {
    /// The home that was asked for, or `CCCC_HOME`, or `~/.cccc`; absolute, with `~` expanded.
    ///
    /// # Errors
    ///
    /// [`HomeError::Nowhere`], or the working directory is gone.
    pub fn find(asked: Option<&Path>) -> Result<Self, HomeError> {
        let given = asked.map(Path::to_path_buf).or_else(|| {
            std::env::var_os("CCCC_HOME").map(PathBuf::from).filter(|p| !p.to_string_lossy().trim().is_empty())
        });
        let user_home = std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        let path = match given {
            Some(path) => match path.strip_prefix("~") {
                Ok(rest) => user_home.ok_or(HomeError::Nowhere)?.join(rest),
                Err(_) => path,
            },
            None => user_home.ok_or(HomeError::Nowhere)?.join(".cccc"),
        };
        let root = std::path::absolute(&path).map_err(|source| HomeError::Io { action: "resolve", path, source })?;
        Ok(Self { run: run_folder(&root, std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from)), root })
    }

    /// Makes the folders that every process needs, 0700, and the link to a run folder that had to move.
    ///
    /// # Errors
    ///
    /// It is a home of the older implementation, and nothing was made; a folder cannot be made, or belongs to somebody
    /// else.
    pub fn make(&self) -> Result<(), HomeError> {
        refuse_older(&self.root)?;
        make_private(&self.root)?;
        make_private(&self.run)?;
        self.make_again()
    }

    /// Makes again what is missing in a home that is there: for whoever serves one that may have been thrown away since.
    ///
    /// # Errors
    ///
    /// As [`Home::make`]; [`HomeError::Gone`], and nothing was made.
    pub fn make_again(&self) -> Result<(), HomeError> {
        refuse_older(&self.root)?;
        if fs::metadata(&self.root).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            return Err(HomeError::Gone { home: self.root.clone() });
        }
        for folder in [&self.run, &self.daemon(), &self.logs(), &self.pty()] {
            make_private_in_its_parent(folder)?;
        }
        let link = self.root.join("run");
        if self.run != link && fs::read_link(&link).ok().as_deref() != Some(&self.run) {
            let fail = |source| HomeError::Io { action: "link", path: link.clone(), source };
            match fs::remove_file(&link) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(fail(e)),
                _ => {}
            }
            std::os::unix::fs::symlink(&self.run, &link).map_err(fail)?;
        }
        Ok(())
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Sockets, ready files and terminals: what must not survive a reboot.
    pub fn run(&self) -> &Path {
        &self.run
    }

    /// What published clients look for: descriptor, socket, pid.
    pub fn daemon(&self) -> PathBuf {
        self.root.join("daemon")
    }

    /// One log file per process.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// One folder per terminal session.
    pub fn pty(&self) -> PathBuf {
        self.run.join("pty")
    }

    /// Where the daemon that serves agents' tools over HTTP listens; see `mcpd`.
    pub fn mcp_endpoint(&self) -> PathBuf {
        self.run.join("mcp.json")
    }

    /// Where the daemon that serves browsers listens; see `webd`.
    pub fn web_endpoint(&self) -> PathBuf {
        self.run.join("web.json")
    }

    /// How far ledgers were looked at for what browsers are told; see `webd`.
    pub fn web_push_cursor(&self) -> PathBuf {
        self.run.join("web-push.json")
    }

    /// The folder of a group, whose `state/blobs` has its stored files.
    pub fn group_folder(&self, group_id: &str) -> PathBuf {
        self.root.join("groups").join(group_id)
    }

    /// ledgerd's request socket.
    pub fn ledger_socket(&self) -> PathBuf {
        self.run.join("ledgerd.bus")
    }

    /// ledgerd's publish socket.
    pub fn hint_socket(&self) -> PathBuf {
        self.run.join("hints.bus")
    }

    /// ptyd's request socket.
    pub fn pty_socket(&self) -> PathBuf {
        self.run.join("ptyd.bus")
    }

    /// ptyd's socket for live terminals: one line of JSON each way, then raw bytes.
    pub fn attach_socket(&self) -> PathBuf {
        self.run.join("attach.sock")
    }

    /// The key by which daemons that stand alone prove who they are; see [`crate::key::held`].
    pub fn key_file(&self) -> PathBuf {
        self.run.join("key")
    }

    /// The NDJSON socket of the published clients; in the run folder when the home lies too deep.
    pub fn door_socket(&self) -> PathBuf {
        let usual = self.daemon().join("ccccd.sock");
        if usual.as_os_str().len() <= limit::SOCKET_PATH_BYTES_MAX { usual } else { self.run.join("ccccd.sock") }
    }

    /// Where published clients read which socket to use.
    pub fn descriptor(&self) -> PathBuf {
        self.daemon().join("ccccd.addr.json")
    }

    /// The lock that the supervisor holds as long as it lives.
    pub fn supervisor_lock(&self) -> PathBuf {
        self.daemon().join("ccccd.lock")
    }

    /// What the supervisor says about the processes.
    pub fn supervisor_report(&self) -> PathBuf {
        self.run.join("supervisor.json")
    }

    /// The supervisor's pid, for clients and for people.
    pub fn pid_file(&self) -> PathBuf {
        self.daemon().join("ccccd.pid")
    }
}

/// Refuses a home of the older implementation, which keeps other files under the same default name.
///
/// # Errors
///
/// [`HomeError::Older`], or its groups cannot be listed. Nothing was touched.
pub fn refuse_older(root: &Path) -> Result<(), HomeError> {
    let older = |sign| Err(HomeError::Older { home: root.to_path_buf(), sign });
    let registry = root.join("registry.json");
    if registry.exists() {
        return older(registry);
    }
    let groups = root.join("groups");
    let fail = |source| HomeError::Io { action: "list", path: groups.clone(), source };
    let entries = match fs::read_dir(&groups) {
        Ok(entries) => entries,
        // What is no folder is no home; whoever makes it will say so.
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(()),
        Err(e) => return Err(fail(e)),
    };
    for entry in entries {
        let entry = entry.map_err(fail)?;
        let document = entry.path().join("group.yaml");
        if entry.file_name().to_str().is_some_and(id::is_group) && document.exists() {
            return older(document);
        }
    }
    Ok(())
}

/// Makes a folder (and its parents) 0700 and checks that it is ours.
///
/// # Errors
///
/// It cannot be made, is no folder, or belongs to somebody else.
pub fn make_private(folder: &Path) -> Result<(), HomeError> {
    make(folder, true)
}

/// The same in a parent that is there: what was thrown away above it is not made again.
///
/// # Errors
///
/// As [`make_private`], or the parent is not there.
pub fn make_private_in_its_parent(folder: &Path) -> Result<(), HomeError> {
    make(folder, false)
}

fn make(folder: &Path, with_parents: bool) -> Result<(), HomeError> {
    let fail = |action, source| HomeError::Io { action, path: folder.to_path_buf(), source };
    match DirBuilder::new().recursive(with_parents).mode(0o700).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
        made => made.map_err(|error| fail("make the folder", error))?,
    }
    let owner = fs::metadata(folder).map_err(|e| fail("look at", e))?.uid();
    if owner != geteuid().as_raw() {
        return Err(HomeError::NotYours { path: folder.to_path_buf(), owner });
    }
    Ok(())
}

/// `<home>/run`, unless sockets in it would have paths that are too long. Then whoever was first has chosen, and the link
/// in the home says what: a command in a session of another kind must find the daemons of this one.
fn run_folder(root: &Path, base: Option<PathBuf>) -> PathBuf {
    let usual = root.join("run");
    if usual.as_os_str().len() + 1 + SOCKET_NAME_BYTES_MAX <= limit::SOCKET_PATH_BYTES_MAX {
        return usual;
    }
    let name = format!("cccc-{}", id::digest12(&root.to_string_lossy()));
    // The link of a home that was copied or moved leads to the folder of another one.
    let is_for_us = |folder: &PathBuf| {
        folder.is_dir() && folder.file_name().is_some_and(|found| found.to_string_lossy().starts_with(&name))
    };
    if let Some(chosen) = fs::read_link(&usual).ok().filter(is_for_us) {
        return chosen;
    }
    // The temporary folder is shared, so the user id is in the name; `make` refuses a folder of another user.
    match base.filter(|base| base.is_dir()) {
        Some(base) => base.join(name),
        None => PathBuf::from(format!("/tmp/{name}-{}", geteuid().as_raw())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_socket_path_fits_however_deep_the_home_lies() {
        for depth in [1, 5, 40] {
            let home = Home::find(Some(&PathBuf::from("/tmp").join("deep-folder/".repeat(depth)))).unwrap();
            let session = home.pty().join("0".repeat(32)).join("sock");
            for socket in [home.ledger_socket(), home.attach_socket(), home.door_socket(), session] {
                assert!(socket.as_os_str().len() <= limit::SOCKET_PATH_BYTES_MAX, "{}", socket.display());
            }
        }
    }

    #[test]
    fn a_home_of_the_older_implementation_is_refused_and_left_alone() {
        for sign in ["registry.json", "groups/g_0123456789ab/group.yaml"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(sign);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "{}").unwrap();
            let names =
                || fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
            let before = names();
            let refusal = Home::find(Some(folder.path())).unwrap().make().unwrap_err();
            assert!(matches!(&refusal, HomeError::Older { sign, .. } if *sign == path), "{refusal}");
            assert_eq!(names(), before);
        }
    }

    #[test]
    fn a_home_that_was_thrown_away_is_not_made_again() {
        let folder = tempfile::tempdir().unwrap();
        for depth in [1, 10] {
            let root = folder.path().join("deep-folder/".repeat(depth));
            let home = Home { run: run_folder(&root, Some(folder.path().to_path_buf())), root };
            home.make().unwrap();
            for missing in [home.pty(), home.run().to_path_buf(), home.daemon(), home.logs()] {
                fs::remove_dir_all(&missing).unwrap();
                home.make_again().unwrap();
                assert!(home.pty().is_dir() && home.daemon().is_dir() && missing.is_dir(), "{}", missing.display());
            }
            fs::remove_dir_all(&home.root).unwrap();
            assert!(matches!(home.make_again(), Err(HomeError::Gone { .. })));
            assert!(matches!(make_private_in_its_parent(&home.daemon()), Err(HomeError::Io { .. })));
            assert!(!home.root.exists());
        }
    }

    /// A session over ssh has no runtime folder; it must find what was started on the desktop, and the other way round.
    #[test]
    fn a_run_folder_that_had_to_move_is_found_from_every_session() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("deep-folder/".repeat(10));
        let base = Some(folder.path().to_path_buf());
        let home = Home { run: run_folder(&root, base.clone()), root };
        assert!(home.run.starts_with(folder.path()), "{}", home.run.display());
        home.make().unwrap();
        assert_eq!(run_folder(&home.root, None), home.run);
        assert_eq!(
            run_folder(&folder.path().join("another-folder/".repeat(10)), None).parent(),
            Some(Path::new("/tmp"))
        );

        // It does not survive a reboot, and a copy of a home has one of its own.
        let copy = folder.path().join("copy-of-folder/".repeat(10));
        fs::create_dir_all(&copy).unwrap();
        std::os::unix::fs::symlink(&home.run, copy.join("run")).unwrap();
        assert_ne!(run_folder(&copy, base), home.run);
        fs::remove_dir_all(&home.run).unwrap();
        assert_eq!(run_folder(&home.root, None).parent(), Some(Path::new("/tmp")));
    }
}
