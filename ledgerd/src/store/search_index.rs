//! The search index of a ledger: a signature of every piece of it, so that a search reads only pieces that may have what
//! it looks for. A cache: without it everything is found as well, only later.
//!
//! A row says where a piece ends, the sum of its last line, and its signature; it begins where the one before ends.
//! Rows are only added. The search index begins with how many there are, which is written after they are synced: a power cut
//! may leave any page of what was not. The last row's sum is compared with the ledger before a search index is believed: the
//! sums are a chain, so one of them stands for everything before it.

use super::layout::{self, Layout};
use super::ledger::{TailReader, read_span};
use super::line::{self, Sum};
use super::{Span, StoreError, disk};
use crate::query::{SIGNATURE_BYTES, Signature, has_places};
use bus::contract::limit::LEDGER_LINE_BYTES_MAX;
use bus::plain;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::os::unix::fs::FileExt as _;

/// What every search index of this layout begins with. Change it with the layout, and with the rule of signatures.
const MAGIC: &[u8; 8] = b"cccccat3";

/// The magic word, and the number of rows.
const HEADER_BYTES: usize = MAGIC.len() + 8;

const ROW_BYTES: usize = 8 + 16 + SIGNATURE_BYTES;

/// Messages of one piece at most: fewer are told better apart, and need more rows.
const PIECE_MESSAGES_MAX: usize = 64;

/// Bytes of one piece, give or take a line.
const PIECE_BYTES_MAX: u64 = 128 * 1024;

/// Rows that are read at once.
const ROWS_AT_ONCE: u64 = 4_096;

/// A ledger that has more than this after its search index gets it made longer.
const LAG_BYTES: u64 = 4 * 1024 * 1024;

/// The rows of one ledger's search index that can be believed.
#[derive(Debug)]
pub struct SearchIndex {
    file: File,
    rows: u64,
    end: u64,
}

impl SearchIndex {
    /// Opens the search index of a ledger; `None` when there is none, or one of another history.
    pub fn open(layout: &Layout, name: &str, ledger: &File) -> Option<Self> {
        let file = plain::open(&layout.search_index(name), File::options().read(true)).ok()?;
        let mut header = [0; HEADER_BYTES];
        file.read_exact_at(&mut header, 0).ok()?;
        let rows = header.strip_prefix(MAGIC).and_then(end_of)?;
        // One that was cut off is none.
        let there = file.metadata().ok()?.len().saturating_sub(HEADER_BYTES as u64) / ROW_BYTES as u64;
        (rows <= there).then_some(())?;
        let mut search_index = Self { file, rows, end: 0 };
        if let Some(last) = rows.checked_sub(1) {
            let row = search_index.read(last, last + 1).ok()?;
            let end = end_of(&row)?;
            last_sum(ledger, end).filter(|found| row[8..24] == found[..])?;
            search_index.end = end;
        }
        Some(search_index)
    }

    /// Where the last piece ends.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// The pieces that may have all `places` set and lie between two places of the ledger, in order or from the last
    /// one on, each as where it begins and ends.
    pub fn pieces(&self, from: u64, to: u64, places: Vec<u16>, newest_first: bool) -> Pieces<'_> {
        let (first, last) = (self.row_after(from), self.row_after(to.saturating_sub(1)));
        let last = if to > from { (last + 1).min(self.rows) } else { first };
        Pieces { search_index: self, rows: first..last.max(first), found: Vec::new(), from, to, places, newest_first }
    }

    /// The first row whose piece ends after a place.
    fn row_after(&self, offset: u64) -> u64 {
        let (mut low, mut high) = (0, self.rows);
        while low < high {
            let middle = low + (high - low) / 2;
            let ends_after =
                self.read(middle, middle + 1).ok().and_then(|row| end_of(&row)).is_none_or(|end| end > offset);
            if ends_after { high = middle } else { low = middle + 1 }
        }
        low
    }

    fn read(&self, first: u64, after_last: u64) -> io::Result<Vec<u8>> {
        let bytes = usize::try_from(after_last - first).map_or(usize::MAX, |rows| rows * ROW_BYTES);
        let mut rows = vec![0; bytes];
        self.file.read_exact_at(&mut rows, HEADER_BYTES as u64 + first * ROW_BYTES as u64)?;
        Ok(rows)
    }
}

/// The pieces that a search has to read.
#[derive(Debug)]
pub struct Pieces<'a> {
    search_index: &'a SearchIndex,
    /// Rows that were not looked at yet.
    rows: std::ops::Range<u64>,
    /// Those of the rows last looked at that may have it; the next one is the last.
    found: Vec<(u64, u64)>,
    from: u64,
    to: u64,
    places: Vec<u16>,
    newest_first: bool,
}

impl Pieces<'_> {
    /// The next piece.
    ///
    /// # Errors
    ///
    /// The search index cannot be read.
    pub fn next(&mut self) -> io::Result<Option<(u64, u64)>> {
        while self.found.is_empty() && !self.rows.is_empty() {
            let some = if self.newest_first {
                let some = self.rows.end.saturating_sub(ROWS_AT_ONCE).max(self.rows.start)..self.rows.end;
                self.rows.end = some.start;
                some
            } else {
                let some = self.rows.start..(self.rows.start + ROWS_AT_ONCE).min(self.rows.end);
                self.rows.start = some.end;
                some
            };
            self.look(some)?;
        }
        Ok(self.found.pop())
    }

    fn look(&mut self, rows: std::ops::Range<u64>) -> io::Result<()> {
        let mut begin = 0;
        if let Some(before) = rows.start.checked_sub(1) {
            begin = end_of(&self.search_index.read(before, rows.start)?).unwrap_or(0);
        }
        for row in self.search_index.read(rows.start, rows.end)?.chunks_exact(ROW_BYTES) {
            let end = end_of(row).unwrap_or(begin);
            if has_places(&row[24..], &self.places) {
                self.found.push((begin.max(self.from), end.min(self.to)));
            }
            begin = end;
        }
        if !self.newest_first {
            self.found.reverse();
        }
        Ok(())
    }
}

fn end_of(row: &[u8]) -> Option<u64> {
    row.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}

/// The sum that the line states which ends at a place.
fn last_sum(ledger: &File, end: u64) -> Option<Sum> {
    let bytes = line::SUM_BYTES as u64 + 1;
    let line = read_span(ledger, Span { offset: end.checked_sub(bytes)?, bytes }).ok()?;
    line.strip_suffix(b"\n").and_then(line::stated_sum)
}

/// Whether a ledger has much more than its search index. Looks at the search index's last row only.
pub fn lags(layout: &Layout, name: &str, ledger: &File, ledger_bytes: u64) -> bool {
    ledger_bytes > LAG_BYTES
        && ledger_bytes - SearchIndex::open(layout, name, ledger).map_or(0, |found| found.end().min(ledger_bytes))
            > LAG_BYTES
}

/// Adds what a ledger has gained up to `to`, where a line ends, to its search index. What is too little for a piece waits
/// for more. Makes the search index anew when it cannot be believed.
///
/// # Errors
///
/// Something cannot be read or written; what was added until then is good.
pub fn extend(layout: &Layout, name: &str, to: u64) -> Result<(), StoreError> {
    if to <= LAG_BYTES {
        return Ok(());
    }
    let path = layout.ledger(name);
    let fail = |source| StoreError::io("read", &path, source);
    let ledger = plain::open(&path, File::options().read(true)).map_err(fail)?;
    let known = SearchIndex::open(layout, name, &ledger);
    let (rows, from) = known.map_or((0, 0), |known| (known.rows, known.end));
    let rest = TailReader { ledger: &ledger, at: from }.take(to.saturating_sub(from));
    let rows_added = rows_of(BufReader::with_capacity(PIECE_BYTES_MAX as usize, rest), from).map_err(fail)?;
    let path = layout.search_index(name);
    add(layout, &path, rows, &rows_added).map_err(|source| StoreError::io("write", &path, source))
}

fn rows_of(mut ledger: impl io::BufRead, from: u64) -> io::Result<Vec<u8>> {
    let (mut out, mut line) = (Vec::new(), Vec::new());
    let (mut begin, mut at, mut messages, mut signature) = (from, from, 0, Signature::default());
    loop {
        line.clear();
        let bytes = (&mut ledger).take(LEDGER_LINE_BYTES_MAX as u64).read_until(b'\n', &mut line)?;
        let Some(content) = line.strip_suffix(b"\n") else { return Ok(out) };
        at += bytes as u64;
        // What is no event is of no interest to a search; that it is none is for others to say.
        if let Ok(event) = line::event(content) {
            messages += usize::from(signature.add(&event));
        }
        let is_whole = messages >= PIECE_MESSAGES_MAX || at - begin >= PIECE_BYTES_MAX || signature.is_full();
        if let Some(sum) = line::stated_sum(content).filter(|_| is_whole) {
            out.extend_from_slice(&at.to_le_bytes());
            out.extend_from_slice(&sum);
            out.extend_from_slice(signature.bytes());
            (begin, messages, signature) = (at, 0, Signature::default());
        }
    }
}

fn add(layout: &Layout, path: &std::path::Path, rows: u64, more: &[u8]) -> io::Result<()> {
    layout::make_folder(&layout.cache())?;
    if rows == 0 {
        // Whoever reads the old one reads on in it.
        match disk::remove_file(path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    let file = disk::open_private(path)?;
    disk::write_at(&file, more, HEADER_BYTES as u64 + rows * ROW_BYTES as u64)?;
    disk::sync_data(&file)?;
    // Last, so that rows count once they are certainly there.
    let rows = rows + (more.len() / ROW_BYTES) as u64;
    disk::write_at(&file, &[&MAGIC[..], &rows.to_le_bytes()].concat(), 0)
}
