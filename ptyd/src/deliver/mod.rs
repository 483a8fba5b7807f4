//! Handing messages to an agent: in words ([`compose`]), at the right moment ([`gate`]), by a [`Channel`].
//!
//! Order is kept because one runner delivers one thing after the other. Nothing is handed twice because what is on its
//! way is noted before its first byte and counted by the holder: after a crash the rest is typed, not the whole.

pub mod compose;
pub mod gate;
pub mod gate_input;
pub mod preamble;
pub mod sanitise;

mod look;
mod terminal;
mod verdict;

pub use terminal::{READ_PATIENCE, Terminal};
pub use verdict::evidence;

use crate::screen::composer::Spot;
use crate::session::foreground::Kind;
use bus::contract::document::Submit;
use sanitise::Form;
use serde_json::{Map, Value};
use std::io;
use std::time::Duration;

/// What is handed over in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// What is delivered by it; empty for the introduction.
    pub event_ids: Vec<String>,
    /// Sanitised text.
    pub text: String,
    /// How the program takes text.
    pub form: Form,
    /// The key that submits it.
    pub submit: Submit,
    /// What stood at the cursor when the gate was looked at.
    pub spot: Spot,
    /// What read the terminal then.
    pub foreground: Kind,
    /// How long the program may go on to leave unread what was typed before.
    pub patience: Duration,
}

/// What became of a parcel.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The agent has it; this is what is known.
    Handed(Map<String, Value>),
    /// All of it was typed, and it was not seen at the cursor: nothing was submitted. [`Channel::resume`] looks again.
    Unseen,
    /// The program does not read. What is on its way stays so, and [`Channel::resume`] goes on; otherwise nothing was sent.
    Stuck,
    /// The session ended before it was submitted: the next session gets it.
    Unsubmitted,
    /// It was (partly) written, and nobody can tell whether it was submitted, for this reason: never sent again blindly.
    Uncertain(&'static str, Map<String, Value>),
    /// The way to the agent is gone. What became of the parcel is found out when it is known what became of the session.
    Gone,
    /// The run file that must be written first cannot be written; nothing was sent.
    NoNotes,
    /// A person has begun to type since the gate was looked at, or the program shows something else; nothing was sent.
    NotNow,
}

/// One way to hand a parcel to an agent. The terminal is the last rung of the ladder and the first one built: a
/// structured channel of a runtime comes before it.
pub trait Channel {
    /// Its name in delivery records.
    const PATH: &'static str;

    /// Hands a parcel over. Until [`settled`](Channel::settled), a crash leaves it to [`resume`](Channel::resume).
    async fn hand(&self, parcel: Parcel) -> Outcome;

    /// Goes on with the parcel that is on its way, if there is one: what it delivers, and what became of it.
    async fn resume(&self) -> Option<(Vec<String>, Outcome)>;

    /// What became of the parcel is on record.
    ///
    /// # Errors
    ///
    /// The run file that says so cannot be written: the parcel still counts as on its way, and nothing else is sent.
    fn settled(&self) -> io::Result<()>;
}
