//! Where each event of a ledger lies: four bytes an event.

use std::ops::RangeInclusive;

/// Events between two remembered offsets. More saves memory, fewer save additions.
const STRIDE: usize = 64;

/// A piece of a ledger's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub offset: u64,
    /// Its length, newlines included.
    pub bytes: u64,
}

impl Span {
    /// Where it ends.
    pub fn end(self) -> u64 {
        self.offset + self.bytes
    }
}

/// The length of each event's line, and some offsets. Sequence numbers count from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    bytes: Vec<u32>,
    /// Offset of every [`STRIDE`]th event.
    anchors: Vec<u64>,
    end: u64,
}

impl Index {
    /// An index of lines with these lengths, as they were saved.
    pub fn from_lengths(bytes: Vec<u32>) -> Self {
        let mut index = Self { anchors: Vec::with_capacity(bytes.len() / STRIDE + 1), ..Self::default() };
        for (place, length) in bytes.iter().enumerate() {
            if place % STRIDE == 0 {
                index.anchors.push(index.end);
            }
            index.end += u64::from(*length);
        }
        Self { bytes, ..index }
    }

    /// The length of every line, to be saved.
    pub fn lengths(&self) -> &[u32] {
        &self.bytes
    }

    /// How many events there are; the last one's sequence number.
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Where the last event ends.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Adds the next event.
    pub fn push(&mut self, bytes: usize) {
        if self.bytes.len().is_multiple_of(STRIDE) {
            self.anchors.push(self.end);
        }
        self.bytes.push(u32::try_from(bytes).expect("a line has a limit far below 4 GiB"));
        self.end += bytes as u64;
    }

    /// Forgets every event after `len`.
    pub fn truncate(&mut self, len: u64) {
        let Ok(len) = usize::try_from(len) else { return };
        if len >= self.bytes.len() {
            return;
        }
        self.end = self.offset(len);
        self.bytes.truncate(len);
        self.anchors.truncate(len.div_ceil(STRIDE));
    }

    /// Where consecutive events lie; `None` when one of them does not exist.
    pub fn span(&self, seqs: RangeInclusive<u64>) -> Option<Span> {
        let first = place(*seqs.start())?;
        let last = place(*seqs.end())?;
        if first > last || last >= self.bytes.len() {
            return None;
        }
        let offset = self.offset(first);
        Some(Span { offset, bytes: self.offset(last) + u64::from(self.bytes[last]) - offset })
    }

    /// The last of at most `events_max` events after `after`, taking no more than `bytes_max` but at least one;
    /// `None` when there is none.
    pub fn run(&self, after: u64, events_max: usize, bytes_max: u64) -> Option<u64> {
        let first = usize::try_from(after).ok()?;
        let mut taken = 0;
        let run = self.bytes.get(first..)?.iter().take(events_max.max(1)).take_while(|bytes| {
            let fits = taken == 0 || taken + u64::from(**bytes) <= bytes_max;
            taken += u64::from(**bytes);
            fits
        });
        match run.count() {
            0 => None,
            events => Some(after + events as u64),
        }
    }

    fn offset(&self, place: usize) -> u64 {
        let anchor = place / STRIDE;
        match self.anchors.get(anchor) {
            Some(offset) => offset + self.bytes[anchor * STRIDE..place].iter().map(|b| u64::from(*b)).sum::<u64>(),
            None => self.end,
        }
    }
}

fn place(seq: u64) -> Option<usize> {
    usize::try_from(seq.checked_sub(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(events: u64) -> Index {
        let mut index = Index::default();
        (1..=events).for_each(|seq| index.push(usize::try_from(seq).unwrap()));
        index
    }

    #[test]
    fn events_are_found_where_they_lie() {
        let index = index(200);
        for (first, last) in [(1, 1), (1, 200), (64, 66), (65, 65), (128, 129), (200, 200)] {
            let offset = (1..first).sum::<u64>();
            let bytes = (first..=last).sum::<u64>();
            assert_eq!(index.span(first..=last), Some(Span { offset, bytes }), "{first} to {last}");
        }
        for (first, last) in [(0, 1), (201, 201), (1, 201), (5, 4)] {
            assert_eq!(index.span(first..=last), None, "{first} to {last}");
        }
    }

    #[test]
    fn forgetting_the_end_and_adding_again_changes_nothing() {
        for keep in [0, 1, 63, 64, 65, 128, 199] {
            let mut shortened = index(200);
            shortened.truncate(keep);
            assert_eq!((shortened.len(), shortened.end()), (keep, (1..=keep).sum()));
            (keep + 1..=200).for_each(|seq| shortened.push(usize::try_from(seq).unwrap()));
            assert_eq!(shortened, index(200), "kept {keep}");
        }
    }

    #[test]
    fn an_index_is_made_again_from_its_lengths() {
        let index = index(150);
        assert_eq!(Index::from_lengths(index.lengths().to_vec()), index);
    }

    #[test]
    fn a_run_has_at_least_one_event_and_respects_both_limits() {
        let index = index(100);
        #[rustfmt::skip]
        let cases = [
            // after  events  bytes   last
            (0,       10,     1000,   Some(10)),
            (0,       10,     6,      Some(3)),
            (90,      10,     1,      Some(91)),
            (90,      50,     10_000, Some(100)),
            (100,     10,     1000,   None),
            (500,     10,     1000,   None),
        ];
        for (after, events, bytes, last) in cases {
            assert_eq!(index.run(after, events, bytes), last, "after {after}, {events} events, {bytes} bytes");
        }
    }
}
