//! The wire between two of our processes: requests that are answered once, and hints that may be lost.
//!
//! The only module that knows NNG exists. Everything here is in bytes or in types of [`crate::contract`]; what an
//! op means is no business of the link.

mod client;
mod follow;
mod publish;
mod server;

pub use client::Caller;
pub use follow::Follower;
pub use publish::{Publisher, Subscriber};
pub use server::{Incoming, Responder, Server};

use crate::contract::OpError;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

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
    /// The link was closed on our side, or the connection broke after the request left.
    #[error("the link is closed")]
    Closed,
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
    /// A ledger (`home` or a group id) and the sequence number of its last event.
    pub heads: Vec<(String, u64)>,
}
