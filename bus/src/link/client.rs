//! The asking end: one request context per request in flight, never sent twice by the library.
//!
//! A call is a small state machine on NNG's threads: send, then receive, each with what is left of the deadline.
//! No thread waits for it. Dropping the future of a call cancels it; whether the server has seen the request is
//! then unknown, as after a timeout.

use super::answer::Answer;
use super::frame::{self, Frame, Kind};
use super::nng::{Aio, Context, Core, Failure, Finish, Message, Outcome, Pattern, Socket};
use super::{CallError, LinkError, body, dial, lock, mismatch};
use crate::contract::{Reply, Request, limit, version};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

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
    contract: u16,
    pool: Arc<Pool>,
    socket: Socket,
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

    /// The same for a process that follows some contract.
    pub(super) fn connect_as(path: &Path, name: &'static str, contract: u16) -> Result<Self, LinkError> {
        let socket = dial(Pattern::Request, path)?;
        let lanes = Mutex::new(Lanes { idle: Vec::new(), busy: 0 });
        let pool = Arc::new(Pool { path: path.to_path_buf(), lanes, quiet: Condvar::new() });
        Ok(Self { name, contract, pool, socket })
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
        let mut call = self.begin(&request).map_err(CallError::Link)?;
        let answer = (&mut call.answer).await;
        self.read(answer, request.deadline_ms)
    }

    /// The same for a thread that may block: not for a task of a runtime, where it panics.
    ///
    /// # Errors
    ///
    /// As [`Caller::call`].
    pub fn call_blocking(&self, request: Request) -> Result<Reply, CallError> {
        let mut call = self.begin(&request).map_err(CallError::Link)?;
        // The receiver is taken out, because waiting consumes it; the call itself goes on being guarded.
        let (_, never) = oneshot::channel();
        let answer = std::mem::replace(&mut call.answer, never).blocking_recv();
        self.read(answer, request.deadline_ms)
    }

    /// Whether a server is connected right now.
    pub fn connected(&self) -> bool {
        self.socket.connections() > 0
    }

    fn begin(&self, request: &Request) -> Result<Call, LinkError> {
        let body = body::write(request);
        let (bytes, limit) = (body.len(), limit::BUS_MESSAGE_BYTES_MAX);
        if bytes > limit {
            return Err(LinkError::TooBig { bytes, limit });
        }
        let message = Message::new(&[&frame::header(Kind::Request, self.contract), &body]);
        let patience = Duration::from_millis(request.deadline_ms);
        let lane = self.pool.lane(&self.socket)?;
        Ok(lane.begin(message, patience))
    }

    fn read<T: Answer>(&self, end: Result<Ended, oneshot::error::RecvError>, deadline_ms: u64) -> Result<T, CallError> {
        let message = match end.unwrap_or(Err(End::Closed)) {
            Ok(message) => message,
            Err(end) => return Err(CallError::Link(self.explain(end, deadline_ms))),
        };
        let body = decode(message.bytes(), self.contract).map_err(CallError::Link)?;
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
            End::TimedOut => LinkError::Timeout { after_ms },
            End::Closed => LinkError::Closed,
        }
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        // Calls borrow us, so all of them have ended or are cancelled; their last callbacks are waited for.
        let mut lanes = lock(&self.pool.lanes);
        while lanes.busy > 0 {
            lanes = self.pool.quiet.wait(lanes).unwrap_or_else(PoisonError::into_inner);
        }
        let idle = std::mem::take(&mut lanes.idle);
        drop(lanes);
        tracing::trace!(name = self.name, path = %self.pool.path.display(), lanes = idle.len(), "a link is closed");
    }
}

/// What an answer says, once it is one of this contract.
fn decode(bytes: &[u8], ours: u16) -> Result<&[u8], LinkError> {
    let Frame { kind, contract, body } =
        frame::decode(bytes).map_err(|error| LinkError::Unreadable { reason: error.to_string() })?;
    match kind {
        Kind::Mismatch => Err(mismatch(contract, ours)),
        Kind::Dropped => Err(LinkError::Closed),
        Kind::TooBig => {
            let bytes = body.try_into().map_or(usize::MAX, |size| u64::from_be_bytes(size) as usize);
            Err(LinkError::TooBig { bytes, limit: limit::BUS_MESSAGE_BYTES_MAX })
        }
        Kind::Reply if contract == ours => Ok(body),
        // Answered under another contract all the same: it has been processed, and cannot be understood.
        Kind::Reply => Err(LinkError::Unreadable { reason: mismatch(contract, ours).to_string() }),
        Kind::Request | Kind::Hint => Err(LinkError::Unreadable { reason: format!("it is a {kind:?}") }),
    }
}

/// The contexts of one link: those that wait for the next call, and how many are under way.
#[derive(Debug)]
struct Pool {
    path: PathBuf,
    lanes: Mutex<Lanes>,
    /// Told when the last call has ended.
    quiet: Condvar,
}

#[derive(Debug)]
struct Lanes {
    idle: Vec<Arc<Aio<Lane>>>,
    busy: usize,
}

impl Pool {
    /// A lane for one call. It comes back by itself when the call has ended.
    fn lane(self: &Arc<Self>, socket: &Socket) -> Result<Arc<Aio<Lane>>, LinkError> {
        let mut lanes = lock(&self.lanes);
        if lanes.busy >= CALLS_MAX {
            let reason = format!("{CALLS_MAX} requests are in flight, which is the limit CALLS_MAX");
            return Err(LinkError::Unavailable { reason });
        }
        let known = lanes.idle.pop();
        // What a burst has left over is freed here and not where it came back: a slot cannot be freed in its
        // own callback.
        let surplus = if lanes.idle.len() >= IDLE_LANES_MAX { lanes.idle.pop() } else { None };
        lanes.busy += 1;
        drop(lanes);
        drop(surplus);
        if let Some(lane) = known {
            return Ok(lane);
        }
        match socket.context() {
            Ok(context) => {
                let lane = Lane { context, pool: Arc::clone(self), slot: Mutex::default() };
                Ok(Arc::new(Aio::new(lane)))
            }
            Err(failure) => {
                self.put_back(None);
                Err(LinkError::Unavailable { reason: failure.to_string() })
            }
        }
    }

    fn put_back(&self, lane: Option<Arc<Aio<Lane>>>) {
        let mut lanes = lock(&self.lanes);
        lanes.idle.extend(lane);
        lanes.busy -= 1;
        if lanes.busy == 0 {
            self.quiet.notify_all();
        }
    }
}

/// How a call ended without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The request has not left.
    Unsent(Failure),
    /// The deadline has passed.
    TimedOut,
    /// The connection or the link is gone.
    Closed,
}

/// How a call ended.
type Ended = Result<Message, End>;

/// One context and what it is doing.
struct Lane {
    context: Context,
    pool: Arc<Pool>,
    slot: Mutex<Slot>,
}

#[derive(Default)]
struct Slot {
    /// Counts the calls of this lane, so that a call cancels only itself.
    call: u64,
    /// The call under way.
    under_way: Option<UnderWay>,
}

struct UnderWay {
    is_sent: bool,
    is_cancelled: bool,
    end: Instant,
    answer: oneshot::Sender<Ended>,
    /// Keeps the lane while NNG works on it, whoever else has let go.
    lane: Arc<Aio<Lane>>,
}

/// A call that somebody waits for. Dropping it cancels it.
struct Call {
    number: u64,
    lane: Arc<Aio<Lane>>,
    answer: oneshot::Receiver<Ended>,
}

impl Aio<Lane> {
    fn begin(self: Arc<Self>, message: Message, patience: Duration) -> Call {
        let (sender, answer) = oneshot::channel();
        let mut slot = lock(&self.subject.slot);
        slot.call += 1;
        let number = slot.call;
        let end = Instant::now() + patience;
        // Most requests leave at once, which spares a thread's wake-up; the others wait for their connection.
        let context = &self.subject.context;
        let (is_sent, begun) = match context.try_send(message) {
            Ok(()) => (true, context.recv(&self, Some(patience))),
            Err(message) => (false, context.send(&self, message, patience.min(SEND_PATIENCE))),
        };
        slot.under_way = Some(UnderWay { is_sent, is_cancelled: false, end, answer: sender, lane: Arc::clone(&self) });
        drop(slot);
        begun.expect("a lane is stopped only when it is freed");
        Call { number, lane: self, answer }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let mut slot = lock(&self.lane.subject.slot);
        if slot.call != self.number {
            return;
        }
        if let Some(under_way) = &mut slot.under_way {
            under_way.is_cancelled = true;
            // Under the lock: the lane must not belong to another call by now.
            self.lane.abort();
        }
    }
}

impl Finish for Lane {
    fn finish(operation: &Core<Self>, outcome: Outcome) {
        let lane = &operation.subject;
        let mut slot = lock(&lane.slot);
        let under_way = slot.under_way.as_mut().expect("only a call begins an operation");
        let answer = match outcome {
            Ok(_) if !under_way.is_sent && !under_way.is_cancelled => {
                under_way.is_sent = true;
                let left = under_way.end.saturating_duration_since(Instant::now());
                let begun = lane.context.recv(operation, Some(left));
                // A lane is stopped only when it is freed, and a call under way keeps it.
                return begun.expect("the lane is kept while its call is under way");
            }
            Ok(Some(message)) => Ok(message),
            Ok(None) => Err(End::Closed),
            Err(failure) if !under_way.is_sent => Err(End::Unsent(failure)),
            Err(Failure::TIMED_OUT) => Err(End::TimedOut),
            Err(_) => Err(End::Closed),
        };
        let ended = slot.under_way.take().expect("it was there a moment ago");
        drop(slot);
        // The lane goes back before anybody is told, so that the next call finds it.
        lane.pool.put_back(Some(ended.lane));
        // Whoever has asked may have gone.
        let _ = ended.answer.send(answer);
    }
}
