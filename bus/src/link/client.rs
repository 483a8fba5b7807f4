//! The asking end: one request context per request in flight, never sent twice by the library.
//!
//! A call is a small state machine on NNG's threads: send, then receive, each with what is left of the deadline.
//! No thread waits for it. Dropping the future of a call cancels it; whether the server has seen the request is
//! then unknown, as after a timeout. What ledgerd decides in batches goes through a [window](window).

mod lane;
mod window;

use super::answer::Answer;
use super::frame::{self, Frame, Kind};
use super::nng::{Failure, Message, Pattern, Socket};
use super::{CallError, LinkError, body, bundle, dial, lock, mismatch, seal};
use crate::contract::{Reply, Request, limit, version};
use crate::key::LinkKey;
use lane::{Answered, Call, End, Ended, Lanes, Pool};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::time::{timeout, timeout_at};
use window::Window;

/// How long a request waits for the connection to take it, be it that there is none yet or that others are before
/// it: long enough for a server that is just starting, short enough to say soon that there is none. After that the
/// server surely has not seen the request.
const SEND_PATIENCE: Duration = Duration::from_secs(1);

/// Requests in flight on one link.
const CALLS_MAX: usize = 4096;

/// Contexts kept for the next call.
const IDLE_LANES_MAX: usize = 64;

/// A link to one server. Connects by itself, and again when the server comes back; used from any number of tasks
/// and threads at once.
#[derive(Debug)]
pub struct Caller {
    name: &'static str,
    /// What it proves its requests with; a client proves nothing.
    key: Option<LinkKey>,
    pool: Arc<Pool>,
    /// Closed first when the link goes.
    socket: Option<Socket>,
}

impl Caller {
    /// A link to the server that listens (or will listen) at `socket`. `name` is who asks, for logs.
    ///
    /// # Errors
    ///
    /// The path cannot be used at all. That nobody listens there yet is no error.
    pub fn connect(socket: &Path, name: &'static str) -> Result<Self, LinkError> {
        Self::connect_as(socket, name, version::CONTRACT)
    }

    /// The same for a daemon, whose requests prove that they are its own.
    ///
    /// # Errors
    ///
    /// As [`Caller::connect`].
    pub fn connect_with(socket: &Path, key: LinkKey) -> Result<Self, LinkError> {
        let mut link = Self::connect(socket, key.asks().name())?;
        link.key = Some(key);
        Ok(link)
    }

    /// The same for a process that follows some contract.
    pub(super) fn connect_as(path: &Path, name: &'static str, contract: u16) -> Result<Self, LinkError> {
        let socket = dial(Pattern::Request, path)?;
        let (lanes, window) = (Mutex::new(Lanes::default()), Mutex::new(Window::default()));
        let pool = Arc::new(Pool { path: path.to_path_buf(), contract, lanes, quiet: Condvar::new(), window });
        Ok(Self { name, key: None, pool, socket: Some(socket) })
    }

    fn socket(&self) -> &Socket {
        self.socket.as_ref().expect("it goes with the link")
    }

    /// Sends a request once and waits for its answer up to the request's deadline.
    ///
    /// # Errors
    ///
    /// The server's refusal, or what the link knows.
    pub async fn call(&self, request: Request) -> Result<Reply, CallError> {
        self.call_for(request).await
    }

    /// The same for an answer that is read in another way.
    ///
    /// # Errors
    ///
    /// As [`Caller::call`].
    pub async fn call_for<T: Answer>(&self, request: Request) -> Result<T, CallError> {
        let body = self.sealed(&request).map_err(CallError::Link)?;
        let answer = if request.op.row().is_batched() && body.len() <= bundle::BYTES_MAX {
            self.ask_with_others(body, request.deadline_ms).await.map_err(CallError::Link)?
        } else {
            let mut call = self.begin(&body, request.deadline_ms).map_err(CallError::Link)?;
            (&mut call.answer).await.unwrap_or(Err(End::Closed))
        };
        self.read(answer, request.deadline_ms)
    }

    /// Sends a request together with whatever is asked at the same time.
    ///
    /// # Errors
    ///
    /// Too many wait already.
    async fn ask_with_others(&self, body: Vec<u8>, deadline_ms: u64) -> Result<Ended, LinkError> {
        let (begin, patience) = (Instant::now(), Duration::from_millis(deadline_ms));
        let (sender, mut answer) = oneshot::channel();
        let number = lock(&self.pool.window).add(body, begin + patience, sender)?;
        // Whoever gives up gives its place up, too.
        let place = Waits { window: &self.pool.window, number };
        self.pool.send_waiting(self.socket());
        let unsent = Ok(Err(End::Unsent(Failure::TIMED_OUT)));
        let ended = match timeout(patience.min(SEND_PATIENCE), &mut answer).await {
            Ok(ended) => ended,
            // A server that is there takes it when it has answered others.
            Err(_) if !self.connected() && place.withdraw() => return unsent,
            Err(_) => match timeout_at((begin + patience).into(), answer).await {
                Ok(ended) => ended,
                Err(_) if place.withdraw() => return unsent,
                Err(_) => return Ok(Err(End::TimedOut)),
            },
        };
        Ok(ended.unwrap_or(Err(End::Closed)))
    }

    /// The same for a thread that may block: not for a task of a runtime, where it panics.
    ///
    /// # Errors
    ///
    /// As [`Caller::call`].
    pub fn call_blocking(&self, request: Request) -> Result<Reply, CallError> {
        let body = self.sealed(&request).map_err(CallError::Link)?;
        let mut call = self.begin(&body, request.deadline_ms).map_err(CallError::Link)?;
        // The receiver is taken out, because waiting consumes it; the call itself goes on being guarded.
        let (_, never) = oneshot::channel();
        let answer = std::mem::replace(&mut call.answer, never).blocking_recv();
        self.read(answer.unwrap_or(Err(End::Closed)), request.deadline_ms)
    }

    /// Whether a server is connected right now.
    pub fn connected(&self) -> bool {
        self.socket().connections() > 0
    }

    /// A request, ready for the bus.
    ///
    /// # Errors
    ///
    /// It is too large.
    fn sealed(&self, request: &Request) -> Result<Vec<u8>, LinkError> {
        let body = body::write(request);
        let (bytes, limit) = (body.len(), limit::BUS_MESSAGE_BYTES_MAX);
        if bytes > limit {
            return Err(LinkError::TooBig { bytes, limit });
        }
        let (seal, seal_bytes) = seal::write(self.key.as_ref(), &body);
        Ok([&seal[..seal_bytes], &body].concat())
    }

    /// Sends a request in a message of its own.
    fn begin(&self, body: &[u8], deadline_ms: u64) -> Result<Call, LinkError> {
        let message = Message::new(&[&frame::header(Kind::Request, self.pool.contract), body]);
        let lane = self.pool.lane(self.socket())?;
        Ok(lane.begin(message, Duration::from_millis(deadline_ms)))
    }

    fn read<T: Answer>(&self, ended: Ended, deadline_ms: u64) -> Result<T, CallError> {
        let answered: Answered = ended.map_err(|end| CallError::Link(self.explain(end, deadline_ms)))?;
        let body = decode(answered.bytes(), self.pool.contract).map_err(CallError::Link)?;
        T::read(body)
            .map_err(|error| CallError::Link(LinkError::Unreadable { reason: error.to_string() }))?
            .map_err(CallError::Refused)
    }

    fn explain(&self, end: End, after_ms: u64) -> LinkError {
        let path = self.pool.path.display();
        match end {
            End::Unsent(Failure::TIMED_OUT) if self.connected() => {
                LinkError::Unavailable { reason: format!("{path} takes no requests") }
            }
            End::Unsent(Failure::TIMED_OUT) => LinkError::Unavailable { reason: format!("nobody answers at {path}") },
            End::Unsent(failure) => LinkError::Unavailable { reason: format!("{path}: {failure}") },
            End::NotBegun(error) => error,
            End::TimedOut => LinkError::Timeout { after_ms },
            End::Closed => LinkError::Closed,
        }
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        // Calls borrow us, so nobody waits any more for what is under way; the last callbacks are waited for.
        drop(self.socket.take());
        let mut lanes = lock(&self.pool.lanes);
        while lanes.busy > 0 {
            lanes = self.pool.quiet.wait(lanes).unwrap_or_else(PoisonError::into_inner);
        }
        let idle = std::mem::take(&mut lanes.idle);
        drop(lanes);
        tracing::trace!(name = self.name, path = %self.pool.path.display(), lanes = idle.len(), "a link is closed");
    }
}

/// A request that may still wait to leave, until this is dropped.
struct Waits<'a> {
    window: &'a Mutex<Window>,
    number: u64,
}

impl Waits<'_> {
    /// Takes it back; false when it has left.
    fn withdraw(&self) -> bool {
        lock(self.window).withdraw(self.number)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.withdraw();
    }
}

/// What an answer says, once it is one of this contract.
fn decode(bytes: &[u8], ours: u16) -> Result<&[u8], LinkError> {
    let Frame { kind, contract, body } =
        frame::decode(bytes).map_err(|error| LinkError::Foreign { reason: error.to_string() })?;
    match kind {
        Kind::Mismatch => Err(mismatch(contract, ours)),
        Kind::Dropped => Err(LinkError::Closed),
        Kind::TooBig => {
            let bytes = body.try_into().map_or(usize::MAX, |size| u64::from_be_bytes(size) as usize);
            Err(LinkError::TooBig { bytes, limit: limit::BUS_MESSAGE_BYTES_MAX })
        }
        Kind::Reply if contract == ours => Ok(body),
        // Answered under another contract all the same: it has been processed, and cannot be understood.
        Kind::Reply => Err(LinkError::Foreign { reason: mismatch(contract, ours).to_string() }),
        Kind::Request | Kind::Requests | Kind::Replies | Kind::Hint => {
            Err(LinkError::Foreign { reason: format!("it is a {kind:?}") })
        }
    }
}
