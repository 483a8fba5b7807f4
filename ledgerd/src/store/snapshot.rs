//! A ledger's replay, saved: a start then reads what came after. A cache: without it everything is the same, only later.
//!
//! A snapshot is bound to a place in its ledger by the sum of the line there, and the fold says in which format it is: a
//! new version of the product that folds as the last one did goes on with what that has saved. One that does not match
//! in every respect is ignored. It has what a replay brings: the fold, the byte index and the answered requests.

use super::answered::Answered;
use super::index::Index;
use super::layout::{self, Layout};
use super::line::{OpDigest, Sum};
use super::scan::Place;
use bus::plain;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use tracing::warn;

/// What every snapshot of this layout begins with. Change it with the layout.
const MAGIC: &[u8; 8] = b"ccccsnp2";

/// A snapshot is smaller than its ledger. What is this much larger than twice that was not written by us.
const BYTES_MORE: u64 = 16 * 1024 * 1024;

const HASH_BYTES: usize = 32;
const ANSWERED_BYTES: usize = 16 + 8 + 8 + 8 + 4 + 1;

/// Everything that a replay of one ledger brings.
#[derive(Debug, PartialEq)]
pub struct Snapshot {
    /// Where in the ledger it was made.
    pub place: Place,
    /// Where the events lie.
    pub index: Index,
    /// Requests, by key: a start can take them over as they are.
    pub answered: Vec<Answered>,
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

    /// Saves it in place of an older one, all at once. Nothing waits for the disk: after a power cut an unfinished
    /// one is recognised by its hash.
    ///
    /// # Errors
    ///
    /// The older one is still there.
    pub fn write(&self, layout: &Layout, ledger: &str) -> io::Result<()> {
        layout::make_folder(&layout.cache())?;
        let path = layout.snapshot(ledger);
        let part = path.with_extension("part");
        let save = || {
            let mut file = layout::open_private(&part)?;
            file.set_len(0)?;
            file.write_all(&self.encode(ledger))?;
            fs::rename(&part, &path)
        };
        save().inspect_err(|_| {
            // The next one would overwrite it; until then it only takes room.
            let _ = fs::remove_file(&part);
        })
    }

    fn encode(&self, ledger: &str) -> Vec<u8> {
        let lengths = self.index.lengths();
        let mut out =
            Vec::with_capacity(self.fold.len() + lengths.len() * 4 + self.answered.len() * ANSWERED_BYTES + 512);
        out.extend_from_slice(MAGIC);
        push_bytes(&mut out, ledger.as_bytes());
        for number in [self.place.seq, self.place.offset, self.opened_seq] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&self.place.sum);
        push_len(&mut out, lengths.len());
        lengths.iter().for_each(|length| out.extend_from_slice(&length.to_le_bytes()));
        push_len(&mut out, self.answered.len());
        for one in &self.answered {
            out.extend_from_slice(&one.key.to_le_bytes());
            out.extend_from_slice(&one.digest);
            out.extend_from_slice(&one.ts.to_le_bytes());
            out.extend_from_slice(&one.first.to_le_bytes());
            out.extend_from_slice(&one.events.to_le_bytes());
            out.push(u8::from(one.is_part));
        }
        push_bytes(&mut out, &self.fold);
        let hash = blake3::hash(&out);
        out.extend_from_slice(hash.as_bytes());
        out
    }

    fn decode(bytes: &[u8], ledger: &str) -> Option<Self> {
        let (content, hash) = bytes.split_at_checked(bytes.len().checked_sub(HASH_BYTES)?)?;
        let mut input = Input(content);
        if input.array::<8>()? != *MAGIC || input.bytes()? != ledger.as_bytes() {
            return None;
        }
        if blake3::hash(content).as_bytes() != hash {
            return None;
        }
        let (seq, offset, opened_seq) = (input.number()?, input.number()?, input.number()?);
        let sum: Sum = input.array()?;
        let lengths = input.len()?;
        let lengths = input.take(lengths.checked_mul(4)?)?.chunks_exact(4);
        let index = Index::from_lengths(lengths.map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect());
        let count = input.len()?;
        let mut rows = Input(input.take(count.checked_mul(ANSWERED_BYTES)?)?);
        let answered = (0..count).map(|_| rows.answered()).collect::<Option<Vec<_>>>()?;
        let fold = input.bytes()?.to_vec();
        let place = Place { seq, offset, sum };
        let fits = index.len() == seq && index.end() == offset;
        fits.then_some(Self { place, index, answered, opened_seq, fold })
    }
}

/// Looked at first, because a ledger may be as wrongly large as its snapshot.
fn begins_as_ours(path: &Path) -> io::Result<bool> {
    let file = plain::open(path, File::options().read(true))?;
    let mut begin = [0; MAGIC.len()];
    Ok(file.read_exact_at(&mut begin, 0).is_ok() && begin == *MAGIC)
}

fn push_len(out: &mut Vec<u8>, len: usize) {
    out.extend_from_slice(&(len as u64).to_le_bytes());
}

fn push_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    push_len(out, bytes.len());
    out.extend_from_slice(bytes);
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn len(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = self.len()?;
        self.take(len)
    }

    fn answered(&mut self) -> Option<Answered> {
        Some(Answered {
            key: u128::from_le_bytes(self.array()?),
            digest: self.array::<{ size_of::<OpDigest>() }>()?,
            ts: i64::from_le_bytes(self.array()?),
            first: self.number()?,
            events: u32::from_le_bytes(self.array()?),
            is_part: self.array::<1>()? == [1],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot() -> Snapshot {
        let index = Index::from_lengths(vec![10, 20, 30]);
        let answered = vec![Answered { key: 7, digest: [3; 8], ts: -1, first: 2, events: 2, is_part: true }];
        Snapshot {
            place: Place { seq: 3, offset: 60, sum: [9; 16] },
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
    fn a_snapshot_that_does_not_match_in_every_respect_is_ignored() {
        let bytes = snapshot().encode("home");
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
