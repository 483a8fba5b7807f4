//! What holders say: the lower half of the table in [`protocol`](super).

use super::{Envelope, Fault, Frame, data, seal};
use crate::hold::document::{Exit, Refused, Status, Welcome};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What a holder says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It introduces itself.
    Welcome(Welcome),
    /// What a read gives.
    Output(Chunk),
    /// The agent has ended.
    Exited(Exit),
    /// A write is over.
    Written(Written),
    /// It is done.
    Done,
    /// It is not done.
    Refused(Refused),
    /// How things are.
    Status(Box<Status>),
    /// A kind of a later version.
    Unknown {
        /// Its number.
        kind: u8,
    },
}

/// A piece of a session's output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk {
    /// The bytes at an offset.
    Bytes {
        /// Offset of the first one.
        offset: u64,
        /// At most [`DATA_BYTES_MAX`](super::DATA_BYTES_MAX).
        bytes: Vec<u8>,
    },
    /// Output that nobody has any more: it came while nobody read, or faster than it was read.
    Gap {
        /// First lost byte.
        from: u64,
        /// First byte that is there again.
        to: u64,
    },
    /// Nothing more comes: the agent has ended (or, without follow, the output's end was reached).
    End {
        /// Offset up to which everything was said.
        offset: u64,
    },
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// How many of its bytes the terminal took.
    pub bytes: u32,
    /// Why it is over.
    pub stop: Stop,
    /// How much output there had been just before the first byte was taken: what the program shows
    /// in answer to the write lies behind this offset.
    pub offset: u64,
}

/// Why a write is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Every byte was taken.
    Whole,
    /// The program did not read it all in time.
    NotRead,
    /// The agent has ended.
    Exited,
    /// A write before it was not taken whole.
    Behind,
}

/// `Stop` on the wire.
const STOPS: [(u8, Stop); 4] = [(0, Stop::Whole), (1, Stop::NotRead), (2, Stop::Exited), (3, Stop::Behind)];

impl Answer {
    /// Appends the answer as a frame.
    pub fn encode(&self, id: u32, out: &mut Vec<u8>) {
        seal(out, self.kind(), id, |out| match self {
            Answer::Welcome(welcome) => json(out, welcome),
            Answer::Output(Chunk::Bytes { offset, bytes }) => {
                out.extend_from_slice(&offset.to_be_bytes());
                out.extend_from_slice(bytes);
            }
            Answer::Output(Chunk::Gap { from, to }) => {
                out.extend_from_slice(&from.to_be_bytes());
                out.extend_from_slice(&to.to_be_bytes());
            }
            Answer::Output(Chunk::End { offset }) => out.extend_from_slice(&offset.to_be_bytes()),
            Answer::Exited(exit) => json(out, exit),
            Answer::Written(written) => {
                let row = STOPS.iter().find(|(_, stop)| *stop == written.stop);
                out.extend_from_slice(&written.bytes.to_be_bytes());
                out.push(row.expect("every way to stop has a number").0);
                out.extend_from_slice(&written.offset.to_be_bytes());
            }
            Answer::Refused(refused) => json(out, refused),
            Answer::Status(status) => json(out, status),
            Answer::Done | Answer::Unknown { .. } => {}
        });
    }

    /// Reads the answer that `bytes` begin with; `None` when it is not all there yet.
    ///
    /// # Errors
    ///
    /// The bytes cannot be the beginning of an answer.
    pub fn decode(bytes: &[u8]) -> Result<Option<Frame<Self>>, Fault> {
        let Some(envelope) = Envelope::open(bytes)? else { return Ok(None) };
        envelope.with(Self::read(envelope.kind, envelope.body))
    }

    fn kind(&self) -> u8 {
        match self {
            Answer::Welcome(_) => 0x81,
            Answer::Output(Chunk::Bytes { .. }) => 0x82,
            Answer::Output(Chunk::Gap { .. }) => 0x83,
            Answer::Output(Chunk::End { .. }) => 0x84,
            Answer::Exited(_) => 0x85,
            Answer::Written(_) => 0x86,
            Answer::Done => 0x87,
            Answer::Refused(_) => 0x88,
            Answer::Status(_) => 0x89,
            Answer::Unknown { kind } => *kind,
        }
    }

    fn read(kind: u8, body: &[u8]) -> Option<Self> {
        Some(match kind {
            0x81 => Answer::Welcome(from_json(body)?),
            0x82 => {
                let (offset, bytes) = body.split_first_chunk()?;
                Answer::Output(Chunk::Bytes { offset: u64::from_be_bytes(*offset), bytes: data(bytes)? })
            }
            0x83 => {
                let (from, to) = body.split_first_chunk()?;
                Answer::Output(Chunk::Gap {
                    from: u64::from_be_bytes(*from),
                    to: u64::from_be_bytes(to.try_into().ok()?),
                })
            }
            0x84 => Answer::Output(Chunk::End { offset: u64::from_be_bytes(body.try_into().ok()?) }),
            0x85 => Answer::Exited(from_json(body)?),
            0x86 => {
                let (count, rest) = body.split_first_chunk()?;
                let (number, offset) = rest.split_first()?;
                Answer::Written(Written {
                    bytes: u32::from_be_bytes(*count),
                    stop: STOPS.iter().find(|(known, _)| known == number)?.1,
                    offset: u64::from_be_bytes(offset.try_into().ok()?),
                })
            }
            0x87 => body.is_empty().then_some(Answer::Done)?,
            0x88 => Answer::Refused(from_json(body)?),
            0x89 => Answer::Status(Box::new(from_json(body)?)),
            0x00..=0x80 | 0x8a..=0xff => Answer::Unknown { kind },
        })
    }
}

fn json<T: Serialize>(out: &mut Vec<u8>, document: &T) {
    serde_json::to_writer(out, document).expect("a document of the protocol is plain data");
}

fn from_json<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}
