//! One event, told: a headline and a text for what people say to each other, one quiet line for the rest.

use super::event_id::short;
use super::sentence::{fill, pairs};
use super::{Page, Tone};
use bus::contract::document::{NotifyPriority, Phase, Priority, Stage};
use bus::contract::event::{Attachment, ChatMessage, Delivery, GroupAutomationUpdate, Headless, Session, SystemNotify};
use bus::contract::{Body, Event};
use serde_json::Value;

/// Columns by which a text stands below its headline.
const INDENT: usize = 4;

/// Tells one event, with a line end.
pub fn text(page: &Page, event: &Event) -> String {
    match &event.body {
        Body::ChatMessage(message) => chat(page, event, message),
        Body::SystemNotify(notice) => notify(page, event, notice),
        _ => {
            let (tone, sentence) = sentence(event);
            format!(
                "{} {}\n",
                page.paint(Tone::Quiet, &format!("{} ·", page.clock(&event.ts))),
                page.paint(tone, &sentence)
            )
        }
    }
}

fn chat(page: &Page, event: &Event, message: &ChatMessage) -> String {
    let mut remarks = Vec::new();
    if message.priority == Priority::Attention {
        remarks.push("wants an acknowledgement");
    }
    if message.reply_required {
        remarks.push("wants a reply");
    }
    let mut told = headline(page, event, &recipients(message), &remarks.join(", "));
    if let Some(answered) = &message.reply_to {
        let quote = message.quote_text.as_deref().unwrap_or_default();
        let line = format!("> {} {quote}", short(answered));
        told += &format!("{}{}\n", " ".repeat(INDENT), page.paint(Tone::Quiet, line.trim_end()));
    }
    told += &page.body(&message.text, INDENT);
    let asides = [("thinks", &message.insight), ("suggests that you say", &message.suggested_user_message)];
    for (what, text) in asides.into_iter().filter_map(|(what, text)| Some((what, text.as_ref()?))) {
        told += &page.body(&format!("({what}: {text})"), INDENT);
    }
    for attachment in &message.attachments {
        told += &format!("{}{}\n", " ".repeat(INDENT), page.paint(Tone::Quiet, &attached(attachment)));
    }
    told
}

fn notify(page: &Page, event: &Event, notice: &SystemNotify) -> String {
    let to = notice.target_actor_id.clone().unwrap_or_else(|| "everybody".into());
    let mut remarks = vec![notice.kind.word()];
    if notice.priority != NotifyPriority::Normal {
        remarks.push(notice.priority.word());
    }
    if notice.requires_ack {
        remarks.push("wants an acknowledgement");
    }
    let mut told = headline(page, event, &to, &remarks.join(", "));
    for text in [&notice.title, &notice.message].into_iter().filter(|text| !text.trim().is_empty()) {
        told += &page.body(text, INDENT);
    }
    told
}

fn headline(page: &Page, event: &Event, to: &str, remarks: &str) -> String {
    let mut line = format!(
        "{} {} {} {} {}",
        page.paint(Tone::Quiet, &page.clock(&event.ts)),
        page.paint(Tone::Name, &event.by),
        page.paint(Tone::Quiet, "→"),
        page.paint(Tone::Name, to),
        page.paint(Tone::Quiet, &short(&event.id)),
    );
    if !remarks.is_empty() {
        line += &format!(" {}", page.paint(Tone::Warn, remarks));
    }
    line + "\n"
}

/// Whom a message is for, in words.
pub fn recipients(message: &ChatMessage) -> String {
    if message.to.is_empty() { "everybody".into() } else { message.to.join(", ") }
}

fn attached(attachment: &Attachment) -> String {
    let name = if attachment.title.is_empty() { &attachment.path } else { &attachment.title };
    format!("attached: {name} ({} bytes, {})", attachment.bytes, attachment.path)
}

/// What is said of a kind of event: its fields, and `{by}`, who did it.
#[rustfmt::skip]
const SENTENCES: &[(&str, Tone, &str)] = &[
    ("group.create",                 Tone::Quiet, "{by} created the group {title:?}"),
    ("group.update",                 Tone::Quiet, "{by} changed the group: {patch:=}"),
    ("group.attach",                 Tone::Quiet, "{by} attached {url}"),
    ("group.detach_scope",           Tone::Quiet, "{by} detached {scope_key}"),
    ("group.set_active_scope",       Tone::Quiet, "{by} made {path} the active folder"),
    ("group.start",                  Tone::Quiet, "{by} started the group: {started|nobody}"),
    ("group.stop",                   Tone::Quiet, "{by} stopped the group: {stopped|nobody}"),
    ("group.set_state",              Tone::Quiet, "{by} set the group {new_state} (it was {old_state})"),
    ("group.settings_update",        Tone::Quiet, "{by} changed settings: {patch:=}"),
    ("actor.add",                    Tone::Quiet, "{by} added {actor.id} ({actor.runtime}, {actor.runner})"),
    ("actor.update",                 Tone::Quiet, "{by} changed {actor_id}: {patch:=}"),
    ("actor.start",                  Tone::Quiet, "{by} started {actor_id}"),
    ("actor.stop",                   Tone::Quiet, "{by} stopped {actor_id}"),
    ("actor.restart",                Tone::Quiet, "{by} restarted {actor_id}"),
    ("actor.remove",                 Tone::Quiet, "{by} removed {actor_id}"),
    ("chat.ack",                     Tone::Good,  "{actor_id} acknowledged {event_id:#}"),
    ("chat.read",                    Tone::Good,  "{actor_id} has read up to {event_id:#}"),
    ("chat.reply_request.cancelled", Tone::Quiet, "{by} asks for answers to {source_event_id:#} no more"),
    ("system.notify_ack",            Tone::Good,  "{actor_id} acknowledged {notify_event_id:#}"),
    ("x.cccc.tracked",               Tone::Quiet, "{by} calls {event_id:#} {idempotency_key:?}"),
    ("x.cccc.hand_over",             Tone::Quiet, "{by} has {event_id:#} handed to {actor_ids|nobody}"),
    ("x.cccc.template",              Tone::Quiet, "{by} made the group what the template {title:?} says"),
    ("x.cccc.im_pending",            Tone::Quiet, "the {asking.platform} chat {asking.chat_id} ({asking.chat_title}) asks to be let in"),
    ("x.cccc.im_key_gone",           Tone::Quiet, "{by} used or rejected a chat's key"),
    ("x.cccc.im_chat_gone",          Tone::Quiet, "{by} let the chat {chat_id} out"),
    ("x.cccc.actor_secrets",         Tone::Quiet, "{by} changed the private environment of {actor_id}"),
    ("x.cccc.profile",               Tone::Quiet, "{by} set the profile {profile.id} (revision {profile.revision})"),
    ("x.cccc.profile_deleted",       Tone::Quiet, "{by} deleted the profile {profile_id}"),
    ("x.cccc.profile_secrets",       Tone::Quiet, "{by} changed the secrets of the profile {profile_id}"),
    ("x.cccc.recovered",             Tone::Warn,  "a torn end of {cut_bytes} bytes was cut off the ledger and saved as {saved_as}"),
    ("x.cccc.opened",                Tone::Quiet, "the home was opened by {version} (epoch {epoch})"),
    ("x.cccc.group",                 Tone::Quiet, "the home knows the group {known_group_id}"),
    ("x.cccc.group_deleted",         Tone::Quiet, "{by} deleted the group {deleted_group_id}"),
    ("x.cccc.scope_default",         Tone::Quiet, "{scope_key} means the group {default_group_id}"),
    ("x.cccc.cross_group",           Tone::Quiet, "{by} sent a message from {src_group_id} to {dst_group_id}"),
    ("x.cccc.active_group",          Tone::Quiet, "{by} made {active_group_id} the active group"),
];

/// What happened, as a sentence without a time: one that depends on how it went, that of its kind, or else its fields.
fn sentence(event: &Event) -> (Tone, String) {
    if let Some(told) = either(event) {
        return told;
    }
    let mut fields = serde_json::to_value(event).expect("an event is plain data")["data"].take();
    // Also of a kind that we know the data may be another's.
    let is_known = !matches!(event.body, Body::Unknown { .. });
    match SENTENCES.iter().find(|(kind, ..)| is_known && *kind == event.kind()) {
        Some((_, tone, sentence)) => {
            fields["by"] = event.by.clone().into();
            (*tone, fill(sentence, &fields))
        }
        None => (Tone::Quiet, format!("{} by {}: {fields}", event.kind(), event.by)),
    }
}

fn either(event: &Event) -> Option<(Tone, String)> {
    let by = &event.by;
    let sentence = match &event.body {
        Body::Session(e) => return Some(session(e)),
        Body::Delivery(e) => return Some(delivery(e)),
        Body::RuleRan(e) => match &e.error {
            None => format!("rule {} fired", e.rule_id),
            Some(error) => {
                return Some((Tone::Warn, format!("rule {} could not do what it is for: {error}", e.rule_id)));
            }
        },
        Body::GroupAutomationUpdate(e) => automation(by, e),
        Body::ContextSync(e) => {
            let done: Vec<_> = e.changes.iter().map(|change| change.detail.as_str()).collect();
            format!("{by} changed the context: {}", done.join(", "))
        }
        Body::PromptSet(e) if e.continues => format!("… and {} bytes more of the {}", e.text.len(), e.kind),
        Body::PromptSet(e) if e.text.is_empty() => format!("{by} brought the built-in {} back", e.kind),
        Body::PromptSet(e) => format!("{by} gave the group its own {}", e.kind),
        Body::ImConfig(e) => match &e.config {
            Some(config) => format!("{by} configured the chat bridge: {}", pairs(config)),
            None => format!("{by} removed the chat bridge"),
        },
        Body::ImChat(e) => match e.chat.subscribed {
            true => format!("{by} let the {} chat {} in", e.chat.platform, e.chat.chat_id),
            false => format!("the {} chat {} is sent nothing", e.chat.platform, e.chat.chat_id),
        },
        Body::Headless(e) => headless(e),
        Body::ActorToken(e) => match e.token_sha256 {
            None => format!("{by} took the token of {} away", e.actor_id),
            Some(_) => format!("{by} gave {} a token that proves it", e.actor_id),
        },
        Body::RemoteAccessSet(e) => match e.config.enabled {
            true => format!("{by} wants access from other machines ({})", e.config.provider),
            false => format!("{by} set up access from other machines ({})", e.config.provider),
        },
        Body::WebTokenAdded(e) => match &e.token.group_id {
            None => format!("{by} gave {} a token for the web server ({})", e.token.name, e.token.role),
            Some(group_id) => {
                format!("{by} gave {} a token for the web server ({} of {group_id})", e.token.name, e.token.role)
            }
        },
        Body::WebTokenRevoked(e) => format!("{by} revoked the token {} for the web server", e.token_id),
        Body::StrictPrincipals(e) => match e.strict {
            true => format!("{by} made the home want a proof of who says to be an actor"),
            false => format!("{by} made the home believe who says to be an actor"),
        },
        Body::ObservabilitySet(e) => {
            let mode = if e.observability.developer_mode { "on" } else { "off" };
            format!("{by} changed what is logged; developer mode is {mode}")
        }
        _ => return None,
    };
    Some((Tone::Quiet, sentence))
}

fn session(session: &Session) -> (Tone, String) {
    let who = &session.actor_id;
    let how = match (session.exit_code, session.signal) {
        (Some(code), _) => format!(" with exit code {code}"),
        (None, Some(signal)) => format!(" by signal {signal}"),
        (None, None) => String::new(),
    };
    let detail = if session.detail.is_empty() { String::new() } else { format!(": {}", session.detail) };
    match session.phase {
        Phase::Starting => (Tone::Quiet, format!("{who} starts")),
        Phase::Started => {
            let pid = session.pid.map_or_else(String::new, |pid| format!(", pid {pid}"));
            (Tone::Quiet, format!("{who} runs{pid}"))
        }
        Phase::Failed => (Tone::Bad, format!("{who} could not be started{detail}")),
        Phase::Exited => (Tone::Warn, format!("{who} ended by itself{how}{detail}")),
        Phase::Stopped => (Tone::Quiet, format!("{who} was ended{how}")),
        Phase::Suspended => (Tone::Quiet, format!("{who} was ended with everything else")),
        Phase::Lost => (Tone::Warn, format!("{who} was lost{detail}")),
    }
}

fn automation(by: &str, update: &GroupAutomationUpdate) -> String {
    let what = match (update.actions.is_empty(), update.source.as_str()) {
        (_, "baseline_reset") => "reset all rules".to_owned(),
        (true, _) => "replaced all rules".to_owned(),
        (false, _) => {
            let done = update.actions.iter().map(|action| {
                let text = |field: &str| action.get(field).and_then(Value::as_str).unwrap_or_default();
                format!("{} {}", text("type").replace('_', " "), text("rule_id")).trim_end().to_owned()
            });
            let done: Vec<_> = done.collect();
            format!("changed the rules: {}", done.join(", "))
        }
    };
    let rules = if update.rules.is_empty() { "none".into() } else { update.rules.join(", ") };
    format!("{by} {what}; now: {rules}")
}

fn headless(report: &Headless) -> String {
    let status = report.status.map(|status| format!("is {status}"));
    let task = report.task_id.as_ref().map(|task_id| format!("works on {task_id}"));
    let message = report.message_id.as_ref().map(|message_id| format!("has taken {}", short(message_id)));
    let said: Vec<_> = [status, task, message].into_iter().flatten().collect();
    format!("{} {}", report.actor_id, said.join(", "))
}

fn delivery(delivery: &Delivery) -> (Tone, String) {
    let ids: Vec<_> = delivery.event_ids.iter().map(|id| short(id)).collect();
    let (tone, how) = stage(delivery.stage, &delivery.reason);
    (tone, format!("{how} for {}: {}", delivery.actor_id, ids.join(" ")))
}

/// How far a message has come, in words.
pub fn stage(stage: Stage, reason: &str) -> (Tone, String) {
    let (tone, word) = match stage {
        Stage::Held => (Tone::Warn, "held"),
        Stage::Handed => (Tone::Quiet, "handed over"),
        Stage::Accepted => (Tone::Quiet, "accepted"),
        Stage::Uncertain => (Tone::Warn, "uncertain"),
        Stage::Failed => (Tone::Bad, "failed"),
    };
    (tone, if reason.is_empty() { word.to_owned() } else { format!("{word} ({reason})") })
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::print::sentence::tests::unknown_holes;
    use crate::print::tests::page;
    use bus::contract::schema;
    use serde_json::json;

    /// An event at 12:00:00 by somebody; its id ends in `seq` as eight digits.
    pub fn event(seq: u64, kind: &str, by: &str, data: Value) -> Event {
        let id = format!("0198c0ffee00700080000000{seq:08}");
        serde_json::from_value(json!({"v": 1, "seq": seq, "id": id, "ts": "2026-01-13T12:00:00Z", "kind": kind,
            "group_id": "g_0123456789ab", "scope_key": "", "by": by, "data": data}))
        .expect("an event")
    }

    #[test]
    fn every_hole_of_a_sentence_is_a_field_of_the_event() {
        for (kind, _, sentence) in SENTENCES {
            let schema = schema::event(kind).unwrap_or_else(|| panic!("{kind} is no kind"));
            let unknown = unknown_holes(&sentence.replace("{by}", ""), schema.as_value());
            assert_eq!(unknown, [""; 0], "{kind}");
        }
    }

    #[test]
    fn every_kind_is_told_in_words() {
        #[rustfmt::skip]
        let cases = [
            ("group.create",          json!({"title": "t"}),                                     "user created the group \"t\""),
            ("group.update",          json!({"patch": {"title": "x", "topic": null}}),           "user changed the group: title = \"x\""),
            ("group.attach",          json!({"url": "/w"}),                                      "user attached /w"),
            ("group.detach_scope",    json!({"scope_key": "s_1"}),                               "user detached s_1"),
            ("group.set_active_scope", json!({"path": "/w"}),                                    "user made /w the active folder"),
            ("group.start",           json!({"started": ["a", "b"]}),                            "user started the group: a, b"),
            ("group.stop",            json!({"stopped": []}),                                    "user stopped the group: nobody"),
            ("group.set_state",       json!({"old_state": "active", "new_state": "paused"}),     "user set the group paused (it was active)"),
            ("group.settings_update", json!({"patch": {"min_interval_seconds": 3}}),             "user changed settings: min_interval_seconds = 3"),
            ("actor.update",          json!({"actor_id": "a", "patch": {"title": "A"}}),         "user changed a: title = \"A\""),
            ("actor.start",           json!({"actor_id": "a"}),                                  "user started a"),
            ("actor.stop",            json!({"actor_id": "a"}),                                  "user stopped a"),
            ("actor.restart",         json!({"actor_id": "a"}),                                  "user restarted a"),
            ("actor.remove",          json!({"actor_id": "a"}),                                  "user removed a"),
            ("chat.ack",              json!({"actor_id": "a", "event_id": "0000000012345678"}),  "a acknowledged #12345678"),
            ("chat.read",             json!({"actor_id": "a", "event_id": "0000000012345678"}),  "a has read up to #12345678"),
            ("system.notify_ack",     json!({"actor_id": "a", "notify_event_id": "12345678"}),   "a acknowledged #12345678"),
            ("x.cccc.session",        json!({"actor_id": "a", "session_id": "s", "generation": 1, "phase": "starting"}), "a starts"),
            ("x.cccc.session",        json!({"actor_id": "a", "session_id": "s", "generation": 1, "phase": "started", "pid": 7}), "a runs, pid 7"),
            ("x.cccc.session",        json!({"actor_id": "a", "session_id": "s", "generation": 1, "phase": "exited", "exit_code": 3}), "a ended by itself with exit code 3"),
            ("x.cccc.session",        json!({"actor_id": "a", "session_id": "s", "generation": 1, "phase": "failed", "detail": "no such program"}), "a could not be started: no such program"),
            ("x.cccc.session",        json!({"actor_id": "a", "session_id": "s", "generation": 1, "phase": "stopped", "signal": 15}), "a was ended by signal 15"),
            ("x.cccc.delivery",       json!({"actor_id": "a", "event_ids": ["12345678"], "stage": "handed"}), "handed over for a: #12345678"),
            ("x.cccc.delivery",       json!({"actor_id": "a", "event_ids": ["12345678", "87654321"], "stage": "held", "reason": "paused"}), "held (paused) for a: #12345678 #87654321"),
            ("group.automation_update", json!({"rules": ["a", "b"], "snippets": [], "actions": [{"type": "create_rule", "rule_id": "b"}]}), "user changed the rules: create rule b; now: a, b"),
            ("group.automation_update", json!({"rules": [], "snippets": []}),                    "user replaced all rules; now: none"),
            ("group.automation_update", json!({"rules": ["standup"], "snippets": [], "source": "baseline_reset"}), "user reset all rules; now: standup"),
            ("x.cccc.template",       json!({"title": "T", "removed": [], "added": [], "updated": [], "order": []}), "user made the group what the template \"T\" says"),
            ("x.cccc.rule",           json!({"rule_id": "r"}),                                   "rule r fired"),
            ("x.cccc.rule",           json!({"rule_id": "r", "error": "nobody"}),                "rule r could not do what it is for: nobody"),
            ("x.cccc.headless",       json!({"actor_id": "a", "status": "working", "task_id": "T001"}), "a is working, works on T001"),
            ("x.cccc.headless",       json!({"actor_id": "a", "message_id": "12345678"}),        "a has taken #12345678"),
            ("x.cccc.recovered",      json!({"cut_bytes": 9, "saved_as": "l.torn"}),             "a torn end of 9 bytes was cut off the ledger and saved as l.torn"),
            ("x.cccc.opened",         json!({"epoch": 2, "version": "0.5.0", "home_version": 1}), "the home was opened by 0.5.0 (epoch 2)"),
            ("x.cccc.group",          json!({"known_group_id": "g_1"}),                          "the home knows the group g_1"),
            ("x.cccc.actor_token",    json!({"actor_id": "a", "token_sha256": "00"}),                    "user gave a a token that proves it"),
            ("x.cccc.actor_token",    json!({"actor_id": "a", "token_sha256": null}),                    "user took the token of a away"),
            ("x.cccc.group_deleted",  json!({"deleted_group_id": "g_1"}),                        "user deleted the group g_1"),
            ("x.cccc.hand_over",      json!({"event_id": "0000000000000007", "actor_ids": ["a"]}), "user has #00000007 handed to a"),
            ("chat.reply_request.cancelled", json!({"source_event_id": "0000000000000007"}),     "user asks for answers to #00000007 no more"),
            ("x.cccc.scope_default",  json!({"scope_key": "s_1", "default_group_id": "g_1"}),    "s_1 means the group g_1"),
            ("x.cccc.active_group",   json!({"active_group_id": "g_1"}),                         "user made g_1 the active group"),
            ("chat.read",             json!([7]),                                                "chat.read by user: [7]"),
            ("x.other",               json!({"a": 1}),                                           "x.other by user: {\"a\":1}"),
        ];
        for (kind, data, told) in cases {
            assert_eq!(text(&page(), &event(1, kind, "user", data)), format!("12:00:00 · {told}\n"), "{kind}");
        }
    }

    #[test]
    fn a_message_is_a_headline_and_its_text() {
        let plain = event(7, "chat.message", "user", json!({"text": "Split the task\n\nand begin.", "to": ["@all"]}));
        assert_eq!(text(&page(), &plain), "12:00:00 user → @all #00000007\n    Split the task\n\n    and begin.\n");
        let reply = event(
            8,
            "chat.message",
            "a\u{1b}[31m",
            json!({"text": "\u{1b}[2Jdone", "priority": "attention",
            "reply_required": true, "reply_to": "0000000000000007", "quote_text": "Split",
            "insight": "too soon", "suggested_user_message": "Wait.",
            "attachments": [{"path": "state/blobs/1_x.txt", "title": "x.txt", "bytes": 9}]}),
        );
        let told = "12:00:00 a␛[31m → everybody #00000008 wants an acknowledgement, wants a reply\n    > #00000007 Split\n    \
                    ␛[2Jdone\n    (thinks: too soon)\n    (suggests that you say: Wait.)\n    attached: x.txt (9 bytes, state/blobs/1_x.txt)\n";
        assert_eq!(text(&page(), &reply), told);
    }

    #[test]
    fn a_notification_says_how_urgent_it_is() {
        let notice = event(
            9,
            "system.notify",
            "system",
            json!({"kind": "error", "priority": "high", "title": "a ended",
            "message": "exit code 1", "target_actor_id": "lead"}),
        );
        assert_eq!(
            text(&page(), &notice),
            "12:00:00 system → lead #00000009 error, high\n    a ended\n    exit code 1\n"
        );
    }
}
