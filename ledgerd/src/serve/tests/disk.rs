//! What leaves the process when a disk breaks: nothing.

use super::{Home, call, folder, send};
use crate::serve::owner::{Task, Watcher};
use crate::store::StoreError;
use crate::store::testing::lose_disk;
use std::sync::mpsc::channel;
use std::time::Duration;

struct Nobody;

impl Watcher for Nobody {
    fn alive(&self) {}
    fn changed(&self, _summary: &str) {}
}

/// The write has worked and the sync has not: nobody knows what is on disk, so nobody is told anything, neither the one
/// who asked nor those who follow, and the process ends. The next start finds out.
#[test]
fn a_failed_sync_lets_nothing_out() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let (broken, other) = (home.group(), home.group());
    home.batch(vec![send(&broken, "before")]).remove(0).unwrap();
    let before = home.owner.store.head(&broken);
    lose_disk(&mut home.owner.store, &broken);

    let (tasks, queue) = channel();
    let requests = [send(&broken, "lost"), send(&other, "in the same batch")];
    let (calls, answers): (Vec<_>, Vec<_>) = requests.into_iter().map(call).unzip();
    calls.into_iter().for_each(|call| tasks.send(Task::Call(call)).unwrap());
    tasks.send(Task::Stop).unwrap();
    let ended = home.owner.run(&queue, Duration::from_secs(3_600), &Nobody);
    assert!(matches!(ended, Err(StoreError::Io { action: "sync", .. })), "{ended:?}");
    assert!(answers.iter().all(|answer| answer.recv().is_err()), "nobody is answered");
    let has_moved = |(ledger, seq): &(String, u64)| *ledger == broken && *seq > before;
    assert!(!home.hints.try_iter().any(|hint| hint.heads.iter().any(has_moved)), "nobody hears of it");
    drop(home);
    assert_eq!(Home::open(&root).texts(&broken), ["before"]);
}
