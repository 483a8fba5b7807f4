//! What a snapshot saves: a start from reading and syncing what was read and synced before, and another snapshot from being
//! made.

use super::*;
use crate::store::disk::recording::{Change, Recording};
use crate::store::replay::Upto;
use crate::store::scan::Place;
use std::time::{Duration, Instant};

/// Whoever waits for its turn may find that another one has reached further meanwhile: that is no damage.
#[test]
fn a_snapshot_that_reaches_further_is_left_as_it_is() {
    let home = Home::new();
    let (mut store, _) = home.open();
    create(&mut store, A);
    let before = store.settled(A).unwrap();
    stage(&mut store, A, "one", 1);
    store.commit(None).unwrap();
    let make = |place: Place| snapshots::make::<Ids>(store.layout(), A, place.offset);
    make(store.settled(A).unwrap()).unwrap();
    let made = fs::read(store.layout().snapshot(A)).unwrap();
    make(before).unwrap();
    assert!(fs::read(store.layout().snapshot(A)).unwrap() == made);
    // Whoever wants a fold, and no snapshot, has it in any case.
    let replay = |upto| {
        let mut ids = Ids::default();
        let found = replay::restore(store.layout(), A, &mut ids, &|_| true, upto, &Life::unwatched()).unwrap();
        (ids.ids.get(A).map_or(0, Vec::len), found.place.seq, found.is_overtaken)
    };
    assert_eq!(replay(Upto::Settled(before.offset)), (1, 1, false));
    assert_eq!(replay(Upto::NewSnapshot(before.offset)), (0, 0, true));
    // One of another history tells nothing about this one.
    drop(store);
    fs::write(home.ledger(A), &fs::read(home.ledger(A)).unwrap()[..before.offset as usize]).unwrap();
    let layout = Layout::new(home.folder.path());
    assert!(snapshots::make::<Ids>(&layout, A, before.offset).is_err(), "it has seen more than there is");
}

/// To sync what nobody has touched would take as long as to sync what was written: thousands of quiet groups, seconds.
#[test]
fn a_start_syncs_the_ledgers_that_may_need_it() {
    let home = Home::new();
    let (mut store, _) = home.open();
    for group in [A, B] {
        create(&mut store, group);
        snapshots::make::<Ids>(store.layout(), group, store.settled(group).unwrap().offset).unwrap();
    }
    stage(&mut store, B, "one", 1);
    store.commit(None).unwrap();
    drop(store);
    let layout = Layout::new(home.folder.path());
    let is_unsure = |ledger: &str| flush::unsure(&layout, ledger).is_some();
    assert_eq!([HOME, A, B].map(is_unsure), [true, false, true]);
    // Whoever puts a file there, the same or not, has not waited for the disk.
    fs::rename(home.ledger(A), home.folder.path().join("aside")).unwrap();
    fs::copy(home.folder.path().join("aside"), home.ledger(A)).unwrap();
    assert!(is_unsure(A));
    fs::remove_file(layout.snapshot(B)).unwrap();
    assert!(is_unsure(B));
    let (store, ids) = home.open();
    assert_eq!((store.head(A), store.head(B), ids.damaged.len()), (1, 2, 0));
}

/// Somebody may have put the file there while it was in use, and has not waited for the disk.
#[test]
fn what_is_marked_as_on_disk_was_synced_before() {
    let home = Home::new();
    let (mut store, _) = home.open();
    create(&mut store, A);
    fs::copy(home.ledger(A), home.folder.path().join("copy")).unwrap();
    fs::rename(home.folder.path().join("copy"), home.ledger(A)).unwrap();
    let recording = Recording::start(home.folder.path());
    snapshots::make::<Ids>(store.layout(), A, store.settled(A).unwrap().offset).unwrap();
    let changes = recording.stop();
    let snapshot = store.layout().snapshot(A).strip_prefix(home.folder.path()).unwrap().to_path_buf();
    let path = home.ledger(A).strip_prefix(home.folder.path()).unwrap().to_path_buf();
    let ledger = changes.iter().find_map(|change| match change {
        Change::Made { path: made, node, .. } if *made == path => Some(*node),
        _ => None,
    });
    // What lay there when the recording began is noted as synced, too: once.
    let syncs = |changes: &[Change]| {
        let is_its = |change: &&Change| matches!(change, Change::Synced { node, .. } if Some(*node) == ledger);
        changes.iter().filter(is_its).count()
    };
    let saved = changes.iter().position(|change| matches!(change, Change::Renamed { to, .. } if *to == snapshot));
    assert_eq!(syncs(&changes[..saved.unwrap()]), 2, "{changes:?}");
    assert!(flush::unsure(store.layout(), A).is_none());
}

/// A home that was copied, or comes from an earlier version, has no marks: its groups get them although nothing is written.
#[test]
fn a_quiet_ledger_without_a_mark_gets_one() {
    let home = Home::new();
    let (mut store, _) = home.open();
    create(&mut store, A);
    snapshots::make::<Ids>(store.layout(), A, store.settled(A).unwrap().offset).unwrap();
    drop(store);
    fs::copy(home.ledger(A), home.folder.path().join("copy")).unwrap();
    fs::rename(home.folder.path().join("copy"), home.ledger(A)).unwrap();
    let (store, _, covered) = home.open_covered();
    let start = Instant::now();
    let mut made = snapshots::Snapshots::start::<Ids>(&store, covered, start).unwrap();
    while flush::unsure(store.layout(), A).is_some() {
        assert!(start.elapsed() < Duration::from_secs(60), "it gets a mark");
        made.tend(&store, start + snapshots::SNAPSHOT_QUIET);
        std::thread::yield_now();
    }
}
