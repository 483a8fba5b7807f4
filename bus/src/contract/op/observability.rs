//! Ops about how much the system tells of itself: settings of the home, and what developers look at.

use crate::contract::document::{GroupState, Role, Runner, words};
use crate::contract::lenient;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How much the system tells of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Observability {
    /// Whether the `debug_` ops answer, and `INFO` means `DEBUG`.
    pub developer_mode: bool,
    /// A word of `LogLevel`: how much our processes log, but for one that was started with `CCCC_LOG`.
    pub log_level: String,
    /// Parts that are looked at; kept for clients.
    pub components: Vec<String>,
    /// What is kept of terminals; kept for clients.
    pub terminal_transcript: TerminalTranscript,
    /// How terminals are shown.
    pub terminal_ui: TerminalUi,
}

words! {
    /// How much a process logs.
    LogLevel {
        /// What developers want to know.
        Debug = "DEBUG",
        /// What happens.
        Info = "INFO",
        /// What somebody should look at.
        Warning = "WARNING",
        /// What has failed.
        Error = "ERROR",
        /// The same; there is nothing worse.
        Critical = "CRITICAL",
    } default Info
}

/// Words that Python programs know for two of them.
const ALIASES: [(&str, LogLevel); 2] = [("WARN", LogLevel::Warning), ("FATAL", LogLevel::Critical)];

impl LogLevel {
    /// The level of a word, also of one that Python programs know.
    pub fn read(word: &str) -> Option<Self> {
        let alias = ALIASES.iter().find(|(alias, _)| word.trim().eq_ignore_ascii_case(alias));
        alias.map(|(_, level)| *level).or_else(|| Self::parse(word))
    }
}

impl Observability {
    /// How much our processes are to log.
    pub fn level(&self) -> LogLevel {
        match LogLevel::parse(&self.log_level).unwrap_or_default() {
            LogLevel::Info if self.developer_mode => LogLevel::Debug,
            level => level,
        }
    }
}

/// What is kept of terminals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TerminalTranscript {
    /// Whether it is wanted.
    pub enabled: bool,
    /// How much of each.
    pub per_actor_bytes: u64,
    /// Whether it is to stay.
    pub persist: bool,
    /// Whether escape sequences go.
    pub strip_ansi: bool,
}

/// How terminals are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TerminalUi {
    /// Lines one can scroll back, 1,000 to 200,000.
    pub scrollback_lines: u64,
}

impl Default for Observability {
    fn default() -> Self {
        Self {
            developer_mode: false,
            log_level: "INFO".into(),
            components: ["daemon", "web", "delivery", "im", "pty", "mcp"].map(str::to_owned).into(),
            terminal_transcript: TerminalTranscript::default(),
            terminal_ui: TerminalUi::default(),
        }
    }
}

impl Default for TerminalTranscript {
    fn default() -> Self {
        Self { enabled: false, per_actor_bytes: 10 * 1024 * 1024, persist: false, strip_ansi: true }
    }
}

impl Default for TerminalUi {
    fn default() -> Self {
        Self { scrollback_lines: 8_000 }
    }
}

/// `observability_get`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Get {}

/// Answer of `observability_get` and `observability_update`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Is {
    /// All of it.
    pub observability: Observability,
}

/// `observability_update`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Update {
    /// Fields to change, nested ones by themselves; what is not known is passed over.
    #[serde(deserialize_with = "lenient::object")]
    pub patch: Option<Map<String, Value>>,
}

/// `debug_snapshot`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Snapshot {
    /// Group to look into; empty is none.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
}

/// Answer of `debug_snapshot`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Snapshotted {
    /// Always true.
    pub developer_mode: bool,
    /// All of it.
    pub observability: Observability,
    /// Who answers.
    pub daemon: Daemon,
    /// The group that was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupIs>,
    /// Its actors, in roster order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actors: Option<Vec<ActorIs>>,
    /// What waits for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryIs>,
}

/// Who answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Daemon {
    /// Process id.
    pub pid: u32,
    /// Product version.
    pub version: String,
    /// Now.
    pub ts: String,
}

/// A group, for developers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupIs {
    /// Its id.
    pub group_id: String,
    /// Whether messages are delivered.
    pub state: GroupState,
    /// The scope actors work in.
    pub active_scope_key: String,
    /// Its name.
    pub title: String,
}

/// An actor, for developers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ActorIs {
    /// Its id.
    pub id: String,
    /// Its role now.
    pub role: Role,
    /// Its runtime.
    pub runtime: String,
    /// What carries it.
    pub runner: Runner,
    /// The same; terminals are always there.
    pub runner_effective: Runner,
    /// Whether it should run.
    pub enabled: bool,
    /// Whether it runs.
    pub running: bool,
    /// What it has not read.
    pub unread_count: u64,
}

/// What waits for the actors of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryIs {
    /// Which group.
    pub group_id: String,
    /// How much waits in all.
    pub pending_total: u64,
    /// What waits for each.
    pub actors: BTreeMap<String, Pending>,
}

/// What waits for one actor, and what it has been given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pending {
    /// How much.
    pub pending: u64,
    /// Kinds of the first ones, 20 at most.
    pub pending_kinds_preview: Vec<String>,
    /// Why the first one waits, when that was recorded.
    pub reason: String,
    /// When it was last given something; null when that was never.
    pub last_delivery_at: Option<String>,
    /// When that was last tried, whatever came of it; null when it never was.
    pub last_attempt_at: Option<String>,
    /// How many messages it has been given since it was added.
    pub delivered_chat_count: u64,
}

/// `debug_tail_logs`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TailLogs {
    /// A process of ours by its name, or as the standard calls them: `daemon`, `ccccd`, `web`, `im`, `im_bridge`.
    #[serde(deserialize_with = "lenient::text")]
    pub component: String,
    /// Group whose foreman asks, and whose bridge is meant.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// How many of the last lines, 1 to 2,000; 200 when missing.
    #[serde(deserialize_with = "lenient::integer")]
    pub lines: Option<i64>,
}

/// Answer of `debug_tail_logs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogTail {
    /// As it was asked for.
    pub component: String,
    /// As it was asked for.
    pub group_id: String,
    /// The file.
    pub path: String,
    /// Its last lines; none when there is no file.
    pub lines: Vec<String>,
}

/// `debug_clear_logs`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ClearLogs {
    /// As in `debug_tail_logs`.
    #[serde(deserialize_with = "lenient::text")]
    pub component: String,
    /// As in `debug_tail_logs`.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
}

/// Answer of `debug_clear_logs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogCleared {
    /// As it was asked for.
    pub component: String,
    /// As it was asked for.
    pub group_id: String,
    /// The file.
    pub path: String,
    /// Always true.
    pub cleared: bool,
}
