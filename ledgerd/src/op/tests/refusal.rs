//! Each refusal that ledgerd may give has an example here: a small request that is refused so, in a home that has what
//! [`scene`] makes. What is not an example is not declared, and the other way round.

use super::world::World;
use bus::contract::event::{ActorAdd, ActorAdded};
use bus::contract::op::{self, About, Row, Server, TABLE};
use bus::contract::{Actor, Code, Principal, limit};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Op, code, who asks, in which [`situation`], and the arguments as JSON. `$name` is what the scene calls so; the group
/// is `$group` where it is not said.
type Example = (&'static str, &'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const EXAMPLES: &[Example] = &[
    ("actor_token_set", "missing_actor_id", "user", "", "{}"),
    ("actor_token_set", "actor_not_found", "user", "", r#"{"actor_id": "zoe"}"#),
    ("remote_access_configure", "remote_access_invalid_config", "user", "", r#"{"web_port": 70000}"#),
    ("remote_access_start", "remote_access_invalid_config", "user", "", "{}"),
    ("remote_access_start", "remote_access_unreachable", "user", "only this machine", "{}"),
    ("web_token_add", "group_not_found", "user", "", r#"{"name": "phone", "group_id": "g_none"}"#),
    ("web_push_set", "push_device_not_found", "daemon", "", r#"{"device_id": "nobody"}"#),
    ("web_push_remove", "push_device_not_found", "user", "", r#"{"device_id": "nobody"}"#),
    ("web_token_revoke", "web_token_not_found", "user", "", r#"{"token_id": "nobody"}"#),
    ("observability_update", "observability_update_failed", "user", "", r#"{"patch": {"log_level": 7}}"#),
    ("debug_snapshot", "developer_mode_required", "user", "", "{}"),
    ("debug_tail_logs", "developer_mode_required", "user", "", "{}"),
    ("debug_tail_logs", "invalid_component", "user", "developer mode", r#"{"component": "../secrets"}"#),
    ("debug_tail_logs", "missing_group_id", "user", "developer mode", r#"{"component": "im"}"#),
    ("debug_clear_logs", "missing_group_id", "user", "developer mode", r#"{"component": "im"}"#),
    ("debug_clear_logs", "developer_mode_required", "user", "", "{}"),
    ("debug_clear_logs", "invalid_component", "user", "developer mode", r#"{"component": "../secrets"}"#),

    ("attach", "missing_path", "cli", "", "{}"),
    ("attach", "invalid_path", "cli", "", r#"{"path": "relative"}"#),
    ("group_update", "invalid_patch", "user", "", r#"{"patch": {"colour": 1}}"#),
    ("group_update", "group_update_failed", "peer", "", r#"{"patch": {"title": "T"}}"#),
    ("group_delete", "group_delete_failed", "peer", "", "{}"),
    ("group_reset", "confirmation_required", "user", "", "{}"),
    ("group_reset", "group_reset_failed", "peer", "", r#"{"confirm": "$group"}"#),
    ("group_use", "missing_path", "cli", "", "{}"),
    ("group_use", "invalid_path", "cli", "", r#"{"path": "relative"}"#),
    ("group_use", "scope_not_attached", "cli", "", r#"{"path": "/nowhere"}"#),
    ("group_detach_scope", "missing_scope_key", "user", "", "{}"),
    ("group_detach_scope", "group_detach_scope_failed", "user", "", r#"{"scope_key": "s_x"}"#),
    ("group_set_state", "missing_state", "user", "", "{}"),
    ("group_set_state", "group_set_state_failed", "peer", "", r#"{"state": "idle"}"#),
    ("group_settings_update", "invalid_patch", "user", "", r#"{"patch": {"x": 1}}"#),
    ("group_settings_update", "group_settings_update_failed", "peer", "", r#"{"patch": {"min_interval_seconds": 1}}"#),
    ("group_start", "scope_not_attached", "user", "the directory of peer is gone", "{}"),
    ("group_start", "missing_project_root", "user", "no directory", "{}"),
    ("group_start", "missing_command", "user", "an actor without a command", "{}"),
    ("group_start", "unsupported_runtime", "user", "an actor of an unknown runtime", "{}"),
    ("group_start", "group_start_failed", "peer", "", "{}"),
    ("group_stop", "group_stop_failed", "peer", "", "{}"),
    ("group_prompt_reset", "confirmation_required", "user", "", r#"{"kind": "preamble", "confirm": "help"}"#),
    ("group_preamble_reset", "confirmation_required", "user", "", "{}"),
    ("actor_preamble_get", "missing_actor_id", "user", "", "{}"),
    ("actor_preamble_get", "actor_not_found", "user", "", r#"{"actor_id": "zoe"}"#),

    ("actor_add", "scope_not_attached", "user", "", r#"{"actor_id": "new", "runtime": "claude", "path": "/elsewhere"}"#),
    ("actor_add", "invalid_path", "user", "", r#"{"actor_id": "new", "runtime": "claude", "path": "relative"}"#),
    ("actor_add", "actor_add_failed", "user", "", r#"{"actor_id": "peer", "runtime": "claude"}"#),
    ("actor_update", "missing_actor_id", "user", "", r#"{"patch": {"title": "T"}}"#),
    ("actor_update", "actor_not_found", "user", "", r#"{"actor_id": "zoe", "patch": {"title": "T"}}"#),
    ("actor_update", "invalid_patch", "user", "", r#"{"actor_id": "peer", "patch": {"colour": 1}}"#),
    ("actor_update", "scope_not_attached", "user", "", r#"{"actor_id": "peer", "patch": {"path": "/elsewhere"}}"#),
    ("actor_update", "actor_profile_linked_readonly", "user", "", r#"{"group_id": "$other", "actor_id": "linked", "patch": {"command": ["x"]}}"#),
    ("actor_update", "actor_update_failed", "peer", "", r#"{"actor_id": "lead", "patch": {"title": "T"}}"#),
    ("actor_remove", "missing_actor_id", "user", "", "{}"),
    ("actor_remove", "actor_not_found", "user", "", r#"{"actor_id": "zoe"}"#),
    ("actor_remove", "actor_remove_failed", "peer", "", r#"{"actor_id": "lead"}"#),
    ("actor_start", "missing_actor_id", "user", "", "{}"),
    ("actor_start", "actor_not_found", "user", "", r#"{"actor_id": "zoe"}"#),
    ("actor_start", "actor_start_failed", "user", "no directory", r#"{"actor_id": "off"}"#),
    ("actor_stop", "missing_actor_id", "user", "", "{}"),
    ("actor_stop", "actor_not_found", "user", "", r#"{"actor_id": "zoe"}"#),
    ("actor_stop", "actor_stop_failed", "peer", "", r#"{"actor_id": "lead"}"#),
    ("actor_restart", "missing_actor_id", "user", "", "{}"),
    ("actor_restart", "actor_not_found", "user", "", r#"{"actor_id": "zoe"}"#),
    ("actor_restart", "scope_not_attached", "user", "the directory of peer is gone", r#"{"actor_id": "peer"}"#),
    ("actor_restart", "missing_project_root", "user", "no directory", r#"{"actor_id": "peer"}"#),
    ("actor_restart", "actor_restart_failed", "peer", "", r#"{"actor_id": "lead"}"#),

    ("actor_env_private_keys", "missing_actor_id", "user", "", "{}"),
    ("actor_env_private_keys", "actor_not_found", "user", "", r#"{"actor_id": "zoe"}"#),
    ("actor_env_private_keys", "actor_profile_linked_readonly", "user", "", r#"{"group_id": "$other", "actor_id": "linked"}"#),
    ("actor_env_private_update", "missing_actor_id", "user", "", "{}"),
    ("actor_env_private_update", "actor_not_found", "user", "", r#"{"actor_id": "zoe"}"#),
    ("actor_env_private_update", "actor_profile_linked_readonly", "user", "", r#"{"group_id": "$other", "actor_id": "linked", "set": {"K": "v"}}"#),
    ("actor_env_private_update", "too_many_keys", "user", "", r#"{"actor_id": "peer", "set": $too_many_keys}"#),
    ("actor_profile_get", "missing_profile_id", "user", "", "{}"),
    ("actor_profile_get", "profile_not_found", "user", "", r#"{"profile_id": "none"}"#),
    ("actor_profile_get", "actor_profile_get_failed", "user", "", r#"{"profile_id": "../p"}"#),
    ("actor_profile_upsert", "profile_revision_mismatch", "user", "", r#"{"profile": {"id": "p"}, "expected_revision": 7}"#),
    ("actor_profile_upsert", "actor_profile_upsert_failed", "user", "", r#"{"profile": {"id": "a..b"}}"#),
    ("actor_profile_delete", "missing_profile_id", "user", "", "{}"),
    ("actor_profile_delete", "profile_not_found", "user", "", r#"{"profile_id": "none"}"#),
    ("actor_profile_delete", "profile_in_use", "user", "", r#"{"profile_id": "p"}"#),
    ("actor_profile_secret_keys", "missing_profile_id", "user", "", "{}"),
    ("actor_profile_secret_keys", "profile_not_found", "user", "", r#"{"profile_id": "none"}"#),
    ("actor_profile_secret_update", "missing_profile_id", "user", "", "{}"),
    ("actor_profile_secret_update", "profile_not_found", "user", "", r#"{"profile_id": "none"}"#),
    ("actor_profile_secret_update", "too_many_keys", "user", "", r#"{"profile_id": "p", "set": $too_many_keys}"#),
    ("actor_profile_secret_copy_from_actor", "missing_profile_id", "user", "", "{}"),
    ("actor_profile_secret_copy_from_actor", "profile_not_found", "user", "", r#"{"profile_id": "none", "group_id": "$group", "actor_id": "peer"}"#),
    ("actor_profile_secret_copy_from_actor", "missing_group_id", "user", "", r#"{"profile_id": "p"}"#),
    ("actor_profile_secret_copy_from_actor", "group_not_found", "user", "", r#"{"profile_id": "p", "group_id": "g_000000000000", "actor_id": "peer"}"#),
    ("actor_profile_secret_copy_from_actor", "missing_actor_id", "user", "", r#"{"profile_id": "p", "group_id": "$group"}"#),
    ("actor_profile_secret_copy_from_actor", "actor_not_found", "user", "", r#"{"profile_id": "p", "group_id": "$group", "actor_id": "zoe"}"#),
    ("actor_profile_secret_copy_from_actor", "too_many_keys", "user", "peer has all variables it may have", r#"{"profile_id": "p", "group_id": "$group", "actor_id": "peer"}"#),
    ("actor_profile_secret_copy_from_profile", "missing_profile_id", "user", "", "{}"),
    ("actor_profile_secret_copy_from_profile", "profile_not_found", "user", "", r#"{"profile_id": "none", "source_profile_id": "p"}"#),
    ("actor_profile_secret_copy_from_profile", "missing_source_profile_id", "user", "", r#"{"profile_id": "p"}"#),
    ("actor_profile_secret_copy_from_profile", "source_profile_not_found", "user", "", r#"{"profile_id": "p", "source_profile_id": "none"}"#),

    ("send", "empty_message", "user", "", r#"{"text": " "}"#),
    ("send", "invalid_priority", "user", "", r#"{"text": "x", "priority": "loud"}"#),
    ("send", "invalid_recipient", "user", "", r#"{"text": "x", "to": ["zoe"]}"#),
    ("send", "no_enabled_recipients", "lead", "", r#"{"text": "x"}"#),
    ("send", "invalid_attachments", "user", "", r#"{"text": "x", "attachments": [{"path": "state/blobs/gone"}]}"#),
    ("send", "invalid_path", "user", "", r#"{"text": "x", "path": "relative"}"#),
    ("send", "scope_not_attached", "user", "", r#"{"text": "x", "path": "/elsewhere"}"#),
    ("send", "invalid_insight", "user", "", r#"{"text": "x", "insight": "$long_insight"}"#),
    ("send", "peer_insight_required", "user", "", r#"{"text": "x", "to": ["peer"], "require_peer_insight": true}"#),
    ("reply", "missing_reply_to", "user", "", r#"{"text": "x"}"#),
    ("reply", "event_not_found", "user", "", r#"{"text": "x", "reply_to": "gone"}"#),
    ("reply", "empty_message", "peer", "", r#"{"reply_to": "$plain"}"#),
    ("reply", "invalid_priority", "peer", "", r#"{"text": "x", "reply_to": "$plain", "priority": "loud"}"#),
    ("reply", "invalid_recipient", "peer", "", r#"{"text": "x", "reply_to": "$plain", "to": ["zoe"]}"#),
    ("reply", "no_enabled_recipients", "lead", "", r#"{"text": "x", "reply_to": "$plain", "to": ["@foreman"]}"#),
    ("reply", "invalid_attachments", "peer", "", r#"{"text": "x", "reply_to": "$plain", "attachments": [{"path": "state/blobs/gone"}]}"#),
    ("reply", "invalid_insight", "peer", "", r#"{"text": "x", "reply_to": "$plain", "insight": "$long_insight"}"#),
    ("reply", "peer_insight_required", "user", "", r#"{"text": "x", "reply_to": "$plain", "to": ["lead"], "require_peer_insight": true}"#),
    ("send_cross_group", "missing_dst_group_id", "user", "", r#"{"text": "x"}"#),
    ("send_cross_group", "invalid_dst_group_id", "user", "", r#"{"text": "x", "dst_group_id": "$group"}"#),
    ("send_cross_group", "empty_message", "user", "", r#"{"text": " ", "dst_group_id": "$other"}"#),
    ("send_cross_group", "invalid_priority", "user", "", r#"{"text": "x", "dst_group_id": "$other", "priority": "loud"}"#),
    ("send_cross_group", "invalid_recipient", "user", "", r#"{"text": "x", "dst_group_id": "$other", "to": ["lead"]}"#),
    ("send_cross_group", "no_enabled_recipients", "user", "", r#"{"text": "x", "dst_group_id": "$empty"}"#),
    ("send_cross_group", "attachments_not_supported", "user", "", r#"{"text": "x", "dst_group_id": "$other", "attachments": [{}]}"#),
    ("send_cross_group", "invalid_insight", "user", "", r#"{"text": "x", "dst_group_id": "$other", "insight": "$long_insight"}"#),
    ("send_cross_group", "peer_insight_required", "user", "", r#"{"text": "x", "dst_group_id": "$other", "require_peer_insight": true}"#),
    ("tracked_send", "empty_message", "user", "", r#"{"text": " ", "to": ["peer"]}"#),
    ("tracked_send", "invalid_recipient", "user", "", r#"{"text": "x", "to": ["zoe"]}"#),
    ("tracked_send", "no_enabled_recipients", "lead", "", r#"{"text": "x", "to": ["@foreman"]}"#),
    ("tracked_send", "invalid_path", "user", "", r#"{"text": "x", "to": ["peer"], "path": "relative"}"#),
    ("tracked_send", "scope_not_attached", "user", "", r#"{"text": "x", "to": ["peer"], "path": "/elsewhere"}"#),
    ("tracked_send", "invalid_insight", "user", "", r#"{"text": "x", "to": ["peer"], "insight": "$long_insight"}"#),
    ("tracked_send", "peer_insight_required", "user", "", r#"{"text": "x", "to": ["peer"], "require_peer_insight": true}"#),
    ("tracked_send", "context_sync_error", "user", "", r#"{"text": "x", "to": ["peer"], "status": "no such word"}"#),
    ("message_deliver", "missing_event_id", "user", "", r#"{"actor_ids": ["peer"]}"#),
    ("message_deliver", "event_not_found", "user", "", r#"{"source_event_id": "gone", "actor_ids": ["peer"]}"#),
    ("message_deliver", "invalid_event_kind", "user", "", r#"{"source_event_id": "$created", "actor_ids": ["peer"]}"#),
    ("message_deliver", "event_not_for_actor", "user", "", r#"{"source_event_id": "$plain", "actor_ids": ["lead"]}"#),
    ("message_deliver", "missing_actor_id", "user", "", r#"{"source_event_id": "$plain"}"#),
    ("message_deliver", "actor_not_found", "user", "", r#"{"source_event_id": "$plain", "actor_ids": ["zoe"]}"#),
    ("message_deliver", "delivery_ambiguous", "user", "", r#"{"source_event_id": "$uncertain", "actor_ids": ["peer"]}"#),
    ("message_deliver", "delivery_blocked", "user", "", r#"{"source_event_id": "$for_off", "actor_ids": ["off"]}"#),
    ("reply_request_cancel", "missing_event_id", "user", "", "{}"),
    ("reply_request_cancel", "event_not_found", "user", "", r#"{"source_event_id": "gone"}"#),
    ("reply_request_cancel", "invalid_event_kind", "user", "", r#"{"source_event_id": "$created"}"#),
    ("reply_request_cancel", "not_a_reply_request", "user", "", r#"{"source_event_id": "$plain"}"#),
    ("chat_ack", "missing_actor_id", "user", "", r#"{"event_id": "$attention"}"#),
    ("chat_ack", "unknown_actor", "zoe", "", r#"{"actor_id": "zoe", "event_id": "$attention"}"#),
    ("chat_ack", "missing_event_id", "peer", "", r#"{"actor_id": "peer"}"#),
    ("chat_ack", "event_not_found", "peer", "", r#"{"actor_id": "peer", "event_id": "gone"}"#),
    ("chat_ack", "invalid_event_kind", "peer", "", r#"{"actor_id": "peer", "event_id": "$created"}"#),
    ("chat_ack", "event_not_for_actor", "lead", "", r#"{"actor_id": "lead", "event_id": "$attention"}"#),
    ("chat_ack", "not_an_attention_message", "peer", "", r#"{"actor_id": "peer", "event_id": "$plain"}"#),
    ("chat_ack", "cannot_ack_own_message", "user", "", r#"{"actor_id": "user", "event_id": "$attention"}"#),

    ("inbox_list", "missing_actor_id", "user", "", "{}"),
    ("inbox_mark_read", "missing_actor_id", "user", "", r#"{"event_id": "$plain"}"#),
    ("inbox_mark_read", "missing_event_id", "peer", "", r#"{"actor_id": "peer"}"#),
    ("inbox_mark_read", "event_not_found", "peer", "", r#"{"actor_id": "peer", "event_id": "gone"}"#),
    ("inbox_mark_read", "invalid_event_kind", "peer", "", r#"{"actor_id": "peer", "event_id": "$created"}"#),
    ("inbox_mark_read", "event_not_for_actor", "lead", "", r#"{"actor_id": "lead", "event_id": "$plain"}"#),
    ("inbox_mark_all_read", "missing_actor_id", "user", "", "{}"),
    ("inbox_read", "missing_actor_id", "user", "", "{}"),
    ("message_history", "missing_actor_id", "user", "", "{}"),
    ("message_history", "event_not_found", "peer", "", r#"{"actor_id": "peer", "before_event_id": "gone"}"#),
    ("headless_status", "missing_actor_id", "user", "", "{}"),
    ("headless_status", "session_not_found", "user", "", r#"{"actor_id": "peer"}"#),
    ("headless_set_status", "missing_actor_id", "bot", "", r#"{"status": "idle"}"#),
    ("headless_set_status", "session_not_found", "peer", "", r#"{"actor_id": "peer", "status": "idle"}"#),
    ("headless_set_status", "invalid_status", "bot", "", r#"{"actor_id": "bot", "status": "flying"}"#),
    ("headless_ack_message", "missing_actor_id", "bot", "", r#"{"message_id": "m"}"#),
    ("headless_ack_message", "missing_message_id", "bot", "", r#"{"actor_id": "bot"}"#),
    ("headless_ack_message", "session_not_found", "peer", "", r#"{"actor_id": "peer", "message_id": "m"}"#),
    ("notify_ack", "missing_actor_id", "peer", "", r#"{"notify_event_id": "$notice"}"#),
    ("notify_ack", "missing_notify_event_id", "peer", "", r#"{"actor_id": "peer"}"#),
    ("notify_ack", "event_not_found", "peer", "", r#"{"actor_id": "peer", "notify_event_id": "gone"}"#),
    ("notify_ack", "invalid_event_kind", "peer", "", r#"{"actor_id": "peer", "notify_event_id": "$plain"}"#),

    ("context_sync", "invalid_ops", "user", "", r#"{"ops": ["note.add"]}"#),
    ("context_sync", "context_sync_error", "user", "", r#"{"ops": [{"op": "fly"}]}"#),
    ("context_sync", "version_conflict", "user", "", r#"{"ops": [{"op": "note.add", "content": "c"}], "if_version": "000000000000"}"#),
    ("task_list", "task_not_found", "user", "", r#"{"task_id": "T009"}"#),
    ("group_automation_update", "version_conflict", "user", "", r#"{"ruleset": {}, "expected_version": 99}"#),
    ("group_automation_update", "group_automation_update_failed", "peer", "", r#"{"ruleset": {}}"#),
    ("group_automation_manage", "version_conflict", "user", "", r#"{"actions": [{"type": "delete_rule", "rule_id": "r"}], "expected_version": 99}"#),
    ("group_automation_manage", "group_automation_manage_failed", "user", "", r#"{"actions": [{"type": "explode"}]}"#),
    ("group_automation_reset_baseline", "version_conflict", "user", "", r#"{"expected_version": 99}"#),
    ("group_automation_reset_baseline", "group_automation_reset_baseline_failed", "peer", "", "{}"),

    ("im_bind_chat", "missing_key", "user", "", "{}"),
    ("im_bind_chat", "invalid_key", "user", "", r#"{"key": "nobody-waits"}"#),
    ("im_reject_pending", "missing_key", "user", "", "{}"),
    ("im_revoke_chat", "missing_chat_id", "user", "", "{}"),
    ("im_pending_add", "missing_key", "daemon", "", r#"{"chat_id": "c", "platform": "slack"}"#),
    ("im_pending_add", "invalid_key", "daemon", "", r#"{"key": "short", "chat_id": "c", "platform": "slack"}"#),
    ("im_pending_add", "missing_chat_id", "daemon", "", r#"{"key": "key-of-chat-5", "platform": "slack"}"#),
    ("im_chat_set", "missing_chat_id", "user", "", "{}"),

    ("group_template_export", "template_export_failed", "user", "more than a template may have", "{}"),
    ("group_template_preview", "missing_template", "user", "", "{}"),
    ("group_template_preview", "invalid_template", "user", "", r#"{"template": "- a"}"#),
    ("group_template_import_replace", "missing_template", "user", "", r#"{"confirm": "$group"}"#),
    ("group_template_import_replace", "invalid_template", "user", "", r#"{"confirm": "$group", "template": "- a"}"#),
    ("group_template_import_replace", "confirmation_required", "user", "", r#"{"template": $template}"#),
    ("group_template_import_replace", "template_apply_failed", "user", "the secrets are lost", r#"{"group_id": "$other", "confirm": "$other", "template": $template}"#),
    ("group_create_from_template", "missing_path", "user", "", r#"{"template": $template}"#),
    ("group_create_from_template", "invalid_path", "user", "", r#"{"path": "relative", "template": $template}"#),
    ("group_create_from_template", "scope_already_attached", "user", "", r#"{"path": "/srv/app", "template": $template}"#),
    ("group_create_from_template", "missing_template", "user", "", r#"{"path": "/srv/new"}"#),
    ("group_create_from_template", "invalid_template", "user", "", r#"{"path": "/srv/new", "template": "- a"}"#),

    ("ledger_range", "unknown_actor", "zoe", "", r#"{"for_speaker": true}"#),
    ("ledger_window", "event_not_found", "user", "", r#"{"event_id": "gone"}"#),
    ("ledger_snapshot", "ledger_snapshot_failed", "peer", "", "{}"),
    ("ledger_compact", "ledger_compact_failed", "peer", "", "{}"),
    ("blob_read", "missing_path", "user", "", "{}"),
    ("blob_read", "invalid_blob", "user", "", r#"{"path": "relative"}"#),
    ("blob_read", "blob_not_found", "user", "", r#"{"path": "state/blobs/none"}"#),
    ("desk_get", "group_damaged", "daemon", "a damaged ledger", "{}"),
    ("secrets_get", "missing_actor_id", "daemon", "", "{}"),
    ("secrets_get", "actor_not_found", "daemon", "", r#"{"actor_id": "zoe"}"#),
    ("session_record", "missing_actor_id", "daemon", "", r#"{"session_id": "s"}"#),
    ("session_record", "actor_not_found", "daemon", "", r#"{"session_id": "s", "actor_id": "zoe"}"#),
    ("delivery_record", "missing_actor_id", "daemon", "", r#"{"event_ids": ["$plain"]}"#),
    ("delivery_record", "actor_not_found", "daemon", "", r#"{"event_ids": ["$plain"], "actor_id": "zoe"}"#),
    ("delivery_record", "missing_event_id", "daemon", "", r#"{"actor_id": "peer"}"#),
    ("delivery_record", "event_not_found", "daemon", "", r#"{"actor_id": "peer", "event_ids": ["gone"]}"#),

    ("terminal_tail", "missing_actor_id", "user", "", "{}"),
    ("terminal_tail", "actor_not_found", "user", "", r#"{"actor_id": "zoe"}"#),
    ("terminal_tail", "not_pty_actor", "user", "", r#"{"actor_id": "bot"}"#),
    ("terminal_tail", "actor_not_running", "user", "", r#"{"actor_id": "off"}"#),
    ("terminal_snapshot", "missing_actor_id", "user", "", "{}"),
    ("terminal_snapshot", "actor_not_found", "user", "", r#"{"actor_id": "zoe"}"#),
    ("terminal_snapshot", "not_pty_actor", "user", "", r#"{"actor_id": "bot"}"#),
    ("terminal_snapshot", "actor_not_running", "user", "", r#"{"actor_id": "off"}"#),
    ("terminal_since", "missing_actor_id", "user", "", r#"{"after": 0}"#),
    ("terminal_since", "actor_not_found", "user", "", r#"{"actor_id": "zoe", "after": 0}"#),
    ("terminal_since", "not_pty_actor", "user", "", r#"{"actor_id": "bot", "after": 0}"#),
    ("terminal_since", "actor_not_running", "user", "", r#"{"actor_id": "off", "after": 0}"#),
    ("terminal_history", "missing_actor_id", "user", "", "{}"),
    ("terminal_history", "actor_not_found", "user", "", r#"{"actor_id": "zoe"}"#),
    ("terminal_history", "not_pty_actor", "user", "", r#"{"actor_id": "bot"}"#),
    ("terminal_history", "actor_not_running", "user", "", r#"{"actor_id": "off"}"#),
    ("terminal_release", "missing_actor_id", "user", "", "{}"),
    ("terminal_release", "actor_not_found", "user", "", r#"{"actor_id": "zoe"}"#),
    ("terminal_release", "not_pty_actor", "user", "", r#"{"actor_id": "bot"}"#),
    ("terminal_release", "actor_not_running", "user", "", r#"{"actor_id": "off"}"#),
    ("terminal_clear", "missing_actor_id", "user", "", "{}"),
    ("terminal_clear", "actor_not_found", "user", "", r#"{"actor_id": "zoe"}"#),
    ("terminal_clear", "not_pty_actor", "user", "", r#"{"actor_id": "bot"}"#),
    ("terminal_clear", "actor_not_running", "user", "", r#"{"actor_id": "off"}"#),
    ("term_resize", "missing_actor_id", "user", "", r#"{"cols": 80, "rows": 24}"#),
    ("term_resize", "actor_not_found", "user", "", r#"{"actor_id": "zoe", "cols": 80, "rows": 24}"#),
    ("term_resize", "invalid_size", "user", "", r#"{"actor_id": "peer", "cols": 9, "rows": 24}"#),
];

/// Arguments that ops about a group look at before the group.
const USUAL: &str = r#"{"actor_id": "peer", "key": "k", "chat_id": "c", "path": "/srv/new", "component": "im"}"#;

/// A home to ask in, and what is called how there: the team's group, `$other` with `chief` and `linked`, which follows
/// the profile `p`, and `$empty`, which has neither actors nor a directory; messages and other events of the team.
fn scene() -> (World, Vec<(&'static str, String)>) {
    let (mut world, group) = World::with_team();
    let profile = json!({"id": "p", "runtime": "custom", "command": "agent"});
    world.ask("user", "actor_profile_upsert", json!({"profile": profile})).unwrap();
    world.ask("user", "actor_profile_secret_update", json!({"profile_id": "p", "set": {"K": "v"}})).unwrap();
    let id = |made: Value| made["group_id"].as_str().unwrap().to_owned();
    let other = id(world.ask("cli", "attach", json!({"path": "/srv/other"})).unwrap());
    world.add(&other, "chief", json!({}));
    world.add(&other, "linked", json!({}));
    world.ask("user", "actor_update", json!({"group_id": other, "actor_id": "linked", "profile_id": "p"})).unwrap();
    let empty = id(world.ask("cli", "group_create", json!({})).unwrap());

    let plain = world.send(&group, "user", json!({"to": "peer"}));
    let attention = world.send(&group, "user", json!({"to": "peer", "priority": "attention"}));
    let for_off = world.send(&group, "user", json!({"to": ["off", "peer"]}));
    let uncertain = world.send(&group, "user", json!({"to": "peer"}));
    let record = json!({"group_id": group, "actor_id": "peer", "event_ids": [uncertain], "stage": "uncertain"});
    world.ask_daemon("delivery_record", record).unwrap();
    let notice = world.ask("system", "system_notify", json!({"group_id": group, "title": "t"})).unwrap();
    let notice = notice["event"]["id"].as_str().unwrap().to_owned();
    let created = world.of(&group).next().unwrap().id.clone();

    let many: Map<String, Value> = (0..=limit::SECRET_KEYS_MAX).map(|n| (format!("K{n}"), json!("v"))).collect();
    let template = "kind: cccc.group_template\nv: 1\nactors:\n  - {id: linked, runtime: custom, command: another}\n";
    let names = vec![
        ("group", group),
        ("other", other),
        ("empty", empty),
        ("plain", plain),
        ("attention", attention),
        ("for_off", for_off),
        ("uncertain", uncertain),
        ("notice", notice),
        ("created", created),
        ("too_many_keys", json!(many).to_string()),
        ("long_insight", "x".repeat(limit::INSIGHT_CHARS_MAX + 1)),
        ("template", json!(template).to_string()),
    ];
    (world, names)
}

/// What else has happened.
fn situation(world: &mut World, what: &str, group_id: &str) {
    let user = |world: &mut World, op: &str, args: Value| drop(world.ask("user", op, args).unwrap());
    match what {
        "" => {}
        "only this machine" => {
            user(world, "remote_access_configure", json!({"provider": "manual", "web_token": "t"}));
        }
        "developer mode" => user(world, "observability_update", json!({"patch": {"developer_mode": true}})),
        "no directory" => {
            let scope_key = world.group(group_id).active_scope_key.clone();
            user(world, "group_detach_scope", json!({"group_id": group_id, "scope_key": scope_key}));
        }
        "the directory of peer is gone" => {
            let patch = json!({"default_scope_key": "s_gone"});
            user(world, "actor_update", json!({"group_id": group_id, "actor_id": "peer", "patch": patch}));
        }
        "an actor without a command" => world.happens(group_id, elder(world, group_id, "custom")),
        "an actor of an unknown runtime" => world.happens(group_id, elder(world, group_id, "abacus")),
        "peer has all variables it may have" => {
            let set: Map<String, Value> = (0..limit::SECRET_KEYS_MAX).map(|n| (format!("K{n}"), json!("v"))).collect();
            let peer = json!({"group_id": group_id, "actor_id": "peer", "set": set, "patch": {"env": {"A": "1"}}});
            user(world, "actor_env_private_update", peer.clone());
            user(world, "actor_update", peer);
        }
        "more than a template may have" => {
            let command = json!(["x".repeat(limit::COMMAND_BYTES_MAX - 1)]);
            for n in 0..=limit::TEMPLATE_BYTES_MAX / limit::COMMAND_BYTES_MAX {
                world.add(group_id, &format!("actor-{n}"), json!({"command": command}));
            }
        }
        "the secrets are lost" => world.secrets.clear(),
        "a damaged ledger" => world.state.set_damaged(group_id, "line 7 is not an event".into()),
        other => panic!("{other}"),
    }
}

/// An actor as only an older home can have it.
fn elder(world: &World, group_id: &str, runtime: &str) -> ActorAdd {
    let peer = world.group(group_id).actor_state("peer").unwrap().actor.clone();
    let actor = Actor { id: "elder".into(), runtime: runtime.into(), command: vec![], ..peer };
    ActorAdd { actor: ActorAdded { actor, role: None } }
}

/// Asks as an example says, with or without the group, and returns how that is refused.
fn refusal(row: &Row, by: &str, what: &str, args: &str, group_id: Option<&str>) -> Option<Code> {
    let (mut world, names) = scene();
    let group = names[0].1.clone();
    situation(&mut world, what, &group);
    let text = names.iter().fold(args.to_owned(), |text, (name, is)| text.replace(&format!("${name}"), is));
    let mut args: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{args}: {error}"));
    match group_id {
        Some(other) => args["group_id"] = json!(other),
        None if [About::Group, About::TwoGroups].contains(&row.about) && args.get("group_id").is_none() => {
            args["group_id"] = json!(group)
        }
        None => {}
    }
    let principal = if by == "daemon" { Principal::system() } else { Principal::claimed(by) };
    world.ask_as(principal, row.name, args).err().map(|refusal| refusal.code)
}

/// Rows of ops that ledgerd decides; where a program is involved, ptyd asks it first.
fn decided() -> impl Iterator<Item = &'static Row> {
    TABLE.iter().filter(|row| row.server != Server::Door)
}

#[test]
fn each_refusal_has_its_example() {
    let mut shown = BTreeSet::new();
    for (name, code, by, what, args) in EXAMPLES {
        let row = op::row(name).expect("an op");
        let refused = refusal(row, by, what, args, None).map(Code::word);
        assert_eq!(refused, Some(*code), "{by} asks for {name} {args}; situation: {what:?}");
        assert!(shown.insert((*name, *code)), "{name} has two examples of {code}");
    }
    let is_late = |row: &Row, code: Code| row.late.iter().any(|(_, late)| *late == code);
    let at_once = |row: &'static Row| row.refusals.iter().filter(move |code| !is_late(row, **code));
    let declared = decided().flat_map(|row| at_once(row).map(|code| (row.name, *code)));
    assert_eq!(shown, declared.map(|(name, code)| (name, code.word())).collect());
}

#[test]
fn an_op_about_a_group_is_refused_without_one_and_with_one_that_is_not() {
    for row in decided().filter(|row| row.about != About::Home) {
        for (group_id, code) in [("", Code::MissingGroupId), ("g_000000000000", Code::GroupNotFound)] {
            let own = EXAMPLES.iter().filter(|(name, ..)| *name == row.name).map(|(_, _, by, _, args)| (*by, *args));
            let mut asked = own.chain([("user", "{}"), ("user", USUAL), ("daemon", "{}")]);
            let is_seen =
                asked.any(|(by, args)| refusal(row, by, "developer mode", args, Some(group_id)) == Some(code));
            assert_eq!(is_seen, row.may_refuse(code), "{}: {}", row.name, code.word());
        }
    }
}
