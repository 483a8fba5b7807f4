//! Syncing what an earlier process has written, before anybody sees it.
//!
//! A process may have died between a write and its sync. What it has written is read by the next one as if it were on
//! disk, and is lost with the power: so it is synced before it is believed. Nobody can tell which ledgers need it, so all
//! are synced, side by side; most of them have nothing to write.

use super::commit::side_by_side;
use super::layout::Layout;
use super::{StoreError, disk};
use crate::decision::HOME;
use bus::plain;
use std::fs::File;
use std::path::Path;

/// Syncs every ledger of a home, the names of the home's own, and those of groups' folders, one of which may just have
/// been put out of the way.
///
/// # Errors
///
/// The disk has not taken it. A ledger that cannot be opened is left to whoever replays it.
pub fn flush(layout: &Layout) -> Result<(), StoreError> {
    let groups = layout.look()?.groups;
    let ledgers: Vec<&str> = groups.iter().map(String::as_str).chain([HOME]).collect();
    side_by_side(&ledgers, |ledger| {
        let path = layout.ledger(ledger);
        let Ok(file) = plain::open(&path, File::options().read(true)) else { return Ok(()) };
        disk::sync_data(&file).map_err(|e| StoreError::io("sync", &path, e))
    })?;
    // In its own folder, a group's was synced before the home knew it; the home's own may be new.
    flush_names(layout, HOME)?;
    sync_names(&layout.groups())
}

/// Syncs the names by which a ledger is found: its file's, and its folder's.
///
/// # Errors
///
/// As [`flush`].
pub fn flush_names(layout: &Layout, ledger: &str) -> Result<(), StoreError> {
    let folder = layout.folder(ledger);
    sync_names(&folder)?;
    folder.parent().map_or(Ok(()), sync_names)
}

/// A folder that is none has no names to lose.
fn sync_names(folder: &Path) -> Result<(), StoreError> {
    if !folder.is_dir() {
        return Ok(());
    }
    disk::sync_folder(folder).map_err(|e| StoreError::io("sync", folder, e))
}
