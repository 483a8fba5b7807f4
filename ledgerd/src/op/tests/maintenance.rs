//! Looking after ledgers and the registry: nothing is ever lost by it.

use super::world::World;
use bus::contract::event::{GroupKnown, ScopeDefault};
use serde_json::json;

#[test]
fn a_snapshot_is_made_and_nothing_is_archived() {
    let (mut world, group_id) = World::with_team();
    let last = world.of(&group_id).last().unwrap().clone();
    let made = world.ask("lead", "ledger_snapshot", json!({"group_id": group_id})).unwrap()["snapshot"].clone();
    let event = json!({"id": last.id, "ts": last.ts, "kind": last.kind(), "by": last.by});
    assert_eq!(made, json!({"snapshot_path": "a file", "size_bytes": 7, "last_event": event}));
    let total = world.of(&group_id).count();
    let compacted = world.ask("user", "ledger_compact", json!({"group_id": group_id, "force": true})).unwrap();
    let wanted = json!({"ok": true, "skipped": true, "reason": "nothing_to_archive", "total_lines": total});
    assert_eq!(compacted, wanted);
    let group = json!({"group_id": "$group"});
    #[rustfmt::skip]
    let cases = [
        ("peer", "ledger_snapshot", group.clone(),                          Err("ledger_snapshot_failed")),
        ("zoe",  "ledger_snapshot", group.clone(),                          Err("ledger_snapshot_failed")),
        ("lead", "ledger_snapshot", group.clone(),                          Ok("")),
        ("peer", "ledger_compact",  group.clone(),                          Err("ledger_compact_failed")),
        ("lead", "ledger_compact",  group,                                  Ok("")),
    ];
    world.run(&group_id, &[], &cases);
}

#[test]
fn only_groups_of_which_nothing_is_left_are_forgotten_and_only_when_asked() {
    let (mut world, group_id) = World::with_team();
    let gone = "g_00000000dead";
    world.home(GroupKnown { known_group_id: gone.into() });
    world.home(ScopeDefault { scope_key: "s_gone".into(), default_group_id: gone.into() });
    let look = world.ask("peer", "registry_reconcile", json!({})).unwrap();
    let wanted = json!({"dry_run": true, "scanned_groups": 2, "missing_group_ids": [gone], "corrupt_group_ids": [],
                        "removed_group_ids": [], "removed_default_scope_keys": []});
    assert_eq!((look, world.last.len()), (wanted, 0));
    let refused = world.ask("lead", "registry_reconcile", json!({"remove_missing": true})).unwrap_err();
    assert_eq!(refused.code.word(), "permission_denied");

    let done = world.ask("user", "registry_reconcile", json!({"remove_missing": true})).unwrap();
    let wanted = json!({"dry_run": false, "scanned_groups": 2, "missing_group_ids": [gone], "corrupt_group_ids": [],
                        "removed_group_ids": [gone], "removed_default_scope_keys": ["s_gone"]});
    assert_eq!(done, wanted);
    assert_eq!(world.kinds(), ["x.cccc.scope_default", "x.cccc.group_deleted"]);
    assert_eq!(world.state.groups().collect::<Vec<_>>(), [group_id.as_str()]);
    let again = world.ask("user", "registry_reconcile", json!({"remove_missing": true})).unwrap();
    assert_eq!((&again["missing_group_ids"], world.last.len()), (&json!([]), 0));
    world.check_replay();
}
