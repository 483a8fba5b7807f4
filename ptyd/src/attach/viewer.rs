//! One viewer: bytes from the terminal to its socket, keys from its socket to the terminal.

use super::Dependencies;
use super::framed;
use super::introduce::introduce;
use crate::session::keyboard::Keys;
use crate::session::seat::Viewer;
use crate::session::{End, Joined, Live, Piece};
use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;
use tokio::time::timeout;

/// How long a viewer may take nothing before it is dropped.
const TAKE_PATIENCE: Duration = Duration::from_secs(30);

/// Most keys that are taken at once.
const KEYS_BYTES_MAX: usize = 4 * 1024;

/// What a viewer hears whose keys do not count.
const BELL: &[u8] = b"\x07";

/// Shortest time between two bells.
const BELL_PAUSE: Duration = Duration::from_secs(1);

/// Serves a viewer until it leaves, its right to look ends, or the session does.
///
/// # Errors
///
/// Its connection broke, or it takes nothing.
pub async fn serve(dependencies: &Dependencies, mut socket: UnixStream, number: u64) -> io::Result<()> {
    let Some(guest) = introduce(dependencies, &mut socket).await? else { return Ok(()) };
    let live = Arc::clone(&guest.live);
    let (from, to) = socket.into_split();
    let me = Viewer { number, name: guest.name.as_str().into() };
    let right_ended = guest.right.ended(&dependencies.ledgerd, dependencies.moved.subscribe());
    let shown = if guest.is_framed {
        tokio::select! {
            shown = framed::show(&live, to, &me) => shown,
            gone = framed::act(&guest, from, &me) => gone,
            () = right_ended => Ok(()),
        }
    } else {
        let (bell, bells) = tokio::sync::mpsc::channel(1);
        tokio::select! {
            shown = show(&live, to, bells) => shown,
            gone = type_keys(&live, from, &me, guest.may_type, bell) => gone,
            () = right_ended => Ok(()),
        }
    };
    live.leave_keyboard(&me);
    guest.leave().await;
    tracing::debug!(session_id = live.id(), viewer = number, "a viewer has left");
    shown
}

/// Shows the terminal until the session ends.
async fn show(live: &Arc<Live>, mut to: OwnedWriteHalf, mut bells: tokio::sync::mpsc::Receiver<()>) -> io::Result<()> {
    let mut end = live.end();
    let Joined { drawing, mut pieces, .. } = live.join();
    take(&mut to, &drawing).await?;
    loop {
        tokio::select! {
            biased;
            piece = pieces.recv() => match piece {
                Ok(piece) => take(&mut to, &piece).await?,
                Err(RecvError::Lagged(_)) => pieces = catch_up(live, &mut to).await?,
                Err(RecvError::Closed) => return Ok(()),
            },
            Some(()) = bells.recv() => take(&mut to, BELL).await?,
            // Everything was sent to the viewers before the end is told.
            () = ended(&mut end) => return to.shutdown().await,
        }
    }
}

/// Waits for the end of a session.
pub(super) async fn ended(end: &mut watch::Receiver<Option<End>>) {
    // The sender lives as long as the session we hold.
    let _ = end.wait_for(Option::is_some).await;
}

/// A slow viewer misses what happened meanwhile and sees how things are.
async fn catch_up(live: &Arc<Live>, to: &mut OwnedWriteHalf) -> io::Result<broadcast::Receiver<Piece>> {
    let Joined { drawing, pieces, .. } = live.join();
    take(to, &drawing).await?;
    Ok(pieces)
}

/// Has a viewer take bytes, with patience.
pub(super) async fn take(to: &mut OwnedWriteHalf, bytes: &[u8]) -> io::Result<()> {
    let taken = timeout(TAKE_PATIENCE, to.write_all(bytes)).await;
    taken.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "the viewer takes nothing")))
}

/// Waits until a viewer that types no more is gone altogether; a terminal that says nothing would never notice.
pub(super) async fn hung_up(from: &OwnedReadHalf) -> io::Result<()> {
    // A registration of its own: whoever writes to the viewer waits on the socket's.
    let socket = UnixStream::from_std(from.as_ref().as_fd().try_clone_to_owned()?.into())?;
    while !socket.ready(Interest::WRITABLE).await?.is_write_closed() {
        // Room to write is no news; forgotten, it is not told again before something else happens.
        let _ = socket.try_io(Interest::WRITABLE, || Err::<(), _>(io::ErrorKind::WouldBlock.into()));
    }
    Ok(())
}

/// Types what the viewer types, until it is gone. One that will not type any more may still look on.
async fn type_keys(
    live: &Arc<Live>,
    mut from: OwnedReadHalf,
    me: &Viewer,
    may_type: bool,
    bell: tokio::sync::mpsc::Sender<()>,
) -> io::Result<()> {
    let mut keys = vec![0; KEYS_BYTES_MAX];
    let mut last_bell: Option<Instant> = None;
    loop {
        let count = from.read(&mut keys).await?;
        if count == 0 {
            return hung_up(&from).await;
        }
        let typed = match may_type {
            true => live.type_keys(me, &keys[..count]).await.unwrap_or_else(|error| {
                tracing::debug!(session_id = live.id(), %error, "a viewer's keys were not typed");
                Keys::NotTaken
            }),
            false => Keys::NotYours,
        };
        let is_heard = match typed {
            Keys::Typed | Keys::NotNeeded => true,
            Keys::NotYours | Keys::NotTaken => false,
        };
        let is_quiet = last_bell.is_none_or(|then| then.elapsed() >= BELL_PAUSE);
        if !is_heard && is_quiet {
            last_bell = Some(Instant::now());
            // A bell that is still waiting rings for this key as well.
            let _ = bell.try_send(());
        }
    }
}
