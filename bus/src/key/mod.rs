//! Keys by which our daemons prove who they are: a root key per start, and what is derived from it.
//!
//! A request is authenticated by a keyed hash (blake3) over its bytes. The key of that is derived from the root key by who
//! asks and then by who is asked, so a daemon that has its own key only can pass for no other one, and what was sent to one
//! process proves nothing to another. The keys themselves are never sent: who binds a false socket learns none.
//!
//! What a daemon is given, and where it finds it, is in [`held`].

mod guard;
pub mod held;

pub use guard::{Guard, is_of_another_start};
pub use held::{Held, KeyError};

use crate::contract::id;
use crate::contract::links::{LINKS, Process};
use std::fmt;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// Bytes of a tag.
pub const TAG_BYTES: usize = 32;

/// What proves a request, together with its bytes.
pub type Tag = [u8; TAG_BYTES];

/// The key of one start of everything, from which all others are derived. The supervisor has it and no daemon under it.
#[derive(Clone, PartialEq, Eq)]
pub struct RootKey([u8; KEY_BYTES]);

impl RootKey {
    /// A new one.
    pub fn random() -> Self {
        // More random bits than the key has.
        let tokens = [id::token(), id::token()].concat();
        Self(blake3::derive_key("cccc root key of a start, version 1", tokens.as_bytes()))
    }

    /// The key with which a process proves to be it.
    pub fn of(&self, process: Process) -> DaemonKey {
        DaemonKey { process, secret: derive(&self.0, process) }
    }

    /// What a process checks its askers with: the key to it of each daemon that has a row in [`LINKS`].
    pub fn askers(&self, asked: Process) -> Vec<LinkKey> {
        let links = LINKS.iter().filter(|link| link.asked == asked && link.asks.is_daemon());
        links.map(|link| self.of(link.asks).to_ask(asked)).collect()
    }
}

/// What one daemon proves itself with.
#[derive(Clone, PartialEq, Eq)]
pub struct DaemonKey {
    process: Process,
    secret: [u8; KEY_BYTES],
}

impl DaemonKey {
    /// Whose it is.
    pub fn process(&self) -> Process {
        self.process
    }

    /// The key with which it asks another process.
    pub fn to_ask(&self, asked: Process) -> LinkKey {
        LinkKey { asks: self.process, secret: derive(&self.secret, asked) }
    }
}

/// What the requests of one daemon to another are proven with.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkKey {
    asks: Process,
    secret: [u8; KEY_BYTES],
}

impl LinkKey {
    /// Who asks with it.
    pub fn asks(&self) -> Process {
        self.asks
    }

    /// The proof of a request.
    pub fn tag(&self, request: &[u8]) -> Tag {
        *self.hash(request).as_bytes()
    }

    /// Whether a tag proves a request. Takes as long whatever the tag is.
    pub fn proves(&self, request: &[u8], tag: Tag) -> bool {
        self.hash(request) == blake3::Hash::from_bytes(tag)
    }

    fn hash(&self, request: &[u8]) -> blake3::Hash {
        blake3::keyed_hash(&self.secret, request)
    }
}

fn derive(key: &[u8; KEY_BYTES], process: Process) -> [u8; KEY_BYTES] {
    *blake3::keyed_hash(key, process.name().as_bytes()).as_bytes()
}

/// Nothing shows a key, whatever it is printed with.
macro_rules! hidden {
    ($($key:ident),*) => {$(
        impl fmt::Debug for $key {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($key)).finish_non_exhaustive()
            }
        }
    )*};
}

hidden!(RootKey, DaemonKey, LinkKey);

#[cfg(test)]
mod tests {
    use super::*;

    /// The same start, the same sender, the same recipient, the same bytes: nothing else is proven.
    #[test]
    fn a_tag_proves_one_request_of_one_daemon_to_one_other() {
        let (start, other) = (RootKey::random(), RootKey::random());
        assert!(start != other);
        let tag = start.of(Process::Door).to_ask(Process::Ledgerd).tag(b"request");
        #[rustfmt::skip]
        let cases = [
            // start   sender            recipient           bytes         proven
            (&start, Process::Door,    Process::Ledgerd,   &b"request"[..],  true),
            (&other, Process::Door,    Process::Ledgerd,   b"request",       false),
            (&start, Process::Ptyd,    Process::Ledgerd,   b"request",       false),
            (&start, Process::Door,    Process::Ptyd,      b"request",       false),
            (&start, Process::Door,    Process::Ledgerd,   b"requesu",       false),
            (&start, Process::Door,    Process::Ledgerd,   b"",              false),
        ];
        for (start, asks, asked, bytes, is_proven) in cases {
            assert_eq!(start.of(asks).to_ask(asked).proves(bytes, tag), is_proven, "{asks:?} to {asked:?}");
        }
    }

    #[test]
    fn no_key_is_shown() {
        let root = RootKey::random();
        let own = root.of(Process::Door);
        let shown = format!("{root:?} {own:?} {:?}", own.to_ask(Process::Ptyd));
        assert_eq!(shown, "RootKey { .. } DaemonKey { .. } LinkKey { .. }");
    }
}
