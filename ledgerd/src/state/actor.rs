//! One actor's place in a roster: its row, the wish that it run, its last session and its queue.

use super::headless::Report;
use super::queue::Queue;
use super::secret::Secrets;
use super::session::Session;
use bus::contract::Actor;
use bus::contract::document::{Deliver, Restart, Resume, Runner, Stage, Submit};
use bus::contract::event::{self, Delivery};
use bus::contract::lenient;
use bus::contract::time::Micros;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One actor's place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ActorState {
    /// The stored row.
    pub actor: Actor,
    /// Event with which it joined: what is older was not meant for it.
    pub added_seq: u64,
    /// Event that last asked for a (new) session.
    pub generation: u64,
    /// The last session that was recorded.
    pub session: Option<Session>,
    /// What has to be handed to it.
    pub queue: Queue,
    /// When messages were last typed for it, or `""` when none were.
    pub handed_at: String,
    /// When something was last given to it, or `""` when nothing was.
    pub delivered_at: String,
    /// When that was last tried, or `""` when it never was.
    pub attempted_at: String,
    /// How many messages were given to it.
    pub delivered_chats: u64,
    /// Its own private environment; one that is linked to a profile has none.
    pub secrets: Secrets,
    /// SHA-256 (hex) of the token that proves it, when it is headless and was given one.
    pub token_sha256: Option<String>,
    /// What it has said of itself, when it is headless.
    pub report: Option<Report>,
}

impl ActorState {
    /// A new place.
    pub fn new(actor: Actor, seq: u64) -> Self {
        Self {
            actor,
            added_seq: seq,
            generation: seq,
            session: None,
            queue: Queue::default(),
            handed_at: String::new(),
            delivered_at: String::new(),
            attempted_at: String::new(),
            delivered_chats: 0,
            secrets: Secrets::default(),
            token_sha256: None,
            report: None,
        }
    }

    /// Whether a token of this hash proves it: its own, or that of its last session.
    pub fn is_proven_by(&self, token_sha256: &str) -> bool {
        let of_session = self.session.as_ref().and_then(|session| session.token_sha256.as_deref());
        [self.token_sha256.as_deref(), of_session].contains(&Some(token_sha256))
    }

    /// Takes the token that alone proves it from now on, or none: that of a session it had before counts no more.
    pub fn take_token(&mut self, token_sha256: Option<String>) {
        self.token_sha256 = token_sha256;
        if let Some(session) = &mut self.session {
            session.token_sha256 = None;
        }
    }

    /// Whether a terminal session of it is alive.
    pub fn is_alive(&self) -> bool {
        self.session.as_ref().is_some_and(Session::is_alive)
    }

    /// Whether messages are typed for it; otherwise it reads its inbox, and nothing waits for it.
    pub fn takes_typed(&self) -> bool {
        self.actor.runner == Runner::Pty && self.actor.deliver != Deliver::Inbox
    }

    /// The wish that it run. A session that is alive is kept, unless it was to be stopped; one that has ended is
    /// started once more.
    pub fn ask_to_run(&mut self, seq: u64) {
        if !self.actor.enabled || !self.is_alive() {
            self.generation = seq;
        }
        self.actor.enabled = true;
    }

    /// The wish that it run in a new session.
    pub fn ask_anew(&mut self, seq: u64) {
        self.generation = seq;
        self.actor.enabled = true;
    }

    /// Whether it should have a terminal session in a group that runs.
    pub fn wants_session(&self) -> bool {
        let has_ended = self
            .session
            .as_ref()
            .is_some_and(|session| session.generation == self.generation && session.has_ended_for_good(&self.actor));
        self.actor.enabled && self.actor.runner == Runner::Pty && !has_ended
    }

    /// Takes a record of a session. One of a generation that was never given out, as earlier versions let pass, counts
    /// as one of the last that was: else every record after it would be older.
    pub fn take_session(&mut self, record: &event::Session, ts: &str, at: Micros) {
        let given = event::Session { generation: record.generation.min(self.generation), ..record.clone() };
        if let Some(next) = Session::after(self.session.as_ref(), &given, ts, at) {
            self.session = Some(next);
        }
    }

    /// Takes a record of how far messages have come; `seqs` are theirs, and `is_chat` tells them from notifications.
    pub fn take_delivery(&mut self, delivery: &Delivery, seqs: &[u64], is_chat: impl Fn(u64) -> bool, ts: &str) {
        for seq in seqs {
            let is_with_it = |stage: Stage| matches!(stage, Stage::Handed | Stage::Accepted);
            let was_with_it = self.queue.stage(*seq).is_some_and(|(stage, _)| is_with_it(stage));
            if is_with_it(delivery.stage) && !was_with_it {
                ts.clone_into(&mut self.delivered_at);
                self.delivered_chats += u64::from(is_chat(*seq));
            }
            self.queue.record(*seq, delivery.stage, &delivery.reason);
        }
        match delivery.stage {
            Stage::Held | Stage::Accepted => {}
            Stage::Failed => ts.clone_into(&mut self.attempted_at),
            Stage::Handed | Stage::Uncertain => {
                ts.clone_into(&mut self.attempted_at);
                ts.clone_into(&mut self.handed_at);
            }
        }
    }

    /// Takes over which profile it is linked to, if that changes.
    pub fn link(&mut self, profile_id: Option<&String>, profile_action: Option<&String>) {
        if let Some(profile_id) = profile_id {
            self.actor.profile_id = Some(profile_id.clone());
        }
        if profile_action.is_some_and(|action| action == "convert_to_custom") {
            (self.actor.profile_id, self.actor.profile_revision_applied) = (None, None);
        }
    }

    /// Takes a patch as it is stored in `actor.update`: null and what cannot be read change nothing.
    pub fn patch(&mut self, patch: &Map<String, Value>, seq: u64) {
        for (field, value) in patch.iter().filter(|(_, value)| !value.is_null()) {
            let actor = &mut self.actor;
            let word = value.as_str().unwrap_or_default();
            match field.as_str() {
                "title" => word.clone_into(&mut actor.title),
                "command" => actor.command = words(value),
                "env" => actor.env = texts(value),
                "default_scope_key" => word.clone_into(&mut actor.default_scope_key),
                "submit" => actor.submit = Submit::parse(word).unwrap_or(actor.submit),
                "runner" => actor.runner = Runner::parse(word).unwrap_or(actor.runner),
                "runtime" => word.clone_into(&mut actor.runtime),
                "restart" => actor.restart = Restart::parse(word).unwrap_or(actor.restart),
                "deliver" => actor.deliver = Deliver::parse(word).unwrap_or(actor.deliver),
                "resume" => actor.resume = Resume::parse(word).unwrap_or(actor.resume),
                "enabled" => match lenient::as_flag(value) {
                    Some(true) if !actor.enabled => self.ask_to_run(seq),
                    Some(enabled) => actor.enabled = enabled,
                    None => {}
                },
                "profile_revision_applied" => actor.profile_revision_applied = value.as_u64(),
                // A field of a later version.
                _ => {}
            }
        }
        if !self.takes_typed() {
            self.queue.clear();
        }
        if self.actor.runner != Runner::Headless {
            self.token_sha256 = None;
        }
    }
}

fn words(value: &Value) -> Vec<String> {
    let words = value.as_array().into_iter().flatten();
    words.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn texts(value: &Value) -> BTreeMap<String, String> {
    let texts = value.as_object().into_iter().flatten();
    texts.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}
