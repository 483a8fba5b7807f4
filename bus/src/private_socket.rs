//! A Unix socket that only its user reaches: mode 0600 in a private folder, and whoever is at the other end is asked.

use crate::identity::Identity;
use nix::errno::Errno;
use nix::libc::{O_NOFOLLOW, O_PATH};
use nix::sys::socket::sockopt::PeerCredentials;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, getsockopt, socket};
use nix::unistd::geteuid;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::fd::{AsFd, AsRawFd as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

/// The file by which clients find a socket that listens.
#[derive(Debug)]
pub struct SocketFile {
    path: PathBuf,
    /// Held, so that no other file is given its number while we live.
    file: File,
}

/// Listens at a path where nothing is. Accepting never waits.
///
/// # Errors
///
/// Something is there already, or the socket cannot be made.
pub fn listen(path: &Path) -> io::Result<UnixListener> {
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// The same where an earlier process may have left its socket behind, which is replaced. One that somebody listens on is
/// not.
///
/// # Errors
///
/// [`io::ErrorKind::AddrInUse`]: somebody else listens there. The socket cannot be made.
pub fn take_over(path: &Path) -> io::Result<(UnixListener, SocketFile)> {
    if does_listen(path)? {
        let sentence = format!("another process listens on {}", path.display());
        return Err(io::Error::new(io::ErrorKind::AddrInUse, sentence));
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = listen(path)?;
    let flags = O_PATH | O_NOFOLLOW;
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    Ok((listener, SocketFile { path: path.to_path_buf(), file }))
}

/// Whether somebody listens at a path; one that has not accepted for long does, too.
fn does_listen(path: &Path) -> io::Result<bool> {
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let probe = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
    Ok(matches!(connect(probe.as_raw_fd(), &UnixAddr::new(path)?), Ok(()) | Err(Errno::EAGAIN)))
}

impl SocketFile {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the file, unless another process has put its own there. That it is gone already is no trouble.
    pub fn remove(&self) {
        let own = self.file.metadata().map(|about| Identity::of(&about));
        if own.is_ok_and(|own| Identity::at(&self.path).is_ok_and(|there| there == own))
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(path = %self.path.display(), %error, "cannot remove the socket");
        }
    }
}

/// Whether a program of our own user is at the other end of a connection. The folder's mode keeps others out already; this
/// holds when somebody has changed it. A no is logged.
pub fn is_ours(connection: &impl AsFd) -> bool {
    match getsockopt(connection, PeerCredentials) {
        Ok(peer) if peer.uid() == geteuid().as_raw() => true,
        Ok(peer) => {
            tracing::warn!(uid = peer.uid(), "another user's connection was refused");
            false
        }
        Err(error) => {
            tracing::warn!(%error, "a connection that does not say whose it is was refused");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    #[test]
    fn a_socket_is_private_and_takes_the_place_of_a_dead_one_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sock");
        drop(UnixListener::bind(&path).unwrap());
        assert_eq!(listen(&path).unwrap_err().kind(), io::ErrorKind::AddrInUse, "what is left behind is in the way");
        let (listener, place) = take_over(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(take_over(&path).unwrap_err().kind(), io::ErrorKind::AddrInUse, "it lives");
        let client = UnixStream::connect(&path).unwrap();
        listener.accept().unwrap();
        assert!(is_ours(&client));
        nix::sys::socket::listen(&listener, nix::sys::socket::Backlog::new(1).unwrap()).unwrap();
        let mut waiting = Vec::new();
        while does_listen(&path).unwrap() && waiting.len() < 20 {
            waiting.push(take_over(&path).unwrap_err());
        }
        assert_eq!(waiting.len(), 20, "however long it has not accepted");
        assert!(!is_ours(&File::open("/dev/null").unwrap()), "no connection at all");

        drop(listener);
        let (_next, next_place) = take_over(&path).unwrap();
        place.remove();
        assert!(path.exists(), "whoever lost its place does not remove another's");
        next_place.remove();
        next_place.remove();
        assert!(!path.exists());
    }
}
