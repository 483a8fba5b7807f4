//! Looking whether ledgers are whole, line by line, without changing or locking anything.

use super::StoreError;
use super::layout::Layout;
use super::scan::{self, Ending, Place};
use crate::decision::HOME;
use std::fs::File;
use std::io::BufReader;

/// What a look at one ledger has shown.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    /// Which ledger.
    pub ledger: String,
    /// Events in whole requests.
    pub events: u64,
    /// Bytes they take.
    pub bytes: u64,
    /// Bytes after them.
    pub rest_bytes: u64,
    /// What those are.
    pub ending: Ending,
}

impl Report {
    /// Whether everything that was acknowledged is there, as far as can be seen.
    pub fn is_good(&self) -> bool {
        !matches!(self.ending, Ending::Damaged(_))
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { ledger, events, bytes, rest_bytes, ending } = self;
        match ending {
            Ending::Clean => write!(f, "{ledger}: {events} events, {bytes} bytes, whole"),
            Ending::Torn => write!(
                f,
                "{ledger}: {events} events, {bytes} bytes, whole; {rest_bytes} bytes after them are being written, or were \
                 torn by a crash and are cut off at the next start"
            ),
            Ending::Damaged(damage) => write!(f, "{ledger}: {damage}; the {events} events before it are whole"),
        }
    }
}

/// Looks at one ledger, or at all of them.
///
/// # Errors
///
/// One of them cannot be read.
pub fn verify(layout: &Layout, only: Option<&str>) -> Result<Vec<Report>, StoreError> {
    let names = match only {
        Some(name) => vec![name.to_owned()],
        None => std::iter::once(HOME.to_owned()).chain(layout.look()?.groups).collect(),
    };
    names.into_iter().map(|name| look(layout, name)).collect()
}

fn look(layout: &Layout, ledger: String) -> Result<Report, StoreError> {
    let path = layout.ledger(&ledger);
    let fail = |source| StoreError::io("read", &path, source);
    let file = File::open(&path).map_err(fail)?;
    // Events that are written while we look are none of our business.
    let len = file.metadata().map_err(fail)?.len();
    let input = BufReader::new(std::io::Read::take(file, len));
    let (place, ending) = scan::scan(input, Place::START, &|_| true, &mut |_| {}).map_err(fail)?;
    Ok(Report { ledger, events: place.seq, bytes: place.offset, rest_bytes: len - place.offset, ending })
}
