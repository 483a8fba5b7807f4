//! One group: the fold of its ledger.
//!
//! Applying cannot fail: a kind that is unknown changes nothing, and an event about somebody who is not there is passed
//! over, because a later version, or an older one, may have written it.

use super::ack::Acks;
use super::actor::ActorState;
use super::automation::Automation;
use super::context::Context;
use super::im::Im;
use super::index::Index;
use super::prompt::Prompts;
use super::reply::Replies;
use super::settings::Settings;
use super::tracked::Keys;
use super::unread::{Reader, Unread};
use crate::decision::Head;
use bus::contract::Scope;
use bus::contract::document::{GroupState, Role};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Up to where somebody has read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Sequence number of the event.
    pub seq: u64,
    /// Its id.
    pub event_id: String,
    /// When the cursor moved.
    pub updated_at: String,
}

/// The fold of one group's ledger.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Group {
    /// `g_` and 12 hex digits.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// What it is about.
    pub topic: String,
    /// When it was created.
    pub created_at: String,
    /// When its document last changed.
    pub changed_at: String,
    /// When it was last used: messages, title, directories.
    pub touched_at: String,
    /// Whether messages are delivered.
    pub state: GroupState,
    /// Whether enabled actors should run.
    pub running: bool,
    /// Attached directories.
    pub scopes: Vec<Scope>,
    /// The one in which actors work that name none; `""` is none.
    pub active_scope_key: String,
    /// What was set.
    pub settings: Map<String, Value>,
    /// The roster, in order.
    pub actor_states: Vec<ActorState>,
    /// Up to where everybody has read, by name.
    pub cursors: BTreeMap<String, Cursor>,
    /// Vision, tasks and what else the group shares.
    pub context: Context,
    /// Rules, snippets, and how the rules fare.
    pub automation: Automation,
    /// Texts of its own that agents are given.
    pub prompts: Prompts,
    /// Its bridge to a chat platform.
    pub im: Im,
    /// Which events there are.
    pub index: Index,
    /// Who has not read what.
    pub unread: Unread,
    /// Who has acknowledged what.
    pub acks: Acks,
    /// Who has answered what.
    pub replies: Replies,
    /// Under which keys tasks were handed on.
    pub tracked: Keys,
    /// The last event.
    pub head: Option<Head>,
    /// Why the ledger can only be read.
    #[serde(skip)]
    pub damaged: Option<String>,
}

impl Group {
    /// A group without a single event.
    pub fn new(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::default() }
    }

    /// The actor's place.
    pub fn actor_state(&self, actor_id: &str) -> Option<&ActorState> {
        self.actor_states.iter().find(|actor_state| actor_state.actor.id == actor_id)
    }

    /// Rows of its actors, in roster order.
    pub fn actors(&self) -> impl Iterator<Item = &bus::contract::Actor> {
        self.actor_states.iter().map(|actor_state| &actor_state.actor)
    }

    /// The first enabled actor.
    pub fn foreman(&self) -> Option<&ActorState> {
        self.actor_states.iter().find(|actor_state| actor_state.actor.enabled)
    }

    /// Role of a name now; whoever is not in the roster counts as a peer.
    pub fn role(&self, name: &str) -> Role {
        if self.foreman().is_some_and(|actor_state| actor_state.actor.id == name) { Role::Foreman } else { Role::Peer }
    }

    /// Somebody's inbox now.
    pub fn reader<'a>(&self, name: &'a str) -> Reader<'a> {
        Reader { name, role: self.role(name), read_seq: self.cursors.get(name).map_or(0, |cursor| cursor.seq) }
    }

    /// The settings with their defaults.
    pub fn settings(&self) -> Settings<'_> {
        Settings(&self.settings)
    }
}
