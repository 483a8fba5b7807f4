//! Files that are there whole or not at all, and survive a power cut from the moment they are there.

use super::{StoreError, disk, is_short, layout};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Puts a file in place, readable by its owner only, and returns once it will survive a power cut. Missing folders are
/// made. One file at a time, whichever threads ask: parts have a name in common, so that one which was left behind goes.
///
/// # Errors
///
/// [`StoreError::NoSpace`] leaves nothing behind. [`StoreError::Io`] may leave a part under another name, which begins
/// with a dot.
pub fn store(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    static TURN: Mutex<()> = Mutex::new(());
    // A panic in between leaves a part that the next one removes.
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = path.parent().expect("a file lies in a folder");
    let part = folder.join(format!(".part-{}", std::process::id()));
    let write = || -> io::Result<()> {
        layout::make_folder(folder)?;
        gone(disk::remove_file(&part))?;
        let file = disk::create_private(&part)?;
        disk::write_at(&file, bytes, 0)?;
        disk::sync(&file)?;
        disk::rename(&part, path)?;
        disk::sync_folder(folder)
    };
    write().map_err(|source| {
        // Half a file helps nobody; the next one stored here would remove it, too.
        let _ = disk::remove_file(&part);
        if is_short(&source) {
            return StoreError::NoSpace { path: path.to_path_buf(), source };
        }
        StoreError::io("store", path, source)
    })
}

/// Makes a file that is there already survive a power cut: whoever put it there may have died before its name was on disk.
///
/// # Errors
///
/// As [`store`].
pub fn keep(path: &Path) -> Result<(), StoreError> {
    let folder = path.parent().expect("a file lies in a folder");
    let sync = || {
        disk::sync(&File::open(path)?)?;
        layout::make_folder(folder)?;
        disk::sync_folder(folder)
    };
    sync().map_err(|source| StoreError::io("sync", path, source))
}

/// What is not there any more need not be removed.
///
/// # Errors
///
/// It is still there.
pub fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_file_is_private_whole_and_alone_in_its_folder() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("a/b");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!(".part-{}", std::process::id())), "a longer one that was left behind").unwrap();
        let path = folder.join("file");
        for text in ["first", "second"] {
            store(&path, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no part is left");
        assert!(matches!(store(&path.join("below a file"), b""), Err(StoreError::Io { action: "store", .. })));
    }
}
