//! The answering end: N contexts, each with one request in hand.

use super::LinkError;
use std::path::Path;

/// A request that waits for its answer.
#[derive(Debug)]
pub struct Incoming {
    /// The request, [`crate::contract::Request`] as MessagePack with names.
    pub bytes: Vec<u8>,
    /// Where the answer goes. Dropping it unanswered lets the caller time out.
    pub reply: Responder,
}

/// Answers one request, from any thread, later or at once.
#[derive(Debug)]
pub struct Responder {}

impl Responder {
    /// Sends the answer, [`crate::contract::Response`] as MessagePack with names.
    ///
    /// # Errors
    ///
    /// It is too large, or the caller is gone.
    pub fn send(self, bytes: &[u8]) -> Result<(), LinkError> {
        let _ = bytes;
        Err(LinkError::Closed)
    }
}

/// A bound request socket. Dropping it closes it; requests in hand are then never answered.
#[derive(Debug)]
pub struct Server {}

impl Server {
    /// Listens at `socket` (0600; a stale socket file is replaced, a living server is not) with `contexts`
    /// requests in hand at most; more wait in the library. `handler` is called on a library thread for each
    /// request and must not block: it hands the request on.
    ///
    /// # Errors
    ///
    /// The folder is missing, somebody else listens, or the path cannot be used.
    pub fn bind(
        socket: &Path,
        contexts: usize,
        handler: impl Fn(Incoming) + Send + Sync + 'static,
    ) -> Result<Self, LinkError> {
        let _ = (socket, contexts, &handler);
        Err(LinkError::Closed)
    }
}
