//! Who writes which text that is shown while it is written: nobody goes on with a text of somebody else.
//!
//! Kept in memory. After a restart, a stream belongs to whoever goes on with it first. When a speaker has too many, those
//! of its own are forgotten that have ended, and then those that were not used for longest.

use bus::contract::op::principal::Speaker;
use bus::contract::{Code, OpError};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Streams of one speaker in one group that are remembered.
const SPEAKER_STREAMS_MAX: usize = 256;

/// A group and a stream's id.
type Stream = (String, String);

/// A group and a name in it; names that are nobody's there share one.
type Account = (String, String);

/// The authors of streams.
#[derive(Debug, Default)]
pub struct Authors(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    by: BTreeMap<Stream, Entry>,
    of: BTreeMap<Account, Own>,
    next: u64,
}

/// The ids of one speaker's streams, those that were used last at the end.
#[derive(Debug, Default)]
struct Own {
    open: VecDeque<String>,
    ended: VecDeque<String>,
}

impl Own {
    fn remove(&mut self, id: &str) {
        self.open.retain(|other| other != id);
        self.ended.retain(|other| other != id);
    }

    /// Takes out what is to be forgotten when there are too many.
    fn oldest(&mut self) -> Option<String> {
        if self.open.len() + self.ended.len() <= SPEAKER_STREAMS_MAX {
            return None;
        }
        self.ended.pop_front().or_else(|| self.open.pop_front())
    }
}

#[derive(Debug)]
struct Entry {
    /// Tells this author's stream from a later one of the same id.
    number: u64,
    author: String,
    account: Account,
    /// Whether something was shown of it.
    is_shown: bool,
    /// Requests that are about to show something.
    claims: usize,
}

/// A stream in the hands of its author. What is then refused makes nobody the author: dropped, it is as if it had not
/// been claimed.
#[derive(Debug)]
pub struct Claim<'a> {
    authors: &'a Authors,
    stream: Stream,
    number: u64,
}

impl Authors {
    /// Takes a stream that is the speaker's, or nobody's yet.
    ///
    /// # Errors
    ///
    /// `permission_denied`.
    pub fn claim(&self, group_id: &str, stream_id: &str, speaker: &Speaker) -> Result<Claim<'_>, OpError> {
        let by = &speaker.by;
        let mut known = self.lock();
        let stream = (group_id.to_owned(), stream_id.to_owned());
        if let Some(entry) = known.by.get_mut(&stream) {
            if entry.author != *by {
                let sentence =
                    format!("permission denied: the stream {stream_id} is not one of {by}; start another one");
                return Err(OpError::denied(Code::PermissionDenied, sentence).with("by", by.as_str()));
            }
            entry.claims += 1;
            let number = entry.number;
            known.note(&stream, false);
            return Ok(Claim { authors: self, stream, number });
        }
        // Anybody can make up names, which must neither fill the memory nor drive out those who are known.
        let is_known = speaker.proven || speaker.role.is_some() || by == "user";
        let account = (group_id.to_owned(), if is_known { by.clone() } else { String::new() });
        let number = known.insert(&stream, account, by);
        Ok(Claim { authors: self, stream, number })
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // Nothing in here panics half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn insert(&mut self, stream: &Stream, account: Account, author: &str) -> u64 {
        let number = self.next;
        self.next += 1;
        let own = self.of.entry(account.clone()).or_default();
        own.open.push_back(stream.1.clone());
        if let Some(oldest) = own.oldest() {
            self.by.remove(&(stream.0.clone(), oldest));
        }
        let entry = Entry { number, author: author.to_owned(), account, is_shown: false, claims: 1 };
        self.by.insert(stream.clone(), entry);
        number
    }

    /// Notes that a stream is used, or has ended.
    fn note(&mut self, stream: &Stream, has_ended: bool) {
        let Some(own) = self.by.get(stream).and_then(|entry| self.of.get_mut(&entry.account)) else { return };
        own.remove(&stream.1);
        let ids = if has_ended { &mut own.ended } else { &mut own.open };
        ids.push_back(stream.1.clone());
    }

    fn forget(&mut self, stream: &Stream) {
        let Some(entry) = self.by.remove(stream) else { return };
        let Some(own) = self.of.get_mut(&entry.account) else { return };
        own.remove(&stream.1);
        if own.open.is_empty() && own.ended.is_empty() {
            self.of.remove(&entry.account);
        }
    }
}

impl Claim<'_> {
    /// Something is shown of it: the stream stays its author's.
    pub fn shown(self) {
        self.becomes(false);
    }

    /// It has ended, and is remembered as long as there is room.
    pub fn ended(self) {
        self.becomes(true);
    }

    fn becomes(&self, ended: bool) {
        let mut known = self.authors.lock();
        let Some(entry) = self.entry(&mut known) else { return };
        entry.is_shown = true;
        known.note(&self.stream, ended);
    }

    /// What is known of it, as long as it is not forgotten.
    fn entry<'k>(&self, known: &'k mut Known) -> Option<&'k mut Entry> {
        known.by.get_mut(&self.stream).filter(|entry| entry.number == self.number)
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut known = self.authors.lock();
        let Some(entry) = self.entry(&mut known) else { return };
        entry.claims -= 1;
        if entry.claims == 0 && !entry.is_shown {
            known.forget(&self.stream);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speaker(by: &str) -> Speaker {
        Speaker { by: by.into(), proven: by.len() == 1, ..Speaker::default() }
    }

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
            let claimed = authors.claim(group_id, stream_id, &speaker(by));
            assert_eq!(claimed.is_ok(), may, "{group_id} {stream_id} {by}");
            match claimed {
                Ok(claim) => claim.shown(),
                Err(refused) => assert!(refused.is_denied()),
            }
        }
        authors.claim("g", "s", &speaker("a")).unwrap().ended();
        assert!(authors.claim("g", "s", &speaker("b")).is_err(), "an end is no gift");
    }

    #[test]
    fn whoever_is_refused_or_late_is_no_author() {
        let authors = Authors::default();
        let refused = authors.claim("g", "s", &speaker("a")).unwrap();
        assert!(authors.claim("g", "s", &speaker("b")).is_err(), "it is in somebody's hands");
        let other = authors.claim("g", "s", &speaker("a")).unwrap();
        drop(refused);
        assert!(authors.claim("g", "s", &speaker("b")).is_err(), "the other request may still show something");
        drop(other);
        authors.claim("g", "s", &speaker("b")).unwrap().shown();
        drop(authors.claim("g", "s", &speaker("b")).unwrap());
        let late = authors.claim("g", "s", &speaker("b")).unwrap();
        authors.claim("g", "s", &speaker("b")).unwrap().ended();
        for number in 0..SPEAKER_STREAMS_MAX {
            authors.claim("g", &format!("b{number}"), &speaker("b")).unwrap().shown();
        }
        authors.claim("g", "s", &speaker("a")).unwrap().shown();
        late.ended();
        assert!(authors.claim("g", "s", &speaker("b")).is_err(), "it is another stream now");
    }

    #[test]
    fn nobody_drives_out_the_streams_of_others() {
        let authors = Authors::default();
        for by in ["a", "e", "user"] {
            authors.claim("g", &format!("{by}s"), &speaker(by)).unwrap().shown();
        }
        for number in 0..SPEAKER_STREAMS_MAX * 4 {
            authors.claim("g", &format!("b{number}"), &speaker("b")).unwrap().shown();
            authors.claim("g", &format!("n{number}"), &speaker(&format!("made up {number}"))).unwrap().shown();
            authors.claim("g", &format!("e{number}"), &speaker("e")).unwrap().ended();
            // It is used, so it stays.
            authors.claim("g", "b0", &speaker("b")).unwrap().shown();
        }
        assert_eq!(authors.lock().by.len(), SPEAKER_STREAMS_MAX * 3 + 2);
        for stream_id in ["as", "es", "users", "b0"] {
            assert!(authors.claim("g", stream_id, &speaker("c")).is_err(), "{stream_id}");
        }
        assert!(authors.claim("g", "b1", &speaker("c")).is_ok(), "its own oldest went");
    }
}
