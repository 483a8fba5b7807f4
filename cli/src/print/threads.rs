//! A stretch of a ledger as a conversation: what was said, and under it how far it has come with whom.
//!
//! Steps of delivery, reads and acknowledgements are folded into the message they are about when that message is
//! in the stretch; otherwise they stand for themselves, so nothing is hidden.

use super::{Page, Tone, event};
use bus::contract::document::Stage;
use bus::contract::event::ChatMessage;
use bus::contract::{Body, Event};

/// How far one message has come with one actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    actor_id: String,
    progress: MessageProgress,
}

/// Later is further.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum MessageProgress {
    Delivery(DeliveryStep),
    Read,
    Acknowledged,
    Answered,
}

/// A step of delivery. Any step may follow any other: a held message is handed over, a failed one held again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct DeliveryStep(Stage, String);

/// One event, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ThreadEntry<'a> {
    /// What happened.
    pub event: &'a Event,
    marks: Vec<Mark>,
}

/// Folds a stretch of a ledger.
pub fn fold(events: &[Event]) -> Vec<ThreadEntry<'_>> {
    let mut entries: Vec<ThreadEntry<'_>> = Vec::new();
    for event in events {
        if !absorb(&mut entries, event) {
            entries.push(ThreadEntry { event, marks: Vec::new() });
        }
    }
    entries
}

/// Notes on earlier entries what an event says about them; true when nothing is left to tell.
fn absorb(entries: &mut [ThreadEntry<'_>], event: &Event) -> bool {
    match &event.body {
        Body::Delivery(delivery) => {
            let step = DeliveryStep(delivery.stage, delivery.reason.clone());
            let marked = |id: &String| mark(entries, id, &delivery.actor_id, MessageProgress::Delivery(step.clone()));
            delivery.event_ids.iter().map(marked).filter(|is_here| !is_here).count() == 0
        }
        Body::ChatAck(ack) => mark(entries, &ack.event_id, &ack.actor_id, MessageProgress::Acknowledged),
        Body::SystemNotifyAck(ack) => mark(entries, &ack.notify_event_id, &ack.actor_id, MessageProgress::Acknowledged),
        Body::ChatRead(read) => {
            let Some(last) = entries.iter().rposition(|entry| entry.event.id == read.event_id) else { return false };
            for entry in entries[..=last].iter_mut() {
                if entry.event.id == read.event_id || entry.is_for(&read.actor_id) {
                    entry.mark(&read.actor_id, MessageProgress::Read);
                }
            }
            true
        }
        Body::ChatMessage(ChatMessage { reply_to: Some(answered), .. }) => {
            mark(entries, answered, &event.by, MessageProgress::Answered);
            false
        }
        _ => false,
    }
}

fn mark(entries: &mut [ThreadEntry<'_>], event_id: &str, actor_id: &str, progress: MessageProgress) -> bool {
    let Some(entry) = entries.iter_mut().rfind(|entry| entry.event.id == event_id) else { return false };
    entry.mark(actor_id, progress);
    true
}

impl ThreadEntry<'_> {
    fn mark(&mut self, actor_id: &str, progress: MessageProgress) {
        match self.marks.iter_mut().find(|mark| mark.actor_id == actor_id) {
            Some(mark) => match (&mark.progress, &progress) {
                (MessageProgress::Delivery(_), _) => mark.progress = progress,
                (before, now) if now > before => mark.progress = progress,
                _ => {}
            },
            None => self.marks.push(Mark { actor_id: actor_id.into(), progress }),
        }
    }

    /// Whether a message is surely for somebody: it names it, or everybody, or is on its way to it. What
    /// `@peers` and `@foreman` meant at the time is not known here.
    fn is_for(&self, actor_id: &str) -> bool {
        if self.event.by == actor_id {
            return false;
        }
        let is_named = match &self.event.body {
            Body::ChatMessage(message) => {
                message.to.is_empty() || message.to.iter().any(|to| to == actor_id || to == "@all")
            }
            Body::SystemNotify(notice) => notice.target_actor_id.as_deref().is_none_or(|target| target == actor_id),
            _ => false,
        };
        is_named || self.marks.iter().any(|mark| mark.actor_id == actor_id)
    }

    /// Tells the event and how far it has come.
    pub fn text(&self, page: &Page) -> String {
        let mut told = event::text(page, self.event);
        if !self.marks.is_empty() {
            let marks: Vec<_> = self.marks.iter().map(|mark| mark.text(page)).collect();
            told += &format!("    {}\n", marks.join(&page.paint(Tone::Quiet, " · ")));
        }
        told
    }
}

impl Mark {
    fn text(&self, page: &Page) -> String {
        let (tone, how) = match &self.progress {
            MessageProgress::Delivery(DeliveryStep(stage, reason)) => event::stage(*stage, reason),
            MessageProgress::Read => (Tone::Good, "read".into()),
            MessageProgress::Acknowledged => (Tone::Good, "acknowledged".into()),
            MessageProgress::Answered => (Tone::Good, "answered".into()),
        };
        page.paint(tone, &format!("{}: {how}", self.actor_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::event::tests::event as make;
    use crate::print::tests::page;
    use serde_json::json;

    fn told(events: &[Event]) -> String {
        fold(events).iter().map(|entry| entry.text(&page())).collect()
    }

    #[test]
    fn a_message_shows_how_far_it_has_come_with_whom() {
        let message = make(1, "chat.message", "user", json!({"text": "Begin.", "to": ["@all"]}));
        let step = |seq, actor: &str, stage: &str, reason: &str| {
            let data = json!({"actor_id": actor, "event_ids": [message.id], "stage": stage, "reason": reason});
            make(seq, "x.cccc.delivery", "system", data)
        };
        let read = make(6, "chat.read", "a", json!({"actor_id": "a", "event_id": message.id}));
        let answer = make(7, "chat.message", "b", json!({"text": "Yes.", "to": ["user"], "reply_to": message.id}));
        let late = step(8, "b", "handed", "");
        let events = [
            message.clone(),
            step(2, "a", "held", "starting"),
            step(3, "b", "handed", ""),
            step(4, "a", "handed", ""),
            step(5, "c", "held", "paused"),
            read,
            answer,
            late,
        ];
        let wanted = "12:00:00 user → @all #00000001\n    Begin.\n    a: read · b: answered · c: held (paused)\n\
                      12:00:00 b → user #00000007\n    > #00000001\n    Yes.\n";
        assert_eq!(told(&events), wanted);
    }

    #[test]
    fn what_is_about_earlier_messages_stands_for_itself() {
        let events = [
            make(
                5,
                "x.cccc.delivery",
                "system",
                json!({"actor_id": "a", "event_ids": ["12345678"], "stage": "uncertain"}),
            ),
            make(6, "chat.read", "a", json!({"actor_id": "a", "event_id": "12345678"})),
        ];
        assert_eq!(told(&events), "12:00:00 · uncertain for a: #12345678\n12:00:00 · a has read up to #12345678\n");
    }

    #[test]
    fn reading_up_to_a_message_reads_those_before_it_that_are_for_the_reader() {
        let events = [
            make(1, "chat.message", "user", json!({"text": "1", "to": ["b"]})),
            make(2, "chat.message", "user", json!({"text": "2", "to": ["a"]})),
            make(3, "chat.message", "a", json!({"text": "3", "to": []})),
            make(4, "chat.message", "user", json!({"text": "4", "to": ["@foreman"]})),
        ];
        let mut all = events.to_vec();
        all.push(make(5, "chat.read", "a", json!({"actor_id": "a", "event_id": events[3].id})));
        let marks: Vec<_> = fold(&all).iter().map(|entry| entry.marks.len()).collect();
        assert_eq!(marks, [0, 1, 0, 1]);
    }
}
