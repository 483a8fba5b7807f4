//! Who may see which event on a stream. Pure: the roster is handed in.

use bus::contract::document::{ActorView, Role};
use bus::contract::event::ChatMessage;
use bus::contract::{Body, Code, Event, OpError};

/// Kinds a stream can carry, as the standard lists them.
pub const STREAMABLE: [&str; 7] =
    ["chat.message", "chat.ack", "system.notify", "system.notify_ack", "actor.start", "actor.stop", "actor.restart"];

/// What one stream shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    kinds: Vec<&'static str>,
    looker: Looker,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Looker {
    /// Sees everything.
    User,
    /// Sees what is addressed to it, by its role at the moment.
    Actor { id: String, role: Role },
}

/// The kinds a client wants, all of them when it names none.
///
/// # Errors
///
/// `invalid_kinds`: it names some, and none of them can be streamed.
pub fn kinds(wanted: &[String]) -> Result<Vec<&'static str>, OpError> {
    if wanted.is_empty() {
        return Ok(STREAMABLE.to_vec());
    }
    let kinds: Vec<_> = STREAMABLE.into_iter().filter(|kind| wanted.iter().any(|wanted| wanted == kind)).collect();
    if kinds.is_empty() {
        return Err(OpError::new(Code::InvalidKinds, "none of these kinds can be streamed")
            .with("supported", STREAMABLE.to_vec()));
    }
    Ok(kinds)
}

impl View {
    /// The view of `user` (or a blank name), or of an actor of the roster.
    ///
    /// # Errors
    ///
    /// `unknown_actor`.
    pub fn new(by: &str, kinds: Vec<&'static str>, roster: &[ActorView]) -> Result<Self, OpError> {
        let looker = if by.is_empty() || by == "user" {
            Looker::User
        } else {
            let role = role_of(by, roster)
                .ok_or_else(|| OpError::new(Code::UnknownActor, format!("unknown actor: {by}")).with("by", by))?;
            Looker::Actor { id: by.to_owned(), role }
        };
        Ok(Self { kinds, looker })
    }

    /// Whether the view depends on the roster.
    pub fn needs_roster(&self) -> bool {
        self.looker != Looker::User
    }

    /// Takes the roster as it is now. False when the actor has left and has nothing to see here any more.
    pub fn update(&mut self, roster: &[ActorView]) -> bool {
        match &mut self.looker {
            Looker::User => true,
            Looker::Actor { id, role } => role_of(id, roster).map(|now| *role = now).is_some(),
        }
    }

    /// Whether texts are shown while they are written: to people, who may watch. An agent is told what is said.
    pub fn shows_pieces(&self) -> bool {
        self.looker == Looker::User && self.kinds.contains(&"chat.message")
    }

    /// Whether an event is shown.
    pub fn shows(&self, event: &Event) -> bool {
        if !self.kinds.contains(&event.kind()) {
            return false;
        }
        match (&self.looker, &event.body) {
            (Looker::User, _) => true,
            (Looker::Actor { id, role }, Body::ChatMessage(message)) => {
                event.by != *id && is_addressed(message, id, *role)
            }
            (Looker::Actor { id, .. }, Body::SystemNotify(notify)) => {
                notify.target_actor_id.as_deref().is_none_or(|target| target.trim().is_empty() || target == id)
            }
            (Looker::Actor { .. }, _) => false,
        }
    }
}

/// Whether an event may change somebody's role.
pub fn changes_roster(event: &Event) -> bool {
    let kind = event.kind();
    kind.starts_with("actor.") || kind == "group.start" || kind == "group.stop"
}

fn role_of(id: &str, roster: &[ActorView]) -> Option<Role> {
    roster.iter().find(|row| row.actor.id == id).map(|row| row.role)
}

fn is_addressed(message: &ChatMessage, id: &str, role: Role) -> bool {
    let to_role = match role {
        Role::Foreman => "@foreman",
        Role::Peer => "@peers",
    };
    message.to.is_empty() || message.to.iter().any(|to| to == "@all" || to == id || to == to_role)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn roster(rows: &[(&str, &str)]) -> Vec<ActorView> {
        let row = |(id, role): &(&str, &str)| json!({"v": 1, "id": id, "runtime": "custom", "created_at": "", "updated_at": "", "role": role, "running": true});
        rows.iter().map(|pair| serde_json::from_value(row(pair)).unwrap()).collect()
    }

    fn event(kind: &str, by: &str, data: Value) -> Event {
        let line = json!({"seq": 1, "id": "e", "ts": "", "kind": kind, "group_id": "g", "by": by, "data": data});
        serde_json::from_value(line).unwrap()
    }

    #[test]
    fn everybody_sees_what_is_theirs() {
        let roster = roster(&[("lead", "foreman"), ("peer", "peer")]);
        let view = |by| View::new(by, kinds(&[]).unwrap(), &roster).unwrap();
        let chat = |by: &str, to: Value| event("chat.message", by, json!({"text": "t", "to": to}));
        let notify = |target: Value| event("system.notify", "system", json!({"target_actor_id": target}));
        #[rustfmt::skip]
        let cases = [
            // event                                           user   lead   peer
            (chat("user", json!([])),                          true,  true,  true),
            (chat("user", json!(["@all"])),                    true,  true,  true),
            (chat("user", json!(["@peers"])),                  true,  false, true),
            (chat("user", json!(["@foreman"])),                true,  true,  false),
            (chat("user", json!(["peer"])),                    true,  false, true),
            (chat("peer", json!(["@all"])),                    true,  true,  false),
            (chat("peer", json!(["user"])),                    true,  false, false),
            (notify(Value::Null),                              true,  true,  true),
            (notify(json!("lead")),                            true,  true,  false),
            (event("chat.ack", "peer", json!({"actor_id": "peer", "event_id": "e"})), true, false, false),
            (event("actor.start", "user", json!({"actor_id": "peer"})),               true, false, false),
            (event("chat.read", "peer", json!({"actor_id": "peer", "event_id": "e"})), false, false, false),
            (event("x.cccc.delivery", "system", json!({})),    false, false, false),
        ];
        for (event, user, lead, peer) in cases {
            let seen = (view("user").shows(&event), view("lead").shows(&event), view("peer").shows(&event));
            assert_eq!(seen, (user, lead, peer), "{event:?}");
        }
    }

    #[test]
    fn only_the_kinds_that_are_wanted_are_shown() {
        let names = |kinds: &[&str]| kinds.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>();
        assert_eq!(kinds(&names(&["chat.ack", "chat.read"])).unwrap(), ["chat.ack"]);
        let refused = kinds(&names(&["chat.read"])).unwrap_err();
        assert_eq!((refused.code, refused.details["supported"].as_array().unwrap().len()), (Code::InvalidKinds, 7));
        let view = View::new("", kinds(&names(&["chat.ack"])).unwrap(), &[]).unwrap();
        assert!(!view.shows(&event("chat.message", "user", json!({"text": "t"}))));
    }

    #[test]
    fn a_role_is_what_it_is_now() {
        let mut view = View::new("b", kinds(&[]).unwrap(), &roster(&[("a", "foreman"), ("b", "peer")])).unwrap();
        let to_foreman = event("chat.message", "user", json!({"text": "t", "to": ["@foreman"]}));
        assert!(!view.shows(&to_foreman));
        assert!(view.update(&roster(&[("b", "foreman")])) && view.shows(&to_foreman));
        assert!(!view.update(&roster(&[("a", "foreman")])));
        let refused = View::new("nobody", vec![], &roster(&[("a", "foreman")])).unwrap_err();
        assert_eq!(refused.code, Code::UnknownActor);
    }
}
