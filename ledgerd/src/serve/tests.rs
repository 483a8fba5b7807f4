//! Promises of the write path, with real ops on a real home.

mod again;
mod cross_group;
mod disk;
mod files;
mod inbox;
mod power_cut;
mod refusal;
mod reset;
mod scrub;
mod together;

use super::call::{Call, Caller};
use super::owner::{Owner, Task, Watcher};
use super::pace::Pace;
use super::reply_pool::ReplyPool;
use super::unfit::Unfit;
use crate::decision::HOME;
use crate::state::State;
use crate::store::{Store, StoreError};
use bus::contract::{Code, Op, OpError, Principal, Request, Response, id, limit};
use bus::daemon::Life;
use bus::link::Hint;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long an answer may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

struct Home {
    owner: Owner,
    hints: Receiver<Hint>,
}

impl Home {
    fn open(root: &Path) -> Self {
        Self::try_open(root).unwrap()
    }

    fn try_open(root: &Path) -> Result<Self, StoreError> {
        let mut state = State::new();
        let (store, covered) = Store::open(root, &mut state, &Life::unwatched())?;
        let (publish, hints) = channel();
        let publish = move |hint: &Hint| publish.send(hint.clone()).unwrap();
        let owner =
            Owner::start(state, store, covered, ReplyPool::start().unwrap(), Box::new(publish), Unfit::default())
                .unwrap();
        Ok(Self { owner, hints })
    }

    /// Serves requests as one batch.
    fn batch(&mut self, requests: Vec<Request>) -> Vec<Result<Value, OpError>> {
        let (calls, answers): (Vec<_>, Vec<_>) = requests.into_iter().map(call).unzip();
        self.owner.serve(calls).unwrap();
        let answers = answers.into_iter().map(|answer: Receiver<Response>| answer.recv_timeout(PATIENCE).unwrap());
        answers.map(|answer| answer.map(|reply| reply.to_value())).collect()
    }

    fn try_ask(&mut self, op: &str, args: Value) -> Result<Value, OpError> {
        self.batch(vec![request(op, args)]).remove(0)
    }

    fn ask(&mut self, op: &str, args: Value) -> Value {
        self.try_ask(op, args).unwrap_or_else(|e| panic!("{op}: {e}"))
    }

    fn group(&mut self) -> String {
        self.ask("group_create", json!({"title": "t"}))["group_id"].as_str().unwrap().to_owned()
    }

    fn events(&mut self, group: &str) -> Vec<Value> {
        let mut events: Vec<Value> = Vec::new();
        loop {
            let ranged = self.ask("ledger_range", json!({"group_id": group, "after_seq": events.len()}));
            let more = ranged["events"].as_array().unwrap().clone();
            if more.is_empty() {
                return events;
            }
            events.extend(more);
        }
    }

    fn texts(&mut self, group: &str) -> Vec<String> {
        let events = self.events(group);
        let messages = events.iter().filter(|event| event["kind"] == "chat.message");
        messages.map(|event| event["data"]["text"].as_str().unwrap().to_owned()).collect()
    }
}

fn request(op: &str, args: Value) -> Request {
    let (op, by) = Op::from_wire(op, args.as_object().unwrap().clone()).unwrap();
    let principal = Principal::claimed(by);
    Request { id: id::unique(), peer: "test".into(), principal, deadline_ms: 60_000, op }
}

fn call(request: Request) -> (Call, Receiver<Response>) {
    let (answer, answered) = channel();
    // A test that does not look at an answer has dropped its end.
    let caller = Caller::new(move |response| drop(answer.send(response)));
    (Call::new(request, caller), answered)
}

fn send(group: &str, text: &str) -> Request {
    request("send", json!({"group_id": group, "text": text, "to": ["user"], "by": "script"}))
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_path_buf();
    (folder, root)
}

#[test]
fn the_same_request_twice_writes_once_and_is_answered_the_same() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let group = home.group();
    let once = send(&group, "once");
    let other = Request { id: once.id.clone(), ..send(&group, "something else") };
    let mut answers = home.batch(vec![once.clone(), once.clone(), other.clone()]);
    assert_eq!(answers.pop().unwrap().unwrap_err().code, Code::RequestIdReused, "in one batch");
    answers.extend(home.batch(vec![once.clone()]));
    assert_eq!(home.batch(vec![other.clone()]).remove(0).unwrap_err().code, Code::RequestIdReused, "later");
    drop(home);

    let mut home = Home::open(&root);
    answers.extend(home.batch(vec![once]));
    assert_eq!(home.batch(vec![other]).remove(0).unwrap_err().code, Code::RequestIdReused, "after a restart");
    let first = answers[0].clone().unwrap();
    assert!(first["event"]["seq"].as_u64().unwrap() > 0);
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap() == &first), "{answers:?}");
    assert_eq!(home.texts(&group), ["once"]);
}

/// A request in two ledgers is answered again from both.
#[test]
fn a_creation_asked_for_twice_creates_once() {
    let (_folder, root) = folder();
    let create = request("group_create", json!({"title": "t"}));
    let mut groups = BTreeSet::new();
    for _ in 0..3 {
        let mut home = Home::open(&root);
        for answer in home.batch(vec![create.clone(), create.clone()]) {
            groups.insert(answer.unwrap()["group_id"].as_str().unwrap().to_owned());
        }
        assert_eq!(home.ask("groups", json!({}))["groups"].as_array().unwrap().len(), 1);
    }
    assert_eq!(groups.len(), 1);
}

#[test]
fn a_batch_costs_one_sync_however_many_requests_it_has() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let group = home.group();
    let before = home.owner.stats();
    let answers = home.batch((0..500).map(|number| send(&group, &number.to_string())).collect());
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(home.owner.stats().syncs - before.syncs, 1);
    let wanted: Vec<String> = (0..500).map(|number| number.to_string()).collect();
    assert_eq!(home.texts(&group), wanted);
    let head = home.events(&group).len() as u64;
    assert!(home.hints.try_iter().any(|hint| hint.heads == [(group.clone(), head)]), "the head is told");
}

/// What is decided from a message of the same batch sees it, though it is not on disk yet; what is read sees all of it.
#[test]
fn a_request_sees_what_came_before_it_in_its_batch() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let group = home.group();
    let show = request("group_show", json!({"group_id": group}));
    let update = request("group_update", json!({"group_id": group, "patch": {"title": "new"}}));
    let read_all = request("inbox_mark_all_read", json!({"group_id": group, "actor_id": "user"}));
    let answers = home.batch(vec![show, send(&group, "question"), update, read_all]);
    let answers: Vec<Value> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers[0]["group"]["title"], "new");
    assert_eq!(answers[3]["cursor"]["event_id"], answers[1]["event"]["id"]);
}

#[test]
fn a_replay_gives_the_same_state() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let groups: Vec<String> = (0..3).map(|_| home.group()).collect();
    for number in 0..200 {
        let group = &groups[number % groups.len()];
        home.batch(vec![send(group, &number.to_string()), send(group, "more")]);
    }
    home.ask("group_delete", json!({"group_id": groups[0]}));
    let ledgers = [HOME, &groups[1], &groups[2]];
    let before: Vec<Vec<u8>> = ledgers.iter().skip(1).map(|ledger| home.owner.state().save(ledger)).collect();
    drop(home);
    let home = Home::open(&root);
    let after: Vec<Vec<u8>> = ledgers.iter().skip(1).map(|ledger| home.owner.state().save(ledger)).collect();
    assert_eq!(before, after);
}

#[test]
fn a_deleted_group_is_gone_from_the_disk() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let group = home.group();
    let secrets = root.join("secrets").join(&group);
    std::fs::create_dir_all(&secrets).unwrap();
    home.ask("group_delete", json!({"group_id": group}));
    assert!(!root.join("groups").join(&group).exists() && !secrets.exists());
    assert_eq!(home.try_ask("group_show", json!({"group_id": group})).unwrap_err().code, Code::GroupNotFound);
    drop(home);
    let mut home = Home::open(&root);
    assert_eq!(home.try_ask("group_show", json!({"group_id": group})).unwrap_err().code, Code::GroupNotFound);
}

#[test]
fn a_damaged_group_refuses_writes_and_stops_nobody_else() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let (bad, good) = (home.group(), home.group());
    for number in 0..3 {
        home.batch(vec![send(&bad, &number.to_string())]);
    }
    drop(home);
    let path = root.join("groups").join(&bad).join("ledger.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"text\":\"1\"", "\"text\":\"X\"")).unwrap();

    let mut home = Home::open(&root);
    let mut answers = home.batch(vec![send(&bad, "more"), send(&good, "more")]);
    assert!(answers.pop().unwrap().is_ok());
    let refusal = answers.pop().unwrap().unwrap_err();
    assert_eq!(refusal.code, Code::GroupDamaged);
    assert!(refusal.message.contains("line"), "{refusal}");
    assert_eq!(home.texts(&bad), ["0"], "what lies before can be read");
}

#[test]
fn a_long_text_is_stored_beside_the_ledger() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let group = home.group();
    let text = "x".repeat(limit::TEXT_INLINE_BYTES_MAX + 1);
    let sent = home.batch(vec![send(&group, &text)]).remove(0).unwrap();
    let path = sent["event"]["data"]["attachments"][0]["path"].as_str().unwrap();
    assert_eq!(std::fs::read_to_string(root.join("groups").join(&group).join(path)).unwrap(), text);
}

#[test]
fn a_request_whose_caller_has_given_up_is_let_go() {
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let group = home.group();
    let (late, answer) = call(Request { deadline_ms: 0, ..send(&group, "late") });
    let arrived = std::time::Instant::now();
    while arrived.elapsed().is_zero() || !late.is_late(std::time::Instant::now()) {
        std::thread::yield_now();
    }
    home.owner.serve(vec![late]).unwrap();
    assert!(answer.recv_timeout(PATIENCE).is_err(), "nobody is answered");
    assert_eq!(home.texts(&group), Vec::<String>::new());
}

fn set_secrets(group: &str, set: Value) -> Request {
    request("actor_env_private_update", json!({"group_id": group, "actor_id": "a", "set": set, "clear": true}))
}

/// What an agent would start with.
fn secrets(home: &mut Home, group: &str) -> Value {
    let args = json!({"group_id": group, "actor_id": "a"});
    let asked = Request { principal: Principal::system(), ..request("secrets_get", args) };
    home.batch(vec![asked]).remove(0).unwrap()["variables"].clone()
}

fn secret_files(root: &Path, group: &str) -> Vec<PathBuf> {
    let found = std::fs::read_dir(root.join("secrets").join(group));
    found.into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
}

fn home_with_actor(root: &Path) -> (Home, String) {
    let mut home = Home::open(root);
    let group = home.group();
    home.ask("actor_add", json!({"group_id": group, "actor_id": "a", "runtime": "custom", "command": ["x"]}));
    (home, group)
}

#[test]
fn only_the_last_version_of_secrets_is_on_disk() {
    let (_folder, root) = folder();
    let (mut home, group) = home_with_actor(&root);
    let changes = ["1", "2", "3"].map(|value| set_secrets(&group, json!({ "K": value })));
    home.batch(changes.to_vec()).into_iter().for_each(|answer| drop(answer.unwrap()));
    assert_eq!((secrets(&mut home, &group), secret_files(&root, &group).len()), (json!({"K": "3"}), 1));

    // Asked again, whatever the value: the first answer, and nothing is written.
    let again = Request { op: set_secrets(&group, json!({"K": "other"})).op, ..changes[2].clone() };
    assert_eq!(home.batch(vec![again]).remove(0).unwrap()["keys"], json!(["K"]));
    assert_eq!(secrets(&mut home, &group), json!({"K": "3"}));

    home.batch(vec![set_secrets(&group, json!({}))]).remove(0).unwrap();
    assert_eq!((secrets(&mut home, &group), secret_files(&root, &group).len()), (json!({}), 0));
    home.batch(vec![set_secrets(&group, json!({"K": "4"}))]).remove(0).unwrap();
    home.ask("actor_remove", json!({"group_id": group, "actor_id": "a"}));
    assert!(secret_files(&root, &group).is_empty());
}

/// Between the file of a version and its event, and between the event and the removal of the version before.
#[test]
fn a_crash_leaves_the_old_secrets_or_the_new_ones() {
    let (_folder, root) = folder();
    let (mut home, group) = home_with_actor(&root);
    home.batch(vec![set_secrets(&group, json!({"K": "old"}))]).remove(0).unwrap();
    let old = secret_files(&root, &group).remove(0);
    let ledger = root.join("groups").join(&group).join("ledger.jsonl");
    let (lines_before, file_before) = (std::fs::read(&ledger).unwrap(), std::fs::read(&old).unwrap());
    home.batch(vec![set_secrets(&group, json!({"K": "new"}))]).remove(0).unwrap();
    let new = secret_files(&root, &group).remove(0);
    drop(home);

    // The event is there, the old version is not yet gone.
    std::fs::write(&old, &file_before).unwrap();
    let mut home = Home::open(&root);
    assert_eq!((secrets(&mut home, &group), secret_files(&root, &group)), (json!({"K": "new"}), vec![new.clone()]));
    drop(home);

    // The new version is there, its event is not.
    std::fs::write(&old, &file_before).unwrap();
    std::fs::write(&ledger, &lines_before).unwrap();
    let mut home = Home::open(&root);
    assert_eq!((secrets(&mut home, &group), secret_files(&root, &group)), (json!({"K": "old"}), vec![old]));
}

#[test]
fn no_secret_is_in_a_ledger_and_none_is_removed_where_nobody_can_tell() {
    let (_folder, root) = folder();
    let (mut home, group) = home_with_actor(&root);
    home.batch(vec![set_secrets(&group, json!({"K": "hunter2hunter2"}))]).remove(0).unwrap();
    drop(home);
    let ledger = root.join("groups").join(&group).join("ledger.jsonl");
    let text = std::fs::read_to_string(&ledger).unwrap();
    assert!(text.contains("x.cccc.actor_secrets") && !text.contains("hunter2"));

    std::fs::write(&ledger, text.replace("\"title\":\"t\"", "\"title\":\"T\"")).unwrap();
    let mut home = Home::open(&root);
    assert_eq!(
        home.try_ask("group_update", json!({"group_id": group, "patch": {"title": "n"}})).unwrap_err().code,
        Code::GroupDamaged
    );
    assert_eq!(secret_files(&root, &group).len(), 1, "kept for whoever mends the ledger");
}

/// Runs in a process of its own, because a size limit is a process's.
#[test]
fn a_full_disk_refuses_and_recovers() {
    const CHILD: &str = "CCCC_TEST_FULL_DISK";
    if std::env::var_os(CHILD).is_none() {
        let name = "serve::tests::a_full_disk_refuses_and_recovers";
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(CHILD, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    // As the daemon's skeleton does: a write beyond the limit is then an error of the write.
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Default::default()).unwrap();
    let (_soft, hard) = getrlimit(Resource::RLIMIT_FSIZE).unwrap();
    let (_folder, root) = folder();
    let mut home = Home::open(&root);
    let (full, other) = (home.group(), home.group());
    setrlimit(Resource::RLIMIT_FSIZE, 400_000, hard).unwrap();

    let text = |number: usize| format!("{number} {}", "x".repeat(9_000));
    let mut accepted = Vec::new();
    let refusal = 'fill: loop {
        assert!(accepted.len() < 1_000, "the limit is met some day");
        let batch: Vec<String> = (accepted.len()..accepted.len() + 3).map(text).collect();
        let mut requests: Vec<Request> = batch.iter().map(|text| send(&full, text)).collect();
        requests.push(send(&other, "small"));
        let mut answers = home.batch(requests);
        assert!(answers.pop().unwrap().is_ok(), "a ledger with room goes on");
        for (text, answer) in batch.into_iter().zip(answers) {
            match answer {
                Ok(_) => accepted.push(text),
                Err(refusal) => break 'fill refusal,
            }
        }
    };
    assert_eq!((refusal.code, refusal.code.is_retryable()), (Code::NoSpace, true), "{refusal}");
    assert_eq!(home.texts(&full), accepted, "what was accepted can be read, and nothing else is there");
    assert_eq!(
        home.try_ask("group_update", json!({"group_id": full, "patch": {"title": "n"}})).unwrap_err().code,
        Code::NoSpace
    );
    assert_eq!(home.ask("group_show", json!({"group_id": full}))["group"]["title"], "t", "a refusal leaves no trace");

    // A group's creation fits into its own ledger, and not into the home's, which decides.
    let home_bytes = std::fs::metadata(root.join("home/ledger.jsonl")).unwrap().len();
    setrlimit(Resource::RLIMIT_FSIZE, home_bytes + 10, hard).unwrap();
    let create = request("group_create", json!({"title": "half"}));
    assert_eq!(home.batch(vec![create.clone()]).remove(0).unwrap_err().code, Code::NoSpace);
    assert_eq!(home.ask("groups", json!({}))["groups"].as_array().unwrap().len(), 2, "nothing is half");

    setrlimit(Resource::RLIMIT_FSIZE, hard, hard).unwrap();
    home.batch(vec![send(&full, "room again")]).remove(0).unwrap();
    accepted.push("room again".into());
    let created = home.batch(vec![create]).remove(0).unwrap();
    drop(home);
    let mut home = Home::open(&root);
    assert_eq!(home.texts(&full), accepted);
    let groups: BTreeSet<String> = [full, other, created["group_id"].as_str().unwrap().to_owned()].into();
    let folders = std::fs::read_dir(root.join("groups")).unwrap().map(|entry| entry.unwrap().file_name());
    let folders: BTreeSet<String> = folders.map(|name| name.into_string().unwrap()).collect();
    assert!(folders.iter().filter(|name| id::is_group(name)).eq(groups.iter()), "{folders:?}");
}

/// `cccc status` shows what ledgerd last said of itself, so it says it again when that is no longer true.
#[test]
fn the_supervisor_hears_how_many_groups_there_are() {
    struct Heard(std::sync::mpsc::Sender<String>);
    impl Watcher for Heard {
        fn alive(&self) {}
        fn changed(&self, summary: &str) {
            // The test may have ended.
            let _ = self.0.send(summary.to_owned());
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mut home = Home::open(folder.path());
    assert_eq!(home.owner.summary(), "0 groups, epoch 1");
    let ((tasks, todo), (heard, said)) = (channel(), channel());
    let asker = std::thread::spawn(move || {
        let mut summaries = Vec::new();
        for title in ["one", "two"] {
            let (call, answer) = call(request("group_create", json!({"title": title})));
            tasks.send(Task::Calls([call].into())).unwrap();
            answer.recv_timeout(PATIENCE).unwrap().unwrap();
            summaries.push(said.recv_timeout(PATIENCE).unwrap());
        }
        tasks.send(Task::Stop).unwrap();
        summaries
    });
    home.owner.run(&todo, Pace::new(Some(Duration::from_millis(20))), &Heard(heard)).unwrap();
    assert_eq!(asker.join().unwrap(), ["1 group, epoch 1", "2 groups, epoch 1"]);
}
