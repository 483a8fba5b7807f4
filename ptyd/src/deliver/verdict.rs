//! What can be said of a text that was typed: how it stands, why nobody knows what became of it, and what is known.

use crate::session::typing::Typing;
use serde_json::{Map, Value, json};

/// How a text stands after its submit key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// It has left the composer.
    Gone,
    /// It stands there still.
    Stands,
    /// A person typed while it stood there still, so what became of it afterwards may be the person's doing.
    Touched,
    /// Something else is shown in the place of the composer.
    Hidden,
    /// The session has ended.
    Ended,
}

/// Why nobody knows what became of a text.
pub const DISTURBED: &str = "a person typed in the middle of it";

/// See [`DISTURBED`].
pub const STANDS: &str = "it still stands in the composer after its submit key";

/// See [`DISTURBED`].
pub const STOOD: &str = "it stood in the composer while a person was at the keyboard, and nobody saw what became of it";

/// See [`DISTURBED`].
pub const HIDDEN: &str = "something else came in the place of the composer after its submit key";

/// See [`DISTURBED`].
pub const TOUCHED: &str = "a person typed before it was seen to leave the composer";

/// See [`DISTURBED`].
pub const ENDED: &str = "the session ended before it was seen to leave";

/// See [`DISTURBED`].
pub const REPLACED: &str = "another program came to the foreground in the middle of it";

/// See [`DISTURBED`].
pub const GONE: &str = "it was on the screen and is gone, and nobody saw it sent";

/// See [`DISTURBED`].
pub const DROPPED: &str = "it was typed several times, and the program never showed it";

/// See [`DISTURBED`].
pub const UNKNOWN: &str = "nobody can be asked how far it came";

/// What is known about a text that was typed into a session.
pub fn evidence(session_id: &str, typing: &Typing) -> Map<String, Value> {
    let facts = json!({"session": session_id, "bytes": typing.total(), "offset": typing.offset});
    facts.as_object().cloned().unwrap_or_default()
}
