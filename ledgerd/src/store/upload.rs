//! Files that arrive piece by piece. Half of one is a cached part and no state: it is stored under its name once it is
//! whole and is what its hash says, and is removed when nobody has gone on with it for a day.

use super::layout::{self, Layout};
use super::{StoreError, atomic_file, blob, disk, is_short};
use crate::decision::{Piece, Received};
use bus::contract::{id, limit};
use bus::plain;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// Why a piece was not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// It begins beyond what is there.
    #[error("the piece begins at byte {offset}, but only {received} are there; go on from {received}")]
    OutOfStep {
        /// Where it begins.
        offset: u64,
        /// What is there.
        received: u64,
    },
    /// The whole is not what it was to be.
    #[error("what has arrived has another sha256 than was said; nothing was stored: send it again from the beginning")]
    Mismatch,
    /// Too many files are half here.
    #[error(
        "{} files are half here, the limit UPLOADS_MAX is {}; go on with those, or wait",
        limit::UPLOADS_MAX,
        limit::UPLOADS_MAX
    )]
    TooMany,
    /// The group has too many files.
    #[error(
        "the group's files take {bytes} bytes, the limit GROUP_BLOBS_BYTES_MAX is {}; remove some of its state/blobs",
        limit::GROUP_BLOBS_BYTES_MAX
    )]
    TooMuch {
        /// With this one.
        bytes: u64,
    },
    /// The disk did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes pieces, one at a time.
#[derive(Debug)]
pub struct Uploads {
    layout: Layout,
    turn: Mutex<()>,
}

impl Uploads {
    /// Takes pieces for the groups of a home.
    pub fn new(layout: Layout) -> Self {
        Self { layout, turn: Mutex::new(()) }
    }

    /// Takes a piece, which may be there already, and stores the file when it is the last one. Returns once a stored
    /// file will survive a power cut; parts need not.
    ///
    /// # Errors
    ///
    /// It was not taken. After [`UploadError::Mismatch`] nothing of the file is there any more.
    pub fn take(&self, piece: &Piece) -> Result<Received, UploadError> {
        // A panic in between leaves a part that is looked at anew.
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.layout.blobs(&piece.group_id).join(&piece.name);
        let part = self.layout.upload(&piece.group_id, &piece.sha256, piece.bytes);
        if fs::symlink_metadata(&path).is_ok_and(|found| found.is_file() && found.len() == piece.bytes) {
            atomic_file::keep(&path)?;
            return Ok(Received { bytes: piece.bytes, is_stored: true });
        }
        let fail = |source| failed("take a piece of", &part, source);
        let mut received = fs::metadata(&part).map_or(0, |found| found.len());
        if piece.offset > received {
            return Err(UploadError::OutOfStep { offset: piece.offset, received });
        }
        if piece.content.is_empty() && received < piece.bytes {
            return Ok(Received { bytes: received, is_stored: false });
        }
        if received == 0 {
            self.make_way(piece)?;
        }
        let file = disk::open_private(&part).map_err(fail)?;
        disk::write_at(&file, &piece.content, piece.offset).map_err(fail)?;
        received = received.max(piece.offset + piece.content.len() as u64);
        if received < piece.bytes {
            return Ok(Received { bytes: received, is_stored: false });
        }
        if received > piece.bytes
            || plain::open(&part, File::options().read(true)).and_then(id::digest_of).map_err(fail)? != piece.sha256
        {
            disk::remove_file(&part).map_err(fail)?;
            return Err(UploadError::Mismatch);
        }
        // Others may have been stored since it began.
        self.room_for(piece)?;
        self.store(piece, &file, &part, &path).map_err(|source| failed("store", &path, source))?;
        Ok(Received { bytes: received, is_stored: true })
    }

    /// Makes it certain that a new file may come, and removes what was forgotten.
    fn make_way(&self, piece: &Piece) -> Result<(), UploadError> {
        let folder = self.layout.uploads();
        let fail = |source| failed("look at", &folder, source);
        layout::make_folder(&folder).map_err(fail)?;
        let forgotten = SystemTime::now().checked_sub(Duration::from_secs(limit::UPLOAD_HOURS_MAX * 3_600));
        let mut parts = 0;
        for entry in fs::read_dir(&folder).map_err(fail)? {
            let path = entry.map_err(fail)?.path();
            let moved = fs::metadata(&path).and_then(|found| found.modified()).map_err(fail)?;
            if forgotten.is_some_and(|forgotten| moved < forgotten) {
                disk::remove_file(&path).map_err(fail)?;
            } else {
                parts += 1;
            }
        }
        if parts >= limit::UPLOADS_MAX {
            return Err(UploadError::TooMany);
        }
        self.room_for(piece)
    }

    /// Whether the group's files and this one stay below the limit.
    fn room_for(&self, piece: &Piece) -> Result<(), UploadError> {
        let bytes = blob::total(&self.layout, &piece.group_id)?.saturating_add(piece.bytes);
        if bytes > limit::GROUP_BLOBS_BYTES_MAX {
            return Err(UploadError::TooMuch { bytes });
        }
        Ok(())
    }

    fn store(&self, piece: &Piece, file: &File, part: &Path, path: &Path) -> io::Result<()> {
        disk::sync(file)?;
        let folder = self.layout.blobs(&piece.group_id);
        // A group that was deleted meanwhile must not come back as a folder.
        if !self.layout.folder(&piece.group_id).is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the group is gone"));
        }
        layout::make_folder(&folder)?;
        disk::rename(part, path)?;
        disk::sync_folder(&folder)
    }
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> UploadError {
    let path = path.to_path_buf();
    UploadError::Store(if is_short(&source) {
        StoreError::NoSpace { path, source }
    } else {
        StoreError::Io { action, path, source }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::blob::{read, size};

    const GROUP: &str = "g_0123456789ab";

    /// The sha256 of "hello, world".
    const HELLO: &str = "09ca7e4eaa6e8ae9c7d261167129184883644d07dfba7cbfbc4c8a2e08360d5b";

    struct World {
        _home: tempfile::TempDir,
        layout: Layout,
        uploads: Uploads,
    }

    impl World {
        fn new() -> Self {
            let home = tempfile::tempdir().unwrap();
            let layout = Layout::new(home.path());
            layout::make_folder(&layout.folder(GROUP)).unwrap();
            Self { _home: home, uploads: Uploads::new(layout.clone()), layout }
        }

        fn take(&self, offset: u64, content: &str) -> Result<(u64, bool), String> {
            let (sha256, content) = (HELLO.to_owned(), content.as_bytes().to_vec());
            let name = format!("{sha256}_x.txt");
            let piece = Piece { group_id: GROUP.into(), name, sha256, bytes: 12, offset, content };
            let taken = self.uploads.take(&piece).map_err(|error| error.to_string());
            taken.map(|received| (received.bytes, received.is_stored))
        }

        fn stored(&self) -> Vec<String> {
            let entries = fs::read_dir(self.layout.blobs(GROUP)).into_iter().flatten();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        }

        fn parts(&self) -> usize {
            fs::read_dir(self.layout.uploads()).map_or(0, Iterator::count)
        }
    }

    #[test]
    fn a_file_comes_in_pieces_and_is_stored_when_it_is_whole() {
        let world = World::new();
        #[rustfmt::skip]
        let steps = [
            // offset  content         received, stored       why
            (0,        "",             Ok((0, false)),        "nothing is there yet"),
            (3,        "lo",           Err("go on from 0"),   "pieces come in order"),
            (0,        "hello",        Ok((5, false)),        "the first piece"),
            (0,        "hello",        Ok((5, false)),        "the same again"),
            (0,        "",             Ok((5, false)),        "where to go on"),
            (3,        "lo, w",        Ok((8, false)),        "pieces may overlap"),
            (8,        "orld",         Ok((12, true)),        "the last one"),
            (0,        "hello",        Ok((12, true)),        "it is there already"),
        ];
        for (offset, content, wanted, why) in steps {
            let is_last = wanted == Ok((12, true));
            match (world.take(offset, content), wanted) {
                (Ok(taken), Ok(wanted)) => assert_eq!(taken, wanted, "{why}"),
                (Err(error), Err(word)) => assert!(error.contains(word), "{why}: {error}"),
                (taken, _) => panic!("{why}: {taken:?}"),
            }
            assert_eq!(world.stored().len(), usize::from(is_last), "{why}");
        }
        let path = format!("state/blobs/{}", world.stored()[0]);
        assert_eq!((world.parts(), size(&world.layout, GROUP, &path)), (0, Some(12)));
        let piece = read(&world.layout, GROUP, &path, 7, 3).unwrap().unwrap();
        assert_eq!((piece.piece.as_slice(), piece.bytes), (&b"wor"[..], 12));
        assert!(read(&world.layout, GROUP, &path, 99, 3).unwrap().unwrap().piece.is_empty(), "beyond the end");
        assert!(read(&world.layout, GROUP, "state/blobs/gone", 0, 3).unwrap().is_none());
    }

    #[test]
    fn what_is_not_what_it_was_to_be_leaves_nothing() {
        let world = World::new();
        world.take(0, "hello").unwrap();
        assert!(world.take(5, " world!").unwrap_err().contains("another sha256"));
        assert_eq!((world.parts(), world.stored().len(), world.take(0, "").unwrap()), (0, 0, (0, false)));
    }

    #[test]
    fn who_is_wrong_about_the_size_spoils_nobody_elses_part() {
        let world = World::new();
        world.take(0, "hello").unwrap();
        let (sha256, content) = (HELLO.to_owned(), b"hello".to_vec());
        let name = format!("{sha256}_x.txt");
        let wrong = Piece { group_id: GROUP.into(), name, sha256, bytes: 5, offset: 0, content };
        assert!(matches!(world.uploads.take(&wrong), Err(UploadError::Mismatch)));
        assert_eq!(world.take(5, ", world"), Ok((12, true)));
    }

    #[test]
    fn a_deleted_group_does_not_come_back_as_a_folder() {
        let world = World::new();
        world.take(0, "hello").unwrap();
        fs::remove_dir_all(world.layout.folder(GROUP)).unwrap();
        assert!(world.take(5, ", world").is_err());
        assert!(!world.layout.folder(GROUP).exists());
    }

    #[test]
    fn forgotten_parts_go_and_the_rest_is_limited() {
        let world = World::new();
        layout::make_folder(&world.layout.uploads()).unwrap();
        for number in 0..limit::UPLOADS_MAX {
            fs::write(world.layout.uploads().join(format!("part-{number}")), "x").unwrap();
        }
        assert!(world.take(0, "hello").unwrap_err().contains("UPLOADS_MAX"));
        let old = File::options().write(true).open(world.layout.uploads().join("part-7")).unwrap();
        old.set_modified(SystemTime::now() - Duration::from_secs((limit::UPLOAD_HOURS_MAX + 1) * 3_600)).unwrap();
        assert_eq!(world.take(0, "hello"), Ok((5, false)));
        assert!(!world.layout.uploads().join("part-7").exists());
    }
}
