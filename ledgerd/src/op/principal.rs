//! Ops about who speaks. What is believed is decided in [`crate::permission`].

use super::case::Case;
use crate::decision::Decision;
use crate::permission;
use crate::state::State;
use bus::contract::event;
use bus::contract::op::principal::{Set, Speaker, Strictness, Whoami};
use bus::contract::{OpError, Proof, Reply};

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

fn now(state: &State) -> Strictness {
    Strictness { strict: state.home.strict_principals }
}
