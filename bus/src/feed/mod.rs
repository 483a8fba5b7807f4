//! Following ledgers: exactly once and in order, whatever is lost, slow or restarted in between. One for each process.
//!
//! Hints only say that it is time to ask. What is given comes from ranges, always from a cursor on, so a lost hint
//! delays and never loses, and a repeated one asks and never repeats. However many follow a ledger in one name, ledgerd
//! is asked once.
//!
//! **What somebody may see is decided by ledgerd**, which gives a follower what its [`View`] shows and nothing else.

mod follower;
mod heads;
mod moves;
mod page;
mod shared;

use crate::contract::Principal;
use crate::contract::op::ledger::Heads;
use crate::home::Home;
use crate::link::{Hint, LinkError, Subscriber, body};
use crate::peer::Peers;
pub use follower::Follower;
pub use heads::{Head, Moved};
pub use moves::Moves;
pub use page::Item;
use shared::Shared;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// Pause after a question that was refused for now; each waits for ledgerd itself before.
const PAUSE: Duration = Duration::from_millis(250);

/// A publisher that lives is heard every 20 s at least. After so long without any hint, ledgerd is asked how far its
/// ledgers have come.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// Pause before hints are listened for anew, when the system took the way to them.
const RELISTEN: Duration = Duration::from_secs(5);

/// In whose name a ledger is followed, and how much of it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct View {
    principal: Principal,
    is_whole: bool,
}

impl View {
    /// What ledgerd shows to somebody: to the user everything, to an actor what is addressed to it, to others nothing.
    pub fn of(principal: Principal) -> Self {
        Self { principal, is_whole: false }
    }

    /// Every event, for whoever may ask for a ledger: what shows it to others must not follow it like this.
    pub fn whole(principal: Principal) -> Self {
        Self { principal, is_whole: true }
    }
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the proof, which may be a token.
        f.debug_struct("View").field("by", &self.principal.by).field("is_whole", &self.is_whole).finish_non_exhaustive()
    }
}

/// What is fetched once for all.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    ledger: String,
    view: View,
}

/// A process's ear for hints, and its followers.
#[derive(Debug)]
pub struct Feed {
    shared: Arc<Shared>,
    tasks: [JoinHandle<()>; 2],
}

impl Feed {
    /// Begins to hear hints, and asks how far the ledgers of a home have come, in the name of `own`. Within a runtime,
    /// in which it goes on until it is dropped; its followers hear nothing then.
    ///
    /// # Errors
    ///
    /// The socket's path cannot be used at all. That ledgerd is not there yet is no error.
    pub fn open(home: &Home, peers: Arc<Peers>, own: Principal) -> Result<Self, LinkError> {
        let hints = Subscriber::connect(&home.hint_socket())?;
        let shared = Shared::new(peers);
        let silence = Arc::new(Notify::new());
        let hearing = tokio::spawn(hear(Arc::clone(&shared), home.hint_socket(), hints, Arc::clone(&silence)));
        let asking = tokio::spawn(ask(Arc::clone(&shared), own, silence));
        Ok(Self { shared, tasks: [hearing, asking] })
    }

    /// Follows a ledger (a group id, or `home`) after a sequence number; 0 is its beginning.
    pub fn follow(&self, ledger: &str, view: View, after_seq: u64) -> Follower {
        Follower::new(Arc::clone(&self.shared), Key { ledger: ledger.to_owned(), view }, after_seq)
    }

    /// Collects the ledgers that move, all that there are to begin with.
    pub fn moves(&self) -> Moves {
        self.shared.moves()
    }

    /// How far a ledger has come, as far as is known. It changes whenever that may be otherwise: also when ledgerd was
    /// restarted, because the ledger may be a restored older one then.
    pub fn head(&self, ledger: &str) -> watch::Receiver<Option<Head>> {
        self.shared.head(ledger)
    }

    /// The way to ledgerd.
    pub fn peers(&self) -> &Peers {
        self.shared.peers()
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Hears hints, for ever.
async fn hear(shared: Arc<Shared>, socket: PathBuf, mut hints: Subscriber, silence: Arc<Notify>) {
    loop {
        match tokio::time::timeout(SILENCE_MAX, hints.recv()).await {
            Ok(Ok(bytes)) => match body::read::<Hint>(&bytes) {
                Ok(hint) => shared.note(hint),
                Err(error) => tracing::warn!(%error, "a hint cannot be read"),
            },
            Ok(Err(error)) => {
                tracing::error!(%error, "hints are not heard any more; listening anew");
                tokio::time::sleep(RELISTEN).await;
                match Subscriber::connect(&socket) {
                    Ok(anew) => hints = anew,
                    Err(error) => tracing::error!(%error, "cannot listen for hints"),
                }
                // What was missed is asked for.
                silence.notify_one();
            }
            Err(_) => silence.notify_one(),
        }
    }
}

/// Asks how far ledgers have come: now, and whenever nothing was heard for long.
async fn ask(shared: Arc<Shared>, own: Principal, silence: Arc<Notify>) {
    loop {
        shared.ask();
        match shared.peers().ask_as(own.clone(), Heads {}).await {
            Ok(heads) => shared.learn(heads),
            Err(error) if error.code.is_retryable() => {
                tracing::debug!(%error, "ledgerd does not say how far ledgers have come; asking again");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            Err(error) => tracing::warn!(%error, "ledgerd does not say how far ledgers have come"),
        }
        silence.notified().await;
    }
}
