//! Contexts: each carries one message at a time to the server and brings back what answers it, on NNG's threads.

use super::window::{Waiting, Window};
use super::{CALLS_MAX, IDLE_LANES_MAX, SEND_PATIENCE};
use crate::link::bundle;
use crate::link::frame::{self, Kind};
use crate::link::nng::{Aio, Context, Core, Failure, Finish, Message, Outcome, Socket};
use crate::link::{LinkError, lock};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The contexts of one link: those that wait for the next call, and how many are under way.
#[derive(Debug)]
pub struct Pool {
    /// Where the server is.
    pub path: PathBuf,
    /// What this process follows.
    pub contract: u16,
    /// The contexts.
    pub lanes: Mutex<Lanes>,
    /// Told when the last call has ended.
    pub quiet: Condvar,
    /// Requests that leave together.
    pub window: Mutex<Window>,
}

/// See [`Pool`].
#[derive(Debug, Default)]
pub struct Lanes {
    /// For the next call.
    pub idle: Vec<Arc<Aio<Lane>>>,
    /// How many others there are.
    pub busy: usize,
}

impl Pool {
    /// A lane for one message. It comes back by itself when that has ended.
    pub fn lane(self: &Arc<Self>, socket: &Socket) -> Result<Arc<Aio<Lane>>, LinkError> {
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

    /// Lets leave what may leave. Whoever cannot is told so.
    pub fn send_waiting(self: &Arc<Self>, socket: &Socket) {
        loop {
            // Its own statement: the lock must be free again for what follows.
            let next = lock(&self.window).next();
            let Some(together) = next else { return };
            match self.lane(socket) {
                Ok(lane) => lane.begin_together(together),
                Err(error) => {
                    lock(&self.window).ended();
                    let not_sent = |waiting: Waiting| drop(waiting.answer.send(Err(End::NotBegun(error.clone()))));
                    together.into_iter().for_each(not_sent);
                }
            }
        }
    }
}

/// How a call ended without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It could not even be tried.
    NotBegun(LinkError),
    /// The request has not left.
    Unsent(Failure),
    /// The deadline has passed.
    TimedOut,
    /// The connection or the link is gone.
    Closed,
}

/// What came for a call: a message, or a part of one.
#[derive(Debug)]
pub struct Answered {
    message: Arc<Message>,
    part: Range<usize>,
}

impl Answered {
    fn whole(message: Arc<Message>) -> Self {
        let part = 0..message.bytes().len();
        Self { message, part }
    }

    /// Its bytes, header included.
    pub fn bytes(&self) -> &[u8] {
        &self.message.bytes()[self.part.clone()]
    }
}

/// How a call ended.
pub type Ended = Result<Answered, End>;

/// One context and what it is doing.
pub struct Lane {
    context: Context,
    pool: Arc<Pool>,
    slot: Mutex<Slot>,
}

#[derive(Default)]
struct Slot {
    /// Counts the messages of this lane, so that a call cancels only itself.
    number: u64,
    /// The message under way.
    under_way: Option<UnderWay>,
}

struct UnderWay {
    is_sent: bool,
    is_cancelled: bool,
    end: Instant,
    callers: Callers,
    /// Keeps the lane while NNG works on it, whoever else has let go.
    lane: Arc<Aio<Lane>>,
}

/// Who waits for what comes back.
enum Callers {
    /// One who has the lane for itself.
    One(oneshot::Sender<Ended>),
    /// Those whose requests have left together.
    Together(Vec<oneshot::Sender<Ended>>),
}

impl Callers {
    /// Tells all of them. Whoever has asked may have gone.
    fn tell(self, ended: Result<Message, End>) {
        match (self, ended.map(Arc::new)) {
            (Self::One(caller), ended) => drop(caller.send(ended.map(Answered::whole))),
            (Self::Together(callers), Err(end)) => {
                callers.into_iter().for_each(|caller| drop(caller.send(Err(end.clone()))))
            }
            (Self::Together(callers), Ok(message)) => {
                let parts = parts(&message).filter(|parts| parts.len() == callers.len());
                match parts {
                    Some(parts) => callers.into_iter().zip(parts).for_each(|(caller, part)| {
                        drop(caller.send(Ok(Answered { message: Arc::clone(&message), part })));
                    }),
                    // The answer to one that was alone, or what concerns all of them alike.
                    None => callers.into_iter().for_each(|caller| {
                        drop(caller.send(Ok(Answered::whole(Arc::clone(&message)))));
                    }),
                }
            }
        }
    }
}

/// The parts of an answer to a bundle; `None` when it is none.
fn parts(message: &Message) -> Option<Vec<Range<usize>>> {
    let is_bundle = frame::decode(message.bytes()).is_ok_and(|frame| frame.kind == Kind::Replies);
    if is_bundle { bundle::split(message.bytes()) } else { None }
}

/// A call that somebody waits for. Dropping it cancels it.
pub struct Call {
    number: u64,
    lane: Arc<Aio<Lane>>,
    /// What comes of it.
    pub answer: oneshot::Receiver<Ended>,
}

impl Aio<Lane> {
    /// Sends a message for one caller.
    pub fn begin(self: Arc<Self>, message: Message, patience: Duration) -> Call {
        let (sender, answer) = oneshot::channel();
        let number = self.send(message, Instant::now() + patience, Callers::One(sender));
        Call { number, lane: self, answer }
    }

    /// Sends what is to leave together; there is at least one.
    fn begin_together(self: Arc<Self>, together: Vec<Waiting>) {
        let contract = self.subject.pool.contract;
        let message = match &together[..] {
            [alone] => Message::new(&[&frame::header(Kind::Request, contract), &alone.body]),
            _ => {
                let parts: Vec<_> = together.iter().map(|waiting| (Kind::Request, &waiting.body[..])).collect();
                bundle::join(Kind::Requests, contract, &parts)
            }
        };
        // Each has its own deadline; the message has the latest of them.
        let end = together.iter().map(|waiting| waiting.end).max().expect("there is one");
        self.send(message, end, Callers::Together(together.into_iter().map(|waiting| waiting.answer).collect()));
    }

    fn send(self: &Arc<Self>, message: Message, end: Instant, callers: Callers) -> u64 {
        let mut slot = lock(&self.subject.slot);
        slot.number += 1;
        let number = slot.number;
        let patience = end.saturating_duration_since(Instant::now());
        // Most requests leave at once, which spares a thread's wake-up; the others wait for their connection.
        let context = &self.subject.context;
        let (is_sent, begun) = match context.try_send(message) {
            Ok(()) => (true, context.recv(self, Some(patience))),
            Err(message) => (false, context.send(self, message, patience.min(SEND_PATIENCE))),
        };
        slot.under_way = Some(UnderWay { is_sent, is_cancelled: false, end, callers, lane: Arc::clone(self) });
        drop(slot);
        begun.expect("a lane is stopped only when it is freed");
        number
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let mut slot = lock(&self.lane.subject.slot);
        if slot.number != self.number {
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
        let UnderWay { callers, lane: this, .. } = slot.under_way.take().expect("it was there a moment ago");
        drop(slot);
        let pool = Arc::clone(&lane.pool);
        let next = match &callers {
            Callers::One(_) => None,
            Callers::Together(_) => {
                let mut window = lock(&pool.window);
                window.ended();
                window.next()
            }
        };
        // What waits leaves first, and the lane goes back before anybody is told, so that the next call finds it.
        match next {
            Some(together) => this.begin_together(together),
            None => pool.put_back(Some(this)),
        }
        callers.tell(answer);
    }
}
