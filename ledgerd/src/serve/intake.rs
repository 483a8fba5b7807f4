//! From the bus to the queue: requests are decoded and checked on the bus's threads, so that the owner only decides.

use super::call::{Call, Caller};
use super::owner::Task;
use super::unfit::Unfit;
use bus::contract::{Code, OpError, Request, Response, Server, limit};
use bus::link::{Incoming, LinkError, Responder, body};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use tracing::debug;

/// Requests that wait for the owner at most.
pub const QUEUE_CALLS_MAX: usize = 4_096;

/// Takes requests in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Intake {
    queue: SyncSender<Task>,
    unfit: Unfit,
}

impl Intake {
    /// An intake, and the queue it fills.
    pub fn new() -> (Self, Receiver<Task>) {
        let (queue, tasks) = sync_channel(QUEUE_CALLS_MAX);
        (Self { queue, unfit: Unfit::default() }, tasks)
    }

    /// The answers that did not fit.
    pub fn unfit(&self) -> Unfit {
        self.unfit.clone()
    }

    /// Takes a request off the bus. Never blocks: a full queue is an answer, too.
    pub fn take(&self, incoming: Incoming) {
        let Incoming { bytes, reply } = incoming;
        match decode(&bytes) {
            Ok(request) => {
                let (op, unfit) = (request.op.row().name, self.unfit.clone());
                self.queue(request, Caller::new(move |response| send(reply, &response, |bytes| unfit.note(op, bytes))));
            }
            Err(refusal) => send(reply, &Err(refusal), |_| {}),
        }
    }

    /// Puts a request into the queue.
    pub fn queue(&self, request: Request, caller: Caller) {
        match self.queue.try_send(Task::Call(Call::new(request, caller))) {
            Err(TrySendError::Full(Task::Call(call))) => {
                let sentence = format!("ledgerd has {QUEUE_CALLS_MAX} requests waiting already; ask again");
                call.caller
                    .answer(Err(OpError::new(Code::DaemonUnavailable, sentence).with("limit", "QUEUE_CALLS_MAX")));
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

fn decode(bytes: &[u8]) -> Result<Request, OpError> {
    let request = body::read_request(bytes)
        .map_err(|e| OpError::new(Code::InvalidRequest, "invalid request").with("error", e.to_string()))?;
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
