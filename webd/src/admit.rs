//! Who is let in: the token that a request shows is proven, and wrong ones are not tried for long.

use crate::access::{Access, Asked, Denied, Key};
use crate::answer::Refusal;
use crate::guard::{self, Given};
use crate::origin::Origin;
use crate::serve::Site;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Whom a request is let in as.
#[derive(Debug)]
pub struct Admitted {
    /// Who it is; nobody, where an address is open.
    pub access: Option<Access>,
    /// What its browser is to keep.
    pub cookie: Option<String>,
}

/// Lets a request in.
///
/// # Errors
///
/// Why not, with what to do.
pub async fn admit(site: &Site, peer: SocketAddr, request: &Parts) -> Result<Admitted, Refusal> {
    let (headers, path) = (&request.headers, request.uri.path());
    let origin = Origin::of(peer, headers, &site.settings);
    guard::check_page(headers, &origin)?;
    let given = guard::given(&request.uri, headers, &origin);
    if given.is_none() && !origin.is_local && site.tokens.is_known() && !site.tokens.is_any() {
        return Err(guard::no_token(&origin, headers));
    }
    if guard::is_open(path) {
        return Ok(Admitted { access: None, cookie: None });
    }
    let (access, cookie) = match given {
        Some(given) => known(site, &origin, given).await?,
        None => (near(site, &origin, headers)?, None),
    };
    let access = if site.settings.is_read_only { access.into_viewer() } else { access };
    access.check(Asked::Address(&request.method, path)).map_err(Denied::refusal)?;
    Ok(Admitted { access: Some(access), cookie })
}

/// Somebody with a token.
async fn known(site: &Site, origin: &Origin, given: Given) -> Result<(Access, Option<String>), Refusal> {
    let now = Instant::now();
    site.throttle().check(origin.address, now).map_err(too_often)?;
    match site.tokens.prove(&given.token, &site.peers).await {
        Some(access) => {
            site.throttle().let_in(origin.address, now);
            Ok((access, given.is_new.then(|| guard::cookie(&given.token, origin))))
        }
        None if !site.tokens.is_known() => Err(nobody_knows()),
        // A browser goes on sending what does not count any more. On this machine it needs none.
        None if !given.is_new && origin.is_local && !site.tokens.is_owner_asked() => {
            Ok((Access::owner(Key::Place), None))
        }
        None => {
            site.throttle().failed(origin.address, &given.token, now);
            Err(guard::unauthorized())
        }
    }
}

/// Somebody without one.
fn near(site: &Site, origin: &Origin, headers: &HeaderMap) -> Result<Access, Refusal> {
    let tokens = &site.tokens;
    if tokens.is_owner_asked() || !origin.is_local && tokens.is_any() {
        return Err(guard::unauthorized());
    }
    if !tokens.is_known() {
        return Err(nobody_knows());
    }
    if origin.is_local { Ok(Access::owner(Key::Place)) } else { Err(guard::no_token(origin, headers)) }
}

fn nobody_knows() -> Refusal {
    let sentence = "ledgerd has not said yet who may come in; try again in a moment";
    let mut refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "daemon_unavailable", sentence);
    refusal.retry_after = Some(Duration::from_secs(1));
    refusal
}

fn too_often(wait: Duration) -> Refusal {
    let seconds = wait.as_secs_f64().ceil();
    let sentence = format!("too many wrong tokens were tried; try again in {seconds} seconds");
    let mut refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many_tries", sentence);
    refusal.retry_after = Some(Duration::from_secs_f64(seconds));
    refusal
}
