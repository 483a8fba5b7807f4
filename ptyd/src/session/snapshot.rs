//! The snapshot of a screen: what a terminal shows, and every mode it is in, at one place of its output.
//!
//! A ptyd that takes a session over reads only the end of its output again. What the program has switched or drawn once,
//! long before, is in no such end: a hidden cursor, the alternate screen, how keys are sent, a title. So the screen is
//! kept in a run file beside the session's notes, with the same span of life, now and then while output comes.

use super::delivery_journal::Paste;
use crate::screen::Screen;
use bus::atomic_file::{Durability, replace_in_folder};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

/// So much output comes between two snapshots. Less than what is read again, so a ptyd that was away for a moment only
/// goes on exactly where the snapshot was taken.
pub const EVERY_BYTES: u64 = super::REPLAY_BYTES_MAX / 2;

/// Largest file: a drawing of the largest screen is much smaller.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What was shown at a place in the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The place, in bytes since the session's start.
    pub offset: u64,
    cols: u16,
    rows: u16,
    drawing: Vec<u8>,
}

/// The first line of the file; the drawing follows.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    offset: u64,
    cols: u16,
    rows: u16,
    /// Length of the drawing.
    bytes: usize,
}

impl Snapshot {
    /// Of what is shown now.
    pub fn of(screen: &Screen) -> Self {
        let (cols, rows) = screen.size();
        Self { offset: screen.offset(), cols, rows, drawing: screen.drawing() }
    }

    /// Reads the file. `None` when there is none, or none that can be read: then only the end of the output is known.
    pub fn read(path: &Path) -> Option<Self> {
        let bytes = bus::plain::read(path, BYTES_MAX).ok()?;
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
        let drawing = bytes[end + 1..].to_vec();
        let is_whole = drawing.len() == head.bytes && head.cols > 0 && head.rows > 0;
        is_whole.then_some(Self { offset: head.offset, cols: head.cols, rows: head.rows, drawing })
    }

    /// Replaces the file, so that a reader sees the old or the new one. No sync, as for the notes.
    ///
    /// # Errors
    ///
    /// The file cannot be written; the old one stays.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let head = Head { offset: self.offset, cols: self.cols, rows: self.rows, bytes: self.drawing.len() };
        let bytes = [&serde_json::to_vec(&head)?, b"\n".as_slice(), &self.drawing].concat();
        replace_in_folder(path, &bytes, Durability::WhileRunning)
    }

    /// The screen of a terminal of this size that goes on from here, or from `from` when that is later: what came in
    /// between is missing then, but for the last change of bracketed paste that was noted.
    pub fn screen(&self, cols: u16, rows: u16, from: u64, paste: Paste) -> Screen {
        let mut screen = Screen::drawn(self.cols, self.rows, self.offset.max(from), &self.drawing);
        if (self.cols, self.rows) != (cols, rows) {
            screen.resize(cols, rows);
        }
        if self.offset < paste.offset && paste.offset <= from {
            screen.switch_paste(paste.on);
        }
        screen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_snapshot_is_read_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.screen");
        assert_eq!(Snapshot::read(&path), None);
        let mut screen = Screen::new(40, 5, 900, false);
        screen.feed("\x1b[?25l\x1b[2;3Htitle\x1b]0;half of a na\u{fc}".as_bytes());
        let snapshot = Snapshot::of(&screen);
        snapshot.write(&path).unwrap();
        assert_eq!(Snapshot::read(&path), Some(snapshot));
        let bytes = fs::read(&path).unwrap();
        for torn in [&b""[..], b"{}\n", &bytes[..20], &bytes[..bytes.len() - 1], &[bytes.as_slice(), b"x"].concat()] {
            fs::write(&path, torn).unwrap();
            assert_eq!(Snapshot::read(&path), None, "{}", torn.escape_ascii());
        }
    }

    #[test]
    fn what_was_missed_is_missing_but_for_bracketed_paste() {
        let mut shown = Screen::new(40, 5, 0, false);
        shown.feed(b"\x1b[?2004h> ");
        let snapshot = Snapshot::of(&shown);
        let at = snapshot.offset;
        #[rustfmt::skip]
        let cases = [
            // read again from, paste was noted at, as, goes on from, paste is on
            (0,                 0,                  true,  at,        true),
            (0,                 at + 5,             false, at,        true),
            (at + 9,            at + 5,             false, at + 9,    false),
            (at + 9,            at + 5,             true,  at + 9,    true),
            (at + 9,            at + 10,            false, at + 9,    true),
        ];
        for (from, offset, on, begins, is_on) in cases {
            let screen = snapshot.screen(30, 6, from, Paste { offset, on, group: 0 });
            let got = (screen.offset(), screen.paste_on().is_some(), screen.size());
            assert_eq!(got, (begins, is_on, (30, 6)), "{from} {offset} {on}");
        }
    }
}
