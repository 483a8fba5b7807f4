//! Ops about access to this home from other machines: what is wanted. The web server listens where this says; what a provider's
//! program is to do, ptyd has it do.

use super::request::{RequestContext, within};
use crate::decision::{Decision, HOME};
use crate::state::State;
use crate::state::remote::Remote;
use bus::contract::event::RemoteAccessSet;
use bus::contract::op::remote::{Configure, RemoteIs, Start};
use bus::contract::private::Variables;
use bus::contract::remote::{Provider, RemoteConfig, RemoteMode};
use bus::contract::{Code, OpError, limit};

/// Name of the token among the secrets.
const TOKEN: &str = "web_token";

/// What is set, and what comes of it.
pub fn now(state: &State) -> RemoteIs {
    RemoteIs { remote_access: state.home.remote.view(state.home.has_web_token()) }
}

/// `remote_access_configure`: nothing is written when nothing changes.
///
/// # Errors
///
/// `permission_denied`, `remote_access_invalid_config`, a limit.
pub fn configure(cx: &RequestContext<'_>, args: &Configure) -> Result<Decision, OpError> {
    let remote = &cx.state.home.remote;
    let config = changed(&remote.config, args)?;
    let token = args.web_token.text();
    within("web_token", token, limit::TITLE_BYTES_MAX, "TITLE_BYTES_MAX")?;
    if !token.is_empty() && !args.clear_web_token {
        let minted = cx.known.minted.as_ref();
        let minted = minted.ok_or_else(|| OpError::new(Code::InternalError, "the web token was not hashed"))?;
        let variables = Variables([(TOKEN.to_owned(), minted.hash.clone())].into());
        return Ok(set(cx, remote, config, Some(variables)));
    }
    let is_cleared = args.clear_web_token && remote.has_token();
    if config == remote.config && !is_cleared {
        return Ok(Decision::default());
    }
    Ok(set(cx, remote, config, is_cleared.then(Variables::default)))
}

/// Writes what is set from now on; the token stays when none is given.
fn set(cx: &RequestContext<'_>, remote: &Remote, config: RemoteConfig, token: Option<Variables>) -> Decision {
    let mut writer = cx.writer();
    let (version, keys) = match token {
        Some(token) => {
            let keys = token.names();
            (writer.keep(HOME, token), keys)
        }
        None => (remote.token.version.clone(), remote.token.keys.clone()),
    };
    writer.home(RemoteAccessSet { config, version, keys });
    writer.done()
}

fn changed(before: &RemoteConfig, args: &Configure) -> Result<RemoteConfig, OpError> {
    let mut after = before.clone();
    if let Some(word) = &args.provider {
        after.provider = Provider::parse(word)
            .ok_or_else(|| invalid(format!("invalid provider: {word}; use one of: {}", Provider::WORDS.join(", "))))?;
    }
    if let Some(word) = &args.mode {
        after.mode = RemoteMode::parse(word).ok_or_else(|| {
            invalid(format!("unsupported mode: {word}; use one of: {}", RemoteMode::WORDS.join(", ")))
        })?;
    }
    if let Some(host) = &args.web_host {
        let is_host = host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c)) && host.len() < 256;
        if !is_host {
            return Err(invalid("web_host must be an address or the name of a machine"));
        }
        after.web_host.clone_from(host);
    }
    if let Some(port) = args.web_port {
        after.web_port = u16::try_from(port).map_err(|_| invalid("web_port must be 0 to 65535"))?;
    }
    if let Some(url) = &args.web_public_url {
        let is_url = url.starts_with("https://") || url.starts_with("http://");
        let is_plain = !url.chars().any(|c| c.is_control() || c.is_whitespace()) && url.len() <= limit::TITLE_BYTES_MAX;
        let is_good = url.is_empty() || is_url && is_plain;
        if !is_good {
            return Err(invalid("web_public_url must begin with https:// or http:// and have no blanks"));
        }
        after.web_public_url.clone_from(url);
    }
    after.enforce_web_token = args.enforce_web_token.or(args.require_access_token).unwrap_or(before.enforce_web_token);
    after.enabled = args.enabled.unwrap_or(before.enabled) && after.provider != Provider::Off;
    after.brought_up = before.brought_up && after.enabled && after.provider == before.provider;
    if !after.enforce_web_token && after.provider != Provider::Off {
        return Err(invalid(
            "a home that is reached from other machines needs the web token; leave enforce_web_token on",
        ));
    }
    Ok(after)
}

fn invalid(why: impl Into<String>) -> OpError {
    OpError::new(Code::RemoteAccessInvalidConfig, why)
}

/// `remote_access_start`
///
/// # Errors
///
/// `permission_denied`, `remote_access_invalid_config`, `remote_access_unreachable`.
pub fn start(cx: &RequestContext<'_>, args: &Start) -> Result<Decision, OpError> {
    let remote = &cx.state.home.remote;
    if remote.config.provider == Provider::Off {
        return Err(invalid("no provider is set; configure manual or tailscale first"));
    }
    if remote.config.enforce_web_token && !cx.state.home.has_web_token() {
        return Err(invalid("no web token is set; configure web_token first, or add one with `cccc web token add`"));
    }
    if !remote.is_reachable() {
        let sentence = "the web server listens on this machine only; configure web_public_url or web_host first";
        return Err(OpError::new(Code::RemoteAccessUnreachable, sentence));
    }
    // What was brought up stays ours until it is taken down.
    Ok(switch(cx, true, args.brought_up || remote.config.brought_up))
}

/// `remote_access_stop`
///
/// # Errors
///
/// `permission_denied`.
pub fn stop(cx: &RequestContext<'_>) -> Result<Decision, OpError> {
    Ok(switch(cx, false, false))
}

fn switch(cx: &RequestContext<'_>, enabled: bool, brought_up: bool) -> Decision {
    let remote = &cx.state.home.remote;
    let config = RemoteConfig { enabled, brought_up, ..remote.config.clone() };
    if config == remote.config {
        return Decision::default();
    }
    set(cx, remote, config, None)
}
