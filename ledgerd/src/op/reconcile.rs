//! Which groups the home knows and cannot show, and forgetting those of which there is nothing left.

use super::request::RequestContext;
use crate::decision::Decision;
use crate::permission;
use crate::state::State;
use bus::contract::event::{GroupDeleted, ScopeDefault};
use bus::contract::op::group::{Reconcile, Reconciled, RegistryHealth};
use bus::contract::{Body, Code, Event, OpError, Reply};

/// Groups that cannot be shown. Ids are sorted, because the home's are.
pub fn health(state: &State) -> RegistryHealth {
    let mut health = RegistryHealth::default();
    for group_id in state.groups() {
        match state.group(group_id) {
            Ok(group) if group.created_at.is_empty() => health.corrupt_group_ids.push(group_id.to_owned()),
            Ok(_) => {}
            Err(_) => health.missing_group_ids.push(group_id.to_owned()),
        }
    }
    health
}

/// `registry_reconcile`: a group that is forgotten is deleted like any other, only that its folder is gone already.
///
/// # Errors
///
/// `permission_denied`, when something is to be forgotten.
pub fn reconcile(cx: &RequestContext<'_>, args: &Reconcile) -> Result<Decision, OpError> {
    let mut writer = cx.writer();
    if !args.remove_missing {
        return Ok(writer.done());
    }
    permission::check_user(&cx.by, Code::PermissionDenied)?;
    let missing = health(cx.state).missing_group_ids;
    for (scope_key, group_id) in &cx.state.home.scope_defaults {
        if missing.contains(group_id) {
            writer.home(ScopeDefault { scope_key: scope_key.clone(), default_group_id: String::new() });
        }
    }
    for group_id in &missing {
        writer.home(GroupDeleted { deleted_group_id: group_id.clone() });
    }
    writer.decision().removes_groups = missing;
    Ok(writer.done())
}

/// Answer of `registry_reconcile`.
pub fn reconciled(state: &State, args: &Reconcile, events: &[Event]) -> Reply {
    let RegistryHealth { mut missing_group_ids, corrupt_group_ids } = health(state);
    let mut answer = Reconciled { dry_run: !args.remove_missing, corrupt_group_ids, ..Reconciled::default() };
    for event in events {
        match &event.body {
            Body::GroupDeleted(deleted) => answer.removed_group_ids.push(deleted.deleted_group_id.clone()),
            Body::ScopeDefault(default) => answer.removed_default_scope_keys.push(default.scope_key.clone()),
            _ => {}
        }
    }
    missing_group_ids.extend(answer.removed_group_ids.iter().cloned());
    missing_group_ids.sort_unstable();
    answer.scanned_groups = (state.groups().count() + answer.removed_group_ids.len()) as u64;
    answer.missing_group_ids = missing_group_ids;
    Reply::RegistryReconcile(answer)
}
