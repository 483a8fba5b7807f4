//! A ledgerd without a disk: it decides, applies, answers, and keeps every event.

use crate::decision::{Answer, Content, Found, HOME, Known, LogPiece, Piece, Received, Saved, Search, SlowRead};
use crate::mint;
use crate::op;
use crate::stamp::Stamp;
use crate::state::State;
use crate::state::group::Group;
use bus::contract::event::Opened;
use bus::contract::private::Variables;
use bus::contract::{Access, Body, Event, Op, OpError, Principal, Proof, Request, id, limit, time};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Where the group of every fixture works.
pub const PATH: &str = "/srv/app";

/// One world.
pub struct World {
    pub state: State,
    /// Everything that was ever written, in the order in which it was applied.
    pub events: Vec<(String, Event)>,
    /// Stored files of every group.
    pub files: Vec<(String, u64)>,
    /// Every version of secrets that was ever stored.
    pub secrets: BTreeMap<String, Variables>,
    /// The clock; it moves by itself, a second with every request.
    pub now: time::Micros,
    /// What the last request has written.
    pub last: Vec<Event>,
    ids: u128,
}

impl World {
    pub fn new() -> Self {
        let now = time::parse("2026-01-13T12:00:00Z").unwrap();
        let (state, ids) = (State::new(), 1 << 80);
        let (files, secrets) = (vec![], BTreeMap::new());
        let mut world = Self { state, events: vec![], files, secrets, now, last: vec![], ids };
        let opened = Opened { epoch: 3, version: "0".into(), home_version: 1 };
        let (id, ts) = (format!("{:032x}", 1), time::format(now));
        let (group_id, scope_key, by) = (String::new(), String::new(), "system".into());
        world.take(HOME, Event { seq: 1, id, ts, group_id, scope_key, by, body: opened.into() });
        world
    }

    /// Has the home's ledger say something by itself.
    pub fn home(&mut self, body: impl Into<Body>) {
        self.happens(HOME, body);
    }

    /// Has a ledger say something by itself.
    pub fn happens(&mut self, ledger: &str, body: impl Into<Body>) {
        let head = self.state.head(ledger).unwrap();
        self.ids += 1 << 20;
        let (seq, id, ts) = (head.seq + 1, format!("{:032x}", self.ids), time::format(head.ts + 1));
        let group_id = if ledger == HOME { String::new() } else { ledger.to_owned() };
        let (scope_key, by) = (String::new(), "system".into());
        self.take(ledger, Event { seq, id, ts, group_id, scope_key, by, body: body.into() });
    }

    fn take(&mut self, ledger: &str, event: Event) {
        let head = self.state.head(ledger);
        assert_eq!(event.seq, head.map_or(0, |head| head.seq) + 1, "numbers follow each other: {event:?}");
        let ts = time::parse(&event.ts).unwrap();
        assert!(head.is_none_or(|head| head.ts < ts), "times rise: {event:?}");
        self.state.apply(ledger, &event);
        self.events.push((ledger.to_owned(), event));
    }

    /// Asks as somebody who only says who it is.
    pub fn ask(&mut self, by: &str, op: &str, args: Value) -> Result<Value, OpError> {
        self.ask_as(Principal::claimed(by), op, args)
    }

    /// Asks as one of our daemons.
    pub fn ask_daemon(&mut self, op: &str, args: Value) -> Result<Value, OpError> {
        self.ask_as(Principal::system(), op, args)
    }

    /// Asks with a token, whatever name comes with it.
    pub fn ask_token(&mut self, token: &str, op: &str, args: Value) -> Result<Value, OpError> {
        self.ask_as(Principal { by: "user".into(), proof: Proof::Token(token.into()) }, op, args)
    }

    pub fn ask_as(&mut self, principal: Principal, op: &str, args: Value) -> Result<Value, OpError> {
        let args: Map<String, Value> = args.as_object().cloned().unwrap_or_default();
        let (op, _) = Op::from_wire(op, args)?;
        let request = Request { id: "r".into(), peer: "test".into(), principal, deadline_ms: 1_000, op };
        self.ask_request(&request)
    }

    /// Asks; a refusal must be one that the op declares.
    pub fn ask_request(&mut self, request: &Request) -> Result<Value, OpError> {
        let answer = self.answer(request);
        if let Err(refusal) = &answer {
            let row = request.op.row();
            assert!(row.may_refuse(refusal.code), "{} does not declare {}: {refusal}", row.name, refusal.code.word());
        }
        answer
    }

    fn answer(&mut self, request: &Request) -> Result<Value, OpError> {
        self.now += 1_000_000;
        self.ids += 1 << 20;
        self.last.clear();
        let stamp = Stamp::new(self.now, 42, self.ids);
        if request.op.row().access != Access::Write {
            return Ok(match op::read(&self.state, &stamp, request)? {
                Answer::Now(reply) => reply,
                Answer::Fetch { ledger, seqs, bytes_max, finish, .. } => {
                    let mut bytes = 0;
                    let events =
                        seqs.iter().map(|seq| self.event(&ledger, *seq)).enumerate().take_while(|(n, event)| {
                            bytes += weight(event);
                            *n == 0 || bytes <= bytes_max
                        });
                    finish(events.map(|(_, event)| event.clone()).collect())
                }
                Answer::SlowRead(SlowRead::Search { search, finish }) => finish(self.search(&search)),
                Answer::SlowRead(SlowRead::Take { piece, finish }) => finish(self.store(&piece)),
                Answer::SlowRead(SlowRead::Give { path, finish, .. }) => {
                    let bytes = self.files.iter().find(|(known, _)| *known == path).map(|(_, bytes)| *bytes);
                    finish(bytes.map(|bytes| Content { piece: vec![b'x'; bytes as usize], bytes }))?
                }
                Answer::SlowRead(SlowRead::Save { ledger, finish }) => {
                    let (path, last) = ("a file".into(), self.of(&ledger).last().expect("an event").clone());
                    finish(Saved { path, bytes: 7, last })
                }
                Answer::SlowRead(SlowRead::Log { finish, .. }) => {
                    finish(LogPiece { path: "a log".into(), lines: vec![] })
                }
                Answer::Secrets { versions, finish, .. } => {
                    let found: Option<Vec<_>> = versions.iter().map(|version| self.secret(version)).collect();
                    finish(found.map(|all| Variables(all.into_iter().flat_map(|some| some.0).collect())))?
                }
                Answer::Range { ledger, after_seq, events_max, finish, .. } => {
                    let mut bytes = 0;
                    let after = self.of(&ledger).filter(|event| event.seq > after_seq).enumerate();
                    let fits = after.take(events_max.min(limit::RANGE_EVENTS_MAX)).take_while(|(number, event)| {
                        bytes += weight(event);
                        *number == 0 || bytes <= limit::RANGE_BYTES_MAX
                    });
                    finish(fits.map(|(_, event)| event.clone()).collect())
                }
            }
            .to_value());
        }
        let needs = op::needs(&self.state, request);
        let events = needs.events.iter().map(|(ledger, seq)| self.event(ledger, *seq).clone()).collect();
        let is_stored = |path: &String| self.files.iter().find(|(known, _)| known == path).cloned();
        let files = needs.files.iter().filter_map(|(_, path)| is_stored(path)).collect();
        let secret = |(_, version): &(String, String)| Some((version.clone(), self.secret(version)?));
        let secrets = needs.secrets.iter().filter_map(secret).collect();
        let known = Known { events, files, secrets, minted: mint::for_op(&request.op) };
        let decision = op::decide(&self.state, &stamp, request, &known)?;
        let is_home_last = decision.drafts.is_sorted_by_key(|draft| draft.ledger == HOME);
        assert!(is_home_last, "the home's events decide: {:?}", decision.drafts);
        self.secrets.extend(decision.secrets.into_iter().map(|secret| (secret.version, secret.variables)));
        for draft in decision.drafts {
            self.last.push(draft.event.clone());
            self.take(&draft.ledger, draft.event);
        }
        let reply = op::reply(&self.state, &stamp, request, &self.last, &known).map(|reply| reply.to_value());
        self.check_again(request, &stamp, &reply);
        reply
    }

    /// The same request, asked again at once, is answered the same from what it has written.
    fn check_again(&self, request: &Request, stamp: &Stamp, reply: &Result<Value, OpError>) {
        if self.last.is_empty() {
            return;
        }
        let recalled = op::recalls(&self.state, &self.last).events;
        let events = recalled.iter().map(|(ledger, seq)| self.event(ledger, *seq).clone()).collect();
        let known = Known { events, ..Known::default() };
        let again = op::reply(&self.state, stamp, request, &self.last, &known).map(|reply| reply.to_value());
        let mut reply = reply.clone();
        if let (Op::WebTokenAdd(_), Ok(added)) = (&request.op, &mut reply) {
            // What is shown once is not kept to be shown again.
            added["token"] = json!("");
        }
        assert_eq!(again, reply, "{}, asked again", request.op.row().name);
    }

    /// Takes files that come in one piece.
    fn store(&mut self, piece: &Piece) -> Received {
        let is_stored = piece.content.len() as u64 == piece.bytes;
        if is_stored {
            self.files.push((format!("state/blobs/{}", piece.name), piece.bytes));
        }
        Received { bytes: piece.content.len() as u64, is_stored }
    }

    /// The same as the store finds, by looking at everything.
    fn search(&self, search: &Search) -> Found {
        let meant = self.of(&search.ledger).filter(|event| search.seqs.contains(&event.seq));
        let mut events: Vec<_> = meant.filter(|event| search.query.matches(event, |_| None)).cloned().collect();
        if search.newest_first {
            events.reverse();
        }
        let mut bytes = 0;
        let fits = events.iter().take(search.events_max).take_while(|event| {
            bytes += weight(event);
            bytes - weight(event) <= limit::RANGE_BYTES_MAX
        });
        let fits = fits.count();
        let has_more = fits < events.len();
        events.truncate(fits);
        if search.newest_first {
            events.reverse();
        }
        let end = if search.newest_first { events.first() } else { events.last() };
        let looked_to = end.filter(|_| has_more).map(|event| event.id.clone());
        Found { events, has_more, looked_to }
    }

    fn secret(&self, version: &str) -> Option<Variables> {
        self.secrets.get(version).cloned()
    }

    /// Events of one ledger.
    pub fn of(&self, ledger: &str) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(move |(known, _)| known == ledger).map(|(_, event)| event)
    }

    fn event(&self, ledger: &str, seq: u64) -> &Event {
        // The newest ledger of a name: a group may have been deleted and made again.
        let mut found = self.events.iter().rev().filter(|(known, event)| known == ledger && event.seq == seq);
        found.next().map(|(_, event)| event).expect("an event that state knows")
    }

    /// Kinds that the last request has written.
    pub fn kinds(&self) -> Vec<&str> {
        self.last.iter().map(Event::kind).collect()
    }

    /// The group `id`.
    pub fn group(&self, id: &str) -> &Group {
        self.state.group(id).unwrap()
    }

    /// A state made from the events alone.
    pub fn replay(&self) -> State {
        let mut state = State::new();
        self.events.iter().for_each(|(ledger, event)| state.apply(ledger, event));
        state
    }

    /// Every ledger's snapshot.
    pub fn snapshots(state: &State) -> Vec<(String, Vec<u8>)> {
        let ledgers: BTreeSet<&str> = state.groups().chain([HOME]).collect();
        ledgers.into_iter().map(|ledger| (ledger.to_owned(), state.save(ledger))).collect()
    }

    /// State is a fold of the events, and a snapshot is as good as a replay.
    pub fn check_replay(&self) {
        let wanted = Self::snapshots(&self.state);
        let names = |state| Self::snapshots(state).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let replayed = self.replay();
        assert_eq!(names(&replayed), names(&self.state));
        assert!(Self::snapshots(&replayed) == wanted, "a replay gives the same state");
        let mut loaded = State::new();
        wanted.iter().for_each(|(ledger, bytes)| assert!(loaded.load(ledger, bytes), "{ledger}"));
        assert!(Self::snapshots(&loaded) == wanted, "a snapshot gives the same state");
    }

    /// A start from earlier snapshots and the events after them ends where a start from all events does.
    pub fn check_resumed(&self, snapshots: &[(String, Vec<u8>)], after: usize) {
        let mut resumed = State::new();
        snapshots.iter().for_each(|(ledger, bytes)| assert!(resumed.load(ledger, bytes), "{ledger}"));
        self.events[after..].iter().for_each(|(ledger, event)| resumed.apply(ledger, event));
        assert!(Self::snapshots(&resumed) == Self::snapshots(&self.replay()), "a snapshot and the rest are the whole");
    }

    /// A group with a directory and a roster: `lead` (foreman), `peer`, `off` (disabled) and `bot` (headless).
    pub fn with_team() -> (Self, String) {
        let mut world = Self::new();
        let attached = world.ask("cli", "attach", json!({"path": PATH})).unwrap();
        let id = attached["group_id"].as_str().unwrap().to_owned();
        for (actor_id, title, runner) in
            [("lead", "The Lead", "pty"), ("peer", "", "pty"), ("off", "", "pty"), ("bot", "", "headless")]
        {
            world.add(&id, actor_id, json!({"title": title, "runner": runner}));
        }
        world.ask("user", "actor_stop", json!({"group_id": id, "actor_id": "off"})).unwrap();
        (world, id)
    }

    /// Adds an actor with a command.
    pub fn add(&mut self, group_id: &str, actor_id: &str, more: Value) -> Value {
        let mut args = json!({"group_id": group_id, "actor_id": actor_id, "runtime": "custom", "command": ["agent"]});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.ask("user", "actor_add", args).unwrap()
    }

    /// Sends, and returns the message's id.
    pub fn send(&mut self, group_id: &str, by: &str, more: Value) -> String {
        let mut args = json!({"group_id": group_id, "text": "hello"});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.ask(by, "send", args).unwrap()["event"]["id"].as_str().unwrap().to_owned()
    }

    /// Records a session as ptyd does, under the actor's generation of the moment; returns the generation.
    pub fn session(&mut self, group_id: &str, actor_id: &str, session_id: &str, phase: &str, more: Value) -> u64 {
        let generation = self.group(group_id).actor_state(actor_id).unwrap().generation;
        let mut args = json!({"group_id": group_id, "actor_id": actor_id, "session_id": session_id, "phase": phase,
                              "generation": generation});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.ask_daemon("session_record", args).unwrap();
        generation
    }

    /// Starts a session that can be proven with `token`.
    pub fn start_session(&mut self, group_id: &str, actor_id: &str, token: &str) {
        let hash = id::digest(token);
        let session_id = format!("session-{token}");
        self.session(group_id, actor_id, &session_id, "started", json!({"pid": 7, "token_sha256": hash}));
    }

    /// Ids of somebody's unread events.
    pub fn unread(&mut self, group_id: &str, name: &str) -> Vec<String> {
        let listed =
            self.ask("user", "inbox_list", json!({"group_id": group_id, "actor_id": name, "limit": 0})).unwrap();
        let ids: Vec<_> = listed["messages"].as_array().unwrap().iter().map(id_of).collect();
        assert_eq!(listed["unread_total"], ids.len());
        ids
    }

    /// Runs a table: who asks what, and the kinds that are written or the code of the refusal. `$group` in arguments
    /// is the group, `$name` is what `names` says.
    pub fn run(&mut self, group_id: &str, names: &[(&str, &str)], table: &[(&str, &str, Value, Result<&str, &str>)]) {
        for (by, op, args, wanted) in table {
            let mut text = args.to_string().replace("$group", group_id);
            names.iter().for_each(|(name, id)| text = text.replace(&format!("${name}"), id));
            let case = format!("{by}: {op} {text}");
            let args = serde_json::from_str(&text).unwrap();
            let result = if *by == "daemon" { self.ask_daemon(op, args) } else { self.ask(by, op, args) };
            match (result, wanted) {
                (Ok(_), Ok(kinds)) => assert_eq!(self.kinds().join(" "), *kinds, "{case}"),
                (Err(error), Err(code)) => {
                    assert_eq!(error.code.word(), *code, "{case}: {error}");
                    assert!(self.last.is_empty() && !error.message.is_empty(), "{case}");
                }
                (Ok(reply), Err(code)) => panic!("{case}: wanted {code}, got {reply}"),
                (Err(error), Ok(_)) => panic!("{case}: {error}"),
            }
        }
        self.check_replay();
    }
}

/// Bytes of an event.
fn weight(event: &Event) -> usize {
    serde_json::to_vec(event).expect("an event is plain data").len()
}

/// The id of an event in a reply.
pub fn id_of(event: &Value) -> String {
    event["id"].as_str().unwrap().to_owned()
}
