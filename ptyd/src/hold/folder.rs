//! The folder of one session, `run/pty/<session>/`: which files there are, and how they are written and removed.
//!
//! ```text
//! meta.json              what runs, from the start on            0600, all of them; the folder 0700
//! sock                   where the holder listens, as long as it lives
//! exec                   where it listens for the process that becomes the agent, until it has
//! log-<start offset>     output; two at most, see `log`
//! exit.json              how the agent ended, once it has
//! holder.log             troubles of the holder, if any
//! ```
//!
//! A folder without `meta.json` is a session that is just being started, or never was.

use crate::hold::document::{Exit, Meta};
use bus::atomic_file::{Durability, replace};
use bus::plain;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Largest document that is read from a folder.
const DOCUMENT_BYTES_MAX: u64 = 1024 * 1024;

/// The folder of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Names a folder; touches nothing.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Makes the folder, 0700.
    ///
    /// # Errors
    ///
    /// It exists already, or cannot be made.
    pub fn make(path: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = Self::at(path);
        DirBuilder::new().mode(0o700).create(&folder.path)?;
        Ok(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The session it belongs to: its own name.
    pub fn session_id(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The holder's socket.
    pub fn socket(&self) -> PathBuf {
        self.path.join("sock")
    }

    /// The files without which nobody finds the session, or reaches its holder.
    pub fn lifelines(&self) -> Vec<PathBuf> {
        vec![self.socket(), self.path.join("meta.json")]
    }

    /// The socket of the holder's exec trampoline. Not longer than the holder's own: the system limits both.
    pub fn trampoline(&self) -> PathBuf {
        self.path.join("exec")
    }

    /// What runs; `None` when it was never written.
    ///
    /// # Errors
    ///
    /// It is there and cannot be read.
    pub fn meta(&self) -> io::Result<Option<Meta>> {
        read_document(&self.path.join("meta.json"))
    }

    /// How the agent ended; `None` while it has not.
    ///
    /// # Errors
    ///
    /// It is there and cannot be read.
    pub fn exit(&self) -> io::Result<Option<Exit>> {
        read_document(&self.path.join("exit.json"))
    }

    /// Writes `meta.json`; whoever sees it sees all of it.
    ///
    /// # Errors
    ///
    /// It is not there afterwards.
    pub fn write_meta(&self, meta: &Meta) -> io::Result<()> {
        self.write_document("meta.json", meta)
    }

    /// Writes `exit.json`, and returns when a power cut cannot undo it.
    ///
    /// # Errors
    ///
    /// It is not there afterwards, or nobody knows.
    pub fn write_exit(&self, exit: &Exit) -> io::Result<()> {
        self.write_document("exit.json", exit)
    }

    /// Opens `holder.log` to append to it.
    ///
    /// # Errors
    ///
    /// It cannot be made or opened.
    pub fn open_trouble_log(&self) -> io::Result<File> {
        plain::open(&self.path.join("holder.log"), OpenOptions::new().append(true).create(true).mode(0o600))
    }

    /// Removes everything. `meta.json` goes first, so that a removal that is cut short leaves no session behind.
    ///
    /// # Errors
    ///
    /// Something is still there.
    pub fn remove(&self) -> io::Result<()> {
        absent_is_fine(fs::remove_file(self.path.join("meta.json")))?;
        absent_is_fine(fs::remove_dir_all(&self.path))
    }

    fn write_document<T: Serialize>(&self, name: &str, document: &T) -> io::Result<()> {
        replace(&self.path.join(name), &serde_json::to_vec(document)?, Durability::PowerCut)
    }
}

fn read_document<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    let bytes = match plain::read(path, DOCUMENT_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(serde_json::from_slice(&bytes)?))
}

/// What was to be removed and is not there is removed.
fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
