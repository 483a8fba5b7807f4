//! The answer to each op, for people: a printer of its own, a sentence, or else its fields.

use super::event_id::short;
use super::sentence::{self, fields, fill};
use super::threads::fold;
use super::{Page, Tone, automation, context, event, group, im, profile, roster, task, template, web};
use bus::contract::event::ChatMessage;
use bus::contract::im::chat_key;
use bus::contract::op::{actor, group as group_op, inbox, terminal};
use bus::contract::prompt::PromptSource;
use bus::contract::{Body, Event, Reply, limit, long_text};
use std::collections::BTreeMap;

/// What is said of an op that was done: name of the op, and what its answer says.
#[rustfmt::skip]
const SENTENCES: &[(&str, &str)] = &[
    ("attach",                      "attached to group {group_id} ({title})"),
    ("group_create",                "created group {group_id} ({title})"),
    ("group_update",                "group {group_id} is now {group.title:?}"),
    ("group_delete",                "deleted group {group_id}"),
    ("group_reset",                 "group {group_id} takes the place of {old_group_id}; start it with `cccc group start -g {group_id}`"),
    ("group_use",                   "group {group_id} now works in {active_scope_key}"),
    ("group_detach_scope",          "detached from group {group_id}"),
    ("group_set_state",             "group {group_id} is {state}"),
    ("group_stop",                  "stopped: {stopped|nobody}"),
    ("group_create_from_template",  "created group {group_id}; start it with `cccc group start -g {group_id}`"),
    ("actor_remove",                "removed {actor_id}"),
    ("actor_start",                 "started {actor.id}"),
    ("actor_stop",                  "stopped {actor.id}"),
    ("actor_restart",               "restarted {actor.id}"),
    ("actor_env_private_update",    "private environment of {actor_id}: {keys|nothing}"),
    ("actor_profile_upsert",        "profile {profile.id} is at revision {profile.revision}"),
    ("actor_profile_delete",        "deleted profile {profile_id}; {detached_count} actors have a copy now"),
    ("actor_profile_secret_update", "secrets of {profile_id}: {keys|nothing}"),
    ("actor_profile_secret_copy_from_actor",   "secrets of {profile_id}: {keys|nothing}"),
    ("actor_profile_secret_copy_from_profile", "secrets of {profile_id}: {keys|nothing}"),
    ("system_notify",               "notified {event.id:#}"),
    ("notify_ack",                  "acknowledged"),
    ("web_token_revoke",            "{token_id} counts no more"),
    ("ledger_snapshot",             "saved {snapshot.snapshot_path} ({snapshot.size_bytes} bytes)"),
    ("ledger_compact",              "nothing to archive: all {total_lines} events are kept"),
    ("terminal_clear",              "the terminal of {actor_id} begins anew"),
];

/// Tells an answer, with a line end, or `""` where there is nothing to say.
pub fn text(page: &Page, reply: &Reply) -> String {
    match reply {
        Reply::Groups(r) => group::list(page, &r.groups, &r.registry_health, ""),
        Reply::GroupShow(r) => group::show(page, &r.group),
        Reply::GroupSettingsUpdate(r) => group::settings(page, &r.settings),
        Reply::GroupStart(r) => started(page, r),
        Reply::ActorPreambleGet(r) => page.body(&r.prompt, 0),
        Reply::GroupPromptGet(r) => page.body(&r.prompt.content, 0),
        Reply::ActorList(r) => roster::list(page, &r.actors),
        Reply::ActorAdd(r) => added(page, r),
        Reply::ActorUpdate(r) => changed(page, &format!("changed {}", r.actor.actor.id), r.start_error.as_deref()),
        Reply::ActorEnvPrivateKeys(r) => masked(page, &r.masked_values),
        Reply::ActorProfileSecretKeys(r) => masked(page, &r.masked_values),
        Reply::ActorProfileList(r) => profile::list(page, &r.profiles),
        Reply::ActorProfileGet(r) => profile::show(page, r),
        Reply::Send(r) => sent(page, &r.event, &r.started),
        Reply::SendCrossGroup(r) => sent(page, &r.dst_event, &r.started),
        Reply::Reply(r) => sent(page, &r.event, &r.started) + &acknowledged(page, r.ack_event.as_ref()),
        Reply::InboxList(r) => listed(page, r, &[]),
        Reply::InboxMarkRead(r) => {
            page.line(&format!("read up to {}", short(&r.cursor.event_id))) + &acknowledged(page, r.ack_event.as_ref())
        }
        Reply::ContextGet(r) => context::text(page, r),
        Reply::ContextSync(r) => context::synced(page, r),
        Reply::TaskList(r) => match &r.task {
            Some(task) => task::show(page, task),
            None => task::list(page, r.tasks.as_deref().unwrap_or_default()),
        },
        Reply::GroupAutomationState(r) => automation::text(page, r),
        Reply::GroupAutomationManage(r) => automation::managed(page, r),
        Reply::GroupAutomationResetBaseline(r) => automation::text(page, &r.now),
        Reply::GroupTemplateExport(r) => r.template.clone(),
        Reply::GroupTemplatePreview(r) => template::preview(page, r),
        Reply::GroupTemplateImportReplace(r) => template::imported(page, r),
        Reply::ImConfigGet(r) | Reply::ImConfigSet(r) | Reply::ImConfigUnset(r) => im::config(page, r),
        Reply::WebTokenAdd(r) => web::added(page, r),
        Reply::WebTokenList(r) => web::list(page, &r.web_tokens),
        Reply::ImListAuthorized(r) => im::chats(page, &r.authorized),
        Reply::ImListPending(r) => im::waiting(page, &r.pending),
        Reply::ImChatSet(r) => im::chats(page, std::slice::from_ref(&r.chat)),
        Reply::LedgerSearch(r) if r.events.is_empty() => page.paint(Tone::Quiet, "nothing found") + "\n",
        Reply::LedgerSearch(r) => fold(&r.events).iter().map(|entry| entry.text(page)).collect(),
        Reply::TerminalTail(r) => terminal_tail(page, r),
        other => match either(other).or_else(|| sentence_of(other)) {
            Some(sentence) => page.line(&sentence),
            None => fields(page, &other.to_value()),
        },
    }
}

fn sentence_of(reply: &Reply) -> Option<String> {
    let (_, sentence) = SENTENCES.iter().find(|(op, _)| *op == reply.name())?;
    Some(fill(sentence, &reply.to_value()))
}

/// What is said where that depends on how it went.
fn either(reply: &Reply) -> Option<String> {
    Some(match reply {
        Reply::PrincipalsGet(r) | Reply::PrincipalsSet(r) => match r.strict {
            true => "strict: only a token proves an actor".into(),
            false => "claimed: whoever says to be an actor is believed".into(),
        },
        Reply::ActorTokenSet(r) if r.has_token => format!("{} has a token that proves it", r.actor_id),
        Reply::ActorTokenSet(r) => format!("{} has no token any more", r.actor_id),
        Reply::GroupPromptSet(r) | Reply::GroupPromptReset(r) => match r.prompt.source {
            PromptSource::Home => format!("group {} has its own {}", r.group_id, r.prompt.kind),
            PromptSource::Builtin => format!("group {} has the built-in {}", r.group_id, r.prompt.kind),
        },
        Reply::ActiveGet(r) | Reply::ActiveSet(r) => match r.active_group_id.as_str() {
            "" => "no group is active; run `cccc use <group>` or `cccc attach .`".into(),
            id => id.to_owned(),
        },
        Reply::MessageDeliver(r) if r.event.is_none() => "everybody has it, or is about to get it".into(),
        Reply::MessageDeliver(r) => format!("to be handed over: {}", names(&r.actor_ids)),
        Reply::ChatAck(r) => if r.already { "was acknowledged before" } else { "acknowledged" }.into(),
        Reply::InboxMarkAllRead(r) if r.event.is_none() => "nothing was unread".into(),
        Reply::InboxMarkAllRead(r) => format!("read up to {}", short(&r.cursor.event_id)),
        Reply::GroupAutomationUpdate(r) => {
            let (rules, snippets) = (r.ruleset.rules.len(), r.ruleset.snippets.len());
            format!("{rules} rules and {snippets} snippets (version {})", r.version)
        }
        Reply::ImBindChat(r) => format!("let in: {} {}", r.platform, chat_key(&r.chat_id, r.thread_id)),
        Reply::ImRejectPending(r) => if r.rejected { "rejected" } else { "no chat waits with this key" }.into(),
        Reply::ImRevokeChat(r) => if r.revoked { "revoked" } else { "this chat was not let in" }.into(),
        Reply::TerminalRelease(r) if r.stashed => {
            format!("{} has put the draft aside, and brings it back after the next message", r.actor_id)
        }
        Reply::TerminalRelease(r) if r.released => format!("no draft holds messages to {} any more", r.actor_id),
        Reply::TerminalRelease(r) => {
            format!("a draft is still to be seen; send or clear it: `cccc attach-terminal {}`", r.actor_id)
        }
        // No door passes them on, and nobody is shown a value.
        Reply::SecretsGet(r) => format!("private environment: {}", listing(&r.variables.names())),
        Reply::ImSecretsGet(r) => format!("stored credentials: {}", listing(&r.variables.names())),
        _ => return None,
    })
}

fn terminal_tail(page: &Page, tail: &terminal::Tailed) -> String {
    if !tail.text.trim().is_empty() {
        return page.body(&tail.text, 0);
    }
    let sentence = match tail.hint.as_str() {
        "" => "nothing yet".to_owned(),
        // The op's own hint speaks of its arguments.
        _ => format!("nothing that can be read; `cccc attach-terminal {}` shows the terminal itself", tail.actor_id),
    };
    page.paint(Tone::Quiet, &sentence) + "\n"
}

/// An inbox; `around` are events of the same ledger that say how far its messages have come.
pub fn listed(page: &Page, inbox: &inbox::Listed, around: &[Event]) -> String {
    if inbox.messages.is_empty() {
        return page.paint(Tone::Quiet, "nothing unread") + "\n";
    }
    let all: Vec<_> = inbox.messages.iter().chain(around).cloned().collect();
    let mut told: String = fold(&all).iter().take(inbox.messages.len()).map(|entry| entry.text(page)).collect();
    let rest = inbox.unread_total.saturating_sub(inbox.messages.len() as u64);
    if rest > 0 {
        told += &(page.paint(Tone::Quiet, &format!("and {rest} more; --limit shows them")) + "\n");
    }
    told
}

fn sent(page: &Page, event: &Event, started: &[String]) -> String {
    let message = if let Body::ChatMessage(message) = &event.body { Some(message) } else { None };
    let to = message.map(event::recipients).unwrap_or_default();
    let [id, to, group_id] = [&short(&event.id), &to, &event.group_id].map(|words| page.paint(Tone::Name, words));
    let mut told = format!("sent {id} to {to} in {group_id}\n");
    if !started.is_empty() {
        told += &format!("started for it: {}\n", names(started));
    }
    let is_long = |message: &ChatMessage| message.text.chars().count() > limit::TYPED_CHARS_MAX;
    if long_text::path(event).is_some() || message.is_some_and(is_long) {
        let show = format!("`cccc show {}`", bus::contract::id::short(&event.id));
        let sentence = format!("long: agents are typed its beginning and {show}, which shows all of it");
        told += &(page.paint(Tone::Quiet, &sentence) + "\n");
    }
    told
}

fn acknowledged(page: &Page, ack: Option<&Event>) -> String {
    if ack.is_some() { page.paint(Tone::Good, "acknowledged, too") + "\n" } else { String::new() }
}

fn listing(keys: &[String]) -> String {
    if keys.is_empty() { "nothing".into() } else { keys.join(", ") }
}

fn masked(page: &Page, values: &BTreeMap<String, String>) -> String {
    if values.is_empty() {
        return page.paint(Tone::Quiet, "no private environment") + "\n";
    }
    values.iter().map(|(key, glimpse)| page.line(&format!("{key}={glimpse}"))).collect()
}

fn names(ids: &[String]) -> String {
    if ids.is_empty() { "nobody".into() } else { ids.join(", ") }
}

fn started(page: &Page, reply: &group_op::Started) -> String {
    let mut told = page.line(&format!("started: {}", names(&reply.started)));
    if !reply.forced_headless.is_empty() {
        told += &(page.paint(Tone::Warn, &format!("without a terminal: {}", names(&reply.forced_headless))) + "\n");
    }
    for (actor, why) in &reply.failed {
        told += &(page.paint(Tone::Bad, &format!("not started: {actor}: {}", sentence::text(why))) + "\n");
    }
    told
}

fn added(page: &Page, reply: &actor::Added) -> String {
    let actor = &reply.actor.actor;
    let running = match (reply.running, actor.enabled) {
        (true, _) => ", running".to_owned(),
        (false, true) => String::new(),
        (false, false) => format!(", stopped: `cccc actor start {}{}` starts it", actor.id, page.place),
    };
    changed(
        page,
        &format!("added {} ({}, {}{running})", actor.id, actor.runtime, reply.actor.role),
        reply.start_error.as_deref(),
    )
}

fn changed(page: &Page, what: &str, start_error: Option<&str>) -> String {
    let why = start_error.map(|why| page.paint(Tone::Warn, &format!("not running: {why}")) + "\n");
    page.line(what) + &why.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::event::tests::event;
    use crate::print::roster::tests::view;
    use crate::print::sentence::tests::unknown_holes;
    use crate::print::tests::page;
    use bus::contract::op;
    use serde_json::{Value, json};

    fn told(name: &str, result: Value) -> String {
        let reply: Reply = serde_json::from_value(json!({ name: result })).unwrap_or_else(|e| panic!("{name}: {e}"));
        text(&page(), &reply)
    }

    #[test]
    fn an_answer_is_a_sentence() {
        let sent = event(7, "chat.message", "user", json!({"text": "x", "to": ["@all"]}));
        let actor = view("a", json!({"role": "foreman"}));
        #[rustfmt::skip]
        let cases = [
            ("attach",          json!({"group_id": "g_1", "scope_key": "s_1", "title": "T", "event": sent}), "attached to group g_1 (T)\n"),
            ("principals_get",  json!({"strict": true}),                                          "strict: only a token proves an actor\n"),
            ("group_delete",    json!({"group_id": "g_1"}),                                       "deleted group g_1\n"),
            ("group_reset",     json!({"group_id": "g_2", "new_group_id": "g_2", "old_group_id": "g_1", "deleted_old": true, "event": sent}),
                                "group g_2 takes the place of g_1; start it with `cccc group start -g g_2`\n"),
            ("group_set_state", json!({"group_id": "g_1", "state": "paused", "event": sent}),     "group g_1 is paused\n"),
            ("group_start",     json!({"group_id": "g_1", "started": ["a", "b"], "event": sent}), "started: a, b\n"),
            ("group_start",     json!({"group_id": "g_1", "started": [], "event": sent, "failed": {"a": "no such program"}}),
                                "started: nobody\nnot started: a: no such program\n"),
            ("group_prompt_get", json!({"group_id": "g_1", "kind": "help", "source": "home", "filename": "", "path": "", "content": "# Ours\nfirst"}), "# Ours\nfirst\n"),
            ("group_prompt_reset", json!({"group_id": "g_1", "kind": "preamble", "source": "builtin", "filename": "", "path": "", "content": "", "event": null}),
                                "group g_1 has the built-in preamble\n"),
            ("active_get",      json!({"active_group_id": ""}),                                   "no group is active; run `cccc use <group>` or `cccc attach .`\n"),
            ("actor_list",      json!({"actors": []}),                                            "no actors yet; add one with `cccc actor add`\n"),
            ("actor_add",       json!({"actor": actor, "event": sent, "running": true}),          "added a (custom, foreman, running)\n"),
            ("actor_add",       json!({"actor": actor, "event": sent, "running": false, "start_error": "no folder"}),
                                "added a (custom, foreman)\nnot running: no folder\n"),
            ("actor_env_private_keys", json!({"group_id": "g_1", "actor_id": "a", "keys": ["K"], "masked_values": {"K": "ab******yz"}}), "K=ab******yz\n"),
            ("actor_env_private_update", json!({"group_id": "g_1", "actor_id": "a", "keys": []}), "private environment of a: nothing\n"),
            ("secrets_get",     json!({"variables": {"K": "hunter2"}}),                           "private environment: K\n"),
            ("send",            json!({"event": sent}),                                           "sent #00000007 to @all in g_0123456789ab\n"),
            ("send",            json!({"event": sent, "started": ["a", "b"]}),                    "sent #00000007 to @all in g_0123456789ab\nstarted for it: a, b\n"),
            ("send",            json!({"event": event(7, "chat.message", "user", json!({"text": "x".repeat(4_001), "to": ["@all"]}))}),
                                "sent #00000007 to @all in g_0123456789ab\nlong: agents are typed its beginning and `cccc show 00000007`, which shows all of it\n"),
            ("reply",           json!({"event": sent, "ack_event": sent}),                        "sent #00000007 to @all in g_0123456789ab\nacknowledged, too\n"),
            ("chat_ack",        json!({"acked": true, "already": true, "event": null}),           "was acknowledged before\n"),
            ("inbox_list",      json!({"messages": [], "cursor": {"event_id": "", "ts": ""}, "unread_total": 0}), "nothing unread\n"),
            ("inbox_list",      json!({"messages": [sent], "cursor": {"event_id": "", "ts": ""}, "unread_total": 3}),
                                "12:00:00 user → @all #00000007\n    x\nand 2 more; --limit shows them\n"),
            ("inbox_mark_all_read", json!({"cursor": {"event_id": "", "ts": ""}, "event": null}), "nothing was unread\n"),
            ("ledger_search",   json!({"events": [], "has_more": false, "cursor": null}),         "nothing found\n"),
            ("message_deliver", json!({"event": null, "actor_ids": [], "delivery_state": "unchanged"}), "everybody has it, or is about to get it\n"),
            ("terminal_tail",   json!({"group_id": "g", "actor_id": "a", "warning": "", "hint": "h", "text": ""}), "nothing that can be read; `cccc attach-terminal a` shows the terminal itself\n"),
            ("terminal_tail",   json!({"group_id": "g", "actor_id": "a", "warning": "", "hint": "", "text": ""}), "nothing yet\n"),
            ("terminal_tail",   json!({"group_id": "g", "actor_id": "a", "warning": "", "hint": "", "text": "$ \u{1b}[31mls\nx"}), "$ ␛[31mls\nx\n"),
        ];
        for (name, result, wanted) in cases {
            assert_eq!(told(name, result), wanted, "{name}");
        }
    }

    #[test]
    fn every_hole_of_a_sentence_is_a_field_of_the_answer() {
        for (op, sentence) in SENTENCES {
            let row = op::TABLE.iter().find(|row| row.name == *op).unwrap_or_else(|| panic!("{op} is no op"));
            assert_eq!(unknown_holes(sentence, row.schema().answer.as_value()), [""; 0], "{op}");
        }
    }
}
