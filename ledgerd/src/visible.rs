//! Visibility: which events of a ledger a stream shows to whom. Every front shows what it is given and decides nothing.

use crate::permission;
use crate::recipient::is_addressed;
use crate::state::group::Group;
use bus::contract::document::Role;
use bus::contract::{Body, Code, Event, OpError};

/// What somebody is shown of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visible {
    /// Everything.
    All,
    /// What is addressed to an actor, by its role at the moment, and not what it has said itself.
    Addressed {
        /// Its id.
        actor_id: String,
        /// Its role.
        role: Role,
    },
}

impl Visible {
    /// What is shown to the user, or to an actor of a group; without a group it is the home's own ledger.
    ///
    /// # Errors
    ///
    /// `unknown_actor`: it is somebody else.
    pub fn to(group: Option<&Group>, by: &str) -> Result<Self, OpError> {
        if permission::is_user(by) {
            return Ok(Self::All);
        }
        match group.filter(|group| group.actor_state(by).is_some()) {
            Some(group) => Ok(Self::Addressed { actor_id: by.to_owned(), role: group.role(by) }),
            None => Err(OpError::new(Code::UnknownActor, format!("unknown actor: {by}")).with("by", by)),
        }
    }

    /// Whether an event is shown.
    pub fn has(&self, event: &Event) -> bool {
        let Self::Addressed { actor_id, role } = self else { return true };
        debug_assert!(!matches!(event.body, Body::Unread(_)), "an event is judged that was not read");
        match &event.body {
            Body::ChatMessage(message) => event.by != *actor_id && is_addressed(&message.to, actor_id, *role),
            Body::SystemNotify(notify) => {
                notify.target_actor_id.as_deref().is_none_or(|target| target.trim().is_empty() || target == actor_id)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn event(kind: &str, by: &str, data: Value) -> Event {
        let line = json!({"seq": 1, "id": "e", "ts": "", "kind": kind, "group_id": "g", "by": by, "data": data});
        serde_json::from_value(line).unwrap()
    }

    #[test]
    fn everybody_sees_what_is_theirs() {
        let sees = |actor_id: &str, role| Visible::Addressed { actor_id: actor_id.into(), role };
        let (lead, peer) = (sees("lead", Role::Foreman), sees("peer", Role::Peer));
        let chat = |by: &str, to: Value| event("chat.message", by, json!({"text": "t", "to": to}));
        let notify = |target: Value| event("system.notify", "system", json!({"target_actor_id": target}));
        #[rustfmt::skip]
        let cases = [
            // event                                           lead   peer
            (chat("user", json!([])),                          true,  true),
            (chat("user", json!(["@all"])),                    true,  true),
            (chat("user", json!(["@peers"])),                  false, true),
            (chat("user", json!(["@foreman"])),                true,  false),
            (chat("user", json!(["peer"])),                    false, true),
            (chat("peer", json!(["@all"])),                    true,  false),
            (chat("peer", json!(["user"])),                    false, false),
            (notify(Value::Null),                              true,  true),
            (notify(json!(" ")),                               true,  true),
            (notify(json!("lead")),                            true,  false),
            (event("chat.ack", "peer", json!({"actor_id": "peer", "event_id": "e"})),  false, false),
            (event("actor.start", "user", json!({"actor_id": "peer"})),                false, false),
            (event("chat.read", "peer", json!({"actor_id": "peer", "event_id": "e"})), false, false),
            (event("x.cccc.delivery", "system", json!({})),    false, false),
        ];
        for (event, by_lead, by_peer) in cases {
            assert_eq!((lead.has(&event), peer.has(&event)), (by_lead, by_peer), "{event:?}");
            assert!(Visible::All.has(&event));
        }
    }
}
