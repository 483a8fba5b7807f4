//! What a holder and its clients say to each other: version 1, frozen. This file is the reference.
//!
//! An agent may run for weeks in a holder that was started by an old version, so every later ptyd
//! serves every older holder. Nothing below changes its meaning; what is new gets a new kind.
//!
//! # Frames
//!
//! A connection to `sock` is a row of frames in both directions:
//!
//! ```text
//! length  u32   bytes that follow, 5 to FRAME_BYTES_MAX   (all numbers big-endian)
//! kind    u8    table below
//! id      u32   chosen by the client; the answer carries the same; 0 is for what nobody asked
//! body          depends on the kind
//! ```
//!
//! | kind | from | name | body | answered by |
//! |---|---|---|---|---|
//! | `01` | client | hello | JSON [`Hello`]; must come first | welcome |
//! | `02` | client | read | offset u64, follow u8 (0 or 1) | output, gap, end |
//! | `03` | client | write | patience_ms u32, the bytes | written |
//! | `04` | client | lease | JSON [`Lease`] | done |
//! | `05` | client | release | – | done |
//! | `06` | client | resize | cols u16, rows u16 | done |
//! | `07` | client | status | – | status |
//! | `08` | client | kill | grace_ms u32 | done |
//! | `09` | client | forget | – | done |
//! | `81` | holder | welcome | JSON [`Welcome`] | |
//! | `82` | holder | output | offset u64, the bytes | |
//! | `83` | holder | gap | from u64, to u64: these bytes are lost | |
//! | `84` | holder | end | offset u64: nothing more comes for this read | |
//! | `85` | holder | exited | JSON [`Exit`]; id 0, once, to everybody who is connected | |
//! | `86` | holder | written | bytes u32, stop u8 ([`Stop`]), offset u64 | |
//! | `87` | holder | done | – | |
//! | `88` | holder | refused | JSON [`Refused`]; instead of any other answer | |
//! | `89` | holder | status | JSON [`Status`] | |
//!
//! # Rules
//!
//! * **Hello.** The client names the highest version it speaks, the holder answers with the one that is
//!   used. A connection that does not begin with hello is closed, and so is one that sends a frame that
//!   cannot be read. A frame of an unknown kind is answered with `unsupported`.
//!   JSON readers ignore fields they do not know.
//! * **Read.** Offsets count the terminal's output since the session began. The holder sends what it has
//!   from there on. A gap stands for bytes that are neither in the ring nor in the log any more. Without
//!   follow the read ends at what was there when it was asked; with follow it ends when the agent has
//!   ended and everything was sent. A connection has one read; a new one replaces it.
//! * **Slow readers** hold up nobody: they fall behind, and are told a gap when they fall out of the log.
//! * **Write** needs the lease. Writes are done in order and each is answered with how many bytes the terminal
//!   took, and with the output offset just before the first of them. When the terminal has not taken all within
//!   `patience_ms`, because its program does not read, the answer says how far it came, and writes already queued
//!   behind it are answered with nothing written, so that no rest of a text is ever typed after a hole.
//! * **Lease.** One connection at a time may write. It ends with release, after the writes before it, or with the
//!   connection: then writes that had not begun are dropped, and one that had is finished, within its patience,
//!   before anybody else may write. A program is not left with half a paste.
//! * **Resize** is refused while a *person* on another connection has the lease.
//! * **Kill** sends TERM to everything in the agent's session, and after the grace KILL. It is answered at once;
//!   `exited` follows.
//! * **Forget** is for ended sessions: the folder is removed, then the answer is sent, then the holder ends.

use crate::hold::document::{Exit, Hello, Lease, Refused, Status, Welcome};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The version described here.
pub const VERSION: u32 = 1;

/// Most bytes of terminal input or output in one frame.
pub const DATA_BYTES_MAX: usize = 65_536;

/// Largest value of a frame's length field: everything but the length itself.
pub const FRAME_BYTES_MAX: usize = DATA_BYTES_MAX + 64;

/// Longest time a write may wait for the program to read; a longer patience is cut to this.
pub const PATIENCE_MS_MAX: u32 = 60_000;

/// Bytes of `length`.
const LENGTH_BYTES: usize = 4;

/// Bytes of `kind` and `id`.
const HEAD_BYTES: usize = 5;

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Which question this asks or answers.
    pub id: u32,
    /// What is said.
    pub body: Body,
}

/// What a frame says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A client introduces itself.
    Hello(Hello),
    /// Send me the output from here on.
    Read {
        /// First byte that is wanted.
        offset: u64,
        /// Whether to go on with what is still to come.
        follow: bool,
    },
    /// Type these bytes.
    Write {
        /// How long the program may leave them unread.
        patience_ms: u32,
        /// At most [`DATA_BYTES_MAX`].
        bytes: Vec<u8>,
    },
    /// I want to be the one who writes.
    Lease(Lease),
    /// I no longer want to write.
    Release,
    /// The terminal has this size now.
    Resize {
        /// Columns.
        cols: u16,
        /// Rows.
        rows: u16,
    },
    /// How are things?
    Status,
    /// End the agent.
    Kill {
        /// Time between TERM and KILL.
        grace_ms: u32,
    },
    /// Everybody knows how it ended: clean up.
    Forget,
    /// The holder introduces itself.
    Welcome(Welcome),
    /// Output of the terminal.
    Output {
        /// Offset of the first byte.
        offset: u64,
        /// At most [`DATA_BYTES_MAX`].
        bytes: Vec<u8>,
    },
    /// Output that is lost.
    Gap {
        /// First lost byte.
        from: u64,
        /// First byte that is there again.
        to: u64,
    },
    /// A read is over.
    End {
        /// Offset up to which everything was sent.
        offset: u64,
    },
    /// The agent has ended.
    Exited(Exit),
    /// A write is over.
    Written(Written),
    /// It is done.
    Done,
    /// It is not done.
    Refused(Refused),
    /// How things are.
    State(Box<Status>),
    /// A kind of a later version.
    Unknown {
        /// Its number.
        kind: u8,
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

/// Why bytes are not a frame. The connection they came from is of no use any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The length is impossible.
    #[error("a frame of {length} bytes, allowed are {HEAD_BYTES} to {FRAME_BYTES_MAX}")]
    Length {
        /// What it says.
        length: usize,
    },
    /// The body does not fit the kind.
    #[error("the body of a frame of kind {kind:#04x} cannot be read")]
    Body {
        /// Which kind.
        kind: u8,
    },
}

impl Body {
    /// The kind's number: the second column of the table above.
    fn kind(&self) -> u8 {
        match self {
            Body::Hello(_) => 0x01,
            Body::Read { .. } => 0x02,
            Body::Write { .. } => 0x03,
            Body::Lease(_) => 0x04,
            Body::Release => 0x05,
            Body::Resize { .. } => 0x06,
            Body::Status => 0x07,
            Body::Kill { .. } => 0x08,
            Body::Forget => 0x09,
            Body::Welcome(_) => 0x81,
            Body::Output { .. } => 0x82,
            Body::Gap { .. } => 0x83,
            Body::End { .. } => 0x84,
            Body::Exited(_) => 0x85,
            Body::Written(_) => 0x86,
            Body::Done => 0x87,
            Body::Refused(_) => 0x88,
            Body::State(_) => 0x89,
            Body::Unknown { kind } => *kind,
        }
    }
}

impl Frame {
    /// Appends the frame's bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&[0; LENGTH_BYTES]);
        out.push(self.body.kind());
        out.extend_from_slice(&self.id.to_be_bytes());
        match &self.body {
            Body::Hello(hello) => json(out, hello),
            Body::Read { offset, follow } => {
                out.extend_from_slice(&offset.to_be_bytes());
                out.push(u8::from(*follow));
            }
            Body::Write { patience_ms, bytes } => {
                out.extend_from_slice(&patience_ms.to_be_bytes());
                out.extend_from_slice(bytes);
            }
            Body::Lease(lease) => json(out, lease),
            Body::Resize { cols, rows } => {
                out.extend_from_slice(&cols.to_be_bytes());
                out.extend_from_slice(&rows.to_be_bytes());
            }
            Body::Kill { grace_ms } => out.extend_from_slice(&grace_ms.to_be_bytes()),
            Body::Release | Body::Status | Body::Forget | Body::Done | Body::Unknown { .. } => {}
            Body::Welcome(welcome) => json(out, welcome),
            Body::Output { offset, bytes } => {
                out.extend_from_slice(&offset.to_be_bytes());
                out.extend_from_slice(bytes);
            }
            Body::Gap { from, to } => {
                out.extend_from_slice(&from.to_be_bytes());
                out.extend_from_slice(&to.to_be_bytes());
            }
            Body::End { offset } => out.extend_from_slice(&offset.to_be_bytes()),
            Body::Exited(exit) => json(out, exit),
            Body::Written(written) => {
                out.extend_from_slice(&written.bytes.to_be_bytes());
                out.push(written.stop.number());
                out.extend_from_slice(&written.offset.to_be_bytes());
            }
            Body::Refused(refused) => json(out, refused),
            Body::State(status) => json(out, status),
        }
        let length = out.len() - start - LENGTH_BYTES;
        assert!(length <= FRAME_BYTES_MAX, "a frame of {length} bytes would not be read by anybody");
        out[start..start + LENGTH_BYTES].copy_from_slice(&(length as u32).to_be_bytes());
    }
}

/// Reads the frame that `bytes` begin with, and says how many bytes it takes; `None` when they are not all there yet.
///
/// # Errors
///
/// The bytes cannot be the beginning of a frame.
pub fn decode(bytes: &[u8]) -> Result<Option<(Frame, usize)>, Fault> {
    let Some((length, rest)) = bytes.split_first_chunk::<LENGTH_BYTES>() else { return Ok(None) };
    let length = u32::from_be_bytes(*length) as usize;
    if !(HEAD_BYTES..=FRAME_BYTES_MAX).contains(&length) {
        return Err(Fault::Length { length });
    }
    let Some(frame) = rest.get(..length) else { return Ok(None) };
    let (kind, id) = (frame[0], u32::from_be_bytes([frame[1], frame[2], frame[3], frame[4]]));
    let body = body(kind, &frame[HEAD_BYTES..]).ok_or(Fault::Body { kind })?;
    Ok(Some((Frame { id, body }, LENGTH_BYTES + length)))
}

fn body(kind: u8, bytes: &[u8]) -> Option<Body> {
    let nothing = |body| bytes.is_empty().then_some(body);
    Some(match kind {
        0x01 => Body::Hello(from_json(bytes)?),
        0x02 => {
            let (offset, flag) = bytes.split_first_chunk()?;
            let follow = match flag {
                [0] => false,
                [1] => true,
                _ => return None,
            };
            Body::Read { offset: u64::from_be_bytes(*offset), follow }
        }
        0x03 => {
            let (patience, bytes) = bytes.split_first_chunk()?;
            Body::Write { patience_ms: u32::from_be_bytes(*patience), bytes: data(bytes)? }
        }
        0x04 => Body::Lease(from_json(bytes)?),
        0x05 => nothing(Body::Release)?,
        0x06 => {
            let [c1, c0, r1, r0] = *bytes else { return None };
            Body::Resize { cols: u16::from_be_bytes([c1, c0]), rows: u16::from_be_bytes([r1, r0]) }
        }
        0x07 => nothing(Body::Status)?,
        0x08 => Body::Kill { grace_ms: u32::from_be_bytes(bytes.try_into().ok()?) },
        0x09 => nothing(Body::Forget)?,
        0x81 => Body::Welcome(from_json(bytes)?),
        0x82 => {
            let (offset, bytes) = bytes.split_first_chunk()?;
            Body::Output { offset: u64::from_be_bytes(*offset), bytes: data(bytes)? }
        }
        0x83 => {
            let (from, to) = bytes.split_first_chunk()?;
            Body::Gap { from: u64::from_be_bytes(*from), to: u64::from_be_bytes(to.try_into().ok()?) }
        }
        0x84 => Body::End { offset: u64::from_be_bytes(bytes.try_into().ok()?) },
        0x85 => Body::Exited(from_json(bytes)?),
        0x86 => {
            let (count, rest) = bytes.split_first_chunk()?;
            let (stop, offset) = rest.split_first()?;
            Body::Written(Written {
                bytes: u32::from_be_bytes(*count),
                stop: STOPS.iter().find(|(number, _)| number == stop)?.1,
                offset: u64::from_be_bytes(offset.try_into().ok()?),
            })
        }
        0x87 => nothing(Body::Done)?,
        0x88 => Body::Refused(from_json(bytes)?),
        0x89 => Body::State(Box::new(from_json(bytes)?)),
        0 | 0x0a..=0x80 | 0x8a..=0xff => Body::Unknown { kind },
    })
}

impl Stop {
    fn number(self) -> u8 {
        let row = STOPS.iter().find(|(_, stop)| *stop == self);
        row.expect("every way to stop has a number").0
    }
}

fn data(bytes: &[u8]) -> Option<Vec<u8>> {
    (bytes.len() <= DATA_BYTES_MAX).then(|| bytes.to_vec())
}

fn json<T: Serialize>(out: &mut Vec<u8>, document: &T) {
    serde_json::to_writer(out, document).expect("a document of the protocol is plain data");
}

fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_slice(bytes).ok()
}
