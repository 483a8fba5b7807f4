//! Ops about the chats that are let into a group.
//!
//! A key is a secret of ten minutes. The user must see it, so it is kept; but where secrets are kept, in a file that is
//! written anew with every change, and in the ledger there is its hash. Keys are compared by their hashes, so the time
//! that takes says nothing about them.

use super::page::{self, Page};
use super::reading;
use super::request::{RequestContext, named, required, within, written_as};
use crate::decision::{Answer, Decision, Needs};
use crate::state::State;
use crate::state::group::Group;
use crate::state::im::Pending;
use bus::contract::event::{ImChat, ImChatGone, ImKeyGone, ImPending};
use bus::contract::im::{Asking, Chat, Platform, chat_key};
use bus::contract::op::im;
use bus::contract::private::{Hidden, Variables};
use bus::contract::time::Micros;
use bus::contract::{Body, Code, Event, OpError, Reply, id, limit, name};

/// How long a key counts.
const KEY_SECONDS: i64 = 600;

/// Fewest characters of a key: 8 random bytes. A shorter one could be guessed from its hash.
const KEY_CHARS_MIN: usize = 11;

/// Most characters of a key.
const KEY_CHARS_MAX: usize = 64;

/// How much of a key's hash is kept of a key that was used.
const GLIMPSE_CHARS: usize = 12;

/// The keys of the chats that ask to be let in.
pub fn needs(state: &State, group_id: &str) -> Needs {
    let file = |group: &Group| {
        let version = &group.im.keys_version;
        (!version.is_empty()).then(|| (group.id.clone(), version.clone()))
    };
    reading::secrets(state.group(group_id).ok().and_then(file))
}

/// `im_pending_add`: a chat asks to be let in. Nothing is written when it is.
///
/// # Errors
///
/// `permission_denied` for everybody but our daemons; missing arguments, `group_not_found`, `invalid_key`,
/// `invalid_request`, a limit.
pub fn ask(cx: &RequestContext<'_>, args: &im::PendingAdd) -> Result<Decision, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    required(args.key.text(), Code::MissingKey)?;
    required(&args.chat_id, Code::MissingChatId)?;
    let group = cx.group(&args.group_id)?;
    check_key(args.key.text())?;
    let platform = Platform::parse(&args.platform).ok_or_else(|| {
        let sentence = format!("invalid platform: {:?}; use one of: {}", args.platform, Platform::WORDS.join(", "));
        OpError::new(Code::InvalidRequest, sentence)
    })?;
    for text in [&args.chat_id, &args.from_user_id] {
        named("an id of the chat", text)?;
    }
    // Strangers call themselves and their chats what they like: that keeps nobody from asking.
    for text in [&args.chat_title, &args.from_user] {
        within("a name of the chat", text, limit::TITLE_BYTES_MAX, "TITLE_BYTES_MAX")?;
    }
    let thread_id = args.thread_id.unwrap_or(0);
    let chat_key = chat_key(&args.chat_id, thread_id);
    let mut writer = cx.writer();
    if group.im.chats.contains_key(&chat_key) {
        return Ok(writer.done());
    }
    // The time of the event, so that a replay forgets what this counts.
    let now = cx.stamp.after(group.head.map(|head| head.ts));
    let asked = group.im.asked_lately(&chat_key, now);
    if asked >= limit::IM_ASKINGS_PER_HOUR_MAX {
        return Err(OpError::too_large(
            "the hour of this chat",
            asked,
            limit::IM_ASKINGS_PER_HOUR_MAX,
            "IM_ASKINGS_PER_HOUR_MAX",
        ));
    }
    let is_same_chat = |pending: &Pending| {
        (pending.asking.chat_id.as_str(), pending.asking.thread_id) == (args.chat_id.as_str(), thread_id)
    };
    let others: Vec<&Pending> = group.im.waiting(now).filter(|pending| !is_same_chat(pending)).collect();
    if others.len() >= limit::IM_PENDING_MAX {
        return Err(OpError::too_large("the group", others.len(), limit::IM_PENDING_MAX, "IM_PENDING_MAX"));
    }
    let created_at = now / 1_000_000;
    let asking = Asking {
        chat_id: args.chat_id.clone(),
        thread_id,
        platform,
        chat_title: name::visible(&args.chat_title),
        from_user: name::visible(&args.from_user),
        from_user_id: args.from_user_id.clone(),
        created_at,
        expires_at: created_at + KEY_SECONDS,
    };
    let key_sha256 = hash(&args.key);
    let mut keys = keys_of(cx, group, others.into_iter());
    keys.0.insert(key_sha256.clone(), args.key.text().to_owned());
    let version = writer.keep(&group.id, keys);
    writer.write(&group.id, ImPending { key_sha256, asking, version });
    Ok(writer.done())
}

fn check_key(key: &str) -> Result<(), OpError> {
    let is_good = (KEY_CHARS_MIN..=KEY_CHARS_MAX).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if is_good {
        return Ok(());
    }
    let sentence = format!("a key has {KEY_CHARS_MIN} to {KEY_CHARS_MAX} letters, digits, - and _");
    Err(OpError::new(Code::InvalidKey, sentence))
}

fn hash(key: &Hidden) -> String {
    id::digest(key.text())
}

/// The keys of some waiting chats, as they are stored. A key whose file is lost is lost with it; the chat asks again.
fn keys_of<'a>(cx: &RequestContext<'_>, group: &Group, waiting: impl Iterator<Item = &'a Pending>) -> Variables {
    let stored = cx.known.secrets.iter().find(|(version, _)| *version == group.im.keys_version);
    let key = |pending: &Pending| {
        let key = stored?.1.0.get(&pending.key_sha256)?;
        Some((pending.key_sha256.clone(), key.clone()))
    };
    Variables(waiting.filter_map(key).collect())
}

/// Answer of `im_pending_add`.
///
/// # Errors
///
/// The group has been deleted since.
pub fn asked(state: &State, args: &im::PendingAdd, events: &[Event]) -> Result<Reply, OpError> {
    let group = state.group(&args.group_id)?;
    let expires = |event: &Event| match &event.body {
        Body::ImPending(asks) => Some(asks.asking.expires_at),
        _ => None,
    };
    let authorized = group.im.chats.contains_key(&chat_key(&args.chat_id, args.thread_id.unwrap_or(0)));
    let expires_at = events.iter().find_map(expires).unwrap_or(0);
    Ok(Reply::ImPendingAdd(im::PendingAdded { authorized, expires_at }))
}

/// `im_bind_chat`: whoever has the key lets the chat in. That is the user, and the foreman where the configuration says
/// `allow_agent_bind`.
///
/// # Errors
///
/// `missing_key`, `missing_group_id`, `group_not_found`, `permission_denied`, `invalid_key`, a limit.
pub fn bind(cx: &RequestContext<'_>, args: &im::Bind) -> Result<Decision, OpError> {
    required(args.key.text(), Code::MissingKey)?;
    let group = cx.group(&args.group_id)?;
    let key_sha256 = hash(&args.key);
    let found = group.im.waiting(cx.stamp.now()).find(|pending| pending.key_sha256 == key_sha256);
    let Pending { asking, .. } = found.ok_or_else(|| {
        let sentence = "no chat waits with this key: it was used, rejected or is older than ten minutes; \
                        send /subscribe in the chat again";
        OpError::new(Code::InvalidKey, sentence)
    })?;
    if group.im.chats.len() >= limit::IM_CHATS_MAX {
        return Err(OpError::too_large("the group", group.im.chats.len(), limit::IM_CHATS_MAX, "IM_CHATS_MAX"));
    }
    let chat = Chat {
        chat_id: asking.chat_id.clone(),
        thread_id: asking.thread_id,
        platform: asking.platform,
        chat_title: asking.chat_title.clone(),
        authorized_at: cx.stamp.now() / 1_000_000,
        key_used: key_sha256[..GLIMPSE_CHARS].to_owned(),
        subscribed: true,
        verbose: true,
    };
    let mut writer = forget(cx, group, key_sha256);
    writer.write(&group.id, ImChat { chat });
    Ok(writer.done())
}

/// Writes that a key does not count any more.
fn forget<'a>(cx: &RequestContext<'a>, group: &Group, key_sha256: String) -> super::request::EventWriter<'a> {
    let mut writer = cx.writer();
    let others = group.im.waiting(cx.stamp.now()).filter(|pending| pending.key_sha256 != key_sha256);
    let version = writer.keep(&group.id, keys_of(cx, group, others));
    writer.write(&group.id, ImKeyGone { key_sha256, version });
    writer
}

/// Answer of `im_bind_chat`.
///
/// # Errors
///
/// None that a client can bring about.
pub fn bound(events: &[Event]) -> Result<Reply, OpError> {
    let chat = |body: &Body| if let Body::ImChat(set) = body { Some(set.chat.clone()) } else { None };
    let (_, Chat { chat_id, thread_id, platform, .. }) = written_as(events, chat)?;
    Ok(Reply::ImBindChat(im::Bound { chat_id, thread_id, platform }))
}

/// `im_reject_pending`: nothing is written when no chat waits with the key.
///
/// # Errors
///
/// `missing_key`, `missing_group_id`, `group_not_found`, `permission_denied`.
pub fn reject(cx: &RequestContext<'_>, args: &im::Reject) -> Result<Decision, OpError> {
    required(args.key.text(), Code::MissingKey)?;
    let group = cx.group(&args.group_id)?;
    let key_sha256 = hash(&args.key);
    if !group.im.waiting(cx.stamp.now()).any(|pending| pending.key_sha256 == key_sha256) {
        return Ok(Decision::default());
    }
    Ok(forget(cx, group, key_sha256).done())
}

/// Answer of `im_reject_pending`.
pub fn rejected(events: &[Event]) -> Reply {
    Reply::ImRejectPending(im::Rejected { rejected: !events.is_empty() })
}

/// `im_list_pending`: with their keys, so only the user is told.
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`, `permission_denied`.
pub fn pending(cx: &RequestContext<'_>, args: &im::ListPending) -> Result<Answer, OpError> {
    let group = cx.group(&args.group_id)?;
    let now: Micros = cx.stamp.now();
    let mut waiting: Vec<Pending> = group.im.waiting(now).cloned().collect();
    waiting.reverse();
    let listed = move |keys: Option<Variables>| {
        let keys = keys.unwrap_or_default();
        let listed = |pending: Pending| {
            let key = keys.0.get(&pending.key_sha256)?.clone();
            let expires_in_seconds = pending.asking.expires_at - now / 1_000_000;
            Some(im::Waiting { key, asking: pending.asking, expires_in_seconds })
        };
        Ok(Reply::ImListPending(im::Pending { pending: waiting.into_iter().filter_map(listed).collect() }))
    };
    match group.im.keys_version.as_str() {
        "" => listed(None).map(Answer::Now),
        version => {
            let (ledger, versions) = (group.id.clone(), vec![version.to_owned()]);
            Ok(Answer::Secrets { ledger, versions, finish: Box::new(listed) })
        }
    }
}

/// `im_list_authorized`
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`; `invalid_request` for what is no cursor.
pub fn authorized(cx: &RequestContext<'_>, args: &im::ListAuthorized) -> Result<Reply, OpError> {
    let chats = &cx.group(&args.group_id)?.im.chats;
    let start = page::resume(chats.keys().map(String::as_str), &args.cursor)?;
    let rows = chats.values().skip(start.number).cloned();
    let page = page::fill(start, rows, |chat| chat_key(&chat.chat_id, chat.thread_id));
    let Page { rows: authorized, cursor: next_cursor } = page;
    Ok(Reply::ImListAuthorized(im::Authorized { authorized, has_more: next_cursor.is_some(), next_cursor }))
}

/// `im_revoke_chat`: nothing is written when the chat was not let in.
///
/// # Errors
///
/// `missing_group_id`, `missing_chat_id`, `group_not_found`, `permission_denied`.
pub fn revoke(cx: &RequestContext<'_>, args: &im::Revoke) -> Result<Decision, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    required(&args.chat_id, Code::MissingChatId)?;
    let group = cx.group(&args.group_id)?;
    let mut writer = cx.writer();
    if let Some(chat) = group.im.chats.get(&chat_key(&args.chat_id, args.thread_id.unwrap_or(0))) {
        let (chat_id, thread_id) = (chat.chat_id.clone(), chat.thread_id);
        writer.write(&group.id, ImChatGone { chat_id, thread_id, was_subscribed: chat.subscribed });
    }
    Ok(writer.done())
}

/// Answer of `im_revoke_chat`.
pub fn revoked(events: &[Event]) -> Reply {
    let gone = |event: &Event| if let Body::ImChatGone(gone) = &event.body { Some(gone.was_subscribed) } else { None };
    let gone = events.iter().find_map(gone);
    Reply::ImRevokeChat(im::Revoked { revoked: gone.is_some(), unsubscribed: gone == Some(true) })
}

/// `im_chat_set`: what a chat is sent. The bridge asks in the chat's name, people ask themselves.
///
/// # Errors
///
/// `missing_group_id`, `missing_chat_id`, `group_not_found`, `permission_denied`; `invalid_request` for a chat that is
/// not let in.
pub fn set_chat(cx: &RequestContext<'_>, args: &im::ChatSet) -> Result<Decision, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    required(&args.chat_id, Code::MissingChatId)?;
    let group = cx.group(&args.group_id)?;
    let before = chat_of(group, args)?;
    let chat = Chat {
        subscribed: args.subscribed.unwrap_or(before.subscribed),
        verbose: args.verbose.unwrap_or(before.verbose),
        ..before.clone()
    };
    let mut writer = cx.writer();
    if chat != *before {
        writer.write(&group.id, ImChat { chat });
    }
    Ok(writer.done())
}

fn chat_of<'a>(group: &'a Group, args: &im::ChatSet) -> Result<&'a Chat, OpError> {
    let key = chat_key(&args.chat_id, args.thread_id.unwrap_or(0));
    let found = group.im.chats.get(&key);
    found.ok_or_else(|| OpError::new(Code::InvalidRequest, format!("the chat {key} is not let in; bind it first")))
}

/// Answer of `im_chat_set`.
///
/// # Errors
///
/// The chat has been revoked since.
pub fn chat_is(state: &State, args: &im::ChatSet) -> Result<Reply, OpError> {
    let chat = chat_of(state.group(&args.group_id)?, args)?.clone();
    Ok(Reply::ImChatSet(im::ChatIs { chat }))
}
