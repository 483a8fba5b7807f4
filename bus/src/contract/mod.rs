//! The contract: what can be asked, what can happen, what can go wrong, and how large anything may be.
//!
//! Everything here is a table or a plain type, and nothing here does I/O. Adding an op is one row in
//! [`op`], adding an event kind one row in [`event`], adding an error one row in [`error`]; the
//! compiler then asks for the rest, because every `match` over a table is written out in full.

pub mod automation;
pub mod context;
pub mod coordination;
pub mod document;
pub mod error;
pub mod event;
pub mod held;
pub mod id;
pub mod im;
pub mod lenient;
pub mod limit;
pub mod links;
pub mod long_text;
pub mod mode;
pub mod name;
pub mod nesting;
pub mod op;
pub mod private;
pub mod prompt;
pub mod push;
pub mod redact;
pub mod refusal;
pub mod remote;
pub mod runtime;
pub mod schema;
pub mod surrogate;
pub mod terminal;
pub mod time;
pub mod version;
pub mod web;
pub mod words;

pub use document::{Actor, Group, Scope};
pub use error::{Code, OpError};
pub use event::{Body, Event};
pub use op::{Access, Ask, Op, Reply, Server};

use serde::{Deserialize, Serialize};

/// One request on the bus.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Names the request for ever: the same id sent again gets the first answer again, whatever happened
    /// in between. Up to [`limit::REQUEST_ID_BYTES_MAX`] bytes; doors use [`id::unique`].
    pub id: String,
    /// Which of our processes asks (`door`, `ptyd`, `cli` …), for logs. A daemon [proves](crate::key) it, and nobody else
    /// may be called like one.
    pub peer: String,
    /// Who speaks.
    pub principal: Principal,
    /// How long the caller will wait. A server may drop a request that is older.
    pub deadline_ms: u64,
    /// What is asked.
    pub op: Op,
}

/// What a request is answered with.
pub type Response = Result<Reply, OpError>;

/// Who speaks, and how far that can be believed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Principal {
    /// `user`, `system`, `cli`, an actor id, or any external name.
    pub by: String,
    /// What stands behind the name.
    pub proof: Proof,
}

/// What stands behind a [`Principal::by`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Nothing: the wire standard lets a local client say who it is.
    Claim,
    /// The random token that ptyd gave one actor process. It speaks as that actor and as nobody else.
    Token(String),
    /// One of our daemons has checked (a web session, a paired chat) or speaks for itself. It is believed when the
    /// request comes with the daemon's own [proof](crate::key), as far as [`links::LINKS`] allows.
    Daemon,
}

impl Principal {
    /// An unproven name, as the local socket carries it.
    pub fn claimed(by: impl Into<String>) -> Self {
        Self { by: by.into(), proof: Proof::Claim }
    }

    /// One of our own daemons, speaking for the system.
    pub fn system() -> Self {
        Self { by: "system".into(), proof: Proof::Daemon }
    }
}
