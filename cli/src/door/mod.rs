//! The door: the socket on which published clients and scripts speak to us, one JSON object per line.
//!
//! It owns no state and decides nothing: a line becomes an op, the process that serves the op answers, the answer
//! becomes a line. What it does own is patience: a client that is stuck, slow or malicious costs one connection
//! and bounded memory, and nobody else waits for it.

pub mod line;

mod attach;
mod author;
mod connection;
mod crowd;
mod descriptor;
mod emit;
mod kinds;
mod listen;
mod pieces;
mod reader;
mod shared;
mod socket;
mod stream;
mod write;

#[cfg(test)]
mod tests;

use bus::daemon::{Daemon, follow_loudness};
use bus::home::Home;
use bus::key::DaemonKey;
use bus::link::LinkError;
use listen::{Listener, Transport};
use shared::Door;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// How long open connections may take to end when the door closes.
const FAREWELL: Duration = Duration::from_secs(3);

/// Why the door did not open.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// A link to another process cannot be made at all.
    #[error("cannot link to the other processes")]
    Link(#[from] LinkError),
    /// The socket or its descriptor cannot be put in place.
    #[error("cannot {action}")]
    Io {
        /// What was attempted.
        action: &'static str,
        /// Why not.
        source: io::Error,
    },
}

/// Serves until the daemon is told to end.
///
/// # Errors
///
/// The door did not open.
pub async fn run(daemon: &Daemon) -> Result<ExitCode, DoorError> {
    serve(daemon.home().clone(), daemon.key(), |paths| open(daemon, paths), daemon.stopped()).await?;
    Ok(ExitCode::SUCCESS)
}

/// Says that clients are served, and stays as long as they find us.
fn open(daemon: &Daemon, paths: Vec<PathBuf>) -> io::Result<()> {
    daemon.stay_in(paths)?;
    daemon.ready("serving clients");
    Ok(())
}

/// Opens the door, says so with the files by which clients find it, and serves until `stop` is done. Then connections get
/// a moment to end.
///
/// # Errors
///
/// The socket cannot be opened; nothing is left behind.
async fn serve(
    home: Home,
    key: &DaemonKey,
    ready: impl FnOnce(Vec<PathBuf>) -> io::Result<()>,
    stop: impl Future<Output = ()>,
) -> Result<(), DoorError> {
    let door = Arc::new(Door::new(home, key)?);
    let transport = Transport::from_env(|name| std::env::var(name).ok());
    let fail = |action| move |source| DoorError::Io { action, source };
    let listener = Listener::bind(transport, door.home()).await.map_err(fail("listen for clients"))?;
    let descriptor = listener.descriptor(door.daemon_pid()).map_err(fail("find out where we listen"))?;
    descriptor.write(door.home()).map_err(fail("write the descriptor"))?;
    let files = listener.socket().map(Path::to_path_buf).into_iter().chain([door.home().descriptor()]);
    ready(files.collect()).map_err(fail("watch over the socket"))?;

    tokio::select! {
        () = listener.serve(&door) => {}
        () = follow_loudness(door.feed()) => {}
        () = stop => {}
    }
    descriptor.remove(door.home());
    listener.remove();
    door.close();
    if tokio::time::timeout(FAREWELL, door.crowd().emptied()).await.is_err() {
        tracing::info!("some clients were still waiting for an answer");
    }
    Ok(())
}
