//! A door in a throwaway home, with a ledgerd and a ptyd made of a few lines.

use super::super::serve;
use bus::contract::links::Process;
use bus::contract::op::core::Pong;
use bus::contract::op::principal::Speaker;
use bus::contract::op::{group, ledger, message, observability};
use bus::contract::{Body, Code, Event, Op, OpError, Reply, Request, Response, id, limit};
use bus::home::Home;
use bus::key::{DaemonKey, RootKey};
use bus::link::{Hint, Incoming, Publisher, Server, body};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// The only group there is.
pub const GROUP: &str = "g_0123456789ab";

/// Nothing here takes this long unless it hangs.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// What the door proves itself with; nobody here checks it.
pub fn key() -> DaemonKey {
    RootKey::random().of(Process::Door)
}

/// A home with an open door.
pub struct World {
    pub home: Home,
    pub ledger: Ledger,
    _folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    door: Option<JoinHandle<()>>,
}

impl World {
    pub async fn open() -> Self {
        let folder = tempfile::Builder::new().prefix("door").tempdir_in("/tmp").unwrap();
        let home = Home::find(Some(folder.path())).unwrap();
        home.make().unwrap();
        let ledger = Ledger::new(home.clone());
        let mut world = Self { home, ledger, _folder: folder, stop: None, door: None };
        world.ledger.start();
        world.open_door().await;
        world
    }

    async fn open_door(&mut self) {
        let (stop, stopped) = oneshot::channel();
        let (ready, is_ready) = oneshot::channel();
        let home = self.home.clone();
        self.door = Some(tokio::spawn(async move {
            let stopped = async {
                // A world that is dropped stops its door as well.
                let _ = stopped.await;
            };
            serve(
                home,
                &key(),
                move |_| {
                    ready.send(()).unwrap();
                    Ok(())
                },
                stopped,
            )
            .await
            .unwrap();
        }));
        self.stop = Some(stop);
        timeout(DEADLINE, is_ready).await.unwrap().unwrap();
    }

    pub async fn open_again(&mut self) {
        self.open_door().await;
    }

    pub async fn close(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        timeout(DEADLINE, self.door.take().unwrap()).await.unwrap().unwrap();
    }

    pub async fn client(&self) -> Client {
        Client { socket: BufReader::new(UnixStream::connect(self.home.door_socket()).await.unwrap()) }
    }

    pub async fn ask(&self, op: &str, args: Value) -> Value {
        self.client().await.ask(op, args).await
    }
}

/// A published client, more or less.
pub struct Client {
    pub socket: BufReader<UnixStream>,
}

impl Client {
    pub async fn say(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).await.unwrap();
    }

    pub async fn say_op(&mut self, op: &str, args: Value) {
        self.say(format!("{}\n", json!({"v": 1, "op": op, "args": args})).as_bytes()).await;
    }

    pub async fn ask(&mut self, op: &str, args: Value) -> Value {
        self.say_op(op, args).await;
        self.hear().await.expect("an answer")
    }

    /// The next line, or nothing when the door has closed the connection.
    pub async fn hear(&mut self) -> Option<Value> {
        let mut line = String::new();
        let read = timeout(DEADLINE, self.socket.read_line(&mut line)).await.expect("a line in time");
        match read {
            Ok(count) if count > 0 => Some(serde_json::from_str(&line).expect("a line of JSON")),
            _ => None,
        }
    }

    /// The answer to a ping, or what the door says before one can ask.
    pub async fn hear_or_ask(mut self) -> Value {
        // A door that is full does not wait for the question.
        let _ = self.socket.write_all(b"{\"op\":\"ping\"}\n").await;
        self.hear().await.unwrap_or_default()
    }

    pub async fn hear_bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        timeout(DEADLINE, self.socket.read_exact(&mut bytes)).await.expect("bytes in time").unwrap();
        bytes
    }

    /// The sequence numbers of the next events of a stream.
    pub async fn hear_seqs(&mut self, count: usize) -> Vec<u64> {
        let mut seqs = Vec::new();
        while seqs.len() < count {
            let item = self.hear().await.expect("the stream goes on");
            match item["t"].as_str() {
                Some("event") => seqs.push(item["event"]["seq"].as_u64().unwrap()),
                Some("heartbeat") => {}
                _ => panic!("no item of a stream: {item}"),
            }
        }
        seqs
    }
}

/// A ledgerd that keeps one group in memory, survives its own death, and can be told to misbehave.
pub struct Ledger {
    home: Home,
    state: Arc<Mutex<State>>,
    server: Option<Server>,
    hints: Option<Publisher>,
}

#[derive(Default)]
pub struct State {
    epoch: u64,
    pub events: Vec<Event>,
    pub roster: Vec<(&'static str, &'static str)>,
    answered: HashMap<String, Event>,
    /// Ids of the requests that came, each time they came.
    pub request_ids: Vec<String>,
    /// Requests that are done and never answered: ledgerd dies in between.
    pub swallow: usize,
    pub ranges: usize,
}

impl Ledger {
    fn new(home: Home) -> Self {
        Self { home, state: Arc::default(), server: None, hints: None }
    }

    pub fn start(&mut self) {
        self.state.lock().unwrap().epoch += 1;
        let state = Arc::clone(&self.state);
        let answer = move |incoming: Incoming| {
            let request: Request = body::read(&incoming.bytes).unwrap();
            if let Some(response) = state.lock().unwrap().serve(request) {
                // A caller that has given up is part of some tests.
                let _ = incoming.reply.send(&body::write(&response));
            }
        };
        self.server = Some(listen(&self.home, answer));
        self.hints = Some(publish(&self.home));
        self.hint();
    }

    pub fn kill(&mut self) {
        self.server = None;
        self.hints = None;
    }

    pub fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Appends events as another client would, without a hint.
    pub fn append(&self, kind: &str, by: &str, data: &Value) -> String {
        self.state().append(kind, by, data).id
    }

    pub fn hint(&self) {
        let state = self.state();
        let hint = Hint { epoch: state.epoch, heads: vec![(GROUP.into(), state.events.len() as u64)] };
        if let Some(hints) = &self.hints {
            tell(hints, &hint);
        }
    }
}

impl State {
    fn append(&mut self, kind: &str, by: &str, data: &Value) -> Event {
        let seq = self.events.len() as u64 + 1;
        let line = json!({"seq": seq, "id": id::unique(), "ts": format!("2026-01-01T00:00:{:02}Z", seq % 60),
                          "kind": kind, "group_id": GROUP, "by": by, "data": data});
        let event: Event = serde_json::from_value(line).unwrap();
        self.events.push(event.clone());
        event
    }

    fn serve(&mut self, request: Request) -> Option<Response> {
        // The door asks these for itself, whatever its clients do.
        if matches!(request.op, Op::LedgerHeads(_)) {
            let heads = vec![(GROUP.into(), self.events.len() as u64)];
            return Some(Ok(Reply::LedgerHeads(ledger::HeadsAre { epoch: self.epoch, heads })));
        }
        if matches!(request.op, Op::ObservabilityGet(_)) {
            let observability = observability::Observability::default();
            return Some(Ok(Reply::ObservabilityGet(observability::Is { observability })));
        }
        self.request_ids.push(request.id.clone());
        let response = self.answer(request);
        if self.swallow > 0 {
            self.swallow -= 1;
            return None;
        }
        Some(response)
    }

    fn answer(&mut self, request: Request) -> Response {
        let by = request.principal.by.clone();
        Ok(match request.op {
            Op::Ping(_) => Reply::Ping(Pong {
                version: "0".into(),
                pid: 1,
                ts: String::new(),
                ipc_v: 1,
                capabilities: [("events_stream".to_owned(), true)].into(),
                epoch: self.epoch,
            }),
            Op::Send(send) => {
                let event = match self.answered.get(&request.id) {
                    Some(event) => event.clone(),
                    None => self.append("chat.message", &by, &json!({"text": send.text, "to": send.to})),
                };
                self.answered.insert(request.id, event.clone());
                Reply::Send(message::Sent { event, started: Vec::new() })
            }
            Op::Attach(attach) => {
                let scope = attach.scope.ok_or_else(|| OpError::group_not_found("no scope"))?;
                let event = self.append("group.attach", &by, &json!({"url": attach.path}));
                let (group_id, scope_key) = (GROUP.to_owned(), scope.scope_key);
                Reply::Attach(group::Attached { group_id, scope_key, title: scope.url, event })
            }
            Op::Whoami(op) if ![GROUP, ""].contains(&op.group_id.as_str()) => {
                return Err(OpError::group_not_found(&op.group_id));
            }
            Op::Whoami(_) => Reply::Whoami(Speaker { by, ..Speaker::default() }),
            Op::LedgerRange(range) => {
                self.ranges += 1;
                let after = usize::try_from(range.after_seq.unwrap_or(0)).unwrap_or(usize::MAX);
                let limit = usize::try_from(range.limit.unwrap_or(1)).unwrap().min(limit::RANGE_EVENTS_MAX);
                let mut bytes = 0;
                let fits = |event: &&Event| {
                    bytes += serde_json::to_vec(event).unwrap().len();
                    bytes <= limit::RANGE_BYTES_MAX
                };
                let after_it = self.events.iter().skip(after).take(limit);
                let mut events: Vec<_> = after_it.take_while(fits).cloned().collect();
                let head_seq = self.events.len() as u64;
                let through_seq = events.last().map_or(head_seq.min(after as u64), |event| event.seq);
                if range.for_speaker && by != "user" {
                    let role = self.roster.iter().find(|(id, _)| *id == by).map(|(_, role)| *role);
                    let role = role.ok_or_else(|| OpError::new(Code::UnknownActor, "unknown actor"))?;
                    events.retain(|event| is_shown(event, &by, role));
                }
                Reply::LedgerRange(ledger::Ranged { events, through_seq, head_seq })
            }
            Op::LedgerWindow(window) => {
                let centre = self.events.iter().find(|event| event.id == window.event_id).cloned();
                let events = vec![centre.ok_or_else(|| OpError::event_not_found(&window.event_id))?];
                Reply::LedgerWindow(ledger::Windowed {
                    events,
                    center_index: Some(0),
                    has_more_before: false,
                    has_more_after: false,
                    head_seq: self.events.len() as u64,
                })
            }
            // An answer as large as one wishes, to a question that is no other use here.
            Op::ActiveGet(_) => {
                Reply::ActiveGet(group::Active { active_group_id: "x".repeat(limit::RESPONSE_LINE_BYTES_MAX) })
            }
            other => panic!("the tests do not ask for {}", other.row().name),
        })
    }
}

/// Whether a message is addressed to an actor in its role, more or less as ledgerd has it.
fn is_shown(event: &Event, by: &str, role: &str) -> bool {
    let Body::ChatMessage(message) = &event.body else { return false };
    let to_role = if role == "foreman" { "@foreman" } else { "@peers" };
    event.by != by && message.to.iter().any(|to| to == "@all" || to == by || to == to_role)
}

fn listen(home: &Home, answer: impl Fn(Incoming) + Send + Sync + 'static) -> Server {
    Server::bind(&home.ledger_socket(), 64, answer).unwrap()
}

fn publish(home: &Home) -> Publisher {
    Publisher::bind(&home.hint_socket()).unwrap()
}

fn tell(hints: &Publisher, hint: &Hint) {
    hints.publish(&body::write(hint));
}

/// Waits for something that will come true.
pub async fn until(what: &str, mut is_true: impl FnMut() -> bool) {
    let waiting = async {
        while !is_true() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(DEADLINE, waiting).await.unwrap_or_else(|_| panic!("{what} did not happen in time"));
}

/// Where the tests run.
pub fn here() -> PathBuf {
    std::fs::canonicalize(std::env::current_dir().unwrap()).unwrap()
}
