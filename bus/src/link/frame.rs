//! What stands before every message on the bus: four bytes that say what follows and which contract it follows.
//!
//! The layout of these four bytes never changes, so that processes of any two versions understand at least that
//! they do not understand each other.

/// Bytes of a header.
pub const HEADER_BYTES: usize = 4;

/// The first byte of everything we send.
const MARK: u8 = 0xCC;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $number:literal;)*) => {
        /// What follows a header. A number is never reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind { $($(#[$doc])* $name),* }

        impl Kind {
            fn number(self) -> u8 {
                match self { $(Kind::$name => $number),* }
            }

            fn from_number(number: u8) -> Option<Self> {
                match number { $($number => Some(Kind::$name),)* _ => None }
            }
        }
    };
}

kinds! {
    /// A request.
    Request = 1;
    /// An answer.
    Reply = 2;
    /// A hint.
    Hint = 3;
    /// Instead of an answer: the server follows the contract of this header, and not the request's.
    Mismatch = 4;
    /// Instead of an answer: the server has let the request go without one.
    Dropped = 5;
    /// Instead of an answer: it is too large, and this is its size as a big-endian 64-bit number.
    TooBig = 6;
    /// Several requests; see [`super::bundle`].
    Requests = 7;
    /// Their answers, in the same order.
    Replies = 8;
}

/// One message, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// What it is.
    pub kind: Kind,
    /// The contract its sender follows.
    pub contract: u16,
    /// What is left.
    pub body: &'a [u8],
}

/// Why bytes are no message of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Shorter than a header.
    #[error("a message of {bytes} bytes is shorter than its header")]
    Short {
        /// Its length.
        bytes: usize,
    },
    /// Not sent by any version of ours.
    #[error("a message begins with {byte:#04x}")]
    Foreign {
        /// Its first byte.
        byte: u8,
    },
    /// A kind this version does not know.
    #[error("a message is of the unknown kind {number}, its sender follows contract {contract}")]
    Kind {
        /// The kind's number.
        number: u8,
        /// The contract its sender follows.
        contract: u16,
    },
}

/// The header of a message.
pub fn header(kind: Kind, contract: u16) -> [u8; HEADER_BYTES] {
    let [high, low] = contract.to_be_bytes();
    [MARK, kind.number(), high, low]
}

/// Takes a message apart.
///
/// # Errors
///
/// It is none of ours.
pub fn decode(bytes: &[u8]) -> Result<Frame<'_>, FrameError> {
    let &[mark, number, high, low, ref body @ ..] = bytes else {
        return Err(FrameError::Short { bytes: bytes.len() });
    };
    if mark != MARK {
        return Err(FrameError::Foreign { byte: mark });
    }
    let contract = u16::from_be_bytes([high, low]);
    let kind = Kind::from_number(number).ok_or(FrameError::Kind { number, contract })?;
    Ok(Frame { kind, contract, body })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Request, Response};
    use crate::link::{Hint, body};
    use proptest::prelude::*;

    #[test]
    fn a_header_says_what_it_was_given() {
        #[rustfmt::skip]
        let cases = [
            // kind            contract  bytes
            (Kind::Request,    1,        [0xCC, 1, 0, 1]),
            (Kind::Reply,      256,      [0xCC, 2, 1, 0]),
            (Kind::Hint,       0,        [0xCC, 3, 0, 0]),
            (Kind::Mismatch,   65535,    [0xCC, 4, 255, 255]),
            (Kind::Dropped,    2,        [0xCC, 5, 0, 2]),
            (Kind::TooBig,     2,        [0xCC, 6, 0, 2]),
            (Kind::Requests,   2,        [0xCC, 7, 0, 2]),
            (Kind::Replies,    2,        [0xCC, 8, 0, 2]),
        ];
        for (kind, contract, bytes) in cases {
            assert_eq!(header(kind, contract), bytes, "it is on the wire like this for ever");
            assert_eq!(decode(&bytes), Ok(Frame { kind, contract, body: &[] }));
        }
    }

    #[test]
    fn what_is_not_ours_is_named() {
        assert_eq!(decode(&[]), Err(FrameError::Short { bytes: 0 }));
        assert_eq!(decode(&[0xCC, 1, 0]), Err(FrameError::Short { bytes: 3 }));
        assert_eq!(decode(b"GET / HTTP/1.1"), Err(FrameError::Foreign { byte: b'G' }));
        assert_eq!(decode(&[0xCC, 200, 0, 9]), Err(FrameError::Kind { number: 200, contract: 9 }));
    }

    proptest! {
        #[test]
        fn garbage_never_breaks_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            if let Ok(frame) = decode(&bytes) {
                prop_assert_eq!([&header(frame.kind, frame.contract)[..], frame.body].concat(), bytes);
            }
        }

        /// What stands behind a good header is read as the types of the contract, whatever it is.
        #[test]
        fn garbage_behind_a_good_header_never_breaks_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            // Some garbage may even be one of them; it only must not break the reader.
            let _ = body::read::<Request>(&bytes);
            let _ = body::read::<Hint>(&bytes);
            let _ = body::read::<Response>(&bytes);
        }
    }
}
