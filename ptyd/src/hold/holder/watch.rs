//! Notices that the holder's socket was removed by somebody else, with a home that was thrown away for example.
//!
//! Nobody can reach such a holder any more, so without this it and its agent would run for ever. Where the system
//! has no such watch, they do.

pub use system::Watch;

#[cfg(any(target_os = "linux", target_os = "android"))]
mod system {
    use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd};
    use std::path::{Path, PathBuf};

    /// A watch on one socket.
    #[derive(Debug)]
    pub struct Watch {
        inotify: Inotify,
        socket: PathBuf,
    }

    impl Watch {
        /// Watches a socket in a folder.
        ///
        /// # Errors
        ///
        /// The system refuses.
        pub fn on(folder: &Path, socket: &Path) -> io::Result<Self> {
            let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
            // Not the end of the folder itself: whoever listens in it keeps it alive.
            inotify.add_watch(folder, AddWatchFlags::IN_DELETE | AddWatchFlags::IN_ONLYDIR)?;
            Ok(Self { inotify, socket: socket.to_path_buf() })
        }

        /// What to wait for.
        pub fn as_fd(&self) -> Option<BorrowedFd<'_>> {
            Some(self.inotify.as_fd())
        }

        /// Whether the socket was removed. Ready to be waited for again.
        pub fn take_removed(&mut self) -> bool {
            // What was removed is of no interest (a log's turn is over), only whether the socket is still there.
            drop(self.inotify.read_events());
            !self.socket.exists()
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod system {
    use std::io;
    use std::os::fd::BorrowedFd;
    use std::path::Path;

    /// No watch.
    #[derive(Debug)]
    pub struct Watch;

    impl Watch {
        /// Watches nothing.
        ///
        /// # Errors
        ///
        /// None.
        pub fn on(_folder: &Path, _socket: &Path) -> io::Result<Self> {
            Ok(Self)
        }

        /// Nothing to wait for.
        pub fn as_fd(&self) -> Option<BorrowedFd<'_>> {
            None
        }

        /// Never known.
        pub fn take_removed(&mut self) -> bool {
            false
        }
    }
}
