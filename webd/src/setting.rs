//! What the environment says of how browsers are served. Pure.

use crate::push::Services;
use std::net::{IpAddr, Ipv4Addr};

/// The port where nobody says another one.
pub const PORT_USUAL: u16 = 8848;

/// Says that a person has started us.
pub const ALONE: &str = "CCCC_WEB_ALONE";

/// How browsers are served.
#[derive(Clone)]
pub struct Settings {
    /// Address that is listened at.
    pub host: IpAddr,
    /// The only port that will do.
    pub port: Option<u16>,
    /// Whether any other than [`PORT_USUAL`] is as good.
    pub is_any_port: bool,
    /// What whoever asks must prove to know.
    pub token: Option<String>,
    /// Whether nothing may be changed.
    pub is_read_only: bool,
    /// Whether browsers come over https, whatever the request looks like.
    pub is_secure: bool,
    /// Whether a person has started us, beside whoever serves browsers of this home already.
    pub is_alone: bool,
    /// The services that reach browsers.
    pub push_services: Services,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { host, port, is_any_port, token, is_read_only, is_secure, is_alone, push_services } = self;
        f.debug_struct("Settings")
            .field("host", host)
            .field("port", port)
            .field("is_any_port", is_any_port)
            .field("has_token", &token.is_some())
            .field("is_read_only", is_read_only)
            .field("is_secure", is_secure)
            .field("is_alone", is_alone)
            .field("push_services", push_services)
            .finish()
    }
}

/// A variable says what cannot be done.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// It is no address.
    #[error("CCCC_WEB_HOST is {0:?}, which is no address; give 127.0.0.1, ::1, or an address of this machine")]
    Host(String),
    /// It is no port.
    #[error("CCCC_WEB_PORT is {0:?}, which is no port; give a number from 1 to 65535, or 0 for any")]
    Port(String),
    /// It is no mode.
    #[error("CCCC_WEB_MODE is {0:?}; there are normal and exhibit")]
    Mode(String),
}

impl Settings {
    /// What the variables say.
    ///
    /// # Errors
    ///
    /// One of them cannot be read.
    pub fn from_env(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingError> {
        let read = |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let is_on = |name: &str| read(name).is_some_and(|value| is_truthy(&value));
        let host = match read("CCCC_WEB_HOST") {
            None => IpAddr::V4(Ipv4Addr::LOCALHOST),
            Some(word) if word.eq_ignore_ascii_case("localhost") => IpAddr::V4(Ipv4Addr::LOCALHOST),
            Some(text) => text.parse().map_err(|_| SettingError::Host(text))?,
        };
        let port = match read("CCCC_WEB_PORT") {
            None => None,
            Some(text) => Some(text.parse::<u16>().map_err(|_| SettingError::Port(text))?),
        };
        let is_any_port = port == Some(0);
        let mode = read("CCCC_WEB_MODE").map(|word| word.to_ascii_lowercase());
        let is_exhibit = match mode.as_deref() {
            None | Some("normal") => false,
            Some("exhibit" | "readonly" | "read-only" | "ro") => true,
            Some(other) => return Err(SettingError::Mode(other.to_owned())),
        };
        let token = read("CCCC_WEB_TOKEN");
        let is_read_only = is_exhibit || is_on("CCCC_WEB_READONLY");
        Ok(Self {
            host,
            port: port.filter(|port| *port > 0),
            is_any_port,
            token,
            is_read_only,
            is_secure: is_on("CCCC_WEB_SECURE"),
            is_alone: is_on(ALONE),
            push_services: Services::with(&read("CCCC_WEB_PUSH_SERVICES").unwrap_or_default()),
        })
    }
}

fn is_truthy(word: &str) -> bool {
    ["1", "true", "yes", "y", "on"].iter().any(|known| known.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_environment_says_is_taken_or_refused() {
        let of = |pairs: &[(&str, &str)]| {
            let found =
                |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            Settings::from_env(found).map(|is| (is.host.to_string(), is.port, is.token.is_some(), is.is_read_only))
        };
        let local = |port, has_token, read_only| Ok(("127.0.0.1".to_owned(), port, has_token, read_only));
        assert_eq!(of(&[]), local(None, false, false));
        assert_eq!(of(&[("CCCC_WEB_PORT", " 0 "), ("CCCC_WEB_HOST", "localhost")]), local(None, false, false));
        assert_eq!(of(&[("CCCC_WEB_PORT", "9000")]), local(Some(9000), false, false));
        assert_eq!(of(&[("CCCC_WEB_PORT", "eighty")]), Err(SettingError::Port("eighty".into())));
        assert_eq!(of(&[("CCCC_WEB_HOST", "here")]), Err(SettingError::Host("here".into())));
        assert_eq!(of(&[("CCCC_WEB_HOST", "::"), ("CCCC_WEB_TOKEN", "  ")]), Ok(("::".into(), None, false, false)));
        assert!(of(&[("CCCC_WEB_HOST", "0.0.0.0"), ("CCCC_WEB_TOKEN", "secret")]).is_ok());
        assert_eq!(of(&[("CCCC_WEB_MODE", "RO")]), local(None, false, true));
        assert_eq!(of(&[("CCCC_WEB_READONLY", "on")]), local(None, false, true));
        assert_eq!(of(&[("CCCC_WEB_MODE", "open")]), Err(SettingError::Mode("open".into())));
    }
}
