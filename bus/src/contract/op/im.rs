//! Ops about the chats that are let into a group.
//!
//! A chat asks, and is given a key; whoever shows the key lets the chat in. A key counts for ten minutes, is kept as a
//! secret is, and leaves only its hash in the ledger.

use crate::contract::im::{Asking, Chat, Platform};
use crate::contract::lenient;
use crate::contract::private::Hidden;
use crate::contract::words::Word;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! by_key {
    ($($op:literal $name:ident),*) => {$(
        #[doc = concat!("`", $op, "`")]
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(default)]
        pub struct $name {
            /// Which group.
            #[serde(deserialize_with = "lenient::text")]
            pub group_id: String,
            /// The key that the chat was given.
            pub key: Hidden,
        }
    )*};
}

by_key!("im_bind_chat" Bind, "im_reject_pending" Reject);

/// Answer of `im_bind_chat`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bound {
    /// The chat that is let in now.
    pub chat_id: String,
    /// Thread in it; 0 is the chat itself.
    pub thread_id: i64,
    /// The platform.
    pub platform: Platform,
}

/// Answer of `im_reject_pending`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rejected {
    /// False when no chat waits with this key.
    pub rejected: bool,
}

/// `im_list_authorized`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListAuthorized {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// The `next_cursor` of the answer before; empty begins.
    #[serde(deserialize_with = "lenient::text")]
    pub cursor: String,
}

/// Answer of `im_list_authorized`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Authorized {
    /// By chat and thread.
    pub authorized: Vec<Chat>,
    /// Whether there is more; absent when this is all. An answer has at most
    /// [`crate::contract::limit::PAGE_BYTES_MAX`] bytes of rows, and at least one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_more: bool,
    /// What to give as `cursor` to go on; absent when this is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// `im_list_pending`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListPending {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
}

/// Answer of `im_list_pending`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pending {
    /// Newest first.
    pub pending: Vec<Waiting>,
}

/// A chat that asks to be let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "WaitingChat")]
pub struct Waiting {
    /// The key that lets it in.
    pub key: String,
    /// Who asks.
    #[serde(flatten)]
    pub asking: Asking,
    /// How long the key still counts.
    pub expires_in_seconds: i64,
}

/// `im_revoke_chat`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Revoke {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which chat.
    #[serde(deserialize_with = "lenient::text")]
    pub chat_id: String,
    /// Thread in it; 0, or no number, is the chat itself.
    #[serde(deserialize_with = "lenient::integer")]
    pub thread_id: Option<i64>,
}

/// Answer of `im_revoke_chat`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Revoked {
    /// Whether it was let in before.
    pub revoked: bool,
    /// Whether messages were passed on to it before.
    pub unsubscribed: bool,
}

/// `im_pending_add`: the key is made by whoever asks: 8 random bytes at least, in URL-safe base64.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PendingAdd {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// The key, which the chat is shown.
    pub key: Hidden,
    /// Which chat.
    #[serde(deserialize_with = "lenient::text")]
    pub chat_id: String,
    /// Thread in it; 0, or no number, is the chat itself.
    #[serde(deserialize_with = "lenient::integer")]
    pub thread_id: Option<i64>,
    /// A word of [`Platform`].
    #[serde(deserialize_with = "lenient::text")]
    #[schemars(with = "Word<Platform>")]
    pub platform: String,
    /// Name for people.
    #[serde(deserialize_with = "lenient::text")]
    pub chat_title: String,
    /// Name of whoever asks.
    #[serde(deserialize_with = "lenient::text")]
    pub from_user: String,
    /// The platform's id of whoever asks.
    #[serde(deserialize_with = "lenient::text")]
    pub from_user_id: String,
}

/// Answer of `im_pending_add`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PendingAdded {
    /// Whether the chat is let in already; then the key is worth nothing.
    pub authorized: bool,
    /// When the key stops to count, in seconds since 1970; 0 when it is worth nothing.
    pub expires_at: i64,
}

/// `im_chat_set`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ChatSet {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which chat.
    #[serde(deserialize_with = "lenient::text")]
    pub chat_id: String,
    /// Thread in it; 0, or no number, is the chat itself.
    #[serde(deserialize_with = "lenient::integer")]
    pub thread_id: Option<i64>,
    /// Whether messages are passed on to it; unchanged when missing.
    #[serde(deserialize_with = "lenient::optional_flag")]
    pub subscribed: Option<bool>,
    /// Whether all messages are, or only those to the user; unchanged when missing.
    #[serde(deserialize_with = "lenient::optional_flag")]
    pub verbose: Option<bool>,
}

/// Answer of `im_chat_set`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChatIs {
    /// The chat now.
    pub chat: Chat,
}
