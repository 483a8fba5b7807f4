//! Where a request comes from. Pure.
//!
//! What a proxy says of whom it asks for is believed on loopback only, where the user's own tunnel or proxy is; from
//! elsewhere anybody could say it.

use crate::setting::Settings;
use http::{HeaderMap, header};
use std::net::{IpAddr, SocketAddr};

/// What proxies and tunnels add. Whatever has one of these was asked for by somebody else than who has connected.
const FORWARDED: [&str; 9] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "cf-connecting-ip",
    "cf-ray",
    "tailscale-user-login",
];

/// Where a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Who asks, as far as we can tell.
    pub address: IpAddr,
    /// Whether it is somebody on this machine, who has asked us under a name of this machine.
    pub is_local: bool,
    /// Whether it comes over https.
    pub is_https: bool,
    /// The names under which our page is known to who asks.
    pub hosts: Vec<String>,
}

impl Origin {
    /// Of a request from this peer.
    pub fn of(peer: SocketAddr, headers: &HeaderMap, settings: &Settings) -> Self {
        let is_near = peer.ip().to_canonical().is_loopback();
        let said = |name: &str| headers.get(name).filter(|_| is_near).and_then(|value| value.to_str().ok());
        // The last of them is whom the proxy has seen itself.
        let forwarded_for = headers.get_all("x-forwarded-for").iter().next_back().filter(|_| is_near);
        let last = forwarded_for.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let is_forwarded = FORWARDED.iter().any(|name| headers.contains_key(*name));
        let hosts = [Some(host), said("x-forwarded-host")].into_iter().flatten();
        Self {
            address: last.unwrap_or(peer.ip()),
            is_local: is_near && !is_forwarded && is_of_this_machine(host),
            is_https: settings.is_secure || said("x-forwarded-proto").is_some_and(|scheme| scheme == "https"),
            hosts: hosts.filter(|host| !host.is_empty()).map(str::to_owned).collect(),
        }
    }
}

/// Whether a name with or without a port means this machine wherever it is said.
fn is_of_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_proxies_say_is_believed_on_loopback_only() {
        let settings = Settings::from_env(|_| None).unwrap();
        let of = |peer: &str, headers: &[(&'static str, &str)]| {
            let mut map = HeaderMap::new();
            headers.iter().for_each(|(name, value)| assert!(!map.append(*name, value.parse().unwrap())));
            let origin = Origin::of(peer.parse().unwrap(), &map, &settings);
            (origin.address.to_string(), origin.is_local, origin.is_https, origin.hosts.len())
        };
        let is = |address: &str, is_local, is_https, hosts| (address.to_owned(), is_local, is_https, hosts);
        #[rustfmt::skip]
        let cases = [
            ("127.0.0.1:9",        vec![("host", "localhost:1")],                                     is("127.0.0.1", true, false, 1)),
            ("[::1]:9",            vec![("host", "[::1]:1")],                                         is("::1", true, false, 1)),
            ("[::ffff:127.0.0.1]:9", vec![("host", "127.0.0.1")],                                     is("::ffff:127.0.0.1", true, false, 1)),
            ("127.0.0.1:9",        vec![("host", "evil.example")],                                    is("127.0.0.1", false, false, 1)),
            ("127.0.0.1:9",        vec![("host", "127.0.0.1.evil.example:80")],                       is("127.0.0.1", false, false, 1)),
            ("127.0.0.1:9",        vec![],                                                            is("127.0.0.1", false, false, 0)),
            ("10.0.0.2:9",         vec![("host", "localhost")],                                       is("10.0.0.2", false, false, 1)),
            ("127.0.0.1:9",        vec![("host", "localhost"), ("x-forwarded-for", "1.1.1.1, 2.2.2.2")], is("2.2.2.2", false, false, 1)),
            ("127.0.0.1:9",        vec![("host", "localhost"), ("cf-connecting-ip", "1.1.1.1")],      is("127.0.0.1", false, false, 1)),
            ("127.0.0.1:9",        vec![("host", "localhost"), ("x-forwarded-proto", "https")],       is("127.0.0.1", false, true, 1)),
            ("127.0.0.1:9",        vec![("host", "localhost"), ("x-forwarded-host", "a.example")],    is("127.0.0.1", false, false, 2)),
            ("10.0.0.2:9",         vec![("host", "a"), ("x-forwarded-proto", "https"), ("x-forwarded-for", "127.0.0.1"), ("x-forwarded-host", "b")], is("10.0.0.2", false, false, 1)),
        ];
        for (peer, headers, wanted) in cases {
            assert_eq!(of(peer, &headers), wanted, "{peer} {headers:?}");
        }
    }
}
