//! Connections: how many at once, how long each may take to say what it wants, and where they come in.
//!
//! A new listener takes the place of the one before; whoever has come in by that one stays.

use crate::serve::Peer;
use axum::Router;
use axum::body::Body;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Connections at once; further ones wait to be taken.
const CONNECTIONS_MAX: usize = 1_024;

/// How long a client may take for the head of a request, and may stay without a next one.
const HEAD_PATIENCE: Duration = Duration::from_secs(15);

/// Pause when the system gives no connection, as when it has no more files.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves whoever comes in by the last of the listeners; nobody, while there is none. For ever.
pub async fn serve(mut listeners: mpsc::Receiver<Option<TcpListener>>, app: Router) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut listener = None;
    loop {
        let (place, accepted) = tokio::select! {
            taken = take(&places, listener.as_ref()) => taken,
            Some(next) = listeners.recv() => {
                listener = next;
                continue;
            }
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::debug!(%error, "a connection was not taken");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let app = app.clone();
        tokio::spawn(async move {
            talk(stream, peer, app).await;
            drop(place);
        });
    }
}

/// The next connection, as soon as there is a place for it.
async fn take(
    places: &Arc<Semaphore>,
    listener: Option<&TcpListener>,
) -> (OwnedSemaphorePermit, io::Result<(TcpStream, SocketAddr)>) {
    let (Some(listener), Ok(place)) = (listener, Arc::clone(places).acquire_owned().await) else {
        return std::future::pending().await;
    };
    (place, listener.accept().await)
}

async fn talk(stream: TcpStream, peer: SocketAddr, app: Router) {
    // Small answers go at once.
    let _ = stream.set_nodelay(true);
    let app = TowerToHyperService::new(app);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        app.call(request)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE);
    if let Err(error) = builder.serve_connection(TokioIo::new(stream), service).with_upgrades().await {
        // Browsers break off all the time.
        tracing::debug!(%error, "a connection broke");
    }
}
