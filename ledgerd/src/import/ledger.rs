//! The ledger of an older group, read line by line: what is kept is where its lines are, and in which order.

use super::{ImportError, file, reasons};
use crate::store::line::{self, Req};
use bus::contract::limit::LEDGER_LINE_BYTES_MAX;
use bus::contract::time::{self, Micros};
use bus::contract::{Event, nesting, surrogate};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// Bytes that an event may grow by when it comes over: its number and time, and where its files are kept.
const GROWTH_BYTES: usize = 16 * 1024;

/// Longest line that is looked at. What is longer is no event of ours.
const LINE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Longest ledger.
const LEDGER_BYTES_MAX: u64 = 1 << 40;

/// Every line of a group's ledger that is an event, once, in the order of their times.
#[derive(Debug)]
pub struct Ledger {
    group_id: String,
    files: Vec<(PathBuf, File)>,
    lines: Vec<Line>,
    /// Lines that are no events, or nested deeper than ours may be.
    unreadable: usize,
    /// Events that are longer than ours may be: id, or where the line begins, and bytes.
    too_long: Vec<(String, u64)>,
}

/// Where a line is.
#[derive(Debug)]
struct Line {
    /// When; as the line before it when it does not say.
    at: Option<Micros>,
    file: usize,
    offset: u64,
    bytes: usize,
}

impl Ledger {
    /// Looks through a group's folder.
    ///
    /// What a compaction left behind is older than what it kept, except for a few lines; times put them in order. A
    /// compaction that was cut off has archived lines that the ledger still has; they count once.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read. What cannot be read of an archive, or be an event of ours, is left out and named.
    pub fn open(root: &Path, folder: &Path, group_id: &str, left_out: &mut Vec<String>) -> Result<Self, ImportError> {
        let (files, lines, too_long) = (Vec::new(), Vec::new(), Vec::new());
        let mut ledger = Self { group_id: group_id.to_owned(), files, lines, unreadable: 0, too_long };
        let archive = folder.join("state/ledger/archive");
        let archived = file::names(root, &archive).unwrap_or_else(|error| {
            left_out.push(reasons(&error));
            Vec::new()
        });
        let mut known = HashSet::new();
        for name in archived.iter().filter(|name| name.ends_with(".jsonl")) {
            if let Err(error) = ledger.add(root, &archive.join(name), &mut known) {
                left_out.push(reasons(&error));
            }
        }
        ledger.add(root, &folder.join("ledger.jsonl"), &mut known)?;
        ledger.lines.sort_by_key(|line| line.at);
        if ledger.unreadable > 0 {
            left_out.push(format!("{} lines of the ledger that are no events, or nested too deep", ledger.unreadable));
        }
        for (event, bytes) in &ledger.too_long {
            left_out.push(format!("event {event}: {bytes} bytes, LEDGER_LINE_BYTES_MAX is {LEDGER_LINE_BYTES_MAX}"));
        }
        Ok(ledger)
    }

    fn add(&mut self, root: &Path, path: &Path, known: &mut HashSet<[u8; 32]>) -> Result<(), ImportError> {
        if let Some((file, _)) = file::open(root, path, LEDGER_BYTES_MAX)? {
            self.look(&file, known).map_err(|error| ImportError::io("read", path, error))?;
            self.files.push((path.to_path_buf(), file));
        }
        Ok(())
    }

    fn look(&mut self, file: &File, known: &mut HashSet<[u8; 32]>) -> io::Result<()> {
        let (mut reader, mut text, mut offset) = (BufReader::new(file), Vec::new(), 0);
        let is_known =
            |known: &mut HashSet<[u8; 32]>, event: &Event| !known.insert(*blake3::hash(event.id.as_bytes()).as_bytes());
        loop {
            text.clear();
            let bytes = reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut text)?;
            if bytes == 0 {
                return Ok(());
            }
            if bytes as u64 == LINE_BYTES_MAX && !text.ends_with(b"\n") {
                let bytes = bytes as u64 + skip_line(&mut reader)?;
                self.too_long.push((format!("at byte {offset}"), bytes));
                offset += bytes;
                continue;
            }
            if !text.iter().all(u8::is_ascii_whitespace) {
                match event(&text) {
                    None => self.unreadable += 1,
                    Some(event) if is_known(known, &event) => {}
                    Some(event) if !fits(&event, bytes) => self.too_long.push((event.id, bytes as u64)),
                    Some(event) => {
                        let at = time::parse(&event.ts).or_else(|| self.lines.last().and_then(|line| line.at));
                        self.lines.push(Line { at, file: self.files.len(), offset, bytes });
                    }
                }
            }
            offset += bytes as u64;
        }
    }

    /// Bytes of all lines.
    pub fn bytes(&self) -> u64 {
        self.lines.iter().map(|line| line.bytes as u64).sum()
    }

    /// Time of the first event.
    pub fn began(&self) -> Option<Micros> {
        self.lines.first().and_then(|line| line.at)
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// One of the events; the first is number 0.
    ///
    /// # Errors
    ///
    /// The line cannot be read, or is another one than it was.
    pub fn event(&self, number: usize) -> Result<Event, ImportError> {
        let line = &self.lines[number];
        let (path, file) = &self.files[line.file];
        let mut text = vec![0; line.bytes];
        file.read_exact_at(&mut text, line.offset).map_err(|error| ImportError::io("read", path, error))?;
        let changed = || ImportError::Unreadable { path: path.clone(), why: "it changes while it is read".into() };
        let event = event(&text).ok_or_else(changed)?;
        Ok(Event { group_id: self.group_id.clone(), ..event })
    }
}

/// Reads on to the end of a line, and says how much that was.
fn skip_line(reader: &mut impl io::BufRead) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let piece = reader.fill_buf()?;
        let end = piece.iter().position(|byte| *byte == b'\n');
        let bytes = end.map_or(piece.len(), |end| end + 1);
        if bytes == 0 {
            return Ok(skipped);
        }
        reader.consume(bytes);
        skipped += bytes as u64;
        if end.is_some() {
            return Ok(skipped);
        }
    }
}

/// Whether an event that took so many bytes is short enough for a ledger of ours, whatever becomes of it on the way.
fn fits(event: &Event, bytes: usize) -> bool {
    if bytes < LEDGER_LINE_BYTES_MAX / 2 {
        return true;
    }
    let mut line = Vec::with_capacity(bytes);
    let req = Req { id: String::new(), op: Default::default(), synced: 0, with: None };
    line::write(&mut line, event, Some(&req), false, &line::START).is_ok()
        && line.len() + GROWTH_BYTES <= LEDGER_LINE_BYTES_MAX
}

/// The event of a line, if it is one that our ledgers can have.
fn event(line: &[u8]) -> Option<Event> {
    // The older implementation wrote halves of characters as they came.
    let text = surrogate::mend(std::str::from_utf8(line).ok()?);
    let event: Event = serde_json::from_str(&text).ok()?;
    let is_flat = nesting::check(&text, 1).is_ok();
    (!event.id.is_empty() && is_flat).then_some(event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bus::contract::limit::NESTING_MAX;
    use std::fs;

    #[test]
    fn what_is_archived_and_still_in_the_ledger_counts_once() {
        let folder = tempfile::tempdir().unwrap();
        let line = |id: &str, minute: u32, text: &str| {
            format!(
                "{{\"v\":1,\"id\":\"{id}\",\"ts\":\"2026-01-13T12:{minute:02}:00Z\",\"kind\":\"chat.message\",\"group_id\":\"g\",\
                 \"scope_key\":\"\",\"by\":\"user\",\"data\":{{\"text\":{text}}}}}\n"
            )
        };
        let usual = |id: &str, minute: u32| line(id, minute, "\"x\"");
        let deep = "[".repeat(NESTING_MAX) + &"]".repeat(NESTING_MAX);
        let archive = folder.path().join("state/ledger/archive");
        fs::create_dir_all(&archive).unwrap();
        fs::write(archive.join("ledger.1.jsonl"), usual("a", 1) + &usual("d", 4) + &usual("b", 2)).unwrap();
        let half = line("h", 7, "\"cut \\ud83d\"");
        let rest = usual("a", 1) + "\n" + &usual("b", 2) + &half + "no event\n" + &line("e", 5, &deep) + &usual("", 6);
        fs::write(folder.path().join("ledger.jsonl"), rest + usual("c", 3).trim_end()).unwrap();
        let mut left_out = Vec::new();
        let ledger = Ledger::open(folder.path(), folder.path(), "g_0123456789ab", &mut left_out).unwrap();
        let events: Vec<_> = (0..ledger.len()).map(|number| ledger.event(number).unwrap()).collect();
        assert_eq!(events.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["a", "b", "c", "d", "h"]);
        assert!(events.iter().all(|event| event.group_id == "g_0123456789ab"));
        assert_eq!(ledger.began(), time::parse(&events[0].ts));
        assert_eq!(left_out.len(), 1, "{left_out:?}");
        assert!(left_out[0].starts_with("3 lines"), "what is no event, what is too deep, and what has no id");
    }

    /// One event over a limit costs nothing but itself.
    #[test]
    fn what_is_too_long_is_left_out_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let line = |id: &str, bytes: usize| {
            let text = "x".repeat(bytes);
            format!(
                "{{\"id\":\"{id}\",\"ts\":\"2026-01-13T12:00:00Z\",\"kind\":\"chat.message\",\"data\":{{\"text\":\"{text}\"}}}}\n"
            )
        };
        let endless = usize::try_from(LINE_BYTES_MAX).unwrap() * 2;
        let text = line("a", 1) + &line("b", 300_000) + &line("c", endless) + &line("d", 200_000) + &line("e", 1);
        fs::write(folder.path().join("ledger.jsonl"), text).unwrap();
        let mut left_out = Vec::new();
        let ledger = Ledger::open(folder.path(), folder.path(), "g_0123456789ab", &mut left_out).unwrap();
        let ids: Vec<_> = (0..ledger.len()).map(|number| ledger.event(number).unwrap().id).collect();
        assert_eq!(ids, ["a", "d", "e"]);
        assert!(left_out.len() == 2 && left_out[0].starts_with("event b: 300"), "{left_out:?}");
    }
}
