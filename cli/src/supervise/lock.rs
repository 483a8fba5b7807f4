//! One supervisor per home: a lock that lives exactly as long as its process, and says whose it is.
//!
//! It is a POSIX record lock, because the system tells who holds one. A pid in a file may be years old and
//! somebody else's by now; nobody is ever signalled because of such a file.

use bus::identity::Identity;
use bus::plain;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use nix::unistd::Pid;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Exit code of a supervisor that was not needed, because another one holds the lock.
pub const ALREADY: u8 = 3;

/// The lock, held until the process ends. The file stays: removing it would let two processes hold two locks.
#[derive(Debug)]
pub struct Lock {
    // Closing any descriptor of the file in this process gives the lock up; this is the only one.
    file: File,
}

/// Why the lock could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody holds it.
    #[error("held by another process")]
    Held,
    /// It cannot be tried.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Lock {
    /// Takes the lock, or says that somebody holds it; never waits.
    ///
    /// # Errors
    ///
    /// Somebody holds it, or the file cannot be opened.
    pub fn take(path: &Path) -> Result<Self, LockError> {
        let file = plain::open(path, OpenOptions::new().write(true).create(true).truncate(false).mode(0o600))?;
        match fcntl(file.as_raw_fd(), FcntlArg::F_SETLK(&whole_file())) {
            Ok(_) => Ok(Self { file }),
            Err(Errno::EAGAIN | Errno::EACCES) => Err(LockError::Held),
            Err(error) => Err(LockError::Io(error.into())),
        }
    }
}

impl Lock {
    /// Whether its file is still the one that others try.
    pub fn is_in_place(&self, path: &Path) -> bool {
        self.file.metadata().is_ok_and(|about| Identity::at(path).is_ok_and(|there| there == Identity::of(&about)))
    }
}

/// Who holds the lock, if anybody does.
///
/// Not for the process that holds it: looking would give the lock up.
///
/// # Errors
///
/// The file is there and cannot be asked, or the holder lives where its pid means nothing to us.
pub fn holder(path: &Path) -> io::Result<Option<Pid>> {
    let file = match plain::open(path, OpenOptions::new().write(true)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut lock = whole_file();
    fcntl(file.as_raw_fd(), FcntlArg::F_GETLK(&mut lock))?;
    let is_free = lock.l_type == record_type(libc::F_UNLCK);
    match lock.l_pid {
        _ if is_free => Ok(None),
        pid if pid > 0 => Ok(Some(Pid::from_raw(pid))),
        _ => Err(io::Error::other("it is held by a process of another container or machine")),
    }
}

fn whole_file() -> libc::flock {
    libc::flock {
        l_type: record_type(libc::F_WRLCK),
        l_whence: record_type(libc::SEEK_SET),
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    }
}

/// The constants are wider than the fields they are for, on some systems.
fn record_type(constant: impl TryInto<libc::c_short>) -> libc::c_short {
    constant.try_into().unwrap_or_else(|_| unreachable!("the constants of record locks are small"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_holds_a_lock_that_was_never_taken_or_whose_holder_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ccccd.lock");
        assert_eq!(holder(&path).unwrap(), None);
        drop(Lock::take(&path).unwrap());
        assert_eq!(holder(&path).unwrap(), None);
        assert!(path.exists(), "the file stays");
        let lock = Lock::take(&path).unwrap();
        assert!(lock.is_in_place(&path));
        std::fs::remove_file(&path).unwrap();
        assert!(!lock.is_in_place(&path));
        let next = Lock::take(&path).unwrap();
        assert!(next.is_in_place(&path) && !lock.is_in_place(&path), "somebody else has another one");
        assert!(matches!(Lock::take(&folder.path().join("no/lock")), Err(LockError::Io(_))));
    }
}
