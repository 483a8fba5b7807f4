//! Ops about a group's shared context.
//!
//! A batch is worked out on a [`draft::Draft`], operation by operation; the first that cannot be done ends it, and
//! nothing has happened. What comes out is one event with the documents as they are from then on. Anybody may read and
//! change a context, as the wire standard says; the event tells who it was.

mod batch;
mod coordination;
mod draft;

use super::request::{EventWriter, RequestContext, written_as};
use crate::decision::Decision;
use crate::state::State;
use crate::state::context::Context;
use crate::state::group::Group;
use bus::contract::context::{Change, Patch};
use bus::contract::op::context;
use bus::contract::op::context::batch::BatchOp;
use bus::contract::{Body, Code, Event, OpError, Reply, event, id, limit, time};
use draft::Draft;
use serde_json::Value;

/// After how long without news a status is to be doubted.
const HEARTBEAT_TIMEOUT_SECONDS: u64 = 300;

/// `context_get`
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`.
pub fn get(cx: &RequestContext<'_>, args: &context::Get) -> Result<Reply, OpError> {
    Ok(Reply::ContextGet(cx.group(&args.group_id)?.context.view()))
}

/// `task_list`
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, `task_not_found`.
pub fn tasks(cx: &RequestContext<'_>, args: &context::TaskList) -> Result<Reply, OpError> {
    let context = &cx.group(&args.group_id)?.context;
    if args.task_id.is_empty() {
        return Ok(Reply::TaskList(context::Tasks { tasks: Some(context.tasks()), task: None }));
    }
    let task = context.task(&args.task_id).ok_or_else(|| {
        let sentence = format!("task not found: {}", args.task_id);
        OpError::new(Code::TaskNotFound, sentence).with("task_id", args.task_id.as_str())
    })?;
    Ok(Reply::TaskList(context::Tasks { tasks: None, task: Some(task) }))
}

/// `presence_get`
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`.
pub fn presence(cx: &RequestContext<'_>, args: &context::PresenceGet) -> Result<Reply, OpError> {
    let agents = cx.group(&args.group_id)?.context.agents();
    Ok(Reply::PresenceGet(context::PresenceIs { agents, heartbeat_timeout_seconds: HEARTBEAT_TIMEOUT_SECONDS }))
}

/// `context_sync`: all of the operations, or none. A check, and an empty batch, write nothing.
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, `invalid_ops`, `version_conflict`, `context_sync_error`, a limit.
pub fn sync(cx: &RequestContext<'_>, args: &context::Sync) -> Result<Decision, OpError> {
    let group = cx.group(&args.group_id)?;
    let mut writer = cx.writer();
    let (changes, patch) = plan(group, args, &writer.time(&group.id), &cx.by)?;
    if args.dry_run || changes.is_empty() {
        return Ok(Decision::default());
    }
    change(group, changes, patch, &mut writer);
    Ok(writer.done())
}

/// Writes what a batch does.
pub fn change(group: &Group, changes: Vec<Change>, patch: Patch, writer: &mut EventWriter<'_>) {
    // Any value that was never there before will do, and the event keeps it for every replay.
    let version = if patch.changes_content() { id::digest12(&writer.id()) } else { group.context.version() };
    writer.write(&group.id, event::ContextSync { version, changes, patch });
}

/// Works a batch out; `now` is what its documents are dated.
///
/// # Errors
///
/// `invalid_ops`, `version_conflict`, `context_sync_error`, a limit.
pub fn plan(group: &Group, args: &context::Sync, now: &str, by: &str) -> Result<(Vec<Change>, Patch), OpError> {
    let ops = match &args.ops {
        Value::Null => &[][..],
        Value::Array(ops) => ops,
        _ => return Err(invalid_ops("ops is not a list")),
    };
    if ops.len() > limit::CONTEXT_OPS_MAX {
        return Err(OpError::too_large("ops", ops.len(), limit::CONTEXT_OPS_MAX, "CONTEXT_OPS_MAX"));
    }
    check_version(&group.context, args)?;
    let mut draft = Draft::new(group, now, by);
    let mut changes = Vec::with_capacity(ops.len());
    for (index, op) in ops.iter().enumerate() {
        let Value::Object(fields) = op else { return Err(invalid_ops(&format!("op {index} is not an object"))) };
        let name = fields.get("op").and_then(Value::as_str).unwrap_or_default().trim().to_owned();
        let done = BatchOp::from_wire(fields.clone()).and_then(|op| batch::apply(&mut draft, op));
        let detail = done.map_err(|error| failed(index, &name, error))?;
        changes.push(Change { index: index as u64, op: name, detail });
    }
    draft.check_size()?;
    Ok((changes, draft.done()))
}

fn check_version(context: &Context, args: &context::Sync) -> Result<(), OpError> {
    let current = context.version();
    match [&args.if_version, &args.expected_version].into_iter().flatten().find(|expected| **expected != current) {
        None => Ok(()),
        Some(expected) => {
            let sentence = format!("the context has changed: it is at {current}, not at {expected}; read it again");
            Err(OpError::new(Code::VersionConflict, sentence)
                .with("expected_version", expected.as_str())
                .with("current_version", current))
        }
    }
}

fn invalid_ops(what: &str) -> OpError {
    OpError::new(Code::InvalidOps, format!("{what}; give a list of objects, each with its operation under \"op\""))
}

/// The refusal of a whole batch, because of one operation.
fn failed(index: usize, name: &str, error: OpError) -> OpError {
    let message = format!("op {index} ({name}): {}; nothing was changed", error.message);
    OpError { code: Code::ContextSyncError, message, details: error.details }
        .with("index", index as u64)
        .with("op", name)
}

/// Answer of `context_sync`. A check has written nothing and is worked out once more.
///
/// # Errors
///
/// Those of a check.
pub fn synced(state: &State, args: &context::Sync, events: &[Event]) -> Result<Reply, OpError> {
    let (changes, version) = if events.is_empty() {
        let group = state.group(&args.group_id)?;
        let now = group.head.map_or(0, |head| head.ts);
        (plan(group, args, &time::format(now), "")?.0, group.context.version())
    } else {
        let picked = |body: &Body| match body {
            Body::ContextSync(sync) => Some((sync.changes.clone(), sync.version.clone())),
            _ => None,
        };
        written_as(events, picked)?.1
    };
    Ok(Reply::ContextSync(context::Synced { success: true, dry_run: args.dry_run, changes, version }))
}
