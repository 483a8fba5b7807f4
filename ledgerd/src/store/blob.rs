//! Files of a group: attachments and long texts, named by their content.

use super::layout::{self, Layout};
use super::{StoreError, whole};
use crate::decision::Blob;
use std::fs;
use std::path::{Component, Path};

/// Stores a file and returns once it will survive a power cut. One that is there already is kept: its name says what
/// is in it.
///
/// # Errors
///
/// As [`whole::store`].
pub fn store(layout: &Layout, blob: &Blob) -> Result<(), StoreError> {
    assert!(layout::is_file_name(&blob.name), "a name is made safe when it is decided: {:?}", blob.name);
    let path = layout.blobs(&blob.group_id).join(&blob.name);
    if fs::metadata(&path).is_ok_and(|found| found.len() == blob.bytes.len() as u64) {
        return Ok(());
    }
    whole::store(&path, &blob.bytes)
}

/// The size of a stored file, named by its path below the group's folder; `None` when it is no stored file.
pub fn size(layout: &Layout, group_id: &str, path: &str) -> Option<u64> {
    let path = Path::new(path);
    let below = path.strip_prefix("state/blobs").ok()?;
    let mut parts = below.components();
    if !bus::contract::id::is_group(group_id)
        || !matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None))
    {
        return None;
    }
    let found = fs::symlink_metadata(layout.folder(group_id).join(path)).ok()?;
    found.is_file().then_some(found.len())
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
        }
        assert_eq!(size(&layout, "../x", "state/blobs/ab_text.txt"), None);
    }
}
