//! Hints: lossy by design, so they carry no data.
//!
//! Nobody waits for anybody: the publisher keeps a few messages per subscriber and then drops the oldest, and the
//! subscriber takes every message at once and keeps the newest.

use super::frame::{self, Kind};
use super::nng::{Aio, Core, Failure, Finish, Message, Outcome, Pattern, Socket, Subscription};
use super::{LinkError, dial, listen, lock};
use crate::contract::{limit, version};
use std::collections::VecDeque;
use std::fmt;
use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Hints that wait in the publisher for one subscriber's connection.
const BACKLOG_MAX: i32 = 16;

/// Hints that wait in a subscriber to be taken. A heartbeat makes up for those that are dropped.
const WAITING_MAX: usize = 64;

/// The publishing end.
pub struct Publisher {
    socket: Socket,
    contract: u16,
}

impl Publisher {
    /// Listens at a path, as [`super::Server::bind`] does.
    ///
    /// # Errors
    ///
    /// As [`super::Server::bind`].
    pub fn bind(path: &Path) -> Result<Self, LinkError> {
        Self::bind_as(path, version::CONTRACT)
    }

    /// The same for a process that follows some contract.
    pub(super) fn bind_as(path: &Path, contract: u16) -> Result<Self, LinkError> {
        Ok(Self { socket: listen(Pattern::Publish { backlog: BACKLOG_MAX }, path)?, contract })
    }

    /// Tells everybody who listens. Never blocks; whoever is slow misses it. What is larger than the bus carries
    /// is not sent, and logged.
    pub fn publish(&self, bytes: &[u8]) {
        if bytes.len() > limit::BUS_MESSAGE_BYTES_MAX {
            let error = LinkError::TooBig { bytes: bytes.len(), limit: limit::BUS_MESSAGE_BYTES_MAX };
            tracing::error!(%error, "a hint is not sent");
            return;
        }
        let message = Message::new(&[&frame::header(Kind::Hint, self.contract), bytes]);
        if let Err(failure) = self.socket.send_now(message) {
            tracing::warn!(%failure, "a hint is not sent");
        }
    }
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher").field("subscribers", &self.socket.connections()).finish_non_exhaustive()
    }
}

/// The hearing end. Connects by itself, and again when the publisher comes back.
pub struct Subscriber {
    hearing: Aio<Hearing>,
    socket: Socket,
}

impl Subscriber {
    /// Hears what is published at a path, now or once somebody publishes there.
    ///
    /// # Errors
    ///
    /// The path cannot be used at all.
    pub fn connect(path: &Path) -> Result<Self, LinkError> {
        let socket = dial(Pattern::Subscribe { backlog: BACKLOG_MAX }, path)?;
        let hearing = Aio::new(Hearing {
            subscription: socket.subscription(),
            inbox: Mutex::default(),
            came: Notify::new(),
            came_blocking: Condvar::new(),
        });
        hearing.subject.subscription.recv(&hearing).map_err(|_| LinkError::Closed)?;
        Ok(Self { hearing, socket })
    }

    /// The next hint, a [`super::Hint`]; see [`super::body`]. Of those that are not taken in time, the oldest
    /// are dropped. Cancelling loses nothing.
    ///
    /// # Errors
    ///
    /// The link is closed.
    pub async fn recv(&mut self) -> Result<Vec<u8>, LinkError> {
        let hearing = &self.hearing.subject;
        loop {
            let came = hearing.came.notified();
            if let Some(taken) = hearing.take() {
                return taken;
            }
            came.await;
        }
    }

    /// The same for a thread, which waits up to `patience`; `None` when nothing came.
    ///
    /// # Errors
    ///
    /// The link is closed.
    pub fn recv_blocking(&mut self, patience: Duration) -> Result<Option<Vec<u8>>, LinkError> {
        let hearing = &self.hearing.subject;
        let end = Instant::now() + patience;
        let mut inbox = lock(&hearing.inbox);
        loop {
            if let Some(taken) = inbox.take() {
                return taken.map(Some);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            let waited = hearing.came_blocking.wait_timeout(inbox, left);
            inbox = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether a publisher is connected right now.
    pub fn connected(&self) -> bool {
        self.socket.connections() > 0
    }
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber").field("connected", &self.connected()).finish_non_exhaustive()
    }
}

/// Takes every message as it comes.
struct Hearing {
    subscription: Subscription,
    inbox: Mutex<Inbox>,
    came: Notify,
    came_blocking: Condvar,
}

#[derive(Default)]
struct Inbox {
    waiting: VecDeque<Vec<u8>>,
    is_closed: bool,
    /// The contract of a publisher that was already reported.
    stranger: Option<u16>,
}

impl Inbox {
    fn take(&mut self) -> Option<Result<Vec<u8>, LinkError>> {
        match self.waiting.pop_front() {
            Some(hint) => Some(Ok(hint)),
            None if self.is_closed => Some(Err(LinkError::Closed)),
            None => None,
        }
    }

    fn put(&mut self, bytes: &[u8]) {
        match frame::decode(bytes) {
            Ok(frame) if frame.contract != version::CONTRACT => {
                if self.stranger.replace(frame.contract) != Some(frame.contract) {
                    let error = super::mismatch(frame.contract, version::CONTRACT);
                    tracing::warn!(%error, "hints are not heard");
                }
            }
            Ok(frame) if frame.kind == Kind::Hint => {
                if self.waiting.len() >= WAITING_MAX {
                    self.waiting.pop_front();
                }
                self.waiting.push_back(frame.body.to_vec());
            }
            Ok(frame) => tracing::warn!(kind = ?frame.kind, "something else than a hint came"),
            Err(error) => tracing::warn!(%error, "something else than a hint came"),
        }
    }
}

impl Hearing {
    fn take(&self) -> Option<Result<Vec<u8>, LinkError>> {
        lock(&self.inbox).take()
    }
}

impl Finish for Hearing {
    fn finish(operation: &Core<Self>, outcome: Outcome) {
        let hearing = &operation.subject;
        let mut inbox = lock(&hearing.inbox);
        match outcome {
            Ok(message) => message.iter().for_each(|message| inbox.put(message.bytes())),
            Err(Failure::CLOSED | Failure::STOPPED) => inbox.is_closed = true,
            Err(failure) => tracing::debug!(%failure, "a hint was not heard"),
        }
        // A subscriber that is being dropped hears no more.
        inbox.is_closed |= hearing.subscription.recv(operation).is_err();
        drop(inbox);
        hearing.came.notify_one();
        hearing.came_blocking.notify_one();
    }
}
