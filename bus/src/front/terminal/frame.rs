//! What goes over the attach socket when the introduction asks for frames: a byte that says what it is, four that say how
//! many follow, big-endian, and those. Pure.

use serde::{Deserialize, Serialize};
use std::io;

/// Most bytes of one frame: the largest screen that is drawn fits in.
pub const FRAME_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Bytes before what a frame carries.
const HEAD_BYTES: usize = 5;

/// Columns and rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Columns.
    pub cols: u16,
    /// Rows.
    pub rows: u16,
}

/// Who has the keyboard.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyboard {
    /// Whether it is whoever is told.
    pub is_yours: bool,
    /// As what they have introduced themselves; `None` when nobody has it.
    pub holder: Option<String>,
}

/// How a session came to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// What its program exited with, where that is known.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
}

/// What ptyd shows a viewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// How things are: what was shown before does not count any more.
    Screen {
        /// Of the terminal.
        size: Size,
        /// How many bytes its program had put out by then.
        offset: u64,
        /// What draws it in another terminal that was reset.
        drawing: Vec<u8>,
    },
    /// What comes after it.
    Output(Vec<u8>),
    /// The terminal has another size from here on.
    Size(Size),
    /// Who has the keyboard from here on.
    Keyboard(Keyboard),
    /// The session has ended; nothing follows.
    Ended(Ended),
}

/// What a viewer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// Types, if it has the keyboard, or nobody has used it for a while.
    Keys(Vec<u8>),
    /// Says how much it has room for. It counts while the viewer has the keyboard.
    Size(Size),
    /// Takes the keyboard, from whomever.
    Take,
    /// Leaves the keyboard to others, and looks on.
    Give,
}

impl Shown {
    /// The frame.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Screen { size, offset, drawing } => {
                let head = [&size.to_bytes()[..], &offset.to_be_bytes()].concat();
                framed(b'S', &[&head, drawing])
            }
            Self::Output(bytes) => framed(b'O', &[bytes]),
            Self::Size(size) => framed(b'R', &[&size.to_bytes()]),
            Self::Keyboard(keyboard) => framed(b'K', &[&json(keyboard)]),
            Self::Ended(ended) => framed(b'E', &[&json(ended)]),
        }
    }

    fn read(kind: u8, bytes: &[u8]) -> Option<Self> {
        Some(match kind {
            b'S' => {
                let (head, drawing) = bytes.split_at_checked(12)?;
                let offset = u64::from_be_bytes(head[4..].try_into().ok()?);
                Self::Screen { size: Size::read(&head[..4])?, offset, drawing: drawing.to_vec() }
            }
            b'O' => Self::Output(bytes.to_vec()),
            b'R' => Self::Size(Size::read(bytes)?),
            b'K' => Self::Keyboard(serde_json::from_slice(bytes).ok()?),
            b'E' => Self::Ended(serde_json::from_slice(bytes).ok()?),
            _ => return None,
        })
    }
}

impl Done {
    /// The frame.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Keys(keys) => framed(b'K', &[keys]),
            Self::Size(size) => framed(b'R', &[&size.to_bytes()]),
            Self::Take => framed(b'T', &[]),
            Self::Give => framed(b'G', &[]),
        }
    }

    fn read(kind: u8, bytes: &[u8]) -> Option<Self> {
        Some(match kind {
            b'K' => Self::Keys(bytes.to_vec()),
            b'R' => Self::Size(Size::read(bytes)?),
            b'T' => Self::Take,
            b'G' => Self::Give,
            _ => return None,
        })
    }
}

impl Size {
    fn to_bytes(self) -> [u8; 4] {
        let ([a, b], [c, d]) = (self.cols.to_be_bytes(), self.rows.to_be_bytes());
        [a, b, c, d]
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let [a, b, c, d] = *bytes else { return None };
        Some(Self { cols: u16::from_be_bytes([a, b]), rows: u16::from_be_bytes([c, d]) })
    }
}

fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("plain data")
}

fn framed(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut frame = Vec::with_capacity(HEAD_BYTES + length);
    frame.push(kind);
    frame.extend(u32::try_from(length).expect("a frame of less than 4 GiB").to_be_bytes());
    parts.iter().for_each(|part| frame.extend_from_slice(part));
    frame
}

/// Puts frames together from bytes as they come.
#[derive(Debug, Default)]
pub struct Frames {
    bytes: Vec<u8>,
    read: usize,
}

impl Frames {
    /// Bytes have come.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.read);
        self.read = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole frame of what ptyd shows.
    ///
    /// # Errors
    ///
    /// It is no frame of these, or too long.
    pub fn shown(&mut self) -> io::Result<Option<Shown>> {
        self.next(Shown::read)
    }

    /// The next whole frame of what a viewer does.
    ///
    /// # Errors
    ///
    /// As [`Frames::shown`].
    pub fn done(&mut self) -> io::Result<Option<Done>> {
        self.next(Done::read)
    }

    fn next<T>(&mut self, read: impl FnOnce(u8, &[u8]) -> Option<T>) -> io::Result<Option<T>> {
        let waiting = &self.bytes[self.read..];
        let Some((&[kind, a, b, c, d], rest)) = waiting.split_first_chunk::<HEAD_BYTES>() else { return Ok(None) };
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let bad = |why: &str| io::Error::new(io::ErrorKind::InvalidData, format!("a frame of a terminal {why}"));
        if length > FRAME_BYTES_MAX {
            return Err(bad("is longer than the limit FRAME_BYTES_MAX"));
        }
        let Some(bytes) = rest.get(..length) else { return Ok(None) };
        let frame = read(kind, bytes).ok_or_else(|| bad("is of no known kind"))?;
        self.read += HEAD_BYTES + length;
        Ok(Some(frame))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_as_they_went_in_however_they_are_cut() {
        let size = Size { cols: 300, rows: 40 };
        let shown = [
            Shown::Screen { size, offset: 1 << 40, drawing: b"\x1b[2J".to_vec() },
            Shown::Output(vec![0, 255, b'E']),
            Shown::Output(Vec::new()),
            Shown::Size(size),
            Shown::Keyboard(Keyboard { is_yours: false, holder: Some("phone".into()) }),
            Shown::Ended(Ended { code: Some(137), signal: None }),
        ];
        let bytes: Vec<u8> = shown.iter().flat_map(Shown::to_bytes).collect();
        for piece in [1, 2, 7, bytes.len()] {
            let (mut frames, mut read) = (Frames::default(), Vec::new());
            for piece in bytes.chunks(piece) {
                frames.feed(piece);
                while let Some(frame) = frames.shown().unwrap() {
                    read.push(frame);
                }
            }
            assert_eq!(read, shown, "{piece}");
        }
        for done in [Done::Keys(b"ls\r".to_vec()), Done::Size(size), Done::Take, Done::Give] {
            let mut frames = Frames::default();
            frames.feed(&done.to_bytes());
            assert_eq!((frames.done().unwrap(), frames.done().unwrap()), (Some(done), None));
        }
    }

    #[test]
    fn what_is_no_frame_is_an_error() {
        for bytes in [&b"X\0\0\0\0"[..], b"R\0\0\0\x02ab", b"K\xff\xff\xff\xff"] {
            let mut frames = Frames::default();
            frames.feed(bytes);
            assert!(frames.done().is_err(), "{bytes:?}");
        }
    }
}
