//! Following ledgers: exactly once and in order, whatever is lost or restarted in between.

use crate::contract::{Event, OpError};
use crate::home::Home;
use std::time::Duration;

/// Holds a cursor per ledger, hears hints, and asks for the range whenever a head has moved.
#[derive(Debug)]
pub struct Follower {}

impl Follower {
    /// A follower of a home's ledgers that follows nothing yet. `name` is who asks, for logs.
    ///
    /// # Errors
    ///
    /// A socket's path cannot be used at all.
    pub fn connect(home: &Home, name: &'static str) -> Result<Self, super::LinkError> {
        let _ = (home, name);
        Err(super::LinkError::Closed)
    }

    /// Follows a ledger (a group id) after a sequence number; 0 is its beginning.
    pub fn follow(&mut self, ledger: &str, after_seq: u64) {
        let _ = (ledger, after_seq);
    }

    /// The next events of one of the followed ledgers, as soon as there are any.
    ///
    /// # Errors
    ///
    /// A ledger is gone (`group_not_found`): it is not followed any more. A server that is away is waited for.
    pub async fn next(&mut self) -> Result<Vec<Event>, OpError> {
        Err(OpError::group_not_found(""))
    }

    /// The same for a thread, which waits up to `patience`; empty when nothing happened.
    ///
    /// # Errors
    ///
    /// As [`Follower::next`].
    pub fn next_blocking(&mut self, patience: Duration) -> Result<Vec<Event>, OpError> {
        let _ = patience;
        Err(OpError::group_not_found(""))
    }
}
