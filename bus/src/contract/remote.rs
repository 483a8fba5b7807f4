//! Access to this home from other machines: what is set, and what comes of it.

use super::document::words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

words! {
    /// What carries the connection.
    Provider {
        /// Nothing: this machine only.
        Off = "off",
        /// Something outside that the user looks after.
        Manual = "manual",
        /// Tailscale.
        Tailscale = "tailscale",
    } default Off
}

words! {
    /// Who is let in.
    RemoteMode {
        /// Members of the user's own network.
        TailnetOnly = "tailnet_only",
    } default TailnetOnly
}

words! {
    /// What has come of it.
    RemoteStatus {
        /// It is not wanted.
        Stopped = "stopped",
        /// It is wanted, and nothing speaks against it.
        Running = "running",
        /// The provider's program is not there.
        NotInstalled = "not_installed",
        /// The provider's program is there, and nobody has logged in with it.
        NotAuthenticated = "not_authenticated",
        /// It is wanted, and cannot work as it is set.
        Misconfigured = "misconfigured",
        /// It is wanted, and something keeps it from working.
        Error = "error",
    } default Stopped
}

/// Where the web server listens when nothing is set.
pub const HOST_DEFAULT: &str = "127.0.0.1";

/// Its port when nothing is set.
pub const PORT_DEFAULT: u16 = 8848;

/// What is set. The token is a secret and kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RemoteConfig {
    /// What carries the connection.
    pub provider: Provider,
    /// Who is let in.
    pub mode: RemoteMode,
    /// Whether a visitor needs the web token.
    pub enforce_web_token: bool,
    /// Whether it is wanted.
    pub enabled: bool,
    /// Where the web server listens; `""` is the default.
    pub web_host: String,
    /// Its port; 0 is the default.
    pub web_port: u16,
    /// Address under which it is reached from outside; `""` is none.
    pub web_public_url: String,
    /// Whether the provider's network was brought up by us, so that it is ours to take down.
    #[serde(default)]
    pub brought_up: bool,
}

impl Default for RemoteConfig {
    fn default() -> Self {
        Self {
            provider: Provider::Off,
            mode: RemoteMode::TailnetOnly,
            enforce_web_token: true,
            enabled: false,
            web_host: String::new(),
            web_port: 0,
            web_public_url: String::new(),
            brought_up: false,
        }
    }
}

/// Access from other machines as clients see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RemoteAccess {
    /// What carries the connection.
    pub provider: Provider,
    /// Who is let in.
    pub mode: RemoteMode,
    /// Whether a visitor needs the web token.
    pub enforce_web_token: bool,
    /// Whether it is wanted.
    pub enabled: bool,
    /// What has come of it.
    pub status: RemoteStatus,
    /// Address to open; null while it is not wanted.
    pub endpoint: Option<String>,
    /// When it was last changed; null when never.
    pub updated_at: Option<String>,
    /// What the status follows from.
    pub diagnostics: Diagnostics,
    /// What is set of the web server.
    pub config: WebConfig,
    /// What to do, one sentence each.
    pub next_steps: Vec<String>,
}

words! {
    /// Where a value comes from.
    ValueSource {
        /// It is set.
        Settings = "settings",
        /// Nothing is set.
        Default = "default",
        /// There is none.
        None = "none",
    } default Default
}

/// What a status follows from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diagnostics {
    /// Whether a token is stored that lets somebody use the web server, in the settings or with a name.
    pub web_token_present: bool,
    /// Where that of the settings comes from.
    pub web_token_source: ValueSource,
    /// Where the web server listens.
    pub web_host: String,
    /// Where that comes from.
    pub web_host_source: ValueSource,
    /// Its port.
    pub web_port: u16,
    /// Where that comes from.
    pub web_port_source: ValueSource,
    /// Address from outside, or `""`.
    pub web_public_url: String,
    /// Where that comes from.
    pub web_public_url_source: ValueSource,
    /// Whether only this machine can reach where it listens.
    pub web_bind_loopback: bool,
    /// Whether other machines can reach it, there or under its public address.
    pub web_bind_reachable: bool,
    /// Whether we know the mode.
    pub mode_supported: bool,
    /// What carries the connection.
    pub provider: Provider,
    /// Whether the program `tailscale` is there; false when it was not looked for, because it is not the provider.
    pub tailscale_installed: bool,
    /// What it says of itself, such as `Running` or `NeedsLogin`; `""` when it was not asked.
    pub tailscale_backend_state: String,
    /// Whether the tailnet was brought up by us, so that stopping takes it down.
    pub tailscale_brought_up: bool,
    /// Where the web server really listens now; null when it does not say.
    pub web_url: Option<String>,
    /// Why it does not listen where it should; null when it does.
    pub web_trouble: Option<String>,
}

/// What can only be seen on the machine itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// What there is of tailscale, where that is the provider; `None` when it was not looked for.
    pub tailscale: Option<Tailnet>,
    /// Where the web server really listens.
    pub web_url: Option<String>,
    /// Why it does not listen where it should.
    pub web_trouble: Option<String>,
}

/// What there is of tailscale.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tailnet {
    /// Whether its program is there.
    pub is_installed: bool,
    /// What it says of itself; `""` when it says nothing.
    pub backend_state: String,
    /// The address of this machine in it; `""` when it has none.
    pub address: String,
}

impl Tailnet {
    /// What comes of it.
    pub fn status(&self) -> RemoteStatus {
        match self.backend_state.as_str() {
            _ if !self.is_installed => RemoteStatus::NotInstalled,
            "Running" => RemoteStatus::Running,
            "NeedsLogin" | "NeedsMachineAuth" => RemoteStatus::NotAuthenticated,
            _ => RemoteStatus::Error,
        }
    }
}

impl RemoteAccess {
    /// Adds what was seen on the machine, and what follows from it.
    pub fn look(&mut self, seen: Seen) {
        if let Some(tailnet) = &seen.tailscale {
            self.diagnostics.tailscale_installed = tailnet.is_installed;
            self.diagnostics.tailscale_backend_state.clone_from(&tailnet.backend_state);
            let status = tailnet.status();
            let step = match status {
                RemoteStatus::NotInstalled => Some("install tailscale, so that its program is found"),
                RemoteStatus::NotAuthenticated => Some("run `tailscale up` in a terminal and log in"),
                RemoteStatus::Error if self.enabled => Some("start it again: the tailnet is down"),
                RemoteStatus::Stopped | RemoteStatus::Running | RemoteStatus::Misconfigured | RemoteStatus::Error => {
                    None
                }
            };
            self.next_steps.extend(step.map(str::to_owned));
            if self.enabled && (self.status == RemoteStatus::Running || status == RemoteStatus::NotInstalled) {
                self.status = status;
            }
            let is_local = self.diagnostics.web_public_url.is_empty();
            if self.enabled && is_local && !tailnet.address.is_empty() {
                self.endpoint = Some(format!("http://{}:{}/ui/", tailnet.address, self.diagnostics.web_port));
            }
        }
        if let Some(why) = &seen.web_trouble {
            self.next_steps.push(format!("the web server stays where it is: {why}"));
            if self.enabled && self.status == RemoteStatus::Running {
                self.status = RemoteStatus::Error;
            }
        }
        self.diagnostics.web_url = seen.web_url;
        self.diagnostics.web_trouble = seen.web_trouble;
    }
}

/// What is set of the web server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebConfig {
    /// Where it listens; `""` is the default.
    pub web_host: String,
    /// Its port.
    pub web_port: u16,
    /// Address from outside, or `""`.
    pub web_public_url: String,
    /// Whether a web token is stored. The token itself is never shown.
    pub web_token_configured: bool,
    /// Where it comes from.
    pub web_token_source: ValueSource,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_tailnet_says_is_a_status() {
        let of = |is_installed, backend_state: &str| {
            Tailnet { is_installed, backend_state: backend_state.into(), address: String::new() }.status()
        };
        #[rustfmt::skip]
        let cases = [
            (of(false, ""),                RemoteStatus::NotInstalled),
            (of(true,  "Running"),         RemoteStatus::Running),
            (of(true,  "NeedsLogin"),      RemoteStatus::NotAuthenticated),
            (of(true,  "NeedsMachineAuth"), RemoteStatus::NotAuthenticated),
            (of(true,  "Stopped"),         RemoteStatus::Error),
            (of(true,  ""),                RemoteStatus::Error),
        ];
        for (is, wanted) in cases {
            assert_eq!(is, wanted);
        }
    }
}
