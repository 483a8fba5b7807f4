//! Requests in several ledgers: whole or not there, also when they share a batch.

use super::{A, B, HOME, Home, Ids, Layout, create, stage, stage_creation, verify};
use crate::store::commit::TakenBack;
use crate::store::files::Files;
use crate::store::ledger::Ledger;
use crate::store::line::Req;
use crate::store::testing;
use std::fs;
use std::sync::Arc;

/// Between the two steps of a request in several ledgers, a crash leaves its first half. It has not happened.
#[test]
fn a_crash_between_two_ledgers_leaves_nothing_half() {
    for (why, with_home_line) in [("before the decision", false), ("after it", true)] {
        let home = Home::new();
        let (mut store, _) = home.open();
        create(&mut store, A);
        let home_before = fs::read(home.ledger(HOME)).unwrap();
        create(&mut store, B);
        drop(store);
        if !with_home_line {
            fs::write(home.ledger(HOME), home_before).unwrap();
        }
        let (store, ids) = home.open();
        let groups: Vec<&str> = if with_home_line { vec![A, B] } else { vec![A] };
        assert_eq!(ids.known.iter().collect::<Vec<_>>(), groups, "{why}");
        assert_eq!(store.head(B) > 0, with_home_line, "{why}");
        assert_eq!(home.ledger(B).exists(), with_home_line, "{why}");
        assert!(home.ledger(A).exists(), "{why}");
    }
}

/// Requests in several ledgers that share a batch: a crash in the middle of the home's write leaves those that came first.
#[test]
fn a_batch_of_requests_in_several_ledgers_ends_where_the_home_ends() {
    let home = Home::new();
    let (mut store, _) = home.open();
    let before = fs::read(home.ledger(HOME)).unwrap();
    [A, B].iter().for_each(|group| stage_creation(&mut store, group));
    assert_eq!(store.commit(Some(HOME)).unwrap(), TakenBack::default());
    drop(store);
    let after = fs::read(home.ledger(HOME)).unwrap();
    let first = before.len() + after[before.len()..].iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for cut in [first, first + 20] {
        fs::write(home.ledger(HOME), &after[..cut]).unwrap();
        let (store, ids) = home.open();
        assert_eq!(ids.known.iter().collect::<Vec<_>>(), [A], "{cut}");
        assert_eq!((store.head(A), store.head(B)), (1, 0), "{cut}");
        assert!(!home.ledger(B).exists(), "{cut}");
    }
}

#[test]
fn what_is_taken_back_in_one_ledger_stays_in_the_others() {
    let home = Home::new();
    let (mut store, _) = home.open();
    [A, B].iter().for_each(|group| stage_creation(&mut store, group));
    stage(&mut store, "g_00000000000c", "too much", 1);
    store.abandon("g_00000000000c");
    assert_eq!(store.commit(Some(HOME)).unwrap(), TakenBack::default());
    drop(store);
    let (_, ids) = home.open();
    assert_eq!(ids.known.iter().collect::<Vec<_>>(), [A, B]);
    assert!(!home.ledger("g_00000000000c").exists());
}

/// The home's line that stands for a request may be behind damage. Nobody knows then, so nothing is cut off or removed.
#[test]
fn what_the_home_may_have_decided_behind_damage_stays() {
    let home = Home::new();
    let (mut store, _) = home.open();
    [A, B].iter().for_each(|group| create(&mut store, group));
    drop(store);
    let groups = [A, B].map(|group| (group, fs::read(home.ledger(group)).unwrap()));
    let mut bytes = fs::read(home.ledger(HOME)).unwrap();
    let second = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    bytes[second + 20] ^= 1;
    fs::write(home.ledger(HOME), &bytes).unwrap();
    let reports = verify::verify::<Ids>(&Layout::new(home.folder.path()), None).unwrap();
    let good: Vec<_> = reports.iter().filter(|report| report.is_good() && report.rest_bytes == 0).collect();
    assert_eq!(good.iter().map(|report| &*report.ledger).collect::<Vec<_>>(), [A, B], "{reports:?}");
    for _ in 0..2 {
        let (mut store, ids) = home.open();
        assert!(ids.damaged[HOME].contains("line 2 at byte"), "{ids:?}");
        for (group, ledger) in &groups {
            assert_eq!((store.head(group), store.is_open(group).unwrap()), (1, Ok(())), "{group}");
            assert!(fs::read(home.ledger(group)).unwrap() == *ledger, "{group}: nothing was changed");
        }
    }
}

/// What is on disk in one ledger may have to be taken back because another has no room, when no file can be opened.
#[test]
fn a_ledger_that_waits_for_the_decision_is_cut_back_without_opening_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("group/ledger.jsonl");
    let files = Arc::new(Files::new(8));
    let mut ledger = Ledger::new(path.clone(), Arc::clone(&files));
    let mut write = |seq: u64| {
        let req = Req { id: format!("request {seq}"), op: [1; 8], synced: seq - 1, with: None };
        ledger.stage(&[&testing::event(A, seq)], &req).unwrap();
        ledger.write().unwrap();
        ledger.sync().unwrap();
        ledger.settle().unwrap()
    };
    write(1);
    let bytes = fs::read(&path).unwrap();
    let before = write(2);
    // It cannot be opened by its path any more.
    files.clear();
    let elsewhere = folder.path().join("elsewhere");
    fs::rename(&path, &elsewhere).unwrap();
    ledger.retreat(before).unwrap();
    assert_eq!((fs::read(elsewhere).unwrap(), ledger.settled().seq), (bytes, 1));
}
