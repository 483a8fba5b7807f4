//! A ledger's replay, saved: a start then reads what came after. A cache: without it everything is the same, only later.
//!
//! A snapshot is bound to a place in its ledger by the sum of the line there, and the fold says in which format it is: a
//! new version of the product that folds as the last one did goes on with what that has saved. One that does not match
//! in every respect is ignored. It has what a replay brings: the fold, the byte index and the answered requests.

use super::dedup_record::{self, DedupRecord};
use super::disk;
use super::index::Index;
use super::layout::{self, Layout};
use super::line::Sum;
use super::scan::Place;
use super::synced::{SYNCED_BYTES, Synced};
use bus::plain;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use tracing::warn;

/// What every snapshot of this layout begins with. Change it with the layout.
const MAGIC: &[u8; 8] = b"ccccsnp3";

/// A snapshot is smaller than its ledger. What is this much larger than twice that was not written by us.
const BYTES_MORE: u64 = 16 * 1024 * 1024;

const HASH_BYTES: usize = 32;

/// A snapshot of so many bytes is read while another thread sees whether it is whole.
const BESIDE_BYTES: usize = 4 * 1024 * 1024;

/// What a snapshot begins with that may have a mark of the ledger's file: [`MAGIC`], and a list of nine fields.
const MARKED: &[u8; 9] = b"ccccsnp3\x99";

/// What stands before that mark: how many bytes it has.
const MARK_BEGIN: &[u8; 2] = b"\xc4\x28";

/// A snapshot as it lies in its file, behind [`MAGIC`] and before its hash: MessagePack.
#[derive(Serialize, Deserialize)]
struct Saved {
    ledger: String,
    seq: u64,
    offset: u64,
    sum: Sum,
    opened_seq: u64,
    #[serde(with = "lengths")]
    index: Index,
    #[serde(with = "dedup_record::packed_list")]
    answered: Vec<DedupRecord>,
    #[serde(with = "bytes")]
    fold: Vec<u8>,
    /// Last, so that it can be read by itself; earlier versions have saved none.
    #[serde(default, with = "mark")]
    synced: Option<Synced>,
}

/// Everything that a replay of one ledger brings.
#[derive(Debug, PartialEq)]
pub struct Snapshot {
    /// Where in the ledger it was made.
    pub place: Place,
    /// How the ledger's file was then, if nothing was written behind that place.
    pub synced: Option<Synced>,
    /// Where the events lie.
    pub index: Index,
    /// Requests, by key: a start can take them over as they are.
    pub answered: Vec<DedupRecord>,
    /// Sequence number of the last `x.cccc.opened`; 0 when there was none.
    pub opened_seq: u64,
    /// What the events add up to, in the words of whoever added them up.
    pub fold: Vec<u8>,
}

impl Snapshot {
    /// Reads the snapshot of a ledger of this length; `None` when there is none, or none that is whole.
    pub fn read(layout: &Layout, ledger: &str, ledger_bytes: u64) -> Option<Self> {
        let bytes_max = ledger_bytes.saturating_mul(2).saturating_add(BYTES_MORE);
        let path = layout.snapshot(ledger);
        match begins_as_ours(&path).and_then(|is_ours| is_ours.then(|| plain::read(&path, bytes_max)).transpose()) {
            Ok(bytes) => Self::decode(&bytes?, ledger),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                warn!(%ledger, %error, "its snapshot cannot be used; everything is replayed");
                None
            }
        }
    }

    /// Where in a ledger its snapshot was made, if there is one that is whole: so much was there.
    pub fn seen(layout: &Layout, ledger: &str) -> Option<Place> {
        let ledger_bytes = fs::metadata(layout.ledger(ledger)).map_or(0, |about| about.len());
        Self::read(layout, ledger, ledger_bytes).map(|snapshot| snapshot.place)
    }

    /// Saves it in place of an older one, all at once. Nothing waits for the disk: after a power cut an unfinished
    /// one is recognised by its hash.
    ///
    /// # Errors
    ///
    /// The older one is still there.
    pub fn write(self, layout: &Layout, ledger: &str) -> io::Result<()> {
        layout::make_folder(&layout.cache())?;
        let path = layout.snapshot(ledger);
        let part = path.with_extension("part");
        let bytes = self.encode(ledger)?;
        let save = || {
            let file = disk::open_private(&part)?;
            disk::set_len(&file, 0)?;
            disk::write_at(&file, &bytes, 0)?;
            disk::rename(&part, &path)
        };
        save().inspect_err(|_| {
            // The next one would overwrite it; until then it only takes room.
            let _ = disk::remove_file(&part);
        })
    }

    fn encode(self, ledger: &str) -> io::Result<Vec<u8>> {
        let Self { place, synced, index, answered, opened_seq, fold } = self;
        let saved = Saved {
            ledger: ledger.to_owned(),
            seq: place.seq,
            offset: place.offset,
            sum: place.sum,
            opened_seq,
            index,
            answered,
            fold,
            synced,
        };
        let mut out = MAGIC.to_vec();
        rmp_serde::encode::write(&mut out, &saved).map_err(io::Error::other)?;
        let hash = blake3::hash(&out);
        out.extend_from_slice(hash.as_bytes());
        Ok(out)
    }

    fn decode(bytes: &[u8], ledger: &str) -> Option<Self> {
        let (content, hash) = bytes.split_at_checked(bytes.len().checked_sub(HASH_BYTES)?)?;
        let is_whole = || blake3::hash(content).as_bytes() == hash;
        let read = || rmp_serde::from_slice(content.strip_prefix(MAGIC)?).ok();
        let saved: Saved = if content.len() < BESIDE_BYTES {
            read().filter(|_| is_whole())?
        } else {
            // Reading harms nobody, whatever it is that is read.
            std::thread::scope(|scope| {
                let beside = std::thread::Builder::new().spawn_scoped(scope, is_whole);
                let saved = read();
                let is_whole = match beside {
                    Ok(thread) => thread.join().expect("hashing does not panic"),
                    Err(_) => is_whole(),
                };
                saved.filter(|_| is_whole)
            })?
        };
        let Saved { synced, ledger: of, seq, offset, sum, opened_seq, index, answered, fold } = saved;
        let fits = of == ledger && index.len() == seq && index.end() == offset;
        fits.then_some(Self { place: Place { seq, offset, sum }, synced, index, answered, opened_seq, fold })
    }
}

/// Whether the snapshot of a ledger shows that the ledger's file is on disk as it is. Only a few bytes of it are read: that
/// they may be of a snapshot that is not whole is no danger, because they are of this file or of none.
pub fn shows_synced(layout: &Layout, ledger: &str, file: &File) -> bool {
    let mark = plain::open(&layout.snapshot(ledger), File::options().read(true)).and_then(|snapshot| {
        let (mut begin, mut end) = ([0; MARKED.len()], [0; MARK_BEGIN.len() + SYNCED_BYTES]);
        snapshot.read_exact_at(&mut begin, 0)?;
        let behind = (end.len() + HASH_BYTES) as u64;
        snapshot.read_exact_at(&mut end, snapshot.metadata()?.len().saturating_sub(behind))?;
        let mark = end.strip_prefix(MARK_BEGIN).and_then(|mark| mark.try_into().ok());
        Ok(mark.filter(|_| begin == *MARKED))
    });
    mark.is_ok_and(|mark| mark.is_some_and(|mark| Synced(mark).is_of(file)))
}

/// The mark of the ledger's file, as bytes.
mod mark {
    use super::{SYNCED_BYTES, Synced};
    use crate::state::packed;
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(mark: &Option<Synced>, serializer: S) -> Result<S::Ok, S::Error> {
        packed::write(mark.iter().map(|mark| mark.0), serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Synced>, D::Error> {
        let marks: Vec<Synced> = packed::read(deserializer, |mark: [u8; SYNCED_BYTES]| Synced(mark))?;
        Ok(marks.first().copied())
    }
}

/// The lengths of an index, which are all of it.
mod lengths {
    use super::Index;
    use crate::state::packed;
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(index: &Index, serializer: S) -> Result<S::Ok, S::Error> {
        packed::write(index.lengths().iter().map(|length| length.to_le_bytes()), serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Index, D::Error> {
        packed::read(deserializer, u32::from_le_bytes).map(Index::from_lengths)
    }
}

/// Bytes as such, and not as a list of numbers.
mod bytes {
    use serde::de::Visitor;
    use serde::{Deserializer, Serializer};
    use std::fmt;

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        deserializer.deserialize_bytes(Copied)
    }

    struct Copied;

    impl Visitor<'_> for Copied {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("bytes")
        }

        fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }
    }
}

/// Looked at first, because a ledger may be as wrongly large as its snapshot.
fn begins_as_ours(path: &Path) -> io::Result<bool> {
    let file = plain::open(path, File::options().read(true))?;
    let mut begin = [0; MAGIC.len()];
    Ok(file.read_exact_at(&mut begin, 0).is_ok() && begin == *MAGIC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot() -> Snapshot {
        let index = Index::from_lengths(vec![10, 20, 30]);
        let answered = vec![DedupRecord { key: 7, digest: [3; 8], ts: -1, first: 2, events: 2, is_part: true }];
        Snapshot {
            place: Place { seq: 3, offset: 60, sum: [9; 16] },
            synced: None,
            index,
            answered,
            opened_seq: 1,
            fold: b"fold".to_vec(),
        }
    }

    #[test]
    fn a_snapshot_is_read_back_as_it_was_written() {
        let home = tempfile::tempdir().unwrap();
        let layout = Layout::new(home.path());
        assert_eq!(Snapshot::read(&layout, "home", 60), None);
        for _ in 0..2 {
            snapshot().write(&layout, "home").unwrap();
            assert_eq!(Snapshot::read(&layout, "home", 60), Some(snapshot()));
        }
    }

    #[test]
    fn a_snapshot_shows_which_file_was_synced() {
        let home = tempfile::tempdir().unwrap();
        let layout = Layout::new(home.path());
        let path = home.path().join("ledger");
        fs::write(&path, "x").unwrap();
        let file = File::open(&path).unwrap();
        for (synced, is_shown) in [(None, false), (Synced::of(&file, 1).unwrap(), true), (Some(Synced([7; 40])), false)]
        {
            Snapshot { synced, ..snapshot() }.write(&layout, "home").unwrap();
            assert_eq!(Snapshot::read(&layout, "home", 60), Some(Snapshot { synced, ..snapshot() }));
            assert_eq!(shows_synced(&layout, "home", &file), is_shown, "{synced:?}");
        }
    }

    /// As version 0.5.0 has saved them: what it has is not read again line by line after an upgrade.
    #[test]
    fn requests_that_an_earlier_version_has_saved_are_read() {
        #[derive(Serialize)]
        struct Before {
            ledger: &'static str,
            seq: u64,
            offset: u64,
            sum: Sum,
            opened_seq: u64,
            #[serde(with = "lengths")]
            index: Index,
            answered: Vec<DedupRecord>,
            #[serde(with = "bytes")]
            fold: Vec<u8>,
        }
        let Snapshot { place: Place { seq, offset, sum }, index, answered, opened_seq, fold, .. } = snapshot();
        let before = Before { ledger: "home", seq, offset, sum, opened_seq, index, answered, fold };
        let mut bytes = [&MAGIC[..], &rmp_serde::to_vec(&before).unwrap()].concat();
        bytes.extend_from_slice(blake3::hash(&bytes).as_bytes());
        assert_eq!(Snapshot::decode(&bytes, "home"), Some(snapshot()));
    }

    #[test]
    fn a_large_snapshot_is_read_or_ignored_like_a_small_one() {
        let large = Snapshot { fold: vec![7; BESIDE_BYTES], ..snapshot() };
        let mut bytes = Snapshot { fold: large.fold.clone(), ..snapshot() }.encode("home").unwrap();
        assert!(Snapshot::decode(&bytes, "home") == Some(large));
        for at in [0, BESIDE_BYTES / 2, bytes.len() - 1] {
            bytes[at] ^= 1;
            assert!(Snapshot::decode(&bytes, "home").is_none(), "byte {at}");
            bytes[at] ^= 1;
        }
    }

    #[test]
    fn a_snapshot_that_does_not_match_in_every_respect_is_ignored() {
        let bytes = snapshot().encode("home").unwrap();
        assert!(Snapshot::decode(&bytes, "home").is_some());
        assert!(Snapshot::decode(&bytes, "g_0123456789ab").is_none(), "of another ledger");
        for cut in 0..bytes.len() {
            assert!(Snapshot::decode(&bytes[..cut], "home").is_none(), "cut at {cut}");
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(Snapshot::decode(&changed, "home").is_none(), "byte {at}");
        }
    }
}
