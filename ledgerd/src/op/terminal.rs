//! What state has to say before ptyd looks at a terminal: whether there is one, and who may see it.

use super::request::{RequestContext, required};
use crate::state::actor::ActorState;
use bus::contract::document::Runner;
use bus::contract::op::terminal;
use bus::contract::{Code, OpError, Reply, limit};

/// What a client is told with every tail.
const WARNING: &str = "terminal output may hold anything an agent has seen, secrets included";

/// Smallest terminal that programs can draw on.
const SIZE_MIN: (i64, i64) = (10, 2);

/// `terminal_tail`: everything but the text, which ptyd adds. Also of an actor that has ended: its last words.
///
/// # Errors
///
/// Missing ids, `group_not_found`, `actor_not_found`, `permission_denied`, `not_pty_actor`, `actor_not_running` of one that
/// has never run.
pub fn tail(cx: &RequestContext<'_>, args: &terminal::Tail) -> Result<Reply, OpError> {
    let actor_state = in_terminal(cx, &args.group_id, &args.actor_id)?;
    if actor_state.session.is_none() {
        return Err(not_running(&args.actor_id));
    }
    Ok(Reply::TerminalTail(terminal::Tailed {
        group_id: args.group_id.clone(),
        actor_id: args.actor_id.clone(),
        warning: WARNING.into(),
        hint: String::new(),
        text: String::new(),
    }))
}

/// `terminal_snapshot`: everything but the screen, which ptyd adds.
///
/// # Errors
///
/// As [`tail`].
pub fn snapshot(cx: &RequestContext<'_>, args: &terminal::Snapshot) -> Result<Reply, OpError> {
    check_terminal(cx, &args.group_id, &args.actor_id)?;
    Ok(Reply::TerminalSnapshot(terminal::Shown {
        group_id: args.group_id.clone(),
        actor_id: args.actor_id.clone(),
        warning: WARNING.into(),
        session_id: String::new(),
        text: String::new(),
        drawing: String::new(),
        offset: 0,
        cols: 0,
        rows: 0,
    }))
}

/// `terminal_since`: everything but the output, which ptyd adds.
///
/// # Errors
///
/// As [`tail`], and `invalid_request` without a usable offset.
pub fn since(cx: &RequestContext<'_>, args: &terminal::Since) -> Result<Reply, OpError> {
    check_terminal(cx, &args.group_id, &args.actor_id)?;
    if args.after.is_none() {
        return Err(OpError::new(Code::InvalidRequest, "after is missing: the offset from which on output is wanted"));
    }
    check_offsets([args.after])?;
    Ok(Reply::TerminalSince(nothing_yet(&args.group_id, &args.actor_id)))
}

/// `terminal_history`: everything but the output, which ptyd adds.
///
/// # Errors
///
/// As [`tail`], and `invalid_request` for an offset below zero.
pub fn history(cx: &RequestContext<'_>, args: &terminal::History) -> Result<Reply, OpError> {
    check_terminal(cx, &args.group_id, &args.actor_id)?;
    check_offsets([args.before, args.render_before])?;
    Ok(Reply::TerminalHistory(nothing_yet(&args.group_id, &args.actor_id)))
}

fn check_offsets<const N: usize>(offsets: [Option<i64>; N]) -> Result<(), OpError> {
    match offsets.into_iter().flatten().find(|offset| *offset < 0) {
        Some(offset) => Err(OpError::new(Code::InvalidRequest, format!("an offset is never below zero: {offset}"))),
        None => Ok(()),
    }
}

fn nothing_yet(group_id: &str, actor_id: &str) -> terminal::Output {
    terminal::Output {
        group_id: group_id.into(),
        actor_id: actor_id.into(),
        warning: WARNING.into(),
        session_id: String::new(),
        text: String::new(),
        start: 0,
        end: 0,
        has_more: false,
    }
}

/// `terminal_release`: ptyd does it. A draft is a person's, so nobody else hands it over.
///
/// # Errors
///
/// As [`tail`].
pub fn release(cx: &RequestContext<'_>, args: &terminal::Release) -> Result<Reply, OpError> {
    check_terminal(cx, &args.group_id, &args.actor_id)?;
    let (group_id, actor_id) = (args.group_id.clone(), args.actor_id.clone());
    Ok(Reply::TerminalRelease(terminal::Released { group_id, actor_id, released: true, stashed: false }))
}

/// `terminal_clear`: ptyd does it.
///
/// # Errors
///
/// As [`tail`].
pub fn clear(cx: &RequestContext<'_>, args: &terminal::Clear) -> Result<Reply, OpError> {
    check_terminal(cx, &args.group_id, &args.actor_id)?;
    let (group_id, actor_id) = (args.group_id.clone(), args.actor_id.clone());
    Ok(Reply::TerminalClear(terminal::Cleared { group_id, actor_id, cleared: true }))
}

/// Checks that there is a live terminal.
fn check_terminal(cx: &RequestContext<'_>, group_id: &str, actor_id: &str) -> Result<(), OpError> {
    match in_terminal(cx, group_id, actor_id)?.is_alive() {
        true => Ok(()),
        false => Err(not_running(actor_id)),
    }
}

fn not_running(actor_id: &str) -> OpError {
    let sentence = format!("{actor_id} is not running; start it with `cccc actor start {actor_id}`");
    OpError::new(Code::ActorNotRunning, sentence)
}

/// The actor that is named, if it lives in a terminal.
fn in_terminal<'a>(cx: &RequestContext<'a>, group_id: &str, actor_id: &str) -> Result<&'a ActorState, OpError> {
    let (_, actor_state) = cx.named_actor(group_id, actor_id)?;
    let runner = actor_state.actor.runner;
    if runner != Runner::Pty {
        let sentence = format!("{actor_id} has no terminal: it is {runner}");
        return Err(OpError::new(Code::NotPtyActor, sentence).with("runner", runner.word()));
    }
    Ok(actor_state)
}

/// `term_resize`: everything but the resizing, which ptyd does.
///
/// # Errors
///
/// Missing ids, `invalid_size`, `group_not_found`, `actor_not_found`; `permission_denied` to whoever may not see it.
pub fn resize(cx: &RequestContext<'_>, args: &terminal::Resize) -> Result<Reply, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    required(&args.actor_id, Code::MissingActorId)?;
    let (cols_max, rows_max) = (limit::TERMINAL_COLS_MAX, limit::TERMINAL_ROWS_MAX);
    let fits = |size: Option<i64>, min: i64, max: u16| {
        size.and_then(|size| u16::try_from(size).ok()).filter(|size| i64::from(*size) >= min && *size <= max)
    };
    let (Some(cols), Some(rows)) = (fits(args.cols, SIZE_MIN.0, cols_max), fits(args.rows, SIZE_MIN.1, rows_max))
    else {
        let (cols_min, rows_min) = SIZE_MIN;
        let sentence = format!("a terminal has {cols_min} to {cols_max} columns and {rows_min} to {rows_max} rows");
        return Err(OpError::new(Code::InvalidSize, sentence));
    };
    cx.named_actor(&args.group_id, &args.actor_id)?;
    let (group_id, actor_id) = (args.group_id.clone(), args.actor_id.clone());
    Ok(Reply::TermResize(terminal::Resized { group_id, actor_id, cols, rows }))
}
