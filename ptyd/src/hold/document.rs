//! The JSON documents of a holder: in its folder and in its frames.
//!
//! Part of [`protocol`](crate::hold::protocol) version 1: fields are added, never renamed, and what is not known
//! is ignored.

use crate::hold::process::ProcessMark;
use serde::{Deserialize, Serialize};

/// Largest number of columns or rows.
pub const SIZE_MAX: u16 = 2_000;

/// Longest name that comes with a lease.
pub const WHO_BYTES_MAX: usize = 256;

/// `meta.json`: written once, when the agent runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Highest protocol version the holder speaks.
    pub protocol: u32,
    /// Which session.
    pub session_id: String,
    /// Whose group.
    pub group_id: String,
    /// Which actor.
    pub actor_id: String,
    /// Which wish of the group this session answers.
    pub generation: u64,
    /// The program and its arguments. The environment is nowhere on disk.
    pub command: Vec<String>,
    /// Folder it started in.
    pub directory: String,
    /// The holder.
    pub holder: ProcessMark,
    /// The agent; its process id is also the id of its group and its session.
    pub agent: ProcessMark,
    /// Which boot of the machine the marks belong to, or `""` where the system does not say.
    pub boot_id: String,
    /// When the agent was started, in microseconds since 1970.
    pub started_us: i64,
    /// Columns at the start.
    pub cols: u16,
    /// Rows at the start.
    pub rows: u16,
    /// Bytes of one log file.
    pub log_bytes_max: u64,
}

/// `exit.json`, and the frame `exited`: how the agent ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// What it exited with, or null when a signal ended it.
    pub code: Option<i32>,
    /// Number of the signal that ended it, or null.
    pub signal: Option<i32>,
    /// When that was seen, in microseconds since 1970.
    pub ended_us: i64,
    /// How much output there was in all.
    pub total_bytes: u64,
    /// Whether somebody had asked the holder to end it.
    pub asked: bool,
}

/// What the holder writes on its standard output once: whether the agent runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// It runs, and the socket listens.
    Started(Box<Meta>),
    /// It does not, and nothing is left behind.
    Failed {
        /// What was wrong.
        failure: Failure,
        /// As a sentence.
        message: String,
    },
}

/// What was wrong when an agent could not be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The spec makes no sense.
    Spec,
    /// The session's folder, socket or meta could not be made.
    Folder,
    /// The directory to start in is not there, or no directory.
    Directory,
    /// The program is not there, or cannot be executed.
    Program,
    /// The system gave no terminal or no process.
    Terminal,
}

/// Body of `welcome`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The version that is used on this connection.
    pub version: u32,
    /// Which session this is.
    pub session_id: String,
    /// How it ended, if it has.
    pub exit: Option<Exit>,
}

/// Who may write, or wants to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// What for.
    pub kind: LeaseKind,
    /// Who, for people to read; at most [`WHO_BYTES_MAX`] bytes.
    pub who: String,
}

/// What somebody wants to write for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaseKind {
    /// Handing over messages.
    Delivery,
    /// A person types, and decides about the size.
    Person,
}

/// Body of `refused`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// For programs.
    pub code: RefusedCode,
    /// For people.
    pub message: String,
    /// With `lease_held`: who has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
}

/// Why a holder refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusedCode {
    /// Somebody else may write.
    LeaseHeld,
    /// Writing without the lease.
    NoLease,
    /// The agent has ended.
    Exited,
    /// The agent has not ended.
    StillRunning,
    /// A value is out of bounds.
    Invalid,
    /// Too many connections, or too much waits to be written.
    Busy,
    /// The system said no.
    System,
    /// A kind of frame this version does not know; also what an unknown code is read as.
    #[serde(other)]
    Unsupported,
}

/// Body of `status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Which session.
    pub session_id: String,
    /// The agent's process id.
    pub agent_pid: u32,
    /// How it ended; null while it runs.
    pub exit: Option<Exit>,
    /// Whether somebody asked for its end.
    pub ending: bool,
    /// Columns now.
    pub cols: u16,
    /// Rows now.
    pub rows: u16,
    /// Offset of the oldest output that can still be read without a gap up to `end`.
    pub start: u64,
    /// Offset behind the newest output.
    pub end: u64,
    /// How many bytes were typed in all.
    pub typed: u64,
    /// Who may write.
    pub lease: Option<Lease>,
    /// How many are connected, the asker included.
    pub connections: u32,
    /// How many of the typed bytes wait to be read by the program; of a line, nothing before it has ended. At most what the
    /// system shows of them. Absent after the agent's end, and from holders that do not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<u32>,
}
