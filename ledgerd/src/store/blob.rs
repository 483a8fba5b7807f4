//! Files of a group: attachments and long texts, named by their content.

use super::layout::{self, Layout};
use super::{StoreError, atomic_file};
use crate::decision::{Blob, Content};
use std::fs;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Component, Path, PathBuf};

/// Stores a file and returns once it will survive a power cut. One that is there already is kept: its name says what
/// is in it.
///
/// # Errors
///
/// As [`atomic_file::store`].
pub fn store(layout: &Layout, blob: &Blob) -> Result<(), StoreError> {
    assert!(layout::is_file_name(&blob.name), "a name is made safe when it is decided: {:?}", blob.name);
    let path = layout.blobs(&blob.group_id).join(&blob.name);
    if fs::symlink_metadata(&path).is_ok_and(|found| found.is_file() && found.len() == blob.bytes.len() as u64) {
        return atomic_file::keep(&path);
    }
    atomic_file::store(&path, &blob.bytes)
}

/// Whether the system says that there is nothing of this name: not here, not below a file, and never of such a length.
fn is_of_nothing(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | InvalidFilename)
}

/// The size of a stored file, named by its path below the group's folder; `None` when it is no stored file.
pub fn size(layout: &Layout, group_id: &str, path: &str) -> Option<u64> {
    let found = fs::symlink_metadata(place(layout, group_id, path)?).ok()?;
    found.is_file().then_some(found.len())
}

/// A piece of a stored file, named by its path below the group's folder; `None` when it is no stored file. A link is
/// none, whatever it leads to.
///
/// # Errors
///
/// It cannot be read.
pub fn read(
    layout: &Layout,
    group_id: &str,
    path: &str,
    offset: u64,
    bytes_max: usize,
) -> Result<Option<Content>, StoreError> {
    let Some(place) = place(layout, group_id, path) else { return Ok(None) };
    let read = || -> io::Result<Option<Content>> {
        let file = match layout::open_to_read(&place) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::InvalidData || is_of_nothing(&e) => return Ok(None),
            Err(e) => return Err(e),
        };
        let found = file.metadata()?;
        let bytes = found.len().saturating_sub(offset).min(bytes_max as u64);
        let mut piece = vec![0; usize::try_from(bytes).unwrap_or(bytes_max)];
        file.read_exact_at(&mut piece, offset)?;
        Ok(Some(Content { piece, bytes: found.len() }))
    };
    read().map_err(|source| StoreError::io("read", &place, source))
}

/// Bytes of all stored files of a group.
///
/// # Errors
///
/// They cannot be listed.
pub fn total(layout: &Layout, group_id: &str) -> Result<u64, StoreError> {
    let folder = layout.blobs(group_id);
    let fail = |source| StoreError::io("list", &folder, source);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(e) => return Err(fail(e)),
    };
    let mut bytes: u64 = 0;
    for entry in entries {
        bytes = bytes.saturating_add(entry.and_then(|entry| entry.metadata()).map_err(fail)?.len());
    }
    Ok(bytes)
}

/// Where a stored file would lie; `None` when its path is none of a stored file.
fn place(layout: &Layout, group_id: &str, path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    let below = path.strip_prefix("state/blobs").ok()?;
    let mut parts = below.components();
    let is_one = matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None));
    (is_one && bus::contract::id::is_group(group_id)).then(|| layout.folder(group_id).join(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    const GROUP: &str = "g_0123456789ab";

    #[test]
    fn a_stored_file_is_private_whole_and_found_by_its_path_only() {
        let home = tempfile::tempdir().unwrap();
        let layout = Layout::new(home.path());
        let blob = Blob { group_id: GROUP.into(), name: "ab_text.txt".into(), bytes: b"hello".to_vec() };
        store(&layout, &blob).unwrap();
        store(&layout, &blob).unwrap();
        let path = layout.blobs(GROUP).join("ab_text.txt");
        assert_eq!(fs::read(&path).unwrap(), b"hello");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(layout.blobs(GROUP)).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::read_dir(layout.blobs(GROUP)).unwrap().count(), 1, "no part is left");

        std::os::unix::fs::symlink("/etc/passwd", layout.blobs(GROUP).join("link")).unwrap();
        #[rustfmt::skip]
        let cases = [
            ("state/blobs/ab_text.txt",             Some(5)),
            ("state/blobs/missing",                 None),
            ("state/blobs/link",                    None),
            ("state/blobs/",                        None),
            ("state/blobs/ab_text.txt/x",           None),
            ("state/blobs/../blobs/ab_text.txt",    None),
            ("ledger.jsonl",                        None),
            ("/etc/passwd",                         None),
            ("",                                    None),
        ];
        for (path, size_wanted) in cases {
            assert_eq!(size(&layout, GROUP, path), size_wanted, "{path:?}");
            let found = read(&layout, GROUP, path, 0, 100).unwrap().map(|content| content.bytes);
            assert_eq!(found, size_wanted, "{path:?}");
        }
        assert_eq!(size(&layout, "../x", "state/blobs/ab_text.txt"), None);
    }
}
