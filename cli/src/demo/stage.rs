//! The throwaway home: a folder with a stack in it that is ended and removed when the stage is dropped. Whoever is
//! killed drops nothing; then the stack ends by itself, and the next stage takes the folder away.

use crate::failure::Failure;
use crate::supervise::{self, Ending, StackReport};
use bus::home::Home;
use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::{Pid, getuid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

/// What the folders are called, before the process id of the demo they belong to.
const PREFIX: &str = "cccc-demo-";

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
        clear_leftovers(&std::env::temp_dir());
        // Short names: sockets lie below them.
        let prefix = format!("{PREFIX}{}-", std::process::id());
        let folder = tempfile::Builder::new().prefix(&prefix).tempdir().map_err(fail)?;
        fs::create_dir(folder.path().join("work")).map_err(fail)?;
        let home = Home::find(Some(&folder.path().join("home"))).map_err(Failure::failed)?;
        let stage = Self { home, interrupted, folder };
        supervise::start_with_us(&stage.home).map_err(Failure::failed)?;
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
        clear_run(&self.home);
    }
}

/// Removes the run folder of a home that lies too deep to have it inside.
fn clear_run(home: &Home) {
    if !home.run().starts_with(home.root()) {
        // What cannot be removed is in a folder for such things.
        let _ = fs::remove_dir_all(home.run());
    }
}

/// Takes away what demos left behind that were killed. What cannot be removed is in a folder for such things, too.
fn clear_leftovers(temporary: &Path) {
    for entry in fs::read_dir(temporary).into_iter().flatten().flatten() {
        let folder = entry.path();
        let is_ours = entry.metadata().is_ok_and(|data| data.is_dir() && data.uid() == getuid().as_raw());
        let Some(pid) = demo_of(&entry.file_name()).filter(|_| is_ours) else { continue };
        let is_over = kill(pid, None) == Err(Errno::ESRCH);
        let Ok(home) = Home::find(Some(&folder.join("home"))) else { continue };
        // Its supervisor may still be ending the agents.
        if is_over && matches!(StackReport::read(&home), Ok(None)) {
            clear_run(&home);
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// The process to which a folder of this name belongs.
fn demo_of(name: &OsStr) -> Option<Pid> {
    let (pid, _) = name.to_str()?.strip_prefix(PREFIX)?.split_once('-')?;
    pid.parse().ok().filter(|pid| *pid > 0).map(Pid::from_raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_killed_demo_left_behind_is_taken_away() {
        let temporary = tempfile::tempdir().unwrap();
        // A process that has been and is waited for.
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let (over, alive) = (child.id(), std::process::id());
        child.wait().unwrap();
        #[rustfmt::skip]
        let cases = [
            // name                             is kept
            (format!("{PREFIX}{over}-abc"),     false),
            (format!("{PREFIX}{alive}-abc"),    true),
            (format!("{PREFIX}-abc"),           true),
            (format!("{PREFIX}abc"),            true),
            (format!("{PREFIX}0-abc"),          true),
            (format!("{PREFIX}-1-abc"),         true),
            (format!("other-{over}-abc"),       true),
        ];
        for (name, _) in &cases {
            fs::create_dir_all(temporary.path().join(name).join("home/run")).unwrap();
        }
        clear_leftovers(temporary.path());
        for (name, is_kept) in cases {
            assert_eq!(temporary.path().join(&name).exists(), is_kept, "{name}");
        }
    }
}
