//! The introduction: who wants to see whose terminal, and the answer.

use super::Dependencies;
use super::right::Right;
use crate::displaced;
use crate::session::{Live, Viewing, not_running};
use bus::contract::op::terminal::{Introduced, Introduction};
use bus::contract::{Code, OpError, limit};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;

/// How long the introduction may take.
const LINE_PATIENCE: Duration = Duration::from_secs(10);

/// What others are told of a viewer that has said nothing of itself.
const NAME_USUAL: &str = "a terminal window";

/// Most characters of what a viewer says of itself.
const NAME_CHARS_MAX: usize = 40;

/// A viewer that was let in.
#[derive(Debug)]
pub struct Guest {
    /// The terminal.
    pub live: Arc<Live>,
    /// Whether its keys count.
    pub may_type: bool,
    /// Whether it speaks in frames.
    pub is_framed: bool,
    /// What others are told of who it is.
    pub name: String,
    /// It is counted if its keys count whenever it presses some. The terminal of somebody who may not type cannot answer the
    /// program either. One that speaks in frames is counted while it has the keyboard.
    pub counted: Option<Viewing>,
    /// What lets it look.
    pub right: Right,
}

impl Guest {
    /// It is gone: nobody's window decides about the size any more, if it was the last.
    pub async fn leave(self) {
        drop(self.counted);
        if self.may_type {
            self.live.restore_size().await;
        }
    }
}

/// Reads the introduction and answers it. `None` when the guest was refused, and has been told why.
///
/// # Errors
///
/// The connection broke, or no introduction came.
pub async fn introduce(dependencies: &Dependencies, socket: &mut UnixStream) -> io::Result<Option<Guest>> {
    let line =
        timeout(LINE_PATIENCE, read_line(socket)).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    let admitted =
        match serde_json::from_slice(&line) {
            Ok(introduction) => admit(dependencies, introduction).await,
            Err(error) => Err(OpError::new(Code::InvalidRequest, "the introduction is no JSON object")
                .with("error", error.to_string())),
        };
    // It is counted already: whoever has the answer may ask for another size at once.
    let told = socket.write_all(&Introduced::new(admitted.as_ref().err().cloned()).to_line()).await;
    match (told, admitted.ok()) {
        (Ok(()), guest) => Ok(guest),
        (Err(error), guest) => {
            if let Some(guest) = guest {
                guest.leave().await;
            }
            Err(error)
        }
    }
}

/// Who speaks as an agent may only look.
async fn admit(dependencies: &Dependencies, introduction: Introduction) -> Result<Guest, OpError> {
    let principal = introduction.principal();
    let Introduction { group_id, actor_id, by, token, write, frames: is_framed, name } = introduction;
    if group_id.is_empty() {
        return Err(OpError::new(Code::MissingGroupId, "missing group_id"));
    }
    if actor_id.is_empty() {
        return Err(OpError::new(Code::MissingActorId, "missing actor_id"));
    }
    let is_person = token.is_none() && matches!(by.as_str(), "" | "user" | "cli");
    // A viewer comes again by itself.
    if !dependencies.sessions.is_open() {
        return Err(displaced::unknown_yet());
    }
    let runners = dependencies.groups.runners(&group_id);
    let right = Right { principal, group_id, actor_id: actor_id.clone() };
    right.check(&dependencies.ledgerd).await.map_err(|error| match error.code {
        // Whatever has no terminal to show does not run, as far as a viewer is concerned.
        Code::GroupNotFound | Code::ActorNotFound | Code::NotPtyActor => not_running(&actor_id),
        _ => error,
    })?;
    let live = runners.and_then(|runners| runners.live(&actor_id)).ok_or_else(|| not_running(&actor_id))?;
    let may_type = write && is_person;
    let counted = (may_type && !is_framed).then(|| live.count_viewer());
    let name = if name.is_empty() { NAME_USUAL.to_owned() } else { name.chars().take(NAME_CHARS_MAX).collect() };
    Ok(Guest { live, may_type, is_framed, name, counted, right })
}

/// Byte by byte, because what follows the line belongs to the terminal.
async fn read_line(socket: &mut UnixStream) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    loop {
        match socket.read_u8().await? {
            b'\n' => return Ok(line),
            byte => line.push(byte),
        }
        if line.len() > limit::INTRODUCTION_BYTES_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the introduction is too long"));
        }
    }
}
