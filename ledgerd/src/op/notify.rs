//! Ops about notifications.

use super::request::{RequestContext, named, required, within, written};
use crate::decision::Decision;
use bus::contract::document::{NotifyKind, NotifyPriority};
use bus::contract::event;
use bus::contract::op::notify;
use bus::contract::{Body, Code, Event, OpError, Reply, limit};

/// `system_notify`: an unknown kind or priority becomes the usual one.
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, a limit.
pub fn notify(cx: &RequestContext<'_>, args: &notify::Notify) -> Result<Decision, OpError> {
    let group = cx.group(&args.group_id)?;
    named("the title", &args.title)?;
    named("target_actor_id", &args.target_actor_id)?;
    within("the message", &args.message, limit::TEXT_INLINE_BYTES_MAX, "TEXT_INLINE_BYTES_MAX")?;
    let mut writer = cx.writer();
    writer.write(
        &group.id,
        event::SystemNotify {
            kind: NotifyKind::parse(&args.kind).unwrap_or_default(),
            priority: NotifyPriority::parse(&args.priority).unwrap_or_default(),
            title: args.title.clone(),
            message: args.message.clone(),
            target_actor_id: Some(args.target_actor_id.clone()).filter(|target| !target.is_empty()),
            context: args.context.clone().unwrap_or_default(),
            requires_ack: args.requires_ack,
            related_event_id: None,
        },
    );
    Ok(writer.done())
}

/// Answer of `system_notify`.
///
/// # Errors
///
/// None that a client can bring about.
pub fn notified(events: &[Event]) -> Result<Reply, OpError> {
    Ok(Reply::SystemNotify(notify::Notified { event: written(events, |body| matches!(body, Body::SystemNotify(_)))? }))
}

/// `notify_ack`: everybody for itself.
///
/// # Errors
///
/// Missing ids, `permission_denied`, `group_not_found`, `event_not_found`, `invalid_event_kind`.
pub fn ack(cx: &RequestContext<'_>, args: &notify::Ack) -> Result<Decision, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    required(&args.actor_id, Code::MissingActorId)?;
    required(&args.notify_event_id, Code::MissingNotifyEventId)?;
    let group = cx.group(&args.group_id)?;
    let event = cx.event(&args.notify_event_id)?;
    if !matches!(event.body, Body::SystemNotify(_)) {
        let sentence = format!("{} is a {}; only notifications are acknowledged here", event.id, event.kind());
        return Err(OpError::new(Code::InvalidEventKind, sentence).with("kind", event.kind()));
    }
    let mut writer = cx.writer();
    let (notify_event_id, actor_id) = (event.id.clone(), args.actor_id.clone());
    writer.write(&group.id, event::SystemNotifyAck { notify_event_id, actor_id });
    Ok(writer.done())
}

/// Answer of `notify_ack`.
///
/// # Errors
///
/// None that a client can bring about.
pub fn acked(events: &[Event]) -> Result<Reply, OpError> {
    Ok(Reply::NotifyAck(notify::Acked { event: written(events, |body| matches!(body, Body::SystemNotifyAck(_)))? }))
}
