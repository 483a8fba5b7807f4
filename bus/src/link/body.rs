//! What stands behind a header: JSON, as in the ledger and on the client socket, so that each type of the contract has
//! one spelling, and what is only handed on is not read.

use serde::{Deserialize, Serialize};

/// A request, an answer or a hint, ready for the bus.
///
/// # Panics
///
/// Never for a type of the contract: all of them are plain data.
pub fn write<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("the contract is plain data")
}

/// The same, off the bus.
///
/// # Errors
///
/// It is none, or one of another build of ours.
pub fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> serde_json::Result<T> {
    serde_json::from_slice(bytes)
}
