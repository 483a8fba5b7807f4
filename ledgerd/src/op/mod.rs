//! Ops: one file per noun. Deciding is pure; what is decided happens when its events are applied.
//!
//! Every op of the contract has one row in the table at the foot of this file. For the ops that ptyd serves, ledgerd
//! keeps the records: ptyd asks here first, under the same request id, and then acts.

mod actor;
pub mod attachment;
mod automation;
mod blob;
mod bridge;
mod case;
mod context;
mod core;
mod delivery;
mod enclosure;
mod fitness;
mod group;
mod handover;
mod headless;
mod history;
mod im;
mod inbox;
mod ledger;
mod makeover;
mod message;
mod notify;
mod obligation;
pub mod observability;
mod page;
mod principal;
mod profile;
pub mod prompt;
mod registry;
mod relay;
mod remote;
mod reset;
pub mod row;
pub mod rule;
mod ruleset;
mod scope;
mod secret;
mod status;
#[macro_use]
mod table;
mod template;
mod terminal;
#[cfg(test)]
mod tests;
pub mod title;
mod tracked;
mod variable;

use crate::decision::{Answer, Decision, Known, Needs};
use crate::stamp::Stamp;
use crate::state::State;
use bus::contract::op::group as wire;
use bus::contract::prompt::PromptKind;
use bus::contract::{Body, Event, Op, OpError, Reply, Request, limit};
use case::Case;
use table::Answers;

/// What is on disk only and must be read before [`decide`].
pub fn needs(state: &State, request: &Request) -> Needs {
    let group = state.group(request.op.group_id()).ok();
    let events = |seq: Option<u64>| match (group, seq) {
        (Some(group), Some(seq)) => vec![(group.id.clone(), seq)],
        _ => Vec::new(),
    };
    let named = |event_id: &str| events(group.and_then(|group| group.index.find(event_id)));
    let files = |attachments| {
        let paths = if group.is_some() { attachment::paths(attachments) } else { Vec::new() };
        paths.into_iter().map(|path| (request.op.group_id().to_owned(), path)).collect()
    };
    let mut needs = Needs { secrets: secret::needs(state, &request.op), ..Needs::default() };
    match &request.op {
        Op::Send(args) => needs.files = files(&args.attachments),
        Op::Reply(args) => (needs.events, needs.files) = (named(&args.reply_to), files(&args.attachments)),
        Op::TrackedSend(args) => {
            needs.events = events(group.and_then(|group| tracked::known(state, group, request, args)));
        }
        Op::MessageDeliver(args) => needs.events = named(&args.source_event_id),
        Op::ReplyRequestCancel(args) => {
            let message = group.and_then(|group| group.index.find(&args.source_event_id));
            let cancelled = group.zip(message).and_then(|(group, message)| group.replies.cancelled_by(message));
            needs.events = [message, cancelled].into_iter().flat_map(events).collect();
        }
        Op::ChatAck(args) => needs.events = named(&args.event_id),
        Op::InboxMarkRead(args) => needs.events = named(&args.event_id),
        Op::InboxRead(args) => {
            let seqs = group.map(|group| inbox::next(group, args)).unwrap_or_default();
            needs.events = seqs.into_iter().flat_map(|seq| events(Some(seq))).collect();
            needs.events_bytes_max = Some(limit::RANGE_BYTES_MAX);
        }
        Op::InboxMarkAllRead(args) => needs.events = events(group.and_then(|group| inbox::newest(group, args))),
        Op::NotifyAck(args) => needs.events = named(&args.notify_event_id),
        Op::DeliveryRecord(args) if delivery::is_bad_news(args) => {
            let event_ids = args.event_ids.iter().take(limit::EVENT_IDS_MAX);
            let reported = group.map(|group| delivery::reported(group, args)).unwrap_or_default();
            let reported = reported.into_iter().flat_map(|seq| events(Some(seq)));
            needs.events = event_ids.flat_map(|event_id| named(event_id)).chain(reported).collect();
        }
        _ => {}
    }
    needs
}

/// What is on disk only and must be read for a [`reply`] to a request that was decided before.
pub fn recalls(state: &State, events: &[Event]) -> Needs {
    let mut needs = Needs::default();
    for event in events {
        let Ok(group) = state.group(&event.group_id) else { continue };
        let shown = match &event.body {
            Body::ChatRead(read) => &read.event_ids[..],
            _ => &[],
        };
        let seqs = shown.iter().filter_map(|event_id| group.index.find(event_id));
        needs.events.extend(seqs.map(|seq| (group.id.clone(), seq)));
    }
    needs
}

/// The text that `group_preamble_*` are about.
fn preamble() -> &'static str {
    PromptKind::Preamble.word()
}

table! {
    (state, stamp, request, case, args, events, known)
    // What writes: how it is decided, and what is answered from the events it has written.
    write Attach                           { scope::attach(case, args)                        } { scope::attach_reply(state, events) }
    write GroupCreate                      { group::create(case, args)                        } { group::created(state, events) }
    write ObservabilityUpdate              { observability::update(case, args)                } { observability::updated(state, events) }
    write RegistryReconcile                { registry::reconcile(case, args)                  } { registry::reconciled(state, args, events) }
    write GroupUpdate                      { group::update(case, args)                        } { group::updated(state, args, events) }
    write GroupDelete                      { group::delete(case, args)                        } { Reply::GroupDelete(wire::Deleted { group_id: args.group_id.clone() }) }
    write GroupReset                       { reset::reset(case, args)                         } { reset::was_reset(args, events) }
    write GroupUse                         { scope::activate(case, args)                      } { scope::activated(args, events) }
    write GroupDetachScope                 { scope::detach(case, args)                        } { scope::detached(args, events) }
    write GroupSetState                    { group::set_state(case, args)                     } { group::state_set(args, events) }
    write GroupSettingsUpdate              { group::update_settings(case, args)               } { group::settings_updated(state, args, events) }
    write RemoteAccessConfigure            { remote::configure(case, args)                   } { Reply::RemoteAccessConfigure(remote::now(state)) }
    write RemoteAccessStart                { remote::start(case)                             } { Reply::RemoteAccessStart(remote::now(state)) }
    write RemoteAccessStop                 { remote::stop(case)                              } { Reply::RemoteAccessStop(remote::now(state)) }
    write PrincipalsSet                    { principal::set(case, args)                      } { principal::is_set(state) }
    write ActorTokenSet                    { principal::set_token(case, args)                } { principal::token_is_set(args) }
    write GroupPromptSet                   { prompt::set(case, &args.group_id, &args.kind, &args.content) } { prompt::changed(state, &args.group_id, &args.kind, events).map(Reply::GroupPromptSet) }
    write GroupPromptReset                 { prompt::reset(case, &args.group_id, &args.kind, &args.confirm) } { prompt::changed(state, &args.group_id, &args.kind, events).map(Reply::GroupPromptReset) }
    write GroupPreambleSet                 { prompt::set(case, &args.group_id, preamble(), &args.content) } { prompt::changed(state, &args.group_id, preamble(), events).map(Reply::GroupPreambleSet) }
    write GroupPreambleReset               { prompt::reset(case, &args.group_id, preamble(), &args.confirm) } { prompt::changed(state, &args.group_id, preamble(), events).map(Reply::GroupPreambleReset) }
    write GroupStart                       { group::start(case, args)                         } { group::started(args, events) }
    write GroupStop                        { group::stop(case, args)                          } { group::stopped(args, events) }
    write ActiveSet                        { scope::set_active(case, args)                    } { scope::active_is_set(args) }
    write ActorAdd                         { row::add(case, args)                             } { row::added(state, args, events) }
    write ActorUpdate                      { row::update(case, args)                          } { row::updated(state, args, events) }
    write ActorRemove                      { actor::remove(case, args)                        } { actor::removed(args, events) }
    write ActorStart                       { actor::start(case, args)                         } { actor::changed(state, &args.group_id, &args.actor_id, events).map(Reply::ActorStart) }
    write ActorStop                        { actor::stop(case, args)                          } { actor::changed(state, &args.group_id, &args.actor_id, events).map(Reply::ActorStop) }
    write ActorRestart                     { actor::restart(case, args)                       } { actor::changed(state, &args.group_id, &args.actor_id, events).map(Reply::ActorRestart) }
    write ActorEnvPrivateUpdate            { secret::update_env(case, args)                   } { secret::env_updated(state, args, events) }
    write ActorProfileUpsert               { profile::upsert(case, args)                      } { profile::upserted(events) }
    write ActorProfileDelete               { profile::delete(case, args)                      } { profile::deleted(args, events) }
    write ActorProfileSecretUpdate         { secret::update_profile(case, args)               } { secret::profile_updated(state, args, events) }
    write ActorProfileSecretCopyFromActor  { secret::copy_from_actor(case, args)              } { secret::copied_from_actor(state, args, events) }
    write ActorProfileSecretCopyFromProfile { secret::copy_from_profile(case, args)            } { secret::copied_from_profile(state, args, events) }
    write Send                             { message::send(case, args)                        } { message::sent(events) }
    write SendCrossGroup                   { relay::send(case, args)                          } { relay::sent(events) }
    write Reply                            { message::reply(case, args)                       } { message::replied(events) }
    write TrackedSend                      { tracked::send(case, args)                        } { tracked::sent(events, known) }
    write MessageDeliver                   { handover::deliver(case, args)                    } { handover::delivering(events) }
    write ReplyRequestCancel               { obligation::cancel(case, args)                   } { obligation::cancelled(args, events, known) }
    write ChatAck                          { message::ack(case, args)                         } { message::acked(events) }
    write InboxMarkRead                    { inbox::mark_read(case, args)                     } { inbox::marked(state, args, events) }
    write InboxMarkAllRead                 { inbox::mark_all_read(case, args)                 } { inbox::all_marked(state, args, events) }
    write InboxRead                        { inbox::take(case, args)                          } { inbox::taken(state, args, events, known) }
    write SystemNotify                     { notify::notify(case, args)                       } { notify::notified(events) }
    write NotifyAck                        { notify::ack(case, args)                          } { notify::acked(events) }
    write HeadlessSetStatus                { headless::set_status(case, args)                 } { headless::status_set(state, args) }
    write HeadlessAckMessage               { headless::ack_message(case, args)                } { headless::message_acked(args, events) }
    write ContextSync                      { context::sync(case, args)                        } { context::synced(state, args, events) }
    write ImConfigSet                      { bridge::set(case, args)                         } { bridge::is_configured(state, &args.group_id).map(Reply::ImConfigSet) }
    write ImConfigUnset                    { bridge::unset(case, args)                       } { bridge::is_configured(state, &args.group_id).map(Reply::ImConfigUnset) }
    write ImBindChat                       { im::bind(case, args)                            } { im::bound(events) }
    write ImRejectPending                  { im::reject(case, args)                          } { im::rejected(events) }
    write ImRevokeChat                     { im::revoke(case, args)                          } { im::revoked(events) }
    write ImPendingAdd                     { im::ask(case, args)                             } { im::asked(state, args, events) }
    write ImChatSet                        { im::set_chat(case, args)                        } { im::chat_is(state, args) }
    write SessionRecord                    { delivery::session(case, args)                    } { Reply::SessionRecord(delivery::recorded_reply(events)) }
    write DeliveryRecord                   { delivery::record(case, args)                     } { Reply::DeliveryRecord(delivery::recorded_reply(events)) }
    write GroupAutomationUpdate            { automation::update(case, args)                   } { automation::updated(state, args, events) }
    write GroupAutomationManage            { automation::manage(case, args)                   } { automation::managed(state, stamp, request, args, events) }
    write GroupAutomationResetBaseline     { automation::reset(case, args)                    } { automation::was_reset(state, stamp, args, events) }
    write RuleRecord                       { automation::record(case, args)                   } { automation::recorded(events) }
    write GroupTemplateImportReplace       { template::import(case, args)                     } { template::imported(state, args, events) }
    write GroupCreateFromTemplate          { template::create(case, args)                     } { template::created(events) }
    // What reads.
    read  Ping                             { core::ping(case) }
    read  Whoami                           { principal::whoami(case, args) }
    read  RemoteAccessState                { Reply::RemoteAccessState(remote::now(case.state)) }
    read  PrincipalsGet                    { principal::get(case) }
    read  ObservabilityGet                 { observability::get(case) }
    read  DebugSnapshot                    { observability::snapshot(case, args) }
    read  DebugTailLogs                    { observability::tail_logs(case, args) }
    read  DebugClearLogs                   { observability::clear_logs(case, args) }
    read  Groups                           { group::list(case, args) }
    read  GroupShow                        { group::show(case, args) }
    read  GroupPromptGet                   { prompt::get(case, &args.group_id, &args.kind).map(Reply::GroupPromptGet) }
    read  GroupPreambleGet                 { prompt::get(case, &args.group_id, preamble()).map(Reply::GroupPreambleGet) }
    read  ActorPreambleGet                 { prompt::introduce(case, args) }
    read  ActiveGet                        { scope::active(case) }
    read  ActorList                        { actor::list(case, args) }
    read  ActorEnvPrivateKeys              { secret::env_keys(case, args) }
    read  ActorProfileList                 { profile::list(case, args) }
    read  ActorProfileGet                  { profile::get(case, args) }
    read  ActorProfileSecretKeys           { secret::profile_keys(case, args) }
    read  SecretsGet                       { secret::get(case, args) }
    read  ImConfigGet                      { bridge::get(case, args) }
    read  ImSecretsGet                     { bridge::secrets(case, args) }
    read  ImListAuthorized                 { im::authorized(case, args) }
    read  ImListPending                    { im::pending(case, args) }
    read  InboxList                        { inbox::list(case, args) }
    read  MessageHistory                   { history::history(case, args) }
    read  HeadlessStatus                   { headless::status(case, args) }
    read  ContextGet                       { context::get(case, args) }
    read  TaskList                         { context::tasks(case, args) }
    read  PresenceGet                      { context::presence(case, args) }
    read  GroupAutomationState             { automation::state(case, args) }
    read  GroupTemplateExport              { template::export(case, args) }
    read  GroupTemplatePreview             { template::preview(case, args) }
    read  LedgerHeads                      { ledger::heads(case) }
    read  LedgerRange                      { ledger::range(case, args) }
    read  LedgerWindow                     { ledger::window(case, args) }
    read  LedgerSearch                     { ledger::search(case, args) }
    read  LedgerSnapshot                   { ledger::snapshot(case, args) }
    read  LedgerCompact                    { ledger::compact(case, args) }
    read  MessageStatuses                  { status::statuses(case, args) }
    read  BlobUpload                       { blob::upload(case, args) }
    read  BlobRead                         { blob::read(case, args) }
    read  DeskGet                          { delivery::desk(case, args) }
    read  TerminalTail                     { terminal::tail(case, args) }
    read  TerminalSnapshot                 { terminal::snapshot(case, args) }
    read  TerminalSince                    { terminal::since(case, args) }
    read  TerminalHistory                  { terminal::history(case, args) }
    read  TerminalRelease                  { terminal::release(case, args) }
    read  TerminalClear                    { terminal::clear(case, args) }
    read  TermResize                       { terminal::resize(case, args) }
    // What only the door can serve.
    elsewhere Shutdown
    elsewhere EventsStream
    elsewhere SendFiles
    elsewhere StreamEmit
    elsewhere TermAttach
}
