//! A random script is asked of the published older implementation and of ours. What clients can see is the same, but
//! for a written list of intended differences.

use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tests::{Client, Stack, published, until_some};

/// Scripts, and steps of each.
const SCRIPTS: u64 = 3;
const STEPS: usize = 150;

/// Where we refuse on purpose what the older one does not, or otherwise: the op, what the older one answers, what we
/// answer (a code, or `ok`), and why.
#[rustfmt::skip]
const INTENDED: &[(&str, &str, &str, &str)] = &[
    ("actor_remove", "actor_remove_failed", "actor_not_found", "an actor that is not there is told from one that may not be removed"),
];

/// Where an answer has something else in it on purpose: the op, what is to be ours where that is theirs, and why.
#[rustfmt::skip]
const AMENDED: &[(&str, Amend, &str)] = &[
    ("inbox_list",          without_answered,  "what a name has answered, it has read"),
    ("inbox_mark_all_read", up_to_unanswered,  "so nothing newer than what it has not answered is left to mark"),
    ("inbox_mark_read",     from_our_cursor,   "and its cursor may be further back than theirs"),
];

/// What of an answer of theirs, under common names, is to be ours.
type Amend = fn(&mut Reading, &AskedOp<'_>, Value) -> Value;

/// What names have answered, and their cursors with us where those are behind theirs.
#[derive(Default)]
struct Reading {
    answered: HashSet<(String, String)>,
    behind: HashMap<String, String>,
}

/// Whom an op is about, the event that it names, and what the older one listed just before it.
struct AskedOp<'a> {
    name: &'a str,
    event: String,
    before: Value,
}

fn without_answered(reading: &mut Reading, asked: &AskedOp<'_>, mut answer: Value) -> Value {
    let is_unread = |message: &Value| {
        let event = message["id"].as_str().expect("an id").to_owned();
        !reading.answered.contains(&(asked.name.to_owned(), event))
    };
    answer["messages"].as_array_mut().expect("a list").retain(is_unread);
    answer
}

fn up_to_unanswered(reading: &mut Reading, asked: &AskedOp<'_>, mut answer: Value) -> Value {
    let cursor = reading.behind.get(asked.name).map_or(asked.before["cursor"]["event_id"].clone(), |id| json!(id));
    let unread = without_answered(reading, asked, asked.before.clone());
    let ours = unread["messages"].as_array().and_then(|list| list.last()).map_or(cursor, |last| last["id"].clone());
    reading.is_at(asked.name, &ours, &answer["cursor"]["event_id"]);
    answer["cursor"]["event_id"] = ours;
    answer
}

fn from_our_cursor(reading: &mut Reading, asked: &AskedOp<'_>, mut answer: Value) -> Value {
    let Some(behind) = reading.behind.get(asked.name) else { return answer };
    let number = |id: &str| id.trim_start_matches('#').parse::<usize>().ok();
    let ours = json!(if number(behind) < number(&asked.event) { &asked.event } else { behind });
    reading.is_at(asked.name, &ours, &answer["cursor"]["event_id"]);
    answer["cursor"]["event_id"] = ours;
    answer
}

impl Reading {
    fn is_at(&mut self, name: &str, ours: &Value, theirs: &Value) {
        if ours == theirs {
            self.behind.remove(name);
        } else {
            self.behind.insert(name.to_owned(), ours.as_str().expect("an id").to_owned());
        }
    }
}

/// The older daemon; it ends with this.
struct Older {
    programs: PathBuf,
    home: PathBuf,
}

impl Older {
    fn start(home: &Path) -> Self {
        let older = Self { programs: published("cccc-pair==0.4.2"), home: home.to_path_buf() };
        assert!(older.run("start"), "the older daemon starts");
        let ping = || Client::connect(home).ok()?.of_another().try_ask("ping", &json!({})).ok();
        until_some("the older daemon", ping).expect("it answers a ping");
        older
    }

    fn run(&self, word: &str) -> bool {
        let mut command = Command::new(self.programs.join("ccccd"));
        command.arg(word).env("CCCC_HOME", &self.home).env("HOME", &self.home).stdout(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// It serves one request per connection.
    fn ask(&self, op: &str, args: &Value) -> Result<Value, String> {
        let mut client = Client::connect(&self.home).expect("the older daemon listens").of_another();
        client.try_ask(op, args).expect("it answers").map_err(|refusal| refusal.code)
    }
}

impl Drop for Older {
    fn drop(&mut self) {
        self.run("stop");
    }
}

/// Numbers that are the same in every run of the same script (a linear congruential generator).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

/// Both systems and what they call the same events.
struct Pair<'a> {
    older: &'a Older,
    ours: &'a Stack,
    group: (String, String),
    /// Ids of the same event, theirs and ours.
    events: Vec<(String, String)>,
    reading: Reading,
    script: Vec<String>,
}

impl Pair<'_> {
    /// Asks both the same; `args` names an event as `{"event": n}`.
    fn step(&mut self, op: &str, args: &Value) {
        let asked = |ids: &dyn Fn(&(String, String)) -> String, group: &str| {
            let mut args = args.clone();
            args["group_id"] = json!(group);
            for value in args.as_object_mut().expect("arguments").values_mut() {
                if let Some(number) = value["event"].as_u64() {
                    let known = self.events.get(usize::try_from(number).expect("a place"));
                    *value = json!(known.map_or_else(|| "ffffffffffffffffffffffffffffffff".to_owned(), ids));
                }
            }
            args
        };
        let (for_older, for_ours) =
            (asked(&|ids| ids.0.clone(), &self.group.0), asked(&|ids| ids.1.clone(), &self.group.1));
        self.script.push(format!("{op} {args}"));
        let amend = AMENDED.iter().find(|(name, ..)| *name == op).map(|(_, amend, _)| amend);
        let before = amend.map(|_| self.unread_of_older(&args["actor_id"]));
        let theirs = self.older.ask(op, &for_older);
        let answer = self.ours.client().try_ask(op, &for_ours).expect("an answer");
        let ours = answer.map_err(|refusal| refusal.code);
        let id = |answer: &Value| answer["event"]["id"].as_str().map(str::to_owned);
        if let (Ok(theirs), Ok(ours)) = (&theirs, &ours)
            && let (Some(theirs), Some(ours)) = (id(theirs), id(ours))
        {
            self.events.push((theirs, ours));
        }
        let word = |answer: &Result<Value, String>| answer.as_ref().map_or_else(String::clone, |_| "ok".into());
        let (word_of_theirs, word_of_ours) = (word(&theirs), word(&ours));
        let is_intended =
            INTENDED.iter().any(|(name, a, b, _)| *name == op && *a == word_of_theirs && *b == word_of_ours);
        if is_intended {
            return;
        }
        let event = |value: &Value| value["event"].as_u64().map(|number| format!("#{number}")).unwrap_or_default();
        let text = |key: &str| args[key].as_str().unwrap_or_default();
        let mut one = theirs.map(|answer| self.named(&answer, &|ids| &ids.0));
        if let (Some(amend), Some(before)) = (amend, before) {
            let asked = AskedOp { name: text("actor_id"), event: event(&args["event_id"]), before };
            one = one.map(|answer| amend(&mut self.reading, &asked, answer));
        }
        if op == "reply" && one.is_ok() {
            self.reading.answered.insert((text("by").to_owned(), event(&args["reply_to"])));
        }
        let one = one.map(|answer| essence(op, &answer));
        let other = ours.map(|answer| essence(op, &self.named(&answer, &|ids| &ids.1)));
        assert_eq!(one, other, "theirs, ours, after:\n{}", self.script.join("\n"));
    }

    /// What somebody has not read, as the older one sees it.
    fn unread_of_older(&self, name: &Value) -> Value {
        let args =
            json!({"group_id": self.group.0, "actor_id": name, "by": "user", "kind_filter": "chat", "limit": 1_000});
        self.named(&self.older.ask("inbox_list", &args).expect("a list"), &|ids| &ids.0)
    }

    /// The answer with events under common names.
    fn named(&self, answer: &Value, ids: &dyn Fn(&(String, String)) -> &String) -> Value {
        let names: HashMap<&str, String> =
            self.events.iter().enumerate().map(|(n, known)| (ids(known).as_str(), format!("#{n}"))).collect();
        rename(answer, &names)
    }
}

fn rename(value: &Value, names: &HashMap<&str, String>) -> Value {
    match value {
        Value::String(text) => json!(names.get(text.as_str()).unwrap_or(text)),
        Value::Array(list) => list.iter().map(|one| rename(one, names)).collect(),
        Value::Object(map) => Value::Object(map.iter().map(|(key, one)| (key.clone(), rename(one, names))).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// What a client can rely on in an answer: not times, sizes and ids that nobody has named.
fn essence(op: &str, answer: &Value) -> Value {
    let pick = |one: &Value, keys: &[&str]| -> Value { keys.iter().map(|key| json!([key, one[key]])).collect() };
    let each = |list: &Value, keys: &[&str]| -> Value {
        list.as_array().into_iter().flatten().map(|one| pick(one, keys)).collect()
    };
    let message = ["text", "format", "priority", "reply_required", "to", "reply_to", "quote_text"];
    match op {
        "send" | "reply" => json!([answer["event"]["by"], pick(&answer["event"]["data"], &message)]),
        "chat_ack" => pick(answer, &["acked", "already"]),
        "inbox_mark_read" | "inbox_mark_all_read" => json!(answer["cursor"]["event_id"]),
        "inbox_list" => each(&answer["messages"], &["id", "kind", "by"]),
        "actor_list" => each(&answer["actors"], &["id", "title", "role", "enabled", "runner", "runtime", "submit"]),
        "actor_add" | "actor_update" => pick(&answer["actor"], &["id", "title", "enabled", "runner", "command"]),
        "actor_remove" => pick(answer, &["actor_id"]),
        "group_show" => pick(&answer["group"], &["title", "topic", "state"]),
        "group_set_state" => pick(answer, &["state"]),
        "group_update" => pick(&answer["group"], &["title", "topic"]),
        // Three more follow from nudge_after_seconds. The older one works with those and shows others; we show them.
        "group_settings_update" => {
            pick(&answer["settings"], &["nudge_after_seconds", "default_send_to", "keepalive_delay_seconds"])
        }
        "context_sync" => json!(answer["changes"].as_array().map(Vec::len)),
        "context_get" => pick(answer, &["vision", "sketch", "notes", "references", "tasks_summary"]),
        "task_list" => each(&answer["tasks"], &["id", "name", "goal", "status", "assignee", "steps"]),
        "system_notify" | "notify_ack" => json!("ok"),
        other => panic!("nothing is known about {other}"),
    }
}

fn play(pair: &mut Pair<'_>, dice: &mut Dice) {
    let names = ["user", "a", "b", "c", "nobody"];
    let recipients = ["@all", "@foreman", "@peers", "user", "@user", "a", "b", "Bee", "nobody", "c"];
    let count = pair.events.len() + 1;
    let event = json!({"event": dice.roll(count)});
    let by = dice.pick(&names);
    let to: Vec<&str> = (0..dice.roll(3)).map(|_| dice.pick(&recipients)).collect();
    let priority = dice.pick(&["normal", "normal", "attention"]);
    match dice.roll(22) {
        0..=4 => pair.step("send", &json!({"text": format!("text {count}"), "by": by, "to": to, "priority": priority, "reply_required": dice.roll(4) == 0})),
        5..=7 => pair.step("reply", &json!({"reply_to": event, "text": "so be it", "by": by, "to": to})),
        8 => pair.step("chat_ack", &json!({"event_id": event, "actor_id": by, "by": by})),
        9 => pair.step("inbox_mark_read", &json!({"event_id": event, "actor_id": by, "by": by})),
        10 => pair.step("inbox_mark_all_read", &json!({"actor_id": by, "by": by, "kind_filter": "chat"})),
        11..=12 => pair.step("inbox_list", &json!({"actor_id": by, "by": by, "kind_filter": "chat", "limit": 1_000})),
        13 => pair.step("actor_add", &json!({"actor_id": dice.pick(&["a", "b", "c", "-x"]), "title": "", "runtime": "custom", "runner": "headless", "by": "user"})),
        14 => pair.step("actor_remove", &json!({"actor_id": dice.pick(&["b", "c", "nobody"]), "by": by})),
        15 => pair.step("actor_update", &json!({"actor_id": dice.pick(&["a", "b"]), "patch": {"title": dice.pick(&["Bee", "Ant", ""])}, "by": "user"})),
        16 => pair.step("actor_list", &json!({})),
        17 => pair.step("group_set_state", &json!({"state": dice.pick(&["active", "idle", "paused", "asleep"]), "by": by})),
        18 => pair.step("group_settings_update", &json!({"patch": {"nudge_after_seconds": dice.roll(500), "default_send_to": dice.pick(&["foreman", "broadcast"])}, "by": by})),
        19 => pair.step("context_sync", &json!({"by": "user", "ops": [{"op": "task.create", "name": "T", "goal": "G", "steps": []}]})),
        20 => pair.step("task_list", &json!({})),
        _ => pair.step("group_show", &json!({})),
    }
}

#[test]
fn the_older_implementation_agrees() {
    let ours = Stack::start();
    let older = Older::start(&ours.folder().join("older"));
    for script in 0..SCRIPTS {
        let create = json!({"title": "A group", "topic": ""});
        let id = |answer: &Value| answer["group_id"].as_str().expect("a group").to_owned();
        let theirs = older.ask("group_create", &create).expect("a group");
        let group = (id(&theirs), id(&ours.ask("group_create", &create)));
        let (events, reading, script_so_far) = (Vec::new(), Reading::default(), Vec::new());
        let mut pair = Pair { older: &older, ours: &ours, group, events, reading, script: script_so_far };
        let mut dice = Dice(script);
        for actor_id in ["a", "b"] {
            let args = json!({"actor_id": actor_id, "runtime": "custom", "runner": "headless", "by": "user"});
            pair.step("actor_add", &args);
        }
        for _ in 0..STEPS {
            play(&mut pair, &mut dice);
        }
    }
}
