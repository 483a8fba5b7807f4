//! A draft that its program puts aside, so that a message can go before it: only when a person hands it over.

use super::foreground::Kind;
use super::{Live, foreground};
use crate::screen::composer::Spot;
use bus::contract::runtime::Stash;
use ptyd::hold::{HoldError, Stop};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// How long the program may leave the key unread, and then take to do what it says.
const PATIENCE: Duration = Duration::from_secs(3);

/// Longest pause between two looks at the screen.
const LOOK_EVERY: Duration = Duration::from_millis(50);

impl Live {
    /// Has the program put the draft in its composer aside, where it has a key for that. Whether it is seen to have done so;
    /// when it has not, or its place for drafts is taken, the draft is where it was.
    ///
    /// # Errors
    ///
    /// The holder is gone, the program has ended, or somebody else keeps the keyboard.
    pub async fn stash(&self) -> Result<bool, HoldError> {
        let Some(stash) = self.composer().stash else { return Ok(false) };
        if !self.can_stash(stash) {
            return Ok(false);
        }
        let Some(turn) = self.turn(PATIENCE).await? else { return Ok(false) };
        let stashed = self.press(stash).await;
        self.give_lease_back().await;
        drop(turn);
        stashed
    }

    async fn press(&self, stash: Stash) -> Result<bool, HoldError> {
        // The world may have changed while we waited for the keyboard.
        if !self.can_stash(stash) {
            return Ok(false);
        }
        let typed = self.hold().write(stash.key.as_bytes(), PATIENCE).await?;
        let (begin, mut changes) = (Instant::now(), self.changes());
        while typed.stop == Stop::Whole && begin.elapsed() < PATIENCE && self.ended().is_none() {
            if self.spot() == Spot::Prompt && self.screen().view().says(stash.mark) {
                return Ok(true);
            }
            // A change that was missed is looked at a moment later.
            let _ = timeout(LOOK_EVERY, changes.changed()).await;
        }
        Ok(false)
    }

    /// A draft stands, it is no text of ours on its way, nobody is at it, and the program's place for drafts is free. To
    /// another program that reads the terminal now, a shell or an editor, the key means something else: where the terminal
    /// itself heeds ^S, that nothing is shown any more.
    fn can_stash(&self, stash: Stash) -> bool {
        let is_free = !self.screen().view().says(stash.mark);
        let is_in_front = foreground::kind(self.pid) == Kind::Program && self.paste_on().is_some();
        is_free && is_in_front && self.spot() == Spot::Draft && self.typing().is_none() && self.person_busy().is_none()
    }
}
