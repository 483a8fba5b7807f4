//! The services that reach browsers: which ones we write to, and how a text is left there.
//!
//! A browser says where it is reached, and whoever speaks for it could say anything; so we write to the makers of browsers
//! and to whom the owner names, and to nobody else, and follow no redirection.

use super::seal::{Subscription, VapidKey};
use reqwest::{Client, StatusCode, Url, header, redirect};
use std::sync::OnceLock;
use std::time::Duration;

/// Hosts of the makers of browsers; where one begins with a dot, everything below it.
const KNOWN: [&str; 6] = [
    "fcm.googleapis.com",
    "jmt17.google.com",
    ".push.services.mozilla.com",
    ".notify.windows.com",
    ".push.apple.com",
    "web.push.apple.com",
];

/// How long a service may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a service may keep a text for a browser that it cannot reach. After a day it is no news any more.
const KEPT_SECONDS: u32 = 24 * 60 * 60;

/// Characters of a service's own words that are passed on.
const WORDS_CHARS_MAX: usize = 200;

/// The services that we write to.
#[derive(Debug, Clone, Default)]
pub struct Services {
    /// Origins that the owner has named, as `https://push.example.org`.
    own: Vec<String>,
}

impl Services {
    /// The makers' and, separated by commas, those of the owner, of whom `http` is enough.
    pub fn with(own: &str) -> Self {
        let origins = own.split(',').filter_map(|text| Url::parse(text.trim()).ok());
        Self { own: origins.map(|url| url.origin().ascii_serialization()).collect() }
    }

    /// Whether we write to an address.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn check(&self, endpoint: &Url) -> Result<(), String> {
        if self.own.contains(&endpoint.origin().ascii_serialization()) {
            return Ok(());
        }
        let host = endpoint.host_str().unwrap_or_default();
        let is_at = |known: &str| if known.starts_with('.') { host.ends_with(known) } else { host == known };
        if endpoint.scheme() == "https" && endpoint.port().is_none() && KNOWN.iter().any(|known| is_at(known)) {
            return Ok(());
        }
        Err(format!(
            "its service is at {}, which is none that we know; if it is yours, name it in CCCC_WEB_PUSH_SERVICES",
            endpoint.origin().ascii_serialization()
        ))
    }
}

/// What a service has said.
#[derive(Debug)]
pub enum Outcome {
    /// It has taken the text.
    Sent,
    /// The browser is gone, for ever.
    Gone,
    /// Not now; perhaps after a while that it has named.
    Later(String, Option<Duration>),
    /// Never.
    Refused(String),
}

/// The way to all services.
#[derive(Debug, Default)]
pub struct Service {
    /// Made when it is needed: it reads the certificates of this machine.
    client: OnceLock<Option<Client>>,
}

impl Service {
    fn client(&self) -> Option<&Client> {
        let make = || {
            // Another part of this process may have said so already.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let client = Client::builder().timeout(PATIENCE).redirect(redirect::Policy::none());
            client.build().inspect_err(|error| tracing::error!(%error, "services cannot be reached")).ok()
        };
        self.client.get_or_init(make).as_ref()
    }

    /// Leaves a sealed text for a browser.
    pub async fn post(&self, to: &Subscription, key: &VapidKey, sealed: Vec<u8>, is_urgent: bool) -> Outcome {
        let (Some(client), Some(authorization)) = (self.client(), key.authorization(to.endpoint())) else {
            return Outcome::Refused("no connection can be made; are the certificates of this machine there?".into());
        };
        let request = client
            .post(to.endpoint().clone())
            .header(header::AUTHORIZATION, authorization)
            .header(header::CONTENT_ENCODING, "aes128gcm")
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header("ttl", KEPT_SECONDS)
            .header("urgency", if is_urgent { "high" } else { "normal" })
            .body(sealed);
        let answer = match request.send().await {
            Ok(answer) => answer,
            // Without the address: whoever has it can write to the browser.
            Err(error) => return Outcome::Later(format!("{} does not answer: {}", to.service(), why(error)), None),
        };
        let status = answer.status();
        let wait = answer.headers().get(header::RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
        let said = answer.text().await.unwrap_or_default();
        let said: String = said.chars().filter(|letter| !letter.is_control()).take(WORDS_CHARS_MAX).collect();
        let words = format!("{} says {status}: {said}", to.service());
        match status {
            status if status.is_success() => Outcome::Sent,
            StatusCode::NOT_FOUND | StatusCode::GONE => Outcome::Gone,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
                Outcome::Later(words, wait.map(Duration::from_secs))
            }
            status if status.is_server_error() => Outcome::Later(words, wait.map(Duration::from_secs)),
            _ => Outcome::Refused(words),
        }
    }
}

/// The innermost reason, which is the one that helps.
fn why(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut reason: &dyn std::error::Error = &error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    reason.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_makers_of_browsers_and_the_owners_own_are_written_to() {
        let services = Services::with("http://127.0.0.1:9, https://push.example.org");
        #[rustfmt::skip]
        let cases = [
            ("https://fcm.googleapis.com/fcm/send/x",          true),
            ("https://updates.push.services.mozilla.com/wpush", true),
            ("https://push.example.org/up?token=1",            true),
            ("http://127.0.0.1:9/x",                           true),
            ("http://fcm.googleapis.com/x",                    false),
            ("https://fcm.googleapis.com:8443/x",              false),
            ("https://fcm.googleapis.com.evil.org/x",          false),
            ("https://notify.windows.com.evil.org/x",          false),
            ("https://user@evil.org/fcm.googleapis.com",       false),
            ("http://127.0.0.1:10/x",                          false),
            ("http://169.254.169.254/latest/meta-data",        false),
            ("file:///etc/passwd",                             false),
        ];
        for (address, is_known) in cases {
            assert_eq!(services.check(&Url::parse(address).unwrap()).is_ok(), is_known, "{address}");
        }
    }
}
