//! `ptyd`: terminals and the agents in them.
//!
//! It owns no state. What should run and what waits to be delivered, it reads from ledgerd; what does run, it finds in
//! the run folder, where one holder per terminal keeps each agent alive. So it may be killed at any moment, and the
//! next one goes on where it was.
//!
//! Signals: SIGTERM and SIGINT end ptyd and leave every agent running, for a restart or an upgrade. **SIGUSR1 ends the
//! agents first**, gracefully, records that they are to be started again with everything else, and then ends ptyd.
//! That is what the supervisor sends when everything is to stop.

mod actor;
mod assignments;
mod attach;
mod deliver;
mod displaced;
mod group;
mod groups;
mod ledgerd;
mod moves;
mod reconcile;
mod screen;
mod serve;
mod session;
mod tailscale;
mod trouble;

use attach::Attach;
use bus::contract::Principal;
use bus::daemon::{Daemon, follow_loudness};
use bus::feed::Feed;
use bus::link::LinkError;
use bus::peer::Peers;
use displaced::{Latch, Search};
use groups::Groups;
use ledgerd::Ledgerd;
use ptyd::hold::{self, HoldError};
use serve::Service;
use session::launcher::Launcher;
use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use trouble::Troubles;

/// How long ending all agents may take; the supervisor waits a little longer.
const SUSPEND_PATIENCE: Duration = Duration::from_secs(12);

/// Why ptyd ended.
#[derive(Debug, thiserror::Error)]
enum PtydError {
    /// A link to another process cannot be made.
    #[error("cannot link to the other processes")]
    Link(#[from] LinkError),
    /// The sessions of earlier days cannot be looked at.
    #[error("cannot look at the sessions that run")]
    Sessions(#[from] HoldError),
    /// Something of the system is not to be had.
    #[error("cannot {action}")]
    Io {
        /// What was attempted.
        action: &'static str,
        /// Why not.
        source: io::Error,
    },
}

fn main() -> ExitCode {
    // A task that reads a terminal's tail may still be at it at the end; nobody waits for it.
    Daemon::run_async("ptyd", run)
}

async fn run(daemon: &Daemon) -> Result<ExitCode, PtydError> {
    let home = daemon.home();
    let search = Search::of(home);
    let inputrc = session::inputrc::write(home)
        .map_err(|source| PtydError::Io { action: "write the readline settings", source })?;
    // First of all: it says whether another ptyd serves this home.
    let (server, incoming) = serve::bind(&home.pty_socket())?;
    let uphill = Arc::new(Peers::uphill(home, daemon.key())?);
    let launcher = Launcher::new(home.clone(), holder()?, inputrc, daemon.inherited_umask());
    let Parts { sessions, troubles, groups, service, viewers } =
        Parts::assemble(Ledgerd::new(Arc::clone(&uphill)), launcher, home.web_endpoint());
    let attach = Attach::bind(home).map_err(|source| PtydError::Io { action: "listen for viewers", source })?;
    daemon
        .stay_in(vec![home.pty_socket(), home.attach_socket()])
        .map_err(|source| PtydError::Io { action: "watch over the sockets", source })?;
    let feed = Feed::open(home, uphill, Principal::system())?;
    let displaced = search.displaced().await;
    if displaced.is_empty() {
        take_over(daemon, &groups)?;
    } else {
        sessions.close();
        troubles.note_terminals(Some(displaced::WAITING.to_owned()));
    }
    // Nobody who asks for something else has to wait for terminals.
    daemon.ready(&troubles.status());
    let find_displaced = async {
        if !sessions.is_open() {
            let lost = displaced::wait(&search, displaced, displaced::PATIENCE).await;
            take_over(daemon, &groups)?;
            sessions.open();
            troubles.note_terminals(displaced::trouble(&lost));
        }
        std::future::pending::<Result<(), PtydError>>().await
    };

    tokio::select! {
        () = serve::answer(&service, daemon.guard(), incoming) => {}
        () = attach.serve(&viewers) => {}
        () = moves::follow(&groups, &viewers.moved, feed.moves()) => {}
        () = follow_loudness(&feed) => {}
        () = troubles.follow(|status| daemon.status(status)) => {}
        failed = find_displaced => failed?,
        () = daemon.stopped() => {}
    }
    if daemon.is_stopped_with_programs() {
        end_all_agents(&sessions, &groups, &search).await;
    }
    attach.remove();
    drop(server);
    Ok(ExitCode::SUCCESS)
}

/// What ptyd is made of once it is linked to ledgerd: each has what it needs, and no more.
struct Parts {
    sessions: Arc<Latch>,
    troubles: Arc<Troubles>,
    groups: Arc<Groups>,
    service: Arc<Service>,
    viewers: attach::Dependencies,
}

impl Parts {
    fn assemble(ledgerd: Ledgerd, launcher: Launcher, web_endpoint: PathBuf) -> Self {
        let (ledgerd, launcher) = (Arc::new(ledgerd), Arc::new(launcher));
        let (sessions, troubles) = (Arc::<Latch>::default(), Arc::<Troubles>::default());
        let suspending = watch::Sender::new(false);
        let runners = actor::Dependencies {
            ledgerd: Arc::clone(&ledgerd),
            launcher: Arc::clone(&launcher),
            suspending: suspending.subscribe(),
        };
        let groups = Groups::new(runners, suspending, Arc::clone(&sessions), Arc::clone(&troubles));
        let service =
            Service::new(Arc::clone(&ledgerd), launcher, Arc::clone(&groups), Arc::clone(&sessions), web_endpoint);
        let viewers = attach::Dependencies {
            ledgerd,
            groups: Arc::clone(&groups),
            sessions: Arc::clone(&sessions),
            moved: watch::Sender::new(()),
        };
        Self { sessions, troubles, groups, service, viewers }
    }
}

/// Ends every agent of the home, and gives up on those that take too long.
async fn end_all_agents(sessions: &Latch, groups: &Groups, search: &Search) {
    tracing::info!("ending all agents");
    let end = async {
        // Before that no group knows what runs in it.
        if !sessions.is_open() {
            return displaced::end_all(search).await;
        }
        groups.suspend().await;
        // No group knows these.
        displaced::end_lost(search).await;
    };
    if tokio::time::timeout(SUSPEND_PATIENCE, end).await.is_err() {
        tracing::warn!("some agents have not ended in time");
    }
}

/// Finds the sessions that run, clears away what failed starts have left, and opens their groups: also those that
/// ledgerd has deleted meanwhile, whose agents must end.
fn take_over(daemon: &Daemon, groups: &Arc<Groups>) -> Result<(), PtydError> {
    let home = daemon.home();
    let find = || {
        hold::find::sweep(home)?;
        hold::find(home)
    };
    let found = daemon.life().waits("find the sessions that run", find)?;
    let known: HashSet<&str> = found.iter().map(|found| found.meta.session_id.as_str()).collect();
    session::delivery_journal::sweep(home, |session_id| known.contains(session_id));
    found.iter().for_each(|found| groups.group(&found.meta.group_id).wake());
    Ok(())
}

/// The holder lies beside our own program.
fn holder() -> Result<PathBuf, PtydError> {
    let own = std::env::current_exe().map_err(|source| PtydError::Io { action: "find our own program", source })?;
    Ok(own.with_file_name("ptyhold"))
}
