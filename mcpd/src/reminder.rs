//! One short line in every answer: what waits for the caller. Whoever works for an hour without looking into its inbox
//! learns of it by the way.

use bus::contract::op::principal::Speaker;

/// Where an answer has the line.
pub const FIELD: &str = "waiting_for_you";

/// The line for somebody, when something waits.
pub fn line(speaker: &Speaker) -> Option<String> {
    let unread = match speaker.unread_count? {
        0 => None,
        1 => Some("1 unread message: cccc_inbox_list".to_owned()),
        count => Some(format!("{count} unread messages: cccc_inbox_list")),
    };
    let owed = match speaker.replies_owed? {
        0 => None,
        1 => Some("1 reply is owed: cccc_message_reply".to_owned()),
        count => Some(format!("{count} replies are owed: cccc_message_reply")),
    };
    let parts: Vec<_> = unread.into_iter().chain(owed).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}
