//! One client's connection: requests are answered in their order, until the client has no more, stops reading,
//! or turns the connection into a stream or a terminal.

use super::crowd::Slot;
use super::line::{self, Fault};
use super::reader::{Next, Reader};
use super::shared::Door;
use super::socket::Socket;
use super::write::write;
use super::{attach, emit, stream};
use bus::contract::op::core::ShuttingDown;
use bus::contract::op::message;
use bus::contract::op::principal::Whoami;
use bus::contract::{Op, OpError, Principal, Reply};
use bus::front::{Untrusted, files};
use bus::link::Json;
use bus::peer::{Question, path_of};
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// How long we go on reading what a refused client still sends, so that it gets to read the refusal.
const LINGER: Duration = Duration::from_secs(1);

/// How long a client whose place is needed may take to read that.
const GIVE_WAY: Duration = Duration::from_millis(100);

/// How long ledgerd may take to say whether whoever wants to stop everything is believed.
const SPEAKER_PATIENCE: Duration = Duration::from_secs(2);

/// What became of a request.
enum Answered {
    /// Here is the line; the connection goes on.
    Line(Vec<u8>),
    /// Here is the last line.
    LastLine(Vec<u8>),
    /// The connection becomes a stream of events.
    Stream(Box<stream::Viewer>),
    /// The connection becomes a terminal.
    Terminal(Box<attach::OpenTerminal>),
    /// Everything stops, once the client knows.
    Shutdown(Vec<u8>),
}

/// Serves a connection to its end. A broken one is its own client's trouble and nobody else's.
pub async fn serve<S: Socket>(door: &Door, mut socket: S, place: &Slot) {
    if let Err(error) = converse(door, &mut socket, place).await {
        tracing::debug!(%error, "a connection ended");
    }
}

async fn converse<S: Socket>(door: &Door, socket: &mut S, place: &Slot) -> io::Result<()> {
    let mut closing = door.closing();
    let mut reader = Reader::new(door.patience(), door.long_lines()).telling(place.has_begun());
    loop {
        let next = tokio::select! {
            biased;
            () = closing.wait() => return Ok(()),
            next = reader.next(socket) => next?,
            // It has said nothing whole for a while; whoever keeps a connection connects again.
            () = place.is_needed() => return give_way(socket).await,
        };
        place.busy();
        let answered = match next {
            // The place for a long line is held until its answer is known.
            Next::Line(line, _place) => answer(door, socket, place, &line).await,
            Next::TooLong => Answered::LastLine(line::refusal(&line::too_long())),
            Next::Stalled => Answered::LastLine(line::refusal(&line::stalled())),
            Next::End => return Ok(()),
        };
        match answered {
            Answered::Line(line) => write(socket, &line).await?,
            Answered::LastLine(line) => {
                write(socket, &line).await?;
                return linger(socket).await;
            }
            Answered::Stream(viewer) => return viewer.run(door, socket).await,
            Answered::Terminal(terminal) => return terminal.run(door, socket, reader.into_rest()).await,
            Answered::Shutdown(line) => {
                let told = write(socket, &line).await;
                door.shut_down();
                return told;
            }
        }
        place.idle();
    }
}

async fn answer<S: Socket>(door: &Door, socket: &S, place: &Slot, line: &[u8]) -> Answered {
    let Untrusted { op, principal, request_id } = match line::parse(line) {
        Ok(asked) => asked,
        Err(Fault::Unreadable(error)) => return Answered::LastLine(line::refusal(&error)),
        Err(Fault::Refused(error)) => return Answered::Line(line::refusal(&error)),
    };
    if matches!(op, Op::EventsStream(_) | Op::TermAttach(_))
        && let Err(refusal) = place.stay()
    {
        return Answered::LastLine(line::refusal(&refusal));
    }
    let upgraded = match op {
        Op::EventsStream(request) => {
            stream::open(door, request, principal).await.map(|viewer| Answered::Stream(Box::new(viewer)))
        }
        Op::TermAttach(request) => {
            attach::open(door, request, principal).await.map(|terminal| Answered::Terminal(Box::new(terminal)))
        }
        Op::SendFiles(request) => {
            let message::SendFiles { group_id, paths, text, to, message_mode, insight, client_id } = request;
            let message = message::Send { group_id, text, to, message_mode, insight, client_id, ..Default::default() };
            let sent = files::send(&door.shared_peers(), paths, message, principal, request_id).await;
            return Answered::Line(match sent {
                Ok(reply) => line::answer(&reply),
                Err(refusal) => line::refusal(&refusal),
            });
        }
        Op::StreamEmit(request) => {
            return Answered::Line(match emit::emit(door, request, principal, request_id).await {
                Ok(reply) => line::answer(&line::json(&reply)),
                Err(refusal) => line::refusal(&refusal),
            });
        }
        Op::Shutdown(_) => may_stop(door, principal).await.map(|()| {
            let reply = ShuttingDown { message: "shutting down".into() };
            Answered::Shutdown(line::answer(&line::json(&Reply::Shutdown(reply))))
        }),
        op => {
            let is_relative = path_of(&op).is_some_and(|path| Path::new(path).is_relative());
            let base = if is_relative { socket.client_directory() } else { None };
            let question = Question::new(principal, op).with_id(request_id).relative_to(base);
            return Answered::Line(match ask(door, question).await {
                Ok(reply) => line::answer(&reply),
                Err(refusal) => line::refusal(&refusal),
            });
        }
    };
    upgraded.unwrap_or_else(|refusal| Answered::LastLine(line::refusal(&refusal)))
}

/// Checks that everything can be stopped from here, and that whoever asks is believed to be who it says.
///
/// # Errors
///
/// `daemon_unavailable` without a supervisor, `permission_denied`.
async fn may_stop(door: &Door, principal: Principal) -> Result<(), OpError> {
    door.check_shutdown()?;
    let whoami = Op::Whoami(Whoami::default());
    match door.peers().ask(Question::new(principal, whoami).within(SPEAKER_PATIENCE)).await {
        Err(refusal) if !refusal.code.is_retryable() => Err(refusal),
        // A system whose ledgerd does not answer must still be stopped.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Asks. What is answered is handed on unread, but for what only the door knows.
async fn ask(door: &Door, question: Question) -> Result<Json, OpError> {
    if !question.is_ping() {
        return door.peers().ask_for_json(question).await;
    }
    let mut reply = door.peers().ask(question).await?;
    if let Reply::Ping(pong) = &mut reply {
        // Clients signal this process to stop everything; ledgerd, which answered, is only a part of it.
        pong.pid = door.daemon_pid();
    }
    Ok(line::json(&reply))
}

/// Tells a client whose place is needed, and closes. What it has begun to ask was not done.
async fn give_way<S: Socket>(socket: &mut S) -> io::Result<()> {
    let told = timeout(GIVE_WAY, async {
        socket.write_all(&line::refusal(&line::gave_way())).await?;
        linger(socket).await
    });
    // Somebody waits for the place.
    told.await.unwrap_or(Ok(()))
}

/// Closing at once would tell a client in the middle of writing that the connection broke, and nothing else.
async fn linger<S: Socket>(socket: &mut S) -> io::Result<()> {
    socket.shutdown().await?;
    let mut waste = vec![0; 64 * 1024];
    let drained = timeout(LINGER, async {
        while socket.read(&mut waste).await? > 0 {}
        io::Result::Ok(())
    });
    // Whoever sends longer than that has been told and had the time to read it.
    drained.await.unwrap_or(Ok(()))
}
