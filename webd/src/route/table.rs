//! The rows that forward to ops.

use super::Method::{Delete, Get, Post, Put};
use super::Shape::{Config, Patch, Plain, Renamed, With};
use super::{Method, Row, Shape};

const fn row(method: Method, path: &'static str, op: &'static str, shape: Shape) -> Row {
    Row { method, path, op, shape }
}

/// Fields of the settings of a group.
const SETTINGS: &[&str] = &[
    "default_send_to",
    "nudge_after_seconds",
    "reply_required_nudge_after_seconds",
    "attention_ack_nudge_after_seconds",
    "unread_nudge_after_seconds",
    "nudge_digest_min_interval_seconds",
    "nudge_max_repeats_per_obligation",
    "nudge_escalate_after_repeats",
    "actor_idle_timeout_seconds",
    "keepalive_delay_seconds",
    "keepalive_max_per_actor",
    "silence_timeout_seconds",
    "help_nudge_interval_seconds",
    "help_nudge_min_messages",
    "min_interval_seconds",
    "auto_mark_on_delivery",
    "terminal_transcript_visibility",
    "terminal_transcript_notify_tail",
    "terminal_transcript_notify_lines",
];

/// Fields of an actor that may be changed.
const ACTOR: &[&str] =
    &["title", "command", "env", "default_scope_key", "submit", "runner", "runtime", "enabled", "resume", "path"];

/// Fields of what is told of the system.
const OBSERVABILITY: &[&str] = &["developer_mode", "log_level", "terminal_transcript", "terminal_ui"];

/// Fields of how a group is bridged to a chat platform.
const IM: &[&str] = &[
    "platform",
    "enabled",
    "files",
    "skip_pending_on_start",
    "allow_agent_bind",
    "token",
    "token_env",
    "bot_token",
    "bot_token_env",
    "app_token",
    "app_token_env",
    "feishu_domain",
    "feishu_app_id",
    "feishu_app_id_env",
    "feishu_app_secret",
    "feishu_app_secret_env",
    "dingtalk_app_key",
    "dingtalk_app_key_env",
    "dingtalk_app_secret",
    "dingtalk_app_secret_env",
    "dingtalk_robot_code",
    "dingtalk_robot_code_env",
];

/// Every row.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    // The home.
    row(Get,    "/api/v1/observability",                            "observability_get",              Plain),
    row(Put,    "/api/v1/observability",                            "observability_update",           Patch(OBSERVABILITY)),
    row(Get,    "/api/v1/remote_access",                            "remote_access_state",            Plain),
    row(Put,    "/api/v1/remote_access",                            "remote_access_configure",        Plain),
    row(Post,   "/api/v1/remote_access/start",                      "remote_access_start",            Plain),
    row(Post,   "/api/v1/remote_access/stop",                       "remote_access_stop",             Plain),
    row(Get,    "/api/v1/registry/reconcile",                       "registry_reconcile",             With(&[("remove_missing", "false")])),
    row(Post,   "/api/v1/registry/reconcile",                       "registry_reconcile",             Plain),

    // Groups.
    row(Get,    "/api/v1/groups",                                   "groups",                         Plain),
    row(Post,   "/api/v1/groups",                                   "group_create",                   Plain),
    row(Get,    "/api/v1/groups/{group_id}",                        "group_show",                     Plain),
    row(Put,    "/api/v1/groups/{group_id}",                        "group_update",                   Patch(&["title", "topic"])),
    row(Get,    "/api/v1/waiting",                                  "waiting_list",                   Plain),
    row(Post,   "/api/v1/groups/{group_id}/attach",                 "attach",                         Plain),
    row(Delete, "/api/v1/groups/{group_id}/scopes/{scope_key}",     "group_detach_scope",             Plain),
    row(Post,   "/api/v1/groups/{group_id}/start",                  "group_start",                    Plain),
    row(Post,   "/api/v1/groups/{group_id}/stop",                   "group_stop",                     Plain),
    row(Post,   "/api/v1/groups/{group_id}/state",                  "group_set_state",                Plain),
    row(Get,    "/api/v1/groups/{group_id}/template/export",        "group_template_export",          Plain),
    row(Post,   "/api/v1/groups/{group_id}/template/preview",       "group_template_preview",         Plain),
    row(Get,    "/api/v1/groups/{group_id}/settings",               "group_settings_get",             Plain),
    row(Put,    "/api/v1/groups/{group_id}/settings",               "group_settings_update",          Patch(SETTINGS)),
    row(Put,    "/api/v1/groups/{group_id}/prompts/{kind}",         "group_prompt_set",               Plain),
    row(Delete, "/api/v1/groups/{group_id}/prompts/{kind}",         "group_prompt_reset",             Plain),
    row(Get,    "/api/v1/groups/{group_id}/context",                "context_get",                    Plain),
    row(Post,   "/api/v1/groups/{group_id}/context",                "context_sync",                   Plain),
    row(Get,    "/api/v1/groups/{group_id}/tasks",                  "task_list",                      Plain),
    row(Get,    "/api/v1/groups/{group_id}/automation",             "group_automation_state",         Plain),
    row(Put,    "/api/v1/groups/{group_id}/automation",             "group_automation_update",        Plain),
    row(Post,   "/api/v1/groups/{group_id}/automation/manage",      "group_automation_manage",        Plain),
    row(Post,   "/api/v1/groups/{group_id}/automation/reset_baseline", "group_automation_reset_baseline", Plain),

    // Messages.
    row(Post,   "/api/v1/groups/{group_id}/send",                   "send",                           Plain),
    row(Post,   "/api/v1/groups/{group_id}/reply",                  "reply",                          Plain),
    row(Post,   "/api/v1/groups/{group_id}/send_cross_group",       "send_cross_group",               Plain),
    row(Post,   "/api/v1/groups/{group_id}/events/{event_id}/ack",  "chat_ack",                       With(&[("actor_id", "user")])),
    row(Get,    "/api/v1/groups/{group_id}/ledger/tail",            "ledger_window",                  Renamed(&[("lines", "before")])),
    row(Get,    "/api/v1/groups/{group_id}/ledger/search",          "ledger_search",                  Renamed(&[("q", "text")])),
    row(Get,    "/api/v1/groups/{group_id}/ledger/window",          "ledger_window",                  Renamed(&[("center", "event_id")])),
    row(Get,    "/api/v1/groups/{group_id}/inbox/{actor_id}",       "inbox_list",                     Plain),
    row(Post,   "/api/v1/groups/{group_id}/inbox/{actor_id}/read",  "inbox_mark_read",                Plain),

    // Actors.
    row(Get,    "/api/v1/groups/{group_id}/actors",                 "actor_list",                     Plain),
    row(Post,   "/api/v1/groups/{group_id}/actors",                 "actor_add",                      Plain),
    row(Post,   "/api/v1/groups/{group_id}/actors/{actor_id}",      "actor_update",                   Patch(ACTOR)),
    row(Delete, "/api/v1/groups/{group_id}/actors/{actor_id}",      "actor_remove",                   Plain),
    row(Post,   "/api/v1/groups/{group_id}/actors/{actor_id}/start",   "actor_start",                 Plain),
    row(Post,   "/api/v1/groups/{group_id}/actors/{actor_id}/stop",    "actor_stop",                  Plain),
    row(Post,   "/api/v1/groups/{group_id}/actors/{actor_id}/restart", "actor_restart",               Plain),
    row(Get,    "/api/v1/groups/{group_id}/actors/{actor_id}/env_private", "actor_env_private_keys",  Plain),
    row(Post,   "/api/v1/groups/{group_id}/actors/{actor_id}/env_private", "actor_env_private_update", Plain),

    // Profiles.
    row(Get,    "/api/v1/actor_profiles",                           "actor_profile_list",             Plain),
    row(Post,   "/api/v1/actor_profiles",                           "actor_profile_upsert",           Plain),
    row(Get,    "/api/v1/actor_profiles/{profile_id}",              "actor_profile_get",              Plain),
    row(Delete, "/api/v1/actor_profiles/{profile_id}",              "actor_profile_delete",           Plain),
    row(Get,    "/api/v1/actor_profiles/{profile_id}/env_private",  "actor_profile_secret_keys",      Plain),
    row(Post,   "/api/v1/actor_profiles/{profile_id}/env_private",  "actor_profile_secret_update",    Plain),
    row(Post,   "/api/v1/actor_profiles/{profile_id}/copy_actor_secrets",   "actor_profile_secret_copy_from_actor",   Plain),
    row(Post,   "/api/v1/actor_profiles/{profile_id}/copy_profile_secrets", "actor_profile_secret_copy_from_profile", Plain),

    // Terminals, and what developers want to know.
    row(Get,    "/api/v1/groups/{group_id}/terminal/tail",          "terminal_tail",                  Plain),
    row(Post,   "/api/v1/groups/{group_id}/terminal/clear",         "terminal_clear",                 Plain),
    row(Get,    "/api/v1/debug/snapshot",                           "debug_snapshot",                 Plain),
    row(Get,    "/api/v1/debug/tail_logs",                          "debug_tail_logs",                Plain),
    row(Post,   "/api/v1/debug/clear_logs",                         "debug_clear_logs",               Plain),

    // Chat platforms.
    row(Post,   "/api/im/set",                                      "im_config_set",                  Config(IM)),
    row(Post,   "/api/im/unset",                                    "im_config_unset",                Plain),
    row(Get,    "/api/im/config",                                   "im_config_get",                  Plain),
    row(Post,   "/api/im/bind",                                     "im_bind_chat",                   Plain),
    row(Get,    "/api/im/authorized",                               "im_list_authorized",             Plain),
    row(Get,    "/api/im/pending",                                  "im_list_pending",                Plain),
    row(Post,   "/api/im/pending/reject",                           "im_reject_pending",              Plain),
    row(Post,   "/api/im/revoke",                                   "im_revoke_chat",                 Plain),
];
