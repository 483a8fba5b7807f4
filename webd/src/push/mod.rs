//! Browsers that are told while no page is open (Web Push: RFC 8030, 8291, 8292).
//!
//! Which browsers there are, and of what they are told, is ledgerd's to keep. What is told is read from the ledgers on from
//! where the last life of this process has come, so a restart skips nothing; after a kill something may be told a second
//! time, in place of the first on the screen.

mod cursor;
mod follow;
mod notice;
mod seal;
mod service;

use bus::contract::op::push::{DevicesAre, Get, KeySet, Remove, Set};
use bus::contract::push::PushDevice;
use bus::contract::{Code, OpError, Principal};
use bus::peer::Peers;
pub use follow::follow;
pub use notice::Notice;
use seal::{Subscription, VapidKey};
pub use service::Services;
use service::{Outcome, Service};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Name of the key of this home among the secrets.
const KEY: &str = "key";

/// How often a service is asked that is busy or does not answer.
const ATTEMPTS: u32 = 3;

/// First pause between two attempts; it doubles.
const PAUSE: Duration = Duration::from_secs(1);

/// Longest pause that a service may ask for. What is told later than that is no news any more.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// A browser, and how it is reached.
#[derive(Debug, Clone)]
pub struct Device {
    /// Which one, and of what it is told.
    pub told: PushDevice,
    /// Its address and keys; none where what was kept cannot be read.
    subscription: Option<Subscription>,
}

/// Browsers, and what became of telling them.
#[derive(Debug)]
pub struct Push {
    services: Services,
    service: Service,
    troubles: Mutex<HashMap<String, String>>,
}

/// All browsers that are told.
#[derive(Debug, Default)]
pub struct Devices {
    /// They.
    pub devices: Vec<Device>,
    /// The key of this home, unless nobody has asked for it yet.
    key: Option<Arc<VapidKey>>,
}

impl Push {
    /// Nobody was told anything yet.
    pub fn new(services: Services) -> Self {
        Self { services, service: Service::default(), troubles: Mutex::default() }
    }

    /// Who is to be told, as ledgerd knows it.
    ///
    /// # Errors
    ///
    /// ledgerd does not answer, or does not take us for the web server of this home.
    pub async fn devices(&self, peers: &Peers) -> Result<Devices, OpError> {
        let DevicesAre { devices, secrets } = peers.ask_as(Principal::system(), Get {}).await?;
        let of = |told: PushDevice| {
            let kept = secrets.0.get(&told.device_id);
            let subscription = kept.and_then(|kept| Subscription::read(kept, &self.services).ok());
            Device { told, subscription }
        };
        let key = secrets.0.get(KEY).and_then(|kept| VapidKey::read(kept)).map(Arc::new);
        Ok(Devices { devices: devices.into_iter().map(of).collect(), key })
    }

    /// What browsers must know to let us in: the public half of the key of this home, which is made at the first call.
    ///
    /// # Errors
    ///
    /// As [`Push::devices`]; no key can be made.
    pub async fn public_key(&self, peers: &Peers) -> Result<String, OpError> {
        if let Some(key) = self.devices(peers).await?.key {
            return Ok(key.public());
        }
        let no_key = || OpError::new(Code::InternalError, "no key can be made for notifications");
        let key = VapidKey::generate().ok_or_else(no_key)?;
        peers.ask_as(Principal::system(), KeySet { key }).await?;
        // Somebody may have been faster.
        Ok(self.devices(peers).await?.key.ok_or_else(no_key)?.public())
    }

    /// Has a browser told from now on, or of other things. Its id follows from its address, so the same browser is the
    /// same device again.
    ///
    /// # Errors
    ///
    /// What it says of how it is reached is nothing that can be used, in words; as [`Push::devices`]; as `web_push_set`.
    pub async fn add(&self, peers: &Peers, subscription: &serde_json::Value, set: Set) -> Result<PushDevice, OpError> {
        let kept = subscription.to_string();
        let way = Subscription::read(&kept, &self.services)
            .map_err(|why| OpError::new(Code::InvalidRequest, format!("this browser cannot be told: {why}")))?;
        // A device that was added before there is a key could never be told.
        self.public_key(peers).await?;
        let set = Set { device_id: way.device_id(), service: way.service(), subscription: kept.into(), ..set };
        self.troubles().remove(&set.device_id);
        Ok(peers.ask_as(Principal::system(), set).await?.device)
    }

    /// What went wrong last with telling a device; `""` is nothing.
    pub fn trouble(&self, device_id: &str) -> String {
        self.troubles().get(device_id).cloned().unwrap_or_default()
    }

    fn troubles(&self) -> MutexGuard<'_, HashMap<String, String>> {
        // Nothing in here panics half-way through a change.
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells one browser. One of which its service says that it is gone is told nothing any more.
    ///
    /// # Errors
    ///
    /// Why it was not told, in words.
    pub async fn tell(&self, peers: &Peers, devices: &Devices, device: &Device, notice: &Notice) -> Result<(), String> {
        let device_id = &device.told.device_id;
        let told = self.attempt(devices, device, notice).await;
        match &told {
            Ok(()) => drop(self.troubles().remove(device_id)),
            Err(Untold::Gone) => {
                let remove = Remove { device_id: device_id.clone(), reason: Untold::Gone.words() };
                if let Err(error) = peers.ask_as(crate::route::user(), remove).await {
                    tracing::warn!(%error, device_id, "a browser that is gone is still among those that are told");
                }
            }
            Err(untold) => {
                tracing::warn!(device_id, service = device.told.service, "not told: {}", untold.words());
                self.troubles().insert(device_id.clone(), untold.words());
            }
        }
        told.map_err(|untold| untold.words())
    }

    async fn attempt(&self, devices: &Devices, device: &Device, notice: &Notice) -> Result<(), Untold> {
        let subscription = device.subscription.as_ref().ok_or(Untold::Unreadable)?;
        let key = devices.key.as_ref().ok_or(Untold::Unreadable)?;
        let sealed = subscription.seal(&notice.payload(&device.told.lang)).ok_or(Untold::Unreadable)?;
        let mut pause = PAUSE;
        for attempt in 1.. {
            let why = match self.service.post(subscription, key, sealed.clone(), notice.is_urgent()).await {
                Outcome::Sent => return Ok(()),
                Outcome::Gone => return Err(Untold::Gone),
                Outcome::Refused(why) => return Err(Untold::Refused(why)),
                Outcome::Later(why, wait) => {
                    pause = wait.unwrap_or(pause).min(PAUSE_MAX);
                    why
                }
            };
            if attempt == ATTEMPTS {
                return Err(Untold::Refused(why));
            }
            tracing::info!(service = device.told.service, ?pause, "trying once more: {why}");
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        unreachable!("the last attempt returns")
    }
}

/// Why a browser was not told.
#[derive(Debug)]
enum Untold {
    /// Its service says that it is gone.
    Gone,
    /// What was kept of it cannot be used.
    Unreadable,
    /// Its service did not take it.
    Refused(String),
}

impl Untold {
    fn words(&self) -> String {
        match self {
            Self::Gone => "its service says that the browser is gone".into(),
            Self::Unreadable => "what was kept of it cannot be used; switch notifications off and on there".into(),
            Self::Refused(why) => why.clone(),
        }
    }
}
