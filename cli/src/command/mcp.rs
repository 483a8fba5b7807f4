//! `cccc mcp`: the tools of the agent that starts it, over its standard input and output.

use crate::client::Client;
use crate::failure::Failure;
use crate::stack;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// Becomes the program that serves them.
///
/// # Errors
///
/// It is not installed, or cannot be started.
pub fn run(client: &Client) -> Result<(), Failure> {
    let program = stack::program("mcpd")?;
    let error = Command::new(&program).arg("--stdio").env("CCCC_HOME", client.home().root()).exec();
    Err(Failure::Failed(format!("cannot start {}: {error}", program.display())))
}
