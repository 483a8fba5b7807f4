//! Data scrubbing: behind a start, reads once what the start has not read because it believed snapshots.
//!
//! A thread checks the chain of sums from the beginning of each ledger to the place of its snapshot, one ledger after the
//! other, and rests most of the time. What comes behind was read by the start, and is being written: it is none of this
//! thread's business. Damage is handed to the thread that owns state, which closes the ledger as the start would have
//! closed it. The snapshot stays, as a proof of how many events there were, but is doubted: the next start reads
//! every line, and so does each one until a new snapshot can be made of a ledger that is whole again.

use super::atomic_file::gone;
use super::layout::{self, Layout};
use super::line::LineError;
use super::open::Covered;
use super::replay::READ_BYTES;
use super::scan::{self, Damage, Ending, Place};
use super::snapshots::REST;
use super::{Fold, Store, StoreError, disk, is_short, verdict};
use bus::plain;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::time::{Duration, Instant};
use tracing::{debug, warn};

/// How long the thread works before it rests [`REST`] times as long: it wakes up a few times in a second.
const SLICE: Duration = Duration::from_millis(20);

/// A ledger that is damaged, and the sentence that says where and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    ledger: String,
    why: String,
}

/// The thread that checks, for as long as this is kept.
#[derive(Debug)]
pub struct Scrub {
    /// Dropped first: a thread that is woken by the end has nobody to tell of it.
    findings: Receiver<Finding>,
    /// Nothing is ever sent: it ends the rest of the thread when it is dropped.
    _end: SyncSender<()>,
}

impl Scrub {
    /// Starts to check everything that was skipped.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub fn start(store: &Store, covered: &Covered) -> io::Result<Self> {
        let skipped: Covered = covered.iter().filter(|(_, to)| to.seq > 0).cloned().collect();
        let ((sender, findings), (end, ended)) = (channel(), sync_channel(0));
        if !skipped.is_empty() {
            let layout = store.layout().clone();
            let work = move || work(&layout, &skipped, &sender, &mut Pace::new(ended));
            std::thread::Builder::new().name("scrub".into()).spawn(work)?;
        }
        Ok(Self { findings, _end: end })
    }

    /// The next ledger that was found damaged since the last time, if any. Waits for nothing.
    ///
    /// # Errors
    ///
    /// `Empty` is not yet, `Disconnected` is that everything has been checked.
    pub fn found(&self) -> Result<Finding, TryRecvError> {
        self.findings.try_recv()
    }
}

impl Store {
    /// Takes note of damage that was found while a ledger is in use, between two batches: from now on it can only be read.
    /// Of one that was removed since there is nothing to note.
    pub fn note_damage<F: Fold>(&mut self, fold: &mut F, finding: Finding) {
        let Finding { ledger: name, why } = finding;
        let Some(ledger) = self.ledgers.get_mut(&name) else { return };
        if let Err(error) = doubt(&self.layout, &name) {
            warn!(ledger = %name, %error, "the next start believes the snapshot, and the damage is found again after it");
        }
        if ledger.damage().is_none() {
            warn!(ledger = %name, %why, "a ledger is damaged");
            ledger.set_damage(why.clone());
            fold.set_damaged(&name, why);
        }
    }
}

/// Whether a ledger's snapshot is not to be believed.
pub fn is_doubted(layout: &Layout, ledger: &str) -> bool {
    fs::symlink_metadata(layout.doubt(ledger)).is_ok()
}

fn doubt(layout: &Layout, ledger: &str) -> io::Result<()> {
    layout::make_folder(&layout.cache())?;
    disk::open_private(&layout.doubt(ledger)).map(drop)
}

/// Takes the doubt away, because the snapshot is a new one. A doubt that stays costs time at the next start.
pub fn believe(layout: &Layout, ledger: &str) {
    if let Err(error) = gone(disk::remove_file(&layout.doubt(ledger))) {
        warn!(%ledger, %error, "the new snapshot will not be believed");
    }
}

fn work(layout: &Layout, skipped: &Covered, findings: &Sender<Finding>, pace: &mut Pace) {
    for (ledger, to) in skipped {
        match look(&layout.ledger(ledger), *to, pace) {
            None => debug!(%ledger, bytes = to.offset, "what the start has skipped is whole"),
            Some(why) => {
                // Nobody is there any more: the damage may be none, but the end of this thread.
                if findings.send(Finding { ledger: ledger.clone(), why }).is_err() {
                    return;
                }
            }
        }
    }
}

/// Why what lies before a place cannot be believed; `None` when it can, when its file is gone, or when it could not be
/// looked at for a reason that passes.
fn look(path: &Path, to: Place, pace: &mut Pace) -> Option<String> {
    match plain::open(path, File::options().read(true)).and_then(|file| check(file.take(to.offset), to, pace)) {
        Ok(damage) => damage.map(|damage| verdict::damaged(path, &damage)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) if is_short(&e) => {
            warn!(path = %path.display(), error = %e, "what the start has skipped was not checked");
            None
        }
        Err(e) => Some(verdict::unreadable(&StoreError::io("read", path, e))),
    }
}

/// Reads everything before a place. Whatever is not whole there is damage, also what would be a torn tail at the end of a
/// file: there was a snapshot of it.
fn check(input: impl Read, to: Place, pace: &mut Pace) -> io::Result<Option<Damage>> {
    let input = BufReader::with_capacity(READ_BYTES, Paced { input, pace });
    let (end, ending) = scan::scan(input, Place::START, &|_| true, &mut |_| {})?;
    Ok(match ending {
        Ending::Damaged(damage) => Some(damage),
        Ending::Clean if end == to => None,
        Ending::Clean | Ending::Torn => Some(Damage { line: end.seq + 1, byte: end.offset, why: LineError::Changed }),
    })
}

/// When to rest, and whether to go on.
struct Pace {
    since: Instant,
    ended: Receiver<()>,
}

impl Pace {
    fn new(ended: Receiver<()>) -> Self {
        Self { since: Instant::now(), ended }
    }

    /// Rests if it is time to.
    ///
    /// # Errors
    ///
    /// There is nobody left to work for.
    fn keep(&mut self) -> io::Result<()> {
        rest_after(self.since.elapsed()).map_or(Ok(()), |rest| self.rest(rest))
    }

    fn rest(&mut self, rest: Duration) -> io::Result<()> {
        match self.ended.recv_timeout(rest) {
            Err(RecvTimeoutError::Timeout) => {
                self.since = Instant::now();
                Ok(())
            }
            Ok(()) | Err(RecvTimeoutError::Disconnected) => Err(io::Error::other("the daemon ends")),
        }
    }
}

/// How long to rest after some work; `None` when it is too early.
fn rest_after(worked: Duration) -> Option<Duration> {
    (worked >= SLICE).then(|| worked * REST)
}

/// Reads no faster than is agreed.
struct Paced<'a, R> {
    input: R,
    pace: &'a mut Pace,
}

impl<R: Read> Read for Paced<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.pace.keep()?;
        self.input.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{self, Line};

    fn pace() -> (SyncSender<()>, Pace) {
        let (end, ended) = sync_channel(0);
        (end, Pace::new(ended))
    }

    /// What happens to a ledger of three requests, of which the snapshot has seen two.
    type RequestContext = (fn(&mut Vec<u8>, &[usize]), Option<u64>, &'static str);

    /// Whatever is not what the snapshot has seen is damage; what comes behind is not looked at.
    #[test]
    fn a_changed_byte_before_the_snapshot_is_found() {
        let lines = [Line::first(), Line::first().more(), Line::next(), Line::first()];
        let (bytes, ends) = testing::ledger(&lines);
        let mut places = Vec::new();
        let counted = |whole: scan::Whole| places.push(whole.records.last().unwrap().sum);
        scan::scan(&bytes[..], Place::START, &|_| true, &mut { counted }).unwrap();
        let to = Place { seq: 3, offset: ends[2] as u64, sum: places[1] };
        #[rustfmt::skip]
        let cases: [RequestContext; 9] = [
            // what happens                                              damaged line   why
            (|_, _| {},                                                  None,          "nothing"),
            (|bytes, _| bytes.extend(b"{\"v\":1"),                       None,          "it is being written"),
            (|bytes, ends| bytes[ends[3] - 9] ^= 1,                      None,          "that was read by the start"),
            (|bytes, _| bytes[20] ^= 1,                                  Some(1),       "the first request"),
            (|bytes, ends| bytes[ends[0] - 2] ^= 1,                      Some(1),       "its sum"),
            (|bytes, ends| bytes[ends[1] + 20] ^= 1,                     Some(2),       "the last one that it has seen"),
            (|bytes, ends| bytes[ends[0]..ends[2]].fill(0),              Some(2),       "a hole"),
            (|bytes, ends| bytes.truncate(ends[0]),                      Some(2),       "the rest was cut off"),
            (|bytes, _| bytes.clear(),                                   Some(1),       "everything was cut off"),
        ];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.jsonl");
        for (harm, damaged, why) in cases {
            let mut harmed = bytes.clone();
            harm(&mut harmed, &ends);
            fs::write(&path, harmed).unwrap();
            let (_end, mut pace) = pace();
            let said = look(&path, to, &mut pace);
            let wanted = damaged.map(|line| format!("line {line} at byte"));
            assert_eq!(said.is_some(), wanted.is_some(), "{why}: {said:?}");
            assert!(said.unwrap_or_default().contains(&wanted.unwrap_or_default()), "{why}");
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(look(&path, to, &mut pace().1), None, "a group that was removed");
    }

    #[test]
    fn it_rests_in_proportion_to_its_work_and_ends_at_once() {
        assert_eq!(rest_after(Duration::ZERO), None);
        assert_eq!(rest_after(SLICE), Some(SLICE * REST));
        assert_eq!(rest_after(SLICE * 10), Some(SLICE * 10 * REST));

        let (end, mut pace) = pace();
        drop(end);
        assert!(pace.rest(Duration::from_secs(86_400)).is_err());
    }
}
