//! Ops about who speaks. What is believed is decided in [`crate::permission`].

use super::request::RequestContext;
use crate::decision::Decision;
use crate::permission;
use crate::state::State;
use bus::contract::document::{KindFilter, Runner};
use bus::contract::event;
use bus::contract::op::principal::{Set, Speaker, Strictness, TokenIsSet, TokenSet, Whoami};
use bus::contract::{Code, OpError, Proof, Reply};

/// `whoami`
///
/// # Errors
///
/// `group_not_found` for a group that is named.
pub fn whoami(cx: &RequestContext<'_>, args: &Whoami) -> Result<Reply, OpError> {
    let group = match args.group_id.as_str() {
        "" => permission::group_of(cx.state, cx.principal).and_then(|own| cx.state.group(&own).ok()),
        group_id => Some(cx.group(group_id)?),
    };
    let own = group.and_then(|group| Some((group, group.actor_state(&cx.by)?)));
    let role = own.map(|(group, _)| group.role(&cx.by));
    Ok(Reply::Whoami(Speaker {
        by: cx.by.clone(),
        proven: cx.principal.proof != Proof::Claim,
        role,
        group_id: group.map(|group| group.id.clone()),
        runner: own.map(|(_, actor_state)| actor_state.actor.runner),
        unread_count: own.map(|(group, _)| group.unread.count(group.reader(&cx.by), KindFilter::All)),
        replies_owed: own
            .map(|(group, actor_state)| group.replies.owed_by(&cx.by, group.role(&cx.by), actor_state.added_seq)),
        developer_mode: cx.state.home.observability.developer_mode,
    }))
}

/// `principals_get`
pub fn get(cx: &RequestContext<'_>) -> Reply {
    Reply::PrincipalsGet(now(cx.state))
}

/// `principals_set`: nothing is written when nothing changes.
///
/// # Errors
///
/// `permission_denied`.
pub fn set(cx: &RequestContext<'_>, args: &Set) -> Result<Decision, OpError> {
    let mut writer = cx.writer();
    if args.strict != cx.state.home.strict_principals {
        writer.home(event::StrictPrincipals { strict: args.strict });
    }
    Ok(writer.done())
}

/// Answer of `principals_set`.
pub fn is_set(state: &State) -> Reply {
    Reply::PrincipalsSet(now(state))
}

/// `actor_token_set`: nothing is written when nothing changes.
///
/// # Errors
///
/// `permission_denied`, `missing_group_id`, `missing_actor_id`, `group_not_found`, `actor_not_found`; `invalid_request`
/// for what is no hash, for the token of another actor, and for an actor that has a terminal.
pub fn set_token(cx: &RequestContext<'_>, args: &TokenSet) -> Result<Decision, OpError> {
    let (group, actor_state) = cx.named_actor(&args.group_id, &args.actor_id)?;
    let (actor_id, runner) = (actor_state.actor.id.clone(), actor_state.actor.runner);
    let refused = |sentence: String| OpError::new(Code::InvalidRequest, sentence).with("actor_id", actor_id.as_str());
    if runner != Runner::Headless {
        let sentence = format!("{actor_id} is not headless: as {runner} it is given a token with each of its sessions");
        return Err(refused(sentence).with("runner", runner.word()));
    }
    let hash = args.token_sha256.as_str();
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !hash.is_empty() && !is_hash {
        let sentence = "invalid token_sha256: it must be the SHA-256 of the token, 64 hex digits in lower cx";
        return Err(refused(sentence.into()));
    }
    let groups = cx.state.groups().filter_map(|group_id| cx.state.group(group_id).ok());
    let mut others = groups.flat_map(|group| &group.actor_states).filter(|other| !std::ptr::eq(*other, actor_state));
    if is_hash && others.any(|other| other.is_proven_by(hash)) {
        return Err(refused("another actor has this token; make one of random digits for each".into()));
    }
    let token_sha256 = is_hash.then(|| hash.to_owned());
    let mut writer = cx.writer();
    let is_of_session = actor_state.session.as_ref().is_some_and(|session| session.token_sha256.is_some());
    if actor_state.token_sha256 != token_sha256 || is_of_session {
        writer.write(&group.id, event::ActorToken { actor_id: actor_state.actor.id.clone(), token_sha256 });
    }
    Ok(writer.done())
}

/// Answer of `actor_token_set`.
pub fn token_is_set(args: &TokenSet) -> Reply {
    Reply::ActorTokenSet(TokenIsSet {
        group_id: args.group_id.clone(),
        actor_id: args.actor_id.clone(),
        has_token: !args.token_sha256.is_empty(),
    })
}

fn now(state: &State) -> Strictness {
    Strictness { strict: state.home.strict_principals }
}
