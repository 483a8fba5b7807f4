//! The asking end: one request context per request in flight, never sent twice by the library.

use super::{CallError, LinkError};
use crate::contract::{Reply, Request};
use std::path::Path;

/// A link to one server. Connects by itself, and again when the server comes back; used from any number of tasks
/// and threads at once.
#[derive(Debug)]
pub struct Caller {}

impl Caller {
    /// A link to the server that listens (or will listen) at `socket`. `name` is who asks, for logs.
    ///
    /// # Errors
    ///
    /// The path cannot be used at all. That nobody listens there yet is no error.
    pub fn connect(socket: &Path, name: &'static str) -> Result<Self, LinkError> {
        let _ = (socket, name);
        Err(LinkError::Closed)
    }

    /// Sends a request once and waits for its answer up to the request's deadline.
    ///
    /// # Errors
    ///
    /// The server's refusal, or what the link knows.
    pub async fn call(&self, request: Request) -> Result<Reply, CallError> {
        let _ = request;
        Err(CallError::Link(LinkError::Closed))
    }

    /// The same for a thread that may block.
    ///
    /// # Errors
    ///
    /// As [`Caller::call`].
    pub fn call_blocking(&self, request: Request) -> Result<Reply, CallError> {
        let _ = request;
        Err(CallError::Link(LinkError::Closed))
    }

    /// Whether a server is connected right now.
    pub fn connected(&self) -> bool {
        false
    }
}
