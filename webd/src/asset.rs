//! The page: files that were built and are part of this program, each in the form that the browser takes best.

use crate::answer::{Answer, Refusal};
use axum::body::Body;
use http::{HeaderMap, HeaderValue, StatusCode, header};

include!(concat!(env!("OUT_DIR"), "/built.rs"));

/// The page itself, for every address below `/ui/` that is no file: it finds its place by the address.
const PAGE: &str = "index.html";

/// Where files are whose names change with their content.
const HASHED: &str = "assets/";

/// What is shown when nothing was built.
const NOTICE: &str = "<!doctype html><meta charset=utf-8><title>cccc</title><p>The page is not part of this program: run \
                      <code>make page</code>, and build it again. Everything else is served at /api/v1.";

/// Types of files by the end of their names.
#[rustfmt::skip]
const TYPES: &[(&str, &str)] = &[
    (".html",        "text/html; charset=utf-8"),
    (".js",          "text/javascript; charset=utf-8"),
    (".css",         "text/css; charset=utf-8"),
    (".json",        "application/json"),
    (".webmanifest", "application/manifest+json"),
    (".svg",         "image/svg+xml"),
    (".png",         "image/png"),
    (".ico",         "image/x-icon"),
    (".woff2",       "font/woff2"),
];

/// The file at an address below `/ui/`, or the page.
pub fn answer(name: &str, headers: &HeaderMap) -> Answer {
    found(BUILT, name, headers)
}

fn found(built: &[(&str, &'static [u8])], name: &str, headers: &HeaderMap) -> Answer {
    let file = |name: &str| built.iter().find(|(known, _)| *known == name).map(|(_, content)| *content);
    if file(PAGE).is_none() {
        return with(NOTICE.as_bytes(), "text/html; charset=utf-8", false);
    }
    if name.starts_with(HASHED) && file(name).is_none() {
        return Refusal::new(StatusCode::NOT_FOUND, "not_found", "the page has changed; load it again").answer();
    }
    let name = if name.is_empty() || file(name).is_none() { PAGE } else { name };
    let kind = TYPES.iter().find(|(end, _)| name.ends_with(end)).map_or("application/octet-stream", |(_, kind)| kind);
    let taken = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes =
        |encoding: &str| taken.split(',').any(|one| one.split(';').next().is_some_and(|word| word.trim() == encoding));
    let packed = [("br", ".br"), ("gzip", ".gz")].into_iter().filter(|(encoding, _)| takes(encoding));
    let best = packed.into_iter().find_map(|(encoding, end)| Some((encoding, file(&format!("{name}{end}"))?)));
    let content = best.map_or_else(|| file(name).unwrap_or_default(), |(_, content)| content);
    let mut answer = with(content, kind, name.starts_with(HASHED));
    if let Some((encoding, _)) = best {
        answer.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    answer.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    answer
}

fn with(content: &'static [u8], kind: &'static str, is_for_ever: bool) -> Answer {
    let mut answer = Answer::new(Body::from(content));
    let kept = if is_for_ever { "public, max-age=31536000, immutable" } else { "no-cache" };
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_what_it_takes_best() {
        const FILES: &[(&str, &[u8])] = &[
            ("index.html", b"page"),
            ("assets/a-1.js", b"script"),
            ("assets/a-1.js.br", b"br"),
            ("assets/a-1.js.gz", b"gz"),
        ];
        let got = |name: &str, taken: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, taken.parse().unwrap());
            let answer = found(FILES, name, &headers);
            let of = |name| answer.headers().get(name).map(|value: &HeaderValue| value.to_str().unwrap().to_owned());
            (answer.status().as_u16(), of(header::CONTENT_ENCODING), of(header::CACHE_CONTROL))
        };
        let for_ever = || Some("public, max-age=31536000, immutable".to_owned());
        let each_time = || Some("no-cache".to_owned());
        assert_eq!(got("assets/a-1.js", "gzip, deflate, br"), (200, Some("br".into()), for_ever()));
        assert_eq!(got("assets/a-1.js", "gzip;q=1"), (200, Some("gzip".into()), for_ever()));
        assert_eq!(got("assets/a-1.js", ""), (200, None, for_ever()));
        assert_eq!(got("", "br"), (200, None, each_time()));
        assert_eq!(got("g/g_1", "br"), (200, None, each_time()), "an address of the page's own");
        assert_eq!(got("assets/gone.js", "br").0, 404);
        assert_eq!(found(&[], "", &HeaderMap::new()).status(), 200, "a notice");
    }
}
