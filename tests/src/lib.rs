//! The harness: a whole stack in a throwaway home, spoken to through its real doors.
//!
//! Everything here waits for conditions with a deadline and never for a length of time. A [`Stack`] that is
//! dropped leaves no process and no file behind, whatever happened in between.

pub mod agent;
pub mod client;
pub mod http;
pub mod idle;
pub mod load;
pub mod manual;
pub mod mcp;
pub mod page;
pub mod person;
pub mod process;
pub mod program;
pub mod schema;
pub mod stack;
pub mod wait;
pub mod yard;

pub use agent::AgentLog;
pub use client::{Client, Refusal};
pub use person::Person;
pub use program::published;
pub use stack::{Stack, files};
pub use wait::{DEADLINE, until, until_some};
