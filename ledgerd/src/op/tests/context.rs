//! Ops about a group's shared context: every operation of a batch, and that a batch happens as a whole or not at all.

use super::world::World;
use bus::contract::op::context::batch;
use bus::contract::{OpError, limit};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn sync(world: &mut World, group_id: &str, ops: Value) -> Result<Value, OpError> {
    world.ask("lead", "context_sync", json!({"group_id": group_id, "ops": ops}))
}

fn get(world: &mut World, group_id: &str) -> Value {
    world.ask("zoe", "context_get", json!({"group_id": group_id})).unwrap()
}

fn task(world: &mut World, group_id: &str, task_id: &str) -> Value {
    world.ask("zoe", "task_list", json!({"group_id": group_id, "task_id": task_id})).unwrap()["task"].clone()
}

/// A group whose context has something of everything.
fn furnished() -> (World, String) {
    let (mut world, group_id) = World::with_team();
    let ops = json!([
        {"op": "vision.update", "vision": "far"},
        {"op": "sketch.update", "sketch": "near"},
        {"op": "milestone.create", "name": "first", "description": "d"},
        {"op": "task.create", "name": "build", "goal": "g", "milestone": "M1", "assignee": "peer",
         "steps": [{"name": "one", "acceptance": "x"}, {"name": "two", "acceptance": "y"}]},
        {"op": "note.add", "content": "mind the gap"},
        {"op": "reference.add", "url": "https://h/x", "note": "look"},
        {"op": "presence.update", "agent_id": "peer", "status": "reading"},
    ]);
    sync(&mut world, &group_id, ops).unwrap();
    (world, group_id)
}

#[test]
fn an_empty_context_is_shown_as_one() {
    let (mut world, group_id) = World::with_team();
    let mut shown = get(&mut world, &group_id);
    assert_eq!(shown["version"].as_str().map(str::len), Some(12));
    shown.as_object_mut().unwrap().remove("version");
    let empty = json!({"vision": null, "sketch": null, "milestones": [], "notes": [], "references": [],
                       "tasks_summary": {"total": 0, "done": 0, "active": 0, "planned": 0}, "active_task": null,
                       "presence": {"agents": []}, "agent_states": [], "meta": {},
                       "coordination": {"recent_decisions": [], "recent_handoffs": [], "brief": {
                           "objective": "", "current_focus": "", "constraints": [], "project_brief": "",
                           "project_brief_stale": false, "updated_by": "", "updated_at": ""}}});
    assert_eq!(shown, empty);
    let presence = world.ask("zoe", "presence_get", json!({"group_id": group_id})).unwrap();
    assert_eq!(presence, json!({"agents": [], "heartbeat_timeout_seconds": 300}));
    assert_eq!(world.ask("zoe", "task_list", json!({"group_id": group_id})).unwrap(), json!({"tasks": []}));
}

#[test]
fn every_operation_changes_what_it_says() {
    let today = "2026-01-13";
    let archive = |op: &str, field: &str, id: &str| json!({"op": op, field: id, "status": "archived"});
    #[rustfmt::skip]
    let cases = [
        // operations                                                            path                        value
        (json!([{"op": "vision.update", "vision": " wide "}]),                   "/vision",                  json!(" wide ")),
        (json!([{"op": "vision.update"}]),                                       "/vision",                  json!("")),
        (json!([{"op": "sketch.update", "sketch": "s"}]),                        "/sketch",                  json!("s")),
        (json!([{"op": "milestone.create", "name": "n"}]),                       "/milestones/1/id",         json!("M2")),
        (json!([{"op": "milestone.create", "status": "pending"}]),               "/milestones/1/status",     json!("planned")),
        (json!([{"op": "milestone.create", "status": "Active"}]),                "/milestones/1/started",    json!(today)),
        (json!([{"op": "milestone.update", "milestone_id": "M1", "status": "active"}]), "/milestones/0/started", json!(today)),
        (json!([{"op": "milestone.update", "milestone_id": "M1", "name": "x"}]), "/milestones/0/description", json!("d")),
        (json!([{"op": "milestone.update", "milestone_id": "M1", "description": ""}]), "/milestones/0/description", json!("")),
        (json!([{"op": "milestone.complete", "milestone_id": "M1", "outcomes": "o"}]), "/milestones/0/outcomes", json!("o")),
        (json!([{"op": "milestone.complete", "milestone_id": "M1"}]),            "/milestones/0/completed",  json!(today)),
        (json!([archive("milestone.update", "milestone_id", "M1")]),             "/milestones/0/status",     json!("archived")),
        (json!([{"op": "milestone.complete", "milestone_id": "M1"}, archive("milestone.update", "milestone_id", "M1"),
                archive("milestone.update", "milestone_id", "M1"), {"op": "milestone.restore", "milestone_id": "M1"}]),
                                                                                 "/milestones/0/status",     json!("done")),
        (json!([{"op": "milestone.remove", "milestone_id": "M1"}]),              "/milestones",              json!([])),
        (json!([{"op": "milestone.remove", "milestone_id": "M1"}]),              "/task/milestone",          json!(null)),
        (json!([{"op": "task.create"}]),                                         "/tasks_summary/total",     json!(2)),
        (json!([{"op": "task.create", "title": "t", "status": "active"}]),       "/active_task/name",        json!("t")),
        (json!([{"op": "task.update", "task_id": "T001", "status": "active"}]),  "/active_task/id",          json!("T001")),
        (json!([{"op": "task.update", "task_id": "T001", "assignee": ""}]),      "/task/assignee",           json!(null)),
        (json!([{"op": "task.update", "task_id": "T001", "name": "n"}]),         "/task/assignee",           json!("peer")),
        (json!([{"op": "task.update", "task_id": "T001", "milestone_id": " "}]), "/task/milestone",          json!(null)),
        (json!([{"op": "task.update", "task_id": "T001", "step_id": "S1", "step_status": "done"}]), "/task/current_step", json!("S2")),
        (json!([{"op": "task.update", "task_id": "T001", "step_id": "S1", "step_status": "done"}]), "/task/progress", json!(0.5)),
        (json!([{"op": "task.update", "task_id": "T001", "step_id": "S1"}]),     "/task/current_step",       json!("S1")),
        (json!([{"op": "task.move", "task_id": "T001", "status": "done"}]),      "/tasks_summary/done",      json!(1)),
        (json!([{"op": "task.move", "task_id": "T001", "status": "active"}, archive("task.update", "task_id", "T001"),
                {"op": "task.restore", "task_id": "T001"}]),                     "/task/status",             json!("active")),
        (json!([archive("task.update", "task_id", "T001")]),                     "/tasks_summary",           json!({"total": 1, "done": 0, "active": 0, "planned": 0})),
        (json!([{"op": "task.delete", "task_id": "T001"}]),                      "/tasks_summary/total",     json!(0)),
        (json!([{"op": "note.add", "content": "c"}]),                            "/notes/1",                 json!({"id": "N002", "content": "c"})),
        (json!([{"op": "note.update", "note_id": "N001", "content": "c"}]),      "/notes/0/content",         json!("c")),
        (json!([{"op": "note.update", "note_id": "N001"}]),                      "/notes/0/content",         json!("mind the gap")),
        (json!([{"op": "note.remove", "note_id": "N001"}]),                      "/notes",                   json!([])),
        (json!([{"op": "reference.add", "url": "u", "note": "n"}]),              "/references/1",            json!({"id": "R002", "url": "u", "note": "n"})),
        (json!([{"op": "reference.update", "reference_id": "R001", "url": "u"}]), "/references/0",           json!({"id": "R001", "url": "u", "note": "look"})),
        (json!([{"op": "reference.remove", "reference_id": "R001"}]),            "/references",              json!([])),
        (json!([{"op": "presence.update", "agent_id": "peer", "status": " a \n b "}]), "/presence/agents/0/status", json!("a b")),
        (json!([{"op": "presence.update", "agent_id": "SomeOne_else", "status": "x"}]), "/presence/agents/1/id", json!("some-one-else")),
        (json!([{"op": "presence.clear", "agent_id": "peer"}]),                  "/presence/agents/0/status", json!("")),
        (json!([{"op": "task.update", "task_id": "T001", "checklist": [{"text": "a", "status": "done"}, {"id": "x", "text": "b"}]}]),
                                                                                 "/task/steps/1", json!({"id": "x", "name": "b", "acceptance": "", "status": "pending"})),
        (json!([{"op": "task.update", "task_id": "T001", "checklist": [{"id": "S2"}, {"id": "S2"}]}]), "/task/steps/1/id", json!("S3")),
        (json!([{"op": "task.update", "task_id": "T001", "steps": []}]),         "/task/steps/0/name",       json!("one")),
        (json!([{"op": "task.update", "task_id": "T001", "blocked_by": ["T009", " "]}]), "/task/blocked_by",  json!(["T009"])),
        (json!([{"op": "task.update", "task_id": "T001", "handoff_to": "lead", "notes": "n"}]), "/task/handoff_to", json!("lead")),
        (json!([{"op": "task.create", "title": "t", "checklist": [{"text": "a"}], "priority": "high", "waiting_on": "user",
                 "parent_id": "T001", "task_type": "standard", "status": "active"}]), "/active_task/steps/0/name", json!("a")),
        (json!([{"op": "task.create", "parent_id": "T001", "status": "active"}]), "/active_task/parent_id",  json!("T001")),
        (json!([{"op": "coordination.brief.update", "objective": "o", "constraints": ["c"], "project_brief_stale": true}]),
                                                                                 "/coordination/brief/constraints", json!(["c"])),
        (json!([{"op": "coordination.brief.update", "objective": "o"}, {"op": "coordination.brief.update", "current_focus": "f"}]),
                                                                                 "/coordination/brief/objective", json!("o")),
        (json!([{"op": "coordination.brief.update", "current_focus": "f"}]),     "/coordination/brief/updated_by", json!("lead")),
        (json!([{"op": "coordination.note.add", "kind": "Decision", "summary": "s", "task_id": "T001"}]), "/coordination/recent_decisions/0/task_id", json!("T001")),
        (json!([{"op": "coordination.note.add", "kind": "handoff", "summary": "1"}, {"op": "coordination.note.add", "kind": "handoff", "summary": "2"}]),
                                                                                 "/coordination/recent_handoffs/0/summary", json!("2")),
        (json!([{"op": "agent_state.update", "actor_id": "peer", "focus": "f", "blockers": ["b"], "user_model": "u"}]),
                                                                                 "/agent_states/0/hot", json!({"active_task_id": null, "focus": "f", "next_action": null, "blockers": ["b"]})),
        (json!([{"op": "agent_state.update", "actor_id": "peer", "focus": "f"}, {"op": "agent_state.update", "actor_id": "peer", "focus": "", "open_loops": ["l"]}]),
                                                                                 "/agent_states/0/hot/focus", json!(null)),
        (json!([{"op": "agent_state.update", "actor_id": "peer", "commitments": ["c"]}, {"op": "agent_state.clear", "actor_id": "peer"}]),
                                                                                 "/agent_states/0/warm/commitments", json!([])),
        (json!([{"op": "meta.merge", "data": {"a": 1, "b": {}}}, {"op": "meta.merge", "data": {"a": null, "c": "x"}}]),
                                                                                 "/meta", json!({"b": {}, "c": "x"})),
    ];
    let tested: BTreeSet<&str> =
        cases.iter().flat_map(|(ops, ..)| ops.as_array().unwrap()).map(|op| op["op"].as_str().unwrap()).collect();
    assert_eq!(tested, batch::NAMES.iter().copied().collect(), "every operation has a case");
    for (ops, path, wanted) in &cases {
        let (mut world, group_id) = furnished();
        let before = get(&mut world, &group_id)["version"].clone();
        let synced = sync(&mut world, &group_id, ops.clone()).unwrap_or_else(|e| panic!("{ops}: {e}"));
        assert_eq!(world.kinds(), ["context.sync"], "{ops}");
        assert_eq!(
            (&world.last[0].by, synced["changes"].as_array().unwrap().len()),
            (&"lead".to_owned(), ops.as_array().unwrap().len())
        );
        let mut shown = get(&mut world, &group_id);
        assert_eq!(synced["version"], shown["version"], "{ops}: the version is fresh");
        let name = ops[0]["op"].as_str().unwrap();
        let is_presence = name.starts_with("presence.") || name.starts_with("agent_state.");
        let is_no_change = *path == "/task/current_step" && *wanted == "S1"
            || *wanted == "mind the gap"
            || *path == "/task/steps/0/name";
        assert_eq!(synced["version"] == before, is_presence || is_no_change, "{ops}: the version changes with content");
        if path.starts_with("/task/") {
            shown["task"] = task(&mut world, &group_id, "T001");
        }
        assert_eq!(shown.pointer(path), Some(wanted), "{ops}: {shown}");
        world.check_replay();
    }
}

#[test]
fn a_batch_that_cannot_be_done_changes_nothing() {
    let long = "x".repeat(limit::CONTEXT_TEXT_BYTES_MAX + 1);
    let steps = vec![json!({"name": "s"}); limit::TASK_STEPS_MAX + 1];
    #[rustfmt::skip]
    let cases = [
        // an operation                                                         what the refusal says
        (json!({"op": "task.fly"}),                                             "unknown operation"),
        (json!({}),                                                             "unknown operation"),
        (json!({"op": "milestone.update"}),                                     "missing milestone_id"),
        (json!({"op": "milestone.update", "milestone_id": "M9"}),               "milestone not found: M9"),
        (json!({"op": "milestone.update", "milestone_id": "M1", "status": "x"}), "invalid status: x"),
        (json!({"op": "milestone.create", "status": "x"}),                      "invalid status: x"),
        (json!({"op": "milestone.create", "name": long}),                       "TITLE_BYTES_MAX"),
        (json!({"op": "milestone.complete", "milestone_id": "M9"}),             "milestone not found"),
        (json!({"op": "milestone.restore", "milestone_id": "M1"}),              "only what is archived"),
        (json!({"op": "milestone.remove", "milestone_id": "M9"}),               "milestone not found"),
        (json!({"op": "task.create", "steps": steps}),                          "TASK_STEPS_MAX"),
        (json!({"op": "task.create", "steps": 7}),                              "cannot be read"),
        (json!({"op": "task.create", "goal": long}),                            "CONTEXT_TEXT_BYTES_MAX"),
        (json!({"op": "task.update", "task_id": "T009"}),                       "task not found: T009"),
        (json!({"op": "task.update", "task_id": "T001", "step_id": "S9", "step_status": "done"}), "step not found: S9"),
        (json!({"op": "task.update", "task_id": "T001", "step_id": "S1", "step_status": "x"}),    "invalid step_status"),
        (json!({"op": "task.move", "task_id": "T001"}),                         "invalid status"),
        (json!({"op": "task.restore", "task_id": "T001"}),                      "only what is archived"),
        (json!({"op": "task.delete", "task_id": "T009"}),                       "task not found"),
        (json!({"op": "note.add", "content": long}),                            "CONTEXT_TEXT_BYTES_MAX"),
        (json!({"op": "note.update"}),                                          "missing note_id"),
        (json!({"op": "note.remove", "note_id": "N009"}),                       "note not found"),
        (json!({"op": "reference.update", "reference_id": "R009"}),             "reference not found"),
        (json!({"op": "reference.remove", "reference_id": "R009"}),             "reference not found"),
        (json!({"op": "presence.update", "status": "x"}),                       "missing agent_id"),
        (json!({"op": "presence.update", "agent_id": "peer", "status": long}),  "TITLE_BYTES_MAX"),
        (json!({"op": "presence.clear", "agent_id": " _ "}),                    "missing agent_id"),
        (json!({"op": "task.update", "task_id": "T001", "checklist": steps}),   "TASK_STEPS_MAX"),
        (json!({"op": "task.update", "task_id": "T001", "notes": long}),        "CONTEXT_TEXT_BYTES_MAX"),
        (json!({"op": "task.update", "task_id": "T001", "blocked_by": [long]}), "CONTEXT_TEXT_BYTES_MAX"),
        (json!({"op": "task.create", "priority": long}),                        "TITLE_BYTES_MAX"),
        (json!({"op": "coordination.brief.update", "objective": long}),         "CONTEXT_TEXT_BYTES_MAX"),
        (json!({"op": "coordination.brief.update", "constraints": [long]}),     "CONTEXT_TEXT_BYTES_MAX"),
        (json!({"op": "coordination.note.add", "kind": "idea", "summary": "s"}), "invalid kind: idea"),
        (json!({"op": "coordination.note.add", "kind": "decision"}),            "missing summary"),
        (json!({"op": "agent_state.update", "focus": "f"}),                     "missing actor_id"),
        (json!({"op": "agent_state.update", "actor_id": "peer", "focus": long}), "CONTEXT_TEXT_BYTES_MAX"),
        (json!({"op": "agent_state.clear"}),                                    "missing actor_id"),
        (json!({"op": "meta.merge", "data": 7}),                                "data must be an object"),
        (json!({"op": "meta.merge", "data": {"a": long}}),                      "CONTEXT_TEXT_BYTES_MAX"),
        (json!({"op": "vision.update", "vision": long}),                        "CONTEXT_TEXT_BYTES_MAX"),
        (json!({"op": "sketch.update", "sketch": long}),                        "CONTEXT_TEXT_BYTES_MAX"),
    ];
    let (mut world, group_id) = furnished();
    let before = get(&mut world, &group_id);
    for (op, says) in cases {
        let ops = json!([{"op": "note.add", "content": "kept?"}, op, {"op": "note.remove", "note_id": "N001"}]);
        for dry_run in [false, true] {
            let args = json!({"group_id": group_id, "ops": ops, "dry_run": dry_run});
            let refused = world.ask("lead", "context_sync", args).unwrap_err();
            assert_eq!(
                (refused.code.word(), &refused.details["index"]),
                ("context_sync_error", &json!(1)),
                "{refused}"
            );
            assert!(refused.message.contains(says), "{says}: {refused}");
        }
        assert!(world.last.is_empty() && get(&mut world, &group_id) == before, "{says}");
    }
    world.check_replay();
}

#[test]
fn requests_are_allowed_refused_and_written_as_the_standard_says() {
    let (mut world, group_id) = furnished();
    let note = json!([{"op": "note.add", "content": "c"}]);
    let many = vec![json!({"op": "vision.update"}); limit::CONTEXT_OPS_MAX + 1];
    let version = get(&mut world, &group_id)["version"].as_str().unwrap().to_owned();
    #[rustfmt::skip]
    let table = [
        ("zoe",  "context_get",  json!({"group_id": "$group", "detail": "full"}),          Ok("")),
        ("zoe",  "task_list",    json!({"group_id": "$group", "task_id": "T009"}),         Err("task_not_found")),
        ("zoe",  "task_list",    json!({"group_id": "$group", "task_id": "T001"}),         Ok("")),
        ("zoe",  "presence_get", json!({"group_id": "$group"}),                            Ok("")),
        ("lead", "context_sync", json!({"group_id": "$group", "ops": {"op": "note.add"}}), Err("invalid_ops")),
        ("lead", "context_sync", json!({"group_id": "$group", "ops": ["note.add"]}),       Err("invalid_ops")),
        ("lead", "context_sync", json!({"group_id": "$group", "ops": many}),               Err("invalid_request")),
        ("lead", "context_sync", json!({"group_id": "$group", "ops": note, "if_version": "000000000000"}),       Err("version_conflict")),
        ("lead", "context_sync", json!({"group_id": "$group", "ops": note, "expected_version": "000000000000"}), Err("version_conflict")),
        ("lead", "context_sync", json!({"group_id": "$group", "ops": []}),                 Ok("")),
        ("lead", "context_sync", json!({"group_id": "$group"}),                            Ok("")),
        ("lead", "context_sync", json!({"group_id": "$group", "ops": note, "dry_run": true}), Ok("")),
        ("lead", "context_sync", json!({"group_id": "$group", "ops": note, "if_version": version}), Ok("context.sync")),
        ("lead", "context_sync", json!({"group_id": "$group", "ops": note, "if_version": version}), Err("version_conflict")),
        // Anybody may, as the standard has it; the event says who it was.
        ("",     "context_sync", json!({"group_id": "$group", "ops": note}),               Ok("context.sync")),
        ("peer", "context_sync", json!({"group_id": "$group", "ops": note}),               Ok("context.sync")),
        ("zoe",  "context_sync", json!({"group_id": "$group", "ops": note}),               Ok("context.sync")),
        ("system", "context_sync", json!({"group_id": "$group", "ops": note}),             Ok("context.sync")),
    ];
    world.run(&group_id, &[], &table);
    let refused = world.ask("lead", "context_sync", json!({"group_id": group_id, "ops": note, "if_version": version}));
    let current = get(&mut world, &group_id)["version"].clone();
    assert_eq!(
        refused.unwrap_err().details,
        *json!({"expected_version": version, "current_version": current}).as_object().unwrap()
    );
}

#[test]
fn what_is_made_in_one_batch_gets_different_ids_and_can_be_used_in_it() {
    let (mut world, group_id) = furnished();
    let ops = json!([
        {"op": "task.create", "name": "a"}, {"op": "task.create", "name": "b"},
        {"op": "task.move", "task_id": "T003", "status": "active"},
        {"op": "milestone.create"}, {"op": "milestone.create"},
        {"op": "note.add"}, {"op": "note.remove", "note_id": "N002"}, {"op": "note.add", "content": "again"},
        {"op": "task.delete", "task_id": "T002"},
    ]);
    let synced = sync(&mut world, &group_id, ops).unwrap();
    let made: Vec<_> = synced["changes"].as_array().unwrap().iter().map(|c| c["detail"].as_str().unwrap()).collect();
    assert_eq!(made[..2], ["created task T002", "created task T003"]);
    let shown = get(&mut world, &group_id);
    assert_eq!(shown["active_task"]["name"], "b");
    let ids = |what: &str| {
        shown[what].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (ids("milestones"), ids("notes")),
        (vec!["M1".to_owned(), "M2".into(), "M3".into()], vec!["N001".to_owned(), "N002".into()])
    );
    assert_eq!(shown["tasks_summary"]["total"], 2);
    world.check_replay();
}

#[test]
fn a_dry_run_tells_what_would_change_and_an_answer_is_given_again() {
    let (mut world, group_id) = furnished();
    let before = get(&mut world, &group_id);
    let args = |dry_run| json!({"group_id": group_id, "ops": [{"op": "task.create", "name": "a"}], "dry_run": dry_run});
    let tried = world.ask("lead", "context_sync", args(true)).unwrap();
    let changes = json!([{"index": 0, "op": "task.create", "detail": "created task T002"}]);
    assert_eq!(tried, json!({"success": true, "dry_run": true, "changes": changes, "version": before["version"]}));
    assert_eq!(get(&mut world, &group_id), before);
    let done = world.ask("lead", "context_sync", args(false)).unwrap();
    assert_eq!((&done["changes"], &done["dry_run"]), (&changes, &json!(false)));
    assert_ne!(done["version"], before["version"]);
}

#[test]
fn a_change_that_changes_nothing_is_told_and_dates_nothing_anew() {
    let (mut world, group_id) = furnished();
    let before = (get(&mut world, &group_id), task(&mut world, &group_id, "T001"));
    let ops = json!([
        {"op": "vision.update", "vision": "far"}, {"op": "task.update", "task_id": "T001", "name": "build"},
        {"op": "milestone.update", "milestone_id": "M1", "status": "planned"},
        {"op": "note.add", "content": "short-lived"}, {"op": "note.remove", "note_id": "N002"},
    ]);
    sync(&mut world, &group_id, ops).unwrap();
    assert_eq!(world.kinds(), ["context.sync"]);
    assert_eq!((get(&mut world, &group_id), task(&mut world, &group_id, "T001")), before);
}

#[test]
fn a_context_has_an_end() {
    let (mut world, group_id) = World::with_team();
    let batch = vec![json!({"op": "note.add", "content": "c"}); limit::CONTEXT_OPS_MAX];
    for _ in 0..limit::CONTEXT_ENTRIES_MAX / limit::CONTEXT_OPS_MAX {
        sync(&mut world, &group_id, json!(batch)).unwrap();
    }
    let refused = sync(&mut world, &group_id, json!(batch)).unwrap_err();
    assert!(refused.message.contains("CONTEXT_ENTRIES_MAX"), "{refused}");

    let (mut world, group_id) = World::with_team();
    let large = "x".repeat(limit::CONTEXT_TEXT_BYTES_MAX);
    let room = limit::CONTEXT_BYTES_MAX / limit::CONTEXT_TEXT_BYTES_MAX;
    let refused =
        (0..=room).find_map(|_| sync(&mut world, &group_id, json!([{"op": "note.add", "content": large}])).err());
    let refused = refused.expect("a context has an end");
    assert!(refused.message.contains("CONTEXT_BYTES_MAX"), "{refused}");
    let bytes = serde_json::to_string(&get(&mut world, &group_id)).unwrap().len();
    assert!(bytes < limit::RESPONSE_LINE_BYTES_MAX / 2, "{bytes}");
    sync(
        &mut world,
        &group_id,
        json!([{"op": "note.remove", "note_id": "N001"}, {"op": "vision.update", "vision": "v"}]),
    )
    .unwrap();
}

#[test]
fn presence_names_actors_as_they_are_called_and_goes_with_them() {
    let (mut world, group_id) = World::with_team();
    world.add(&group_id, "Web_Dev", json!({}));
    let ops = json!([{"op": "presence.update", "agent_id": "Web_Dev", "status": "x"}, {"op": "presence.update", "agent_id": "web dev", "status": "y"}]);
    sync(&mut world, &group_id, ops).unwrap();
    let ids = |world: &mut World| {
        let presence = world.ask("user", "presence_get", json!({"group_id": group_id})).unwrap();
        presence["agents"]
            .as_array()
            .unwrap()
            .iter()
            .map(|agent| agent["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&mut world), ["Web_Dev", "web-dev"]);
    world.ask("user", "actor_remove", json!({"group_id": group_id, "actor_id": "Web_Dev"})).unwrap();
    assert_eq!(ids(&mut world), ["web-dev"]);
    world.check_replay();
}

#[test]
fn only_the_latest_decisions_are_kept_and_what_an_actor_had_in_mind_goes_with_it() {
    let (mut world, group_id) = furnished();
    for round in 0..3 {
        let add = |at| json!({"op": "coordination.note.add", "kind": "decision", "summary": format!("{round}.{at}")});
        let ops: Vec<_> = (0..40).map(add).collect();
        sync(&mut world, &group_id, json!(ops)).unwrap();
    }
    sync(&mut world, &group_id, json!([{"op": "coordination.note.add", "kind": "handoff", "summary": "x"}])).unwrap();
    sync(&mut world, &group_id, json!([{"op": "agent_state.update", "actor_id": "peer", "focus": "f"}])).unwrap();
    let shown = get(&mut world, &group_id);
    let decisions = shown["coordination"]["recent_decisions"].as_array().unwrap();
    let (first, last) = (&decisions[0], decisions.last().unwrap());
    assert_eq!((decisions.len(), &first["summary"], &last["summary"]), (50, &json!("2.39"), &json!("1.30")));
    assert_eq!(shown["coordination"]["recent_handoffs"].as_array().unwrap().len(), 1);
    assert_eq!(shown["agent_states"][0]["id"], "peer");
    world.ask("user", "actor_remove", json!({"group_id": group_id, "actor_id": "peer"})).unwrap();
    assert_eq!(get(&mut world, &group_id)["agent_states"], json!([]));
    world.check_replay();
}
