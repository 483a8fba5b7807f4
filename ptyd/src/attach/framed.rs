//! A viewer that speaks in frames: it is told sizes and who has the keyboard, and may take the keyboard and leave it.
//!
//! It counts as somebody who may type while it has the keyboard, and then its room is the terminal's size. Otherwise it
//! looks on, and changes nothing for the others.

use super::introduce::Guest;
use super::viewer::{ended, hung_up, take};
use crate::session::seat::Viewer;
use crate::session::{Joined, Live, Viewing};
use bus::contract::limit;
use bus::front::terminal::frame::{Done, Ended, Frames, Keyboard, Shown, Size};
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::broadcast::error::RecvError;

/// Bytes that are read at once.
const READ_BYTES: usize = 16 * 1024;

/// Smallest size that is taken.
const SIZE_MIN: Size = Size { cols: 10, rows: 2 };

/// Shows the terminal until the session ends.
///
/// # Errors
///
/// The connection broke, or the viewer takes nothing.
pub async fn show(live: &Live, mut to: OwnedWriteHalf, me: &Viewer) -> io::Result<()> {
    let (mut end, mut sizes, mut seat) = (live.end(), live.sizes(), live.seat());
    let mut pieces = show_screen(live, &mut to).await?;
    seat.mark_changed();
    loop {
        let shown = tokio::select! {
            biased;
            piece = pieces.recv() => match piece {
                Ok(piece) => Shown::Output(piece.to_vec()),
                Err(RecvError::Lagged(_)) => {
                    pieces = show_screen(live, &mut to).await?;
                    continue;
                }
                Err(RecvError::Closed) => return Ok(()),
            },
            Ok(()) = sizes.changed() => {
                let (cols, rows) = *sizes.borrow_and_update();
                Shown::Size(Size { cols, rows })
            }
            Ok(()) = seat.changed() => {
                let seat = seat.borrow_and_update().clone();
                let is_yours = seat.as_ref().is_some_and(|seat| seat.number == me.number);
                Shown::Keyboard(Keyboard { is_yours, holder: seat.map(|seat| seat.name.to_string()) })
            }
            // Everything was sent to the viewers before the end is told.
            () = ended(&mut end) => {
                let exit = end.borrow().clone().and_then(|end| end.exit());
                let told = Ended { code: exit.as_ref().and_then(|exit| exit.code), signal: exit.and_then(|exit| exit.signal) };
                take(&mut to, &Shown::Ended(told).to_bytes()).await?;
                return to.shutdown().await;
            }
        };
        take(&mut to, &shown.to_bytes()).await?;
    }
}

async fn show_screen(
    live: &Live,
    to: &mut OwnedWriteHalf,
) -> io::Result<tokio::sync::broadcast::Receiver<crate::session::Piece>> {
    let Joined { drawing, size: (cols, rows), offset, pieces } = live.join();
    take(to, &Shown::Screen { size: Size { cols, rows }, offset, drawing }.to_bytes()).await?;
    Ok(pieces)
}

/// A viewer's place at the terminal.
struct Place<'a> {
    live: &'a Arc<Live>,
    me: &'a Viewer,
    /// While it has the keyboard.
    counted: Option<Viewing>,
    /// For how much it has room.
    room: Option<Size>,
}

/// Does what the viewer does, until it is gone. One that will not type any more may still look on.
///
/// # Errors
///
/// The connection broke, or what it says is no frame.
pub async fn act(guest: &Guest, mut from: OwnedReadHalf, me: &Viewer) -> io::Result<()> {
    let mut place = Place { live: &guest.live, me, counted: None, room: None };
    let mut seat = guest.live.seat();
    let (mut frames, mut bytes) = (Frames::default(), vec![0; READ_BYTES]);
    loop {
        tokio::select! {
            count = from.read(&mut bytes) => match count? {
                0 => break,
                count => frames.feed(&bytes[..count]),
            },
            Ok(()) = seat.changed() => {}
        }
        loop {
            let is_mine = seat.borrow_and_update().as_ref().is_some_and(|seat| seat.number == me.number);
            place.settle(is_mine).await;
            let Some(done) = frames.done()? else { break };
            if guest.may_type {
                place.does(done).await;
            }
        }
    }
    guest.live.leave_keyboard(me);
    place.settle(false).await;
    hung_up(&from).await
}

impl Place<'_> {
    /// The viewer has the keyboard, or has it no more.
    async fn settle(&mut self, is_mine: bool) {
        match (is_mine, self.counted.is_some()) {
            (true, false) => {
                self.counted = Some(self.live.count_viewer());
                self.resize().await;
            }
            (false, true) => {
                self.counted = None;
                self.live.restore_size().await;
            }
            (true, true) | (false, false) => {}
        }
    }

    async fn does(&mut self, done: Done) {
        match done {
            Done::Keys(keys) => {
                if let Err(error) = self.live.type_keys(self.me, &keys).await {
                    tracing::debug!(session_id = self.live.id(), %error, "a viewer's keys were not typed");
                }
            }
            Done::Size(room) => {
                self.room = Some(room);
                if self.counted.is_some() {
                    self.resize().await;
                }
            }
            Done::Take => self.live.take_keyboard(self.me),
            Done::Give => self.live.leave_keyboard(self.me),
        }
    }

    async fn resize(&self) {
        let Some(Size { cols, rows }) = self.room else { return };
        let cols = cols.clamp(SIZE_MIN.cols, limit::TERMINAL_COLS_MAX);
        let rows = rows.clamp(SIZE_MIN.rows, limit::TERMINAL_ROWS_MAX);
        if let Err(error) = self.live.resize(cols, rows, "").await {
            tracing::debug!(session_id = self.live.id(), %error, "a terminal does not take the size of its viewer");
        }
    }
}
