//! Hints: lossy by design, so they carry no data.

use super::LinkError;
use std::path::Path;

/// The publishing end.
#[derive(Debug)]
pub struct Publisher {}

impl Publisher {
    /// Listens at `socket`, as [`super::Server::bind`] does.
    ///
    /// # Errors
    ///
    /// As [`super::Server::bind`].
    pub fn bind(socket: &Path) -> Result<Self, LinkError> {
        let _ = socket;
        Err(LinkError::Closed)
    }

    /// Tells everybody who listens. Never blocks; whoever is slow misses it.
    pub fn publish(&self, bytes: &[u8]) {
        let _ = bytes;
    }
}

/// The hearing end. Connects by itself, and again when the publisher comes back.
#[derive(Debug)]
pub struct Subscriber {}

impl Subscriber {
    /// Hears what is published at `socket`, now or once somebody publishes there.
    ///
    /// # Errors
    ///
    /// The path cannot be used at all.
    pub fn connect(socket: &Path) -> Result<Self, LinkError> {
        let _ = socket;
        Err(LinkError::Closed)
    }

    /// The next hint, a [`super::Hint`] as MessagePack with names. Older ones that were not taken are dropped.
    ///
    /// # Errors
    ///
    /// The link is closed.
    pub async fn recv(&mut self) -> Result<Vec<u8>, LinkError> {
        Err(LinkError::Closed)
    }

    /// The same for a thread, which waits up to `patience`; `None` when nothing came.
    ///
    /// # Errors
    ///
    /// The link is closed.
    pub fn recv_blocking(&mut self, patience: std::time::Duration) -> Result<Option<Vec<u8>>, LinkError> {
        let _ = patience;
        Err(LinkError::Closed)
    }
}
