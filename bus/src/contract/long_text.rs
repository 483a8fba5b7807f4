//! Texts of messages that are too long to stand in a ledger line: each is a stored file of its group, and the event holds
//! its beginning.

use super::{Body, Event};

/// What stands in the name of every such file, after its hash and before the message's id. Older homes name them so.
pub const MARK: &str = "_chat.";

/// How the name of the file ends that holds the text of this message.
pub fn ending(event_id: &str) -> String {
    format!("{MARK}{event_id}.txt")
}

/// The path, below its group's folder, of the file that holds the whole text of a message; `None` where the event itself
/// does. A file that another message's text became, and that is attached to this one, is not its text.
pub fn path(event: &Event) -> Option<&str> {
    let Body::ChatMessage(message) = &event.body else { return None };
    let ending = ending(&event.id);
    message.attachments.iter().map(|file| file.path.as_str()).find(|path| path.ends_with(&ending))
}
