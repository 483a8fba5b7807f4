//! The table of ops, and what is made of it: [`TABLE`], [`Op`] and [`Reply`].

use super::{About, Access, OpError, Row, Server};
use super::{
    actor, automation, blob, bridge, context, core, delivery, group, headless, history, im, inbox, ledger, message,
    mixed_up, notify, observability, principal, profile, prompt, redeliver, remote, reply_request, secret, status,
    template, terminal, tracked, unknown, unreadable,
};
use crate::contract::schema::{self, Describe, OpSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The arguments of an op: they know what it is answered with.
pub trait Ask: Into<Op> {
    /// What it is answered with.
    type Answer;

    /// Takes the answer out of a reply.
    ///
    /// # Errors
    ///
    /// `internal_error`: it is the reply to another op, which none of our servers gives.
    fn answer(reply: Reply) -> Result<Self::Answer, OpError>;
}

macro_rules! ops {
    (@group Group $args:ident) => { &$args.group_id };
    (@group Home $args:ident) => {{ let _ = $args; "" }};
    (@row $name:literal, $server:ident, $access:ident, $speaker:literal, $about:ident, $($doc:literal)+) => {
        const {
            &Row {
                name: $name,
                server: Server::$server,
                access: Access::$access,
                speaker: $speaker,
                about: About::$about,
                doc: concat!($($doc),+),
            }
        }
    };
    ($($(#[doc = $doc:literal])+ $name:literal $variant:ident($request:ty) -> $reply:ty, $server:ident, $access:ident, $speaker:literal, $about:ident;)*) => {
        /// Every op, in the order of the documentation.
        pub const TABLE: &[Row] = &[$(*ops!(@row $name, $server, $access, $speaker, $about, $($doc)+)),*];

        /// What can be asked.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub enum Op { $($(#[doc = $doc])+ #[serde(rename = $name)] $variant($request)),* }

        /// What is answered.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[expect(clippy::large_enum_variant, reason = "a reply is made once and sent at once; boxing would only cost")]
        pub enum Reply { $($(#[doc = $doc])+ #[serde(rename = $name)] $variant($reply)),* }

        $(
            impl From<$request> for Op {
                fn from(args: $request) -> Self { Op::$variant(args) }
            }

            impl Ask for $request {
                type Answer = $reply;

                fn answer(reply: Reply) -> Result<$reply, OpError> {
                    match reply {
                        Reply::$variant(answer) => Ok(answer),
                        other => Err(mixed_up($name, &other)),
                    }
                }
            }
        )*

        impl Op {
            /// Its row.
            pub fn row(&self) -> &'static Row {
                match self { $(Op::$variant(_) => ops!(@row $name, $server, $access, $speaker, $about, $($doc)+)),* }
            }

            /// The group it is about; `""` when it is about the home, or about a group that it will find or make.
            pub fn group_id(&self) -> &str {
                match self { $(Op::$variant(args) => ops!(@group $about args)),* }
            }

            pub(super) fn read(name: &str, args: Value) -> Result<Self, OpError> {
                match name {
                    $($name => serde_json::from_value(args).map(Op::$variant).map_err(|e| unreadable(name, &e)),)*
                    _ => Err(unknown(name)),
                }
            }
        }

        impl Row {
            /// JSON Schema of what the op takes and of what it gives.
            pub fn schema(&self) -> OpSchema {
                let (args, answer) = self.describe();
                schema::of(self, args, answer)
            }

            /// How the schemas of its arguments and of its answer are made.
            pub(in crate::contract) fn describe(&self) -> (Describe, Describe) {
                match self.name {
                    $($name => (<$request>::json_schema, <$reply>::json_schema),)*
                    other => unreachable!("{other} is a row of the table"),
                }
            }
        }

        impl Reply {
            /// The name of the op that it answers.
            pub fn name(&self) -> &'static str {
                match self { $(Reply::$variant(_) => $name),* }
            }

            /// The `result` object of the wire.
            pub fn to_value(&self) -> Value {
                let value = match self { $(Reply::$variant(reply) => serde_json::to_value(reply)),* };
                value.expect("a reply is plain data")
            }
        }
    };
}

ops! {
    // name                request                              reply                    served by  access  speaker   about
    /// Says who answers and what it can do.
    "ping"                 Ping(core::Ping)                  -> core::Pong,              Ledger, Read,  "user",    Home;
    /// Says as whom a request is decided that is sent the same way: what is claimed, or what a token proves.
    "whoami"               Whoami(principal::Whoami)         -> principal::Speaker,      Ledger, Read,  "user",    Group;
    /// Whether a claim to be an actor needs a proof.
    "principals_get"       PrincipalsGet(principal::Get)     -> principal::Strictness,   Ledger, Read,  "user",    Home;
    /// Sets whether a claim to be an actor needs a proof.
    "principals_set"       PrincipalsSet(principal::Set)     -> principal::Strictness,   Ledger, Write, "user",    Home;
    /// Gives a headless actor a token that proves it, in place of the one before, or takes it away.
    "actor_token_set"      ActorTokenSet(principal::TokenSet) -> principal::TokenIsSet,  Ledger, Write, "user",    Group;
    /// Shows what is set of access from other machines, and what comes of it.
    "remote_access_state"  RemoteAccessState(remote::State)  -> remote::RemoteIs,        Ledger, Read,  "user",    Home;
    /// Sets how other machines get access.
    "remote_access_configure" RemoteAccessConfigure(remote::Configure) -> remote::RemoteIs, Ledger, Write, "user",  Home;
    /// Wants access from other machines.
    "remote_access_start"  RemoteAccessStart(remote::Start)  -> remote::RemoteIs,        Ledger, Write, "user",    Home;
    /// Wants no access from other machines.
    "remote_access_stop"   RemoteAccessStop(remote::Stop)    -> remote::RemoteIs,        Ledger, Write, "user",    Home;
    /// Stops everything, agents included. In a strict home whoever claims to be an actor must prove it, unless ledgerd
    /// does not answer: a system in trouble can always be stopped.
    "shutdown"             Shutdown(core::Shutdown)          -> core::ShuttingDown,      Door,   Write, "user",    Home;
    /// Streams a group's events from now, or from a cursor, over this connection.
    "events_stream"        EventsStream(core::EventsStream)  -> core::Streaming,         Door,   Read,  "user",    Group;

    /// How much the system tells of itself.
    "observability_get"    ObservabilityGet(observability::Get) -> observability::Is,    Ledger, Read,  "user",    Home;
    /// Changes how much the system tells of itself.
    "observability_update" ObservabilityUpdate(observability::Update) -> observability::Is, Ledger, Write, "user", Home;
    /// What developers want to know of the daemon, and of a group when one is named.
    "debug_snapshot"       DebugSnapshot(observability::Snapshot) -> observability::Snapshotted, Ledger, Read, "user", Group;
    /// The last lines of a process's log.
    "debug_tail_logs"      DebugTailLogs(observability::TailLogs) -> observability::LogTail, Ledger, Read, "user", Group;
    /// Empties a process's log.
    "debug_clear_logs"     DebugClearLogs(observability::ClearLogs) -> observability::LogCleared, Ledger, Store, "user", Group;

    /// Attaches a directory to a group and makes it active; finds or creates the group when none is named.
    "attach"               Attach(group::Attach)             -> group::Attached,         Ledger, Write, "cli",     Group;
    /// Lists the groups, last touched first.
    "groups"               Groups(group::List)               -> group::Listed,           Ledger, Read,  "user",    Home;
    /// Looks for groups whose folder is gone, and has the home forget them if asked.
    "registry_reconcile"   RegistryReconcile(group::Reconcile) -> group::Reconciled,     Ledger, Write, "user",    Home;
    /// Shows one group.
    "group_show"           GroupShow(group::Show)            -> group::Shown,            Ledger, Read,  "user",    Group;
    /// Creates an empty group.
    "group_create"         GroupCreate(group::Create)        -> group::Created,          Ledger, Write, "cli",     Home;
    /// Changes title or topic.
    "group_update"         GroupUpdate(group::Update)        -> group::Updated,          Ledger, Write, "user",    Group;
    /// Deletes a group, its folder and its secrets; its agents are stopped.
    "group_delete"         GroupDelete(group::Delete)        -> group::Deleted,          Pty,    Write, "user",    Group;
    /// Replaces a group by a clean one under a new id that is set up the same; the old one is deleted, its agents are
    /// stopped.
    "group_reset"          GroupReset(group::Reset)          -> group::WasReset,         Pty,    Write, "user",    Group;
    /// Makes an attached directory the active one.
    "group_use"            GroupUse(group::Use)              -> group::Used,             Ledger, Write, "cli",     Group;
    /// Detaches a directory.
    "group_detach_scope"   GroupDetachScope(group::DetachScope) -> group::ScopeDetached, Ledger, Write, "user",    Group;
    /// Sets a group active, idle or paused.
    "group_set_state"      GroupSetState(group::SetState)    -> group::StateSet,         Ledger, Write, "user",    Group;
    /// Changes settings.
    "group_settings_update" GroupSettingsUpdate(group::SettingsUpdate) -> group::SettingsUpdated, Ledger, Write, "user",    Group;
    /// Enables and starts every actor.
    "group_start"          GroupStart(group::Start)          -> group::Started,          Pty,    Write, "user",    Group;
    /// Disables and stops every actor.
    "group_stop"           GroupStop(group::Stop)            -> group::Stopped,          Pty,    Write, "user",    Group;
    /// Which group commands mean that name none.
    "active_get"           ActiveGet(group::ActiveGet)       -> group::Active,           Ledger, Read,  "user",    Home;
    /// Sets which group commands mean that name none.
    "active_set"           ActiveSet(group::ActiveSet)       -> group::Active,           Ledger, Write, "user",    Group;

    /// Shows a text that agents are given: the preamble or the playbook.
    "group_prompt_get"     GroupPromptGet(prompt::Get)       -> prompt::Got,             Ledger, Read,  "user",    Group;
    /// Gives a group its own text in place of the built-in one.
    "group_prompt_set"     GroupPromptSet(prompt::Set)       -> prompt::Changed,         Ledger, Write, "user",    Group;
    /// Brings the built-in text back.
    "group_prompt_reset"   GroupPromptReset(prompt::Reset)   -> prompt::Changed,         Ledger, Write, "user",    Group;
    /// Shows what agents are told before their first message.
    "group_preamble_get"   GroupPreambleGet(prompt::PreambleGet) -> prompt::Got,         Ledger, Read,  "user",    Group;
    /// Gives a group its own preamble.
    "group_preamble_set"   GroupPreambleSet(prompt::PreambleSet) -> prompt::Changed,     Ledger, Write, "user",    Group;
    /// Brings the built-in preamble back.
    "group_preamble_reset" GroupPreambleReset(prompt::PreambleReset) -> prompt::Changed, Ledger, Write, "user",    Group;
    /// Composes what an actor would be told before its first message if its session began now.
    "actor_preamble_get"   ActorPreambleGet(prompt::Introduce) -> prompt::Introduction,  Pty,    Read,  "user",    Group;

    /// Lists a group's actors in roster order.
    "actor_list"           ActorList(actor::List)            -> actor::Listed,           Look,   Read,  "user",    Group;
    /// Adds an actor and starts it.
    "actor_add"            ActorAdd(actor::Add)              -> actor::Added,            Pty,    Write, "user",    Group;
    /// Changes an actor.
    "actor_update"         ActorUpdate(actor::Update)        -> actor::Updated,          Pty,    Write, "user",    Group;
    /// Removes an actor and ends its session. Its secrets, and the rules that it keeps for itself, go with it.
    "actor_remove"         ActorRemove(actor::Remove)        -> actor::Removed,          Pty,    Write, "user",    Group;
    /// Enables an actor and starts its session.
    "actor_start"          ActorStart(actor::Start)          -> actor::Changed,          Pty,    Write, "user",    Group;
    /// Disables an actor and ends its session.
    "actor_stop"           ActorStop(actor::Stop)            -> actor::Changed,          Pty,    Write, "user",    Group;
    /// Ends an actor's session and starts a new one.
    "actor_restart"        ActorRestart(actor::Restart)      -> actor::Changed,          Pty,    Write, "user",    Group;

    /// Names of an actor's private environment variables, and what may be shown of their values.
    "actor_env_private_keys" ActorEnvPrivateKeys(secret::EnvKeys) -> secret::EnvKeysAre, Ledger, Read, "user",    Group;
    /// Changes an actor's private environment; it counts from its next start.
    "actor_env_private_update" ActorEnvPrivateUpdate(secret::EnvUpdate) -> secret::EnvUpdated, Ledger, Write, "user",    Group;

    /// Lists the profiles by name.
    "actor_profile_list"   ActorProfileList(profile::List)   -> profile::Listed,         Ledger, Read,  "user",    Home;
    /// Shows one profile and who is linked to it.
    "actor_profile_get"    ActorProfileGet(profile::Get)     -> profile::Got,            Ledger, Read,  "user",    Home;
    /// Makes or changes a profile; linked actors take it over at their next start.
    "actor_profile_upsert" ActorProfileUpsert(profile::Upsert) -> profile::Upserted,     Ledger, Write, "user",    Home;
    /// Deletes a profile.
    "actor_profile_delete" ActorProfileDelete(profile::Delete) -> profile::Deleted,      Ledger, Write, "user",    Home;
    /// Names of a profile's secrets, and what may be shown of their values.
    "actor_profile_secret_keys" ActorProfileSecretKeys(profile::SecretKeys) -> profile::SecretKeysAre, Ledger, Read, "user",    Home;
    /// Changes a profile's secrets.
    "actor_profile_secret_update" ActorProfileSecretUpdate(profile::SecretUpdate) -> profile::SecretsUpdated, Ledger, Write, "user",    Home;
    /// Replaces a profile's secrets by the environment of an actor, public and private.
    "actor_profile_secret_copy_from_actor" ActorProfileSecretCopyFromActor(profile::CopyFromActor) -> profile::CopiedFromActor, Ledger, Write, "user",    Home;
    /// Replaces a profile's secrets by those of another one.
    "actor_profile_secret_copy_from_profile" ActorProfileSecretCopyFromProfile(profile::CopyFromProfile) -> profile::CopiedFromProfile, Ledger, Write, "user",    Home;

    /// Sends a message.
    "send"                 Send(message::Send)               -> message::Sent,           Ledger, Write, "user",    Group;
    /// Answers an event.
    "reply"                Reply(message::Reply)             -> message::Replied,        Ledger, Write, "user",    Group;
    /// Sends a message to another group, and records it in this one: both or neither.
    "send_cross_group"     SendCrossGroup(message::CrossSend) -> message::CrossSent,     Ledger, Write, "user",    Group;
    /// Stores files of the group's directories and sends them with one message.
    "send_files"           SendFiles(message::SendFiles)     -> message::Sent,           Door,   Write, "user",    Group;
    /// Shows a text while it is written; its end is a message.
    "stream_emit"          StreamEmit(core::StreamEmit)      -> core::StreamEmitted,     Door,   Write, "user",    Group;
    /// Makes a task and sends the message that hands it on: both or neither.
    "tracked_send"         TrackedSend(tracked::Send)        -> tracked::Sent,           Ledger, Write, "user",    Group;
    /// Has a message typed to recipients that it was not typed to: mail, or what has not or not certainly arrived.
    "message_deliver"      MessageDeliver(redeliver::Deliver) -> redeliver::Claimed,       Ledger, Write, "user",    Group;
    /// Takes back that a message asks for answers.
    "reply_request_cancel" ReplyRequestCancel(reply_request::Cancel) -> reply_request::Cancelled, Ledger, Write, "user", Group;
    /// Acknowledges an attention message.
    "chat_ack"             ChatAck(message::Ack)             -> message::Acked,          Ledger, Write, "user",    Group;

    /// Lists what an actor has not read.
    "inbox_list"           InboxList(inbox::List)            -> inbox::Listed,           Ledger, Read,  "user",    Group;
    /// Marks everything up to an event as read.
    "inbox_mark_read"      InboxMarkRead(inbox::MarkRead)    -> inbox::Marked,           Ledger, Write, "user",    Group;
    /// Marks everything as read.
    "inbox_mark_all_read"  InboxMarkAllRead(inbox::MarkAllRead) -> inbox::AllMarked,     Ledger, Write, "user",    Group;
    /// Gives what an actor has not read, and marks as read what it gives.
    "inbox_read"           InboxRead(inbox::Take)            -> inbox::Taken,            Ledger, Write, "user",    Group;
    /// Looks back at what an actor has said and was told; nothing counts as read for it.
    "message_history"      MessageHistory(history::History)  -> history::Looked,         Ledger, Read,  "user",    Group;

    /// How a headless actor is, as it has said itself.
    "headless_status"      HeadlessStatus(headless::Status)  -> headless::StatusIs,      Ledger, Read,  "user",    Group;
    /// Says how a headless actor is; `stopped` makes it count as not running until it is started again.
    "headless_set_status"  HeadlessSetStatus(headless::SetStatus) -> headless::StatusIs, Ledger, Write, "user",    Group;
    /// Says which message a headless actor has taken last.
    "headless_ack_message" HeadlessAckMessage(headless::AckMessage) -> headless::MessageAcked, Ledger, Write, "user",    Group;

    /// Notifies one actor or everybody.
    "system_notify"        SystemNotify(notify::Notify)      -> notify::Notified,        Ledger, Write, "system",  Group;
    /// Acknowledges a notification.
    "notify_ack"           NotifyAck(notify::Ack)            -> notify::Acked,           Ledger, Write, "user",    Group;

    /// Shows a group's context, but for its tasks.
    "context_get"          ContextGet(context::Get)          -> context::Got,            Ledger, Read,  "user",    Group;
    /// Changes a group's context: all of the operations, or none.
    "context_sync"         ContextSync(context::Sync)        -> context::Synced,         Ledger, Write, "system",  Group;
    /// Lists a group's tasks, or shows one.
    "task_list"            TaskList(context::TaskList)       -> context::Tasks,          Ledger, Read,  "user",    Group;
    /// Says who does what.
    "presence_get"         PresenceGet(context::PresenceGet) -> context::PresenceIs,     Ledger, Read,  "user",    Group;

    /// Shows a group's rules and snippets, and how the rules fare.
    "group_automation_state" GroupAutomationState(automation::Get) -> automation::StateIs, Ledger, Read, "user",   Group;
    /// Replaces all rules and snippets.
    "group_automation_update" GroupAutomationUpdate(automation::Update) -> automation::Updated, Ledger, Write, "user", Group;
    /// Changes rules: all of the actions, or none.
    "group_automation_manage" GroupAutomationManage(automation::Manage) -> automation::Managed, Ledger, Write, "user", Group;
    /// Brings back the rules that every group begins with.
    "group_automation_reset_baseline" GroupAutomationResetBaseline(automation::ResetBaseline) -> automation::BaselineReset, Ledger, Write, "user", Group;
    /// Records what became of a rule that was due. For whoever fires it.
    "rule_record"          RuleRecord(automation::RuleRecord) -> automation::RuleRecorded, Ledger, Write, "system", Group;

    /// How a group's bridge to a chat platform is configured, without its secrets.
    "im_config_get"        ImConfigGet(bridge::Get)          -> bridge::Configured,      Ledger, Read,  "user",    Group;
    /// Configures a group's bridge to a chat platform; credentials are stored as secrets.
    "im_config_set"        ImConfigSet(bridge::Set)          -> bridge::Configured,      Ledger, Write, "user",    Group;
    /// Forgets the configuration and its credentials.
    "im_config_unset"      ImConfigUnset(bridge::Unset)      -> bridge::Configured,      Ledger, Write, "user",    Group;
    /// The stored credentials of a bridge. For the bridge; no door serves it.
    "im_secrets_get"       ImSecretsGet(bridge::Secrets)     -> bridge::SecretsAre,      Ledger, Read,  "system",  Group;
    /// Lets the chat in that was given this key.
    "im_bind_chat"         ImBindChat(im::Bind)              -> im::Bound,               Ledger, Write, "user",    Group;
    /// Lists the chats that are let in.
    "im_list_authorized"   ImListAuthorized(im::ListAuthorized) -> im::Authorized,       Ledger, Read,  "user",    Group;
    /// Lists the chats that ask to be let in, with their keys.
    "im_list_pending"      ImListPending(im::ListPending)    -> im::Pending,             Ledger, Read,  "user",    Group;
    /// Makes a key worthless.
    "im_reject_pending"    ImRejectPending(im::Reject)       -> im::Rejected,            Ledger, Write, "user",    Group;
    /// Lets a chat in no more.
    "im_revoke_chat"       ImRevokeChat(im::Revoke)          -> im::Revoked,             Ledger, Write, "user",    Group;
    /// Records that a chat asks to be let in. For the bridge.
    "im_pending_add"       ImPendingAdd(im::PendingAdd)      -> im::PendingAdded,        Ledger, Write, "system",  Group;
    /// Changes what a chat is sent.
    "im_chat_set"          ImChatSet(im::ChatSet)            -> im::ChatIs,              Ledger, Write, "user",    Group;
    /// Writes a group's actors, settings, texts and rules as one YAML text, without environments and secrets.
    "group_template_export" GroupTemplateExport(template::Export) -> template::Exported, Ledger, Read, "user",     Group;
    /// Shows what is in a template, and what applying it to a group would change.
    "group_template_preview" GroupTemplatePreview(template::Preview) -> template::Previewed, Ledger, Read, "user", Group;
    /// Stops a group and makes it what a template says: all of it, or nothing. Nothing is started again.
    "group_template_import_replace" GroupTemplateImportReplace(template::ImportReplace) -> template::ImportReplaced, Ledger, Write, "user", Group;
    /// Makes a group of a directory that has none, and of a template. Nothing is started.
    "group_create_from_template" GroupCreateFromTemplate(template::Create) -> template::CreatedFromTemplate, Ledger, Write, "user", Home;

    /// Which ledgers there are and how far each has come.
    "ledger_heads"         LedgerHeads(ledger::Heads)        -> ledger::HeadsAre,        Ledger, Read,  "user",    Home;
    /// Events of a ledger after a sequence number.
    "ledger_range"         LedgerRange(ledger::Range)        -> ledger::Ranged,          Ledger, Read,  "user",    Group;
    /// The last events of a group, or those around one event.
    "ledger_window"        LedgerWindow(ledger::Window)      -> ledger::Windowed,        Ledger, Read,  "user",    Group;
    /// Looks for messages and notifications of a group, the newest first.
    "ledger_search"        LedgerSearch(ledger::Search)      -> ledger::Searched,        Ledger, Read,  "user",    Group;
    /// How far messages have come with each of their recipients.
    "message_statuses"     MessageStatuses(status::Statuses) -> status::StatusesAre,     Ledger, Read,  "user",    Group;

    /// Saves what a group's ledger adds up to, for a quicker start; it happens by itself, too.
    "ledger_snapshot"      LedgerSnapshot(ledger::Snapshot)  -> ledger::Snapshotted,     Ledger, Store, "user",    Group;
    /// Says what there is to archive of a group's ledger: nothing, ever.
    "ledger_compact"       LedgerCompact(ledger::Compact)    -> ledger::Compacted,       Ledger, Read,  "user",    Group;

    /// Stores a file for a group, piece by piece.
    "blob_upload"          BlobUpload(blob::Upload)          -> blob::Uploaded,          Ledger, Store, "user",    Group;
    /// Reads a piece of a stored file.
    "blob_read"            BlobRead(blob::Read)              -> blob::Piece,             Ledger, Read,  "user",    Group;

    /// What should run and what waits to be delivered in a group. For ptyd.
    "desk_get"             DeskGet(delivery::DeskGet)        -> delivery::Desk,          Ledger, Read,  "system",  Group;
    /// The private environment an actor starts with. For ptyd; no door serves it.
    "secrets_get"          SecretsGet(secret::Get)           -> secret::Got,             Ledger, Read,  "system",  Group;
    /// Records what happened to a session. For ptyd.
    "session_record"       SessionRecord(delivery::SessionRecord) -> delivery::Recorded, Ledger, Write, "system",  Group;
    /// Records how far messages have come. For ptyd.
    "delivery_record"      DeliveryRecord(delivery::DeliveryRecord) -> delivery::Recorded, Ledger, Write, "system",  Group;

    /// The last lines an agent's terminal has shown.
    "terminal_tail"        TerminalTail(terminal::Tail)      -> terminal::Tailed,        Pty,    Read,  "user",    Group;
    /// What an agent's terminal shows now, and how far its output has come by then.
    "terminal_snapshot"    TerminalSnapshot(terminal::Snapshot) -> terminal::Shown,      Pty,    Read,  "user",    Group;
    /// What an agent's terminal has put out from an offset on.
    "terminal_since"       TerminalSince(terminal::Since)    -> terminal::Output,        Pty,    Read,  "user",    Group;
    /// What an agent's terminal put out before an offset.
    "terminal_history"     TerminalHistory(terminal::History) -> terminal::Output,       Pty,    Read,  "user",    Group;
    /// Has all looks back at an agent's terminal begin with what it puts out from now on.
    "terminal_clear"       TerminalClear(terminal::Clear)    -> terminal::Cleared,       Pty,    Read,  "user",    Group;
    /// Hands over a draft that somebody has typed into an agent's terminal: messages do not wait for it any more.
    "terminal_release"     TerminalRelease(terminal::Release) -> terminal::Released,     Pty,    Read,  "user",    Group;
    /// Sets the size of an agent's terminal. While somebody is attached who may type, it lasts until the last of them leaves.
    "term_resize"          TermResize(terminal::Resize)      -> terminal::Resized,       Pty,    Read,  "user",    Group;
    /// Connects this connection to an agent's live terminal.
    "term_attach"          TermAttach(terminal::Attach)      -> terminal::Attached,      Door,   Read,  "user",    Group;
}
