//! `cccc import`: brings the groups of an older home over. ledgerd does it, because nobody else writes state.

use crate::client::Client;
use crate::failure::Failure;
use crate::print::Output;
use crate::stack;
use clap::Args;
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// `cccc import`
#[derive(Debug, Args)]
pub struct Import {
    /// Home of the older implementation (0.4.x); it is read and never changed
    #[arg(value_name = "OLDER_HOME")]
    from: PathBuf,
    /// Do it; without this, only say what would be done
    #[arg(long)]
    apply: bool,
}

/// Brings groups, actors, settings, contexts, cursors, files and whole ledgers over.
///
/// # Errors
///
/// What stands in the way, or that something could not be understood and was left out.
pub fn run(client: &Client, import: &Import) -> Result<(), Failure> {
    let mut command = Command::new(stack::program("ledgerd")?);
    command.arg("import").arg(&import.from).arg("--home").arg(client.home().root()).stdin(Stdio::null());
    command.args(import.apply.then_some("--apply"));
    command.args((client.output() == Output::Json).then_some("--json"));
    let output = command.output().map_err(|error| Failure::Failed(format!("cannot start ledgerd import: {error}")))?;
    let (found, trouble) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if found.is_empty() {
        return Err(Failure::Failed(trouble.trim().trim_start_matches("error: ").to_owned()));
    }
    let report = serde_json::from_str(&found).unwrap_or(Value::Null);
    client.present(&report, |page| page.body(&found, 0))?;
    if output.status.success() { Ok(()) } else { Err(Failure::told()) }
}
