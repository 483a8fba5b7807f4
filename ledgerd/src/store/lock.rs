//! One writer per home: two locks that are held for life and that end with their process, however it ends.
//!
//! One is on the folder of the home's ledger, which nobody can remove while the ledger is in it; it is what keeps a second
//! writer out. The other one is on a file that says whose it is. Somebody may remove that file (a cleaner, a sync tool):
//! it is made and locked again with the next batch or life sign. Some network file systems lock no folders; there the file
//! is all there is, and a second writer that has it ends the first one before anything more is acknowledged.

use super::layout::{self, Layout};
use super::{StoreError, disk};
use crate::decision::HOME;
use bus::identity::Identity;
use bus::plain;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use tracing::warn;

/// Longest text of a pid.
const PID_BYTES_MAX: u64 = 64;

/// Proof that this process is the only one that writes state in a home.
#[derive(Debug)]
pub struct Lock {
    file: Flock<File>,
    /// Nothing where the file system locks no folders.
    folder: Option<Flock<File>>,
}

impl Lock {
    /// Takes the lock of a home, or says at once who has it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`] names the holder's pid.
    pub fn take(layout: &Layout) -> Result<Self, StoreError> {
        let folder = layout.folder(HOME);
        layout::make_folder(&folder).map_err(|e| StoreError::io("make the folder of", &layout.lock(), e))?;
        // Before the file, which somebody may have to make again while we try.
        let folder = lock_folder(layout, &folder, FlockArg::LockExclusiveNonblock)?;
        Ok(Self { file: take_file(layout)?, folder })
    }

    /// Makes the lock's file again and locks it, if it is not there any more or is another one.
    ///
    /// # Errors
    ///
    /// Another process has the one that is there now ([`StoreError::Locked`]), or it cannot be made. We may not be the only
    /// one that writes.
    pub fn keep(&mut self, layout: &Layout) -> Result<(), StoreError> {
        let path = layout.lock();
        let fail = |e| StoreError::io("look at", &path, e);
        let ours = Identity::of(&self.file.metadata().map_err(fail)?);
        match Identity::at(&path) {
            Ok(there) if there == ours => return Ok(()),
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(fail(e)),
            _ => {}
        }
        match take_file(layout) {
            Ok(file) => {
                self.file = file;
                warn!(path = %path.display(), "the lock was removed or replaced; it is there again");
                Ok(())
            }
            // The folder keeps everybody out meanwhile, and room comes back.
            Err(StoreError::Io { source, .. }) if super::is_short(&source) && self.folder.is_some() => Ok(()),
            Err(refused) => Err(refused),
        }
    }

    /// Says whether the lock could be taken, and makes nothing.
    ///
    /// # Errors
    ///
    /// As [`Lock::take`].
    pub fn check(layout: &Layout) -> Result<(), StoreError> {
        let folder = layout.folder(HOME);
        if folder.is_dir() {
            lock_folder(layout, &folder, FlockArg::LockSharedNonblock)?;
        }
        let path = layout.lock();
        let file = match layout::open_to_read(&path) {
            Ok(file) => file,
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(()),
            Err(e) => return Err(StoreError::io("open", &path, e)),
        };
        lock_file(layout, file, FlockArg::LockSharedNonblock).map(drop)
    }
}

fn take_file(layout: &Layout) -> Result<Flock<File>, StoreError> {
    let path = layout.lock();
    let fail = |action| {
        let path = path.clone();
        move |source| StoreError::Io { action, path, source }
    };
    let file = disk::open_private(&path).map_err(fail("open"))?;
    let held = lock_file(layout, file, FlockArg::LockExclusiveNonblock)?;
    disk::set_len(&held, 0).map_err(fail("write"))?;
    match disk::write_at(&held, format!("{}\n", std::process::id()).as_bytes(), 0) {
        // The pid is for people only. A full disk must not keep us from reading.
        Err(e) if !super::is_short(&e) => Err(fail("write")(e)),
        _ => Ok(held),
    }
}

fn lock_file(layout: &Layout, file: File, how: FlockArg) -> Result<Flock<File>, StoreError> {
    match Flock::lock(file, how) {
        Ok(held) => Ok(held),
        Err((_, Errno::EWOULDBLOCK)) => Err(locked(layout)),
        Err((_, errno)) => Err(StoreError::io("lock", &layout.lock(), errno.into())),
    }
}

/// Locks the folder that the lock's file is in; nothing where the file system locks no folders.
fn lock_folder(layout: &Layout, folder: &Path, how: FlockArg) -> Result<Option<Flock<File>>, StoreError> {
    let directory = nix::fcntl::OFlag::O_DIRECTORY.bits();
    let opened = OpenOptions::new().read(true).custom_flags(directory).open(folder);
    match Flock::lock(opened.map_err(|e| StoreError::io("open", folder, e))?, how) {
        Ok(held) => Ok(Some(held)),
        Err((_, Errno::EWOULDBLOCK)) => Err(locked(layout)),
        Err((_, errno)) => {
            warn!(folder = %folder.display(), %errno, "the file system locks no folders; the lock's file is all there is");
            Ok(None)
        }
    }
}

fn locked(layout: &Layout) -> StoreError {
    // The holder writes its pid right after it has the lock; until then nobody knows better.
    let text = plain::read(&layout.lock(), PID_BYTES_MAX).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let holder = text.and_then(|text| text.trim().parse().ok());
    StoreError::Locked { home: layout.root().to_path_buf(), holder }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_second_writer_is_told_who_the_first_is() {
        let home = tempfile::tempdir().unwrap();
        let layout = Layout::new(home.path());
        Lock::check(&layout).unwrap();
        assert!(!layout.lock().exists());
        let first = Lock::take(&layout).unwrap();
        assert!(matches!(Lock::check(&layout), Err(StoreError::Locked { .. })));
        match Lock::take(&layout) {
            Err(StoreError::Locked { holder, .. }) => assert_eq!(holder, Some(std::process::id())),
            other => panic!("{other:?}"),
        }
        drop(first);
        Lock::take(&layout).unwrap();
    }

    #[test]
    fn removing_the_file_lets_nobody_else_in_and_it_comes_back() {
        let home = tempfile::tempdir().unwrap();
        let layout = Layout::new(home.path());
        let mut first = Lock::take(&layout).unwrap();
        first.keep(&layout).unwrap();
        for is_replaced in [false, true] {
            fs::remove_file(layout.lock()).unwrap();
            if is_replaced {
                fs::write(layout.lock(), "").unwrap();
            }
            assert!(matches!(Lock::take(&layout), Err(StoreError::Locked { holder: None, .. })));
            assert!(matches!(Lock::check(&layout), Err(StoreError::Locked { .. })));
            first.keep(&layout).unwrap();
            assert_eq!(fs::read_to_string(layout.lock()).unwrap(), format!("{}\n", std::process::id()));
        }
        // Where folders are not locked.
        first.folder = None;
        fs::remove_file(layout.lock()).unwrap();
        let _second = Lock::take(&layout).unwrap();
        assert!(matches!(first.keep(&layout), Err(StoreError::Locked { .. })), "there is another writer now");
    }
}
