//! Ops: one file per noun. Deciding is pure; what is decided happens when its events are applied.
//!
//! Every op of the contract's table appears once in [`decide`] or in [`read`], and once in [`reply`] when it writes. For
//! the ops that ptyd serves, ledgerd keeps the records: ptyd asks here first, under the same request id, and then acts.

mod actor;
mod attachment;
mod case;
mod context;
mod core;
mod delivery;
mod group;
mod inbox;
mod ledger;
mod message;
mod notify;
mod profile;
mod row;
mod scope;
mod secret;
mod terminal;
#[cfg(test)]
mod tests;
mod variable;

use crate::decision::{Answer, Decision, Known, Needs};
use crate::permission;
use crate::stamp::Stamp;
use crate::state::State;
use bus::contract::{Code, Event, Op, OpError, Reply, Request, limit};
use case::Case;

/// What is on disk only and must be read before [`decide`].
pub fn needs(state: &State, request: &Request) -> Needs {
    let group = state.group(group_id(&request.op)).ok();
    let events = |seq: Option<u64>| match (group, seq) {
        (Some(group), Some(seq)) => vec![(group.id.clone(), seq)],
        _ => Vec::new(),
    };
    let named = |event_id: &str| events(group.and_then(|group| group.index.find(event_id)));
    let files = |attachments| {
        let paths = if group.is_some() { attachment::paths(attachments) } else { Vec::new() };
        paths.into_iter().map(|path| (group_id(&request.op).to_owned(), path)).collect()
    };
    let mut needs = Needs { secrets: secret::needs(state, &request.op), ..Needs::default() };
    match &request.op {
        Op::Send(args) => needs.files = files(&args.attachments),
        Op::Reply(args) => (needs.events, needs.files) = (named(&args.reply_to), files(&args.attachments)),
        Op::ChatAck(args) => needs.events = named(&args.event_id),
        Op::InboxMarkRead(args) => needs.events = named(&args.event_id),
        Op::InboxMarkAllRead(args) => needs.events = events(group.and_then(|group| inbox::newest(group, args))),
        Op::NotifyAck(args) => needs.events = named(&args.notify_event_id),
        Op::DeliveryRecord(args) if delivery::is_bad_news(args.stage) => {
            let event_ids = args.event_ids.iter().take(limit::EVENT_IDS_MAX);
            needs.events = event_ids.flat_map(|event_id| named(event_id)).collect();
        }
        _ => {}
    }
    needs
}

/// Decides a request that writes. Nothing has happened yet when it returns.
///
/// # Errors
///
/// The refusal. `group_damaged`: a ledger that should be written can only be read.
pub fn decide(state: &State, stamp: &Stamp, request: &Request, known: &Known) -> Result<Decision, OpError> {
    let by = permission::speaker(state, request, group_id(&request.op))?;
    let case = Case { state, stamp, by, known };
    let principal = &request.principal;
    let decision = match &request.op {
        Op::Attach(args) => scope::attach(&case, args),
        Op::GroupCreate(args) => group::create(&case, args),
        Op::GroupUpdate(args) => group::update(&case, args),
        Op::GroupDelete(args) => group::delete(&case, args),
        Op::GroupUse(args) => scope::activate(&case, args),
        Op::GroupDetachScope(args) => scope::detach(&case, args),
        Op::GroupSetState(args) => group::set_state(&case, args),
        Op::GroupSettingsUpdate(args) => group::update_settings(&case, args),
        Op::GroupStart(args) => group::start(&case, args),
        Op::GroupStop(args) => group::stop(&case, args),
        Op::ActiveSet(args) => scope::set_active(&case, args),
        Op::ActorAdd(args) => row::add(&case, args),
        Op::ActorUpdate(args) => row::update(&case, args),
        Op::ActorRemove(args) => actor::remove(&case, args),
        Op::ActorStart(args) => actor::start(&case, args),
        Op::ActorStop(args) => actor::stop(&case, args),
        Op::ActorRestart(args) => actor::restart(&case, args),
        Op::ActorEnvPrivateUpdate(args) => secret::update_env(&case, args),
        Op::ActorProfileUpsert(args) => profile::upsert(&case, args),
        Op::ActorProfileDelete(args) => profile::delete(&case, args),
        Op::ActorProfileSecretUpdate(args) => secret::update_profile(&case, args),
        Op::ActorProfileSecretCopyFromActor(args) => secret::copy_from_actor(&case, args),
        Op::ActorProfileSecretCopyFromProfile(args) => secret::copy_from_profile(&case, args),
        Op::Send(args) => message::send(&case, args),
        Op::Reply(args) => message::reply(&case, args),
        Op::ChatAck(args) => message::ack(&case, args),
        Op::InboxMarkRead(args) => inbox::mark_read(&case, args),
        Op::InboxMarkAllRead(args) => inbox::mark_all_read(&case, args),
        Op::SystemNotify(args) => notify::notify(&case, args),
        Op::NotifyAck(args) => notify::ack(&case, args),
        Op::ContextSync(args) => context::sync(&case, args),
        Op::SessionRecord(args) => delivery::session(&case, principal, args),
        Op::DeliveryRecord(args) => delivery::record(&case, principal, args),
        Op::Ping(_)
        | Op::Groups(_)
        | Op::GroupShow(_)
        | Op::ActiveGet(_)
        | Op::ActorList(_)
        | Op::ActorEnvPrivateKeys(_)
        | Op::ActorProfileList(_)
        | Op::ActorProfileGet(_)
        | Op::ActorProfileSecretKeys(_)
        | Op::SecretsGet(_)
        | Op::InboxList(_)
        | Op::ContextGet(_)
        | Op::TaskList(_)
        | Op::PresenceGet(_)
        | Op::LedgerHeads(_)
        | Op::LedgerRange(_)
        | Op::LedgerWindow(_)
        | Op::DeskGet(_)
        | Op::TerminalTail(_)
        | Op::TermResize(_) => Err(OpError::new(Code::InternalError, "a read was to be decided")),
        Op::Shutdown(_) | Op::EventsStream(_) | Op::TermAttach(_) => {
            Err(ledger::served_elsewhere(request.op.row().name))
        }
    }?;
    for ledger in decision.drafts.iter().map(|draft| draft.ledger.as_str()) {
        if let Some(why) = state.damage(ledger) {
            return Err(OpError::new(Code::GroupDamaged, format!("{ledger} can be read, not written: {why}")));
        }
    }
    Ok(decision)
}

/// Makes the reply of a request that has written `events`; also when the same request comes again later.
///
/// # Errors
///
/// What the reply shows is gone since.
pub fn reply(state: &State, request: &Request, events: &[Event]) -> Result<Reply, OpError> {
    match &request.op {
        Op::Attach(_) => scope::attach_reply(state, events),
        Op::GroupCreate(_) => group::created(state, events),
        Op::GroupUpdate(args) => group::updated(state, args, events),
        Op::GroupDelete(args) => {
            Ok(Reply::GroupDelete(bus::contract::op::group::Deleted { group_id: args.group_id.clone() }))
        }
        Op::GroupUse(args) => scope::activated(args, events),
        Op::GroupDetachScope(args) => scope::detached(args, events),
        Op::GroupSetState(args) => group::state_set(args, events),
        Op::GroupSettingsUpdate(args) => group::settings_updated(state, args, events),
        Op::GroupStart(args) => group::started(args, events),
        Op::GroupStop(args) => group::stopped(args, events),
        Op::ActiveSet(args) => Ok(scope::active_is_set(args)),
        Op::ActorAdd(args) => row::added(state, args, events),
        Op::ActorUpdate(args) => row::updated(state, args, events),
        Op::ActorRemove(args) => actor::removed(args, events),
        Op::ActorStart(args) => actor::changed(state, &args.group_id, &args.actor_id, events).map(Reply::ActorStart),
        Op::ActorStop(args) => actor::changed(state, &args.group_id, &args.actor_id, events).map(Reply::ActorStop),
        Op::ActorRestart(args) => {
            actor::changed(state, &args.group_id, &args.actor_id, events).map(Reply::ActorRestart)
        }
        Op::ActorEnvPrivateUpdate(args) => secret::env_updated(state, args, events),
        Op::ActorProfileUpsert(_) => profile::upserted(events),
        Op::ActorProfileDelete(args) => Ok(profile::deleted(args, events)),
        Op::ActorProfileSecretUpdate(args) => secret::profile_updated(state, args, events),
        Op::ActorProfileSecretCopyFromActor(args) => secret::copied_from_actor(state, args, events),
        Op::ActorProfileSecretCopyFromProfile(args) => secret::copied_from_profile(state, args, events),
        Op::Send(_) => message::sent(events),
        Op::Reply(_) => message::replied(events),
        Op::ChatAck(_) => Ok(message::acked(events)),
        Op::InboxMarkRead(args) => inbox::marked(state, args, events),
        Op::InboxMarkAllRead(args) => inbox::all_marked(state, args, events),
        Op::SystemNotify(_) => notify::notified(events),
        Op::NotifyAck(_) => notify::acked(events),
        Op::ContextSync(args) => context::synced(state, args, events),
        Op::SessionRecord(_) => Ok(Reply::SessionRecord(delivery::recorded_reply(events))),
        Op::DeliveryRecord(_) => Ok(Reply::DeliveryRecord(delivery::recorded_reply(events))),
        Op::Ping(_)
        | Op::Groups(_)
        | Op::GroupShow(_)
        | Op::ActiveGet(_)
        | Op::ActorList(_)
        | Op::ActorEnvPrivateKeys(_)
        | Op::ActorProfileList(_)
        | Op::ActorProfileGet(_)
        | Op::ActorProfileSecretKeys(_)
        | Op::SecretsGet(_)
        | Op::InboxList(_)
        | Op::ContextGet(_)
        | Op::TaskList(_)
        | Op::PresenceGet(_)
        | Op::LedgerHeads(_)
        | Op::LedgerRange(_)
        | Op::LedgerWindow(_)
        | Op::DeskGet(_)
        | Op::TerminalTail(_)
        | Op::TermResize(_)
        | Op::Shutdown(_)
        | Op::EventsStream(_)
        | Op::TermAttach(_) => Err(OpError::new(Code::InternalError, "a read has written nothing")),
    }
}

/// Answers a request that reads.
///
/// # Errors
///
/// The refusal.
pub fn read(state: &State, stamp: &Stamp, request: &Request) -> Result<Answer, OpError> {
    let by = permission::speaker(state, request, group_id(&request.op))?;
    let known = Known::default();
    let case = Case { state, stamp, by, known: &known };
    match &request.op {
        Op::Ping(_) => Ok(Answer::Now(core::ping(&case))),
        Op::Groups(_) => Ok(Answer::Now(group::list(&case))),
        Op::GroupShow(args) => group::show(&case, args).map(Answer::Now),
        Op::ActiveGet(_) => Ok(Answer::Now(scope::active(&case))),
        Op::ActorList(args) => actor::list(&case, args).map(Answer::Now),
        Op::ActorEnvPrivateKeys(args) => secret::env_keys(&case, args),
        Op::ActorProfileList(_) => Ok(Answer::Now(profile::list(&case))),
        Op::ActorProfileGet(args) => profile::get(&case, args).map(Answer::Now),
        Op::ActorProfileSecretKeys(args) => secret::profile_keys(&case, args),
        Op::SecretsGet(args) => secret::get(&case, &request.principal, args),
        Op::InboxList(args) => inbox::list(&case, args),
        Op::ContextGet(args) => context::get(&case, args).map(Answer::Now),
        Op::TaskList(args) => context::tasks(&case, args).map(Answer::Now),
        Op::PresenceGet(args) => context::presence(&case, args).map(Answer::Now),
        Op::LedgerHeads(_) => Ok(Answer::Now(ledger::heads(&case))),
        Op::LedgerRange(args) => ledger::range(&case, args),
        Op::LedgerWindow(args) => ledger::window(&case, args),
        Op::DeskGet(args) => delivery::desk(&case, &request.principal, args),
        Op::TerminalTail(args) => terminal::tail(&case, args).map(Answer::Now),
        Op::TermResize(args) => terminal::resize(&case, args).map(Answer::Now),
        Op::Shutdown(_) | Op::EventsStream(_) | Op::TermAttach(_) => {
            Err(ledger::served_elsewhere(request.op.row().name))
        }
        Op::Attach(_)
        | Op::GroupCreate(_)
        | Op::GroupUpdate(_)
        | Op::GroupDelete(_)
        | Op::GroupUse(_)
        | Op::GroupDetachScope(_)
        | Op::GroupSetState(_)
        | Op::GroupSettingsUpdate(_)
        | Op::GroupStart(_)
        | Op::GroupStop(_)
        | Op::ActiveSet(_)
        | Op::ActorAdd(_)
        | Op::ActorUpdate(_)
        | Op::ActorRemove(_)
        | Op::ActorStart(_)
        | Op::ActorStop(_)
        | Op::ActorRestart(_)
        | Op::ActorEnvPrivateUpdate(_)
        | Op::ActorProfileUpsert(_)
        | Op::ActorProfileDelete(_)
        | Op::ActorProfileSecretUpdate(_)
        | Op::ActorProfileSecretCopyFromActor(_)
        | Op::ActorProfileSecretCopyFromProfile(_)
        | Op::Send(_)
        | Op::Reply(_)
        | Op::ChatAck(_)
        | Op::InboxMarkRead(_)
        | Op::InboxMarkAllRead(_)
        | Op::SystemNotify(_)
        | Op::NotifyAck(_)
        | Op::ContextSync(_)
        | Op::SessionRecord(_)
        | Op::DeliveryRecord(_) => Err(OpError::new(Code::InternalError, "a write was to be read")),
    }
}

/// The group an op is about; `""` when it is about none, or about one that it will find or make.
fn group_id(op: &Op) -> &str {
    match op {
        Op::Attach(args) => &args.group_id,
        Op::GroupShow(args) => &args.group_id,
        Op::GroupUpdate(args) => &args.group_id,
        Op::GroupDelete(args) => &args.group_id,
        Op::GroupUse(args) => &args.group_id,
        Op::GroupDetachScope(args) => &args.group_id,
        Op::GroupSetState(args) => &args.group_id,
        Op::GroupSettingsUpdate(args) => &args.group_id,
        Op::GroupStart(args) => &args.group_id,
        Op::GroupStop(args) => &args.group_id,
        Op::ActiveSet(args) => &args.group_id,
        Op::ActorList(args) => &args.group_id,
        Op::ActorAdd(args) => &args.group_id,
        Op::ActorUpdate(args) => &args.group_id,
        Op::ActorRemove(args) => &args.group_id,
        Op::ActorStart(args) => &args.group_id,
        Op::ActorStop(args) => &args.group_id,
        Op::ActorRestart(args) => &args.group_id,
        Op::ActorEnvPrivateKeys(args) => &args.group_id,
        Op::ActorEnvPrivateUpdate(args) => &args.group_id,
        Op::SecretsGet(args) => &args.group_id,
        Op::Send(args) => &args.group_id,
        Op::Reply(args) => &args.group_id,
        Op::ChatAck(args) => &args.group_id,
        Op::InboxList(args) => &args.group_id,
        Op::InboxMarkRead(args) => &args.group_id,
        Op::InboxMarkAllRead(args) => &args.group_id,
        Op::SystemNotify(args) => &args.group_id,
        Op::NotifyAck(args) => &args.group_id,
        Op::ContextGet(args) => &args.group_id,
        Op::ContextSync(args) => &args.group_id,
        Op::TaskList(args) => &args.group_id,
        Op::PresenceGet(args) => &args.group_id,
        Op::LedgerRange(args) => &args.group_id,
        Op::LedgerWindow(args) => &args.group_id,
        Op::DeskGet(args) => &args.group_id,
        Op::SessionRecord(args) => &args.group_id,
        Op::DeliveryRecord(args) => &args.group_id,
        Op::TerminalTail(args) => &args.group_id,
        Op::TermResize(args) => &args.group_id,
        Op::EventsStream(args) => &args.group_id,
        Op::TermAttach(args) => &args.group_id,
        // A profile is of no group; what is copied from an actor is checked by its op.
        Op::ActorProfileList(_)
        | Op::ActorProfileGet(_)
        | Op::ActorProfileUpsert(_)
        | Op::ActorProfileDelete(_)
        | Op::ActorProfileSecretKeys(_)
        | Op::ActorProfileSecretUpdate(_)
        | Op::ActorProfileSecretCopyFromActor(_)
        | Op::ActorProfileSecretCopyFromProfile(_) => "",
        Op::Ping(_) | Op::Shutdown(_) | Op::Groups(_) | Op::GroupCreate(_) | Op::ActiveGet(_) | Op::LedgerHeads(_) => {
            ""
        }
    }
}
