//! Who speaks, and who may do what.

use crate::state::State;
use crate::state::group::Group;
use bus::contract::document::Role;
use bus::contract::op::{About, Row, Who};
use bus::contract::{Access, Code, OpError, Principal, Proof, Request, id, limit, name};

/// How far somebody may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum May {
    /// With every actor.
    Any,
    /// With itself only.
    Itself,
    /// Not at all.
    No,
}

/// What the foreman may, and what a peer may. The user may do everything of this, and who is neither may do nothing.
fn reach(who: Who) -> (May, May) {
    match who {
        Who::Anybody | Who::Member | Who::UserToChange | Who::Sender => (May::Any, May::Any),
        Who::ForemanOrItself | Who::Headless | Who::Viewer => (May::Any, May::Itself),
        Who::Foreman | Who::ForemanOrDaemon | Who::UserOrAllowedForeman => (May::Any, May::No),
        Who::UserOrItself | Who::Itself => (May::Itself, May::Itself),
        Who::User | Who::Daemon | Who::System => (May::No, May::No),
    }
}

/// Whether a name is the user's; a blank one is.
pub fn is_user(by: &str) -> bool {
    by.is_empty() || by == "user"
}

/// Who asks, for checking what it may.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// Its name, as far as it is believed.
    pub by: &'a str,
    /// How it says who it is.
    pub principal: &'a Principal,
}

/// Checks whether somebody may ask for an op, as far as its row says it: in a group where it is about one, about an actor
/// where it is about one.
///
/// What depends on more than that, the op checks itself. Where the group, the actor or the session of a headless one is not
/// there, nobody may do anything to it; the op says so, in the order of its refusals.
///
/// # Errors
///
/// The code of the op's row, with a sentence that begins with `permission denied:` or `unknown actor:`.
pub fn check(asker: Asker<'_>, row: &Row, group: Option<&Group>, actor_id: &str) -> Result<(), OpError> {
    let Asker { by, principal } = asker;
    match row.who {
        Who::Anybody | Who::UserToChange | Who::Sender => Ok(()),
        Who::Daemon => check_daemon(principal),
        Who::System => check_system(principal),
        Who::User => check_user(by, row.denied),
        // Nobody is named: the op says what is missing.
        Who::Itself if group.is_none() => Ok(()),
        Who::Itself | Who::ForemanOrItself | Who::UserOrItself if actor_id.is_empty() => Ok(()),
        Who::Itself => check_itself(by, actor_id),
        Who::ForemanOrDaemon if principal.proof == Proof::Daemon => Ok(()),
        Who::Foreman if row.about == About::AnyGroup && group.is_none() => check_user(by, row.denied),
        Who::Headless if group.is_none_or(|group| group.headless(actor_id).is_none()) => Ok(()),
        Who::Viewer if group.is_none_or(|group| group.actor_state(actor_id).is_none()) => Ok(()),
        Who::Member
        | Who::Foreman
        | Who::ForemanOrItself
        | Who::Headless
        | Who::ForemanOrDaemon
        | Who::UserOrAllowedForeman
        | Who::UserOrItself
        | Who::Viewer => group.map_or(Ok(()), |group| check_in(group, by, row, actor_id)),
    }
}

/// The same for what a role in the group decides.
fn check_in(group: &Group, by: &str, row: &Row, target: &str) -> Result<(), OpError> {
    let code = row.denied;
    if is_user(by) {
        return Ok(());
    }
    match row.who {
        Who::Viewer => return check_viewer(group, by, target),
        Who::UserOrAllowedForeman if !group.im.agents_may_bind() => return check_user(by, code),
        Who::Anybody
        | Who::Member
        | Who::UserToChange
        | Who::Sender
        | Who::ForemanOrItself
        | Who::Headless
        | Who::Foreman
        | Who::ForemanOrDaemon
        | Who::UserOrAllowedForeman
        | Who::UserOrItself
        | Who::Itself
        | Who::User
        | Who::Daemon
        | Who::System => {}
    }
    let (foreman, peer) = reach(row.who);
    if group.actor_state(by).is_none() {
        let sentence = format!("unknown actor: {by} is not in the group, so it cannot do this; ask the user");
        return Err(OpError::denied(code, sentence).with("by", by));
    }
    let leads = group.foreman().is_some_and(|actor_state| actor_state.actor.id == by);
    let (role, may) = if leads { ("foreman", foreman) } else { ("peer", peer) };
    let limits = match may {
        May::Any => return Ok(()),
        May::Itself if by == target => return Ok(()),
        May::Itself => "only with itself",
        May::No => "not at all",
    };
    let sentence = format!("permission denied: {by} is {role} here and may do this {limits}; ask the user");
    Err(OpError::denied(code, sentence).with("by", by).with("role", role))
}

fn check_viewer(group: &Group, by: &str, target: &str) -> Result<(), OpError> {
    let visibility = group.settings().transcript_visibility();
    let role = group.actor_state(by).map(|_| group.role(by));
    let may = match (visibility.as_str(), role) {
        (_, Some(_)) if by == target => true,
        ("all", Some(_)) | ("foreman", Some(Role::Foreman)) => true,
        _ => false,
    };
    if may {
        return Ok(());
    }
    let sentence = format!("permission denied: {by} may not see the terminal of {target}");
    let how = "set terminal_transcript_visibility to foreman or all, with `cccc group settings`";
    Err(OpError::denied(Code::PermissionDenied, sentence)
        .with("visibility", visibility)
        .with("by", by)
        .with("by_role", role.map_or("", Role::word))
        .with("target_actor_id", target)
        .with("how_to_enable", how))
}

/// Checks that somebody speaks for itself, the user included.
///
/// # Errors
///
/// `permission_denied`.
pub fn check_itself(by: &str, actor_id: &str) -> Result<(), OpError> {
    if by == actor_id || is_user(by) && is_user(actor_id) {
        return Ok(());
    }
    let sentence = format!("permission denied: {by} cannot acknowledge for {actor_id}; everybody does so for itself");
    Err(OpError::denied(Code::PermissionDenied, sentence).with("by", by).with("actor_id", actor_id))
}

/// Checks that the user asks, or whoever has sent a message.
///
/// # Errors
///
/// `permission_denied`.
pub fn check_sender(by: &str, sender: &str) -> Result<(), OpError> {
    if by == sender || is_user(by) {
        return Ok(());
    }
    let sentence = format!("permission denied: {by} has not sent this message; only {sender} and the user can do this");
    Err(OpError::denied(Code::PermissionDenied, sentence).with("by", by).with("sender", sender))
}

/// Checks that one of our own daemons asks.
///
/// # Errors
///
/// `permission_denied`.
pub fn check_daemon(principal: &Principal) -> Result<(), OpError> {
    match principal.proof {
        Proof::Daemon => Ok(()),
        Proof::Claim | Proof::Token(_) => {
            let sentence = "permission denied: this is asked by the daemons of cccc only";
            Err(OpError::denied(Code::PermissionDenied, sentence).with("by", principal.by.as_str()))
        }
    }
}

/// Checks that the user asks.
///
/// # Errors
///
/// The code that is given.
pub fn check_user(by: &str, code: Code) -> Result<(), OpError> {
    if is_user(by) {
        return Ok(());
    }
    let sentence = format!("permission denied: {by} cannot do this; only the user can");
    Err(OpError::denied(code, sentence).with("by", by))
}

/// Checks that one of our own daemons asks for itself, and not for anybody who asked it.
///
/// # Errors
///
/// `permission_denied`.
pub fn check_system(principal: &Principal) -> Result<(), OpError> {
    check_daemon(principal)?;
    if principal.by == Principal::system().by {
        return Ok(());
    }
    let sentence = "permission denied: this is asked by the daemons of cccc for themselves only";
    Err(OpError::denied(Code::PermissionDenied, sentence).with("by", principal.by.as_str()))
}

/// The name under which a request is decided. It is kept with every event, so it has a limit.
///
/// A token proves the actor that it was given to, or whose last session was, whatever the request says. In another
/// group that actor is nobody: it may read as a stranger and write nothing, so that actors of the same name are not
/// confused.
///
/// # Errors
///
/// `permission_denied`: the token is nobody's, or another group's; the name is an actor's, without a proof, and the
/// home wants one. A limit.
pub fn speaker(state: &State, request: &Request) -> Result<String, OpError> {
    speaker_in(state, &request.principal, request.op.group_id(), request.op.row().access)
}

/// Group and id of the actor to whom a token was given; the group that is named is looked into first.
fn holder<'a>(state: &'a State, token: &str, group_id: &str) -> Option<(&'a str, &'a str)> {
    let hash = id::digest(token);
    let holds = |group: &'a Group| {
        let actor_state = group.actor_states.iter().find(|actor_state| actor_state.is_proven_by(&hash))?;
        Some((group.id.as_str(), actor_state.actor.id.as_str()))
    };
    let others = || state.groups().filter_map(|id| state.group(id).ok()).find_map(holds);
    state.group(group_id).ok().and_then(holds).or_else(others)
}

/// The group of the actor who is proven by its token.
pub fn group_of(state: &State, principal: &Principal) -> Option<String> {
    let Proof::Token(token) = &principal.proof else { return None };
    holder(state, token, "").map(|(group_id, _)| group_id.to_owned())
}

/// The same for a group that was found by something else than its name.
///
/// # Errors
///
/// As [`speaker`].
pub fn speaker_in(state: &State, principal: &Principal, group_id: &str, access: Access) -> Result<String, OpError> {
    let token = match &principal.proof {
        Proof::Claim | Proof::Daemon => {
            let by = believed(state, group_id, &principal.by)?;
            if principal.proof == Proof::Claim {
                check_claim(state, group_id, &by)?;
            }
            return Ok(by);
        }
        Proof::Token(token) => token,
    };
    let Some((home_id, actor_id)) = holder(state, token, group_id) else {
        let sentence =
            "permission denied: the token is nobody's; one counts until its actor has a newer one or is gone";
        return Err(OpError::denied(Code::PermissionDenied, sentence));
    };
    if group_id.is_empty() || group_id == home_id {
        return Ok(actor_id.to_owned());
    }
    match access {
        Access::Read => Ok(format!("{home_id}/{actor_id}")),
        Access::Write | Access::Store => {
            let sentence = format!("permission denied: {actor_id} belongs to {home_id} and cannot act in {group_id}");
            Err(OpError::denied(Code::PermissionDenied, sentence).with("by", actor_id))
        }
    }
}

/// The name that is meant, in its plain form, so that it is compared with what is then shown.
///
/// # Errors
///
/// `invalid_request`: something in it is not to be seen. A limit.
fn believed(state: &State, group_id: &str, by: &str) -> Result<String, OpError> {
    if by.len() > limit::TITLE_BYTES_MAX {
        return Err(OpError::too_large("by", by.len(), limit::TITLE_BYTES_MAX, "TITLE_BYTES_MAX"));
    }
    // An actor of an older home may have a name that no new one is given.
    if state.group(group_id).is_ok_and(|group| group.actor_state(by).is_some()) {
        return Ok(by.to_owned());
    }
    name::check("by", by).map_err(|sentence| OpError::new(Code::InvalidRequest, sentence))?;
    Ok(name::normal(by))
}

/// Checks that nobody only says to be an actor, where the home wants a proof of that.
///
/// An actor of the group that is asked about is meant by its id; of any other group, by `<group>/<actor>`, as
/// [`speaker`] calls it; where no group is asked about, an actor of any group is. A name that can be mistaken for an
/// actor's counts as that.
fn check_claim(state: &State, group_id: &str, by: &str) -> Result<(), OpError> {
    if !state.home.strict_principals {
        return Ok(());
    }
    let is_actor_of = |group_id: &str, by: &str| {
        let outline = name::outline(by);
        let looks_like = |group: &Group| {
            group.actor_states.iter().any(|actor_state| name::outline(&actor_state.actor.id) == outline)
        };
        state.group(group_id).is_ok_and(looks_like)
    };
    let is_actor = match by.split_once('/') {
        Some((group_id, name)) => is_actor_of(group_id, name),
        None if group_id.is_empty() => state.groups().any(|group_id| is_actor_of(group_id, by)),
        None => is_actor_of(group_id, by),
    };
    if !is_actor {
        return Ok(());
    }
    let sentence = format!(
        "permission denied: {by} is an actor or looks like one, and this home takes nobody's word for that; ask from inside its session, \
         where CCCC_ACTOR_TOKEN proves it; a headless actor is given that by `cccc actor token`"
    );
    Err(OpError::denied(Code::PermissionDenied, sentence).with("by", by))
}
