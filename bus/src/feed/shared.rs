//! Fetching that is shared: one task per ledger and view asks for what is new, however many followers there are.
//!
//! What is told waits for the slowest follower in a buffer of fixed length. A follower that falls out of it sees the
//! gap and reads the ledger by itself, so it neither loses an event nor makes anybody wait.

use super::heads::{Head, Heads, Moved, News};
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
        let mut inner = self.lock();
        let news = inner.heads.note(hint);
        inner.tell(news);
    }

    /// Notes that ledgerd is being asked how far its ledgers have come.
    pub fn ask(&self) {
        self.lock().heads.ask();
    }

    /// Takes in the answer to that question.
    pub fn learn(&self, answer: HeadsAre) {
        let mut inner = self.lock();
        let Inner { heads, watched, .. } = &mut *inner;
        let news = heads.learn(answer, watched.keys().map(String::as_str));
        inner.tell(news);
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
        let seq = inner.heads.seq(&key.ledger).map_or(after_seq, |seq| seq.max(after_seq));
        let (sender, told) = broadcast::channel(BACKLOG_EVENTS_MAX);
        let heads = inner.watch(&key.ledger);
        inner.fetched.insert(Arc::clone(key), Fetched { seq, told: sender });
        tokio::spawn(Arc::clone(self).fetch(Arc::clone(key), seq, heads));
        Joined { seq, told }
    }

    /// Fetches until nobody follows any more, and lets go of the ledger's name then: it may be one that never was.
    async fn fetch(self: Arc<Self>, key: Arc<Key>, seq: u64, heads: watch::Receiver<Option<Head>>) {
        self.fetch_on(&key, seq, heads).await;
        self.lock().unwatch(&key.ledger);
    }

    async fn fetch_on(&self, key: &Key, mut seq: u64, mut heads: watch::Receiver<Option<Head>>) {
        // By the last event that was told, followers see whether they have missed one.
        let mut told_seq = seq;
        // The head that brought nothing more, and the life of ledgerd in which that was. After a restart the ledger may be
        // a restored older one, so that the same number tells nothing.
        let mut fetched: Option<Option<Head>> = None;
        let mut epoch = heads.borrow().filter(|head| head.moved == Moved::To(seq)).map(|head| head.epoch);
        loop {
            let head = *heads.borrow_and_update();
            if self.forget_if_deserted(key) {
                return;
            }
            let is_here = |head: Head| head.moved == Moved::To(seq) && Some(head.epoch) == epoch;
            if fetched == Some(head) || head.is_some_and(is_here) {
                tokio::select! {
                    changed = heads.changed() => if changed.is_err() { return },
                    () = self.is_deserted(key) => {}
                }
                continue;
            }
            match Page::ask(&self.peers, &key.ledger, &key.view, seq).await {
                Ok(page) => {
                    seq = page.through_seq;
                    let is_end = seq == page.head_seq;
                    self.tell(key, &mut told_seq, page);
                    if is_end {
                        fetched = Some(head);
                        epoch = head.map(|head| head.epoch);
                    }
                }
                Err(refusal) if refusal.code.is_retryable() => tokio::time::sleep(PAUSE).await,
                Err(refusal) => {
                    tracing::debug!(ledger = key.ledger, %refusal, "a ledger is not followed any more");
                    return self.end(key, refusal);
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
    fn tell(&mut self, news: News) {
        for (ledger, head) in &news {
            if let Some(watched) = self.watched.get(ledger) {
                // Also when the number is the old one: it is that of another life of ledgerd. Whoever follows one that is
                // gone asks for what comes next, and learns it.
                watched.send_replace(*head);
            }
            self.unwatch(ledger);
        }
        // Whoever collected them is gone with the strong end.
        self.moves.retain(|moves| moves.strong_count() > 0);
        let ledgers: Vec<String> = news.into_keys().collect();
        self.moves.iter().filter_map(Weak::upgrade).for_each(|moves| moves.add(&ledgers));
    }

    /// Lets go of a ledger's name when nobody listens for it.
    fn unwatch(&mut self, ledger: &str) {
        if self.watched.get(ledger).is_some_and(|watched| watched.receiver_count() == 0) {
            self.watched.remove(ledger);
        }
    }

    fn watch(&mut self, ledger: &str) -> watch::Receiver<Option<Head>> {
        let known = self.heads.of(ledger);
        let watched = self.watched.entry(ledger.to_owned());
        watched.or_insert_with(|| watch::Sender::new(known)).subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Principal;
    use crate::feed::View;
    use crate::home::Home;

    /// A client may ask for any name, as often as it likes.
    #[tokio::test]
    async fn a_name_that_nobody_follows_any_more_takes_no_room() {
        let folder = tempfile::Builder::new().prefix("feed").tempdir_in("/tmp").unwrap();
        let home = Home::find(Some(folder.path())).unwrap();
        home.make().unwrap();
        let shared = Shared::new(Arc::new(Peers::connect(&home, "test").unwrap()));
        let listens = shared.head("home");
        for number in 0..10 {
            let key = Key { ledger: format!("never {number}"), view: View::whole(Principal::system()) };
            drop(shared.join(&Arc::new(key), 0));
        }
        tokio::time::timeout(std::time::Duration::from_secs(60), async {
            while shared.lock().watched.len() > 1 {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("they are let go");
        drop(listens);
    }
}
