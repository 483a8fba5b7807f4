//! Ops between ptyd and ledgerd: what should run, what waits, and what became of it.
//!
//! ptyd keeps nothing that matters in memory: it reads the assignments of a group, does one step of what
//! it finds there, records the step, and reads again.

use crate::contract::document::{Actor, GroupState, Phase, Role, Stage};
use crate::contract::error::OpError;
use crate::contract::event::Event;
use crate::contract::lenient;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `desk_get`: one page of a group's assignments.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DeskGet {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Whose places, in this order; none means everybody's. Actors that are gone are passed over.
    #[serde(deserialize_with = "lenient::texts")]
    pub actor_ids: Vec<String>,
}

/// Answer of `desk_get`: what ptyd needs to know about one group, and as many of the places that were asked for as fit
/// into one message, in the order asked for and at least one. Whoever misses some, by the team, asks for those.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Desk {
    /// Which group.
    pub group_id: String,
    /// Its title.
    pub title: String,
    /// Its topic.
    pub topic: String,
    /// Sequence number of the last event this answer knows.
    pub head_seq: u64,
    /// Paused holds every delivery.
    pub state: GroupState,
    /// Whether enabled actors should run.
    pub running: bool,
    /// Seconds between two deliveries to one actor (`min_interval_seconds`).
    pub min_interval_seconds: u64,
    /// Everybody in brief, in roster order.
    pub team: Vec<Member>,
    /// Those asked for, as far as they fit.
    pub places: Vec<Place>,
    /// The messages and notifications that the queues of these places name, each once, however many wait for it.
    pub messages: Vec<Event>,
}

/// One actor as the others see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    /// Its id.
    pub actor_id: String,
    /// Its role now.
    pub role: Role,
    /// Whether it should run when the group runs.
    pub enabled: bool,
}

/// One actor's assignments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The stored row.
    pub actor: Actor,
    /// Its role now.
    pub role: Role,
    /// Directory it works in: absolute path, or why there is none.
    #[schemars(with = "Directory")]
    pub directory: Result<String, OpError>,
    /// Whether it should have a session: it is enabled, the group runs, it lives in a terminal, and the last
    /// session of this generation neither failed to start nor ended by itself for good. One that ended by itself
    /// and whose `restart` policy covers that ending (`on-failure`: any ending but exit code 0) is still wanted,
    /// up to [`crate::contract::limit::QUICK_EXITS_MAX`] quick exits; ptyd waits longer before each next start, by
    /// [`LastSession::quick_exits`]. One that was to go on with its last conversation and failed at once is wanted once
    /// more under every policy: there may have been no conversation.
    pub wanted: bool,
    /// Seq of the event that last asked for a (new) session. A session of an older generation is replaced, so
    /// starting an actor whose session is alive does not raise it.
    pub generation: u64,
    /// The last session that was recorded, if any.
    pub session: Option<LastSession>,
    /// When messages were last typed for it, or `""` when none were.
    pub handed_at: String,
    /// The oldest messages and notifications that were not handed over yet, in order; at most 32, and fewer where the
    /// page has no room for more. The first is there whenever anything waits.
    pub queue: Vec<Queued>,
    /// How many there are in all.
    pub queue_len: u64,
    /// How many messages and notifications it has not read; those of the queue are among them.
    #[serde(default)]
    pub unread: u64,
}

/// Where an actor works, as it is on the wire.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a result has no sentences for its schema; this has them")]
enum Directory {
    /// Absolute path of the directory.
    Ok(String),
    /// Why there is none.
    Err(OpError),
}

/// The last session of an actor, as recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LastSession {
    /// Which session.
    pub session_id: String,
    /// Which wish it answers.
    pub generation: u64,
    /// What became of it.
    pub phase: Phase,
    /// When that was.
    pub ts: String,
    /// How often in a row it ended by itself without living for a minute.
    pub quick_exits: u32,
}

/// One message that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Queued {
    /// Sequence number of the message or notification, which is among the messages of the page.
    pub seq: u64,
    /// The reason recorded with `held`, or `""`.
    pub held: String,
}

/// `session_record`: appends `x.cccc.session`; when a program ended by itself and stays down, also a notice to the foreman.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SessionRecord {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// Which actor.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// Which session.
    #[serde(deserialize_with = "lenient::text")]
    pub session_id: String,
    /// Which wish it answers.
    pub generation: u64,
    /// What happened.
    pub phase: Phase,
    /// Process id of the agent.
    pub pid: Option<u32>,
    /// Exit code.
    pub exit_code: Option<i32>,
    /// Signal number.
    pub signal: Option<i32>,
    /// What else is known.
    #[serde(deserialize_with = "lenient::text")]
    pub detail: String,
    /// SHA-256 (hex) of the agent's token.
    pub token_sha256: Option<String>,
    /// The last lines that its terminal showed, when it has ended by itself.
    #[serde(deserialize_with = "lenient::texts")]
    pub last_lines: Vec<String>,
}

/// `delivery_record`: appends `x.cccc.delivery`; of what is uncertain or has failed, also a notice to whoever sent it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DeliveryRecord {
    /// Which group.
    #[serde(deserialize_with = "lenient::text")]
    pub group_id: String,
    /// To whom.
    #[serde(deserialize_with = "lenient::text")]
    pub actor_id: String,
    /// Which messages, in order.
    #[serde(deserialize_with = "lenient::texts")]
    pub event_ids: Vec<String>,
    /// How far.
    pub stage: Stage,
    /// Why they are held, or the error.
    #[serde(deserialize_with = "lenient::text")]
    pub reason: String,
    /// How: `terminal`.
    #[serde(deserialize_with = "lenient::text")]
    pub path: String,
    /// What is known.
    #[serde(deserialize_with = "lenient::object")]
    pub evidence: Option<Map<String, Value>>,
}

/// Answer of `session_record` and `delivery_record`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Recorded {
    /// The event, or null when it said nothing new.
    pub event: Option<Event>,
}
