//! Ops about who speaks. What is believed is decided in [`crate::permission`].

use super::actor::allowed_to_the_user;
use super::case::Case;
use crate::decision::Decision;
use crate::permission;
use crate::state::State;
use bus::contract::document::Runner;
use bus::contract::event;
use bus::contract::op::principal::{Set, Speaker, Strictness, TokenIsSet, TokenSet, Whoami};
use bus::contract::{Code, OpError, Proof, Reply};

/// `whoami`
///
/// # Errors
///
/// `group_not_found` for a group that is named.
pub fn whoami(case: &Case<'_>, args: &Whoami) -> Result<Reply, OpError> {
    let group = if args.group_id.is_empty() { None } else { Some(case.group(&args.group_id)?) };
    let role = group.filter(|group| group.seat(&case.by).is_some()).map(|group| group.role(&case.by));
    Ok(Reply::Whoami(Speaker { by: case.by.clone(), proven: case.principal.proof != Proof::Claim, role }))
}

/// `principals_get`
pub fn get(case: &Case<'_>) -> Reply {
    Reply::PrincipalsGet(now(case.state))
}

/// `principals_set`: nothing is written when nothing changes.
///
/// # Errors
///
/// `permission_denied`.
pub fn set(case: &Case<'_>, args: &Set) -> Result<Decision, OpError> {
    permission::check_user(&case.by)?;
    let mut pen = case.pen();
    if args.strict != case.state.home.strict_principals {
        pen.home(event::StrictPrincipals { strict: args.strict });
    }
    Ok(pen.done())
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
pub fn set_token(case: &Case<'_>, args: &TokenSet) -> Result<Decision, OpError> {
    let (group, seat) = allowed_to_the_user(case, &args.group_id, &args.actor_id)?;
    let (actor_id, runner) = (seat.actor.id.clone(), seat.actor.runner);
    let refused = |sentence: String| OpError::new(Code::InvalidRequest, sentence).with("actor_id", actor_id.as_str());
    if runner != Runner::Headless {
        let sentence = format!("{actor_id} is not headless: as {runner} it is given a token with each of its sessions");
        return Err(refused(sentence).with("runner", runner.word()));
    }
    let hash = args.token_sha256.as_str();
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !hash.is_empty() && !is_hash {
        let sentence = "invalid token_sha256: it must be the SHA-256 of the token, 64 hex digits in lower case";
        return Err(refused(sentence.into()));
    }
    let groups = case.state.groups().filter_map(|group_id| case.state.group(group_id).ok());
    let mut others = groups.flat_map(|group| &group.seats).filter(|other| !std::ptr::eq(*other, seat));
    if is_hash && others.any(|other| other.is_proven_by(hash)) {
        return Err(refused("another actor has this token; make one of random digits for each".into()));
    }
    let token_sha256 = is_hash.then(|| hash.to_owned());
    let mut pen = case.pen();
    let is_of_session = seat.session.as_ref().is_some_and(|session| session.token_sha256.is_some());
    if seat.token_sha256 != token_sha256 || is_of_session {
        pen.write(&group.id, event::ActorToken { actor_id: seat.actor.id.clone(), token_sha256 });
    }
    Ok(pen.done())
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
