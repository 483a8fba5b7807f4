//! Listening to a holder: the output of a session, over a connection of its own, so that a reader that falls behind
//! never delays an answer.

use crate::hold::error::HoldError;
use crate::hold::folder::Folder;
use crate::hold::line::{ANSWER_WITHIN, Line, in_time, refusal};
use crate::hold::protocol::{Answer, Chunk, Request};

/// The output of a session, read from an offset on.
#[derive(Debug)]
pub struct Output {
    line: Line,
    read_id: u32,
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
                Answer::Output(chunk) if frame.id == self.read_id => return Ok(chunk),
                Answer::Refused(refused) => return Err(refusal("read", refused)),
                // What is said to everybody, and what later versions say.
                _ => {}
            }
        }
    }
}
