//! The process: one thread owns state, others carry what it is asked and what it answers.
//!
//! ```text
//! bus threads ── decode ──► queue ──► owner: decide, apply, write, sync ──► speaker: encode, send
//!                                       └── reads from disk ──► readers: read, encode, send
//! ```

mod batch;
mod call;
mod hint_publisher;
mod owner;
mod pace;
mod receive;
mod refusal;
mod reply_pool;
mod slow_reads;
#[cfg(test)]
mod tests;
mod unfit;
mod write;

use crate::decision::Head;
use crate::state::State;
use crate::store::{Fold, Store, StoreError};
use bus::contract::Event;
use bus::daemon::Daemon;
use bus::link::{Hint, LinkError, Publisher, Server, body};
use owner::{Owner, Watcher};
use pace::Pace;
use receive::RequestReceiver;
use reply_pool::ReplyPool;
use std::io;
use std::process::ExitCode;
use std::time::Duration;
use tracing::error;

/// Messages in hand at most, each with one or several requests; more wait in the bus.
const CONTEXTS: usize = 256;

/// Exit code after a failed write or sync: nobody knows what is on disk, and only a new start can find out.
const EXIT_DISK: u8 = 70;

/// Why ledgerd cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The home cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A socket cannot be bound.
    #[error("cannot listen")]
    Link(#[from] LinkError),
    /// The system gives no thread.
    #[error("cannot start a thread")]
    System(#[from] io::Error),
}

/// Serves a home until the daemon is told to stop. What is in hand then is done and answered first.
///
/// # Errors
///
/// The home cannot be opened or the sockets cannot be bound. A write that fails later ends the process at once with
/// exit code 70.
pub fn run(daemon: &Daemon) -> Result<ExitCode, ServeError> {
    let home = daemon.home();
    let mut state = State::new();
    let (store, covered) = Store::open(home.root(), &mut state, daemon.life())?;
    let (receiver, tasks) = RequestReceiver::new();
    let replies = ReplyPool::start()?;
    let publisher = Publisher::bind(&home.hint_socket())?;
    let publish = move |hint: &Hint| publisher.publish(&body::write(hint));
    let unfit = receiver.unfit();
    let mut owner = Owner::start(state, store, covered, replies, Box::new(publish), unfit)?;
    let stop = receiver.clone();
    let guard = daemon.guard();
    let server =
        Server::bind_for_many(&home.ledger_socket(), CONTEXTS, move |incoming| receiver.take(&guard, incoming))?;
    daemon.stay_in(vec![home.hint_socket(), home.ledger_socket()])?;
    daemon.ready(&owner.summary());

    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !daemon.wait_stopped(Duration::from_secs(3_600)) {}
            stop.stop();
        });
        if let Err(broken) = owner.run(&tasks, Pace::new(daemon.watchdog()), daemon) {
            let why = std::error::Error::source(&broken).map(ToString::to_string).unwrap_or_default();
            error!("{broken}: {why}; nothing more is acknowledged, the next start finds out what is on disk");
            // Not through `return`: requests in hand must get no answer, and the thread above waits for a signal.
            std::process::exit(EXIT_DISK.into());
        }
    });
    drop(server);
    Ok(ExitCode::SUCCESS)
}

impl Watcher for Daemon {
    fn alive(&self) {
        Daemon::alive(self);
    }
    fn changed(&self, summary: &str) {
        self.status(summary);
    }
}

impl Fold for State {
    fn apply(&mut self, ledger: &str, event: &Event) {
        State::apply(self, ledger, event);
    }
    fn forget(&mut self, ledger: &str) {
        State::forget(self, ledger);
    }
    fn load(&mut self, ledger: &str, bytes: &[u8]) -> bool {
        State::load(self, ledger, bytes)
    }
    fn save(&self, ledger: &str) -> Vec<u8> {
        State::save(self, ledger)
    }
    fn head(&self, ledger: &str) -> Option<Head> {
        State::head(self, ledger)
    }
    fn groups(&self) -> Vec<String> {
        State::groups(self).map(str::to_owned).collect()
    }
    fn set_damaged(&mut self, ledger: &str, why: String) {
        State::set_damaged(self, ledger, why);
    }
}
