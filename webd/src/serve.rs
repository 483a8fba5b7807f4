//! The way of a request: judged, found in the table, answered; and the headers that every answer has.

use crate::admit::{self, Admitted};
use crate::answer::{Answer, Refusal};
use crate::asset;
use crate::guard;
use crate::push::Push;
use crate::route;
use crate::setting::Settings;
use crate::throttle::Throttle;
use crate::token::Tokens;
use crate::ws::{self, Presence};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::middleware::{self, Next};
use axum::routing::{get, post};
use bus::feed::Feed;
use bus::home::Home;
use bus::peer::Peers;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    /// What lets somebody in.
    pub tokens: Arc<Tokens>,
    /// Who looks at what.
    pub presence: Presence,
    /// Browsers that are told while no page is open.
    pub push: Push,
    throttle: Mutex<Throttle>,
}

impl Site {
    /// A site to which nobody has come yet.
    pub fn new(home: Home, peers: Arc<Peers>, feed: Arc<Feed>, settings: Settings, tokens: Arc<Tokens>) -> Self {
        let (presence, throttle) = (Presence::default(), Mutex::default());
        let push = Push::new(settings.push_services.clone());
        Self { home, peers, feed, settings, tokens, presence, push, throttle }
    }

    /// Who has tried wrong tokens.
    pub fn throttle(&self) -> MutexGuard<'_, Throttle> {
        // Nothing in here panics half-way through a change.
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who has connected, in the extensions of a request.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

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

/// Every address, behind the guard.
pub fn router(site: Arc<Site>) -> Router {
    route::add_all(Router::new())
        .route("/ws", get(ws::open))
        .route("/", get(async || to_the_page()))
        .route("/ui", get(async || to_the_page()))
        .route(UI, get(async |headers: HeaderMap| asset::answer("", &headers)))
        .route("/ui/{*name}", get(async |Path(name): Path<String>, headers: HeaderMap| asset::answer(&name, &headers)))
        .route(guard::LOGOUT, post(async || logged_out()))
        .fallback(async || {
            Refusal::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this address").answer()
        })
        .layer(middleware::from_fn_with_state(Arc::clone(&site), guarded))
        .with_state(site)
}

async fn guarded(State(site): State<Arc<Site>>, request: Request, next: Next) -> Answer {
    let (mut parts, body) = request.into_parts();
    let peer = parts.extensions.get::<Peer>().map_or_else(|| SocketAddr::from(([0; 4], 0)), |Peer(peer)| *peer);
    let (mut answer, cookie) = match admit::admit(&site, peer, &parts).await {
        Ok(Admitted { access, cookie }) => {
            // What is behind this needs no proof, and nobody shall find one in a log.
            parts.headers.remove(header::AUTHORIZATION);
            parts.headers.remove(header::COOKIE);
            if let Some(access) = access {
                parts.extensions.insert(Arc::new(access));
            }
            (next.run(Request::from_parts(parts, body)).await, cookie)
        }
        Err(refusal) => (refusal.answer(), None),
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
    let mut answer = Answer::new(Body::empty());
    *answer.status_mut() = StatusCode::SEE_OTHER;
    answer.headers_mut().insert(header::LOCATION, HeaderValue::from_static(UI));
    answer
}

/// The browser forgets its token; the token itself goes on counting.
fn logged_out() -> Answer {
    let mut answer = crate::answer::value(&json!({}));
    for cookie in guard::forgotten().into_iter().filter_map(|cookie| HeaderValue::try_from(cookie).ok()) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}
