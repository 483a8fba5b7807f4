//! How much the system tells of itself, and what it tells developers. Settings are events of the home's ledger.

use super::request::{RequestContext, required};
use crate::decision::{Answer, Decision, Log, LogPiece, SlowRead};
use crate::state::State;
use crate::state::group::Group;
use bus::contract::document::KindFilter;
use bus::contract::event::ObservabilitySet;
use bus::contract::op::observability::{
    ActorIs, ClearLogs, Daemon, DeliveryIs, GroupIs, Is, LogCleared, LogLevel, LogTail, Observability, Pending,
    Snapshot, Snapshotted, TailLogs, Update,
};
use bus::contract::{Body, Code, Event, OpError, Reply, lenient, time, version};
use serde_json::{Map, Value};

/// Lines of a log when a client does not say, and at most.
const LINES: (usize, usize) = (200, 2_000);

/// Kinds that are shown of what waits.
const KINDS_SHOWN: usize = 20;

/// Lines one can scroll back.
const SCROLLBACK: (u64, u64) = (1_000, 200_000);

/// Parts that can be named in one list, and the length of their names.
const COMPONENTS_MAX: usize = 64;

/// Logs by the names under which they are asked for: those of the standard, then ours.
#[rustfmt::skip]
const LOGS: &[(&str, &str)] = &[
    ("daemon", "ledgerd"), ("ccccd", "ledgerd"), ("web", "webd"), ("im", BRIDGE), ("im_bridge", BRIDGE),
    ("ledgerd", "ledgerd"), ("ptyd", "ptyd"), ("door", "door"), ("webd", "webd"), ("mcpd", "mcpd"),
    ("bridged", BRIDGE), ("cronctl", "cronctl"), ("supervisor", "supervisor"),
];

/// The process that is asked for by group.
const BRIDGE: &str = "bridged";

/// `observability_get`
pub fn get(cx: &RequestContext<'_>) -> Reply {
    Reply::ObservabilityGet(Is { observability: cx.state.home.observability.clone() })
}

/// `observability_update`: an empty patch, or one that changes nothing, writes nothing.
///
/// # Errors
///
/// `permission_denied`, `observability_update_failed`.
pub fn update(cx: &RequestContext<'_>, args: &Update) -> Result<Decision, OpError> {
    let mut writer = cx.writer();
    let before = &cx.state.home.observability;
    let mut observability = before.clone();
    if let Some(patch) = &args.patch {
        change(&mut observability, patch)
            .map_err(|sentence| OpError::new(Code::ObservabilityUpdateFailed, sentence))?;
    }
    if observability != *before {
        writer.home(ObservabilitySet { observability });
    }
    Ok(writer.done())
}

/// Answer of `observability_update`.
pub fn updated(state: &State, events: &[Event]) -> Reply {
    let written = events.iter().find_map(|event| match &event.body {
        Body::ObservabilitySet(set) => Some(set.observability.clone()),
        _ => None,
    });
    Reply::ObservabilityUpdate(Is { observability: written.unwrap_or_else(|| state.home.observability.clone()) })
}

/// What the older implementation has stored. It took each value that it understood, and the usual one in the place of
/// any other.
pub fn stored(all: &Map<String, Value>) -> Observability {
    let mut read = Observability::default();
    let mut take = |patch: Map<String, Value>| {
        // What is refused stays as it is.
        let _ = change(&mut read, &patch);
    };
    for (field, value) in all {
        match value.as_object() {
            None => take(Map::from_iter([(field.clone(), value.clone())])),
            Some(part) => part.iter().for_each(|(inner, value)| {
                let part = Map::from_iter([(inner.clone(), value.clone())]);
                take(Map::from_iter([(field.clone(), Value::Object(part))]));
            }),
        }
    }
    read
}

fn change(now: &mut Observability, patch: &Map<String, Value>) -> Result<(), String> {
    let empty = Map::new();
    let part = |field: &str| match patch.get(field) {
        None | Some(Value::Null) => Ok(&empty),
        Some(value) => value.as_object().ok_or_else(|| format!("invalid {field}: it must be an object")),
    };
    let (transcript, terminal) = (part("terminal_transcript")?, part("terminal_ui")?);
    flag(patch, "developer_mode", &mut now.developer_mode)?;
    flag(transcript, "enabled", &mut now.terminal_transcript.enabled)?;
    flag(transcript, "persist", &mut now.terminal_transcript.persist)?;
    flag(transcript, "strip_ansi", &mut now.terminal_transcript.strip_ansi)?;
    if let Some(level) = patch.get("log_level") {
        let level = level.as_str().and_then(LogLevel::read);
        let level = level.ok_or_else(|| format!("invalid log_level; use one of: {}", LogLevel::WORDS.join(", ")))?;
        level.word().clone_into(&mut now.log_level);
    }
    if let Some(components) = patch.get("components") {
        let named = components.as_array().ok_or("invalid components: it must be a list of texts")?;
        let name = |value: &Value| value.as_str().map(|name| name.trim().to_owned());
        let names: Option<Vec<String>> = named.iter().map(name).collect();
        let is_good = |names: &Vec<String>| {
            names.len() <= COMPONENTS_MAX && names.iter().all(|name| (1..=COMPONENTS_MAX).contains(&name.len()))
        };
        now.components = names.filter(is_good).ok_or_else(|| {
            format!("invalid components: at most {COMPONENTS_MAX} texts of 1 to {COMPONENTS_MAX} bytes, please")
        })?;
    }
    if let Some(bytes) = number(transcript, "per_actor_bytes")? {
        let usual = Observability::default().terminal_transcript.per_actor_bytes;
        now.terminal_transcript.per_actor_bytes = if bytes == 0 { usual } else { bytes };
    }
    if let Some(lines) = number(terminal, "scrollback_lines")? {
        now.terminal_ui.scrollback_lines = lines.clamp(SCROLLBACK.0, SCROLLBACK.1);
    }
    Ok(())
}

fn flag(patch: &Map<String, Value>, field: &str, now: &mut bool) -> Result<(), String> {
    if let Some(value) = patch.get(field) {
        *now = lenient::as_flag(value).ok_or_else(|| format!("invalid {field}: it must be true or false"))?;
    }
    Ok(())
}

fn number(patch: &Map<String, Value>, field: &str) -> Result<Option<u64>, String> {
    let Some(value) = patch.get(field) else { return Ok(None) };
    let number = lenient::as_integer(value).and_then(|number| u64::try_from(number).ok());
    number.map(Some).ok_or_else(|| format!("invalid {field}: it must be a whole number, 0 or more"))
}

/// `debug_snapshot`
///
/// # Errors
///
/// `group_not_found`, `permission_denied`, `developer_mode_required`.
pub fn snapshot(cx: &RequestContext<'_>, args: &Snapshot) -> Result<Reply, OpError> {
    let group = developed(cx, &args.group_id)?;
    let daemon = Daemon { pid: cx.stamp.pid(), version: version::PRODUCT.into(), ts: time::format(cx.stamp.now()) };
    Ok(Reply::DebugSnapshot(Snapshotted {
        developer_mode: true,
        observability: cx.state.home.observability.clone(),
        daemon,
        group: group.map(|group| GroupIs {
            group_id: group.id.clone(),
            state: group.state,
            active_scope_key: group.active_scope_key.clone(),
            title: group.title.clone(),
        }),
        actors: group.map(actors),
        delivery: group.map(delivery),
    }))
}

fn actors(group: &Group) -> Vec<ActorIs> {
    let actor = |actor_state: &crate::state::actor::ActorState| ActorIs {
        id: actor_state.actor.id.clone(),
        role: group.role(&actor_state.actor.id),
        runtime: actor_state.actor.runtime.clone(),
        runner: actor_state.actor.runner,
        runner_effective: actor_state.actor.runner,
        enabled: actor_state.actor.enabled,
        running: group.is_running(actor_state),
        unread_count: group.unread.count(group.reader(&actor_state.actor.id), KindFilter::All),
    };
    group.actor_states.iter().map(actor).collect()
}

fn delivery(group: &Group) -> DeliveryIs {
    let pending = |actor_state: &crate::state::actor::ActorState| {
        let first = actor_state.queue.iter().take(KINDS_SHOWN);
        Pending {
            pending: actor_state.queue.len() as u64,
            pending_kinds_preview: first.map(|(seq, _)| group.index.kind(seq).to_owned()).collect(),
            reason: actor_state.queue.iter().next().map(|(_, reason)| reason.to_owned()).unwrap_or_default(),
            last_delivery_at: Some(actor_state.delivered_at.clone()).filter(|at| !at.is_empty()),
            last_attempt_at: Some(actor_state.attempted_at.clone()).filter(|at| !at.is_empty()),
            delivered_chat_count: actor_state.delivered_chats,
        }
    };
    DeliveryIs {
        group_id: group.id.clone(),
        pending_total: group.actor_states.iter().map(|actor_state| actor_state.queue.len() as u64).sum(),
        actors: group
            .actor_states
            .iter()
            .map(|actor_state| (actor_state.actor.id.clone(), pending(actor_state)))
            .collect(),
    }
}

/// `debug_tail_logs`
///
/// # Errors
///
/// `group_not_found`, `permission_denied`, `developer_mode_required`, `invalid_component`, `missing_group_id`.
pub fn tail_logs(cx: &RequestContext<'_>, args: &TailLogs) -> Result<Answer, OpError> {
    let name = log(cx, &args.component, &args.group_id)?;
    let lines = args.lines.and_then(|lines| usize::try_from(lines).ok()).filter(|lines| *lines > 0).unwrap_or(LINES.0);
    let (component, group_id) = (args.component.clone(), args.group_id.clone());
    let finish =
        move |LogPiece { path, lines }: LogPiece| Reply::DebugTailLogs(LogTail { component, group_id, path, lines });
    let log = Log { name, lines_max: lines.min(LINES.1), clears: false };
    Ok(Answer::SlowRead(SlowRead::Log { log, finish: Box::new(finish) }))
}

/// `debug_clear_logs`
///
/// # Errors
///
/// As [`tail_logs`].
pub fn clear_logs(cx: &RequestContext<'_>, args: &ClearLogs) -> Result<Answer, OpError> {
    let name = log(cx, &args.component, &args.group_id)?;
    let (component, group_id) = (args.component.clone(), args.group_id.clone());
    let finish = move |LogPiece { path, .. }: LogPiece| {
        Reply::DebugClearLogs(LogCleared { component, group_id, path, cleared: true })
    };
    Ok(Answer::SlowRead(SlowRead::Log { log: Log { name, lines_max: 0, clears: true }, finish: Box::new(finish) }))
}

/// The log that is meant, if the caller may see it.
fn log(cx: &RequestContext<'_>, component: &str, group_id: &str) -> Result<&'static str, OpError> {
    developed(cx, group_id)?;
    let known = LOGS.iter().find(|(name, _)| name.eq_ignore_ascii_case(component)).map(|(_, log)| *log);
    let log = known.ok_or_else(|| {
        let names: Vec<_> = LOGS.iter().map(|(name, _)| *name).collect();
        let sentence = format!("invalid component: {component:?}; use one of: {}", names.join(", "));
        OpError::new(Code::InvalidComponent, sentence)
    })?;
    if log == BRIDGE {
        required(group_id, Code::MissingGroupId)?;
    }
    Ok(log)
}

/// The group that is named, if one is, where the home is in developer mode.
fn developed<'a>(cx: &RequestContext<'a>, group_id: &str) -> Result<Option<&'a Group>, OpError> {
    let group = if group_id.is_empty() { None } else { Some(cx.group(group_id)?) };
    if !cx.state.home.observability.developer_mode {
        let sentence = "developer mode is off; switch it on with `cccc call observability_update \
                        '{\"patch\": {\"developer_mode\": true}}'`";
        return Err(OpError::new(Code::DeveloperModeRequired, sentence));
    }
    Ok(group)
}
