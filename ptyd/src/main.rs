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
mod context;
mod deliver;
mod displaced;
mod group;
mod moves;
mod reconcile;
mod screen;
mod serve;
mod session;

use attach::Attach;
use bus::contract::Principal;
use bus::daemon::{Daemon, TROUBLE, follow_loudness};
use bus::feed::Feed;
use bus::link::LinkError;
use bus::peer::Peers;
use context::Context;
use displaced::Search;
use ptyd::hold::{self, HoldError};
use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// How long ending all agents may take; the supervisor waits a little longer.
const SUSPEND_PATIENCE: Duration = Duration::from_secs(12);

/// What it says of itself when all is well.
const STATUS: &str = "serving terminals";

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
    let context = Context::new(home.clone(), Arc::clone(&uphill), holder()?, inputrc, daemon.inherited_umask());
    let attach = Attach::bind(home).map_err(|source| PtydError::Io { action: "listen for viewers", source })?;
    daemon
        .stay_in(vec![home.pty_socket(), home.attach_socket()])
        .map_err(|source| PtydError::Io { action: "watch over the sockets", source })?;
    let feed = Feed::open(home, uphill, Principal::system())?;
    let displaced = search.displaced().await;
    if displaced.is_empty() {
        take_over(daemon, &context)?;
    } else {
        context.hold_back(displaced::WAITING.to_owned());
    }
    // Nobody who asks for something else has to wait for terminals.
    daemon.ready(&status(&context));
    let find_displaced = async {
        if !context.knows_sessions() {
            let lost = displaced::wait(&search, displaced, displaced::PATIENCE).await;
            take_over(daemon, &context)?;
            context.let_go(displaced::trouble(&lost));
        }
        std::future::pending::<Result<(), PtydError>>().await
    };

    tokio::select! {
        () = serve::answer(&context, daemon.guard(), incoming) => {}
        () = attach.serve(&context) => {}
        () = moves::follow(&context, feed.moves()) => {}
        () = follow_loudness(&feed) => {}
        () = tell_troubles(daemon, &context) => {}
        failed = find_displaced => failed?,
        () = daemon.stopped() => {}
    }
    if daemon.is_stopped_with_programs() {
        tracing::info!("ending all agents");
        let end = async {
            // Before that no group knows what runs in it.
            if !context.knows_sessions() {
                return displaced::end_all(&search).await;
            }
            context.suspend().await;
            // Nobody of the context knows these.
            displaced::end_lost(&search).await;
        };
        if tokio::time::timeout(SUSPEND_PATIENCE, end).await.is_err() {
            tracing::warn!("some agents have not ended in time");
        }
    }
    attach.remove();
    drop(server);
    Ok(ExitCode::SUCCESS)
}

/// Finds the sessions that run, clears away what failed starts have left, and opens their groups: also those that
/// ledgerd has deleted meanwhile, whose agents must end.
fn take_over(daemon: &Daemon, context: &Arc<Context>) -> Result<(), PtydError> {
    let home = daemon.home();
    let find = || {
        hold::find::sweep(home)?;
        hold::find(home)
    };
    let found = daemon.life().waits("find the sessions that run", find)?;
    let known: HashSet<&str> = found.iter().map(|found| found.meta.session_id.as_str()).collect();
    session::delivery_journal::sweep(home, |session_id| known.contains(session_id));
    found.iter().for_each(|found| context.group(&found.meta.group_id).wake());
    Ok(())
}

/// Has the supervisor show what nothing can be done about.
async fn tell_troubles(daemon: &Daemon, context: &Context) {
    let mut troubles = context.troubles();
    // The context outlives us.
    while troubles.changed().await.is_ok() {
        daemon.status(&status(context));
    }
}

/// What is wrong with terminals comes first: it is about all groups.
fn status(context: &Context) -> String {
    let troubles = context.troubles();
    let troubles = troubles.borrow();
    let of_groups = troubles
        .groups
        .first_key_value()
        .map(|(group_id, why)| format!("nothing is typed or started in {group_id}, whose desk cannot be read: {why}"));
    let all: Vec<_> = troubles.terminals.clone().into_iter().chain(of_groups).collect();
    match all.is_empty() {
        true => STATUS.to_owned(),
        false => format!("{STATUS}{TROUBLE}{}", all.join("; ")),
    }
}

/// The holder lies beside our own program.
fn holder() -> Result<PathBuf, PtydError> {
    let own = std::env::current_exe().map_err(|source| PtydError::Io { action: "find our own program", source })?;
    Ok(own.with_file_name("ptyhold"))
}
