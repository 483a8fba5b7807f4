//! New events, fetched once for all streams of a group.
//!
//! One subscription to ledgerd's hints serves the whole door, and one task per watched group fetches what is new.
//! A thousand streams cost ledgerd as much as one. A stream that falls behind loses nothing: it sees the gap in
//! the sequence numbers and reads the ledger by itself.

use bus::contract::op::ledger::{Range, Ranged};
use bus::contract::{Event, OpError, Principal};
use bus::daemon::Loudness;
use bus::link::{Hint, Subscriber, body};
use bus::peer::Peers;
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{broadcast, watch};

/// Events that wait for the slowest stream of a group before it has to read the ledger by itself.
const BACKLOG_EVENTS_MAX: usize = 256;

/// Events asked for at once.
const FETCH_EVENTS_MAX: i64 = 200;

/// Pause after a failed fetch; the question itself has waited for ledgerd before.
const FETCH_PAUSE: Duration = Duration::from_millis(250);

/// One event, and the line that shows it to whoever may see it.
#[derive(Debug)]
pub struct Item {
    /// The event.
    pub event: Event,
    /// `{"t":"event","event":…}` and the line end.
    pub line: Vec<u8>,
}

impl Item {
    /// Writes the line once for all streams.
    pub fn new(event: Event) -> Self {
        let mut line = serde_json::to_vec(&json!({"t": "event", "event": event})).expect("an event is plain data");
        line.push(b'\n');
        Self { event, line }
    }
}

/// What a stream hears about its group.
#[derive(Debug, Clone)]
pub enum News {
    /// The next event of the ledger.
    Event(Arc<Item>),
    /// A piece of a text that is being written, as a line. It is in no ledger, and whoever misses it has missed it.
    Piece(Arc<Vec<u8>>),
    /// The group is gone, or its ledger is another one than before.
    Ended,
}

/// A stream's ear: what happens from `seq` on, which is where the shared fetching has come to.
#[derive(Debug)]
pub struct Ear {
    /// Everything after this sequence number will be heard.
    pub seq: u64,
    /// Where it is heard.
    pub news: broadcast::Receiver<News>,
}

/// The shared fetching.
#[derive(Debug)]
pub struct Feed {
    peers: Arc<Peers>,
    inner: Mutex<Inner>,
}

/// How far a ledger has come, and in which life of ledgerd that was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Head {
    epoch: u64,
    seq: u64,
}

#[derive(Debug, Default)]
struct Inner {
    /// How far each ledger has come, by the latest hint.
    heads: HashMap<String, Head>,
    /// Groups somebody watches.
    watched: HashMap<String, Watched>,
}

#[derive(Debug)]
struct Watched {
    seq: u64,
    head: watch::Sender<Head>,
    news: broadcast::Sender<News>,
}

impl Feed {
    /// A feed that nobody watches yet.
    pub fn new(peers: Arc<Peers>) -> Arc<Self> {
        Arc::new(Self { peers, inner: Mutex::default() })
    }

    /// Hears hints until the subscription ends. A lost hint costs at most a heartbeat of ledgerd.
    pub async fn listen(self: Arc<Self>, mut hints: Subscriber, loudness: Arc<Loudness>) {
        loop {
            match hints.recv().await {
                Ok(bytes) => match body::read::<Hint>(&bytes) {
                    Ok(hint) => {
                        loudness.note(&hint);
                        self.note(hint);
                    }
                    Err(error) => tracing::warn!(%error, "a hint cannot be read"),
                },
                Err(error) => {
                    tracing::debug!(%error, "no hints");
                    tokio::time::sleep(FETCH_PAUSE).await;
                }
            }
        }
    }

    /// Begins to watch a group, all of whose events up to `seq` the stream knows or does not want.
    pub fn watch(self: &Arc<Self>, group_id: &str, seq: u64) -> Ear {
        let mut inner = self.lock();
        if let Some(watched) = inner.watched.get(group_id) {
            return Ear { seq: watched.seq, news: watched.news.subscribe() };
        }
        let known = inner.heads.get(group_id).copied().unwrap_or_default();
        let (head, heads) = watch::channel(known);
        let (sender, news) = broadcast::channel(BACKLOG_EVENTS_MAX);
        inner.watched.insert(group_id.to_owned(), Watched { seq, head, news: sender });
        tokio::spawn(Arc::clone(self).fetch(group_id.to_owned(), seq, heads));
        Ear { seq, news }
    }

    /// The last event of a watched group that was told; 0 when nobody watches it.
    pub fn told(&self, group_id: &str) -> u64 {
        self.lock().watched.get(group_id).map_or(0, |watched| watched.seq)
    }

    fn note(&self, hint: Hint) {
        let mut inner = self.lock();
        for (ledger, seq) in hint.heads {
            let now = Head { epoch: hint.epoch, seq };
            if let Some(watched) = inner.watched.get(&ledger) {
                watched.head.send_if_modified(|head| std::mem::replace(head, now) != now);
            }
            inner.heads.insert(ledger, now);
        }
    }

    /// Fetches for one group until nobody watches it any more.
    async fn fetch(self: Arc<Self>, group_id: String, mut seq: u64, mut heads: watch::Receiver<Head>) {
        let mut epoch = heads.borrow().epoch;
        loop {
            let head = *heads.borrow_and_update();
            if self.forget_if_deserted(&group_id) {
                return;
            }
            // After a restart of ledgerd the ledger may be a restored older one, whose head tells nothing new.
            if head.seq <= seq && head.epoch == epoch {
                tokio::select! {
                    changed = heads.changed() => if changed.is_err() { return },
                    () = self.is_deserted(&group_id) => {}
                }
                continue;
            }
            match range(&self.peers, &group_id, seq).await {
                Ok(ranged) if ranged.head_seq < seq => return self.end(&group_id),
                Ok(ranged) => {
                    epoch = head.epoch;
                    for event in ranged.events {
                        seq = event.seq;
                        self.tell(&group_id, Item::new(event));
                    }
                }
                Err(refusal) if refusal.code.is_retryable() => tokio::time::sleep(FETCH_PAUSE).await,
                Err(refusal) => {
                    tracing::debug!(group_id, %refusal, "streams end");
                    return self.end(&group_id);
                }
            }
        }
    }

    fn tell(&self, group_id: &str, item: Item) {
        if let Some(watched) = self.lock().watched.get_mut(group_id) {
            // Under the lock: a stream that begins now hears this event or begins after it.
            watched.seq = item.event.seq;
            // Without a listener the group is forgotten before the next fetch.
            let _ = watched.news.send(News::Event(Arc::new(item)));
        }
    }

    /// Shows a line to whoever watches a group right now.
    pub fn show(&self, group_id: &str, line: Vec<u8>) {
        if let Some(watched) = self.lock().watched.get(group_id) {
            // Without a listener it is shown to nobody.
            let _ = watched.news.send(News::Piece(Arc::new(line)));
        }
    }

    fn end(&self, group_id: &str) {
        if let Some(watched) = self.lock().watched.remove(group_id) {
            // Nobody may be left to hear it.
            let _ = watched.news.send(News::Ended);
        }
    }

    async fn is_deserted(&self, group_id: &str) {
        let news = self.lock().watched.get(group_id).map(|watched| watched.news.clone());
        if let Some(news) = news {
            news.closed().await;
        }
    }

    fn forget_if_deserted(&self, group_id: &str) -> bool {
        let mut inner = self.lock();
        let is_deserted = inner.watched.get(group_id).is_none_or(|watched| watched.news.receiver_count() == 0);
        if is_deserted {
            inner.watched.remove(group_id);
        }
        is_deserted
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here panics half-way through a change.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The next events of a ledger.
///
/// # Errors
///
/// ledgerd's refusal, or `daemon_unavailable`.
pub async fn range(peers: &Peers, group_id: &str, after_seq: u64) -> Result<Ranged, OpError> {
    ask_range(peers, group_id, i64::try_from(after_seq).unwrap_or(i64::MAX), FETCH_EVENTS_MAX).await
}

/// The next single event of a ledger, and how far the ledger has come.
///
/// # Errors
///
/// ledgerd's refusal, or `daemon_unavailable`.
pub async fn one(peers: &Peers, group_id: &str, after_seq: u64) -> Result<Ranged, OpError> {
    ask_range(peers, group_id, i64::try_from(after_seq).unwrap_or(i64::MAX), 1).await
}

async fn ask_range(peers: &Peers, group_id: &str, after_seq: i64, limit: i64) -> Result<Ranged, OpError> {
    let after_seq = Some(after_seq);
    let range = Range { group_id: group_id.into(), after_seq, limit: Some(limit), for_speaker: false };
    peers.ask_as(Principal::system(), range).await
}
