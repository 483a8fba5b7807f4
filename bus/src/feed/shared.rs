//! Fetching that is shared: one task per ledger and view asks for what is new, however many followers there are.
//!
//! What is told waits for the slowest follower in a buffer of fixed length. A follower that falls out of it sees the
//! gap and reads the ledger by itself, so it neither loses an event nor makes anybody wait.

use super::heads::{Head, Heads};
use super::moves::{Moves, Pending};
use super::page::{EVENTS_MAX, Item, Page};
use super::{Key, PAUSE};
use crate::contract::OpError;
use crate::contract::op::ledger::HeadsAre;
use crate::link::Hint;
use crate::peer::Peers;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::{broadcast, watch};

/// Events that wait for the slowest follower of a ledger before it has to read the ledger by itself.
const BACKLOG_EVENTS_MAX: usize = 256;
const _: () = assert!(EVENTS_MAX < BACKLOG_EVENTS_MAX);

/// What followers of a ledger are told.
#[derive(Debug, Clone)]
pub enum Told {
    /// The next event, and the one before it: what lies between them is not for this view.
    Event {
        /// What was told before.
        after_seq: u64,
        /// What has happened.
        item: Arc<Item>,
    },
    /// The ledger cannot be followed any more, and why.
    Ended(OpError),
}

/// Where a follower comes in: everything after `seq` is told to it.
#[derive(Debug)]
pub struct Joined {
    /// What was looked at before.
    pub seq: u64,
    /// What is told from now on.
    pub told: broadcast::Receiver<Told>,
}

/// What the hearing task, the fetching tasks and the followers share.
#[derive(Debug)]
pub struct Shared {
    peers: Arc<Peers>,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    heads: Heads,
    watched: HashMap<String, watch::Sender<Option<Head>>>,
    moves: Vec<Weak<Pending>>,
    fetched: HashMap<Arc<Key>, Fetched>,
}

#[derive(Debug)]
struct Fetched {
    seq: u64,
    told: broadcast::Sender<Told>,
}

impl Shared {
    /// Nothing is followed yet.
    pub fn new(peers: Arc<Peers>) -> Arc<Self> {
        Arc::new(Self { peers, inner: Mutex::default() })
    }

    /// The way to ledgerd.
    pub fn peers(&self) -> &Arc<Peers> {
        &self.peers
    }

    /// Takes in a hint.
    pub fn note(&self, hint: Hint) {
        let epoch = hint.epoch;
        let gone: Vec<String> =
            hint.heads.iter().filter(|(_, seq)| *seq == Hint::GONE).map(|(gone, _)| gone.clone()).collect();
        let mut inner = self.lock();
        let moved = inner.heads.note(hint);
        inner.tell_moved(&moved);
        // Whoever follows one of these asks for what comes next, also when it has not heard of it before, and learns it.
        for watched in gone.iter().filter_map(|ledger| inner.watched.get(ledger)) {
            watched.send_replace(Some(Head { epoch, seq: Hint::GONE }));
        }
    }

    /// Takes in the answer to the question how far ledgers have come.
    pub fn learn(&self, answer: HeadsAre) {
        let mut inner = self.lock();
        let moved = inner.heads.learn(answer);
        inner.tell_moved(&moved);
    }

    /// Wakes whenever a ledger has moved, or ledgerd was restarted.
    pub fn head(&self, ledger: &str) -> watch::Receiver<Option<Head>> {
        self.lock().watch(ledger)
    }

    /// Collects what moves from now on; what was heard of so far has moved.
    pub fn moves(&self) -> Moves {
        let mut inner = self.lock();
        let known: Vec<_> = inner.heads.ledgers().map(str::to_owned).collect();
        let moves = Moves::default();
        inner.moves.push(moves.begin(&known));
        moves
    }

    /// Joins whoever follows a ledger with the same view; the first one begins after an event, or at the ledger's end
    /// as far as it is known, whichever is later.
    pub fn join(self: &Arc<Self>, key: &Arc<Key>, after_seq: u64) -> Joined {
        let mut inner = self.lock();
        if let Some(fetched) = inner.fetched.get(key) {
            return Joined { seq: fetched.seq, told: fetched.told.subscribe() };
        }
        let seq = inner.heads.of(&key.ledger).map_or(after_seq, |head| head.seq.max(after_seq));
        let (sender, told) = broadcast::channel(BACKLOG_EVENTS_MAX);
        let heads = inner.watch(&key.ledger);
        inner.fetched.insert(Arc::clone(key), Fetched { seq, told: sender });
        tokio::spawn(Arc::clone(self).fetch(Arc::clone(key), seq, heads));
        Joined { seq, told }
    }

    /// Fetches until nobody follows any more.
    async fn fetch(self: Arc<Self>, key: Arc<Key>, mut seq: u64, mut heads: watch::Receiver<Option<Head>>) {
        // By the last event that was told, followers see whether they have missed one.
        let mut told_seq = seq;
        // The head that brought nothing more, and the life of ledgerd in which that was. After a restart the ledger may be
        // a restored older one, so that the same number tells nothing.
        let mut fetched: Option<Option<Head>> = None;
        let mut epoch = heads.borrow().filter(|head| head.seq == seq).map(|head| head.epoch);
        loop {
            let head = *heads.borrow_and_update();
            if self.forget_if_deserted(&key) {
                return;
            }
            let is_here = |head: Head| head.seq == seq && Some(head.epoch) == epoch;
            if fetched == Some(head) || head.is_some_and(is_here) {
                tokio::select! {
                    changed = heads.changed() => if changed.is_err() { return },
                    () = self.is_deserted(&key) => {}
                }
                continue;
            }
            match Page::ask(&self.peers, &key.ledger, &key.view, seq).await {
                Ok(page) => {
                    seq = page.through_seq;
                    let is_end = seq == page.head_seq;
                    self.tell(&key, &mut told_seq, page);
                    if is_end {
                        fetched = Some(head);
                        epoch = head.map(|head| head.epoch);
                    }
                }
                Err(refusal) if refusal.code.is_retryable() => tokio::time::sleep(PAUSE).await,
                Err(refusal) => {
                    tracing::debug!(ledger = key.ledger, %refusal, "a ledger is not followed any more");
                    return self.end(&key, refusal);
                }
            }
        }
    }

    fn tell(&self, key: &Key, told_seq: &mut u64, page: Page) {
        // Under the lock: a follower that joins now is told these events or begins after them.
        let mut inner = self.lock();
        let Some(fetched) = inner.fetched.get_mut(key) else { return };
        fetched.seq = page.through_seq;
        for item in page.items {
            let after_seq = std::mem::replace(told_seq, item.event().seq);
            // Without a listener the fetching ends before the next page.
            let _ = fetched.told.send(Told::Event { after_seq, item });
        }
    }

    fn end(&self, key: &Key, refusal: OpError) {
        if let Some(fetched) = self.lock().fetched.remove(key) {
            // Nobody may be left to hear it.
            let _ = fetched.told.send(Told::Ended(refusal));
        }
    }

    async fn is_deserted(&self, key: &Key) {
        let told = self.lock().fetched.get(key).map(|fetched| fetched.told.clone());
        if let Some(told) = told {
            told.closed().await;
        }
    }

    fn forget_if_deserted(&self, key: &Key) -> bool {
        let mut inner = self.lock();
        let is_deserted = inner.fetched.get(key).is_none_or(|fetched| fetched.told.receiver_count() == 0);
        if is_deserted {
            inner.fetched.remove(key);
        }
        is_deserted
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here panics half-way through a change.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn tell_moved(&mut self, ledgers: &[String]) {
        for ledger in ledgers {
            let Some(watched) = self.watched.get(ledger) else { continue };
            if watched.receiver_count() == 0 {
                self.watched.remove(ledger);
            } else {
                // Also when the number is the old one: it is that of another life of ledgerd.
                watched.send_replace(self.heads.of(ledger));
            }
        }
        // Whoever collected them is gone with the strong end.
        self.moves.retain(|moves| moves.strong_count() > 0);
        self.moves.iter().filter_map(Weak::upgrade).for_each(|moves| moves.add(ledgers));
    }

    fn watch(&mut self, ledger: &str) -> watch::Receiver<Option<Head>> {
        let known = self.heads.of(ledger);
        let watched = self.watched.entry(ledger.to_owned());
        watched.or_insert_with(|| watch::Sender::new(known)).subscribe()
    }
}
