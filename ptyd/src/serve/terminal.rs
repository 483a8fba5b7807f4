//! Ops about one actor's terminal.

use super::{Answered, Asked, look};
use crate::screen::composer::Spot;
use crate::screen::tail;
use crate::session::{Live, ended, not_running};
use bus::contract::op::terminal::{Clear, Release, Resize, Resized, Tail};
use bus::contract::{Code, OpError};
use ptyd::hold::{Chunk, HoldError};
use std::sync::Arc;

/// Characters when the client does not say.
const CHARS_DEFAULT: i64 = 8_000;

/// Most characters.
const CHARS_MAX: i64 = 200_000;

/// Output that is looked at for a tail: enough for the most characters, escape sequences included.
const TAIL_BYTES_MAX: u64 = 1024 * 1024;

/// `terminal_tail`: ledgerd says whether the caller may look, and what to warn of.
pub async fn tail(asked: &Asked<'_>, op: Tail) -> Answered<Tail> {
    let mut tailed = asked.forward(op.clone()).await?;
    let live = asked.service.live(&op.group_id, &op.actor_id);
    let _place = asked.service.tail_place().await;
    let failed = |error: &dyn std::fmt::Display| OpError::new(Code::TerminalTailFailed, error.to_string());
    let shown = match live {
        Some(live) => match look(last_output(&live)).await {
            Ok(bytes) => Some((bytes, live.screen().size())),
            // It has ended since ledgerd looked.
            Err(HoldError::Lost { .. }) => None,
            Err(error) => return Err(failed(&error)),
        },
        None => None,
    };
    let (bytes, (cols, rows), ended) = match shown {
        Some((bytes, size)) => (bytes, size, String::new()),
        None => {
            let last = ended::latest(asked.service.launcher.home(), &op.group_id, &op.actor_id);
            let last = last.ok_or_else(|| not_running(&op.actor_id))?;
            let hint = format!("{} {}; these are its last words", op.actor_id, last.ending());
            (last.output(TAIL_BYTES_MAX).map_err(|error| failed(&error))?, (last.meta.cols, last.meta.rows), hint)
        }
    };
    let is_silent = bytes.is_empty();
    let (strip, compact) = (op.strip_ansi.unwrap_or(true), op.compact.unwrap_or(true));
    let read = move || {
        let text = if strip { tail::render(&bytes, cols, rows) } else { String::from_utf8_lossy(&bytes).into_owned() };
        if compact { tail::compact(&text) } else { text }
    };
    // A megabyte takes a while to read, and others want to be served.
    let text = tokio::task::spawn_blocking(read).await;
    let text = text.map_err(|_| OpError::new(Code::TerminalTailFailed, "the terminal's output could not be read"))?;
    let chars_max = op.max_chars.filter(|count| *count != 0).unwrap_or(CHARS_DEFAULT).clamp(1, CHARS_MAX);
    text_into(&mut tailed.text, tail::last_chars(&text, usize::try_from(chars_max).unwrap_or(usize::MAX)));
    tailed.hint = match tailed.text.is_empty() && strip && !is_silent {
        true => "nothing is left without escape sequences; ask with strip_ansi=false to see the bytes".into(),
        false => ended,
    };
    Ok(tailed)
}

fn text_into(text: &mut String, tail: &str) {
    text.clear();
    text.push_str(tail);
}

/// `terminal_clear`: ledgerd says whether the caller may look. The output itself stays where it is; what came before is
/// not shown any more to whoever looks back.
pub async fn clear(asked: &Asked<'_>, op: Clear) -> Answered<Clear> {
    let cleared = asked.forward(op).await?;
    let live = asked.service.live(&cleared.group_id, &cleared.actor_id);
    let live = live.ok_or_else(|| not_running(&cleared.actor_id))?;
    live.clear().map_err(|error| {
        OpError::new(Code::InternalError, format!("the terminal was not cleared, its notes cannot be written: {error}"))
    })?;
    Ok(cleared)
}

/// `terminal_release`: ledgerd says who may. A program that can puts the draft aside; what is still to be seen in the
/// composer afterwards goes on to hold messages.
pub async fn release(asked: &Asked<'_>, op: Release) -> Answered<Release> {
    let mut released = asked.forward(op).await?;
    let live = asked.service.live(&released.group_id, &released.actor_id);
    let live = live.ok_or_else(|| not_running(&released.actor_id))?;
    live.release().map_err(|error| {
        OpError::new(Code::InternalError, format!("the draft is not handed over, its notes cannot be written: {error}"))
    })?;
    released.stashed = live.stash().await.unwrap_or_else(|error| {
        tracing::info!(session_id = live.id(), %error, "a draft that was handed over is not put aside");
        false
    });
    asked.service.groups.group(&released.group_id).wake();
    released.released = live.spot() != Spot::Draft;
    Ok(released)
}

/// `term_resize`: ledgerd says whether it may be, and to which size; the answer says which one the terminal has now. An actor that does not run has nothing to resize, which is fine.
pub async fn resize(asked: &Asked<'_>, op: Resize) -> Answered<Resize> {
    let mut resized = asked.forward(op).await?;
    let Resized { group_id, actor_id, cols, rows } = &resized;
    if let Some(live) = asked.service.live(group_id, actor_id) {
        match live.resize(*cols, *rows, &asked.id).await {
            Ok(size) => (resized.cols, resized.rows) = size,
            Err(HoldError::Exited | HoldError::Lost { .. }) => {}
            Err(error) => {
                return Err(OpError::new(Code::InternalError, format!("the terminal was not resized: {error}")));
            }
        }
    }
    Ok(resized)
}

async fn last_output(live: &Arc<Live>) -> Result<Vec<u8>, HoldError> {
    let from = live.screen().offset().saturating_sub(TAIL_BYTES_MAX).max(live.cleared());
    let mut output = live.hold().read_from(from, false).await?;
    let mut bytes = Vec::new();
    loop {
        match output.next().await? {
            Chunk::Bytes { bytes: more, .. } => bytes.extend(more),
            Chunk::Gap { .. } => {}
            Chunk::End { .. } => return Ok(bytes),
        }
    }
}
