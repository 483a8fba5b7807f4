//! What is kept of a session that has ended: its output, so that whoever comes later can read an agent's last words.
//!
//! ```text
//! run/ended/<session>/
//!     meta.json              what ran
//!     exit.json              how it ended, where that is known
//!     log-<start offset>     its output, as the holder left it
//! ```
//!
//! Run files, and few of them: the newest of each actor, and of all together.

use crate::screen::excerpt::excerpt_of;
use crate::screen::tail::render;
use bus::atomic_file::{Durability, replace};
use bus::home::{self, Home};
use bus::plain;
use ptyd::hold::log::{self, Piece};
use ptyd::hold::{Exit, Folder, Meta};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Sessions that are kept of one actor.
const OF_ACTOR_MAX: usize = 2;

/// Sessions that are kept in all.
const ALL_MAX: usize = 64;

/// Largest document beside the output.
const DOCUMENT_BYTES_MAX: u64 = 1024 * 1024;

/// A session that has ended.
#[derive(Debug)]
pub struct Ended {
    /// What ran.
    pub meta: Meta,
    /// How it ended, where that is known.
    pub exit: Option<Exit>,
    folder: PathBuf,
}

impl Ended {
    /// The end of its output, so many bytes at most.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub fn output(&self, bytes_max: u64) -> io::Result<Vec<u8>> {
        let keep = usize::try_from(bytes_max).unwrap_or(usize::MAX);
        let (mut at, mut bytes) = (0, Vec::new());
        loop {
            match log::read(&self.folder, at, PIECE_BYTES)? {
                Piece::Bytes(piece) => {
                    at += piece.len() as u64;
                    bytes.extend(piece);
                    // Only the end is wanted, and a log may be long.
                    bytes.drain(..bytes.len().saturating_sub(keep));
                }
                Piece::Lost { until } => at = until,
                Piece::Nothing => return Ok(bytes),
            }
        }
    }

    /// The last lines that its terminal showed, as they may be put on record.
    pub fn excerpt(&self) -> Vec<String> {
        let bytes = self.output(EXCERPT_BYTES).unwrap_or_default();
        excerpt_of(&render(&bytes, self.meta.cols, self.meta.rows))
    }

    /// How it ended, in words.
    pub fn ending(&self) -> String {
        match &self.exit {
            Some(Exit { signal: Some(signal), .. }) => format!("ended by signal {signal}"),
            Some(Exit { code: Some(code), .. }) => format!("exited with code {code}"),
            Some(_) | None => "ended".to_owned(),
        }
    }
}

/// Output that is looked at for the last few lines.
const EXCERPT_BYTES: u64 = 64 * 1024;

/// Bytes that are read at once.
const PIECE_BYTES: usize = 256 * 1024;

/// Keeps what a session has left, whose own folder is about to go. What cannot be kept is missed by people only.
pub fn keep(home: &Home, folder: &Folder, meta: &Meta, exit: Option<&Exit>) {
    if let Err(error) = keep_in(&place(home), folder.path(), meta, exit) {
        tracing::warn!(session_id = meta.session_id, %error, "the last words of a session cannot be kept");
    }
}

fn keep_in(place: &Path, folder: &Path, meta: &Meta, exit: Option<&Exit>) -> io::Result<()> {
    home::make_private(place).map_err(io::Error::other)?;
    let kept = place.join(&meta.session_id);
    home::make_private(&kept).map_err(io::Error::other)?;
    replace(&kept.join("meta.json"), &serde_json::to_vec(meta)?, Durability::WhileRunning)?;
    if let Some(exit) = exit {
        replace(&kept.join("exit.json"), &serde_json::to_vec(exit)?, Durability::WhileRunning)?;
    }
    for entry in fs::read_dir(folder)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with("log-") {
            fs::rename(entry.path(), kept.join(entry.file_name()))?;
        }
    }
    sweep(place)
}

/// The newest session of an actor that has ended.
pub fn latest(home: &Home, group_id: &str, actor_id: &str) -> Option<Ended> {
    let is_of = |meta: &Meta| meta.group_id == group_id && meta.actor_id == actor_id;
    all(&place(home)).into_iter().rev().find(|ended| is_of(&ended.meta))
}

/// Forgets those of an actor that is gone.
pub fn forget(home: &Home, group_id: &str, actor_id: &str) {
    for ended in all(&place(home)) {
        if ended.meta.group_id == group_id && ended.meta.actor_id == actor_id {
            remove(&ended.folder);
        }
    }
}

/// Those that are kept, oldest first: ids of sessions rise with time.
fn all(place: &Path) -> Vec<Ended> {
    // A folder that was never made holds none.
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    folders.sort();
    folders.into_iter().filter_map(read).collect()
}

fn read(folder: PathBuf) -> Option<Ended> {
    let document = |name: &str| {
        let path = folder.join(name);
        plain::read(&path, DOCUMENT_BYTES_MAX).ok()
    };
    let meta = serde_json::from_slice(&document("meta.json")?).ok()?;
    let exit = document("exit.json").and_then(|bytes| serde_json::from_slice(&bytes).ok());
    Some(Ended { meta, exit, folder })
}

/// Removes those that are too many.
fn sweep(place: &Path) -> io::Result<()> {
    let mut kept = Vec::<(String, String)>::new();
    for ended in all(place).into_iter().rev() {
        let whose = (ended.meta.group_id.clone(), ended.meta.actor_id.clone());
        let of_actor = kept.iter().filter(|of| **of == whose).count();
        if of_actor >= OF_ACTOR_MAX || kept.len() >= ALL_MAX {
            remove(&ended.folder);
        } else {
            kept.push(whose);
        }
    }
    Ok(())
}

fn remove(folder: &Path) {
    if let Err(error) = fs::remove_dir_all(folder) {
        tracing::warn!(folder = %folder.display(), %error, "what is left of a session that ended cannot be removed");
    }
}

fn place(home: &Home) -> PathBuf {
    home.run().join("ended")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ptyd::hold::process::ProcessMark;

    fn meta(session_id: &str, actor_id: &str) -> Meta {
        Meta {
            protocol: 1,
            session_id: session_id.into(),
            group_id: "g_1".into(),
            actor_id: actor_id.into(),
            generation: 1,
            command: vec!["x".into()],
            directory: "/".into(),
            holder: ProcessMark { pid: 1, start_ticks: 1 },
            agent: ProcessMark { pid: 2, start_ticks: 1 },
            boot_id: String::new(),
            started_us: 0,
            cols: 80,
            rows: 24,
            log_bytes_max: 1 << 20,
        }
    }

    #[test]
    fn the_newest_sessions_are_kept_with_their_last_words() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::find(Some(folder.path())).unwrap();
        home.make().unwrap();
        let exit = |code| Exit { code: Some(code), signal: None, ended_us: 1, total_bytes: 11, asked: false };
        for (number, actor_id) in ["a", "b", "a", "a"].into_iter().enumerate() {
            let session = Folder::make(home.pty().join(format!("{number:032x}"))).unwrap();
            let log = session.path().join(format!("log-{:020}", 0));
            fs::write(&log, format!("last words{number}")).unwrap();
            let code = i32::try_from(number).unwrap();
            keep(&home, &session, &meta(&session.session_id(), actor_id), Some(&exit(code)));
            assert!(!log.exists());
        }
        assert_eq!(all(&place(&home)).len(), 3, "two of one, one of the other");
        let last = latest(&home, "g_1", "a").unwrap();
        assert_eq!(
            (last.output(1_000).unwrap(), last.ending()),
            (b"last words3".to_vec(), "exited with code 3".into())
        );
        assert_eq!(last.output(4).unwrap(), b"rds3");
        assert!(latest(&home, "g_2", "a").is_none());
        forget(&home, "g_1", "a");
        assert!(latest(&home, "g_1", "a").is_none() && latest(&home, "g_1", "b").is_some());
    }
}
