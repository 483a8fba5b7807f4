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
mod files;
mod kinds;
mod listen;
mod pieces;
mod reader;
mod socket;
mod stream;

#[cfg(test)]
mod tests;

use author::Authors;
use bus::contract::{Code, OpError, Principal};
use bus::daemon::{Daemon, follow_loudness};
use bus::feed::Feed;
use bus::home::Home;
use bus::key::DaemonKey;
use bus::link::LinkError;
use bus::peer::Peers;
use crowd::Crowd;
use listen::{Listener, Transport};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getppid};
use pieces::Pieces;
use reader::{LongLines, Patience};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Silence after which a stream says that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(30);

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

/// What all connections share.
#[derive(Debug)]
struct Door {
    home: Home,
    peers: Arc<Peers>,
    feed: Feed,
    pieces: Pieces,
    authors: Authors,
    crowd: Arc<Crowd>,
    long_lines: Arc<LongLines>,
    closing: watch::Sender<bool>,
    heartbeat: Duration,
    supervisor: Option<Pid>,
}

impl Door {
    fn home(&self) -> &Home {
        &self.home
    }

    fn peers(&self) -> &Peers {
        &self.peers
    }

    fn shared_peers(&self) -> Arc<Peers> {
        Arc::clone(&self.peers)
    }

    fn feed(&self) -> &Feed {
        &self.feed
    }

    fn pieces(&self) -> &Pieces {
        &self.pieces
    }

    fn authors(&self) -> &Authors {
        &self.authors
    }

    fn crowd(&self) -> &Arc<Crowd> {
        &self.crowd
    }

    fn long_lines(&self) -> Arc<LongLines> {
        Arc::clone(&self.long_lines)
    }

    fn patience(&self) -> Patience {
        Patience::default()
    }

    fn heartbeat(&self) -> Duration {
        self.heartbeat
    }

    fn closing(&self) -> Closing {
        Closing(self.closing.subscribe())
    }

    /// The process that clients regard as the daemon: signalling it stops everything.
    fn daemon_pid(&self) -> u32 {
        self.supervisor.and_then(|pid| u32::try_from(pid.as_raw()).ok()).unwrap_or_else(std::process::id)
    }

    fn check_shutdown(&self) -> Result<(), OpError> {
        if self.supervisor.is_some_and(|pid| pid == getppid()) {
            return Ok(());
        }
        let sentence =
            "no supervisor started this door, so there is nobody to stop everything; stop the processes one by one";
        Err(OpError::new(Code::DaemonUnavailable, sentence))
    }

    /// Asks the supervisor to stop everything, us included.
    fn shut_down(&self) {
        // Checked again: a supervisor that died meanwhile has given its number back.
        if let Some(supervisor) = self.supervisor.filter(|pid| *pid == getppid()) {
            tracing::info!(%supervisor, "a client asked to stop everything");
            if let Err(error) = kill(supervisor, Signal::SIGTERM) {
                tracing::error!(%error, "cannot tell the supervisor to stop");
            }
        }
    }
}

/// Waits for the end of the door.
#[derive(Debug)]
struct Closing(watch::Receiver<bool>);

impl Closing {
    async fn wait(&mut self) {
        // The door outlives its connections; if it did not, that would be the end just as well.
        let _ = self.0.wait_for(|closing| *closing).await;
    }
}

/// Longest text of a pid.
const PID_BYTES_MAX: u64 = 64;

/// Our parent, if it is the supervisor of this home.
fn supervisor(home: &Home) -> Option<Pid> {
    let text = bus::plain::read(&home.pid_file(), PID_BYTES_MAX).ok()?;
    let pid = String::from_utf8(text).ok()?.trim().parse().ok()?;
    Some(Pid::from_raw(pid)).filter(|pid| *pid == getppid())
}

fn heartbeat() -> Duration {
    // Set by tests, which cannot wait for half a minute.
    let millis = std::env::var("CCCC_STREAM_HEARTBEAT_MS").ok().and_then(|text| text.parse().ok());
    millis.map_or(HEARTBEAT, |millis: u64| Duration::from_millis(millis.max(1)))
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
    let peers = Arc::new(Peers::of_daemon(&home, key)?);
    let door = Arc::new(Door {
        feed: Feed::open(&home, Arc::clone(&peers), Principal::system())?,
        pieces: Pieces::default(),
        peers,
        authors: Authors::default(),
        crowd: Crowd::of_this_process(),
        long_lines: LongLines::new(reader::LONG_LINES_MAX),
        closing: watch::Sender::new(false),
        heartbeat: heartbeat(),
        supervisor: supervisor(&home),
        home,
    });
    let transport = Transport::from_env(|name| std::env::var(name).ok());
    let fail = |action| move |source| DoorError::Io { action, source };
    let listener = Listener::bind(transport, &door.home).await.map_err(fail("listen for clients"))?;
    let descriptor = listener.descriptor(door.daemon_pid()).map_err(fail("find out where we listen"))?;
    descriptor.write(&door.home).map_err(fail("write the descriptor"))?;
    let files = listener.socket().map(Path::to_path_buf).into_iter().chain([door.home.descriptor()]);
    ready(files.collect()).map_err(fail("watch over the socket"))?;

    tokio::select! {
        () = listener.serve(&door) => {}
        () = follow_loudness(&door.feed) => {}
        () = stop => {}
    }
    descriptor.remove(&door.home);
    listener.remove();
    door.closing.send_replace(true);
    if tokio::time::timeout(FAREWELL, door.crowd.emptied()).await.is_err() {
        tracing::info!("some clients were still waiting for an answer");
    }
    Ok(())
}
