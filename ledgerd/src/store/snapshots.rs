//! When snapshots are made, and the thread that makes them.
//!
//! A snapshot is made from disk alone: from the one before and the settled events after it. So the thread that owns
//! state is never held up by it, and every snapshot is a replay that has really happened.

use super::layout::Layout;
pub use super::open::Covered;
use super::restore::restore;
use super::scan::Ending;
use super::snapshot::Snapshot;
use super::{Fold, Store};
use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};
use tracing::{debug, warn};

/// Events after which a ledger gets a new snapshot.
pub const SNAPSHOT_EVENTS: u64 = 10_000;

/// How long after its last event a ledger gets one for fewer.
pub const SNAPSHOT_QUIET: Duration = Duration::from_secs(60);

/// How many times as long as it works the thread rests, so that large ledgers do not keep a core and the disk busy.
const REST: u32 = 4;

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
        let covered = covered.into_iter().filter(|(ledger, seq)| *seq < store.head(ledger));
        let lacks = covered.map(|(ledger, covered)| (ledger, Lack { covered, moved: now })).collect();
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

    /// Has the next snapshot made that is due, if the thread is free. Called every now and then.
    pub fn tend(&mut self, store: &Store, now: Instant) {
        let due = self.lacks.iter().find(|(ledger, lack)| is_due(lack, store.head(ledger), now));
        let Some((ledger, _)) = due else { return };
        let ledger = ledger.clone();
        let taken = match store.settled(&ledger) {
            Some(place) => self.jobs.try_send(Job { ledger: ledger.clone(), bytes: place.offset }).is_ok(),
            // The group was removed.
            None => true,
        };
        if taken {
            self.lacks.remove(&ledger);
        }
    }
}

fn is_due(lack: &Lack, head: u64, now: Instant) -> bool {
    let quiet = now.saturating_duration_since(lack.moved) >= SNAPSHOT_QUIET;
    head.saturating_sub(lack.covered) >= SNAPSHOT_EVENTS || quiet
}

fn work<F: Fold>(layout: &Layout, jobs: &Receiver<Job>) {
    while let Ok(job) = jobs.recv() {
        let start = Instant::now();
        make::<F>(layout, &job);
        std::thread::sleep(start.elapsed() * REST);
    }
}

/// Makes one snapshot. One that could not be made costs time at the next start and nothing else.
fn make<F: Fold>(layout: &Layout, job: &Job) {
    let ledger = job.ledger.as_str();
    let mut fold = F::default();
    let found = match restore(layout, ledger, &mut fold, &|_| true, Some(job.bytes)) {
        Ok(mut found) if found.ending == Ending::Clean && found.place.seq > 0 => {
            found.answered.sort_by_key(|one| one.key);
            found
        }
        Ok(found) => return debug!(%ledger, ending = ?found.ending, "no snapshot of a ledger that is not whole"),
        Err(error) => return warn!(%ledger, %error, "no snapshot"),
    };
    let snapshot = Snapshot {
        place: found.place,
        index: found.index,
        answered: found.answered,
        opened_seq: found.opened_seq,
        fold: fold.save(ledger),
    };
    match snapshot.write(layout, ledger) {
        Ok(()) => debug!(%ledger, seq = snapshot.place.seq, "snapshot made"),
        Err(error) => warn!(%ledger, %error, "no snapshot"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_due_after_many_events_or_a_quiet_minute() {
        let start = Instant::now();
        let lack = Lack { covered: 100, moved: start };
        #[rustfmt::skip]
        let cases = [
            // head                    since            due
            (101,                      Duration::ZERO,  false),
            (99 + SNAPSHOT_EVENTS,     Duration::ZERO,  false),
            (100 + SNAPSHOT_EVENTS,    Duration::ZERO,  true),
            (101,                      SNAPSHOT_QUIET,  true),
        ];
        for (head, since, due) in cases {
            assert_eq!(is_due(&lack, head, start + since), due, "{head} after {since:?}");
        }
    }
}
