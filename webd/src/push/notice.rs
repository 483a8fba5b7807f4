//! What is worth telling a browser: of which event, in which words. Pure.

use bus::contract::document::{NotifyKind, Priority};
use bus::contract::event::{ChatMessage, SystemNotify};
use bus::contract::push::PushTopic;
use bus::contract::{Body, Event, time};
use serde_json::json;

/// Characters of a text that are told.
const TEXT_CHARS_MAX: usize = 300;

/// The person.
const USER: &str = "user";

/// Something that a browser is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it is; none is a trial.
    pub topic: Option<PushTopic>,
    /// In which group.
    pub group_id: String,
    /// How it is called.
    pub group_title: String,
    /// Whose doing it is.
    pub by: String,
    /// The beginning of it.
    pub text: String,
    /// Which event; of several, the last.
    pub event_id: String,
    /// When that was, in microseconds since 1970.
    pub at: i64,
    /// How many of its kind came before it and were not told.
    pub more: usize,
}

impl Notice {
    /// What an event is to the user, if it is worth a notification. The group's title is not known here.
    pub fn of(event: &Event) -> Option<Self> {
        let (topic, by, text) = match &event.body {
            Body::ChatMessage(message) if event.by != USER => (of_message(message)?, event.by.clone(), &message.text),
            Body::SystemNotify(notify) if event.by == "system" => (PushTopic::Agent, of_agent(notify)?, &notify.title),
            _ => return None,
        };
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(TEXT_CHARS_MAX).collect();
        let (group_id, event_id, at) = (event.group_id.clone(), event.id.clone(), time::parse(&event.ts)?);
        Some(Self { topic: Some(topic), group_id, group_title: String::new(), by, text, event_id, at, more: 0 })
    }

    /// A trial, at somebody's wish.
    pub fn trial() -> Self {
        let nothing = String::new;
        let (group_id, group_title, by) = (nothing(), nothing(), nothing());
        Self {
            topic: None,
            group_id,
            group_title,
            by,
            text: nothing(),
            event_id: "test".into(),
            at: time::now(),
            more: 0,
        }
    }

    /// Whether it should wake a device that saves power.
    pub fn is_urgent(&self) -> bool {
        self.topic != Some(PushTopic::Message)
    }

    /// What the browser gets.
    pub fn payload(&self, lang: &str) -> Vec<u8> {
        let kind = self.topic.map_or("test", PushTopic::word);
        let Self { group_id, group_title, by, text, event_id, more, .. } = self;
        let told = json!({
            "kind": kind, "lang": lang, "group_id": group_id, "group_title": group_title, "by": by, "text": text,
            "event_id": event_id, "more": more
        });
        told.to_string().into_bytes()
    }
}

/// A message is told to whom it names.
fn of_message(message: &ChatMessage) -> Option<PushTopic> {
    let is_named = message.to.iter().any(|to| to == USER || to == "@user");
    // A record of what went to another group is told there.
    let is_here = message.dst_group_id.is_none();
    let is_owed = message.reply_required || message.priority == Priority::Attention;
    (is_named && is_here).then_some(if is_owed { PushTopic::Owed } else { PushTopic::Message })
}

/// The actor that is down, or at whose terminal a person is needed.
fn of_agent(notify: &SystemNotify) -> Option<String> {
    let actor_id = notify.context.get("actor_id").and_then(|id| id.as_str())?;
    let is_of_session = notify.context.contains_key("session_id");
    let is_to_user = notify.target_actor_id.as_deref() == Some(USER);
    (notify.kind == NotifyKind::Error && (is_of_session || is_to_user)).then(|| actor_id.to_owned())
}

/// Of several notices of one kind in one group, the last one, which says how many came before it.
pub fn gathered(notices: Vec<Notice>) -> Vec<Notice> {
    let mut last: Vec<Notice> = Vec::new();
    for notice in notices {
        match last.iter_mut().find(|other| other.group_id == notice.group_id && other.topic == notice.topic) {
            Some(other) => *other = Notice { more: other.more + 1, ..notice },
            None => last.push(notice),
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn event(by: &str, kind: &str, data: Value) -> Event {
        let ts = "2026-01-13T12:00:00Z";
        let event = json!({"v": 1, "id": "e", "ts": ts, "kind": kind, "group_id": "g_1", "by": by, "data": data});
        serde_json::from_value(event).unwrap()
    }

    #[test]
    fn what_concerns_the_user_is_told() {
        let message = |by: &str, data: Value| Notice::of(&event(by, "chat.message", data)).and_then(|told| told.topic);
        let to = |to: &[&str]| json!({"text": "t", "to": to});
        let owed = |more: Value| {
            let mut data = to(&["user"]);
            data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            data
        };
        assert_eq!(message("lead", to(&["user"])), Some(PushTopic::Message));
        assert_eq!(message("lead", to(&["peer"])), None);
        assert_eq!(message("lead", to(&[])), None);
        assert_eq!(message("user", to(&["user"])), None);
        assert_eq!(message("lead", owed(json!({"reply_required": true}))), Some(PushTopic::Owed));
        assert_eq!(message("lead", owed(json!({"priority": "attention"}))), Some(PushTopic::Owed));
        assert_eq!(message("lead", owed(json!({"dst_group_id": "g_2"}))), None);

        let notify = |kind: &str, target: &str, context: Value| {
            let data = json!({"kind": kind, "title": "lead is down", "target_actor_id": target, "context": context});
            Notice::of(&event("system", "system.notify", data)).map(|told| (told.by, told.text))
        };
        let told = Some(("lead".to_owned(), "lead is down".to_owned()));
        assert_eq!(notify("error", "foreman", json!({"actor_id": "lead", "session_id": "s"})), told);
        assert_eq!(notify("error", "user", json!({"actor_id": "lead", "event_ids": []})), told);
        assert_eq!(notify("error", "peer", json!({"actor_id": "lead", "event_ids": []})), None);
        assert_eq!(notify("nudge", "user", json!({"actor_id": "lead"})), None);
    }

    #[test]
    fn many_of_a_kind_are_one() {
        let of = |group_id: &str, topic, text: &str| Notice {
            topic: Some(topic),
            group_id: group_id.into(),
            text: text.into(),
            ..Notice::trial()
        };
        let told = gathered(vec![
            of("a", PushTopic::Message, "1"),
            of("b", PushTopic::Message, "2"),
            of("a", PushTopic::Message, "3"),
            of("a", PushTopic::Owed, "4"),
            of("a", PushTopic::Message, "5"),
        ]);
        let told: Vec<_> = told.iter().map(|told| (told.group_id.as_str(), told.text.as_str(), told.more)).collect();
        assert_eq!(told, [("a", "5", 2), ("b", "2", 0), ("a", "4", 0)]);
    }

    #[test]
    fn a_payload_fits_into_a_record() {
        let notice = Notice { text: "語".repeat(TEXT_CHARS_MAX), group_title: "題".repeat(200), ..Notice::trial() };
        assert!(notice.payload("ja").len() < 3_000);
    }
}
