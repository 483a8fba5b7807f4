//! `events_stream`: a group's events, from a cursor or from now on, each exactly once and in order.
//!
//! A stream is a cursor in the ledger. What the shared feed brings is taken when it is the next event; anything
//! else is a gap, which is read from the ledger. So neither a restart of ledgerd nor a slow client loses or
//! doubles an event.

use super::feed::{self, Ear, Item, News};
use super::socket::Socket;
use super::view::{self, View};
use super::{Door, line};
use bus::contract::op::core::{EventsStream, Streaming};
use bus::contract::op::principal::{Speaker, Whoami};
use bus::contract::op::{actor, ledger};
use bus::contract::{Code, Event, OpError, Principal, Reply, time};
use bus::peer::Peers;
use serde_json::json;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, timeout};

/// How long a client may not read before its stream ends.
const WRITE_PATIENCE: Duration = Duration::from_secs(5);

/// Lines collected for one write.
const WRITE_BYTES: usize = 64 * 1024;

/// A stream that is about to begin.
#[derive(Debug)]
pub struct Viewer {
    group_id: String,
    view: View,
    /// Everything up to here is known to the client.
    cursor: u64,
    /// Everything up to here is in the ledger.
    head: u64,
    ear: Ear,
    /// Something was told that is not heard any more.
    is_behind: bool,
    pending: Vec<u8>,
}

/// Why a stream ends.
enum End {
    Client(io::Error),
    Ledger(OpError),
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        End::Client(error)
    }
}

impl From<OpError> for End {
    fn from(error: OpError) -> Self {
        End::Ledger(error)
    }
}

/// Checks what a client wants to see and finds where to begin. From here on nothing is missed.
///
/// # Errors
///
/// `missing_group_id`, `invalid_kinds`, `group_not_found`, `permission_denied`, `unknown_actor`, in this order;
/// `daemon_unavailable`.
pub async fn open(door: &Door, request: EventsStream, principal: Principal) -> Result<Viewer, OpError> {
    if request.group_id.is_empty() {
        return Err(OpError::new(Code::MissingGroupId, "missing group_id"));
    }
    let kinds = view::kinds(&request.kinds)?;
    let peers = door.peers();
    let by = speaker(peers, &request.group_id, principal).await?.by;
    let view = View::new(&by, kinds, &roster(peers, &request.group_id).await?)?;
    let head = feed::one(peers, &request.group_id, i64::MAX as u64).await?.head_seq;
    let cursor = beginning(peers, &request, head).await?;
    let ear = door.feed().watch(&request.group_id, head);
    let head = head.max(ear.seq);
    Ok(Viewer { group_id: request.group_id, view, cursor, head, ear, is_behind: false, pending: Vec::new() })
}

impl Viewer {
    /// Streams until the client leaves or does not read, the group is gone, or the door closes.
    ///
    /// # Errors
    ///
    /// The client does not read, or its connection broke.
    pub async fn run<S: Socket>(mut self: Box<Self>, door: &Door, socket: &mut S) -> io::Result<()> {
        let reply = Reply::EventsStream(Streaming { group_id: self.group_id.clone() });
        self.pending = line::answer(&line::json(&reply));
        match self.stream(door, socket).await {
            Ok(()) => Ok(()),
            Err(End::Client(error)) => Err(error),
            Err(End::Ledger(refusal)) => {
                tracing::debug!(group_id = self.group_id, %refusal, "a stream ends");
                Ok(())
            }
        }
    }

    async fn stream<S: Socket>(&mut self, door: &Door, socket: &mut S) -> Result<(), End> {
        self.flush(socket).await?;
        self.catch_up(door.peers(), socket, self.head).await?;
        // What was missed is shown at once, not with the next event.
        self.flush(socket).await?;
        let mut closing = door.closing();
        let mut heartbeat = Instant::now() + door.heartbeat();
        let mut is_listening = true;
        let mut waste = [0; 1024];
        loop {
            tokio::select! {
                news = self.ear.news.recv() => match news {
                    Ok(News::Event(item)) => self.take(door.peers(), socket, &item).await?,
                    Ok(News::Piece(line)) => self.take_piece(&line),
                    Err(RecvError::Lagged(_)) => self.is_behind = true,
                    Ok(News::Ended) | Err(RecvError::Closed) => return Ok(()),
                },
                read = socket.read(&mut waste), if is_listening => match read? {
                    0 if socket.is_hung_up().await => return Ok(()),
                    0 => is_listening = false,
                    // Nothing a client says on a stream means anything.
                    _ => {}
                },
                () = tokio::time::sleep_until(heartbeat) => {
                    let item = json!({"t": "heartbeat", "ts": time::format(time::now())});
                    self.pending.extend_from_slice(item.to_string().as_bytes());
                    self.pending.push(b'\n');
                },
                () = closing.wait() => return Ok(()),
            }
            if std::mem::take(&mut self.is_behind) {
                // What was missed may have been the last event for a long time.
                self.catch_up(door.peers(), socket, door.feed().told(&self.group_id)).await?;
            }
            if !self.pending.is_empty() {
                self.flush(socket).await?;
                heartbeat = Instant::now() + door.heartbeat();
            }
        }
    }

    /// Takes what the feed has, as much of it as goes into one write.
    async fn take<S: Socket>(&mut self, peers: &Peers, socket: &mut S, first: &Item) -> Result<(), End> {
        self.take_one(peers, socket, first).await?;
        while self.pending.len() < WRITE_BYTES {
            match self.ear.news.try_recv() {
                Ok(News::Event(item)) => self.take_one(peers, socket, &item).await?,
                Ok(News::Piece(line)) => self.take_piece(&line),
                Err(TryRecvError::Lagged(_)) => self.is_behind = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                Ok(News::Ended) => {
                    self.flush(socket).await?;
                    return Err(End::Ledger(OpError::group_not_found(&self.group_id)));
                }
            }
        }
        Ok(())
    }

    fn take_piece(&mut self, line: &[u8]) {
        if self.view.shows_pieces() {
            self.pending.extend_from_slice(line);
        }
    }

    async fn take_one<S: Socket>(&mut self, peers: &Peers, socket: &mut S, item: &Item) -> Result<(), End> {
        if item.event.seq > self.cursor + 1 {
            self.catch_up(peers, socket, item.event.seq - 1).await?;
        }
        if item.event.seq > self.cursor {
            self.show(peers, &item.event, || item.line.clone()).await?;
        }
        Ok(())
    }

    /// Reads the ledger up to an event.
    async fn catch_up<S: Socket>(&mut self, peers: &Peers, socket: &mut S, to: u64) -> Result<(), End> {
        while self.cursor < to {
            let events = feed::range(peers, &self.group_id, self.cursor).await?.events;
            if events.is_empty() {
                return Err(OpError::new(Code::InternalError, "the ledger is shorter than it was").into());
            }
            for event in events {
                self.show(peers, &event.clone(), || Item::new(event).line).await?;
                if self.pending.len() >= WRITE_BYTES {
                    self.flush(socket).await?;
                }
            }
        }
        Ok(())
    }

    async fn show(&mut self, peers: &Peers, event: &Event, line: impl FnOnce() -> Vec<u8>) -> Result<(), OpError> {
        self.cursor = event.seq;
        // Roles count as they are now: what was changed before the stream began is in the roster already.
        if event.seq > self.head && self.view.needs_roster() && view::changes_roster(event) {
            let roster = roster(peers, &self.group_id).await?;
            if !self.view.update(&roster) {
                return Err(OpError::actor_not_found("the stream's actor has left"));
            }
        }
        if self.view.shows(event) {
            self.pending.append(&mut line());
        }
        Ok(())
    }

    async fn flush<S: Socket>(&mut self, socket: &mut S) -> io::Result<()> {
        let written = timeout(WRITE_PATIENCE, socket.write_all(&self.pending)).await;
        self.pending.clear();
        written.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read its stream")))
    }
}

/// Up to where the client knows the ledger: by its last event, else by its clock, else all of it.
async fn beginning(peers: &Peers, request: &EventsStream, head: u64) -> Result<u64, OpError> {
    if !request.since_event_id.is_empty()
        && let Some(seq) = seq_of(peers, request).await?
    {
        return Ok(seq);
    }
    match time::parse(&request.since_ts) {
        Some(since) => last_until(peers, &request.group_id, since, head).await,
        None => Ok(head),
    }
}

async fn seq_of(peers: &Peers, request: &EventsStream) -> Result<Option<u64>, OpError> {
    let window = ledger::Window {
        group_id: request.group_id.clone(),
        event_id: request.since_event_id.clone(),
        before: Some(0),
        after: Some(0),
        kinds: Vec::new(),
    };
    match peers.ask_as(Principal::system(), window).await {
        Ok(window) => Ok(window.events.iter().find(|event| event.id == request.since_event_id).map(|event| event.seq)),
        Err(refusal) if refusal.code == Code::EventNotFound => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

/// The last event that is not later than a time. Times rise with sequence numbers, so halving finds it.
async fn last_until(peers: &Peers, group_id: &str, since: time::Micros, head: u64) -> Result<u64, OpError> {
    let (mut low, mut high) = (0, head);
    while low < high {
        let middle = low + (high - low) / 2;
        let next = feed::one(peers, group_id, middle).await?.events.into_iter().next();
        match next.filter(|event| time::parse(&event.ts).is_some_and(|ts| ts <= since)) {
            Some(event) => low = event.seq,
            None => high = middle,
        }
    }
    Ok(low)
}

/// Who a client is: what it says, or what its token proves.
///
/// # Errors
///
/// `permission_denied`; `daemon_unavailable`.
pub async fn speaker(peers: &Peers, group_id: &str, principal: Principal) -> Result<Speaker, OpError> {
    peers.ask_as(principal, Whoami { group_id: group_id.into() }).await
}

async fn roster(peers: &Peers, group_id: &str) -> Result<Vec<bus::contract::document::ActorView>, OpError> {
    let list = actor::List { group_id: group_id.into(), include_unread: false, ..Default::default() };
    Ok(peers.ask_all_as(Principal::system(), list).await?.actors)
}
