//! How loud a daemon is that owns no state: it hears that the home's ledger has moved, and asks.

use super::log_at;
use crate::contract::op::observability::Get;
use crate::contract::{Op, Principal, Reply, id};
use crate::link::Hint;
use crate::peer::{Peers, Question};
use std::time::Duration;
use tokio::sync::watch;

/// Pause before ledgerd is asked again.
const RETRY: Duration = Duration::from_secs(1);

/// How far the home's ledger has come, and in which life of ledgerd that was, as far as we have heard.
#[derive(Debug, Default)]
pub struct Loudness {
    home: watch::Sender<(u64, u64)>,
}

impl Loudness {
    /// Hears a hint.
    pub fn note(&self, hint: &Hint) {
        if let Some((_, head)) = hint.heads.iter().find(|(ledger, _)| ledger == id::HOME) {
            let heard = (hint.epoch, *head);
            self.home.send_if_modified(|home| std::mem::replace(home, heard) != heard);
        }
    }

    /// Has the process log as the home says it: asks now, and whenever the home's ledger has moved. For ever.
    pub async fn follow(&self, peers: &Peers) {
        let mut moves = self.home.subscribe();
        loop {
            moves.mark_unchanged();
            match peers.ask(Question::new(Principal::system(), Op::ObservabilityGet(Get {}))).await {
                Ok(Reply::ObservabilityGet(is)) => log_at(is.observability.level()),
                Ok(other) => {
                    tracing::error!(reply = ?std::mem::discriminant(&other), "an answer to another question");
                }
                Err(error) if error.code.is_retryable() => {
                    tracing::debug!(%error, "ledgerd does not say how much is to be logged; asking again");
                    tokio::time::sleep(RETRY).await;
                    continue;
                }
                Err(error) => tracing::warn!(%error, "ledgerd does not say how much is to be logged"),
            }
            // Its other end is here.
            let _ = moves.changed().await;
        }
    }
}
