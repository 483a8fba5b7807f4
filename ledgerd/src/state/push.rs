//! Browsers that are told while no page is open: which ones, and which file has how they are reached.

use super::secret::Secrets;
use bus::contract::event::{WebPushKept, WebPushRemoved, WebPushSet};
use bus::contract::push::PushDevice;
use serde::{Deserialize, Serialize};

/// All of them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PushDevices {
    /// In the order in which they were added.
    pub devices: Vec<PushDevice>,
    /// How they are reached, and the key of this home.
    pub secrets: Secrets,
}

impl PushDevices {
    /// The one of an id.
    pub fn find(&self, device_id: &str) -> Option<&PushDevice> {
        self.devices.iter().find(|device| device.device_id == device_id)
    }

    /// Takes a device in, or what has changed of it.
    pub fn set(&mut self, set: &WebPushSet) {
        match self.devices.iter_mut().find(|device| device.device_id == set.device.device_id) {
            Some(device) => device.clone_from(&set.device),
            None => self.devices.push(set.device.clone()),
        }
        self.secrets = Secrets { version: set.version.clone(), keys: set.keys.clone() };
    }

    /// Takes a device away.
    pub fn remove(&mut self, removed: &WebPushRemoved) {
        self.devices.retain(|device| device.device_id != removed.device_id);
        self.secrets = Secrets { version: removed.version.clone(), keys: removed.keys.clone() };
    }

    /// Takes the key of this home in.
    pub fn keep(&mut self, kept: &WebPushKept) {
        self.secrets = Secrets { version: kept.version.clone(), keys: kept.keys.clone() };
    }

    /// Takes those away whose token counts no more.
    pub fn retain(&mut self, is_token: impl Fn(&str) -> bool) {
        self.devices.retain(|device| device.token_id.as_deref().is_none_or(&is_token));
    }
}
