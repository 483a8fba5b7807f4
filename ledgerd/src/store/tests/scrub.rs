//! What a start has skipped is checked behind it, and damage there is what damage is anywhere else.

use super::*;
use crate::store::scrub::Scrub;
use std::time::{Duration, Instant};

/// Takes note of what is found until a ledger is known to be damaged.
fn until_found(store: &mut Store, ids: &mut Ids, scrub: &Scrub, ledger: &str) {
    let end = Instant::now() + Duration::from_secs(60);
    while !ids.damaged.contains_key(ledger) {
        assert!(Instant::now() < end, "the damage of {ledger} is found");
        match scrub.found() {
            Ok(finding) => store.note_damage(ids, finding),
            Err(_) => std::thread::yield_now(),
        }
    }
}

fn save(store: &Store, ledger: &str) -> Result<(), StoreError> {
    snapshots::make::<Ids>(store.layout(), ledger, store.settled(ledger).unwrap().offset)
}

/// Changes a byte of a line, counted from 1: of what it says, or of its sum. Returns the file as it was and as it is.
fn harm(home: &Home, ledger: &str, line: usize, of_sum: bool) -> (Vec<u8>, Vec<u8>) {
    let whole = fs::read(home.ledger(ledger)).unwrap();
    let ends: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] == b'\n').collect();
    let mut harmed = whole.clone();
    let start = if line == 1 { 0 } else { ends[line - 2] + 1 };
    harmed[if of_sum { ends[line - 1] - 9 } else { start + 20 }] ^= 1;
    fs::write(home.ledger(ledger), &harmed).unwrap();
    (whole, harmed)
}

/// From the moment it is found nothing is written, also not by the next starts, and nothing of it is cut off; until the
/// ledger is whole again.
#[test]
fn damage_before_a_snapshot_closes_the_ledger_now_and_later() {
    #[rustfmt::skip]
    let cases = [
        // damaged line   the next start says           why
        (2,               "line 2 at byte",             "in the middle, behind which more was acknowledged"),
        (4,               "it has 3 events, and 5 were there when its snapshot was made",
                                                        "in the last batch, which only the snapshot knows to be no torn tail"),
    ];
    for (line, says, why) in cases {
        let home = Home::new();
        let (mut store, _) = home.open();
        [A, B].iter().for_each(|group| create(&mut store, group));
        for batch in [&["one"][..], &["two"], &["three", "four"]] {
            batch.iter().for_each(|request| stage(&mut store, A, request, 1));
            store.commit(None).unwrap();
        }
        save(&store, A).unwrap();
        drop(store);
        let (whole, harmed) = harm(&home, A, line, false);

        let (mut store, mut ids, covered) = home.open_covered();
        assert!(ids.damaged.is_empty(), "{why}: the start has skipped it: {ids:?}");
        let scrub = Scrub::start(&store, &covered).unwrap();
        until_found(&mut store, &mut ids, &scrub, A);
        assert!(ids.damaged[A].contains(&format!("line {line} at byte")), "{why}: {ids:?}");
        assert_eq!(store.is_open(A).unwrap(), Err(Closed::Damaged(ids.damaged[A].clone())), "{why}");
        assert_eq!(store.is_open(B).unwrap(), Ok(()), "{why}");
        drop(store);

        for _ in 0..2 {
            let (store, ids) = home.open();
            assert!(ids.damaged[A].contains(says), "{why}: {ids:?}");
            assert_eq!(store.head(A), line as u64 - 1, "{why}: what lies before can be read");
            assert!(save(&store, A).is_err(), "{why}: a snapshot of what is left would forget the rest");
            drop(store);
            assert!(fs::read(home.ledger(A)).unwrap() == harmed, "{why}: nothing was changed");
        }

        fs::write(home.ledger(A), &whole).unwrap();
        let (mut store, ids, covered) = home.open_covered();
        let read = |covered: &Covered| covered.iter().find(|(ledger, _)| ledger == A).map(|(_, to)| to.seq);
        assert_eq!((ids.damaged.len(), read(&covered)), (0, Some(0)), "{why}: every line is read");
        assert_eq!(store.is_open(A).unwrap(), Ok(()), "{why}");
        save(&store, A).unwrap();
        drop(store);
        let (_, _, covered) = home.open_covered();
        assert_eq!(read(&covered), Some(5), "{why}: the new snapshot is believed");
    }
}

/// A group that was removed meanwhile is no trouble, and leaves nothing behind.
#[test]
fn what_is_found_in_a_group_that_is_gone_is_nobodys_business() {
    let home = Home::new();
    let (mut store, _) = home.open();
    for group in [A, B] {
        create(&mut store, group);
        ["one", "two"].iter().for_each(|request| stage(&mut store, group, request, 1));
        store.commit(None).unwrap();
        save(&store, group).unwrap();
    }
    drop(store);
    [A, B].iter().for_each(|group| drop(harm(&home, group, 2, false)));

    let (mut store, mut ids, covered) = home.open_covered();
    // The last is found last, and then the one before was found, too.
    let scrub = Scrub::start(&store, &covered).unwrap();
    store.remove_group(A).unwrap();
    until_found(&mut store, &mut ids, &scrub, B);
    assert_eq!(ids.damaged.keys().collect::<Vec<_>>(), [B]);
    let doubted: Vec<_> = [A, B].iter().map(|group| store.layout().doubt(group).exists()).collect();
    assert_eq!(doubted, [false, true]);
    store.remove_group(B).unwrap();
    assert!(!store.layout().doubt(B).exists());
}

/// Some lines before a snapshot are asked for by the start itself: whose ledger it is, and the last request. That they
/// cannot be read stops nobody else; and what looks like a torn tail is none, because the snapshot has seen it.
#[test]
fn damage_that_the_start_meets_before_a_snapshot_is_told_by_the_start() {
    #[rustfmt::skip]
    let cases = [
        // damaged line   of its sum   says
        (1,               false,       "line 1 at byte 0"),
        (1,               true,        "line 1 at byte 0"),
        (3,               false,       "it has 2 events, and 3 were there"),
        (3,               true,        "it has 2 events, and 3 were there"),
    ];
    for (line, of_sum, says) in cases {
        let home = Home::new();
        let (mut store, _) = home.open();
        [A, B].iter().for_each(|group| create(&mut store, group));
        for request in ["one", "two"] {
            stage(&mut store, A, request, 1);
            store.commit(None).unwrap();
        }
        save(&store, A).unwrap();
        drop(store);
        let (_, harmed) = harm(&home, A, line, of_sum);
        let (mut store, ids) = home.open();
        assert!(ids.damaged[A].contains(says), "{line} {of_sum}: {ids:?}");
        assert!(matches!(store.is_open(A), Ok(Err(Closed::Damaged(_)))), "{line} {of_sum}");
        assert_eq!(store.is_open(B).unwrap(), Ok(()), "{line} {of_sum}");
        assert!(save(&store, A).is_err(), "{line} {of_sum}");
        let reports = verify::verify::<Ids>(store.layout(), Some(A)).unwrap();
        assert!(!reports[0].is_good(), "{line} {of_sum}");
        assert!(reports[0].to_string().contains(says), "{line} {of_sum}: {}", reports[0]);
        assert!(fs::read(home.ledger(A)).unwrap() == harmed, "{line} {of_sum}: nothing was changed");
    }
}

/// The same of the home's own ledger, where the start asks for its last opening: the home can be read.
#[test]
fn damage_of_the_homes_ledger_that_a_snapshot_hides_stops_no_start() {
    for (line, of_sum) in [(1, false), (1, true), (3, false), (3, true)] {
        let home = Home::new();
        drop(home.open());
        drop(home.open());
        let (mut store, _) = home.open();
        create(&mut store, A);
        save(&store, HOME).unwrap();
        drop(store);
        let (_, harmed) = harm(&home, HOME, line, of_sum);
        let (mut store, ids) = home.open();
        assert!(ids.damaged[HOME].contains("ledger.jsonl"), "{line} {of_sum}: {ids:?}");
        assert!(store.epoch() > 3 && store.is_open(A).unwrap() == Ok(()), "{line} {of_sum}");
        assert!(matches!(store.is_open(HOME), Ok(Err(Closed::Damaged(_)))), "{line} {of_sum}");
        assert!(fs::read(home.ledger(HOME)).unwrap() == harmed, "{line} {of_sum}: nothing was changed");
    }
}
