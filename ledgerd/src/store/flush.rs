//! Syncing what an earlier process has written, before anybody sees it.
//!
//! A process may have died between a write and its sync. What it has written is read by the next one as if it were on
//! disk, and is lost with the power: so it is synced before it is believed: every ledger, side by side, but for those whose
//! snapshot shows that nobody has touched them since they were synced ([`super::synced`]). Most are such, and to sync a
//! file that has nothing to write costs as much as to sync another: the disk empties its own cache each time.

use super::commit::side_by_side;
use super::layout::Layout;
use super::ledger::Ledger;
use super::{Store, StoreError, disk, snapshot};
use crate::decision::HOME;
use bus::plain;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// What was synced of a home.
#[derive(Debug, Default)]
pub struct Flushed {
    /// Groups whose ledger the disk has not taken, and why: nothing of them may be believed.
    pub failed: HashMap<String, StoreError>,
    /// Ledgers of which no snapshot has shown that they are on disk.
    pub unmarked: HashSet<String>,
}

/// Syncs every ledger of a home, the names of the home's own, and those of groups' folders, one of which may just have
/// been put out of the way.
///
/// # Errors
///
/// The same with the home's own. A ledger that cannot be opened is left to whoever replays it.
pub fn flush(layout: &Layout) -> Result<Flushed, StoreError> {
    let groups = layout.look()?.groups;
    let ledgers: Vec<&str> = groups.iter().map(String::as_str).chain([HOME]).collect();
    let flushed = Mutex::new(Flushed::default());
    let note = || flushed.lock().unwrap_or_else(PoisonError::into_inner);
    side_by_side(&ledgers, |ledger| {
        let Some(file) = unsure(layout, ledger) else { return Ok(()) };
        note().unmarked.insert((*ledger).to_owned());
        match sync(&file, &layout.ledger(ledger)) {
            Err(why) if *ledger != HOME => {
                note().failed.insert((*ledger).to_owned(), why);
                Ok(())
            }
            synced => synced,
        }
    })?;
    // In its own folder, a group's was synced before the home knew it; the home's own may be new.
    flush_names(layout, HOME)?;
    sync_names(&layout.groups())?;
    Ok(flushed.into_inner().unwrap_or_else(PoisonError::into_inner))
}

impl Store {
    /// Whether the next start would sync a ledger again although nobody touches it: no snapshot shows that it is on disk,
    /// and one can be made.
    pub(super) fn is_unmarked(&self, name: &str) -> bool {
        let can_be_saved = |ledger: &Ledger| ledger.damage().is_none() && ledger.settled().seq > 0;
        self.unmarked.contains(name) && self.ledgers.get(name).is_some_and(can_be_saved)
    }
}

/// Syncs what somebody has put into a home as a group, beside its ledger: its stored files, and every name.
///
/// # Errors
///
/// As [`flush`].
pub fn flush_taken_in(layout: &Layout, group: &str) -> Result<(), StoreError> {
    let blobs = layout.blobs(group);
    for entry in fs::read_dir(&blobs).into_iter().flatten().flatten() {
        sync_file(&entry.path())?;
    }
    blobs.ancestors().take_while(|folder| *folder != layout.groups()).try_for_each(sync_names)?;
    sync_names(&layout.groups())
}

/// Syncs the names by which a ledger is found: its file's, and its folder's.
///
/// # Errors
///
/// As [`flush`].
fn flush_names(layout: &Layout, ledger: &str) -> Result<(), StoreError> {
    let folder = layout.folder(ledger);
    sync_names(&folder)?;
    folder.parent().map_or(Ok(()), sync_names)
}

/// The file of a ledger that may not be on disk as it is.
pub fn unsure(layout: &Layout, ledger: &str) -> Option<File> {
    open(&layout.ledger(ledger)).filter(|file| !snapshot::shows_synced(layout, ledger, file))
}

fn sync_file(path: &Path) -> Result<(), StoreError> {
    open(path).map_or(Ok(()), |file| sync(&file, path))
}

/// What cannot be opened is nobody's promise.
fn open(path: &Path) -> Option<File> {
    plain::open(path, File::options().read(true)).ok()
}

fn sync(file: &File, path: &Path) -> Result<(), StoreError> {
    disk::sync_data(file).map_err(|e| StoreError::io("sync", path, e))
}

/// A folder that is none has no names to lose, and one that cannot be synced was not made by us.
fn sync_names(folder: &Path) -> Result<(), StoreError> {
    if !folder.is_dir() {
        return Ok(());
    }
    match disk::sync_folder(folder) {
        Err(e) if !super::is_short(&e) && e.raw_os_error() != Some(nix::libc::EIO) => Ok(()),
        synced => synced.map_err(|e| StoreError::io("sync", folder, e)),
    }
}
