//! Which ledgers have moved: each wakes the group it is about, and whoever watches over rights, which may have changed for
//! the whole home.

use crate::groups::Groups;
use bus::contract::id;
use bus::feed::Moves;
use std::sync::Arc;
use tokio::sync::watch;

/// Opens every group there is, wakes those that move, and says so to `moved` each time, for ever.
pub async fn follow(groups: &Arc<Groups>, moved: &watch::Sender<()>, mut moves: Moves) {
    loop {
        let ledgers = moves.next().await;
        ledgers.iter().filter(|ledger| id::is_group(ledger)).for_each(|group_id| groups.group(group_id).wake());
        moved.send_replace(());
    }
}
