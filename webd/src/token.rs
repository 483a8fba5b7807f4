//! Tokens that let somebody in: the owner's, from the environment or the settings, and those that have a name.
//!
//! What ledgerd tells of them is learnt anew whenever the home's ledger moves, so what is added counts at once and what is
//! revoked counts no more, also where it is in use. A token is checked against its argon2id hash once and known by its
//! blake3 hash from then on, in memory only.

use crate::access::{Access, Key};
use argon2::{Argon2, PasswordHash, PasswordVerifier as _};
use bus::contract::op::web::{AccessIs, Get};
use bus::contract::private::Variables;
use bus::contract::remote::RemoteConfig;
use bus::contract::time;
use bus::contract::web::{self, WebToken};
use bus::contract::{OpError, Principal};
use bus::feed::Feed;
use bus::peer::Peers;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// Name of the hash of the token that is set in the settings.
const SETTING: &str = "web_token";

/// How a hash begins; whatever does not is a token that an earlier version has stored.
const HASHED: &str = "$argon2";

/// Pause before ledgerd is asked again.
const RETRY: Duration = Duration::from_millis(250);

/// The same while everything starts.
const FIRST_RETRY: Duration = Duration::from_millis(20);

/// Longest token that is looked at.
const TOKEN_BYTES_MAX: usize = 4_096;

/// Tokens, and what is known of them.
pub struct Tokens {
    environment: Option<blake3::Hash>,
    known: watch::Sender<Option<Arc<AccessIs>>>,
    /// Those that were checked since it was learnt last: which one of the hashes each is.
    checked: Mutex<HashMap<blake3::Hash, String>>,
    /// One at a time: it takes memory and time, on purpose.
    checking: Arc<Semaphore>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("is_known", &self.known.borrow().is_some()).finish_non_exhaustive()
    }
}

impl Tokens {
    /// With the owner's token from the environment, if there is one. Nothing else is known yet.
    pub fn new(environment: Option<&str>) -> Self {
        Self {
            environment: environment.map(|token| blake3::hash(token.as_bytes())),
            known: watch::Sender::new(None),
            checked: Mutex::default(),
            checking: Arc::new(Semaphore::new(1)),
        }
    }

    /// With the owner's token from the environment, and no others: whoever does not prove to be webd is told of none.
    pub fn only(environment: Option<&str>) -> Self {
        let told = AccessIs { config: RemoteConfig::default(), web_tokens: Vec::new(), hashes: Variables::default() };
        Self { known: watch::Sender::new(Some(Arc::new(told))), ..Self::new(environment) }
    }

    /// What ledgerd has told last; changes are told.
    pub fn known(&self) -> watch::Receiver<Option<Arc<AccessIs>>> {
        self.known.subscribe()
    }

    /// What is set of where to listen, as far as it is known.
    pub fn config(&self) -> RemoteConfig {
        self.known.borrow().as_ref().map(|known| known.config.clone()).unwrap_or_default()
    }

    /// Whether ledgerd has told anything yet.
    pub fn is_known(&self) -> bool {
        self.known.borrow().is_some()
    }

    /// Whether the owner has a token, so that nobody gets in without one.
    pub fn is_owner_asked(&self) -> bool {
        let is_set = |known: &Arc<AccessIs>| known.hashes.0.contains_key(SETTING);
        self.environment.is_some() || self.known.borrow().as_ref().is_some_and(is_set)
    }

    /// Whether there is any token at all.
    pub fn is_any(&self) -> bool {
        self.is_owner_asked() || self.known.borrow().as_ref().is_some_and(|known| !known.web_tokens.is_empty())
    }

    /// The same where the owner's token of the settings may be about to go.
    pub fn is_any_without_setting(&self, goes: bool) -> bool {
        let has_named = self.known.borrow().as_ref().is_some_and(|known| !known.web_tokens.is_empty());
        if goes { self.environment.is_some() || has_named } else { self.is_any() }
    }

    /// Asks ledgerd.
    ///
    /// # Errors
    ///
    /// It does not answer, or refuses; what was known stays.
    pub async fn learn(&self, peers: &Peers) -> Result<(), OpError> {
        let told = peers.ask_as(Principal::system(), Get {}).await?;
        if self.known.borrow().as_ref().is_none_or(|known| **known != told) {
            self.checked().clear();
            self.known.send_replace(Some(Arc::new(told)));
        }
        Ok(())
    }

    /// Asks ledgerd until it has answered, at most for so long.
    pub async fn learn_within(&self, peers: &Peers, patience: Duration) {
        let learnt = async {
            while let Err(error) = self.learn(peers).await {
                tracing::debug!(%error, "ledgerd does not say yet who may come in");
                tokio::time::sleep(FIRST_RETRY).await;
            }
        };
        // Without an answer nobody is let in but the owner with its token, and who follows learns later.
        let _ = tokio::time::timeout(patience, learnt).await;
    }

    /// Keeps learning. For ever.
    pub async fn follow(&self, feed: &Feed) {
        let mut head = feed.head(bus::contract::id::HOME);
        loop {
            head.mark_unchanged();
            if let Err(error) = self.learn(feed.peers()).await {
                tracing::debug!(%error, "ledgerd does not say who may come in; asking again");
                tokio::time::sleep(RETRY).await;
                continue;
            }
            // Its other end is the feed, which outlives us.
            let _ = head.changed().await;
        }
    }

    fn checked(&self) -> MutexGuard<'_, HashMap<blake3::Hash, String>> {
        // Nothing in here panics half-way through a change.
        self.checked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose token it is, if it is one that counts.
    pub async fn prove(&self, token: &str, peers: &Peers) -> Option<Access> {
        // Hashes are compared in a time that says nothing of them.
        let hash = blake3::hash(token.as_bytes());
        if self.environment == Some(hash) {
            return Some(Access::owner(Key::Environment));
        }
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let known_id = self.checked().get(&hash).cloned();
        if let Some(id) = known_id {
            return self.access(&id);
        }
        let named = web::token_id(token);
        if named.is_some_and(|id| !self.has(id)) {
            // It may have been added just now. That ledgerd is away is no reason to let anybody in.
            let _ = self.learn(peers).await;
        }
        let id = named.filter(|id| self.has(id)).unwrap_or(SETTING);
        let stored = self.known.borrow().as_ref()?.hashes.0.get(id)?.clone();
        let secret = if id == SETTING { token } else { web::token_secret(token).unwrap_or_default() };
        if !self.is_it(secret.to_owned(), stored.clone()).await {
            return None;
        }
        // It may have been revoked meanwhile.
        let is_same = self.known.borrow().as_ref().is_some_and(|known| known.hashes.0.get(id) == Some(&stored));
        if is_same {
            self.checked().insert(hash, id.to_owned());
        }
        self.access(id)
    }

    fn has(&self, id: &str) -> bool {
        self.known.borrow().as_ref().is_some_and(|known| known.hashes.0.contains_key(id))
    }

    async fn is_it(&self, given: String, stored: String) -> bool {
        if !stored.starts_with(HASHED) {
            return blake3::hash(given.as_bytes()) == blake3::hash(stored.as_bytes());
        }
        let Ok(place) = Arc::clone(&self.checking).acquire_owned().await else { return false };
        let checked = tokio::task::spawn_blocking(move || {
            let is_it = PasswordHash::new(&stored)
                .is_ok_and(|hash| Argon2::default().verify_password(given.as_bytes(), &hash).is_ok());
            drop(place);
            is_it
        });
        checked.await.unwrap_or(false)
    }

    /// What the token of an id may do.
    fn access(&self, id: &str) -> Option<Access> {
        let known = self.known.borrow().clone()?;
        if id == SETTING {
            return known.hashes.0.get(SETTING).map(|hash| Access::owner(Key::Setting(hash.clone())));
        }
        let token = known.web_tokens.iter().find(|token| token.token_id == id)?;
        let WebToken { name, role, group_id, .. } = token.clone();
        let access = Access { name, role, group_id, key: Key::Named(id.to_owned()) };
        left(token, time::now()).is_ok().then_some(access)
    }

    /// Whether whoever was let in with a token, or is the owner, may know of a group now.
    pub fn sees(&self, token_id: Option<&str>, group_id: &str) -> bool {
        let access = |id| self.access(id).is_some_and(|access| !access.is_viewer() && access.sees(group_id));
        token_id.is_none_or(access)
    }

    /// Returns as soon as what has let somebody in does so no more.
    pub async fn ended(&self, access: &Access) {
        let mut known = self.known.subscribe();
        loop {
            let left = {
                let known = known.borrow_and_update().clone();
                self.left(access, known.as_deref())
            };
            let Ok(left) = left else { return };
            let over = async {
                match left {
                    Some(left) => tokio::time::sleep(left).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                // Its other end is ours.
                _ = known.changed() => {}
                () = over => {}
            }
        }
    }

    /// How long somebody may stay; `None` is for ever.
    fn left(&self, access: &Access, known: Option<&AccessIs>) -> Result<Option<Duration>, Over> {
        let hash = |id: &str| known.and_then(|known| known.hashes.0.get(id));
        match &access.key {
            Key::Environment => Ok(None),
            Key::Place if self.environment.is_none() && hash(SETTING).is_none() => Ok(None),
            Key::Setting(was) if hash(SETTING) == Some(was) => Ok(None),
            Key::Place | Key::Setting(_) => Err(Over),
            Key::Named(id) => {
                let token = known.and_then(|known| known.web_tokens.iter().find(|token| token.token_id == *id));
                token.ok_or(Over).and_then(|token| left(token, time::now()))
            }
        }
    }
}

/// That a token counts no more.
struct Over;

/// How long a token counts.
fn left(token: &WebToken, now: time::Micros) -> Result<Option<Duration>, Over> {
    let Some(until) = token.expires_at.as_deref().and_then(time::parse) else { return Ok(None) };
    let left = u64::try_from(until - now).ok().filter(|left| *left > 0).ok_or(Over)?;
    Ok(Some(Duration::from_micros(left)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_counts_until_it_expires() {
        let token = |expires_at: Option<&str>| WebToken {
            token_id: "1".into(),
            name: "n".into(),
            role: web::WebRole::Viewer,
            group_id: None,
            created_at: String::new(),
            created_by: "user".into(),
            expires_at: expires_at.map(str::to_owned),
        };
        let now = time::parse("2026-01-13T12:00:00Z").unwrap();
        assert!(left(&token(None), now).is_ok_and(|left| left.is_none()));
        let soon = left(&token(Some("2026-01-13T12:00:01Z")), now);
        assert!(soon.is_ok_and(|left| left == Some(Duration::from_secs(1))));
        assert!(left(&token(Some("2026-01-13T12:00:00Z")), now).is_err());
    }
}
