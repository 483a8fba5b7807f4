//! A turn at the keyboard: one writer at a time within ptyd, and the holder's lease, which says the same to everybody else.

use super::Live;
use ptyd::hold::{HoldError, LeaseKind};
use std::time::{Duration, Instant};
use tokio::sync::MutexGuard;

/// How long somebody else's lease is waited for: a ptyd that was killed leaves a write under way.
const LEASE_PATIENCE: Duration = Duration::from_secs(8);

/// Pause between two attempts to get it.
const LEASE_PAUSE: Duration = Duration::from_millis(50);

/// The deliverer's turn at the keyboard: nobody else types while it lasts.
#[derive(Debug)]
pub struct Turn<'a> {
    live: &'a Live,
    keyboard: Option<MutexGuard<'a, ()>>,
}

impl Turn<'_> {
    /// No turn at all: of a program that has ended, nobody has one.
    pub fn none(live: &Live) -> Turn<'_> {
        Turn { live, keyboard: None }
    }

    /// Whether it lasts.
    pub fn lasts(&self) -> bool {
        self.keyboard.is_some()
    }

    /// Gives the keyboard back.
    pub async fn end(&mut self) {
        if let Some(keyboard) = self.keyboard.take() {
            self.live.give_lease_back().await;
            drop(keyboard);
        }
    }

    /// Takes the keyboard once more. False when half an answer of the terminal is in the way, as for [`Live::turn`].
    ///
    /// # Errors
    ///
    /// Those of [`Live::turn`].
    pub async fn begin_again(&mut self, patience: Duration) -> Result<bool, HoldError> {
        if !self.lasts() {
            self.keyboard = self.live.turn(patience).await?.and_then(|mut turn| turn.keyboard.take());
        }
        Ok(self.lasts())
    }
}

impl Live {
    /// The deliverer's turn at the keyboard, with the lease; [`Turn::end`] ends it. `None` when half an answer of the
    /// terminal is in the way, and the program does not take the rest within `patience`.
    ///
    /// # Errors
    ///
    /// The holder is gone, the program has ended, or somebody else keeps the lease.
    pub async fn turn(&self, patience: Duration) -> Result<Option<Turn<'_>>, HoldError> {
        let keyboard = self.keyboard.lock().await;
        self.take_lease(LeaseKind::Delivery, "ptyd").await?;
        let is_clear = self.finish_answer(patience).await;
        if !matches!(is_clear, Ok(true)) {
            self.give_lease_back().await;
        }
        is_clear.map(|is_clear| is_clear.then_some(Turn { live: self, keyboard: Some(keyboard) }))
    }

    pub(super) async fn give_lease_back(&self) {
        if let Err(error) = self.hold.release().await {
            tracing::debug!(session_id = self.id, %error, "the holder cannot be given its lease back");
        }
    }

    pub(super) async fn take_lease(&self, kind: LeaseKind, who: &str) -> Result<(), HoldError> {
        let deadline = Instant::now() + LEASE_PATIENCE;
        loop {
            match self.hold.lease(kind, who).await {
                Err(HoldError::LeaseHeld(_)) if Instant::now() < deadline => tokio::time::sleep(LEASE_PAUSE).await,
                other => return other,
            }
        }
    }
}
