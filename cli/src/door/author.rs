//! Who writes which text that is shown while it is written: nobody goes on with a text of somebody else.
//!
//! Kept in memory. After a restart, a stream belongs to whoever goes on with it first.

use bus::contract::{Code, OpError};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Streams that are remembered; the oldest goes first.
const STREAMS_MAX: usize = 4_096;

/// A group and a stream's id.
type Stream = (String, String);

/// The authors of streams.
#[derive(Debug, Default)]
pub struct Authors(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    by: BTreeMap<Stream, String>,
    order: VecDeque<Stream>,
}

impl Authors {
    /// Checks that a stream is the speaker's, or nobody's yet.
    ///
    /// # Errors
    ///
    /// `permission_denied`.
    pub fn check(&self, group_id: &str, stream_id: &str, by: &str) -> Result<(), OpError> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match known.by.get(&(group_id.to_owned(), stream_id.to_owned())) {
            Some(author) if author != by => {
                let sentence =
                    format!("permission denied: the stream {stream_id} is not one of {by}; start another one");
                Err(OpError::denied(Code::PermissionDenied, sentence).with("by", by))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Remembers whose a stream is that something was shown of. What is refused makes nobody its author.
    pub fn note(&self, group_id: &str, stream_id: &str, by: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let stream = (group_id.to_owned(), stream_id.to_owned());
        if known.by.contains_key(&stream) {
            return;
        }
        if known.order.len() == STREAMS_MAX
            && let Some(oldest) = known.order.pop_front()
        {
            known.by.remove(&oldest);
        }
        known.order.push_back(stream.clone());
        known.by.insert(stream, by.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_its_authors_own() {
        let authors = Authors::default();
        #[rustfmt::skip]
        let cases = [
            // group  stream  by      may
            ("g",     "s",    "a",    true),
            ("g",     "s",    "a",    true),
            ("g",     "s",    "b",    false),
            ("g",     "s",    "user", false),
            ("g",     "t",    "b",    true),
            ("h",     "s",    "b",    true),
        ];
        for (group_id, stream_id, by, may) in cases {
            let checked = authors.check(group_id, stream_id, by);
            assert_eq!(checked.is_ok(), may, "{group_id} {stream_id} {by}");
            assert!(may || checked.unwrap_err().is_denied());
            authors.note(group_id, stream_id, by);
        }
        (0..STREAMS_MAX).for_each(|number| authors.note("g", &format!("n{number}"), "a"));
        assert_eq!(authors.0.lock().unwrap().by.len(), STREAMS_MAX);
        authors.check("g", "s", "b").unwrap();
    }
}
