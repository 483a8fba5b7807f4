//! `Authorization: Bearer <token>`: the token that ptyd has given an actor.

use http::HeaderMap;
use http::header::AUTHORIZATION;

/// The token of a request.
pub fn token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
    Some(token.trim()).filter(|token| scheme.eq_ignore_ascii_case("bearer") && !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_token_is_read_as_the_header_says_it() {
        #[rustfmt::skip]
        let cases = [
            ("Bearer abc",    Some("abc")),
            ("bearer  abc ",  Some("abc")),
            ("Basic abc",     None),
            ("Bearer ",       None),
            ("abc",           None),
        ];
        for (value, wanted) in cases {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(value))]);
            assert_eq!(token(&headers), wanted, "{value}");
        }
        assert_eq!(token(&HeaderMap::new()), None);
    }
}
