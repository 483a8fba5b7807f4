//! A ledgerd with one group in memory: it keeps the desk, takes records, and says that it has moved.

use super::world::GROUP;
use bus::contract::document::{Actor, ActorView, GroupState, Phase, Restart, Role, Stage};
use bus::contract::op::delivery::{Desk, DeskGet, LastSession, Member, Place, Queued, Recorded};
use bus::contract::op::{actor, group, ledger, observability, prompt, secret, terminal};
use bus::contract::private::Variables;
use bus::contract::prompt::{Prompt, PromptKind, PromptSource};
use bus::contract::{Body, Code, Event, Op, OpError, Reply, Request, Response, id, time};
use bus::home::Home;
use bus::link::{Hint, Incoming, Publisher, Server, body};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

/// The process, as far as ptyd can tell.
pub struct Ledger {
    shared: Arc<Shared>,
    server: Option<Server>,
    home: Home,
}

struct Shared {
    state: Mutex<State>,
    hints: Publisher,
}

/// What it knows.
#[derive(Default)]
pub struct State {
    pub events: Vec<Event>,
    pub places: Vec<Place>,
    pub state: GroupState,
    pub min_interval_seconds: u64,
    pub is_deleted: bool,
    pub is_damaged: bool,
    /// Who may not look at terminals any more.
    pub barred: Option<String>,
    /// How often something of the whole home was changed.
    pub home_head: u64,
    /// How often its desk was asked for.
    pub desks: usize,
    /// Places that one page of its desk has at most; 0 is any number.
    pub places_per_page: usize,
    /// It takes no record of a session, and says that it has said nothing new.
    pub is_deaf: bool,
    /// How often it was to record something of a session.
    pub records: usize,
    /// That a session starts cannot be recorded.
    pub takes_no_starts: bool,
    /// How often that was tried.
    pub starts_refused: usize,
}

impl Ledger {
    pub fn start(home: &Home) -> Self {
        let shared = Arc::new(Shared { state: Mutex::default(), hints: Publisher::bind(&home.hint_socket()).unwrap() });
        let mut ledger = Self { shared, server: None, home: home.clone() };
        ledger.come_back();
        ledger
    }

    /// Answers requests again.
    pub fn come_back(&mut self) {
        let shared = Arc::clone(&self.shared);
        let answer = move |incoming: Incoming| {
            let request: Request = body::read(&incoming.bytes).unwrap();
            let response = shared.state.lock().unwrap().answer(request);
            // A ptyd that was killed is part of some tests.
            let _ = incoming.reply.send(&body::write(&response));
            shared.hint();
        };
        self.server = Some(Server::bind(&self.home.ledger_socket(), 64, answer).unwrap());
        self.shared.hint();
    }

    /// Answers nobody.
    pub fn go_away(&mut self) {
        self.server = None;
    }

    /// Changes something as another client would, and says so.
    pub fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let changed = change(&mut self.state());
        self.shared.hint();
        changed
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap()
    }

    /// What was recorded of a kind, as it travels.
    pub fn recorded(&self, kind: &str) -> Vec<Value> {
        let state = self.state();
        state
            .events
            .iter()
            .filter(|event| event.kind() == kind)
            .map(|event| serde_json::to_value(event).unwrap()["data"].clone())
            .collect()
    }

    /// The phases of an actor's sessions, in order, without that each of them was about to start.
    pub fn phases(&self, actor_id: &str) -> Vec<String> {
        let of_actor = self.recorded("x.cccc.session").into_iter().filter(|data| data["actor_id"] == actor_id);
        let phases = of_actor.map(|data| data["phase"].as_str().unwrap().to_owned());
        phases.filter(|phase| phase != "starting").collect()
    }

    /// The reasons for which something was held, in order.
    pub fn held(&self) -> Vec<String> {
        let held = self.recorded("x.cccc.delivery").into_iter().filter(|data| data["stage"] == "held");
        held.map(|data| data["reason"].as_str().unwrap().to_owned()).collect()
    }

    /// How far each message has come that is not held.
    pub fn stages(&self) -> Vec<(String, String)> {
        let settled = self.recorded("x.cccc.delivery").into_iter().filter(|data| data["stage"] != "held");
        let each = |data: Value| {
            let stage = data["stage"].as_str().unwrap().to_owned();
            let ids = data["event_ids"].as_array().unwrap().clone();
            ids.into_iter().map(move |id| (id.as_str().unwrap().to_owned(), stage.clone()))
        };
        settled.flat_map(each).collect()
    }
}

impl Shared {
    fn hint(&self) {
        let state = self.state.lock().unwrap();
        let heads = vec![(id::HOME.into(), state.home_head), (GROUP.into(), state.events.len() as u64)];
        drop(state);
        let hint = Hint { epoch: 1, heads };
        self.hints.publish(&body::write(&hint));
    }
}

impl State {
    fn append(&mut self, kind: &str, data: Value) -> Event {
        let seq = self.events.len() as u64 + 1;
        let line = json!({"seq": seq, "id": id::unique(), "ts": time::format(time::now()), "kind": kind,
                          "group_id": GROUP, "by": "user", "data": data});
        let event: Event = serde_json::from_value(line).unwrap();
        assert!(!matches!(event.body, Body::Unknown { .. }), "{event:?}");
        self.events.push(event.clone());
        event
    }

    /// An actor that runs a command in a directory.
    pub fn add(&mut self, actor_id: &str, command: &[String], env: Value, directory: &Path) {
        let row = json!({"v": 1, "id": actor_id, "command": command, "env": env, "runtime": "custom",
                         "created_at": "", "updated_at": ""});
        let actor: Actor = serde_json::from_value(row).unwrap();
        let event = self.append("actor.start", json!({"actor_id": actor_id}));
        self.places.push(Place {
            actor,
            role: Role::Peer,
            directory: Ok(directory.to_str().unwrap().into()),
            wanted: true,
            generation: event.seq,
            session: None,
            handed_at: String::new(),
            queue: Vec::new(),
            queue_len: 0,
            unread: 0,
        });
    }

    /// A message to every actor.
    pub fn send(&mut self, text: &str) -> String {
        let event = self.append("chat.message", json!({"text": text}));
        for place in &mut self.places {
            place.queue.push(Queued { seq: event.seq, held: String::new() });
        }
        event.id
    }

    /// Something that a hint can tell of.
    pub fn touch(&mut self) {
        self.append("group.update", json!({"patch": {}}));
    }

    fn place(&mut self, actor_id: &str) -> Result<&mut Place, OpError> {
        self.places
            .iter_mut()
            .find(|place| place.actor.id == actor_id)
            .ok_or_else(|| OpError::actor_not_found(actor_id))
    }

    fn wish(&mut self, kind: &str, actor_id: &str, wanted: bool, anew: bool) -> Result<actor::Changed, OpError> {
        let event = self.append(kind, json!({"actor_id": actor_id}));
        let place = self.place(actor_id)?;
        let alive = place.session.as_ref().is_some_and(|session| session.phase == Phase::Started);
        (place.actor.enabled, place.wanted) = (wanted, wanted);
        if wanted && (anew || !alive) {
            place.generation = event.seq;
        }
        Ok(actor::Changed { actor: place.actor.clone(), event })
    }

    fn answer(&mut self, request: Request) -> Response {
        let is_about_nothing = |op: &Op| matches!(op, Op::DeskGet(desk) if desk.group_id != GROUP);
        if (self.is_deleted && !matches!(request.op, Op::LedgerHeads(_))) || is_about_nothing(&request.op) {
            return Err(OpError::group_not_found(GROUP));
        }
        Ok(match request.op {
            Op::LedgerHeads(_) => {
                Reply::LedgerHeads(ledger::HeadsAre { epoch: 1, heads: vec![(GROUP.into(), self.events.len() as u64)] })
            }
            Op::DeskGet(op) => {
                self.desks += 1;
                if self.is_damaged {
                    return Err(OpError::new(Code::GroupDamaged, "line 7 is damaged"));
                }
                Reply::DeskGet(self.desk(&op))
            }
            Op::ActorPreambleGet(op) => {
                self.place(&op.actor_id)?;
                let (group_id, actor_id) = (op.group_id, op.actor_id);
                Reply::ActorPreambleGet(prompt::Introduction { group_id, actor_id, prompt: String::new() })
            }
            Op::GroupPreambleGet(op) => {
                let (kind, source) = (PromptKind::Preamble, PromptSource::Builtin);
                let (filename, content) = (kind.filename().to_owned(), kind.builtin().to_owned());
                let prompt = Prompt { kind, source, filename, path: String::new(), content };
                Reply::GroupPreambleGet(prompt::Got { group_id: op.group_id, prompt })
            }
            Op::SecretsGet(_) => Reply::SecretsGet(secret::Got { variables: Variables::default() }),
            Op::SessionRecord(_) if self.is_deaf => {
                self.records += 1;
                Reply::SessionRecord(Recorded { event: None })
            }
            Op::SessionRecord(record) if record.phase == Phase::Starting && self.takes_no_starts => {
                self.starts_refused += 1;
                return Err(OpError::new(Code::NoSpace, "no space left"));
            }
            Op::SessionRecord(record) => {
                self.records += 1;
                let (place_id, phase, quick) =
                    (record.actor_id.clone(), record.phase, u32::from(record.phase == Phase::Exited));
                let session = LastSession {
                    session_id: record.session_id.clone(),
                    generation: record.generation,
                    phase,
                    ts: time::format(time::now()),
                    quick_exits: quick,
                };
                let event = self.append("x.cccc.session", serde_json::to_value(record).unwrap());
                let place = self.place(&place_id)?;
                if phase == Phase::Failed || (phase == Phase::Exited && place.actor.restart == Restart::Never) {
                    place.wanted = false;
                }
                place.session = Some(session);
                Reply::SessionRecord(Recorded { event: Some(event) })
            }
            Op::DeliveryRecord(mut record) => {
                let known = self.events.iter().filter(|event| record.event_ids.contains(&event.id));
                let seqs: BTreeMap<String, u64> = known.map(|event| (event.id.clone(), event.seq)).collect();
                let place = self.place(&record.actor_id)?;
                // As in ledgerd: what is on record already is not recorded again. A ptyd that is killed before it
                // hears the answer asks twice.
                let is_news = |queued: &Queued| record.stage != Stage::Held || queued.held != record.reason;
                let waiting = |id: &String| place.queue.iter().find(|queued| seqs.get(id) == Some(&queued.seq));
                record.event_ids.retain(|id| waiting(id).is_some_and(is_news));
                if record.event_ids.is_empty() {
                    return Ok(Reply::DeliveryRecord(Recorded { event: None }));
                }
                let meant: Vec<u64> = record.event_ids.iter().map(|id| seqs[id]).collect();
                match record.stage {
                    Stage::Held => {
                        let meant = place.queue.iter_mut().filter(|queued| meant.contains(&queued.seq));
                        meant.for_each(|queued| queued.held.clone_from(&record.reason));
                    }
                    _ => {
                        place.queue.retain(|queued| !meant.contains(&queued.seq));
                        place.handed_at = time::format(time::now());
                    }
                }
                let event = self.append("x.cccc.delivery", serde_json::to_value(record).unwrap());
                Reply::DeliveryRecord(Recorded { event: Some(event) })
            }
            Op::ActorStart(op) => Reply::ActorStart(self.wish("actor.start", &op.actor_id, true, false)?),
            Op::ActorRestart(op) => Reply::ActorRestart(self.wish("actor.restart", &op.actor_id, true, true)?),
            Op::ActorStop(op) => Reply::ActorStop(self.wish("actor.stop", &op.actor_id, false, false)?),
            Op::ActorRemove(op) => {
                let event = self.append("actor.remove", json!({"actor_id": op.actor_id}));
                self.places.retain(|place| place.actor.id != op.actor_id);
                Reply::ActorRemove(actor::Removed { actor_id: op.actor_id, event })
            }
            Op::ActorUpdate(op) => {
                let event = self.append("actor.update", json!({"actor_id": op.actor_id, "patch": {}}));
                let actor = self.place(&op.actor_id)?.actor.clone();
                let view = ActorView {
                    actor,
                    role: Role::Peer,
                    running: false,
                    pid: None,
                    terminal_state: None,
                    last_lines: Vec::new(),
                    last_exit: None,
                    unread_count: None,
                    waiting: None,
                };
                Reply::ActorUpdate(actor::Updated { actor: view, event, start_error: None })
            }
            Op::GroupDelete(_) => {
                self.is_deleted = true;
                Reply::GroupDelete(group::Deleted { group_id: GROUP.into() })
            }
            Op::TerminalTail(op)
                if request.principal.by == "stranger" || self.barred.as_ref() == Some(&request.principal.by) =>
            {
                return Err(OpError::new(Code::PermissionDenied, format!("not {}", op.actor_id)));
            }
            Op::TerminalTail(op) => {
                self.place(&op.actor_id)?;
                let (group_id, actor_id) = (op.group_id, op.actor_id);
                Reply::TerminalTail(terminal::Tailed {
                    group_id,
                    actor_id,
                    warning: "!".into(),
                    hint: String::new(),
                    text: String::new(),
                })
            }
            Op::TerminalSnapshot(op) => {
                self.place(&op.actor_id)?;
                let shown = json!({"group_id": op.group_id, "actor_id": op.actor_id, "warning": "!", "session_id": "",
                    "text": "", "drawing": "", "offset": 0, "cols": 0, "rows": 0});
                Reply::TerminalSnapshot(serde_json::from_value(shown).unwrap())
            }
            Op::TerminalSince(op) => {
                self.place(&op.actor_id)?;
                Reply::TerminalSince(no_output(&op.group_id, &op.actor_id))
            }
            Op::TerminalHistory(op) => {
                self.place(&op.actor_id)?;
                Reply::TerminalHistory(no_output(&op.group_id, &op.actor_id))
            }
            Op::TerminalRelease(op) => {
                self.place(&op.actor_id)?;
                let (group_id, actor_id) = (op.group_id, op.actor_id);
                Reply::TerminalRelease(terminal::Released { group_id, actor_id, released: true, stashed: false })
            }
            Op::TerminalClear(op) => {
                self.place(&op.actor_id)?;
                let (group_id, actor_id) = (op.group_id, op.actor_id);
                Reply::TerminalClear(terminal::Cleared { group_id, actor_id, cleared: true })
            }
            Op::TermResize(op) => {
                let size = |count: Option<i64>| u16::try_from(count.unwrap()).unwrap();
                Reply::TermResize(terminal::Resized {
                    cols: size(op.cols),
                    rows: size(op.rows),
                    group_id: op.group_id,
                    actor_id: op.actor_id,
                })
            }
            Op::ObservabilityGet(_) => {
                let observability = observability::Observability::default();
                Reply::ObservabilityGet(observability::Is { observability })
            }
            other => {
                return Err(OpError::new(Code::InvalidRequest, format!("{} is not recorded here", other.row().name)));
            }
        })
    }

    fn desk(&self, op: &DeskGet) -> Desk {
        let first = |place: &Place| Place {
            queue: place.queue.iter().take(32).cloned().collect(),
            queue_len: place.queue.len() as u64,
            ..place.clone()
        };
        let is_asked_for = |place: &&Place| op.actor_ids.is_empty() || op.actor_ids.contains(&place.actor.id);
        let max = if self.places_per_page == 0 { usize::MAX } else { self.places_per_page };
        let places: Vec<Place> = self.places.iter().filter(is_asked_for).take(max).map(first).collect();
        let is_named = |event: &&Event| places.iter().any(|place| place.queue.iter().any(|one| one.seq == event.seq));
        let member =
            |place: &Place| Member { actor_id: place.actor.id.clone(), role: place.role, enabled: place.actor.enabled };
        Desk {
            group_id: GROUP.into(),
            title: "a group".into(),
            topic: String::new(),
            head_seq: self.events.len() as u64,
            state: self.state,
            running: true,
            min_interval_seconds: self.min_interval_seconds,
            team: self.places.iter().map(member).collect(),
            messages: self.events.iter().filter(is_named).cloned().collect(),
            places,
        }
    }
}

fn no_output(group_id: &str, actor_id: &str) -> terminal::Output {
    let output = json!({"group_id": group_id, "actor_id": actor_id, "warning": "!", "session_id": "", "text": "",
        "start": 0, "end": 0, "has_more": false});
    serde_json::from_value(output).unwrap()
}
