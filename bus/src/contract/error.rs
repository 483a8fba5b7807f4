//! Refusals: one row per code. Clients match on the code; people read the message.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Why an op was refused, as it travels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[error("{message}")]
pub struct OpError {
    /// What clients match on.
    pub code: Code,
    /// One line for the person: what was attempted, on what, which limit, what to do now.
    pub message: String,
    /// Facts for programs.
    #[serde(default)]
    pub details: Map<String, Value>,
}

impl OpError {
    /// A refusal without details.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Map::new() }
    }

    /// Adds one fact for programs.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.details.insert(key.into(), value.into());
        self
    }

    /// A refusal because of who asks. Whatever its code is, for the sake of clients that know the op's own one,
    /// `details.reason` is `permission_denied`.
    pub fn denied(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, message).with("reason", Code::PermissionDenied.word())
    }

    /// Whether it was made by [`OpError::denied`].
    pub fn is_denied(&self) -> bool {
        self.details.get("reason").and_then(Value::as_str) == Some(Code::PermissionDenied.word())
    }

    /// `group not found: <id>`.
    pub fn group_not_found(group_id: &str) -> Self {
        Self::new(Code::GroupNotFound, format!("group not found: {group_id}"))
    }

    /// `actor not found: <id>`.
    pub fn actor_not_found(actor_id: &str) -> Self {
        Self::new(Code::ActorNotFound, format!("actor not found: {actor_id}"))
    }

    /// `event not found: <id>`.
    pub fn event_not_found(event_id: &str) -> Self {
        Self::new(Code::EventNotFound, format!("event not found: {event_id}"))
    }

    /// A limit of [`super::limit`] was passed.
    pub fn too_large(what: &str, has: usize, limit: usize, name: &str) -> Self {
        Self::new(Code::InvalidRequest, format!("{what} has {has}, the limit {name} is {limit}"))
            .with("limit", name)
            .with("max", limit as u64)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $word:literal $(, $retry:ident)?;)*) => {
        /// Every code a client can meet. A code that has been on the wire never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Code { $($(#[$doc])* #[serde(rename = $word)] $variant),* }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// The word on the wire.
            pub fn word(self) -> &'static str {
                match self { $(Code::$variant => $word),* }
            }

            /// Whether the same request may succeed later without a change.
            pub fn is_retryable(self) -> bool {
                match self { $(Code::$variant => codes!(@retry $($retry)?)),* }
            }
        }
    };
    (@retry retry) => { true };
    (@retry) => { false };
}

codes! {
    // envelope and generic
    /// The line or an argument is not what the op takes.
    InvalidRequest = "invalid_request";
    /// No such op.
    UnknownOp = "unknown_op";
    /// We broke; the log says how.
    InternalError = "internal_error";
    /// The caller may not do this.
    PermissionDenied = "permission_denied";
    /// A process this op needs does not answer right now.
    DaemonUnavailable = "daemon_unavailable", retry;
    /// The disk is full; nothing was written.
    NoSpace = "no_space", retry;
    /// The group's ledger is damaged before its tail: it can be read, not written.
    GroupDamaged = "group_damaged";
    /// The same request id came with another op.
    RequestIdReused = "request_id_reused";
    // missing arguments
    /// `group_id` is missing.
    MissingGroupId = "missing_group_id";
    /// `actor_id` is missing.
    MissingActorId = "missing_actor_id";
    /// Another group is named than the one whose actor calls.
    GroupIdMismatch = "group_id_mismatch";
    /// Another actor is named than the one that calls.
    ActorIdMismatch = "actor_id_mismatch";
    /// An agent would speak as the user.
    InvalidActorId = "invalid_actor_id";
    /// No such tool.
    UnknownTool = "unknown_tool";
    /// The task is archived, and archived ones were not asked for.
    ArchivedHidden = "archived_hidden";
    /// `event_id` is missing.
    MissingEventId = "missing_event_id";
    /// `reply_to` is missing.
    MissingReplyTo = "missing_reply_to";
    /// `dst_group_id` is missing.
    MissingDstGroupId = "missing_dst_group_id";
    /// `message_id` is missing.
    MissingMessageId = "missing_message_id";
    /// `notify_event_id` is missing.
    MissingNotifyEventId = "missing_notify_event_id";
    /// `scope_key` is missing.
    MissingScopeKey = "missing_scope_key";
    /// `state` is missing.
    MissingState = "missing_state";
    /// `path` is missing.
    MissingPath = "missing_path";
    /// `profile_id` is missing.
    MissingProfileId = "missing_profile_id";
    /// `source_profile_id` is missing.
    MissingSourceProfileId = "missing_source_profile_id";
    /// `key` is missing.
    MissingKey = "missing_key";
    /// `chat_id` is missing.
    MissingChatId = "missing_chat_id";
    // not found
    /// No such group.
    GroupNotFound = "group_not_found";
    /// No such actor.
    ActorNotFound = "actor_not_found";
    /// No such event.
    EventNotFound = "event_not_found";
    /// No such task.
    TaskNotFound = "task_not_found";
    /// No such profile.
    ProfileNotFound = "profile_not_found";
    /// No such profile to copy from.
    SourceProfileNotFound = "source_profile_not_found";
    /// The caller or the actor named is not in the roster.
    UnknownActor = "unknown_actor";
    // messaging
    /// Not a priority.
    InvalidPriority = "invalid_priority";
    /// A recipient cannot be resolved.
    InvalidRecipient = "invalid_recipient";
    /// Nobody who could take it is enabled, and nobody could be woken.
    NoEnabledRecipients = "no_enabled_recipients";
    /// Neither text nor attachment.
    EmptyMessage = "empty_message";
    /// An attachment is not a stored blob.
    InvalidAttachments = "invalid_attachments";
    /// A path is none of a stored file, or a file is not what its hash says.
    InvalidBlob = "invalid_blob";
    /// No such stored file.
    BlobNotFound = "blob_not_found";
    /// A piece of a file begins beyond what is there; `details.received` says where to go on.
    UploadOutOfStep = "upload_out_of_step";
    /// The op takes no attachments.
    AttachmentsNotSupported = "attachments_not_supported";
    /// The destination is the source.
    InvalidDstGroupId = "invalid_dst_group_id";
    /// What the sender thinks of its message is too long.
    InvalidInsight = "invalid_insight";
    /// The message would reach agents without what its sender thinks of it; `require_peer_insight` wants that.
    PeerInsightRequired = "peer_insight_required";
    /// The message could not be recorded.
    SendFailed = "send_failed";
    /// The event is not addressed to the actor.
    EventNotForActor = "event_not_for_actor";
    /// The message may have come to the actor already; `force_ambiguous` accepts that it comes twice.
    DeliveryAmbiguous = "delivery_ambiguous";
    /// The actor is not there to get it, or is typed nothing.
    DeliveryBlocked = "delivery_blocked";
    /// The message asks for no answer.
    NotAReplyRequest = "not_a_reply_request";
    /// The event is of the wrong kind.
    InvalidEventKind = "invalid_event_kind";
    /// The message asks for no acknowledgement.
    NotAnAttentionMessage = "not_an_attention_message";
    /// A sender does not acknowledge its own message.
    CannotAckOwnMessage = "cannot_ack_own_message";
    // groups and scopes
    /// Unknown key, empty or impossible patch.
    InvalidPatch = "invalid_patch";
    /// The directory is not attached to the group.
    ScopeNotAttached = "scope_not_attached";
    /// The group has no directory to work in.
    MissingProjectRoot = "missing_project_root";
    /// The directory does not exist.
    InvalidProjectRoot = "invalid_project_root";
    /// A path cannot be used.
    InvalidPath = "invalid_path";
    /// `group_update` was refused.
    GroupUpdateFailed = "group_update_failed";
    /// `group_delete` was refused.
    GroupDeleteFailed = "group_delete_failed";
    /// `group_reset` was refused.
    GroupResetFailed = "group_reset_failed";
    /// `group_detach_scope` was refused.
    GroupDetachScopeFailed = "group_detach_scope_failed";
    /// `group_set_state` was refused.
    GroupSetStateFailed = "group_set_state_failed";
    /// `group_settings_update` was refused.
    GroupSettingsUpdateFailed = "group_settings_update_failed";
    /// `group_start` was refused.
    GroupStartFailed = "group_start_failed";
    /// `group_stop` was refused.
    GroupStopFailed = "group_stop_failed";
    // actors
    /// `actor_add` was refused.
    ActorAddFailed = "actor_add_failed";
    /// `actor_update` was refused.
    ActorUpdateFailed = "actor_update_failed";
    /// `actor_remove` was refused.
    ActorRemoveFailed = "actor_remove_failed";
    /// `actor_start` was refused or the program did not start.
    ActorStartFailed = "actor_start_failed";
    /// `actor_stop` was refused.
    ActorStopFailed = "actor_stop_failed";
    /// `actor_restart` was refused or the program did not start.
    ActorRestartFailed = "actor_restart_failed";
    /// The actor has no live session.
    ActorNotRunning = "actor_not_running";
    /// No such runtime.
    UnsupportedRuntime = "unsupported_runtime";
    /// A terminal actor without a command.
    MissingCommand = "missing_command";
    // context
    /// `ops` is not a list of objects.
    InvalidOps = "invalid_ops";
    /// An operation of the batch cannot be done; none of them was.
    ContextSyncError = "context_sync_error";
    /// What should be changed has changed since it was read.
    VersionConflict = "version_conflict";
    // profiles and secrets
    /// The field comes from the actor's profile.
    ActorProfileLinkedReadonly = "actor_profile_linked_readonly";
    /// More private variables than [`super::limit::SECRET_KEYS_MAX`].
    TooManyKeys = "too_many_keys";
    /// Actors are linked to the profile.
    ProfileInUse = "profile_in_use";
    /// The profile has changed in the meantime.
    ProfileRevisionMismatch = "profile_revision_mismatch";
    /// `actor_profile_get` was refused.
    ActorProfileGetFailed = "actor_profile_get_failed";
    /// `actor_profile_upsert` was refused.
    ActorProfileUpsertFailed = "actor_profile_upsert_failed";
    // automation
    /// `group_automation_update` was refused.
    GroupAutomationUpdateFailed = "group_automation_update_failed";
    /// `group_automation_manage` was refused.
    GroupAutomationManageFailed = "group_automation_manage_failed";
    /// `group_automation_reset_baseline` was refused.
    GroupAutomationResetBaselineFailed = "group_automation_reset_baseline_failed";
    // templates
    /// `template` is missing.
    MissingTemplate = "missing_template";
    /// The text is no template, or something in it cannot be.
    InvalidTemplate = "invalid_template";
    /// A template could not be applied; nothing was changed.
    TemplateApplyFailed = "template_apply_failed";
    /// A group cannot be written as a template.
    TemplateExportFailed = "template_export_failed";
    /// The directory belongs to a group already.
    ScopeAlreadyAttached = "scope_already_attached";
    // headless actors
    /// The actor is not headless, or should not run.
    SessionNotFound = "session_not_found";
    /// Not a word of `HeadlessStatus`.
    InvalidStatus = "invalid_status";
    // texts and templates
    /// It drops something; say once more what.
    ConfirmationRequired = "confirmation_required";
    // chat platforms
    /// No chat waits with this key, or it cannot be one.
    InvalidKey = "invalid_key";
    // access from other machines
    /// What is set cannot work.
    RemoteAccessInvalidConfig = "remote_access_invalid_config";
    /// No other machine could reach the web server.
    RemoteAccessUnreachable = "remote_access_unreachable";
    /// The provider's program is not there.
    RemoteAccessNotInstalled = "remote_access_not_installed";
    /// Nobody has logged in with the provider's program.
    RemoteAccessNotAuthenticated = "remote_access_not_authenticated";
    /// The provider's program did not bring its network up.
    RemoteAccessStartFailed = "remote_access_start_failed";
    /// There is no such token for the web server.
    WebTokenNotFound = "web_token_not_found";
    /// No such browser is told of anything.
    PushDeviceNotFound = "push_device_not_found";
    // diagnostics
    /// The op is for developers, and developer mode is off.
    DeveloperModeRequired = "developer_mode_required";
    /// No process of ours has that name.
    InvalidComponent = "invalid_component";
    /// `observability_update` was refused.
    ObservabilityUpdateFailed = "observability_update_failed";
    /// A log could not be read.
    DebugTailLogsFailed = "debug_tail_logs_failed";
    /// A log could not be emptied.
    DebugClearLogsFailed = "debug_clear_logs_failed";
    // maintenance
    /// `ledger_snapshot` was refused, or the snapshot could not be written.
    LedgerSnapshotFailed = "ledger_snapshot_failed";
    /// `ledger_compact` was refused.
    LedgerCompactFailed = "ledger_compact_failed";
    // terminals and streams
    /// The actor has no terminal.
    NotPtyActor = "not_pty_actor";
    /// Too few columns or rows.
    InvalidSize = "invalid_size";
    /// The terminal could not be read.
    TerminalTailFailed = "terminal_tail_failed";
    /// None of the kinds can be streamed.
    InvalidKinds = "invalid_kinds";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_is_used_twice() {
        let mut words: Vec<_> = Code::ALL.iter().map(|code| code.word()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Code::ALL.len());
    }
}
