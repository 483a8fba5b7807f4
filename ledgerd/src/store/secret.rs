//! Files of private variables: one per version, named by the event that made it the valid one.
//!
//! A version is on disk, whole and synced, before its event is; the versions that no event names any more go after.
//! So a crash at any moment leaves the old variables or the new ones, and at worst a file that nobody names, which
//! [`Store::sweep_secrets`] removes at the next start. Values are in these files and nowhere else on disk.

use super::atomic_file::{self, gone};
use super::layout::Layout;
use super::{Store, StoreError, disk};
use crate::decision::Secret;
use bus::contract::id;
use bus::contract::limit;
use bus::contract::private::Variables;
use bus::plain;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use tracing::{info, warn};

/// Largest file: values of the limit's size, as JSON writes them at worst.
const BYTES_MAX: u64 = 8 * limit::SECRETS_BYTES_MAX as u64;

/// Stores a version and returns once it will survive a power cut.
///
/// # Errors
///
/// As [`atomic_file::store`].
pub fn store(layout: &Layout, secret: &Secret) -> Result<(), StoreError> {
    let bytes = serde_json::to_vec(&secret.variables).expect("variables are plain data");
    atomic_file::store(&layout.secret(&secret.ledger, &secret.version), &bytes)
}

impl Store {
    /// Reads a version; `None` when its file is gone, as it is in a group that was copied without its secrets.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or something else is in it. Never says what.
    pub fn secret(&self, ledger: &str, version: &str) -> Result<Option<Variables>, StoreError> {
        let path = self.layout.secret(ledger, version);
        let bytes = match plain::read(&path, BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(StoreError::io("read", &path, e)),
        };
        // The parser's own words would quote the file.
        let unreadable = |_| StoreError::io("understand", &path, io::ErrorKind::InvalidData.into());
        serde_json::from_slice(&bytes).map(Some).map_err(unreadable)
    }

    /// Removes the secrets of a group that has come to nothing: they were stored before its first line, which is not
    /// there. What cannot be removed now is tried again at the next start.
    pub fn drop_secrets_if_new(&self, ledger: &str) {
        if !id::is_group(ledger) || self.ledgers.contains_key(ledger) {
            return;
        }
        if let Err(error) = self.remove_secrets(ledger) {
            warn!(%ledger, %error, "the secrets of a group that was not created stay until the next start");
        }
    }

    /// Removes the secrets of groups that are not there, which a crash has left before their first line was written.
    ///
    /// # Errors
    ///
    /// They cannot be looked at or removed.
    pub(super) fn sweep_strangers(&self, is_group: impl Fn(&str) -> bool) -> Result<(), StoreError> {
        let folder = self.layout.all_secrets();
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(StoreError::io("list", &folder, e)),
        };
        for entry in entries {
            let Ok(name) = entry.map_err(|e| StoreError::io("list", &folder, e))?.file_name().into_string() else {
                continue;
            };
            if id::is_group(&name) && !is_group(&name) {
                info!(group = %name, "the secrets of a group whose creation was never finished are removed");
                self.remove_secrets(&name)?;
            }
        }
        Ok(())
    }

    /// Removes the secrets of a ledger that are not among `versions`. What cannot be removed now is tried again at the
    /// next change or start.
    pub fn sweep_secrets(&self, ledger: &str, versions: &BTreeSet<&str>) {
        if let Err(error) = sweep(&self.layout, ledger, versions) {
            warn!(%ledger, %error, "cannot remove secrets that are not valid any more");
        }
    }
}

fn sweep(layout: &Layout, ledger: &str, versions: &BTreeSet<&str>) -> io::Result<()> {
    let folder = layout.secrets(ledger);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(e),
    };
    let mut has_removed = false;
    for entry in entries {
        let path = entry?.path();
        let version = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".json"));
        if version.is_none_or(|version| !versions.contains(version)) {
            gone(disk::remove_file(&path))?;
            has_removed = true;
        }
    }
    if has_removed { disk::sync_folder(&folder) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::HOME;
    use std::collections::BTreeMap;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_version_is_private_and_goes_when_nobody_names_it() {
        let home = tempfile::tempdir().unwrap();
        let layout = Layout::new(home.path());
        let variables = Variables(BTreeMap::from([("K".into(), "v".into())]));
        let versions = ["1", "2", "3"].map(|end| format!("{end:0>32}"));
        for version in &versions {
            store(&layout, &Secret { ledger: HOME.into(), version: version.clone(), variables: variables.clone() })
                .unwrap();
        }
        let folder = layout.secrets(HOME);
        fs::write(folder.join(".part-1"), "a crash in mid-write").unwrap();
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&layout.secret(HOME, &versions[0]))), (0o700, 0o600));

        sweep(&layout, HOME, &BTreeSet::from([versions[1].as_str()])).unwrap();
        let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(left, [layout.secret(HOME, &versions[1])]);
        sweep(&layout, "g_0123456789ab", &BTreeSet::new()).unwrap();
    }
}
