//! When snapshots are made, and the thread that makes them.
//!
//! A snapshot is made from disk alone: from the one before and the settled events after it. So the thread that owns
//! state is never held up by it, and every snapshot is a replay that has really happened. The same thread, on the same
//! occasions, makes the search index longer by which the ledger is searched.

use super::layout::Layout;
pub use super::open::Covered;
use super::replay::{Upto, restore};
use super::scan::{Ending, Place};
use super::scrub;
use super::search_index;
use super::snapshot::Snapshot;
use super::synced::Synced;
use super::{Fold, Store, StoreError};
use crate::decision::Saved;
use bus::daemon::Life;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tracing::{debug, warn};

/// Events after which a ledger gets a new snapshot at the earliest.
pub const SNAPSHOT_EVENTS: u64 = 10_000;

/// The same as a part of what the last one covers: a snapshot takes as long as its ledger is, so that one event costs
/// the same in a long ledger as in a short one. A start reads about this part again, and what came while a snapshot was
/// made or the thread rested.
const SNAPSHOT_PART: u64 = 32;

/// How long after its last event a ledger gets one for fewer.
pub const SNAPSHOT_QUIET: Duration = Duration::from_secs(60);

/// How many times as long as it works the thread rests, so that large ledgers do not keep a core and the disk busy.
pub const REST: u32 = 4;

/// What one ledger's snapshot lacks.
#[derive(Debug, Clone, Copy)]
struct Lack {
    covered: u64,
    moved: Instant,
}

struct Job {
    ledger: String,
    bytes: u64,
}

/// Knows which ledgers have moved since their last snapshot, and has new ones made.
#[derive(Debug)]
pub struct Snapshots {
    lacks: HashMap<String, Lack>,
    jobs: SyncSender<Job>,
}

impl Snapshots {
    /// Starts the thread. `F` is what the events are folded into.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub fn start<F: Fold>(store: &Store, covered: Covered, now: Instant) -> std::io::Result<Self> {
        // Nothing waits in between: a job is taken when the thread is free, or offered again later.
        let (jobs, taken) = sync_channel(0);
        let layout = store.layout().clone();
        std::thread::Builder::new().name("snapshots".into()).spawn(move || work::<F>(&layout, &taken))?;
        let lacks_one = |(ledger, to): &(String, Place)| {
            to.seq < store.head(ledger) || store.is_badly_catalogued(ledger) || store.is_unmarked(ledger)
        };
        let covered = covered.into_iter().filter(lacks_one);
        let lacks = covered.map(|(ledger, to)| (ledger, Lack { covered: to.seq, moved: now })).collect();
        Ok(Self { lacks, jobs })
    }

    /// Notes that a ledger has moved on from `before`.
    pub fn moved(&mut self, ledger: &str, before: u64, now: Instant) {
        match self.lacks.get_mut(ledger) {
            Some(lack) => lack.moved = now,
            None => {
                self.lacks.insert(ledger.to_owned(), Lack { covered: before, moved: now });
            }
        }
    }

    /// Has the next snapshot made that is due, if the thread is free. Called every now and then, and again soon where it
    /// says so: others may be due.
    pub fn tend(&mut self, store: &Store, now: Instant) -> bool {
        let due = self.lacks.iter().find(|(ledger, lack)| is_due(lack, store.head(ledger), now));
        let Some((ledger, _)) = due else { return false };
        let ledger = ledger.clone();
        let taken = match store.settled(&ledger) {
            Some(place) => self.jobs.try_send(Job { ledger: ledger.clone(), bytes: place.offset }).is_ok(),
            // The group was removed.
            None => true,
        };
        if taken {
            self.lacks.remove(&ledger);
        }
        true
    }
}

fn is_due(lack: &Lack, head: u64, now: Instant) -> bool {
    let quiet = now.saturating_duration_since(lack.moved) >= SNAPSHOT_QUIET;
    let many = SNAPSHOT_EVENTS.max(lack.covered / SNAPSHOT_PART);
    head.saturating_sub(lack.covered) >= many || quiet
}

fn work<F: Fold>(layout: &Layout, jobs: &Receiver<Job>) {
    while let Ok(job) = jobs.recv() {
        let start = Instant::now();
        match make::<F>(layout, &job.ledger, job.bytes) {
            Ok(()) => debug!(ledger = %job.ledger, bytes = job.bytes, "snapshot made"),
            Err(error) => warn!(ledger = %job.ledger, %error, "no snapshot"),
        }
        std::thread::sleep(start.elapsed() * REST);
    }
}

/// Makes a snapshot of a ledger up to `bytes`, where a request ends, and its search index as long. One that could not be
/// made costs time at the next start and nothing else. Snapshots are made one after the other, whoever asks.
///
/// # Errors
///
/// The ledger cannot be read or is not whole up to there, or the snapshot cannot be written.
pub fn make<F: Fold>(layout: &Layout, ledger: &str, bytes: u64) -> Result<(), StoreError> {
    static TURN: Mutex<()> = Mutex::new(());
    // A panic in between leaves a part that the next one overwrites.
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let (mut fold, is_doubted) = (F::default(), scrub::is_doubted(layout, ledger));
    let mut found = restore(layout, ledger, &mut fold, &|_| true, Upto::NewSnapshot(bytes), &Life::unwatched())?;
    if found.is_overtaken {
        debug!(%ledger, bytes, "there is a snapshot already that reaches further");
        return Ok(());
    }
    // One that is older than what it should replace would forget what that proves.
    if found.ending != Ending::Clean || found.place.seq == 0 || found.missing.is_some() {
        let why = io::Error::new(io::ErrorKind::InvalidData, "it is not whole");
        return Err(StoreError::io("make a snapshot of", &layout.ledger(ledger), why));
    }
    found.answered.sort_by_key(|one| one.key);
    let synced = match found.file.as_ref().map_or(Ok(None), |file| Synced::sync(file, found.place.offset)) {
        Ok(synced) => synced,
        Err(error) => {
            warn!(%ledger, %error, "it cannot be synced; the next start tries again");
            None
        }
    };
    let snapshot = Snapshot {
        place: found.place,
        synced,
        index: found.index,
        answered: found.answered,
        opened_seq: found.opened_seq,
        fold: fold.save(ledger),
    };
    let written = snapshot.write(layout, ledger).map_err(|e| StoreError::io("write", &layout.snapshot(ledger), e));
    if is_doubted && written.is_ok() {
        // It was made of every line, none of which is damaged any more.
        scrub::believe(layout, ledger);
    }
    if let Err(error) = search_index::extend(layout, ledger, bytes) {
        warn!(%ledger, %error, "the search_index was not made longer; searches are slower");
    }
    written
}

impl Store {
    /// Prepares a snapshot that somebody asks for; `None` when there is nothing to make one of. What is prepared runs on
    /// any thread.
    ///
    /// # Errors
    ///
    /// The last event cannot be read.
    pub fn save<F: Fold>(
        &self,
        ledger: &str,
    ) -> Result<Option<impl FnOnce() -> Result<Saved, StoreError> + use<F>>, StoreError> {
        let (Some(place), Some(last)) = (self.settled(ledger), self.event(ledger, self.head(ledger))?) else {
            return Ok(None);
        };
        let (layout, ledger) = (self.layout.clone(), ledger.to_owned());
        Ok(Some(move || {
            make::<F>(&layout, &ledger, place.offset)?;
            let path = layout.snapshot(&ledger);
            let found = fs::metadata(&path).map_err(|e| StoreError::io("look at", &path, e))?;
            Ok(Saved { path: path.to_string_lossy().into_owned(), bytes: found.len(), last })
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_due_after_many_events_or_a_quiet_minute() {
        let start = Instant::now();
        #[rustfmt::skip]
        let cases = [
            // covered   head                    since            due
            (100,        101,                    Duration::ZERO,  false),
            (100,        99 + SNAPSHOT_EVENTS,   Duration::ZERO,  false),
            (100,        100 + SNAPSHOT_EVENTS,  Duration::ZERO,  true),
            (100,        101,                    SNAPSHOT_QUIET,  true),
            (1_600_000,  1_649_999,              Duration::ZERO,  false),
            (1_600_000,  1_650_000,              Duration::ZERO,  true),
        ];
        for (covered, head, since, due) in cases {
            let lack = Lack { covered, moved: start };
            assert_eq!(is_due(&lack, head, start + since), due, "{head} after {covered} and {since:?}");
        }
    }
}
