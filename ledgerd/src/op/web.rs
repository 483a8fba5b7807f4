//! Ops about who may use the web server. A token is made where its request arrives; what is kept is its hash, in a file of
//! secrets, and what is written is whose it is.

use super::reading;
use super::request::{RequestContext, named, secrets_lost, written_as};
use crate::decision::{Answer, Decision, HOME, Known, Needs};
use crate::state::State;
use bus::contract::event::{WebTokenAdded, WebTokenRevoked};
use bus::contract::op::web::{AccessIs, Add, Added, Listed, Revoke, Revoked};
use bus::contract::private::{Hidden, Variables};
use bus::contract::web::{TOKEN_PREFIX, WebRole, WebToken};
use bus::contract::{Body, Code, Event, OpError, Reply, limit, time};

/// Digits of a token's id: the last ones of an event's id, which are random.
const ID_DIGITS: usize = 12;

/// The hashes that there are.
pub fn needs(state: &State) -> Needs {
    reading::secrets(reading::file(HOME, &state.home.web_tokens.hashes))
}

/// `web_token_add`
///
/// # Errors
///
/// `permission_denied`, `group_not_found`; `invalid_request` for a name that is missing or taken, for no role, for an admin
/// of one group, for a time that is past, and for one token too many.
pub fn add(cx: &RequestContext<'_>, args: &Add) -> Result<Decision, OpError> {
    let tokens = &cx.state.home.web_tokens;
    if args.name.is_empty() {
        return Err(invalid("a token needs a name: who is it for?"));
    }
    named("name", &args.name)?;
    if tokens.find(&args.name).is_some() {
        return Err(invalid(format!(
            "there is a token {} already; revoke it first, or choose another name",
            args.name
        )));
    }
    if tokens.tokens.len() >= limit::WEB_TOKENS_MAX {
        let sentence = format!("there are {} tokens, the limit WEB_TOKENS_MAX; revoke one first", tokens.tokens.len());
        return Err(invalid(sentence));
    }
    let token = WebToken {
        token_id: String::new(),
        name: args.name.clone(),
        role: role(args.role.as_deref())?,
        group_id: args.group_id.clone(),
        created_at: String::new(),
        created_by: cx.by.clone(),
        expires_at: args.expires_at.as_deref().map(|text| expiry(cx, text)).transpose()?,
    };
    match &token.group_id {
        Some(_) if token.role == WebRole::Admin => {
            return Err(invalid("an admin is one of everything; leave group_id away, or make it a member"));
        }
        Some(group_id) => drop(cx.group(group_id)?),
        None => {}
    }
    let minted = cx.known.minted.as_ref();
    let minted = minted.ok_or_else(|| OpError::new(Code::InternalError, "no secret was made for the token"))?;
    let mut hashes = living(cx)?;
    let mut writer = cx.writer();
    let id = writer.id();
    let token = WebToken {
        token_id: id[id.len().saturating_sub(ID_DIGITS)..].to_owned(),
        created_at: writer.time(HOME),
        ..token
    };
    hashes.0.insert(token.token_id.clone(), minted.hash.clone());
    let keys = hashes.names();
    let version = writer.keep(HOME, hashes);
    writer.home(WebTokenAdded { token, version, keys });
    Ok(writer.done())
}

/// The hashes of the tokens that there are: those of a group that is gone have stayed behind.
fn living(cx: &RequestContext<'_>) -> Result<Variables, OpError> {
    let tokens = &cx.state.home.web_tokens;
    let mut hashes = cx.secrets(&tokens.hashes)?;
    hashes.0.retain(|token_id, _| tokens.tokens.iter().any(|token| token.token_id == *token_id));
    Ok(hashes)
}

fn role(word: Option<&str>) -> Result<WebRole, OpError> {
    let Some(word) = word else { return Ok(WebRole::default()) };
    let roles = || format!("invalid role: {word}; use one of: {}", WebRole::WORDS.join(", "));
    WebRole::parse(word).ok_or_else(|| invalid(roles()))
}

fn expiry(cx: &RequestContext<'_>, text: &str) -> Result<String, OpError> {
    let at = time::parse(text);
    let at = at.ok_or_else(|| invalid(format!("invalid expires_at: {text}; write it like 2027-01-31T12:00:00Z")))?;
    if at <= cx.stamp.now() {
        return Err(invalid(format!("expires_at is {text}, which is past")));
    }
    Ok(time::format(at))
}

fn invalid(why: impl Into<String>) -> OpError {
    OpError::new(Code::InvalidRequest, why)
}

/// Answer of `web_token_add`: the token is in it when it was made for this very request.
///
/// # Errors
///
/// Never: the request has written the event.
pub fn added(events: &[Event], known: &Known) -> Result<Reply, OpError> {
    let is_added = |body: &Body| match body {
        Body::WebTokenAdded(added) => Some(added.token.clone()),
        _ => None,
    };
    let (_, web_token) = written_as(events, is_added)?;
    let whole = |secret: &str| format!("{TOKEN_PREFIX}_{}_{secret}", web_token.token_id);
    let token = known.minted.as_ref().map(|minted| Hidden::from(whole(minted.secret.text()))).unwrap_or_default();
    Ok(Reply::WebTokenAdd(Added { web_token, token }))
}

/// `web_token_revoke`
///
/// # Errors
///
/// `permission_denied`, `web_token_not_found`.
pub fn revoke(cx: &RequestContext<'_>, args: &Revoke) -> Result<Decision, OpError> {
    let found = cx.state.home.web_tokens.find(&args.token_id);
    let token_id = found.map(|token| token.token_id.clone()).ok_or_else(|| {
        let sentence = format!("there is no token {:?} for the web server", args.token_id);
        OpError::new(Code::WebTokenNotFound, sentence)
    })?;
    // Hashes that are lost are no reason to let somebody in.
    let mut hashes = living(cx).unwrap_or_default();
    hashes.0.remove(&token_id);
    let mut writer = cx.writer();
    let keys = hashes.names();
    let version = writer.keep(HOME, hashes);
    writer.home(WebTokenRevoked { token_id, version, keys });
    Ok(writer.done())
}

/// Answer of `web_token_revoke`.
///
/// # Errors
///
/// Never: the request has written the event.
pub fn revoked(events: &[Event]) -> Result<Reply, OpError> {
    let is_revoked = |body: &Body| match body {
        Body::WebTokenRevoked(revoked) => Some(revoked.token_id.clone()),
        _ => None,
    };
    let (_, token_id) = written_as(events, is_revoked)?;
    Ok(Reply::WebTokenRevoke(Revoked { token_id }))
}

/// `web_token_list`
///
/// # Errors
///
/// `permission_denied`.
pub fn list(cx: &RequestContext<'_>) -> Result<Reply, OpError> {
    Ok(Reply::WebTokenList(Listed { web_tokens: cx.state.home.web_tokens.tokens.clone() }))
}

/// `web_access_get`
///
/// # Errors
///
/// `permission_denied` for everybody but our own system; `internal_error` when the hashes are lost.
pub fn access(cx: &RequestContext<'_>) -> Result<Answer, OpError> {
    let home = &cx.state.home;
    let (config, web_tokens) = (home.remote.config.clone(), home.web_tokens.tokens.clone());
    let finish = move |hashes: Option<Variables>| {
        let hashes = hashes.ok_or_else(secrets_lost)?;
        Ok(Reply::WebAccessGet(AccessIs { config, web_tokens, hashes }))
    };
    let files = [&home.remote.token, &home.web_tokens.hashes];
    let versions: Vec<_> =
        files.iter().filter_map(|secrets| reading::file(HOME, secrets)).map(|(_, version)| version).collect();
    if versions.is_empty() {
        return finish(Some(Variables::default())).map(Answer::Now);
    }
    Ok(Answer::Secrets { ledger: HOME.into(), versions, finish: Box::new(finish) })
}
