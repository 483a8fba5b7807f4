//! One client, at the other end of our standard input and output, until it closes them.

use super::lines::{self, LINE_BYTES_MAX};
use crate::identity::Session;
use crate::server::Server;
use bus::front::SessionIdentity;
use bus::home::{Home, HomeError};
use bus::link::LinkError;
use bus::peer::Peers;
use rmcp::ServiceExt as _;
use rmcp::transport::async_rw::AsyncRwTransport;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::runtime::Builder;

/// Bytes that may wait between a client and the SDK.
const PIPE_BYTES: usize = 64 * 1024;

/// Why nobody is served.
#[derive(Debug, thiserror::Error)]
enum StdioError {
    #[error(transparent)]
    Home(#[from] HomeError),
    #[error("cannot link to the daemons")]
    Link(#[from] LinkError),
    #[error("cannot start the runtime")]
    Runtime(#[from] io::Error),
}

/// Serves the program that has started us, as the actor that the environment names, until it is gone.
pub fn run() -> ExitCode {
    bus::daemon::start_log();
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Whoever shows our errors shows them to a person; a closed pipe has nobody to tell.
            let _ = writeln!(io::stderr(), "cccc mcp: {}", bus::daemon::with_causes(&error));
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<(), StdioError> {
    let home = Home::find(None)?;
    let peers = Arc::new(Peers::connect(&home, "mcp")?);
    let session = Session::new(SessionIdentity::from_env(|name| std::env::var(name).ok()));
    let server = Server::for_one(home, peers, session);
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (near, far) = tokio::io::duplex(PIPE_BYTES);
        let far = tokio::io::split(far);
        let (from_sdk, to_sdk) = tokio::io::split(near);
        let talk = async {
            let transport = AsyncRwTransport::new_server(far.0, far.1);
            match server.serve(transport.with_max_line_length(LINE_BYTES_MAX)).await {
                Ok(running) => {
                    let ended = running.waiting().await;
                    tracing::debug!(?ended, "the client has gone");
                }
                Err(error) => tracing::debug!(%error, "the client has gone before it has begun"),
            }
        };
        let carry = lines::carry((tokio::io::stdin(), tokio::io::stdout()), (from_sdk, to_sdk));
        let (carried, ()) = tokio::join!(carry, talk);
        if let Err(error) = carried {
            tracing::debug!(%error, "the client has gone");
        }
    });
    // A read of our standard input may still be under way on a thread; nobody waits for it.
    runtime.shutdown_background();
    Ok(())
}
