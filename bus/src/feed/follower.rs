//! A cursor in one ledger.
//!
//! What the shared fetching tells is taken when it is what follows; anything else is a gap, which is read from the
//! ledger from the cursor on. So neither a restart of ledgerd nor a slow follower loses or doubles an event.

use super::page::{Item, Page, restored};
use super::shared::{Joined, Shared, Told};
use super::{Key, PAUSE};
use crate::contract::{Code, OpError};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

/// Events given at once, of those that have come already.
const EVENTS_MAX: usize = 64;

/// A page that is being asked for.
type Asking = Pin<Box<dyn Future<Output = Result<Page, OpError>> + Send>>;

/// Follows one ledger from a cursor on: every event that its view shows, exactly once and in order.
pub struct Follower {
    shared: Arc<Shared>,
    key: Arc<Key>,
    /// Everything up to here was given.
    seq: u64,
    /// Up to here the ledger is read by ourselves.
    behind_seq: u64,
    told: broadcast::Receiver<Told>,
    asking: Option<Asking>,
    ended: Option<OpError>,
}

impl Follower {
    pub(super) fn new(shared: Arc<Shared>, key: Key, after_seq: u64) -> Self {
        let key = Arc::new(key);
        let Joined { seq, told } = shared.join(&key, after_seq);
        Self { shared, key, seq: after_seq, behind_seq: seq, told, asking: None, ended: None }
    }

    /// The cursor: a follower that begins after this sequence number goes on where this one is.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The next events, at least one, as soon as there are any. A ledgerd that is away is waited for. Cancelling loses
    /// nothing, not even a question that is on its way.
    ///
    /// # Errors
    ///
    /// The ledger cannot be followed any more, now and whenever it is asked again: it is gone (`group_not_found`), it is
    /// shorter than what was given, because an older copy was restored (`event_not_found`), or nothing of it is for this
    /// view any more (`unknown_actor`, `permission_denied`).
    pub async fn next(&mut self) -> Result<Vec<Arc<Item>>, OpError> {
        loop {
            if let Some(refusal) = &self.ended {
                return Err(refusal.clone());
            }
            let items = if self.seq < self.behind_seq { self.read().await } else { self.hear().await };
            if !items.is_empty() {
                return Ok(items);
            }
        }
    }

    /// Reads the next page by ourselves.
    async fn read(&mut self) -> Vec<Arc<Item>> {
        let asking = self.asking.get_or_insert_with(|| {
            let (shared, key, seq) = (Arc::clone(&self.shared), Arc::clone(&self.key), self.seq);
            Box::pin(async move {
                loop {
                    match Page::ask(shared.peers(), &key.ledger, &key.view, seq).await {
                        Err(refusal) if refusal.code.is_retryable() => tokio::time::sleep(PAUSE).await,
                        asked => return asked,
                    }
                }
            })
        });
        let asked = asking.await;
        self.asking = None;
        match asked {
            Ok(page) if page.through_seq == page.head_seq && page.through_seq < self.behind_seq => {
                self.ended = Some(restored(&self.key.ledger, page.head_seq, self.behind_seq));
                page.items
            }
            Ok(page) => {
                self.seq = page.through_seq;
                page.items
            }
            Err(refusal) => {
                self.ended = Some(refusal);
                Vec::new()
            }
        }
    }

    /// Hears what is told, as much of it as has come.
    async fn hear(&mut self) -> Vec<Arc<Item>> {
        let mut items = Vec::new();
        let first = self.told.recv().await;
        self.take(first, &mut items);
        while self.ended.is_none() && self.seq >= self.behind_seq && items.len() < EVENTS_MAX {
            let told = match self.told.try_recv() {
                Ok(told) => Ok(told),
                Err(TryRecvError::Lagged(events)) => Err(RecvError::Lagged(events)),
                // That nobody tells any more is found when there is nothing else.
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            };
            self.take(told, &mut items);
        }
        items
    }

    fn take(&mut self, told: Result<Told, RecvError>, items: &mut Vec<Arc<Item>>) {
        match told {
            Ok(Told::Event { item, .. }) if item.event().seq <= self.seq => {}
            Ok(Told::Event { after_seq, item }) if after_seq <= self.seq => {
                self.seq = item.event().seq;
                items.push(item);
            }
            // A gap: this event is read with what lies before it.
            Ok(Told::Event { item, .. }) => self.behind_seq = item.event().seq,
            // What still waits shows the gap, and the last event always does.
            Err(RecvError::Lagged(_)) => {}
            Ok(Told::Ended(refusal)) => self.ended = Some(refusal),
            Err(RecvError::Closed) => {
                let sentence = format!("ledger {} is not followed any more: we are ending", self.key.ledger);
                self.ended = Some(OpError::new(Code::DaemonUnavailable, sentence));
            }
        }
    }
}

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follower").field("ledger", &self.key.ledger).field("seq", &self.seq).finish_non_exhaustive()
    }
}
