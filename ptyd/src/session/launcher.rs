//! What every agent of a home starts with, whoever it is.

use bus::home::Home;
use std::path::{Path, PathBuf};

/// Our programs and the settings that agents inherit.
#[derive(Debug)]
pub struct Launcher {
    home: Home,
    holder: PathBuf,
    inputrc: PathBuf,
    umask: u32,
}

impl Launcher {
    /// `holder` is the program that holds terminals; `inputrc` and `umask` are what agents start with.
    pub fn new(home: Home, holder: PathBuf, inputrc: PathBuf, umask: u32) -> Self {
        Self { home, holder, inputrc, umask }
    }

    /// The home.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The program that holds a terminal.
    pub fn holder(&self) -> &Path {
        &self.holder
    }

    /// The folder of our own programs.
    pub fn programs(&self) -> Option<&Path> {
        self.holder.parent()
    }

    /// The `cccc` that serves this home, whatever a shell makes of the `PATH`; `None` where it lies elsewhere.
    pub fn command(&self) -> Option<PathBuf> {
        self.programs().map(|folder| folder.join("cccc")).filter(|command| command.is_file())
    }

    /// Readline settings of agents.
    pub fn inputrc(&self) -> &Path {
        &self.inputrc
    }

    /// File mode mask of agents: the user's.
    pub fn umask(&self) -> u32 {
        self.umask
    }
}
