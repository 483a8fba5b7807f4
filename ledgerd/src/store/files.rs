//! The open files of the ledgers: few of them, however many ledgers there are.
//!
//! A system gives a process some hundred descriptors and a home may have ten thousand groups. So a ledger's file is opened
//! when it is needed, and stays open until enough others have been needed since: the least recently used is closed first.

use super::is_short;
use bus::plain;
use nix::sys::resource::{Resource, getrlimit};
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Files that stay open at most, where the system gives enough descriptors.
const OPEN_MAX: usize = 256;

/// Files that stay open at the least.
const OPEN_MIN: usize = 8;

/// The part of all descriptors that they may take: the rest is for sockets, for readers, and for what is written.
const OPEN_PART: u64 = 4;

/// A cache of open files by their paths.
#[derive(Debug)]
pub struct Files {
    open_max: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    files: HashMap<PathBuf, (u64, Arc<File>)>,
    /// Counts the uses.
    uses: u64,
}

impl Default for Files {
    /// As many as suit this process.
    fn default() -> Self {
        let given = getrlimit(Resource::RLIMIT_NOFILE).map_or(0, |(soft, _)| soft);
        let part = usize::try_from(given / OPEN_PART).unwrap_or(OPEN_MAX);
        Self::new(part.clamp(OPEN_MIN, OPEN_MAX))
    }
}

impl Files {
    /// At most so many.
    pub fn new(open_max: usize) -> Self {
        Self { open_max, open: Mutex::default() }
    }

    /// How many stay open at most.
    pub fn open_max(&self) -> usize {
        self.open_max
    }

    /// The file of a path, for reading and writing. It stays open for whoever holds it.
    ///
    /// # Errors
    ///
    /// It cannot be opened; it is not made.
    pub fn get(&self, path: &Path) -> io::Result<Arc<File>> {
        if let Some(file) = self.lock().take_up(path) {
            return Ok(file);
        }
        let open = || plain::open(path, File::options().read(true).write(true));
        let opened = open().or_else(|error| {
            if !is_short(&error) {
                return Err(error);
            }
            self.clear();
            open()
        });
        let file = Arc::new(opened?);
        self.put(path, Arc::clone(&file));
        Ok(file)
    }

    /// Takes a file that is open already.
    pub fn put(&self, path: &Path, file: Arc<File>) {
        let mut open = self.lock();
        open.uses += 1;
        let uses = open.uses;
        open.files.insert(path.to_path_buf(), (uses, file));
        if open.files.len() > self.open_max {
            let oldest = open.files.iter().min_by_key(|(_, (used, _))| *used).map(|(path, _)| path.clone());
            oldest.and_then(|path| open.files.remove(&path));
        }
    }

    /// Forgets a path whose file is gone.
    pub fn forget(&self, path: &Path) {
        self.lock().files.remove(path);
    }

    /// Closes all that nobody holds, because something else needs a descriptor.
    pub fn clear(&self) {
        self.lock().files.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        // Nothing in here panics half-way through a change.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn take_up(&mut self, path: &Path) -> Option<Arc<File>> {
        self.uses += 1;
        let (used, file) = self.files.get_mut(path)?;
        *used = self.uses;
        Some(Arc::clone(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_least_recently_used_file_is_closed_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        ["a", "b", "c"].iter().for_each(|name| fs::write(path(name), name).unwrap());
        let files = Files::new(2);
        let is_open = |name: &str| files.lock().files.contains_key(&path(name));
        let held = files.get(&path("a")).unwrap();
        files.get(&path("b")).unwrap();
        files.get(&path("a")).unwrap();
        files.get(&path("c")).unwrap();
        assert_eq!([is_open("a"), is_open("b"), is_open("c")], [true, false, true]);
        files.forget(&path("a"));
        assert_eq!((is_open("a"), held.metadata().unwrap().len()), (false, 1), "whoever holds it may go on");
        assert_eq!(files.get(&path("d")).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(!path("d").exists());
    }
}
