//! Ops: one file per noun. Deciding is pure; what is decided happens when its events are applied.
//!
//! Every op of the contract has one row in the table at the foot of this file. For the ops that ptyd serves, ledgerd
//! keeps the records: ptyd asks here first, under the same request id, and then acts. Who may ask, the op's row in the
//! contract says; it is checked before the op's own function is called.

mod actor;
pub mod actor_config;
pub mod actor_row;
mod answer;
pub mod attachment;
mod automation;
mod blob;
mod bridge;
mod context;
mod core;
mod cross_group;
mod delivery;
mod fitness;
mod group;
mod headless;
mod history;
mod im;
mod inbox;
mod ledger;
mod message;
mod message_extras;
mod notify;
pub mod observability;
mod page;
mod principal;
mod profile;
pub mod prompt;
mod push;
mod reading;
mod reconcile;
mod redeliver;
mod remote;
mod reply_request;
mod request;
mod reset;
pub mod rule;
mod ruleset;
mod scope;
mod secret;
mod status;
mod template_plan;
#[macro_use]
mod table;
mod template;
mod terminal;
#[cfg(test)]
mod tests;
pub mod title;
mod tracked;
mod variable;
mod waiting;
mod web;

use crate::decision::{Answer, Decision, Known, Needs};
use crate::stamp::Stamp;
use crate::state::State;
use bus::contract::op::group as wire;
use bus::contract::{Event, Op, OpError, Reply, Request};
pub use inbox::recalls;
use request::RequestContext;
use table::IntoAnswer;

table! {
    (state, stamp, request, cx, args, events, known)
    // What writes: how it is decided, what is answered from the events it has written, and what must be read before.
    write Attach
        { scope::attach(cx, args) } { scope::attach_reply(state, events) }
    write GroupCreate
        { group::create(cx, args) } { group::created(state, events) }
    write ObservabilityUpdate
        { observability::update(cx, args) } { observability::updated(state, events) }
    write RegistryReconcile
        { reconcile::reconcile(cx, args) } { reconcile::reconciled(state, args, events) }
    write GroupUpdate
        { group::update(cx, args) } { group::updated(state, args, events) }
    write GroupDelete
        { group::delete(cx, args) } { Reply::GroupDelete(wire::Deleted { group_id: args.group_id.clone() }) }
    write GroupReset
        { reset::reset(cx, args) } { reset::was_reset(args, events) }
        needs { reset::needs(state, args) }
    write GroupUse
        { scope::activate(cx, args) } { scope::activated(args, events) }
    write GroupDetachScope
        { scope::detach(cx, args) } { scope::detached(args, events) }
    write GroupSetState
        { group::set_state(cx, args) } { group::state_set(args, events) }
    write GroupSettingsUpdate
        { group::update_settings(cx, args) } { group::settings_updated(state, args, events) }
    write RemoteAccessConfigure
        { remote::configure(cx, args) } { Reply::RemoteAccessConfigure(remote::now(state)) }
    write RemoteAccessStart
        { remote::start(cx, args) } { Reply::RemoteAccessStart(remote::now(state)) }
    write RemoteAccessStop
        { remote::stop(cx) } { Reply::RemoteAccessStop(remote::now(state)) }
    write WebTokenAdd
        { web::add(cx, args) } { web::added(events, known) }
        needs { web::needs(state) }
    write WebTokenRevoke
        { web::revoke(cx, args) } { web::revoked(events) }
        needs { web::needs(state) }
    write WebPushSet
        { push::set(cx, args) } { push::is_set(events) }
        needs { push::needs(state) }
    write WebPushRemove
        { push::remove(cx, args) } { push::removed(args) }
        needs { push::needs(state) }
    write WebPushKeySet
        { push::set_key(cx, args) } { push::key_is_set(events) }
        needs { push::needs(state) }
    write PrincipalsSet
        { principal::set(cx, args) } { principal::is_set(state) }
    write ActorTokenSet
        { principal::set_token(cx, args) } { principal::token_is_set(args) }
    write GroupPromptSet
        { prompt::set(cx, &args.group_id, &args.kind, &args.content) }
        { prompt::changed(state, &args.group_id, &args.kind, events).map(Reply::GroupPromptSet) }
    write GroupPromptReset
        { prompt::reset(cx, &args.group_id, &args.kind, &args.confirm) }
        { prompt::changed(state, &args.group_id, &args.kind, events).map(Reply::GroupPromptReset) }
    write GroupPreambleSet
        { prompt::set(cx, &args.group_id, prompt::preamble(), &args.content) }
        { prompt::changed(state, &args.group_id, prompt::preamble(), events).map(Reply::GroupPreambleSet) }
    write GroupPreambleReset
        { prompt::reset(cx, &args.group_id, prompt::preamble(), &args.confirm) }
        { prompt::changed(state, &args.group_id, prompt::preamble(), events).map(Reply::GroupPreambleReset) }
    write GroupStart
        { group::start(cx, args) } { group::started(args, events) }
    write GroupStop
        { group::stop(cx, args) } { group::stopped(args, events) }
    write ActiveSet
        { scope::set_active(cx, args) } { scope::active_is_set(args) }
    write ActorAdd
        { actor_config::add(cx, args) } { actor_config::added(state, args, events) }
    write ActorUpdate
        { actor_config::update(cx, args) } { actor_config::updated(state, args, events) }
        needs { actor_config::needs(state, args) }
    write ActorRemove
        { actor::remove(cx, args) } { actor::removed(args, events) }
    write ActorStart
        { actor::start(cx, args) }
        { actor::changed(state, &args.group_id, &args.actor_id, events).map(Reply::ActorStart) }
    write ActorStop
        { actor::stop(cx, args) }
        { actor::changed(state, &args.group_id, &args.actor_id, events).map(Reply::ActorStop) }
    write ActorRestart
        { actor::restart(cx, args) }
        { actor::changed(state, &args.group_id, &args.actor_id, events).map(Reply::ActorRestart) }
    write ActorEnvPrivateUpdate
        { secret::update_env(cx, args) } { secret::env_updated(state, args, events) }
        needs { reading::secrets_of_actor(state, &args.group_id, &args.actor_id) }
    write ActorProfileUpsert
        { profile::upsert(cx, args) } { profile::upserted(events) }
    write ActorProfileDelete
        { profile::delete(cx, args) } { profile::deleted(args, events) }
        needs { reading::secrets_of_profile(state, &args.profile_id) }
    write ActorProfileSecretUpdate
        { secret::update_profile(cx, args) } { secret::profile_updated(state, args, events) }
        needs { reading::secrets_of_profile(state, &args.profile_id) }
    write ActorProfileSecretCopyFromActor
        { secret::copy_from_actor(cx, args) } { secret::copied_from_actor(state, args, events) }
        needs { reading::secrets_of_actor(state, &args.group_id, &args.actor_id) }
    write ActorProfileSecretCopyFromProfile
        { secret::copy_from_profile(cx, args) } { secret::copied_from_profile(state, args, events) }
        needs { reading::secrets_of_profile(state, &args.source_profile_id) }
    write Send
        { message::send(cx, args) } { message::sent(events) }
        needs { reading::files(state, &args.group_id, &args.attachments) }
    write SendCrossGroup
        { cross_group::send(cx, args) } { cross_group::sent(events) }
    write Reply
        { answer::reply(cx, args) } { answer::replied(events) }
        needs { answer::needs(state, args) }
    write TrackedSend
        { tracked::send(cx, args) } { tracked::sent(events, known) }
        needs { tracked::needs(state, request, args) }
    write MessageDeliver
        { redeliver::deliver(cx, args) } { redeliver::delivering(events) }
        needs { reading::event(state, &args.group_id, &args.source_event_id) }
    write ReplyRequestCancel
        { reply_request::cancel(cx, args) } { reply_request::cancelled(args, events, known) }
        needs { reply_request::needs(state, args) }
    write ChatAck
        { message::ack(cx, args) } { message::acked(events) }
        needs { reading::event(state, &args.group_id, &args.event_id) }
    write InboxMarkRead
        { inbox::mark_read(cx, args) } { inbox::marked(state, args, events) }
        needs { reading::event(state, &args.group_id, &args.event_id) }
    write InboxMarkAllRead
        { inbox::mark_all_read(cx, args) } { inbox::all_marked(state, args, events) }
        needs { inbox::mark_all_needs(state, args) }
    write InboxRead
        { inbox::take(cx, args) } { inbox::taken(state, args, events, known) }
        needs { inbox::take_needs(state, args) }
    write SystemNotify
        { notify::notify(cx, args) } { notify::notified(events) }
    write NotifyAck
        { notify::ack(cx, args) } { notify::acked(events) }
        needs { reading::event(state, &args.group_id, &args.notify_event_id) }
    write HeadlessSetStatus
        { headless::set_status(cx, args) } { headless::status_set(state, args) }
    write HeadlessAckMessage
        { headless::ack_message(cx, args) } { headless::message_acked(args, events) }
    write ContextSync
        { context::sync(cx, args) } { context::synced(state, args, events) }
    write ImConfigSet
        { bridge::set(cx, args) } { bridge::is_configured(state, &args.group_id).map(Reply::ImConfigSet) }
        needs { bridge::needs(state, args) }
    write ImConfigUnset
        { bridge::unset(cx, args) } { bridge::is_configured(state, &args.group_id).map(Reply::ImConfigUnset) }
    write ImBindChat
        { im::bind(cx, args) } { im::bound(events) }
        needs { im::needs(state, &args.group_id) }
    write ImRejectPending
        { im::reject(cx, args) } { im::rejected(events) }
        needs { im::needs(state, &args.group_id) }
    write ImRevokeChat
        { im::revoke(cx, args) } { im::revoked(events) }
    write ImPendingAdd
        { im::ask(cx, args) } { im::asked(state, args, events) }
        needs { im::needs(state, &args.group_id) }
    write ImChatSet
        { im::set_chat(cx, args) } { im::chat_is(state, args) }
    write SessionRecord
        { delivery::session(cx, args) } { Reply::SessionRecord(delivery::recorded_reply(events)) }
    write DeliveryRecord
        { delivery::record(cx, args) } { Reply::DeliveryRecord(delivery::recorded_reply(events)) }
        needs { delivery::needs(state, args) }
    write GroupAutomationUpdate
        { automation::update(cx, args) } { automation::updated(state, args, events) }
    write GroupAutomationManage
        { automation::manage(cx, args) } { automation::managed(state, stamp, request, args, events) }
    write GroupAutomationResetBaseline
        { automation::reset(cx, args) } { automation::was_reset(state, stamp, args, events) }
    write RuleRecord
        { automation::record(cx, args) } { automation::recorded(events) }
    write GroupTemplateImportReplace
        { template::import(cx, args) } { template::imported(state, args, events) }
        needs { template::needs(state, args) }
    write GroupCreateFromTemplate
        { template::create(cx, args) } { template::created(events) }
    // What reads.
    read  Ping                             { core::ping(cx) }
    read  Whoami                           { principal::whoami(cx, args) }
    read  RemoteAccessState                { Reply::RemoteAccessState(remote::now(cx.state)) }
    read  WebTokenList                     { web::list(cx) }
    read  WebAccessGet                     { web::access(cx) }
    read  WebPushList                      { push::list(cx) }
    read  WebPushGet                       { push::get(cx) }
    read  PrincipalsGet                    { principal::get(cx) }
    read  ObservabilityGet                 { observability::get(cx) }
    read  DebugSnapshot                    { observability::snapshot(cx, args) }
    read  DebugTailLogs                    { observability::tail_logs(cx, args) }
    read  DebugClearLogs                   { observability::clear_logs(cx, args) }
    read  Groups                           { group::list(cx, args) }
    read  WaitingList                      { waiting::list(cx, args) }
    read  GroupShow                        { group::show(cx, args) }
    read  GroupSettingsGet                 { group::settings(cx, args) }
    read  GroupPromptGet                   { prompt::get(cx, &args.group_id, &args.kind).map(Reply::GroupPromptGet) }
    read  GroupPreambleGet                 { prompt::get(cx, &args.group_id, prompt::preamble()).map(Reply::GroupPreambleGet) }
    read  ActorPreambleGet                 { prompt::introduce(cx, args) }
    read  ActiveGet                        { scope::active(cx) }
    read  ActorList                        { actor::list(cx, args) }
    read  ActorEnvPrivateKeys              { secret::env_keys(cx, args) }
    read  ActorProfileList                 { profile::list(cx, args) }
    read  ActorProfileGet                  { profile::get(cx, args) }
    read  ActorProfileSecretKeys           { secret::profile_keys(cx, args) }
    read  SecretsGet                       { secret::get(cx, args) }
    read  ImConfigGet                      { bridge::get(cx, args) }
    read  ImSecretsGet                     { bridge::secrets(cx, args) }
    read  ImListAuthorized                 { im::authorized(cx, args) }
    read  ImListPending                    { im::pending(cx, args) }
    read  InboxList                        { inbox::list(cx, args) }
    read  MessageHistory                   { history::history(cx, args) }
    read  HeadlessStatus                   { headless::status(cx, args) }
    read  ContextGet                       { context::get(cx, args) }
    read  TaskList                         { context::tasks(cx, args) }
    read  PresenceGet                      { context::presence(cx, args) }
    read  GroupAutomationState             { automation::state(cx, args) }
    read  GroupTemplateExport              { template::export(cx, args) }
    read  GroupTemplatePreview             { template::preview(cx, args) }
    read  LedgerHeads                      { ledger::heads(cx) }
    read  LedgerRange                      { ledger::range(cx, args) }
    read  LedgerWindow                     { ledger::window(cx, args) }
    read  LedgerSearch                     { ledger::search(cx, args) }
    read  LedgerSnapshot                   { ledger::snapshot(cx, args) }
    read  LedgerCompact                    { ledger::compact(cx, args) }
    read  MessageStatuses                  { status::statuses(cx, args) }
    read  BlobUpload                       { blob::upload(cx, args) }
    read  BlobRead                         { blob::read(cx, args) }
    read  DeskGet                          { delivery::desk(cx, args) }
    read  TerminalTail                     { terminal::tail(cx, args) }
    read  TerminalSnapshot                 { terminal::snapshot(cx, args) }
    read  TerminalSince                    { terminal::since(cx, args) }
    read  TerminalHistory                  { terminal::history(cx, args) }
    read  TerminalRelease                  { terminal::release(cx, args) }
    read  TerminalClear                    { terminal::clear(cx, args) }
    read  TermResize                       { terminal::resize(cx, args) }
    // What only the door can serve.
    elsewhere Shutdown
    elsewhere EventsStream
    elsewhere SendFiles
    elsewhere StreamEmit
    elsewhere TermAttach
}
