//! Where the door listens, whom it lets in, and how many at once.

use super::shared::Door;
use super::socket::Socket;
use super::{connection, line};
use crate::door::descriptor::Descriptor;
use bus::contract::lenient;
use bus::home::Home;
use bus::private_socket::{self, SocketFile, is_ours};
use serde_json::Value;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, UnixListener};
use tokio::time::timeout;

/// Pause after a failed accept: out of descriptors is over when a connection ends.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long a client that is one too many may take to read why.
const FAREWELL: Duration = Duration::from_secs(1);

/// The web port of the reference; clients take whoever answers there for it.
const PORT_NEVER_PICKED: u16 = 8848;

/// Where to listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// On the socket of the home.
    Unix,
    /// On a port, 0 for any.
    Tcp(SocketAddr),
}

impl Transport {
    /// What the environment asks for; what cannot be understood is as if it were not there.
    pub fn from_env(var: impl Fn(&str) -> Option<String>) -> Self {
        let is_tcp = var("CCCC_DAEMON_TRANSPORT").is_some_and(|name| name.trim().eq_ignore_ascii_case("tcp"));
        if !is_tcp {
            return Self::Unix;
        }
        let port = var("CCCC_DAEMON_PORT").and_then(|port| port.trim().parse().ok()).unwrap_or(0);
        let may_be_remote =
            var("CCCC_DAEMON_ALLOW_REMOTE").is_some_and(|text| lenient::as_flag(&Value::String(text)).unwrap_or(false));
        let asked = var("CCCC_DAEMON_HOST").unwrap_or_default();
        let host = asked.trim().parse::<Ipv4Addr>().unwrap_or(Ipv4Addr::LOCALHOST);
        if host.is_loopback() || may_be_remote {
            let who = if host.is_loopback() { "on this machine" } else { "who reaches this address" };
            tracing::warn!(%host, port, "a port asks nobody who they are: anybody {who} can do everything");
            return Self::Tcp(SocketAddr::new(IpAddr::V4(host), port));
        }
        tracing::warn!(%host, "anybody who reaches this address could do everything; listening on 127.0.0.1 instead");
        Self::Tcp(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))
    }
}

/// An open listener.
#[derive(Debug)]
pub struct Listener {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Unix { listener: UnixListener, file: SocketFile },
    Tcp(TcpListener),
}

impl Listener {
    /// Begins to listen. A socket left behind by a dead door is replaced, a living door is not.
    ///
    /// # Errors
    ///
    /// Somebody else listens there, or the place cannot be used.
    pub async fn bind(transport: Transport, home: &Home) -> io::Result<Self> {
        let kind = match transport {
            Transport::Unix => bind_unix(&home.door_socket())?,
            Transport::Tcp(address) => Kind::Tcp(bind_tcp(address).await?),
        };
        Ok(Self { kind })
    }

    /// What clients must know to find us.
    ///
    /// # Errors
    ///
    /// The system does not say where we listen.
    pub fn descriptor(&self, pid: u32) -> io::Result<Descriptor> {
        match &self.kind {
            Kind::Unix { file, .. } => Ok(Descriptor::unix(file.path(), pid)),
            Kind::Tcp(listener) => {
                let address = listener.local_addr()?;
                Ok(Descriptor::tcp(address.ip().to_string(), address.port(), pid))
            }
        }
    }

    /// The socket's file, where there is one.
    pub fn socket(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Unix { file, .. } => Some(file.path()),
            Kind::Tcp(_) => None,
        }
    }

    /// Lets clients in until the door closes.
    pub async fn serve(&self, door: &Arc<Door>) {
        let mut closing = door.closing();
        loop {
            let accepted = tokio::select! {
                accepted = self.accept(door) => accepted,
                () = closing.wait() => return,
            };
            if let Err(error) = accepted {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }

    async fn accept(&self, door: &Arc<Door>) -> io::Result<()> {
        match &self.kind {
            Kind::Unix { listener, .. } => {
                let (socket, _) = listener.accept().await?;
                if is_ours(&socket) {
                    admit(door, socket);
                }
            }
            Kind::Tcp(listener) => {
                let (socket, _) = listener.accept().await?;
                // Answers are short lines, and each is waited for; without this some would wait for an acknowledgement.
                // A client that has gone again is no reason to let the others wait.
                if let Err(error) = socket.set_nodelay(true) {
                    tracing::debug!(%error, "a connection is gone already");
                }
                admit(door, socket);
            }
        }
        Ok(())
    }

    /// Removes the socket, unless another door has put its own there.
    pub fn remove(&self) {
        if let Kind::Unix { file, .. } = &self.kind {
            file.remove();
        }
    }
}

/// Serves a client in a task of its own, or tells it that there is no place for it.
fn admit<S: Socket>(door: &Arc<Door>, mut socket: S) {
    let door = Arc::clone(door);
    tokio::spawn(async move {
        match door.crowd().admit(socket.client_process()).await {
            Ok(place) => connection::serve(&door, socket, &place).await,
            Err(refusal) => {
                // A client that does not read this is closed all the same.
                let _ = timeout(FAREWELL, socket.write_all(&line::refusal(&refusal))).await;
            }
        }
    });
}

fn bind_unix(path: &Path) -> io::Result<Kind> {
    let (listener, file) = private_socket::take_over(path)?;
    Ok(Kind::Unix { listener: UnixListener::from_std(listener)?, file })
}

async fn bind_tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address).await?;
    if address.port() != 0 || listener.local_addr()?.port() != PORT_NEVER_PICKED {
        return Ok(listener);
    }
    // While the first one holds the port, the second cannot get it again.
    TcpListener::bind(address).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_says_where_to_listen() {
        let tcp = |text: &str| Transport::Tcp(text.parse().unwrap());
        #[rustfmt::skip]
        let cases = [
            // transport   host          port      remote   where
            ("",           "",           "",       "",      Transport::Unix),
            ("pigeon",     "",           "",       "",      Transport::Unix),
            (" TCP ",      "",           "",       "",      tcp("127.0.0.1:0")),
            ("tcp",        "localhost",  "4711",   "",      tcp("127.0.0.1:4711")),
            ("tcp",        "::",         "70000",  "",      tcp("127.0.0.1:0")),
            ("tcp",        "127.0.0.2",  "-1",     "",      tcp("127.0.0.2:0")),
            ("tcp",        "0.0.0.0",    "1",      "",      tcp("127.0.0.1:1")),
            ("tcp",        "0.0.0.0",    "1",      "maybe", tcp("127.0.0.1:1")),
            ("tcp",        "0.0.0.0",    "1",      "yes",   tcp("0.0.0.0:1")),
        ];
        for (transport, host, port, remote, wanted) in cases {
            let var = |name: &str| {
                let value = match name {
                    "CCCC_DAEMON_TRANSPORT" => transport,
                    "CCCC_DAEMON_HOST" => host,
                    "CCCC_DAEMON_PORT" => port,
                    "CCCC_DAEMON_ALLOW_REMOTE" => remote,
                    _ => panic!("{name} is not documented"),
                };
                Some(value.to_owned()).filter(|value| !value.is_empty())
            };
            assert_eq!(Transport::from_env(var), wanted, "{transport} {host} {port} {remote}");
        }
    }
}
