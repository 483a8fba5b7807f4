//! The size of a terminal: while somebody looks on who may type, their window decides; afterwards it is as it was.
//!
//! What it was before is noted on disk before it changes, so it comes back whoever dies meanwhile: a viewer, its
//! connection, or ptyd. Where nobody looks on, a size that is asked for stays; but one that was asked for before the last
//! viewer left, and comes afterwards, is that of a window which is gone.

use super::Live;
use bus::contract::id;
use ptyd::hold::HoldError;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long the viewers of an earlier ptyd may take to come back before their size is given up.
const RETURN_PATIENCE: Duration = Duration::from_secs(15);

/// Gives the terminal its own size back unless the viewers of an earlier ptyd come back.
pub async fn restore_later(live: Arc<Live>) {
    tokio::time::sleep(RETURN_PATIENCE).await;
    live.restore_size().await;
}

impl Live {
    /// Gives the terminal another size; for as long as somebody looks on who may type, if anybody does. Nothing changes
    /// when it was asked for by `request_id` while somebody did who has left since. Says which size it has now: columns and
    /// rows.
    ///
    /// # Errors
    ///
    /// The holder is gone, the program has ended, or somebody else decides about the size.
    pub async fn resize(&self, cols: u16, rows: u16, request_id: &str) -> Result<(u16, u16), HoldError> {
        let _turn = self.sizing.lock().await;
        // Looked at once, and first: whoever leaves says when before being counted no more.
        let has_viewers = self.has_viewers();
        let left_ms = self.left_ms.load(Ordering::Acquire);
        let size = self.screen().size();
        if !has_viewers && id::made_ms(request_id).is_some_and(|asked| asked <= left_ms) {
            tracing::debug!(session_id = self.id, cols, rows, "the window that this size is of is gone");
            return Ok(size);
        }
        let own = self.journal().size_before;
        match (has_viewers, own) {
            (true, None) if size != (cols, rows) => self.note_size(Some(size)),
            (false, Some(_)) => self.note_size(None),
            (true, _) | (false, None) => {}
        }
        self.set_size(cols, rows).await?;
        Ok((cols, rows))
    }

    /// A viewer has left: if it was the last one that may type, the terminal has its own size again.
    pub async fn restore_size(&self) {
        let _turn = self.sizing.lock().await;
        let own = self.journal().size_before.filter(|_| !self.has_viewers());
        let Some((cols, rows)) = own else { return };
        match self.set_size(cols, rows).await {
            Ok(()) => self.note_size(None),
            // A terminal that has ended needs no size; of any other the next viewer decides.
            Err(error) => tracing::debug!(session_id = self.id, %error, "a terminal keeps the size of its last viewer"),
        }
    }

    async fn set_size(&self, cols: u16, rows: u16) -> Result<(), HoldError> {
        self.hold.resize(cols, rows).await?;
        self.screen().resize(cols, rows);
        self.sizes.send_if_modified(|size| std::mem::replace(size, (cols, rows)) != (cols, rows));
        Ok(())
    }

    fn note_size(&self, size: Option<(u16, u16)>) {
        if let Err(error) = self.note(|journal| journal.size_before = size) {
            // Only the size would stay as the viewer has left it.
            tracing::warn!(session_id = self.id, %error, "the notes about a session cannot be written");
        }
    }
}
