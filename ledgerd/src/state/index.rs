//! Which events a ledger has: their ids, kinds and times, and where they are. 25 bytes an event.
//!
//! Ids of ours rise, so the list of ids is its own index: it is searched by halving. An id that does not rise (the
//! clock went back, or another program made it) is kept beside it.

use super::packed;
use bus::contract::event::KINDS;
use bus::contract::time::Micros;
use bus::contract::{Event, id};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Kind of an event that no row of [`KINDS`] names.
const UNKNOWN: u8 = u8::MAX;

/// The events of one ledger, by id and by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// By sequence number, from 1. At the place of a stray, its predecessor's id is repeated.
    ids: Ids,
    #[serde(with = "kinds")]
    kinds: Vec<u8>,
    #[serde(with = "times")]
    times: Vec<Micros>,
    strays: BTreeMap<u128, u64>,
}

/// Which events lie around one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Around {
    /// Sequence numbers, rising, the centre included when it is of the kinds.
    pub seqs: Vec<u64>,
    /// Where the centre is in `seqs`.
    pub center: Option<usize>,
    /// Whether there are more before the first.
    pub more_before: bool,
    /// Whether there are more after the last.
    pub more_after: bool,
}

impl Index {
    /// Adds an event. Sequence numbers follow each other without a gap.
    pub fn push(&mut self, event: &Event, ts: Micros) {
        let key = key(&event.id);
        let last = self.ids.0.last().copied().unwrap_or(0);
        if key > last {
            self.ids.0.push(key);
        } else {
            self.ids.0.push(last);
            self.strays.entry(key).or_insert(event.seq);
        }
        self.kinds.push(code(event.kind()));
        self.times.push(ts);
    }

    /// When an event of this ledger happened.
    pub fn time(&self, seq: u64) -> Micros {
        self.times[seq as usize - 1]
    }

    /// The id of an event of this ledger, as ids of ours are written.
    pub fn id(&self, seq: u64) -> String {
        let place = seq as usize - 1;
        let key = self.ids.0[place];
        let is_stray = place > 0 && self.ids.0[place - 1] == key;
        let stray = self.strays.iter().find(|(_, known)| is_stray && **known == seq).map(|(key, _)| *key);
        format!("{:032x}", stray.unwrap_or(key))
    }

    /// What an event of this ledger is; `""` when this version does not know its kind.
    pub fn kind(&self, seq: u64) -> &'static str {
        KINDS.get(usize::from(self.kinds[seq as usize - 1])).copied().unwrap_or_default()
    }

    /// Sequence number of an event.
    pub fn find(&self, event_id: &str) -> Option<u64> {
        let key = key(event_id);
        if let Some(seq) = self.strays.get(&key) {
            return Some(*seq);
        }
        let place = self.ids.0.partition_point(|id| *id < key);
        (self.ids.0.get(place) == Some(&key)).then(|| place as u64 + 1)
    }

    /// Sequence number of the first event that is not earlier than a time; one after the last when all are.
    pub fn not_before(&self, time: Micros) -> u64 {
        self.times.partition_point(|known| *known < time) as u64 + 1
    }

    /// The events around `center` (the end of the ledger when `None`): up to `before` and `after`, of the kinds
    /// named (all when none is).
    pub fn around(&self, center: Option<u64>, before: usize, after: usize, kinds: &[String]) -> Around {
        let mut is_wanted = [kinds.is_empty(); 256];
        kinds
            .iter()
            .map(|kind| code(kind))
            .filter(|code| *code != UNKNOWN)
            .for_each(|code| is_wanted[code as usize] = true);
        let wanted = |place: &usize| is_wanted[self.kinds[*place] as usize];
        // Places count from 0, sequence numbers from 1. Without a centre, everything lies before the end.
        let middle = center.map_or(self.kinds.len(), |seq| seq as usize - 1);
        let mut earlier: Vec<_> = (0..middle).rev().filter(wanted).take(before + 1).collect();
        let more_before = earlier.len() > before;
        earlier.truncate(before);
        earlier.reverse();
        let first_after = if center.is_some() { middle + 1 } else { middle };
        let mut later: Vec<_> = (first_after..self.kinds.len()).filter(wanted).take(after + 1).collect();
        let more_after = later.len() > after;
        later.truncate(after);
        let own = center.map(|_| middle).filter(wanted);
        let place = own.map(|_| earlier.len());
        let seqs = earlier.into_iter().chain(own).chain(later).map(|place| place as u64 + 1).collect();
        Around { seqs, center: place, more_before, more_after }
    }
}

/// The bits of an id; any other text is hashed into as many.
fn key(event_id: &str) -> u128 {
    let bytes = id::bytes(event_id).unwrap_or_else(|| {
        let hash = Sha256::digest(event_id.as_bytes());
        hash[..16].try_into().expect("a hash has 32 bytes")
    });
    u128::from_be_bytes(bytes)
}

fn code(kind: &str) -> u8 {
    KINDS.iter().position(|known| *known == kind).and_then(|place| u8::try_from(place).ok()).unwrap_or(UNKNOWN)
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Ids(Vec<u128>);

impl Serialize for Ids {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        packed::write(self.0.iter().map(|id| id.to_le_bytes()), serializer)
    }
}

impl<'de> Deserialize<'de> for Ids {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        packed::read(deserializer, u128::from_le_bytes).map(Self)
    }
}

mod kinds {
    use super::packed;
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(kinds: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        packed::write(kinds.iter().map(|kind| [*kind]), serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        packed::read(deserializer, |[kind]: [u8; 1]| kind)
    }
}

mod times {
    use super::packed;
    use bus::contract::time::Micros;
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(times: &[Micros], serializer: S) -> Result<S::Ok, S::Error> {
        packed::write(times.iter().map(|time| time.to_le_bytes()), serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Micros>, D::Error> {
        packed::read(deserializer, Micros::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bus::contract::event::{Body, ChatRead};
    use serde_json::Value;

    fn event(seq: u64, id: &str, is_read: bool) -> Event {
        let body = if is_read {
            ChatRead { actor_id: "a".into(), event_id: "e".into(), event_ids: vec![] }.into()
        } else {
            Body::Unknown { kind: "x.other".into(), data: Value::Null }
        };
        let (ts, group_id, scope_key, by) = Default::default();
        Event { seq, id: id.into(), ts, group_id, scope_key, by, body }
    }

    fn filled() -> (Index, Vec<String>) {
        // Rising, a step back, a foreign spelling, rising again.
        let ids: Vec<String> = [10_u128, 20, 15, 30, 5, 40].iter().map(|id| format!("{id:032x}")).collect();
        let mut ids = ids;
        ids.insert(3, "not-hex".into());
        let mut index = Index::default();
        for (place, id) in ids.iter().enumerate() {
            index.push(&event(place as u64 + 1, id, place % 2 == 0), place as Micros);
        }
        (index, ids)
    }

    #[test]
    fn every_id_is_found_whether_or_not_ids_rise() {
        let (index, ids) = filled();
        for (place, id) in ids.iter().enumerate() {
            assert_eq!(index.find(id), Some(place as u64 + 1), "{id}");
            assert_eq!(index.time(place as u64 + 1), place as Micros);
        }
        for (time, seq) in [(-1, 1), (0, 1), (3, 4), (6, 7), (7, 8)] {
            assert_eq!(index.not_before(time), seq, "{time}");
        }
        for missing in ["", "x", &format!("{:032x}", 11), &"f".repeat(32)] {
            assert_eq!(index.find(missing), None, "{missing}");
        }
        let packed = rmp_serde::to_vec_named(&index).unwrap();
        assert_eq!(rmp_serde::from_slice::<Index>(&packed).unwrap(), index);
    }

    #[test]
    fn a_window_counts_only_the_kinds_it_shows() {
        let (index, _) = filled();
        let read = vec!["chat.read".to_owned()];
        #[rustfmt::skip]
        let cases = [
            // center   before after kinds    seqs                     center   more before, after
            (None,      3,     0,    vec![],  vec![5, 6, 7],           None,    true,  false),
            (None,      9,     9,    vec![],  vec![1, 2, 3, 4, 5, 6, 7], None,  false, false),
            (Some(4),   1,     1,    vec![],  vec![3, 4, 5],           Some(1), true,  true),
            (Some(1),   5,     0,    vec![],  vec![1],                 Some(0), false, true),
            (Some(3),   1,     1,    read.clone(), vec![1, 3, 5],      Some(1), false, true),
            (Some(4),   2,     2,    read,    vec![1, 3, 5, 7],        None,    false, false),
            (Some(4),   2,     2,    vec!["no.such".into()], vec![],   None,    false, false),
        ];
        for (center, before, after, kinds, seqs, place, more_before, more_after) in cases {
            let around = index.around(center, before, after, &kinds);
            assert_eq!(around, Around { seqs, center: place, more_before, more_after }, "{center:?} {kinds:?}");
        }
    }
}
