//! Starting a holder, so that it belongs to nobody: when this returns, killing us does not touch it.

use crate::hold::client::Session;
use crate::hold::document::{Failure, Report};
use crate::hold::error::HoldError;
use crate::hold::folder::Folder;
use crate::hold::spec::Spec;
use bus::daemon::inherit;
use bus::home::Home;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::time::timeout;

/// How long a holder may take to start its agent and say so.
const START_WITHIN: Duration = Duration::from_secs(30);

/// Longest report of a holder.
const REPORT_BYTES_MAX: u64 = 1024 * 1024;

/// Starts an agent in a terminal of its own, held by the program `holder`, and connects to it.
///
/// When it returns, the agent runs: a program that cannot be executed is an error here. Otherwise nothing is left behind.
///
/// # Errors
///
/// See the variants. After [`HoldError::NoAnswer`] the session may yet come up; [`find`](crate::hold::find()) will tell.
pub async fn spawn(home: &Home, holder: &Path, spec: &Spec) -> Result<Session, HoldError> {
    spec.check().map_err(|why| HoldError::Spec { why })?;
    let folder = Folder::at(home.pty().join(&spec.session_id));
    let order = spec.to_order();

    let mut command = Command::new(holder);
    command
        .arg(folder.path())
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    // The agent has its limits from the holder, and shall have the user's.
    inherit::give_back_limits(&mut command);
    let mut child =
        command.spawn().map_err(|source| HoldError::Io { action: "execute", path: holder.to_path_buf(), source })?;
    let talked = timeout(START_WITHIN, talk(&mut child, &order)).await;
    // It steps aside as soon as it has left a grandchild in charge; only one that hangs is still there.
    if talked.is_err() {
        // It may have ended just now.
        drop(child.kill());
    }
    let status =
        child.wait().map_err(|source| HoldError::Io { action: "wait for", path: holder.to_path_buf(), source })?;

    let report = match talked {
        Ok(Ok(bytes)) => serde_json::from_slice(&bytes)
            .map_err(|_| HoldError::Start { why: format!("{} ended ({status}) without a report", holder.display()) })?,
        Ok(Err(error)) => {
            return Err(HoldError::Start { why: format!("{} does not listen ({status}): {error}", holder.display()) });
        }
        Err(_) => return Err(HoldError::NoAnswer { action: "start", seconds: START_WITHIN.as_secs() }),
    };
    match report {
        Report::Started(_) => Session::connect(&folder).await,
        Report::Failed { failure: Failure::Spec, message } => Err(HoldError::Spec { why: message }),
        Report::Failed { failure: Failure::Program, message } => Err(HoldError::Program { why: message }),
        Report::Failed { failure: Failure::Directory, message } => Err(HoldError::Directory { why: message }),
        Report::Failed { failure: Failure::Folder | Failure::Terminal, message } => {
            Err(HoldError::Start { why: message })
        }
    }
}

/// Hands the order over and reads the report to its end.
async fn talk(child: &mut Child, order: &[u8]) -> io::Result<Vec<u8>> {
    let ends = child.stdin.take().zip(child.stdout.take());
    let (stdin, stdout) = ends.expect("both were asked for when it was started");
    let mut stdin = Sender::from_owned_fd(OwnedFd::from(stdin))?;
    let stdout = Receiver::from_owned_fd(OwnedFd::from(stdout))?;
    let written = stdin.write_all(order).await;
    drop(stdin);
    let mut report = Vec::new();
    stdout.take(REPORT_BYTES_MAX).read_to_end(&mut report).await?;
    // One that fails early does not read to the end; then its report says why.
    if report.is_empty() {
        written?;
    }
    Ok(report)
}
