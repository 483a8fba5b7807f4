//! Requests in several ledgers that arrive together share their syncs, and stay each whole.

use super::{Home, folder, request, send};
use crate::decision::HOME;
use crate::store::testing::fill_disk;
use bus::contract::{Code, Request};
use serde_json::json;

fn create(number: usize) -> Request {
    request("group_create", json!({"title": format!("group {number}")}))
}

/// Whoever fills a home asks for many groups at once: they cost one batch, and each ledger is synced once.
#[test]
fn groups_that_are_asked_for_together_share_a_batch() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let before = home.owner.stats();
    let answers = home.batch((0..20).map(create).collect());
    let ids: Vec<String> = answers.iter().map(|made| made.as_ref().unwrap()["group_id"].to_string()).collect();
    let after = home.owner.stats();
    assert_eq!((after.batches - before.batches, after.syncs - before.syncs), (1, 21));
    drop(home);
    let mut home = Home::open(&root);
    let listed = home.ask("groups", json!({}));
    let mut known: Vec<String> =
        listed["groups"].as_array().unwrap().iter().map(|group| group["group_id"].to_string()).collect();
    known.sort();
    let mut wanted = ids;
    wanted.sort();
    assert_eq!(known, wanted, "all of them are there after a start");
}

/// A ledger's line that waits for the home's stays the last one until that is on disk: whatever comes next in the same
/// ledger is another batch.
#[test]
fn what_touches_the_same_ledger_is_another_batch() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let groups: Vec<String> = (0..4).map(|_| home.group()).collect();
    let across = |from: usize, to: usize, text: &str| {
        let args = json!({"group_id": groups[from], "dst_group_id": groups[to], "text": text, "to": ["user"]});
        request("send_cross_group", args)
    };
    #[rustfmt::skip]
    let cases = [
        // requests                                                                  batches  why
        (vec![across(0, 1, "a"), across(2, 3, "b")],                                 1,       "nothing in common"),
        (vec![across(0, 1, "c"), across(1, 2, "d")],                                 2,       "a group in common"),
        (vec![across(0, 1, "e"), send(&groups[3], "f"), send(&groups[0], "g")],      2,       "what is in one ledger"),
        (vec![send(&groups[0], "h"), send(&groups[1], "i"), across(2, 3, "j")],      2,       "the other way round"),
        (vec![across(0, 1, "k"), request("group_delete", json!({"group_id": groups[3]})), create(9)], 3, "a removal"),
    ];
    for (requests, batches, why) in cases {
        let before = home.owner.stats().batches;
        assert!(home.batch(requests).iter().all(Result::is_ok), "{why}");
        assert_eq!(home.owner.stats().batches - before, batches, "{why}");
    }
    drop(home);
    let mut home = Home::open(&root);
    assert_eq!(home.texts(&groups[0]), ["a", "c", "e", "g", "h", "k"]);
    assert_eq!(home.texts(&groups[1]), ["a", "c", "d", "e", "i", "k"]);
    assert_eq!(home.texts(&groups[2]), ["b", "d", "j"]);
}

/// Of requests that share a batch, only those are refused whose own ledgers have no room, and they are told which has none.
#[test]
fn who_shares_a_batch_with_a_ledger_without_room_is_served() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let groups: Vec<String> = (0..3).map(|_| home.group()).collect();
    let across = |from: usize, to: usize| {
        let args = json!({"group_id": groups[from], "dst_group_id": groups[to], "text": "over", "to": ["user"]});
        request("send_cross_group", args)
    };
    let known = |home: &mut Home| home.ask("groups", json!({}))["groups"].as_array().unwrap().len();
    let folders =
        || std::fs::read_dir(root.join("groups")).unwrap().map(|one| one.unwrap().file_name()).collect::<Vec<_>>();
    let is_group = |name: &std::ffi::OsString| bus::contract::id::is_group(&name.to_string_lossy());
    let created = create(4);
    // Asked twice at once: both are answered.
    let requests = || vec![create(3), across(0, 1), created.clone(), created.clone()];

    fill_disk(&mut home.owner.store, &groups[1], true);
    let answers = home.batch(requests());
    let refused = answers[1].as_ref().unwrap_err();
    assert_eq!(
        (refused.code, &refused.details["ledger"]),
        (Code::NoSpace, &json!(groups[1])),
        "it is named, and not the sender's"
    );
    assert!(answers[0].is_ok() && answers[2].is_ok() && answers[2] == answers[3], "{answers:?}");
    assert_eq!((known(&mut home), home.texts(&groups[0]).len()), (5, 0));
    fill_disk(&mut home.owner.store, &groups[1], false);
    home.batch(vec![across(0, 1)]).remove(0).unwrap();

    // All of them need the home's ledger.
    fill_disk(&mut home.owner.store, HOME, true);
    for answer in home.batch(vec![create(5), across(0, 2), create(6)]) {
        let refused = answer.unwrap_err();
        assert_eq!((refused.code, &refused.details["ledger"]), (Code::NoSpace, &json!(HOME)));
    }
    assert_eq!((known(&mut home), folders().iter().filter(|name| is_group(name)).count()), (5, 5), "no folder is left");
    fill_disk(&mut home.owner.store, HOME, false);
    assert!(home.batch(vec![create(5), across(0, 2), create(6)]).iter().all(Result::is_ok));
    drop(home);
    let mut home = Home::open(&root);
    assert_eq!((known(&mut home), home.texts(&groups[0]).len(), home.texts(&groups[2]).len()), (7, 2, 1));
}
