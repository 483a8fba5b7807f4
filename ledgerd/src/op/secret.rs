//! Ops about the secrets of actors and profiles: what they are called may be known, what they are goes to a starting
//! agent only.

use super::profile;
use super::reading::file;
use super::request::{RequestContext, required, secrets_lost, written_as};
use super::variable;
use crate::decision::{Answer, Decision, HOME};
use crate::state::State;
use crate::state::secret::Secrets;
use bus::contract::op::{profile as ops, secret};
use bus::contract::private::Variables;
use bus::contract::{Body, Code, Event, OpError, Reply};

/// `actor_env_private_keys`
///
/// # Errors
///
/// `permission_denied`, missing ids, `group_not_found`, `actor_not_found`, `actor_profile_linked_readonly`.
pub fn env_keys(cx: &RequestContext<'_>, args: &secret::EnvKeys) -> Result<Answer, OpError> {
    let (group, actor_state) = cx.named_actor(&args.group_id, &args.actor_id)?;
    profile::check_unlinked(actor_state, &[])?;
    let (group_id, actor_id) = (group.id.clone(), actor_state.actor.id.clone());
    let keys = actor_state.secrets.keys.clone();
    let finish = move |variables: Option<Variables>| {
        let masked_values = variable::masked(&keys, variables.as_ref());
        Ok(Reply::ActorEnvPrivateKeys(secret::EnvKeysAre { group_id, actor_id, keys, masked_values }))
    };
    answer(&group.id, &actor_state.secrets, Box::new(finish))
}

/// `actor_env_private_update`: nothing is written when nothing changes.
///
/// # Errors
///
/// As [`env_keys`]; `invalid_request`, `too_many_keys`.
pub fn update_env(cx: &RequestContext<'_>, args: &secret::EnvUpdate) -> Result<Decision, OpError> {
    let (group, actor_state) = cx.named_actor(&args.group_id, &args.actor_id)?;
    profile::check_unlinked(actor_state, &[])?;
    let before = if args.clear { Variables::default() } else { cx.secrets(&actor_state.secrets)? };
    let after = variable::changed(&before, args.clear, &args.unset, &args.set)?;
    let mut writer = cx.writer();
    if after != before || args.clear && !actor_state.secrets.version.is_empty() {
        writer.actor_secrets(&group.id, &actor_state.actor.id, after);
    }
    Ok(writer.done())
}

/// Answer of `actor_env_private_update`.
///
/// # Errors
///
/// The actor has been removed since.
pub fn env_updated(state: &State, args: &secret::EnvUpdate, events: &[Event]) -> Result<Reply, OpError> {
    let actor_state = state.group(&args.group_id)?.actor_state(&args.actor_id);
    let now = || {
        actor_state
            .map(|actor_state| actor_state.secrets.keys.clone())
            .ok_or_else(|| OpError::actor_not_found(&args.actor_id))
    };
    let keys = keys_written(events).map_or_else(now, Ok)?;
    let (group_id, actor_id) = (args.group_id.clone(), args.actor_id.clone());
    Ok(Reply::ActorEnvPrivateUpdate(secret::EnvUpdated { group_id, actor_id, keys }))
}

/// `secrets_get`: what an actor's next session starts with.
///
/// # Errors
///
/// `permission_denied` for everybody but our own system; missing ids, `group_not_found`, `actor_not_found`;
/// `internal_error` when the values are lost, because an agent without what it needs would only fail later.
pub fn get(cx: &RequestContext<'_>, args: &secret::Get) -> Result<Answer, OpError> {
    required(&args.group_id, Code::MissingGroupId)?;
    required(&args.actor_id, Code::MissingActorId)?;
    let group = cx.group(&args.group_id)?;
    let actor_state = cx.actor(group, &args.actor_id)?;
    let (ledger, secrets) = cx.state.secrets_of(&group.id, actor_state);
    let finish = move |variables: Option<Variables>| {
        let variables = variables.ok_or_else(secrets_lost)?;
        Ok(Reply::SecretsGet(secret::Got { variables }))
    };
    answer(ledger, secrets, Box::new(finish))
}

/// `actor_profile_secret_keys`
///
/// # Errors
///
/// `missing_profile_id`, `profile_not_found`.
pub fn profile_keys(cx: &RequestContext<'_>, args: &ops::SecretKeys) -> Result<Answer, OpError> {
    let kept = cx.profile(&args.profile_id)?;
    let (profile_id, keys) = (kept.profile.id.clone(), kept.secrets.keys.clone());
    let finish = move |variables: Option<Variables>| {
        let masked_values = variable::masked(&keys, variables.as_ref());
        Ok(Reply::ActorProfileSecretKeys(ops::SecretKeysAre { profile_id, keys, masked_values }))
    };
    answer(HOME, &kept.secrets, Box::new(finish))
}

/// `actor_profile_secret_update`: nothing is written when nothing changes.
///
/// # Errors
///
/// `permission_denied`, `missing_profile_id`, `profile_not_found`, `invalid_request`, `too_many_keys`.
pub fn update_profile(cx: &RequestContext<'_>, args: &ops::SecretUpdate) -> Result<Decision, OpError> {
    let kept = cx.profile(&args.profile_id)?;
    let before = if args.clear { Variables::default() } else { cx.secrets(&kept.secrets)? };
    let after = variable::changed(&before, args.clear, &args.unset, &args.set)?;
    let mut writer = cx.writer();
    if after != before || args.clear && !kept.secrets.version.is_empty() {
        writer.profile_secrets(&kept.profile.id, after);
    }
    Ok(writer.done())
}

/// `actor_profile_secret_copy_from_actor`: the public environment, overlaid by the private one, in place of everything.
///
/// # Errors
///
/// `permission_denied`, missing ids, `group_not_found`, `actor_not_found`, `profile_not_found`, `too_many_keys`,
/// `invalid_request`.
pub fn copy_from_actor(cx: &RequestContext<'_>, args: &ops::CopyFromActor) -> Result<Decision, OpError> {
    required(&args.profile_id, Code::MissingProfileId)?;
    let (group, actor_state) = cx.named_actor(&args.group_id, &args.actor_id)?;
    let kept = cx.profile(&args.profile_id)?;
    let mut variables = Variables(actor_state.actor.env.clone());
    variables.0.extend(cx.secrets(cx.state.secrets_of(&group.id, actor_state).1)?.0);
    variable::check_size(&variables)?;
    let mut writer = cx.writer();
    writer.profile_secrets(&kept.profile.id, variables);
    Ok(writer.done())
}

/// `actor_profile_secret_copy_from_profile`: in place of everything.
///
/// # Errors
///
/// `permission_denied`, missing ids, `profile_not_found`, `source_profile_not_found`.
pub fn copy_from_profile(cx: &RequestContext<'_>, args: &ops::CopyFromProfile) -> Result<Decision, OpError> {
    required(&args.profile_id, Code::MissingProfileId)?;
    required(&args.source_profile_id, Code::MissingSourceProfileId)?;
    let kept = cx.profile(&args.profile_id)?;
    let source = cx.state.home.profiles.get(&args.source_profile_id).ok_or_else(|| {
        let sentence = format!("profile not found: {}", args.source_profile_id);
        OpError::new(Code::SourceProfileNotFound, sentence)
    })?;
    let variables = cx.secrets(&source.secrets)?;
    let mut writer = cx.writer();
    if source.profile.id != kept.profile.id {
        writer.profile_secrets(&kept.profile.id, variables);
    }
    Ok(writer.done())
}

/// Answer of `actor_profile_secret_update`.
///
/// # Errors
///
/// The profile has been deleted since.
pub fn profile_updated(state: &State, args: &ops::SecretUpdate, events: &[Event]) -> Result<Reply, OpError> {
    let keys = profile_keys_now(state, &args.profile_id, events)?;
    Ok(Reply::ActorProfileSecretUpdate(ops::SecretsUpdated { profile_id: args.profile_id.clone(), keys }))
}

/// Answer of `actor_profile_secret_copy_from_actor`.
///
/// # Errors
///
/// The profile has been deleted since.
pub fn copied_from_actor(state: &State, args: &ops::CopyFromActor, events: &[Event]) -> Result<Reply, OpError> {
    let keys = profile_keys_now(state, &args.profile_id, events)?;
    let (profile_id, group_id, actor_id) = (args.profile_id.clone(), args.group_id.clone(), args.actor_id.clone());
    Ok(Reply::ActorProfileSecretCopyFromActor(ops::CopiedFromActor { profile_id, group_id, actor_id, keys }))
}

/// Answer of `actor_profile_secret_copy_from_profile`.
///
/// # Errors
///
/// The profile has been deleted since.
pub fn copied_from_profile(state: &State, args: &ops::CopyFromProfile, events: &[Event]) -> Result<Reply, OpError> {
    let keys = profile_keys_now(state, &args.profile_id, events)?;
    let (profile_id, source_profile_id) = (args.profile_id.clone(), args.source_profile_id.clone());
    Ok(Reply::ActorProfileSecretCopyFromProfile(ops::CopiedFromProfile { profile_id, source_profile_id, keys }))
}

fn profile_keys_now(state: &State, profile_id: &str, events: &[Event]) -> Result<Vec<String>, OpError> {
    let now = || state.home.profile(profile_id).map(|kept| kept.secrets.keys.clone());
    keys_written(events).map_or_else(now, Ok)
}

fn keys_written(events: &[Event]) -> Option<Vec<String>> {
    let keys = |body: &Body| match body {
        Body::ActorSecrets(secrets) => Some(secrets.keys.clone()),
        Body::ProfileSecrets(secrets) => Some(secrets.keys.clone()),
        _ => None,
    };
    written_as(events, keys).ok().map(|(_, keys)| keys)
}

fn answer(ledger: &str, secrets: &Secrets, finish: crate::decision::FinishSecrets) -> Result<Answer, OpError> {
    match file(ledger, secrets) {
        Some((ledger, version)) => Ok(Answer::Secrets { ledger, versions: vec![version], finish }),
        None => finish(Some(Variables::default())).map(Answer::Now),
    }
}
