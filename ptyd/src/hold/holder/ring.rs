//! The newest output of a terminal, in memory, by offset.

/// How much output is kept in memory.
pub const RING_BYTES_MAX: usize = 1024 * 1024;

/// The last [`RING_BYTES_MAX`] bytes of a row of bytes that only grows. Takes only as much memory as there is output.
#[derive(Debug, Default)]
pub struct Ring {
    /// The byte of offset `n` is at `n % RING_BYTES_MAX`.
    bytes: Vec<u8>,
    end: u64,
}

impl Ring {
    /// Offset of the oldest byte that is kept.
    pub fn start(&self) -> u64 {
        self.end - self.bytes.len() as u64
    }

    /// Offset behind the newest byte.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Appends bytes; the oldest ones make room.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let at = place(self.end);
            let (now, rest) = bytes.split_at(bytes.len().min(RING_BYTES_MAX - at));
            match self.bytes.len() == RING_BYTES_MAX {
                true => self.bytes[at..at + now.len()].copy_from_slice(now),
                false => self.bytes.extend_from_slice(now),
            }
            self.end += now.len() as u64;
            bytes = rest;
        }
    }

    /// The bytes from an offset on, at most `bytes_max` and as far as they lie in one piece; empty when there is nothing.
    pub fn read(&self, offset: u64, bytes_max: usize) -> &[u8] {
        if offset < self.start() || offset >= self.end {
            return &[];
        }
        let at = place(offset);
        let len = ((self.end - offset) as usize).min(bytes_max).min(self.bytes.len() - at);
        &self.bytes[at..at + len]
    }
}

fn place(offset: u64) -> usize {
    (offset % RING_BYTES_MAX as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(ring: &Ring, mut offset: u64) -> Vec<u8> {
        let mut all = Vec::new();
        while offset < ring.end() {
            let piece = ring.read(offset, 1000);
            assert!(!piece.is_empty(), "a hole at {offset}");
            offset += piece.len() as u64;
            all.extend_from_slice(piece);
        }
        all
    }

    #[test]
    fn the_newest_bytes_are_there_whatever_was_pushed() {
        let sizes =
            [0, 1, 999, RING_BYTES_MAX - 1000, 1, RING_BYTES_MAX - 1, RING_BYTES_MAX, 3 * RING_BYTES_MAX + 7, 5];
        let (mut ring, mut all) = (Ring::default(), Vec::new());
        for (round, size) in sizes.into_iter().enumerate() {
            let bytes: Vec<u8> = (0..size).map(|n| (n * 31 + round * 7) as u8).collect();
            ring.push(&bytes);
            all.extend_from_slice(&bytes);
            let kept = all.len().min(RING_BYTES_MAX);
            assert_eq!((ring.start(), ring.end()), ((all.len() - kept) as u64, all.len() as u64));
            assert!(read_all(&ring, ring.start()) == all[all.len() - kept..], "after push {round}");
        }
        assert!(ring.read(ring.start() - 1, 10).is_empty() && ring.read(ring.end(), 10).is_empty());
    }
}
