//! A configuration file of somebody else: read as it is, and replaced whole or not at all.
//!
//! Its mode stays, a link to it stays one, and what it said before we changed it first is kept beside it.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Longest configuration that is read. Some programs keep much more in theirs than settings.
pub const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What is added to the name of a file for what it said before.
pub const BACKUP: &str = ".before-cccc";

/// How many links are followed; as many as Linux follows.
const LINKS_MAX: usize = 40;

/// Only its owner may look into a file that we make.
const MODE: u32 = 0o600;

/// What a file says; `None` where there is none.
///
/// # Errors
///
/// It cannot be read, is longer than [`BYTES_MAX`], or no text.
pub fn read(path: &Path) -> io::Result<Option<String>> {
    // A link is what it leads to, but nobody waits for the writer of a pipe.
    let file = match OpenOptions::new().read(true).custom_flags(nix::libc::O_NONBLOCK).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no plain file"));
    }
    let mut bytes = Vec::new();
    file.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > BYTES_MAX {
        let text = format!("it has more than {BYTES_MAX} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
    }
    String::from_utf8(bytes).map(Some).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no UTF-8 text"))
}

/// Where a file lies that is written through a path, links followed, also those that lead to nothing yet.
pub fn target(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        if let Ok(real) = path.canonicalize() {
            return real;
        }
        let Ok(link) = fs::read_link(&path) else { break };
        path = path.with_file_name("").join(link);
    }
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => target(folder).join(name),
        _ => path,
    }
}

/// Replaces what a file said, `before` (`None`: there was none), by something else. Where it says something else than
/// `before` by now, it stays and the answer is false: read it again.
///
/// # Errors
///
/// Its folder cannot be made or written, or what it said cannot be kept. It says what it said.
pub fn replace(path: &Path, before: Option<&str>, after: &str) -> io::Result<bool> {
    if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    // Where somebody keeps their settings elsewhere and links to them, they lie there afterwards, too.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mode = fs::metadata(&target).map_or(MODE, |data| data.permissions().mode() & 0o7777);
    if let Some(before) = before {
        keep(&target, before, mode)?;
    }
    let draft = beside(&target, &format!(".{}.cccc", std::process::id()));
    let write = || {
        let mut file = made(&draft, mode)?;
        file.write_all(after.as_bytes())?;
        file.sync_all()?;
        // Its program may have written it meanwhile.
        if read(&target)?.as_deref() != before {
            fs::remove_file(&draft)?;
            return Ok(false);
        }
        fs::rename(&draft, &target)?;
        Ok(true)
    };
    write().inspect_err(|_: &io::Error| {
        // The draft is of no use to anybody, and may not even exist.
        let _ = fs::remove_file(&draft);
    })
}

/// Keeps what a file says, once.
fn keep(target: &Path, before: &str, mode: u32) -> io::Result<()> {
    match made(&beside(target, BACKUP), mode) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        file => file.and_then(|mut file| file.write_all(before.as_bytes()).and_then(|()| file.sync_all())),
    }
}

fn made(path: &Path, mode: u32) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(path)?;
    file.set_permissions(Permissions::from_mode(mode))?;
    Ok(file)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(ending);
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_mode_its_link_and_what_it_said_first() {
        let top = tempfile::tempdir().unwrap();
        let (real, link) = (top.path().join("real.json"), top.path().join("link.json"));
        for mode in [0o600, 0o644] {
            fs::write(&real, "one").unwrap();
            fs::set_permissions(&real, Permissions::from_mode(mode)).unwrap();
            let _ = fs::remove_file(&link);
            std::os::unix::fs::symlink(&real, &link).unwrap();
            assert!(replace(&link, Some("one"), "two").unwrap());
            assert!(replace(&link, Some("two"), "three").unwrap());
            assert!(!replace(&link, Some("two"), "four").unwrap(), "somebody else has written it");
            assert_eq!(read(&link).unwrap().as_deref(), Some("three"));
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            let backup = beside(&real, BACKUP);
            assert_eq!(fs::read_to_string(&backup).unwrap(), "one");
            for file in [&real, &backup] {
                assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, mode, "{}", file.display());
            }
            assert_eq!(fs::read_dir(top.path()).unwrap().count(), 3, "no draft is left");
            fs::remove_file(backup).unwrap();
        }
    }

    #[test]
    fn a_file_that_was_not_there_is_made_for_its_owner() {
        let top = tempfile::tempdir().unwrap();
        let path = top.path().join("a/b/mcp.json");
        assert_eq!(read(&path).unwrap(), None);
        assert!(replace(&path, None, "{}").unwrap());
        for (path, mode) in [(path.clone(), 0o600), (top.path().join("a"), 0o700)] {
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
        }
        assert_eq!(fs::read_dir(top.path().join("a/b")).unwrap().count(), 1);
        assert!(read(top.path()).is_err());
    }
}
