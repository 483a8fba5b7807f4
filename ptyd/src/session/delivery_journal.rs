//! What must be remembered about a session when ptyd dies: a small file beside the holder's folder, with the same
//! span of life as the session itself.
//!
//! It is a run file, not state: it says how far a text has been typed into *this* terminal, and a terminal does not
//! survive a reboot. The file is replaced as a whole, so a reader sees the old or the new one.

use super::older_notes;
use super::typing::Typing;
use bus::atomic_file::{Durability, replace_in_folder};
use bus::home::{self, Home};
use bus::plain;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::PathBuf;

/// How many of the latest messages of a session are remembered. What an answer is about is quoted to whoever was told it
/// longer ago.
const TOLD_MAX: usize = 64;

/// Largest file: a text that is being typed is part of it.
const MEMO_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeliveryJournal {
    /// SHA-256 (hex) of the agent's token. Written before the agent starts.
    pub token_sha256: String,
    /// Whether the agent was told who it is.
    pub introduced: bool,
    /// The last change of bracketed paste that was seen.
    pub paste: Paste,
    /// The text that is being typed, from before its first byte until its delivery is on record.
    #[serde(deserialize_with = "older_notes::typing")]
    pub typing: Option<Typing>,
    /// Until when a person's line keeps deliveries out, in microseconds since 1970.
    pub person_until_us: i64,
    /// The latest messages that this session has been told, oldest first.
    pub told: Vec<String>,
    /// Output before this offset is not shown any more when somebody looks back.
    pub cleared: u64,
    /// A text that stands in the composer and is not ours to send.
    pub draft: Option<Draft>,
    /// How often the text that comes next was pasted without having been seen.
    pub pastes: u8,
    /// Columns and rows from before a viewer gave the terminal the size of its own window.
    pub size_before: Option<(u16, u16)>,
}

/// A text in the composer: what a person has typed and not sent, or what was left of one of ours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// How the cursor's line looked before it: when it looks so again, the draft is gone.
    pub line: String,
    /// Since when it stands, in microseconds since 1970.
    pub since_us: i64,
    /// A key was pressed that may have sent it; the screen will tell.
    pub is_sent: bool,
}

impl DeliveryJournal {
    /// What was being typed counts as never typed.
    pub fn abandon(&mut self) {
        self.typing = None;
        self.pastes = self.pastes.saturating_sub(1);
    }

    /// What was being typed has been, and is on record: it was the introduction, or messages that are told now.
    pub fn settle(&mut self) {
        let Some(typing) = self.typing.take() else { return };
        self.pastes = 0;
        self.introduced |= typing.event_ids.is_empty();
        self.told.extend(typing.event_ids);
        self.told.drain(..self.told.len().saturating_sub(TOLD_MAX));
    }
}

/// Whether bracketed paste was on at a place in the output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paste {
    /// The place.
    pub offset: u64,
    /// Whether it was on there.
    pub on: bool,
    /// The process group that was in the foreground then, and so has switched it; 0 where that is not known. What it has
    /// switched on means nothing once another one is there.
    #[serde(default)]
    pub group: i32,
}

/// The journal of one session and its file.
#[derive(Debug)]
pub struct Notes {
    path: PathBuf,
    journal: DeliveryJournal,
}

impl Notes {
    /// Makes the journal of a new session. On disk when it returns.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn begin(home: &Home, session_id: &str, journal: DeliveryJournal) -> io::Result<Self> {
        home::make_private(&folder(home)).map_err(io::Error::other)?;
        let mut notes = Self { path: path(home, session_id), journal: DeliveryJournal::default() };
        notes.change(|fresh| *fresh = journal)?;
        Ok(notes)
    }

    /// The journal of a session that is there already; an empty one when there is none, or none that can be read.
    pub fn open(home: &Home, session_id: &str) -> Self {
        let path = path(home, session_id);
        let journal = match plain::read(&path, MEMO_BYTES_MAX).map(|bytes| serde_json::from_slice(&bytes)) {
            Ok(Ok(journal)) => journal,
            Ok(Err(error)) => {
                tracing::warn!(session_id, %error, "the notes about a session cannot be read");
                DeliveryJournal::default()
            }
            Err(_) => DeliveryJournal::default(),
        };
        Self { path, journal }
    }

    /// What is remembered.
    pub fn journal(&self) -> &DeliveryJournal {
        &self.journal
    }

    /// Changes what is remembered. On an error nothing has changed.
    ///
    /// No sync: a killed ptyd loses nothing that was written, and a power cut ends the agent as well.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn change(&mut self, change: impl FnOnce(&mut DeliveryJournal)) -> io::Result<()> {
        let mut journal = self.journal.clone();
        change(&mut journal);
        if journal == self.journal && self.path.exists() {
            return Ok(());
        }
        replace_in_folder(&self.path, &serde_json::to_vec(&journal)?, Durability::WhileRunning)?;
        self.journal = journal;
        Ok(())
    }

    /// Where the session's [snapshot](super::snapshot) is kept.
    pub fn snapshot(&self) -> PathBuf {
        self.path.with_extension("screen")
    }

    /// Removes the files of a session that is over.
    pub fn remove(self) {
        for path in [&self.path, &self.snapshot()] {
            if let Err(error) = fs::remove_file(path)
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(path = %path.display(), %error, "the notes about a session that is over stay behind");
            }
        }
    }
}

/// Removes the notes about sessions that are in nobody's list any more. For the start of ptyd.
pub fn sweep(home: &Home, is_known: impl Fn(&str) -> bool) {
    // A folder that was never made holds no notes.
    let Ok(entries) = fs::read_dir(folder(home)) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let session_id = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        if !is_known(&session_id) {
            Notes { path, journal: DeliveryJournal::default() }.remove();
        }
    }
}

fn folder(home: &Home) -> PathBuf {
    home.run().join("memo")
}

fn path(home: &Home, session_id: &str) -> PathBuf {
    folder(home).join(format!("{session_id}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bus::contract::document::Submit;

    #[test]
    fn the_latest_messages_are_remembered() {
        let typing = |ids: &[String]| Typing {
            event_ids: ids.to_vec(),
            payload: String::new(),
            submit: Submit::Enter,
            typed_before: 0,
            offset: 0,
            ..Typing::default()
        };
        let mut journal = DeliveryJournal { typing: Some(typing(&[])), ..DeliveryJournal::default() };
        journal.settle();
        assert!(journal.introduced && journal.told.is_empty() && journal.typing.is_none());
        let ids: Vec<String> = (0..100).map(|n| format!("e{n}")).collect();
        for two in ids.chunks(2) {
            journal.typing = Some(typing(two));
            journal.settle();
        }
        assert_eq!(journal.told, ids[100 - TOLD_MAX..]);
    }

    #[test]
    fn notes_outlive_their_writer_and_are_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let home = Home::find(Some(folder.path())).unwrap();
        home.make().unwrap();
        let typing = Typing {
            event_ids: vec!["e".into()],
            payload: "\x1b[200~héllo\x1b[201~".into(),
            submit: Submit::Enter,
            typed_before: 7,
            offset: 9,
            ..Typing::default()
        };
        assert_eq!(typing.total(), 6 + 6 + 6 + 1);
        let mut notes =
            Notes::begin(&home, "s", DeliveryJournal { token_sha256: "t".into(), ..DeliveryJournal::default() })
                .unwrap();
        notes.change(|journal| journal.typing = Some(typing.clone())).unwrap();
        let again = Notes::open(&home, "s");
        assert_eq!((again.journal().token_sha256.as_str(), again.journal().typing.as_ref()), ("t", Some(&typing)));
        assert_eq!(fs::metadata(&again.path).unwrap().permissions().mode() & 0o777, 0o600);

        fs::remove_dir_all(home.run()).unwrap();
        notes.change(|journal| journal.typing = None).unwrap();
        assert_eq!(Notes::open(&home, "s").journal(), notes.journal(), "also in a folder that had to be made again");

        fs::write(&notes.path, b"{torn").unwrap();
        assert_eq!(*Notes::open(&home, "s").journal(), DeliveryJournal::default());
        sweep(&home, |session_id| session_id == "s");
        assert!(notes.path.exists());
        sweep(&home, |_| false);
        assert!(!notes.path.exists());
        again.remove();
    }
}
