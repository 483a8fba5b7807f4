//! How loud a daemon is that owns no state: it hears that the home's ledger has moved, and asks.

use super::log_at;
use crate::contract::op::observability::Get;
use crate::contract::{Principal, id};
use crate::feed::Feed;
use std::time::Duration;

/// Pause before ledgerd is asked again.
const RETRY: Duration = Duration::from_secs(1);

/// Has the process log as the home says it: asks now, and whenever the home's ledger has moved. For ever.
pub async fn follow(feed: &Feed) {
    let mut head = feed.head(id::HOME);
    loop {
        head.mark_unchanged();
        match feed.peers().ask_as(Principal::system(), Get {}).await {
            Ok(is) => log_at(is.observability.level()),
            Err(error) if error.code.is_retryable() => {
                tracing::debug!(%error, "ledgerd does not say how much is to be logged; asking again");
                tokio::time::sleep(RETRY).await;
                continue;
            }
            Err(error) => tracing::warn!(%error, "ledgerd does not say how much is to be logged"),
        }
        // Its other end is the feed, which outlives us.
        let _ = head.changed().await;
    }
}
