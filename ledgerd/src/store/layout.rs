//! Where state lies below the home, and what a folder must not be to become a home.
//!
//! Everything is made 0600 and 0700.

use super::{StoreError, disk};
use crate::decision::HOME;
use bus::contract::id;
use bus::{home, plain};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Longest name of a stored file, as most file systems have it.
pub const FILE_NAME_BYTES_MAX: usize = 255;

/// How the folder of a group that is being removed is called until it is gone.
const REMOVED: &str = ".removed-";

/// The folders of state of one home.
#[derive(Debug, Clone)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The folders below `root`. Makes nothing.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    /// The home's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The file that is locked by whoever writes state.
    pub fn lock(&self) -> PathBuf {
        self.root.join("home").join("lock")
    }

    /// The folder of all groups.
    pub fn groups(&self) -> PathBuf {
        self.root.join("groups")
    }

    /// The folder a ledger lies in: the home's own, or a group's.
    pub fn folder(&self, ledger: &str) -> PathBuf {
        if ledger == HOME {
            return self.root.join("home");
        }
        assert!(id::is_group(ledger), "whatever becomes a folder was checked before: {ledger:?}");
        self.groups().join(ledger)
    }

    /// A ledger's file.
    pub fn ledger(&self, ledger: &str) -> PathBuf {
        self.folder(ledger).join("ledger.jsonl")
    }

    /// A ledger's snapshot.
    pub fn snapshot(&self, ledger: &str) -> PathBuf {
        self.cache().join(format!("{ledger}.snapshot"))
    }

    /// The file that says that a ledger's snapshot is not to be believed.
    pub fn doubt(&self, ledger: &str) -> PathBuf {
        self.cache().join(format!("{ledger}.doubted"))
    }

    /// The search index by which a ledger is searched.
    pub fn search_index(&self, ledger: &str) -> PathBuf {
        self.cache().join(format!("{ledger}.search_index"))
    }

    /// What may be deleted at will.
    pub fn cache(&self) -> PathBuf {
        self.root.join("cache")
    }

    /// The supervisor's folder of logs.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// The log of one process.
    pub fn log(&self, name: &str) -> PathBuf {
        self.logs().join(format!("{name}.log"))
    }

    /// Files that are half here.
    pub fn uploads(&self) -> PathBuf {
        self.cache().join("uploads")
    }

    /// The part of a file that has arrived. The size belongs to the name, so that whoever is wrong about it spoils nobody
    /// else's part.
    pub fn upload(&self, group_id: &str, sha256: &str, bytes: u64) -> PathBuf {
        let name = format!("{group_id}-{sha256}-{bytes}");
        assert!(is_file_name(&name), "ids and hashes are checked before: {name:?}");
        self.uploads().join(name)
    }

    /// The secrets that a ledger's events name: of a group's actors, or of the home's profiles.
    pub fn secrets(&self, ledger: &str) -> PathBuf {
        assert!(ledger == HOME || id::is_group(ledger), "whatever becomes a folder was checked before: {ledger:?}");
        self.all_secrets().join(ledger)
    }

    /// The secrets of every ledger.
    pub fn all_secrets(&self) -> PathBuf {
        self.root.join("secrets")
    }

    /// One version of secrets.
    pub fn secret(&self, ledger: &str, version: &str) -> PathBuf {
        let name = format!("{version}.json");
        assert!(is_file_name(&name), "a version is an id: {version:?}");
        self.secrets(ledger).join(name)
    }

    /// A group's stored files.
    pub fn blobs(&self, group_id: &str) -> PathBuf {
        self.folder(group_id).join("state").join("blobs")
    }

    /// Where a group's folder goes while it is removed; the number makes the name a new one.
    pub fn removed(&self, group_id: &str, number: i64) -> PathBuf {
        self.groups().join(format!("{REMOVED}{group_id}-{number}"))
    }

    /// Ids of the groups that have a folder, and the folders of groups that are half removed.
    ///
    /// # Errors
    ///
    /// The folder of groups cannot be read. That there is none is no error.
    pub fn look(&self) -> Result<Found, StoreError> {
        let mut found = Found::default();
        let entries = match fs::read_dir(self.groups()) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(found),
            Err(e) => return Err(StoreError::io("list", &self.groups(), e)),
        };
        for entry in entries {
            let entry = entry.map_err(|e| StoreError::io("list", &self.groups(), e))?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if id::is_group(&name) {
                found.groups.push(name);
            } else if name.starts_with(REMOVED) {
                found.removed.push(entry.path());
            }
        }
        found.groups.sort_unstable();
        Ok(found)
    }

    /// Refuses the home of the older implementation, which keeps other files under the same default name.
    ///
    /// # Errors
    ///
    /// [`StoreError::Home`]. Nothing was touched.
    pub fn refuse_foreign(&self) -> Result<(), StoreError> {
        Ok(home::refuse_older(&self.root)?)
    }
}

/// What lies in the folder of groups.
#[derive(Debug, Default)]
pub struct Found {
    /// Ids of groups, sorted.
    pub groups: Vec<String>,
    /// Folders that were to be removed.
    pub removed: Vec<PathBuf>,
}

/// Whether a stored file may have this name.
pub fn is_file_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= FILE_NAME_BYTES_MAX && !name.starts_with('.') && !name.contains(['/', '\\', '\0'])
}

/// Folders whose names are on disk for certain, because this process has synced them.
static NAMED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Makes a folder and its parents; they survive a power cut. That one is there already proves nothing: whoever made it may
/// have died before its name was on disk. So each is synced once by each process that builds on it.
///
/// # Errors
///
/// One of them cannot be made.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    let named = || NAMED.lock().unwrap_or_else(PoisonError::into_inner);
    let is_there = folder.is_dir();
    let Some(parent) = folder.parent() else { return Ok(()) };
    // What belongs to somebody else was not made by us, and nothing above it either.
    let is_ours = || fs::metadata(folder).is_ok_and(|found| found.uid() == nix::unistd::geteuid().as_raw());
    if is_there && (named().contains(folder) || !is_ours()) {
        return Ok(());
    }
    make_folder(parent)?;
    if !is_there {
        match disk::create_folder(folder) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
            _ => {}
        }
    }
    match disk::sync_folder(parent) {
        // One that cannot be synced has no need of it: it was not made there by us.
        Err(e) if is_there && !super::is_short(&e) && e.raw_os_error() != Some(nix::libc::EIO) => {}
        synced => synced?,
    }
    named().insert(folder.to_path_buf());
    Ok(())
}

/// Forgets what this process has synced below a folder, as the next process does.
#[cfg(test)]
pub fn forget_named(root: &Path) {
    NAMED.lock().unwrap_or_else(PoisonError::into_inner).retain(|folder| !folder.starts_with(root));
}

/// Makes folders beside each other, and syncs what they are in once instead of once for each. What could not be done is
/// left to [`make_folder`], which says why.
pub fn make_folders(folders: &[PathBuf]) {
    let named = || NAMED.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(parent) = folders.first().and_then(|first| first.parent()) else { return };
    if folders.len() < 2 || !named().contains(parent) {
        return;
    }
    let make = |folder: &&PathBuf| folder.parent() == Some(parent) && disk::create_folder(folder).is_ok();
    let made: Vec<_> = folders.iter().filter(make).collect();
    if !made.is_empty() && disk::sync_folder(parent).is_ok() {
        named().extend(made.into_iter().cloned());
    }
}

/// Opens a file for reading.
///
/// # Errors
///
/// As [`plain::open`].
pub fn open_to_read(path: &Path) -> io::Result<File> {
    plain::open(path, OpenOptions::new().read(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_stored_files_are_checked() {
        for (name, good) in
            [("ab_notes.txt", true), ("", false), ("../x", false), (".hidden", false), ("a/b", false), ("a\0", false)]
        {
            assert_eq!(is_file_name(name), good, "{name:?}");
        }
        assert!(!is_file_name(&"x".repeat(256)));
    }
}
