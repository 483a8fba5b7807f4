//! A rising list of sequence numbers: what every "which messages" question is answered from.

use super::packed;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Sequence numbers, each greater than the one before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeqList(Vec<u64>);

impl SeqList {
    /// Adds the newest number. One that is not greater than the last is known already.
    pub fn push(&mut self, seq: u64) {
        if self.0.last().is_none_or(|last| *last < seq) {
            self.0.push(seq);
        }
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a number is in it. Logarithmic.
    pub fn has(&self, seq: u64) -> bool {
        self.0.binary_search(&seq).is_ok()
    }

    /// Puts a number at its place, once; the newest ones are the cheapest.
    pub fn insert(&mut self, seq: u64) {
        if let Err(place) = self.0.binary_search(&seq) {
            self.0.insert(place, seq);
        }
    }

    /// Takes a number out, if it is there.
    pub fn remove(&mut self, seq: u64) {
        if let Ok(place) = self.0.binary_search(&seq) {
            self.0.remove(place);
        }
    }

    /// Those after a number. Logarithmic.
    pub fn after(&self, seq: u64) -> &[u64] {
        &self.0[self.0.partition_point(|known| *known <= seq)..]
    }
}

impl Serialize for SeqList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        packed::write(self.0.iter().map(|seq| seq.to_le_bytes()), serializer)
    }
}

impl<'de> Deserialize<'de> for SeqList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        packed::read(deserializer, u64::from_le_bytes).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_rises_and_goes_there_and_back() {
        let mut seqs = SeqList::default();
        [1, 5, 5, 4, 1 << 40].into_iter().for_each(|seq| seqs.push(seq));
        assert_eq!(seqs.after(0), [1, 5, 1 << 40]);
        assert_eq!((seqs.after(4), seqs.after(5), seqs.after(u64::MAX)), (&[5, 1 << 40][..], &[1 << 40][..], &[][..]));
        [1, 3, 3, 9].into_iter().for_each(|seq| seqs.insert(seq));
        [5, 5, 7].into_iter().for_each(|seq| seqs.remove(seq));
        assert_eq!(seqs.after(0), [1, 3, 9, 1 << 40]);
        assert!(seqs.has(9) && !seqs.has(5));
        let packed = rmp_serde::to_vec_named(&seqs).unwrap();
        assert_eq!(rmp_serde::from_slice::<SeqList>(&packed).unwrap(), seqs);
    }
}
