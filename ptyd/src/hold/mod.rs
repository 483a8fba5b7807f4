//! One holder per terminal: a small process that keeps an agent alive and heard when everybody else is gone.
//!
//! ```text
//!   ptyd ──spawn──► ptyhold <folder> ──► the agent, in a terminal and a session of its own
//!     ▲                │ drains the terminal, always, into a ring and a log
//!     └──── sock ──────┘ read from an offset · write with a lease · resize · kill · forget
//! ```
//!
//! A holder outlives whoever started it. It is found again in `run/pty/<session>/`, spoken to in
//! [`protocol`] version 1 for ever, and says how its agent ended before it ends itself.
//!
//! The asking side: [`spawn`], [`find`], [`client`], [`output`]. The holding side: [`holder`], behind the program
//! `ptyhold`. Both: [`order`], [`protocol`], [`document`], [`folder`], [`process`], [`descendants`], [`log`].

pub use bus::process;

pub mod client;
pub mod descendants;
pub mod document;
mod error;
pub mod find;
pub mod folder;
pub mod holder;
mod line;
pub mod log;
pub mod output;
pub mod protocol;
pub mod spawn;
pub mod spec;

pub use client::{Session, Typed};
pub use document::{Exit, LeaseKind, Meta, Status};
pub use error::HoldError;
pub use find::{Found, State, find};
pub use folder::Folder;
pub use output::Output;
pub use protocol::{Chunk, Stop, Written};
pub use spawn::spawn;
pub use spec::Spec;
