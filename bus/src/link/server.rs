//! The answering end: N contexts, each with one request in hand.
//!
//! A context receives, hands the request to the handler, waits for its [`Responder`], sends, and receives again.
//! However a responder ends, its context goes on, so none is ever lost. The requests of a bundle are handed over together,
//! and their answers leave together, with the last of them.

use super::bundle::{self, PARTS_MAX};
use super::frame::{self, Kind};
use super::nng::{Aio, Context, Core, Failure, Finish, Message, Outcome, Pattern, Socket};
use super::{LinkError, Seal, listen, lock, seal};
use crate::contract::{limit, version};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

/// How long an answer may wait behind others for the connection to take it.
const SEND_PATIENCE: Duration = Duration::from_secs(30);

/// A request that waits for its answer.
#[derive(Debug)]
pub struct Incoming {
    /// The request, a [`crate::contract::Request`]; see [`super::body`].
    pub bytes: Vec<u8>,
    /// Who says to have sent it; see [`crate::key::Guard`].
    pub seal: Seal,
    /// Where the answer goes. Dropping it unanswered tells the caller that its request was let go.
    pub reply: Responder,
}

/// Answers one request, from any thread, later or at once.
pub struct Responder {
    /// Gone once it has answered.
    to: Option<To>,
}

/// Where an answer goes.
enum To {
    /// To the caller.
    Caller(Arc<Aio<Lane>>),
    /// To the others of its bundle, at its place among them.
    Bundle(Arc<Bundle>, usize),
}

impl To {
    fn answer(self, kind: Kind, body: &[u8]) -> Result<(), LinkError> {
        match self {
            Self::Caller(lane) => lane.answer(Message::new(&[&frame::header(kind, lane.subject.contract), body])),
            Self::Bundle(bundle, place) => bundle.answer(place, kind, body),
        }
    }
}

/// The answers to a bundle.
struct Bundle {
    lane: Arc<Aio<Lane>>,
    answers: Mutex<Answers>,
}

struct Answers {
    parts: Vec<(Kind, Vec<u8>)>,
    /// How many are not known yet.
    left: usize,
    /// How many bytes of bodies still fit into the message.
    room: usize,
}

impl Bundle {
    /// Requests that are answered together.
    fn of(lane: Arc<Aio<Lane>>, sealed: Vec<(Seal, &[u8])>) -> Vec<Incoming> {
        let parts = vec![(Kind::Dropped, Vec::new()); sealed.len()];
        let answers = Mutex::new(Answers { left: parts.len(), parts, room: limit::BUS_MESSAGE_BYTES_MAX });
        let bundle = Arc::new(Self { lane, answers });
        let incoming = sealed.into_iter().enumerate().map(|(place, (seal, body))| {
            let to = To::Bundle(Arc::clone(&bundle), place);
            Incoming { bytes: body.to_vec(), seal, reply: Responder { to: Some(to) } }
        });
        incoming.collect()
    }

    fn answer(&self, place: usize, kind: Kind, body: &[u8]) -> Result<(), LinkError> {
        let mut answers = lock(&self.answers);
        // What does not fit is asked for again, then with fewer beside it.
        if let Some(room) = answers.room.checked_sub(body.len()) {
            answers.room = room;
            answers.parts[place] = (kind, body.to_vec());
        }
        answers.left -= 1;
        if answers.left > 0 {
            return Ok(());
        }
        let parts: Vec<_> = answers.parts.iter().map(|(kind, body)| (*kind, &body[..])).collect();
        self.lane.answer(bundle::join(Kind::Replies, self.lane.subject.contract, &parts))
    }
}

impl Responder {
    /// Sends the answer, a [`crate::contract::Response`]; see [`super::body`].
    ///
    /// # Errors
    ///
    /// It is too large (the caller is told so), or the server is closed. A caller that is gone is none.
    pub fn send(mut self, bytes: &[u8]) -> Result<(), LinkError> {
        let to = self.to.take().expect("a responder answers once");
        let (len, limit) = (bytes.len(), limit::BUS_MESSAGE_BYTES_MAX);
        if len > limit {
            to.answer(Kind::TooBig, &(len as u64).to_be_bytes())?;
            return Err(LinkError::TooBig { bytes: len, limit });
        }
        to.answer(Kind::Reply, bytes)
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        if let Some(to) = self.to.take() {
            // A closed server has nobody to tell: its callers see the connection go.
            let _ = to.answer(Kind::Dropped, &[]);
        }
    }
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Responder").finish_non_exhaustive()
    }
}

/// Who is given what comes.
pub(super) struct Handler {
    /// Whether also bundles are taken.
    pub takes_bundles: bool,
    /// Takes what has come together.
    pub take: Box<dyn Fn(Vec<Incoming>) + Send + Sync>,
}

/// A bound request socket. Dropping it closes it; requests in hand are then never answered, and their callers
/// see the connection go. It must not be dropped by its own handler.
pub struct Server {
    lanes: Vec<Arc<Aio<Lane>>>,
    /// Closed after the lanes.
    _socket: Socket,
}

impl Server {
    /// Listens at `socket` (0600; a stale socket file is replaced, a living server is not) with `contexts`
    /// messages in hand at most, each with one request or, in a bundle, up to 64; more wait in the library. `handler` is
    /// called on a library thread for each request and must not block: it hands the request on.
    ///
    /// # Errors
    ///
    /// The folder is missing, somebody else listens, or the path cannot be used.
    pub fn bind(
        socket: &Path,
        contexts: usize,
        handler: impl Fn(Incoming) + Send + Sync + 'static,
    ) -> Result<Self, LinkError> {
        Self::bind_for_many(socket, contexts, move |all| all.into_iter().for_each(&handler))
    }

    /// The same for a handler that is better given at once what has come at once.
    ///
    /// # Errors
    ///
    /// As [`Server::bind`].
    pub fn bind_for_many(
        socket: &Path,
        contexts: usize,
        handler: impl Fn(Vec<Incoming>) + Send + Sync + 'static,
    ) -> Result<Self, LinkError> {
        Self::bind_as(socket, contexts, version::CONTRACT, Handler { takes_bundles: true, take: Box::new(handler) })
    }

    /// The same for a process whose answers take their time, each another: with each context one request and no more.
    ///
    /// # Errors
    ///
    /// As [`Server::bind`].
    pub fn bind_for_single(
        socket: &Path,
        contexts: usize,
        handler: impl Fn(Incoming) + Send + Sync + 'static,
    ) -> Result<Self, LinkError> {
        let take = Box::new(move |all: Vec<Incoming>| all.into_iter().for_each(&handler));
        Self::bind_as(socket, contexts, version::CONTRACT, Handler { takes_bundles: false, take })
    }

    /// The same for a process that follows some contract.
    pub(super) fn bind_as(path: &Path, contexts: usize, contract: u16, handler: Handler) -> Result<Self, LinkError> {
        let socket = listen(Pattern::Reply, path)?;
        let handler = Arc::new(handler);
        let fail = |failure: Failure| LinkError::Socket {
            action: "answer at",
            path: path.to_path_buf(),
            reason: failure.to_string(),
        };
        let mut lanes = Vec::with_capacity(contexts);
        for _ in 0..contexts {
            let context = socket.context().map_err(fail)?;
            let handler = Arc::clone(&handler);
            lanes.push(Arc::new_cyclic(|this| {
                let phase = Mutex::new(Phase::Receiving);
                Aio::new(Lane { context, contract, handler, this: Weak::clone(this), phase })
            }));
        }
        for lane in &lanes {
            lane.subject.context.recv(lane, None).map_err(fail)?;
        }
        Ok(Self { lanes, _socket: socket })
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("contexts", &self.lanes.len()).finish_non_exhaustive()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Responders may keep their lanes for longer; a stopped lane only refuses.
        for lane in &self.lanes {
            lane.stop();
            lane.subject.context.close();
        }
    }
}

/// One context and what it is doing.
struct Lane {
    context: Context,
    contract: u16,
    handler: Arc<Handler>,
    /// Ourselves, for the responder.
    this: Weak<Aio<Lane>>,
    phase: Mutex<Phase>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Receiving,
    Handling,
    Sending,
}

/// Sends what is answered, and says whether it could be begun.
fn answer(operation: &Core<Lane>, message: Message) -> Result<(), LinkError> {
    let lane = &operation.subject;
    let mut phase = lock(&lane.phase);
    lane.context.send(operation, message, SEND_PATIENCE).map_err(|_| LinkError::Closed)?;
    *phase = Phase::Sending;
    Ok(())
}

impl Aio<Lane> {
    fn answer(&self, message: Message) -> Result<(), LinkError> {
        answer(self, message)
    }
}

impl Finish for Lane {
    fn finish(operation: &Core<Self>, outcome: Outcome) {
        let phase = *lock(&operation.subject.phase);
        match (phase, outcome) {
            (Phase::Receiving, Ok(Some(message))) => take(operation, &message),
            (_, Err(Failure::CLOSED | Failure::STOPPED)) => {}
            (Phase::Sending, outcome) => {
                if let Err(failure) = outcome {
                    tracing::debug!(%failure, "an answer was not taken");
                }
                receive(operation);
            }
            (Phase::Receiving, outcome) => {
                tracing::warn!(?outcome, "a request was not received");
                receive(operation);
            }
            (Phase::Handling, _) => panic!("nothing is under way while a request is handled"),
        }
    }
}

fn receive(operation: &Core<Lane>) {
    let lane = &operation.subject;
    *lock(&lane.phase) = Phase::Receiving;
    // A server that is being closed receives no more.
    let _ = lane.context.recv(operation, None);
}

/// Hands a request on, or answers it here when it is not for this contract.
fn take(operation: &Core<Lane>, message: &Message) {
    let lane = &operation.subject;
    match frame::decode(message.bytes()) {
        Ok(frame) if frame.contract != lane.contract => {
            tracing::warn!(theirs = frame.contract, ours = lane.contract, "a caller follows another contract");
            // A server that is being closed answers no more.
            let _ = answer(operation, Message::new(&[&frame::header(Kind::Mismatch, lane.contract)]));
        }
        Ok(frame) if frame.kind == Kind::Request => match seal::split(frame.body) {
            Some((seal, body)) => hand_on(lane, |to| {
                let reply = Responder { to: Some(To::Caller(to)) };
                vec![Incoming { bytes: body.to_vec(), seal, reply }]
            }),
            None => let_go(operation, "a request came that nobody has sealed"),
        },
        Ok(frame) if frame.kind == Kind::Requests => match requests(message.bytes()) {
            Some(sealed) if lane.handler.takes_bundles => hand_on(lane, |to| Bundle::of(to, sealed)),
            Some(_) => let_go(operation, "a bundle of requests came where none are taken"),
            None => let_go(operation, "a bundle of requests cannot be read"),
        },
        Ok(frame) => {
            tracing::warn!(kind = ?frame.kind, "something else than a request came");
            receive(operation);
        }
        Err(error) => {
            tracing::warn!(%error, "something else than a request came");
            receive(operation);
        }
    }
}

/// The requests of a bundle; `None` when it is none of ours.
fn requests(message: &[u8]) -> Option<Vec<(Seal, &[u8])>> {
    let parts = bundle::split(message).filter(|parts| parts.len() <= PARTS_MAX)?;
    let is_request = |frame: &frame::Frame<'_>| frame.kind == Kind::Request;
    let request = |part| seal::split(frame::decode(&message[part]).ok().filter(is_request)?.body);
    parts.into_iter().map(request).collect()
}

/// Answers what cannot be a request of ours.
fn let_go(operation: &Core<Lane>, why: &str) {
    tracing::warn!("{why}");
    // A server that is being closed answers no more.
    let _ = answer(operation, Message::new(&[&frame::header(Kind::Dropped, operation.subject.contract)]));
}

fn hand_on(lane: &Lane, incoming: impl FnOnce(Arc<Aio<Lane>>) -> Vec<Incoming>) {
    // Nobody is left to answer when the server is being closed.
    if let Some(this) = lane.this.upgrade() {
        *lock(&lane.phase) = Phase::Handling;
        (lane.handler.take)(incoming(this));
    }
}
