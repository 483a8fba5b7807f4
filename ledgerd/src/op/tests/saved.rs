//! Snapshots outlive a version of the product, so the number of their format must tell what is in them.

use crate::decision::HOME;
use crate::state::State;
use bus::contract::{Event, id};
use serde_json::Value;

/// Two ledgers, with much of what can happen.
const EVENTS: &str = include_str!("saved.jsonl");

/// The format's number, and the sum of what is saved of these events in it.
const SAVED: (u64, &str) = (14, "cc8e2467364a3719746c8199177681f165e7d7c5e2c5b74c4fca3223b8363d17");

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
    let saved = [HOME, &group_id].map(|ledger| serde_json::from_slice::<Value>(&state.save(ledger)).unwrap());
    let sum = id::digest(saved.each_ref().map(|saved| saved["fold"].to_string()).concat());
    let number = saved[0]["format"].as_u64().unwrap();
    assert_eq!(
        (number, sum.as_str()),
        SAVED,
        "where the sum is another one, raise SNAPSHOT in state/mod.rs, and put its number and the sum here"
    );
}
