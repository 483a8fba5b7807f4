//! Several requests in one message, and their answers in one.
//!
//! What costs on the bus is the message, not its length: a bundle of sixty requests takes hardly longer than one. Each part
//! is a message as it would be alone, header included, with its length before it.

use super::frame::{self, HEADER_BYTES, Kind};
use super::nng::Message;
use std::ops::Range;

/// Requests in one bundle at most.
pub const PARTS_MAX: usize = 64;

/// Bytes of the requests in one bundle at most, unless it is one alone. Answers have the whole message to share.
pub const BYTES_MAX: usize = 256 * 1024;

/// Bytes before each part: its length, as a big-endian number.
const LENGTH_BYTES: usize = size_of::<u32>();

/// What a part adds to a message beside its body.
pub const PART_BYTES: usize = LENGTH_BYTES + HEADER_BYTES;

/// A message of parts: what each is, and its body.
pub fn join(kind: Kind, contract: u16, parts: &[(Kind, &[u8])]) -> Message {
    let heads: Vec<[u8; PART_BYTES]> = parts
        .iter()
        .map(|(kind, body)| {
            let bytes = u32::try_from(HEADER_BYTES + body.len()).expect("a message is smaller than 4 GiB");
            let mut head = [0; PART_BYTES];
            head[..LENGTH_BYTES].copy_from_slice(&bytes.to_be_bytes());
            head[LENGTH_BYTES..].copy_from_slice(&frame::header(*kind, contract));
            head
        })
        .collect();
    let header = frame::header(kind, contract);
    let mut slices: Vec<&[u8]> = vec![&header];
    slices.extend(heads.iter().zip(parts).flat_map(|(head, (_, body))| [&head[..], body]));
    Message::new(&slices)
}

/// Where the parts of a bundle are in its bytes, which begin with the header; `None` when it is cut off or empty.
pub fn split(bytes: &[u8]) -> Option<Vec<Range<usize>>> {
    let (mut parts, mut at) = (Vec::new(), HEADER_BYTES);
    while at < bytes.len() {
        let begin = at + LENGTH_BYTES;
        let length = bytes.get(at..begin)?.try_into().expect("it is as long as a length");
        at = begin.checked_add(u32::from_be_bytes(length) as usize).filter(|end| *end <= bytes.len())?;
        parts.push(begin..at);
    }
    Some(parts).filter(|parts| !parts.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_come_out_as_they_went_in(bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..90), 1..9)) {
            let parts: Vec<(Kind, &[u8])> = bodies.iter().map(|body| (Kind::Request, &body[..])).collect();
            let message = join(Kind::Requests, 7, &parts);
            let found = split(message.bytes()).expect("a bundle");
            prop_assert_eq!(found.len(), bodies.len());
            for (range, body) in found.into_iter().zip(&bodies) {
                let part = frame::decode(&message.bytes()[range]).expect("a message");
                prop_assert_eq!((part.kind, part.contract, part.body), (Kind::Request, 7, &body[..]));
            }
            let whole = bodies.iter().map(|body| PART_BYTES + body.len()).sum::<usize>();
            prop_assert_eq!(message.bytes().len(), HEADER_BYTES + whole);
            prop_assert!(split(&message.bytes()[..message.bytes().len() - 1]).is_none(), "it is cut off");
        }

        #[test]
        fn garbage_never_breaks_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            for range in split(&bytes).unwrap_or_default() {
                prop_assert!(range.end <= bytes.len());
            }
        }
    }
}
