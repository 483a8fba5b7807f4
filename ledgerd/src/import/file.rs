//! Reading what lies in an older home: plain files only, through no link, and never more than such a file may be.
//!
//! The home may come from anywhere, such as an archive that somebody has sent. A link in it could lead to any file of
//! whoever imports it, and a pipe would never end.

use super::ImportError;
use crate::store::layout;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

/// Longest document.
pub const DOCUMENT_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Most names in one folder.
const NAMES_MAX: usize = 100_000;

/// Opens a file below a home, and says how long it is; `None` when there is none.
///
/// # Errors
///
/// [`ImportError::Unreadable`]: it is no plain file, a part of its path is a link, or it is longer than `bytes_max`. Or
/// the system's word.
pub fn open(root: &Path, path: &Path, bytes_max: u64) -> Result<Option<(File, u64)>, ImportError> {
    if !is_there(root, path)? {
        return Ok(None);
    }
    let fail = |error| ImportError::io("read", path, error);
    // Whoever swaps it for a link or a pipe in this moment gains nothing.
    let file = layout::open_to_read(path).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => unreadable(path, "it is no plain file"),
        _ => fail(error),
    })?;
    let data = file.metadata().map_err(fail)?;
    if data.len() > bytes_max {
        return Err(unreadable(path, format!("it has {} bytes, the limit is {bytes_max}", data.len())));
    }
    Ok(Some((file, data.len())))
}

/// The text of a document; `None` when there is none.
///
/// # Errors
///
/// As [`open`]; it is no UTF-8.
pub fn text(root: &Path, path: &Path) -> Result<Option<String>, ImportError> {
    let Some((file, _)) = open(root, path, DOCUMENT_BYTES_MAX)? else { return Ok(None) };
    let mut text = String::new();
    // It may grow while it is read.
    match file.take(DOCUMENT_BYTES_MAX).read_to_string(&mut text) {
        Ok(_) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::InvalidData => Err(unreadable(path, "it is no UTF-8")),
        Err(error) => Err(ImportError::io("read", path, error)),
    }
}

/// Names in a folder, sorted; none when it is not there.
///
/// # Errors
///
/// It cannot be listed, or is reached through a link.
pub fn names(root: &Path, folder: &Path) -> Result<Vec<String>, ImportError> {
    if !is_there(root, folder)? {
        return Ok(Vec::new());
    }
    let fail = |error| ImportError::io("list", folder, error);
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(fail)? {
        names.extend(entry.map_err(fail)?.file_name().into_string().ok());
        if names.len() > NAMES_MAX {
            return Err(unreadable(folder, format!("it has more than {NAMES_MAX} entries")));
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Whether there is something at the end of a path below a home; no part of the path is a link.
fn is_there(root: &Path, path: &Path) -> Result<bool, ImportError> {
    let below = path.strip_prefix(root).map_err(|_| unreadable(path, "it is not in the home"))?;
    let mut so_far: PathBuf = root.to_path_buf();
    for part in below.components() {
        so_far.push(part);
        match fs::symlink_metadata(&so_far) {
            Ok(data) if data.is_symlink() => {
                return Err(unreadable(&so_far, "it is a link, and links are not followed"));
            }
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(false),
            Err(error) => return Err(ImportError::io("look at", &so_far, error)),
        }
    }
    Ok(true)
}

fn unreadable(path: &Path, why: impl Into<String>) -> ImportError {
    ImportError::Unreadable { path: path.to_path_buf(), why: why.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_plain_files_are_read_and_through_no_link() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("home");
        fs::create_dir_all(root.join("sub")).unwrap();
        fs::write(folder.path().join("secret"), "hunter2").unwrap();
        fs::write(root.join("sub/plain"), "text").unwrap();
        fs::write(root.join("latin"), b"\xff").unwrap();
        symlink(folder.path().join("secret"), root.join("link")).unwrap();
        symlink(root.join("sub"), root.join("folder")).unwrap();
        nix::unistd::mkfifo(&root.join("pipe"), nix::sys::stat::Mode::from_bits_truncate(0o600)).unwrap();
        File::create(root.join("large")).unwrap().set_len(DOCUMENT_BYTES_MAX + 1).unwrap();
        #[rustfmt::skip]
        let cases = [
            // path          found, or what is said
            ("sub/plain",    Ok(Some("text"))),
            ("none",         Ok(None)),
            ("none/below",   Ok(None)),
            ("latin/below",  Ok(None)),
            ("latin",        Err("no UTF-8")),
            ("link",         Err("it is a link")),
            ("folder/plain", Err("it is a link")),
            ("sub",          Err("no plain file")),
            ("pipe",         Err("no plain file")),
            ("large",        Err("the limit is 16777216")),
        ];
        for (path, wanted) in cases {
            match (text(&root, &root.join(path)), wanted) {
                (Ok(found), Ok(wanted)) => assert_eq!(found.as_deref(), wanted, "{path}"),
                (Err(error), Err(says)) => assert!(error.to_string().contains(says), "{path}: {error}"),
                (found, _) => panic!("{path}: {found:?}"),
            }
        }
        assert!(names(&root, &root.join("folder")).unwrap_err().to_string().contains("it is a link"));
        assert_eq!(names(&root, &root.join("sub")).unwrap(), ["plain"]);
    }
}
