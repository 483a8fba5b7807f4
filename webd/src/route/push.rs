//! Addresses about browsers that are told while no page is open. Whoever may change nothing is not the user, and is told
//! nothing.

use super::body;
use crate::access::{Access, Key};
use crate::answer::{self, Answer, Refusal};
use crate::push::Notice;
use crate::visit::Visit;
use axum::extract::{Path, Request};
use bus::contract::op::push::{Remove, Set};
use bus::contract::push::PushDevice;
use bus::contract::web::WebRole;
use bus::contract::{Code, OpError};
use http::StatusCode;
use serde_json::{Map, Value, json};

/// The key that browsers must know, and which of them are told of what.
pub async fn list(visit: Visit) -> Answer {
    let listed = async {
        check(visit.access())?;
        let key = visit.push.public_key(&visit.peers).await?;
        let devices = visit.push.devices(&visit.peers).await?;
        let devices: Vec<Value> = devices
            .devices
            .iter()
            .filter(|device| is_own(visit.access(), &device.told))
            .map(|device| shown(&visit, &device.told))
            .collect();
        Ok::<_, OpError>(json!({"key": key, "devices": devices}))
    };
    answered(listed.await)
}

/// Has the browser told that asks.
pub async fn add(visit: Visit, request: Request) -> Answer {
    let mut said = match body(request).await {
        Ok(said) => said,
        Err(refusal) => return refusal.answer(),
    };
    let added = async {
        check(visit.access())?;
        let token_id = match &visit.access().key {
            Key::Named(id) => Some(id.clone()),
            Key::Place | Key::Environment | Key::Setting(_) => None,
        };
        let subscription = json!({"endpoint": said.remove("endpoint"), "keys": said.remove("keys")});
        let set = Set { token_id, ..asked(&said)? };
        let device = visit.push.add(&visit.peers, &subscription, set).await?;
        Ok::<_, OpError>(json!({"device": shown(&visit, &device)}))
    };
    answered(added.await)
}

/// Has a browser told of other things.
pub async fn set_topics(visit: Visit, Path(device_id): Path<String>, request: Request) -> Answer {
    let said = match body(request).await {
        Ok(said) => said,
        Err(refusal) => return refusal.answer(),
    };
    let set = async {
        let device = own(&visit, &device_id).await?;
        let set = Set { device_id: device.device_id, ..asked(&said)? };
        let set = visit.peers.ask_as(bus::contract::Principal::system(), set).await?;
        Ok::<_, OpError>(json!({"device": shown(&visit, &set.device)}))
    };
    answered(set.await)
}

/// Has a browser told of nothing any more.
pub async fn remove(visit: Visit, Path(device_id): Path<String>) -> Answer {
    let removed = async {
        let device_id = own(&visit, &device_id).await?.device_id;
        let remove = Remove { device_id, reason: String::new() };
        visit.peers.ask_as(super::user(), remove).await?;
        Ok::<_, OpError>(json!({}))
    };
    answered(removed.await)
}

/// Tells a browser something, so that whoever asks sees whether it arrives.
pub async fn test(visit: Visit, Path(device_id): Path<String>) -> Answer {
    let found = async {
        own(&visit, &device_id).await?;
        visit.push.devices(&visit.peers).await
    };
    let devices = match found.await {
        Ok(devices) => devices,
        Err(error) => return answer::refusal(&error),
    };
    let Some(device) = devices.devices.iter().find(|device| device.told.device_id == device_id) else {
        return answer::refusal(&not_found(&device_id));
    };
    match visit.push.tell(&visit.peers, &devices, device, &Notice::trial()).await {
        Ok(()) => answer::value(&json!({})),
        Err(why) => Refusal::new(StatusCode::BAD_GATEWAY, "push_failed", why).answer(),
    }
}

fn answered(result: Result<Value, OpError>) -> Answer {
    match result {
        Ok(value) => answer::value(&value),
        Err(error) => answer::refusal(&error),
    }
}

fn check(access: &Access) -> Result<(), OpError> {
    let sentence = "notifications are the user's; with this link nothing is told while the page is closed";
    if access.is_viewer() { Err(OpError::denied(Code::PermissionDenied, sentence)) } else { Ok(()) }
}

/// Everything to an admin, and to others what was added with their token.
fn is_own(access: &Access, device: &PushDevice) -> bool {
    match &access.key {
        _ if access.role == WebRole::Admin => true,
        Key::Named(id) => device.token_id.as_ref() == Some(id),
        Key::Place | Key::Environment | Key::Setting(_) => false,
    }
}

async fn own(visit: &Visit, device_id: &str) -> Result<PushDevice, OpError> {
    check(visit.access())?;
    let devices = visit.push.devices(&visit.peers).await?.devices.into_iter().map(|device| device.told);
    let mut found = devices.filter(|device| device.device_id == device_id && is_own(visit.access(), device));
    found.next().ok_or_else(|| not_found(device_id))
}

fn not_found(device_id: &str) -> OpError {
    OpError::new(Code::PushDeviceNotFound, format!("no browser {device_id:?} is told of anything"))
}

/// What is asked of a device, but for who it is.
fn asked(said: &Map<String, Value>) -> Result<Set, OpError> {
    let unreadable = |error| OpError::new(Code::InvalidRequest, format!("cannot be read: {error}"));
    let wanted =
        ["name", "topics", "lang"].iter().filter_map(|name| Some(((*name).to_owned(), said.get(*name)?.clone())));
    serde_json::from_value(Value::Object(wanted.collect())).map_err(unreadable)
}

/// A device as the page shows it.
fn shown(visit: &Visit, device: &PushDevice) -> Value {
    let PushDevice { device_id, name, topics, service, created_at, .. } = device;
    json!({
        "device_id": device_id, "name": name, "topics": topics, "service": service, "created_at": created_at,
        "trouble": visit.push.trouble(device_id)
    })
}
