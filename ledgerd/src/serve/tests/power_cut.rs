//! A power cut at any moment loses nothing that was acknowledged: a busy home is recorded change by change, and opened as
//! its disk may look after a cut at each of many places.

use super::{Home, call, request, send};
use crate::decision::HOME;
use crate::state::State;
use crate::store::disk;
use crate::store::disk::image::{Chance, Fate, Image};
use crate::store::disk::recording::{Change, ROOT, Recording};
use crate::store::{Store, blob};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bus::contract::{Event, Request, id, limit};
use bus::daemon::Life;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// What begins a message that is in two groups or in none.
const TWICE: &str = "over there";

/// The process was killed.
#[derive(Debug)]
struct Dead;

/// A folder whose syncs cost nothing, where there is one: what survives is ours to say.
fn folder() -> tempfile::TempDir {
    let in_memory = tempfile::tempdir_in("/dev/shm");
    in_memory.or_else(|_| tempfile::tempdir()).unwrap()
}

/// What must be true after a power cut, and from which place of the recording on.
#[derive(Debug, Default, Clone)]
struct Promises {
    /// Events that somebody may have seen, by their places in their ledgers.
    events: BTreeMap<(String, u64), (usize, Event)>,
    /// Files that are stored, and what they hold.
    files: Vec<(usize, String, String, Vec<u8>)>,
    /// How often the home was opened.
    epochs: Vec<(usize, u64)>,
    /// Groups that may be gone: their removal was asked for.
    going: BTreeMap<String, usize>,
    /// Groups that are gone.
    gone: BTreeMap<String, usize>,
}

impl Promises {
    /// The same, where all of it is from the beginning.
    fn kept(&self, cut: usize) -> Self {
        let events = self.events.iter().filter(|(_, (from, _))| *from <= cut);
        let files = self.files.iter().filter(|(from, ..)| *from <= cut).cloned();
        let at_once = |groups: &BTreeMap<String, usize>| {
            groups.iter().filter(|(_, from)| **from <= cut).map(|(group, _)| (group.clone(), 0)).collect()
        };
        Self {
            events: events.map(|(key, (_, event))| (key.clone(), (0, event.clone()))).collect(),
            files: files.map(|(_, group, path, bytes)| (0, group, path, bytes)).collect(),
            epochs: self.epochs.iter().filter(|(from, _)| *from <= cut).map(|(_, epoch)| (0, *epoch)).collect(),
            going: at_once(&self.going),
            gone: at_once(&self.gone),
        }
    }
}

/// A home that is recorded.
struct World {
    folder: tempfile::TempDir,
    recording: Arc<Recording>,
    home: Option<Home>,
    promises: Promises,
    heads: BTreeMap<String, u64>,
}

impl World {
    /// Begins with a home that has made some promises.
    fn new(folder: tempfile::TempDir, promises: Promises) -> Self {
        let recording = Recording::start(folder.path());
        Self { folder, recording, home: None, promises, heads: BTreeMap::new() }
    }

    /// Ends the process, if there is one, and begins the next, which dies after so many changes.
    fn open(&mut self, changes_max: Option<usize>) -> Result<(), Dead> {
        self.home = None;
        self.recording.live(changes_max);
        let opened = Home::try_open(self.folder.path());
        self.home = Some(self.alive(opened)?);
        let epoch = self.home().owner.store.epoch();
        self.promises.epochs.push((self.recording.position(), epoch));
        self.heads.clear();
        self.note();
        Ok(())
    }

    fn home(&mut self) -> &mut Home {
        self.home.as_mut().expect("it is open")
    }

    /// Notes what anybody may have seen by now.
    fn note(&mut self) {
        let position = self.recording.position();
        let store = &self.home.as_ref().expect("it is open").owner.store;
        let gone = self.promises.going.keys().filter(|group| store.heads().all(|(ledger, _)| ledger != *group));
        for group in gone {
            self.promises.gone.entry(group.clone()).or_insert(position);
        }
        for (ledger, head) in store.heads() {
            let known = self.heads.insert(ledger.to_owned(), head).unwrap_or_default();
            for seq in known + 1..=head {
                let event = store.event(ledger, seq).unwrap().expect("it is settled");
                self.promises.events.entry((ledger.to_owned(), seq)).or_insert((position, event));
            }
        }
    }

    /// Serves a batch. What it is answered was promised.
    fn batch(&mut self, requests: Vec<Request>) -> Result<Vec<Value>, Dead> {
        let (calls, answers): (Vec<_>, Vec<_>) = requests.into_iter().map(call).unzip();
        let served = self.home().owner.serve(calls);
        self.alive(served)?;
        self.note();
        let answers = answers.into_iter().map(|answer| answer.recv_timeout(super::PATIENCE).unwrap());
        answers.map(|answer| self.alive(answer).map(|reply| reply.to_value())).collect()
    }

    /// Only a process that was killed may fail.
    fn alive<T, E: std::fmt::Debug>(&self, done: Result<T, E>) -> Result<T, Dead> {
        done.map_err(|error| {
            assert!(self.recording.is_dead(), "{error:?}");
            Dead
        })
    }

    fn ask(&mut self, op: &str, args: Value) -> Result<Value, Dead> {
        self.batch(vec![request(op, args)]).map(|mut answers| answers.remove(0))
    }

    fn groups(&mut self, number: usize) -> Result<Vec<String>, Dead> {
        let create = |at: usize| request("group_create", json!({"title": at.to_string()}));
        let made = self.batch((0..number).map(create).collect())?;
        Ok(made.iter().map(|made| made["group_id"].as_str().unwrap().to_owned()).collect())
    }

    fn remove(&mut self, op: &str, group: &str) -> Result<Value, Dead> {
        self.promises.going.insert(group.to_owned(), self.recording.position());
        let removed = self.ask(op, json!({"group_id": group, "confirm": group}))?;
        Ok(removed)
    }

    /// Stores a file in two pieces and sends it.
    fn upload(&mut self, group: &str) -> Result<(), Dead> {
        let content = b"numbers ".repeat(300);
        let mut attachment = Value::Null;
        for (from, to) in [(0, 1_000), (1_000, content.len())] {
            let piece = json!({"group_id": group, "sha256": id::digest(&content), "bytes": content.len(), "name": "n.txt",
                               "offset": from, "content": STANDARD.encode(&content[from..to])});
            attachment = self.ask("blob_upload", piece)?["attachment"].clone();
        }
        let path = attachment["path"].as_str().unwrap().to_owned();
        self.promises.files.push((self.recording.position(), group.to_owned(), path, content));
        let args = json!({"group_id": group, "text": "", "to": "user", "by": "script", "attachments": [attachment]});
        self.ask("send", args).map(drop)
    }

    fn set_secrets(&mut self, group: &str, value: &str) -> Result<(), Dead> {
        let args = json!({"group_id": group, "actor_id": "a", "set": {"K": value}, "clear": true});
        self.ask("actor_env_private_update", args).map(drop)
    }

    /// A busy time with something of everything.
    fn work(&mut self) -> Result<(), Dead> {
        let groups = self.groups(3)?;
        let [a, b, c] = &groups[..] else { unreachable!("three were made") };
        let actor = json!({"group_id": a, "actor_id": "a", "runtime": "custom", "command": ["agent"]});
        self.ask("actor_add", actor)?;
        for text in ["one", "two"] {
            self.batch(groups.iter().flat_map(|group| [send(group, text), send(group, &text.repeat(300))]).collect())?;
        }
        self.set_secrets(a, "first")?;
        self.set_secrets(a, "second")?;
        let profile = json!({"id": "p", "runtime": "custom", "command": ["agent"]});
        self.ask("actor_profile_upsert", json!({"profile": profile}))?;
        self.ask("actor_profile_secret_update", json!({"profile_id": "p", "set": {"K": "of all"}}))?;
        self.batch(vec![send(b, &"long ".repeat(limit::TEXT_INLINE_BYTES_MAX / 4)), send(c, "short")])?;
        self.upload(a)?;
        self.ask("send_cross_group", json!({"group_id": a, "dst_group_id": b, "text": TWICE, "to": ["user"]}))?;
        for ledger in [a, b] {
            self.ask("ledger_snapshot", json!({"group_id": ledger}))?;
        }
        self.remove("group_delete", c)?;
        self.batch(vec![send(a, "after the removal"), send(b, "after the removal")])?;
        let reset = self.remove("group_reset", a)?["group_id"].as_str().unwrap().to_owned();
        self.batch(vec![send(&reset, "anew")])?;
        self.set_secrets(&reset, "third")?;
        self.go_on()
    }

    /// What goes on in any home: something in every group, a new one, and one that goes again.
    fn go_on(&mut self) -> Result<(), Dead> {
        let groups: Vec<String> = self.heads().filter(|name| name != HOME).collect();
        self.batch(groups.iter().map(|group| send(group, "more")).collect())?;
        let made = self.groups(2)?;
        self.batch(vec![send(&made[1], "hello")])?;
        self.remove("group_delete", &made[0]).map(drop)
    }

    fn heads(&self) -> impl Iterator<Item = String> {
        let store = &self.home.as_ref().expect("it is open").owner.store;
        store.heads().map(|(name, _)| name.to_owned()).collect::<Vec<_>>().into_iter()
    }

    /// Pulls the plug: everything that has happened, and what was promised.
    fn stop(mut self) -> (Vec<Change>, Promises) {
        self.home = None;
        (self.recording.stop(), self.promises)
    }
}

/// The disk after a cut and a fate.
fn cut(changes: &[Change], at: usize, fate: Fate, chance: &mut Chance) -> tempfile::TempDir {
    let folder = folder();
    Image::after(&changes[..at], fate, chance).write(folder.path());
    folder
}

/// Opens a home after a cut: everything that was promised until then is there.
fn check(changes: &[Change], promises: &Promises, at: usize, fate: Fate, chance: &mut Chance) {
    let seed = format!("{chance:?}");
    let problems = problems(cut(changes, at, fate, chance).path(), &promises.kept(at));
    let recent: Vec<_> = changes[..at].iter().rev().take(16).map(|change| format!("\n{change:?}")).collect();
    assert!(
        problems.is_empty(),
        "cut at {at} of {}, {fate:?}, {seed}: {problems:#?}{}",
        changes.len(),
        recent.concat()
    );
}

/// Opens a home and says what is not as it was promised.
fn problems(root: &Path, kept: &Promises) -> Vec<String> {
    let mut state = State::new();
    let store = match Store::open(root, &mut state, &Life::unwatched()) {
        Ok((store, _)) => store,
        Err(error) => return vec![format!("it does not open: {error:?}")],
    };
    let mut found = Vec::new();
    let ledgers: BTreeMap<String, u64> = store.heads().map(|(name, seq)| (name.to_owned(), seq)).collect();
    let mut twice = 0;
    for (ledger, head) in &ledgers {
        found.extend(state.damage(ledger).map(|why| format!("{ledger} is damaged: {why}")));
        let events: Vec<Event> = (1..=*head).map(|seq| store.event(ledger, seq).unwrap().unwrap()).collect();
        let ids: BTreeSet<&str> = events.iter().map(|event| event.id.as_str()).collect();
        if ids.len() != events.len() {
            found.push(format!("{ledger} has an event twice"));
        }
        let text = |event: &Event| serde_json::to_value(event).unwrap()["data"]["text"] == TWICE;
        twice += events.iter().filter(|event| text(event)).count();
        found.extend(events.iter().flat_map(|event| lost_files(&store, ledger, event)));
        for version in state.versions(ledger).into_iter().flatten() {
            if store.secret(ledger, version).ok().flatten().is_none() {
                found.push(format!("{ledger}: its secrets {version} are gone"));
            }
        }
    }
    let known: BTreeSet<&str> = state.groups().chain([HOME]).collect();
    if !ledgers.keys().map(String::as_str).eq(known.iter().copied()) {
        found.push(format!("there are the ledgers {:?}, and known are {known:?}", ledgers.keys()));
    }
    for ((ledger, seq), (_, event)) in &kept.events {
        let is_there = ledgers.contains_key(ledger) && store.event(ledger, *seq).unwrap().as_ref() == Some(event);
        if !is_there && (ledgers.contains_key(ledger) || !kept.going.contains_key(ledger)) {
            found.push(format!("{ledger} has lost event {seq}: {}", event.kind()));
        }
    }
    for (_, group, path, bytes) in kept.files.iter().filter(|(_, group, ..)| ledgers.contains_key(group)) {
        let stored = blob::read(store.layout(), group, path, 0, bytes.len()).unwrap();
        if stored.is_none_or(|stored| stored.piece != *bytes) {
            found.push(format!("{group} has lost {path}"));
        }
    }
    // The group that has the other half may have been removed since.
    if twice == 1 && kept.going.is_empty() {
        found.push("a message to another group is there by half".into());
    }
    found.extend(kept.gone.keys().filter(|group| ledgers.contains_key(*group)).map(|group| format!("{group} is back")));
    found.extend(
        kept.epochs.iter().filter(|(_, epoch)| *epoch >= store.epoch()).map(|(_, epoch)| format!("epoch {epoch}")),
    );
    found.extend(strangers(&root.join("secrets"), &ledgers).map(|name| format!("secrets of {name} are left")));
    found.extend(strangers(&root.join("groups"), &ledgers).map(|name| format!("the folder of {name} is left")));
    found
}

/// Files that an event names and that are not there, or are not what they should be.
fn lost_files(store: &Store, group: &str, event: &Event) -> Vec<String> {
    let event = serde_json::to_value(event).unwrap();
    let attachments = event["data"]["attachments"].as_array().cloned().unwrap_or_default();
    let is_whole = |attachment: &&Value| {
        let stored = blob::read(store.layout(), group, attachment["path"].as_str().unwrap(), 0, usize::MAX);
        stored.unwrap().is_some_and(|stored| attachment["sha256"] == *id::digest(&stored.piece))
    };
    attachments.iter().filter(|one| !is_whole(one)).map(|one| format!("{group} has lost {}", one["path"])).collect()
}

/// What lies in a folder and belongs to no ledger. What is being removed goes later.
fn strangers(folder: &Path, ledgers: &BTreeMap<String, u64>) -> impl Iterator<Item = String> {
    let names = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap()).filter(|name| !name.starts_with('.'));
    names.filter(|name| !ledgers.contains_key(name)).collect::<Vec<_>>().into_iter()
}

/// A busy home, and a start after it.
fn busy() -> (Vec<Change>, Promises) {
    let mut world = World::new(folder(), Promises::default());
    world.open(None).unwrap();
    world.work().unwrap();
    world.open(None).unwrap();
    world.go_on().unwrap();
    let (changes, promises) = world.stop();
    assert!(changes.len() > 200 && promises.events.len() > 50, "{} changes", changes.len());
    (changes, promises)
}

#[test]
fn a_power_cut_at_any_moment_loses_nothing_that_was_acknowledged() {
    let (changes, promises) = busy();
    let mut chance = Chance::new(1);
    for at in 0..=changes.len() {
        check(&changes, &promises, at, Fate::Lost, &mut chance);
        let fates = [Fate::Kept, Fate::NamesOnly, Fate::ContentOnly];
        check(&changes, &promises, at, fates[at % fates.len()], &mut chance);
        if at % 2 == 0 {
            check(&changes, &promises, at, Fate::Mixed, &mut chance);
        }
    }
}

/// What a process has written and not synced can be read by the next one, and is lost with the power.
#[test]
fn a_power_cut_after_a_kill_loses_nothing_that_was_seen() {
    let mut chance = Chance::new(2);
    for changes_max in 0.. {
        let mut world = World::new(folder(), Promises::default());
        let is_killed = world.open(Some(changes_max)).and_then(|()| world.work()).is_err();
        world.open(None).unwrap();
        let opened = world.recording.position();
        world.go_on().unwrap();
        let (changes, promises) = world.stop();
        check(&changes, &promises, opened, Fate::Lost, &mut chance);
        if changes_max % 2 == 0 {
            let at = changes_max.min(opened);
            let at = at + chance.below(changes.len() + 1 - at);
            check(&changes, &promises, at, Fate::Mixed, &mut chance);
        }
        if !is_killed {
            assert!(changes_max > 100, "the process has lived long enough");
            return;
        }
    }
}

#[test]
fn a_power_cut_while_a_home_is_mended_after_another_one_loses_nothing() {
    let (changes, promises) = busy();
    let mut chance = Chance::new(3);
    for _ in 0..40 {
        let at = chance.below(changes.len() + 1);
        let mut world = World::new(cut(&changes, at, Fate::Mixed, &mut chance), promises.kept(at));
        let begin = world.recording.position();
        world.open(None).unwrap();
        world.go_on().unwrap();
        let (changes, promises) = world.stop();
        for fate in [Fate::Lost, Fate::Mixed, Fate::Mixed] {
            check(&changes, &promises, begin + chance.below(changes.len() + 1 - begin), fate, &mut chance);
        }
    }
}

/// Whoever puts a group's folder into a home does not wait for the disk.
#[test]
fn a_power_cut_after_a_group_was_taken_in_loses_nothing_of_it() {
    let other = folder();
    let mut home = Home::open(other.path());
    let group = home.group();
    home.batch(vec![send(&group, "from elsewhere")]).remove(0).unwrap();
    drop(home);
    let mut world = World::new(folder(), Promises::default());
    world.open(None).unwrap();
    world.home = None;
    let (groups, place) = (world.folder.path().join("groups"), Path::new(&group).join("ledger.jsonl"));
    disk::create_folder(&groups).unwrap();
    disk::create_folder(&groups.join(&group)).unwrap();
    let file = disk::create_private(&groups.join(&place)).unwrap();
    disk::write_at(&file, &std::fs::read(other.path().join("groups").join(&place)).unwrap(), 0).unwrap();
    world.open(None).unwrap();
    assert!(world.heads().any(|ledger| ledger == group), "it is taken in");
    world.go_on().unwrap();
    let (changes, promises) = world.stop();
    let mut chance = Chance::new(5);
    for at in 0..=changes.len() {
        for fate in [Fate::Lost, Fate::NamesOnly, Fate::ContentOnly, Fate::Mixed] {
            check(&changes, &promises, at, fate, &mut chance);
        }
    }
}

/// Without its syncs a home loses what was acknowledged: the tests above would see that one is missing.
#[test]
fn a_sync_that_is_missing_is_found() {
    let (changes, promises) = busy();
    let is_folder = |wanted: usize| {
        wanted == ROOT
            || changes
                .iter()
                .any(|change| matches!(change, Change::Made { node, is_folder: true, .. } if *node == wanted))
    };
    for of_folders in [false, true] {
        let spoil = |change: &Change| match change {
            Change::Synced { node, .. } if is_folder(*node) == of_folders => Change::Synced { node: *node, upto: 0 },
            other => other.clone(),
        };
        let spoilt: Vec<Change> = changes.iter().map(spoil).collect();
        let mut chance = Chance::new(4);
        let is_found = (0..=changes.len()).step_by(5).any(|at| {
            let folder = cut(&spoilt, at, Fate::Lost, &mut chance);
            !problems(folder.path(), &promises.kept(at)).is_empty()
        });
        assert!(is_found, "syncs of folders: {of_folders}");
    }
}
