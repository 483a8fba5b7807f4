//! Following a ledger from a command, which has no runtime of its own.

use bus::contract::{OpError, Principal};
use bus::feed::{Feed, Follower, Item, View};
use bus::home::Home;
use bus::peer::Peers;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// A follower of one ledger, for a thread.
#[derive(Debug)]
pub struct Following {
    follower: Follower,
    /// It hears for the follower.
    _feed: Feed,
    runtime: Runtime,
}

impl Following {
    /// Follows a ledger whole, in somebody's name, after a sequence number; 0 is its beginning. `name` is who asks, for
    /// logs.
    ///
    /// # Errors
    ///
    /// The system gives no runtime, or a socket's path cannot be used at all.
    pub fn begin(
        home: &Home,
        name: &'static str,
        speaker: &Principal,
        ledger: &str,
        after_seq: u64,
    ) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let peers = Arc::new(Peers::connect(home, name).map_err(io::Error::other)?);
        let (feed, follower) = {
            let _inside = runtime.enter();
            let feed = Feed::open(home, peers, speaker.clone()).map_err(io::Error::other)?;
            let follower = feed.follow(ledger, View::whole(speaker.clone()), after_seq);
            (feed, follower)
        };
        Ok(Self { follower, _feed: feed, runtime })
    }

    /// The next events, of which there may be none within `patience`.
    ///
    /// # Errors
    ///
    /// As [`Follower::next`].
    pub fn next(&mut self, patience: Duration) -> Result<Vec<Arc<Item>>, OpError> {
        let next = async { tokio::time::timeout(patience, self.follower.next()).await };
        self.runtime.block_on(next).unwrap_or_else(|_| Ok(Vec::new()))
    }
}
