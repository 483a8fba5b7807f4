//! What happens, as server-sent events: each once and in order, from where the client has been.
//!
//! The id of an event is its number in the ledger. A client that was away says the last one that it has seen, in
//! `Last-Event-ID` as browsers do by themselves, or as `after_seq`; whoever says none begins with what comes now.

use crate::access::Asked;
use crate::answer::{self, Answer};
use crate::route::user;
use crate::visit::Visit;
use axum::body::Body;
use axum::extract::{Path, Query};
use bus::contract::op::ledger::Range;
use bus::contract::{Code, OpError};
use bus::feed::{Follower, Item, View};
use futures_util::{StreamExt as _, stream};
use http::{HeaderMap, HeaderValue, header};
use serde_json::json;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// The ledger of the home.
const HOME: &str = "home";

/// How long nothing is said before a sign of life.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// The events of a group.
pub async fn ledger(
    visit: Visit,
    Path(group_id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Answer {
    follow(&visit, &group_id, "ledger", beginning(&query, &headers)).await
}

/// The events of the home.
pub async fn home(visit: Visit, Query(query): Query<HashMap<String, String>>, headers: HeaderMap) -> Answer {
    follow(&visit, HOME, "event", beginning(&query, &headers)).await
}

/// The last event that the client has seen, if it says one.
fn beginning(query: &HashMap<String, String>, headers: &HeaderMap) -> Result<Option<u64>, OpError> {
    let header = headers.get("last-event-id").map(|id| id.to_str().unwrap_or("?"));
    // A browser that has seen nothing yet says nothing.
    let said = header.or(query.get("after_seq").map(String::as_str)).map(str::trim).filter(|seq| !seq.is_empty());
    let unreadable = |seq: &str| OpError::new(Code::InvalidRequest, format!("{seq:?} is the number of no event"));
    said.map(|seq| seq.parse().map_err(|_| unreadable(seq))).transpose()
}

async fn follow(site: &Visit, ledger: &str, name: &'static str, after: Result<Option<u64>, OpError>) -> Answer {
    let after = match after {
        Ok(after) => after,
        Err(error) => return answer::refusal(&error),
    };
    if let Err(denied) = site.access().check(Asked::Ledger(ledger)) {
        return denied.refusal().answer();
    }
    let end = Range { group_id: ledger.into(), after_seq: Some(i64::MAX), limit: Some(1), for_speaker: true };
    let head = match site.peers.ask_as(user(), end).await {
        Ok(range) => range.head_seq,
        Err(refusal) => return answer::refusal(&refusal),
    };
    // Whoever has seen more than there is has seen another copy: it is told so, and begins anew.
    if after.is_some_and(|after| after > head) {
        let sentence = format!("event {} is not in {ledger} any more, which ends at {head}", after.unwrap_or_default());
        return answer::refusal(&OpError::new(Code::EventNotFound, sentence));
    }
    let follower = site.feed.follow(ledger, View::of(user()), after.unwrap_or(head));
    let begin = (Some(follower), Some(": connected\n\n".to_owned()));
    let (ledger, access) = (ledger.to_owned(), site.access().clone());
    let lines = stream::unfold(begin, move |(follower, ready)| {
        let (ledger, access) = (ledger.clone(), access.clone());
        async move {
            if let Some(text) = ready {
                return Some((Ok::<_, Infallible>(text), (follower, None)));
            }
            let mut follower = follower?;
            let is_told = |item: &Arc<Item>| access.is_told(&ledger, item.event().body.kind());
            let (text, follower) = match next(&mut follower, name, is_told).await {
                Ok(text) => (text, Some(follower)),
                Err(refusal) => (format!("event: error\ndata: {}\n\n", json!(refusal)), None),
            };
            Some((Ok(text), (follower, None)))
        }
    });
    // Whoever may not look any more sees the end.
    let visit = site.clone();
    let lines = lines.take_until(Box::pin(async move { visit.ended().await }));
    let mut answer = Answer::new(Body::from_stream(lines));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    answer
}

/// The next events as text, or a sign of life.
async fn next(follower: &mut Follower, name: &str, is_told: impl Fn(&Arc<Item>) -> bool) -> Result<String, OpError> {
    let Ok(items) = tokio::time::timeout(HEARTBEAT, follower.next()).await else {
        return Ok(": alive\n\n".to_owned());
    };
    let text = |item: &Arc<Item>| format!("id: {}\nevent: {name}\ndata: {}\n\n", item.event().seq, item.json().get());
    let text: String = items?.iter().filter(|item| is_told(item)).map(text).collect();
    // What is not for this client is as good as a sign of life.
    Ok(if text.is_empty() { ": alive\n\n".to_owned() } else { text })
}
