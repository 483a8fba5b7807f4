//! Chat platforms as a group knows them: which one, with which credentials, and which of its chats are let in.

use super::document::words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

words! {
    /// A chat platform.
    Platform {
        /// Telegram, with a bot of its own.
        Telegram = "telegram",
        /// Slack, in Socket Mode.
        Slack = "slack",
        /// Discord.
        Discord = "discord",
        /// Feishu or Lark.
        Feishu = "feishu",
        /// DingTalk, in stream mode.
        Dingtalk = "dingtalk",
    } default Telegram
}

impl Platform {
    /// What a bridge needs to log in. Each is given as a value, which is stored as a secret, or as the name of an
    /// environment variable, under the same name with `_env`.
    pub fn credentials(self) -> &'static [&'static str] {
        match self {
            Self::Telegram | Self::Discord => &["bot_token"],
            Self::Slack => &["bot_token", "app_token"],
            Self::Feishu => &["feishu_app_id", "feishu_app_secret"],
            Self::Dingtalk => &["dingtalk_app_key", "dingtalk_app_secret", "dingtalk_robot_code"],
        }
    }

    /// Largest file a bridge passes on when the configuration does not say, in MB.
    pub fn file_mb(self) -> u64 {
        match self {
            Self::Telegram | Self::Slack => 20,
            Self::Discord | Self::Feishu | Self::Dingtalk => 10,
        }
    }
}

/// Names a chat within its group: the id, and the thread where it is one.
pub fn chat_key(chat_id: &str, thread_id: i64) -> String {
    if thread_id > 0 { format!("{chat_id}:{thread_id}") } else { chat_id.to_owned() }
}

/// A chat that is let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Chat {
    /// The platform's id of it.
    pub chat_id: String,
    /// Thread in it; 0 is the chat itself.
    #[serde(default)]
    pub thread_id: i64,
    /// The platform.
    pub platform: Platform,
    /// Name for people.
    #[serde(default)]
    pub chat_title: String,
    /// When it was let in, in seconds since 1970.
    pub authorized_at: i64,
    /// The first 12 hex digits of the SHA-256 of the key that let it in; the key itself is forgotten.
    #[serde(default)]
    pub key_used: String,
    /// Whether messages are passed on to it.
    pub subscribed: bool,
    /// Whether all messages are, or only those to the user.
    pub verbose: bool,
}

/// A chat that asks to be let in, without the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Asking {
    /// The platform's id of it.
    pub chat_id: String,
    /// Thread in it; 0 is the chat itself.
    #[serde(default)]
    pub thread_id: i64,
    /// The platform.
    pub platform: Platform,
    /// Name for people.
    #[serde(default)]
    pub chat_title: String,
    /// Name of whoever asked.
    #[serde(default)]
    pub from_user: String,
    /// The platform's id of whoever asked.
    #[serde(default)]
    pub from_user_id: String,
    /// When it asked, in seconds since 1970.
    pub created_at: i64,
    /// When its key stops to count, in seconds since 1970.
    pub expires_at: i64,
}
