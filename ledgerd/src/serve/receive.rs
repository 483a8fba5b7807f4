//! From the bus to the queue: requests are decoded and checked on the bus's threads, so that the owner only decides.

use super::call::{Call, Caller};
use super::owner::Task;
use super::unfit::Unfit;
use bus::contract::{Code, OpError, Request, Response, Server, limit};
use bus::key::Guard;
use bus::link::{Incoming, LinkError, Responder, body};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use tracing::debug;

/// Messages of the bus, with one or several requests, that wait for the owner at most.
pub const QUEUE_MAX: usize = 4_096;

/// Takes requests in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RequestReceiver {
    queue: SyncSender<Task>,
    unfit: Unfit,
}

impl RequestReceiver {
    /// A receiver, and the queue it fills.
    pub fn new() -> (Self, Receiver<Task>) {
        let (queue, tasks) = sync_channel(QUEUE_MAX);
        (Self { queue, unfit: Unfit::default() }, tasks)
    }

    /// The answers that did not fit.
    pub fn unfit(&self) -> Unfit {
        self.unfit.clone()
    }

    /// Takes requests off the bus that have come together, if the guard lets them in. Never blocks: a full queue is an
    /// answer, too.
    pub fn take(&self, guard: &Guard, incoming: Vec<Incoming>) {
        let calls: Vec<_> = incoming.into_iter().filter_map(|incoming| self.read(guard, incoming)).collect();
        if !calls.is_empty() {
            self.queue(calls);
        }
    }

    /// Reads a request, or answers it at once.
    fn read(&self, guard: &Guard, incoming: Incoming) -> Option<Call> {
        let admitted = guard.admit(&incoming).and_then(check);
        let reply = incoming.reply;
        match admitted {
            Ok(request) => {
                let (op, unfit) = (request.op.row().name, self.unfit.clone());
                let caller = Caller::new(move |response| send(reply, &response, |bytes| unfit.note(op, bytes)));
                Some(Call::new(request, caller))
            }
            Err(refusal) => {
                send(reply, &Err(refusal), |_| {});
                None
            }
        }
    }

    /// Puts requests into the queue.
    pub fn queue(&self, calls: Vec<Call>) {
        match self.queue.try_send(Task::Calls(calls)) {
            Err(TrySendError::Full(Task::Calls(calls))) => {
                let sentence = format!("ledgerd has {QUEUE_MAX} messages with requests waiting already; ask again");
                let refusal = OpError::new(Code::DaemonUnavailable, sentence).with("limit", "QUEUE_MAX");
                calls.into_iter().for_each(|call| call.caller.answer(Err(refusal.clone())));
            }
            // The owner has ended: dropping the call tells its caller.
            Err(TrySendError::Full(Task::Stop) | TrySendError::Disconnected(_)) | Ok(()) => {}
        }
    }

    /// Asks the owner to end once everything before this is done.
    pub fn stop(&self) {
        // An owner that has ended need not be asked.
        let _ = self.queue.send(Task::Stop);
    }
}

fn check(request: Request) -> Result<Request, OpError> {
    if request.id.is_empty() || request.id.len() > limit::REQUEST_ID_BYTES_MAX {
        let (has, max) = (request.id.len(), limit::REQUEST_ID_BYTES_MAX);
        return Err(OpError::too_large("the request id", has, max, "REQUEST_ID_BYTES_MAX"));
    }
    let row = request.op.row();
    match row.server {
        Server::Ledger | Server::Pty | Server::Look => Ok(request),
        Server::Door => Err(OpError::new(Code::InvalidRequest, format!("{} is not for ledgerd", row.name))),
    }
}

fn send(reply: Responder, response: &Response, is_unfit: impl FnOnce(usize)) {
    match reply.send(&body::write(response)) {
        Ok(()) => {}
        Err(LinkError::TooBig { bytes, .. }) => is_unfit(bytes),
        Err(error) => debug!(%error, "an answer was not taken"),
    }
}
