//! The socket of a page: what happens is pushed, ops are asked, terminals are shown, all on one connection.
//!
//! A page that was away says what it knows last and goes on from there, so nothing is missed and nothing comes twice,
//! whatever was restarted meanwhile. A page that does not take what it is sent is closed, and nobody waits for it.

mod answer;
mod follow;
mod frame;
#[cfg(test)]
mod manual;
mod page;
mod presence;
mod terminal;

use crate::answer::Answer;
use crate::visit::Visit;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use futures_util::{SinkExt as _, StreamExt as _};
pub use presence::Presence;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Longest frame that a page may send: as much as the body of a request.
const FRAME_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Frames that wait for the page.
const WAITING_FRAMES_MAX: usize = 64;

/// How long a page may take nothing before it is closed.
const TAKE_PATIENCE: Duration = Duration::from_secs(30);

/// What is sent to a page; whoever sends waits until there is room.
pub type Outbox = mpsc::Sender<Message>;

/// `GET /ws`
pub async fn open(site: Visit, upgrade: WebSocketUpgrade) -> Answer {
    upgrade
        .max_message_size(FRAME_BYTES_MAX)
        .max_frame_size(FRAME_BYTES_MAX)
        .on_upgrade(async move |socket| serve(&site, socket).await)
}

async fn serve(site: &Visit, socket: WebSocket) {
    let (mut sink, mut from) = socket.split();
    let (outbox, mut waiting) = mpsc::channel(WAITING_FRAMES_MAX);
    let write = async {
        while let Some(message) = waiting.recv().await {
            match timeout(TAKE_PATIENCE, sink.send(message)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return,
                Err(_) => return tracing::info!("a page takes nothing any more and is closed"),
            }
        }
    };
    let read = async {
        let mut page = page::Page::begin(site, outbox).await;
        while let Some(Ok(message)) = from.next().await {
            match message {
                Message::Text(text) => page.hears(text.as_str()).await,
                Message::Close(_) => return,
                // Pings are answered below us, and nothing of ours is binary in this direction.
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) => {}
            }
        }
    };
    tokio::select! {
        () = write => {}
        () = read => {}
        () = site.ended() => tracing::info!(name = site.access().name, "a page may not look any more and is closed"),
    }
}
