//! Ops about the texts that agents are given.
//!
//! A text may be longer than a ledger's line, so it is written in pieces, all of them by one decision: either the whole
//! text is on disk or none of it.

use super::request::{EventWriter, RequestContext, required, within};
use crate::decision::Decision;
use crate::state::State;
use crate::state::group::Group;
use bus::contract::event::PromptSet;
use bus::contract::op::prompt::{Changed, Got, Introduce, Introduction};
use bus::contract::prompt::{PromptKind, beginning};
use bus::contract::{Body, Code, Event, OpError, Reply, limit};

/// Bytes of a text per event: even if every one of them is escaped, a ledger's line takes it.
const PIECE_BYTES: usize = 32_000;

/// `group_prompt_get`, `group_preamble_get`
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, `invalid_request` for a text that does not exist.
pub fn get(cx: &RequestContext<'_>, group_id: &str, kind: &str) -> Result<Got, OpError> {
    let group = cx.group(group_id)?;
    Ok(Got { group_id: group.id.clone(), prompt: group.prompts.view(kind_of(kind)?) })
}

/// `actor_preamble_get`: everything but the text, which ptyd composes.
///
/// # Errors
///
/// Missing ids, `group_not_found`, `actor_not_found`.
pub fn introduce(cx: &RequestContext<'_>, args: &Introduce) -> Result<Reply, OpError> {
    let group = cx.group(&args.group_id)?;
    required(&args.actor_id, Code::MissingActorId)?;
    let actor_state = cx.actor(group, &args.actor_id)?;
    let (group_id, actor_id) = (group.id.clone(), actor_state.actor.id.clone());
    Ok(Reply::ActorPreambleGet(Introduction { group_id, actor_id, prompt: String::new() }))
}

/// `group_prompt_set`, `group_preamble_set`: nothing is written when nothing changes.
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, `permission_denied`, `invalid_request`, a limit.
pub fn set(cx: &RequestContext<'_>, group_id: &str, kind: &str, content: &str) -> Result<Decision, OpError> {
    let (group, kind) = allowed(cx, group_id, kind)?;
    within("the content", content, limit::PROMPT_BYTES_MAX, "PROMPT_BYTES_MAX")?;
    let mut writer = cx.writer();
    write(&mut writer, group, kind, content);
    Ok(writer.done())
}

/// `group_prompt_reset`, `group_preamble_reset`: back to the built-in text.
///
/// # Errors
///
/// As [`set`]; `confirmation_required`.
pub fn reset(cx: &RequestContext<'_>, group_id: &str, kind: &str, confirm: &str) -> Result<Decision, OpError> {
    let (group, kind) = allowed(cx, group_id, kind)?;
    if confirm != kind.word() {
        let sentence = format!("this drops the group's own {kind}; give confirm={kind} to show that it is meant");
        return Err(OpError::new(Code::ConfirmationRequired, sentence));
    }
    let mut writer = cx.writer();
    write(&mut writer, group, kind, "");
    Ok(writer.done())
}

fn allowed<'a>(cx: &RequestContext<'a>, group_id: &str, kind: &str) -> Result<(&'a Group, PromptKind), OpError> {
    required(group_id, Code::MissingGroupId)?;
    let group = cx.group(group_id)?;
    Ok((group, kind_of(kind)?))
}

fn kind_of(word: &str) -> Result<PromptKind, OpError> {
    PromptKind::parse(word).ok_or_else(|| {
        let sentence = format!("invalid kind: {word:?}; use one of: {}", PromptKind::WORDS.join(", "));
        OpError::new(Code::InvalidRequest, sentence)
    })
}

/// Writes what a text is from now on; a blank one is the built-in one.
pub fn write(writer: &mut EventWriter<'_>, group: &Group, kind: PromptKind, content: &str) {
    let content = if content.trim().is_empty() { "" } else { content };
    if content == group.prompts.own(kind).unwrap_or_default() {
        return;
    }
    for (number, text) in pieces(content).into_iter().enumerate() {
        writer.write(&group.id, PromptSet { kind, text: text.to_owned(), continues: number > 0 });
    }
}

/// The text in pieces; one empty piece when there is none.
pub fn pieces(text: &str) -> Vec<&str> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while rest.len() > PIECE_BYTES {
        let piece = beginning(rest, PIECE_BYTES);
        pieces.push(piece);
        rest = &rest[piece.len()..];
    }
    pieces.push(rest);
    pieces
}

/// Answer of the ops that change a text.
///
/// # Errors
///
/// The group has been deleted since.
pub fn changed(state: &State, group_id: &str, kind: &str, events: &[Event]) -> Result<Changed, OpError> {
    let group = state.group(group_id)?;
    let event = events.iter().find(|event| matches!(event.body, Body::PromptSet(_))).cloned();
    Ok(Changed { group_id: group.id.clone(), prompt: group.prompts.view(kind_of(kind)?), event })
}

/// The text that `group_preamble_*` are about.
pub fn preamble() -> &'static str {
    PromptKind::Preamble.word()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        for text in ["", "short", &"é".repeat(PIECE_BYTES), &format!("a{}", "é".repeat(PIECE_BYTES))] {
            let pieces = pieces(text);
            assert_eq!(pieces.concat(), text);
            assert!(pieces.iter().all(|piece| piece.len() <= PIECE_BYTES), "{}", text.len());
        }
    }
}
