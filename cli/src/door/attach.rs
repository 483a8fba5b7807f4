//! `term_attach`: the connection becomes an agent's live terminal. ptyd serves it on a socket of its own; the door
//! only introduces the client and then carries bytes.

use super::line;
use super::shared::Door;
use super::socket::{Socket, hung_up};
use super::write::write;
use bus::contract::op::terminal::{Attach, Attached};
use bus::contract::{Code, OpError, Principal, Reply};
use bus::front::terminal;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;

/// How long a window may be stopped before it is closed; ptyd never waits for one.
const CARRY_PATIENCE: Duration = Duration::from_secs(60);

/// A terminal that ptyd has agreed to show.
#[derive(Debug)]
pub struct OpenTerminal {
    ptyd: UnixStream,
    greeting: Attached,
}

/// Asks ptyd for a terminal.
///
/// # Errors
///
/// ptyd's refusal, or `daemon_unavailable`.
pub async fn open(door: &Door, request: Attach, principal: Principal) -> Result<OpenTerminal, OpError> {
    if request.group_id.is_empty() {
        return Err(OpError::new(Code::MissingGroupId, "missing group_id"));
    }
    if request.actor_id.is_empty() {
        return Err(OpError::new(Code::MissingActorId, "missing actor_id"));
    }
    let ptyd = terminal::open(door.home(), &request, &principal, true).await?;
    Ok(OpenTerminal { ptyd, greeting: Attached { group_id: request.group_id, actor_id: request.actor_id } })
}

impl OpenTerminal {
    /// Tells the client and carries bytes both ways until one end closes. `rest` is what the client sent
    /// right after its request: the first keys.
    ///
    /// # Errors
    ///
    /// One of the two connections broke, or an end does not take what the other says.
    pub async fn run<S: Socket>(mut self, door: &Door, socket: &mut S, rest: Vec<u8>) -> io::Result<()> {
        let mut closing = door.closing();
        write(socket, &line::answer(&line::json(&Reply::TermAttach(self.greeting)))).await?;
        carry(&mut self.ptyd, &rest).await?;
        let (mut keys, mut shown) = ([0; 4 * 1024], vec![0; 32 * 1024]);
        loop {
            tokio::select! {
                read = self.ptyd.read(&mut shown) => match read? {
                    0 => return Ok(()),
                    count => carry(socket, &shown[..count]).await?,
                },
                read = socket.read(&mut keys) => match read? {
                    0 => break,
                    count => carry(&mut self.ptyd, &keys[..count]).await?,
                },
                () = closing.wait() => return Ok(()),
            }
        }
        // A client may say that it will not type any more and still look on; a terminal that says nothing would never
        // notice that it has left.
        let gone = hung_up(socket.as_fd().try_clone_to_owned()?);
        tokio::pin!(gone);
        loop {
            tokio::select! {
                read = self.ptyd.read(&mut shown) => match read? {
                    0 => return Ok(()),
                    count => carry(socket, &shown[..count]).await?,
                },
                gone = &mut gone => return gone,
                () = closing.wait() => return Ok(()),
            }
        }
    }
}

async fn carry<W: AsyncWrite + Unpin>(to: &mut W, bytes: &[u8]) -> io::Result<()> {
    let carried = timeout(CARRY_PATIENCE, to.write_all(bytes)).await;
    carried.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "the other end does not take it")))
}
