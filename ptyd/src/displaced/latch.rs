//! A latch that is closed as long as the sessions that run are not known: until it opens, nothing is started, ended or
//! typed.

use tokio::sync::watch;

/// Whether the sessions that run have been found; at most times they are.
#[derive(Debug)]
pub struct Latch(watch::Sender<bool>);

impl Default for Latch {
    fn default() -> Self {
        Self(watch::Sender::new(true))
    }
}

impl Latch {
    /// The sessions that run cannot all be found yet.
    pub fn close(&self) {
        self.0.send_replace(false);
    }

    /// The sessions that run have been found, as far as they can be.
    pub fn open(&self) {
        self.0.send_replace(true);
    }

    /// Whether the sessions that run are known.
    pub fn is_open(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the sessions that run are known.
    pub async fn opened(&self) {
        // We hold the sender.
        let _ = self.0.subscribe().wait_for(|is_open| *is_open).await;
    }
}
