//! Serves browsers and scripts over HTTP: the page, every op as REST, and what happens as server-sent events.
//!
//! It owns no state and decides nothing: a request is one op of ledgerd or ptyd in the name of the user, and what may come
//! in at all is judged in [`guard`].

mod access;
mod answer;
mod asset;
mod guard;
mod route;
mod serve;
mod setting;
mod sse;
mod term;
mod visit;
mod ws;

use bus::contract::Principal;
use bus::daemon::{Daemon, follow_loudness};
use bus::feed::Feed;
use bus::front::listen::{self, Endpoint};
use bus::link::LinkError;
use bus::peer::Peers;
use serve::Site;
use setting::{SettingError, Settings};
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

/// Why webd ended.
#[derive(Debug, thiserror::Error)]
enum WebdError {
    /// A link to another process cannot be made at all.
    #[error("cannot link to the other processes")]
    Link(#[from] LinkError),
    /// A variable says what cannot be done, or must not.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The port is not to be had, or nobody can be told of it.
    #[error("cannot {action}")]
    Io {
        /// What was attempted.
        action: String,
        /// Why not.
        source: io::Error,
    },
}

fn main() -> ExitCode {
    Daemon::run_async("webd", run)
}

async fn run(daemon: &Daemon) -> Result<ExitCode, WebdError> {
    let fail = |action: String| move |source| WebdError::Io { action, source };
    let settings = Settings::from_env(|name| std::env::var(name).ok())?;
    let home = daemon.home();
    let peers = Arc::new(Peers::of_daemon(home, daemon.key())?);
    let feed = Arc::new(Feed::open(home, Arc::clone(&peers), Principal::system())?);
    let wanted = settings.port.map_or_else(|| "a port".to_owned(), |port| format!("port {port}"));
    // Pages that are open look for us where we were.
    let last = Endpoint::announced(&home.web_endpoint()).map(|last| last.port);
    let usual = last.or((!settings.is_any_port).then_some(setting::PORT_USUAL));
    let listener = listen::bind(settings.host, settings.port, usual)
        .await
        .map_err(fail(format!("listen on {wanted} of {}", settings.host)))?;
    let at = listener.local_addr().map_err(fail("say where we listen".into()))?;
    let endpoint = Endpoint::new(at, serve::UI);
    endpoint.announce(&home.web_endpoint()).map_err(fail("say where we listen".into()))?;
    daemon.stay_in(vec![home.web_endpoint()]).map_err(fail("watch over what says where we listen".into()))?;
    daemon.ready(&format!("serving browsers at {}", endpoint.url));
    let site = Site { home: home.clone(), peers, feed: Arc::clone(&feed), settings, presence: ws::Presence::default() };
    tokio::select! {
        served = serve::serve(listener, site) => served.map_err(fail("serve".into()))?,
        () = follow_loudness(&feed) => {}
        () = daemon.stopped() => {}
    }
    Ok(ExitCode::SUCCESS)
}
