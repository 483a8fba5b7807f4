//! What a request shows of itself at the door: whose page asks, and which token it has. Pure.
//!
//! Without a token whoever is on this machine is let in, and no page of anybody else's: a browser names the page that asks
//! in `Origin` and `Sec-Fetch-Site`, and the name under which it has found us in `Host`; all must be ours. A script sends
//! none of them but `Host`. What whoever is let in may do is [`crate::access`]'s to say.

use crate::answer::Refusal;
use crate::origin::Origin;
use axum::extract::Query;
use http::{HeaderMap, StatusCode, Uri, header};
use std::collections::HashMap;

/// The cookie of whoever has proven a token.
const COOKIE: &str = "cccc_web_token";

/// The same over https, where browsers see to it that nobody but us has set it.
const COOKIE_HTTPS: &str = "__Host-cccc_web_token";

/// How long a browser keeps its token, in seconds: 90 days. A token that ends before is not let in all the same.
const KEPT_SECONDS: u32 = 90 * 24 * 60 * 60;

/// What ends the stay of a cookie.
const GONE: &str = "; HttpOnly; Path=/; SameSite=Strict; Max-Age=0";

/// What is open to everybody: the page itself, which holds nothing.
const PAGE: &str = "/ui";

/// Where a browser forgets its token.
pub const LOGOUT: &str = "/api/v1/logout";

/// A token that came with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// It.
    pub token: String,
    /// Whether it is of this request alone, so that the browser is to be given it.
    pub is_new: bool,
}

/// Whether an address is open to everybody.
pub fn is_open(path: &str) -> bool {
    path == LOGOUT || path == PAGE || path.strip_prefix(PAGE).is_some_and(|rest| rest.starts_with('/'))
}

fn denied(sentence: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, "permission_denied", sentence)
}

/// The refusal of somebody who is not on this machine, where there is no token.
pub fn no_token(origin: &Origin, headers: &HeaderMap) -> Refusal {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if origin.hosts.len() == 1 && origin.address.is_loopback() {
        return denied(format!("we are asked as {host:?}; use http://127.0.0.1 or localhost, or set CCCC_WEB_TOKEN"));
    }
    denied(
        "this comes from another machine, and there is no token that could let it in; add one with `cccc web token add`, or set CCCC_WEB_TOKEN",
    )
}

/// The refusal of somebody who shows no token that counts.
pub fn unauthorized() -> Refusal {
    let sentence = "a token is needed: Authorization: Bearer <CCCC_WEB_TOKEN>, or open /?token=<CCCC_WEB_TOKEN> once";
    Refusal::new(StatusCode::UNAUTHORIZED, "unauthorized", sentence)
}

/// Whether a page of somebody else's asks.
///
/// # Errors
///
/// It does.
pub fn check_page(headers: &HeaderMap, ours: &Origin) -> Result<(), Refusal> {
    let is_own = |origin: &str| {
        let host = ["http://", "https://"].iter().find_map(|scheme| origin.strip_prefix(scheme));
        host.is_some_and(|host| ours.hosts.iter().any(|own| own == host))
    };
    let origin = headers.get(header::ORIGIN).map(|value| value.to_str().unwrap_or("null"));
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    let is_navigation = headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
    match (origin, site) {
        (Some(origin), _) if !is_own(origin) => {
            let host = ours.hosts.first().map_or("", String::as_str);
            Err(denied(format!("a page of {origin} asks, and we are {host}; only our own page may: open it there")))
        }
        // A link of somebody else's may lead here; nothing else of theirs may.
        (None, Some("cross-site" | "same-site")) if !is_navigation => {
            Err(denied("a page of another site asks; only our own page may"))
        }
        _ => Ok(()),
    }
}

/// The token that a request shows, if it shows one. What is said with the request itself is meant, whatever the browser had.
pub fn given(uri: &Uri, headers: &HeaderMap, origin: &Origin) -> Option<Given> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| {
        let (scheme, given) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| given.trim().to_owned())
    });
    let asked = || Query::<HashMap<String, String>>::try_from_uri(uri).ok()?.0.remove("token");
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookie = cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == name_of_cookie(origin))
        .map(|(_, value)| unescaped(value));
    match bearer.or_else(asked) {
        Some(token) => Some(Given { is_new: cookie.as_deref() != Some(&token), token }),
        None => cookie.map(|token| Given { token, is_new: false }),
    }
}

fn name_of_cookie(origin: &Origin) -> &'static str {
    if origin.is_https { COOKIE_HTTPS } else { COOKIE }
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
pub fn cookie(token: &str, origin: &Origin) -> String {
    let secure = if origin.is_https { "; Secure" } else { "" };
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(byte);
    let escaped: String = token
        .bytes()
        .map(|byte| if is_plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("{}={escaped}; HttpOnly; Path=/; SameSite=Strict; Max-Age={KEPT_SECONDS}{secure}", name_of_cookie(origin))
}

/// What has a browser forget it.
pub fn forgotten() -> [String; 2] {
    [format!("{COOKIE}={GONE}"), format!("{COOKIE_HTTPS}={GONE}; Secure")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setting::Settings;

    /// `path; header: value; …`
    fn read(line: &str) -> (Uri, HeaderMap, Origin) {
        let mut parts = line.split("; ");
        let path = parts.next().unwrap().parse().unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in parts.map(|part| part.split_once(": ").unwrap()) {
            headers.append(header::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
        }
        let origin = Origin::of("127.0.0.1:9".parse().unwrap(), &headers, &Settings::from_env(|_| None).unwrap());
        (path, headers, origin)
    }

    #[test]
    fn pages_of_others_are_kept_out() {
        #[rustfmt::skip]
        let cases = [
            ("/; host: 127.0.0.1:1; origin: http://127.0.0.1:1",                                true),
            ("/; host: x; origin: https://x",                                                   true),
            ("/; host: localhost:1; x-forwarded-host: a.example; origin: https://a.example",    true),
            ("/; host: 127.0.0.1:1; origin: http://evil.example",                               false),
            ("/; host: 127.0.0.1:1; origin: http://127.0.0.1:2",                                false),
            ("/; host: 127.0.0.1:1; origin: null",                                              false),
            ("/; origin: http://",                                                              false),
            ("/; host: 127.0.0.1:1; sec-fetch-site: cross-site",                                false),
            ("/; host: 127.0.0.1:1; sec-fetch-site: same-site",                                 false),
            ("/ui/; host: 127.0.0.1:1; sec-fetch-site: cross-site; sec-fetch-mode: navigate",   true),
            ("/; host: 127.0.0.1:1; sec-fetch-site: same-origin",                               true),
            ("/; host: 127.0.0.1:1",                                                            true),
        ];
        for (line, is_let_in) in cases {
            let (_, headers, origin) = read(line);
            assert_eq!(check_page(&headers, &origin).is_ok(), is_let_in, "{line}");
        }
    }

    #[test]
    fn a_token_is_found_wherever_it_may_be() {
        let new = |token: &str| Some(Given { token: token.into(), is_new: true });
        let known = |token: &str| Some(Given { token: token.into(), is_new: false });
        #[rustfmt::skip]
        let cases = [
            ("/; host: x",                                                           None),
            ("/; host: x; authorization: Bearer a b",                                new("a b")),
            ("/; host: x; authorization: Basic a b",                                 None),
            ("/?token=a%20b; host: x",                                               new("a b")),
            ("/?token=a+b; host: x",                                                 new("a b")),
            ("/; host: x; cookie: other=1",                                          None),
            ("/; host: x; cookie: other=1;cccc_web_token=a%20b",                     known("a b")),
            ("/?token=b; host: x; cookie: cccc_web_token=a",                         new("b")),
            ("/; host: x; authorization: Bearer a; cookie: cccc_web_token=a",        known("a")),
            // Over https only what nobody else can have set.
            ("/; host: x; x-forwarded-proto: https; cookie: cccc_web_token=a",       None),
            ("/; host: x; x-forwarded-proto: https; cookie: __Host-cccc_web_token=a", known("a")),
            ("/; host: x; cookie: __Host-cccc_web_token=a",                          None),
        ];
        for (line, wanted) in cases {
            let (uri, headers, origin) = read(line);
            assert_eq!(given(&uri, &headers, &origin), wanted, "{line}");
        }
    }

    #[test]
    fn the_page_is_open_and_nothing_else() {
        for (path, is) in
            [("/ui", true), ("/ui/a.js", true), ("/uix", false), ("/", false), ("/api/v1/ping", false), ("/ws", false)]
        {
            assert_eq!(is_open(path), is, "{path}");
        }
    }

    #[test]
    fn the_cookie_is_for_our_page_alone() {
        let plain = read("/; host: x").2;
        assert_eq!(cookie("t;1", &plain), "cccc_web_token=t%3B1; HttpOnly; Path=/; SameSite=Strict; Max-Age=7776000");
        let https = read("/; host: x; x-forwarded-proto: https").2;
        assert_eq!(
            cookie("t", &https),
            "__Host-cccc_web_token=t; HttpOnly; Path=/; SameSite=Strict; Max-Age=7776000; Secure"
        );
    }
}
