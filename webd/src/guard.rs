//! Who is let in. Pure.
//!
//! Without a token this machine is let in, and no page of anybody else's: a browser names the page that asks in `Origin`
//! and `Sec-Fetch-Site`, and the name under which it has found us in `Host`; all must be ours. A script sends none of them
//! but `Host`. With a token whoever knows it is let in. What it may do there is [`crate::access`]'s to say.

use crate::access::{Access, Asked, Denied};
use crate::answer::Refusal;
use crate::setting::Settings;
use axum::extract::Query;
use http::{HeaderMap, Method, StatusCode, Uri, header};
use std::collections::HashMap;

/// The cookie of whoever has proven the token.
pub const COOKIE: &str = "cccc_web_token";

/// What is open to everybody: the page itself, which holds nothing.
const OPEN: &str = "/ui";

/// How somebody has proven to know the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// None is needed.
    None,
    /// The browser had it.
    Cookie,
    /// With the request alone, so that the browser is given it.
    Request,
}

/// Whether a request is let in, and as whom.
///
/// # Errors
///
/// Why not, with what to do.
pub fn judge(method: &Method, uri: &Uri, headers: &HeaderMap, settings: &Settings) -> Result<(Proof, Access), Refusal> {
    let path = uri.path();
    if settings.token.is_none() {
        check_host(headers)?;
    }
    check_origin(headers)?;
    let proof = match &settings.token {
        None => Proof::None,
        Some(_) if path == OPEN || path.strip_prefix(OPEN).is_some_and(|rest| rest.starts_with('/')) => Proof::None,
        Some(token) => proven(uri, headers, token)?,
    };
    let access = if settings.is_read_only { Access::owner().as_viewer() } else { Access::owner() };
    access.check(Asked::Address(method, path)).map_err(Denied::refusal)?;
    Ok((proof, access))
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The name without the port.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn check_host(headers: &HeaderMap) -> Result<(), Refusal> {
    let host = text(headers, header::HOST).unwrap_or_default();
    let is_ours =
        ["localhost", "127.0.0.1", "[::1]"].iter().any(|known| known.eq_ignore_ascii_case(without_port(host)));
    if is_ours {
        return Ok(());
    }
    let sentence = format!("we are asked as {host:?}; use http://127.0.0.1 or localhost, or set CCCC_WEB_TOKEN");
    Err(Refusal::new(StatusCode::FORBIDDEN, "permission_denied", sentence))
}

/// Whether a page of somebody else's asks.
fn check_origin(headers: &HeaderMap) -> Result<(), Refusal> {
    let host = text(headers, header::HOST).unwrap_or_default();
    let is_own = |origin: &str| ["http://", "https://"].iter().any(|scheme| origin.strip_prefix(scheme) == Some(host));
    let origin = headers.get(header::ORIGIN).map(|value| value.to_str().unwrap_or("null"));
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    let is_navigation = headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
    match (origin, site) {
        (Some(origin), _) if !is_own(origin) => {
            let sentence = format!("a page of {origin} asks, and we are {host}; only our own page may: open it there");
            Err(Refusal::new(StatusCode::FORBIDDEN, "permission_denied", sentence))
        }
        // A link of somebody else's may lead here; nothing else of theirs may.
        (None, Some("cross-site" | "same-site")) if !is_navigation => {
            let sentence = "a page of another site asks; only our own page may";
            Err(Refusal::new(StatusCode::FORBIDDEN, "permission_denied", sentence))
        }
        _ => Ok(()),
    }
}

fn proven(uri: &Uri, headers: &HeaderMap, token: &str) -> Result<Proof, Refusal> {
    // Hashes are compared in a time that says nothing of them.
    let is_it = |given: &str| blake3::hash(given.as_bytes()) == blake3::hash(token.as_bytes());
    let bearer = text(headers, header::AUTHORIZATION).and_then(|value| {
        let (scheme, given) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| given.trim())
    });
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookie = cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| unescaped(value));
    let asked =
        Query::<HashMap<String, String>>::try_from_uri(uri).ok().and_then(|query| query.0.get("token").cloned());
    if cookie.as_deref().is_some_and(is_it) {
        return Ok(Proof::Cookie);
    }
    if bearer.is_some_and(is_it) || asked.as_deref().is_some_and(is_it) {
        return Ok(Proof::Request);
    }
    let sentence = "a token is needed: Authorization: Bearer <CCCC_WEB_TOKEN>, or open /?token=<CCCC_WEB_TOKEN> once";
    Err(Refusal::new(StatusCode::UNAUTHORIZED, "unauthorized", sentence))
}

/// What is escaped in a cookie.
fn unescaped(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                plain.push(byte);
                at += 3;
            }
            None => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// The cookie that lets a browser in from now on.
pub fn cookie(token: &str, headers: &HeaderMap, settings: &Settings) -> String {
    let is_forwarded = headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
    let secure = if settings.is_secure || is_forwarded { "; Secure" } else { "" };
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(byte);
    let escaped: String = token
        .bytes()
        .map(|byte| if is_plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("{COOKIE}={escaped}; HttpOnly; Path=/; SameSite=Strict{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &'static [(&str, &str)]) -> Settings {
        let found = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Settings::from_env(found).unwrap()
    }

    /// `method path; header: value; …`
    fn judged(line: &str, settings: &Settings) -> Result<Proof, &'static str> {
        let mut parts = line.split("; ");
        let (method, path) = parts.next().unwrap().split_once(' ').unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in parts.map(|part| part.split_once(": ").unwrap()) {
            headers.append(header::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
        }
        judge(&method.parse().unwrap(), &path.parse().unwrap(), &headers, settings)
            .map(|(proof, _)| proof)
            .map_err(|refusal| refusal.code)
    }

    #[test]
    fn without_a_token_this_machine_is_let_in_and_no_page_of_others() {
        let open = settings(&[]);
        #[rustfmt::skip]
        let cases = [
            ("GET /api/v1/ping; host: 127.0.0.1:8848",                                           Ok(Proof::None)),
            ("GET /api/v1/ping; host: LOCALHOST:8848",                                           Ok(Proof::None)),
            ("GET /api/v1/ping; host: [::1]:8848",                                               Ok(Proof::None)),
            ("POST /api/v1/groups; host: 127.0.0.1:1; origin: http://127.0.0.1:1",               Ok(Proof::None)),
            ("GET /api/v1/ping; host: evil.example",                                             Err("permission_denied")),
            ("GET /api/v1/ping; host: 127.0.0.1.evil.example:8848",                              Err("permission_denied")),
            ("GET /api/v1/ping",                                                                 Err("permission_denied")),
            ("POST /api/v1/groups; host: 127.0.0.1:1; origin: http://evil.example",              Err("permission_denied")),
            ("POST /api/v1/groups; host: 127.0.0.1:1; origin: http://127.0.0.1:2",               Err("permission_denied")),
            ("POST /api/v1/groups; host: 127.0.0.1:1; origin: null",                             Err("permission_denied")),
            ("POST /api/v1/groups; host: 127.0.0.1:1; sec-fetch-site: cross-site",               Err("permission_denied")),
            ("GET /api/v1/groups; host: 127.0.0.1:1; sec-fetch-site: same-site",                 Err("permission_denied")),
            ("GET /ui/; host: 127.0.0.1:1; sec-fetch-site: cross-site; sec-fetch-mode: navigate", Ok(Proof::None)),
            ("GET /api/v1/groups; host: 127.0.0.1:1; sec-fetch-site: same-origin",               Ok(Proof::None)),
        ];
        for (line, wanted) in cases {
            assert_eq!(judged(line, &open), wanted, "{line}");
        }
    }

    #[test]
    fn with_a_token_whoever_knows_it_is_let_in() {
        let closed = settings(&[("CCCC_WEB_TOKEN", "a b")]);
        #[rustfmt::skip]
        let cases = [
            ("GET /api/v1/ping; host: x",                                         Err("unauthorized")),
            ("GET /; host: x",                                                    Err("unauthorized")),
            ("GET /uix; host: x",                                                 Err("unauthorized")),
            ("GET /ui/assets/a.js; host: x",                                      Ok(Proof::None)),
            ("GET /ui; host: x",                                                  Ok(Proof::None)),
            ("GET /api/v1/ping; host: x; authorization: Bearer a b",              Ok(Proof::Request)),
            ("GET /api/v1/ping; host: x; authorization: Basic a b",               Err("unauthorized")),
            ("GET /api/v1/ping?token=a%20b; host: x",                             Ok(Proof::Request)),
            ("GET /api/v1/ping?token=a+b; host: x",                               Ok(Proof::Request)),
            ("GET /api/v1/ping?token=a; host: x",                                 Err("unauthorized")),
            ("GET /api/v1/ping; host: x; cookie: other=1",                        Err("unauthorized")),
            ("GET /api/v1/ping; host: x; cookie: other=1;cccc_web_token=a%20b",   Ok(Proof::Cookie)),
            ("POST /api/v1/groups; host: x; origin: http://y; authorization: Bearer a b", Err("permission_denied")),
            ("POST /api/v1/groups; host: x; origin: https://x; authorization: Bearer a b", Ok(Proof::Request)),
        ];
        for (line, wanted) in cases {
            assert_eq!(judged(line, &closed), wanted, "{line}");
        }
    }

    #[test]
    fn nothing_is_changed_in_read_only_mode() {
        let exhibit = settings(&[("CCCC_WEB_MODE", "exhibit")]);
        for (line, is_let_in) in [
            ("GET /api/v1/groups; host: localhost", true),
            ("POST /api/v1/groups; host: localhost", false),
            ("DELETE /api/v1/groups/g; host: localhost", false),
            ("GET /api/v1/fs/list; host: localhost", false),
            ("GET /api/v1/runtimes; host: localhost", false),
            ("GET /api/v1/groups/g/actors/a/env_private; host: localhost", false),
        ] {
            assert_eq!(judged(line, &exhibit).is_ok(), is_let_in, "{line}");
        }
    }

    #[test]
    fn the_cookie_is_for_our_page_alone() {
        let closed = settings(&[("CCCC_WEB_TOKEN", "t")]);
        let mut headers = HeaderMap::new();
        assert_eq!(cookie("t;1", &headers, &closed), "cccc_web_token=t%3B1; HttpOnly; Path=/; SameSite=Strict");
        headers.insert("x-forwarded-proto", "https".parse().unwrap());
        assert!(cookie("t", &headers, &closed).ends_with("; Secure"));
    }
}
