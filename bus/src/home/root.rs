//! Which folder a home is, whatever its path leads to later: a home that was removed is told from one that was moved, or
//! that is out of sight because a link or a mount leads elsewhere for a while.

use crate::identity::{Identity, place_of};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// What the system appends to the name of a folder that was removed.
const REMOVED: &[u8] = b" (deleted)";

/// The folder that is a home, kept open without the right to read it.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    /// Where it lay at the start, as the system says.
    name: Option<PathBuf>,
    folder: File,
}

/// What became of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The path leads to it; also when nobody can say.
    Here,
    /// It is surely no more.
    Removed,
    /// It lies elsewhere now.
    Moved(PathBuf),
    /// It may be where it was, and its path does not lead to it: a link or a mount has changed.
    Hidden,
}

impl Root {
    /// Keeps the folder to which a path leads now.
    ///
    /// # Errors
    ///
    /// It is not there, is no folder, or no descriptor is left.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = nix::libc::O_PATH | nix::libc::O_DIRECTORY;
        let folder = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        let name = place_of(&folder).ok();
        Ok(Self { path: path.to_path_buf(), name, folder })
    }

    /// What became of it by now.
    pub fn standing(&self) -> Standing {
        let Ok(own) = self.folder.metadata() else { return Standing::Here };
        if own.nlink() == 0 {
            return Standing::Removed;
        }
        match fs::metadata(&self.path) {
            Ok(about) if Identity::of(&about) == Identity::of(&own) => return Standing::Here,
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Standing::Here,
            _ => {}
        }
        match place_of(&self.folder) {
            Ok(name) if fs::metadata(&name).is_ok_and(|about| Identity::of(&about) == Identity::of(&own)) => {
                if self.name.as_ref() == Some(&name) { Standing::Hidden } else { Standing::Moved(name) }
            }
            // Some file systems go on counting.
            Ok(name) if name.as_os_str().as_bytes().ends_with(REMOVED) => Standing::Removed,
            _ => Standing::Hidden,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn removed_moved_and_hidden_are_told_apart() {
        let top = tempfile::tempdir().unwrap();
        let at = |name: &str| top.path().canonicalize().unwrap().join(name);
        fs::create_dir(at("home")).unwrap();
        symlink(at("home"), at("link")).unwrap();
        let (root, linked) = (Root::open(&at("home")).unwrap(), Root::open(&at("link")).unwrap());
        assert_eq!((root.standing(), linked.standing()), (Standing::Here, Standing::Here));
        fs::rename(at("home"), at("old")).unwrap();
        for _ in 0..2 {
            assert_eq!(root.standing(), Standing::Moved(at("old")));
            assert_eq!(linked.standing(), Standing::Moved(at("old")));
            // And another one in its place.
            let _ = fs::create_dir(at("home"));
        }
        fs::remove_dir(at("home")).unwrap();
        fs::rename(at("old"), at("home")).unwrap();
        fs::create_dir(at("other")).unwrap();
        fs::remove_file(at("link")).unwrap();
        assert_eq!((root.standing(), linked.standing()), (Standing::Here, Standing::Hidden));
        symlink(at("other"), at("link")).unwrap();
        assert_eq!(linked.standing(), Standing::Hidden);
        fs::remove_dir(at("home")).unwrap();
        fs::create_dir(at("home")).unwrap();
        assert_eq!((root.standing(), linked.standing()), (Standing::Removed, Standing::Removed));
    }
}
