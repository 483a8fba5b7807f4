//! `stream_emit`: a text that is shown while it is written.
//!
//! The door keeps nothing of it: a piece goes to whoever streams the group right now, and the end is sent as a message
//! like any other. So a restart loses pieces at most, which the end makes up for.

use super::shared::Door;
use super::stream;
use bus::contract::document::StreamStep;
use bus::contract::op::core::{StreamEmit, StreamEmitted};
use bus::contract::op::message;
use bus::contract::{Ask, Code, Event, OpError, Principal, Reply, id, limit, name, time};
use bus::peer::Question;
use serde_json::json;

/// Shows a piece, or sends the message.
///
/// # Errors
///
/// `missing_group_id`, `invalid_request`, `group_not_found`, `permission_denied`, and as `send` and `reply`.
pub async fn emit(
    door: &Door,
    request: StreamEmit,
    principal: Principal,
    request_id: Option<String>,
) -> Result<Reply, OpError> {
    if request.group_id.is_empty() {
        return Err(OpError::new(Code::MissingGroupId, "missing group_id"));
    }
    let step = StreamStep::parse(&request.op).ok_or_else(|| {
        let sentence = format!("invalid op: {:?}; use one of: {}", request.op, StreamStep::WORDS.join(", "));
        OpError::new(Code::InvalidRequest, sentence)
    })?;
    let stream_id = match (step, request.stream_id.as_str()) {
        (StreamStep::Start, "") => id::unique(),
        (StreamStep::Update | StreamStep::End, "") => {
            return Err(OpError::new(Code::InvalidRequest, "missing stream_id; the start has given it"));
        }
        (_, known) if known.len() > limit::REQUEST_ID_BYTES_MAX => {
            let (has, max) = (known.len(), limit::REQUEST_ID_BYTES_MAX);
            return Err(OpError::too_large("stream_id", has, max, "REQUEST_ID_BYTES_MAX"));
        }
        (_, known) => known.to_owned(),
    };
    let speaker = stream::speaker(door.peers(), &request.group_id, principal.clone()).await?;
    let by = &speaker.by;
    if speaker.proven && speaker.role.is_none() {
        let sentence =
            format!("permission denied: {by} belongs to another group and cannot act in {}", request.group_id);
        return Err(OpError::denied(Code::PermissionDenied, sentence).with("by", by.as_str()));
    }
    name::check("stream_id", &stream_id).map_err(|sentence| OpError::new(Code::InvalidRequest, sentence))?;
    let claim = door.authors().claim(&request.group_id, &stream_id, &speaker)?;
    let event = match step {
        StreamStep::Start | StreamStep::Update => {
            let (has, max) = (request.text.len(), limit::TEXT_INLINE_BYTES_MAX);
            if has > max {
                return Err(OpError::too_large("the piece", has, max, "TEXT_INLINE_BYTES_MAX"));
            }
            None
        }
        StreamStep::End => Some(say(door, &request, &stream_id, by, principal, request_id).await?),
    };
    let text = if event.is_some() { "" } else { &request.text };
    let mut line = json!({"t": "stream", "stream": {
        "op": step, "stream_id": stream_id, "group_id": request.group_id, "by": by, "text": text, "seq": request.seq,
        "format": request.format, "to": request.to, "reply_to": request.reply_to,
        "event_id": event.as_ref().map(|event| &event.id),
    }});
    line["stream"]["ts"] = json!(time::format(time::now()));
    let line = format!("{line}\n").into_bytes();
    // Pieces wait for slow streams as events do, so none is larger than an event may be.
    let (has, max) = (line.len(), limit::LEDGER_LINE_BYTES_MAX);
    if event.is_none() && has > max {
        return Err(OpError::too_large("the piece with its recipients", has, max, "LEDGER_LINE_BYTES_MAX"));
    }
    match step {
        StreamStep::Start | StreamStep::Update => claim.shown(),
        StreamStep::End => claim.ended(),
    }
    door.pieces().show(&request.group_id, line);
    Ok(Reply::StreamEmit(StreamEmitted { stream_id, op: step, event }))
}

/// Sends the whole text. The text's own id stands for the request, so the same end twice is one message.
async fn say(
    door: &Door,
    request: &StreamEmit,
    stream_id: &str,
    by: &str,
    principal: Principal,
    request_id: Option<String>,
) -> Result<Event, OpError> {
    let StreamEmit { group_id, text, format, to, reply_to, client_id, .. } = request.clone();
    let is_named = client_id.as_ref().is_some_and(|client_id| !client_id.trim().is_empty());
    let own = format!("stream:{}", id::digest12(&format!("{}\n{by}\n{stream_id}", request.group_id)));
    // A client that names the message means it, whichever stream it tries again with.
    let request_id = request_id.or_else(|| (!is_named).then_some(own));
    if reply_to.is_empty() {
        let send = message::Send { group_id, text, format, to, client_id, ..message::Send::default() };
        return Ok(ask(door, principal, send, request_id).await?.event);
    }
    let reply = message::Reply { group_id, reply_to, text, format, to, client_id, ..message::Reply::default() };
    Ok(ask(door, principal, reply, request_id).await?.event)
}

async fn ask<A: Ask>(
    door: &Door,
    principal: Principal,
    args: A,
    request_id: Option<String>,
) -> Result<A::Answer, OpError> {
    A::answer(door.peers().ask(Question::new(principal, args).with_id(request_id)).await?)
}
