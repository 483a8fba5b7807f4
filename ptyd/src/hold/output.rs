//! Listening to a holder: the output of a session, over a connection of its own, so that a reader that falls behind
//! never delays an answer.

use crate::hold::error::HoldError;
use crate::hold::folder::Folder;
use crate::hold::line::{ANSWER_WITHIN, Line, in_time, refusal};
use crate::hold::protocol::{Answer, Request};

/// The output of a session, read from an offset on.
#[derive(Debug)]
pub struct Output {
    line: Line,
    read_id: u32,
}

/// A piece of a session's output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk {
    /// The bytes at an offset, at most [`DATA_BYTES_MAX`](crate::hold::protocol::DATA_BYTES_MAX).
    Bytes {
        /// Offset of the first one.
        offset: u64,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Output that nobody has any more: it came while nobody read, or faster than it was read.
    Gap {
        /// First lost byte.
        from: u64,
        /// First byte after them.
        to: u64,
    },
    /// Nothing more comes: the agent has ended (or, without follow, the output's end was reached).
    End {
        /// Offset up to which everything was said.
        offset: u64,
    },
}

impl Output {
    /// Like [`Session::read_from`](crate::hold::Session::read_from), without a session.
    ///
    /// # Errors
    ///
    /// [`HoldError::Lost`] when nobody listens there; the log can then be read with [`log::read`](crate::hold::log::read).
    pub async fn open(folder: &Folder, offset: u64, follow: bool) -> Result<Self, HoldError> {
        let (mut line, _welcome) = Line::connect(folder).await?;
        let read_id = 1;
        in_time("read", ANSWER_WITHIN, line.send(read_id, &Request::Read { offset, follow })).await?;
        Ok(Self { line, read_id })
    }

    /// The next piece. Cancel-safe: a dropped call loses nothing.
    ///
    /// # Errors
    ///
    /// [`HoldError::Lost`] when the connection ended before [`Chunk::End`]; what was not read yet may be in the log.
    pub async fn next(&mut self) -> Result<Chunk, HoldError> {
        loop {
            let frame = self.line.receive().await?;
            match frame.said {
                Answer::Output { offset, bytes } if frame.id == self.read_id => {
                    return Ok(Chunk::Bytes { offset, bytes });
                }
                Answer::Gap { from, to } if frame.id == self.read_id => return Ok(Chunk::Gap { from, to }),
                Answer::End { offset } if frame.id == self.read_id => return Ok(Chunk::End { offset }),
                Answer::Refused(refused) => return Err(refusal("read", refused)),
                // What is said to everybody, and what later versions say.
                _ => {}
            }
        }
    }
}
