//! A ledger that a page follows.

use super::Outbox;
use super::frame::Told;
use super::page::tell;
use crate::access::{Asked, Denied};
use crate::route::user;
use crate::visit::Visit;
use bus::contract::op::ledger::Range;
use bus::contract::{Code, OpError};
use bus::feed::{Follower, View};
use serde_json::value::RawValue;
use std::time::Duration;

/// Pause before ledgerd is asked again that is away.
const PAUSE: Duration = Duration::from_millis(250);

/// Tells the events of a ledger after one that is known, or from now on, until it cannot be followed any more.
pub async fn follow(site: Visit, outbox: Outbox, group_id: String, after_seq: Option<u64>) {
    let error = match begin(&site, &group_id, after_seq).await {
        Ok(mut follower) => {
            let seq = follower.seq();
            tell(&outbox, &Told::Following { group_id: group_id.clone(), seq }).await;
            loop {
                match follower.next().await {
                    Ok(items) => {
                        let told =
                            items.iter().filter(|item| site.access().is_told(&group_id, item.event().body.kind()));
                        let events: Vec<_> = told.map(|item| RawValue::to_owned(item.json())).collect();
                        if !events.is_empty() {
                            tell(&outbox, &Told::Events { group_id: group_id.clone(), events }).await;
                        }
                    }
                    Err(error) => break error,
                }
            }
        }
        Err(error) => error,
    };
    tell(&outbox, &Told::Unfollowed { group_id, error }).await;
}

/// A ledgerd that is away is waited for.
async fn begin(site: &Visit, ledger: &str, after_seq: Option<u64>) -> Result<Follower, OpError> {
    site.access().check(Asked::Ledger(ledger)).map_err(Denied::error)?;
    let head = loop {
        let end = Range { group_id: ledger.into(), after_seq: Some(i64::MAX), limit: Some(1), for_speaker: true };
        match site.peers.ask_as(user(), end).await {
            Ok(range) => break range.head_seq,
            Err(refusal) if refusal.code.is_retryable() => tokio::time::sleep(PAUSE).await,
            Err(refusal) => return Err(refusal),
        }
    };
    if let Some(after) = after_seq.filter(|after| *after > head) {
        // Whoever has seen more than there is has seen another copy: it is told so, and begins anew.
        let sentence = format!("event {after} is not in {ledger} any more, which ends at {head}");
        return Err(OpError::new(Code::EventNotFound, sentence).with("head_seq", head));
    }
    Ok(site.feed.follow(ledger, View::of(user()), after_seq.unwrap_or(head)))
}
