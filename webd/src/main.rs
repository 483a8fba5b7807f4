//! Serves browsers and scripts over HTTP: the page, every op as REST, and what happens as server-sent events.
//!
//! It owns no state and decides nothing: a request is one op of ledgerd or ptyd in the name of the user, and what may come
//! in at all is judged in [`guard`].

mod access;
mod admit;
mod answer;
mod asset;
mod connection;
mod guard;
mod origin;
mod place;
mod push;
mod route;
mod serve;
mod setting;
mod sse;
mod term;
mod throttle;
mod token;
mod visit;
mod ws;

use bus::contract::Principal;
use bus::contract::remote::RemoteConfig;
use bus::daemon::{Daemon, TROUBLE, follow_loudness};
use bus::feed::Feed;
use bus::front::listen::Endpoint;
use bus::link::LinkError;
use bus::peer::Peers;
use place::{Listening, Place, PlaceError};
use serve::Site;
use setting::{SettingError, Settings};
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use token::Tokens;
use tokio::sync::mpsc;

/// Why webd ended.
#[derive(Debug, thiserror::Error)]
enum WebdError {
    /// A link to another process cannot be made at all.
    #[error("cannot link to the other processes")]
    Link(#[from] LinkError),
    /// A variable says what cannot be done.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// There is no place to listen at.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// Nobody can be told where we are.
    #[error("cannot {action}")]
    Io {
        /// What was attempted.
        action: &'static str,
        /// Why not.
        source: io::Error,
    },
}

impl WebdError {
    fn io(action: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, source }
    }
}

/// How long ledgerd may take until it says who may come in and where we are to listen.
const LEARN_PATIENCE: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    // Whoever is not started by the supervisor has no key, and must not make one for the home.
    let is_alone = std::env::var_os(setting::ALONE).is_some();
    if is_alone { Daemon::run_async("web", run_alone) } else { Daemon::run_async("webd", run) }
}

/// Serves the home's browsers.
async fn run(daemon: &Daemon) -> Result<ExitCode, WebdError> {
    let settings = Settings::from_env(|name| std::env::var(name).ok())?;
    let home = daemon.home();
    let peers = Arc::new(Peers::of_daemon(home, daemon.key())?);
    let feed = Arc::new(Feed::open(home, Arc::clone(&peers), Principal::system())?);
    let tokens = Arc::new(Tokens::new(settings.token.as_deref()));
    tokens.learn_within(&peers, LEARN_PATIENCE).await;
    // Pages that are open look for us where we were.
    let last = Endpoint::announced(&home.web_endpoint()).map(|last| last.port);
    let mut place = Place::of(&settings, &tokens.config());
    let (listener, trouble) = match place.bind(tokens.is_any(), last).await {
        Ok(listener) => (listener, None),
        // What is set in the page must not take the page away in which it is set.
        Err(error) if place != Place::of(&settings, &RemoteConfig::default()) => {
            place = Place::of(&settings, &RemoteConfig::default());
            (place.bind(tokens.is_any(), last).await?, Some(error.to_string()))
        }
        Err(error) => return Err(error.into()),
    };
    let at = listener.local_addr().map_err(WebdError::io("say where we listen"))?;
    let endpoint = Endpoint { trouble, ..Endpoint::new(at, serve::UI) };
    endpoint.announce(&home.web_endpoint()).map_err(WebdError::io("say where we listen"))?;
    daemon.stay_in(vec![home.web_endpoint()]).map_err(WebdError::io("watch over what says where we listen"))?;
    let trouble = endpoint.trouble.map_or_else(String::new, |why| format!("{TROUBLE}{why}"));
    daemon.ready(&format!("serving browsers at {}{trouble}", endpoint.url));
    let (listeners, listening) = mpsc::channel(1);
    let _ = listeners.send(Some(listener)).await;
    let file = home.web_endpoint();
    let site = Arc::new(Site::new(home.clone(), peers, Arc::clone(&feed), settings.clone(), Arc::clone(&tokens)));
    let (settings, tokens, listeners) = (&settings, &*tokens, &listeners);
    let listen = Listening { daemon, file: &file, settings, tokens, listeners };
    tokio::select! {
        () = connection::serve(listening, serve::router(Arc::clone(&site))) => {}
        () = push::follow(&site) => {}
        () = tokens.follow(&feed) => {}
        () = listen.follow((place, at)) => {}
        () = follow_loudness(&feed) => {}
        () = daemon.stopped() => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Serves browsers beside whoever does so already, for the person who has started us: where the environment says, and with
/// no other token than that of the environment.
async fn run_alone(daemon: &Daemon) -> Result<ExitCode, WebdError> {
    route::IS_CLIENT.store(true, Ordering::Relaxed);
    let settings = Settings::from_env(|name| std::env::var(name).ok())?;
    let home = daemon.home();
    let peers = Arc::new(Peers::connect(home, "web")?);
    let feed = Arc::new(Feed::open(home, Arc::clone(&peers), Principal::claimed("system"))?);
    let tokens = Arc::new(Tokens::only(settings.token.as_deref()));
    let listener = Place::of(&settings, &RemoteConfig::default()).bind(tokens.is_any(), None).await?;
    let at = listener.local_addr().map_err(WebdError::io("say where we listen"))?;
    println!("serving browsers at {}; Ctrl-C ends it", Endpoint::new(at, serve::UI).url);
    let (listeners, listening) = mpsc::channel(1);
    let _ = listeners.send(Some(listener)).await;
    let site = Site::new(home.clone(), peers, feed, settings, tokens);
    tokio::select! {
        () = connection::serve(listening, serve::router(Arc::new(site))) => {}
        () = daemon.stopped() => {}
    }
    Ok(ExitCode::SUCCESS)
}
