//! The throwaway home: a folder with a stack in it that is ended and removed when the stage is dropped.

use crate::command::Failure;
use crate::supervise::{self, Ending};
use bus::home::Home;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

/// A throwaway home in which everything runs, and an empty folder to work in.
pub struct Stage {
    home: Home,
    interrupted: Arc<AtomicBool>,
    folder: TempDir,
}

impl Stage {
    /// Makes the folders and starts the stack.
    ///
    /// # Errors
    ///
    /// There is no room, or it does not start; nothing is left behind.
    pub fn set() -> Result<Self, Failure> {
        let fail = |error: std::io::Error| Failure::Failed(format!("cannot set up a throwaway home: {error}"));
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&interrupted)).map_err(fail)?;
        }
        // Short names: sockets lie below them.
        let folder = tempfile::Builder::new().prefix("cccc-demo-").tempdir().map_err(fail)?;
        fs::create_dir(folder.path().join("work")).map_err(fail)?;
        let home = Home::find(Some(&folder.path().join("home"))).map_err(Failure::failed)?;
        let stage = Self { home, interrupted, folder };
        supervise::start_detached(&stage.home).map_err(Failure::failed)?;
        Ok(stage)
    }

    /// The home.
    pub fn home(&self) -> &Path {
        self.home.root()
    }

    /// A folder to attach.
    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Whether somebody wants the demo to end.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Err(error) = supervise::end(&self.home, Ending::WithAgents) {
            eprintln!("error: {error}");
        }
        if !self.home.run().starts_with(self.home.root()) {
            // It was moved out of a home that lies too deep. What cannot be removed is in a folder for such things.
            let _ = fs::remove_dir_all(self.home.run());
        }
    }
}
