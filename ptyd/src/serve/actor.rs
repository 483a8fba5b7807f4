//! Ops about one actor, and the program behind it.

use super::{Answered, Asked, Service};
use crate::actor::Standing;
use crate::assignments::Assignments;
use crate::deliver::gate_input;
use crate::deliver::preamble::introduce;
use crate::deliver::sanitise::Form;
use crate::session::ended;
use crate::session::start::directory;
use bus::contract::document::Runner;
use bus::contract::op::{actor, prompt};
use bus::contract::{Actor, Code, OpError};

/// `actor_list`: ledgerd lists them; how their terminals are can only be seen here.
pub async fn list(asked: &Asked<'_>, op: actor::List) -> Answered<actor::List> {
    let group_id = op.group_id.clone();
    let mut listed = asked.forward(op).await?;
    let runners = asked.service.groups.runners(&group_id);
    for view in listed.actors.iter_mut().filter(|view| view.actor.runner == Runner::Pty) {
        let live = runners.as_ref().and_then(|runners| runners.live(&view.actor.id));
        let live = live.filter(|live| live.ended().is_none());
        view.tools = live.as_deref().and_then(|live| live.tools()).map(str::to_owned);
        view.terminal_state = asked.service.sessions.is_open().then(|| gate_input::state(live.as_deref(), &view.actor));
    }
    // Whoever looks at a group has its assignments read, so that its trouble is known.
    listed.trouble = asked.service.groups.group(&group_id).trouble().map(|trouble| trouble.to_string());
    Ok(listed)
}

/// `actor_preamble_get`: ledgerd says whether there is such an actor; a session that began now would be told this.
pub async fn preamble(asked: &Asked<'_>, op: prompt::Introduce) -> Answered<prompt::Introduce> {
    let mut introduction = asked.forward(op).await?;
    let prompt::Introduction { group_id, actor_id, .. } = &introduction;
    let Service { ledgerd, launcher, .. } = asked.service;
    let page = ledgerd.assignments_page(group_id, std::slice::from_ref(actor_id)).await?;
    if !page.team.iter().any(|member| member.actor_id == *actor_id) {
        // It has gone since ledgerd answered.
        return Err(OpError::actor_not_found(actor_id));
    }
    let assignments = Assignments::begin(page)?;
    let place = assignments.places.iter().find(|place| place.actor.id == *actor_id);
    let place = place.ok_or_else(|| OpError::actor_not_found(actor_id))?;
    let live = asked.service.live(group_id, actor_id);
    // What a program takes is known when it runs; those that are made for agents take a paste.
    let form = match live.is_none_or(|live| live.paste_on().is_some()) {
        true => Form::Paste,
        false => Form::Line,
    };
    introduction.prompt = introduce(ledgerd, launcher.command(), &assignments.facts, place, form).await?;
    Ok(introduction)
}

/// `actor_add`: a failed start does not fail it.
pub async fn add(asked: &Asked<'_>, op: actor::Add) -> Answered<actor::Add> {
    let group_id = op.group_id.clone();
    let mut added = asked.forward(op).await?;
    if let Some(event) = &added.start_event {
        let started = outcome(asked, &group_id, &added.actor.actor, event.seq).await;
        added.running = started.is_ok();
        added.actor.running = started.is_ok();
        added.start_error = started.err().map(|error| error.message);
    }
    Ok(added)
}

/// `actor_update`: also starts or ends the session when `enabled` has changed.
pub async fn update(asked: &Asked<'_>, op: actor::Update) -> Answered<actor::Update> {
    let group_id = op.group_id.clone();
    let mut updated = asked.forward(op).await?;
    let standing = settle(asked, &group_id, &updated.actor.actor.id, updated.event.seq).await;
    let failure = standing.as_ref().and_then(|standing| standing.failure.clone());
    updated.actor.running = standing.is_some_and(|standing| standing.pid.is_some());
    updated.start_error = failure.map(|error| error.message);
    Ok(updated)
}

/// `actor_remove`: answered when its program has ended.
pub async fn remove(asked: &Asked<'_>, op: actor::Remove) -> Answered<actor::Remove> {
    let (group_id, actor_id) = (op.group_id.clone(), op.actor_id.clone());
    let removed = asked.forward(op).await?;
    let group = asked.service.groups.group(&group_id);
    let emptied = tokio::time::timeout(asked.patience(), group.emptied(&actor_id, removed.event.seq)).await;
    if emptied.is_err() {
        tracing::warn!(group_id, actor_id, "the program of an actor that was removed has not ended yet");
    }
    Ok(removed)
}

/// `actor_start`: answered when its program runs, or does not.
pub async fn start(asked: &Asked<'_>, op: actor::Start) -> Answered<actor::Start> {
    let group_id = op.group_id.clone();
    let changed = asked.forward(op).await?;
    let started = outcome(asked, &group_id, &changed.actor, changed.event.seq).await;
    started.map_err(|error| OpError { code: Code::ActorStartFailed, ..error })?;
    Ok(changed)
}

/// `actor_stop`: answered when its program has ended.
pub async fn stop(asked: &Asked<'_>, op: actor::Stop) -> Answered<actor::Stop> {
    let group_id = op.group_id.clone();
    let changed = asked.forward(op).await?;
    match settle(asked, &group_id, &changed.actor.id, changed.event.seq).await {
        Some(Standing { pid: None, .. }) => Ok(changed),
        _ => Err(unfinished(asked, Code::ActorStopFailed, &group_id, &changed.actor.id, "has not ended yet")),
    }
}

/// `actor_restart`: answered when the new program runs. A group that does not run only takes note.
pub async fn restart(asked: &Asked<'_>, op: actor::Restart) -> Answered<actor::Restart> {
    let (group_id, actor_id) = (op.group_id.clone(), op.actor_id.clone());
    // Where there is no directory, the running program is left alone.
    if let Ok(page) = asked.service.ledgerd.assignments_page(&group_id, std::slice::from_ref(&actor_id)).await
        && let Some(place) = page.places.iter().find(|place| place.actor.id == actor_id)
        && page.running
        && place.actor.runner == Runner::Pty
    {
        directory(place).map_err(|error| OpError::new(error.code, error.message))?;
    }
    let changed = asked.forward(op).await?;
    let standing = settle(asked, &group_id, &actor_id, changed.event.seq).await;
    match standing {
        Some(Standing { failure: Some(error), .. }) => Err(OpError::new(Code::ActorRestartFailed, error.message)),
        Some(_) => Ok(changed),
        None => Err(unfinished(asked, Code::ActorRestartFailed, &group_id, &actor_id, "does not run yet")),
    }
}

/// Whether the actor's program runs now; an actor without a terminal needs none.
async fn outcome(asked: &Asked<'_>, group_id: &str, actor: &Actor, head_seq: u64) -> Result<(), OpError> {
    if actor.runner == Runner::Headless {
        return Ok(());
    }
    match settle(asked, group_id, &actor.id, head_seq).await {
        Some(Standing { failure: Some(error), .. }) => Err(OpError::new(error.code, error.message)),
        Some(Standing { pid: Some(_), .. }) => Ok(()),
        Some(_) => Err(OpError::new(Code::ActorStartFailed, ended_at_once(asked, group_id, &actor.id))),
        None => Err(unfinished(asked, Code::ActorStartFailed, group_id, &actor.id, "does not run yet")),
    }
}

/// What is known of a program that ended as soon as it had started.
fn ended_at_once(asked: &Asked<'_>, group_id: &str, actor_id: &str) -> String {
    let Some(last) = ended::latest(asked.service.launcher.home(), group_id, actor_id) else {
        return format!("the program of {actor_id} has ended again at once");
    };
    let ending = last.ending();
    let lines = last.excerpt();
    match lines.is_empty() {
        true => format!("the program of {actor_id} {ending} at once, without a word"),
        false => format!("the program of {actor_id} {ending} at once; it showed:\n{}", lines.join("\n")),
    }
}

/// Waits until the actor's runner has done what the ledger says; `None` when that takes too long, or what the ledger says
/// cannot be read.
async fn settle(asked: &Asked<'_>, group_id: &str, actor_id: &str, head_seq: u64) -> Option<Standing> {
    let group = asked.service.groups.group(group_id);
    tokio::time::timeout(asked.patience(), group.settled(actor_id, head_seq)).await.ok().flatten()
}

fn unfinished(asked: &Asked<'_>, code: Code, group_id: &str, actor_id: &str, what: &str) -> OpError {
    let sentence = match asked.service.groups.group(group_id).trouble() {
        Some(trouble) => format!("the program of {actor_id} {what}: what should run cannot be read: {trouble}"),
        None => {
            let seconds = asked.patience().as_secs();
            format!("the program of {actor_id} {what} after {seconds} s; `cccc status` will tell")
        }
    };
    OpError::new(code, sentence)
}
