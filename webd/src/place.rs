//! Where browsers are served: what is set of it, and the listener that comes of it. What is set may change at any time; the
//! listener that there is goes on until there is another one.

use crate::serve::{self, Site};
use crate::setting::{PORT_USUAL, Settings};
use crate::token::Tokens;
use bus::contract::op::remote::Configure;
use bus::contract::remote::RemoteConfig;
use bus::contract::{Code, OpError};
use bus::daemon::{Daemon, TROUBLE};
use bus::front::listen::{self, Endpoint};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;
use tokio::net::{TcpListener, lookup_host};
use tokio::sync::mpsc;

/// Pause before a place is tried again that could not be had.
const AGAIN: Duration = Duration::from_secs(10);

/// How often and after which pause a port is tried again that was ours until now.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(20);

/// Where is to be listened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    host: String,
    port: Option<u16>,
    usual: Option<u16>,
}

/// Why that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// There is no such address.
    #[error("{0:?} is no address of this machine, and no name of one")]
    Host(String),
    /// Everybody would get in, or rather nobody.
    #[error(
        "other machines reach {0}, and there is no token; add one with `cccc web token add`, set CCCC_WEB_TOKEN, or listen at \
         127.0.0.1"
    )]
    Open(IpAddr),
    /// The port is not to be had.
    #[error("cannot listen on {port} of {host}: {source}")]
    Bind {
        /// Which port.
        port: String,
        /// At which address.
        host: IpAddr,
        /// Why not.
        source: io::Error,
    },
}

impl Place {
    /// What is set: in the settings, else in the environment.
    pub fn of(settings: &Settings, config: &RemoteConfig) -> Self {
        let host = if config.web_host.is_empty() { settings.host.to_string() } else { config.web_host.clone() };
        let port = Some(config.web_port).filter(|port| *port > 0).or(settings.port);
        Self { host, port, usual: (!settings.is_any_port).then_some(PORT_USUAL) }
    }

    async fn address(&self) -> Result<IpAddr, PlaceError> {
        let name = self.host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = name.parse() {
            return Ok(address);
        }
        let unknown = || PlaceError::Host(self.host.clone());
        let mut found = lookup_host((name, 0)).await.map_err(|_| unknown())?;
        found.next().map(|found| found.ip()).ok_or_else(unknown)
    }

    /// Its address, if it may be listened at.
    async fn allowed(&self, has_token: bool) -> Result<IpAddr, PlaceError> {
        let host = self.address().await?;
        if !host.is_loopback() && !has_token {
            return Err(PlaceError::Open(host));
        }
        Ok(host)
    }

    /// Listens there.
    ///
    /// # Errors
    ///
    /// It is no place to listen at, or not without a token; or the port is not to be had.
    pub async fn bind(&self, has_token: bool, last: Option<u16>) -> Result<TcpListener, PlaceError> {
        let host = self.allowed(has_token).await?;
        let bound = listen::bind(host, self.port, last.or(self.usual)).await;
        let port = self.port.map_or_else(|| "a port".to_owned(), |port| format!("port {port}"));
        bound.map_err(|source| PlaceError::Bind { port, host, source })
    }
}

/// Whether what is to be set of the place can be; asked before it is set, where it is set by way of us.
///
/// # Errors
///
/// `remote_access_invalid_config`, with the reason.
pub async fn check(site: &Site, asked: &Configure) -> Result<(), OpError> {
    let config = site.tokens.config();
    let web_host = asked.web_host.clone().unwrap_or_else(|| config.web_host.clone());
    let web_port = asked.web_port.map_or(Ok(config.web_port), u16::try_from);
    // What is no port at all ledgerd refuses.
    let Ok(web_port) = web_port else { return Ok(()) };
    let wanted = Place::of(&site.settings, &RemoteConfig { web_host, web_port, ..config.clone() });
    let own = Endpoint::announced(&site.home.web_endpoint()).map(|own| own.port);
    if wanted == Place::of(&site.settings, &config) {
        return Ok(());
    }
    let has_token = site.tokens.is_any_without_setting(asked.clear_web_token) || !asked.web_token.text().is_empty();
    match wanted.bind(has_token, None).await {
        // It is ourselves who have it.
        Err(PlaceError::Bind { source, .. })
            if source.kind() == io::ErrorKind::AddrInUse && own.is_some() && wanted.port == own =>
        {
            Ok(())
        }
        Err(error) => Err(OpError::new(Code::RemoteAccessInvalidConfig, error.to_string())),
        Ok(_) => Ok(()),
    }
}

/// Where browsers are served now, and how that changes.
#[derive(Debug)]
pub struct Listening<'a> {
    /// Told of trouble.
    pub daemon: &'a Daemon,
    /// Where it is said.
    pub file: &'a Path,
    /// What the environment says.
    pub settings: &'a Settings,
    /// What lets somebody in.
    pub tokens: &'a Tokens,
    /// Takes the listeners; `None` has the last one closed.
    pub listeners: &'a mpsc::Sender<Option<TcpListener>>,
}

impl Listening<'_> {
    /// Goes where the settings say, whenever they say something else than before. For ever.
    pub async fn follow(&self, first: (Place, SocketAddr)) {
        let (mut place, mut at) = first;
        let (mut known, mut trouble) = (self.tokens.known(), None::<String>);
        loop {
            let wanted = known.borrow_and_update().as_ref().map(|known| Place::of(self.settings, &known.config));
            if let Some(wanted) = wanted.filter(|wanted| *wanted != place) {
                match self.go(&wanted, at).await {
                    Ok(new) => {
                        (at, place) = (new, wanted);
                        trouble = None;
                        self.tell(at, None);
                    }
                    Err(error) => {
                        // It is tried again whenever something is set, and a token may be all that was missing.
                        let now = Some(error.to_string());
                        if trouble != now {
                            self.tell(at, now.clone());
                            trouble = now;
                        }
                    }
                }
            } else if trouble.take().is_some() {
                // What could not be is not wanted any more.
                self.tell(at, None);
            }
            // Its other end outlives us.
            if trouble.is_none() {
                let _ = known.changed().await;
            } else {
                // Whoever has the port may leave it.
                let _ = tokio::time::timeout(AGAIN, known.changed()).await;
            }
        }
    }

    async fn go(&self, wanted: &Place, at: SocketAddr) -> Result<SocketAddr, PlaceError> {
        let is_here = wanted.address().await? == at.ip();
        // Whoever says no port wants the usual one, and keeps ours where only the address is another.
        let port = wanted.port.or(wanted.usual.filter(|_| is_here)).unwrap_or(at.port());
        let place = Place { port: Some(port), ..wanted.clone() };
        if !is_here && port == at.port() {
            // The port is ours, at another address: the one must end before the other begins.
            place.allowed(self.tokens.is_any()).await?;
            let _ = self.listeners.send(None).await;
            let moved = self.bind_again(&place).await;
            if moved.is_err() {
                let back = Place { host: at.ip().to_string(), port: Some(at.port()), usual: None };
                self.bind_again(&back).await?;
            }
            return moved;
        }
        if is_here && port == at.port() {
            return Ok(at);
        }
        self.take(place.bind(self.tokens.is_any(), None).await?).await
    }

    async fn bind_again(&self, place: &Place) -> Result<SocketAddr, PlaceError> {
        for _ in 1..TRIES {
            if let Ok(listener) = place.bind(self.tokens.is_any(), None).await {
                return self.take(listener).await;
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.take(place.bind(self.tokens.is_any(), None).await?).await
    }

    async fn take(&self, listener: TcpListener) -> Result<SocketAddr, PlaceError> {
        let at = listener.local_addr().unwrap_or_else(|_| SocketAddr::from(([127, 0, 0, 1], 0)));
        let _ = self.listeners.send(Some(listener)).await;
        Ok(at)
    }

    /// Says where we are, and why it is not where we should be.
    fn tell(&self, at: SocketAddr, trouble: Option<String>) {
        let endpoint = Endpoint { trouble, ..Endpoint::new(at, serve::UI) };
        let trouble = endpoint.trouble.as_ref().map_or_else(String::new, |why| format!("{TROUBLE}{why}"));
        let status = format!("serving browsers at {}{trouble}", endpoint.url);
        tracing::info!(status, "moved");
        self.daemon.status(&status);
        if let Err(error) = endpoint.announce_again(self.file) {
            tracing::warn!(%error, "cannot say where we listen");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_go_before_the_environment() {
        let settings = |pairs: &[(&str, &str)]| {
            let found =
                |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            Settings::from_env(found).unwrap()
        };
        let config =
            |web_host: &str, web_port| RemoteConfig { web_host: web_host.into(), web_port, ..Default::default() };
        let is = |host: &str, port, usual| Place { host: host.into(), port, usual };
        let usual = Some(PORT_USUAL);
        #[rustfmt::skip]
        let cases = [
            (settings(&[]),                          config("", 0),           is("127.0.0.1", None, usual)),
            (settings(&[("CCCC_WEB_PORT", "0")]),    config("", 0),           is("127.0.0.1", None, None)),
            (settings(&[("CCCC_WEB_PORT", "9000")]), config("::1", 0),        is("::1", Some(9000), usual)),
            (settings(&[("CCCC_WEB_PORT", "9000")]), config("0.0.0.0", 9001), is("0.0.0.0", Some(9001), usual)),
        ];
        for (settings, config, wanted) in cases {
            assert_eq!(Place::of(&settings, &config), wanted);
        }
    }
}
