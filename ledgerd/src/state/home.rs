//! Facts about the home: which groups there are, which one is meant, and how often ledgerd was started.

use crate::decision::Head;
use bus::contract::{Body, Event};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The fold of the home ledger.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Home {
    /// Groups that belong to this home.
    pub groups: BTreeSet<String>,
    /// Group that attaching a scope means when none is named.
    pub scope_defaults: BTreeMap<String, String>,
    /// Group that commands mean that name none, or `""`.
    pub active_group: String,
    /// Counts the starts of ledgerd on this home.
    pub epoch: u64,
    /// The last event.
    pub head: Option<Head>,
    /// Why the home ledger can only be read.
    #[serde(skip)]
    pub damaged: Option<String>,
}

impl Home {
    /// Takes one event. Returns the group that is gone after it, if one is.
    pub fn apply(&mut self, event: &Event, head: Head) -> Option<String> {
        self.head = Some(head);
        match &event.body {
            Body::Opened(opened) => self.epoch = self.epoch.max(opened.epoch),
            Body::GroupKnown(known) => {
                self.groups.insert(known.known_group_id.clone());
            }
            Body::GroupDeleted(deleted) => {
                let gone = &deleted.deleted_group_id;
                self.groups.remove(gone);
                self.scope_defaults.retain(|_, group_id| group_id != gone);
                if self.active_group == *gone {
                    self.active_group.clear();
                }
                return Some(gone.clone());
            }
            Body::ScopeDefault(default) if default.default_group_id.is_empty() => {
                self.scope_defaults.remove(&default.scope_key);
            }
            Body::ScopeDefault(default) => {
                self.scope_defaults.insert(default.scope_key.clone(), default.default_group_id.clone());
            }
            Body::ActiveGroup(active) => self.active_group.clone_from(&active.active_group_id),
            // Kinds of group ledgers say nothing about the home, and unknown kinds say nothing to us.
            Body::GroupCreate(_)
            | Body::GroupUpdate(_)
            | Body::GroupAttach(_)
            | Body::GroupDetachScope(_)
            | Body::GroupSetActiveScope(_)
            | Body::GroupStart(_)
            | Body::GroupStop(_)
            | Body::GroupSetState(_)
            | Body::GroupSettingsUpdate(_)
            | Body::ContextSync(_)
            | Body::ActorAdd(_)
            | Body::ActorUpdate(_)
            | Body::ActorStart(_)
            | Body::ActorStop(_)
            | Body::ActorRestart(_)
            | Body::ActorRemove(_)
            | Body::ChatMessage(_)
            | Body::ChatAck(_)
            | Body::ChatRead(_)
            | Body::SystemNotify(_)
            | Body::SystemNotifyAck(_)
            | Body::Session(_)
            | Body::Delivery(_)
            | Body::Recovered(_)
            | Body::Unknown { .. } => {}
        }
        None
    }
}
