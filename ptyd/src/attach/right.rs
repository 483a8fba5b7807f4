//! The right to look at a terminal: asked for when a viewer comes, and again whenever a group or the home has moved.

use crate::ledgerd::Ledgerd;
use bus::contract::op::terminal::Tail;
use bus::contract::{Code, Op, OpError, Principal};
use bus::peer::Question;
use std::time::Duration;
use tokio::sync::watch;

/// How long ledgerd may take to say whether somebody may look.
const PATIENCE: Duration = Duration::from_secs(8);

/// Shortest time between two askings for one viewer: a group may move with every word that is said in it.
const PAUSE: Duration = Duration::from_secs(1);

/// Who looks at whose terminal.
#[derive(Debug, Clone)]
pub struct Right {
    /// Who looks.
    pub principal: Principal,
    /// In which group.
    pub group_id: String,
    /// At whose terminal.
    pub actor_id: String,
}

impl Right {
    /// Who may see the last lines of a terminal may see the terminal.
    ///
    /// # Errors
    ///
    /// ledgerd's refusal.
    pub async fn check(&self, ledgerd: &Ledgerd) -> Result<(), OpError> {
        let Self { principal, group_id, actor_id } = self.clone();
        let question = Op::TerminalTail(Tail { group_id, actor_id, ..Tail::default() });
        ledgerd.ask(Question::new(principal, question).within(PATIENCE)).await.map(drop)
    }

    /// Waits until the right has ended: its actor is gone, has another token, or may not see others' terminals any more, or the home believes
    /// nobody's word from now on.
    /// `moves` wakes whenever something has happened in any group. A ledgerd that is away takes nobody's right.
    pub async fn ended(&self, ledgerd: &Ledgerd, mut moves: watch::Receiver<()>) {
        // It may have ended since it was asked for.
        moves.mark_changed();
        loop {
            if moves.changed().await.is_err() {
                // Whoever follows the ledgers lives as long as we do.
                return std::future::pending().await;
            }
            match self.check(ledgerd).await {
                Ok(()) => {}
                Err(error) if matches!(error.code, Code::DaemonUnavailable | Code::InternalError) => {
                    // Asked again at the next move, which a ledgerd that comes back makes.
                }
                Err(error) => {
                    tracing::info!(actor_id = self.actor_id, %error, "a viewer may not look any more");
                    return;
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
