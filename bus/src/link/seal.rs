//! What stands before a request, behind the header: who has sent it, and the tag that proves it. A client sends a zero.

use crate::contract::links::Process;
use crate::key::{LinkKey, TAG_BYTES, Tag};

/// Bytes of the longest one.
pub const SEAL_BYTES_MAX: usize = 1 + TAG_BYTES;

/// Who says to have sent a request. Nobody has checked it yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    /// A client, who proves nothing.
    None,
    /// A daemon, with its proof.
    Of(Process, Tag),
}

/// The seal of a request, and how long it is.
pub(super) fn write(key: Option<&LinkKey>, request: &[u8]) -> ([u8; SEAL_BYTES_MAX], usize) {
    let mut bytes = [0; SEAL_BYTES_MAX];
    let Some(key) = key else { return (bytes, 1) };
    bytes[0] = key.asks().number();
    bytes[1..].copy_from_slice(&key.tag(request));
    (bytes, SEAL_BYTES_MAX)
}

/// Takes a seal off; `None` when there is none.
pub(super) fn split(bytes: &[u8]) -> Option<(Seal, &[u8])> {
    let (number, rest) = bytes.split_first()?;
    match Process::of_number(*number)? {
        Process::Client => Some((Seal::None, rest)),
        process => {
            let (tag, request) = rest.split_first_chunk::<TAG_BYTES>()?;
            Some((Seal::Of(process, *tag), request))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::RootKey;
    use proptest::prelude::*;

    #[test]
    fn a_seal_comes_off_as_it_was_put_on() {
        let key = RootKey::random().of(Process::Door).to_ask(Process::Ptyd);
        for (key, seal) in [(None, Seal::None), (Some(&key), Seal::Of(Process::Door, key.tag(b"request")))] {
            let (bytes, len) = write(key, b"request");
            let sent = [&bytes[..len], b"request"].concat();
            assert_eq!(split(&sent), Some((seal, &b"request"[..])));
            assert!(len == 1 || split(&sent[..len - 1]).is_none(), "half a seal is none");
        }
        assert_eq!(split(&[]), None);
        assert_eq!(split(&[200; 80]), None, "nobody has this number");
    }

    proptest! {
        #[test]
        fn garbage_never_breaks_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            if let Some((_, request)) = split(&bytes) {
                prop_assert!(bytes.ends_with(request));
            }
        }
    }
}
