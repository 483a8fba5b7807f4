//! The wire between two of our processes: requests that are answered once, and hints that may be lost.
//!
//! The only module that knows NNG exists. Everything here is in bytes or in types of [`crate::contract`]; what an
//! op means is no business of the link. A process that uses a link starts other programs only by fork and exec.

mod answer;
pub mod body;
mod bundle;
mod client;
pub mod frame;
mod nng;
mod publish;
mod seal;
mod server;
#[cfg(test)]
mod tests;
mod transcode;

pub use answer::{Answer, Json};
pub use client::Caller;
pub use publish::{Publisher, Subscriber};
pub use seal::Seal;
pub use server::{Incoming, Responder, Server};

use crate::contract::{OpError, limit};
use serde::{Deserialize, Serialize};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Largest message NNG takes: ours, our header and seal, what the parts of a bundle have before them, and the number by
/// which the library finds the conversation.
const WIRE_BYTES_MAX: usize = limit::BUS_MESSAGE_BYTES_MAX
    + frame::HEADER_BYTES
    + seal::SEAL_BYTES_MAX
    + bundle::PARTS_MAX * bundle::PART_BYTES
    + 4;

/// Why a message was not carried, or what is not known about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Nobody listens there, or it speaks another contract. The request was not processed.
    #[error("not reachable: {reason}")]
    Unavailable {
        /// What is known.
        reason: String,
    },
    /// No answer within the deadline. The outcome is unknown: ask again with the same request id.
    #[error("no answer within {after_ms} ms")]
    Timeout {
        /// The deadline.
        after_ms: u64,
    },
    /// The message is larger than the bus carries.
    #[error("the message takes {bytes} bytes, the limit BUS_MESSAGE_BYTES_MAX is {limit}")]
    TooBig {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The link was closed on our side, the connection broke after the request left, or the server let the
    /// request go. The outcome is unknown: ask again with the same request id.
    #[error("the link is closed")]
    Closed,
    /// The answer follows another contract: it comes from another build of ours, which is soon replaced. The outcome is
    /// unknown: ask again with the same request id.
    #[error("the answer cannot be understood: {reason}")]
    Foreign {
        /// What is known.
        reason: String,
    },
    /// The answer follows this contract and cannot be read. The outcome is unknown, and asking again brings the same.
    #[error("the answer cannot be read: {reason}")]
    Unreadable {
        /// What is wrong with it.
        reason: String,
    },
    /// A socket cannot be made, bound or configured.
    #[error("cannot {action} {}: {reason}", path.display())]
    Socket {
        /// What was attempted.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The library's words.
        reason: String,
    },
}

/// Why a call did not bring a reply.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CallError {
    /// The server answered no.
    #[error(transparent)]
    Refused(OpError),
    /// The server was not heard.
    #[error(transparent)]
    Link(LinkError),
}

/// What ledgerd publishes after each batch and as a heartbeat: how far each ledger has come. Latest wins.
///
/// A hint names the ledgers that moved; a heartbeat names all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// Counts the starts of ledgerd on this home.
    pub epoch: u64,
    /// A ledger (`home` or a group id) and the sequence number of its last event, or [`Hint::GONE`].
    pub heads: Vec<(String, u64)>,
}

impl Hint {
    /// Stands for the last event of a ledger that was removed: nobody need remember it any more.
    pub const GONE: u64 = u64::MAX;
}

/// Opens a socket and lets it listen at a path.
fn listen(pattern: nng::Pattern, path: &Path) -> Result<nng::Socket, LinkError> {
    let fail = |reason: String| LinkError::Socket { action: "listen at", path: path.to_path_buf(), reason };
    check(path)?;
    // The library takes whatever answers no connection for a stale socket, and removes it.
    if std::fs::symlink_metadata(path).is_ok_and(|there| !there.file_type().is_socket()) {
        return Err(fail("something else than a socket is there".into()));
    }
    let socket = nng::Socket::open(pattern, WIRE_BYTES_MAX).map_err(|failure| fail(failure.to_string()))?;
    socket.listen(path).map_err(|failure| match failure {
        nng::Failure::ADDRESS_IN_USE => fail("somebody else listens there".into()),
        nng::Failure::NO_ENTRY => fail("its folder does not exist".into()),
        other => fail(other.to_string()),
    })?;
    Ok(socket)
}

/// Opens a socket and connects it to a path in the background.
fn dial(pattern: nng::Pattern, path: &Path) -> Result<nng::Socket, LinkError> {
    let fail = |failure: nng::Failure| LinkError::Socket {
        action: "connect to",
        path: path.to_path_buf(),
        reason: failure.to_string(),
    };
    check(path)?;
    let socket = nng::Socket::open(pattern, WIRE_BYTES_MAX).map_err(fail)?;
    socket.dial(path).map_err(fail)?;
    Ok(socket)
}

fn check(path: &Path) -> Result<(), LinkError> {
    let (bytes, limit) = (path.as_os_str().as_bytes(), limit::SOCKET_PATH_BYTES_MAX);
    let reason = match bytes.len() {
        0 => "it is empty".to_owned(),
        len if len > limit => format!("it takes {len} bytes, the limit SOCKET_PATH_BYTES_MAX is {limit}"),
        _ if bytes.contains(&0) => "it contains a NUL".to_owned(),
        _ => return Ok(()),
    };
    Err(LinkError::Socket { action: "use the socket path", path: path.to_path_buf(), reason })
}

/// What both ends are told when they follow different contracts.
fn mismatch(theirs: u16, ours: u16) -> LinkError {
    let reason = format!(
        "the other process follows contract {theirs}, this one contract {ours}; `cccc daemon restart` brings all to one"
    );
    LinkError::Unavailable { reason }
}

/// Nothing in here panics half-way through a change, so a poisoned lock protects nothing that is broken.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
