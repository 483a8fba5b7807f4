//! Ops about what somebody has not read.

use super::message::{ack_event, acknowledge};
use super::reading;
use super::request::{RequestContext, required, written};
use crate::decision::{Answer, Decision, Known, Needs};
use crate::permission;
use crate::recipient::is_addressed;
use crate::state::State;
use crate::state::group::Group;
use bus::contract::document::KindFilter;
use bus::contract::event;
use bus::contract::op::inbox;
use bus::contract::{Body, Code, Event, OpError, Reply, limit};

/// How many messages are listed when a client does not say.
const LIST_DEFAULT: usize = 50;

fn filter(word: &str) -> KindFilter {
    KindFilter::parse(word).unwrap_or_default()
}

/// How many messages a client means.
fn wanted(limit: Option<i64>, max: usize) -> usize {
    let wanted = limit.map_or(LIST_DEFAULT, |limit| usize::try_from(limit).unwrap_or(0));
    if wanted == 0 { max } else { wanted.min(max) }
}

/// `inbox_list`: oldest unread first. The name need not be anybody's: it gets what routing gives it.
///
/// # Errors
///
/// Missing ids, `group_not_found`, `permission_denied`.
pub fn list(cx: &RequestContext<'_>, args: &inbox::List) -> Result<Answer, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    required(&args.actor_id, Code::MissingActorId)?;
    let group = cx.group(&args.group_id)?;
    let (reader, kinds) = (group.reader(&args.actor_id), filter(&args.kind_filter));
    let seqs = group.unread.iter(reader, kinds).take(wanted(args.limit, limit::INBOX_MESSAGES_MAX)).collect();
    let unread_total = group.unread.count(reader, kinds);
    let cursor = group.cursor(&args.actor_id);
    let finish = move |messages| Reply::InboxList(inbox::Listed { messages, cursor, unread_total });
    Ok(Answer::from_events(&group.id, seqs, finish))
}

/// `inbox_mark_read`: the cursor moves forward or stays, and the reading is written either way.
///
/// # Errors
///
/// Missing ids, `group_not_found`, `permission_denied`, `event_not_found`, `invalid_event_kind`, `event_not_for_actor`.
pub fn mark_read(cx: &RequestContext<'_>, args: &inbox::MarkRead) -> Result<Decision, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    required(&args.actor_id, Code::MissingActorId)?;
    required(&args.event_id, Code::MissingEventId)?;
    let group = cx.group(&args.group_id)?;
    let name = args.actor_id.as_str();
    let event = cx.event(&args.event_id)?;
    let is_for = match &event.body {
        Body::ChatMessage(message) => is_addressed(&message.to, name, group.role(name)),
        Body::SystemNotify(notify) => {
            notify.target_actor_id.as_deref().is_none_or(|target| target.trim().is_empty() || target == name)
        }
        _ => {
            let sentence = format!("{} is a {}; only messages and notifications are read", event.id, event.kind());
            return Err(OpError::new(Code::InvalidEventKind, sentence).with("kind", event.kind()));
        }
    };
    if !is_for {
        return Err(OpError::new(Code::EventNotForActor, format!("{} is not addressed to {name}", event.id)));
    }
    let mut writer = cx.writer();
    let (actor_id, event_id) = (name.to_owned(), event.id.clone());
    writer.write(&group.id, event::ChatRead { actor_id, event_id, event_ids: Vec::new() });
    // Who marks for somebody else acknowledges nothing in its name.
    if is_itself(&cx.by, name) && !args.only_shown {
        acknowledge(group, &cx.by, event, &mut writer);
    }
    Ok(writer.done())
}

/// Answer of `inbox_mark_read`.
///
/// # Errors
///
/// The group has been deleted since.
pub fn marked(state: &State, args: &inbox::MarkRead, events: &[Event]) -> Result<Reply, OpError> {
    let event = written(events, |body| matches!(body, Body::ChatRead(_)))?;
    let cursor = state.group(&args.group_id)?.cursor(&args.actor_id);
    Ok(Reply::InboxMarkRead(inbox::Marked { cursor, event, ack_event: ack_event(events) }))
}

/// The event that `inbox_mark_all_read` moves to.
pub fn mark_all_needs(state: &State, args: &inbox::MarkAllRead) -> Needs {
    state.group(&args.group_id).map(|group| reading::events(group, newest(group, args))).unwrap_or_default()
}

/// The newest unread event that `inbox_mark_all_read` moves to.
fn newest(group: &Group, args: &inbox::MarkAllRead) -> Option<u64> {
    group.unread.newest(group.reader(&args.actor_id), filter(&args.kind_filter))
}

/// `inbox_mark_all_read`: everything up to the newest unread event of the filter is read, also of the other kind.
///
/// # Errors
///
/// Missing ids, `group_not_found`, `permission_denied`.
pub fn mark_all_read(cx: &RequestContext<'_>, args: &inbox::MarkAllRead) -> Result<Decision, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    required(&args.actor_id, Code::MissingActorId)?;
    let group = cx.group(&args.group_id)?;
    let mut writer = cx.writer();
    if let Some(event) = newest(group, args).and_then(|seq| cx.known.events.iter().find(|event| event.seq == seq)) {
        let (actor_id, event_id) = (args.actor_id.clone(), event.id.clone());
        writer.write(&group.id, event::ChatRead { actor_id, event_id, event_ids: Vec::new() });
    }
    Ok(writer.done())
}

/// Answer of `inbox_mark_all_read`. Without anything unread there is no event, and the cursor does not say when it moved.
///
/// # Errors
///
/// The group has been deleted since.
pub fn all_marked(state: &State, args: &inbox::MarkAllRead, events: &[Event]) -> Result<Reply, OpError> {
    let mut cursor = state.group(&args.group_id)?.cursor(&args.actor_id);
    let event = events.first().cloned();
    if event.is_none() {
        cursor.updated_at = None;
    }
    Ok(Reply::InboxMarkAllRead(inbox::AllMarked { cursor, event }))
}

fn is_itself(by: &str, name: &str) -> bool {
    by == name || permission::is_user(by) && name == "user"
}

/// The unread events that `inbox_read` gives, as many as an answer may hold.
pub fn take_needs(state: &State, args: &inbox::Take) -> Needs {
    let events_bytes_max = Some(limit::RANGE_BYTES_MAX);
    let Ok(group) = state.group(&args.group_id) else { return Needs { events_bytes_max, ..Needs::default() } };
    Needs { events_bytes_max, ..reading::events(group, next(group, args)) }
}

/// The unread events that `inbox_read` gives.
fn next(group: &Group, args: &inbox::Take) -> Vec<u64> {
    let unread = group.unread.iter(group.reader(&args.actor_id), KindFilter::All);
    unread.take(wanted(args.limit, limit::INBOX_READ_MAX)).collect()
}

/// `inbox_read`: the oldest unread events are given and, by the same event, read: those and no others. Each counts as
/// by `inbox_mark_read`. Which ones they were stands in the event, because roles may be others when it is asked again.
///
/// # Errors
///
/// Missing ids, `group_not_found`, `permission_denied`.
pub fn take(cx: &RequestContext<'_>, args: &inbox::Take) -> Result<Decision, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    required(&args.actor_id, Code::MissingActorId)?;
    let group = cx.group(&args.group_id)?;
    let given = &cx.known.events;
    let mut writer = cx.writer();
    if let Some(last) = given.last() {
        let event_ids = given.iter().map(|event| event.id.clone()).collect();
        let (actor_id, event_id) = (args.actor_id.clone(), last.id.clone());
        writer.write(&group.id, event::ChatRead { actor_id, event_id, event_ids });
        if is_itself(&cx.by, &args.actor_id) {
            given.iter().for_each(|event| acknowledge(group, &cx.by, event, &mut writer));
        }
    }
    Ok(writer.done())
}

/// Answer of `inbox_read`.
///
/// # Errors
///
/// The group has been deleted since.
pub fn taken(state: &State, args: &inbox::Take, events: &[Event], known: &Known) -> Result<Reply, OpError> {
    let group = state.group(&args.group_id)?;
    let unread_total = group.unread.count(group.reader(&args.actor_id), KindFilter::All);
    let (messages, cursor, event) = (known.events.clone(), group.cursor(&args.actor_id), events.first().cloned());
    Ok(Reply::InboxRead(inbox::Taken { messages, cursor, event, unread_total }))
}

/// What must be read for the answer to a request that was decided before: the events that `inbox_read` has given.
pub fn recalls(state: &State, events: &[Event]) -> Needs {
    let mut needs = Needs::default();
    for event in events {
        let Ok(group) = state.group(&event.group_id) else { continue };
        let shown = match &event.body {
            Body::ChatRead(read) => &read.event_ids[..],
            _ => &[],
        };
        let seqs = shown.iter().filter_map(|event_id| group.index.find(event_id));
        needs.events.extend(seqs.map(|seq| (group.id.clone(), seq)));
    }
    needs
}
