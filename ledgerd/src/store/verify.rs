//! Looking whether ledgers are whole, line by line, without changing or locking anything.

use super::layout::Layout;
use super::line::Req;
use super::scan::{self, Ending, Place, Whole};
use super::snapshot::Snapshot;
use super::{Fold, StoreError, verdict};
use crate::decision::HOME;
use bus::contract::Body;
use bus::contract::event::Opened;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};

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
    /// Why it has less than it had.
    pub shortened: Option<String>,
    /// Why it is not the ledger that should lie there.
    pub misplaced: Option<String>,
}

impl Report {
    /// Whether everything that was acknowledged is there, as far as can be seen.
    pub fn is_good(&self) -> bool {
        !matches!(self.ending, Ending::Damaged(_)) && self.shortened.is_none() && self.misplaced.is_none()
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { ledger, events, bytes, rest_bytes, ending, shortened, misplaced } = self;
        match (ending, misplaced.as_ref().or(shortened.as_ref())) {
            (Ending::Damaged(damage), _) => write!(f, "{ledger}: {damage}; the {events} events before it are whole"),
            (_, Some(why)) => write!(f, "{ledger}: {why}"),
            _ if *events == 0 && ledger != HOME => {
                write!(f, "{ledger}: nothing was acknowledged in it yet; the home does not know this group")
            }
            (Ending::Clean, _) => write!(f, "{ledger}: {events} events, {bytes} bytes, whole"),
            (Ending::Torn, _) => write!(
                f,
                "{ledger}: {events} events, {bytes} bytes, whole; {rest_bytes} bytes after them are being written, or were \
                 torn by a crash and are cut off at the next start"
            ),
        }
    }
}

/// Looks at one ledger, or at all of them. `F` is what the home's ledger adds up to: which groups there are.
///
/// # Errors
///
/// The home is not ours or of a later version, or a ledger cannot be read.
pub fn verify<F: Fold>(layout: &Layout, only: Option<&str>) -> Result<Vec<Report>, StoreError> {
    layout.refuse_foreign()?;
    let (mut fold, mut last, mut requests) = (F::default(), None::<Opened>, HashMap::new());
    let home = look(layout, HOME, false, &|_| false, &mut |whole| {
        for record in whole.records {
            if let Some(req) = record.req {
                requests.insert(record.event.seq, req.id);
            }
            fold.apply(HOME, &record.event);
            if let Body::Opened(opened) = record.event.body {
                last = Some(opened);
            }
        }
    })?;
    last.map_or(Ok(()), |last| verdict::check_version(layout, &last))?;
    let known = fold.groups();
    let groups = match only {
        Some(HOME) => Vec::new(),
        Some(name) => vec![name.to_owned()],
        None => layout.look()?.groups,
    };
    let known_to = if matches!(home.ending, Ending::Damaged(_)) { home.events } else { u64::MAX };
    let home = Some(home).filter(|_| only.is_none_or(|name| name == HOME));
    let decided = |req: &Req| {
        let line = req.with.as_ref().filter(|(ledger, _)| ledger == HOME).map(|(_, seq)| *seq);
        // As the start: what is behind damage, nobody knows.
        line.is_some_and(|seq| seq > known_to)
            || line.and_then(|seq| requests.get(&seq)).is_some_and(|id| *id == req.id)
    };
    let of_groups = groups.iter().map(|group| look(layout, group, known.contains(group), &decided, &mut |_| {}));
    home.map(Ok).into_iter().chain(of_groups).collect()
}

fn look(
    layout: &Layout,
    ledger: &str,
    is_known: bool,
    decided: &dyn Fn(&Req) -> bool,
    take: &mut dyn FnMut(Whole),
) -> Result<Report, StoreError> {
    let path = layout.ledger(ledger);
    let fail = |source| StoreError::io("read", &path, source);
    // Before the ledger: one that is made meanwhile has seen more of it than we do.
    let seen = Snapshot::seen(layout, ledger);
    let file = match File::open(&path) {
        Ok(file) => Some(file),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(fail(error)),
    };
    // Events that are written while we look are none of our business.
    let len = file.as_ref().map_or(Ok(0), |file| file.metadata().map(|data| data.len())).map_err(fail)?;
    let input: Box<dyn Read> = file.map_or_else(|| Box::new(std::io::empty()) as Box<dyn Read>, |file| Box::new(file));
    let mut first = None;
    let mut take = |whole: Whole| {
        if first.is_none() {
            first = whole.records.first().map(|record| record.event.clone());
        }
        take(whole);
    };
    let (place, ending) =
        scan::scan(BufReader::new(input.take(len)), Place::START, decided, &mut take).map_err(fail)?;
    let misplaced = verdict::misplaced(layout, ledger, is_known, first.as_ref());
    let missing = seen.and_then(|seen| verdict::missing(seen, len, place, &ending));
    let shortened = missing.map(|wanted| verdict::shortened(layout, ledger, place.seq, wanted));
    let (ledger, rest_bytes) = (ledger.to_owned(), len - place.offset);
    Ok(Report { ledger, events: place.seq, bytes: place.offset, rest_bytes, ending, shortened, misplaced })
}
