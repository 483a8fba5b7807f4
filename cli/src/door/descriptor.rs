//! The file in which published clients read how to reach us, and the only file the door writes.

use bus::atomic_file::{Durability, replace};
use bus::contract::{time, version};
use bus::home::Home;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::Path;

/// Longest text of one.
const BYTES_MAX: u64 = 64 * 1024;

/// What `daemon/ccccd.addr.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Descriptor {
    /// Always 1: clients ignore any other.
    pub v: u32,
    /// `unix` or `tcp`.
    pub transport: String,
    /// Absolute path of the socket, or `""`.
    pub path: String,
    /// Address, or `""`.
    pub host: String,
    /// Port, or 0.
    pub port: u16,
    /// The process that clients regard as the daemon.
    pub pid: u32,
    /// Product version.
    pub version: String,
    /// Since when.
    pub ts: String,
}

impl Descriptor {
    /// We listen on a Unix socket.
    pub fn unix(path: &Path, pid: u32) -> Self {
        Self { path: path.to_string_lossy().into_owned(), ..Self::blank("unix", pid) }
    }

    /// We listen on a port.
    pub fn tcp(host: String, port: u16, pid: u32) -> Self {
        Self { host, port, ..Self::blank("tcp", pid) }
    }

    fn blank(transport: &str, pid: u32) -> Self {
        Self {
            v: 1,
            transport: transport.into(),
            path: String::new(),
            host: String::new(),
            port: 0,
            pid,
            version: version::PRODUCT.into(),
            ts: time::format(time::now()),
        }
    }

    /// Puts it where clients look, whole or not at all.
    ///
    /// # Errors
    ///
    /// The folder cannot be written; a descriptor that was there is still there.
    pub fn write(&self, home: &Home) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        replace(&home.descriptor(), &text, Durability::WhileRunning)
    }

    /// Takes it away again, unless somebody else has put theirs there meanwhile.
    pub fn remove(&self, home: &Home) {
        let path = home.descriptor();
        let there = bus::plain::read(&path, BYTES_MAX).ok().and_then(|text| serde_json::from_slice::<Self>(&text).ok());
        if there.as_ref() == Some(self)
            && let Err(error) = fs::remove_file(&path)
        {
            tracing::warn!(path = %path.display(), %error, "cannot remove the descriptor");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_descriptor_is_private_and_only_its_owner_removes_it() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::find(Some(folder.path())).unwrap();
        home.make().unwrap();
        let old = Descriptor::unix(&home.door_socket(), 1);
        let new = Descriptor::tcp("127.0.0.1".into(), 4711, 2);
        old.write(&home).unwrap();
        new.write(&home).unwrap();
        assert_eq!(fs::metadata(home.descriptor()).unwrap().permissions().mode() & 0o777, 0o600);
        old.remove(&home);
        let there: Descriptor = serde_json::from_slice(&fs::read(home.descriptor()).unwrap()).unwrap();
        assert_eq!(there, new);
        new.remove(&home);
        assert_eq!(fs::read_dir(home.daemon()).unwrap().count(), 0);
    }
}
