//! `cccc door`: the process behind the client socket.

use crate::client::Client;
use crate::failure::Failure;
use bus::daemon::Daemon;

/// Serves until the supervisor says stop.
///
/// # Errors
///
/// None of its own: a daemon writes to its log, and its exit code says the rest.
pub fn run(client: &Client) -> Result<(), Failure> {
    Err(Failure::Told(Daemon::run_async_on("door", client.home().clone(), crate::door::run)))
}
