//! How every front asks: the process that serves an op is found in the table, and a process that is just being
//! restarted is waited for.
//!
//! A request keeps its id however often it is sent, so sending it again can only bring the first answer again.
//! That makes a killed ledgerd invisible to clients, but for the wait.

mod place;
mod retry;
mod unanswered;

pub use place::{fill, path_of};
pub use retry::{is_named, named_id};

use crate::contract::links::Process;
use crate::contract::op::{self, Ask};
use crate::contract::{Code, Op, OpError, Principal, Reply, Request, Server, id};
use crate::home::Home;
use crate::key::{DaemonKey, is_of_another_start};
use crate::link::{Answer, CallError, Caller, Json, LinkError};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long a front waits for an answer unless it says otherwise; the published clients give up after 30 s.
pub const PATIENCE: Duration = Duration::from_secs(25);

/// The longest one attempt may take where a server answers at once when it is well. A request that got lost
/// with its server is sent again after this.
const ATTEMPT_MAX: Duration = Duration::from_secs(10);

/// How long is waited for a process that is not connected, where another one can answer in its place.
const IS_THERE_WITHIN: Duration = Duration::from_millis(250);

/// How long one that is connected may take to add what is not worth waiting for.
const LOOK_WITHIN: Duration = Duration::from_secs(2);

/// First pause between two attempts; it doubles.
const PAUSE_MIN: Duration = Duration::from_millis(20);

/// Longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_millis(250);

/// One thing to ask.
#[derive(Debug, Clone)]
pub struct Question {
    op: Op,
    principal: Principal,
    request_id: String,
    patience: Duration,
    base: Option<PathBuf>,
}

impl Question {
    /// Asks as somebody, with the usual patience and a new request id; a message that its client has named itself is
    /// the same request under the same name.
    pub fn new(principal: Principal, op: impl Into<Op>) -> Self {
        let op = op.into();
        let request_id = retry::request_id(&principal, &op);
        Self { op, principal, request_id, patience: PATIENCE, base: None }
    }

    /// What is asked.
    pub fn op(&self) -> &Op {
        &self.op
    }

    /// Whether it asks who answers.
    pub fn is_ping(&self) -> bool {
        matches!(self.op, Op::Ping(_))
    }

    /// The same question for the page that follows the answer to it; `None` when nothing follows.
    fn after(&self, reply: &Reply) -> Option<Self> {
        let op = self.op.after(reply)?;
        Some(Self { op, request_id: id::unique(), ..self.clone() })
    }

    /// Uses the client's own request id, so that the client may ask again, too.
    #[must_use]
    pub fn with_id(mut self, request_id: Option<String>) -> Self {
        if let Some(request_id) = request_id {
            self.request_id = request_id;
        }
        self
    }

    /// Waits this long and no longer, all attempts together.
    #[must_use]
    pub fn within(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Takes relative paths relative to this directory.
    #[must_use]
    pub fn relative_to(mut self, base: Option<PathBuf>) -> Self {
        self.base = base;
        self
    }
}

/// Links to the processes that answer. Cheap to keep, and used from any number of tasks at once.
#[derive(Debug)]
pub struct Peers {
    name: &'static str,
    ledger: Caller,
    /// `None` for ptyd itself: whatever the table says, it asks uphill.
    pty: Option<Caller>,
    pty_socket: PathBuf,
}

impl Peers {
    /// Links to the processes of a home, whether or not they run yet. `name` is who asks, for their logs.
    ///
    /// # Errors
    ///
    /// A socket's path cannot be used at all.
    pub fn connect(home: &Home, name: &'static str) -> Result<Self, LinkError> {
        let ledger = Caller::connect(&home.ledger_socket(), name)?;
        let pty = Caller::connect(&home.pty_socket(), name)?;
        Ok(Self { name, ledger, pty: Some(pty), pty_socket: home.pty_socket() })
    }

    /// The same for a daemon, whose requests prove that they are its own.
    ///
    /// # Errors
    ///
    /// As [`Peers::connect`].
    pub fn of_daemon(home: &Home, key: &DaemonKey) -> Result<Self, LinkError> {
        let pty = Caller::connect_with(&home.pty_socket(), key.to_ask(Process::Ptyd))?;
        Ok(Self { pty: Some(pty), ..Self::uphill(home, key)? })
    }

    /// ptyd's link: everything is asked of ledgerd, also the ops that ptyd serves, of which ledgerd keeps the
    /// records.
    ///
    /// # Errors
    ///
    /// The socket's path cannot be used at all.
    pub fn uphill(home: &Home, key: &DaemonKey) -> Result<Self, LinkError> {
        let ledger = Caller::connect_with(&home.ledger_socket(), key.to_ask(Process::Ledgerd))?;
        Ok(Self { name: key.process().name(), ledger, pty: None, pty_socket: home.pty_socket() })
    }

    /// Asks, and asks again under the same request id while the server is away, until the patience ends.
    ///
    /// # Errors
    ///
    /// The server's refusal; `daemon_unavailable` when nobody answered in time. What became of the request
    /// is then unknown, and asking again with the same id is safe.
    pub async fn ask(&self, question: Question) -> Result<Reply, OpError> {
        self.ask_for(question).await
    }

    /// Asks for what the answer to these arguments is, with the usual patience. Of a list it is the first page.
    ///
    /// # Errors
    ///
    /// As [`Peers::ask`].
    pub async fn ask_as<A: Ask>(&self, principal: Principal, args: A) -> Result<A::Answer, OpError> {
        A::answer(self.ask(Question::new(principal, args)).await?)
    }

    /// The same for a program without a runtime.
    ///
    /// # Errors
    ///
    /// As [`Peers::ask`].
    pub fn ask_blocking_as<A: Ask>(&self, principal: Principal, args: A) -> Result<A::Answer, OpError> {
        A::answer(self.ask_blocking(Question::new(principal, args))?)
    }

    /// The same for every page of a list, as one answer.
    ///
    /// # Errors
    ///
    /// As [`Peers::ask`].
    pub async fn ask_all_as<A: Ask>(&self, principal: Principal, args: A) -> Result<A::Answer, OpError> {
        A::answer(self.ask_all(Question::new(principal, args)).await?)
    }

    /// The same for a front that hands the answer on without looking at it.
    ///
    /// # Errors
    ///
    /// As [`Peers::ask`].
    pub async fn ask_for_json(&self, question: Question) -> Result<Json, OpError> {
        self.ask_for(question).await
    }

    /// Asks for every page of a list, and gives them as one answer. The patience is that of each page.
    ///
    /// # Errors
    ///
    /// As [`Peers::ask`].
    pub async fn ask_all(&self, mut question: Question) -> Result<Reply, OpError> {
        let mut all = self.ask(question.clone()).await?;
        while let Some(next) = question.after(&all) {
            all.join(self.ask(next.clone()).await?)?;
            question = next;
        }
        Ok(all)
    }

    /// The same for a program without a runtime.
    ///
    /// # Errors
    ///
    /// As [`Peers::ask`].
    pub fn ask_all_blocking(&self, mut question: Question) -> Result<Reply, OpError> {
        let mut all = self.ask_blocking(question.clone())?;
        while let Some(next) = question.after(&all) {
            all.join(self.ask_blocking(next.clone())?)?;
            question = next;
        }
        Ok(all)
    }

    async fn ask_for<T: Answer>(&self, question: Question) -> Result<T, OpError> {
        let (mut request, server, base) = self.prepare(question)?;
        if path_of(&request.op).is_some() {
            let filled = tokio::task::spawn_blocking(move || fill(&mut request.op, base.as_deref()).map(|()| request));
            request =
                filled.await.map_err(|_| OpError::new(Code::InternalError, "the path could not be looked at"))??;
        }
        let mut attempts = Attempts::new(&request, server);
        loop {
            let caller = self.caller(attempts.server);
            let pause = match caller.call_for(attempts.next(&request, caller)).await {
                Ok(reply) => return Ok(reply),
                Err(CallError::Refused(refusal)) => attempts.after_refusal(refusal)?,
                Err(CallError::Link(failure)) => attempts.after(&request.op, failure)?,
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// The same for a program without a runtime.
    ///
    /// # Errors
    ///
    /// As [`Peers::ask`].
    pub fn ask_blocking(&self, question: Question) -> Result<Reply, OpError> {
        let (mut request, server, base) = self.prepare(question)?;
        fill(&mut request.op, base.as_deref())?;
        let mut attempts = Attempts::new(&request, server);
        loop {
            let caller = self.caller(attempts.server);
            let pause = match caller.call_blocking(attempts.next(&request, caller)) {
                Ok(reply) => return Ok(reply),
                Err(CallError::Refused(refusal)) => attempts.after_refusal(refusal)?,
                Err(CallError::Link(failure)) => attempts.after(&request.op, failure)?,
            };
            std::thread::sleep(pause);
        }
    }

    /// Whether the process that owns state is connected right now.
    pub fn is_ledger_there(&self) -> bool {
        self.ledger.connected()
    }

    fn caller(&self, server: Answerer) -> &Caller {
        match (server, &self.pty) {
            (Answerer::Ptyd | Answerer::PtydIfThere, Some(pty)) => pty,
            (Answerer::Ledgerd, _) | (Answerer::Ptyd | Answerer::PtydIfThere, None) => &self.ledger,
        }
    }

    fn prepare(&self, question: Question) -> Result<(Request, Answerer, Option<PathBuf>), OpError> {
        let Question { op, principal, request_id, patience, base } = question;
        let server = match Answerer::of(op.row())? {
            Answerer::Ptyd | Answerer::PtydIfThere if self.pty.is_none() => Answerer::Ledgerd,
            // Nobody has made it, so nobody listens there.
            Answerer::PtydIfThere if !self.pty_socket.exists() => Answerer::Ledgerd,
            server => server,
        };
        let deadline_ms = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
        Ok((Request { id: request_id, peer: self.name.into(), principal, deadline_ms, op }, server, base))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answerer {
    Ledgerd,
    Ptyd,
    /// The first attempt; what it adds is not worth waiting for.
    PtydIfThere,
}

impl Answerer {
    fn of(row: &op::Row) -> Result<Self, OpError> {
        match row.server {
            Server::Ledger => Ok(Self::Ledgerd),
            Server::Pty => Ok(Self::Ptyd),
            Server::Look => Ok(Self::PtydIfThere),
            Server::Door => {
                let sentence = format!("{} is served by the client socket; ask for it there", row.name);
                Err(OpError::new(Code::InvalidRequest, sentence))
            }
        }
    }

    fn process(self) -> &'static str {
        match self {
            Self::Ledgerd => "ledgerd",
            Self::Ptyd | Self::PtydIfThere => "ptyd",
        }
    }
}

/// The attempts of one question: how long each may take, how long to pause, and when to give up.
struct Attempts {
    server: Answerer,
    patience: Duration,
    end: Instant,
    pause: Duration,
}

impl Attempts {
    fn new(request: &Request, server: Answerer) -> Self {
        let patience = Duration::from_millis(request.deadline_ms);
        Self { server, patience, end: Instant::now() + patience, pause: PAUSE_MIN }
    }

    fn next(&self, request: &Request, caller: &Caller) -> Request {
        let left = self.end.saturating_duration_since(Instant::now());
        // ptyd may have to wait for programs to start and end; asking it again meanwhile would only add work.
        let attempt = match self.server {
            Answerer::Ledgerd => left.min(ATTEMPT_MAX),
            Answerer::Ptyd => left,
            Answerer::PtydIfThere if caller.connected() => left.min(LOOK_WITHIN),
            Answerer::PtydIfThere => left.min(IS_THERE_WITHIN),
        };
        Request { deadline_ms: u64::try_from(attempt.as_millis()).unwrap_or(u64::MAX), ..request.clone() }
    }

    /// How long to wait before the next attempt, or why there is none.
    fn after(&mut self, op: &Op, failure: LinkError) -> Result<Duration, OpError> {
        if let LinkError::TooBig { bytes, limit } = failure {
            return Err(OpError::too_large("the request or its answer", bytes, limit, "BUS_MESSAGE_BYTES_MAX"));
        }
        if self.server == Answerer::PtydIfThere {
            self.server = Answerer::Ledgerd;
            return Ok(Duration::ZERO);
        }
        if let LinkError::Unreadable { .. } = failure {
            let process = self.server.process();
            let sentence = format!(
                "{process} has done what it was asked or refused it, but {failure}; see `cccc ledger verify` and \
                 `cccc daemon status`"
            );
            return Err(OpError::new(Code::InternalError, sentence).with("process", process));
        }
        if !self.has_time_left() {
            return Err(unanswered::refusal(op, self.server.process(), self.patience, &failure));
        }
        Ok(self.pause())
    }

    /// The same after a refusal. A daemon of a start that ends, or one that asks such a daemon, is soon alone with its own;
    /// any other refusal is final.
    fn after_refusal(&mut self, refusal: OpError) -> Result<Duration, OpError> {
        if !is_of_another_start(&refusal) {
            return Err(refusal);
        }
        if self.server == Answerer::PtydIfThere {
            self.server = Answerer::Ledgerd;
            return Ok(Duration::ZERO);
        }
        if self.has_time_left() { Ok(self.pause()) } else { Err(refusal) }
    }

    fn has_time_left(&self) -> bool {
        self.end.saturating_duration_since(Instant::now()) > self.pause
    }

    fn pause(&mut self) -> Duration {
        let pause = self.pause;
        self.pause = (pause * 2).min(PAUSE_MAX);
        pause
    }
}
