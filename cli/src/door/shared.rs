//! What all connections share: the links to the other processes, the crowd, and the end of the door.

use super::author::Authors;
use super::crowd::Crowd;
use super::pieces::Pieces;
use super::reader::{LONG_LINES_MAX, LongLines, Patience};
use bus::contract::{Code, OpError, Principal};
use bus::feed::Feed;
use bus::home::Home;
use bus::key::DaemonKey;
use bus::link::LinkError;
use bus::peer::Peers;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getppid};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Silence after which a stream says that it is alive.
pub const HEARTBEAT: Duration = Duration::from_secs(30);

/// What all connections share.
#[derive(Debug)]
pub struct Door {
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
    /// Links to the other processes. Nobody is served yet.
    ///
    /// # Errors
    ///
    /// A link cannot be made at all.
    pub fn new(home: Home, key: &DaemonKey) -> Result<Self, LinkError> {
        let peers = Arc::new(Peers::of_daemon(&home, key)?);
        Ok(Self {
            feed: Feed::open(&home, Arc::clone(&peers), Principal::system())?,
            pieces: Pieces::default(),
            peers,
            authors: Authors::default(),
            crowd: Crowd::of_this_process(),
            long_lines: LongLines::new(LONG_LINES_MAX),
            closing: watch::Sender::new(false),
            heartbeat: heartbeat(),
            supervisor: supervisor(&home),
            home,
        })
    }

    /// Tells every connection to end.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Where everything lives.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Who is asked.
    pub fn peers(&self) -> &Peers {
        &self.peers
    }

    /// The same, for whoever stays longer than a connection.
    pub fn shared_peers(&self) -> Arc<Peers> {
        Arc::clone(&self.peers)
    }

    /// What happens.
    pub fn feed(&self) -> &Feed {
        &self.feed
    }

    /// Texts that are shown while they are written.
    pub fn pieces(&self) -> &Pieces {
        &self.pieces
    }

    /// Who streams what.
    pub fn authors(&self) -> &Authors {
        &self.authors
    }

    /// Who is connected.
    pub fn crowd(&self) -> &Arc<Crowd> {
        &self.crowd
    }

    /// Places for long lines.
    pub fn long_lines(&self) -> Arc<LongLines> {
        Arc::clone(&self.long_lines)
    }

    /// How long a client may take.
    pub fn patience(&self) -> Patience {
        Patience::default()
    }

    /// Silence after which a stream says that it is alive.
    pub fn heartbeat(&self) -> Duration {
        self.heartbeat
    }

    /// What tells a connection that the door closes.
    pub fn closing(&self) -> Closing {
        Closing(self.closing.subscribe())
    }

    /// The process that clients regard as the daemon: signalling it stops everything.
    pub fn daemon_pid(&self) -> u32 {
        self.supervisor.and_then(|pid| u32::try_from(pid.as_raw()).ok()).unwrap_or_else(std::process::id)
    }

    /// Checks that somebody can stop everything.
    ///
    /// # Errors
    ///
    /// `daemon_unavailable`: there is no supervisor.
    pub fn check_shutdown(&self) -> Result<(), OpError> {
        if self.supervisor.is_some_and(|pid| pid == getppid()) {
            return Ok(());
        }
        let sentence =
            "no supervisor started this door, so there is nobody to stop everything; stop the processes one by one";
        Err(OpError::new(Code::DaemonUnavailable, sentence))
    }

    /// Asks the supervisor to stop everything, us included.
    pub fn shut_down(&self) {
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
pub struct Closing(watch::Receiver<bool>);

impl Closing {
    /// Returns when the door closes.
    pub async fn wait(&mut self) {
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
