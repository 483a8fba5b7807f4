//! What the door needs to know of a connection, whichever way the client came.

use std::future::Future;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use tokio::io::{AsyncRead, AsyncWrite, Interest};
use tokio::net::{TcpStream, UnixStream};

/// A client's connection.
pub trait Socket: AsyncRead + AsyncWrite + AsFd + Unpin + Send + Sync + 'static {
    /// The client's working directory, which its relative paths mean; unknown for clients from afar.
    fn client_directory(&self) -> Option<PathBuf>;

    /// The client's process, where it is one of this machine.
    fn client_process(&self) -> Option<i32>;

    /// Whether the client is gone, and has not only said its last word.
    fn is_hung_up(&self) -> impl Future<Output = bool> + Send;
}

impl Socket for UnixStream {
    fn client_process(&self) -> Option<i32> {
        self.peer_cred().ok()?.pid()
    }

    fn client_directory(&self) -> Option<PathBuf> {
        let pid = self.client_process()?;
        std::fs::read_link(format!("/proc/{pid}/cwd")).ok()
    }

    async fn is_hung_up(&self) -> bool {
        self.ready(Interest::READABLE | Interest::WRITABLE).await.is_ok_and(|ready| ready.is_write_closed())
    }
}

impl Socket for TcpStream {
    fn client_process(&self) -> Option<i32> {
        None
    }

    fn client_directory(&self) -> Option<PathBuf> {
        None
    }

    async fn is_hung_up(&self) -> bool {
        // A closed TCP connection and a half-closed one look alike until we write.
        self.ready(Interest::READABLE | Interest::WRITABLE).await.is_ok_and(|ready| ready.is_write_closed())
    }
}

/// Waits until a client is gone, of whose connection this is a second descriptor: whoever writes to the client waits on
/// the first one. A client that only says no more is still there.
///
/// # Errors
///
/// The connection cannot be watched.
pub async fn hung_up(socket: OwnedFd) -> io::Result<()> {
    // Only readiness is asked for, which is the same for every kind of socket.
    let socket = UnixStream::from_std(socket.into())?;
    while !socket.ready(Interest::WRITABLE).await?.is_write_closed() {
        // Room to write is no news; forgotten, it is not told again before something else happens.
        let _ = socket.try_io(Interest::WRITABLE, || Err::<(), _>(io::ErrorKind::WouldBlock.into()));
    }
    Ok(())
}
