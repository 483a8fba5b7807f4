//! Names under which newer versions have the same tools: one for a noun, and what is to be done is its argument `action`.
//! They are answered and not listed: an agent is shown one name for a thing.

use super::Row;
use Means::{Change, Remark, Tool};
use bus::contract::{Code, OpError};
use serde_json::{Map, Value, json};

/// What a newer name means.
#[derive(Debug)]
enum Means {
    /// A tool of ours, with the same arguments.
    Tool(&'static str),
    /// A change of the context, whose fields are the arguments.
    Change(&'static str),
    /// A note about how work is shared, of this kind.
    Remark(&'static str),
}

/// What makes changes of the context.
const SYNC: &str = "cccc_context_sync";

/// Name, action, and what it means. Without an action the first one of a name is meant.
#[rustfmt::skip]
const NEWER: &[(&str, &str, Means)] = &[
    ("cccc_file",            "send",            Tool("cccc_file_send")),
    ("cccc_file",            "blob_path",       Tool("cccc_blob_path")),
    ("cccc_inbox_mark_read", "read",            Tool("cccc_inbox_mark_read")),
    ("cccc_inbox_mark_read", "read_all",        Tool("cccc_inbox_mark_all_read")),
    ("cccc_group",           "get",             Tool("cccc_group_info")),
    ("cccc_group",           "info",            Tool("cccc_group_info")),
    ("cccc_group",           "list",            Tool("cccc_group_list")),
    ("cccc_group",           "set_state",       Tool("cccc_group_set_state")),
    ("cccc_actor",           "list",            Tool("cccc_actor_list")),
    ("cccc_actor",           "profile_list",    Tool("cccc_actor_profile_list")),
    ("cccc_actor",           "add",             Tool("cccc_actor_add")),
    ("cccc_actor",           "remove",          Tool("cccc_actor_remove")),
    ("cccc_actor",           "start",           Tool("cccc_actor_start")),
    ("cccc_actor",           "stop",            Tool("cccc_actor_stop")),
    ("cccc_actor",           "restart",         Tool("cccc_actor_restart")),
    ("cccc_automation",      "state",           Tool("cccc_automation_state")),
    ("cccc_automation",      "manage",          Tool("cccc_automation_manage")),
    ("cccc_coordination",    "get",             Tool("cccc_context_get")),
    ("cccc_coordination",    "update_brief",    Change("coordination.brief.update")),
    ("cccc_coordination",    "add_decision",    Remark("decision")),
    ("cccc_coordination",    "add_handoff",     Remark("handoff")),
    ("cccc_task",            "list",            Tool("cccc_task_list")),
    ("cccc_task",            "get",             Tool("cccc_task_list")),
    ("cccc_task",            "create",          Change("task.create")),
    ("cccc_task",            "update",          Change("task.update")),
    ("cccc_task",            "move",            Change("task.move")),
    ("cccc_task",            "restore",         Change("task.restore")),
    ("cccc_task",            "delete",          Change("task.delete")),
    ("cccc_agent_state",     "get",             Tool("cccc_context_get")),
    ("cccc_agent_state",     "update",          Change("agent_state.update")),
    ("cccc_agent_state",     "clear",           Change("agent_state.clear")),
    ("cccc_headless",        "status",          Tool("cccc_headless_status")),
    ("cccc_headless",        "set_status",      Tool("cccc_headless_set_status")),
    ("cccc_headless",        "ack_message",     Tool("cccc_headless_ack_message")),
    ("cccc_notify",          "send",            Tool("cccc_notify_send")),
    ("cccc_notify",          "ack",             Tool("cccc_notify_ack")),
    ("cccc_terminal",        "tail",            Tool("cccc_terminal_tail")),
    ("cccc_debug",           "snapshot",        Tool("cccc_debug_snapshot")),
    ("cccc_debug",           "tail_logs",       Tool("cccc_debug_tail_logs")),
];

/// The tool that is meant, and its arguments; `invalid_request` where the name has no such action.
type Meant = Result<(&'static Row, Map<String, Value>), OpError>;

/// What a newer name means.
///
/// # Errors
///
/// No newer version has the name; the arguments are given back.
pub fn find(name: &str, mut args: Map<String, Value>, caller: Option<&str>) -> Result<Meant, Map<String, Value>> {
    let actions = || NEWER.iter().filter(|(newer, ..)| *newer == name);
    let Some((_, usual, _)) = actions().next() else { return Err(args) };
    let action = args.remove("action").filter(|action| !action.is_null()).unwrap_or(json!(usual));
    let Some((.., means)) = actions().find(|(_, known, _)| action == *known) else {
        let known: Vec<_> = actions().map(|(_, known, _)| *known).collect();
        let sentence = format!("{name}: there is no action {action}; there are {}", known.join(", "));
        return Ok(Err(OpError::new(Code::InvalidRequest, sentence).with("argument", "action")));
    };
    let (tool, args) = match means {
        Tool(tool) => (*tool, args),
        Change(op) => (SYNC, change(op, args, caller)),
        Remark(kind) => {
            args.insert("kind".into(), json!(kind));
            (SYNC, change("coordination.note.add", args, caller))
        }
    };
    let row = super::find(tool).expect("the table names tools");
    Ok(Ok((row, args)))
}

/// The arguments with which one change of the context is made.
fn change(op: &str, mut fields: Map<String, Value>, caller: Option<&str>) -> Map<String, Value> {
    let around = ["group_id", "dry_run", "expected_version"].map(|name| (name.to_owned(), fields.remove(name)));
    // What an agent has in mind is its own, unless it says otherwise.
    if let (true, Some(caller)) = (op.starts_with("agent_state."), caller) {
        fields.entry("actor_id").or_insert(caller.into());
    }
    fields.insert("op".into(), json!(op));
    let ops = ("ops".to_owned(), Some(json!([fields])));
    around.into_iter().chain([ops]).filter_map(|(name, value)| Some((name, value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_name_means_a_tool_of_ours() {
        for (name, action, means) in NEWER {
            let (row, args) =
                find(name, json!({"action": action}).as_object().unwrap().clone(), None).unwrap().unwrap();
            assert!(!args.contains_key("action"), "{name}");
            match means {
                Tool(tool) => assert_eq!(row.name, *tool),
                Change(op) => assert_eq!((row.name, &args["ops"][0]["op"]), (SYNC, &json!(op))),
                Remark(kind) => assert_eq!((row.name, &args["ops"][0]["kind"]), (SYNC, &json!(kind))),
            }
        }
    }

    #[test]
    fn its_arguments_are_found_where_ours_has_them() {
        let found = |name: &str, args: Value| {
            let (row, args) = find(name, args.as_object().unwrap().clone(), Some("a")).ok()?.ok()?;
            Some((row.name, Value::Object(args)))
        };
        #[rustfmt::skip]
        let cases = [
            ("cccc_group",       json!({}),                                          Some(("cccc_group_info", json!({})))),
            ("cccc_task",        json!({"task_id": "T001"}),                         Some(("cccc_task_list", json!({"task_id": "T001"})))),
            ("cccc_task",        json!({"action": "move", "task_id": "T001", "group_id": "g"}),
                                 Some((SYNC, json!({"group_id": "g", "ops": [{"op": "task.move", "task_id": "T001"}]})))),
            ("cccc_agent_state", json!({"action": "update", "focus": "x"}),
                                 Some((SYNC, json!({"ops": [{"op": "agent_state.update", "focus": "x", "actor_id": "a"}]})))),
            ("cccc_agent_state", json!({"action": "clear", "actor_id": "b"}),
                                 Some((SYNC, json!({"ops": [{"op": "agent_state.clear", "actor_id": "b"}]})))),
            ("cccc_task",        json!({"action": "fly"}),                           None),
            ("cccc_task",        json!({"action": 7}),                               None),
            ("cccc_bootstrap",   json!({}),                                          None),
        ];
        for (name, args, wanted) in cases {
            assert_eq!(found(name, args.clone()), wanted, "{name} {args}");
        }
    }
}
