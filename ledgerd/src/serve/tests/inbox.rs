//! Reading an inbox: its answer has events that were written before.

use super::{Home, folder, request, send};
use bus::contract::limit;
use serde_json::json;

/// An answer has a limit in bytes, and what did not fit into it stays unread. Asked again, it is the same one.
#[test]
fn an_inbox_is_read_in_answers_of_a_bounded_size() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let group = home.group();
    let text = "\u{1}".repeat(limit::TEXT_INLINE_BYTES_MAX);
    let sends = (0..12).map(|_| send(&group, &text)).collect();
    let read = || request("inbox_read", json!({"group_id": group, "actor_id": "user", "limit": 0}));
    home.batch(sends);
    let mut sizes = Vec::new();
    let mut last = read();
    loop {
        // What is read may be in the same batch, and on no disk yet.
        let mut answers = home.batch(vec![send(&group, "more"), last.clone()]);
        let taken = answers.remove(1).unwrap();
        assert!(taken.to_string().len() < 2 * limit::RANGE_BYTES_MAX);
        sizes.push(taken["messages"].as_array().unwrap().len());
        if taken["unread_total"] == json!(0) {
            drop(home);
            let mut home = Home::open(&root);
            let again = home.batch(vec![last]).remove(0).unwrap();
            assert_eq!(again, taken, "after a restart");
            break;
        }
        last = read();
    }
    assert_eq!(sizes.len(), 2, "{sizes:?}");
    assert_eq!(sizes.iter().sum::<usize>(), 14);
}
