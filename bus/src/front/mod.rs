//! What every front does, whichever protocol it speaks: a client socket, a command line, a web page, a tool server.
//!
//! Who asks and what is asked is read here, once, so that no front believes more than another. How an answer is shown is
//! the front's own.

pub mod files;
pub mod listen;
pub mod project;
mod request;
mod session;
pub mod terminal;
pub mod upload;

pub use request::Untrusted;
pub use session::SessionIdentity;
