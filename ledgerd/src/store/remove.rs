//! Removing a group: its folder, its secrets and what is cached of it.
//!
//! The home's ledger says that the group is deleted before anything is touched. The folder is then renamed, which is
//! quick and whole, before the home's ledger takes another event; so a removal that a crash has interrupted is found
//! at the next start because the deletion is the last event there. A group's folder that appears later, out of a
//! backup, is a group again and not an unfinished removal.

use super::atomic_file::gone;
use super::{Store, StoreError, disk};
use std::io;
use std::path::{Path, PathBuf};
use tracing::warn;

impl Store {
    /// Removes a group whose deletion is on disk. Its events can be read on by whoever reads them now.
    ///
    /// A folder that was not there when the home was opened, and is now, was put there by a person: it stays, and is
    /// taken in at the next start.
    ///
    /// # Errors
    ///
    /// The folder could not be put out of the way: only a restart can tell what is there.
    pub fn remove_group(&mut self, group_id: &str) -> Result<(), StoreError> {
        self.full.remove(group_id);
        match self.ledgers.remove(group_id) {
            Some(_) => self.life.waits("remove a group", || self.remove_rest(group_id)),
            None => self.remove_secrets(group_id),
        }
    }

    /// Removes what there is of a deleted group.
    pub(super) fn remove_rest(&self, group_id: &str) -> Result<(), StoreError> {
        self.remove_secrets(group_id)?;
        self.discard(group_id)
    }

    /// Removes what there is of groups that were never created. They have no events, so what cannot be put out of the way
    /// harms nobody until the next start removes it.
    pub(super) fn remove_unborn(&self, groups: &[&String]) {
        let mut aside = Vec::new();
        for group in groups {
            match self.remove_secrets(group).and_then(|()| self.put_aside(group)) {
                Ok(folder) => aside.extend(folder),
                Err(e) => {
                    warn!(%group, error = %e, "the folder of a group that was not created stays until the next start")
                }
            }
        }
        self.remove_synced(aside)
            .unwrap_or_else(|e| warn!(error = %e, "folders of groups that were not created may come back"));
    }

    pub(super) fn remove_secrets(&self, group_id: &str) -> Result<(), StoreError> {
        let secrets = self.layout.secrets(group_id);
        gone(disk::remove_folder(&secrets)).map_err(|e| StoreError::io("remove", &secrets, e))
    }

    /// Puts a group's folder out of the way and removes it on another thread, because it may be large.
    pub(super) fn discard(&self, group_id: &str) -> Result<(), StoreError> {
        self.remove_synced(self.put_aside(group_id)?.into_iter().collect())
    }

    /// Puts a group's folder out of the way; where to, if there was one.
    fn put_aside(&self, group_id: &str) -> Result<Option<PathBuf>, StoreError> {
        for cached in [self.layout.snapshot(group_id), self.layout.doubt(group_id), self.layout.search_index(group_id)]
        {
            gone(disk::remove_file(&cached)).map_err(|e| StoreError::io("remove", &cached, e))?;
        }
        self.files.forget(&self.layout.ledger(group_id));
        let folder = self.layout.folder(group_id);
        let aside = self.layout.removed(group_id, bus::contract::time::now());
        match disk::rename(&folder, &aside) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(StoreError::io("put aside", &folder, e)),
            Ok(()) => Ok(Some(aside)),
        }
    }

    /// Removes folders that were put out of the way, once that is on disk: one sync, however many there are.
    fn remove_synced(&self, aside: Vec<PathBuf>) -> Result<(), StoreError> {
        if !aside.is_empty() {
            disk::sync_folder(&self.layout.groups()).map_err(|e| StoreError::io("sync", &self.layout.groups(), e))?;
        }
        remove_aside(aside);
        Ok(())
    }
}

/// Removes folders that are out of the way already. What cannot be removed now is tried again at the next start.
pub(super) fn remove_aside(folders: Vec<PathBuf>) {
    if folders.is_empty() {
        return;
    }
    let removes = std::thread::Builder::new().spawn(move || folders.iter().for_each(|folder| remove(folder)));
    if let Err(e) = removes {
        warn!(error = %e, "no thread can be started: the rest of a deleted group stays until the next start");
    }
}

fn remove(folder: &Path) {
    if let Err(e) = gone(disk::remove_folder(folder)) {
        warn!(folder = %folder.display(), error = %e, "cannot remove the rest of a deleted group");
    }
}
