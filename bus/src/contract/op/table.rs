//! The table of ops: one row says what an op is called, takes and gives, who serves it, what it does to state and to
//! what, who speaks when nobody is named, who may ask, and what it may be refused with. What is made of the rows is in
//! [`super::shape`].

use super::row::{About, Access, Ask, Late, Row, Server, Who};
use super::{
    actor, automation, blob, bridge, context, core, delivery, group, headless, history, im, inbox, ledger, message,
    mixed_up, notify, observability, principal, profile, prompt, push, redeliver, remote, reply_request, secret,
    status, template, terminal, tracked, unknown, unreadable, waiting, web,
};
use crate::contract::error::{Code, OpError};
use crate::contract::schema::{self, Describe, OpSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

ops! {
    // name, request and reply
    //  served  access about      speaker   who may ask, and the code for others where it is not `permission_denied`;
    //  by                                  own refusals, and those that only turn out when the `Store` or `Pty` acts
    /// Says who answers and what it can do.
    "ping" Ping(core::Ping) -> core::Pong,
        Ledger, Read,  Home,      "user",   Anybody, [];
    /// Says as whom a request is decided that is sent the same way: what is claimed, or what a token proves.
    "whoami" Whoami(principal::Whoami) -> principal::Speaker,
        Ledger, Read,  AnyGroup,  "user",   Anybody, [];
    /// Whether a claim to be an actor needs a proof.
    "principals_get" PrincipalsGet(principal::Get) -> principal::Strictness,
        Ledger, Read,  Home,      "user",   Anybody, [];
    /// Sets whether a claim to be an actor needs a proof.
    "principals_set" PrincipalsSet(principal::Set) -> principal::Strictness,
        Ledger, Write, Home,      "user",   User, [];
    /// Gives a headless actor a token that proves it, in place of the one before, or takes it away.
    "actor_token_set" ActorTokenSet(principal::TokenSet) -> principal::TokenIsSet,
        Ledger, Write, Group,     "user",   User, [MissingActorId, ActorNotFound];
    /// Shows what is set of access from other machines, and what comes of it.
    "remote_access_state" RemoteAccessState(remote::State) -> remote::RemoteIs,
        Look,   Read,  Home,      "user",   Anybody, [];
    /// Sets how other machines get access, and where the web server listens; it goes there at once.
    "remote_access_configure" RemoteAccessConfigure(remote::Configure) -> remote::RemoteIs,
        Pty,    Write, Home,      "user",   User, [RemoteAccessInvalidConfig];
    /// Wants access from other machines, and brings the provider's network up if it is down.
    "remote_access_start" RemoteAccessStart(remote::Start) -> remote::RemoteIs,
        Pty,    Write, Home,      "user",   User,
            [RemoteAccessInvalidConfig, RemoteAccessUnreachable]
            + Pty [RemoteAccessNotInstalled, RemoteAccessNotAuthenticated, RemoteAccessStartFailed];
    /// Wants no access from other machines; takes the provider's network down if it was brought up by starting.
    "remote_access_stop" RemoteAccessStop(remote::Stop) -> remote::RemoteIs,
        Pty,    Write, Home,      "user",   User, [];
    /// Gives somebody a token for the web server. It is shown in the answer, and never again.
    "web_token_add" WebTokenAdd(web::Add) -> web::Added,
        Ledger, Write, Home,      "user",   User, [GroupNotFound];
    /// Lists the tokens for the web server, without what they are.
    "web_token_list" WebTokenList(web::List) -> web::Listed,
        Ledger, Read,  Home,      "user",   User, [];
    /// Has a token for the web server count no more; what it has open there ends.
    "web_token_revoke" WebTokenRevoke(web::Revoke) -> web::Revoked,
        Ledger, Write, Home,      "user",   User, [WebTokenNotFound];
    /// What the web server lets people in by. For the web server; no door serves it.
    "web_access_get" WebAccessGet(web::Get) -> web::AccessIs,
        Ledger, Read,  Home,      "system", System, [];
    /// Lists the browsers that are told while no page is open, and of what.
    "web_push_list" WebPushList(push::List) -> push::Listed,
        Ledger, Read,  Home,      "user",   User, [];
    /// Has a browser told of nothing any more.
    "web_push_remove" WebPushRemove(push::Remove) -> push::Removed,
        Ledger, Write, Home,      "user",   User, [PushDeviceNotFound];
    /// How browsers are reached. For the web server; no door serves it.
    "web_push_get" WebPushGet(push::Get) -> push::DevicesAre,
        Ledger, Read,  Home,      "system", System, [];
    /// Has a browser told while no page is open. For the web server; no door serves it.
    "web_push_set" WebPushSet(push::Set) -> push::IsSet,
        Ledger, Write, Home,      "system", System, [PushDeviceNotFound];
    /// Keeps the key of this home for services that reach browsers. For the web server; no door serves it.
    "web_push_key_set" WebPushKeySet(push::KeySet) -> push::KeyIsSet,
        Ledger, Write, Home,      "system", System, [];
    /// Stops everything, agents included. In a strict home an actor must prove itself, unless ledgerd does not answer.
    "shutdown" Shutdown(core::Shutdown) -> core::ShuttingDown,
        Door,   Write, Home,      "user",   Anybody, [];
    /// Streams a group's events from now, or from a cursor, over this connection.
    "events_stream" EventsStream(core::EventsStream) -> core::Streaming,
        Door,   Read,  Group,     "user",   Anybody, [InvalidKinds, UnknownActor];
    /// How much the system tells of itself.
    "observability_get" ObservabilityGet(observability::Get) -> observability::Is,
        Ledger, Read,  Home,      "user",   Anybody, [];
    /// Changes how much the system tells of itself.
    "observability_update" ObservabilityUpdate(observability::Update) -> observability::Is,
        Ledger, Write, Home,      "user",   User, [ObservabilityUpdateFailed];
    /// What developers want to know of the daemon, and of a group when one is named.
    "debug_snapshot" DebugSnapshot(observability::Snapshot) -> observability::Snapshotted,
        Ledger, Read,  AnyGroup,  "user",   Foreman, [DeveloperModeRequired];
    /// The last lines of a process's log.
    "debug_tail_logs" DebugTailLogs(observability::TailLogs) -> observability::LogTail,
        Ledger, Read,  AnyGroup,  "user",   Foreman,
            [DeveloperModeRequired, InvalidComponent, MissingGroupId] + Store [DebugTailLogsFailed];
    /// Empties a process's log.
    "debug_clear_logs" DebugClearLogs(observability::ClearLogs) -> observability::LogCleared,
        Ledger, Store, AnyGroup,  "user",   Foreman,
            [DeveloperModeRequired, InvalidComponent, MissingGroupId] + Store [DebugClearLogsFailed];

    /// Attaches a directory to a group and makes it active; finds or creates the group when none is named.
    "attach" Attach(group::Attach) -> group::Attached,
        Ledger, Write, AnyGroup,  "cli",    Anybody, [MissingPath, InvalidPath];
    /// Lists the groups, last touched first.
    "groups" Groups(group::List) -> group::Listed,
        Ledger, Read,  Home,      "user",   Anybody, [];
    /// What waits for the user, what actors owe, and what could not be handed over, in all groups.
    "waiting_list" WaitingList(waiting::List) -> waiting::Listed,
        Ledger, Read,  Home,      "user",   User, [];
    /// Looks for groups whose folder is gone, and has the home forget them if asked.
    "registry_reconcile" RegistryReconcile(group::Reconcile) -> group::Reconciled,
        Ledger, Write, Home,      "user",   UserToChange, [];
    /// Shows one group.
    "group_show" GroupShow(group::Show) -> group::Shown,
        Ledger, Read,  Group,     "user",   Anybody, [];
    /// Creates an empty group.
    "group_create" GroupCreate(group::Create) -> group::Created,
        Ledger, Write, Home,      "cli",    Anybody, [];
    /// Changes title or topic.
    "group_update" GroupUpdate(group::Update) -> group::Updated,
        Ledger, Write, Group,     "user",   Foreman else GroupUpdateFailed, [InvalidPatch];
    /// Deletes a group, its folder and its secrets; its agents are stopped.
    "group_delete" GroupDelete(group::Delete) -> group::Deleted,
        Pty,    Write, Group,     "user",   Foreman else GroupDeleteFailed, [];
    /// Replaces a group by a clean one under a new id that is set up the same; the old one is deleted, its agents are
    /// stopped.
    "group_reset" GroupReset(group::Reset) -> group::WasReset,
        Pty,    Write, Group,     "user",   Foreman else GroupResetFailed, [ConfirmationRequired];
    /// Makes an attached directory the active one.
    "group_use" GroupUse(group::Use) -> group::Used,
        Ledger, Write, Group,     "cli",    Anybody, [MissingPath, InvalidPath, ScopeNotAttached];
    /// Detaches a directory.
    "group_detach_scope" GroupDetachScope(group::DetachScope) -> group::ScopeDetached,
        Ledger, Write, Group,     "user",   Foreman else GroupDetachScopeFailed, [MissingScopeKey];
    /// Sets a group active, idle or paused.
    "group_set_state" GroupSetState(group::SetState) -> group::StateSet,
        Ledger, Write, Group,     "user",   Foreman else GroupSetStateFailed, [MissingState];
    /// Every setting as it is in effect: set, or its default.
    "group_settings_get" GroupSettingsGet(group::SettingsGet) -> group::SettingsAre,
        Ledger, Read,  Group,     "user",   Anybody, [];
    /// Changes settings.
    "group_settings_update" GroupSettingsUpdate(group::SettingsUpdate) -> group::SettingsUpdated,
        Ledger, Write, Group,     "user",   Foreman else GroupSettingsUpdateFailed, [InvalidPatch];
    /// Enables and starts every actor.
    "group_start" GroupStart(group::Start) -> group::Started,
        Pty,    Write, Group,     "user",   Foreman else GroupStartFailed,
            [ScopeNotAttached, MissingProjectRoot, MissingCommand, UnsupportedRuntime] + Pty [InvalidProjectRoot];
    /// Disables and stops every actor.
    "group_stop" GroupStop(group::Stop) -> group::Stopped,
        Pty,    Write, Group,     "user",   Foreman else GroupStopFailed, [];
    /// Which group commands mean that name none.
    "active_get" ActiveGet(group::ActiveGet) -> group::Active,
        Ledger, Read,  Home,      "user",   Anybody, [];
    /// Sets which group commands mean that name none.
    "active_set" ActiveSet(group::ActiveSet) -> group::Active,
        Ledger, Write, Group,     "user",   Anybody, [];

    /// Shows a text that agents are given: the preamble or the playbook.
    "group_prompt_get" GroupPromptGet(prompt::Get) -> prompt::Got,
        Ledger, Read,  Group,     "user",   Anybody, [];
    /// Gives a group its own text in place of the built-in one.
    "group_prompt_set" GroupPromptSet(prompt::Set) -> prompt::Changed,
        Ledger, Write, Group,     "user",   Foreman, [];
    /// Brings the built-in text back.
    "group_prompt_reset" GroupPromptReset(prompt::Reset) -> prompt::Changed,
        Ledger, Write, Group,     "user",   Foreman, [ConfirmationRequired];
    /// Shows what agents are told before their first message.
    "group_preamble_get" GroupPreambleGet(prompt::PreambleGet) -> prompt::Got,
        Ledger, Read,  Group,     "user",   Anybody, [];
    /// Gives a group its own preamble.
    "group_preamble_set" GroupPreambleSet(prompt::PreambleSet) -> prompt::Changed,
        Ledger, Write, Group,     "user",   Foreman, [];
    /// Brings the built-in preamble back.
    "group_preamble_reset" GroupPreambleReset(prompt::PreambleReset) -> prompt::Changed,
        Ledger, Write, Group,     "user",   Foreman, [ConfirmationRequired];
    /// Composes what an actor would be told before its first message if its session began now.
    "actor_preamble_get" ActorPreambleGet(prompt::Introduce) -> prompt::Introduction,
        Pty,    Read,  Group,     "user",   Anybody, [MissingActorId, ActorNotFound];

    /// Lists a group's actors in roster order.
    "actor_list" ActorList(actor::List) -> actor::Listed,
        Look,   Read,  Group,     "user",   Anybody, [];
    /// Adds an actor and starts it.
    "actor_add" ActorAdd(actor::Add) -> actor::Added,
        Pty,    Write, Group,     "user",   Foreman else ActorAddFailed, [ScopeNotAttached, InvalidPath];
    /// Changes an actor.
    "actor_update" ActorUpdate(actor::Update) -> actor::Updated,
        Pty,    Write, Group,     "user",   User else ActorUpdateFailed,
            [MissingActorId, ActorNotFound, InvalidPatch, ScopeNotAttached, ActorProfileLinkedReadonly];
    /// Removes an actor and ends its session. Its secrets, and the rules that it keeps for itself, go with it.
    "actor_remove" ActorRemove(actor::Remove) -> actor::Removed,
        Pty,    Write, Group,     "user",   UserOrItself else ActorRemoveFailed, [MissingActorId, ActorNotFound];
    /// Enables an actor and starts its session.
    "actor_start" ActorStart(actor::Start) -> actor::Changed,
        Pty,    Write, Group,     "user",   Foreman else ActorStartFailed, [MissingActorId, ActorNotFound];
    /// Disables an actor and ends its session.
    "actor_stop" ActorStop(actor::Stop) -> actor::Changed,
        Pty,    Write, Group,     "user",   ForemanOrItself else ActorStopFailed, [MissingActorId, ActorNotFound];
    /// Ends an actor's session and starts a new one.
    "actor_restart" ActorRestart(actor::Restart) -> actor::Changed,
        Pty,    Write, Group,     "user",   ForemanOrItself else ActorRestartFailed,
            [MissingActorId, ActorNotFound, ScopeNotAttached, MissingProjectRoot] + Pty [InvalidProjectRoot];

    /// Names of an actor's private environment variables, and what may be shown of their values.
    "actor_env_private_keys" ActorEnvPrivateKeys(secret::EnvKeys) -> secret::EnvKeysAre,
        Ledger, Read,  Group,     "user",   User, [MissingActorId, ActorNotFound, ActorProfileLinkedReadonly];
    /// Changes an actor's private environment; it counts from its next start.
    "actor_env_private_update" ActorEnvPrivateUpdate(secret::EnvUpdate) -> secret::EnvUpdated,
        Ledger, Write, Group,     "user",   User,
            [MissingActorId, ActorNotFound, ActorProfileLinkedReadonly, TooManyKeys];

    /// Lists the profiles by name.
    "actor_profile_list" ActorProfileList(profile::List) -> profile::Listed,
        Ledger, Read,  Home,      "user",   Anybody, [];
    /// Shows one profile and who is linked to it.
    "actor_profile_get" ActorProfileGet(profile::Get) -> profile::Got,
        Ledger, Read,  Home,      "user",   Anybody, [MissingProfileId, ProfileNotFound, ActorProfileGetFailed];
    /// Makes or changes a profile; linked actors take it over at their next start.
    "actor_profile_upsert" ActorProfileUpsert(profile::Upsert) -> profile::Upserted,
        Ledger, Write, Home,      "user",   User, [ProfileRevisionMismatch, ActorProfileUpsertFailed];
    /// Deletes a profile.
    "actor_profile_delete" ActorProfileDelete(profile::Delete) -> profile::Deleted,
        Ledger, Write, Home,      "user",   User, [MissingProfileId, ProfileNotFound, ProfileInUse];
    /// Names of a profile's secrets, and what may be shown of their values.
    "actor_profile_secret_keys" ActorProfileSecretKeys(profile::SecretKeys) -> profile::SecretKeysAre,
        Ledger, Read,  Home,      "user",   Anybody, [MissingProfileId, ProfileNotFound];
    /// Changes a profile's secrets.
    "actor_profile_secret_update" ActorProfileSecretUpdate(profile::SecretUpdate) -> profile::SecretsUpdated,
        Ledger, Write, Home,      "user",   User, [MissingProfileId, ProfileNotFound, TooManyKeys];
    /// Replaces a profile's secrets by the environment of an actor, public and private.
    "actor_profile_secret_copy_from_actor" ActorProfileSecretCopyFromActor(profile::CopyFromActor) -> profile::CopiedFromActor,
        Ledger, Write, Home,      "user",   User,
            [MissingProfileId, ProfileNotFound, MissingGroupId, GroupNotFound, MissingActorId, ActorNotFound,
             TooManyKeys];
    /// Replaces a profile's secrets by those of another one.
    "actor_profile_secret_copy_from_profile" ActorProfileSecretCopyFromProfile(profile::CopyFromProfile) -> profile::CopiedFromProfile,
        Ledger, Write, Home,      "user",   User,
            [MissingProfileId, ProfileNotFound, MissingSourceProfileId, SourceProfileNotFound];

    /// Sends a message.
    "send" Send(message::Send) -> message::Sent,
        Ledger, Write, Group,     "user",   Anybody,
            [EmptyMessage, InvalidPriority, InvalidRecipient, NoEnabledRecipients, InvalidAttachments, InvalidPath,
             ScopeNotAttached, InvalidInsight, PeerInsightRequired];
    /// Answers an event.
    "reply" Reply(message::Reply) -> message::Replied,
        Ledger, Write, Group,     "user",   Anybody,
            [MissingReplyTo, EventNotFound, EmptyMessage, InvalidPriority, InvalidRecipient, NoEnabledRecipients,
             InvalidAttachments, InvalidInsight, PeerInsightRequired];
    /// Sends a message to another group, and records it in this one: both or neither.
    "send_cross_group" SendCrossGroup(message::CrossSend) -> message::CrossSent,
        Ledger, Write, TwoGroups, "user",   Anybody,
            [MissingDstGroupId, InvalidDstGroupId, EmptyMessage, InvalidPriority, InvalidRecipient,
             NoEnabledRecipients, AttachmentsNotSupported, InvalidInsight, PeerInsightRequired];
    /// Stores files of the group's directories and sends them with one message.
    "send_files" SendFiles(message::SendFiles) -> message::Sent,
        Door,   Write, Group,     "user",   Anybody,
            [InvalidPath, ScopeNotAttached, InvalidRecipient, NoEnabledRecipients, InvalidBlob, UploadOutOfStep,
             InvalidInsight];
    /// Shows a text while it is written; its end is a message.
    "stream_emit" StreamEmit(core::StreamEmit) -> core::StreamEmitted,
        Door,   Write, Group,     "user",   Anybody,
            [EventNotFound, EmptyMessage, InvalidRecipient, NoEnabledRecipients];
    /// Makes a task and sends the message that hands it on: both or neither.
    "tracked_send" TrackedSend(tracked::Send) -> tracked::Sent,
        Ledger, Write, Group,     "user",   Anybody,
            [EmptyMessage, InvalidRecipient, NoEnabledRecipients, InvalidPath, ScopeNotAttached, InvalidInsight,
             PeerInsightRequired, ContextSyncError];
    /// Has a message typed to recipients that it was not typed to: mail, or what has not or not certainly arrived.
    "message_deliver" MessageDeliver(redeliver::Deliver) -> redeliver::Claimed,
        Ledger, Write, Group,     "user",   Sender,
            [MissingEventId, EventNotFound, InvalidEventKind, EventNotForActor, MissingActorId, ActorNotFound,
             DeliveryAmbiguous, DeliveryBlocked];
    /// Takes back that a message asks for answers.
    "reply_request_cancel" ReplyRequestCancel(reply_request::Cancel) -> reply_request::Cancelled,
        Ledger, Write, Group,     "user",   Sender, [MissingEventId, EventNotFound, InvalidEventKind, NotAReplyRequest];
    /// Acknowledges an attention message.
    "chat_ack" ChatAck(message::Ack) -> message::Acked,
        Ledger, Write, Group,     "user",   Itself,
            [MissingActorId, UnknownActor, MissingEventId, EventNotFound, InvalidEventKind, EventNotForActor,
             NotAnAttentionMessage, CannotAckOwnMessage];

    /// Lists what an actor has not read.
    "inbox_list" InboxList(inbox::List) -> inbox::Listed,
        Ledger, Read,  Group,     "user",   ForemanOrItself, [MissingActorId];
    /// Marks everything up to an event as read.
    "inbox_mark_read" InboxMarkRead(inbox::MarkRead) -> inbox::Marked,
        Ledger, Write, Group,     "user",   ForemanOrItself,
            [MissingActorId, MissingEventId, EventNotFound, InvalidEventKind, EventNotForActor];
    /// Marks everything as read.
    "inbox_mark_all_read" InboxMarkAllRead(inbox::MarkAllRead) -> inbox::AllMarked,
        Ledger, Write, Group,     "user",   ForemanOrItself, [MissingActorId];
    /// Gives what an actor has not read, and marks as read what it gives.
    "inbox_read" InboxRead(inbox::Take) -> inbox::Taken,
        Ledger, Write, Group,     "user",   ForemanOrItself, [MissingActorId];
    /// Looks back at what an actor has said and was told; nothing counts as read for it.
    "message_history" MessageHistory(history::History) -> history::Looked,
        Ledger, Read,  Group,     "user",   ForemanOrItself, [MissingActorId, EventNotFound];

    /// How a headless actor is, as it has said itself.
    "headless_status" HeadlessStatus(headless::Status) -> headless::StatusIs,
        Ledger, Read,  Group,     "user",   Anybody, [MissingActorId, SessionNotFound];
    /// Says how a headless actor is; `stopped` makes it count as not running until it is started again.
    "headless_set_status" HeadlessSetStatus(headless::SetStatus) -> headless::StatusIs,
        Ledger, Write, Group,     "user",   Headless, [MissingActorId, SessionNotFound, InvalidStatus];
    /// Says which message a headless actor has taken last.
    "headless_ack_message" HeadlessAckMessage(headless::AckMessage) -> headless::MessageAcked,
        Ledger, Write, Group,     "user",   Headless, [MissingActorId, MissingMessageId, SessionNotFound];

    /// Notifies one actor or everybody.
    "system_notify" SystemNotify(notify::Notify) -> notify::Notified,
        Ledger, Write, Group,     "system", Anybody, [];
    /// Acknowledges a notification.
    "notify_ack" NotifyAck(notify::Ack) -> notify::Acked,
        Ledger, Write, Group,     "user",   Itself,
            [MissingActorId, MissingNotifyEventId, EventNotFound, InvalidEventKind];

    /// Shows a group's context, but for its tasks.
    "context_get" ContextGet(context::Get) -> context::Got,
        Ledger, Read,  Group,     "user",   Anybody, [];
    /// Changes a group's context: all of the operations, or none.
    "context_sync" ContextSync(context::Sync) -> context::Synced,
        Ledger, Write, Group,     "system", Anybody, [InvalidOps, ContextSyncError, VersionConflict];
    /// Lists a group's tasks, or shows one.
    "task_list" TaskList(context::TaskList) -> context::Tasks,
        Ledger, Read,  Group,     "user",   Anybody, [TaskNotFound];
    /// Says who does what.
    "presence_get" PresenceGet(context::PresenceGet) -> context::PresenceIs,
        Ledger, Read,  Group,     "user",   Anybody, [];

    /// Shows a group's rules and snippets, and how the rules fare.
    "group_automation_state" GroupAutomationState(automation::Get) -> automation::StateIs,
        Ledger, Read,  Group,     "user",   Member, [];
    /// Replaces all rules and snippets.
    "group_automation_update" GroupAutomationUpdate(automation::Update) -> automation::Updated,
        Ledger, Write, Group,     "user",   Foreman else GroupAutomationUpdateFailed, [VersionConflict];
    /// Changes rules: all of the actions, or none.
    "group_automation_manage" GroupAutomationManage(automation::Manage) -> automation::Managed,
        Ledger, Write, Group,     "user",   Member, [VersionConflict, GroupAutomationManageFailed];
    /// Brings back the rules that every group begins with.
    "group_automation_reset_baseline" GroupAutomationResetBaseline(automation::ResetBaseline) -> automation::BaselineReset,
        Ledger, Write, Group,     "user",   Foreman else GroupAutomationResetBaselineFailed, [VersionConflict];
    /// Records what became of a rule that was due. For whoever fires it.
    "rule_record" RuleRecord(automation::RuleRecord) -> automation::RuleRecorded,
        Ledger, Write, Group,     "system", Daemon, [];

    /// How a group's bridge to a chat platform is configured, without its secrets.
    "im_config_get" ImConfigGet(bridge::Get) -> bridge::Configured,
        Ledger, Read,  Group,     "user",   Anybody, [];
    /// Configures a group's bridge to a chat platform; credentials are stored as secrets.
    "im_config_set" ImConfigSet(bridge::Set) -> bridge::Configured,
        Ledger, Write, Group,     "user",   User, [];
    /// Forgets the configuration and its credentials.
    "im_config_unset" ImConfigUnset(bridge::Unset) -> bridge::Configured,
        Ledger, Write, Group,     "user",   User, [];
    /// The stored credentials of a bridge. For the bridge; no door serves it.
    "im_secrets_get" ImSecretsGet(bridge::Secrets) -> bridge::SecretsAre,
        Ledger, Read,  Group,     "system", System, [];
    /// Lets the chat in that was given this key.
    "im_bind_chat" ImBindChat(im::Bind) -> im::Bound,
        Ledger, Write, Group,     "user",   UserOrAllowedForeman, [MissingKey, InvalidKey];
    /// Lists the chats that are let in.
    "im_list_authorized" ImListAuthorized(im::ListAuthorized) -> im::Authorized,
        Ledger, Read,  Group,     "user",   Anybody, [];
    /// Lists the chats that ask to be let in, with their keys.
    "im_list_pending" ImListPending(im::ListPending) -> im::Pending,
        Ledger, Read,  Group,     "user",   User, [];
    /// Makes a key worthless.
    "im_reject_pending" ImRejectPending(im::Reject) -> im::Rejected,
        Ledger, Write, Group,     "user",   Foreman, [MissingKey];
    /// Lets a chat in no more.
    "im_revoke_chat" ImRevokeChat(im::Revoke) -> im::Revoked,
        Ledger, Write, Group,     "user",   Foreman, [MissingChatId];
    /// Records that a chat asks to be let in. For the bridge.
    "im_pending_add" ImPendingAdd(im::PendingAdd) -> im::PendingAdded,
        Ledger, Write, Group,     "system", Daemon, [MissingKey, InvalidKey, MissingChatId];
    /// Changes what a chat is sent.
    "im_chat_set" ImChatSet(im::ChatSet) -> im::ChatIs,
        Ledger, Write, Group,     "user",   ForemanOrDaemon, [MissingChatId];
    /// Writes a group's actors, settings, texts and rules as one YAML text, without environments and secrets.
    "group_template_export" GroupTemplateExport(template::Export) -> template::Exported,
        Ledger, Read,  Group,     "user",   Anybody, [TemplateExportFailed];
    /// Shows what is in a template, and what applying it to a group would change.
    "group_template_preview" GroupTemplatePreview(template::Preview) -> template::Previewed,
        Ledger, Read,  Group,     "user",   Foreman, [MissingTemplate, InvalidTemplate];
    /// Stops a group and makes it what a template says: all of it, or nothing. Nothing is started again.
    "group_template_import_replace" GroupTemplateImportReplace(template::ImportReplace) -> template::ImportReplaced,
        Ledger, Write, Group,     "user",   Foreman,
            [MissingTemplate, InvalidTemplate, ConfirmationRequired, TemplateApplyFailed];
    /// Makes a group of a directory that has none, and of a template. Nothing is started.
    "group_create_from_template" GroupCreateFromTemplate(template::Create) -> template::CreatedFromTemplate,
        Ledger, Write, Home,      "user",   Anybody,
            [MissingPath, InvalidPath, ScopeAlreadyAttached, MissingTemplate, InvalidTemplate];

    /// Which ledgers there are and how far each has come.
    "ledger_heads" LedgerHeads(ledger::Heads) -> ledger::HeadsAre,
        Ledger, Read,  Home,      "user",   Anybody, [];
    /// Events of a ledger after a sequence number.
    "ledger_range" LedgerRange(ledger::Range) -> ledger::Ranged,
        Ledger, Read,  Group,     "user",   Anybody, [UnknownActor];
    /// The last events of a group, or those around one event.
    "ledger_window" LedgerWindow(ledger::Window) -> ledger::Windowed,
        Ledger, Read,  Group,     "user",   Anybody, [EventNotFound];
    /// Looks for messages and notifications of a group, the newest first.
    "ledger_search" LedgerSearch(ledger::Search) -> ledger::Searched,
        Ledger, Read,  Group,     "user",   Anybody, [];
    /// How far messages have come with each of their recipients.
    "message_statuses" MessageStatuses(status::Statuses) -> status::StatusesAre,
        Ledger, Read,  Group,     "user",   Anybody, [];
    /// Saves what a group's ledger adds up to, for a quicker start; it happens by itself, too.
    "ledger_snapshot" LedgerSnapshot(ledger::Snapshot) -> ledger::Snapshotted,
        Ledger, Store, Group,     "user",   Foreman else LedgerSnapshotFailed, [];
    /// Says what there is to archive of a group's ledger: nothing, ever.
    "ledger_compact" LedgerCompact(ledger::Compact) -> ledger::Compacted,
        Ledger, Read,  Group,     "user",   Foreman else LedgerCompactFailed, [];

    /// Stores a file for a group, piece by piece.
    "blob_upload" BlobUpload(blob::Upload) -> blob::Uploaded,
        Ledger, Store, Group,     "user",   Anybody, [] + Store [InvalidBlob, UploadOutOfStep];
    /// Reads a piece of a stored file.
    "blob_read" BlobRead(blob::Read) -> blob::Piece,
        Ledger, Read,  Group,     "user",   Anybody, [MissingPath, InvalidBlob, BlobNotFound];

    /// What should run and what waits to be delivered in a group. For ptyd.
    "desk_get" DeskGet(delivery::DeskGet) -> delivery::Desk,
        Ledger, Read,  Group,     "system", Daemon, [GroupDamaged];
    /// The private environment an actor starts with. For ptyd; no door serves it.
    "secrets_get" SecretsGet(secret::Get) -> secret::Got,
        Ledger, Read,  Group,     "system", System, [MissingActorId, ActorNotFound];
    /// Records what happened to a session. For ptyd.
    "session_record" SessionRecord(delivery::SessionRecord) -> delivery::Recorded,
        Ledger, Write, Group,     "system", Daemon, [MissingActorId, ActorNotFound];
    /// Records how far messages have come. For ptyd.
    "delivery_record" DeliveryRecord(delivery::DeliveryRecord) -> delivery::Recorded,
        Ledger, Write, Group,     "system", Daemon, [MissingActorId, ActorNotFound, MissingEventId, EventNotFound];

    /// The last lines an agent's terminal has shown.
    "terminal_tail" TerminalTail(terminal::Tail) -> terminal::Tailed,
        Pty,    Read,  Group,     "user",   Viewer,
            [MissingActorId, ActorNotFound, NotPtyActor, ActorNotRunning] + Pty [TerminalTailFailed];
    /// What an agent's terminal shows now, and how far its output has come by then.
    "terminal_snapshot" TerminalSnapshot(terminal::Snapshot) -> terminal::Shown,
        Pty,    Read,  Group,     "user",   Viewer, [MissingActorId, ActorNotFound, NotPtyActor, ActorNotRunning];
    /// What an agent's terminal has put out from an offset on.
    "terminal_since" TerminalSince(terminal::Since) -> terminal::Output,
        Pty,    Read,  Group,     "user",   Viewer,
            [MissingActorId, ActorNotFound, NotPtyActor, ActorNotRunning] + Pty [TerminalTailFailed];
    /// What an agent's terminal put out before an offset.
    "terminal_history" TerminalHistory(terminal::History) -> terminal::Output,
        Pty,    Read,  Group,     "user",   Viewer,
            [MissingActorId, ActorNotFound, NotPtyActor, ActorNotRunning] + Pty [TerminalTailFailed];
    /// Has all looks back at an agent's terminal begin with what it puts out from now on.
    "terminal_clear" TerminalClear(terminal::Clear) -> terminal::Cleared,
        Pty,    Read,  Group,     "user",   Viewer, [MissingActorId, ActorNotFound, NotPtyActor, ActorNotRunning];
    /// Hands over a draft that somebody has typed into an agent's terminal: messages do not wait for it any more.
    "terminal_release" TerminalRelease(terminal::Release) -> terminal::Released,
        Pty,    Read,  Group,     "user",   User, [MissingActorId, ActorNotFound, NotPtyActor, ActorNotRunning];
    /// Sets the size of an agent's terminal. While somebody is attached who may type, it lasts until the last of them leaves.
    "term_resize" TermResize(terminal::Resize) -> terminal::Resized,
        Pty,    Read,  Group,     "user",   Viewer, [MissingActorId, ActorNotFound, InvalidSize];
    /// Connects this connection to an agent's live terminal.
    "term_attach" TermAttach(terminal::Attach) -> terminal::Attached,
        Door,   Read,  Session,   "user",   Viewer, [MissingActorId, ActorNotRunning];
}
