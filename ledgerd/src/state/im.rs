//! What a group knows of its chat platform: configuration, chats that are let in, chats that ask.
//!
//! No secret is in here: of keys there are hashes, and credentials and keys are in files that are named here.

use super::secret::Secrets;
use bus::contract::event::{ImChat, ImChatGone, ImConfig, ImKeyGone, ImPending};
use bus::contract::im::{Asking, Chat, chat_key};
use bus::contract::time::Micros;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How long an asking is remembered, so that a chat cannot ask too often.
const MEMORY: Micros = 3_600 * 1_000_000;

/// A chat that asks, and the hash of its key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pending {
    /// SHA-256 (hex) of the key.
    pub key_sha256: String,
    /// Who asks.
    pub asking: Asking,
}

impl Pending {
    /// Whether its key still counts.
    pub fn counts(&self, now: Micros) -> bool {
        now < self.asking.expires_at.saturating_mul(1_000_000)
    }
}

/// What a group knows of its chat platform.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Im {
    /// The configuration, without credentials.
    pub config: Option<Map<String, Value>>,
    /// The stored credentials.
    pub credentials: Secrets,
    /// Names the file with the keys of `pending`; `""` when there are none.
    pub keys_version: String,
    /// Chats that ask, the oldest first; some of their keys may not count any more.
    pub pending: Vec<Pending>,
    /// When each chat has asked, within the last hour.
    asked: BTreeMap<String, Vec<Micros>>,
    /// Chats that are let in, by key.
    pub chats: BTreeMap<String, Chat>,
}

impl Im {
    /// Whether the foreman, too, may let a chat in.
    pub fn agents_may_bind(&self) -> bool {
        self.config.as_ref().and_then(|config| config.get("allow_agent_bind")?.as_bool()) == Some(true)
    }

    /// How often a chat has asked within the last hour.
    pub fn asked_lately(&self, chat_key: &str, now: Micros) -> usize {
        self.asked.get(chat_key).map_or(0, |times| times.iter().filter(|time| now - **time < MEMORY).count())
    }

    /// Chats whose key still counts, the oldest first.
    pub fn waiting(&self, now: Micros) -> impl Iterator<Item = &Pending> {
        self.pending.iter().filter(move |pending| pending.counts(now))
    }

    /// Takes a new configuration.
    pub fn configure(&mut self, set: &ImConfig) {
        self.config.clone_from(&set.config);
        self.credentials = Secrets { version: set.version.clone(), keys: set.keys.clone() };
    }

    /// Takes a chat that asks. Its older key does not count any more.
    pub fn ask(&mut self, asks: &ImPending, now: Micros) {
        let of = |asking: &Asking| chat_key(&asking.chat_id, asking.thread_id);
        let chat_key = of(&asks.asking);
        self.pending.retain(|pending| pending.counts(now) && of(&pending.asking) != chat_key);
        self.pending.push(Pending { key_sha256: asks.key_sha256.clone(), asking: asks.asking.clone() });
        self.keys_version.clone_from(&asks.version);
        self.asked.values_mut().for_each(|times| times.retain(|time| now - *time < MEMORY));
        self.asked.retain(|_, times| !times.is_empty());
        self.asked.entry(chat_key).or_default().push(now);
    }

    /// Forgets a key: it was used or rejected.
    pub fn forget_key(&mut self, gone: &ImKeyGone) {
        self.pending.retain(|pending| pending.key_sha256 != gone.key_sha256);
        self.keys_version.clone_from(&gone.version);
    }

    /// Takes a chat that is let in, or what changed of it.
    pub fn let_in(&mut self, set: &ImChat) {
        self.chats.insert(chat_key(&set.chat.chat_id, set.chat.thread_id), set.chat.clone());
    }

    /// Forgets a chat.
    pub fn let_out(&mut self, gone: &ImChatGone) {
        self.chats.remove(&chat_key(&gone.chat_id, gone.thread_id));
    }
}
