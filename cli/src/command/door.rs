//! `cccc door`: the process behind the client socket.

use super::{Context, Failure};
use bus::daemon::Daemon;

/// Serves until the supervisor says stop.
///
/// # Errors
///
/// None of its own: a daemon writes to its log, and its exit code says the rest.
pub fn run(context: &Context) -> Result<(), Failure> {
    Err(Failure::Told(Daemon::run_async_on("door", context.home().clone(), crate::door::run)))
}
