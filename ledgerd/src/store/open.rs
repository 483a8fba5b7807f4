//! Opening a home: take the lock, replay every ledger, mend what a crash has left, and say so in the home's ledger.
//!
//! Nothing is changed before it is certain that this home is ours and of a layout we know.

use super::dedup::DedupWindow;
use super::dedup_record::DedupRecord;
use super::flush::{flush, flush_taken_in};
use super::layout::Layout;
use super::ledger::Ledger;
use super::line::{self, Req};
use super::lock::Lock;
use super::replay::{Replayed, Upto, restore};
use super::scan::{Ending, Place};
use super::{Fold, Shortage, Stats, Store, StoreError, event, index::Index, remove, verdict};
use crate::clock;
use crate::decision::{HOME, Head};
use bus::contract::event::{GroupKnown, Opened, Recovered};
use bus::contract::limit::LEDGER_LINE_BYTES_MAX;
use bus::contract::{Body, Event, id, time, version};
use bus::daemon::Life;
use bus::plain;
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::sync::Arc;
use tracing::{info, warn};

/// How far the snapshots of the ledgers reach that were believed; nothing before these places was read.
pub type Covered = Vec<(String, Place)>;

impl Store {
    /// Opens a home and replays it into `fold`, which is new. Makes the home if there is none. Returns also how much
    /// of each ledger came from a snapshot. `life` hears that it goes on, now and for as long as the store is open.
    ///
    /// A damaged group is noted in the fold and can be read; it stops nobody else.
    ///
    /// # Errors
    ///
    /// The home is not ours, in use, or of a later version: nothing was changed. Or the system failed.
    pub fn open<F: Fold>(root: &Path, fold: &mut F, life: &Life) -> Result<(Self, Covered), StoreError> {
        let layout = Layout::new(root);
        layout.refuse_foreign()?;
        let lock = Lock::take(&layout)?;
        Self::open_locked(layout, lock, fold, life)
    }

    /// The same, of a home whose lock was taken before.
    ///
    /// # Errors
    ///
    /// As [`Store::open`].
    pub fn open_locked<F: Fold>(
        layout: Layout,
        lock: Lock,
        fold: &mut F,
        life: &Life,
    ) -> Result<(Self, Covered), StoreError> {
        let mut flushed = life.waits("sync what an earlier process has written", || flush(&layout))?;
        // The home's requests are decided by nobody else.
        let home = restore(&layout, HOME, fold, &|_| false, Upto::End, life)?;
        let mut store = Self {
            layout,
            ledgers: BTreeMap::new(),
            files: Arc::default(),
            staged: Vec::new(),
            full: HashSet::new(),
            unmarked: std::mem::take(&mut flushed.unmarked),
            shortage: Shortage::Room,
            answers: DedupWindow::default(),
            epoch: 0,
            owed: Vec::new(),
            stats: Stats::default(),
            life: life.clone(),
            lock,
        };
        let (opened_seq, last_request) = (home.opened_seq, home.answered.iter().max_by_key(|one| one.first).copied());
        let mut covered = vec![(HOME.to_owned(), home.begun)];
        let cut = store.admit(fold, HOME, home);
        if let Some(why) = verdict::misplaced(&store.layout, HOME, true, store.event(HOME, 1)?.as_ref()) {
            return Err(StoreError::Misplaced { why });
        }
        store.refuse_headless()?;
        let last_opened = store.last_opened(opened_seq)?;
        store.epoch = last_opened.map_or(0, |opened| opened.epoch) + 1;

        let mut said: Vec<Body> = store.mend(HOME, cut)?.into_iter().collect();
        store.finish_removal(last_request)?;
        let found = store.layout.look()?;
        remove::remove_aside(found.removed);
        let known: HashSet<String> = fold.groups().into_iter().collect();
        for group in &found.groups {
            life.goes_on();
            if let Some(why) = flushed.failed.remove(group) {
                store.close(fold, group, verdict::unreadable(&why));
                continue;
            }
            covered.extend(store.open_group(fold, group, known.contains(group), &mut said)?);
        }
        // What is behind the damage of the home's ledger, nobody knows.
        if !store.is_damaged(HOME) {
            store.sweep_strangers(|group| known.contains(group) || found.groups.iter().any(|found| found == group))?;
        }
        store.answers.order();
        store.say_opened(fold, said)?;
        let from_snapshots: u64 = covered.iter().map(|(_, place)| place.seq).sum();
        let (ledgers, requests) = (store.ledgers.len(), store.answers.len());
        info!(epoch = store.epoch, ledgers, requests, from_snapshots, "home opened");
        Ok((store, covered))
    }

    /// Writes what an earlier start had no room for.
    ///
    /// # Errors
    ///
    /// Anything but a lack of room.
    pub fn pay<F: Fold>(&mut self, fold: &mut F) -> Result<(), StoreError> {
        if self.owed.is_empty() || self.is_open(HOME)?.is_err() {
            return Ok(());
        }
        let owed = std::mem::take(&mut self.owed);
        match self.record(fold, HOME, owed.clone()) {
            Err(StoreError::NoSpace { .. }) => self.owed = owed,
            other => other?,
        }
        Ok(())
    }

    fn is_damaged(&self, name: &str) -> bool {
        self.ledgers.get(name).is_some_and(|ledger| ledger.damage().is_some())
    }

    fn last_opened(&self, seq: u64) -> Result<Option<Opened>, StoreError> {
        let Some(Event { body: Body::Opened(opened), .. }) = self.event(HOME, seq)? else { return Ok(None) };
        verdict::check_version(&self.layout, &opened)?;
        Ok(Some(opened))
    }

    /// Takes a ledger in as it was found. Nothing is changed on disk. Returns whether it has a torn tail.
    fn admit<F: Fold>(&mut self, fold: &mut F, name: &str, found: Replayed) -> bool {
        let path = self.layout.ledger(name);
        let damage = match found.ending {
            Ending::Damaged(damage) => Some(verdict::damaged(&path, &damage)),
            Ending::Clean | Ending::Torn => {
                found.missing.map(|wanted| verdict::shortened(&self.layout, name, found.place.seq, wanted))
            }
        };
        if let Some(why) = &damage {
            warn!(ledger = %name, %why, "a ledger is damaged");
            fold.set_damaged(name, why.clone());
        }
        if let Some(why) = clock::trouble(fold.head(name).map(|head| (name, head.ts)).into_iter(), time::now()) {
            warn!(%why, "a ledger is ahead of the clock");
        }
        let torn_bytes = if damage.is_some() { 0 } else { found.rest_bytes };
        self.answers.restore(name, found.answered);
        let (is_made, files) = (found.file.is_some(), Arc::clone(&self.files));
        if let Some(file) = found.file {
            files.put(&path, file);
        }
        let ledger = Ledger::restored(path, files, is_made, found.index, found.place, damage, torn_bytes);
        self.ledgers.insert(name.to_owned(), ledger);
        torn_bytes > 0
    }

    /// Cuts a torn tail off, and returns what is to be said about it. A full disk leaves it for the next write.
    fn mend(&mut self, name: &str, torn: bool) -> Result<Option<Body>, StoreError> {
        let Some(ledger) = self.ledgers.get_mut(name).filter(|_| torn) else { return Ok(None) };
        match self.life.waits("save a torn tail", || ledger.save_torn()) {
            Ok(cut) => Ok(cut.map(|cut| {
                warn!(ledger = %name, bytes = cut.bytes, saved_as = %cut.saved_as, "a torn tail was cut off");
                Recovered { cut_bytes: cut.bytes, saved_as: cut.saved_as }.into()
            })),
            Err(StoreError::NoSpace { .. }) => {
                self.full.insert(name.to_owned());
                Ok(None)
            }
            Err(fatal) => Err(fatal),
        }
    }

    /// Finishes the removal of a group if that is what the home's ledger said last.
    fn finish_removal(&mut self, last_request: Option<DedupRecord>) -> Result<(), StoreError> {
        let Some(last) = last_request.filter(|_| !self.is_damaged(HOME)) else { return Ok(()) };
        for seq in last.first..last.first + u64::from(last.events) {
            let event = self.event(HOME, seq)?;
            match event.map(|event| event.body) {
                Some(Body::GroupDeleted(deleted)) if id::is_group(&deleted.deleted_group_id) => {
                    self.remove_rest(&deleted.deleted_group_id)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn open_group<F: Fold>(
        &mut self,
        fold: &mut F,
        group: &str,
        is_known: bool,
        said: &mut Vec<Body>,
    ) -> Result<Option<(String, Place)>, StoreError> {
        let found = match restore(&self.layout, group, fold, &|req| self.is_decided(req), Upto::End, &self.life) {
            Ok(found) => found,
            Err(e) => {
                self.close(fold, group, verdict::unreadable(&e));
                return Ok(None);
            }
        };
        let covered = (group.to_owned(), found.begun);
        let is_damaged = matches!(found.ending, Ending::Damaged(_));
        if found.place.seq == 0 && !is_damaged {
            if let Some(why) = verdict::misplaced(&self.layout, group, is_known, None) {
                self.close(fold, group, why);
            } else if !self.is_bare(group) {
                warn!(%group, "the folder is left alone: it has no ledger, and holds something else");
                fold.forget(group);
            } else {
                info!(%group, "the folder of a group whose creation was never finished is removed");
                fold.forget(group);
                self.remove_rest(group)?;
            }
            return Ok(None);
        }
        let torn = self.admit(fold, group, found);
        let first = self.event(group, 1)?;
        let misplaced = first.as_ref().and_then(|event| verdict::misplaced(&self.layout, group, is_known, Some(event)));
        if let (Some(why), true) = (&misplaced, is_known) {
            self.close(fold, group, why.clone());
            return Ok(None);
        }
        if !is_known && !self.adopt(fold, group, first.is_some() && misplaced.is_none(), said)? {
            return Ok(None);
        }
        if let Some(recovered) = self.mend(group, torn)? {
            match self.record(fold, group, vec![recovered]) {
                Err(StoreError::NoSpace { .. }) => {}
                other => other?,
            }
        }
        Ok(Some(covered))
    }

    /// Refuses a home whose own ledger is gone while groups are there that it has created: it would begin anew, without
    /// what was set for all of them.
    fn refuse_headless(&self) -> Result<(), StoreError> {
        if self.head(HOME) > 0 || self.is_damaged(HOME) {
            return Ok(());
        }
        for group in self.layout.look()?.groups {
            let path = self.layout.ledger(&group);
            let Ok(file) = plain::open(&path, File::options().read(true)) else { continue };
            let mut line = Vec::new();
            let first = BufReader::new(file.take(LEDGER_LINE_BYTES_MAX as u64)).read_until(b'\n', &mut line);
            first.map_err(|e| StoreError::io("read", &path, e))?;
            let req = line::read_loose(line.strip_suffix(b"\n").unwrap_or(&line)).ok().and_then(|first| first.req);
            if req.and_then(|req| req.with).is_some_and(|(decider, _)| decider == HOME) {
                return Err(StoreError::Headless { path: self.layout.ledger(HOME), group });
            }
        }
        Ok(())
    }

    /// Notes a group of which nothing can be read or written.
    fn close<F: Fold>(&mut self, fold: &mut F, group: &str, why: String) {
        warn!(%group, %why, "a group cannot be used");
        fold.forget(group);
        fold.set_damaged(group, why.clone());
        let (path, files) = (self.layout.ledger(group), Arc::clone(&self.files));
        let ledger = Ledger::restored(path, files, false, Index::default(), Place::START, Some(why), 0);
        self.ledgers.insert(group.to_owned(), ledger);
    }

    /// A folder that the home does not know was put there by a person: a group out of a backup, or of another home.
    /// Returns whether it is one.
    fn adopt<F: Fold>(
        &mut self,
        fold: &mut F,
        group: &str,
        is_one: bool,
        said: &mut Vec<Body>,
    ) -> Result<bool, StoreError> {
        if is_one {
            info!(%group, "a group that this home did not know is taken in");
            // Whoever put it there has not waited for the disk, and the home must not know what may yet be lost.
            self.life.waits("sync a group that is taken in", || flush_taken_in(&self.layout, group))?;
            said.push(GroupKnown { known_group_id: group.to_owned() }.into());
        } else {
            warn!(%group, "the folder is left alone: its ledger is of another group, or damaged");
            fold.forget(group);
            self.ledgers.remove(group);
        }
        Ok(is_one)
    }

    /// Whether a group's folder holds nothing but the beginning of a ledger.
    fn is_bare(&self, group: &str) -> bool {
        let ledger = self.layout.ledger(group);
        let entries = std::fs::read_dir(self.layout.folder(group));
        entries.is_ok_and(|mut entries| entries.all(|entry| entry.is_ok_and(|entry| entry.path() == ledger)))
    }

    /// Whether the home's ledger has the line that stands for a request in several ledgers, or may have it behind damage.
    fn is_decided(&self, req: &Req) -> bool {
        let Some((HOME, seq)) = req.with.as_ref().map(|(ledger, seq)| (ledger.as_str(), *seq)) else { return false };
        let Some(home) = self.ledgers.get(HOME) else { return false };
        if home.damage().is_some() && seq > home.settled().seq {
            // Nobody knows. What was acknowledged must stay; what was not, and stays too, is the smaller evil.
            return true;
        }
        home.record(seq).ok().flatten().and_then(|record| record.req).is_some_and(|found| found.id == req.id)
    }

    /// Ends the opening with a higher epoch in the home's ledger. When nothing can be written there, the home can
    /// still be read.
    fn say_opened<F: Fold>(&mut self, fold: &mut F, mut said: Vec<Body>) -> Result<(), StoreError> {
        if self.is_damaged(HOME) {
            // Later epochs may be behind the damage; the time is higher than any of them. Groups that were known
            // behind it are known for this life.
            self.epoch = self.epoch.max(time::now().unsigned_abs() / 1_000_000);
            let head = fold.head(HOME).unwrap_or(Head { seq: 0, ts: 0 });
            said.into_iter().for_each(|body| fold.apply(HOME, &event(HOME, head.seq, head.ts, body)));
            return Ok(());
        }
        let epoch = self.epoch;
        said.push(Opened { epoch, version: version::PRODUCT.into(), home_version: version::HOME }.into());
        match self.record(fold, HOME, said.clone()) {
            Err(StoreError::NoSpace { .. }) => self.owed = said,
            other => other?,
        }
        Ok(())
    }
}
