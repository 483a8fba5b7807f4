//! Lines to clients: one that reads gets its answer, one that does not is given up.

use super::socket::Socket;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

/// How long a client may take to read an answer.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);

/// The same when many answers wait to be read.
const WRITE_PATIENCE_SHORT: Duration = Duration::from_millis(500);

/// Answers waiting to be read, in all connections together, above which clients are given less time.
const UNREAD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Bytes of answers that wait to be read.
static UNREAD_BYTES: AtomicUsize = AtomicUsize::new(0);

/// Writes a line to a client that reads; one that does not is an error after a while.
///
/// # Errors
///
/// The client is gone, or does not read.
pub async fn write<S: Socket>(socket: &mut S, line: &[u8]) -> io::Result<()> {
    let unread = UNREAD_BYTES.fetch_add(line.len(), Ordering::Relaxed) + line.len();
    let patience = if unread > UNREAD_BYTES_MAX { WRITE_PATIENCE_SHORT } else { WRITE_PATIENCE };
    let written = timeout(patience, socket.write_all(line)).await;
    UNREAD_BYTES.fetch_sub(line.len(), Ordering::Relaxed);
    written.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read its answer")))
}
