//! One request in hand, and the caller who waits for its answer.

use crate::mint::{self, Minted};
use crate::permission;
use crate::state::State;
use crate::store::dedup_record::{self, Key};
use crate::store::line::OpDigest;
use bus::contract::{Principal, Proof, Request, Response};
use bus::peer;
use std::time::{Duration, Instant};

/// Takes one answer. Dropped unanswered, it lets the caller know that the request was let go.
pub struct Caller(Box<dyn FnOnce(Response) + Send>);

impl Caller {
    /// A caller who is answered like this.
    pub fn new(answer: impl FnOnce(Response) + Send + 'static) -> Self {
        Self(Box::new(answer))
    }

    /// This caller and others who have asked the same: all of them are answered alike.
    pub fn and(self, others: Vec<Self>) -> Self {
        if others.is_empty() {
            return self;
        }
        Self::new(move |response| {
            others.into_iter().for_each(|other| other.answer(response.clone()));
            self.answer(response);
        })
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
    /// Stands for what is asked, and by whom: by the speaker, once [`Call::of_speaker`] has found it.
    pub digest: OpDigest,
    /// Stands for the same as earlier versions digested it: with the token, and with the name as it is written. What they
    /// have answered may be asked again after an upgrade.
    pub digest_as_asked: OpDigest,
    /// What was made for it before it is decided.
    pub minted: Option<Minted>,
    /// Who waits.
    pub caller: Caller,
    /// When its caller has given up.
    until: Instant,
}

impl Call {
    /// A request that has just arrived.
    pub fn new(request: Request, caller: Caller) -> Self {
        let until = Instant::now() + Duration::from_millis(request.deadline_ms.min(DEADLINE_MS_MAX));
        let key = dedup_record::key(&request.id);
        let digest = dedup_record::digest(&request.principal, &request.op);
        let minted = mint::for_op(&request.op);
        Self { request: Box::new(request), key, digest, digest_as_asked: digest, minted, caller, until }
    }

    /// The same as the speaker's own request: an actor that tries again may have another token by then, and a name may be
    /// written in several ways. Where its client has named a message, the id is the speaker's own, too.
    pub fn of_speaker(mut self, state: &State) -> Self {
        let Request { principal, op, .. } = &*self.request;
        // Who is not believed is refused later.
        let Ok(by) = permission::speaker(state, &self.request) else { return self };
        let named = if peer::is_named(&self.request) { peer::named_id(&by, op) } else { None };
        let proof = match principal.proof {
            Proof::Daemon if named.is_none() => Proof::Daemon,
            Proof::Daemon | Proof::Claim | Proof::Token(_) => Proof::Claim,
        };
        let speaker = Principal { by, proof };
        if speaker != *principal {
            self.digest = dedup_record::digest(&speaker, op);
        }
        if let Some(id) = named {
            self.key = dedup_record::key(&id);
            self.request.id = id;
        }
        self
    }

    /// Whether its caller has given up. It may ask again under the same id.
    pub fn is_late(&self, now: Instant) -> bool {
        now > self.until
    }
}

/// No caller waits for longer than a day.
const DEADLINE_MS_MAX: u64 = 24 * 3_600 * 1_000;
