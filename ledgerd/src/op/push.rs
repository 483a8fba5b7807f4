//! Ops about browsers that are told while no page is open. How one is reached is for the web server alone: it is kept in a
//! file of secrets as it was handed in, and nobody here reads it.

use super::reading;
use super::request::{RequestContext, named, secrets_lost, written_as};
use crate::decision::{Answer, Decision, HOME, Needs};
use crate::state::State;
use bus::contract::event::{WebPushKept, WebPushRemoved, WebPushSet};
use bus::contract::op::push::{DevicesAre, IsSet, KeyIsSet, KeySet, Listed, Remove, Removed, Set};
use bus::contract::private::Variables;
use bus::contract::push::{PushDevice, PushTopic};
use bus::contract::{Body, Code, Event, OpError, Reply, limit};

/// Name of the key of this home among the secrets.
const KEY: &str = "key";

/// What is kept of them.
pub fn needs(state: &State) -> Needs {
    reading::secrets(reading::file(HOME, &state.home.push.secrets))
}

/// `web_push_set`
///
/// # Errors
///
/// `permission_denied` for everybody but our own system; `push_device_not_found` for what is changed and not there;
/// `invalid_request` for what is no topic, for one device too many, and for a name that is too long.
pub fn set(cx: &RequestContext<'_>, args: &Set) -> Result<Decision, OpError> {
    let push = &cx.state.home.push;
    let before = push.find(&args.device_id);
    let subscription = args.subscription.text();
    if args.device_id.is_empty() || args.device_id == KEY || before.is_none() && subscription.is_empty() {
        return Err(not_found(&args.device_id));
    }
    named("name", &args.name)?;
    named("lang", &args.lang)?;
    if subscription.len() > limit::PUSH_SUBSCRIPTION_BYTES_MAX {
        let sentence = format!(
            "what the browser says of how it is reached has {} bytes; the limit PUSH_SUBSCRIPTION_BYTES_MAX is {}",
            subscription.len(),
            limit::PUSH_SUBSCRIPTION_BYTES_MAX
        );
        return Err(OpError::new(Code::InvalidRequest, sentence));
    }
    if before.is_none() && push.devices.len() >= limit::PUSH_DEVICES_MAX {
        let sentence = format!("{} browsers are told already, the limit PUSH_DEVICES_MAX", push.devices.len());
        return Err(OpError::new(Code::InvalidRequest, sentence + "; remove one first"));
    }
    let or_before = |text: &str, of: fn(&PushDevice) -> &String| match before {
        Some(before) if text.is_empty() => of(before).clone(),
        _ => text.to_owned(),
    };
    let mut secrets = living(cx);
    if !subscription.is_empty() {
        secrets.0.insert(args.device_id.clone(), subscription.to_owned());
    }
    let mut writer = cx.writer();
    let device = PushDevice {
        device_id: args.device_id.clone(),
        name: or_before(&args.name, |device| &device.name),
        topics: topics(&args.topics)?,
        lang: or_before(&args.lang, |device| &device.lang),
        service: or_before(&args.service, |device| &device.service),
        // Who changes a switch is not who is told.
        token_id: match before {
            Some(before) if subscription.is_empty() => before.token_id.clone(),
            _ => args.token_id.clone(),
        },
        created_at: before.map_or_else(|| writer.time(HOME), |device| device.created_at.clone()),
    };
    let keys = secrets.names();
    let version = writer.keep(HOME, secrets);
    writer.home(WebPushSet { device, version, keys });
    Ok(writer.done())
}

/// Topics in the order of their table, each once.
fn topics(words: &[String]) -> Result<Vec<PushTopic>, OpError> {
    let mut topics = Vec::new();
    for word in words {
        let unknown = || format!("invalid topic: {word}; use some of: {}", PushTopic::WORDS.join(", "));
        topics.push(PushTopic::parse(word).ok_or_else(|| OpError::new(Code::InvalidRequest, unknown()))?);
    }
    topics.sort_unstable();
    topics.dedup();
    Ok(topics)
}

/// The secrets of devices that there are, and the key: those of whoever is gone with its token have stayed behind. Where
/// the file is lost, browsers are added anew.
fn living(cx: &RequestContext<'_>) -> Variables {
    let push = &cx.state.home.push;
    let mut secrets = cx.secrets(&push.secrets).unwrap_or_default();
    secrets.0.retain(|name, _| name == KEY || push.find(name).is_some());
    secrets
}

fn not_found(device_id: &str) -> OpError {
    OpError::new(Code::PushDeviceNotFound, format!("no browser {device_id:?} is told of anything"))
}

/// Answer of `web_push_set`.
///
/// # Errors
///
/// Never: the request has written the event.
pub fn is_set(events: &[Event]) -> Result<Reply, OpError> {
    let is_set = |body: &Body| match body {
        Body::WebPushSet(set) => Some(set.device.clone()),
        _ => None,
    };
    let (_, device) = written_as(events, is_set)?;
    Ok(Reply::WebPushSet(IsSet { device }))
}

/// `web_push_remove`
///
/// # Errors
///
/// `permission_denied`, `push_device_not_found`.
pub fn remove(cx: &RequestContext<'_>, args: &Remove) -> Result<Decision, OpError> {
    let device_id = args.device_id.clone();
    if cx.state.home.push.find(&device_id).is_none() {
        return Err(not_found(&device_id));
    }
    named("reason", &args.reason)?;
    let mut secrets = living(cx);
    secrets.0.remove(&device_id);
    let mut writer = cx.writer();
    let keys = secrets.names();
    let version = writer.keep(HOME, secrets);
    writer.home(WebPushRemoved { device_id, reason: args.reason.clone(), version, keys });
    Ok(writer.done())
}

/// `web_push_key_set`
///
/// # Errors
///
/// `permission_denied` for everybody but our own system; `invalid_request` for no key.
pub fn set_key(cx: &RequestContext<'_>, args: &KeySet) -> Result<Decision, OpError> {
    if args.key.text().is_empty() || args.key.text().len() > limit::PUSH_SUBSCRIPTION_BYTES_MAX {
        return Err(OpError::new(Code::InvalidRequest, "this is no key"));
    }
    let mut secrets = living(cx);
    let mut writer = cx.writer();
    // Browsers have let in whoever has the first one.
    if !secrets.0.contains_key(KEY) {
        secrets.0.insert(KEY.into(), args.key.text().to_owned());
        let keys = secrets.names();
        let version = writer.keep(HOME, secrets);
        writer.home(WebPushKept { version, keys });
    }
    Ok(writer.done())
}

/// Answer of `web_push_key_set`.
pub fn key_is_set(events: &[Event]) -> Reply {
    Reply::WebPushKeySet(KeyIsSet { is_new: !events.is_empty() })
}

/// Answer of `web_push_remove`.
pub fn removed(args: &Remove) -> Reply {
    Reply::WebPushRemove(Removed { device_id: args.device_id.clone() })
}

/// `web_push_list`
///
/// # Errors
///
/// `permission_denied`.
pub fn list(cx: &RequestContext<'_>) -> Result<Reply, OpError> {
    Ok(Reply::WebPushList(Listed { devices: cx.state.home.push.devices.clone() }))
}

/// `web_push_get`
///
/// # Errors
///
/// `permission_denied` for everybody but our own system; `internal_error` when the secrets are lost.
pub fn get(cx: &RequestContext<'_>) -> Result<Answer, OpError> {
    let push = &cx.state.home.push;
    let devices = push.devices.clone();
    let finish = move |secrets: Option<Variables>| {
        let secrets = secrets.ok_or_else(secrets_lost)?;
        Ok(Reply::WebPushGet(DevicesAre { devices, secrets }))
    };
    match reading::file(HOME, &push.secrets) {
        Some((ledger, version)) => Ok(Answer::Secrets { ledger, versions: vec![version], finish: Box::new(finish) }),
        None => finish(Some(Variables::default())).map(Answer::Now),
    }
}
