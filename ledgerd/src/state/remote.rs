//! Access to this home from other machines: what is set, and what comes of it.

use super::secret::Secrets;
use bus::contract::event::RemoteAccessSet;
use bus::contract::remote::{
    Diagnostics, HOST_DEFAULT, PORT_DEFAULT, Provider, RemoteAccess, RemoteConfig, RemoteStatus, ValueSource, WebConfig,
};
use serde::{Deserialize, Serialize};

/// What is set.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Remote {
    /// All but the token.
    pub config: RemoteConfig,
    /// The token.
    pub token: Secrets,
    /// When it was last changed; `""` is never.
    pub updated_at: String,
}

impl Remote {
    /// Takes what is set from now on.
    pub fn apply(&mut self, set: &RemoteAccessSet, ts: &str) {
        self.config.clone_from(&set.config);
        self.token = Secrets { version: set.version.clone(), keys: set.keys.clone() };
        ts.clone_into(&mut self.updated_at);
    }

    /// Whether a token is stored.
    pub fn has_token(&self) -> bool {
        !self.token.version.is_empty()
    }

    /// Where the web server listens.
    fn host(&self) -> &str {
        if self.config.web_host.is_empty() { HOST_DEFAULT } else { &self.config.web_host }
    }

    fn port(&self) -> u16 {
        if self.config.web_port == 0 { PORT_DEFAULT } else { self.config.web_port }
    }

    fn is_loopback(&self) -> bool {
        let host = self.host();
        host == "localhost" || host == "::1" || host.starts_with("127.")
    }

    /// Whether other machines can reach the web server.
    pub fn is_reachable(&self) -> bool {
        !self.is_loopback() || !self.config.web_public_url.is_empty()
    }

    fn status(&self, has_token: bool) -> RemoteStatus {
        let config = &self.config;
        match config.provider {
            Provider::Off => RemoteStatus::Stopped,
            Provider::Manual | Provider::Tailscale if !config.enabled => RemoteStatus::Stopped,
            Provider::Manual | Provider::Tailscale if !self.is_reachable() => RemoteStatus::Misconfigured,
            Provider::Manual | Provider::Tailscale if config.enforce_web_token && !has_token => {
                RemoteStatus::Misconfigured
            }
            Provider::Manual | Provider::Tailscale => RemoteStatus::Running,
        }
    }

    /// What is to be done, one sentence each.
    fn next_steps(&self, has_token: bool) -> Vec<String> {
        let config = &self.config;
        let mut steps = Vec::new();
        if config.provider == Provider::Off {
            return vec!["choose a provider: tailscale, or manual with a tunnel or proxy of your own".into()];
        }
        if config.enforce_web_token && !has_token {
            steps.push("set web_token or add a token, so that not everybody gets in");
        }
        if !self.is_reachable() {
            steps.push("set web_public_url, or a web_host that other machines reach");
        }
        if !config.enabled {
            steps.push("start it");
        }
        steps.into_iter().map(str::to_owned).collect()
    }

    /// What clients see. Whether there is a token that lets anybody in is known beside this.
    pub fn view(&self, has_token: bool) -> RemoteAccess {
        let config = &self.config;
        let source = |is_set: bool, otherwise| if is_set { ValueSource::Settings } else { otherwise };
        let token_source = source(self.has_token(), ValueSource::None);
        let local = format!("http://{}:{}/ui/", self.host(), self.port());
        let address = if config.web_public_url.is_empty() { local } else { config.web_public_url.clone() };
        RemoteAccess {
            provider: config.provider,
            mode: config.mode,
            enforce_web_token: config.enforce_web_token,
            enabled: config.enabled,
            status: self.status(has_token),
            endpoint: config.enabled.then_some(address),
            updated_at: Some(self.updated_at.clone()).filter(|ts| !ts.is_empty()),
            diagnostics: Diagnostics {
                web_token_present: has_token,
                web_token_source: token_source,
                web_host: self.host().to_owned(),
                web_host_source: source(!config.web_host.is_empty(), ValueSource::Default),
                web_port: self.port(),
                web_port_source: source(config.web_port != 0, ValueSource::Default),
                web_public_url: config.web_public_url.clone(),
                web_public_url_source: source(!config.web_public_url.is_empty(), ValueSource::None),
                web_bind_loopback: self.is_loopback(),
                web_bind_reachable: self.is_reachable(),
                mode_supported: true,
                provider: config.provider,
                tailscale_installed: false,
                tailscale_backend_state: String::new(),
                tailscale_brought_up: config.brought_up,
                web_url: None,
                web_trouble: None,
            },
            config: WebConfig {
                web_host: config.web_host.clone(),
                web_port: self.port(),
                web_public_url: config.web_public_url.clone(),
                web_token_configured: self.has_token(),
                web_token_source: token_source,
            },
            next_steps: self.next_steps(has_token),
        }
    }
}
