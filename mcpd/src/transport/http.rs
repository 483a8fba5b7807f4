//! Streamable HTTP on loopback, for many clients: each request proves with its token whose it is.
//!
//! Pages of others are kept out: whoever sends an `Origin` that is not the address it asks, or asks for another host than
//! this machine, is refused.

use super::bearer;
use crate::identity::Identity;
use crate::server::Server;
use bus::contract::OpError;
use bus::front::listen::{self, Endpoint};
use bus::home::Home;
use bus::peer::Peers;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// The only path.
pub const PATH: &str = "/mcp";

/// Connections at once; further ones wait to be taken.
const CONNECTIONS_MAX: usize = 512;

/// How long a client may take for the head of a request.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);

/// Most bytes of a request.
const REQUEST_BYTES_MAX: usize = 4 * 1024 * 1024;

type Service = StreamableHttpService<Server, LocalSessionManager>;
type Answer = Response<BoxBody<Bytes, Infallible>>;

/// A place to listen at.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    endpoint: Endpoint,
}

impl Listener {
    /// Listens on a port of this machine. Without one it takes that of the life before, because clients keep to the address
    /// that they were given; any other that is free when somebody else has that one now.
    ///
    /// # Errors
    ///
    /// The port is taken.
    pub async fn bind(home: &Home, port: Option<u16>) -> io::Result<Self> {
        let last = Endpoint::announced(&home.mcp_endpoint()).map(|last| last.port);
        let listener = listen::bind(Ipv4Addr::LOCALHOST.into(), port, last).await?;
        let endpoint = Endpoint::new(listener.local_addr()?, PATH);
        Ok(Self { listener, endpoint })
    }

    /// Where clients find it.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Says it in the run folder: `run/mcp.json`.
    ///
    /// # Errors
    ///
    /// The folder cannot be written.
    pub fn announce(&self, home: &Home) -> io::Result<()> {
        self.endpoint.announce(&home.mcp_endpoint())
    }

    /// Serves for ever.
    pub async fn serve(&self, home: &Home, peers: &Arc<Peers>) {
        let server = Server::for_many(home.clone(), Arc::clone(peers));
        // Nothing is kept between two requests, so a client goes on with the next life of ours as with this one.
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true)
            .with_max_request_body_bytes(REQUEST_BYTES_MAX)
            .enforce_origin_validation();
        let service: Service = StreamableHttpService::new(move || Ok(server.clone()), Arc::default(), config);
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let place = Arc::clone(&places).acquire_owned().await.expect("it is never closed");
            let connection = match self.listener.accept().await {
                Ok((connection, _)) => connection,
                Err(error) => {
                    // Descriptors have run out: there may be some again soon.
                    tracing::warn!(%error, "a connection was not taken");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let (service, peers) = (service.clone(), Arc::clone(peers));
            tokio::spawn(async move {
                let _place = place;
                converse(connection, service, peers).await;
            });
        }
    }
}

/// Serves a connection to its end.
async fn converse(connection: TcpStream, service: Service, peers: Arc<Peers>) {
    let answer = service_fn(move |request| {
        let (service, peers) = (service.clone(), Arc::clone(&peers));
        async move { Ok::<_, Infallible>(answer(request, service, &peers).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .serve_connection(TokioIo::new(connection), answer)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended");
    }
}

/// Takes out an `Origin` that is the very address that is asked: a page of ours, were there one. All others are refused,
/// and so is a `Host` that is not this machine.
fn accept_own_origin(headers: &mut HeaderMap) {
    let of = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let is_own = |origin: &str| of(header::HOST).is_some_and(|host| origin.strip_prefix("http://") == Some(host));
    if of(header::ORIGIN).is_some_and(is_own) {
        headers.remove(header::ORIGIN);
    }
}

async fn answer(mut request: Request<Incoming>, service: Service, peers: &Peers) -> Answer {
    if request.uri().path() != PATH {
        return refusal(StatusCode::NOT_FOUND, &format!("there is only {PATH}"));
    }
    accept_own_origin(request.headers_mut());
    let Some(token) = bearer::token(request.headers()) else {
        let why = "send the actor's token: Authorization: Bearer <CCCC_ACTOR_TOKEN>";
        return challenge(refusal(StatusCode::UNAUTHORIZED, why));
    };
    match Identity::of_token(peers, token).await {
        Ok((identity, speaker)) => {
            request.extensions_mut().insert(identity);
            request.extensions_mut().insert(speaker);
            // What is behind this needs the token no more, and nobody shall find it in a log.
            request.headers_mut().remove(header::AUTHORIZATION);
            service.handle(request).await
        }
        Err(OpError { code, message, .. }) if code.is_retryable() => refusal(StatusCode::SERVICE_UNAVAILABLE, &message),
        Err(OpError { message, .. }) => challenge(refusal(StatusCode::UNAUTHORIZED, &message)),
    }
}

fn refusal(status: StatusCode, why: &str) -> Answer {
    let body = Full::new(Bytes::from(format!("{why}\n"))).boxed();
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer
}

fn challenge(mut answer: Answer) -> Answer {
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    answer
}
