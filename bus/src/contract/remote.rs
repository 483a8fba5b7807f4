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
        /// The provider's program is not driven by this version.
        NotInstalled = "not_installed",
        /// It is wanted, and cannot work as it is set.
        Misconfigured = "misconfigured",
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
    /// Whether a web token is stored.
    pub web_token_present: bool,
    /// Where it comes from.
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
    /// Always false: this version does not look for it.
    pub tailscale_installed: bool,
    /// Always `""`: this version does not ask it.
    pub tailscale_backend_state: String,
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
