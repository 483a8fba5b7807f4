//! Writing a batch: every touched ledger once, in an order that leaves nothing half.
//!
//! Ledgers are independent, so those of a batch are written and synced side by side. Of a request that touches several,
//! one ledger *decides*: the others are written and synced first, each naming the line of the decider that will stand for
//! it (`req.with`), and the decider is written last. Such requests share a batch with each other, as long as no two of them
//! touch the same ledger beside the decider, and with no other.
//!
//! | Crash | On disk | Next start |
//! |---|---|---|
//! | before the decider's line is on disk | the others' lines, at their ends, and no line they name | they are cut off as torn: the request has not happened |
//! | after | everything | it has happened |
//!
//! It cannot be half, because nothing else is written between the two steps. A line that is no longer the last of its
//! ledger was decided: without the decision, nothing would have been written after it. A batch that ends in the middle of the
//! decider has happened up to there, in the order in which it was decided.

use super::ledger::Ledger;
use super::replay::Upto;
use super::scan::Place;
use super::{Fold, Store, StoreError, layout, replay, shortage};
use std::collections::BTreeMap;
use tracing::warn;

/// Descriptors that one ledger needs while it is written: its file and, the first time, its folder.
const FILES_OF_A_LEDGER: usize = 2;

/// What a batch had no room for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenBack {
    /// The ledgers that had no room.
    pub short: Vec<String>,
    /// Those that are as they were before: the ones without room and, where one ledger decides, all of the batch.
    pub ledgers: Vec<String>,
}

/// Threads that sync at the same time, this one included.
const SYNCS_AT_ONCE_MAX: usize = 8;

impl Store {
    /// Makes everything that is staged survive a power cut, or takes it back. `decider` is the ledger that decides,
    /// when one request touches several.
    ///
    /// What was folded of the staged events of the ledgers that were taken back must be made again with
    /// [`Store::replay`].
    ///
    /// # Errors
    ///
    /// Nobody knows what is on disk. Nothing may be acknowledged any more; the next start finds out.
    pub fn commit(&mut self, decider: Option<&str>) -> Result<TakenBack, StoreError> {
        let staged = std::mem::take(&mut self.staged);
        if staged.is_empty() {
            return Ok(TakenBack::default());
        }
        self.stats.batches += 1;
        let life = self.life.clone();
        life.waits("write and sync a batch", || {
            self.keep_lock()?;
            let taken_back = self.write_staged(staged, decider)?;
            // Again: another one that has come meanwhile may have written over what we wrote.
            self.keep_lock()?;
            Ok(taken_back)
        })
    }

    /// Whether so many more ledgers can be written in one batch with what is staged. One that is decided by another ledger
    /// keeps its files open until it is, so their number is limited.
    pub fn has_place(&self, more: usize) -> bool {
        self.staged.len() + more <= self.ledgers_at_once()
    }

    /// Ledgers that are written at the same time.
    fn ledgers_at_once(&self) -> usize {
        (self.files.open_max() / FILES_OF_A_LEDGER).max(1)
    }

    fn write_staged(&mut self, staged: Vec<String>, decider: Option<&str>) -> Result<TakenBack, StoreError> {
        let (last, first): (Vec<_>, Vec<_>) = staged.iter().cloned().partition(|name| Some(name.as_str()) == decider);
        let is_decided = decider.is_some();
        let mut done = self.write_each(&first, is_decided)?;
        if is_decided && done.values().all(Option::is_some) {
            done.extend(self.write_each(&last, is_decided)?);
        }
        let without_room = done.iter().filter(|(_, before)| before.is_none());
        let short: Vec<String> = without_room.map(|(name, _)| name.clone()).collect();
        let ledgers = if is_decided && !short.is_empty() {
            self.take_back(&staged, &done)?;
            staged
        } else {
            self.release(&staged);
            short.clone()
        };
        for name in &short {
            warn!(ledger = %name, "{}: the batch was taken back", self.shortage.words());
            self.full.insert(name.clone());
        }
        self.drop_new(&ledgers);
        Ok(TakenBack { short, ledgers })
    }

    /// Takes back everything that is staged in a ledger.
    pub fn abandon(&mut self, name: &str) {
        self.staged.retain(|staged| staged != name);
        if let Some(ledger) = self.ledgers.get_mut(name) {
            ledger.unstage();
        }
        if self.head(name) == 0 && name != crate::decision::HOME {
            self.ledgers.remove(name);
        }
    }

    /// Makes the fold of a ledger again from what is on disk.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub fn replay<F: Fold>(&mut self, fold: &mut F, name: &str) -> Result<(), StoreError> {
        fold.forget(name);
        let Some(ledger) = self.ledgers.get(name) else { return Ok(()) };
        let upto = Upto::Settled(ledger.settled().offset);
        // As open as it is: when there are no more descriptors, what was decided must still be taken back.
        if let Some(file) = ledger.file()? {
            replay::restore_from(file, &self.layout, name, fold, &|_| true, upto, &self.life)?;
        }
        if let Some(why) = ledger.damage() {
            fold.set_damaged(name, why.to_owned());
        }
        Ok(())
    }

    /// Writes and syncs some ledgers. For each: where it was before, or `None` when it had no room and is as before.
    fn write_each(
        &mut self,
        names: &[String],
        is_decided: bool,
    ) -> Result<BTreeMap<String, Option<Place>>, StoreError> {
        let mut done = BTreeMap::new();
        // A file that is written stays open until it is synced, so there is a number of them.
        for some in names.chunks(self.ledgers_at_once()) {
            done.extend(self.write_some(some)?);
            if !is_decided {
                self.release(some);
            }
        }
        Ok(done)
    }

    fn write_some(&mut self, names: &[String]) -> Result<BTreeMap<String, Option<Place>>, StoreError> {
        let mut done = BTreeMap::new();
        let new = names.iter().filter(|name| self.head(name) == 0).map(|name| self.layout.folder(name));
        layout::make_folders(&new.collect::<Vec<_>>());
        for name in names {
            let ledger = self.ledgers.get_mut(name).expect("what is staged has a ledger");
            match ledger.write() {
                Ok(()) => done.insert(name.clone(), Some(ledger.settled())),
                Err(StoreError::NoSpace { source, .. }) => {
                    self.shortage = shortage(&source);
                    ledger.retreat(ledger.settled())?;
                    done.insert(name.clone(), None)
                }
                Err(fatal) => return Err(fatal),
            };
        }
        let written: Vec<&Ledger> =
            done.iter().filter(|(_, before)| before.is_some()).map(|(name, _)| &self.ledgers[name]).collect();
        side_by_side(&written, |ledger| ledger.sync())?;
        self.stats.syncs += written.len() as u64;
        for (name, before) in &done {
            if before.is_some() {
                let ledger = self.ledgers.get_mut(name).expect("it was just written");
                let before = ledger.settle()?;
                self.stats.events += ledger.settled().seq - before.seq;
            }
        }
        Ok(done)
    }

    fn release(&mut self, names: &[String]) {
        for name in names {
            self.ledgers.get_mut(name).expect("what is staged has a ledger").release();
        }
    }

    /// Takes a request back everywhere.
    fn take_back(&mut self, staged: &[String], done: &BTreeMap<String, Option<Place>>) -> Result<(), StoreError> {
        for name in staged {
            let ledger = self.ledgers.get_mut(name).expect("what is staged has a ledger");
            let before = done.get(name).copied().flatten().unwrap_or_else(|| ledger.settled());
            ledger.retreat(before)?;
        }
        Ok(())
    }

    /// A ledger whose first request was taken back has never been.
    fn drop_new(&mut self, names: &[String]) {
        let is_new = |name: &&String| bus::contract::id::is_group(name) && self.head(name) == 0;
        let new: Vec<&String> = names.iter().filter(is_new).collect();
        for name in &new {
            self.ledgers.remove(*name);
            self.full.remove(*name);
        }
        self.remove_unborn(&new);
    }
}

/// Does the same with each of some ledgers side by side; with a single one, as usual, without a thread.
///
/// # Errors
///
/// One of them has failed; each was tried that does not stand behind it in the same thread.
pub(super) fn side_by_side<T: Sync>(
    ledgers: &[T],
    sync: impl Fn(&T) -> Result<(), StoreError> + Sync,
) -> Result<(), StoreError> {
    let Some((mine, others)) = ledgers.split_first() else { return Ok(()) };
    std::thread::scope(|scope| {
        let share = others.len().div_ceil(SYNCS_AT_ONCE_MAX - 1).max(1);
        let sync_part = |part: &[T]| part.iter().try_for_each(&sync);
        let start = |part| std::thread::Builder::new().spawn_scoped(scope, move || sync_part(part)).map_err(|_| part);
        // Where the system gives no thread, this one does the work.
        let running: Vec<_> = others.chunks(share).map(start).collect();
        let done = running.into_iter().map(|part| match part {
            Ok(thread) => thread.join().expect("a sync does not panic"),
            Err(part) => sync_part(part),
        });
        done.fold(sync(mine), Result::and)
    })
}
