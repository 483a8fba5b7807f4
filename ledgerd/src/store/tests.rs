//! Promises of the store as a whole: what was committed is there again, whatever happened in between.

mod saved;
mod scrub;
mod several;
mod stranger;

use super::commit::TakenBack;
use super::dedup::Seen;
use super::dedup_record;
use super::line::Req;
use super::snapshots::Covered;
use super::testing;
use super::*;
use bus::contract::event::{GroupDeleted, GroupKnown};
use bus::daemon::Life;
use std::collections::BTreeSet;
use std::fs;

const A: &str = "g_00000000000a";
const B: &str = "g_00000000000b";

/// Remembers the ids of all events, and which groups are known.
#[derive(Debug, Default, PartialEq, Clone)]
struct Ids {
    ids: BTreeMap<String, Vec<String>>,
    heads: BTreeMap<String, u64>,
    known: BTreeSet<String>,
    damaged: BTreeMap<String, String>,
}

impl Fold for Ids {
    fn apply(&mut self, ledger: &str, event: &Event) {
        match &event.body {
            Body::GroupKnown(known) => drop(self.known.insert(known.known_group_id.clone())),
            Body::GroupDeleted(deleted) => drop(self.known.remove(&deleted.deleted_group_id)),
            _ => {}
        }
        self.heads.insert(ledger.into(), event.seq);
        self.ids.entry(ledger.into()).or_default().push(event.id.clone());
    }
    fn forget(&mut self, ledger: &str) {
        self.ids.remove(ledger);
        self.heads.remove(ledger);
    }
    fn load(&mut self, ledger: &str, bytes: &[u8]) -> bool {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let ids: Vec<String> = text.lines().map(str::to_owned).collect();
        self.heads.insert(ledger.into(), ids.len() as u64);
        self.ids.insert(ledger.into(), ids);
        true
    }
    fn save(&self, ledger: &str) -> Vec<u8> {
        self.ids[ledger].join("\n").into_bytes()
    }
    fn head(&self, ledger: &str) -> Option<Head> {
        self.heads.get(ledger).map(|seq| Head { seq: *seq, ts: 0 })
    }
    fn groups(&self) -> Vec<String> {
        self.known.iter().cloned().collect()
    }
    fn set_damaged(&mut self, ledger: &str, why: String) {
        self.damaged.insert(ledger.into(), why);
    }
}

struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn open(&self) -> (Store, Ids) {
        let (store, ids, _) = self.open_covered();
        (store, ids)
    }

    fn open_covered(&self) -> (Store, Ids, Covered) {
        let mut ids = Ids::default();
        let (store, covered) = Store::open(self.folder.path(), &mut ids, &Life::unwatched()).unwrap();
        (store, ids, covered)
    }

    fn ledger(&self, group: &str) -> PathBuf {
        Layout::new(self.folder.path()).ledger(group)
    }
}

fn home_event(seq: u64, body: Body) -> Event {
    event(HOME, seq, 1_768_307_696_000_000, body)
}

/// Stages one request of some events in one group.
fn stage(store: &mut Store, group: &str, request: &str, events: u64) {
    let (synced, next) = store.next(group);
    let events: Vec<Event> = (next..next + events).map(|seq| testing::event(group, seq)).collect();
    let req = Req { id: request.into(), op: [1; 8], synced, with: None };
    store.stage(group, &events.iter().collect::<Vec<_>>(), &req).unwrap();
}

/// Stages the creation of a group: one event there, one in the home's ledger, which decides.
fn stage_creation(store: &mut Store, group: &str) {
    let (home_synced, home_next) = store.next(HOME);
    let req = Req { id: format!("create {group}"), op: [1; 8], synced: home_synced, with: None };
    let part = Req { with: Some((HOME.into(), home_next)), synced: 0, ..req.clone() };
    store.stage(group, &[&testing::event(group, 1)], &part).unwrap();
    let known = home_event(home_next, GroupKnown { known_group_id: group.into() }.into());
    store.stage(HOME, &[&known], &req).unwrap();
}

fn create(store: &mut Store, group: &str) {
    stage_creation(store, group);
    assert_eq!(store.commit(Some(HOME)).unwrap(), TakenBack::default());
}

#[test]
fn what_was_committed_is_there_again_and_every_open_counts() {
    let home = Home::new();
    let (mut store, _) = home.open();
    assert_eq!(store.epoch(), 1);
    create(&mut store, A);
    stage(&mut store, A, "one", 3);
    stage(&mut store, A, "two", 1);
    assert_eq!(store.head(A), 1, "staged is not settled");
    assert_eq!(store.event(A, 2).unwrap(), None);
    store.commit(None).unwrap();
    assert_eq!(store.event(A, 5).unwrap(), Some(testing::event(A, 5)));
    drop(store);

    let (store, ids) = home.open();
    assert_eq!((store.epoch(), store.head(A), ids.ids[A].len()), (2, 5, 5));
    let Seen::Before(pieces) = store.answers().look(dedup_record::key("one"), &[[1; 8]]) else { panic!() };
    assert_eq!((pieces[0].first, pieces[0].events), (2, 3));
    let Seen::Before(pieces) = store.answers().look(dedup_record::key(&format!("create {A}")), &[[1; 8]]) else {
        panic!()
    };
    assert_eq!(pieces.iter().map(|p| &*p.ledger).collect::<Vec<_>>(), [A, HOME]);
}

#[test]
fn a_batch_over_many_ledgers_syncs_each_once() {
    let home = Home::new();
    let (mut store, _) = home.open();
    let groups: Vec<String> = (0..20).map(|n| format!("g_{n:012}")).collect();
    groups.iter().for_each(|group| create(&mut store, group));
    let before = store.stats();
    for request in 0..10 {
        groups.iter().for_each(|group| stage(&mut store, group, &format!("{group} {request}"), 2));
    }
    store.commit(None).unwrap();
    let after = store.stats();
    assert_eq!((after.syncs - before.syncs, after.events - before.events), (20, 400));
}

#[test]
fn a_deletion_that_a_crash_interrupted_is_finished_and_a_restored_group_is_taken_in() {
    let home = Home::new();
    let (mut store, _) = home.open();
    create(&mut store, A);
    let (synced, next) = store.next(HOME);
    let deleted = home_event(next, GroupDeleted { deleted_group_id: A.into() }.into());
    let req = Req { id: "delete".into(), op: [1; 8], synced, with: None };
    store.stage(HOME, &[&deleted], &req).unwrap();
    store.commit(None).unwrap();
    let backup = fs::read(home.ledger(A)).unwrap();
    drop(store);

    let (store, ids) = home.open();
    assert!(!home.ledger(A).exists() && ids.known.is_empty() && store.head(A) == 0, "the removal is finished");
    drop(store);

    fs::create_dir_all(home.ledger(A).parent().unwrap()).unwrap();
    fs::write(home.ledger(A), backup).unwrap();
    for round in 0..2 {
        let (store, ids) = home.open();
        assert!(ids.known.contains(A) && store.head(A) == 1, "it is a group again, round {round}");
    }
}

#[test]
fn a_torn_tail_is_saved_cut_off_and_recorded() {
    let home = Home::new();
    let (mut store, _) = home.open();
    create(&mut store, A);
    stage(&mut store, A, "one", 2);
    store.commit(None).unwrap();
    drop(store);
    for round in 0..3_u64 {
        let mut bytes = fs::read(home.ledger(A)).unwrap();
        bytes.extend_from_slice(b"{\"v\":1,");
        fs::write(home.ledger(A), bytes).unwrap();
        let (store, _) = home.open();
        let head = store.head(A);
        assert_eq!(head, 4 + round);
        let Some(Event { body: Body::Recovered(recovered), .. }) = store.event(A, head).unwrap() else { panic!() };
        assert_eq!(recovered.cut_bytes, 7);
        assert_eq!(fs::read(home.ledger(A).with_file_name(recovered.saved_as)).unwrap(), b"{\"v\":1,");
    }
}

#[test]
fn a_damaged_group_can_be_read_and_is_left_alone() {
    let home = Home::new();
    let (mut store, _) = home.open();
    create(&mut store, A);
    create(&mut store, B);
    for number in 0..3 {
        stage(&mut store, A, &number.to_string(), 1);
        store.commit(None).unwrap();
    }
    drop(store);
    let mut bytes = fs::read(home.ledger(A)).unwrap();
    let third = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1).unwrap().0 + 1;
    bytes[third + 20] ^= 1;
    fs::write(home.ledger(A), &bytes).unwrap();

    let (mut store, ids) = home.open();
    let Err(Closed::Damaged(why)) = store.is_open(A).unwrap() else { panic!("it must be read only") };
    assert!(why.contains("line 3 at byte") && ids.damaged[A] == why, "{why}");
    assert_eq!(store.head(A), 2, "what lies before can be read");
    assert_eq!(store.is_open(B).unwrap(), Ok(()));
    stage(&mut store, B, "more", 1);
    store.commit(None).unwrap();
    drop(store);
    assert_eq!(fs::read(home.ledger(A)).unwrap(), bytes, "nothing was changed");
    let reports = verify::verify::<Ids>(&Layout::new(home.folder.path()), None).unwrap();
    let bad: Vec<_> = reports.iter().filter(|report| !report.is_good()).map(|report| report.ledger.as_str()).collect();
    assert_eq!(bad, [A]);
}

/// The start and `verify` judge alike, whatever somebody has put in a ledger's place; and nothing of it is removed.
#[test]
fn verify_says_what_the_start_says() {
    let verdicts = |home: &Home| -> Vec<(String, bool)> {
        let reports = verify::verify::<Ids>(&Layout::new(home.folder.path()), None).unwrap();
        reports.into_iter().map(|report| (report.to_string(), report.is_good())).collect()
    };
    let crlf = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().replace('\n', "\r\n").into_bytes();
    let ours = |home: &Home, group: &str| fs::read(home.ledger(group)).unwrap();
    type Change = fn(&Home, &dyn Fn(&Home, &str) -> Vec<u8>, &dyn Fn(&[u8]) -> Vec<u8>) -> Vec<u8>;
    #[rustfmt::skip]
    let cases: [(&str, Change, &str); 4] = [
        ("empty",           |_, _, _| Vec::new(),                                "it has no events"),
        ("another group's", |home, ours, _| ours(home, B),                       "is the ledger of g_00000000000b"),
        ("CR LF",           |home, ours, crlf| crlf(&ours(home, A)),             "line 1 at byte 0 is damaged"),
        ("another's",       |_, _, _| b"{\"kind\":\"chat.message\"}\n".to_vec(), "line 1 at byte 0 is damaged"),
    ];
    for (what, change, says) in cases {
        for is_known in [true, false] {
            let home = Home::new();
            let (mut store, _) = home.open();
            let before = ours(&home, HOME);
            create(&mut store, B);
            create(&mut store, A);
            [A, B].into_iter().for_each(|group| stage(&mut store, group, "one", 2));
            store.commit(None).unwrap();
            drop(store);
            let put = change(&home, &ours, &crlf);
            fs::write(home.ledger(A), &put).unwrap();
            if !is_known {
                fs::write(home.ledger(HOME), before).unwrap();
            }
            let said = verdicts(&home).into_iter().find(|(text, _)| text.starts_with(A)).unwrap();
            let is_refused = is_known || what != "empty";
            assert_eq!((said.1, said.0.contains(says)), (!is_refused, is_refused), "{what} {is_known}: {}", said.0);
            let (mut store, ids) = home.open();
            assert_eq!(ids.damaged.contains_key(A), is_known || says.contains("damaged"), "{what} {is_known}");
            if is_known {
                assert!(matches!(store.is_open(A).unwrap(), Err(Closed::Damaged(_))), "{what}");
            }
            assert_eq!(home.ledger(A).exists(), is_refused, "{what} {is_known}");
            assert!(!is_refused || ours(&home, A) == put, "{what} {is_known}: it is as it was");
        }
    }

    let home = Home::new();
    let (mut store, _) = home.open();
    create(&mut store, A);
    stage(&mut store, A, "one", 2);
    store.commit(None).unwrap();
    drop(store);
    fs::write(home.ledger(HOME), ours(&home, A)).unwrap();
    assert!(verdicts(&home)[0].0.contains("is the ledger of g_00000000000a"));
    let refusal = Store::open(home.folder.path(), &mut Ids::default(), &Life::unwatched()).unwrap_err();
    assert!(matches!(refusal, StoreError::Misplaced { .. }), "{refusal}");
}

#[test]
fn a_home_of_a_later_layout_is_refused_and_left_alone() {
    let home = Home::new();
    let (mut store, _) = home.open();
    let (synced, next) = store.next(HOME);
    let opened = bus::contract::event::Opened { epoch: 9, version: "99.0.0".into(), home_version: 99 };
    let req = Req { id: "open".into(), op: [0; 8], synced, with: None };
    store.stage(HOME, &[&home_event(next, opened.into())], &req).unwrap();
    store.commit(None).unwrap();
    drop(store);
    let before = fs::read(home.ledger(HOME)).unwrap();
    let refusal = Store::open(home.folder.path(), &mut Ids::default(), &Life::unwatched()).unwrap_err();
    assert!(matches!(&refusal, StoreError::Newer { layout: 99, .. }), "{refusal}");
    assert!(refusal.to_string().contains("cccc 99.0.0"), "{refusal}");
    assert_eq!(fs::read(home.ledger(HOME)).unwrap(), before);
}

#[test]
fn a_snapshot_saves_the_replay_and_changes_nothing() {
    let home = Home::new();
    let (mut store, _) = home.open();
    create(&mut store, A);
    for number in 0..100 {
        stage(&mut store, A, &number.to_string(), 3);
    }
    store.commit(None).unwrap();
    let now = std::time::Instant::now();
    let mut snapshots = snapshots::Snapshots::start::<Ids>(&store, Vec::new(), now).unwrap();
    snapshots.moved(A, 0, now);
    let made = Layout::new(home.folder.path()).snapshot(A);
    let end = now + std::time::Duration::from_secs(60);
    while !made.exists() {
        assert!(std::time::Instant::now() < end, "a snapshot is made");
        snapshots.tend(&store, now + snapshots::SNAPSHOT_QUIET);
        std::thread::yield_now();
    }
    stage(&mut store, A, "after", 1);
    store.commit(None).unwrap();
    drop(store);

    let seen = |covered: &Covered| covered.iter().find(|(ledger, _)| ledger == A).map(|(_, to)| to.seq);
    let (store, with, covered) = home.open_covered();
    assert_eq!(seen(&covered), Some(301), "{covered:?}");
    assert!(matches!(store.answers().look(dedup_record::key("7"), &[[1; 8]]), Seen::Before(_)));
    assert_eq!(store.event(A, 302).unwrap(), Some(testing::event(A, 302)));
    drop(store);
    fs::remove_dir_all(Layout::new(home.folder.path()).cache()).unwrap();
    let (_store, without, covered) = home.open_covered();
    assert_eq!(seen(&covered), Some(0));
    assert_eq!(with.ids[A], without.ids[A]);
}

/// A snapshot of a ledger that was put back to an older state is not believed.
#[test]
fn a_snapshot_of_another_history_is_ignored() {
    let home = Home::new();
    let (mut store, _) = home.open();
    create(&mut store, A);
    let old = fs::read(home.ledger(A)).unwrap();
    stage(&mut store, A, "one", 1);
    store.commit(None).unwrap();
    let mut fold = Ids::default();
    let found =
        replay::restore(store.layout(), A, &mut fold, &|_| true, replay::Upto::End, &Life::unwatched()).unwrap();
    let fold = fold.save(A);
    let snapshot = snapshot::Snapshot {
        place: found.place,
        synced: None,
        index: found.index,
        answered: found.answered,
        opened_seq: 0,
        fold,
    };
    snapshot.write(store.layout(), A).unwrap();
    drop(store);
    fs::write(home.ledger(A), old).unwrap();
    let (store, ids) = home.open();
    assert_eq!((store.head(A), ids.ids[A].len()), (1, 1));
}

/// Takes its time with what it is given, as a long ledger on a slow disk does.
#[derive(Debug, Default)]
struct Slow(Ids);

impl Fold for Slow {
    fn apply(&mut self, ledger: &str, event: &Event) {
        if event.seq.is_multiple_of(1_000) {
            std::thread::sleep(std::time::Duration::from_millis(3));
        }
        self.0.apply(ledger, event);
    }
    fn forget(&mut self, ledger: &str) {
        self.0.forget(ledger);
    }
    fn load(&mut self, ledger: &str, bytes: &[u8]) -> bool {
        self.0.load(ledger, bytes)
    }
    fn save(&self, ledger: &str) -> Vec<u8> {
        self.0.save(ledger)
    }
    fn head(&self, ledger: &str) -> Option<Head> {
        self.0.head(ledger)
    }
    fn groups(&self) -> Vec<String> {
        self.0.groups()
    }
    fn set_damaged(&mut self, ledger: &str, why: String) {
        self.0.set_damaged(ledger, why);
    }
}

/// One that takes longer than the supervisor's patience would otherwise be ended, and started again, for ever.
#[test]
fn a_long_start_says_that_it_goes_on() {
    let home = Home::new();
    let (mut store, _) = home.open();
    create(&mut store, A);
    (0..8).for_each(|request| stage(&mut store, A, &format!("much {request}"), 1_000));
    store.commit(None).unwrap();
    drop(store);

    let said = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let heard = said.clone();
    let say = move || {
        heard.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    };
    let life = Life::new(std::time::Duration::from_millis(1), say).unwrap();
    let (store, _) = Store::open(home.folder.path(), &mut Slow::default(), &life).unwrap();
    assert_eq!(store.head(A), 8_001);
    let said = said.load(std::sync::atomic::Ordering::Relaxed);
    assert!(said >= 4, "{said} life signs in eight times three milliseconds");
}
