//! The ledger of an older group, read line by line: what is kept is where its lines are, and in which order.

use super::ImportError;
use super::old::names;
use bus::contract::time::{self, Micros};
use bus::contract::{Event, nesting, surrogate};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, ErrorKind};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// Every line of a group's ledger that is an event, once, in the order of their times.
#[derive(Debug)]
pub struct Ledger {
    group_id: String,
    files: Vec<(PathBuf, File)>,
    lines: Vec<Line>,
    /// Lines that are no events, or nested deeper than ours may be.
    pub unreadable: usize,
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
    /// A file cannot be read.
    pub fn open(folder: &Path, group_id: &str) -> Result<Self, ImportError> {
        let mut ledger = Self { group_id: group_id.to_owned(), files: Vec::new(), lines: Vec::new(), unreadable: 0 };
        let archive = folder.join("state/ledger/archive");
        let archived = names(&archive)?.into_iter().filter(|name| name.ends_with(".jsonl"));
        let archived = archived.map(|name| archive.join(name));
        let mut known = HashSet::new();
        for path in archived.chain([folder.join("ledger.jsonl")]) {
            let file = match File::open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(ImportError::io("read", &path, error)),
            };
            ledger.look(&file, &mut known).map_err(|error| ImportError::io("read", &path, error))?;
            ledger.files.push((path, file));
        }
        ledger.lines.sort_by_key(|line| line.at);
        Ok(ledger)
    }

    fn look(&mut self, file: &File, known: &mut HashSet<[u8; 32]>) -> io::Result<()> {
        let (mut reader, mut text, mut offset) = (BufReader::new(file), Vec::new(), 0);
        loop {
            text.clear();
            let bytes = reader.read_until(b'\n', &mut text)?;
            if bytes == 0 {
                return Ok(());
            }
            if !text.iter().all(u8::is_ascii_whitespace) {
                match event(&text) {
                    None => self.unreadable += 1,
                    Some(event) if !known.insert(*blake3::hash(event.id.as_bytes()).as_bytes()) => {}
                    Some(event) => {
                        let at = time::parse(&event.ts).or_else(|| self.lines.last().and_then(|line| line.at));
                        self.lines.push(Line { at, file: self.files.len(), offset, bytes });
                    }
                }
            }
            offset += bytes as u64;
        }
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
        let ledger = Ledger::open(folder.path(), "g_0123456789ab").unwrap();
        let events: Vec<_> = (0..ledger.len()).map(|number| ledger.event(number).unwrap()).collect();
        assert_eq!(events.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["a", "b", "c", "d", "h"]);
        assert!(events.iter().all(|event| event.group_id == "g_0123456789ab"));
        assert_eq!(ledger.began(), time::parse(&events[0].ts));
        assert_eq!(ledger.unreadable, 3, "what is no event, what is too deep, and what has no id");
    }
}
