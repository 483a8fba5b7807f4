//! Which codes an op may be refused with: those of its access, those of what it is about, and its own.
//!
//! The own ones are a table. A refusal that is not declared is a mistake, in the op or here: whoever tests listens to
//! every refusal that comes along.

use super::Code::{self, *};
use super::op::{About, Access, Row};

/// What anything that is asked may be refused with.
pub const ANY: &[Code] = &[InvalidRequest, PermissionDenied, DaemonUnavailable, InternalError];

/// What an op that writes may be refused with besides.
pub const WRITE: &[Code] = &[NoSpace, GroupDamaged, RequestIdReused];

/// What an op that stores files may be refused with besides.
pub const STORE: &[Code] = &[NoSpace, GroupDamaged];

/// What an op about a group may be refused with besides.
pub const GROUP: &[Code] = &[MissingGroupId, GroupNotFound];

/// Common refusals that an op never meets: it can be asked without a group, or takes any that it does not find for one
/// in which nothing runs.
const NEVER: &[(&str, Code)] = &[
    ("whoami", MissingGroupId),
    ("debug_snapshot", MissingGroupId),
    ("attach", MissingGroupId),
    ("term_attach", GroupNotFound),
];

/// Own refusals that only turn out when ledgerd's store does what was decided.
pub const BY_THE_STORE: &[(&str, Code)] = &[
    ("debug_tail_logs", DebugTailLogsFailed),
    ("debug_clear_logs", DebugClearLogsFailed),
    ("blob_upload", InvalidBlob),
    ("blob_upload", UploadOutOfStep),
];

/// Own refusals that only turn out at ptyd, which knows programs, terminals and directories.
pub const BY_PTYD: &[(&str, Code)] = &[
    ("group_start", InvalidProjectRoot),
    ("actor_restart", InvalidProjectRoot),
    ("terminal_tail", TerminalTailFailed),
    ("terminal_since", TerminalTailFailed),
    ("terminal_history", TerminalTailFailed),
];

/// What only this op, or few like it, may be refused with; ops that are not named have nothing of their own.
#[rustfmt::skip]
const OWN: &[(&str, &[Code])] = &[
    ("actor_token_set",                       &[MissingActorId, ActorNotFound]),
    ("remote_access_configure",               &[RemoteAccessInvalidConfig]),
    ("remote_access_start",                   &[RemoteAccessInvalidConfig, RemoteAccessNotInstalled,
                                                RemoteAccessUnreachable]),
    ("events_stream",                         &[InvalidKinds, UnknownActor]),
    ("observability_update",                  &[ObservabilityUpdateFailed]),
    ("debug_snapshot",                        &[DeveloperModeRequired]),
    ("debug_tail_logs",                       &[DeveloperModeRequired, InvalidComponent, DebugTailLogsFailed]),
    ("debug_clear_logs",                      &[DeveloperModeRequired, InvalidComponent, DebugClearLogsFailed]),
    ("attach",                                &[MissingPath, InvalidPath]),
    ("group_update",                          &[InvalidPatch, GroupUpdateFailed]),
    ("group_delete",                          &[GroupDeleteFailed]),
    ("group_reset",                           &[ConfirmationRequired, GroupResetFailed]),
    ("group_use",                             &[MissingPath, InvalidPath, ScopeNotAttached]),
    ("group_detach_scope",                    &[MissingScopeKey, GroupDetachScopeFailed]),
    ("group_set_state",                       &[MissingState, GroupSetStateFailed]),
    ("group_settings_update",                 &[InvalidPatch, GroupSettingsUpdateFailed]),
    ("group_start",                           &[ScopeNotAttached, MissingProjectRoot, InvalidProjectRoot,
                                                MissingCommand, UnsupportedRuntime, GroupStartFailed]),
    ("group_stop",                            &[GroupStopFailed]),
    ("group_prompt_reset",                    &[ConfirmationRequired]),
    ("group_preamble_reset",                  &[ConfirmationRequired]),
    ("actor_preamble_get",                    &[MissingActorId, ActorNotFound]),
    ("actor_add",                             &[ScopeNotAttached, InvalidPath, ActorAddFailed]),
    ("actor_update",                          &[MissingActorId, ActorNotFound, InvalidPatch, ScopeNotAttached,
                                                ActorProfileLinkedReadonly, ActorUpdateFailed]),
    ("actor_remove",                          &[MissingActorId, ActorNotFound, ActorRemoveFailed]),
    ("actor_start",                           &[MissingActorId, ActorNotFound, ActorStartFailed]),
    ("actor_stop",                            &[MissingActorId, ActorNotFound, ActorStopFailed]),
    ("actor_restart",                         &[MissingActorId, ActorNotFound, ScopeNotAttached, MissingProjectRoot,
                                                InvalidProjectRoot, ActorRestartFailed]),
    ("actor_env_private_keys",                &[MissingActorId, ActorNotFound, ActorProfileLinkedReadonly]),
    ("actor_env_private_update",              &[MissingActorId, ActorNotFound, ActorProfileLinkedReadonly, TooManyKeys]),
    ("actor_profile_get",                     &[MissingProfileId, ProfileNotFound, ActorProfileGetFailed]),
    ("actor_profile_upsert",                  &[ProfileRevisionMismatch, ActorProfileUpsertFailed]),
    ("actor_profile_delete",                  &[MissingProfileId, ProfileNotFound, ProfileInUse]),
    ("actor_profile_secret_keys",             &[MissingProfileId, ProfileNotFound]),
    ("actor_profile_secret_update",           &[MissingProfileId, ProfileNotFound, TooManyKeys]),
    ("actor_profile_secret_copy_from_actor",      &[MissingProfileId, ProfileNotFound, MissingGroupId, GroupNotFound,
                                                MissingActorId, ActorNotFound, TooManyKeys]),
    ("actor_profile_secret_copy_from_profile",&[MissingProfileId, ProfileNotFound, MissingSourceProfileId,
                                                SourceProfileNotFound]),
    ("send",                                  &[EmptyMessage, InvalidPriority, InvalidRecipient, NoEnabledRecipients,
                                                InvalidAttachments, InvalidPath, ScopeNotAttached, InvalidInsight,
                                                PeerInsightRequired]),
    ("reply",                                 &[MissingReplyTo, EventNotFound, EmptyMessage, InvalidPriority,
                                                InvalidRecipient, NoEnabledRecipients, InvalidAttachments,
                                                InvalidInsight, PeerInsightRequired]),
    ("send_cross_group",                      &[MissingDstGroupId, InvalidDstGroupId, EmptyMessage, InvalidPriority,
                                                InvalidRecipient, NoEnabledRecipients, AttachmentsNotSupported,
                                                InvalidInsight, PeerInsightRequired]),
    ("send_files",                            &[InvalidPath, ScopeNotAttached, InvalidRecipient, NoEnabledRecipients,
                                                InvalidBlob, UploadOutOfStep, InvalidInsight]),
    ("stream_emit",                           &[EventNotFound, EmptyMessage, InvalidRecipient, NoEnabledRecipients]),
    ("tracked_send",                          &[EmptyMessage, InvalidRecipient, NoEnabledRecipients,
                                                InvalidPath, ScopeNotAttached, InvalidInsight, PeerInsightRequired,
                                                ContextSyncError]),
    ("message_deliver",                       &[MissingEventId, EventNotFound, InvalidEventKind, EventNotForActor,
                                                MissingActorId, ActorNotFound, DeliveryAmbiguous, DeliveryBlocked]),
    ("reply_request_cancel",                  &[MissingEventId, EventNotFound, InvalidEventKind, NotAReplyRequest]),
    ("chat_ack",                              &[MissingActorId, UnknownActor, MissingEventId, EventNotFound,
                                                InvalidEventKind, EventNotForActor, NotAnAttentionMessage,
                                                CannotAckOwnMessage]),
    ("inbox_list",                            &[MissingActorId]),
    ("inbox_mark_read",                       &[MissingActorId, MissingEventId, EventNotFound, InvalidEventKind,
                                                EventNotForActor]),
    ("inbox_mark_all_read",                   &[MissingActorId]),
    ("inbox_read",                            &[MissingActorId]),
    ("message_history",                       &[MissingActorId, EventNotFound]),
    ("headless_status",                       &[MissingActorId, SessionNotFound]),
    ("headless_set_status",                   &[MissingActorId, SessionNotFound, InvalidStatus]),
    ("headless_ack_message",                  &[MissingActorId, MissingMessageId, SessionNotFound]),
    ("notify_ack",                            &[MissingActorId, MissingNotifyEventId, EventNotFound, InvalidEventKind]),
    ("context_sync",                          &[InvalidOps, ContextSyncError, VersionConflict]),
    ("task_list",                             &[TaskNotFound]),
    ("group_automation_update",               &[VersionConflict, GroupAutomationUpdateFailed]),
    ("group_automation_manage",               &[VersionConflict, GroupAutomationManageFailed]),
    ("group_automation_reset_baseline",       &[VersionConflict, GroupAutomationResetBaselineFailed]),
    ("im_bind_chat",                          &[MissingKey, InvalidKey]),
    ("im_reject_pending",                     &[MissingKey]),
    ("im_revoke_chat",                        &[MissingChatId]),
    ("im_pending_add",                        &[MissingKey, InvalidKey, MissingChatId]),
    ("im_chat_set",                           &[MissingChatId]),
    ("group_template_export",                 &[TemplateExportFailed]),
    ("group_template_preview",                &[MissingTemplate, InvalidTemplate]),
    ("group_template_import_replace",         &[MissingTemplate, InvalidTemplate, ConfirmationRequired,
                                                TemplateApplyFailed]),
    ("group_create_from_template",            &[MissingPath, InvalidPath, ScopeAlreadyAttached, MissingTemplate,
                                                InvalidTemplate]),
    ("ledger_range",                          &[UnknownActor]),
    ("ledger_window",                         &[EventNotFound]),
    ("ledger_snapshot",                       &[LedgerSnapshotFailed]),
    ("ledger_compact",                        &[LedgerCompactFailed]),
    ("blob_upload",                           &[InvalidBlob, UploadOutOfStep]),
    ("blob_read",                             &[MissingPath, InvalidBlob, BlobNotFound]),
    ("desk_get",                              &[GroupDamaged]),
    ("secrets_get",                           &[MissingActorId, ActorNotFound]),
    ("session_record",                        &[MissingActorId, ActorNotFound]),
    ("delivery_record",                       &[MissingActorId, ActorNotFound, MissingEventId, EventNotFound]),
    ("terminal_tail",                         &[MissingActorId, ActorNotFound, NotPtyActor, ActorNotRunning,
                                                TerminalTailFailed]),
    ("terminal_snapshot",                     &[MissingActorId, ActorNotFound, NotPtyActor, ActorNotRunning]),
    ("terminal_since",                        &[MissingActorId, ActorNotFound, NotPtyActor, ActorNotRunning,
                                                TerminalTailFailed]),
    ("terminal_history",                      &[MissingActorId, ActorNotFound, NotPtyActor, ActorNotRunning,
                                                TerminalTailFailed]),
    ("terminal_clear",                        &[MissingActorId, ActorNotFound, NotPtyActor, ActorNotRunning]),
    ("terminal_release",                      &[MissingActorId, ActorNotFound, NotPtyActor, ActorNotRunning]),
    ("term_resize",                           &[MissingActorId, ActorNotFound, InvalidSize]),
    ("term_attach",                           &[MissingActorId, ActorNotRunning]),
];

impl Row {
    /// Codes that come with its access and with what it is about.
    pub fn common_refusals(&self) -> impl Iterator<Item = Code> {
        let access = match self.access {
            Access::Read => &[],
            Access::Write => WRITE,
            Access::Store => STORE,
        };
        let about = match self.about {
            About::Group => GROUP,
            About::Home => &[],
        };
        let all = ANY.iter().chain(access).chain(about).copied();
        all.filter(|code| !NEVER.contains(&(self.name, *code)))
    }

    /// Codes of its own.
    pub fn own_refusals(&self) -> &'static [Code] {
        OWN.iter().find(|(name, _)| *name == self.name).map_or(&[], |(_, codes)| codes)
    }

    /// Whether it may be refused with a code.
    pub fn may_refuse(&self, code: Code) -> bool {
        self.own_refusals().contains(&code) || self.common_refusals().any(|common| common == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::op::TABLE;
    use std::collections::BTreeSet;

    #[test]
    fn every_line_is_an_op_in_the_order_of_the_table() {
        let named: Vec<_> = OWN.iter().map(|(name, _)| *name).collect();
        let wanted: Vec<_> = TABLE.iter().map(|row| row.name).filter(|name| named.contains(name)).collect();
        assert_eq!(named, wanted);
    }

    #[test]
    fn no_code_is_declared_twice_for_an_op() {
        for row in TABLE {
            let all: Vec<_> = row.common_refusals().chain(row.own_refusals().iter().copied()).map(Code::word).collect();
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{}: {all:?}", row.name);
        }
    }
}
