//! A stand-in for ledgerd with faults that the real one cannot be made to show at will: it has the assignments of one
//! group in memory, takes records, or refuses them, and counts what it is asked for.

use super::record::Record;
use bus::contract::document::{Actor, GroupState, Phase, Restart, Role, Stage};
use bus::contract::op::delivery::{
    DeliveryRecord, Desk, DeskGet, LastSession, Member, Place, Queued, Recorded, SessionRecord,
};
use bus::contract::op::{ledger, observability, prompt, secret};
use bus::contract::private::Variables;
use bus::contract::prompt::{Prompt, PromptKind, PromptSource};
use bus::contract::{Body, Code, Event, Op, OpError, Reply, Request, Response, id, time};
use bus::home::Home;
use bus::link::{Hint, Incoming, Publisher, Server, body};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

/// The only group that it knows anything about.
const GROUP: &str = "g_0123456789ab";

/// A group of which it knows nothing.
const UNREADABLE: &str = "g_ba9876543210";

/// The process, as far as ptyd can tell.
pub struct StandIn {
    shared: Arc<Shared>,
    _server: Server,
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
    pub is_damaged: bool,
    /// How often the assignments of the group were asked for.
    pub reads: usize,
    /// There is another group, whose assignments it cannot tell.
    pub has_unreadable: bool,
    /// How often they were asked for.
    pub unreadable_reads: usize,
    /// Places that one page of the assignments has at most; 0 is any number.
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

impl StandIn {
    /// Changes something as another client would, and says so.
    pub fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let changed = change(&mut self.state());
        self.shared.hint();
        changed
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap()
    }
}

impl Record for StandIn {
    fn start(home: &Home) -> Self {
        let shared = Arc::new(Shared { state: Mutex::default(), hints: Publisher::bind(&home.hint_socket()).unwrap() });
        let answers = Arc::clone(&shared);
        let answer = move |incoming: Incoming| {
            let request: Request = body::read(&incoming.bytes).unwrap();
            let response = answers.state.lock().unwrap().answer(request);
            // A ptyd that was killed is part of some tests.
            let _ = incoming.reply.send(&body::write(&response));
            answers.hint();
        };
        let _server = Server::bind(&home.ledger_socket(), 64, answer).unwrap();
        Self { shared, _server }
    }

    fn group_id(&self) -> &str {
        GROUP
    }

    fn events(&self) -> Vec<Event> {
        self.state().events.clone()
    }
}

impl Shared {
    fn hint(&self) {
        let state = self.state.lock().unwrap();
        let heads = state.heads();
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

    fn heads(&self) -> Vec<(String, u64)> {
        let unreadable = self.has_unreadable.then(|| (UNREADABLE.to_owned(), 1));
        [(GROUP.to_owned(), self.events.len() as u64)].into_iter().chain(unreadable).collect()
    }

    fn answer(&mut self, request: Request) -> Response {
        Ok(match request.op {
            Op::LedgerHeads(_) => Reply::LedgerHeads(ledger::HeadsAre { epoch: 1, heads: self.heads() }),
            Op::DeskGet(op) if op.group_id == UNREADABLE => {
                self.unreadable_reads += 1;
                return Err(OpError::new(Code::InternalError, "the disk says nothing"));
            }
            Op::DeskGet(op) => {
                self.reads += 1;
                if self.is_damaged {
                    return Err(OpError::new(Code::GroupDamaged, "line 7 is damaged"));
                }
                Reply::DeskGet(self.assignments(&op))
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
            Op::SessionRecord(record) => Reply::SessionRecord(self.record_session(record)?),
            Op::DeliveryRecord(record) => Reply::DeliveryRecord(self.record_delivery(record)?),
            Op::ObservabilityGet(_) => {
                let observability = observability::Observability::default();
                Reply::ObservabilityGet(observability::Is { observability })
            }
            other => {
                return Err(OpError::new(Code::InvalidRequest, format!("{} is not recorded here", other.row().name)));
            }
        })
    }

    fn record_session(&mut self, record: SessionRecord) -> Result<Recorded, OpError> {
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
        Ok(Recorded { event: Some(event) })
    }

    fn record_delivery(&mut self, mut record: DeliveryRecord) -> Result<Recorded, OpError> {
        let known = self.events.iter().filter(|event| record.event_ids.contains(&event.id));
        let seqs: BTreeMap<String, u64> = known.map(|event| (event.id.clone(), event.seq)).collect();
        let place = self.place(&record.actor_id)?;
        // As in ledgerd: what is on record already is not recorded again. A ptyd that is killed before it
        // hears the answer asks twice.
        let is_news = |queued: &Queued| record.stage != Stage::Held || queued.held != record.reason;
        let waiting = |id: &String| place.queue.iter().find(|queued| seqs.get(id) == Some(&queued.seq));
        record.event_ids.retain(|id| waiting(id).is_some_and(is_news));
        if record.event_ids.is_empty() {
            return Ok(Recorded { event: None });
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
        Ok(Recorded { event: Some(event) })
    }

    fn assignments(&self, op: &DeskGet) -> Desk {
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
            state: GroupState::Active,
            running: true,
            min_interval_seconds: 0,
            team: self.places.iter().map(member).collect(),
            messages: self.events.iter().filter(is_named).cloned().collect(),
            places,
        }
    }
}
