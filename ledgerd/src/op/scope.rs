//! Ops about the directories of a group, and about which group is meant when none is named.

use super::group::{UNTITLED, check_room};
use super::request::{RequestContext, required, written};
use crate::decision::Decision;
use crate::state::State;
use crate::state::group::Group;
use crate::state::home::Home;
use bus::contract::event;
use bus::contract::op::group;
use bus::contract::{Body, Code, Event, OpError, Reply, Scope, id, limit, name};
use std::path::Path;

/// `attach`: makes a directory the active one of a group, and the group the one that the directory means.
///
/// Without a group, it is the group that the directory means already, or the group that is named after it, which is
/// made if there is none.
///
/// # Errors
///
/// `missing_path`, `invalid_path`, `group_not_found`, a limit. `permission_denied`: a proven actor of another group; an
/// actor, for a directory that means another group.
pub fn attach(cx: &RequestContext<'_>, args: &group::Attach) -> Result<Decision, OpError> {
    let scope = identified(&args.path, args.scope.as_ref())?;
    let home = &cx.state.home;
    let group_id = if args.group_id.is_empty() {
        let meant = home.scope_defaults.get(&scope.scope_key).filter(|group_id| home.groups.contains(*group_id));
        meant.cloned().unwrap_or_else(|| named_after(&scope))
    } else {
        cx.group(&args.group_id)?.id.clone()
    };
    let mut writer = cx.writer();
    match cx.state.group(&group_id) {
        Ok(group) => {
            let there = cx.acting_in(&group_id)?;
            check_default(home, group, &scope, &there.by)?;
            writer = there.writer();
            let is_attached = group.scopes.iter().any(|known| known.scope_key == scope.scope_key);
            if !is_attached && group.scopes.len() >= limit::SCOPES_MAX {
                return Err(OpError::too_large("the group", group.scopes.len(), limit::SCOPES_MAX, "SCOPES_MAX"));
            }
        }
        Err(_) => {
            check_room(cx.state)?;
            let title = if scope.label.is_empty() { UNTITLED } else { &scope.label };
            let title = name::visible(title).chars().take(limit::TITLE_BYTES_MAX / 4).collect();
            writer.write(&group_id, event::GroupCreate { title, topic: String::new() });
        }
    }
    let Scope { scope_key, url, label, git_remote } = scope;
    writer.scoped(&group_id, &scope_key, event::GroupAttach { url, label, git_remote });
    if !home.groups.contains(&group_id) {
        writer.home(event::GroupKnown { known_group_id: group_id.clone() });
    }
    if home.scope_defaults.get(&scope_key) != Some(&group_id) {
        writer.home(event::ScopeDefault { scope_key, default_group_id: group_id });
    }
    Ok(writer.done())
}

/// Checks that an actor does not take over for its group what means another one. That group's scopes are not its own.
///
/// # Errors
///
/// `permission_denied`.
fn check_default(home: &Home, group: &Group, scope: &Scope, by: &str) -> Result<(), OpError> {
    let meant = home.scope_defaults.get(&scope.scope_key).filter(|group_id| home.groups.contains(*group_id));
    match meant.filter(|meant| **meant != group.id && group.actor_state(by).is_some()) {
        None => Ok(()),
        Some(meant) => {
            let sentence =
                format!("permission denied: {} belongs to {meant}; only the user can give it away", scope.url);
            Err(OpError::denied(Code::PermissionDenied, sentence).with("by", by).with("group_id", meant.as_str()))
        }
    }
}

/// The group that carries a directory's own digits.
fn named_after(scope: &Scope) -> String {
    let seed = if scope.git_remote.is_empty() { &scope.url } else { &scope.git_remote };
    format!("g_{}", id::digest12(seed))
}

/// What a directory is: as the door found out, or, when nobody has looked, its path.
///
/// # Errors
///
/// `missing_path`, `invalid_path`.
pub fn identified(path: &str, scope: Option<&Scope>) -> Result<Scope, OpError> {
    if let Some(scope) = scope.filter(|scope| !scope.scope_key.is_empty()) {
        return Ok(scope.clone());
    }
    required(path, Code::MissingPath)?;
    if !Path::new(path).is_absolute() {
        let sentence = format!("{path:?} is relative, and nobody knows relative to what; make the path absolute");
        return Err(OpError::new(Code::InvalidPath, sentence).with("path", path));
    }
    let url = path.to_owned();
    let label = Path::new(path).file_name().map_or_else(|| url.clone(), |name| name.to_string_lossy().into_owned());
    Ok(Scope { scope_key: format!("s_{}", id::digest12(&url)), url, label, git_remote: String::new() })
}

/// The attached scope that a path is, for an op that takes only attached ones.
///
/// # Errors
///
/// `missing_path`, `invalid_path`, `scope_not_attached`.
pub fn attached_key(scopes: &[Scope], path: &str, scope: Option<&Scope>) -> Result<String, OpError> {
    let asked = identified(path, scope)?;
    let found = scopes.iter().find(|known| known.scope_key == asked.scope_key || known.url == asked.url);
    found.map(|known| known.scope_key.clone()).ok_or_else(|| {
        OpError::new(Code::ScopeNotAttached, format!("scope not attached: {}", asked.url))
            .with("scope_key", asked.scope_key)
            .with("hint", "attach it first, with `cccc attach <path>`")
    })
}

/// The attached scope that a message is about: the one its path is, or the active one.
///
/// # Errors
///
/// As [`attached_key`].
pub fn scope_of(group: &Group, path: &str, scope: Option<&Scope>) -> Result<String, OpError> {
    if path.is_empty() && scope.is_none() {
        return Ok(group.active_scope_key.clone());
    }
    attached_key(&group.scopes, path, scope)
}

/// Answer of `attach`.
///
/// # Errors
///
/// The group has been deleted since.
pub fn attach_reply(state: &State, events: &[Event]) -> Result<Reply, OpError> {
    let event = written(events, |body| matches!(body, Body::GroupAttach(_)))?;
    let group = state.group(&event.group_id)?;
    let (group_id, scope_key, title) = (group.id.clone(), event.scope_key.clone(), group.title.clone());
    Ok(Reply::Attach(group::Attached { group_id, scope_key, title, event }))
}

/// `group_use`: makes an attached directory the active one.
///
/// # Errors
///
/// `missing_path`, `invalid_path`, `scope_not_attached`.
pub fn activate(cx: &RequestContext<'_>, args: &group::Use) -> Result<Decision, OpError> {
    let group = cx.group(&args.group_id)?;
    let scope_key = attached_key(&group.scopes, &args.path, args.scope.as_ref())?;
    let mut writer = cx.writer();
    writer.scoped(&group.id, &scope_key, event::GroupSetActiveScope { path: args.path.clone() });
    Ok(writer.done())
}

/// Answer of `group_use`.
///
/// # Errors
///
/// None that a client can bring about.
pub fn activated(args: &group::Use, events: &[Event]) -> Result<Reply, OpError> {
    let event = written(events, |body| matches!(body, Body::GroupSetActiveScope(_)))?;
    let (group_id, active_scope_key) = (args.group_id.clone(), event.scope_key.clone());
    Ok(Reply::GroupUse(group::Used { group_id, active_scope_key, event }))
}

/// `group_detach_scope`: the first of the others becomes active if it was.
///
/// # Errors
///
/// `missing_scope_key`, `group_detach_scope_failed`.
pub fn detach(cx: &RequestContext<'_>, args: &group::DetachScope) -> Result<Decision, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    required(&args.scope_key, Code::MissingScopeKey)?;
    let group = cx.group(&args.group_id)?;
    if !group.scopes.iter().any(|scope| scope.scope_key == args.scope_key) {
        let sentence = format!("scope not attached: {}; see `cccc group show`", args.scope_key);
        return Err(OpError::new(Code::GroupDetachScopeFailed, sentence));
    }
    let scope_key = args.scope_key.clone();
    let mut writer = cx.writer();
    writer.scoped(&group.id, &scope_key, event::GroupDetachScope { scope_key: scope_key.clone() });
    if cx.state.home.scope_defaults.get(&scope_key) == Some(&group.id) {
        writer.home(event::ScopeDefault { scope_key, default_group_id: String::new() });
    }
    Ok(writer.done())
}

/// Answer of `group_detach_scope`.
///
/// # Errors
///
/// None that a client can bring about.
pub fn detached(args: &group::DetachScope, events: &[Event]) -> Result<Reply, OpError> {
    let event = written(events, |body| matches!(body, Body::GroupDetachScope(_)))?;
    Ok(Reply::GroupDetachScope(group::ScopeDetached { group_id: args.group_id.clone(), event }))
}

/// `active_get`
pub fn active(cx: &RequestContext<'_>) -> Reply {
    Reply::ActiveGet(group::Active { active_group_id: cx.state.home.active_group.clone() })
}

/// `active_set`: nothing is written when it is the active one already.
///
/// # Errors
///
/// `missing_group_id`, `group_not_found`.
pub fn set_active(cx: &RequestContext<'_>, args: &group::ActiveSet) -> Result<Decision, OpError> {
    let group = cx.group(&args.group_id)?;
    let mut writer = cx.writer();
    if cx.state.home.active_group != group.id {
        writer.home(event::ActiveGroup { active_group_id: group.id.clone() });
    }
    Ok(writer.done())
}

/// Answer of `active_set`.
pub fn active_is_set(args: &group::ActiveSet) -> Reply {
    Reply::ActiveSet(group::Active { active_group_id: args.group_id.clone() })
}
