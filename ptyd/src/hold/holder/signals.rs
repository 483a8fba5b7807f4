//! What the system tells a holder: that its agent has ended, and that it is to end itself.

use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use signal_hook::{flag, low_level::pipe};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Signals as something that can be waited for.
#[derive(Debug)]
pub struct Signals {
    wake: UnixStream,
    told_to_end: Arc<AtomicBool>,
}

impl Signals {
    /// Takes the signals over.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub fn take() -> io::Result<Self> {
        let (wake, woken) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        let told_to_end = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            // The flag before the wake-up, so that whoever wakes up sees it.
            flag::register(signal, Arc::clone(&told_to_end))?;
            pipe::register(signal, woken.try_clone()?)?;
        }
        pipe::register(SIGCHLD, woken)?;
        // Caught and not ignored: an ignored signal would be ignored in the agent, too.
        flag::register(SIGHUP, Arc::new(AtomicBool::new(false)))?;
        Ok(Self { wake, told_to_end })
    }

    /// Whether the holder was told to end since it was last asked. Ready to be waited for again.
    pub fn take_told_to_end(&mut self) -> bool {
        let mut bytes = [0; 64];
        // One byte per signal; fails when there are no more.
        while matches!(self.wake.read(&mut bytes), Ok(count) if count > 0) {}
        self.told_to_end.swap(false, Ordering::SeqCst)
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }
}
