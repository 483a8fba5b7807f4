//! When a daemon should end.
//!
//! SIGTERM and SIGINT end the daemon and leave alone what runs in its care; SIGUSR1 ends both. SIGHUP is
//! heard and means nothing: a terminal that closes is no reason to end. One thread waits for signals and does nothing
//! else.

use super::notify::Notifier;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::iterator::Signals;
use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// What the daemon should do. A later wish counts only when it asks for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    /// Go on.
    Run,
    /// End, and leave programs running.
    End,
    /// End, and end programs first.
    EndWithPrograms,
}

/// The wish, for tasks and for threads.
#[derive(Debug, Clone)]
pub struct Stop {
    wish: Arc<watch::Sender<Wish>>,
    changed: Arc<(Mutex<()>, Condvar)>,
}

impl Stop {
    /// Listens to signals from now on, and tells the supervisor when one of them ends us.
    ///
    /// # Errors
    ///
    /// The system does not let us.
    pub fn listen(notifier: Notifier) -> io::Result<Self> {
        let stop = Self { wish: Arc::new(watch::Sender::new(Wish::Run)), changed: Arc::default() };
        let mut signals = Signals::new([SIGTERM, SIGINT, SIGUSR1, SIGHUP])?;
        let teller = stop.clone();
        thread::Builder::new().name("signals".into()).stack_size(128 * 1024).spawn(move || {
            for signal in &mut signals {
                if let Some(wish) = wish_of(signal) {
                    tracing::info!(signal, ?wish, "was asked to end");
                    notifier.send("STOPPING=1");
                    teller.ask(wish);
                }
            }
        })?;
        Ok(stop)
    }

    /// The wish so far.
    pub fn wish(&self) -> Wish {
        *self.wish.borrow()
    }

    /// Waits until we should end.
    pub async fn wait(&self) {
        // We hold the sender, so it cannot be gone.
        let _ = self.wish.subscribe().wait_for(|wish| *wish != Wish::Run).await;
    }

    /// The same for a thread; false when `patience` is over.
    pub fn wait_blocking(&self, patience: Duration) -> bool {
        let end = Instant::now() + patience;
        let (mutex, condvar) = &*self.changed;
        let mut guard = mutex.lock().unwrap_or_else(PoisonError::into_inner);
        while self.wish() == Wish::Run {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            guard = condvar.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Makes a wish, as a signal does.
    pub fn ask(&self, wish: Wish) {
        let (mutex, condvar) = &*self.changed;
        let _guard = mutex.lock().unwrap_or_else(PoisonError::into_inner);
        self.wish.send_modify(|now| *now = wish.max(*now));
        condvar.notify_all();
    }
}

fn wish_of(signal: i32) -> Option<Wish> {
    match signal {
        SIGTERM | SIGINT => Some(Wish::End),
        SIGUSR1 => Some(Wish::EndWithPrograms),
        // SIGHUP, the only other one we listen to.
        _ => None,
    }
}
