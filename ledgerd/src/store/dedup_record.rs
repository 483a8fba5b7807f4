//! What is remembered of one answered request: which it was, what it asked, and where its events lie.
//!
//! Nothing here is kept for its own sake: it is made again from the ledgers, which carry each request's id.

use super::line::OpDigest;
use super::scan::Whole;
use bus::contract::limit::{REPLAY_WINDOW_HOURS, REPLAY_WINDOW_REQUESTS_MIN};
use bus::contract::time::{self, Micros};
use bus::contract::{Principal, op::Op};
use serde::{Deserialize, Serialize};

/// Bytes of a record in a snapshot.
const PACKED_BYTES: usize = 45;

/// Requests that are remembered at most, however young they are: about 50 MB of those before a start and 100 MB of
/// those since.
pub const REPLAY_WINDOW_REQUESTS_MAX: usize = 1_000_000;

/// How long a request is remembered at least, as long as there are not too many.
pub const WINDOW: Micros = REPLAY_WINDOW_HOURS * 3_600 * 1_000_000;

/// Stands for a request id.
pub type Key = u128;

/// The key of a request id.
pub fn key(request_id: &str) -> Key {
    let mut bytes = [0; 16];
    blake3::Hasher::new().update(request_id.as_bytes()).finalize_xof().fill(&mut bytes);
    Key::from_le_bytes(bytes)
}

/// Digest of what is asked and of who asks. Private values do not count: nothing of them may be kept, and a request id
/// that is used again with another value is answered as before.
pub fn digest(principal: &Principal, op: &Op) -> OpDigest {
    struct Sink(blake3::Hasher);
    impl std::io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut sink = std::io::BufWriter::with_capacity(1024, Sink(blake3::Hasher::new()));
    serde_json::to_writer(&mut sink, &(principal, op.without_values())).expect("a request is plain data");
    let sink = sink.into_inner().unwrap_or_else(|_| unreachable!("hashing cannot fail"));
    let mut digest = OpDigest::default();
    sink.0.finalize_xof().fill(&mut digest);
    digest
}

/// One request's events in one ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DedupRecord {
    /// Whose.
    pub key: Key,
    /// What was asked.
    pub digest: OpDigest,
    /// When, by the last event.
    pub ts: Micros,
    /// The first event.
    pub first: u64,
    /// How many.
    pub events: u32,
    /// Whether another ledger has decided on it.
    pub is_part: bool,
}

impl DedupRecord {
    /// What is to be remembered of a request on disk; nothing of events that belong to none.
    pub fn of(whole: &Whole) -> Option<Self> {
        let (first, last) = (whole.records.first()?, whole.records.last()?);
        let req = first.req.as_ref()?;
        Some(Self {
            key: key(&req.id),
            digest: req.op,
            ts: time::parse(&last.event.ts)?,
            first: first.event.seq,
            events: u32::try_from(whole.records.len()).ok()?,
            is_part: req.with.is_some(),
        })
    }

    fn to_bytes(self) -> [u8; PACKED_BYTES] {
        let Self { key, digest, ts, first, events, is_part } = self;
        let (mut bytes, mut end) = ([0; PACKED_BYTES], 0);
        let mut put = |part: &[u8]| {
            bytes[end..end + part.len()].copy_from_slice(part);
            end += part.len();
        };
        put(&key.to_le_bytes());
        put(&digest);
        put(&ts.to_le_bytes());
        put(&first.to_le_bytes());
        put(&events.to_le_bytes());
        put(&[u8::from(is_part)]);
        bytes
    }

    fn from_bytes(bytes: [u8; PACKED_BYTES]) -> Self {
        fn take<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
            let (part, rest) = bytes.split_first_chunk().expect("the parts are as long as the whole");
            *bytes = rest;
            *part
        }
        let mut rest = &bytes[..];
        Self {
            key: Key::from_le_bytes(take(&mut rest)),
            digest: take(&mut rest),
            ts: Micros::from_le_bytes(take(&mut rest)),
            first: u64::from_le_bytes(take(&mut rest)),
            events: u32::from_le_bytes(take(&mut rest)),
            is_part: take::<1>(&mut rest) != [0],
        }
    }
}

/// The records of a snapshot: packed, because a ledger may have a million of them. Version 0.5.0 has written each as
/// a list of its fields, which is read as well.
pub mod packed_list {
    use super::DedupRecord;
    use crate::state::packed;
    use serde::de::{SeqAccess, Visitor};
    use serde::{Deserializer, Serializer};
    use std::fmt;

    /// Writes them.
    ///
    /// # Errors
    ///
    /// The serialiser's.
    pub fn serialize<S: Serializer>(records: &[DedupRecord], serializer: S) -> Result<S::Ok, S::Error> {
        packed::write(records.iter().map(|record| record.to_bytes()), serializer)
    }

    /// Reads them, in either form.
    ///
    /// # Errors
    ///
    /// They are none.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<DedupRecord>, D::Error> {
        deserializer.deserialize_any(Records)
    }

    struct Records;

    impl<'de> Visitor<'de> for Records {
        type Value = Vec<DedupRecord>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("records of answered requests")
        }

        fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
            packed::list(bytes, DedupRecord::from_bytes)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut lists: A) -> Result<Self::Value, A::Error> {
            let mut records = Vec::new();
            while let Some(record) = lists.next_element()? {
                records.push(record);
            }
            Ok(records)
        }
    }
}

/// Forgets what may be forgotten, in whatever order it is.
pub fn trim(answered: &mut Vec<DedupRecord>) {
    let since = kept_since(answered.iter().map(|one| one.ts));
    answered.retain(|one| one.ts >= since);
}

/// The age from which on requests are kept: the last 24 hours, never fewer than the least number, never more than the
/// greatest.
pub fn kept_since(ages: impl Iterator<Item = Micros> + Clone) -> Micros {
    let (mut count, mut first, mut now) = (0, Micros::MAX, Micros::MIN);
    ages.clone().for_each(|ts| (count, first, now) = (count + 1, first.min(ts), now.max(ts)));
    let is_young = count <= REPLAY_WINDOW_REQUESTS_MAX && first >= now.saturating_sub(WINDOW);
    if count <= REPLAY_WINDOW_REQUESTS_MIN || is_young {
        return Micros::MIN;
    }
    let mut ages: Vec<Micros> = ages.collect();
    let wanted = youngest(&mut ages, REPLAY_WINDOW_REQUESTS_MIN).min(now - WINDOW);
    if ages.len() <= REPLAY_WINDOW_REQUESTS_MAX {
        return wanted;
    }
    wanted.max(youngest(&mut ages, REPLAY_WINDOW_REQUESTS_MAX))
}

/// The age of the last of the youngest `count`.
fn youngest(ages: &mut [Micros], count: usize) -> Micros {
    *ages.select_nth_unstable_by(count - 1, |a, b| b.cmp(a)).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use bus::contract::op::message::Send;

    #[test]
    fn the_digest_tells_what_is_asked_and_who_asks() {
        let send = |text: &str| Op::Send(Send { text: text.into(), ..Send::default() });
        let (user, other) = (Principal::claimed("user"), Principal::claimed("a"));
        assert_eq!(digest(&user, &send("a")), digest(&user, &send("a")));
        assert_ne!(digest(&user, &send("a")), digest(&user, &send("b")));
        assert_ne!(digest(&user, &send("a")), digest(&other, &send("a")));
    }

    #[test]
    fn only_what_is_old_and_beyond_the_least_number_is_forgotten() {
        let (min, max) = (REPLAY_WINDOW_REQUESTS_MIN, REPLAY_WINDOW_REQUESTS_MAX);
        #[rustfmt::skip]
        let cases = [
            // old ones     young ones     kept         why
            (min,           0,             min,         "there are not many"),
            (min,           5,             min,         "five of the old ones make room"),
            (5,             min,           min,         "all of the old ones do"),
            (5,             min + 9,       min + 9,     "young ones stay"),
            (0,             max + 3,       max,         "but not without end"),
        ];
        for (old, young, kept, why) in cases {
            let ages = (0..old).chain(2 * WINDOW.unsigned_abs() as usize..).take(old + young);
            let ages: Vec<Micros> = ages.map(|age| age as Micros).collect();
            let since = kept_since(ages.iter().copied());
            assert_eq!(ages.iter().filter(|age| **age >= since).count(), kept, "{why}");
        }
    }
}
