//! Damage that is found while everything is in use: who is told, and what goes on.

use super::{Home, folder, send};
use crate::decision::HOME;
use crate::serve::owner::{Task, Watcher};
use crate::serve::pace::Pace;
use crate::state::State;
use crate::store::layout::Layout;
use crate::store::snapshots;
use bus::contract::Code;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Instant;

struct Nobody;

impl Watcher for Nobody {
    fn alive(&self) {}
    fn changed(&self, _summary: &str) {}
}

/// Makes a snapshot of a whole ledger, and changes a word of the ledger behind its back.
fn save_and_harm(root: &Path, ledger: &str, word: &str, other: &str) {
    let layout = Layout::new(root);
    let path = layout.ledger(ledger);
    let text = fs::read_to_string(&path).unwrap();
    snapshots::make::<State>(&layout, ledger, text.len() as u64).unwrap();
    assert!(text.contains(word), "{text}");
    fs::write(&path, text.replacen(word, other, 1)).unwrap();
}

/// Lets the owner beat until a ledger is known to be damaged.
fn until_found(home: &mut Home, ledger: &str) {
    let end = Instant::now() + super::PATIENCE;
    while home.owner.state().damage(ledger).is_none() {
        assert!(Instant::now() < end, "the damage of {ledger} is found");
        let (tasks, queue) = channel();
        tasks.send(Task::Stop).unwrap();
        home.owner.run(&queue, Pace::new(None), &Nobody).unwrap();
    }
}

#[test]
fn a_group_whose_damage_is_found_later_takes_nothing_more() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let (bad, good) = (home.group(), home.group());
    for number in 0..3 {
        home.batch(vec![send(&bad, &number.to_string())]);
    }
    drop(home);
    save_and_harm(&root, &bad, "\"text\":\"1\"", "\"text\":\"X\"");

    let mut home = Home::open(&root);
    until_found(&mut home, &bad);
    let mut answers = home.batch(vec![send(&bad, "more"), send(&good, "more")]);
    assert!(answers.pop().unwrap().is_ok(), "every other group goes on");
    let refusal = answers.pop().unwrap().unwrap_err();
    assert_eq!(refusal.code, Code::GroupDamaged);
    assert!(refusal.message.contains("is damaged: its checksum"), "{refusal}");
    let shown = home.ask("group_show", json!({"group_id": bad}));
    assert!(shown["group"]["damaged"].as_str().is_some_and(|why| why.contains("line")), "{shown}");
    drop(home);

    let mut home = Home::open(&root);
    assert_eq!(home.texts(&bad), ["0"], "its snapshot is not believed: what lies before the damage can be read");
    assert_eq!(home.try_ask("send", send_args(&bad)).unwrap_err().code, Code::GroupDamaged);
}

/// Groups go on; what they share cannot be changed, and the supervisor hears of it.
#[test]
fn damage_of_the_homes_own_ledger_is_told_and_stops_no_group() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let (group, other) = (home.group(), home.group());
    [&group, &other].iter().for_each(|group| drop(home.ask("send", send_args(group))));
    drop(home);
    save_and_harm(&root, HOME, &group, &group.chars().rev().collect::<String>());

    let mut home = Home::open(&root);
    assert!(!home.owner.summary().contains("trouble"), "{}", home.owner.summary());
    until_found(&mut home, HOME);
    for again in [false, true] {
        let summary = home.owner.summary();
        assert!(summary.contains("; trouble: the home's own ledger is damaged"), "{summary}");
        assert!(summary.contains("line 2 at byte"), "{summary}");
        let refusal = home.try_ask("group_create", json!({"title": "t"})).unwrap_err();
        assert_eq!(refusal.code, Code::GroupDamaged, "{refusal}");
        home.ask("send", send_args(&group));
        assert_eq!(home.texts(&group).len(), 2 + usize::from(again), "groups go on");
        drop(home);
        home = Home::open(&root);
    }
}

fn send_args(group: &str) -> serde_json::Value {
    json!({"group_id": group, "text": "more", "to": ["user"], "by": "script"})
}
