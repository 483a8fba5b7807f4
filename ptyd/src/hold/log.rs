//! The log of a terminal: its output on disk, by offset, in two files that take turns.
//!
//! A file is called after the offset of its first byte, `log-00000000000000000000`, so a folder tells
//! what it has without being asked, also when its holder is gone ([`read`]). When a file is full the older
//! one is deleted. A log that cannot be written (disk full) is interrupted and goes on with a new file later;
//! draining never waits for it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What every log file's name begins with.
const PREFIX: &str = "log-";

/// Digits of the offset in the name, so that names sort by offset.
const OFFSET_DIGITS: usize = 20;

/// How many files there are at most.
const FILES_MAX: usize = 2;

/// How long a log that could not be written is left alone.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// A piece of output, or what stands in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// The bytes from the wanted offset on, not empty.
    Bytes(Vec<u8>),
    /// Nothing is known up to this offset, where there is something again.
    Lost {
        /// First offset after the wanted one that is there.
        until: u64,
    },
    /// There is nothing at the wanted offset or behind it.
    Nothing,
}

/// The log that a holder writes.
#[derive(Debug)]
pub struct Log {
    folder: PathBuf,
    file_bytes_max: u64,
    /// Oldest first.
    files: Vec<Part>,
    /// Whether the last file may be appended to.
    is_open: bool,
    rest_until: Option<Instant>,
}

#[derive(Debug)]
struct Part {
    path: PathBuf,
    file: File,
    start: u64,
    len: u64,
}

impl Log {
    /// A log with nothing in it; the first file is made by the first [`append`](Self::append).
    pub fn new(folder: &Path, file_bytes_max: u64) -> Self {
        Self { folder: folder.to_path_buf(), file_bytes_max, files: Vec::new(), is_open: false, rest_until: None }
    }

    /// Appends output that begins at `offset`. While a failed log rests, output is dropped here without an error.
    ///
    /// # Errors
    ///
    /// The bytes are not in the log; a later append begins a new file.
    pub fn append(&mut self, offset: u64, bytes: &[u8], now: Instant) -> io::Result<()> {
        if self.rest_until.is_some_and(|until| now < until) {
            return Ok(());
        }
        self.rest_until = None;
        let result = self.write(offset, bytes);
        if result.is_err() {
            self.is_open = false;
            self.rest_until = Some(now + RETRY_AFTER);
        }
        result
    }

    /// Has the next append begin a new file if somebody has removed the last one.
    pub fn leave_removed(&mut self) {
        self.is_open &= self.files.last().is_some_and(|part| part.path.exists());
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let fits = |part: &Part| part.len == 0 || part.len + bytes.len() as u64 <= self.file_bytes_max;
        if !self.is_open || !self.files.last().is_some_and(fits) {
            self.begin(offset)?;
        }
        let part = self.files.last_mut().expect("a file was just begun");
        // Into the file first, into the books after: a write that fails in the middle is not counted.
        part.file.write_all(bytes)?;
        part.len += bytes.len() as u64;
        Ok(())
    }

    fn begin(&mut self, offset: u64) -> io::Result<()> {
        while self.files.len() >= FILES_MAX {
            match fs::remove_file(&self.files.remove(0).path) {
                // Somebody else has removed it.
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        let path = self.folder.join(format!("{PREFIX}{offset:0OFFSET_DIGITS$}"));
        let file = OpenOptions::new().read(true).append(true).create_new(true).mode(0o600).open(&path)?;
        self.files.push(Part { path, file, start: offset, len: 0 });
        self.is_open = true;
        Ok(())
    }

    /// Offset of the oldest byte, if there is any.
    pub fn start(&self) -> Option<u64> {
        self.files.iter().find(|part| part.len > 0).map(|part| part.start)
    }

    /// Offset from which on the log has everything up to `end`; `end` when it does not reach there.
    pub fn start_of_unbroken(&self, end: u64) -> u64 {
        let mut from = end;
        for part in self.files.iter().rev() {
            if part.start + part.len != from {
                break;
            }
            from = part.start;
        }
        from
    }

    /// Reads at most `bytes_max` bytes at an offset.
    ///
    /// # Errors
    ///
    /// A file that should have it cannot be read.
    pub fn read(&self, offset: u64, bytes_max: usize) -> io::Result<Piece> {
        let parts = self.files.iter().map(|part| (part.start, part.len, &part.file));
        read_parts(parts, offset, bytes_max)
    }
}

/// Reads at most `bytes_max` bytes at an offset from the log in a session's folder, whether its holder lives or not.
///
/// # Errors
///
/// The folder or a file in it cannot be read.
pub fn read(folder: &Path, offset: u64, bytes_max: usize) -> io::Result<Piece> {
    let mut parts = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Some(start) = entry.file_name().to_str().and_then(parse_name) else { continue };
        let file = bus::plain::open(&entry.path(), File::options().read(true))?;
        parts.push((start, file.metadata()?.len(), file));
    }
    parts.sort_by_key(|(start, _, _)| *start);
    // A write that failed in the middle may have left bytes that the next file has again.
    let starts: Vec<u64> = parts.iter().skip(1).map(|(start, _, _)| *start).collect();
    let bounded = parts
        .iter()
        .enumerate()
        .map(|(at, (start, len, file))| (*start, starts.get(at).map_or(*len, |next| (*len).min(next - start)), file));
    read_parts(bounded, offset, bytes_max)
}

fn read_parts<'a>(
    parts: impl Iterator<Item = (u64, u64, &'a File)>,
    offset: u64,
    bytes_max: usize,
) -> io::Result<Piece> {
    for (start, len, file) in parts {
        if start + len <= offset || len == 0 {
            continue;
        }
        if start > offset {
            return Ok(Piece::Lost { until: start });
        }
        let mut bytes = vec![0; (start + len - offset).min(bytes_max as u64) as usize];
        file.read_exact_at(&mut bytes, offset - start)?;
        return Ok(Piece::Bytes(bytes));
    }
    Ok(Piece::Nothing)
}

fn parse_name(name: &str) -> Option<u64> {
    let digits = name.strip_prefix(PREFIX)?;
    (digits.len() == OFFSET_DIGITS).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(piece: Piece) -> String {
        match piece {
            Piece::Bytes(bytes) => String::from_utf8(bytes).unwrap(),
            Piece::Lost { until } => format!("lost until {until}"),
            Piece::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn two_files_take_turns_and_everybody_reads_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Log::new(folder.path(), 10);
        let now = Instant::now();
        for (offset, bytes) in [(0, "01234"), (5, "56789"), (10, "abcdef"), (16, "ghij"), (20, "KLM")] {
            log.append(offset, bytes.as_bytes(), now).unwrap();
        }
        assert_eq!((log.start(), log.start_of_unbroken(23), log.start_of_unbroken(24)), (Some(10), 10, 24));
        #[rustfmt::skip]
        let cases = [
            // offset   read
            (0,         "lost until 10"),
            (9,         "lost until 10"),
            (10,        "abcd"),
            (18,        "ij"),
            (20,        "KLM"),
            (22,        "M"),
            (23,        "nothing"),
            (u64::MAX,  "nothing"),
        ];
        for (offset, wanted) in cases {
            assert_eq!(text(log.read(offset, 4).unwrap()), wanted, "holder at {offset}");
            assert_eq!(text(read(folder.path(), offset, 4).unwrap()), wanted, "folder at {offset}");
        }
    }

    #[test]
    fn a_log_that_failed_goes_on_with_a_new_file_and_tells_what_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Log::new(folder.path(), 100);
        let now = Instant::now();
        log.append(0, b"before", now).unwrap();
        // Stands in the way of the next file, as a full disk would.
        let obstacle = folder.path().join("log-00000000000000000006");
        fs::create_dir(&obstacle).unwrap();
        log.is_open = false;
        assert!(log.append(6, b"lost", now).is_err());
        log.append(10, b"also lost", now).unwrap();
        fs::remove_dir(&obstacle).unwrap();
        log.append(19, b"after", now + RETRY_AFTER).unwrap();
        assert_eq!(text(log.read(6, 100).unwrap()), "lost until 19");
        assert_eq!(text(log.read(19, 100).unwrap()), "after");
        assert_eq!(log.start_of_unbroken(24), 19);
    }
}
