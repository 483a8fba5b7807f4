//! One writer per home: a lock that is held for life and that ends with its process, however it ends.

use super::StoreError;
use super::layout::{self, Layout};
use bus::plain;
use nix::fcntl::{Flock, FlockArg};
use std::fs::{self, File};
use std::io::{ErrorKind, Seek as _, Write as _};

/// Longest text of a pid.
const PID_BYTES_MAX: u64 = 64;

/// Proof that this process is the only one that writes state in a home.
#[derive(Debug)]
pub struct Lock {
    _held: Flock<File>,
}

impl Lock {
    /// Takes the lock of a home, or says at once who has it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Locked`] names the holder's pid.
    pub fn take(layout: &Layout) -> Result<Self, StoreError> {
        let path = layout.lock();
        let fail = |action| {
            let path = path.clone();
            move |source| StoreError::Io { action, path, source }
        };
        layout::make_folder(&layout.folder(crate::decision::HOME)).map_err(fail("make the folder of"))?;
        let file = layout::open_private(&path).map_err(fail("open"))?;
        let mut held = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(held) => held,
            Err((_, nix::errno::Errno::EWOULDBLOCK)) => {
                // The holder writes its pid right after it has the lock; until then nobody knows better.
                let text = plain::read(&path, PID_BYTES_MAX).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                let holder = text.and_then(|text| text.trim().parse().ok());
                return Err(StoreError::Locked { home: layout.root().to_path_buf(), holder });
            }
            Err((_, errno)) => return Err(fail("lock")(errno.into())),
        };
        let pid = std::process::id();
        held.set_len(0).and_then(|()| held.rewind()).map_err(fail("write"))?;
        match writeln!(held, "{pid}") {
            // The pid is for people only. A full disk must not keep us from reading.
            Err(e) if !super::is_short(&e) => Err(fail("write")(e)),
            _ => Ok(Self { _held: held }),
        }
    }

    /// Says whether the lock could be taken, and makes nothing.
    ///
    /// # Errors
    ///
    /// As [`Lock::take`].
    pub fn check(layout: &Layout) -> Result<(), StoreError> {
        let path = layout.lock();
        let fail = |source| StoreError::Io { action: "open", path: path.clone(), source };
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(()),
            Err(e) => return Err(fail(e)),
        };
        match Flock::lock(file, FlockArg::LockSharedNonblock) {
            Ok(_) => Ok(()),
            Err((_, nix::errno::Errno::EWOULDBLOCK)) => {
                let holder = fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok());
                Err(StoreError::Locked { home: layout.root().to_path_buf(), holder })
            }
            Err((_, errno)) => Err(fail(errno.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
