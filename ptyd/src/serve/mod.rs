//! The ops ptyd serves: each is recorded by ledgerd first, under the same request id and in the same name, and then
//! done. Asking again under the same id brings the same record, and doing it again changes nothing.

mod actor;
mod group;
mod output;
mod remote;
mod terminal;

use crate::displaced::{self, Latch};
use crate::groups::Groups;
use crate::ledgerd::Ledgerd;
use crate::session::Live;
use crate::session::launcher::Launcher;
use bus::contract::{Ask, Code, Op, OpError, Principal, Reply, Request, Response, Server as ServedBy};
use bus::key::Guard;
use bus::link::{Incoming, LinkError, Responder, Server, body};
use bus::peer::Question;
use ptyd::hold::HoldError;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};
use tokio::time::{Instant, timeout};

/// Requests in hand at the same time; more wait in the bus.
const CONTEXTS: usize = 64;

/// How long an op waits for agents to start or to end. Fronts give up after 25 s.
const SETTLE_PATIENCE: Duration = Duration::from_secs(20);

/// How long a holder may take to hand over output that somebody looks at. Few look at a time, and one holder that hangs
/// must not keep the others from looking.
const OUTPUT_WITHIN: Duration = Duration::from_secs(5);

/// Tails that are read at the same time: each takes some 20 MB for a moment.
const TAILS_MAX: usize = 2;

/// What answering takes.
#[derive(Debug)]
pub struct Service {
    ledgerd: Arc<Ledgerd>,
    launcher: Arc<Launcher>,
    groups: Arc<Groups>,
    sessions: Arc<Latch>,
    tails: Semaphore,
    /// Where the web server says where it listens.
    web_endpoint: PathBuf,
}

impl Service {
    /// Ops about terminals wait while `sessions` is closed.
    pub fn new(
        ledgerd: Arc<Ledgerd>,
        launcher: Arc<Launcher>,
        groups: Arc<Groups>,
        sessions: Arc<Latch>,
        web_endpoint: PathBuf,
    ) -> Arc<Self> {
        Arc::new(Self { ledgerd, launcher, groups, sessions, tails: Semaphore::new(TAILS_MAX), web_endpoint })
    }

    fn live(&self, group_id: &str, actor_id: &str) -> Option<Arc<Live>> {
        self.groups.runners(group_id)?.live(actor_id)
    }

    /// Waits for the right to read a terminal's tail.
    async fn tail_place(&self) -> SemaphorePermit<'_> {
        self.tails.acquire().await.expect("nobody closes it")
    }
}

/// Listens for requests at a socket. They are answered once [`answer`] runs.
///
/// # Errors
///
/// See [`Server::bind_for_single`].
pub fn bind(socket: &Path) -> Result<(Server, mpsc::UnboundedReceiver<Incoming>), LinkError> {
    // Bounded by the contexts: each has one request in hand.
    let (hand_on, incoming) = mpsc::unbounded_channel();
    let server = Server::bind_for_single(socket, CONTEXTS, move |request| {
        // When nobody takes requests any more, the caller learns it from the dropped responder.
        let _ = hand_on.send(request);
    })?;
    Ok((server, incoming))
}

/// Answers requests, each in a task of its own: one that waits for a program holds up nobody.
/// What the guard does not let in is refused before anything of it is handed on to ledgerd, which believes us.
pub async fn answer(service: &Arc<Service>, guard: Guard, mut incoming: mpsc::UnboundedReceiver<Incoming>) {
    while let Some(incoming) = incoming.recv().await {
        let (service, admitted) = (Arc::clone(service), guard.admit(&incoming));
        tokio::spawn(async move {
            let response = match admitted {
                Ok(request) => serve(&service, request).await,
                Err(refusal) => Err(refusal),
            };
            say(incoming.reply, &response);
        });
    }
}

fn say(reply: Responder, response: &Response) {
    let bytes = body::write(response);
    match reply.send(&bytes) {
        Ok(()) => {}
        Err(error) => tracing::debug!(%error, "an answer could not be given"),
    }
}

async fn serve(service: &Service, request: Request) -> Response {
    let mut asked = Asked { service, principal: request.principal, id: request.id, deadline_ms: request.deadline_ms };
    if looks_at_terminals(&request.op) {
        asked.wait_for_sessions().await?;
    }
    match request.op {
        Op::ActorList(op) => actor::list(&asked, op).await.map(Reply::ActorList),
        Op::ActorAdd(op) => actor::add(&asked, op).await.map(Reply::ActorAdd),
        Op::ActorUpdate(op) => actor::update(&asked, op).await.map(Reply::ActorUpdate),
        Op::ActorRemove(op) => actor::remove(&asked, op).await.map(Reply::ActorRemove),
        Op::ActorStart(op) => actor::start(&asked, op).await.map(Reply::ActorStart),
        Op::ActorStop(op) => actor::stop(&asked, op).await.map(Reply::ActorStop),
        Op::ActorRestart(op) => actor::restart(&asked, op).await.map(Reply::ActorRestart),
        Op::ActorPreambleGet(op) => actor::preamble(&asked, op).await.map(Reply::ActorPreambleGet),
        Op::GroupStart(op) => group::start(&asked, op).await.map(Reply::GroupStart),
        Op::GroupStop(op) => group::stop(&asked, op).await.map(Reply::GroupStop),
        Op::GroupDelete(op) => group::remove(&asked, &op.group_id.clone(), op).await.map(Reply::GroupDelete),
        Op::GroupReset(op) => group::remove(&asked, &op.group_id.clone(), op).await.map(Reply::GroupReset),
        Op::TerminalTail(op) => terminal::tail(&asked, op).await.map(Reply::TerminalTail),
        Op::TerminalSnapshot(op) => output::snapshot(&asked, op).await.map(Reply::TerminalSnapshot),
        Op::TerminalSince(op) => output::since(&asked, op).await.map(Reply::TerminalSince),
        Op::TerminalHistory(op) => output::history(&asked, op).await.map(Reply::TerminalHistory),
        Op::TerminalRelease(op) => terminal::release(&asked, op).await.map(Reply::TerminalRelease),
        Op::TerminalClear(op) => terminal::clear(&asked, op).await.map(Reply::TerminalClear),
        Op::TermResize(op) => terminal::resize(&asked, op).await.map(Reply::TermResize),
        Op::RemoteAccessState(op) => remote::state(&asked, op).await.map(Reply::RemoteAccessState),
        Op::RemoteAccessConfigure(op) => remote::configure(&asked, op).await.map(Reply::RemoteAccessConfigure),
        Op::RemoteAccessStart(op) => remote::start(&asked, op).await.map(Reply::RemoteAccessStart),
        Op::RemoteAccessStop(op) => remote::stop(&asked, op).await.map(Reply::RemoteAccessStop),
        op => Err(OpError::new(Code::UnknownOp, format!("ptyd does not serve {}", op.row().name))),
    }
}

/// Whether an answer would be untrue as long as the sessions that run are not known.
fn looks_at_terminals(op: &Op) -> bool {
    // What a session would be told is so without one, and how other machines get here has nothing to do with any.
    let is_elsewhere = matches!(
        op,
        Op::ActorPreambleGet(_) | Op::RemoteAccessConfigure(_) | Op::RemoteAccessStart(_) | Op::RemoteAccessStop(_)
    );
    op.row().server == ServedBy::Pty && !is_elsewhere
}

/// What an op is answered with, or refused.
type Answered<A> = Result<<A as Ask>::Answer, OpError>;

/// Who asks what for, and how long they will wait.
#[derive(Debug)]
pub struct Asked<'a> {
    service: &'a Service,
    principal: Principal,
    id: String,
    deadline_ms: u64,
}

impl Asked<'_> {
    /// Has ledgerd decide and record, as the caller.
    async fn forward<A: Ask>(&self, args: A) -> Result<A::Answer, OpError> {
        let patience = Duration::from_millis(self.deadline_ms);
        let question = Question::new(self.principal.clone(), args).with_id(Some(self.id.clone())).within(patience);
        A::answer(self.service.ledgerd.ask(question).await?)
    }

    /// Waits until the sessions that run are known. What that takes is taken from what the caller grants.
    async fn wait_for_sessions(&mut self) -> Result<(), OpError> {
        let begin = Instant::now();
        timeout(self.patience(), self.service.sessions.opened()).await.map_err(|_| displaced::unknown_yet())?;
        let waited = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.deadline_ms = self.deadline_ms.saturating_sub(waited);
        Ok(())
    }

    /// How long to wait for programs: what the caller grants, but for a moment to answer in.
    fn patience(&self) -> Duration {
        SETTLE_PATIENCE.min(Duration::from_millis(self.deadline_ms.saturating_mul(4) / 5))
    }
}

/// Reads output that somebody looks at.
async fn look<T>(reading: impl Future<Output = Result<T, HoldError>>) -> Result<T, HoldError> {
    let no_answer = HoldError::NoAnswer { action: "read", seconds: OUTPUT_WITHIN.as_secs() };
    tokio::time::timeout(OUTPUT_WITHIN, reading).await.unwrap_or(Err(no_answer))
}
