//! Atomic rename: a file is there whole or not at all, private to its owner.
//!
//! Readers see the old file or the new one, never a part. What else is promised is the writer's to say: a
//! [`Durability`].

use crate::plain;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// What a power cut may do to a file once it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Anything: it is about processes that run, and worth nothing afterwards. Nothing is synced.
    WhileRunning,
    /// Nothing: the file is synced before it gets its name, and its folder after that.
    PowerCut,
}

/// Replaces a file, or makes it.
///
/// # Errors
///
/// The folder is not there or cannot be written; a file that was there is still there. When only the sync of the folder
/// fails, the new file is there and may not survive.
pub fn replace(path: &Path, bytes: &[u8], durability: Durability) -> io::Result<()> {
    let draft = draft(path);
    let write = || {
        let mut file = plain::open(&draft, OpenOptions::new().write(true).create(true).truncate(true).mode(0o600))?;
        file.write_all(bytes)?;
        if durability == Durability::PowerCut {
            file.sync_all()?;
        }
        fs::rename(&draft, path)
    };
    if let Err(error) = write() {
        // The draft is of no use to anybody, and may not even exist.
        let _ = fs::remove_file(&draft);
        return Err(error);
    }
    match (durability, path.parent()) {
        (Durability::PowerCut, Some(folder)) => File::open(folder)?.sync_all(),
        (Durability::PowerCut, None) | (Durability::WhileRunning, _) => Ok(()),
    }
}

/// The same where the folder may have been removed: it and the one above it are made again, private to their owner.
///
/// # Errors
///
/// As [`replace`]; the folder cannot be made.
pub fn replace_in_folder(path: &Path, bytes: &[u8], durability: Durability) -> io::Result<()> {
    match (replace(path, bytes, durability), path.parent()) {
        (Err(error), Some(folder)) if error.kind() == io::ErrorKind::NotFound => {
            // Not what is above the run folder: a home that was thrown away is not made again.
            for folder in folder.parent().into_iter().chain([folder]) {
                match DirBuilder::new().mode(0o700).create(folder) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                    Ok(()) | Err(_) => {}
                }
            }
            replace(path, bytes, durability)
        }
        (replaced, _) => replaced,
    }
}

/// The name under which it is written. No two writers share one.
fn draft(path: &Path) -> PathBuf {
    static DRAFTS: AtomicU64 = AtomicU64::new(0);
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.{}", std::process::id(), DRAFTS.fetch_add(1, Ordering::Relaxed)));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_file_is_replaced_whole_and_private_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pid");
        fs::write(&path, "a longer old one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        for (durability, text) in [(Durability::WhileRunning, "new"), (Durability::PowerCut, "newer")] {
            replace(&path, text.as_bytes(), durability).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            fs::create_dir_all(folder.path().join("folder")).unwrap();
            assert!(replace(&folder.path().join("folder"), b"no", durability).is_err());
            let nowhere = replace(&folder.path().join("none/file"), b"no", durability).unwrap_err();
            assert_eq!(nowhere.kind(), io::ErrorKind::NotFound);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no draft is left");
        }
    }

    #[test]
    fn a_folder_that_was_removed_is_made_again() {
        let top = tempfile::tempdir().unwrap();
        let path = top.path().join("a/b/file");
        replace_in_folder(&path, b"text", Durability::PowerCut).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"text");
        assert_eq!(fs::metadata(top.path().join("a/b")).unwrap().permissions().mode() & 0o777, 0o700);
        fs::remove_dir_all(top.path()).unwrap();
        assert!(replace_in_folder(&path, b"text", Durability::PowerCut).is_err());
        assert!(!top.path().exists(), "what is above it stays away");
    }

    #[test]
    fn a_link_in_the_place_of_a_file_is_replaced_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("file"), folder.path().join("other"));
        fs::write(&other, "theirs").unwrap();
        std::os::unix::fs::symlink(&other, &path).unwrap();
        replace(&path, b"ours", Durability::WhileRunning).unwrap();
        assert_eq!(fs::read(&other).unwrap(), b"theirs");
        assert!(fs::symlink_metadata(&path).unwrap().is_file());
    }
}
