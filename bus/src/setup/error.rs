//! Why a runtime was not set up, in words for the person who asked for it.

use super::{CommandError, DocumentError, Scope, State};
use std::io;
use std::path::PathBuf;

/// Why a runtime was not set up, or it is not known whether it is.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Its program is not there.
    #[error("{name} is not installed: there is no `{executable}` on PATH")]
    NotInstalled {
        /// Name for people.
        name: &'static str,
        /// What was looked for.
        executable: &'static str,
    },
    /// It keeps its servers elsewhere.
    #[error("{name} cannot be told for the scope `{scope}`; use `--scope user`")]
    NoScope {
        /// Name for people.
        name: &'static str,
        /// The scope that was asked for.
        scope: Scope,
    },
    /// Only a person can do it.
    #[error("{name} has to be told by hand: {instruction}")]
    ByHand {
        /// Name for people.
        name: &'static str,
        /// What to do.
        instruction: String,
        /// How to take it back.
        removal: String,
    },
    /// Nobody knows where the user's configuration is.
    #[error("nobody knows where {name} keeps its configuration; set HOME to the user's home")]
    NoHome {
        /// Name for people.
        name: &'static str,
    },
    /// Its file cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was attempted.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Its file in a project is a link, or below one, to somewhere else.
    #[error(
        "{} leads out of the project {}, to {}; what is told for a project stays in it: put a file in the place of the \
         link, or use `--scope user`",
        path.display(), project.display(), target.display()
    )]
    Outside {
        /// Which file.
        path: PathBuf,
        /// Where it lies.
        target: PathBuf,
        /// Which project.
        project: PathBuf,
    },
    /// Its file says something that we do not understand; it is left as it is.
    #[error("{} is left as it is, mend it first", path.display())]
    Document {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: DocumentError,
    },
    /// Its file is written all the time by somebody else.
    #[error("{} is being written by somebody else; end the program that does it, and try again", path.display())]
    Busy {
        /// Which file.
        path: PathBuf,
    },
    /// Its own command failed.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// What was done shows no effect.
    #[error("`{line}` reported success, but in {} the entry is {state}", path.display())]
    Unchanged {
        /// The command that was run.
        line: String,
        /// Where the entry should be.
        path: PathBuf,
        /// How it is there.
        state: State,
    },
    /// The entry is in its file, and its program does not tell of it.
    #[error("the entry is in {}, but `{line}` does not tell of it", path.display())]
    Untold {
        /// The command that was run.
        line: String,
        /// Where the entry is.
        path: PathBuf,
    },
}
