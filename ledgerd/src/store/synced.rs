//! What shows that a ledger's file is on disk as it is: which file, how long, and when it was last changed, as it was when
//! all of it had been synced. As long as nothing of that is otherwise, nobody has touched it since.

use super::disk;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;

/// Bytes of a mark in a snapshot.
pub const SYNCED_BYTES: usize = 40;

/// The mark of a file that was on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Synced(pub [u8; SYNCED_BYTES]);

impl Synced {
    /// Syncs a file, and gives its mark; `None` when it has another length, as one has that is being written, or has
    /// changed meanwhile. Whoever has put it there, or has cut it, may not have waited for the disk.
    ///
    /// # Errors
    ///
    /// It cannot be looked at or synced: nobody knows what of it is on disk.
    pub fn sync(file: &File, bytes: u64) -> io::Result<Option<Self>> {
        let Some(before) = Self::of(file, bytes)? else { return Ok(None) };
        disk::sync_data(file)?;
        Ok(Self::of(file, bytes)?.filter(|after| *after == before))
    }

    /// The mark that a file would have now.
    pub(super) fn of(file: &File, bytes: u64) -> io::Result<Option<Self>> {
        Ok(Some(Self::now(file)?).filter(|mark| mark.bytes() == bytes))
    }

    /// Whether a file is as it was.
    pub fn is_of(&self, file: &File) -> bool {
        Self::now(file).is_ok_and(|now| now == *self)
    }

    fn now(file: &File) -> io::Result<Self> {
        let about = file.metadata()?;
        // The time of the change of the file's own record: no program sets it, and every write and every cut does.
        let facts = [about.len(), about.dev(), about.ino(), about.ctime() as u64, about.ctime_nsec() as u64];
        let mut mark = [0; SYNCED_BYTES];
        mark.as_chunks_mut().0.iter_mut().zip(facts).for_each(|(place, fact)| *place = fact.to_le_bytes());
        Ok(Self(mark))
    }

    fn bytes(&self) -> u64 {
        u64::from_le_bytes(*self.0.first_chunk().expect("the length comes first"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::disk::recording::Recording;
    use std::fs;
    use std::os::unix::fs::FileExt as _;

    #[test]
    fn a_file_is_as_it_was_until_somebody_touches_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let write = |text: &str| fs::write(&path, text).unwrap();
        let open = || File::options().read(true).write(true).open(&path).unwrap();
        write("abc");
        assert_eq!(Synced::of(&open(), 2).unwrap(), None, "it has grown since");
        #[rustfmt::skip]
        let changes: [(&str, &dyn Fn()); 4] = [
            ("written in place",  &|| open().write_all_at(b"x", 1).unwrap()),
            ("longer",            &|| open().write_all_at(b"x", 3).unwrap()),
            ("cut",               &|| open().set_len(2).unwrap()),
            ("put there anew",    &|| {
                fs::write(folder.path().join("other"), "abc").unwrap();
                fs::rename(folder.path().join("other"), &path).unwrap();
            }),
        ];
        for (what, change) in changes {
            write("abc");
            let mark = Synced::of(&open(), 3).unwrap().unwrap();
            assert!(mark.is_of(&open()), "{what}");
            // The system's clock for files moves a few times in a hundredth of a second.
            while Synced::now(&open()).unwrap() == mark {
                change();
            }
            assert!(!mark.is_of(&open()), "{what}");
        }
    }

    /// What was not synced has no mark.
    #[test]
    fn a_file_has_no_mark_before_it_is_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let file = disk::create_private(&folder.path().join("file")).unwrap();
        file.write_all_at(b"abc", 0).unwrap();
        let recording = Recording::start(folder.path());
        let syncs = || recording.position();
        let before = syncs();
        assert_eq!((Synced::sync(&file, 2).unwrap(), syncs()), (None, before), "it has grown since");
        assert!(Synced::sync(&file, 3).unwrap().is_some_and(|mark| mark.is_of(&file)));
        assert_eq!(syncs(), before + 1);
        // The process dies before the sync.
        recording.live(Some(0));
        assert!(Synced::sync(&file, 3).is_err());
        recording.stop();
        // A device takes every write and cannot be synced.
        let lost = File::options().write(true).open("/dev/null").unwrap();
        assert!(Synced::sync(&lost, 0).is_err());
    }
}
