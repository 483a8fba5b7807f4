//! Answers that did not fit into a message: whoever asked was refused, and somebody must hear of it.
//!
//! Every list comes in pages, so there should be none. One that there is all the same is no silent retry but a trouble that
//! `cccc status` and `cccc doctor` show for as long as this process lives.

use bus::contract::limit;
use std::sync::{Arc, Mutex, PoisonError};
use tracing::error;

/// Notes them. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Unfit(Arc<Mutex<Option<Noted>>>);

#[derive(Debug)]
struct Noted {
    count: u64,
    op: &'static str,
    bytes: usize,
}

impl Unfit {
    /// Notes one.
    pub fn note(&self, op: &'static str, bytes: usize) {
        error!(op, bytes, limit = limit::BUS_MESSAGE_BYTES_MAX, "an answer does not fit into a message");
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = noted.as_ref().map_or(0, |noted| noted.count) + 1;
        *noted = Some(Noted { count, op, bytes });
    }

    /// What there is to say, in words.
    pub fn text(&self) -> Option<String> {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.as_ref().map(|Noted { count, op, bytes }| {
            format!(
                "{count} answers did not fit into a message, the last to {op} with {bytes} bytes (BUS_MESSAGE_BYTES_MAX \
                 is {})",
                limit::BUS_MESSAGE_BYTES_MAX
            )
        })
    }
}
