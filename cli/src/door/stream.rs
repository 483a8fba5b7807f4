//! `events_stream`: a group's events, from a cursor or from now on, each exactly once and in order.
//!
//! A stream is a follower of the ledger, in the name of the client: ledgerd decides what it sees.

use super::shared::Door;
use super::socket::Socket;
use super::{kinds, line};
use bus::contract::op::core::{EventsStream, Streaming};
use bus::contract::op::ledger;
use bus::contract::op::principal::{Speaker, Whoami};
use bus::contract::{Code, OpError, Principal, Proof, Reply, time};
use bus::feed::{Follower, Item, View};
use bus::peer::Peers;
use serde_json::json;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::{Instant, timeout};

/// How long a client may not read before its stream ends.
const WRITE_PATIENCE: Duration = Duration::from_secs(5);

/// Lines collected for one write.
const WRITE_BYTES: usize = 64 * 1024;

/// A stream that is about to begin.
#[derive(Debug)]
pub struct Viewer {
    group_id: String,
    kinds: Vec<&'static str>,
    follower: Follower,
    /// Texts while they are written: for people, who may watch. An agent is told what is said.
    pieces: Option<broadcast::Receiver<Arc<[u8]>>>,
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
    let kinds = kinds::wanted(&request.kinds)?;
    let peers = door.peers();
    let speaker = speaker(peers, &request.group_id, principal).await?;
    let is_user = speaker.by.is_empty() || speaker.by == "user";
    // Whoever begins a stream may go on with it when its actor has a newer token.
    let viewer = Principal { by: if is_user { "user".into() } else { speaker.by }, proof: Proof::Daemon };
    let end = ledger::Range { for_speaker: true, ..range(&request.group_id, u64::MAX) };
    let head = peers.ask_as(viewer.clone(), end).await?.head_seq;
    let cursor = beginning(peers, &request, head).await?;
    let pieces = (is_user && kinds.contains(&"chat.message")).then(|| door.pieces().hear(&request.group_id));
    let follower = door.feed().follow(&request.group_id, View::of(viewer), cursor);
    Ok(Viewer { group_id: request.group_id, kinds, follower, pieces, pending: Vec::new() })
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
        let mut closing = door.closing();
        let mut heartbeat = Instant::now() + door.heartbeat();
        let mut is_listening = true;
        let mut waste = [0; 1024];
        loop {
            tokio::select! {
                items = self.follower.next() => {
                    // What was written before the message that ends it is shown before it.
                    while let Some(Ok(line)) = self.pieces.as_mut().map(broadcast::Receiver::try_recv) {
                        self.show_pieces(&line);
                    }
                    for item in items? {
                        self.show(&item);
                        if self.pending.len() >= WRITE_BYTES {
                            self.flush(socket).await?;
                        }
                    }
                }
                line = next_piece(&mut self.pieces) => self.show_pieces(&line),
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
            if !self.pending.is_empty() {
                self.flush(socket).await?;
                heartbeat = Instant::now() + door.heartbeat();
            }
        }
    }

    /// Collects the line of an event, if it is of a kind that is wanted: `{"t":"event","event":…}`.
    fn show(&mut self, item: &Item) {
        if self.kinds.contains(&item.event().kind()) {
            self.pending.extend_from_slice(b"{\"t\":\"event\",\"event\":");
            self.pending.extend_from_slice(item.json().get().as_bytes());
            self.pending.extend_from_slice(b"}\n");
        }
    }

    /// Collects a piece and those that have come with it, as many as go into one write.
    fn show_pieces(&mut self, first: &[u8]) {
        self.pending.extend_from_slice(first);
        while let Some(pieces) = &mut self.pieces
            && self.pending.len() < WRITE_BYTES
            // Those that are missed are found out with the next.
            && let Ok(line) = pieces.try_recv()
        {
            self.pending.extend_from_slice(&line);
        }
    }

    async fn flush<S: Socket>(&mut self, socket: &mut S) -> io::Result<()> {
        let written = timeout(WRITE_PATIENCE, socket.write_all(&self.pending)).await;
        self.pending.clear();
        written.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read its stream")))
    }
}

/// The next piece; never, for whoever is not shown any. Cancelling loses nothing.
async fn next_piece(pieces: &mut Option<broadcast::Receiver<Arc<[u8]>>>) -> Arc<[u8]> {
    while let Some(lines) = pieces {
        match lines.recv().await {
            Ok(line) => return line,
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => *pieces = None,
        }
    }
    std::future::pending().await
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
        let next = peers.ask_as(Principal::system(), range(group_id, middle)).await?.events.into_iter().next();
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

/// The next single event of a ledger, and how far the ledger has come.
fn range(group_id: &str, after_seq: u64) -> ledger::Range {
    let after_seq = Some(i64::try_from(after_seq).unwrap_or(i64::MAX));
    ledger::Range { group_id: group_id.into(), after_seq, limit: Some(1), for_speaker: false }
}
