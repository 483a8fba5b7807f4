//! One client's connection: its bytes in, its frames out, and how far it has read.
//!
//! Never waits. What a client does not take stays here, bounded; meanwhile nothing more is read from it and
//! nothing more is put in for its reader, which falls behind.

use super::transcript::Transcript;
use crate::hold::log::Piece;
use crate::hold::protocol::{Answer, Chunk, DATA_BYTES_MAX, Fault, Frame, Request};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::Instant;

/// Bytes that may wait for a client. Beyond, its questions wait too.
const OUT_BYTES_MAX: usize = 256 * 1024;

/// Below this, more output is put in.
const OUT_BYTES_LOW: usize = 64 * 1024;

/// Bytes that are read from a client in one turn, so that one that never stops sending is not the only one served.
const IN_BYTES_PER_TURN: usize = 4 * DATA_BYTES_MAX;

/// A client's connection.
#[derive(Debug)]
pub struct Connection {
    /// Its name within the holder.
    pub number: u64,
    stream: UnixStream,
    input: Vec<u8>,
    out: Vec<u8>,
    /// How many bytes of `out` are sent.
    sent: usize,
    /// Until when it has to introduce itself; `None` once it has.
    hello_by: Option<Instant>,
    reading: Option<Reading>,
    /// There was more to put in when enough was in.
    has_more: bool,
    /// There were frames left to read when too much was in.
    is_held_up: bool,
    /// It has said everything it will ever say.
    has_ended: bool,
    is_over: bool,
}

#[derive(Debug)]
struct Reading {
    id: u32,
    at: u64,
    /// Where it ends; without one it follows.
    until: Option<u64>,
}

impl Connection {
    /// Takes a fresh connection over.
    ///
    /// # Errors
    ///
    /// It cannot be made not to wait.
    pub fn new(number: u64, stream: UnixStream, hello_by: Instant) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self {
            number,
            stream,
            input: Vec::new(),
            out: Vec::new(),
            sent: 0,
            hello_by: Some(hello_by),
            reading: None,
            has_more: false,
            is_held_up: false,
            has_ended: false,
            is_over: false,
        })
    }

    /// Until when it has to introduce itself.
    pub fn hello_by(&self) -> Option<Instant> {
        self.hello_by
    }

    /// Whether it has introduced itself.
    pub fn is_introduced(&self) -> bool {
        self.hello_by.is_none()
    }

    /// It has introduced itself.
    pub fn introduce(&mut self) {
        self.hello_by = None;
    }

    /// Whether it can be dropped.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Drops it at the next opportunity.
    pub fn end(&mut self) {
        self.is_over = true;
    }

    /// Sends what it takes now, and drops it.
    pub fn close(&mut self) {
        self.send();
        self.end();
    }

    /// Whether its frames are to be read now.
    pub fn wants_in(&self) -> bool {
        !self.has_ended && !self.is_full()
    }

    /// Whether frames that had to wait can be read now, without anything new having come.
    pub fn wants_turn(&self) -> bool {
        self.is_held_up && !self.is_full()
    }

    fn is_full(&self) -> bool {
        self.out.len() - self.sent >= OUT_BYTES_MAX
    }

    /// Whether something is to be sent to it as soon as it takes it.
    pub fn wants_out(&self) -> bool {
        self.has_more || !self.out.is_empty()
    }

    /// Whether nothing more is to be told to it.
    pub fn is_told(&self) -> bool {
        self.out.is_empty() && self.reading.is_none()
    }

    /// Reads what has come.
    pub fn receive(&mut self) {
        let mut buffer = [0; 16 * 1024];
        let mut left = IN_BYTES_PER_TURN;
        while left > 0 {
            match self.stream.read(&mut buffer) {
                Ok(0) => {
                    self.has_ended = true;
                    return;
                }
                Ok(count) => {
                    self.input.extend_from_slice(&buffer[..count]);
                    left = left.saturating_sub(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => return self.end(),
            }
        }
    }

    /// The next whole frame that has come, unless too much waits for this client already. After the last frame of
    /// a client that has gone, the connection is over.
    ///
    /// # Errors
    ///
    /// What has come is no frame.
    pub fn next_frame(&mut self) -> Result<Option<Frame<Request>>, Fault> {
        self.is_held_up = self.is_full();
        if self.is_over || self.is_held_up {
            return Ok(None);
        }
        let Some(frame) = Request::decode(&self.input)? else {
            self.is_over |= self.has_ended;
            return Ok(None);
        };
        self.input.drain(..frame.bytes);
        Ok(Some(frame))
    }

    /// Puts an answer in to be sent.
    pub fn tell(&mut self, id: u32, answer: &Answer) {
        answer.encode(id, &mut self.out);
    }

    /// Begins to read from an offset, up to another or for ever.
    pub fn read_from(&mut self, id: u32, at: u64, until: Option<u64>) {
        self.reading = Some(Reading { id, at, until });
    }

    /// Puts output in, if it reads and has taken what was put in before. Returns what went wrong with the log.
    pub fn fill(&mut self, transcript: &Transcript, has_ended: bool) -> Option<io::Error> {
        let mut trouble = None;
        self.has_more = false;
        while let Some(Reading { id, at, until }) = self.reading {
            if self.out.len() - self.sent >= OUT_BYTES_LOW {
                self.has_more = true;
                break;
            }
            let left = until.map_or(u64::MAX, |until| until.saturating_sub(at));
            let (piece, error) = match left {
                0 => (Piece::Nothing, None),
                left => transcript.read(at, DATA_BYTES_MAX.min(usize::try_from(left).unwrap_or(usize::MAX))),
            };
            trouble = trouble.or(error);
            let now_at = match piece {
                Piece::Bytes(bytes) => {
                    let now_at = at + bytes.len() as u64;
                    self.tell(id, &Answer::Output(Chunk::Bytes { offset: at, bytes }));
                    now_at
                }
                Piece::Lost { until: there } => {
                    let to = until.map_or(there, |until| until.min(there));
                    self.tell(id, &Answer::Output(Chunk::Gap { from: at, to }));
                    to
                }
                Piece::Nothing if until.is_some() || has_ended => {
                    self.tell(id, &Answer::Output(Chunk::End { offset: at.min(transcript.end()) }));
                    self.reading = None;
                    break;
                }
                Piece::Nothing => break,
            };
            self.reading = Some(Reading { id, at: now_at, until });
        }
        trouble
    }

    /// Sends what it takes now.
    pub fn send(&mut self) {
        while self.sent < self.out.len() {
            match self.stream.write(&self.out[self.sent..]) {
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    // Moved only now and then: most of the time everything goes at once.
                    if self.sent >= OUT_BYTES_LOW {
                        self.out.drain(..self.sent);
                        self.sent = 0;
                    }
                    return;
                }
                Err(_) => return self.end(),
            }
        }
        self.out.clear();
        self.sent = 0;
        // A reader that went away leaves no buffer behind.
        if self.reading.is_none() {
            self.out.shrink_to(0);
        }
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
