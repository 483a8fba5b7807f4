//! A connection to a holder, as frames.

use crate::hold::document::{Refused, RefusedCode, Welcome};
use crate::hold::error::HoldError;
use crate::hold::folder::Folder;
use crate::hold::protocol::{Answer, DATA_BYTES_MAX, Fault, Frame, Request, VERSION};
use std::future::Future;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;

/// How long a holder may take to answer, the patience of a write not included.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// A connection, as frames.
#[derive(Debug)]
pub(super) struct Line {
    stream: UnixStream,
    session_id: String,
    received: Vec<u8>,
    /// How many of the received bytes were read as frames.
    read: usize,
}

impl Line {
    /// Connects and introduces us.
    pub async fn connect(folder: &Folder) -> Result<(Self, Welcome), HoldError> {
        let session_id = folder.session_id();
        let stream = match UnixStream::connect(folder.socket()).await {
            Ok(stream) => stream,
            Err(error) if is_nobody(&error) => return Err(HoldError::Lost { session_id }),
            Err(source) => return Err(HoldError::Io { action: "connect to", path: folder.socket(), source }),
        };
        let mut line = Self { stream, session_id, received: Vec::new(), read: 0 };
        let greeting = async {
            line.send(0, &Request::Hello { version: VERSION }).await?;
            loop {
                match line.receive().await?.said {
                    Answer::Welcome(welcome) => return Ok(welcome),
                    Answer::Refused(refused) => return Err(refusal("hello", refused)),
                    // The agent may end between our connecting and our hello.
                    _ => {}
                }
            }
        };
        let welcome = in_time("hello", ANSWER_WITHIN, greeting).await?;
        Ok((line, welcome))
    }

    /// Sends a frame. Not cancel-safe: after half a frame the connection is of no use.
    pub async fn send(&mut self, id: u32, request: &Request) -> Result<(), HoldError> {
        let mut bytes = Vec::new();
        request.encode(id, &mut bytes);
        self.stream.write_all(&bytes).await.map_err(|_| self.lost())
    }

    /// The next frame. Cancel-safe: what has arrived stays.
    pub async fn receive(&mut self) -> Result<Frame<Answer>, HoldError> {
        loop {
            match Answer::decode(&self.received[self.read..]) {
                Ok(Some(frame)) => {
                    self.read += frame.bytes;
                    return Ok(frame);
                }
                Ok(None) => {}
                Err(source) => return Err(self.not_understood(source)),
            }
            self.received.drain(..self.read);
            self.read = 0;
            // `read_buf` reads only into room that is there.
            self.received.reserve(DATA_BYTES_MAX);
            match self.stream.read_buf(&mut self.received).await {
                Ok(0) | Err(_) => return Err(self.lost()),
                Ok(_) => {}
            }
        }
    }

    fn lost(&self) -> HoldError {
        HoldError::Lost { session_id: self.session_id.clone() }
    }

    fn not_understood(&self, source: Fault) -> HoldError {
        HoldError::Protocol { session_id: self.session_id.clone(), source }
    }
}

/// Waits for an answer, but not for ever.
pub(super) async fn in_time<T>(
    action: &'static str,
    within: Duration,
    work: impl Future<Output = Result<T, HoldError>>,
) -> Result<T, HoldError> {
    let late = HoldError::NoAnswer { action, seconds: within.as_secs() };
    timeout(within, work).await.unwrap_or(Err(late))
}

fn is_nobody(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::ConnectionRefused | std::io::ErrorKind::NotFound)
}

/// A holder's no, as an error.
pub(super) fn refusal(action: &'static str, refused: Refused) -> HoldError {
    match (refused.code, refused.lease) {
        (RefusedCode::LeaseHeld, Some(lease)) => HoldError::LeaseHeld(lease),
        (RefusedCode::NoLease, _) => HoldError::NoLease,
        (RefusedCode::Exited, _) => HoldError::Exited,
        (RefusedCode::StillRunning, _) => HoldError::StillRunning,
        (
            RefusedCode::LeaseHeld
            | RefusedCode::Invalid
            | RefusedCode::Busy
            | RefusedCode::System
            | RefusedCode::Unsupported,
            _,
        ) => HoldError::Refused { action, message: refused.message },
    }
}
