//! Serves agents their tools, over MCP.
//!
//! `mcpd --stdio` serves the one program that has started it, as the actor that its environment names. Without that it is
//! a daemon: it serves all actors of a home over HTTP on this machine, each proven by its token.
//!
//! It owns no state, and decides nothing: a tool is one op of ledgerd or ptyd, or few, in the caller's name.

mod argument;
mod bound;
mod call;
mod identity;
mod playbook;
mod reminder;
mod runtime;
mod schema;
mod server;
mod tool;
mod transport;

use bus::contract::Principal;
use bus::daemon::{Daemon, follow_loudness};
use bus::feed::Feed;
use bus::link::LinkError;
use bus::peer::Peers;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use transport::http::Listener;
use transport::stdio;

/// The port that is listened at; without it that of the life before, or any that is free.
const PORT_VARIABLE: &str = "CCCC_MCP_PORT";

/// Why mcpd ended.
#[derive(Debug, thiserror::Error)]
enum McpdError {
    /// A link to another process cannot be made at all.
    #[error("cannot link to the other processes")]
    Link(#[from] LinkError),
    /// The port is not to be had, or nobody can be told of it.
    #[error("cannot {action}")]
    Io {
        /// What was attempted.
        action: String,
        /// Why not.
        source: io::Error,
    },
    /// The variable says something else than a port.
    #[error("{PORT_VARIABLE} is {0:?}, which is no port; give a number from 1 to 65535, or none")]
    Port(String),
}

fn main() -> ExitCode {
    match std::env::args_os().nth(1) {
        Some(first) if first == "--stdio" => stdio::run(),
        _ => Daemon::run_async("mcpd", run),
    }
}

async fn run(daemon: &Daemon) -> Result<ExitCode, McpdError> {
    let fail = |action: &str| {
        let action = action.to_owned();
        move |source| McpdError::Io { action, source }
    };
    let home = daemon.home();
    let peers = Arc::new(Peers::of_daemon(home, daemon.key())?);
    let feed = Feed::open(home, Arc::clone(&peers), Principal::system())?;
    let port = port(std::env::var(PORT_VARIABLE).ok().as_deref())?;
    let wanted = port.map_or_else(|| "any port".to_owned(), |port| format!("port {port}"));
    let listener = Listener::bind(home, port).await.map_err(fail(&format!("listen on {wanted} of 127.0.0.1")))?;
    listener.announce(home).map_err(fail("say where we listen"))?;
    daemon.stay_in(vec![home.mcp_endpoint()]).map_err(fail("watch over what says where we listen"))?;
    daemon.ready(&format!("serving tools at {}", listener.endpoint().url));
    tokio::select! {
        () = listener.serve(home, &peers) => {}
        () = follow_loudness(&feed) => {}
        () = daemon.stopped() => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn port(variable: Option<&str>) -> Result<Option<u16>, McpdError> {
    match variable.map(str::trim) {
        None | Some("" | "0") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| McpdError::Port(text.to_owned())),
    }
}
