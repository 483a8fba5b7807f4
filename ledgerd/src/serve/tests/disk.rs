//! What leaves the process when a disk breaks: nothing.

use super::{Home, call, folder, send};
use crate::serve::owner::{Task, Watcher};
use crate::serve::pace::Pace;
use crate::store::StoreError;
use crate::store::layout::Layout;
use crate::store::testing::lose_disk;
use bus::contract::Code;
use std::fs;
use std::path::Path;
use std::sync::mpsc::channel;

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
    calls.into_iter().for_each(|call| tasks.send(Task::Calls(vec![call])).unwrap());
    tasks.send(Task::Stop).unwrap();
    let ended = home.owner.run(&queue, Pace::new(None), &Nobody);
    assert!(matches!(ended, Err(StoreError::Io { action: "sync", .. })), "{ended:?}");
    assert!(answers.iter().all(|answer| answer.recv().is_err()), "nobody is answered");
    let has_moved = |(ledger, seq): &(String, u64)| *ledger == broken && *seq > before;
    assert!(!home.hints.try_iter().any(|hint| hint.heads.iter().any(has_moved)), "nobody hears of it");
    drop(home);
    assert_eq!(Home::open(&root).texts(&broken), ["before"]);
}

/// What happens to the file of a ledger, and what is said of it then.
type RequestContext = (fn(&Path, &[u8]), &'static str);

/// A ledger is in use, and somebody else lays hands on its file: what is asked then must not be told to be there.
#[test]
fn a_ledger_that_is_not_in_its_place_any_more_takes_nothing() {
    #[rustfmt::skip]
    let cases: [RequestContext; 5] = [
        (|path, _| fs::remove_file(path).unwrap(),                         "was removed"),
        (|path, _| fs::remove_dir_all(path.parent().unwrap()).unwrap(),    "was removed"),
        (|path, bytes| { fs::rename(path, path.with_extension("bak")).unwrap(); fs::write(path, bytes).unwrap() }, "was replaced"),
        (|path, bytes| fs::write(path, &bytes[..bytes.len() / 2]).unwrap(), "was changed"),
        (|path, bytes| fs::write(path, [bytes, b"more"].concat()).unwrap(), "was changed"),
    ];
    for (harm, said) in cases {
        let (_folder, root) = folder();
        let mut home = Home::open(&root);
        let (harmed, other) = (home.group(), home.group());
        home.batch(vec![send(&harmed, "before")]).remove(0).unwrap();
        let path = Layout::new(&root).ledger(&harmed);
        harm(&path, &fs::read(&path).unwrap());

        let answers = home.batch(vec![send(&harmed, "lost"), send(&other, "kept"), send(&harmed, "lost, too")]);
        for refusal in [&answers[0], &answers[2]] {
            let refusal = refusal.as_ref().unwrap_err();
            assert_eq!(refusal.code, Code::GroupDamaged, "{refusal}");
            assert!(refusal.message.contains(said), "{refusal}");
        }
        assert!(answers[1].is_ok(), "{said}: every other group goes on");
        let shown = home.ask("group_show", serde_json::json!({"group_id": harmed}));
        assert!(shown["group"]["damaged"].as_str().is_some_and(|why| why.contains(said)), "{shown}");
    }
}
