//! Facts about the home: which groups there are, which one is meant, and how often ledgerd was started.

use super::push::PushDevices;
use super::remote::Remote;
use super::secret::{Kept, Secrets};
use super::web::WebTokens;
use crate::decision::Head;
use bus::contract::op::observability::Observability;
use bus::contract::{Body, Code, Event, OpError};
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
    /// Profiles and what is known of their secrets, by id.
    pub profiles: BTreeMap<String, Kept>,
    /// Whether whoever says to be an actor must prove it.
    pub strict_principals: bool,
    /// Access from other machines.
    pub remote: Remote,
    /// Tokens for the web server.
    #[serde(default)]
    pub web_tokens: WebTokens,
    /// Browsers that are told while no page is open.
    #[serde(default)]
    pub push: PushDevices,
    /// How much the system tells of itself.
    pub observability: Observability,
    /// Counts the starts of ledgerd on this home.
    pub epoch: u64,
    /// The last event.
    pub head: Option<Head>,
    /// Why the home ledger can only be read.
    #[serde(skip)]
    pub damaged: Option<String>,
}

impl Home {
    /// A profile.
    ///
    /// # Errors
    ///
    /// `profile_not_found`.
    pub fn profile(&self, profile_id: &str) -> Result<&Kept, OpError> {
        let not_found = || OpError::new(Code::ProfileNotFound, format!("profile not found: {profile_id}"));
        self.profiles.get(profile_id).ok_or_else(not_found)
    }

    /// Whether a token is stored that lets somebody use the web server.
    pub fn has_web_token(&self) -> bool {
        self.remote.has_token() || !self.web_tokens.tokens.is_empty()
    }

    /// Whoever was let in with a token is told nothing when it counts no more.
    fn forget_devices(&mut self) {
        let tokens = &self.web_tokens;
        self.push.retain(|token_id| tokens.tokens.iter().any(|token| token.token_id == token_id));
    }

    /// Takes one event. Returns the group that is gone after it, if one is.
    #[rustfmt::skip]
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
                self.web_tokens.forget_group(gone);
                self.forget_devices();
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
            Body::RemoteAccessSet(set) => self.remote.apply(set, &event.ts),
            Body::WebTokenAdded(added) => self.web_tokens.add(added),
            Body::WebTokenRevoked(revoked) => {
                self.web_tokens.revoke(revoked);
                self.forget_devices();
            }
            Body::WebPushSet(set) => self.push.set(set),
            Body::WebPushRemoved(removed) => self.push.remove(removed),
            Body::WebPushKept(kept) => self.push.keep(kept),
            Body::StrictPrincipals(set) => self.strict_principals = set.strict,
            Body::ActiveGroup(active) => self.active_group.clone_from(&active.active_group_id),
            Body::ProfileSet(set) => {
                let secrets = self.profiles.get(&set.profile.id).map(|kept| kept.secrets.clone()).unwrap_or_default();
                self.profiles.insert(set.profile.id.clone(), Kept { profile: set.profile.clone(), secrets });
            }
            Body::ProfileDeleted(deleted) => {
                self.profiles.remove(&deleted.profile_id);
            }
            Body::ProfileSecrets(secrets) => {
                if let Some(kept) = self.profiles.get_mut(&secrets.profile_id) {
                    kept.secrets = Secrets { version: secrets.version.clone(), keys: secrets.keys.clone() };
                }
            }
            Body::ObservabilitySet(set) => self.observability.clone_from(&set.observability),
            // It stands for what is in two groups' ledgers.
            Body::CrossGroup(_) => {}
            // Kinds of group ledgers say nothing about the home, and unknown kinds say nothing to us.
            Body::GroupCreate(_) | Body::GroupUpdate(_) | Body::GroupAttach(_) | Body::GroupDetachScope(_)
            | Body::GroupSetActiveScope(_) | Body::GroupStart(_) | Body::GroupStop(_) | Body::GroupSetState(_)
            | Body::GroupSettingsUpdate(_) | Body::GroupAutomationUpdate(_) | Body::RuleRan(_)
            | Body::TemplateApplied(_) | Body::ContextSync(_) | Body::PromptSet(_) | Body::ImConfig(_)
            | Body::ImPending(_) | Body::ImKeyGone(_) | Body::ImChat(_) | Body::ImChatGone(_) | Body::ActorAdd(_)
            | Body::ActorUpdate(_) | Body::ActorStart(_) | Body::ActorStop(_) | Body::ActorRestart(_)
            | Body::ActorRemove(_) | Body::ActorSecrets(_) | Body::ActorToken(_) | Body::ChatMessage(_)
            | Body::ChatAck(_) | Body::ChatRead(_) | Body::SystemNotify(_) | Body::SystemNotifyAck(_)
            | Body::Session(_) | Body::Delivery(_) | Body::ReplyRequestCancelled(_) | Body::HandOver(_)
            | Body::Tracked(_) | Body::Headless(_) | Body::Recovered(_)
            | Body::Unknown { .. } => {}
            Body::Unread(_) => debug_assert!(false, "an event is applied that was not read"),
        }
        None
    }
}
