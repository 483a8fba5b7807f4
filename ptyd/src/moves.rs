//! Which ledgers have moved: each wakes the group it is about, and whoever watches over rights, which may have changed for
//! the whole home.

use crate::context::Context;
use bus::contract::id;
use bus::feed::Moves;
use std::sync::Arc;

/// Opens every group there is, and wakes those that move, for ever.
pub async fn follow(context: &Arc<Context>, mut moves: Moves) {
    loop {
        let moved = moves.next().await;
        moved.iter().filter(|ledger| id::is_group(ledger)).for_each(|group_id| context.group(group_id).wake());
        context.tell_moved();
    }
}
