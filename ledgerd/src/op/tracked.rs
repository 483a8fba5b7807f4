//! Work that is handed on: a task and the message that says so, in one decision.

use super::message::{plain, say, started, woken};
use super::message_extras::Enclosure;
use super::request::{RequestContext, named, written};
use super::scope::scope_of;
use super::{context, reading};
use crate::decision::{Decision, Known, Needs};
use crate::permission;
use crate::state::State;
use crate::state::group::Group;
use bus::contract::document::{MessageMode, Priority};
use bus::contract::event::{self, ChatMessage};
use bus::contract::op::context::Sync;
use bus::contract::op::tracked::{Send, Sent};
use bus::contract::{Body, Code, Event, OpError, Reply, Request, id, name};
use serde_json::{Value, json};

/// What a reference to a task is called.
const TASK_REF: &str = "task_ref";

/// Characters of a task's name that is made of a text.
const TITLE_CHARS: usize = 120;

/// The message that was sent under the key of a request, if there is one.
pub fn needs(state: &State, request: &Request, args: &Send) -> Needs {
    let (Ok(group), Ok(by)) = (state.group(&args.group_id), permission::speaker(state, request)) else {
        return Needs::default();
    };
    reading::events(group, group.tracked.find(&by, &args.idempotency_key).map(|kept| kept.message_seq))
}

/// `tracked_send`: nothing is written when it was under the same key before.
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, `context_sync_error`, `invalid_request` for a key that stands for something
/// else, and as `send`.
pub fn send(cx: &RequestContext<'_>, args: &Send) -> Result<Decision, OpError> {
    let group = cx.group(&args.group_id)?;
    named("idempotency_key", &args.idempotency_key)?;
    let digest = digest(args);
    let mut writer = cx.writer();
    if let Some(kept) = group.tracked.find(&cx.by, &args.idempotency_key) {
        if kept.digest != digest {
            let sentence = format!("the key {} stands for something else; use another one", args.idempotency_key);
            return Err(OpError::new(Code::InvalidRequest, sentence));
        }
        return Ok(writer.done());
    }
    let roster = group.roster();
    let to = roster.for_send(&args.to, &args.text, group.settings().broadcasts())?;
    let enclosed = Enclosure::read(&args.refs, &args.insight, "")?;
    enclosed.check_insight(args.require_peer_insight, &to)?;
    let mode = Some(MessageMode::Send);
    let woken = woken(&roster, cx, group, &to, mode)?;
    let scope_key = scope_of(group, &args.path, args.scope.as_ref())?;

    let batch = Sync { ops: json!([task(group, args, &to)]), ..Sync::default() };
    let (changes, patch) = context::plan(group, &batch, &writer.time(&group.id), &cx.by)?;
    let task = patch.tasks.values().flatten().next().cloned().expect("the batch makes a task");
    let reference = json!({"kind": TASK_REF, "task_id": task.id, "title": task.name, "status": task.status});
    context::change(group, changes, patch, &mut writer);
    let message = ChatMessage { message_mode: mode, ..plain(&args.text, to, Priority::Normal, false) };
    let message = enclosed.and(reference).with(message);
    let event_id = say(cx, group, &roster.with_enabled(&woken), &woken, &scope_key, message, &mut writer)?;
    if !args.idempotency_key.is_empty() {
        let idempotency_key = args.idempotency_key.clone();
        writer.write(&group.id, event::Tracked { idempotency_key, digest, event_id });
    }
    Ok(writer.done())
}

/// Stands for what is asked. An argument that says where the client is does not belong to it.
fn digest(args: &Send) -> String {
    let asked = Send { path: String::new(), scope: None, ..args.clone() };
    id::digest12(&serde_json::to_string(&asked).expect("a request is plain data"))
}

/// The operation that makes the task.
fn task(group: &Group, args: &Send, to: &[String]) -> Value {
    let first_line = args.text.trim().lines().next().unwrap_or_default();
    let title = Some(args.title.clone()).filter(|title| !title.is_empty());
    let only =
        if let [one] = to { group.actor_state(one).map(|actor_state| actor_state.actor.id.as_str()) } else { None };
    json!({
        "op": "task.create",
        "title": title.unwrap_or_else(|| name::visible(first_line).chars().take(TITLE_CHARS).collect()),
        "outcome": args.outcome,
        "status": args.status,
        "assignee": if args.assignee.is_empty() { only.unwrap_or_default() } else { &args.assignee },
        "priority": args.task_priority,
        "task_type": args.task_type,
        "waiting_on": args.waiting_on,
        "handoff_to": args.handoff_to,
        "blocked_by": args.blocked_by,
        "checklist": args.checklist,
        "notes": args.notes,
    })
}

/// Answer of `tracked_send`.
///
/// # Errors
///
/// The message is gone.
pub fn sent(events: &[Event], known: &Known) -> Result<Reply, OpError> {
    let told = if events.is_empty() { &known.events } else { events };
    let event = written(told, |body| matches!(body, Body::ChatMessage(_)))?;
    let refs = if let Body::ChatMessage(message) = &event.body { &message.refs[..] } else { &[] };
    let task_ref = refs.iter().rev().find(|reference| reference["kind"] == TASK_REF).cloned().unwrap_or_default();
    Ok(Reply::TrackedSend(Sent {
        task_id: task_ref["task_id"].as_str().unwrap_or_default().to_owned(),
        task_ref,
        event_id: event.id.clone(),
        event,
        message_mode: MessageMode::Send,
        task_created: true,
        message_sent: true,
        partial_failure: false,
        replayed: events.is_empty(),
        started: started(events),
    }))
}
