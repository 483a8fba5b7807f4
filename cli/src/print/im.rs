//! A group's chat platform, for people: its configuration without secrets, chats that are let in, chats that ask.

use super::sentence::text;
use super::table::{Table, cell};
use super::{Page, Tone};
use bus::contract::im::{Chat, chat_key};
use bus::contract::op::bridge::{Configured, CredentialSource};
use bus::contract::op::im::Waiting;

/// The configuration, one field per line.
pub fn config(page: &Page, configured: &Configured) -> String {
    let Some(config) = &configured.im else {
        let sentence = format!("no chat platform; set one with `cccc im set <platform>{}`", page.place);
        return page.paint(Tone::Quiet, &sentence) + "\n";
    };
    let mut table = Table::default();
    for (name, value) in config {
        table.row([cell(Tone::Name, name), cell(Tone::Plain, text(value))]);
    }
    for (name, source) in &configured.credentials {
        let (tone, words) = match source {
            CredentialSource::Stored => (Tone::Good, "stored"),
            CredentialSource::Env => (Tone::Good, "from the environment"),
            CredentialSource::Missing => (Tone::Warn, "not given"),
        };
        table.row([cell(Tone::Name, name), cell(tone, words)]);
    }
    table.text(page, 0)
}

/// Chats that are let in.
pub fn chats(page: &Page, chats: &[Chat]) -> String {
    if chats.is_empty() {
        return page.paint(Tone::Quiet, "no chat is let in; send /subscribe in one") + "\n";
    }
    let mut table = Table::default();
    for chat in chats {
        let sent = match (chat.subscribed, chat.verbose) {
            (false, _) => "is sent nothing",
            (true, false) => "is sent what is for the user",
            (true, true) => "is sent everything",
        };
        table.row([
            cell(Tone::Name, chat_key(&chat.chat_id, chat.thread_id)),
            cell(Tone::Plain, chat.platform.word()),
            cell(Tone::Plain, &chat.chat_title),
            cell(Tone::Quiet, sent),
        ]);
    }
    table.text(page, 0)
}

/// Chats that ask, with the keys that let them in.
pub fn waiting(page: &Page, waiting: &[Waiting]) -> String {
    if waiting.is_empty() {
        return page.paint(Tone::Quiet, "no chat asks to be let in") + "\n";
    }
    let mut table = Table::default();
    for one in waiting {
        let asking = &one.asking;
        let who = format!("{} {}", asking.from_user, asking.from_user_id);
        table.row([
            cell(Tone::Name, &one.key),
            cell(Tone::Plain, asking.platform.word()),
            cell(Tone::Plain, chat_key(&asking.chat_id, asking.thread_id)),
            cell(Tone::Plain, &asking.chat_title),
            cell(Tone::Plain, who.trim()),
            cell(Tone::Quiet, format!("for {} s", one.expires_in_seconds)),
        ]);
    }
    table.text(page, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::tests::page;
    use serde_json::json;

    #[test]
    fn a_platform_and_its_chats_are_told_line_by_line() {
        let configured = json!({"group_id": "g", "im": {"enabled": true, "platform": "slack"},
                                "credentials": {"app_token": "missing", "bot_token": "stored"}});
        let told = config(&page(), &serde_json::from_value(configured).unwrap());
        assert_eq!(told, "enabled    true\nplatform   slack\napp_token  not given\nbot_token  stored\n");
        let chat = json!({"chat_id": "c", "thread_id": 7, "platform": "slack", "chat_title": "Ops", "authorized_at": 1,
                          "subscribed": true, "verbose": false});
        let told = chats(&page(), &[serde_json::from_value(chat).unwrap()]);
        assert_eq!(told, "c:7  slack  Ops  is sent what is for the user\n");
        let one = json!({"key": "k", "chat_id": "c", "platform": "slack", "from_user": "Zoe", "created_at": 1,
                         "expires_at": 601, "expires_in_seconds": 9});
        let told = waiting(&page(), &[serde_json::from_value(one).unwrap()]);
        assert_eq!(told, "k  slack  c  Zoe  for 9 s\n");
    }
}
