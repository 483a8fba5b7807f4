//! The answer to each op, for people. One row per reply of the contract.

use super::event_id::short;
use super::threads::fold;
use super::{Page, Tone, automation, context, event, group, im, profile, roster, task, template};
use bus::contract::event::ChatMessage;
use bus::contract::im::chat_key;
use bus::contract::op::observability::Observability;
use bus::contract::op::{actor, group as group_op, inbox, profile as profile_op, status};
use bus::contract::prompt::PromptSource;
use bus::contract::{Body, Event, Reply, limit, long_text};
use std::collections::BTreeMap;

/// Tells an answer, with a line end, or `""` where there is nothing to say.
pub fn text(page: &Page, reply: &Reply) -> String {
    let line = |sentence: String| page.paint(Tone::Plain, &sentence) + "\n";
    match reply {
        Reply::Ping(r) => line(format!("cccc {} answers, pid {}, epoch {}", r.version, r.pid, r.epoch)),
        Reply::Whoami(r) => line(match (r.proven, r.role) {
            (true, Some(role)) => format!("{}, {role}, proven", r.by),
            (true, None) => format!("{}, proven", r.by),
            (false, Some(role)) => format!("{}, {role}, as it says", r.by),
            (false, None) => format!("{}, as it says", r.by),
        }),
        Reply::PrincipalsGet(r) | Reply::PrincipalsSet(r) => line(match r.strict {
            true => "strict: only a token proves an actor".into(),
            false => "claimed: whoever says to be an actor is believed".into(),
        }),
        Reply::ActorTokenSet(r) => line(match r.has_token {
            true => format!("{} has a token that proves it", r.actor_id),
            false => format!("{} has no token any more", r.actor_id),
        }),
        Reply::RemoteAccessState(r)
        | Reply::RemoteAccessConfigure(r)
        | Reply::RemoteAccessStart(r)
        | Reply::RemoteAccessStop(r) => {
            let access = &r.remote_access;
            let at = access.endpoint.as_ref().map(|endpoint| format!(" at {endpoint}")).unwrap_or_default();
            let told = line(format!("{} access from other machines: {}{at}", access.provider, access.status));
            access.next_steps.iter().fold(told, |told, step| told + &line(format!("to do: {step}")))
        }
        Reply::Shutdown(r) => line(r.message.clone()),
        Reply::EventsStream(r) => line(format!("streaming {}", r.group_id)),
        Reply::ObservabilityGet(r) | Reply::ObservabilityUpdate(r) => told_of_itself(page, &r.observability),
        Reply::DebugSnapshot(r) => {
            told_of_itself(page, &r.observability)
                + &line(format!("ledgerd {} has pid {}", r.daemon.version, r.daemon.pid))
        }
        Reply::DebugTailLogs(r) => page.body(&r.lines.join("\n"), 0),
        Reply::DebugClearLogs(r) => line(format!("emptied {}", r.path)),
        Reply::Attach(r) => line(format!("attached to group {} ({})", r.group_id, r.title)),
        Reply::Groups(r) => group::list(page, &r.groups, &r.registry_health, ""),
        Reply::RegistryReconcile(r) => reconciled(page, r),
        Reply::GroupShow(r) => group::show(page, &r.group),
        Reply::GroupCreate(r) => line(format!("created group {} ({})", r.group_id, r.title)),
        Reply::GroupUpdate(r) => line(format!("group {} is now {:?}", r.group_id, r.group.title)),
        Reply::GroupDelete(r) => line(format!("deleted group {}", r.group_id)),
        Reply::GroupReset(r) => line(format!(
            "group {} takes the place of {}; start it with `cccc group start -g {}`",
            r.group_id, r.old_group_id, r.group_id
        )),
        Reply::GroupUse(r) => line(format!("group {} now works in {}", r.group_id, r.active_scope_key)),
        Reply::GroupDetachScope(r) => line(format!("detached from group {}", r.group_id)),
        Reply::GroupSetState(r) => line(format!("group {} is {}", r.group_id, r.state)),
        Reply::GroupSettingsUpdate(r) => group::settings(page, &r.settings),
        Reply::GroupStart(r) => started(page, r),
        Reply::GroupStop(r) => line(format!("stopped: {}", names(&r.stopped))),
        Reply::ActorPreambleGet(r) => page.body(&r.prompt, 0),
        Reply::GroupPromptGet(r) | Reply::GroupPreambleGet(r) => page.body(&r.prompt.content, 0),
        Reply::GroupPromptSet(r)
        | Reply::GroupPromptReset(r)
        | Reply::GroupPreambleSet(r)
        | Reply::GroupPreambleReset(r) => line(match r.prompt.source {
            PromptSource::Home => format!("group {} has its own {}", r.group_id, r.prompt.kind),
            PromptSource::Builtin => format!("group {} has the built-in {}", r.group_id, r.prompt.kind),
        }),
        Reply::ActiveGet(r) | Reply::ActiveSet(r) => line(match r.active_group_id.as_str() {
            "" => "no group is active; run `cccc use <group>` or `cccc attach .`".to_owned(),
            id => id.to_owned(),
        }),
        Reply::ActorList(r) if r.actors.is_empty() => {
            line(format!("no actors yet; add one with `cccc actor add{}`", page.place))
        }
        Reply::ActorList(r) => roster::text(page, &r.actors, 0),
        Reply::ActorAdd(r) => added(page, r),
        Reply::ActorUpdate(r) => changed(page, &format!("changed {}", r.actor.actor.id), r.start_error.as_deref()),
        Reply::ActorRemove(r) => line(format!("removed {}", r.actor_id)),
        Reply::ActorStart(r) => line(format!("started {}", r.actor.id)),
        Reply::ActorStop(r) => line(format!("stopped {}", r.actor.id)),
        Reply::ActorRestart(r) => line(format!("restarted {}", r.actor.id)),
        Reply::ActorEnvPrivateKeys(r) => masked(page, &r.masked_values),
        Reply::ActorEnvPrivateUpdate(r) => line(format!("private environment of {}: {}", r.actor_id, listing(&r.keys))),
        Reply::ActorProfileList(r) => profile::list(page, &r.profiles),
        Reply::ActorProfileGet(r) => profile::show(page, r),
        Reply::ActorProfileUpsert(r) => line(format!("profile {} is at revision {}", r.profile.id, r.profile.revision)),
        Reply::ActorProfileDelete(r) => {
            line(format!("deleted profile {}; {} actors have a copy now", r.profile_id, r.detached_count))
        }
        Reply::ActorProfileSecretKeys(r) => masked(page, &r.masked_values),
        Reply::ActorProfileSecretUpdate(profile_op::SecretsUpdated { profile_id, keys })
        | Reply::ActorProfileSecretCopyFromActor(profile_op::CopiedFromActor { profile_id, keys, .. })
        | Reply::ActorProfileSecretCopyFromProfile(profile_op::CopiedFromProfile { profile_id, keys, .. }) => {
            line(format!("secrets of {profile_id}: {}", listing(keys)))
        }
        Reply::Send(r) | Reply::SendFiles(r) => sent(page, &r.event, &r.started),
        Reply::SendCrossGroup(r) => sent(page, &r.dst_event, &r.started),
        Reply::Reply(r) => sent(page, &r.event, &r.started) + &acknowledged(page, r.ack_event.as_ref()),
        Reply::StreamEmit(r) => match &r.event {
            Some(event) => sent(page, event, &[]),
            None => line(format!("shown: {} of {}", r.op, r.stream_id)),
        },
        Reply::TrackedSend(r) => sent(page, &r.event, &r.started) + &line(format!("tracked by task {}", r.task_id)),
        Reply::MessageDeliver(r) if r.event.is_none() => line("everybody has it, or is about to get it".into()),
        Reply::MessageDeliver(r) => line(format!("to be handed over: {}", names(&r.actor_ids))),
        Reply::ReplyRequestCancel(r) => {
            line(if r.already { "was taken back before" } else { "no answer is owed any more" }.into())
        }
        Reply::ChatAck(r) => line(if r.already { "was acknowledged before" } else { "acknowledged" }.into()),
        Reply::InboxList(r) => listed(page, r, &[]),
        Reply::InboxRead(r) if r.messages.is_empty() => page.paint(Tone::Quiet, "nothing unread") + "\n",
        Reply::InboxRead(r) => fold(&r.messages).iter().map(|entry| entry.text(page)).collect(),
        Reply::MessageHistory(r) if r.messages.is_empty() => page.paint(Tone::Quiet, "nothing found") + "\n",
        Reply::MessageHistory(r) => r.messages.iter().rev().map(|event| event::text(page, event)).collect(),
        Reply::InboxMarkRead(r) => {
            line(format!("read up to {}", short(&r.cursor.event_id))) + &acknowledged(page, r.ack_event.as_ref())
        }
        Reply::InboxMarkAllRead(r) => line(match &r.event {
            Some(_) => format!("read up to {}", short(&r.cursor.event_id)),
            None => "nothing was unread".into(),
        }),
        Reply::HeadlessStatus(r) | Reply::HeadlessSetStatus(r) => {
            let task = r.state.current_task_id.as_ref().map(|task_id| format!(", works on {task_id}"));
            line(format!("{} is {}{}", r.state.actor_id, r.state.status, task.unwrap_or_default()))
        }
        Reply::HeadlessAckMessage(r) => line(format!("taken: {}", short(&r.message_id))),
        Reply::SystemNotify(r) => line(format!("notified {}", short(&r.event.id))),
        Reply::NotifyAck(_) => line("acknowledged".into()),
        Reply::ContextGet(r) => context::text(page, r),
        Reply::ContextSync(r) => context::synced(page, r),
        Reply::TaskList(r) => match &r.task {
            Some(task) => task::show(page, task),
            None => task::list(page, r.tasks.as_deref().unwrap_or_default()),
        },
        Reply::PresenceGet(r) => context::agents(page, &r.agents),
        Reply::GroupAutomationState(r) => automation::text(page, r),
        Reply::GroupAutomationManage(r) => automation::managed(page, r),
        Reply::GroupAutomationResetBaseline(r) => automation::text(page, &r.now),
        Reply::GroupAutomationUpdate(r) => line(format!(
            "{} rules and {} snippets (version {})",
            r.ruleset.rules.len(),
            r.ruleset.snippets.len(),
            r.version
        )),
        Reply::GroupTemplateExport(r) => r.template.clone(),
        Reply::GroupTemplatePreview(r) => template::preview(page, r),
        Reply::GroupTemplateImportReplace(r) => template::imported(page, r),
        Reply::GroupCreateFromTemplate(r) => {
            line(format!("created group {}; start it with `cccc group start -g {}`", r.group_id, r.group_id))
        }
        Reply::RuleRecord(r) => event::text(page, &r.event),
        Reply::ImConfigGet(r) | Reply::ImConfigSet(r) | Reply::ImConfigUnset(r) => im::config(page, r),
        Reply::ImSecretsGet(r) => line(format!("stored credentials: {}", listing(&r.variables.names()))),
        Reply::ImBindChat(r) => line(format!("let in: {} {}", r.platform, chat_key(&r.chat_id, r.thread_id))),
        Reply::ImListAuthorized(r) => im::chats(page, &r.authorized),
        Reply::ImListPending(r) => im::waiting(page, &r.pending),
        Reply::ImRejectPending(r) => line(if r.rejected { "rejected" } else { "no chat waits with this key" }.into()),
        Reply::ImRevokeChat(r) => line(if r.revoked { "revoked" } else { "this chat was not let in" }.into()),
        Reply::ImPendingAdd(r) if r.authorized => line("this chat is let in already".into()),
        Reply::ImPendingAdd(_) => line("asked".into()),
        Reply::ImChatSet(r) => im::chats(page, std::slice::from_ref(&r.chat)),
        Reply::LedgerHeads(r) => r.heads.iter().map(|(ledger, seq)| line(format!("{ledger} {seq}"))).collect(),
        Reply::LedgerRange(r) => r.events.iter().map(|event| event::text(page, event)).collect(),
        Reply::LedgerWindow(r) => fold(&r.events).iter().map(|entry| entry.text(page)).collect(),
        Reply::LedgerSearch(r) if r.events.is_empty() => page.paint(Tone::Quiet, "nothing found") + "\n",
        Reply::LedgerSearch(r) => fold(&r.events).iter().map(|entry| entry.text(page)).collect(),
        Reply::LedgerSnapshot(r) => {
            line(format!("saved {} ({} bytes)", r.snapshot.snapshot_path, r.snapshot.size_bytes))
        }
        Reply::LedgerCompact(r) => line(format!("nothing to archive: all {} events are kept", r.total_lines)),
        Reply::MessageStatuses(r) => r.statuses.iter().map(|status| how_far(page, status)).collect(),
        Reply::BlobUpload(r) => line(match &r.attachment {
            Some(stored) => format!("stored {}", stored.path),
            None => format!("{} bytes are there", r.received),
        }),
        Reply::BlobRead(r) => line(format!("{} has {} bytes", r.path, r.bytes)),
        Reply::DeskGet(r) => line(format!("{} has {} actors on its desk", r.group_id, r.places.len())),
        // No door passes it on, and nobody is shown a value.
        Reply::SecretsGet(r) => line(format!("private environment: {}", listing(&r.variables.names()))),
        Reply::SessionRecord(r) | Reply::DeliveryRecord(r) => match &r.event {
            Some(event) => event::text(page, event),
            None => line("nothing new".into()),
        },
        Reply::TerminalTail(r) if r.text.trim().is_empty() => {
            let sentence = match r.hint.as_str() {
                "" => "nothing yet".to_owned(),
                // The op's own hint speaks of its arguments.
                _ => {
                    format!("nothing that can be read; `cccc attach-terminal {}` shows the terminal itself", r.actor_id)
                }
            };
            page.paint(Tone::Quiet, &sentence) + "\n"
        }
        Reply::TerminalTail(r) => page.body(&r.text, 0),
        Reply::TerminalSnapshot(r) => page.body(&r.text, 0),
        Reply::TerminalSince(r) | Reply::TerminalHistory(r) => page.body(&r.text, 0),
        Reply::TerminalRelease(r) if r.stashed => {
            line(format!("{} has put the draft aside, and brings it back after the next message", r.actor_id))
        }
        Reply::TerminalRelease(r) if r.released => line(format!("no draft holds messages to {} any more", r.actor_id)),
        Reply::TerminalRelease(r) => {
            line(format!("a draft is still to be seen; send or clear it: `cccc attach-terminal {}`", r.actor_id))
        }
        Reply::TerminalClear(r) => line(format!("the terminal of {} begins anew", r.actor_id)),
        Reply::TermResize(r) => line(format!("{} has {} columns and {} rows", r.actor_id, r.cols, r.rows)),
        Reply::TermAttach(r) => line(format!("attached to {}", r.actor_id)),
    }
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

fn how_far(page: &Page, status: &status::Status) -> String {
    let mut told = page.paint(Tone::Name, &short(&status.event_id)) + "\n";
    for (name, has_read) in &status.read_status {
        let mut words = Vec::new();
        match status.delivery.get(name) {
            Some(delivered) if delivered.reason.is_empty() => words.push(delivered.stage.word().to_owned()),
            Some(delivered) => words.push(format!("{} ({})", delivered.stage, delivered.reason)),
            None => {}
        }
        let done = status.obligation_status.as_ref().and_then(|all| all.get(name)).copied();
        let is_done = |pick: fn(&status::Obligation) -> bool| done.as_ref().is_some_and(pick);
        for (is_so, word) in [
            (*has_read, "read"),
            (is_done(|done| done.acked && !done.replied), "acknowledged"),
            (is_done(|done| done.replied), "answered"),
            (is_done(|done| done.reply_required && !done.replied), "owes a reply"),
            (is_done(|done| done.cancelled), "owes a reply no more"),
        ] {
            words.extend(is_so.then(|| word.to_owned()));
        }
        let words = if words.is_empty() { "unread".to_owned() } else { words.join(", ") };
        told += &(page.paint(Tone::Plain, &format!("    {name}: {words}")) + "\n");
    }
    told
}

fn reconciled(page: &Page, reply: &group_op::Reconciled) -> String {
    let mut told = page.paint(Tone::Plain, &format!("looked at {} groups", reply.scanned_groups)) + "\n";
    for (what, ids) in [
        ("folder gone", &reply.missing_group_ids),
        ("cannot be read", &reply.corrupt_group_ids),
        ("forgotten", &reply.removed_group_ids),
    ] {
        if !ids.is_empty() {
            told += &(page.paint(Tone::Warn, &format!("{what}: {}", ids.join(", "))) + "\n");
        }
    }
    told
}

fn told_of_itself(page: &Page, now: &Observability) -> String {
    let mode = if now.developer_mode { "on" } else { "off" };
    let told = format!(
        "developer mode is {mode}, log level {}, {} lines to scroll back",
        now.log_level, now.terminal_ui.scrollback_lines
    );
    page.paint(Tone::Plain, &told) + "\n"
}

fn listing(keys: &[String]) -> String {
    if keys.is_empty() { "nothing".into() } else { keys.join(", ") }
}

fn masked(page: &Page, values: &BTreeMap<String, String>) -> String {
    if values.is_empty() {
        return page.paint(Tone::Quiet, "no private environment") + "\n";
    }
    values.iter().map(|(key, glimpse)| page.paint(Tone::Plain, &format!("{key}={glimpse}")) + "\n").collect()
}

fn names(ids: &[String]) -> String {
    if ids.is_empty() { "nobody".into() } else { ids.join(", ") }
}

fn started(page: &Page, reply: &group_op::Started) -> String {
    let mut told = page.paint(Tone::Plain, &format!("started: {}", names(&reply.started))) + "\n";
    if !reply.forced_headless.is_empty() {
        told += &(page.paint(Tone::Warn, &format!("without a terminal: {}", names(&reply.forced_headless))) + "\n");
    }
    for (actor, why) in &reply.failed {
        let why = why.as_str().map_or_else(|| why.to_string(), str::to_owned);
        told += &(page.paint(Tone::Bad, &format!("not started: {actor}: {why}")) + "\n");
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
    page.paint(Tone::Plain, what) + "\n" + &why.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::event::tests::event;
    use crate::print::roster::tests::view;
    use crate::print::tests::page;
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
            ("whoami",          json!({"by": "a", "proven": true, "role": "peer"}),               "a, peer, proven\n"),
            ("principals_get",  json!({"strict": true}),                                          "strict: only a token proves an actor\n"),
            ("group_delete",    json!({"group_id": "g_1"}),                                       "deleted group g_1\n"),
            ("group_reset",     json!({"group_id": "g_2", "new_group_id": "g_2", "old_group_id": "g_1", "deleted_old": true, "event": sent}),
                                "group g_2 takes the place of g_1; start it with `cccc group start -g g_2`\n"),
            ("group_set_state", json!({"group_id": "g_1", "state": "paused", "event": sent}),     "group g_1 is paused\n"),
            ("group_start",     json!({"group_id": "g_1", "started": ["a", "b"], "event": sent}), "started: a, b\n"),
            ("group_start",     json!({"group_id": "g_1", "started": [], "event": sent, "failed": {"a": "no such program"}}),
                                "started: nobody\nnot started: a: no such program\n"),
            ("group_prompt_get", json!({"group_id": "g_1", "kind": "help", "source": "home", "filename": "", "path": "", "content": "# Ours\nfirst"}), "# Ours\nfirst\n"),
            ("group_preamble_reset", json!({"group_id": "g_1", "kind": "preamble", "source": "builtin", "filename": "", "path": "", "content": "", "event": null}),
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
            ("headless_set_status", json!({"state": {"v": 1, "group_id": "g", "actor_id": "a", "status": "working", "current_task_id": "T001",
                "last_message_id": null, "started_at": "", "updated_at": ""}}),               "a is working, works on T001\n"),
            ("headless_ack_message", json!({"message_id": "0000000012345678", "acked_at": ""}),   "taken: #12345678\n"),
            ("ledger_search",   json!({"events": [], "has_more": false, "cursor": null}),         "nothing found\n"),
            ("message_statuses", json!({"statuses": [{"event_id": "0000000a", "read_status": {"a": true, "b": false}, "ack_status": null,
                "obligation_status": {"a": {"read": true, "acked": true, "replied": true, "reply_required": true},
                                      "b": {"read": false, "acked": false, "replied": false, "reply_required": true}},
                "delivery": {"a": {"stage": "handed", "reason": ""}, "b": {"stage": "held", "reason": "busy"}}}]}),
                                "#0000000a\n    a: handed, read, answered\n    b: held (busy), owes a reply\n"),
            ("message_deliver", json!({"event": null, "actor_ids": [], "delivery_state": "unchanged"}), "everybody has it, or is about to get it\n"),
            ("reply_request_cancel", json!({"event": sent, "already": false}),                    "no answer is owed any more\n"),
            ("ledger_heads",    json!({"epoch": 1, "heads": [["home", 3], ["g_1", 9]]}),          "home 3\ng_1 9\n"),
            ("terminal_tail",   json!({"group_id": "g", "actor_id": "a", "warning": "", "hint": "h", "text": ""}), "nothing that can be read; `cccc attach-terminal a` shows the terminal itself\n"),
            ("terminal_tail",   json!({"group_id": "g", "actor_id": "a", "warning": "", "hint": "", "text": ""}), "nothing yet\n"),
            ("terminal_tail",   json!({"group_id": "g", "actor_id": "a", "warning": "", "hint": "", "text": "$ \u{1b}[31mls\nx"}), "$ ␛[31mls\nx\n"),
        ];
        for (name, result, wanted) in cases {
            assert_eq!(told(name, result), wanted, "{name}");
        }
    }
}
