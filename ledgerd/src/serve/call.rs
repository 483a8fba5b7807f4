//! One request in hand, and the caller who waits for its answer.

use crate::store::answered::{self, Key};
use crate::store::line::OpDigest;
use bus::contract::{Request, Response};
use std::time::{Duration, Instant};

/// Takes one answer. Dropped unanswered, it lets the caller know that the request was let go.
pub struct Caller(Box<dyn FnOnce(Response) + Send>);

impl Caller {
    /// A caller who is answered like this.
    pub fn new(answer: impl FnOnce(Response) + Send + 'static) -> Self {
        Self(Box::new(answer))
    }

    /// Answers.
    pub fn answer(self, response: Response) {
        (self.0)(response);
    }
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Caller").finish_non_exhaustive()
    }
}

/// A request in hand.
#[derive(Debug)]
pub struct Call {
    /// What is asked; boxed, because a call goes through several lists.
    pub request: Box<Request>,
    /// Stands for its id.
    pub key: Key,
    /// Stands for what is asked, and by whom.
    pub digest: OpDigest,
    /// Who waits.
    pub caller: Caller,
    /// When its caller has given up.
    until: Instant,
}

impl Call {
    /// A request that has just arrived.
    pub fn new(request: Request, caller: Caller) -> Self {
        let until = Instant::now() + Duration::from_millis(request.deadline_ms.min(DEADLINE_MS_MAX));
        let key = answered::key(&request.id);
        let digest = answered::digest(&request.principal, &request.op);
        Self { request: Box::new(request), key, digest, caller, until }
    }

    /// Whether its caller has given up. It may ask again under the same id.
    pub fn is_late(&self, now: Instant) -> bool {
        now > self.until
    }
}

/// No caller waits for longer than a day.
const DEADLINE_MS_MAX: u64 = 24 * 3_600 * 1_000;
