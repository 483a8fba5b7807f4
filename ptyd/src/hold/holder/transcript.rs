//! Everything a terminal has shown, as far as anybody still has it: the ring first, then the log.

use super::ring::Ring;
use crate::hold::log::{Log, Piece};
use std::io;
use std::path::Path;
use std::time::Instant;

/// The output of one terminal.
#[derive(Debug)]
pub struct Transcript {
    ring: Ring,
    log: Log,
}

impl Transcript {
    /// Nothing yet; the log's files will be in `folder`.
    pub fn new(folder: &Path, log_bytes_max: u64) -> Self {
        Self { ring: Ring::default(), log: Log::new(folder, log_bytes_max) }
    }

    /// Offset behind the newest byte: how much output there was in all.
    pub fn end(&self) -> u64 {
        self.ring.end()
    }

    /// Offset from which on everything can be read.
    pub fn start(&self) -> u64 {
        self.ring.start().min(self.log.start_of_unbroken(self.end()))
    }

    /// Takes new output. It is in the ring in any case.
    ///
    /// # Errors
    ///
    /// It is not in the log.
    pub fn append(&mut self, bytes: &[u8], now: Instant) -> io::Result<()> {
        let offset = self.end();
        self.ring.push(bytes);
        self.log.append(offset, bytes, now)
    }

    /// Has the log go on in a new file if the one it wrote was removed. What is in that can still be read by us.
    pub fn leave_removed(&mut self) {
        self.log.leave_removed();
    }

    /// What there is at an offset. What the log cannot give is lost, and the error says why.
    pub fn read(&self, offset: u64, bytes_max: usize) -> (Piece, Option<io::Error>) {
        let (start, end) = (self.ring.start(), self.ring.end());
        if offset >= end {
            return (Piece::Nothing, None);
        }
        if offset >= start {
            return (Piece::Bytes(self.ring.read(offset, bytes_max).to_vec()), None);
        }
        match self.log.read(offset, bytes_max) {
            Ok(Piece::Bytes(bytes)) => (Piece::Bytes(bytes), None),
            Ok(Piece::Lost { until }) => (Piece::Lost { until: until.min(start) }, None),
            Ok(Piece::Nothing) => (Piece::Lost { until: start }, None),
            Err(error) => (Piece::Lost { until: start }, Some(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ring::RING_BYTES_MAX;
    use super::*;

    /// Output is read on from wherever a reader was, and what nobody has any more is said to be lost.
    #[test]
    fn a_reader_goes_from_the_log_to_the_ring_without_a_seam() {
        let folder = tempfile::tempdir().unwrap();
        let log_bytes_max = RING_BYTES_MAX as u64;
        let mut transcript = Transcript::new(folder.path(), log_bytes_max);
        let all: Vec<u8> = (0..4 * RING_BYTES_MAX as u32 + 12_345).map(|n| (n / 3) as u8).collect();
        for part in all.chunks(50_000) {
            transcript.append(part, Instant::now()).unwrap();
        }
        let (mut at, mut lost, mut pieces) = (0, 0, 0);
        loop {
            match transcript.read(at, 60_000).0 {
                Piece::Bytes(bytes) => {
                    assert!(bytes == all[at as usize..at as usize + bytes.len()], "at {at}");
                    at += bytes.len() as u64;
                    pieces += 1;
                }
                Piece::Lost { until } => {
                    lost += until - at;
                    at = until;
                }
                Piece::Nothing => break,
            }
        }
        assert_eq!((at, lost), (all.len() as u64, transcript.start()));
        assert!(all.len() as u64 - lost > RING_BYTES_MAX as u64 && pieces > 20, "the log gave nothing");
    }
}
