//! Live terminals: how a front has ptyd show one. After one line of JSON each way, the connection is the terminal's.

pub mod frame;

use crate::contract::op::terminal::{Attach, Introduced, Introduction};
use crate::contract::{Code, OpError, Principal, limit};
use crate::home::Home;
use std::io::{self, Read, Write as _};
use std::os::unix::net::UnixStream as BlockingStream;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::time::timeout;

/// How long ptyd may take to say yes or no.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks ptyd for a terminal, in somebody's name. `may_type` says whether what is written to it is typed; otherwise the
/// viewer only looks on.
///
/// # Errors
///
/// ptyd's refusal; `daemon_unavailable` when it does not answer.
pub async fn open(home: &Home, request: &Attach, principal: &Principal, may_type: bool) -> Result<UnixStream, OpError> {
    introduce(home, &Introduction::new(request, principal, may_type)).await
}

/// The same with an introduction of one's own, like one that asks for [frames](frame).
///
/// # Errors
///
/// As [`open`].
pub async fn introduce(home: &Home, introduction: &Introduction) -> Result<UnixStream, OpError> {
    let introduction = introduction.to_line();
    let introduce = async {
        let mut ptyd = UnixStream::connect(home.attach_socket()).await?;
        ptyd.write_all(&introduction).await?;
        let mut answer = Vec::new();
        loop {
            // Byte by byte, because what follows the line end belongs to the terminal.
            match ptyd.read_u8().await? {
                b'\n' => return Ok((ptyd, answer)),
                byte => take(&mut answer, byte)?,
            }
        }
    };
    let introduced = timeout(PATIENCE, introduce).await;
    let (ptyd, answer) = introduced
        .unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in time")))
        .map_err(|error| unavailable(&error))?;
    Introduced::read(&answer)?;
    Ok(ptyd)
}

/// The same for a thread, over a connection that is there; the outer error is the connection's, and the inner one ptyd's
/// refusal.
///
/// # Errors
///
/// The connection broke, or no answer came within `patience`.
pub fn introduce_blocking(
    ptyd: &mut BlockingStream,
    introduction: &Introduction,
    patience: Duration,
) -> io::Result<Result<(), OpError>> {
    ptyd.set_read_timeout(Some(patience))?;
    ptyd.write_all(&introduction.to_line())?;
    let answer = first_line(ptyd)?;
    ptyd.set_read_timeout(None)?;
    Ok(Introduced::read(&answer))
}

fn first_line(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    loop {
        from.read_exact(&mut byte)?;
        match byte {
            [b'\n'] => return Ok(line),
            [byte] => take(&mut line, byte)?,
        }
    }
}

fn take(answer: &mut Vec<u8>, byte: u8) -> io::Result<()> {
    answer.push(byte);
    if answer.len() > limit::INTRODUCTION_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the answer is too long"));
    }
    Ok(())
}

fn unavailable(error: &io::Error) -> OpError {
    let sentence = format!("ptyd does not show terminals right now ({error}); see `cccc daemon status`");
    OpError::new(Code::DaemonUnavailable, sentence).with("process", "ptyd")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_follows_the_answer_is_lost() {
        let mut from: &[u8] = b"{\"ok\":true}\n\x1b[2Jscreen";
        assert_eq!(first_line(&mut from).unwrap(), b"{\"ok\":true}");
        assert_eq!(from, b"\x1b[2Jscreen");
        assert!(first_line(&mut &b"no end"[..]).is_err());
        let long = vec![b'x'; limit::INTRODUCTION_BYTES_MAX + 1];
        assert_eq!(first_line(&mut &long[..]).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
