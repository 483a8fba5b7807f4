//! What waits for whom, over all groups.

use crate::contract::lenient;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `waiting_list`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct List {
    /// The `next_cursor` of the answer before; empty begins.
    #[serde(deserialize_with = "lenient::text")]
    pub cursor: String,
}

/// Answer of `waiting_list`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Listed {
    /// Groups in which something waits or is unread, by id.
    pub groups: Vec<WaitingGroup>,
    /// Whether there is more; absent when this is all. An answer has at most
    /// [`crate::contract::limit::PAGE_BYTES_MAX`] bytes of rows, and at least one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_more: bool,
    /// What to give as `cursor` to go on; absent when this is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// What waits in one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaitingGroup {
    /// Which group.
    pub group_id: String,
    /// What it is called.
    pub title: String,
    /// How many messages the user has not read.
    pub unread: u64,
    /// How many things the user owes.
    pub user_owes_total: u64,
    /// The newest of them, at most [`crate::contract::limit::WAITING_MAX`], newest first.
    pub user_owes: Vec<Owed>,
    /// How many messages of whomever actors have not answered.
    pub actors_owe_total: u64,
    /// The newest of them, at most [`crate::contract::limit::WAITING_MAX`], newest first.
    pub actors_owe: Vec<Owed>,
    /// Actors to whom messages could not be handed over.
    pub held: Vec<HeldFor>,
}

/// What a message asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Wants {
    /// A reply.
    Reply,
    /// An acknowledgement.
    Ack,
}

/// A message that asks for something that was not given yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Owed {
    /// The message.
    pub event_id: String,
    /// Its number in the group's ledger.
    pub seq: u64,
    /// When it was sent.
    pub ts: String,
    /// Who asks.
    pub by: String,
    /// For what.
    pub wants: Wants,
    /// Who owes it.
    pub owed_by: Vec<String>,
}

/// Messages that wait for an actor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldFor {
    /// Which actor.
    pub actor_id: String,
    /// How many.
    pub count: u64,
    /// The oldest of them.
    pub event_id: String,
    /// When that was sent.
    pub ts: String,
    /// Why it waits; `""` when nothing was recorded yet.
    pub reason: String,
}
