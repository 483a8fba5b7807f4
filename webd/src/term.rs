//! One terminal on a WebSocket of its own, as scripts know it: its bytes to the client, keys and sizes back.
//!
//! Binary frames carry the terminal's bytes, the screen first. Text frames of the client are `{"t":"i","d":"keys"}` and
//! `{"t":"r","c":cols,"r":rows}`; anything else is ignored. A refusal is one text frame with the envelope of the error, and
//! the code of the close says whose fault it is.

use crate::access::Asked;
use crate::answer::{Answer, Refusal};
use crate::route::user;
use crate::serve::Site;
use crate::visit::Visit;
use axum::extract::Path;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use bus::contract::Principal;
use bus::contract::op::terminal::{Attach, Resize};
use bus::front::terminal;
use serde::Deserialize;
use serde_json::{Value, json};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::time::timeout;

/// Most bytes of one frame to the client.
const FRAME_BYTES_MAX: usize = 64 * 1024;

/// How long either end may take nothing.
const TAKE_PATIENCE: Duration = Duration::from_secs(30);

/// Why a connection is closed, as WebSockets say it: all is well, it was not allowed, the server could not.
const CLOSE_WELL: u16 = 1000;
const CLOSE_REFUSED: u16 = 1008;
const CLOSE_FAILED: u16 = 1011;

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "t")]
enum Said {
    /// Keys.
    #[serde(rename = "i")]
    Input { d: String },
    /// Another size.
    #[serde(rename = "r")]
    Resize { c: i64, r: i64 },
}

/// `GET /api/v1/groups/{group_id}/actors/{actor_id}/term`
pub async fn open(
    visit: Visit,
    Path((group_id, actor_id)): Path<(String, String)>,
    upgrade: WebSocketUpgrade,
) -> Answer {
    let request = Attach { group_id, actor_id };
    upgrade.on_upgrade(async move |mut socket| {
        let close = match begin(&visit, &request).await {
            Ok(ptyd) => tokio::select! {
                carried = carry(&visit, &request, &mut socket, ptyd) => carried.map_or(CLOSE_FAILED, |()| CLOSE_WELL),
                () = visit.ended() => CLOSE_REFUSED,
            },
            Err((close, error)) => {
                let text = json!({"ok": false, "error": error}).to_string();
                let _ = socket.send(Message::Text(text.into())).await;
                close
            }
        };
        // Whoever is gone needs no farewell.
        let _ = socket.send(Message::Close(Some(CloseFrame { code: close, reason: "".into() }))).await;
    })
}

/// The terminal; or the code of the close, and the error.
async fn begin(visit: &Visit, request: &Attach) -> Result<UnixStream, (u16, Value)> {
    if let Err(denied) = visit.access().check(Asked::Terminal(&request.group_id)) {
        let Refusal { code, message, .. } = denied.refusal();
        let code = if visit.access().is_viewer() { "read_only_terminal" } else { code };
        return Err((CLOSE_WELL, json!({"code": code, "message": message, "details": {}})));
    }
    // The person was let in by us; on ptyd's socket this user is who speaks.
    let opened = terminal::open(&visit.home, request, &Principal::claimed("user"), true).await;
    opened.map_err(|error| (if error.code.is_retryable() { CLOSE_FAILED } else { CLOSE_REFUSED }, json!(error)))
}

async fn carry(site: &Site, request: &Attach, socket: &mut WebSocket, mut ptyd: UnixStream) -> io::Result<()> {
    let mut shown = vec![0; FRAME_BYTES_MAX];
    loop {
        tokio::select! {
            read = ptyd.read(&mut shown) => match read? {
                0 => return Ok(()),
                count => {
                    let frame = Message::Binary(shown[..count].to_vec().into());
                    let sent = timeout(TAKE_PATIENCE, socket.send(frame)).await;
                    sent.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?.map_err(io::Error::other)?;
                }
            },
            said = socket.recv() => match said {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(text.as_str()) {
                    Ok(Said::Input { d }) => {
                        let typed = timeout(TAKE_PATIENCE, ptyd.write_all(d.as_bytes())).await;
                        typed.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
                    }
                    Ok(Said::Resize { c, r }) => resize(site, request, c, r).await,
                    Err(_) => {}
                },
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(()),
                Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => {}
            },
        }
    }
}

/// A size that cannot be is left, as it always was.
async fn resize(site: &Site, Attach { group_id, actor_id }: &Attach, cols: i64, rows: i64) {
    let resize = Resize { group_id: group_id.clone(), actor_id: actor_id.clone(), cols: Some(cols), rows: Some(rows) };
    if let Err(error) = site.peers.ask_as(user(), resize).await {
        tracing::debug!(%error, actor_id, "a terminal does not take the size of a client");
    }
}
