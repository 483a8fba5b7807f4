//! What clients say: the upper half of the table in [`protocol`](super).

use super::{Envelope, Fault, Frame, data, seal};
use crate::hold::document::{Lease, LeaseKind};

/// What a client says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// It introduces itself.
    Hello {
        /// Highest version it speaks.
        version: u32,
    },
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
        /// At most [`DATA_BYTES_MAX`](super::DATA_BYTES_MAX).
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
    /// A kind that this version does not serve.
    Unknown {
        /// Its number.
        kind: u8,
    },
}

/// `LeaseKind` on the wire.
const LEASE_KINDS: [(u8, LeaseKind); 2] = [(0, LeaseKind::Delivery), (1, LeaseKind::Person)];

impl Request {
    /// Appends the request as a frame.
    pub fn encode(&self, id: u32, out: &mut Vec<u8>) {
        seal(out, self.kind(), id, |out| match self {
            Request::Hello { version } => out.extend_from_slice(&version.to_be_bytes()),
            Request::Read { offset, follow } => {
                out.extend_from_slice(&offset.to_be_bytes());
                out.push(u8::from(*follow));
            }
            Request::Write { patience_ms, bytes } => {
                out.extend_from_slice(&patience_ms.to_be_bytes());
                out.extend_from_slice(bytes);
            }
            Request::Lease(lease) => {
                let row = LEASE_KINDS.iter().find(|(_, kind)| *kind == lease.kind);
                out.push(row.expect("every kind of lease has a number").0);
                out.extend_from_slice(lease.who.as_bytes());
            }
            Request::Resize { cols, rows } => {
                out.extend_from_slice(&cols.to_be_bytes());
                out.extend_from_slice(&rows.to_be_bytes());
            }
            Request::Kill { grace_ms } => out.extend_from_slice(&grace_ms.to_be_bytes()),
            Request::Release | Request::Status | Request::Forget | Request::Unknown { .. } => {}
        });
    }

    /// Reads the request that `bytes` begin with; `None` when it is not all there yet.
    ///
    /// # Errors
    ///
    /// The bytes cannot be the beginning of a request.
    pub fn decode(bytes: &[u8]) -> Result<Option<Frame<Self>>, Fault> {
        let Some(envelope) = Envelope::open(bytes)? else { return Ok(None) };
        envelope.with(Self::read(envelope.kind, envelope.body))
    }

    fn kind(&self) -> u8 {
        match self {
            Request::Hello { .. } => 0x01,
            Request::Read { .. } => 0x02,
            Request::Write { .. } => 0x03,
            Request::Lease(_) => 0x04,
            Request::Release => 0x05,
            Request::Resize { .. } => 0x06,
            Request::Status => 0x07,
            Request::Kill { .. } => 0x08,
            Request::Forget => 0x09,
            Request::Unknown { kind } => *kind,
        }
    }

    fn read(kind: u8, body: &[u8]) -> Option<Self> {
        let bare = |request| body.is_empty().then_some(request);
        Some(match kind {
            0x01 => Request::Hello { version: u32::from_be_bytes(*body.first_chunk()?) },
            0x02 => {
                let (offset, flag) = body.split_first_chunk()?;
                let follow = match flag {
                    [0] => false,
                    [1] => true,
                    _ => return None,
                };
                Request::Read { offset: u64::from_be_bytes(*offset), follow }
            }
            0x03 => {
                let (patience, bytes) = body.split_first_chunk()?;
                Request::Write { patience_ms: u32::from_be_bytes(*patience), bytes: data(bytes)? }
            }
            0x04 => {
                let (number, who) = body.split_first()?;
                let kind = LEASE_KINDS.iter().find(|(known, _)| known == number)?.1;
                Request::Lease(Lease { kind, who: String::from_utf8(who.to_vec()).ok()? })
            }
            0x05 => bare(Request::Release)?,
            0x06 => {
                let [c1, c0, r1, r0] = *body else { return None };
                Request::Resize { cols: u16::from_be_bytes([c1, c0]), rows: u16::from_be_bytes([r1, r0]) }
            }
            0x07 => bare(Request::Status)?,
            0x08 => Request::Kill { grace_ms: u32::from_be_bytes(body.try_into().ok()?) },
            0x09 => bare(Request::Forget)?,
            0x00 | 0x0a..=0xff => Request::Unknown { kind },
        })
    }
}
