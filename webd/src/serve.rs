//! The way of a request: judged, found in the table, answered; and the headers that every answer has.

use crate::answer::{Answer, Refusal};
use crate::asset;
use crate::guard::{self, Proof};
use crate::route;
use crate::setting::Settings;
use crate::ws::{self, Presence};
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::middleware::{self, Next};
use axum::routing::get;
use bus::feed::Feed;
use bus::home::Home;
use bus::peer::Peers;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use std::io;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Where the page is.
pub const UI: &str = "/ui/";

/// What all handlers need. Cheap to clone behind its [`Arc`].
#[derive(Debug)]
pub struct Site {
    /// The home that is served.
    pub home: Home,
    /// The way to ledgerd and ptyd.
    pub peers: Arc<Peers>,
    /// What happens.
    pub feed: Arc<Feed>,
    /// How browsers are served.
    pub settings: Settings,
    /// Who looks at what.
    pub presence: Presence,
}

/// What browsers are told of every answer: run nothing but our own files, be in no page of others, guess no types, and do not
/// tell others where somebody has been. Styles of terminals are set by script and inline.
const HEADERS: [(header::HeaderName, &str); 3] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
         connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
];

/// Serves for ever.
///
/// # Errors
///
/// The listener broke.
pub async fn serve(listener: TcpListener, site: Site) -> io::Result<()> {
    let site = Arc::new(site);
    let app = route::add_all(Router::new())
        .route("/ws", get(ws::open))
        .route("/", get(async || to_the_page()))
        .route("/ui", get(async || to_the_page()))
        .route(UI, get(async |headers: HeaderMap| asset::answer("", &headers)))
        .route("/ui/{*name}", get(async |Path(name): Path<String>, headers: HeaderMap| asset::answer(&name, &headers)))
        .fallback(async || {
            Refusal::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this address").answer()
        })
        .layer(middleware::from_fn_with_state(Arc::clone(&site), guarded))
        .with_state(site);
    axum::serve(listener, app).await
}

async fn guarded(State(site): State<Arc<Site>>, mut request: Request, next: Next) -> Answer {
    let judged = guard::judge(request.method(), request.uri(), request.headers(), &site.settings);
    let cookie = match (&judged, &site.settings.token) {
        (Ok((Proof::Request, _)), Some(token)) => Some(guard::cookie(token, request.headers(), &site.settings)),
        _ => None,
    };
    let mut answer = match judged {
        Ok((_, access)) => {
            // What is behind this needs no proof, and nobody shall find one in a log.
            request.headers_mut().remove(header::AUTHORIZATION);
            request.headers_mut().remove(header::COOKIE);
            request.extensions_mut().insert(Arc::new(access));
            next.run(request).await
        }
        Err(refusal) => refusal.answer(),
    };
    let headers = answer.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::try_from(cookie).ok()) {
        headers.insert(header::SET_COOKIE, cookie);
    }
    answer
}

fn to_the_page() -> Answer {
    let mut answer = Answer::new(axum::body::Body::empty());
    *answer.status_mut() = StatusCode::SEE_OTHER;
    answer.headers_mut().insert(header::LOCATION, HeaderValue::from_static(UI));
    answer
}
