//! The service-manager notify protocol: one datagram, one `KEY=value` per line.
//!
//! Each life of each child has a socket of its own, so that nobody has to find out who speaks, and words of an
//! earlier life cannot be taken for words of this one. Children never wait for us: what does not fit is lost.

use bus::home::{HomeError, make_private_in_its_parent};
use bus::identity::Identity;
use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

/// Longest datagram that is read; the rest of a longer one is lost.
const DATAGRAM_BYTES_MAX: usize = 4 * 1024;

/// Longest status line that is kept.
const STATUS_CHARS_MAX: usize = 200;

/// Datagrams taken from one child before the others have their turn.
const DATAGRAMS_PER_TURN: usize = 64;

/// What a child says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// `READY=1`: it serves.
    Ready,
    /// `WATCHDOG=1`: its work goes on.
    Alive,
    /// `STOPPING=1`: it ends.
    Leaving,
    /// `STATUS=…`: how it is, for people.
    Status(String),
}

/// Reads a datagram. Lines that mean nothing to us are skipped, as the protocol wants it.
pub fn parse(datagram: &[u8]) -> Vec<Notice> {
    let text = String::from_utf8_lossy(datagram);
    let notice = |line: &str| match line.split_once('=')? {
        ("READY", "1") => Some(Notice::Ready),
        ("WATCHDOG", "1") => Some(Notice::Alive),
        ("STOPPING", "1") => Some(Notice::Leaving),
        ("STATUS", status) => Some(Notice::Status(printable(status))),
        _ => None,
    };
    text.lines().filter_map(notice).collect()
}

fn printable(status: &str) -> String {
    status.trim().chars().filter(|c| !c.is_control()).take(STATUS_CHARS_MAX).collect()
}

/// Where one life of one child speaks to us. Dropping it removes the socket.
#[derive(Debug)]
pub struct NotifySocket {
    socket: UnixDatagram,
    path: PathBuf,
    file: Option<Identity>,
}

impl NotifySocket {
    /// Begins to listen for the child of this name; one that was left behind is replaced.
    ///
    /// # Errors
    ///
    /// The socket cannot be put in place.
    pub fn open(run: &Path, name: &str) -> io::Result<Self> {
        let folder = run.join("notify");
        make_private_in_its_parent(&folder).map_err(|error| match error {
            HomeError::Io { source, .. } => source,
            other @ (HomeError::Nowhere
            | HomeError::Gone { .. }
            | HomeError::Older { .. }
            | HomeError::NotYours { .. }) => io::Error::other(other.to_string()),
        })?;
        let path = folder.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let socket = UnixDatagram::bind(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket, file: Identity::at(&path).ok(), path })
    }

    /// Whether words of the child still arrive: the socket is where it looks for it.
    pub fn is_in_place(&self) -> bool {
        self.file.is_some() && Identity::at(&self.path).ok() == self.file
    }

    /// What the child finds in `NOTIFY_SOCKET`.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was said since the last time; never waits.
    ///
    /// # Errors
    ///
    /// The socket is broken.
    pub fn hear(&self) -> io::Result<Vec<Notice>> {
        let mut notices = Vec::new();
        let mut datagram = [0; DATAGRAM_BYTES_MAX];
        for _ in 0..DATAGRAMS_PER_TURN {
            match self.socket.recv(&mut datagram) {
                Ok(count) => notices.extend(parse(&datagram[..count])),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(notices)
    }
}

impl AsFd for NotifySocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Drop for NotifySocket {
    fn drop(&mut self) {
        // It may be gone with its folder; the next life of the child replaces it anyway. Another one is not ours.
        if self.is_in_place() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bus::daemon::Notifier;

    #[test]
    fn a_datagram_is_read_line_by_line() {
        let status = |text: &str| Notice::Status(text.into());
        #[rustfmt::skip]
        let cases: &[(&[u8], Vec<Notice>)] = &[
            (b"READY=1",                         vec![Notice::Ready]),
            (b"READY=1\nSTATUS=serving 3\n",     vec![Notice::Ready, status("serving 3")]),
            (b"WATCHDOG=1",                      vec![Notice::Alive]),
            (b"STOPPING=1",                      vec![Notice::Leaving]),
            (b"STATUS=a\x1b[31m=b",              vec![status("a[31m=b")]),
            (b"STATUS=\xff",                     vec![status("\u{fffd}")]),
            (b"READY=0\nMAINPID=1\nnothing\n\n", vec![]),
            (b"",                                vec![]),
        ];
        for (datagram, wanted) in cases {
            assert_eq!(parse(datagram), *wanted, "{}", String::from_utf8_lossy(datagram));
        }
        let long = parse(format!("STATUS={}", "x".repeat(3000)).as_bytes());
        assert_eq!(long, [Notice::Status("x".repeat(STATUS_CHARS_MAX))]);
    }

    #[test]
    fn words_of_an_earlier_life_are_not_heard() {
        let folder = tempfile::tempdir().unwrap();
        let ear = NotifySocket::open(folder.path(), "ledgerd").unwrap();
        let above = Notifier::of(Some(ear.path().into())).unwrap();
        above.tell("READY=1").unwrap();
        assert_eq!(ear.hear().unwrap(), [Notice::Ready]);
        above.tell("READY=1").unwrap();
        drop(ear);

        let ear = NotifySocket::open(folder.path(), "ledgerd").unwrap();
        assert_eq!(ear.hear().unwrap(), []);
        let mode = fs::metadata(ear.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let path = ear.path().to_path_buf();
        assert!(ear.is_in_place());
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
        assert!(!ear.is_in_place() && above.tell("READY=1").is_err());
        let next = NotifySocket::open(folder.path(), "ledgerd").unwrap();
        drop(ear);
        assert!(next.is_in_place(), "whoever lost its place does not remove another's");
        drop(next);
        assert!(!path.exists());
        assert!(above.tell("READY=1").is_err(), "nobody listens any more");
    }
}
