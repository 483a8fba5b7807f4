//! One log file per child, of limited size, and the last lines of it in memory for messages.
//!
//! Children write into a pipe and we write the file, so that the file can be turned over at a line end without anybody
//! looking at its size now and then. What a child says after the death of its supervisor is lost: it is being
//! ended then, too.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Largest size of a log file, give or take one read.
pub const LOG_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Files per child: the one being written, and older ones named `.1` and `.2`.
pub const LOG_FILES_MAX: u32 = 3;

/// Lines kept in memory.
const LINES_KEPT: usize = 10;

/// Longest line kept in memory; the rest of it is only in the file.
const LINE_BYTES_KEPT: usize = 400;

/// A log that is being written. It is opened with the first byte, so that a silent child leaves no file.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    open: Option<(File, u64)>,
    bytes_max: u64,
    is_at_line_begin: bool,
    is_broken: bool,
    lines: VecDeque<Vec<u8>>,
    line: Vec<u8>,
}

impl Log {
    /// The log of that name.
    pub fn new(logs: &Path, name: &str) -> Self {
        Self {
            path: logs.join(format!("{name}.log")),
            open: None,
            bytes_max: LOG_BYTES_MAX,
            is_at_line_begin: true,
            is_broken: false,
            lines: VecDeque::new(),
            line: Vec::new(),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The last whole lines, without control characters, oldest first.
    pub fn last_lines(&self) -> impl Iterator<Item = String> {
        self.lines.iter().map(|line| printable(line))
    }

    /// Forgets the last lines: what follows belongs to another life.
    pub fn begin(&mut self) {
        self.lines.clear();
        self.line.clear();
    }

    /// Appends what a child said.
    ///
    /// # Errors
    ///
    /// The file cannot be written. It is told once and not again until writing works again: a full disk must not
    /// bring everything down, and the lines in memory are there in any case.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.remember(bytes);
        match self.write(bytes) {
            Ok(()) => {
                self.is_broken = false;
                Ok(())
            }
            Err(error) => {
                self.open = None;
                let is_news = !std::mem::replace(&mut self.is_broken, true);
                if is_news { Err(error) } else { Ok(()) }
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let line_end = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1);
        for piece in [&bytes[..line_end], &bytes[line_end..]] {
            let is_full = self.open.as_ref().is_some_and(|(_, size)| *size >= self.bytes_max);
            if is_full && self.is_at_line_begin && !piece.is_empty() {
                self.turn_over()?;
            }
            self.write_all(piece)?;
        }
        Ok(())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let (file, size) = match &mut self.open {
            Some(open) => open,
            none => {
                let file = bus::plain::open(&self.path, OpenOptions::new().append(true).create(true).mode(0o600))?;
                let size = file.metadata()?.len();
                none.insert((file, size))
            }
        };
        file.write_all(bytes)?;
        *size += bytes.len() as u64;
        self.is_at_line_begin = bytes.ends_with(b"\n");
        Ok(())
    }

    fn turn_over(&mut self) -> io::Result<()> {
        self.open = None;
        for number in (1..LOG_FILES_MAX).rev() {
            match fs::rename(self.numbered(number - 1), self.numbered(number)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn numbered(&self, number: u32) -> PathBuf {
        match number {
            0 => self.path.clone(),
            _ => self.path.with_extension(format!("log.{number}")),
        }
    }

    /// Only the end of it is looked at, so that a talkative child costs little.
    fn remember(&mut self, bytes: &[u8]) {
        let mut recent = bytes;
        if let Some(line_end) = memchr::memrchr_iter(b'\n', bytes).nth(LINES_KEPT) {
            recent = &bytes[line_end + 1..];
            self.line.clear();
        }
        for piece in recent.split_inclusive(|byte| *byte == b'\n') {
            let (text, is_whole) = piece.strip_suffix(b"\n").map_or((piece, false), |text| (text, true));
            let room = LINE_BYTES_KEPT.saturating_sub(self.line.len());
            self.line.extend_from_slice(&text[..text.len().min(room)]);
            if is_whole {
                if self.lines.len() == LINES_KEPT {
                    self.lines.pop_front();
                }
                self.lines.push_back(std::mem::take(&mut self.line));
            }
        }
    }
}

fn printable(line: &[u8]) -> String {
    String::from_utf8_lossy(line).chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_log_is_turned_over_at_a_line_end_and_never_grows_beyond_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Log::new(folder.path(), "ledgerd");
        log.bytes_max = 100;
        for number in 0..200 {
            // Whole lines, then the same in pieces.
            let line = format!("line {number:04}\n");
            if number % 2 == 0 {
                log.append(line.as_bytes()).unwrap();
            } else {
                for byte in line.as_bytes() {
                    log.append(&[*byte]).unwrap();
                }
            }
        }
        let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["ledgerd.log", "ledgerd.log.1", "ledgerd.log.2"]);
        let mut all = String::new();
        for name in names.iter().rev() {
            let path = folder.path().join(name);
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.len() <= 110 && text.ends_with('\n') && text.starts_with("line "), "{text:?}");
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            all += &text;
        }
        let kept = all.lines().count();
        let wanted: String = (200 - kept..200).map(|number| format!("line {number:04}\n")).collect();
        assert_eq!(all, wanted, "the newest lines, each once and in order");
        assert_eq!(log.last_lines().last().as_deref(), Some("line 0199"));
        assert_eq!(log.last_lines().count(), LINES_KEPT);
    }

    #[test]
    fn the_last_lines_are_short_and_harmless() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Log::new(folder.path(), "door");
        log.append(b"old\n").unwrap();
        log.begin();
        log.append(b"\x1b[31mred\r\n").unwrap();
        log.append(&[b'x'; 5_000]).unwrap();
        log.append(b"\nunfinished").unwrap();
        log.append(b" and finished\nagain").unwrap();
        let lines: Vec<_> = log.last_lines().collect();
        assert_eq!(lines, ["[31mred", "x".repeat(LINE_BYTES_KEPT).as_str(), "unfinished and finished"]);
        log.append("many\n".repeat(1_000).as_bytes()).unwrap();
        let lines: Vec<_> = log.last_lines().collect();
        assert_eq!(lines, ["many"; LINES_KEPT]);
        log.append(b"one more\n").unwrap();
        assert_eq!(log.last_lines().last().as_deref(), Some("one more"));
    }

    #[test]
    fn a_log_that_cannot_be_written_is_told_once_and_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let logs = folder.path().join("logs");
        let mut log = Log::new(&logs, "ptyd");
        assert!(log.append(b"lost\n").is_err());
        assert!(log.append(b"lost too\n").is_ok(), "told once");
        fs::create_dir(&logs).unwrap();
        log.append(b"kept\n").unwrap();
        assert_eq!(fs::read_to_string(log.path()).unwrap(), "kept\n");
        assert_eq!(log.last_lines().count(), 3);
    }
}
