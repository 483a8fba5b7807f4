//! Ops about all programs of a group.

use super::{Answered, Asked};
use crate::actor::Standing;
use crate::assignments::Assignments;
use crate::session::start::directory;
use bus::contract::document::Runner;
use bus::contract::op::group;
use bus::contract::{Ask, Code, OpError};
use serde_json::Value;

/// `group_start`: directories are looked at before anything starts; who does not start is named with the reason.
pub async fn start(asked: &Asked<'_>, op: group::Start) -> Answered<group::Start> {
    let group_id = op.group_id.clone();
    // Whether the caller may ask at all is ledgerd's to say, so a group that cannot be read is its to refuse.
    let assignments = asked.service.ledgerd.assignments(&group_id).await.ok();
    if let Some(assignments) = &assignments {
        check_directories(assignments)?;
    }
    let mut started = asked.forward(op).await?;
    let runs_in_terminal = |id: &String| {
        let mut places = assignments.iter().flat_map(|assignments| &assignments.places);
        let place = places.find(|place| place.actor.id == *id);
        place.is_none_or(|place| place.actor.runner == Runner::Pty)
    };
    let actors: Vec<String> = started.started.iter().filter(|id| runs_in_terminal(id)).cloned().collect();
    for (actor_id, standing) in settle_all(asked, &group_id, actors, started.event.seq).await {
        let reason = match standing {
            Some(Standing { failure: Some(error), .. }) => error.message,
            Some(Standing { pid: Some(_), .. }) => continue,
            Some(_) => "its program has ended again at once".to_owned(),
            None => match asked.service.groups.group(&group_id).trouble() {
                Some(trouble) => format!("what should run cannot be read: {trouble}"),
                None => "it does not run yet; `cccc status` will tell".to_owned(),
            },
        };
        started.started.retain(|id| *id != actor_id);
        started.failed.insert(actor_id, Value::String(reason));
    }
    Ok(started)
}

/// `group_stop`: answered when every program has ended.
pub async fn stop(asked: &Asked<'_>, op: group::Stop) -> Answered<group::Stop> {
    let group_id = op.group_id.clone();
    let stopped = asked.forward(op).await?;
    let standings = settle_all(asked, &group_id, stopped.stopped.clone(), stopped.event.seq).await;
    let alive = |standing: &Option<Standing>| standing.as_ref().is_none_or(|standing| standing.pid.is_some());
    let left: Vec<String> = standings.into_iter().filter(|(_, standing)| alive(standing)).map(|(id, _)| id).collect();
    if left.is_empty() {
        return Ok(stopped);
    }
    let mut sentence = format!("the group is stopped, but these programs have not ended yet: {}", left.join(", "));
    if let Some(trouble) = asked.service.groups.group(&group_id).trouble() {
        sentence += &format!(" (what should run cannot be read: {trouble})");
    }
    Err(OpError::new(Code::GroupStopFailed, sentence))
}

/// `group_delete` and `group_reset`: ledgerd forgets the group first, then its programs are ended. After a crash in
/// between, programs of a group that nobody knows are found and ended.
pub async fn remove<A: Ask>(asked: &Asked<'_>, group_id: &str, op: A) -> Answered<A> {
    let runners = asked.service.groups.runners(group_id);
    let removed = asked.forward(op).await?;
    if let Some(runners) = runners
        && tokio::time::timeout(asked.patience(), runners.emptied()).await.is_err()
    {
        tracing::warn!(group_id, "programs of a group that was deleted have not ended yet");
    }
    Ok(removed)
}

fn check_directories(assignments: &Assignments) -> Result<(), OpError> {
    // An actor without any directory is refused by ledgerd, which knows why.
    let with_directory =
        assignments.places.iter().filter(|place| place.actor.runner == Runner::Pty && place.directory.is_ok());
    for place in with_directory {
        directory(place)
            .map_err(|error| OpError::new(error.code, error.message).with("actor_id", place.actor.id.as_str()))?;
    }
    Ok(())
}

/// Waits for all of them at the same time.
async fn settle_all(
    asked: &Asked<'_>,
    group_id: &str,
    actors: Vec<String>,
    head_seq: u64,
) -> Vec<(String, Option<Standing>)> {
    let group = asked.service.groups.group(group_id);
    let deadline = tokio::time::Instant::now() + asked.patience();
    let mut standings = Vec::new();
    // One after the other costs no more than the slowest: they settle by themselves.
    for actor_id in actors {
        let standing = tokio::time::timeout_at(deadline, group.settled(&actor_id, head_seq)).await.ok().flatten();
        standings.push((actor_id, standing));
    }
    standings
}
