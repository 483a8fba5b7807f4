//! A group that begins anew, on a real disk: asked again it is the same, and a crash leaves the old one or the new one.

use super::{Home, folder, request};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Copies a folder with everything in it; what is there already stays.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

fn ids(home: &mut Home) -> Vec<String> {
    let groups = home.ask("groups", json!({}))["groups"].clone();
    let id = |row: &Value| row["group_id"].as_str().unwrap().to_owned();
    groups.as_array().unwrap().iter().map(id).collect()
}

#[test]
fn a_group_is_reset_once_and_whole_whenever_it_is_interrupted() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let old = home.group();
    let actor = json!({"group_id": old, "actor_id": "a", "runtime": "custom", "command": ["agent"]});
    home.ask("actor_add", actor);
    home.ask("actor_env_private_update", json!({"group_id": old, "actor_id": "a", "set": {"K": "hidden-value"}}));
    drop(home);
    let (_before, before) = folder();
    copy(&root, &before);

    let mut home = Home::open(&root);
    let once = request("group_reset", json!({"group_id": old, "confirm": old}));
    let answers = home.batch(vec![once.clone(), once.clone()]);
    let first = answers[0].clone().unwrap();
    assert_eq!(answers[1].clone().unwrap(), first, "in one batch");
    assert_eq!(home.batch(vec![once.clone()]).remove(0).unwrap(), first, "later");
    let new = first["group_id"].as_str().unwrap().to_owned();
    drop(home);
    let is_there = |root: &Path, id: &str| ["groups", "secrets"].map(|kind| root.join(kind).join(id).exists());
    assert_eq!((is_there(&root, &old), is_there(&root, &new)), ([false; 2], [true; 2]));
    let mut home = Home::open(&root);
    assert_eq!(home.batch(vec![once.clone()]).remove(0).unwrap(), first, "after a start");
    assert_eq!(ids(&mut home), [new.as_str()]);
    drop(home);

    // The home's line was not written yet: nothing has happened.
    let (_undecided, undecided) = folder();
    copy(&before, &undecided);
    for kind in ["groups", "secrets"] {
        copy(&root.join(kind).join(&new), &undecided.join(kind).join(&new));
    }
    let mut home = Home::open(&undecided);
    assert_eq!(ids(&mut home), [old.as_str()]);
    assert_eq!((is_there(&undecided, &old), is_there(&undecided, &new)), ([true; 2], [false; 2]));
    drop(home);

    // Nor was anything else of the new group, but its secrets.
    copy(&root.join("secrets").join(&new), &undecided.join("secrets").join(&new));
    drop(Home::open(&undecided));
    assert_eq!((is_there(&undecided, &old), is_there(&undecided, &new)), ([true; 2], [false; 2]));

    // It was written, and nothing of the old group was removed yet: it is removed now.
    let (_decided, decided) = folder();
    copy(&before, &decided);
    copy(&root, &decided);
    assert_eq!((is_there(&decided, &old), is_there(&decided, &new)), ([true; 2], [true; 2]));
    // What a later start has said is not there in that moment.
    let ledger = decided.join("home").join("ledger.jsonl");
    let text = fs::read_to_string(&ledger).unwrap();
    let end = text.find("x.cccc.group_deleted").unwrap();
    let end = end + text[end..].find('\n').unwrap() + 1;
    fs::write(&ledger, &text[..end]).unwrap();
    let mut home = Home::open(&decided);
    assert_eq!(ids(&mut home), [new.as_str()]);
    assert_eq!((is_there(&decided, &old), is_there(&decided, &new)), ([false; 2], [true; 2]));
    assert_eq!(home.batch(vec![once]).remove(0).unwrap(), first);
}

/// A reset that comes to nothing leaves nothing of the group that was to be, and no secret of it.
#[test]
fn a_reset_that_is_refused_leaves_no_secrets_behind() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let old = home.group();
    let actor = json!({"group_id": old, "actor_id": "a", "runtime": "custom", "command": ["x".repeat(30_000)]});
    home.ask("actor_add", actor);
    home.ask("actor_env_private_update", json!({"group_id": old, "actor_id": "a", "set": {"K": "hidden-value"}}));
    // Each byte takes six in a line: with the command beside it, the line of a new actor would be too long.
    let patch = json!({"env": {"LONG": "\u{1}".repeat(38_000)}});
    home.ask("actor_update", json!({"group_id": old, "actor_id": "a", "patch": patch}));
    let refused = home.try_ask("group_reset", json!({"group_id": old, "confirm": old})).unwrap_err();
    assert_eq!(refused.details["limit"], "LEDGER_LINE_BYTES_MAX", "{refused}");
    let left = |folder: &str| {
        fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>()
    };
    assert_eq!((left("groups"), left("secrets")), (vec![old.clone().into()], vec![old.clone().into()]));
    assert_eq!(ids(&mut home), [old.as_str()]);
}
