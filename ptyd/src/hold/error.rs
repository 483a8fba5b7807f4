//! Why something with a holder did not work, as the asking side sees it.

use crate::hold::document::Lease;
use crate::hold::protocol::Fault;
use std::io;
use std::path::PathBuf;

/// Why something with a holder did not work.
#[derive(Debug, thiserror::Error)]
pub enum HoldError {
    /// The spec makes no sense; nothing was started.
    #[error("cannot start a session: {why}")]
    Spec {
        /// What is wrong.
        why: String,
    },
    /// The program is not there or cannot be executed; nothing is left behind.
    #[error("cannot start the program: {why}")]
    Program {
        /// Which program, and the system's reason.
        why: String,
    },
    /// The directory to start in cannot be used; nothing is left behind.
    #[error("cannot start in the directory: {why}")]
    Directory {
        /// Which directory, and the system's reason.
        why: String,
    },
    /// The holder or the terminal could not be set up; nothing is left behind.
    #[error("cannot hold a terminal: {why}")]
    Start {
        /// What failed.
        why: String,
    },
    /// No answer in time. What was asked may still happen.
    #[error("no answer to {action} within {seconds} s")]
    NoAnswer {
        /// What was asked.
        action: &'static str,
        /// How long was waited.
        seconds: u64,
    },
    /// The holder is gone. What was asked just before may have happened.
    #[error("the holder of session {session_id} is gone")]
    Lost {
        /// Which session.
        session_id: String,
    },
    /// Somebody else may write.
    #[error("{} has the keyboard of the terminal", .0.who)]
    LeaseHeld(Lease),
    /// Writing without having the lease.
    #[error("writing to a terminal needs its lease")]
    NoLease,
    /// The agent has ended.
    #[error("the program in the terminal has ended")]
    Exited,
    /// The agent has not ended, so it cannot be forgotten.
    #[error("the program in the terminal still runs")]
    StillRunning,
    /// The holder refuses for another reason.
    #[error("the holder refuses {action}: {message}")]
    Refused {
        /// What was asked.
        action: &'static str,
        /// Why not.
        message: String,
    },
    /// The holder says what cannot be understood.
    #[error("the holder of session {session_id} sends what cannot be read")]
    Protocol {
        /// Which session.
        session_id: String,
        /// What.
        source: Fault,
    },
    /// The holder does not answer as agreed.
    #[error("the holder answers {action} with something else")]
    Answer {
        /// What was asked.
        action: &'static str,
    },
    /// A file or socket could not be used.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}
