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
//! What a holder reads is binary, so that it needs no parser; what it tells and what may grow is JSON.
//!
//! | kind | from | name | body | answered by |
//! |---|---|---|---|---|
//! | `01` | client | hello | version u32, what follows is ignored; must come first | welcome |
//! | `02` | client | read | offset u64, follow u8 (0 or 1) | output, gap, end |
//! | `03` | client | write | patience_ms u32, the bytes | written |
//! | `04` | client | lease | for u8 (0 delivery, 1 person), who: UTF-8 | done |
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
//! | `86` | holder | written | bytes u32, stop u8 ([`Stop`]: 0 to 3), offset u64 | |
//! | `87` | holder | done | – | |
//! | `88` | holder | refused | JSON [`Refused`]; instead of any other answer | |
//! | `89` | holder | status | JSON [`Status`] | |
//!
//! # Rules
//!
//! * **Hello.** The client names the highest version it speaks, the holder answers with the one that is
//!   used. A connection that does not begin with hello is closed, and so is one that sends a frame that
//!   cannot be read. A frame of a kind the holder does not serve is answered with `unsupported`.
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
//!
//! [`Welcome`]: crate::hold::document::Welcome
//! [`Exit`]: crate::hold::document::Exit
//! [`Refused`]: crate::hold::document::Refused
//! [`Status`]: crate::hold::document::Status

mod answer;
mod request;

pub use answer::{Answer, Chunk, Stop, Written};
pub use request::Request;

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

/// One frame that was read, and how many bytes it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame<T> {
    /// Which question this asks or answers.
    pub id: u32,
    /// What is said.
    pub said: T,
    /// Bytes of the frame, its length field included.
    pub bytes: usize,
}

/// A frame whose body is not understood yet.
struct Envelope<'a> {
    kind: u8,
    id: u32,
    body: &'a [u8],
}

impl<'a> Envelope<'a> {
    /// Opens the frame that `bytes` begin with; `None` when it is not all there yet.
    fn open(bytes: &'a [u8]) -> Result<Option<Self>, Fault> {
        let Some((length, rest)) = bytes.split_first_chunk::<LENGTH_BYTES>() else { return Ok(None) };
        let length = u32::from_be_bytes(*length) as usize;
        if !(HEAD_BYTES..=FRAME_BYTES_MAX).contains(&length) {
            return Err(Fault::Length { length });
        }
        let Some(([kind, id @ ..], body)) = rest.get(..length).and_then(|all| all.split_first_chunk::<HEAD_BYTES>())
        else {
            return Ok(None);
        };
        Ok(Some(Self { kind: *kind, id: u32::from_be_bytes(*id), body }))
    }

    /// The frame with what its body says.
    fn with<T>(&self, said: Option<T>) -> Result<Option<Frame<T>>, Fault> {
        let said = said.ok_or(Fault::Body { kind: self.kind })?;
        Ok(Some(Frame { id: self.id, said, bytes: LENGTH_BYTES + HEAD_BYTES + self.body.len() }))
    }
}

/// Appends a frame; `body` appends what is in it.
fn seal(out: &mut Vec<u8>, kind: u8, id: u32, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; LENGTH_BYTES]);
    out.push(kind);
    out.extend_from_slice(&id.to_be_bytes());
    body(out);
    let length = out.len() - start - LENGTH_BYTES;
    assert!(length <= FRAME_BYTES_MAX, "a frame of {length} bytes would not be read by anybody");
    out[start..start + LENGTH_BYTES].copy_from_slice(&(length as u32).to_be_bytes());
}

/// A piece of terminal input or output, unless it is too long.
fn data(bytes: &[u8]) -> Option<Vec<u8>> {
    (bytes.len() <= DATA_BYTES_MAX).then(|| bytes.to_vec())
}
