//! One short line below every answer: what waits for the caller. Whoever works for an hour without looking into its inbox
//! learns of it by the way.

use crate::call::Call;
use bus::contract::op::principal::{Speaker, Whoami};
use std::time::Duration;

/// How long an answer is held back for it.
const PATIENCE: Duration = Duration::from_secs(1);

/// The line for whoever calls, when something waits.
pub async fn line(call: &Call) -> Option<String> {
    let group_id = call.identity().group_id()?.to_owned();
    let me = call.as_caller("").ok()?;
    // What cannot be found out now is no reason to hold an answer back.
    text(&tokio::time::timeout(PATIENCE, me.ask_for(Whoami { group_id })).await.ok()?.ok()?)
}

fn text(speaker: &Speaker) -> Option<String> {
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
    (!parts.is_empty()).then(|| format!("[cccc] {}", parts.join("; ")))
}
