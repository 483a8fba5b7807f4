//! Which tool does an op, for every op that an actor may ask; where none does, why not.

use super::find;
use Way::{By, Not};
use bus::contract::op::{TABLE, Who};
use std::collections::BTreeSet;

/// How an agent gets an op.
enum Way {
    /// By calling this tool.
    By(&'static str),
    /// Not at all, for this reason.
    Not(&'static str),
}

const SERVER: &str = "the server asks this itself, for every caller";
const STREAM: &str = "a connection that becomes a stream; a tool has one answer";
const SETUP: &str = "how the home and the group are set up is the user's; agents have `cccc call` where they lead";
const TEMPLATES: &str = "templates are files that a person keeps; an agent that leads has `cccc template`";
const UPKEEP: &str = "upkeep of files, which needs a person who looks at them";
const RAW: &str = "the ledger as it lies on disk; agents have cccc_message_history, which shows what is theirs";
const SCREEN: &str = "for who draws a terminal; agents read cccc_terminal_tail";
const CHATS: &str = "who may write from outside is looked after by a person, except for cccc_im_bind";
const PROFILES: &str = "what a profile holds is for the form that edits it; agents see cccc_actor_profile_list";

#[rustfmt::skip]
const OPS: &[(&str, Way)] = &[
    ("ping",                            Not(SERVER)),
    ("whoami",                          Not(SERVER)),
    ("principals_get",                  Not(SETUP)),
    ("remote_access_state",             Not(SETUP)),
    ("shutdown",                        Not("it would end the agents' own home")),
    ("events_stream",                   Not(STREAM)),
    ("observability_get",               Not(SETUP)),
    ("debug_snapshot",                  By("cccc_debug_snapshot")),
    ("debug_tail_logs",                 By("cccc_debug_tail_logs")),
    ("debug_clear_logs",                Not(UPKEEP)),
    ("attach",                          Not(SETUP)),
    ("groups",                          By("cccc_group_list")),
    ("registry_reconcile",              Not(UPKEEP)),
    ("group_show",                      By("cccc_group_info")),
    ("group_create",                    Not(SETUP)),
    ("group_update",                    Not(SETUP)),
    ("group_delete",                    Not(SETUP)),
    ("group_reset",                     Not(SETUP)),
    ("group_use",                       Not(SETUP)),
    ("group_detach_scope",              Not(SETUP)),
    ("group_set_state",                 By("cccc_group_set_state")),
    ("group_settings_get",              Not(SETUP)),
    ("group_settings_update",           Not(SETUP)),
    ("group_start",                     Not(SETUP)),
    ("group_stop",                      By("cccc_group_set_state")),
    ("active_get",                      Not("which group a person looks at; an agent has its own")),
    ("active_set",                      Not("which group a person looks at; an agent has its own")),
    ("group_prompt_get",                By("cccc_help")),
    ("group_prompt_set",                Not(SETUP)),
    ("group_prompt_reset",              Not(SETUP)),
    ("group_preamble_get",              Not("an agent is told its preamble when it starts")),
    ("group_preamble_set",              Not(SETUP)),
    ("group_preamble_reset",            Not(SETUP)),
    ("actor_preamble_get",              Not("an agent is told its preamble when it starts")),
    ("actor_list",                      By("cccc_actor_list")),
    ("actor_add",                       By("cccc_actor_add")),
    ("actor_remove",                    By("cccc_actor_remove")),
    ("actor_start",                     By("cccc_actor_start")),
    ("actor_stop",                      By("cccc_actor_stop")),
    ("actor_restart",                   By("cccc_actor_restart")),
    ("actor_profile_list",              By("cccc_actor_profile_list")),
    ("actor_profile_get",               Not(PROFILES)),
    ("actor_profile_secret_keys",       Not(PROFILES)),
    ("send",                            By("cccc_message_send")),
    ("reply",                           By("cccc_message_reply")),
    ("send_cross_group",                By("cccc_message_send")),
    ("send_files",                      By("cccc_file_send")),
    ("stream_emit",                     Not(STREAM)),
    ("tracked_send",                    By("cccc_tracked_send")),
    ("message_deliver",                 Not("delivery is retried by itself; who insists has `cccc deliver`")),
    ("reply_request_cancel",            Not("rare: an agent that no longer wants an answer says so in a message")),
    ("chat_ack",                        By("cccc_inbox_mark_read")),
    ("inbox_list",                      By("cccc_inbox_list")),
    ("inbox_mark_read",                 By("cccc_inbox_mark_read")),
    ("inbox_mark_all_read",             By("cccc_inbox_mark_all_read")),
    ("inbox_read",                      Not("a list and a mark in one step, for programs without tools")),
    ("message_history",                 By("cccc_message_history")),
    ("headless_status",                 By("cccc_headless_status")),
    ("headless_set_status",             By("cccc_headless_set_status")),
    ("headless_ack_message",            By("cccc_headless_ack_message")),
    ("system_notify",                   By("cccc_notify_send")),
    ("notify_ack",                      By("cccc_notify_ack")),
    ("context_get",                     By("cccc_context_get")),
    ("context_sync",                    By("cccc_context_sync")),
    ("task_list",                       By("cccc_task_list")),
    ("presence_get",                    By("cccc_presence_get")),
    ("group_automation_state",          By("cccc_automation_state")),
    ("group_automation_update",         Not("cccc_automation_manage replaces all rules as well, and says what is wrong with which")),
    ("group_automation_manage",         By("cccc_automation_manage")),
    ("group_automation_reset_baseline", Not(SETUP)),
    ("im_config_get",                   Not(CHATS)),
    ("im_bind_chat",                    By("cccc_im_bind")),
    ("im_list_authorized",              Not(CHATS)),
    ("im_reject_pending",               Not(CHATS)),
    ("im_revoke_chat",                  Not(CHATS)),
    ("im_chat_set",                     Not(CHATS)),
    ("group_template_export",           Not(TEMPLATES)),
    ("group_template_preview",          Not(TEMPLATES)),
    ("group_template_import_replace",   Not(TEMPLATES)),
    ("group_create_from_template",      Not(TEMPLATES)),
    ("ledger_heads",                    Not(RAW)),
    ("ledger_range",                    Not(RAW)),
    ("ledger_window",                   Not(RAW)),
    ("ledger_search",                   Not(RAW)),
    ("message_statuses",                Not(RAW)),
    ("ledger_snapshot",                 Not(UPKEEP)),
    ("ledger_compact",                  Not(UPKEEP)),
    ("blob_upload",                     By("cccc_file_send")),
    ("blob_read",                       By("cccc_blob_path")),
    ("terminal_tail",                   By("cccc_terminal_tail")),
    ("terminal_snapshot",               Not(SCREEN)),
    ("terminal_since",                  Not(SCREEN)),
    ("terminal_history",                Not(SCREEN)),
    ("terminal_clear",                  Not(SCREEN)),
    ("term_resize",                     Not(SCREEN)),
    ("term_attach",                     Not(SCREEN)),
];

#[test]
fn every_op_that_an_actor_may_ask_has_a_tool_or_a_reason() {
    let may_ask = |who: Who| !matches!(who, Who::User | Who::Daemon | Who::System);
    let known: BTreeSet<_> = OPS.iter().map(|(op, _)| *op).collect();
    assert_eq!(known.len(), OPS.len(), "one row each");
    let asked: BTreeSet<_> = TABLE.iter().filter(|row| may_ask(row.who)).map(|row| row.name).collect();
    assert_eq!(known.difference(&asked).collect::<Vec<_>>(), Vec::<&&str>::new(), "no actor may ask these");
    assert_eq!(asked.difference(&known).collect::<Vec<_>>(), Vec::<&&str>::new(), "these need a tool, or a reason");
    for (op, way) in OPS {
        match way {
            By(tool) => assert!(find(tool).is_some(), "{op}: there is no {tool}"),
            Not(why) => assert!(why.len() > 20, "{op}"),
        }
    }
}
