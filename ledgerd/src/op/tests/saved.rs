//! Snapshots outlive a version of the product, so the number of their format must tell what is in them.

use crate::decision::HOME;
use crate::state::{SNAPSHOT, State};
use bus::contract::{Event, id};

/// Two ledgers, with much of what can happen.
const EVENTS: &str = include_str!("saved.jsonl");

/// The format's number, and the sum of what is saved of these events in it.
const SAVED: (u32, &str) = (20, "762bd267ac91b9dbe671321d98d2225472bd15640abe0fbf7cba1e4610e057b7");

/// A fold that comes to something else under the same number would go on with what an older version has saved.
#[test]
fn another_fold_has_another_number() {
    let mut state = State::new();
    let mut group_id = String::new();
    for line in EVENTS.lines() {
        let event: Event = serde_json::from_str(line).unwrap();
        let ledger = if event.group_id.is_empty() { HOME } else { &event.group_id };
        state.apply(ledger, &event);
        group_id.clone_from(&event.group_id);
    }
    let sum = id::digest([HOME, &group_id].map(|ledger| fold(&state.save(ledger)).to_vec()).concat());
    assert_eq!(
        (SNAPSHOT, sum.as_str()),
        SAVED,
        "where the sum is another one, raise SNAPSHOT in state/mod.rs, and put its number and the sum here"
    );
}

/// What is saved behind the number of the format and the names of the kinds: MessagePack, under a name of four letters.
fn fold(saved: &[u8]) -> &[u8] {
    let name = b"\xa4fold";
    let at = saved.windows(name.len()).position(|window| window == name).unwrap();
    &saved[at + name.len()..]
}
